"""The statement of reasons: what one run decided about one person, scheme by scheme, and on which records it rests.

Every run that was ever posted can be asked, at any later date, the superseded ones too. The verdicts are the run's own, read
from its record by the law kept with it; today's law and today's knowledge play no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, require, require_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases.queries import Run, run_of, runs_of_month
from haqdar.entitlement.decisions import Basis, decision_of, is_recorded, law_of_hash, record_rows
from haqdar.entitlement.explain import SchemeReasons, explain_stored, shown_value
from haqdar.entitlement.queries import Known, UnknownMember, decide_from_registers, known_member
from haqdar.entitlement.sources import HUSBAND, Source, fact_sources
from haqdar.law import PARTNER_PRESENT, LawInForce, Text


class NotDecidedYet(Refusal):
    """There is no run to give the reasons of."""

    code = "not_decided_yet"
    en = "No run of {month} was posted, so nothing was decided. Run it, or ask what the law gives: ./haqdar check MEMBER --on DAY."
    hi = "{month} की कोई गणना दर्ज नहीं है, इसलिए कुछ तय नहीं हुआ। उसे चलाएँ, या पूछें कि क़ानून क्या देता है: ./haqdar check MEMBER --on DAY।"


class NoSuchVersion(Refusal):
    """The month was run, but not that often."""

    code = "no_such_version"
    en = "{month} has no run {version}; it has {known}."
    hi = "{month} की गणना {version} नहीं है; ये हैं: {known}।"


@dataclass(frozen=True)
class Reading:
    """One fact as the law read it on the day: its value in words and the records it comes from."""

    column: str
    name: Text
    value: Text
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Statement:
    """What a run decided about one person. `items` are the run's work items, changes and notices about them.

    `basis` tells whether the verdicts were stored by the run or, its record being gone, made again from its snapshot or
    from the registers as known then, by the law of the run in either case.
    """

    member: Known
    run: Run
    basis: Basis
    law: LawInForce
    schemes: tuple[SchemeReasons, ...]
    readings: dict[str, Reading]
    items: tuple[dict[str, Any], ...]

    @property
    def month(self) -> Month:
        """The month decided."""
        return Month.of(self.run.month)


def statement_of(
    actor: Actor, member_id: int, month: Month | None = None, version: int | None = None
) -> Statement:
    """The reasons of a run about a resident: of the run in force, or of `version`; of the latest month without `month`.

    Whoever is in charge of the person today may ask about any month; the look is recorded. Raises `NotDecidedYet`, `NoSuchVersion`,
    ``UnknownMember`` (also for somebody whom the run could not know yet), ``OutsideYourArea``, ``LawNotKept``.
    """
    actor = require(actor, "reasons.view")
    today = known_member(member_id, timezone.localdate())
    require_area(actor, today.path)
    run = _run(actor, month, version)
    day = run.month
    record(
        actor,
        "reasons.view",
        "resident",
        str(today.key),
        new={"month": str(Month.of(day)), "run": run.version},
    )
    law = law_of_hash(run.law_hash).on(day)
    # what the person was called and known as when it was decided
    known = known_member(member_id, run.known_on)
    decision = decision_of(law, Month.of(day), run.inputs_hash, run.snapshot_hash, member_id)
    if decision is None:
        if is_recorded(Month.of(day), run.inputs_hash):
            # recorded by a department before the run, delivered after it: the run decided nothing about them
            raise UnknownMember(known_on=run.known_on)
        decision = decide_from_registers(law, member_id, day, run.known_on)
    facts = decision.facts
    schemes = explain_stored(law, facts, decision.stored, decision.later)
    sources = fact_sources(law.vocabulary, member_id, day, run.known_on, facts[PARTNER_PRESENT] is True)
    readings: dict[str, Reading] = {}
    for fact in law.vocabulary.facts.values():
        readings[fact.code] = Reading(
            fact.code, fact.name, shown_value(fact, facts[fact.code]), sources.get(fact.code, ())
        )
        if fact.partner is not None and facts[PARTNER_PRESENT]:
            name = Text(f"{HUSBAND.en}: {fact.name.en}", f"{HUSBAND.hi}: {fact.name.hi}")
            readings[fact.partner] = Reading(
                fact.partner, name, shown_value(fact, facts[fact.partner]), sources.get(fact.partner, ())
            )
    return Statement(known, run, decision.basis, law, tuple(schemes), readings, _items(run, member_id))


def _run(actor: Actor, month: Month | None, version: int | None) -> Run:
    if month is None:
        latest = run_of(actor)
        if latest is None:
            raise NotDecidedYet(month=Month.of(timezone.localdate()))
        month = Month.of(latest.month)
    runs = runs_of_month(actor, month)
    if not runs:
        raise NotDecidedYet(month=month)
    if version is None:
        return runs[0]
    for run in runs:
        if run.version == version:
            return run
    raise NoSuchVersion(month=month, version=version, known=", ".join(str(run.version) for run in runs[::-1]))


def _items(run: Run, member_id: int) -> tuple[dict[str, Any], ...]:
    """What followed from the decision, by group: work items with their notice, and awards that continue; paise a month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.action, w.pension_group, w.from_scheme, w.from_paise, w.to_scheme, w.to_paise, w.reason,"
            " n.given_month, n.effective_month, c.kind IS NOT NULL AS carried_out"
            " FROM cases_work_item w"
            " LEFT JOIN cases_notice n ON n.run_id = w.run_id AND n.member_id = w.member_id"
            "  AND n.pension_group = w.pension_group AND n.kind = w.action"
            " LEFT JOIN cases_award_change c ON c.run_id = w.run_id AND c.member_id = w.member_id"
            "  AND c.pension_group = w.pension_group AND c.kind = w.action"
            " WHERE w.run_id = %s AND w.member_id = %s AND w.occasion = ''",
            [run.id, member_id],
        )
        names = [column[0] for column in cursor.description]
        items = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    # an award that goes on as it was is no work for anybody, so only the record of the run has it
    items += [
        {
            "action": "continue",
            "pension_group": row["pension_group"],
            "from_scheme": row["from_scheme"],
            "from_paise": row["standing_paise"],
            "to_scheme": row["from_scheme"],
            "to_paise": row["standing_paise"],
            "reason": "",
            "given_month": None,
            "effective_month": None,
            "carried_out": True,
        }
        for row in record_rows(Month.of(run.month), run.inputs_hash, "decided", member_id)
        if row["action"] in ("continue", "goes_on")
    ]
    return tuple(sorted(items, key=lambda item: (item["pension_group"] or 0, item["action"])))


__all__ = ["NoSuchVersion", "NotDecidedYet", "Reading", "Statement", "UnknownMember", "statement_of"]
