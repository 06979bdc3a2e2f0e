"""From registers to one self-contained set of columns for each district.

A district's facts depend on people who live elsewhere: a spouse, and children who moved out. `gather` cuts every register
by the district of the person's family in one streaming pass, finds whose facts cross a border, and lays copies of those
rows beside the district that needs them (*kin*). From then on every district can be worked on alone, by any worker, in
memory bounded by the largest district.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from haqdar.base.sql import statement
from haqdar.entitlement.registers import AREA_TREE, REGISTERS, none_of

Reader = Callable[[str], str]
"""Gives for a register's name (raw_resident …) a SELECT in the gathering engine with the register's columns."""

#: Registers of the State as a whole; all others belong to a person or a family.
STATEWIDE = ("raw_area", "raw_office")
#: The number of districts a thread writes at a time times this is what a partitioned write holds in memory.
_ROWS_HELD = 50_000


@dataclass(frozen=True)
class District:
    """A district of the gathered registers; `code` is None for people whose area lies in no known district."""

    number: int
    code: str | None


@dataclass(frozen=True)
class Gathered:
    """Registers cut by district below `folder`, and what they say of the State as a whole."""

    folder: Path
    districts: tuple[District, ...]
    residents: int
    known_at: date | None

    def files(self, register: str, district: District) -> list[Path]:
        """The Parquet files of a register's rows for a district: its own, then its kin's."""
        return [
            file
            for kind in (register, f"kin_{register}")
            for file in sorted((self.folder / kind / f"district_no={district.number}").glob("*.parquet"))
        ]


def gather(
    duck: duckdb.DuckDBPyConnection, read: Reader, folder: Path, step: Callable[[], object] = lambda: None
) -> Gathered:
    """Cut the registers that `read` gives by district into Parquet below `folder`; `step` is called after each register.

    Leaves ``area`` (with each area's district and drawing officer) in `duck`.
    """
    duck.execute(f"SET partitioned_write_flush_threshold = {_ROWS_HELD}")
    for name in STATEWIDE:
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS {read(name)}")
        step()
    duck.execute(AREA_TREE)
    duck.execute(named("district"))
    _cut(duck, folder, "raw_family", f"({read('raw_family')}) t LEFT JOIN area_home h USING (area_code)")
    duck.execute(
        f"CREATE OR REPLACE TABLE family_home AS SELECT family_id, district_no FROM {_all(folder, 'raw_family')}"
    )
    step()
    _cut(
        duck, folder, "raw_resident", f"({read('raw_resident')}) t LEFT JOIN family_home h USING (family_id)"
    )
    step()
    others = [name for name in REGISTERS if name not in (*STATEWIDE, "raw_family", "raw_resident")]
    by_member = [name for name in others if "member_id" in REGISTERS[name].schema.names]
    for name in others:
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS {read(name)}")
        step()
    mentioned = " UNION ALL ".join(f"SELECT member_id FROM {name}" for name in by_member)
    duck.execute(f"CREATE OR REPLACE VIEW every_resident AS SELECT * FROM {_all(folder, 'raw_resident')}")
    # the residents are many, those named in other registers are few: they are the side that is kept in memory
    duck.execute(
        f"CREATE OR REPLACE TABLE member_home AS SELECT member_id, district_no FROM every_resident SEMI JOIN ({mentioned})"
        " USING (member_id)"
    )
    for name in others:
        home = "member_home h USING (member_id)" if name in by_member else "family_home h USING (family_id)"
        _cut(duck, folder, name, f"{name} t LEFT JOIN {home}")
    duck.execute(named("identity"))
    _cut(duck, folder, "identity", "identity t JOIN identity_home h USING (member_id)", " ORDER BY ALL")
    numbers = duck.execute(
        "SELECT district_no, district_code FROM district SEMI JOIN (SELECT DISTINCT district_no FROM every_resident UNION"
        " SELECT 0 FROM raw_pension p ANTI JOIN member_home USING (member_id)) USING (district_no) ORDER BY 1"
    ).fetchall()
    districts = tuple(District(number, code) for number, code in numbers)
    _gather_kin(duck, folder, districts)
    latest = " UNION ALL ".join(
        [
            f"SELECT max(known_from) AS day FROM {name}"
            for name in REGISTERS
            if name not in ("raw_family", "raw_resident")
        ]
        + [f"SELECT max(known_from) FROM {_all(folder, name)}" for name in ("raw_family", "raw_resident")]
    )
    known_at, residents = duck.execute(
        f"SELECT (SELECT max(day) FROM ({latest})), (SELECT count(*) FROM every_resident)"
    ).fetchone() or (None, 0)
    for name in (*others, "family_home", "member_home", "identity", "identity_home"):
        duck.execute(f"DROP TABLE IF EXISTS {name}")
    return Gathered(folder, districts, residents, known_at)


def _gather_kin(duck: duckdb.DuckDBPyConnection, folder: Path, districts: tuple[District, ...]) -> None:
    """Find the people whose facts another district needs, and copy their rows to it."""
    duck.execute(named("foreign_link"))
    for district in districts:
        for name in ("raw_resident", "raw_event"):
            own = sorted((folder / name / f"district_no={district.number}").glob("*.parquet"))
            source = f"read_parquet({[str(f) for f in own]}, hive_partitioning = false)" if own else None
            duck.execute(
                f"CREATE OR REPLACE TEMP VIEW own_{name} AS SELECT * FROM {source or f'({none_of(name)})'}"
            )
        duck.execute(named("foreign_links_of").format(district=district.number))
    duck.execute("DROP VIEW IF EXISTS own_raw_resident; DROP VIEW IF EXISTS own_raw_event")
    (links,) = duck.execute("SELECT count(*) FROM foreign_link").fetchone() or (0,)
    if links:
        duck.execute(named("kin_needed"))
        for name in ("raw_resident", "raw_event"):
            _copy(
                duck,
                folder / f"kin_{name}",
                f"SELECT t.* EXCLUDE (district_no), k.district_no FROM {_all(folder, name)} t"
                " JOIN kin_needed k USING (member_id)",
            )
        duck.execute("DROP TABLE kin_needed")
    duck.execute("DROP TABLE foreign_link")


def _cut(duck: duckdb.DuckDBPyConnection, folder: Path, name: str, rows: str, order: str = "") -> None:
    _copy(duck, folder / name, f"SELECT t.*, coalesce(h.district_no, 0) AS district_no FROM {rows}{order}")


def _copy(duck: duckdb.DuckDBPyConnection, place: Path, select: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    duck.execute(
        f"COPY ({select}) TO '{quoted(place)}' (FORMAT parquet, PARTITION_BY (district_no), OVERWRITE_OR_IGNORE)"
    )


def _all(folder: Path, name: str) -> str:
    """All districts of a gathered register, with `district_no`; an empty relation when it has no row."""
    if not any((folder / name).glob("*/*.parquet")):
        return f"(SELECT *, 0::BIGINT AS district_no FROM ({none_of(name)}))"
    return f"read_parquet('{quoted(folder / name)}/*/*.parquet', hive_partitioning = true)"


def named(name: str) -> str:
    """One named statement of sql/gather.sql."""
    parts = statement("haqdar.entitlement", "gather").split("-- name: ")
    return next(part.partition("\n")[2] for part in parts if part.partition("\n")[0].strip() == name)


def quoted(path: Path) -> str:
    """A path for use inside single quotes of SQL."""
    return str(path).replace("'", "''")
