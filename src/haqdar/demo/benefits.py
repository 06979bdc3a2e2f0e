"""Students and incomes of a demonstration population, for the schemes beyond pensions.

Added beside the other files when asked for, which stay what they are. The same residents and seed give the same rows.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from haqdar.base.duck import connect_duck
from haqdar.base.files import atomic_write
from haqdar.demo.generate import delivery_day


def write_benefit_registers(out: Path, *, seed: int, on: date, format: str = "csv") -> dict[str, int]:
    """Write students and incomes of the residents file in `out`, as of the delivery for `on`; gives the rows by file."""
    day = delivery_day(on)
    rows = {}
    with connect_duck() as engine:
        source = _quoted(out / f"residents.{format}")
        read = f"read_csv('{source}', all_varchar = true)" if format == "csv" else f"read_parquet('{source}')"
        engine.execute(f"""
            CREATE TABLE life AS
            SELECT DISTINCT ON (member_id) member_id, sex,
                   date_diff('month', TRY_CAST(born_on AS DATE), DATE '{day}') // 12 AS age,
                   hash(member_id, {seed}, 'school') % 1000 AS school, hash(member_id, {seed}, 'marks') % 1000 AS marks,
                   hash(member_id, {seed}, 'work') % 1000 AS work, hash(member_id, {seed}, 'pay') % 1000 AS pay
            FROM {read} WHERE regexp_full_match(member_id, '[0-9]{{9}}') ORDER BY member_id""")
        for name, query in (("students", _STUDENTS), ("incomes", _INCOMES)):
            kind = "FORMAT csv, HEADER" if format == "csv" else "FORMAT parquet"
            with atomic_write(out / f"{name}.{format}") as path:
                select = query.format(
                    june=date(day.year - (day.month < 7), 6, 15), april=date(day.year - (day.month < 4), 4, 1)
                )
                row = engine.execute(f"COPY ({select}) TO '{_quoted(path)}' ({kind})").fetchone()
            rows[name] = int(row[0]) if row else 0
    return rows


#: Nearly every child to 14 is at school, fewer later, one in four at a college; one in thirty has no marks recorded.
_STUDENTS = """
    SELECT member_id, 'SCH' || lpad((school // 2)::VARCHAR, 4, '0') AS school_code, (age - 5)::VARCHAR AS class,
           CASE WHEN marks >= 33 THEN (35 + marks % 60)::VARCHAR END AS marks_percent,
           '{june}' AS enrolled_on, NULL::VARCHAR AS left_on
    FROM life
    WHERE age BETWEEN 6 AND 22 AND school < CASE WHEN age < 15 THEN 900 WHEN age < 18 THEN 650 ELSE 250 END
    ORDER BY member_id"""

#: Most men and seven women in ten have an income on record, mostly small; some are recorded to earn nothing.
_INCOMES = """
    SELECT member_id,
           (CASE WHEN pay < 100 THEN 0 WHEN pay < 900 THEN 24000 + pay * 120 ELSE (pay - 880) * 20000 END)::VARCHAR
               AS annual_income,
           '{april}' AS valid_from, NULL::VARCHAR AS valid_to
    FROM life
    WHERE age BETWEEN 18 AND 64 AND work < CASE WHEN sex = 'M' THEN 900 ELSE 700 END
    ORDER BY member_id"""


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
