"""Determination: every person asked for, against every scheme, on the day asked for.

Works on relations of one DuckDB connection that has a snapshot attached. Names are prefixed by what they are for, so that
the month and its forecast can live side by side: ``<name>_facts`` and ``<name>_verdict``.
"""

from __future__ import annotations

from datetime import date

import duckdb

from haqdar.base.refusal import Refusal
from haqdar.entitlement.compile import (
    determination_sql,
    failing_reason_sql,
    missing_rank_sql,
    unsound_facts_sql,
    verdict_long_sql,
)
from haqdar.entitlement.engines import Engine
from haqdar.entitlement.facts import facts_sql
from haqdar.law import LawBook, LawInForce

#: Why a pension stops whose scheme the law has ended.
ENDED = "scheme_ended"


class UnsoundFacts(Refusal):
    """A fact that every resident has is missing for some: the facts are broken, so nobody is decided."""

    code = "unsound_facts"
    en = "{count} people lack a fact that is always known; nothing was decided. This is a fault of the program: report it."
    hi = "{count} लोगों का ऐसा तथ्य नहीं मिला जो सबका होता है; कोई निर्णय नहीं हुआ। यह प्रोग्राम की गलती है, सूचना दें।"


def laws_between(lawbook: LawBook, first: date, last: date) -> list[LawInForce]:
    """The laws in force from `first` to `last`, in order; one unless a dated value changes in between."""
    laws = [lawbook.on(first)]
    while laws[-1].day_until is not None and laws[-1].day_until < last:
        laws.append(lawbook.on(date.fromordinal(laws[-1].day_until.toordinal() + 1)))
    return laws


def determine(
    duck: duckdb.DuckDBPyConnection, laws: list[LawInForce], asks: str, name: str, held: str = "held"
) -> None:
    """Decide the relation `asks` (member_id, day); `held` (member_id, pension_group, scheme, paise) says what people hold.

    Creates ``<name>_facts``, ``<name>_verdict`` (true and unknown verdicts, long form, with what is missing) and
    ``<name>_holding`` (each held scheme on each day asked, with its verdict and the reason it fails).
    """
    duck.execute(f"CREATE OR REPLACE TABLE {name}_facts AS {facts_sql(asks)}")
    judge(duck, laws, name, held)


def judge(duck: Engine, laws: list[LawInForce], name: str, held: str = "held") -> None:
    """Decide the facts relation ``<name>_facts`` (see `determine`), whose rows may be people or stand for many alike."""
    verdicts, holdings = [], []
    for law in laws:
        of_law = f"(SELECT * FROM {name}_facts WHERE {_in_force(law)})"
        (unsound,) = duck.execute(unsound_facts_sql(law, of_law)).fetchone() or (0,)
        if unsound:
            raise UnsoundFacts(count=unsound)
        verdicts.append(
            f"SELECT v.*, CASE WHEN v.verdict IS NULL THEN {missing_rank_sql(law)} END AS missing_rank "
            f"FROM ({verdict_long_sql(law, of_law)}) v "
            f"JOIN {name}_facts f ON f.member_id = v.member_id AND f.day = v.day"
        )
        holdings.append(
            _holding(
                law, f"(SELECT * FROM {of_law} WHERE member_id IN (SELECT member_id FROM {held}))", name, held
            )
        )
    duck.execute(f"CREATE OR REPLACE TABLE {name}_verdict AS " + " UNION ALL ".join(verdicts))
    duck.execute(f"CREATE OR REPLACE TABLE {name}_holding AS " + " UNION ALL ".join(holdings))


def _in_force(law: LawInForce) -> str:
    until = f" AND day <= DATE '{law.day_until}'" if law.day_until is not None else ""
    return f"day >= DATE '{law.day_from}'{until}"


def _holding(law: LawInForce, holders: str, name: str, held: str) -> str:
    def pick(suffix: str) -> str:
        return (
            "CASE h.scheme "
            + " ".join(f"WHEN '{s.code}' THEN w.{s.column}_{suffix}" for s in law.schemes)
            + " END"
        )

    # who holds a scheme that the law of the day no longer has is not entitled to it
    codes = ", ".join(f"'{s.code}'" for s in law.schemes)
    ended = f"h.scheme NOT IN ({codes})"
    lowest = " ".join(f"WHEN '{s.code}' THEN {min(b.paise for b in s.bands)}" for s in law.schemes)
    bands = " ".join(
        f"WHEN '{s.code}' THEN h.paise IN ({', '.join(str(b.paise) for b in s.bands)})" for s in law.schemes
    )
    return (
        f"SELECT v.*, CASE WHEN v.scheme NOT IN ({codes}) THEN '{ENDED}'"
        f" WHEN v.verdict IS FALSE THEN {failing_reason_sql(law)} END AS fails FROM ("
        f"SELECT w.member_id, w.day, h.pension_group, h.scheme, h.paise,"
        f" CASE WHEN {ended} THEN FALSE ELSE {pick('verdict')} END AS verdict,"
        f" {pick('paise')} AS law_paise, {pick('possible_paise')} AS possible_paise,"
        f" {pick('true')} AS true_mask, {pick('unknown')} AS unknown_mask,"
        # what an award without a stated amount is taken to pay when the law gives none on the day
        f" CASE h.scheme {lowest} END AS fallback_paise, CASE h.scheme {bands} END AS other_band"
        f" FROM ({determination_sql(law, holders)}) w JOIN {held} h ON h.member_id = w.member_id) v "
        f"JOIN {name}_facts f ON f.member_id = v.member_id AND f.day = v.day"
    )
