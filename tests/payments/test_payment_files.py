"""Payment files: positions, totals, references; made once, released by another, whole on disk or absent."""

import re
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import connection
from tests.payments.examples import OCTOBER, first, money, payee, relations, rows
from tests.payments.paying import CHECKER, MAKER, a_passed_month, by_aadhaar, passing, person

from haqdar.access.actors import Actor, NotYourFunction
from haqdar.payments.models import FileItem, PaymentFile
from haqdar.payments.rails import files, fixed, keeping
from haqdar.payments.rails.layout import UnusableCredit
from haqdar.payments.rails.profiles import ProfileNotInForce, profile

NACH = profile("nach-credit")
IN_TIME = date(2016, 9, 27)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def made(**other: Any) -> PaymentFile:
    with time_machine.travel(IN_TIME, tick=False):
        (file,) = files.make(MAKER, OCTOBER, **other)
    return file


def lines(file: PaymentFile) -> list[str]:
    return files.content(CHECKER, file).decode("ascii").split("\n")[:-1]


def read(file: PaymentFile) -> fixed.Read:
    found = profile(file.profile)
    return fixed.read(files.content(CHECKER, file), file.name, found.version_on(file.settlement_on))


def fetched(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def at(line: str, begin: int, end: int) -> str:
    return line[begin - 1 : end]


@pytest.mark.django_db
def test_every_field_of_a_nach_credit_stands_where_the_rail_wants_it() -> None:
    a_passed_month()
    file = made()
    header, first_line, *_, last = lines(file)
    assert {len(line) for line in lines(file)} == {306}
    assert file.name == "ACH-CR-DEMO-DEMO0000001-01102016-000001-INP.txt"
    assert at(header, 1, 2) == "12"
    assert at(header, 10, 49) == "DEMONSTRATION STATE SOCIAL JUSTICE".ljust(40)
    assert at(header, 100, 112) == "0000000050000"
    assert at(header, 113, 125) == "0000000107500"
    assert at(header, 126, 133) == "01102016"
    assert at(header, 157, 174) == "DEMO0000001".ljust(18)
    assert at(header, 175, 192) == "HAQDAR201610000001"
    assert at(header, 193, 203) == "DEMO0000001"
    assert at(header, 204, 238) == "000000000000".ljust(35)
    assert at(header, 239, 247) == "000000003"
    assert at(first_line, 1, 2) == "23"
    assert at(first_line, 32, 71) == "SUNITA BAI".ljust(40)
    assert at(first_line, 88, 107) == "MP SSP OCT2016".ljust(20)
    assert at(first_line, 121, 133) == "0000000030000"
    assert at(first_line, 134, 156) == " " * 23
    assert at(first_line, 157, 167) == "SBIN0001234"
    assert at(first_line, 168, 202) == "30000000001".ljust(35)
    assert at(first_line, 203, 213) == "DEMO0000001"
    assert re.fullmatch(r"201610[0-9A-F]{24}", at(first_line, 232, 261))
    assert at(first_line, 262, 264) == "DBG"
    assert at(last, 32, 71) == "SUNITA DEVI".ljust(40)
    assert not any("000000001" in at(line, 232, 261) for line in lines(file))


@pytest.mark.django_db
def test_what_is_written_reads_back_and_lies_sealed_on_disk(home: Path) -> None:
    a_passed_month()
    file = made()
    found = read(file)
    assert (found.items, found.paise) == (file.items, file.paise) == (3, 107500)
    assert found.settlement_on == OCTOBER.first_day
    assert [(credit.destination, credit.paise) for credit in found.credits] == [
        ("30000000001", 30000),
        ("30000000001", 50000),
        ("30000000002", 27500),
    ]
    assert fetched("SELECT line_no, paise, alive FROM payments_file_item ORDER BY 1") == [
        (1, 30000, True), (2, 50000, True), (3, 27500, True),
    ]  # fmt: skip
    (path,) = [path for path in home.rglob("*") if path.is_file()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"SUNITA" not in path.read_bytes()
    # lost with the disk, it is written anew, byte for byte
    before = files.content(CHECKER, file)
    path.unlink()
    assert files.content(CHECKER, file) == before and path.exists()


@pytest.mark.django_db
def test_who_has_no_account_goes_out_by_the_aadhaar_number() -> None:
    a_passed_month(
        settled=[(1, 1, "IGNWPS", 30000), (2, 1, "IGNWPS", 30000)],
        payees=[person(1), by_aadhaar(2, "234123412346")],
    )
    with time_machine.travel(IN_TIME, tick=False):
        nach, apbs = files.make(MAKER, OCTOBER)
    assert (nach.profile, nach.items, apbs.profile, apbs.items) == ("nach-credit", 1, "apbs-credit", 1)
    header, credit = lines(apbs)
    assert apbs.name == "APB-CR-DEMO-DEMO0000001-01102016-000001-INP.txt"
    assert len(header) == len(credit) == 306
    assert (at(header, 1, 2), at(header, 175, 192)) == ("33", "HAQAPB201610000001")
    assert at(credit, 1, 2) == "77"
    assert at(credit, 157, 202) == " " * 46
    assert at(credit, 265, 279) == "000234123412346"
    assert read(apbs).credits[0].destination == "234123412346"
    assert fetched("SELECT rail, account_last4 FROM payments_instruction ORDER BY id") == [
        ("account", "0001"), ("aadhaar", "2346"),
    ]  # fmt: skip


@pytest.mark.django_db
def test_nothing_goes_out_twice_or_before_its_time(settings: Any) -> None:
    run_id = a_passed_month(passed=False)
    assert files.make(MAKER, OCTOBER) == []
    passing(run_id, "scheme = 'IGNWPS'")
    hold = "INSERT INTO payments_hold (member_id, pension_group, scheme, origin, reason, note, placed_at, placed_by, review_on,"
    hold += " released_by, release_note) VALUES (2, 1, 'IGNOAPS', 'officer', 'enquiry', '', now(), 'x', now(), '', '')"
    with connection.cursor() as cursor:
        cursor.execute(hold)
    passing(run_id, "scheme <> 'IGNWPS'")
    assert made().items == 2
    assert files.make(MAKER, OCTOBER) == []
    with pytest.raises(files.MonthOpen):
        files.make(MAKER, OCTOBER.next())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_hold SET released_at = now()")
    assert made().sequence == 2
    assert FileItem.objects.count() == 3


@pytest.mark.django_db
@time_machine.travel(IN_TIME, tick=False)
def test_another_person_releases_and_what_was_held_since_stops_the_file() -> None:
    run_id = a_passed_month()
    file = made()
    with pytest.raises(files.SamePerson):
        files.release(MAKER, file.key)
    with pytest.raises(NotYourFunction):
        files.release(Actor(user_id=3, name="x", roles=frozenset({"auditor"}), area_paths=None), file.key)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE payments_bill_version SET state = 'cancelled' WHERE bill_id IN (SELECT id FROM payments_bill"
                       " WHERE run_id = %s AND scheme = 'MRMD')", [run_id])  # fmt: skip
    with pytest.raises(files.NoLongerPayable) as refused:
        files.release(CHECKER, file.key)
    assert refused.value.values["count"] == 1
    assert files.withdraw(MAKER, file.key).state == "withdrawn"
    assert files.withdraw(MAKER, file.key).state == "withdrawn"
    again = made()
    assert (again.items, again.sequence) == (2, 2)
    assert files.release(CHECKER, again.key).state == "released"
    assert files.release(CHECKER, again.key).state == "released"
    assert fetched("SELECT count(*), sum(paise) FROM payments_entry WHERE kind = 'instructed'") == [
        (2, 57500)
    ]
    with pytest.raises(files.NotInState):
        files.withdraw(MAKER, again.key)
    with pytest.raises(files.NotInState):
        files.release(CHECKER, file.key)


@pytest.mark.django_db
def test_a_file_whose_day_is_over_is_made_anew() -> None:
    a_passed_month()
    with time_machine.travel(date(2016, 10, 1), tick=False):
        (file,) = files.make(MAKER, OCTOBER)
    with time_machine.travel(date(2016, 10, 3), tick=False):
        with pytest.raises(files.DayPast) as refused:
            files.release(CHECKER, file.key)
        assert "1 October 2016, which is over" in refused.value.en
        files.withdraw(MAKER, file.key)
        (again,) = files.make(MAKER, OCTOBER)
        assert (again.settlement_on, again.items) == (date(2016, 10, 3), file.items)
        assert files.release(CHECKER, again.key).state == "released"


@pytest.mark.django_db
def test_a_month_is_cut_into_files_of_the_laws_size(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    arrangement = files.rules()
    monkeypatch.setattr(files, "rules", lambda: replace(arrangement, items_per_file=2))
    a_passed_month()
    with time_machine.travel(IN_TIME, tick=False):
        parts = files.make(MAKER, OCTOBER)
    assert [(part.sequence, part.items, part.paise) for part in parts] == [(1, 2, 80000), (2, 1, 27500)]
    assert [len(read(part).credits) for part in parts] == [2, 1]


@pytest.mark.django_db
@pytest.mark.parametrize("account", ["12 34", "१२३", "9" * 36, "12\n34"])
def test_an_unusable_account_makes_no_file(account: str, home: Path) -> None:
    a_passed_month(payees=[person(1), person(2, account)])
    with pytest.raises(UnusableCredit) as refused:
        made()
    assert account not in str(refused.value)
    assert not PaymentFile.objects.exists() and not [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.django_db
def test_what_a_stopped_process_left_is_swept_and_a_damaged_file_is_noticed(home: Path) -> None:
    a_passed_month()
    keeping.keep(OCTOBER, "left.txt", b"half")
    (keeping.folder(OCTOBER) / ".left.txt.sealed.abcd").write_bytes(b"")
    file = made()
    (path,) = [path for path in home.rglob("*") if path.is_file()]
    keeping.keep(OCTOBER, file.name, b"another content")
    with pytest.raises(files.FileDamaged), time_machine.travel(IN_TIME, tick=False):
        files.release(CHECKER, file.key)
    assert path.name == f"{file.name}.sealed"


@pytest.mark.django_db
def test_a_changed_file_is_noticed() -> None:
    a_passed_month()
    file = made()
    version = NACH.version_on(IN_TIME)
    good = files.content(CHECKER, file)
    parts = good.split(b"\n")
    for bad, problem in (
        (good[:-1], "cut off"),
        (good.replace(b"0000000030000", b"0000000030001"), "add up"),
        (b"\n".join([*parts[:2], *parts[1:3], b""]), "came before"),
        (good.replace(b"\n23", b"\n67", 1), "transaction_code"),
        (good.replace(b"SUNITA BAI", b"SUNITA BAIX", 1), "characters"),
    ):
        with pytest.raises(fixed.BadPaymentFile, match=problem):
            fixed.read(bad, file.name, version)


def test_who_has_no_account_bank_or_name_is_listed_with_the_reason() -> None:
    duck = relations(
        settled=[(member, 1, "IGNWPS", 30000) for member in range(1, 6)],
        payee=[
            payee(1, account_sealed=None),
            payee(2, ifsc=""),
            payee(3, name_en="१२"),
            payee(4, ddo_code=None, account_sealed=None),
            payee(5, name_en="A" * 60),
        ],
    )
    money(duck)
    assert rows(duck, "SELECT member_id, reason FROM not_payable") == [
        (1, "no_account"),
        (2, "no_ifsc"),
        (3, "no_name"),
        (4, "no_ddo"),
    ]
    assert rows(duck, "SELECT payee_name FROM instruction") == [("A" * 40,)]


def test_a_layout_has_no_gap_and_begins_with_the_law() -> None:
    for code in ("nach-credit", "apbs-credit"):
        version = profile(code).version_on(OCTOBER.first_day)
        for record in (version.header, version.detail):
            assert sum(field.length for field in record) == version.width == 306
    with pytest.raises(ProfileNotInForce):
        NACH.version_on(first("2011-01"))
