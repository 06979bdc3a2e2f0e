"""Proposals of local bodies: generated from the ledger, verified with exceptions by name, submitted, silent; and holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from tests.payments.bodies import (
    CEO,
    DRAWING,
    GP1,
    GP2,
    OUTSIDER,
    STATE_OFFICE,
    TOWN,
    a_district,
    key_of,
    two_months,
)
from tests.payments.examples import OCTOBER
from tests.payments.test_posting import fetched

from haqdar.access.actors import NotYourFunction, OutsideYourArea
from haqdar.access.models import Area, AuditEvent
from haqdar.access.queries import Place
from haqdar.law.payments import payment_rules
from haqdar.outreach.models import Message
from haqdar.payments import holds, proposals
from haqdar.payments import proposal_reads as reads
from haqdar.payments.closing import close_month
from haqdar.payments.models import Hold, Proposal
from haqdar.payments.proposals import LeftOut

pytestmark = pytest.mark.django_db
STATE_CEO = replace(CEO, area_paths=None)
SEPTEMBER_15 = "2016-09-15T09:00:00+05:30"


@pytest.fixture(autouse=True)
def _a_month() -> Iterator[None]:
    """The two months, on a day after the law's day of the proposal and before that of verification."""
    with time_machine.travel(SEPTEMBER_15, tick=False):
        a_district()
        two_months()
        close_month(STATE_OFFICE, OCTOBER.previous())
        yield


def of(body: str, scheme: str) -> Proposal:
    return Proposal.objects.get(month=OCTOBER.first_day, body_code=body, scheme=scheme)


def test_proposals_are_generated_from_the_ledger_by_body_and_scheme() -> None:
    made = proposals.propose(STATE_OFFICE, OCTOBER)
    assert (made.now, made.bodies, made.proposals) == (True, 3, 6)
    columns = (
        "body_code, scheme, ddo_code, persons, new_persons, ended_persons, changed_persons, regular_paise, arrears_paise,"
        " recovery_paise, withheld_paise, payable_paise, unpayable_persons, unpayable_paise, state"
    )
    assert fetched(f"SELECT {columns} FROM payments_proposal ORDER BY 1, 2") == [
        ("GP1", "IGNOAPS", "DDO1", 1, 0, 0, 1, 27500, 7500, 0, 0, 35000, 0, 0, "generated"),
        ("GP1", "IGNWPS", "DDO1", 1, 0, 1, 0, 30000, 0, 0, 0, 30000, 1, 30000, "generated"),
        ("GP1", "MRMD", "DDO1", 1, 1, 0, 0, 50000, 0, 0, 0, 50000, 0, 0, "generated"),
        ("GP2", "IGNOAPS", "DDO1", 1, 1, 0, 0, 20000, 0, 0, 0, 20000, 0, 0, "generated"),
        ("GP2", "IGNWPS", "DDO1", 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, "generated"),
        # both wards of the town together; person 5 was over-paid 200 for September, of which half of 300 is kept back now
        ("T", "IGNWPS", "DDO2", 2, 1, 0, 0, 60000, 0, 20000, 15000, 45000, 0, 0, "generated"),
    ]
    assert fetched(
        "SELECT p.body_code, p.scheme, y.members, y.ended FROM payments_proposal p JOIN payments_proposal_payees y"
        " ON y.proposal_id = p.id WHERE p.scheme = 'IGNWPS' ORDER BY 1"
    ) == [("GP1", "IGNWPS", [3], [2]), ("GP2", "IGNWPS", [], [4]), ("T", "IGNWPS", [5, 6], [])]
    # every rupee of the month is in exactly one of them
    assert made.payable_paise == fetched(
        "SELECT sum(regular_paise + arrears_paise - withheld_paise) FROM payments_area_total t JOIN cases_month_run r"
        " ON r.id = t.run_id WHERE r.month = %s AND r.state = 'complete'", OCTOBER.first_day
    )[0][0]  # fmt: skip


def test_proposing_again_changes_nothing_and_is_for_the_state_alone() -> None:
    first = proposals.propose(STATE_OFFICE, OCTOBER)
    again = proposals.propose(STATE_OFFICE, OCTOBER)
    assert (again.now, again.proposals, again.payable_paise) == (False, first.proposals, first.payable_paise)
    with pytest.raises(NotYourFunction):
        proposals.propose(CEO, OCTOBER)


