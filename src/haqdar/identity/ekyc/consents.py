"""A resident's consent to one reading of the own data: kept before anything is read, taken back as easily as given."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting
from haqdar.identity.ekyc.held import drop
from haqdar.identity.ekyc.persons import allowed, own_of
from haqdar.identity.ekyc.verified import end
from haqdar.identity.models import Consent, EkycCheck
from haqdar.law.ekyc import EkycRules
from haqdar.registry.queries import Person


def agreed(actor: Actor, person: Person, rules: EkycRules, language: str) -> Consent:
    """The consent to this reading, kept before anything is read; tried again within the holding time it is the same one."""
    now = timezone.now()
    with acting(actor, actor.function):
        given = Consent.objects.filter(
            member_id=person.member_id, given_by=actor.name, notice=rules.notice_version, language=language,
            withdrawn_at=None, given_at__gte=now - timedelta(minutes=rules.hold_minutes),
        )  # fmt: skip
        unused = given.exclude(pk__in=EkycCheck.objects.filter(member_id=person.member_id).values("consent"))
        if (consent := unused.first()) is None:
            consent = Consent.objects.create(
                key=uuid4(), member_id=person.member_id, notice=rules.notice_version, language=language,
                assisted=not own_of(actor, person.key), given_at=now, given_by=actor.name,
            )  # fmt: skip
            record(
                actor, "consent.give", "resident", str(person.key),
                new={"consent": str(consent.key), "notice": consent.notice, "language": language},
            )  # fmt: skip
    return consent


def in_force(member_id: int) -> bool:
    """Whether there is a consent to take back, used or not; the caller has checked who may ask."""
    return Consent.objects.filter(member_id=member_id, withdrawn_at=None).exists()


def withdraw(actor: Actor, resident: UUID) -> bool:
    """Take every consent of the resident back; whether there was one. The verification ends, and what waits is deleted.

    What was corrected stays.
    """
    actor, person = allowed(actor, resident)
    now = timezone.now()
    with acting(actor, actor.function):
        # first of all, so that a confirmation at the same moment is either seen below or finds its check closed
        open_ = list(
            EkycCheck.objects.select_for_update().filter(member_id=person.member_id, finished_at=None)
        )
        EkycCheck.objects.filter(pk__in=[one.pk for one in open_]).update(
            finished_at=now, outcome="withdrawn"
        )
        taken = Consent.objects.filter(member_id=person.member_id, withdrawn_at=None).update(
            withdrawn_at=now, withdrawn_by=actor.name
        )
        ended = end(actor, person.member_id, "consent_withdrawn")
        record(
            actor, "consent.withdraw", "resident", str(person.key),
            new={"consents": taken, "ended": ended},
        )  # fmt: skip
    for one in open_:
        drop(actor, one)
    return bool(taken)
