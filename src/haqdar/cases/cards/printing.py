"""Cards of a whole panchayat, ward or urban body: asked for on a page, made by the worker sheet by sheet.

A sheet is one signed file of `SHEET` cards. Each is made in one transaction with its cards, the file's entry and how far the
print is; whoever takes an interrupted print up again goes on after the last sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea, acting, require, require_area
from haqdar.access.kinds import HOME_KINDS
from haqdar.access.queries import Place, areas_below, path_of_area, place
from haqdar.base.refusal import Refusal
from haqdar.cases.cards.content import Household, households
from haqdar.cases.cards.issuing import (
    CRASHED,
    KEPT,
    opened,
    remove,
    remove_left_behind,
    sealed_away,
    set_cards,
)
from haqdar.cases.cards.keys import signing_key
from haqdar.cases.models import CardPrint, CardSheet, HouseholdCard
from haqdar.registry import families

SHEET = 200
"""Cards of one file: about 8 MB, and some six seconds of work that an interruption loses."""
MOST_FAMILIES = 20_000
PRINTED_KINDS = frozenset({*HOME_KINDS, "ulb"})


class NotAPanchayat(Refusal):
    """Cards are printed for one local body at a time."""

    code = "not_a_panchayat"
    en = "Choose one gram panchayat, ward or town: cards are printed there and handed over family by family."
    hi = "एक ग्राम पंचायत, वार्ड या नगर चुनें: कार्ड वहीं के लिए छपते हैं और परिवार-परिवार को दिए जाते हैं।"


class NobodyToPrint(Refusal):
    """No family lives there."""

    code = "nobody_to_print"
    en = "No family of the register lives there, so there is nothing to print."
    hi = "रजिस्टर का कोई परिवार वहाँ नहीं रहता, इसलिए छापने को कुछ नहीं है।"


class TooManyFamilies(Refusal):
    """More than one print should hold."""

    code = "too_many_families_to_print"
    en = "{families} families live there; print at most {most} at once, for example ward by ward."
    hi = "वहाँ {families} परिवार रहते हैं; एक बार में {most} तक छापें, जैसे वार्ड-वार्ड करके।"


class AlreadyPrinting(Refusal):
    """The same area is waiting or under way."""

    code = "already_printing"
    en = "Cards of this place are being printed already. Their progress is on this page."
    hi = "इस जगह के कार्ड पहले से छप रहे हैं। उनकी प्रगति इसी पन्ने पर है।"


@dataclass(frozen=True)
class Preview:
    """What a print of an area would do: how many families live there, how many hold a card in date, files it makes at most."""

    families: int
    holding: int

    @property
    def files(self) -> int:
        """Sheets when every family gets a card."""
        return -(-self.families // SHEET)


def preview(actor: Actor, here: Place) -> Preview:
    """What printing an area would mean; counts only. Needs `card.print`."""
    actor = require(actor, "card.print")
    require_area(actor, here.path)
    if here.kind not in PRINTED_KINDS:
        return Preview(0, 0)
    areas = areas_below(here)
    return Preview(families.count_in(areas), _in_force(areas))


def ask(actor: Actor, here: Place, only_missing: bool) -> CardPrint:
    """A print to be carried out by the worker, recorded; the caller queues it in the same transaction.

    Needs `card.print` in the area. Raises `NotAPanchayat`, `NobodyToPrint`, `TooManyFamilies`, `AlreadyPrinting`, ``NoCardKey``.
    """
    actor = require(actor, "card.print")
    require_area(actor, here.path)
    signing_key(timezone.localdate())
    if here.kind not in PRINTED_KINDS:
        raise NotAPanchayat()
    count = families.count_in(areas_below(here))
    if not count:
        raise NobodyToPrint()
    if count > MOST_FAMILIES:
        raise TooManyFamilies(families=count, most=MOST_FAMILIES)
    try:
        with acting(actor, "card.print"):
            job = CardPrint.objects.create(
                area_code=here.area_code,
                only_missing=only_missing,
                user_id=actor.user_id,
                ip=actor.ip,
                families=count,
            )
            record(
                actor,
                "card.print",
                "card_print",
                str(job.key),
                new={"area": here.area_code, "families": count, "only_missing": only_missing},
            )
    except IntegrityError as error:
        raise AlreadyPrinting() from error
    return job


def carry_out(actor: Actor, job: CardPrint) -> None:
    """Make every sheet that is not made yet, in the name of the officer who asked. Raises what `set_cards` raises."""
    actor = require(actor, "card.print")
    here = place(actor, job.area_code)
    if here is None:
        raise OutsideYourArea()
    areas = areas_below(here)
    CardPrint.objects.filter(pk=job.pk).update(state=CardPrint.State.RUNNING)
    job.refresh_from_db()
    while numbers := families.families_in(areas, job.after, SHEET):
        with acting(actor, "card.print"):
            _sheet(actor, job, numbers, here)
        job.refresh_from_db()
    with acting(actor, "card.print"):
        CardPrint.objects.filter(pk=job.pk).update(
            state=CardPrint.State.DONE, finished_at=timezone.now(), message_en="", message_hi=""
        )
        record(actor, "card.print", "card_print", str(job.key), new={"made": job.made, "seen": job.seen})


def fail(job: CardPrint, refusal: Refusal | None) -> None:
    """Note that the print stopped and why; what was made stays, and it can be taken up again."""
    CardPrint.objects.filter(pk=job.pk).update(
        state=CardPrint.State.FAILED,
        message_en=refusal.en if refusal else "",
        message_hi=refusal.hi if refusal else "",
    )


def print_by_key(actor: Actor, key: UUID) -> CardPrint | None:
    """A print in the actor's area; raises `OutsideYourArea`. Needs `card.print`."""
    actor = require(actor, "card.print")
    job = CardPrint.objects.filter(key=key).first()
    if job is not None:
        require_area(actor, path_of_area(job.area_code))
    return job


