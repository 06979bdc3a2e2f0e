"""A State's payees for the benchmark of money: the published numbers by scheme, in columns, and the areas they live in."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

STATE = 3_332_767
DDOS = 694
PANCHAYATS, TOWNS = 23_006, 381

# code, group, paise, published pensioners; the bands of IGNOAPS by the ages of the demonstration registers
SCHEMES = (
    ("IGNOAPS", 1, 20_000, 500_000),
    ("IGNOAPS", 1, 27_500, 850_000),
    ("IGNOAPS", 1, 50_000, 168_430),
    ("IGNWPS", 1, 30_000, 952_912),
    ("IGNDPS", 1, 30_000, 116_301),
    ("SSP-OLD", 1, 15_000, 276_342),
    ("SSP-WIDOW", 1, 15_000, 100_144),
    ("SSP-DESERTED", 1, 15_000, 67_000),
    ("SSP-PWD", 1, 15_000, 208_801),
    ("KANYA", 2, 50_000, 35_138),
    ("MRMD", 3, 50_000, 57_699),
)

RELATIONS = """
    CREATE OR REPLACE TABLE redetermined (month DATE, member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT);
    CREATE OR REPLACE TABLE posted (for_month DATE, member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT);
    CREATE OR REPLACE TABLE outstanding (
        recovery_id BIGINT, member_id INTEGER, pension_group INTEGER, for_month DATE, paise BIGINT
    );
"""

NAMES = (
    "Sunita Bai",
    "Ramesh Kumar Ahirwar",
    "Kamla Devi",
    "Phoolwati Bai",
    "Harilal Prajapati",
    "Shanti Bai Gond",
)


def people(duck: DuckDBPyConnection, payees: int) -> None:
    """Make `person` (member_id, scheme, group, paise, body, category) of `payees` people: the published mix, spread over all bodies."""
    total = sum(number for *_, number in SCHEMES)
    marks, upto = [], 0
    for code, group, paise, number in SCHEMES:
        marks.append(f"({upto}, {upto + number}, '{code}', {group}, {paise})")
        upto += number
    bodies = max(DDOS, (PANCHAYATS + TOWNS) * payees // STATE)
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE person AS
        WITH drawn AS (
            -- a fixed multiplicative draw, so that the same people come out on every machine
            SELECT range AS no, (range::HUGEINT * 2654435761 % {total})::INTEGER AS mark,
                (range::HUGEINT * 40503 % {bodies})::INTEGER AS body, (range::HUGEINT * 48271 % 100)::INTEGER AS share
            FROM range({payees})
        )
        SELECT 100000000 + no::INTEGER AS member_id, scheme, pension_group, paise,
            'P' || lpad(body::VARCHAR, 5, '0') AS area_code, 'DDO' || lpad((body % {DDOS})::VARCHAR, 3, '0') AS ddo_code,
            -- of the bodies of each drawing officer every tenth is a town
            (body // {DDOS}) % 10 <> 3 AS rural,
            CASE WHEN share < 16 THEN 'SC' WHEN share < 37 THEN 'ST' WHEN share < 80 THEN 'OBC' ELSE 'GEN' END AS social_category
        FROM drawn JOIN (VALUES {", ".join(marks)}) s (from_mark, to_mark, scheme, pension_group, paise)
            ON mark >= from_mark AND mark < to_mark
        ORDER BY member_id
        """
    )


