"""Facts corrected at the desk: one more belief beside those of the delivered files, never an overwrite.

A correction keeps the fingerprint of the belief it corrects, as an event taken back does: the department's old row, delivered
once more, adds nothing, and a row that it has changed counts. A card or certificate that is new has the fingerprint its own row
would have. What follows for whom is worked out by ``jobs.reactions``.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.refusal import Refusal, Words
from haqdar.registry import doubts
from haqdar.registry.doubts import Doubt
from haqdar.registry.events import InTheFuture, NoSuchResident, path_of, resident_exists
from haqdar.registry.evidence import Evidence
from haqdar.registry.lookup_keys import keep, keep_families
from haqdar.registry.models import (
    BplBelief,
    Change,
    DisabilityBelief,
    FamilyBelief,
    ResidentBelief,
)
from haqdar.sources.actions import desk_delivery
from haqdar.sources.layout import (
    DISABILITY_KINDS,
    LAYOUTS,
    MARITAL_STATUSES,
    SEXES,
    SOCIAL_CATEGORIES,
)

SEPARATOR = "\x1f"


class NoSuchFactToCorrect(Refusal):
    """The desk corrects other facts."""

    code = "no_such_fact_to_correct"
    en = "This fact cannot be corrected here. Choose one of those that the page lists."
    hi = "यह तथ्य यहाँ नहीं सुधारा जा सकता। पन्ने की सूची में से चुनें।"


class NothingChanges(Refusal):
    """The new value is the old one."""

    code = "nothing_changes"
    en = "This is already recorded so. Change the value, or confirm the fact as it is."
    hi = "यह पहले से ऐसा ही दर्ज है। मान बदलें, या तथ्य की ज्यों की त्यों पुष्टि करें।"


class CorrectedMeanwhile(Refusal):
    """Another belief came in between."""

    code = "corrected_meanwhile"
    en = "Somebody changed this record meanwhile. Open the page again and look at it as it stands now."
    hi = "इस बीच किसी ने यह रिकॉर्ड बदल दिया है। पन्ना फिर से खोलें और अभी जो दर्ज है उसे देखें।"


class DoubtsUnanswered(Refusal):
    """An unlikely value needs an express yes."""

    code = "doubts_unanswered"
    en = "The value is unlikely. Tick that you have checked it, or correct it."
    hi = "यह मान असामान्य है। निशान लगाएँ कि आपने जाँच लिया है, या इसे सुधारें।"


FAULTS = {
    "day": ("Give a day, for example 1950-03-05", "तारीख दें, जैसे 1950-03-05"),
    "list": ("Choose one of the answers", "दिए गए उत्तरों में से चुनें"),
    "member": ("A member ID has nine digits", "सदस्य क्रमांक नौ अंकों का होता है"),
    "empty": ("This must not be empty", "यह खाली नहीं हो सकता"),
    "long": ("This is too long", "यह बहुत लंबा है"),
    "percent": ("Give a number from 0 to 100", "0 से 100 तक संख्या दें"),
    "order": ("It cannot end before it begins", "समाप्ति शुरुआत से पहले नहीं हो सकती"),
    "since_birth": ("The status cannot begin before birth", "स्थिति जन्म से पहले शुरू नहीं हो सकती"),
    "own": ("A person is not the own relative", "व्यक्ति ख़ुद अपना रिश्तेदार नहीं हो सकता"),
    "taken": ("There is such a card or certificate already", "ऐसा कार्ड या प्रमाणपत्र पहले से है"),
    "unknown": ("There is no such card or certificate", "ऐसा कार्ड या प्रमाणपत्र नहीं है"),
}


class NotPossible(Refusal):
    """A field holds what cannot be; `field` names it, so that a page can point there."""

    code = "not_possible"
    en = "{problem}."
    hi = "{problem}।"

    def __init__(self, field: str, fault: str) -> None:
        self.field = field
        super().__init__(problem=Words(*FAULTS[fault]))


@dataclass(frozen=True)
class Fact:
    """One correctable fact: its register, the fields a page asks for (name, kind), and what it makes of them."""

    code: str
    register: str
    fields: tuple[tuple[str, str], ...]
    adds: bool = False


FACTS: dict[str, Fact] = {
    fact.code: fact
    for fact in (
        Fact("born_on", "resident", (("born_on", "day"),)),
        Fact("marital_status", "resident", (("marital_status", "marital"), ("marital_since", "day_or_none"))),
        Fact("destitute", "resident", (("destitute", "yes_no"),)),
        Fact("income_tax_payer", "resident", (("income_tax_payer", "yes_no"),)),
        Fact("sex", "resident", (("sex", "sex"),)),
        Fact("parents", "resident", (("mother_id", "member_or_none"), ("father_id", "member_or_none"))),
        Fact("spouse", "resident", (("spouse_id", "member_or_none"),)),
        Fact("name", "resident", (("name_en", "text"), ("name_hi", "text_or_none"))),
        Fact("social_category", "family", (("social_category", "category"),)),
        Fact("bpl_add", "bpl", (("card_no", "text"), ("valid_from", "day"), ("valid_to", "any_day_or_none")), adds=True),
        Fact("bpl_end", "bpl", (("card", "text"), ("valid_to", "any_day"))),
        Fact(
            "disability_add",
            "disability",
            (
                ("certificate_no", "text"), ("kind", "disability"), ("percent", "percent"),
                ("issued_on", "day"), ("valid_to", "any_day_or_none"),
            ),
            adds=True,
        ),
        Fact("disability_change", "disability", (("certificate_no", "text"), ("percent", "percent"), ("valid_to", "any_day_or_none"))),
    )
}  # fmt: skip
"""The facts an officer can correct, by code, in the order in which a page offers them."""

NUMBER = Fact("aadhaar", "resident", (("aadhaar_last4", "text"),))
"""The Aadhaar number that a person proved (`registry.proven`): no page of the desk asks for it."""

FACT_OF_MISSING = {
    "born_on": "born_on",
    "marital_status": "marital_status",
    "destitute": "destitute",
    "income_tax_payer": "income_tax_payer",
}
"""The fact to be corrected for each word that an undecided item is missing."""

_LISTS = {
    "marital": MARITAL_STATUSES,
    "sex": SEXES,
    "category": SOCIAL_CATEGORIES,
    "disability": DISABILITY_KINDS,
    "yes_no": ("yes", "no"),
}


@dataclass(frozen=True)
class Correction:
    """A correction as it would be recorded: the belief before (None: something new) and after, by column.

    `row` is the belief in the columns that a snapshot reads, `key` that of the belief with parts joined by the unit separator.
    """

    fact: Fact
    member_id: int
    family_id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    key: str
    belief_no: int
    known_from: date
    fingerprint: UUID
    doubts: tuple[Doubt, ...] = field(default=())

    @property
    def register(self) -> str:
        """resident, family, bpl or disability."""
        return self.fact.register

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Column -> (before, after) of everything that changes."""
        before = self.before or {}
        return {
            name: (before.get(name), value) for name, value in self.after.items() if before.get(name) != value
        }

    @property
    def row(self) -> dict[str, object]:
        """The belief as a snapshot reads it."""
        return as_read(self.register, {**(self.before or {}), **self.after}, self.known_from)


