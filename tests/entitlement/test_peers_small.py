"""The contenders of `make bench-peers` that need no environment of their own decide every row as the engine does.

So the comparison of speed compares equal work. The contenders that need Polars or OpenFisca are held to the same rows by the
comparison itself, which fails when a row differs.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from tests.scale.peers import loop, numpy_by_hand
from tests.scale.peers.engine import job_sql, nine
from tests.scale.peers.job import RESULT, Watch
from tests.scale.peers.people import people_sql, write_people

#: An ordinary month, the leap day itself, and the day on which leap-day births complete a year in a common year.
DAYS = (date(2016, 10, 1), date(2016, 2, 29), date(2017, 3, 1), date(2017, 2, 28))
COLUMNS = ", ".join(name for name, _ in RESULT)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_numpy_and_the_loop_find_what_the_engine_finds(day: date, tmp_path: Path) -> None:
    people, by_numpy, by_loop = (tmp_path / f"{name}.parquet" for name in ("people", "numpy", "loop"))
    write_people(people, 10_000, seed=7, day=day)
    numpy_by_hand.run(people, by_numpy, day, Watch())
    loop.run(people, by_loop, day, Watch())
    with duckdb.connect() as duck:
        engine = job_sql(nine(day), f"read_parquet('{people}')", day)
        expected = duck.execute(f"SELECT {COLUMNS} FROM ({engine}) ORDER BY member_id").fetchall()
        assert len(expected) == 10_000
        for found in (by_numpy, by_loop):
            rows = duck.execute(f"SELECT {COLUMNS} FROM '{found}' ORDER BY member_id").fetchall()
            assert rows == expected, found.stem
            assert duck.execute(f"SELECT count(*) FROM '{found}' WHERE best_1 IS NOT NULL").fetchone() != (0,)


def test_the_people_are_of_every_kind() -> None:
    day = DAYS[0]
    with duckdb.connect() as duck:
        duck.execute(f"CREATE TABLE people AS {people_sql(duck, 50_000, day=day)}")
        (verdicts,) = duck.execute(
            "SELECT least("
            + ", ".join(
                f"count_if({name}), count_if(NOT {name})" + (f", count_if({name} IS NULL)" if unknown else "")
                for name, unknown in ((n, n != "mrmd_verdict") for n, _ in RESULT if n.endswith("_verdict"))
            )
            + f") FROM ({job_sql(nine(day), 'people', day)})"
        ).fetchone() or (0,)
        assert verdicts > 0, "some scheme is never granted, never refused or never left open"
        (couples, leap_births, birthdays, wrong) = duck.execute(
            f"""SELECT count(h.member_id), count_if(month(w.born_on) = 2 AND day(w.born_on) = 29),
                       count_if(month(w.born_on) = {day.month} AND day(w.born_on) = {day.day}),
                       count_if(w.partner_present AND (h.sex <> 'M' OR NOT h.alive OR h.born_on IS DISTINCT FROM
                                w.partner_born_on OR h.income_tax_payer IS DISTINCT FROM w.partner_income_tax_payer))
                FROM people w LEFT JOIN people h ON h.member_id = w.partner_id"""
        ).fetchone() or (0, 0, 0, 1)
    assert couples > 5000 and leap_births > 100 and birthdays > 100
    assert wrong == 0, "a wife's partner columns are not her husband's row"


def test_unknown_is_never_taken_for_no() -> None:
    """A contender that confused the two would still agree on people without gaps; this person has nothing but gaps."""
    columns: dict[str, object] = {
        "member_id": 1,
        "alive": True,
        "migrated_out": False,
        "sex": "F",
        "born_on": None,
        "marital_status": None,
        "bpl": True,
        "destitute": None,
        "income_tax_payer": None,
        "disability_percent": 80.0,
        "intellectual_disability": False,
        "multiple_disability": False,
        "wife_died": False,
        "living_daughters": 1,
        "living_sons": 0,
        "partner_present": True,
        "partner_born_on": date(1940, 1, 1),
        "partner_income_tax_payer": None,
    }
    row = loop.decide(columns, DAYS[0])
    assert [row[name] for name, _ in RESULT if name.endswith("_verdict")] == [None] * 8 + [False]
    schema = pa.schema(
        [
            pa.field(name, pa.date32() if name.endswith("born_on") else pa.bool_())
            if value is None or isinstance(value, date)
            else pa.field(name, pa.infer_type([value]))
            for name, value in columns.items()
        ]
    )
    schema = schema.set(schema.get_field_index("marital_status"), pa.field("marital_status", pa.string()))
    batch = pa.RecordBatch.from_pylist([columns], schema=schema)
    for name in numpy_by_hand.WORDS:
        place = batch.schema.get_field_index(name)
        batch = batch.set_column(place, name, batch.column(place).dictionary_encode())
    found = numpy_by_hand.decide(numpy_by_hand.columns_of(batch), DAYS[0])
    assert [int(found[name][0]) for name, _ in RESULT if name.endswith("_verdict")] == [-1] * 8 + [0]
