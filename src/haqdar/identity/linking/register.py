"""The register as a table of people (`records.COLUMNS`): what is believed now of everybody, with the names of their kin."""

from __future__ import annotations

import duckdb
from django.db import connection

from haqdar.registry.bridge import pull
from haqdar.registry.merges import not_merged

CHUNK = 4_000_000
"""Member IDs that are read at a time: what lies on disk twice for a moment."""

_LATEST = """NOT EXISTS (SELECT 1 FROM {table} later WHERE later.{key} = b.{key}
    AND later.belief_no > b.belief_no AND later.belief_no > 1)"""


def read_register(duck: duckdb.DuckDBPyConnection, people: str, district: str | None = None) -> int:
    """Create `people`: everybody whom the register knows, the dead included (`died_on`); returns how many.

    With `district` only the residents of that district are kept, with the names of kin who live elsewhere. Needs a transaction or
    autocommit of its own; personal numbers are not read, only the reference of the Aadhaar number. `row_id` is the member ID.
    """
    pull(
        duck,
        "SELECT area_code, parent_code, district_code, name_en FROM access_area",
        "linkage_area",
        {"area_code": "VARCHAR", "block_code": "VARCHAR", "district": "VARCHAR", "village": "VARCHAR"},
    )
    pull(
        duck,
        "SELECT b.family_id, b.area_code, md5(b.address) FROM registry_family_belief b WHERE "
        + _LATEST.format(table="registry_family_belief", key="family_id"),
        "linkage_family",
        {"family_id": "INTEGER", "area_code": "VARCHAR", "address": "VARCHAR"},
    )
    pull(
        duck,
        "SELECT member_id, kind, happened_on, event_id, spouse_id FROM registry_event_belief b"
        " WHERE kind IN ('death', 'marriage', 'remarriage') AND "
        + _LATEST.format(table="registry_event_belief", key="event_id"),
        "linkage_event",
        {
            "member_id": "INTEGER",
            "kind": "VARCHAR",
            "happened_on": "DATE",
            "event_id": "VARCHAR",
            "spouse_id": "INTEGER",
        },
    )
    _read_residents(duck)
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE {people} AS
        WITH death AS (
            SELECT member_id, min(happened_on) AS died_on FROM linkage_event WHERE kind = 'death' GROUP BY member_id
        ), wedding AS (
            SELECT member_id, arg_max(spouse_id, (happened_on, event_id)) AS spouse_id
            FROM linkage_event WHERE kind <> 'death' GROUP BY member_id
        )
        SELECT r.member_id::BIGINT AS row_id, r.name_en AS name, r.name_hi, f.name_en AS father_name,
            s.name_en AS husband_name, m.name_en AS mother_name, r.sex, r.born_on, r.mobile, a.village, h.area_code,
            a.block_code, a.district, h.address, r.family_id::BIGINT AS family_id, r.aadhaar_ref,
            r.father_id, r.mother_id, coalesce(w.spouse_id, r.spouse_id) AS spouse_id, d.died_on
        FROM linkage_resident r
        LEFT JOIN linkage_family h ON h.family_id = r.family_id
        LEFT JOIN linkage_area a ON a.area_code = h.area_code
        LEFT JOIN wedding w ON w.member_id = r.member_id
        LEFT JOIN death d ON d.member_id = r.member_id
        LEFT JOIN linkage_resident f ON f.member_id = r.father_id
        LEFT JOIN linkage_resident m ON m.member_id = r.mother_id
        LEFT JOIN linkage_resident s ON s.member_id = coalesce(w.spouse_id, r.spouse_id)
        {"WHERE a.district = $1" if district else ""}""",
        [district] if district else [],
    )
    for table in ("area", "family", "event", "resident"):
        duck.execute(f"DROP TABLE linkage_{table}")
    (rows,) = duck.execute(f"SELECT count(*) FROM {people}").fetchone() or (0,)
    return int(rows)


def _read_residents(duck: duckdb.DuckDBPyConnection) -> None:
    columns = {
        "member_id": "INTEGER",
        "family_id": "INTEGER",
        "name_en": "VARCHAR",
        "name_hi": "VARCHAR",
        "sex": "VARCHAR",
        "born_on": "DATE",
        "mother_id": "INTEGER",
        "father_id": "INTEGER",
        "spouse_id": "INTEGER",
        "mobile": "VARCHAR",
        "aadhaar_ref": "VARCHAR",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(member_id), max(member_id) FROM registry_resident")
        row = cursor.fetchone()
        first, last = row if row and row[0] is not None else (0, -1)
    duck.execute(
        "CREATE OR REPLACE TABLE linkage_resident ("
        + ", ".join(f"{name} {kind}" for name, kind in columns.items())
        + ")"
    )
    latest = _LATEST.format(table="registry_resident_belief", key="member_id")
    for start in range(first, last + 1, CHUNK):
        pull(
            duck,
            "SELECT b.member_id, b.family_id, b.name_en, b.name_hi, b.sex, b.born_on, b.mother_id, b.father_id, b.spouse_id,"
            f" b.mobile, b.aadhaar_ref FROM registry_resident_belief b"
            f" WHERE b.member_id >= {start} AND b.member_id < {start + CHUNK} AND {latest}"
            # a number that was merged into another is no person of its own
            f" AND {not_merged('b.member_id')}",
            "linkage_chunk",
            columns,
        )
        duck.execute("INSERT INTO linkage_resident FROM linkage_chunk; DROP TABLE linkage_chunk")