_ROW = {
    "resident": (
        "member_id", "family_id", "sex", "born_on", "mother_id", "father_id", "spouse_id", "marital_status",
        "marital_since", "destitute", "income_tax_payer", "aadhaar_ref", "account_hash",
    ),
    "family": ("family_id", "area_code", "social_category"),
    "bpl": ("family_id", "valid_from", "valid_to"),
    "disability": ("member_id", "kind", "percent", "issued_on", "valid_to"),
}  # fmt: skip


def as_read(register: str, columns: Mapping[str, Any], known_from: date) -> dict[str, object]:
    """A belief with these columns as a snapshot reads it."""
    return {name: _plain(columns.get(name)) for name in _ROW[register]} | {"known_from": known_from}


_MODELS: dict[str, type[Model]] = {
    "resident": ResidentBelief,
    "family": FamilyBelief,
    "bpl": BplBelief,
    "disability": DisabilityBelief,
}
_KEYS = {
    "resident": ("member_id",),
    "family": ("family_id",),
    "bpl": ("family_id", "card_no", "valid_from"),
    "disability": ("member_id", "certificate_no"),
}
_FILES = {"bpl": "bpl", "disability": "pwd"}
_ABOUT = {"resident": "member_id", "disability": "member_id", "family": "family_id", "bpl": "family_id"}


