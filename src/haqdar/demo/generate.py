"""Writes the register files of a made-up district or State, block by block, in bounded memory.

A block is a number of lineages: a founding couple, their children, the sons' wives, the grandchildren, in the
parents' house or apart. Everything about a person follows from a hash of seed, lineage and slot, computed for
whole columns by DuckDB; nothing loops over residents. References between people never leave a block.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from haqdar.base.duck import connect_duck
from haqdar.base.files import atomic_write
from haqdar.base.month import Month
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.base.sql import statement
from haqdar.demo import banks, names
from haqdar.demo.plan import StatePlan
from haqdar.demo.quotas import FROM_AGE, Quotas
from haqdar.demo.verhoeff import aadhaar_tables

LINEAGES_A_BLOCK = 60_000
"""About 350,000 residents: large enough for the columns to be worth it, small enough for 1 GB of memory."""

PEOPLE_A_LINEAGE = 5.77
LARGEST = 85_000_000
"""Family numbers have eight digits and a lineage takes six of them."""
AADHAAR_NUMBERS = 10_000_000

# Ages of founding mothers in steps of five years from 18, fitted so that everyone's ages together come out as
# the Census of 2011 counted them in Madhya Pradesh.
_FOUNDER_AGES = (150, 75, 72, 105, 82, 90, 78, 68, 84, 68, 55, 30, 16, 11, 6)

FILES = ("families", "residents", "bpl", "pwd", "events", "pensioners")


class BadDemoSize(WrongUsage):
    """The number of residents is out of what the identifiers can hold."""

    code = "bad_demo_size"
    en = "A demonstration can have 50 to {largest} residents, not {residents}."
    hi = "प्रदर्शन में 50 से {largest} तक निवासी हो सकते हैं, {residents} नहीं।"


class BadDemoSeed(WrongUsage):
    """The seed is out of range."""

    code = "bad_demo_seed"
    en = "The seed must be a whole number from 0 to 4194303, not {seed}."
    hi = "बीज 0 से 4194303 तक की पूर्ण संख्या होना चाहिए, {seed} नहीं।"


class BadDemoDay(WrongUsage):
    """The day of determination is no first of a month."""

    code = "bad_demo_day"
    en = "The day of determination is the first of a month, not {day}."
    hi = "निर्धारण का दिन महीने की पहली तारीख होता है, {day} नहीं।"


class CannotWriteRegisters(Refusal):
    """The folder cannot be written to, or the disk is full."""

    code = "cannot_write_registers"
    en = "The register files cannot be written to {folder}: {reason}. Choose a folder you may write to, on a disk with room."
    hi = "रजिस्टर की फ़ाइलें {folder} में नहीं लिखी जा सकीं: {reason}। ऐसा फ़ोल्डर चुनें जिसमें लिखने की अनुमति और जगह हो।"


@dataclass(frozen=True)
class Written:
    """What a run wrote: rows by file, and the day on which the files would be delivered."""

    rows: dict[str, int]
    delivered_on: date


def delivery_day(on: date) -> date:
    """The day on which files for the month beginning `on` are delivered: eleven days before it."""
    return on - timedelta(days=11)


def write_registers(
    out: Path,
    *,
    residents: int,
    seed: int,
    on: date = date(2016, 10, 1),
    format: str = "csv",
    memory: str = "1500MB",
) -> Written:
    """Write areas, offices, families, residents, bpl, pwd, events and pensioners for `residents` people to `out`.

    `on` is the day of determination for which the published numbers hold; nothing in the files is known later than
    `delivery_day(on)`. `format` is "csv" or "parquet" (all columns text in both). The same arguments
    give the same bytes. The number of residents is met to within one lineage (about ten people).
    A file appears only when all of it is written. Raises `BadDemoSize`, `BadDemoSeed`, `BadDemoDay`,
    `CannotWriteRegisters`.
    """
    if not 50 <= residents <= LARGEST:
        raise BadDemoSize(residents=residents, largest=LARGEST)
    if not 0 <= seed < 1 << 22:
        raise BadDemoSeed(seed=seed)
    if on != Month.of(on).first_day:
        raise BadDemoDay(day=on)
    plan = StatePlan(residents)
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows = _write(out, plan, seed, on, format, memory)
    except (OSError, duckdb.IOException) as error:
        raise CannotWriteRegisters(folder=out, reason=str(error).split("\n")[0]) from error
    return Written(rows, delivery_day(on))


def _write(out: Path, plan: StatePlan, seed: int, on: date, format: str, memory: str) -> dict[str, int]:
    rows = {"areas": len(plan.area_rows()), "offices": len(plan.office_rows())}
    with ExitStack() as stack:
        engine = stack.enter_context(connect_duck())
        engine.execute(f"SET memory_limit = '{memory}'")
        engine.execute(f"SET temp_directory = '{_quoted(out)}/.spill'")
        writers = {
            name: stack.enter_context(_writer(out, name, format)) for name in ("areas", "offices", *FILES)
        }
        _prepare(engine, plan, seed, on)
        for name in ("areas", "offices"):
            writers[name].append(engine, f"FROM {name}")
        bar = stack.enter_context(progress(plan.residents, "demo", "residents"))
        for block in _blocks(engine, plan):
            for name in FILES:
                rows[name] = rows.get(name, 0) + writers[name].append(engine, statement(__package__, name))
            bar.advance(block)
    return rows


def _prepare(engine: duckdb.DuckDBPyConnection, plan: StatePlan, seed: int, on: date) -> None:
    """Macros, names, places and settings that stay the same for all blocks."""
    engine.execute(statement(__package__, "macros"))
    ages = [18 + 5 * step for step, weight in enumerate(_FOUNDER_AGES) for _ in range(weight)]
    total = sum(_FOUNDER_AGES)
    low, high, close = aadhaar_tables()
    given, surnames = names.given_names(), names.surnames()
    lists: dict[str, Sequence[object]] = {
        "founder_ages": [ages[place * total // 1000] for place in range(1000)],
        "verhoeff_low": low,
        "verhoeff_high": high,
        "verhoeff_close": close,
        "streets": names.STREETS,
        "given_latin": [latin for _, latin, _ in given],
        "given_hindi": [hindi for _, _, hindi in given],
        "surnames_latin": [latin for _, latin, _, _ in surnames],
        "surnames_hindi": [hindi for _, _, hindi, _ in surnames],
        "surnames_muslim": [muslim for _, _, _, muslim in surnames],
        "branches": [ifsc for ifsc, _ in banks.BRANCHES],
        "branch_digits": [digits for _, digits in banks.BRANCHES],
        "merged": [ifsc for ifsc, _ in banks.MERGED],
        "merged_digits": [digits for _, digits in banks.MERGED],
    }
    for name, values in lists.items():
        _table(engine, "listed", ("place", "value"), list(enumerate(values)))
        engine.execute(f"SET VARIABLE {name} = (SELECT list(value ORDER BY place) FROM listed)")
        engine.execute("DROP TABLE listed")
    _set(engine, "seed_key", seed << 40)
    _set(engine, "day", on)
    _set(engine, "delivery_ago", (on - delivery_day(on)).days)
    _set(engine, "aadhaar_for_all", plan.residents < AADHAAR_NUMBERS * 0.98)
    _table(engine, "areas", _AREA_COLUMNS, plan.area_rows())
    _table(engine, "offices", _OFFICE_COLUMNS, plan.office_rows())
    lineages = plan.residents / PEOPLE_A_LINEAGE
    weight = sum(place.weight for place in plan.places)
    rows = []
    reached = 0
    for number, place in enumerate(plan.places):
        first = round(lineages * reached / weight)
        reached += place.weight
        tribal, scheduled = round(10_000 * place.tribal), round(10_000 * place.scheduled)
        rows.append(
            (number, place.code, place.name_hi, place.kind == "ward", first, tribal, scheduled),
        )
    _table(
        engine, "area_plan", ("area", "code", "name_hi", "urban", "first_unit", "st_share", "sc_share"), rows
    )


_AREA_COLUMNS = ("area_code", "kind", "parent_code", "name_en", "name_hi", "lgd_code", "census_code")
_OFFICE_COLUMNS = ("office_code", "kind", "area_code", "ddo_code", "name_en", "name_hi")


def _set(engine: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    engine.execute(f"SET VARIABLE {name} = (SELECT $1)", [value])


def _table(
    engine: duckdb.DuckDBPyConnection, name: str, columns: tuple[str, ...], rows: Sequence[Sequence[object]]
) -> None:
    arrow = pa.table({column: [row[i] for row in rows] for i, column in enumerate(columns)})
    engine.register("delivered", arrow)
    engine.execute(f"CREATE TEMP TABLE {name} AS FROM delivered")
    engine.unregister("delivered")


def _blocks(engine: duckdb.DuckDBPyConnection, plan: StatePlan) -> Iterator[int]:
    """Fill the temporary tables of one block after the other; gives each block's residents."""
    quotas = Quotas()
    done = aadhaars = first = 0
    while done < plan.residents:
        missing = plan.residents - done
        people = _people(
            engine, first, first + min(LINEAGES_A_BLOCK, 20 + int(missing / PEOPLE_A_LINEAGE * 1.05))
        )
        if people > missing:
            last = _scalar(engine, statement(__package__, "cut"), [missing])
            if last == first:
                return
            people = _people(engine, first, last)
        for step in ("facts", "roles"):
            engine.execute(statement(__package__, step))
        pools = dict(engine.execute(statement(__package__, "pools")).fetchall())
        places = quotas.places(people, pools)
        claims = [
            (
                p.claim.cell,
                p.claim.scheme,
                p.claim.rupees,
                p.claim.mark,
                p.first,
                p.last,
                FROM_AGE[p.claim.scheme],
            )
            for p in places
        ]
        engine.execute("DROP TABLE IF EXISTS claim")
        _table(engine, "claim", _CLAIM_COLUMNS, claims)
        _set(engine, "aadhaar_first", aadhaars)
        for step in ("pensions", "entries"):
            engine.execute(statement(__package__, step))
        aadhaars += _scalar(engine, "SELECT count(*) FROM vault", [])
        done += people
        first = _scalar(engine, "SELECT getvariable('last_unit')", [])
        yield people


