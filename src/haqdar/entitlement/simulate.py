"""Trying a law: what a proposal would give everybody, against the law in force, on the same people and the same day.

Both laws run through the same compiled statement as the month. People whose facts are equal, but for an exact age that
neither law asks about, live the same life as far as the laws can see; each distinct life (a *cell*) is decided once under either
law and counted with the number of people who live it. The counts are exact, not a sample.

Three amounts are kept apart: what people would be **entitled** to under either law (whether they receive it or not), the same
for those who **hold** a pension now, and what is **paid** to them now.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from haqdar.base.duck import connect_duck
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.entitlement.cells import AgeClasses, Cells
from haqdar.entitlement.compile import unsound_facts_sql, verdict_long_sql
from haqdar.entitlement.determine import UnsoundFacts
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.law_checks import check_law
from haqdar.entitlement.law_examples import run_examples
from haqdar.entitlement.snapshot import Snapshot, each_district, engine, workers
from haqdar.law import LawBook, LawInForce, LawRefused, Proposal, load_lawbook, read_proposal
from haqdar.law.reading import Problems, read

AGE_BANDS = ("under_18", "18_39", "40_59", "60_64", "65_79", "80_over", "unknown")
_BAND_EDGES = (18, 40, 60, 65, 80)
BREAKDOWNS = ("district", "sex", "age_band", "category", "place")
"""What the result is broken down by; `category` is the social category, `place` rural or urban."""
TOUCHED = ("newly", "more", "less", "lose_all", "other_scheme")
"""The outcomes of people whom the proposal touches."""

Row = dict[str, object]
Hold = Callable[[duckdb.DuckDBPyConnection], None]
"""Creates ``held`` (member_id, pension_group, scheme, paise) in an engine that has a district attached."""


class ProposalExamplesDisagree(Refusal):
    """The proposal does not give what its own examples say; it is not tried on anybody."""

    code = "proposal_examples_disagree"
    en = "{count} example(s) of the proposal {name} disagree with it: {first}. Mend the proposal or the example; nothing was simulated."
    hi = "प्रस्ताव {name} के {count} उदाहरण उससे नहीं मिलते: {first}। प्रस्ताव या उदाहरण सुधारें; कुछ भी नहीं आँका गया।"


class NotAPension(Refusal):
    """The proposal changes a benefit that is not paid by the month; its cost cannot be counted from one day's lives."""

    code = "not_a_pension"
    en = "{scheme} is not a monthly pension. Only pensions can be simulated so far; try its change with examples (haqdar law test)."
    hi = "{scheme} मासिक पेंशन नहीं है। अभी सिर्फ़ पेंशनों का आकलन हो सकता है; इस बदलाव को उदाहरणों से जाँचें (haqdar law test)।"


@dataclass(frozen=True)
class Trial:
    """The two laws to be compared on a day: `before` in force, `after` as the proposal would make it.

    `from_on` is the day from which the proposal is taken to hold: its own, or the day itself where that is earlier.
    """

    proposal: Proposal
    day: date
    from_on: date
    book: LawBook
    proposed: LawBook

    @property
    def before(self) -> LawInForce:
        """The law in force on the day."""
        return self.book.on(self.day)

    @property
    def after(self) -> LawInForce:
        """The law on the day if the proposal held."""
        return self.proposed.on(self.day)


@dataclass(frozen=True)
class Simulation:
    """The numbers of one trial; amounts are paise a month.

    `cells` counts the distinct lives, district by district. `totals` and each row of `by[breakdown]` carry the same measures (see `sql/simulate.sql`); `schemes` has a row for each
    scheme of either law, `moves` one for each way from one best scheme to another within a group, `cross` sex by age band
    by social category. `paid_persons` and `paid_paise` say what is paid now.
    """

    day: date
    cells: int
    totals: Row
    by: dict[str, list[Row]]
    schemes: list[Row]
    moves: list[Row]
    cross: list[Row]
    paid: list[Row]

    def plain(self) -> dict[str, object]:
        """The simulation as plain values for JSON."""
        return asdict(self) | {"day": self.day.isoformat()}


_SOUND: set[tuple[str, str]] = set()
"""Laws with a proposal, by the hashes of both, that were checked by this process and found sound: pages ask often."""