def checked(actor: Actor, member_id: int, code: str, typed: Mapping[str, str]) -> Correction:
    """The correction as it would be recorded; nothing is written.

    `typed` holds the fields of `FACTS[code]` as text. Needs `fact.correct` in the person's area. Raises `NotPossible` with the
    field, `NothingChanges`, `NoSuchFactToCorrect`, ``InTheFuture``, ``NoSuchResident``, ``OutsideYourArea``.
    """
    actor = require(actor, "fact.correct")
    fact = FACTS.get(code)
    if fact is None:
        raise NoSuchFactToCorrect()
    require_area(actor, path_of(member_id))
    values = {name: _read(name, kind, typed.get(name, "")) for name, kind in fact.fields}
    resident = ResidentBelief.objects.filter(member_id=member_id).order_by("-belief_no").first()
    if resident is None:
        raise NoSuchResident()
    latest, values = _latest(fact, member_id, resident.family_id, values)
    before = columns_of(latest) if latest is not None else None
    after = dict(values)
    if fact.adds:
        after |= {
            _ABOUT[fact.register]: member_id if _ABOUT[fact.register] == "member_id" else resident.family_id
        }
    elif before is not None and all(before[name] == value for name, value in after.items()):
        raise NothingChanges()
    whole = {**(before or {}), **after}
    _possible(fact, member_id, whole)
    key = SEPARATOR.join(str(whole[name]) for name in _KEYS[fact.register])
    today = timezone.localdate()
    return Correction(
        fact,
        member_id,
        resident.family_id,
        before,
        after,
        key,
        (before["belief_no"] if before else 0) + 1,
        max(today, before["known_from"]) if before else today,
        before["fingerprint"] if before else _fingerprint(fact.register, whole),
        tuple(doubts.about_values(member_id, whole, set(after))),
    )


def correct(
    actor: Actor,
    member_id: int,
    code: str,
    typed: Mapping[str, str],
    evidence: Evidence,
    belief_no: int | None = None,
    sure: bool = False,
) -> int:
    """Append the corrected belief, with what it rests on; returns the number of the change (`registry.changes`).

    `belief_no` is the number of the belief that the officer saw: another one meanwhile refuses with `CorrectedMeanwhile`.
    `sure` answers the doubts. Raises what `checked` raises, `DoubtsUnanswered`, ``NoEvidence``.
    """
    actor = require(actor, "fact.correct")
    try:
        with acting(actor, "fact.correct"):
            correction = checked(actor, member_id, code, typed)
            if belief_no is not None and belief_no != correction.belief_no:
                raise CorrectedMeanwhile()
            if correction.doubts and not sure:
                raise DoubtsUnanswered()
            evidence.check()
            return append(actor, correction, evidence)
    except IntegrityError as error:
        # two officers at the same moment: the number of a belief is taken once
        raise CorrectedMeanwhile() from error