_CLAIM_COLUMNS = ("cell", "scheme", "rupees", "mark", "first_place", "last_place", "from_age")


def _people(engine: duckdb.DuckDBPyConnection, first: int, last: int) -> int:
    """Generate the lineages [first, last); gives the number of people."""
    _set(engine, "first_unit", first)
    _set(engine, "last_unit", last)
    for step in ("units", "kids", "people"):
        engine.execute(statement(__package__, step))
    return _scalar(engine, "SELECT count(*) FROM person", [])


def _scalar(engine: duckdb.DuckDBPyConnection, sql: str, values: list[object]) -> int:
    row = engine.execute(sql, values).fetchone()
    assert row is not None
    return int(row[0])


class _Writer(Protocol):
    def append(self, engine: duckdb.DuckDBPyConnection, sql: str) -> int:
        """Add the rows of a query to the file; gives their number."""


class _CsvWriter:
    """Each block is copied by the engine to a part, and the part put at the end of the file."""

    def __init__(self, path: Path) -> None:
        self._part = path.with_name(path.name + ".part")
        self._file: BinaryIO = path.open("wb")
        self._started = False

    def append(self, engine: duckdb.DuckDBPyConnection, sql: str) -> int:
        header = "false" if self._started else "true"
        self._started = True
        rows = _scalar(engine, f"COPY ({sql}) TO '{_quoted(self._part)}' (FORMAT csv, HEADER {header})", [])
        with self._part.open("rb") as part:
            copyfileobj(part, self._file, 1 << 20)
        return rows

    def close(self) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)


class _ParquetWriter:
    """Each block becomes row groups of one Parquet file; all columns are text, as in the CSV files."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: pq.ParquetWriter | None = None

    def append(self, engine: duckdb.DuckDBPyConnection, sql: str) -> int:
        rows = 0
        batches = engine.sql(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({sql})").to_arrow_reader(100_000)
        if self._file is None:
            self._file = pq.ParquetWriter(self._path, batches.schema, compression="zstd")
        for batch in batches:
            self._file.write_batch(batch)
            rows += batch.num_rows
        return rows

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@contextmanager
def _writer(out: Path, name: str, format: str) -> Iterator[_Writer]:
    """A file of `out` that appears under its name only when everything has been written."""
    with atomic_write(out / f"{name}.{format}") as path:
        writer: _CsvWriter | _ParquetWriter = _CsvWriter(path) if format == "csv" else _ParquetWriter(path)
        try:
            yield writer
        finally:
            writer.close()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
