"""Planted duplicates with their truth, twins who are none, and a department's list of the same people with heavy noise.

Added to the files of a demonstration when asked for; the same files and seed give the same rows. They are what the linkage is
trained and measured on, and what a newcomer tries the adjudication and the seeding on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from haqdar.base.duck import connect_duck
from haqdar.base.files import atomic_write
from haqdar.base.names import vowel_key
from haqdar.base.sql import statement
from haqdar.demo.generate import delivery_day
from haqdar.demo.names import given_names

HOW = {"family": 250, "village": 300, "parents": 150, "elsewhere": 300}
"""Where a duplicate stands, of a thousand: the same family, another one of the village, the parents' house, anywhere."""
KNOWN = 880
"""Rows of a department's list, of a thousand, whose people the register knows."""
CLEAN = {"heavy": 0, "moderate": 500}
"""How many of a thousand values in a department's list are as the register has them, before the slips are drawn."""


def plant_duplicates(
    out: Path, *, seed: int, on: date, per_thousand: int = 10, format: str = "csv"
) -> dict[str, int]:
    """Add duplicates of `per_thousand` residents and half as many twins to the residents file in `out`.

    Writes duplicates.csv beside it: member_id, duplicate_of (the resident who was there), how (`HOW`, or `twin`: a brother or
    sister born on the same day whose name is the most similar one there is, no duplicate). Gives the rows added.
    """
    with _slips(out, seed, on, format) as engine:
        _places(engine, out, format)
        engine.execute(f"""
            CREATE TEMP TABLE chosen AS
            SELECT member_id, CASE WHEN draw < {HOW["family"]} THEN 'family' WHEN draw < {HOW["family"] + HOW["village"]} THEN 'village'
                WHEN draw < {1000 - HOW["elsewhere"]} AND sex = 'F' AND spouse_id IS NOT NULL
                    AND mother_id IN (SELECT member_id FROM sound) THEN 'parents' ELSE 'elsewhere' END AS how
            FROM (SELECT *, chance(member_id, 'how', 1000) AS draw FROM sound)
            WHERE chance(member_id, 'chosen', 100000) < {per_thousand * 100}""")
        _nearest_names(engine)
        engine.execute(f"""
            CREATE TEMP TABLE twins AS
            SELECT s.member_id, n.twin FROM sound s JOIN nearest n ON n.name = split_part(s.name_en, ' ', 1) AND n.sex = s.sex
            WHERE s.mother_id IS NOT NULL AND s.father_id IS NOT NULL AND s.spouse_id IS NULL
              AND s.member_id NOT IN (SELECT member_id FROM chosen) AND chance(s.member_id, 'twin', 100000) < {per_thousand * 150}""")
        engine.execute(f"CREATE TEMP TABLE planted AS {statement(__package__, 'duplicates')}")
        residents = out / f"residents.{format}"
        kind = "FORMAT csv, HEADER" if format == "csv" else "FORMAT parquet"
        with atomic_write(residents) as path:
            engine.execute(
                f"COPY (SELECT * FROM {_read(residents, format)} UNION ALL BY NAME SELECT * EXCLUDE (duplicate_of, how) FROM planted)"
                f" TO '{_quoted(path)}' ({kind})"
            )
        with atomic_write(out / "duplicates.csv") as path:
            engine.execute(
                f"COPY (SELECT member_id, duplicate_of, how FROM planted ORDER BY 1) TO '{_quoted(path)}' (FORMAT csv, HEADER)"
            )
        (rows,) = engine.execute("SELECT count(*) FROM planted").fetchone() or (0,)
    return {"duplicates": int(rows)}