def trial(folder: Path | str, name: str, day: date | None = None) -> Trial:
    """The proposal `name` laid over the law of `folder`, for a day (default: the first day it would hold).

    For a day before its own date the proposal is taken to hold from that day. Fails closed: raises `LawRefused` with every
    problem that `haqdar law check` would find in the law so changed, `ProposalExamplesDisagree`, and `NotAPension`.
    """
    proposal = read_proposal(folder, name)
    day = day or proposal.from_on
    from_on = min(proposal.from_on, day)
    overlay_from = from_on if from_on != proposal.from_on else None
    book = load_lawbook(folder)
    proposed = load_lawbook(folder, proposal.folder, overlay_from)
    if (proposed.hash, proposal.hash) not in _SOUND:
        problems = check_law(folder, proposal.folder, overlay_from)
        if problems:
            raise LawRefused(problems)
        wrong = [result for result in run_examples(folder, proposal.name) if not result.agrees]
        if wrong:
            raise ProposalExamplesDisagree(name=name, count=len(wrong), first=wrong[0].differences[0].en)
        _SOUND.add((proposed.hash, proposal.hash))
    pensions = {scheme.code for law in (book.on(day), proposed.on(day)) for scheme in law.schemes}
    for file in proposal.schemes:
        code = read(file, file.name, Problems()).get("code")
        if code is not None and code.text not in pensions:
            raise NotAPension(scheme=code.text)
    return Trial(proposal, day, from_on, book, proposed)


