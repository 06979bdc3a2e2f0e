"""The registers as the engine reads them: which beliefs count on a day of knowledge, and which columns matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from haqdar.base.refusal import Refusal

#: What is read of each register: the latest belief of every key that was known on K. The partial index on corrections
#: (belief_no > 1) makes the anti-join cheap, because almost every key has one belief.
BELIEFS = """
SELECT {columns}, b.known_from
FROM {table} b
WHERE b.known_from <= DATE '{known_on}' {chosen}
  AND NOT EXISTS (SELECT 1 FROM {table} later
                  WHERE {same_key} AND later.belief_no > b.belief_no AND later.belief_no > 1
                    AND later.known_from <= DATE '{known_on}')
"""

#: The same of the people or families in a temporary table. Its planner knows how many they are, but often not how many
#: corrections there are: an anti-join may compare each with each, a sort cannot.
BELIEFS_ABOUT = """
SELECT * FROM (
    SELECT DISTINCT ON ({distinct}) {columns}, b.known_from
    FROM {table} b
    WHERE b.known_from <= DATE '{known_on}' AND {about}
    ORDER BY {distinct}, b.belief_no DESC
) latest WHERE {owner} IN (SELECT {owner} FROM {asked})
"""


@dataclass(frozen=True)
class Register:
    """How one register is read: its table, key columns and the columns that the engine needs."""

    relation: str
    table: str
    key: tuple[str, ...]
    columns: str
    schema: pa.Schema

    def query(self, known_on: date, chosen: str = "") -> str:
        """The SQL (PostgreSQL) of the beliefs known on a day, restricted by `chosen` (starts with AND)."""
        return BELIEFS.format(
            columns=self.columns,
            table=self.table,
            known_on=known_on,
            chosen=chosen,
            same_key=" AND ".join(f"later.{c} = b.{c}" for c in self.key),
        )

    @property
    def owner(self) -> str:
        """The column that says whom a row is about: a member, a family, or for the State's registers their key."""
        return next((name for name in ("member_id", "family_id") if name in self.schema.names), self.key[0])

    def query_about(self, known_on: date, asked: str) -> str:
        """The SQL of the beliefs known on a day about the owners in the temporary table `asked`."""
        wanted = f"b.{self.owner} IN (SELECT {self.owner} FROM {asked})"
        if self.owner in self.key:
            about = wanted
        else:
            # the latest belief of a key may be about somebody else
            keys = ", ".join(f"b.{column}" for column in self.key)
            about = f"({keys}) IN (SELECT {keys} FROM {self.table} b WHERE {wanted})"
        # as in BELIEFS, a key with an unknown part equals no other
        unknown = " OR ".join(f"b.{column} IS NULL" for column in self.key)
        return BELIEFS_ABOUT.format(
            distinct=", ".join(f"b.{column}" for column in self.key)
            + f", (CASE WHEN {unknown} THEN b.belief_no END)",
            columns=self.columns,
            table=self.table,
            known_on=known_on,
            about=about,
            owner=self.owner,
            asked=asked,
        )


def schema_of(**columns: pa.DataType) -> pa.Schema:
    """A register's columns, and the day from which the row was known."""
    return pa.schema([*columns.items(), ("known_from", pa.date32())])