def plant_some(out: Path, into: Path, *, seed: int, on: date, most: int = 24) -> int:
    """Write to `into` a few people of the CSV files in `out` once more, half of them pensioners, some paid twice; returns how many.

    `into` gets residents.csv, pensioners.csv and duplicates.csv, the truth (member_id, duplicate_of, how), to be loaded after `out`.
    """
    into.mkdir(parents=True, exist_ok=True)
    with _slips(out, seed, on, "csv") as engine:
        _places(engine, out, "csv")
        engine.execute(f"""
            CREATE TEMP TABLE paid AS
            SELECT member_id, any_value(scheme) AS scheme, any_value(amount) AS amount
            FROM {_read(out / "pensioners.csv", "csv")} GROUP BY member_id HAVING count(*) = 1""")
        engine.execute(f"""
            CREATE TEMP TABLE chosen AS
            SELECT member_id, CASE WHEN chance(member_id, 'how', 1000) < 400 THEN 'family' ELSE 'village' END AS how
            FROM (SELECT s.member_id, row_number() OVER (
                    PARTITION BY p.member_id IS NULL ORDER BY chance(s.member_id, 'chosen', 1000000), s.member_id) AS turn
                  FROM sound s LEFT JOIN paid p USING (member_id))
            WHERE turn <= {most // 2}""")
        engine.execute("CREATE TEMP TABLE twins (member_id VARCHAR, twin VARCHAR)")
        engine.execute(f"CREATE TEMP TABLE planted AS {statement(__package__, 'duplicates')}")
        written = {
            "residents": "SELECT * EXCLUDE (duplicate_of, how) FROM planted ORDER BY member_id",
            "pensioners": "SELECT n.member_id, p.scheme, getvariable('slip_day') - 700 AS since, p.amount FROM planted n"
            f" JOIN paid p ON p.member_id = n.duplicate_of ORDER BY n.member_id LIMIT {most // 4}",
            "duplicates": "SELECT member_id, duplicate_of, how FROM planted ORDER BY member_id",
        }
        for name, rows in written.items():
            with atomic_write(into / f"{name}.csv") as path:
                engine.execute(f"COPY ({rows}) TO '{_quoted(path)}' (FORMAT csv, HEADER)")
        (planted,) = engine.execute("SELECT count(*) FROM planted").fetchone() or (0,)
    return int(planted)


def write_department_list(
    out: Path,
    *,
    seed: int,
    on: date,
    rows: int,
    format: str = "csv",
    name: str = "department",
    noise: str = "heavy",
) -> dict[str, int]:
    """Write a list of about `rows` beneficiaries of a department, from the people of the residents file in `out`.

    `<name>.<format>` holds what the department would send, `<name>_truth.csv` the member ID behind each row (empty for people whom the
    register does not know: `KNOWN` of a thousand are known). `noise` is one of `CLEAN`.
    """
    with _slips(out, seed, on, format) as engine:
        _places(engine, out, format)
        engine.execute(f"SET VARIABLE clean = {CLEAN[noise]}")
        # joins on one equation each: a second condition on the left side alone would compare everybody with everybody
        engine.execute("""
            CREATE TEMP TABLE person AS
            SELECT s.*, a.name_en AS village, a.district, split_part(coalesce(h.name_en, f.name_en, m.name_en), '~', 1) AS guardian,
                CASE WHEN h.name_en IS NOT NULL THEN 'husband' WHEN f.name_en IS NOT NULL THEN 'father'
                    WHEN m.name_en IS NOT NULL THEN 'mother' END AS guardian_type,
                row_number() OVER (ORDER BY hash(s.member_id, getvariable('slip_seed'), 'listed')) AS turn,
                chance(s.member_id, 'known', 1000) AS draw
            FROM sound s JOIN home USING (family_id) JOIN area a USING (area_code)
            LEFT JOIN sound h ON h.member_id = CASE WHEN s.sex = 'F' THEN s.spouse_id END
            LEFT JOIN sound f ON f.member_id = s.father_id LEFT JOIN sound m ON m.member_id = s.mother_id""")
        engine.execute(f"DELETE FROM person WHERE turn > {rows}")
        engine.execute("SET VARIABLE listed = (SELECT count(*) FROM person)")
        engine.execute(f"""
            CREATE TEMP TABLE listed AS
            SELECT p.* EXCLUDE (other) REPLACE (
                -- a stranger: names of three people, born on the day of a fourth
                CASE WHEN known THEN p.name_en ELSE concat(split_part(p.name_en, ' ', 1), ' ', split_part(q.name_en, ' ', -1)) END AS name_en,
                CASE WHEN known THEN p.name_hi END AS name_hi,
                CASE WHEN known THEN p.guardian ELSE q.guardian END AS guardian,
                CASE WHEN known THEN p.born ELSE q.born + 17 END AS born,
                CASE WHEN known THEN p.mobile END AS mobile,
                CASE WHEN known THEN p.village ELSE q.village END AS village
            ), q.village AS elsewhere
            FROM (SELECT *, draw < {KNOWN} AS known, 1 + (turn + {rows // 3}) % getvariable('listed') AS other FROM person) p
            JOIN person q ON q.turn = p.other""")
        engine.execute(f"CREATE TEMP TABLE department AS {statement(__package__, 'department')}")
        kind = "FORMAT csv, HEADER" if format == "csv" else "FORMAT parquet"
        with atomic_write(out / f"{name}.{format}") as path:
            engine.execute(
                f"COPY (SELECT * EXCLUDE (member_id) FROM department ORDER BY 1) TO '{_quoted(path)}' ({kind})"
            )
        with atomic_write(out / f"{name}_truth.csv") as path:
            engine.execute(
                f"COPY (SELECT beneficiary_no, member_id FROM department ORDER BY 1) TO '{_quoted(path)}' (FORMAT csv, HEADER)"
            )
        (count,) = engine.execute("SELECT count(*) FROM department").fetchone() or (0,)
    return {name: int(count)}


