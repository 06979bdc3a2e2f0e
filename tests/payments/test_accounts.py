"""Accounts are looked at once, before their first payment; what is found holds nobody's money."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.payments.answers import BANK
from tests.payments.bodies import GP1, OUTSIDER, STATE_OFFICE, a_district, payees
from tests.payments.examples import OCTOBER, relations
from tests.payments.test_posting import fetched, posted

from haqdar.payments.accounts.branches import BadBranchList, load_branches
from haqdar.payments.accounts.checking import check_accounts, findings, fits
from haqdar.payments.closing import MonthNotRun, close_month
from haqdar.registry.models import ResidentBelief
from haqdar.registry.sealing import ACCOUNT, sealer

pytestmark = pytest.mark.django_db


def listed(folder: Path, *extra: str, without: int = 0) -> Path:
    path = folder / "branches.csv"
    codes = [f"TEST0{number:06d}" for number in range(without, 1200)]
    path.write_text("\n".join(["BANK,IFSC", *(f"B,{code}" for code in (*codes, *extra))]) + "\n")
    return path


def with_account(member: int, number: str, ifsc: str) -> None:
    """A later belief about somebody's account."""
    keys = sealer()
    earlier = ResidentBelief.objects.filter(member_id=member).order_by("-belief_no").first()
    assert earlier is not None
    values = {
        field.attname: getattr(earlier, field.attname) for field in ResidentBelief._meta.concrete_fields
    }
    sealed, version = keys.seal_one(ACCOUNT, number)
    ResidentBelief.objects.create(
        **values
        | {
            "belief_no": earlier.belief_no + 1, "ifsc": ifsc, "account_sealed": sealed, "key_version": version,
            "account_hash": keys.keyed_hash(ACCOUNT, number), "account_last4": number[-4:],
        }
    )  # fmt: skip


@pytest.fixture
def closed(tmp_path: Path) -> None:
    a_district()
    with_account(1, "30000000001", "SBIN0001234")
    with_account(2, "300000000", "SBIN0001234")
    with_account(4, "777777777", "TEST0000001")
    with_account(5, "777777777", "TEST0000001")
    with_account(6, "888888888", "NONE0000001")
    people = (1, 2, 4, 5, 6)
    posted(relations(settled=[(one, 1, "IGNWPS", 30000) for one in people], payee=payees()), OCTOBER)
    close_month(BANK, OCTOBER)
    load_branches(BANK, listed(tmp_path, "SBIN0001234"))


def found_of(actor: Any, kind: str = "") -> dict[int, tuple[str, ...]]:
    return {row.member_id: row.findings for row in findings(actor, kind).rows}


def test_what_is_found_is_said_once_and_to_the_own_area(closed: None) -> None:
    first = check_accounts(BANK, OCTOBER)
    assert (first.accounts, first.found) == (5, 4)
    assert check_accounts(BANK, OCTOBER).accounts == 0
    assert found_of(STATE_OFFICE) == {2: ("shape",), 4: ("shared",), 5: ("shared",), 6: ("unknown_branch",)}
    assert found_of(STATE_OFFICE, "shared").keys() == {4, 5} and findings(STATE_OFFICE).counts["shape"] == 1
    assert found_of(GP1) == {2: ("shape",)} and found_of(OUTSIDER) == {}
    assert fetched("SELECT count(*) FROM payments_instruction WHERE state = 'written'") == [(5,)]


def test_another_account_is_another_check(closed: None) -> None:
    with_account(6, "999999998", "ANDB0000301")
    check_accounts(BANK, OCTOBER)
    assert found_of(STATE_OFFICE)[6] == ("merged_bank",)
    with_account(6, "999999999", "TEST0000002")
    again = check_accounts(BANK, OCTOBER)
    assert (again.accounts, again.found) == (1, 0) and 6 not in found_of(STATE_OFFICE)


def test_whoever_had_an_account_first_is_named_with_whoever_comes_second(closed: None) -> None:
    check_accounts(BANK, OCTOBER)
    with_account(2, "30000000001", "SBIN0001234")
    check_accounts(BANK, OCTOBER)
    found = found_of(STATE_OFFICE, "shared")
    assert found.keys() == {1, 2, 4, 5} and found[1] == ("shared",)
    check_accounts(BANK, OCTOBER)
    assert found_of(STATE_OFFICE, "shared") == found


def test_a_branch_that_left_the_list_is_gone_and_may_come_back(closed: None, tmp_path: Path) -> None:
    newer = load_branches(BANK, listed(tmp_path, without=2), date(2016, 11, 1))
    assert (newer.new, newer.gone) == (0, 3)
    assert load_branches(BANK, listed(tmp_path, without=2)) == type(newer)(1198, 0, 0)
    check_accounts(BANK, OCTOBER)
    assert found_of(STATE_OFFICE)[1] == ("closed_branch",)
    assert load_branches(BANK, listed(tmp_path, "SBIN0001234")).new == 3


@pytest.mark.parametrize("text", ["IFSC\nTEST0000001\n", "CODE\nTEST0000001\n", "IFSC\n" + "TEST1\n" * 2000])
def test_a_list_that_is_none_changes_nothing(closed: None, tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(BadBranchList):
        load_branches(BANK, path)
    assert fetched("SELECT count(*) FROM payments_branch WHERE gone_on IS NULL") == [(1201,)]


def test_a_month_that_is_open_is_not_looked_at() -> None:
    with pytest.raises(MonthNotRun):
        check_accounts(BANK, OCTOBER)


def test_leading_zeros_are_no_other_length() -> None:
    assert fits("SBIN", "00000030123456789", {"SBIN": [11]}) and not fits(
        "SBIN", "301234567890", {"SBIN": [11]}
    )


def test_no_number_is_kept(closed: None) -> None:
    check_accounts(BANK, OCTOBER)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(c::text, ' ') FROM payments_account_check c")
        (text,) = cursor.fetchone()
    assert "30000000001" not in text and "777777777" not in text
