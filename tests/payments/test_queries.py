"""What people see of the money: passbooks, bills and totals, each within their own area."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from tests.payments.examples import OCTOBER, first, payee, relations
from tests.payments.test_posting import posted

from haqdar.access.actors import DDO, SECRETARY, STATE, Actor, NotYourFunction, OutsideYourArea, platform
from haqdar.access.models.areas import Area, Office
from haqdar.payments import queries, words
from haqdar.payments.passbook import INSTRUCTED, passbook
from haqdar.payments.queries import NoSuchMember
from haqdar.registry.models import Family, FamilyBelief, Resident, ResidentBelief
from haqdar.sources.models import Delivery

pytestmark = pytest.mark.django_db

ALICE = Actor(1, "alice", frozenset({SECRETARY}), ("/S/D/B/GP1/",))
BOB = Actor(2, "bob", frozenset({DDO}), ("/S/D/B/",))
CHARLIE = Actor(3, "charlie", frozenset({SECRETARY, DDO}), ("/S/X/",))
STATE_OFFICE = Actor(4, "state", frozenset({STATE}), None)
NOBODY = UUID(int=0)


@pytest.fixture(autouse=True)
def _a_block_with_two_people() -> None:
    paths = {
        "S": "/S/",
        "D": "/S/D/",
        "B": "/S/D/B/",
        "GP1": "/S/D/B/GP1/",
        "GP2": "/S/D/B/GP2/",
        "X": "/S/X/",
    }
    kinds = {"S": "state", "D": "district", "B": "block", "GP1": "gp", "GP2": "gp", "X": "district"}
    for code, path in paths.items():
        Area.objects.create(
            area_code=code,
            kind=kinds[code],
            name_en=code,
            path=path,
            depth=path.count("/") - 2,
            district_code=None,
        )
    Office.objects.create(
        office_code="JP", kind="janpad", area_id="B", ddo_code="DDO1", name_en="Janpad B", name_hi="जनपद B"
    )
    delivery = Delivery.objects.create(
        code="d",
        delivered_on=date(2016, 1, 1),
        folder="",
        actor="test",
        received_at=datetime(2016, 1, 1, tzinfo=UTC),
    )
    common = {
        "belief_no": 1,
        "known_from": date(2016, 1, 1),
        "line": 2,
        "fingerprint": NOBODY,
        "delivery": delivery,
    }
    for number in (1, 2):
        family = Family.objects.create(family_id=number)
        resident = Resident.objects.create(member_id=number)
        FamilyBelief.objects.create(family=family, area_code=f"GP{number}", **common)
        ResidentBelief.objects.create(member=resident, family=family, name_en="Sunita Bai", sex="F", **common)


def post_two_months() -> None:
    payees = [payee(1), payee(2, area_code="GP2", account_sealed=None)]
    settled = [(1, 1, "IGNOAPS", 27500), (2, 3, "MRMD", 50000)]
    posted(relations(settled=settled, payee=payees), OCTOBER.previous())
    duck = relations(
        settled=[(1, 1, "IGNWPS", 30000), (2, 3, "MRMD", 50000)],
        redetermined=[
            (first("2016-09"), 1, 1, "IGNWPS", 30000),
            (first("2016-09"), 2, 3, "MRMD", 20000),
        ],
        payee=payees,
    )
    posted(duck)


def test_a_passbook_shows_what_was_owed_kept_back_and_paid_and_why() -> None:
    post_two_months()
    rows = passbook(ALICE, 1)
    shown = [
        (
            str(r.month)[:7],
            str(r.for_month)[:7],
            r.scheme,
            r.kind,
            r.paise,
            r.withheld_paise,
            r.payable_paise,
            r.state,
        )
        for r in rows
    ]
    assert shown == [
        ("2016-10", "2016-10", "IGNWPS", "regular", 30000, 0, 30000, "drawn"),
        ("2016-10", "2016-09", "IGNOAPS", "recovery", -27500, 27500, 0, "recovered"),
        ("2016-10", "2016-09", "IGNWPS", "arrears", 30000, 27500, 2500, "drawn"),
        ("2016-09", "2016-09", "IGNOAPS", "regular", 27500, 0, 27500, "drawn"),
    ]
    assert len(rows[3].bill_numbers) == 2
    assert rows[0].account_last4 == "0001"
    assert rows[2].reason_en == "was owed for September 2016 and became known later"
    assert rows[2].reason_hi == "सितंबर 2016 के लिए देय था, इसका पता बाद में चला"
    assert rows[0].state_hi == "हिसाब बन गया; अब बिल बनेगा"


def test_a_passbook_says_what_could_not_be_paid_and_what_is_still_owed() -> None:
    posted(
        relations(settled=[(2, 3, "MRMD", 50000)], payee=[payee(2, account_sealed=None)]), OCTOBER.previous()
    )
    duck = relations(settled=[(2, 1, "IGNWPS", 30000)], payee=[payee(2, account_sealed=None)])
    posted(duck)
    found = [(r.kind, r.withheld_paise, r.payable_paise, r.state) for r in passbook(STATE_OFFICE, 2)]
    assert found == [
        ("regular", 15000, 0, "no_account"),
        ("recovery", 15000, 0, "outstanding"),
        ("regular", 0, 0, "no_account"),
    ]


def test_a_passbook_of_another_area_is_refused() -> None:
    with pytest.raises(OutsideYourArea):
        passbook(ALICE, 2)
    with pytest.raises(NotYourFunction):
        passbook(BOB, 1)
    with pytest.raises(NoSuchMember):
        passbook(STATE_OFFICE, 9)


def test_bills_are_seen_by_whose_drawing_officer_they_concern() -> None:
    post_two_months()
    seen = queries.bills(BOB, OCTOBER)
    assert [(b.ddo_code, b.office_hi, b.scheme, b.paise) for b in seen] == [
        ("DDO1", "जनपद B", "IGNWPS", 32500),
        ("DDO1", "जनपद B", "MRMD", 25000),
    ]
    assert queries.bills(STATE_OFFICE, OCTOBER) == seen
    assert queries.bills(CHARLIE, OCTOBER) == []
    assert [row["bill_no"] for row in queries.bills_of_month(BOB, 10**9)] == []
    with pytest.raises(NotYourFunction):
        queries.bills(ALICE, OCTOBER)
    assert queries.bill_months(BOB) == [OCTOBER.first_day, OCTOBER.previous().first_day]


def test_a_months_money_adds_up_by_scheme_and_area() -> None:
    post_two_months()
    (pension,) = [line for line in queries.month_money(ALICE, OCTOBER) if line.persons]
    assert (pension.scheme, pension.payable_paise, pension.instructed_paise) == ("IGNWPS", 32500, 32500)
    assert (pension.withheld_paise, pension.arrears_paise) == (27500, 30000)
    whole = {line.scheme: line for line in queries.month_money(STATE_OFFICE, OCTOBER, "S")}
    assert whole["IGNOAPS"].recovery_paise == 27500
    assert whole["MRMD"].recovery_paise == 30000
    assert whole["MRMD"].instructed_paise == 0
    assert sum(line.payable_paise for line in whole.values()) == sum(
        b.paise for b in queries.bills(BOB, OCTOBER)
    )
    assert queries.month_money(STATE_OFFICE, OCTOBER, "X") == []
    with pytest.raises(OutsideYourArea):
        queries.month_money(ALICE, OCTOBER, "GP2")


def test_nobody_sees_money_of_a_superseded_run() -> None:
    post_two_months()
    posted(relations(settled=[(1, 1, "IGNWPS", 30000)], payee=[payee(1)]))
    assert [b.paise for b in queries.bills(BOB, OCTOBER)] == [15000]
    assert len(passbook(platform(), 1)) == 3


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_word_exists_in_both_languages(language: str) -> None:
    for kind in ("regular", "arrears", "recovery"):
        assert words.kind_word(kind, language)
        assert words.month_name(OCTOBER.first_day, language) in words.reason_words(
            kind, OCTOBER.first_day, language
        )
    for state in (
        *INSTRUCTED,
        "withheld",
        "recovered",
        "outstanding",
        "no_ddo",
        "no_account",
        "no_ifsc",
        "no_name",
    ):
        assert words.state_words(state, language)


def invoke(*arguments: str) -> Result:
    from haqdar.config.commands import passbook

    # Beneath @needs_database lies the command itself: the test has a database of its own.
    callback = passbook.command.callback
    assert callback is not None
    passbook_alone = passbook.command.__class__(
        name="passbook", params=passbook.command.params, callback=callback.__wrapped__
    )
    return CliRunner().invoke(passbook_alone, list(arguments))


def test_the_command_line_shows_a_passbook() -> None:
    post_two_months()
    english, hindi = invoke("000000001", "--lang", "en"), invoke("000000001", "--lang", "hi")
    assert "Paid with October 2016" in english.output
    recovery = next(line for line in english.output.splitlines() if "-₹275" in line)
    assert recovery.strip().startswith("Recovery")
    assert "(IGNOAPS): -₹275 — was paid for September 2016 but not owed" in recovery
    assert "recovered so far ₹275" in english.output
    assert "सदस्य 000000001 की पासबुक" in hindi.output
    assert "अक्टूबर 2016 के साथ" in hindi.output
    assert "30000000001" not in english.output


def test_the_command_line_refuses_what_is_no_member() -> None:
    assert "nine digits" in str(invoke("12", "--lang", "en").exception)
    assert isinstance(invoke("000000099").exception, NoSuchMember)
