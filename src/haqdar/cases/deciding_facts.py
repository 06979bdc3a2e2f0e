"""What decides a case: each fact of its scheme's criteria for this person, where it comes from, and who verified it.

Facts are verified by the row of a register they stand in: whoever confirms a row confirms all that it says, once and for every
later office. What rests on the absence of a row (no death, no son recorded) cannot be marked in a register; it is confirmed on
the case.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.models import Case
from haqdar.cases.reactions import last_run
from haqdar.entitlement.explain import CriterionReason, SchemeReasons, shown_value
from haqdar.entitlement.queries import MemberCheck, check_member
from haqdar.entitlement.sources import Source, fact_sources
from haqdar.law import PARTNER_PRESENT, LawInForce, Text, load_lawbook

CONFIRMED = "fact.verify"
"""The verb of a case's step that confirms facts; its details name the records."""
_RESIDENT_FACTS = ("sex", "age", "marital_status", "destitute", "income_tax_payer")


class NobodyToDecideAbout(Refusal):
    """The case names no resident, or no scheme the law knows."""

    code = "nobody_to_decide_about"
    en = "This case names no resident of the register or no scheme of today's law. Enter the member ID first."
    hi = "इस प्रकरण में रजिस्टर का कोई निवासी या आज के क़ानून की कोई योजना दर्ज नहीं है। पहले सदस्य क्रमांक दर्ज करें।"


@dataclass(frozen=True)
class Reading:
    """One deciding fact: its name, its value in words, and whether nobody knows it."""

    column: str
    name: Text
    value: Text
    unknown: bool


@dataclass
class Record:
    """One row of a register that facts of the scheme rest on, or the absence of one (`source.file` empty).

    `readings` are the facts read from it, `key` names it on the page and in the case's steps. `owner_key` is the opaque key of
    the resident or family it is about, `nearby` whether that lies in the actor's area.
    """

    key: str
    source: Source
    readings: list[Reading] = field(default_factory=list)
    owner_key: str = ""
    nearby: bool = True
    confirmed_by: str = ""
    confirmed_at: datetime | None = None

    @property
    def recorded(self) -> bool:
        """Whether there is a row at all."""
        return self.source.fingerprint is not None

    @property
    def verified_by(self) -> str:
        """Who verified the row in the register, or confirmed on this case that there is none; empty for nobody."""
        return self.source.verified_by or self.confirmed_by

    @property
    def verified_at(self) -> datetime | None:
        """When that was."""
        return self.source.verified_at or self.confirmed_at

    @property
    def unknown(self) -> bool:
        """Whether a value that decides is missing."""
        return any(reading.unknown for reading in self.readings)

    @property
    def state(self) -> str:
        """`unknown`, `verified`, or `open`: still to be looked at."""
        if self.unknown:
            return "unknown"
        return "verified" if self.verified_by else "open"


@dataclass(frozen=True)
class Deciding:
    """A case with what decides it, on `day`: the scheme's reasons, the records behind them, and the group's best scheme."""

    case: Case
    day: date
    check: MemberCheck
    scheme: SchemeReasons
    best: SchemeReasons | None
    records: tuple[Record, ...]
    confirmation: Text | None

    @property
    def to_verify(self) -> list[Record]:
        """The records that nobody has verified yet."""
        return [record for record in self.records if record.state == "open"]

    @property
    def unknown(self) -> list[Record]:
        """The records with a missing fact."""
        return [record for record in self.records if record.state == "unknown"]

    @property
    def criteria(self) -> list[CriterionReason]:
        """The scheme's criteria that speak of this person in particular."""
        return [
            one
            for one in self.scheme.criteria
            if one.code not in ("alive", "resident") or one.verdict is not True
        ]


def deciding(actor: Actor, case: Case) -> Deciding:
    """What decides `case`, with what is known today; raises `NobodyToDecideAbout` and what `check_member` raises.

    The day is the day of determination of the run in force; for somebody who becomes entitled only afterwards, that of the
    next month.
    """
    if case.member_id is None or case.occasion:
        raise NobodyToDecideAbout()
    book = load_lawbook(settings.HAQDAR_LAW)
    found: tuple[date, MemberCheck, SchemeReasons] | None = None
    for day in days_of_deciding():
        check = check_member(actor, case.member_id, day)
        scheme = _scheme_of(case, check)
        if scheme is None:
            continue
        if found is None or scheme.verdict is True:
            found = day, check, scheme
        if scheme.verdict is True:
            break
    if found is None:
        raise NobodyToDecideAbout()
    day, check, scheme = found
    law = book.on(day)
    confirmation = next((one.confirmation for one in law.schemes if one.code == scheme.code), None)
    best = next((one for one in check.schemes if one.group == scheme.group and one.best), None)
    return Deciding(
        case, day, check, scheme, best, tuple(_records(actor, case, law, check, scheme)), confirmation
    )


