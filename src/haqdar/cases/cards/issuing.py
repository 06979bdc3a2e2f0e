"""Issuing cards and ending them: numbers, codes and the signed file are made in the transaction that says so."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.files import atomic_write
from haqdar.base.refusal import Refusal, Words
from haqdar.base.typesetting import ARCHIVE, set_pdf
from haqdar.cases.cards import content as contents
from haqdar.cases.cards.claim import token_of, written
from haqdar.cases.cards.content import Household, card_words, code_of, qr_path, scheme_texts, sheet_data
from haqdar.cases.cards.keys import CardKey, card_key, signing_key
from haqdar.cases.models import CardPrint, CardSheet, HouseholdCard
from haqdar.cases.papers import signing
from haqdar.registry import families
from haqdar.registry.sealing import SealBroken, sealer

TEMPLATE = Path(__file__).parent / "card.typ"
BOX = tuple(round(edge * 72 / 25.4) for edge in (145, 4, 201, 15))
"""Where the signature's field of a file lies on its first page, in points (card.typ draws what is seen there)."""
SERIAL = 8
KEPT = timedelta(days=30)
"""How long a file is kept for printing; after that a card is issued anew."""
CRASHED = timedelta(days=1)
"""After this time a file that no entry names has lost its maker."""
LOST, WRONG, FAMILY_ENDED = "lost", "wrong", "family_ended"


class NobodyThere(Refusal):
    """A family without living members has no card."""

    code = "nobody_there"
    en = "Nobody living belongs to this family any more, so it gets no card."
    hi = "इस परिवार में अब कोई जीवित सदस्य नहीं है, इसलिए कार्ड नहीं बनता।"


class NoSuchCard(Refusal):
    """The card is not there, or ended already."""

    code = "no_such_card"
    en = "This family has no valid card to withdraw. Look at its page again."
    hi = "इस परिवार का कोई मान्य कार्ड नहीं है जिसे रद्द किया जाए। उसका पन्ना फिर देखें।"


class CardFileGone(Refusal):
    """The file of a card or sheet is not kept any more."""

    code = "card_file_gone"
    en = "The file is not kept any more: files to print are removed after {days} days. Issue the card again."
    hi = "यह फ़ाइल अब रखी नहीं है: छापने की फ़ाइलें {days} दिन बाद हटती हैं। कार्ड फिर से जारी करें।"


class ChooseReason(Refusal):
    """A card is withdrawn for a reason."""

    code = "choose_card_reason"
    en = "Say why the card is withdrawn."
    hi = "बताएँ कि कार्ड क्यों रद्द होता है।"


@dataclass(frozen=True)
class Standing:
    """How a family stands: what its card would say now, the card in force, whether that says the same, the earlier ones."""

    household: Household
    card: HouseholdCard | None
    same: bool
    earlier: list[HouseholdCard]

    @property
    def at_hand(self) -> bool:
        """Whether the card in force needs no other: valid, unchanged, and its file is kept."""
        return self.card is not None and self.same and bool(self.card.sha256)


def standing_of(actor: Actor, family_key: UUID) -> Standing:
    """How a family in the actor's area stands; raises `OutsideYourArea`, `NobodyThere`. Needs `card.view`."""
    actor = require(actor, "card.view")
    return _standing(families.family_of(actor, family_key, timezone.localdate()))


def in_force(actor: Actor, family_key: UUID) -> HouseholdCard | None:
    """The card of a family that holds, also of one in which nobody lives any more; raises `OutsideYourArea`. Needs `card.view`."""
    actor = require(actor, "card.view")
    family = families.family_of(actor, family_key, timezone.localdate())
    return HouseholdCard.objects.filter(
        family_key=family.key, ended_at=None, expires_on__gte=timezone.localdate()
    ).first()


def own_standing(resident: UUID) -> Standing | None:
    """How the family of a resident stands, for that person: the caller has had a one-time code answered."""
    family = families.own_family(resident, timezone.localdate())
    return _standing(family) if family is not None else None


def issue(actor: Actor, family_key: UUID) -> HouseholdCard:
    """The family's card with its signed PDF: the one in force while it says the same and is kept, else a new one in its place.

    Needs `card.issue` in the family's area. Raises `OutsideYourArea`, `NobodyThere`, ``NoCardKey``, ``NoSigningKey``, ``NoFont``.
    """
    actor = require(actor, "card.issue")
    standing = _standing(families.family_of(actor, family_key, timezone.localdate()))
    require_area(actor, standing.household.family.place.path)
    return _issued(actor, "card.issue", standing)