@contextmanager
def _slips(out: Path, seed: int, on: date, format: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine with the macros of slips and ``sound``: the residents whose rows a load will take."""
    with connect_duck(temp_directory=f"{out}/.spill", memory_limit="3GB") as engine:
        engine.execute(f"SET VARIABLE slip_seed = {seed}; SET VARIABLE slip_day = DATE '{delivery_day(on)}'")
        engine.execute(statement(__package__, "slips"))
        engine.execute(f"""
            CREATE TEMP TABLE sound AS
            SELECT *, TRY_CAST(born_on AS DATE) AS born FROM {_read(out / f"residents.{format}", format)}
            WHERE regexp_full_match(member_id, '[0-9]{{9}}') AND family_id <> '99999999' AND sex IN ('F', 'M')
              AND (mobile IS NULL OR length(mobile) = 10)
            QUALIFY count(*) OVER (PARTITION BY member_id) = 1 ORDER BY member_id""")
        engine.execute("SET VARIABLE last_member = (SELECT max(member_id)::BIGINT FROM sound)")
        yield engine


def _places(engine: duckdb.DuckDBPyConnection, out: Path, format: str) -> None:
    engine.execute(f"""
        CREATE TEMP TABLE home AS
        SELECT family_id, area_code, row_number() OVER (PARTITION BY area_code ORDER BY family_id) - 1 AS place,
            count(*) OVER (PARTITION BY area_code) AS families, row_number() OVER (ORDER BY family_id) - 1 AS place_of_all
        FROM {_read(out / f"families.{format}", format)} WHERE area_code LIKE 'X%' AND regexp_full_match(family_id, '[0-9]{{8}}')
        QUALIFY count(*) OVER (PARTITION BY family_id) = 1""")
    engine.execute("SET VARIABLE families = (SELECT count(*) FROM home)")
    engine.execute("CREATE TEMP TABLE parents_home AS SELECT member_id, family_id FROM sound")
    engine.execute(f"""
        CREATE TEMP TABLE area AS
        WITH RECURSIVE read AS (SELECT * FROM {_read(out / f"areas.{format}", format)}), up AS (
            SELECT area_code, name_en, kind, area_code AS reached, parent_code FROM read
            UNION ALL SELECT u.area_code, u.name_en, r.kind, r.area_code, r.parent_code FROM up u JOIN read r ON r.area_code = u.parent_code
        )
        SELECT area_code, any_value(name_en) AS name_en, any_value(reached) FILTER (WHERE kind = 'district') AS district
        FROM up GROUP BY area_code""")


def _nearest_names(engine: duckdb.DuckDBPyConnection) -> None:
    """Create ``nearest`` (name, sex, twin): for each given name the one most like it that is another name."""
    pools = sorted(
        {(latin, "F" if place >= 4 * 1024 else "M", vowel_key(latin)) for place, latin, _ in given_names()}
    )
    names = pa.table(
        {"name": [p[0] for p in pools], "sex": [p[1] for p in pools], "key": [p[2] for p in pools]}
    )
    engine.register("given_pool", names)
    engine.execute("""
        CREATE TEMP TABLE nearest AS
        SELECT a.name, a.sex, arg_min(b.name, (levenshtein(a.name, b.name), b.name)) AS twin
        FROM given_pool a JOIN given_pool b ON a.sex = b.sex AND a.key <> b.key GROUP BY a.name, a.sex""")
    engine.unregister("given_pool")


def _read(file: Path, format: str) -> str:
    source = _quoted(file)
    return f"read_csv('{source}', all_varchar = true)" if format == "csv" else f"read_parquet('{source}')"


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