def days_of_deciding() -> list[date]:
    """The day of determination of the run in force, and of the month after it; before the first run, the coming ones."""
    run = last_run()
    month = run.month if run is not None else Month.of(timezone.localdate())
    return [month.first_day, month.next().first_day]


def _scheme_of(case: Case, check: MemberCheck) -> SchemeReasons | None:
    """The case's scheme; where it names only a group (or nothing), the best one the person is entitled to or may be."""
    named = case.from_scheme if case.kind == "stop" else case.scheme
    if named:
        return next((one for one in check.schemes if one.code == named), None)
    wanted = [one for one in check.schemes if case.pension_group in (None, one.group)]
    for verdict in (True, None):
        of_it = [one for one in wanted if one.verdict is verdict]
        if of_it:
            return max(of_it, key=lambda one: one.possible_paise or 0)
    return wanted[0] if wanted else None


def _records(
    actor: Actor, case: Case, law: LawInForce, check: MemberCheck, scheme: SchemeReasons
) -> list[Record]:
    """The records behind the scheme's criteria, the person's own first."""
    assert case.member_id is not None
    partner = check.facts[PARTNER_PRESENT] is True
    sources = fact_sources(law.vocabulary, case.member_id, check.day, check.known_on, partner)
    read = {column for criterion in scheme.criteria for column in criterion.reads}
    records: dict[str, Record] = {}
    for fact in law.vocabulary.facts.values():
        columns = [fact.code, *([fact.partner] if fact.partner and partner else [])]
        for column in columns:
            for source in sources.get(column, ()):
                # whoever confirms a row of the population register confirms all of it that decides anything
                beside = source.register == "resident" and column in _RESIDENT_FACTS
                if column not in read and not beside:
                    continue
                value = check.facts.get(column)
                reading = Reading(column, fact.name, shown_value(fact, value), value is None)
                key = str(source.fingerprint or f"none-{source.register}-{column}")
                if column not in read and (value is None or key not in records):
                    continue
                records.setdefault(key, Record(key, source)).readings.append(reading)
    _own_keys(actor, records.values())
    _confirmed(case, records)
    order = {"own record": 0, "the family's record": 1}
    return sorted(
        records.values(), key=lambda one: (not one.recorded, order.get(one.source.whose.en, 2), one.key)
    )


def _own_keys(actor: Actor, records: object) -> None:
    """Fill in the opaque keys of whom the records are about, and whether they live in the actor's area."""
    listed = [one for one in records if isinstance(one, Record) and one.source.owner is not None]  # type: ignore[attr-defined]
    members = [one.source.owner for one in listed if one.source.register != "bpl"]
    families = [one.source.owner for one in listed if one.source.register == "bpl"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.member_id, r.key::text, a.path FROM registry_resident r"
            " JOIN LATERAL (SELECT family_id FROM registry_resident_belief x WHERE x.member_id = r.member_id"
            "   ORDER BY belief_no DESC LIMIT 1) b ON true"
            " JOIN LATERAL (SELECT area_code FROM registry_family_belief x WHERE x.family_id = b.family_id"
            "   ORDER BY belief_no DESC LIMIT 1) f ON true"
            " LEFT JOIN access_area a ON a.area_code = f.area_code WHERE r.member_id = ANY(%s)",
            [members],
        )
        of_member = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT r.family_id, r.key::text, a.path FROM registry_family r"
            " JOIN LATERAL (SELECT area_code FROM registry_family_belief x WHERE x.family_id = r.family_id"
            "   ORDER BY belief_no DESC LIMIT 1) f ON true"
            " LEFT JOIN access_area a ON a.area_code = f.area_code WHERE r.family_id = ANY(%s)",
            [families],
        )
        of_family = {row[0]: row[1:] for row in cursor.fetchall()}
    for one in listed:
        found = (of_family if one.source.register == "bpl" else of_member).get(one.source.owner)
        if found is not None:
            one.owner_key, one.nearby = found[0], actor.sees(found[1])


def _confirmed(case: Case, records: dict[str, Record]) -> None:
    """Mark the records that a step of the case confirmed."""
    for step in case.steps.filter(verb=CONFIRMED).order_by("at", "id"):
        for key in step.details.get("records", []):
            if key in records:
                records[key].confirmed_by, records[key].confirmed_at = step.actor, step.at