def issue_own(actor: Actor, resident: UUID) -> HouseholdCard:
    """The same for a person who answered a one-time code, about the own family. Raises `NobodyThere` besides."""
    standing = own_standing(resident)
    if standing is None:
        raise NobodyThere()
    return _issued(actor, "own_card.issue", standing)


def document(card: HouseholdCard) -> bytes:
    """The signed PDF of a single card; the caller has checked who may see it. Raises `CardFileGone`."""
    return opened(str(card.key), card.sha256, card.key_version)


def withdraw(actor: Actor, family_key: UUID, reason: str) -> HouseholdCard:
    """End the card in force: `lost`, `wrong` or `family_ended`. It goes on the list that the checking page knows.

    Needs `card.withdraw`. Raises `ChooseReason`, `NoSuchCard`, `OutsideYourArea`.
    """
    actor = require(actor, "card.withdraw")
    family = families.family_of(actor, family_key, timezone.localdate())
    if reason not in (LOST, WRONG, FAMILY_ENDED):
        raise ChooseReason()
    with acting(actor, "card.withdraw"):
        card = HouseholdCard.objects.select_for_update().filter(family_key=family.key, ended_at=None).first()
        if card is None:
            raise NoSuchCard()
        _end(actor, [card], reason)
        record(actor, "card.withdraw", "card", str(card.key), new={"reason": reason})
    card.refresh_from_db()
    return card


def code_shown(standing: Standing) -> dict[str, Any] | None:
    """The QR code of the card in force, drawn for a page; None without a card that still says what is so."""
    if standing.card is None or not standing.same:
        return None
    card, own = standing.card, card_key()
    if card.kid != own.trusted.kid.hex():
        return None
    code = code_of(
        standing.household, str(card.number), card.key.bytes[:SERIAL], card.issued_on, card.expires_on
    )
    return qr_path(written(token_of(code, own.private, own.trusted.kid)))


def card_by_key(key: UUID) -> HouseholdCard | None:
    """The card of an opaque key."""
    return HouseholdCard.objects.filter(key=key).first()


def in_area(actor: Actor, card: HouseholdCard) -> HouseholdCard:
    """The card, if its area lies in the actor's; raises `OutsideYourArea`."""
    path = path_of_area(card.area_code)
    if path is None or not actor.sees(path):
        raise OutsideYourArea()
    return card


def set_cards(
    actor: Actor, wanted: Sequence[Household], batch: CardPrint | None, title: str
) -> tuple[list[HouseholdCard], bytes]:
    """New cards in the place of those in force, and the signed file of all of them. Call it in a transaction that records it."""
    today, now = timezone.localdate(), timezone.now()
    own = signing_key(today)
    seal = signing.seal()
    expires = expiry(own, today)
    keys = sorted(str(one.family.key) for one in wanted)
    with connection.cursor() as cursor:
        # two who issue for one family at the same moment come one after the other
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(hashtext('haqdar.card'), hashtext(k))) FROM unnest(%s::text[]) AS k",
            [keys],
        )
    _end(
        actor,
        list(
            HouseholdCard.objects.select_for_update().filter(
                family_key__in=[one.family.key for one in wanted], ended_at=None
            )
        ),
        HouseholdCard.Ended.REPLACED,
    )
    cards = HouseholdCard.objects.bulk_create(
        HouseholdCard(
            key=uuid4(),
            issued_on=today,
            family_key=one.family.key,
            area_code=one.family.place.area_code,
            district_code=one.family.place.district_code,
            members=len(one.residents),
            expires_on=expires,
            says=one.says(),
            kid=own.trusted.kid.hex(),
            issued_at=now,
            issued_by=actor.name,
            batch=batch,
        )
        for one in wanted
    )
    words = []
    schemes = scheme_texts()
    for card, one in zip(cards, wanted, strict=True):
        code = code_of(one, str(card.number), card.key.bytes[:SERIAL], today, expires)
        token = token_of(code, own.private, own.trusted.kid)
        words.append(card_words(one, str(card.number), today, expires, written(token), schemes))
    plain = set_pdf(TEMPLATE, settings.PAPER_FONTS, sheet_data(words, title, seal.name, today), now, ARCHIVE)
    return cards, signing.sign(plain, reason=title, place="", box=BOX)


def expiry(key: CardKey, today: date) -> date:
    """The last day of a card issued today: after HAQDAR_CARD_YEARS, never later than the key's certificate."""
    return min(_full(today), key.trusted.to_on)


