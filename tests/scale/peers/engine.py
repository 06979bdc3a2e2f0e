"""Contender: this house's engine, row by row; the statement of the law compiler on DuckDB, Parquet to Parquet.

The statement is `determination_sql` as the product runs it, with ages by `age_sql`; around it stands only the choice of the
result's columns, among them the best of each group.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
from tests.scale.peers.job import COMPRESSION, GROUPS, RANK, SCHEMES, Watch, contend

from haqdar.entitlement.compile import determination_sql
from haqdar.entitlement.facts import age_sql
from haqdar.law import LawInForce, load_lawbook

LAW = Path(__file__).resolve().parents[3] / "law" / "mp"


@cache
def nine(day: date) -> LawInForce:
    """The law on `day`, the nine pensions alone; other schemes of the State are no part of the comparison.

    Kept, so that the warm-up reads the files and compiles them, as it loads OpenFisca's parameters.
    """
    law = load_lawbook(LAW).on(day)
    return replace(law, schemes=tuple(scheme for scheme in law.schemes if scheme.column in RANK))


def facts_of_people(people: str, day: date) -> str:
    """The facts relation of the people in the relation `people` on `day`: their columns and their ages."""
    then = f"DATE '{day}'"
    return (
        f"(SELECT *, {then} AS day, {age_sql('born_on', then)} AS age,"
        f" {age_sql('partner_born_on', then)} AS partner_age FROM {people})"
    )


def job_sql(law: LawInForce, people: str, day: date) -> str:
    """One SELECT that gives the result's columns for the relation `people`."""
    return result_sql(law, facts_of_people(people, day))


def result_sql(law: LawInForce, facts: str) -> str:
    """One SELECT that gives the result's columns for a facts relation."""
    columns = ["member_id"]
    for stem, _ in SCHEMES:
        columns += [f"{stem}_verdict", f"{stem}_paise::INTEGER AS {stem}_paise"]
    return f"SELECT {', '.join([*columns, *best_columns()])} FROM ({determination_sql(law, facts)})"


def best_columns() -> list[str]:
    """The best of each group as SQL over the columns of a determination: its rank and its amount."""
    columns = []
    for group in GROUPS:
        stems = [stem for stem, its_group in SCHEMES if its_group == group]
        most = (
            f"greatest({', '.join(f'{stem}_paise' for stem in stems)})" if stems[1:] else f"{stems[0]}_paise"
        )
        ranks = " ".join(f"WHEN {stem}_paise = {most} THEN {RANK[stem]}" for stem in stems)
        columns += [
            f"CAST(CASE {ranks} END AS UTINYINT) AS best_{group}",
            f"{most}::INTEGER AS best_{group}_paise",
        ]
    return columns


def run(people: Path, result: Path, day: date, watch: Watch) -> None:
    with watch.phase("read, decide, write"):
        law = nine(day)
        with duckdb.connect(config={"threads": 2, "memory_limit": "3GB"}) as duck:
            sql = job_sql(law, f"read_parquet('{people}')", day)
            duck.execute(f"COPY ({sql}) TO '{result}' (FORMAT parquet, COMPRESSION {COMPRESSION})")


if __name__ == "__main__":
    contend(run)