def append(actor: Actor, correction: Correction, evidence: Evidence) -> int:
    """Add the belief of a correction that was checked, its news and its proof, in the caller's transaction; gives the change's number."""
    now, today = timezone.now(), timezone.localdate()
    model, register = _MODELS[correction.register], correction.register
    was_verified = bool(correction.before and correction.before["verified_by"])
    columns = {**(correction.before or {}), **correction.after}
    columns |= {
        "belief_no": correction.belief_no,
        "known_from": correction.known_from,
        "line": 0,
        "fingerprint": correction.fingerprint,
        "delivery_id": desk_delivery(today).pk,
        # a row is verified when all of it is: a new card is, a corrected row if it was before
        "verified_by": actor.name if correction.fact.adds or was_verified else None,
        "verified_at": now if correction.fact.adds or was_verified else None,
    }
    with transaction.atomic():
        model._default_manager.create(**columns)
        if register == "resident":
            keep([correction.member_id])
        elif register == "family":
            keep_families([correction.family_id])
    owner = _ABOUT[register]
    about_key = _opaque(owner, correction.member_id if owner == "member_id" else correction.family_id)
    change = Change.objects.create(
        register=register,
        kind=correction.fact.code,
        member_id=correction.member_id if owner == "member_id" else None,
        family_id=correction.family_id if owner == "family_id" else None,
        fact=correction.key,
        belief_no=correction.belief_no,
        delivery_id=columns["delivery_id"],
        recorded_at=now,
        recorded_by=actor.name,
    )
    kind = "resident" if owner == "member_id" else "family"
    proof = evidence.keep(actor, kind, about_key, register, correction.belief_no)
    shown = {name: pair for name, pair in correction.changes.items() if name in _TELLS}
    record(
        actor,
        "fact.correct",
        kind,
        about_key,
        old={name: _text(old) for name, (old, _) in shown.items()},
        new={name: _text(new) for name, (_, new) in shown.items()}
        | {"fact": correction.fact.code, "change": change.pk, **proof.as_details()},
    )
    return int(change.pk)


#: What the audit trail keeps of old and new values: no number of a person, card or certificate.
_TELLS = frozenset(
    {
        "born_on", "sex", "marital_status", "marital_since", "destitute", "income_tax_payer", "social_category",
        "valid_from", "valid_to", "kind", "percent", "issued_on",
    }
)  # fmt: skip


def _read(name: str, kind: str, text: str) -> Any:
    """What was typed, in its own type; raises `NotPossible`."""
    text = " ".join(text.split())
    if kind.endswith("_or_none"):
        if not text:
            return None
        kind = kind.removesuffix("_or_none")
    if not text:
        raise NotPossible(name, "list" if kind in _LISTS else "empty")
    if kind in _LISTS:
        if text not in _LISTS[kind]:
            raise NotPossible(name, "list")
        return text == "yes" if kind == "yes_no" else text
    return _READERS[kind](name, text)


def _day(name: str, text: str) -> date:
    day = _any_day(name, text)
    if day > timezone.localdate():
        raise InTheFuture(day=day)
    return day


def _any_day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotPossible(name, "day") from error


def _member(name: str, text: str) -> int:
    digits = text.replace(" ", "")
    if not re.fullmatch("[0-9]{9}", digits):
        raise NotPossible(name, "member")
    if not resident_exists(int(digits)):
        raise NoSuchResident()
    return int(digits)


def _percent(name: str, text: str) -> Decimal:
    try:
        percent = Decimal(text)
    except InvalidOperation as error:
        raise NotPossible(name, "percent") from error
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise NotPossible(name, "percent")
    return percent.quantize(Decimal("0.000001"), rounding="ROUND_DOWN")


def _words(name: str, text: str) -> str:
    if len(text) > 200:
        raise NotPossible(name, "long")
    return text


_READERS: dict[str, Callable[[str, str], Any]] = {
    "day": _day,
    "any_day": _any_day,
    "member": _member,
    "percent": _percent,
    "text": _words,
}