def _full(today: date) -> date:
    years = settings.HAQDAR_CARD_YEARS
    try:
        later = today.replace(year=today.year + years)
    except ValueError:
        later = today.replace(year=today.year + years, day=28)
    return later - timedelta(days=1)


@dataclass(frozen=True)
class Foreseen:
    """Until when a card made today would hold: less than HAQDAR_CARD_YEARS where the key's certificate ends before (`shortened`)."""

    expires_on: date
    shortened: bool


def foreseen() -> Foreseen:
    """Until when cards made today would hold, to be said before they are made; raises what ``signing_key`` raises."""
    today = timezone.localdate()
    key = signing_key(today)
    expires = expiry(key, today)
    return Foreseen(expires, expires < _full(today))


def sealed_away(name: str, content: bytes) -> tuple[str, int, int]:
    """Seal a file of cards under `name` in HAQDAR_HOME/cards; its SHA-256, size and the version of the key."""
    digest = hashlib.sha256(content).hexdigest()
    sealed, version = sealer().seal_file(name, content)
    path = _path(name, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with atomic_write(path, private=True) as draft:
        draft.write_bytes(sealed)
    return digest, len(content), version


def opened(name: str, digest: str, version: int) -> bytes:
    """A file of cards in clear; raises `CardFileGone`."""
    try:
        found = sealer().open_file(name, _path(name, digest).read_bytes(), version) if digest else b""
    except (OSError, SealBroken) as error:
        raise CardFileGone(days=KEPT.days) from error
    if not digest or hashlib.sha256(found).hexdigest() != digest:
        raise CardFileGone(days=KEPT.days)
    return found


def remove(name: str, digest: str) -> None:
    """Destroy a file of cards."""
    _path(name, digest).unlink(missing_ok=True)


def remove_left_behind(before: datetime) -> int:
    """Destroy the files written before an instant that no entry names: of a process that was killed before its transaction ended."""
    old = {
        path.name: path
        for path in (Path(settings.HAQDAR_HOME) / "cards").glob("*/*.sealed")
        if path.stat().st_mtime < before.timestamp()
    }
    for key, digest in HouseholdCard.objects.exclude(sha256="").values_list("key", "sha256").iterator():
        old.pop(_path(str(key), digest).name, None)
    sheets = CardSheet.objects.filter(batch__files_removed_at=None)
    for key, number, digest in sheets.values_list("batch__key", "number", "sha256").iterator():
        old.pop(_path(f"{key}.{number}", digest).name, None)
    for path in old.values():
        path.unlink(missing_ok=True)
    return len(old)


def _standing(family: families.Family) -> Standing:
    found = contents.households([family], timezone.localdate())
    if not found:
        raise NobodyThere()
    household = found[0]
    cards = list(HouseholdCard.objects.filter(family_key=family.key).order_by("-id"))
    today = timezone.localdate()
    own = next((one for one in cards if one.ended_at is None and one.expires_on >= today), None)
    same = own is not None and own.says == household.says()
    return Standing(household, own, same, [one for one in cards if one is not own])


def _issued(actor: Actor, verb: str, standing: Standing) -> HouseholdCard:
    if standing.card is not None and standing.at_hand:
        return standing.card
    with acting(actor, verb):
        cards, signed = set_cards(actor, [standing.household], None, str(standing.household.family.key))
        card = cards[0]
        digest, size, version = sealed_away(str(card.key), signed)
        HouseholdCard.objects.filter(pk=card.pk).update(sha256=digest, size=size, key_version=version)
        record(actor, verb, "card", str(card.key), new={"members": card.members})
    card.refresh_from_db()
    return card


def _end(actor: Actor, cards: Sequence[HouseholdCard], reason: str) -> None:
    HouseholdCard.objects.filter(pk__in=[card.pk for card in cards]).update(
        ended_at=timezone.now(), ended_by=actor.name, end_reason=reason, sha256="", size=0, key_version=0
    )
    for card in cards:
        if card.sha256:
            transaction.on_commit(lambda one=card: remove(str(one.key), one.sha256))  # type: ignore[misc]


def _path(name: str, digest: str) -> Path:
    return (
        Path(settings.HAQDAR_HOME) / "cards" / name[:2] / f"{name.replace(os.sep, '.')}.{digest[:16]}.sealed"
    )


REASONS: dict[str, Words] = {
    LOST: Words("lost or stolen", "खो गया या चोरी हुआ"),
    WRONG: Words("says something wrong", "उसमें ग़लती है"),
    FAMILY_ENDED: Words("the family is no more", "परिवार अब नहीं रहा"),
}
"""Why an officer withdraws a card."""
