"""Deaths, heirs and compensations as the registers and cases have them, for the tests of money."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

from django.utils import timezone
from tests.payments.on_the_way import sql

from haqdar.cases.models import Case
from haqdar.registry.models import EventBelief, PayeeBelief
from haqdar.sources.models import Delivery


def dies(member: int, day: date = date(2016, 10, 10)) -> None:
    """The register learns that a person died."""
    EventBelief.objects.create(
        event_id=f"died-{member}",
        belief_no=1,
        member_id=member,
        kind="death",
        happened_on=day,
        reported_on=day,
        known_from=day,
        line=1,
        fingerprint=uuid4(),
        delivery=Delivery.objects.earliest("pk"),
    )


def inherits(heir: int, member: int) -> None:
    """The register has an heir for a dead person, by a paper of succession."""
    PayeeBelief.objects.create(
        member_id=member,
        belief_no=1,
        receiver_id=heir,
        relation="son",
        reason="heir",
        from_on=date(2016, 10, 10),
        reference="Succession certificate 12/2016",
        known_from=date(2016, 10, 20),
        line=0,
        fingerprint=uuid4(),
        delivery=Delivery.objects.earliest("pk"),
    )


def compensated(member: int, paise: int) -> None:
    """A case of a person was decided late, and the penalty imposed for it goes to the person."""
    case = Case.objects.create(
        letter="A", opened_on=date(2016, 8, 1), kind="application", service="", member_id=member, area_code="GP1", awaits="",
        opened_at=timezone.now(), since_at=timezone.now(), due_on=date(2016, 9, 1), outcome="rejected", opened_by="x",
        closed_at=timezone.now(), reason="", contact_last4="", occasion="",
    )  # fmt: skip
    sql(
        "INSERT INTO cases_penalty_decision (case_id, office_code, days_late, proposed_paise, imposed_paise, reason, note,"
        " decided_at, decided_by) VALUES (%s, 'JP', 9, %s, %s, 'no_reason', '', now(), 'x')",
        *(case.pk, paise, paise),
    )
    sql(
        "INSERT INTO cases_compensation (penalty_id, case_id, member_id, paise, entered_at, entered_by)"
        " SELECT id, case_id, %s, imposed_paise, '2016-10-03T00:00Z', 'x' FROM cases_penalty_decision WHERE case_id = %s",
        *(member, case.pk),
    )