def test_a_month_closed_late_gives_everybody_after_it_the_laws_days() -> None:
    assert proposals.days_of(OCTOBER, None) == proposals.Days(date(2016, 9, 18), date(2016, 9, 22))
    assert proposals.days_of(OCTOBER, date(2016, 9, 10)) == proposals.Days(
        date(2016, 9, 18), date(2016, 9, 22)
    )
    proposals.propose(STATE_OFFICE, OCTOBER)  # closed three days late
    assert of("GP1", "MRMD").due_on == date(2016, 9, 21)
    assert proposals.days_of_closed(OCTOBER.first_day).bill == date(2016, 9, 25)


def test_a_body_verifies_leaves_somebody_out_takes_it_back_and_submits() -> None:
    proposals.propose(STATE_OFFICE, OCTOBER)
    one = of("GP1", "IGNOAPS")
    for stranger in (GP2, OUTSIDER, TOWN):
        with pytest.raises(OutsideYourArea):
            proposals.verify(stranger, one.key)
    with pytest.raises(NotYourFunction):
        proposals.verify(CEO, one.key)
    with pytest.raises(proposals.NotInTheProposal):
        proposals.verify(GP1, one.key, [LeftOut(key_of(3), "died")])
    with pytest.raises(holds.NotAReasonToHold):
        proposals.verify(GP1, one.key, [LeftOut(key_of(1), "order")])
    proposals.verify(GP1, one.key, [LeftOut(key_of(1), "not_found", "house locked")])
    assert of("GP1", "IGNOAPS").state == "verified"
    placed = Hold.objects.get()
    assert (placed.member_id, placed.scheme, placed.origin, placed.area_code) == (
        1,
        "IGNOAPS",
        "exception",
        "GP1",
    )
    assert placed.exception.note == "house locked"
    assert placed.review_on == date(2016, 10, 15)
    assert list(Message.objects.values_list("template", "about_key")) == [("payment_held", str(placed.key))]
    with pytest.raises(proposals.NotToVerify):
        proposals.verify(GP1, one.key)
    with pytest.raises(proposals.NotYetVerified):
        proposals.submit(GP1, "GP1", OCTOBER)

    proposals.take_back(GP1, one.key)
    assert not Hold.objects.filter(released_at=None).exists()
    proposals.verify(GP1, one.key, [LeftOut(key_of(1), "died")])
    assert proposals.verify_rest(GP1, "GP1", OCTOBER) == 2
    assert proposals.submit(GP1, "GP1", OCTOBER) == 3
    assert set(fetched("SELECT state, submitted_by FROM payments_proposal WHERE body_code = 'GP1'")) == {
        ("submitted", "gp1")
    }
    with pytest.raises(proposals.NothingToSubmit):
        proposals.submit(GP1, "GP1", OCTOBER)
    with pytest.raises(proposals.NotToTakeBack):
        proposals.take_back(GP1, one.key)
    events = AuditEvent.objects.filter(object_kind="proposal")
    assert events.filter(verb="proposal.submit").count() == 3
    # neither the trail nor the messages know a number of a person
    assert not AuditEvent.objects.filter(object_key__in=["1", "000000001"]).exists()


def test_all_or_nothing_of_a_verification() -> None:
    proposals.propose(STATE_OFFICE, OCTOBER)
    town = of("T", "IGNWPS")
    holds.hold(STATE_CEO, key_of(5), "IGNWPS", "moved", "went to his son")
    with pytest.raises(holds.AlreadyHeld):
        proposals.verify(TOWN, town.key, [LeftOut(key_of(6), "moved"), LeftOut(key_of(5), "moved")])
    assert list(Hold.objects.values_list("member_id", flat=True)) == [5]
    assert of("T", "IGNWPS").state == "generated"