def _latest(fact: Fact, member_id: int, family_id: int, values: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The belief that is corrected (None for something new), and the columns to set."""
    if fact.register == "resident":
        return ResidentBelief.objects.filter(member_id=member_id).order_by("-belief_no").first(), values
    if fact.register == "family":
        return FamilyBelief.objects.filter(family_id=family_id).order_by("-belief_no").first(), values
    if fact.register == "bpl":
        if fact.adds:
            key = {"card_no": values["card_no"], "valid_from": values["valid_from"]}
        else:
            card, _, since = values.pop("card").rpartition(" ")
            key = {"card_no": card, "valid_from": _any_day("card", since)}
        bpl = BplBelief.objects.filter(family_id=family_id, **key).order_by("-belief_no").first()
        return _new_or_known(fact, bpl, "card_no" if fact.adds else "card"), values
    number = values["certificate_no"] if fact.adds else values.pop("certificate_no")
    pwd = (
        DisabilityBelief.objects.filter(member_id=member_id, certificate_no=number)
        .order_by("-belief_no")
        .first()
    )
    return _new_or_known(fact, pwd, "certificate_no"), values


def _new_or_known(fact: Fact, found: Any, field_name: str) -> Any:
    if fact.adds and found is not None:
        raise NotPossible(field_name, "taken")
    if not fact.adds and found is None:
        raise NotPossible(field_name, "unknown")
    return found


def columns_of(belief: Any) -> dict[str, Any]:
    """Every column of a belief by its attribute."""
    return {column.attname: getattr(belief, column.attname) for column in belief._meta.concrete_fields}


def _possible(fact: Fact, member_id: int, whole: Mapping[str, Any]) -> None:
    """Refuse what the register's own constraints would: the same rules as for delivered rows."""
    for earlier, later in LAYOUTS[_FILES.get(fact.register, "residents")].ordered:
        first, last = whole.get(earlier), whole.get(later)
        if first is not None and last is not None and last < first:
            if fact.register == "resident":
                raise NotPossible("born_on" if fact.code == "born_on" else "marital_since", "since_birth")
            raise NotPossible("valid_to", "order")
    for name in ("mother_id", "father_id", "spouse_id"):
        if whole.get(name) == member_id:
            raise NotPossible(name, "own")
    if whole.get("mother_id") is not None and whole.get("mother_id") == whole.get("father_id"):
        raise NotPossible("father_id", "own")


def _fingerprint(register: str, whole: Mapping[str, Any]) -> UUID:
    """That of the same row in a delivered file (registry.store)."""
    texts = {name: _text(value) for name, value in whole.items()}
    if "member_id" in whole:
        texts["member_id"] = f"{whole['member_id']:09d}"
    if "family_id" in whole:
        texts["family_id"] = f"{whole['family_id']:08d}"
    cells = [texts.get(column.name) for column in LAYOUTS[_FILES[register]].columns]
    joined = SEPARATOR.join("\x1e" if cell is None else cell for cell in cells)
    return UUID(hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest())


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, UUID) else value


def _opaque(owner: str, number: int) -> str:
    table = "registry_resident" if owner == "member_id" else "registry_family"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT key FROM {table} WHERE {owner} = %s", [number])
        (key,) = cursor.fetchone() or ("",)
    return str(key)


@dataclass(frozen=True)
class ToldCorrection:
    """A correction as its page tells it; `changes` are columns with value before and after."""

    number: int
    fact: str
    register: str
    member_id: int
    resident_key: str
    changes: dict[str, tuple[Any, Any]]
    recorded_at: Any
    recorded_by: str


def told(actor: Actor, number: int) -> ToldCorrection | None:
    """The correction behind a change of the register; None if the change is none. Needs `change.view` in the area."""
    actor = require(actor, "change.view")
    change = Change.objects.filter(pk=number, fact__isnull=False, belief_no__isnull=False).first()
    if change is None or change.fact is None or change.register not in _MODELS:
        return None
    key = dict(zip(_KEYS[change.register], change.fact.split(SEPARATOR), strict=True))
    rows = {
        (columns := columns_of(row))["belief_no"]: columns
        for row in _MODELS[change.register]._default_manager.filter(
            **key, belief_no__in=[change.belief_no, (change.belief_no or 1) - 1]
        )
    }
    after, before = rows[change.belief_no], rows.get((change.belief_no or 1) - 1, {})
    member_id = change.member_id
    if member_id is None:
        member_id = _head_of(int(key["family_id"]))
    require_area(actor, path_of(member_id))
    fact = FACTS.get(change.kind, NUMBER if change.kind == NUMBER.code else None)
    names = {name for name, _ in fact.fields} if fact is not None else set()
    return ToldCorrection(
        number,
        change.kind,
        change.register,
        member_id,
        _opaque("member_id", member_id),
        {
            name: (before.get(name), after[name])
            for name in after
            if name in names and before.get(name) != after[name]
        },
        change.recorded_at,
        change.recorded_by,
    )


def _head_of(family_id: int) -> int:
    """Somebody of the family, for a link to a person's page."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(member_id) FROM registry_resident_belief WHERE family_id = %s", [family_id]
        )
        (member,) = cursor.fetchone() or (None,)
    if member is None:
        raise NoSuchResident()
    return int(member)