REGISTERS = {
    r.relation: r
    for r in (
        Register(
            "raw_resident",
            "registry_resident_belief",
            ("member_id",),
            "b.member_id, b.family_id, b.sex::text AS sex, b.born_on, b.mother_id, b.father_id, b.spouse_id, b.marital_status,"
            " b.marital_since, b.destitute, b.income_tax_payer, b.aadhaar_ref::text AS aadhaar_ref,"
            " b.account_hash::text AS account_hash",
            schema_of(
                member_id=pa.int32(),
                family_id=pa.int32(),
                sex=pa.string(),
                born_on=pa.date32(),
                mother_id=pa.int32(),
                father_id=pa.int32(),
                spouse_id=pa.int32(),
                marital_status=pa.string(),
                marital_since=pa.date32(),
                destitute=pa.bool_(),
                income_tax_payer=pa.bool_(),
                aadhaar_ref=pa.string(),
                account_hash=pa.string(),
            ),
        ),
        Register(
            "raw_family",
            "registry_family_belief",
            ("family_id",),
            "b.family_id, b.area_code, b.social_category",
            schema_of(family_id=pa.int32(), area_code=pa.string(), social_category=pa.string()),
        ),
        Register(
            "raw_bpl",
            "registry_bpl_belief",
            ("family_id", "card_no", "valid_from"),
            "b.family_id, b.valid_from, b.valid_to",
            schema_of(family_id=pa.int32(), valid_from=pa.date32(), valid_to=pa.date32()),
        ),
        Register(
            "raw_disability",
            "registry_disability_belief",
            ("member_id", "certificate_no"),
            "b.member_id, b.kind, b.percent::float8 AS percent, b.issued_on, b.valid_to",
            schema_of(
                member_id=pa.int32(),
                kind=pa.string(),
                percent=pa.float64(),
                issued_on=pa.date32(),
                valid_to=pa.date32(),
            ),
        ),
        Register(
            "raw_event",
            "registry_event_belief",
            ("event_id",),
            "b.event_id, b.member_id, b.kind, b.happened_on, b.reported_on, b.spouse_id",
            schema_of(
                event_id=pa.string(),
                member_id=pa.int32(),
                kind=pa.string(),
                happened_on=pa.date32(),
                reported_on=pa.date32(),
                spouse_id=pa.int32(),
            ),
        ),
        Register(
            "raw_pension",
            "registry_pension_belief",
            ("member_id", "scheme", "since"),
            "b.member_id, b.scheme, b.since, b.amount_paise AS paise, b.is_ghost",
            schema_of(
                member_id=pa.int32(),
                scheme=pa.string(),
                since=pa.date32(),
                paise=pa.int64(),
                is_ghost=pa.bool_(),
            ),
        ),
        Register(
            "raw_area",
            "access_area_belief",
            ("area_code",),
            "b.area_code, b.kind, b.parent_code",
            schema_of(area_code=pa.string(), kind=pa.string(), parent_code=pa.string()),
        ),
        Register(
            "raw_office",
            "access_office_belief",
            ("office_code",),
            "b.office_code, b.area_code, b.ddo_code",
            schema_of(office_code=pa.string(), area_code=pa.string(), ddo_code=pa.string()),
        ),
    )
}

#: What only a law with benefits beside the pensions asks for. `recorded_on` is the day on which a birth was reported.
BENEFIT_REGISTERS = {
    r.relation: r
    for r in (
        Register(
            "raw_household",
            "registry_resident_belief",
            ("member_id",),
            "b.member_id, lower(b.relation_to_head) IN ('self', 'head', 'स्वयं', 'मुखिया') AS head_of_family, b.recorded_on",
            schema_of(member_id=pa.int32(), head_of_family=pa.bool_(), recorded_on=pa.date32()),
        ),
        Register(
            "raw_life_event",
            "registry_event_belief",
            ("event_id",),
            "b.member_id, b.kind, b.happened_on, b.reported_on",
            schema_of(
                member_id=pa.int32(), kind=pa.string(), happened_on=pa.date32(), reported_on=pa.date32()
            ),
        ),
        Register(
            "raw_student",
            "registry_student_belief",
            ("member_id", "school_code", "class", "enrolled_on"),
            "b.member_id, b.class::int AS student_class, b.marks_percent::float8 AS marks_percent, b.enrolled_on, b.left_on",
            schema_of(
                member_id=pa.int32(),
                student_class=pa.int32(),
                marks_percent=pa.float64(),
                enrolled_on=pa.date32(),
                left_on=pa.date32(),
            ),
        ),
        Register(
            "raw_income",
            "registry_income_belief",
            ("member_id", "valid_from"),
            "b.member_id, b.annual_paise, b.valid_from, b.valid_to",
            schema_of(
                member_id=pa.int32(), annual_paise=pa.int64(), valid_from=pa.date32(), valid_to=pa.date32()
            ),
        ),
    )
}

#: Which numbers are one person (`one_person`): no facts of its own, but how all others are read.
MERGES = Register(
    "raw_merge",
    "registry_merge",
    ("member_id",),
    "b.member_id, b.survivor_id",
    schema_of(member_id=pa.int32(), survivor_id=pa.int32()),
)

EVERY_REGISTER = {**REGISTERS, **BENEFIT_REGISTERS, MERGES.relation: MERGES}