def test_silent_bodies_go_on_or_wait_by_the_law(monkeypatch: pytest.MonkeyPatch) -> None:
    proposals.propose(STATE_OFFICE, OCTOBER)
    proposals.verify_rest(TOWN, "T", OCTOBER)
    proposals.submit(TOWN, "T", OCTOBER)
    run = of("T", "IGNWPS").run_id
    bill_on = proposals.days_of_closed(OCTOBER.first_day).bill

    def left_out() -> list[tuple[Any, ...]]:
        return fetched(
            f"SELECT * FROM ({proposals.LEFT_OUT.replace('%(run)s', str(run)).replace('%(ddos)s', 'NULL')}) q ORDER BY 1, 2"
        )

    holds.hold(CEO, key_of(3), "IGNWPS", "account", "the bank rang")
    with connection.cursor() as cursor:
        rules = payment_rules(Path("law/mp"))
        with monkeypatch.context() as patch:
            patch.setattr(
                proposals,
                "payment_rules",
                lambda _: rules.__class__(**{**vars(rules), "silent_body": "waits"}),
            )
            assert proposals.deem_silent(cursor, OCTOBER, on=bill_on) == 0
        assert left_out() == [
            (1, "IGNOAPS", "silent_body"),
            (1, "MRMD", "silent_body"),
            (3, "IGNWPS", "held"),
            (3, "IGNWPS", "silent_body"),
            (4, "IGNOAPS", "silent_body"),
        ]
        with pytest.raises(proposals.BodiesStillAtWork) as early:
            proposals.deem_silent(cursor, OCTOBER, "DDO1", on=bill_on - timedelta(days=1))
        assert "5 proposals" in early.value.en and "25 September 2016" in early.value.en
        assert proposals.deem_silent(cursor, OCTOBER, "DDO2", on=bill_on) == 0
        assert proposals.deem_silent(cursor, OCTOBER, "DDO1", on=bill_on) == 5
    assert left_out() == [(3, "IGNWPS", "held")]
    assert {row[0] for row in fetched("SELECT state FROM payments_proposal WHERE ddo_code = 'DDO1'")} == {
        "silent"
    }