def payee(duck: DuckDBPyConnection, sealer: Any, account: str, aadhaar: str = "aadhaar") -> None:
    """Make `payee` as the month's run reads it from the registers: name, place, category and sealed destination.

    One in twenty is paid by Aadhaar number; one in two hundred has neither yet.
    """
    # imported here: the apps are loaded by then
    from haqdar.access.actors import platform
    from haqdar.vault.store import refer_many

    duck.execute(
        "CREATE OR REPLACE TABLE payee (member_id INTEGER, area_code VARCHAR, social_category VARCHAR, rural BOOLEAN,"
        " ddo_code VARCHAR, name_en VARCHAR, ifsc VARCHAR, account_sealed BLOB, account_last4 VARCHAR, aadhaar_ref BLOB,"
        " aadhaar_last4 VARCHAR, heirless BOOLEAN)"
    )
    version = sealer.current.to_bytes(2, "big")
    names = ", ".join(f"'{name}'" for name in NAMES)
    other = duck.cursor()
    for purpose, chosen in ((account, "member_id % 20 <> 2"), (aadhaar, "member_id % 20 = 2")):
        reader = duck.execute(
            f"""
            SELECT * REPLACE (if(member_id % 200 = 1, NULL, number) AS number) FROM (
                SELECT member_id, area_code, social_category, rural, ddo_code,
                    [{names}][1 + member_id % {len(NAMES)}] AS name_en,
                    'SBIN00' || lpad((member_id % 9000)::VARCHAR, 5, '0') AS ifsc,
                    if('{purpose}' = '{aadhaar}', '234' || member_id, '30' || member_id) AS number
                FROM person WHERE {chosen}
            ) ORDER BY member_id
            """
        ).to_arrow_reader(100_000)
        for batch in reader:
            if purpose == aadhaar:
                numbers = batch.column("number").to_pylist()
                refs = refer_many(
                    platform("scale"), [number for number in numbers if number], "register_load"
                )
                sealed = [number and refs[number].bytes for number in numbers]
            else:
                sealed = [
                    value and version + value
                    for value in sealer.seal(purpose, batch.column("number")).to_pylist()
                ]
            columns = {name: batch.column(name) for name in batch.schema.names}
            columns["sealed"] = pa.array(sealed, pa.binary())
            other.register("batch", pa.table(columns))
            paid = (
                "NULL, NULL, sealed, right(number, 4)"
                if purpose == aadhaar
                else "sealed, right(number, 4), NULL, NULL"
            )
            other.execute(
                "INSERT INTO payee SELECT member_id, area_code, social_category, rural, ddo_code, name_en, ifsc,"
                f" {paid}, false FROM batch"
            )
            other.unregister("batch")


def settled(duck: DuckDBPyConnection, month_no: int) -> None:
    """Make the relations of a month: awards in force, of which one in a hundred began, ended or changed since the month before."""
    duck.execute(RELATIONS)
    duck.execute(
        f"""
        CREATE OR REPLACE TABLE settled AS
        SELECT member_id, pension_group, scheme, paise FROM person WHERE (member_id + {month_no} * 37) % 100 <> 0
        """
    )


def areas(cursor: Any, duck: DuckDBPyConnection) -> None:
    """The areas of the payees: 51 districts, a block for each drawing officer, panchayats and wards of towns below it."""
    rows = duck.execute(
        """
        WITH body AS (SELECT DISTINCT area_code, ddo_code, rural FROM person),
        block AS (SELECT DISTINCT ddo_code, 'D' || lpad((right(ddo_code, 3)::INTEGER % 51)::VARCHAR, 2, '0') AS district FROM body)
        SELECT '23', 'state', NULL, '/23/', NULL, 0
        UNION ALL SELECT DISTINCT district, 'district', '23', '/23/' || district || '/', district, 1 FROM block
        UNION ALL SELECT 'B' || ddo_code, 'block', district, '/23/' || district || '/B' || ddo_code || '/', district, 2 FROM block
        UNION ALL SELECT 'U' || area_code, 'ulb', 'B' || ddo_code,
            '/23/' || district || '/B' || ddo_code || '/U' || area_code || '/', district, 3
            FROM body JOIN block USING (ddo_code) WHERE NOT rural
        UNION ALL SELECT area_code, if(rural, 'gp', 'ward'), if(rural, 'B' || ddo_code, 'U' || area_code),
            '/23/' || district || '/B' || ddo_code || '/' || if(rural, '', 'U' || area_code || '/') || area_code || '/',
            district, if(rural, 3, 4)
            FROM body JOIN block USING (ddo_code)
        """
    ).fetchall()
    with cursor.copy(
        b"COPY access_area (area_code, kind, parent_code, path, district_code, depth, name_en, name_hi) FROM STDIN"
    ) as copy:
        for row in rows:
            copy.write_row((*row, row[0], row[0]))
    offices = duck.execute("SELECT DISTINCT ddo_code FROM person ORDER BY 1").fetchall()
    with cursor.copy(
        b"COPY access_office (office_code, kind, area_code, ddo_code, name_en, name_hi) FROM STDIN"
    ) as copy:
        for (ddo,) in offices:
            copy.write_row((f"O{ddo}", "janpad", f"B{ddo}", ddo, ddo, ddo))