#: An area with its district and the drawing officer (DDO) of the nearest office up the tree that has one.
AREA_TREE = """
CREATE OR REPLACE TABLE area AS
WITH RECURSIVE up AS (
    SELECT area_code, area_code AS at_code, kind, parent_code, 0 AS steps FROM raw_area
    UNION ALL
    SELECT up.area_code, a.area_code, a.kind, a.parent_code, steps + 1
    FROM up JOIN raw_area a ON a.area_code = up.parent_code WHERE steps < 20
), ddo AS (
    SELECT area_code, min_by(ddo_code, office_code) AS ddo_code
    FROM raw_office WHERE ddo_code IS NOT NULL GROUP BY area_code
)
SELECT up.area_code,
       any_value(CASE WHEN up.steps = 0 THEN up.kind END) AS kind,
       min_by(up.at_code, up.steps) FILTER (WHERE up.kind = 'district') AS district_code,
       min_by(ddo.ddo_code, up.steps) FILTER (WHERE ddo.ddo_code IS NOT NULL) AS ddo_code
FROM up LEFT JOIN ddo ON ddo.area_code = up.at_code
GROUP BY up.area_code
"""


class NoRegisters(Refusal):
    """The folder holds no register files."""

    code = "no_registers"
    en = "{folder} holds no {file}: give a folder of registers as Parquet, for example from ./haqdar demo --format parquet."
    hi = "{folder} में {file} नहीं है: Parquet रजिस्टरों का फ़ोल्डर दें, जैसे ./haqdar demo --format parquet से बना।"


#: How a register is read from the contract's files, whose columns may all be text.
_OF_FILES = {
    "raw_resident": (
        "residents",
        "member_id, family_id, sex, born_on, mother_id, father_id, spouse_id, marital_status, marital_since, destitute,"
        " income_tax_payer, md5(aadhaar) AS aadhaar_ref, md5(ifsc || '|' || account_no) AS account_hash",
    ),
    "raw_family": ("families", "family_id, area_code, social_category"),
    "raw_bpl": ("bpl", "family_id, valid_from, valid_to"),
    "raw_disability": ("pwd", "member_id, kind, percent, issued_on, valid_to"),
    "raw_event": ("events", "event_id, member_id, kind, happened_on, reported_on, spouse_id"),
    "raw_pension": ("pensioners", "member_id, scheme, since, TRY_CAST(amount AS BIGINT) * 100 AS paise"),
    "raw_area": ("areas", "area_code, kind, parent_code"),
    "raw_office": ("offices", "office_code, area_code, ddo_code"),
}

_SQL_OF = {"int32": "INTEGER", "int64": "BIGINT", "double": "DOUBLE", "bool": "BOOLEAN", "date32[day]": "DATE",
           "string": "VARCHAR"}  # fmt: skip


def file_reader(folder: Path, known_on: date) -> Callable[[str], str]:
    """Reads the registers from a folder of the contract's files as Parquet; every row counts as known on `known_on`.

    For populations too large or too synthetic to go through PostgreSQL. A row with a value that is no date or number where
    one belongs is left out; the other checks of loading are not made. Raises `NoRegisters`.
    """

    def read(name: str) -> str:
        if name not in _OF_FILES:
            return none_of(name)
        stem, columns = _OF_FILES[name]
        file = folder / f"{stem}.parquet"
        if not file.is_file():
            raise NoRegisters(folder=folder, file=file.name)
        rows = f"SELECT {columns} FROM read_parquet('{str(file).replace(chr(39), chr(39) * 2)}')"
        if name == "raw_pension":
            rows = f"SELECT *, false AS is_ghost FROM ({rows})"
        fields = [(f.name, _SQL_OF[str(f.type)]) for f in REGISTERS[name].schema if f.name != "known_from"]
        casts = ", ".join(f"TRY_CAST({column} AS {kind}) AS {column}" for column, kind in fields)
        sound = " AND ".join(
            f"({column} IS NULL OR TRY_CAST({column} AS {kind}) IS NOT NULL)"
            for column, kind in fields
            if kind != "VARCHAR"
        )
        return f"SELECT {casts}, DATE '{known_on}' AS known_from FROM ({rows}) WHERE {sound or 'true'}"

    return read


def none_of(name: str) -> str:
    """A SELECT without rows that has a register's columns."""
    columns = ", ".join(
        f"CAST(NULL AS {_SQL_OF[str(field.type)]}) AS {field.name}" for field in REGISTERS[name].schema
    )
    return f"SELECT {columns} WHERE false"
