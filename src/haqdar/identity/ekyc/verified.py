"""Who is verified, and the end of it: by death, a merge, a consent taken back, a newer verification."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting
from haqdar.base.names import name_key
from haqdar.identity.ekyc.document import ONLINE, Document
from haqdar.identity.ekyc.persons import DEATH, dead
from haqdar.identity.ekyc.refusals import Replayed, VerifiedElsewhere
from haqdar.identity.models import EkycCheck, Verified


def verified_of(member_id: int) -> Verified | None:
    """The verification in force; the caller has checked who may ask."""
    return Verified.objects.filter(member_id=member_id, ended_at=None).select_related("consent").first()


def keep(actor: Actor, check: EkycCheck, document: Document, how: str, last4: str, kept: list[str]) -> None:
    """The resident of the check is verified, in the caller's transaction; raises `VerifiedElsewhere`, `Replayed`.

    `last4` are the last digits in the register, for a document that shows none; `kept` see `Verified`.
    """
    if (held := holder(check)) is not None:
        if not dead(held.member_id):
            raise VerifiedElsewhere()
        end(actor, held.member_id, "death")
    end(actor, check.member_id, "renewed")
    try:
        with transaction.atomic():
            Verified.objects.create(
                key=uuid4(), member_id=check.member_id, aadhaar_ref=check.aadhaar_ref,
                aadhaar_last4=document.last4 or last4, number_proven=check.method == ONLINE,
                method=check.method, how=how, evidence=check.evidence, signer=document.signer, made_at=document.made_at,
                verified_at=timezone.now(), verified_by=actor.name, consent=check.consent,
                kept_against=kept,
            )  # fmt: skip
    except IntegrityError as error:
        # at the same moment in another window or for another record: the database lets one through
        raise (VerifiedElsewhere() if holder(check) else Replayed()) from error


def holder(check: EkycCheck) -> Verified | None:
    """The verification in force of somebody else by the number of this check."""
    same = Verified.objects.filter(aadhaar_ref=check.aadhaar_ref, ended_at=None)
    return same.exclude(member_id=check.member_id).first()


def alike(member_id: int, document: Document, last4: str) -> bool:
    """Whether somebody else with this name, day of birth and last digits is verified: perhaps the same person in two records.

    A document shows four digits, so that a second one of the same person could be used for another number that ends alike.
    """
    if document.born_on is None or not last4:
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.name_en FROM identity_verified v CROSS JOIN LATERAL (SELECT name_en, born_on"
            "  FROM registry_resident_belief b WHERE b.member_id = v.member_id ORDER BY b.belief_no DESC LIMIT 1) r"
            f" WHERE v.ended_at IS NULL AND v.aadhaar_last4 = %s AND v.member_id <> %s AND r.born_on = %s"
            f" AND NOT {DEATH.format(member='v.member_id')}",
            [last4, member_id, document.born_on],
        )
        others = cursor.fetchall()
    return any(name_key(name) == name_key(document.name) for (name,) in others)


def end(actor: Actor, member_id: int, why: str, at: datetime | None = None) -> bool:
    """End the verification of a member (`models.ekyc.ENDED`), in the caller's transaction: a merge, a mistake.

    The caller writes it into the audit trail.
    """
    return bool(
        Verified.objects.filter(member_id=member_id, ended_at=None).update(
            ended_at=at or timezone.now(), ended_by=actor.name, ended_why=why
        )
    )


def resume(member_id: int, ended_at: datetime) -> bool:
    """Let the verification hold again that a merge ended at that moment, in the caller's transaction, who audits it.

    Not where its consent was taken back, the member was verified anew, or somebody else with that number.
    """
    ended = (
        Verified.objects.filter(
            member_id=member_id, ended_why="merge", ended_at=ended_at, consent__withdrawn_at=None
        )
        .exclude(aadhaar_ref__in=Verified.objects.filter(ended_at=None).values("aadhaar_ref"))
        .exclude(member_id__in=Verified.objects.filter(ended_at=None).values("member_id"))
        .first()
    )
    if ended is None:
        return False
    return bool(Verified.objects.filter(pk=ended.pk).update(ended_at=None, ended_by=None, ended_why=None))


def end_the_dead(actor: Actor) -> int:
    """End the verifications of everybody recorded as dead; returns their number. Run again it does nothing."""
    with acting(actor, "ekyc.end"), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE identity_verified v SET ended_at = now(), ended_by = %s, ended_why = 'death'"
            f" WHERE v.ended_at IS NULL AND {DEATH.format(member='v.member_id')}",
            [actor.name],
        )
        ended = cursor.rowcount
        if ended:
            record(actor, "ekyc.end", "register", "", new={"dead": ended})
    return int(ended)