def test_a_payee_is_held_and_released_by_the_sanctioning_officer() -> None:
    with pytest.raises(NotYourFunction):
        holds.hold(GP1, key_of(1), "MRMD", "account", "doubt")
    with pytest.raises(OutsideYourArea):
        holds.hold(CEO, key_of(5), "IGNWPS", "account", "doubt")
    with pytest.raises(holds.NotAPayee):
        holds.hold(CEO, key_of(1), "SSP-OLD", "account", "doubt")
    with pytest.raises(holds.SayWhyHeld):
        holds.hold(CEO, key_of(1), "MRMD", "account", " ")
    placed = holds.hold(CEO, key_of(1), "MRMD", "order", "order 12 of the court")
    with pytest.raises(holds.AlreadyHeld):
        holds.hold(CEO, key_of(1), "MRMD", "account", "again")
    made = proposals.propose(STATE_OFFICE, OCTOBER)
    held = of("GP1", "MRMD")
    assert (held.held_persons, held.held_paise, held.payable_paise, made.now) == (1, 50000, 50000, True)
    (line,) = holds.holds(DRAWING)
    assert (line.name_en, line.paise, line.why.en) == ("", 50000, "order of a court or authority")
    assert holds.holds(GP1)[0].name_en == "Sunita Bai 1"
    assert holds.holds(OUTSIDER) == holds.holds(GP2) == []
    with pytest.raises(OutsideYourArea):
        holds.release(OUTSIDER, placed.key, "why not")
    holds.release(CEO, placed.key, "order lifted")
    with pytest.raises(holds.AlreadyReleased):
        holds.release(CEO, placed.key, "once more")
    assert holds.holds(CEO) == []
    assert holds.holds(CEO, standing=False)[0].release_note == "order lifted"
    holds.hold(CEO, key_of(1), "MRMD", "account", "a second time is a second hold")
    assert sorted(Message.objects.values_list("template", flat=True)) == [
        "payment_held",
        "payment_held",
        "payment_released",
    ]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE payments_proposal SET persons = persons + 1",
        "UPDATE payments_proposal SET state = 'submitted', submitted_at = now()",
        "UPDATE payments_proposal_payees SET members = '{}'",
        "DELETE FROM payments_proposal_payees",
        "DELETE FROM payments_proposal WHERE persons = 0",
    ],
)
def test_a_proposal_keeps_what_it_says(edit: str) -> None:
    proposals.propose(STATE_OFFICE, OCTOBER)
    with (
        pytest.raises(DatabaseError, match=r"append-only|keeps what it says|does not go|Cannot delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(edit)


def test_the_first_month_compares_with_nothing() -> None:
    with connection.cursor() as cursor:
        assert proposals.run_before(cursor, OCTOBER.previous().first_day) is None
        run_id = fetched(
            "SELECT id FROM cases_month_run WHERE month = %s AND state = 'complete'", "2016-09-01"
        )[0][0]
        assert proposals.generate(cursor, run_id, OCTOBER.previous()) == 4
    assert set(fetched("SELECT new_persons, ended_persons, changed_persons FROM payments_proposal")) == {
        (0, 0, 0)
    }


def place_of(code: str) -> Place:
    area = Area.objects.get(area_code=code)
    return Place(code, area.kind, area.name_en, area.name_hi or "", area.path)


def test_what_is_read_of_a_proposal_by_area_body_officer_and_payee() -> None:
    proposals.propose(STATE_OFFICE, OCTOBER)
    proposals.verify_rest(TOWN, "T", OCTOBER)
    proposals.submit(TOWN, "T", OCTOBER)
    holds.hold(CEO, key_of(1), "MRMD", "account", "doubt")
    district = [
        (a.place.area_code, a.bodies, a.open, a.submitted, a.persons)
        for a in reads.by_area(STATE_OFFICE, OCTOBER, place_of("D"))
    ]
    assert district == [("B", 2, 2, 0, 4), ("T", 1, 0, 1, 2)]
    assert [a.place.area_code for a in reads.by_area(CEO, OCTOBER, place_of("B"))] == ["GP1", "GP2"]
    with pytest.raises(OutsideYourArea):
        reads.by_area(OUTSIDER, OCTOBER, place_of("B"))
    assert [p.scheme for p in reads.of_body(GP1, OCTOBER, place_of("GP1"))] == ["IGNOAPS", "IGNWPS", "MRMD"]
    own = reads.readiness(DRAWING, OCTOBER)
    assert [(o.ddo_code, o.office_en, o.bodies, o.ready) for o in own.officers] == [
        ("DDO1", "Office JP", 2, 0)
    ]
    assert [(b.place.area_code, b.state, b.late_days) for b in own.bodies] == [
        ("GP1", "open", 0),
        ("GP2", "open", 0),
    ]
    assert [o.ddo_code for o in reads.readiness(STATE_OFFICE, OCTOBER).officers] == ["DDO1", "DDO2"]
    with time_machine.travel("2016-09-24T10:00:00+05:30", tick=False):
        assert reads.readiness(DRAWING, OCTOBER).bodies[0].late_days == 3

    def read(actor: Any, body: str, scheme: str, **more: Any) -> list[tuple[Any, ...]]:
        page = reads.payees(actor, of(body, scheme), place_of(body), **more)
        return [
            (r.member_id, r.what, r.before_paise, r.payable_paise, r.stuck or r.hold_reason)
            for r in page.rows
        ]

    assert read(GP1, "GP1", "IGNOAPS") == [(1, "changed", 20000, 35000, "")]
    assert read(GP1, "GP1", "IGNWPS") == [(2, "ended", 30000, 0, ""), (3, "same", 30000, 30000, "no_account")]
    assert read(GP1, "GP1", "IGNWPS", show="changes") == [(2, "ended", 30000, 0, "")]
    assert read(GP1, "GP1", "IGNWPS", q="बाई 3") == read(GP1, "GP1", "IGNWPS", q="000 000 003") != []
    assert read(GP1, "GP1", "IGNWPS", q="100%") == []
    assert read(GP1, "GP1", "MRMD", show="held") == [(1, "new", 0, 50000, "account")]
    town = reads.payees(TOWN, of("T", "IGNWPS"), place_of("T"))
    assert town.counts == {"all": 2, "changes": 1, "new": 1, "ended": 0, "changed": 0, "arrears": 0, "recovery": 1, "held": 0, "unpayable": 0}  # fmt: skip
    assert [r.late_months for r in town.rows] == [(OCTOBER.previous().first_day,), ()]
    assert [
        r.member_id
        for r in reads.chosen_payees(TOWN, of("T", "IGNWPS"), place_of("T"), [key_of(6), key_of(1)])
    ] == [6]
    with pytest.raises(NotYourFunction):  # a drawing officer sees sums, not people
        reads.payees(DRAWING, of("GP1", "MRMD"), place_of("GP1"))
    with pytest.raises(OutsideYourArea):
        reads.payees(GP2, of("GP1", "MRMD"), place_of("GP1"))