def simulate(
    snapshot: Snapshot,
    attempt: Trial,
    hold: Hold,
    people: Path | None = None,
    step: Callable[[int], None] = lambda _: None,
) -> Simulation:
    """Decide everybody of a snapshot under both laws and count, a few districts at a time.

    With `people` a folder of Parquet files by district lists everyone whom the proposal touches (member_id, area_code,
    outcome, from_paise, to_paise). `step` is told how many districts are done. Raises ``BeforeTheSnapshot``, `UnsoundFacts`.
    """
    snapshot.must_serve(attempt.day)
    threads = max(1, workers() // max(1, len(snapshot.districts)))
    counted: dict[str, dict[str, pa.Table]] = {}

    def work(district: str) -> None:
        with closing(engine("1200MB", threads)) as duck:
            snapshot.attach_district(duck, district)
            hold(duck)
            tables = count_district(duck, attempt, unquote(district))
            if people is not None:
                _write_people(duck, people / f"district={district}" / "part.parquet")
        counted[district] = tables
        step(len(counted))

    each_district(snapshot.districts, work, f"simulate {attempt.proposal.name}")
    return _together(attempt, [counted[district] for district in sorted(counted)])


def count_district(duck: duckdb.DuckDBPyConnection, attempt: Trial, code: str) -> dict[str, pa.Table]:
    """The counts of the attached district `code` ("-": people of no district), as sums that may be added to others'."""
    laws = [attempt.before, attempt.after]
    cells = Cells.of(laws)
    cells = Cells(AgeClasses(tuple(sorted({*cells.own.edges, *_BAND_EDGES}))), cells.partner)
    duck.execute("DELETE FROM held WHERE member_id NOT IN (SELECT member_id FROM own)")
    duck.execute(f"CREATE TEMP TABLE sim_lived AS {cells.lived(attempt.day)}")
    duck.execute("""
        CREATE TEMP TABLE sim_count AS
        SELECT l.cell_no, l.place_no, h.member_id IS NOT NULL AS holder, count(*) AS people
        FROM sim_lived l LEFT JOIN (SELECT DISTINCT member_id FROM held) h USING (member_id) GROUP BY ALL""")
    named = f"(SELECT DISTINCT cell_no, DATE '{attempt.day}' AS day FROM sim_count)"
    duck.execute(
        "CREATE TEMP TABLE sim_cell AS SELECT * EXCLUDE (cell_no)"
        f" FROM ({cells.facts(named, attempt.before.vocabulary)})"
    )
    place = "-" if code == "-" else code.replace("'", "''")
    duck.execute(f"""
        CREATE TEMP TABLE sim_lives AS
        SELECT c.cell_no, '{place}' AS district_code, p.social_category,
               coalesce(a.kind, 'gp') NOT IN ('ward', 'ulb') AS rural, c.holder, sum(c.people)::BIGINT AS people
        FROM sim_count c JOIN place p USING (place_no) LEFT JOIN area a ON a.area_code = p.area_code GROUP BY ALL""")
    for law in laws:
        (unsound,) = duck.execute(unsound_facts_sql(law, "sim_cell")).fetchone() or (0,)
        if unsound:
            raise UnsoundFacts(count=unsound)
    decide_cells(duck, attempt.before, "before")
    decide_cells(duck, attempt.after, "after")
    for name in ("best", "pair", "outcome", "row"):
        duck.execute(named_steps()[name])
    return {
        "measures": duck.execute(_measures([*BREAKDOWNS])).to_arrow_table(),
        "schemes": duck.execute(named_steps()["schemes"]).to_arrow_table(),
        "moves": duck.execute(named_steps()["moves"]).to_arrow_table(),
        "paid": duck.execute(_paid(attempt.before)).to_arrow_table(),
        "cells": duck.execute("SELECT count(*) AS cells FROM sim_cell").to_arrow_table(),
    }


def _write_people(duck: duckdb.DuckDBPyConnection, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    touched = ", ".join(f"'{outcome}'" for outcome in TOUCHED)
    duck.execute(
        "COPY (SELECT l.member_id, p.area_code, o.outcome, o.from_paise, o.to_paise FROM sim_lived l"
        " JOIN sim_outcome o USING (cell_no) JOIN place p USING (place_no)"
        f" WHERE o.outcome IN ({touched}) ORDER BY l.member_id)"
        f" TO '{quoted(file)}' (FORMAT parquet, COMPRESSION zstd)"
    )


def _together(attempt: Trial, districts: list[dict[str, pa.Table]]) -> Simulation:
    """The State's numbers from those of its districts."""
    with connect_duck() as duck:
        for name in districts[0]:
            duck.register(f"all_{name}", pa.concat_tables([tables[name] for tables in districts]))

        def summed(table: str, *keys: str) -> list[Row]:
            columns = [row[0] for row in duck.execute(f"DESCRIBE all_{table}").fetchall()]
            every = {*BREAKDOWNS, "scheme", "pension_group", "from_scheme", "to_scheme"}
            sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in columns if name not in every)
            listed = ", ".join(keys)
            return _rows(
                duck,
                f"SELECT {listed}{',' if keys else ''} {sums} FROM all_{table} "
                + (f"GROUP BY ALL ORDER BY {', '.join(f'{key} NULLS LAST' for key in keys)}" if keys else ""),
            )

        (total,) = summed("measures")
        (cells,) = summed("cells")
        return Simulation(
            day=attempt.day,
            cells=int(str(cells["cells"])),
            totals=total,
            by={name: summed("measures", name) for name in BREAKDOWNS},
            schemes=summed("schemes", "scheme"),
            moves=summed("moves", "pension_group", "from_scheme", "to_scheme"),
            cross=summed("measures", "sex", "age_band", "category"),
            paid=summed("paid", "scheme"),
        )


def decide_cells(duck: duckdb.DuckDBPyConnection, law: LawInForce, side: str) -> None:
    """Create ``sim_verdict_<side>``: what a law says of every cell."""
    duck.execute(f"CREATE TEMP TABLE sim_verdict_{side} AS {verdict_long_sql(law, 'sim_cell')}")


def age_class_sql(age: str, edges: list[int]) -> str:
    """The first year of the stretch of ages that `age` lies in; one below the lowest edge stands for all years before.

    >>> age_class_sql("age", [18, 40])
    'CASE WHEN age IS NULL THEN NULL WHEN age >= 40 THEN 40 WHEN age >= 18 THEN 18 ELSE 17 END'
    """
    branches = " ".join(f"WHEN {age} >= {edge} THEN {edge}" for edge in sorted(edges, reverse=True))
    return f"CASE WHEN {age} IS NULL THEN NULL {branches} ELSE {min(edges) - 1} END"


def named_steps() -> Mapping[str, str]:
    """The named statements of sql/simulate.sql."""
    parts = re.split(r"^-- name: (\w+)$", statement("haqdar.entitlement", "simulate"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _measures(keys: list[str]) -> str:
    listed = ", ".join(keys)
    return named_steps()["measures"].format(
        keys=f"{listed}," if keys else "", groups=f"GROUP BY {listed} ORDER BY {listed}" if keys else ""
    )


def _paid(law: LawInForce) -> str:
    """What is paid now, by scheme; an award without a stated amount counts with the scheme's lowest."""
    lowest = " ".join(f"WHEN '{s.code}' THEN {min(b.paise for b in s.bands)}" for s in law.schemes)
    return (
        f"SELECT scheme, count(*) AS persons, sum(coalesce(paise, CASE scheme {lowest} END, 0))::BIGINT AS paise "
        "FROM held GROUP BY scheme ORDER BY scheme"
    )


def _rows(duck: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    answer = duck.execute(sql)
    names = [column[0] for column in answer.description]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
