"""What a death leaves unowed does not go out, however late the death is recorded."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from tests.payments.bodies import DRAWING, a_district
from tests.payments.examples import OCTOBER
from tests.payments.paying import CHECKER, MAKER, a_passed_month, passing, person
from tests.payments.test_posting import fetched
from tests.payments.treasury_line import TREASURY, a_month_submitted

from haqdar.payments import billing
from haqdar.payments.models import FileItem, PaymentFile, TreasuryBill
from haqdar.payments.rails import files
from haqdar.payments.treasury.profile import profile_named
from haqdar.payments.treasury.queueing import queue
from haqdar.registry.models import EventBelief, Resident
from haqdar.sources.models import Delivery

pytestmark = pytest.mark.django_db
AFTER_THE_CUT_OFF = date(2016, 9, 29)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def dies(member: int, happened_on: date, known_from: date = AFTER_THE_CUT_OFF) -> EventBelief:
    """A death is recorded."""
    return EventBelief.objects.create(
        event_id=f"E{member}",
        belief_no=1,
        member_id=member,
        kind="death",
        happened_on=happened_on,
        reported_on=known_from,
        known_from=known_from,
        line=2,
        fingerprint=uuid4(),
        delivery=Delivery.objects.get(),
    )


def withdrawn(death: EventBelief) -> None:
    """The death was recorded by mistake."""
    EventBelief.objects.create(
        event_id=death.event_id,
        belief_no=2,
        member_id=death.member_id,
        kind="withdrawn",
        happened_on=death.happened_on,
        reported_on=death.reported_on,
        known_from=death.known_from,
        line=2,
        fingerprint=death.fingerprint,
        delivery=death.delivery,
    )


def four_widows(passed: bool = True) -> int:
    a_district()
    members = (1, 2, 3, 4)
    return a_passed_month(
        [(m, 1, "IGNWPS", 30000) for m in members], [person(m) for m in members], passed=passed
    )


def made() -> list[PaymentFile]:
    with time_machine.travel(date(2016, 9, 30), tick=False):
        return files.make(MAKER, OCTOBER)


def going() -> list[int]:
    return list(
        FileItem.objects.filter(alive=True)
        .order_by("line_no")
        .values_list("instruction__member_id", flat=True)
    )


def test_a_death_recorded_after_the_cut_off_stops_the_credit_but_not_that_of_its_own_month() -> None:
    four_widows()
    dies(1, date(2016, 9, 12))
    dies(2, date(2016, 10, 1), known_from=date(2016, 10, 2))
    death = dies(3, date(2016, 9, 29))
    (file,) = made()
    assert going() == [2, 4]
    withdrawn(death)
    made()
    assert sorted(going()) == [2, 3, 4]
    # recorded between making and releasing
    dies(4, date(2016, 9, 29))
    with time_machine.travel(date(2016, 9, 30), tick=False):
        with pytest.raises(files.NoLongerPayable, match="1 payments"):
            files.release(CHECKER, file.key)
        files.withdraw(MAKER, file.key)
        (anew,) = files.make(MAKER, OCTOBER)
        files.release(CHECKER, anew.key)
    assert sorted(going()) == [2, 3]


def test_a_bill_is_sanctioned_without_them_and_none_is_drawn_for_them_later() -> None:
    run = four_widows(passed=False)
    dies(1, date(2016, 9, 12))
    death = dies(3, date(2016, 9, 29))
    prepared = billing.prepare(DRAWING, "DDO1", OCTOBER)
    assert prepared.out["held"] == (2, 60000)
    passing(run)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_bill_line l SET withdrawn_in_id = v.id FROM payments_due d, payments_bill_version v"
            " WHERE d.id = l.due_id AND v.bill_id = l.bill_id AND d.member_id IN (1, 3)"
        )
    withdrawn(death)
    assert billing.supplementary(DRAWING, "DDO1", OCTOBER) == ["201610/DDO1/013-1"]
    assert fetched(
        "SELECT d.member_id FROM payments_bill b JOIN payments_bill_line l ON l.bill_id = b.id"
        " JOIN payments_due d ON d.id = l.due_id WHERE b.kind = 'supplementary'"
    ) == [(3,)]


def test_the_treasury_is_not_asked_for_them() -> None:
    a_month_submitted()
    Resident.objects.create(member_id=3, key=uuid4())
    Delivery.objects.create(
        code="d", delivered_on=date(2016, 1, 1), folder="", actor="x", received_at=timezone.now()
    )
    dies(3, date(2016, 9, 12))
    assert queue(TREASURY, profile_named("jit-fs")).held_back == 1
    assert set(TreasuryBill.objects.values_list("scheme", "state", "problem")) == {
        ("IGNOAPS", "queued", ""),
        ("IGNWPS", "held_back", "sums"),
    }
