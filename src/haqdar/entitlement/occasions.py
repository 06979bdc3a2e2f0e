"""Occasions: what a benefit beside the pensions may be paid for, and what the law says of each.

A one-time benefit has an occasion for every event (a death, a birth, a first marriage), judged on the facts of the day of the
event; a periodic one for every person, couple or family in each of its months, judged on the first of the month. The
occasion's key stays the same whatever is learned later (`death:MEMBER`, `birth:CHILD`, `marriage:MEMBER`, `2016-06:f FAMILY`),
so that nothing is given twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import duckdb

from haqdar.base.month import Month
from haqdar.entitlement.benefit_facts import benefit_facts_sql
from haqdar.entitlement.compile import (
    determination_sql,
    failing_reason_sql,
    missing_fact_sql,
    unsound_facts_sql,
)
from haqdar.entitlement.determine import UnsoundFacts, laws_between
from haqdar.law import LawBook, LawInForce, Scheme

#: Grown up: from this age a child, a sibling or another member of the family may be paid in the place of the dead.
_GROWN_UP = 18


def decide_occasions(duck: duckdb.DuckDBPyConnection, lawbook: LawBook, first: Month, month: Month) -> None:
    """Create ``occasion_decided``: every occasion from `first`, the first month run here, up to `month`, with its verdict.

    Columns: scheme, pension_group, occasion, award_key, event (empty for a periodic benefit), member_id (whom it concerns),
    day, for_month, verdict, paise, missing, fails, payee (NULL: nobody who could be paid is known), is_open (it may start an
    award now), goes_on (an award that is undecided goes on, month by month). Refused occasions are there, too. Needs the snapshot, ``benefit_award`` (scheme, award_key, start_day) and
    ``benefit_posted``: of several members of a family or heirs, one who was paid already goes before the others.
    """
    duck.execute("""
        CREATE OR REPLACE TABLE occasion (scheme VARCHAR, pension_group SMALLINT, occasion VARCHAR, award_key VARCHAR,
            event VARCHAR, member_id INTEGER, day DATE, for_month DATE, is_open BOOLEAN, goes_on BOOLEAN)""")
    earliest = first.first_day - timedelta(days=_longest(lawbook))
    laws = laws_between(lawbook, max(earliest, lawbook.change_days[0]), month.first_day)
    for law in laws:
        for select in _occasions(law, first, month):
            duck.execute(f"INSERT INTO occasion {select}")
    vocabulary = lawbook.benefit_vocabulary
    asks = "(SELECT DISTINCT member_id, day FROM occasion)"
    duck.execute(f"CREATE OR REPLACE TABLE occasion_facts AS {benefit_facts_sql(asks, vocabulary)}")
    judged = [_judged(duck, law) for law in laws if law.benefits]
    duck.execute(
        "CREATE OR REPLACE TABLE occasion_judged AS " + " UNION ALL ".join(judged)
        if judged
        else "CREATE OR REPLACE TABLE occasion_judged AS SELECT *, NULL::BOOLEAN AS verdict, NULL::BIGINT AS paise,"
        " NULL::VARCHAR AS missing, NULL::VARCHAR AS fails FROM occasion"
    )
    # one of a couple or family: who was paid already, who is entitled, the head, the eldest
    duck.execute("""
        CREATE OR REPLACE TABLE occasion_chosen AS
        SELECT j.*, f.spouse_id FROM occasion_judged j
        JOIN occasion_facts f USING (member_id, day)
        LEFT JOIN (SELECT DISTINCT scheme, occasion, member_id FROM benefit_posted WHERE paise > 0) p
             ON p.scheme = j.scheme AND p.occasion = j.occasion AND p.member_id = j.member_id
        QUALIFY row_number() OVER (
            PARTITION BY j.scheme, j.occasion
            ORDER BY CASE WHEN j.verdict THEN 0 WHEN j.verdict IS NULL THEN 1 ELSE 2 END, p.member_id IS NULL,
                     coalesce(f.head_of_family, false) DESC, f.born_on NULLS LAST, j.member_id) = 1""")
    orders = [
        f"('{scheme.code}', '{word}', {place})"
        for scheme in _all_benefits(laws)
        for place, word in enumerate(scheme.benefit.payees if scheme.benefit is not None else ())
    ]
    values = ", ".join(orders) or "(NULL, NULL, NULL)"
    duck.execute(f"CREATE OR REPLACE TABLE payee_order AS FROM (VALUES {values}) t(scheme, word, place)")
    duck.execute(_PAYEES)


#: Who is paid: the first of the law's list who lives on the day the payment is for; within one word the eldest.
_PAYEES = f"""
CREATE OR REPLACE TABLE occasion_decided AS
WITH o AS (SELECT * FROM occasion_chosen), heir AS (
    SELECT o.scheme, o.occasion, 'self' AS word, o.member_id AS payee FROM o
    UNION ALL SELECT o.scheme, o.occasion, 'spouse', o.spouse_id FROM o
    UNION ALL SELECT o.scheme, o.occasion, 'child', k.child_id FROM o JOIN parentage k ON k.parent_id = o.member_id
    UNION ALL SELECT o.scheme, o.occasion, 'mother', p.mother_id FROM o JOIN person p USING (member_id)
    UNION ALL SELECT o.scheme, o.occasion, 'father', p.father_id FROM o JOIN person p USING (member_id)
    UNION ALL SELECT o.scheme, o.occasion, 'sibling', k.child_id FROM o JOIN parentage mine ON mine.child_id = o.member_id
        JOIN parentage k ON k.parent_id = mine.parent_id WHERE k.child_id <> o.member_id
    UNION ALL SELECT o.scheme, o.occasion, 'family', q.member_id FROM o JOIN person p USING (member_id)
        JOIN person q ON q.family_id = p.family_id WHERE q.member_id <> o.member_id
), paid AS (
    SELECT scheme, occasion, member_id AS payee FROM benefit_posted
    GROUP BY scheme, occasion, member_id HAVING sum(paise) > 0
), chosen AS (
    SELECT h.scheme, h.occasion,
           arg_min(h.payee, (paid.payee IS NULL, w.place, q.born_on IS NULL, coalesce(q.born_on, DATE '0001-01-01'), h.payee))
               AS payee
    FROM heir h
    JOIN o ON o.scheme = h.scheme AND o.occasion = h.occasion
    JOIN payee_order w ON w.scheme = h.scheme AND w.word = h.word
    JOIN person q ON q.member_id = h.payee
    LEFT JOIN paid ON paid.scheme = h.scheme AND paid.occasion = h.occasion AND paid.payee = h.payee
    WHERE (q.died_on IS NULL OR q.died_on >= o.for_month)
      AND (h.word NOT IN ('child', 'sibling', 'family') OR q.born_on + INTERVAL {_GROWN_UP} YEAR <= o.for_month)
    GROUP BY h.scheme, h.occasion
)
SELECT o.* EXCLUDE (spouse_id), c.payee
FROM o LEFT JOIN chosen c ON c.scheme = o.scheme AND c.occasion = o.occasion"""


def _longest(lawbook: LawBook) -> int:
    return max((d.benefit.within_days for d in lawbook.drafts if d.benefit is not None), default=0)


def _all_benefits(laws: list[LawInForce]) -> list[Scheme]:
    return list({scheme.code: scheme for law in laws for scheme in law.benefits}.values())


def _occasions(law: LawInForce, first: Month, month: Month) -> Iterator[str]:
    """A SELECT of occasions for each benefit in force, with days in the time of `law`."""
    until = min(law.day_until or month.first_day, month.first_day)
    for scheme in law.benefits:
        benefit = scheme.benefit
        assert benefit is not None
        if benefit.event is not None:
            since = max(law.day_from, first.first_day - timedelta(days=benefit.within_days))
            event = _EVENTS[benefit.event].format(within=benefit.within_days)
            yield (
                f"SELECT '{scheme.code}', {scheme.group}, key, key, '{benefit.event}', member_id, day,"
                " CASE WHEN day(day) = 1 THEN day ELSE date_trunc('month', day) + INTERVAL 1 MONTH END, true, false"
                f" FROM ({event}) WHERE day BETWEEN DATE '{since}' AND DATE '{until}'"
                # the first determination that can know of an event is that of the month after it
                f" AND day <= DATE '{month.first_day}'"
            )
            continue
        now = benefit.occasion_day(month.first_day)
        for day in _days(benefit.months, first, month, yearly=benefit.pays == "yearly"):
            if not law.day_from <= day <= until:
                continue
            # what was due in earlier months is looked at again for those who had an award then
            whose = (
                ""
                if day == now
                else f" SEMI JOIN (SELECT award_key FROM benefit_award WHERE scheme = '{scheme.code}'"
                f" AND start_day <= DATE '{day}') USING (award_key)"
            )
            unit = _UNITS[benefit.unit].format(day=day)
            yield (
                f"SELECT '{scheme.code}', {scheme.group}, '{Month.of(day)}:' || award_key, award_key, '', member_id,"
                f" DATE '{day}', DATE '{day}', {day == now},"
                f" {benefit.pays == 'monthly'}"
                f" FROM (SELECT *, {unit} AS award_key FROM person){whose}"
            )


def _days(months: tuple[int, ...], first: Month, last: Month, *, yearly: bool) -> Iterator[date]:
    wanted = months[:1] if yearly else months
    month = first
    while month <= last:
        if month.first_day.month in wanted:
            yield month.first_day
        month = month.next()


#: What stands for a person, a family or a couple in the key of a periodic occasion.
_UNITS = {
    "person": "'m' || member_id",
    "family": "'f' || family_id",
    "couple": "'c' || least(member_id, coalesce(nullif(coalesce((SELECT arg_max(s.spouse_id, s.from_day) FROM spouse_period s"
    " WHERE s.member_id = person.member_id AND s.from_day <= DATE '{day}'), base_spouse), 0), member_id))",
}

_EVENTS = {
    "death": "SELECT 'death:' || member_id AS key, member_id, died_on AS day FROM person"
    " WHERE died_on IS NOT NULL AND death_reported_on <= died_on + {within}",
    "birth": "SELECT 'birth:' || c.member_id AS key, c.mother_id AS member_id, c.born_on AS day FROM person c"
    " LEFT JOIN raw_household h ON h.member_id = c.member_id"
    " WHERE c.mother_id IS NOT NULL AND c.born_on IS NOT NULL AND coalesce(h.recorded_on <= c.born_on + {within}, true)",
    # the first marriage of a life; a later one is a remarriage
    "marriage": "SELECT 'marriage:' || member_id AS key, member_id, min(happened_on) AS day FROM raw_life_event"
    " WHERE kind = 'marriage' GROUP BY member_id HAVING min(reported_on) <= min(happened_on) + {within}",
}


def _judged(duck: duckdb.DuckDBPyConnection, law: LawInForce) -> str:
    """A SELECT of the occasions in the time of `law`, each with its verdict, amount, missing fact and failing reason."""
    benefits = law.of_benefits()
    until = f" AND day <= DATE '{law.day_until}'" if law.day_until is not None else ""
    facts = f"(SELECT * FROM occasion_facts WHERE day >= DATE '{law.day_from}'{until})"
    (unsound,) = duck.execute(unsound_facts_sql(benefits, facts)).fetchone() or (0,)
    if unsound:
        raise UnsoundFacts(count=unsound)

    def pick(suffix: str) -> str:
        cases = " ".join(f"WHEN '{s.code}' THEN w.{s.column}_{suffix}" for s in benefits.schemes)
        return f"CASE o.scheme {cases} END"

    return (
        f"SELECT v.* EXCLUDE (true_mask, unknown_mask),"
        f" CASE WHEN v.verdict IS NULL THEN {missing_fact_sql(benefits, 'v.scheme', 'v.unknown_mask', 'f')} END AS missing,"
        f" CASE WHEN v.verdict IS FALSE"
        f" THEN {failing_reason_sql(benefits, 'v.scheme', 'v.true_mask', 'v.unknown_mask', 'coalesce(f.age, 0) >= 0')}"
        f" END AS fails"
        f" FROM (SELECT o.*, {pick('verdict')} AS verdict, {pick('paise')} AS paise,"
        f" {pick('true')} AS true_mask, {pick('unknown')} AS unknown_mask"
        f" FROM ({determination_sql(benefits, facts)}) w JOIN occasion o USING (member_id, day)) v"
        f" JOIN occasion_facts f USING (member_id, day)"
    )