def prints_in(actor: Actor, here: Place, limit: int = 20) -> list[CardPrint]:
    """The latest prints of an area and below, newest first. Needs `card.print`."""
    actor = require(actor, "card.print")
    require_area(actor, here.path)
    codes = [here.area_code] if here.kind in PRINTED_KINDS else None
    found = CardPrint.objects.order_by("-id")
    if codes is None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.id FROM cases_card_print p JOIN access_area a ON a.area_code = p.area_code"
                " WHERE starts_with(a.path, %s) ORDER BY p.id DESC LIMIT %s",
                [here.path, limit],
            )
            return list(found.filter(pk__in=[row[0] for row in cursor.fetchall()]))
    return list(found.filter(area_code__in=codes)[:limit])


def sheet(actor: Actor, job: CardPrint, number: int) -> bytes:
    """One file of a print; the opening is recorded. Raises ``CardFileGone``."""
    actor = require(actor, "card.print")
    found = CardSheet.objects.filter(batch=job, number=number).first()
    content = opened(f"{job.key}.{number}", found.sha256 if found else "", found.key_version if found else 0)
    with acting(actor, "card.print"):
        record(actor, "card.print", "card_print", str(job.key), new={"sheet": number})
    return content


def remove_old() -> int:
    """Destroy the files older than `KEPT`, of prints and of single cards, and what killed processes left; returns how many.

    Entries and audit stay.
    """
    before = timezone.now() - KEPT
    removed = 0
    for job in CardPrint.objects.filter(asked_at__lt=before, files_removed_at=None):
        for one in CardSheet.objects.filter(batch=job):
            remove(f"{job.key}.{one.number}", one.sha256)
            removed += 1
        CardPrint.objects.filter(pk=job.pk).update(files_removed_at=timezone.now())
    old = list(HouseholdCard.objects.filter(issued_at__lt=before).exclude(sha256="")[:10_000])
    for card in old:
        remove(str(card.key), card.sha256)
    HouseholdCard.objects.filter(pk__in=[card.pk for card in old]).update(sha256="", size=0, key_version=0)
    return removed + len(old) + remove_left_behind(timezone.now() - CRASHED)


def _sheet(actor: Actor, job: CardPrint, numbers: list[int], here: Place) -> None:
    found = households(families.families(numbers, timezone.localdate()), timezone.localdate())
    wanted = _missing(found) if job.only_missing else found
    if wanted:
        number = CardSheet.objects.filter(batch=job).count() + 1
        cards, signed = set_cards(actor, wanted, job, f"{here.name_en} {number}")
        digest, size, version = sealed_away(f"{job.key}.{number}", signed)
        CardSheet.objects.create(
            batch=job, number=number, cards=len(cards), sha256=digest, size=size, key_version=version
        )
    CardPrint.objects.filter(pk=job.pk).update(
        after=numbers[-1], seen=job.seen + len(numbers), made=job.made + len(wanted)
    )


def _missing(found: list[Household]) -> list[Household]:
    """Those without a card in date that says what it would say now."""
    today = timezone.localdate()
    valid = dict(
        HouseholdCard.objects.filter(
            family_key__in=[one.family.key for one in found], ended_at=None, expires_on__gte=today
        ).values_list("family_key", "says")
    )
    return [one for one in found if valid.get(one.family.key) != one.says()]


def _in_force(areas: list[str]) -> int:
    return HouseholdCard.objects.filter(
        area_code__in=areas, ended_at=None, expires_on__gte=timezone.localdate()
    ).count()


def queue_is_open(job: CardPrint) -> bool:
    """Whether the print waits or is under way."""
    return job.state in (CardPrint.State.QUEUED, CardPrint.State.RUNNING)


def queue_again(actor: Actor, job: CardPrint) -> bool:
    """Let an interrupted print wait again; False when it is not interrupted. The caller queues it in the same transaction."""
    require(actor, "card.print")
    with transaction.atomic():
        return bool(
            CardPrint.objects.filter(pk=job.pk, state=CardPrint.State.FAILED).update(
                state=CardPrint.State.QUEUED, message_en="", message_hi=""
            )
        )
