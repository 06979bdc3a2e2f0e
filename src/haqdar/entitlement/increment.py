"""The next snapshot from the one before: only people whose facts changed are built anew.

Facts of a person depend on few others: spouses, parents, children, the spouse's children, the household. So from the
beliefs added since the earlier snapshot follow the people *touched*: those the beliefs are about, everyone at most two steps
from these along spouses, parents and children, in old or in new knowledge, and their households. Their beliefs, and those
of the people whom they in turn depend on, are read from PostgreSQL by index; their timelines and spans are built by the
same statements as always. A touched district's files are its old rows without the touched people and the new rows, in
the order of the table, with the profiles numbered anew; files that stay equal are taken over as they are.

The result is the full build's, byte for byte: rows, orders and numbers follow from the knowledge alone. Reaching too far
costs time and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from haqdar.base.progress import progress
from haqdar.entitlement import one_person
from haqdar.entitlement.facts import build_timelines
from haqdar.entitlement.gather import STATEWIDE, Reader, named, quoted
from haqdar.entitlement.origin import Added, Origin, added_since
from haqdar.entitlement.registers import EVERY_REGISTER, REGISTERS
from haqdar.entitlement.spans import PARTS, build_spans, profile_columns
from haqdar.entitlement.stored import (
    TABLES,
    Snapshot,
    each_district,
    engine,
    folder_name,
    keep_whole,
    link,
    publish,
    working_folder,
    write_part,
)
from haqdar.law import Vocabulary

if TYPE_CHECKING:
    import adbc_driver_postgresql.dbapi

#: The share of touched people above which a full build is quicker.
MOST = 0.2
#: Steps along spouses, parents and children within which facts of one person bear on another's.
_REACH = 2
_NOWHERE = folder_name(None)
#: Tables whose rows are not simply those of the touched people.
_NUMBERED = ("profile", "place", *PARTS)
_STEPS = 6


def take(
    duck: duckdb.DuckDBPyConnection,
    cursor: adbc_driver_postgresql.dbapi.Cursor,
    read: Reader,
    base: Snapshot,
    facts: Mapping[str, Any],
    origin: Origin,
    vocabulary: Vocabulary,
    most: float = MOST,
) -> Snapshot | None:
    """The snapshot of the knowledge that `cursor`'s transaction sees, from `base`; None where a full build is needed.

    `read` reads a register whole (see `gather`). `facts` and `origin` are what the new manifest says; they must fit `base` (same first day, words and engine, the same
    database later, a day of knowledge not earlier).
    """
    known_on = date.fromisoformat(facts["known_on"])
    earlier = Origin.of(base.manifest["origin"])
    assert earlier is not None
    with progress(_STEPS, "changed facts", "steps") as bar:
        added = added_since(cursor, origin, known_on, earlier, base.known_on)
        bar.advance()
        if added is None or any(added[name].owners.num_rows for name in STATEWIDE):
            return None
        with working_folder() as working:
            increment = _Increment(duck, cursor, base, known_on, working)
            if not increment.find_touched(added, most, bar.advance):
                return None
            increment.build(vocabulary, date.fromisoformat(facts["first_day"]), bar.advance)
            place = working / "snapshot"
            rewritten = increment.write(place, vocabulary)
            keep_whole(duck, read, facts["benefits"], place)
            read_in = EVERY_REGISTER if facts["benefits"] else (*REGISTERS, one_person.RELATION)
            days = [base.known_at, *(added[name].known_at for name in read_in)]
            known_at = max((day for day in days if day is not None), default=None)
            return publish(
                place,
                {
                    **facts,
                    "known_at": known_at and known_at.isoformat(),
                    "residents": increment.residents(),
                    "districts": increment.districts,
                    "origin": origin.manifest(),
                    "built_on": {
                        "snapshot": base.hash,
                        "people": increment.count("touched"),
                        "districts": sorted(rewritten),
                    },
                },
                increment.taken_over,
            )


class _Increment:
    """The touched people of one new snapshot, in tables of `duck`, and what is written of them."""

    def __init__(
        self,
        duck: duckdb.DuckDBPyConnection,
        cursor: adbc_driver_postgresql.dbapi.Cursor,
        base: Snapshot,
        known_on: date,
        working: Path,
    ) -> None:
        self.duck, self.cursor, self.base, self.known_on, self.working = duck, cursor, base, known_on, working
        self.merged = one_person.believe(duck)
        self.districts: list[str] = []
        self.taken_over: dict[str, str] = {}
        self._asked = 0
        for table in ("person", "kin", "spouse_period", "identity"):
            duck.execute(
                f"CREATE OR REPLACE VIEW before_{table} AS SELECT * EXCLUDE (filename),"
                f" regexp_extract(filename, '/district=([^/=]*)/part.parquet$', 1) AS home"
                f" FROM read_parquet('{quoted(base.path / table)}/*/*.parquet', hive_partitioning = false, filename = true)"
            )

    def count(self, table: str) -> int:
        """The number of rows of a table."""
        (number,) = self.duck.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        return int(number)

    def residents(self) -> int:
        """How many people the new snapshot has."""
        return (
            self.base.residents
            - self.count("(FROM before_person SEMI JOIN touched USING (member_id))")
            + self.count("own")
        )

    def find_touched(self, added: Mapping[str, Added], most: float, step: Callable[[], object]) -> bool:
        """Make ``touched`` (member_id) and ``touched_family`` (family_id); False when they are more than the share `most`."""
        for kind in ("member_id", "family_id"):
            owners = [one.owners for name, one in added.items() if EVERY_REGISTER[name].owner == kind]
            self.duck.register("incoming", pa.concat_tables(owners))
            self.duck.execute(
                f"CREATE OR REPLACE TABLE changed_{kind} AS SELECT DISTINCT CAST(owner AS INTEGER) AS {kind} FROM incoming"
            )
            self.duck.unregister("incoming")
        # what is said of a merged number is said of the person behind it, before the merge, after it or when it was undone
        asked = self._ask("changed_member_id", "member_id")
        self.cursor.execute(
            f"SELECT DISTINCT m.survivor_id AS member_id FROM registry_merge m JOIN {asked} a ON a.member_id = m.member_id"
            " WHERE m.survivor_id IS NOT NULL"
        )
        self._keep("behind", self.cursor.fetch_record_batch())
        self.duck.execute(
            "INSERT INTO changed_member_id FROM behind ANTI JOIN changed_member_id USING (member_id)"
        )
        limit = most * self.base.residents
        if self.count("changed_member_id") > limit:
            return False
        self._read("raw_resident", "changed_member_id")
        self._read("raw_event", "changed_member_id")
        step()
        # a family that moves takes its members to another place, where their kin may live or not
        self.duck.execute("""
            CREATE OR REPLACE TABLE touched AS
            FROM changed_member_id UNION SELECT member_id FROM before_person SEMI JOIN changed_family_id USING (family_id)""")
        self._link()
        self._reach("touched")
        self.duck.execute("""
            CREATE OR REPLACE TABLE touched_family AS
            FROM changed_family_id
            UNION SELECT family_id FROM raw_resident
            UNION SELECT family_id FROM before_person SEMI JOIN changed_member_id USING (member_id)""")
        self.duck.execute("""
            INSERT INTO touched
            SELECT member_id FROM before_person SEMI JOIN touched_family USING (family_id) ANTI JOIN touched USING (member_id)""")
        self.duck.execute("""
            INSERT INTO touched_family
            SELECT DISTINCT family_id FROM before_person SEMI JOIN touched USING (member_id)
            ANTI JOIN touched_family USING (family_id)""")
        step()
        return self.count("touched") <= limit

    def _link(self) -> None:
        """Make ``link`` (a, b): who names whom as spouse, mother or father, in old knowledge or in new."""
        old = " UNION ALL ".join(
            f"SELECT member_id AS a, {column} AS b FROM before_{table} WHERE {column} <> 0"
            for table, column in (
                ("person", "base_spouse"),
                ("person", "mother_id"),
                ("person", "father_id"),
                ("spouse_period", "spouse_id"),
            )
        )
        new = " UNION ALL ".join(
            f"SELECT member_id, {column} FROM {table} WHERE {column} IS NOT NULL"
            for table, column in (
                ("raw_resident", "spouse_id"),
                ("raw_resident", "mother_id"),
                ("raw_resident", "father_id"),
                ("raw_event", "spouse_id"),
            )
        )
        self.duck.execute(f"CREATE OR REPLACE TABLE new_link AS SELECT DISTINCT a, b FROM ({new}) x(a, b)")
        self.duck.execute(f"CREATE OR REPLACE VIEW link AS {old} UNION ALL FROM new_link")

    def _reach(self, people: str) -> None:
        """Add to the table `people` everybody within `_REACH` steps along ``link``."""
        self.duck.execute(f"CREATE OR REPLACE TABLE frontier AS SELECT member_id FROM {people}")
        for _ in range(_REACH):
            self.duck.execute(f"""
                CREATE OR REPLACE TABLE frontier AS
                SELECT DISTINCT member_id
                FROM (SELECT b AS member_id FROM link SEMI JOIN frontier ON a = member_id
                      UNION ALL SELECT a FROM link SEMI JOIN frontier ON b = member_id)
                ANTI JOIN {people} USING (member_id)""")
            self.duck.execute(f"INSERT INTO {people} FROM frontier")

    def build(self, vocabulary: Vocabulary, first_day: date, step: Callable[[], object]) -> None:
        """Make the timelines and spans of the touched people, and ``home``: in which district whoever is needed lives."""
        self.duck.execute("""
            CREATE OR REPLACE TABLE needed AS
            FROM touched UNION SELECT member_id FROM before_person SEMI JOIN touched_family USING (family_id)""")
        self._reach("needed")
        self.duck.execute("DROP VIEW link")
        for name, register in REGISTERS.items():
            if name in STATEWIDE:
                self._keep(name, register.schema.empty_table())
            else:
                self._read(name, "needed" if register.owner == "member_id" else "touched_family")
        step()
        self.duck.execute(
            f"CREATE OR REPLACE TABLE area AS FROM read_parquet('{quoted(self.base.path / 'area.parquet')}')"
        )
        self.duck.execute(
            "CREATE OR REPLACE TABLE own AS SELECT member_id FROM raw_resident SEMI JOIN touched USING (member_id)"
        )
        build_timelines(self.duck)
        build_spans(self.duck, vocabulary, first_day)
        for part, select in PARTS.items():
            self.duck.execute(f"CREATE OR REPLACE TABLE {part} AS {select.format(first_day=first_day)}")
        step()
        codes = [row[0] for row in self.duck.execute("SELECT DISTINCT district_code FROM area").fetchall()]
        homes = pa.table(
            {"district_code": pa.array(codes, pa.string()), "home": [folder_name(code) for code in codes]}
        )
        self.duck.register("incoming", homes)
        self.duck.execute(f"""
            CREATE OR REPLACE TABLE home AS
            SELECT member_id, coalesce(i.home, '{_NOWHERE}') AS home
            FROM person SEMI JOIN own USING (member_id) LEFT JOIN incoming i USING (district_code)
            UNION ALL
            SELECT member_id, home FROM before_person
            SEMI JOIN needed USING (member_id) ANTI JOIN touched USING (member_id)""")
        self.duck.unregister("incoming")
        self._find_identity()
        self.duck.execute(named("kin_of_touched"))
        step()

    def _find_identity(self) -> None:
        """Make ``identity`` and ``touched_identity``: those who share a number with somebody whose row changed, and the touched.

        Two look-ups: whoever ever had a number of a changed person; then whoever ever had a number of those, so that each of the
        first has all who share with them.
        """
        table = REGISTERS["raw_resident"].table
        members = "changed_member_id"
        for found in ("sharing", "theirs"):
            wanted = self._ask(members, "member_id")
            same = " UNION ".join(
                f"SELECT o.member_id FROM {table} b JOIN {wanted} w ON w.member_id = b.member_id"
                f" JOIN {table} o ON o.{value} = b.{value}"
                for value in ("aadhaar_ref", "account_hash")
            )
            self.cursor.execute(f"SELECT member_id FROM {wanted} UNION {same}")
            self._keep(found, self.cursor.fetch_record_batch())
            members = found
        self._read("raw_resident", "theirs", "sharing_resident")
        self.duck.execute(
            "CREATE OR REPLACE VIEW every_resident AS SELECT *, 0 AS district_no FROM sharing_resident"
        )
        self.duck.execute(named("identity"))
        self.duck.execute("""
            CREATE OR REPLACE TABLE touched_identity AS FROM sharing UNION FROM touched;
            DELETE FROM identity WHERE member_id NOT IN (FROM sharing);
            INSERT INTO identity
            SELECT member_id, aadhaar_of, account_of FROM before_identity
            SEMI JOIN touched USING (member_id) ANTI JOIN sharing USING (member_id);
            INSERT INTO home
            SELECT member_id, home FROM before_person SEMI JOIN identity USING (member_id) ANTI JOIN home USING (member_id)""")

    def write(self, place: Path, vocabulary: Vocabulary) -> set[str]:
        """Write the snapshot below `place`; returns the districts of which any file changed."""
        new = self.working / "new"
        new.mkdir()
        for table, select in self._new_rows():
            self.duck.execute(f"COPY ({select}) TO '{quoted(new / table)}.parquet' (FORMAT parquet)")
        homes = " UNION ".join(
            f"SELECT home FROM {source}"
            for source in (
                "home SEMI JOIN touched_identity USING (member_id)",
                "before_person SEMI JOIN touched USING (member_id)",
                "before_kin SEMI JOIN touched USING (member_id)",
                "before_identity SEMI JOIN touched_identity USING (member_id)",
                "kin_of_touched",
                # whoever is no resident has rows nowhere, a pensioner who is not (yet) in the register for one
                f"(SELECT '{_NOWHERE}' AS home FROM touched ANTI JOIN own USING (member_id))",
                f"(SELECT '{_NOWHERE}' AS home FROM touched ANTI JOIN before_person USING (member_id))",
            )
        )
        touched = {row[0] for row in self.duck.execute(homes).fetchall()}
        kept = _Kept(self.base, place, new, vocabulary)
        place.mkdir()
        kept.take_over("area.parquet")
        for district in set(self.base.districts) - touched:
            for table in TABLES:
                kept.take_over(kept.name(table, district))
        changed: dict[str, bool | None] = {}
        each_district(
            sorted(touched), lambda home: changed.__setitem__(home, kept.write_district(home)), "snapshot"
        )
        self.taken_over = kept.hashes
        there = (set(self.base.districts) | touched) - {
            home for home, found in changed.items() if found is None
        }
        # nowhere first, then in the order of the codes, as a full build numbers them
        self.districts = sorted(there, key=lambda home: (home != _NOWHERE, unquote(home)))
        return {home for home, found in changed.items() if found is not False}

    def _new_rows(self) -> Iterator[tuple[str, str]]:
        """For each of `TABLES` the rows of the touched people, with the district (``home``) they belong to."""
        yield "touched", "FROM touched"
        yield "touched_family", "FROM touched_family"
        yield "touched_identity", "FROM touched_identity"
        yield "profile", "FROM profile"
        yield "place", "FROM place"
        yield "kin", "FROM kin_of_touched"
        for table in TABLES:
            if table in ("profile", "place", "kin"):
                continue
            columns = self.duck.execute(f"SELECT * FROM {table} LIMIT 0").description
            if "member_id" in [column[0] for column in columns]:
                touched = "touched_identity" if table == "identity" else "touched"
                yield (
                    table,
                    f"SELECT t.*, coalesce(h.home, '{_NOWHERE}') AS home FROM {table} t LEFT JOIN home h USING (member_id)"
                    f" SEMI JOIN {touched} USING (member_id)",
                )
            else:
                yield (
                    table,
                    f"SELECT t.*, f.home FROM {table} t JOIN (SELECT DISTINCT family_id, home FROM person"
                    " JOIN home USING (member_id)) f USING (family_id)",
                )

    def _read(self, name: str, wanted: str, kept_as: str = "") -> None:
        """Read from PostgreSQL a register's beliefs about those in the table `wanted` of `duck`, through merges."""
        owner = REGISTERS[name].owner
        if self.merged and owner == "member_id":
            wanted = (
                f"(SELECT member_id FROM {wanted}"
                f" UNION SELECT member_id FROM one_person WHERE survivor_id IN (SELECT member_id FROM {wanted}))"
            )
        asked = self._ask(wanted, owner)
        self.cursor.execute(REGISTERS[name].query_about(self.known_on, asked))
        self._keep(kept_as or name, self.cursor.fetch_record_batch())
        if self.merged:
            target = kept_as or name
            self.duck.execute(
                f"CREATE OR REPLACE TABLE {target} AS {one_person.as_one(name, f'FROM {target}')}"
            )

    def _ask(self, wanted: str, owner: str) -> str:
        """The numbers in the table `wanted` as a temporary table of PostgreSQL."""
        self._asked += 1
        asked = f"snapshot_asked_{self._asked}"
        rows = self.duck.execute(f"SELECT DISTINCT {owner} FROM {wanted} ORDER BY 1").to_arrow_table()
        self.cursor.execute(f"CREATE TEMPORARY TABLE {asked} ({owner} integer PRIMARY KEY)")
        self.cursor.adbc_ingest(asked, rows, mode="append", temporary=True)
        self.cursor.execute(f"ANALYZE {asked}")
        return asked

    def _keep(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        self.duck.register("incoming", rows)
        self.duck.execute(f"CREATE OR REPLACE TABLE {table} AS FROM incoming")
        self.duck.unregister("incoming")


@dataclass
class _Kept:
    """Writes districts below `place` from the files of `base` and the rows of touched people below `new`."""

    base: Snapshot
    place: Path
    new: Path
    vocabulary: Vocabulary

    def __post_init__(self) -> None:
        self.hashes: dict[str, str] = {}

    @staticmethod
    def name(table: str, district: str) -> str:
        """A file's name within a snapshot."""
        return f"{table}/district={district}/part.parquet"

    def take_over(self, name: str) -> None:
        """Take a file over as it is."""
        link(self.base.path / name, self.place / name)
        self.hashes[name] = self.base.manifest["files"][name]

    def write_district(self, home: str) -> bool | None:
        """Write one district's files; whether any of them changed, None when nobody lives there any more."""
        with closing(engine("2GB", threads=1)) as duck:
            self._attach(duck, home)
            ghosts = f"EXISTS (FROM pension WHERE is_ghost) AND '{home}' = '{_NOWHERE}'"
            (alive,) = duck.execute(f"SELECT EXISTS (FROM person) OR ({ghosts})").fetchone() or (False,)
            if not alive:
                return None
            self._renumber(duck, "profile", profile_columns(self.vocabulary))
            self._renumber(duck, "place", ["area_code", "social_category"])
            for table in PARTS:
                duck.execute(f"""
                    CREATE VIEW {table} AS
                    SELECT s.* EXCLUDE (era) REPLACE (p.number AS profile_no, l.number AS place_no)
                    FROM (SELECT *, 0 AS era FROM stay_{table} UNION ALL SELECT *, 1 FROM come_{table}) s
                    JOIN profile_number p ON p.era = s.era AND p.profile_no = s.profile_no
                    JOIN place_number l ON l.era = s.era AND l.place_no = s.place_no""")
            changed = [self._write(duck, table, home) for table in TABLES]
            return any(changed)

    def _attach(self, duck: duckdb.DuckDBPyConnection, home: str) -> None:
        """Make for every table its old rows, of these those that stay and go, those that come, and the new whole."""
        for table in ("touched", "touched_family", "touched_identity"):
            duck.execute(f"CREATE TABLE {table} AS FROM read_parquet('{quoted(self.new / table)}.parquet')")
        for table in TABLES:
            there = home in self.base.districts
            file = self.base.file(table, home if there else self.base.districts[0])
            duck.execute(
                f"CREATE VIEW old_{table} AS SELECT * FROM read_parquet('{quoted(file)}', hive_partitioning = false)"
                f" WHERE {there}"
            )
            new = f"read_parquet('{quoted(self.new / table)}.parquet')"
            if table in ("profile", "place"):
                duck.execute(f"CREATE VIEW come_{table} AS FROM {new}")
                continue
            columns = [column[0] for column in duck.execute(f"SELECT * FROM old_{table} LIMIT 0").description]
            touched = "touched_identity" if table == "identity" else "touched"
            by = (
                f"{touched} USING (member_id)"
                if "member_id" in columns
                else "touched_family USING (family_id)"
            )
            duck.execute(
                f"CREATE VIEW come_{table} AS SELECT {', '.join(columns)} FROM {new} WHERE home = '{home}'"
            )
            duck.execute(f"CREATE VIEW gone_{table} AS FROM old_{table} SEMI JOIN {by}")
            duck.execute(f"CREATE VIEW stay_{table} AS FROM old_{table} ANTI JOIN {by}")
            if table not in _NUMBERED:
                duck.execute(f"CREATE VIEW {table} AS FROM stay_{table} UNION ALL FROM come_{table}")

    @staticmethod
    def _renumber(duck: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> None:
        """Make the dictionary `table` of what the spans use, and ``<table>_number``: an old (era 0) or new number's number."""
        number, listed = f"{table}_no", ", ".join(columns)
        used = " UNION ALL ".join(
            f"SELECT {era} AS era, {number}, {listed} FROM {source}_{table}"
            f" WHERE {number} IN ({' UNION '.join(f'SELECT {number} FROM {spans}_{part}' for part in PARTS)})"
            for era, (source, spans) in enumerate((("old", "stay"), ("come", "come")))
        )
        duck.execute(f"""
            CREATE TABLE {table}_number AS
            SELECT *, CAST(dense_rank() OVER (ORDER BY {listed}) - 1 AS INTEGER) AS number FROM ({used})""")
        duck.execute(
            f"CREATE VIEW {table} AS SELECT DISTINCT number AS {number}, {listed} FROM {table}_number"
        )

    def _write(self, duck: duckdb.DuckDBPyConnection, table: str, home: str) -> bool:
        """Write a table of a district, or take the file over when no row differs; whether any does."""
        if table in PARTS:
            # while profiles and places keep their numbers, only the touched people can differ
            same = all(self.name(name, home) in self.hashes for name in ("profile", "place"))
            gone, come = f"FROM gone_{table}", f"FROM {table} SEMI JOIN touched USING (member_id)"
        elif table in _NUMBERED:
            same, gone, come = True, f"FROM old_{table}", f"FROM {table}"
        else:
            same, gone, come = True, f"FROM gone_{table}", f"FROM come_{table}"
        if home in self.base.districts and same:
            (same,) = duck.execute(
                f"SELECT NOT EXISTS (({gone}) EXCEPT ALL ({come})) AND NOT EXISTS (({come}) EXCEPT ALL ({gone}))"
            ).fetchone() or (False,)
            if same:
                self.take_over(self.name(table, home))
                return False
        write_part(duck, table, f"FROM {table}", self.place, home)
        return True
