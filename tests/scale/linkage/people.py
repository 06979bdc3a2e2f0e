"""Demonstration populations with planted duplicates and department lists, as tables of people; no database needed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import django
import duckdb

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")
django.setup()

from haqdar.demo.duplicates import plant_duplicates, write_department_list  # noqa: E402
from haqdar.demo.generate import write_registers  # noqa: E402

ON = date(2016, 10, 1)


def population(folder: Path, residents: int, seed: int, rows: int = 0, noise: str = "heavy") -> Path:
    """The folder of a population with duplicates (and a department's list of `rows`), made once."""
    place = folder / (f"{residents}-{seed}" if noise == "heavy" else f"{residents}-{seed}-{noise}")
    if not (place / "duplicates.csv").exists():
        write_registers(place, residents=residents, seed=seed, on=ON, format="parquet")
        plant_duplicates(place, seed=seed, on=ON, format="parquet")
    if rows and not (place / "department.parquet").exists():
        write_department_list(place, seed=seed, on=ON, rows=rows, format="parquet", noise=noise)
    return place


def read_people(duck: duckdb.DuckDBPyConnection, place: Path, people: str = "person") -> None:
    """Create the table of people that `linking.read_register` would, from files instead of the database."""
    file = {
        name: f"read_parquet('{place}/{name}.parquet')"
        for name in ("residents", "families", "areas", "events")
    }
    duck.execute(f"""
        CREATE OR REPLACE TABLE resident AS
        SELECT TRY_CAST(member_id AS INTEGER) AS member_id, family_id, name_en, name_hi, sex, TRY_CAST(born_on AS DATE) AS born_on,
            TRY_CAST(mother_id AS INTEGER) AS mother_id, TRY_CAST(father_id AS INTEGER) AS father_id,
            TRY_CAST(spouse_id AS INTEGER) AS spouse_id, mobile, md5(aadhaar) AS aadhaar_ref
        FROM {file["residents"]} WHERE family_id <> '99999999'
        QUALIFY row_number() OVER (PARTITION BY member_id) = 1""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE {people} AS
        WITH RECURSIVE up AS (
            SELECT area_code, name_en, parent_code AS block, kind, area_code AS reached, parent_code FROM {file["areas"]}
            UNION ALL
            SELECT u.area_code, u.name_en, u.block, r.kind, r.area_code, r.parent_code
            FROM up u JOIN {file["areas"]} r ON r.area_code = u.parent_code
        ), area AS (
            SELECT area_code, any_value(name_en) AS village, any_value(block) AS block_code,
                any_value(reached) FILTER (WHERE kind = 'district') AS district FROM up GROUP BY area_code
        ), home AS (SELECT DISTINCT ON (family_id) family_id, area_code, md5(address) AS address FROM {file["families"]}),
        death AS (SELECT TRY_CAST(member_id AS INTEGER) AS member_id, min(happened_on) AS died_on FROM {file["events"]}
            WHERE kind = 'death' GROUP BY 1)
        SELECT r.member_id::BIGINT AS row_id, r.name_en AS name, r.name_hi, f.name_en AS father_name, s.name_en AS husband_name,
            m.name_en AS mother_name, r.sex, r.born_on, r.mobile, a.village, h.area_code, a.block_code, a.district, h.address,
            TRY_CAST(r.family_id AS BIGINT) AS family_id, r.aadhaar_ref, r.father_id, r.mother_id, r.spouse_id,
            TRY_CAST(d.died_on AS DATE) AS died_on
        FROM resident r LEFT JOIN home h USING (family_id) LEFT JOIN area a USING (area_code)
        LEFT JOIN resident f ON f.member_id = r.father_id LEFT JOIN resident m ON m.member_id = r.mother_id
        LEFT JOIN resident s ON s.member_id = r.spouse_id LEFT JOIN death d ON d.member_id = r.member_id""")
    duck.execute("DROP TABLE resident")
    duck.execute(f"""
        CREATE OR REPLACE TABLE truth AS
        SELECT least(member_id::BIGINT, duplicate_of::BIGINT) AS left_id, greatest(member_id::BIGINT, duplicate_of::BIGINT) AS right_id, how
        FROM read_csv('{place}/duplicates.csv', all_varchar = true)
        UNION
        -- every demonstration has payees under two IDs with one Aadhaar number
        SELECT DISTINCT a.row_id, b.row_id, 'payee' FROM {people} a JOIN {people} b USING (aadhaar_ref)
        WHERE a.row_id < b.row_id AND (a.row_id, b.row_id) NOT IN (
            SELECT (least(member_id::BIGINT, duplicate_of::BIGINT), greatest(member_id::BIGINT, duplicate_of::BIGINT))
            FROM read_csv('{place}/duplicates.csv', all_varchar = true))
        ORDER BY 1, 2""")


def read_list(duck: duckdb.DuckDBPyConnection, place: Path, people: str = "beneficiary") -> None:
    """Create the table of people of a department's list, as a mapping of its columns would, and ``list_truth``."""
    duck.execute(f"""
        CREATE OR REPLACE TABLE {people} AS
        SELECT substr(beneficiary_no, 2)::BIGINT AS row_id, name, guardian_name AS relation_name, guardian_type AS relation_type,
            gender AS sex, TRY_CAST(date_of_birth AS DATE) AS born_on, {ON.year} - TRY_CAST(age AS INTEGER) AS birth_year, mobile,
            village, district
        FROM read_parquet('{place}/department.parquet')""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE list_truth AS
        SELECT substr(beneficiary_no, 2)::BIGINT AS left_id, member_id::BIGINT AS right_id
        FROM read_csv('{place}/department_truth.csv', all_varchar = true) WHERE member_id IS NOT NULL""")
