"""The residents of an area as a list is compared with them, and what of the department's earlier lists is known.

Whole tables by COPY; nothing is asked person by person.
"""

from __future__ import annotations

import duckdb

from haqdar.access.actors import below
from haqdar.registry.bridge import pull
from haqdar.sources.messages import quoted


def read_people(duck: duckdb.DuckDBPyConnection, path: str) -> None:
    """Make `people`: every resident of the area below `path` (`inside`), the dead and those who moved away included.

    Whom a member ID or Aadhaar number of the list `clean` leads to is there wherever he lives: who lives in the next district is
    no ghost. Columns as `identity.linking.match` takes them, and key, died_on, moved_out, aadhaar_ref, inside. Relations are those
    believed now.
    """
    pull(
        duck,
        "SELECT member_id, family_id, name_en, name_hi, sex, born_on, mother_id, father_id, spouse_id, mobile,"
        " aadhaar_ref FROM registry_resident_belief r WHERE NOT EXISTS (SELECT 1 FROM registry_resident_belief n"
        "  WHERE n.member_id = r.member_id AND n.belief_no > r.belief_no AND n.belief_no > 1)",
        "resident_now",
        {
            "member_id": "INTEGER", "family_id": "INTEGER", "name_en": "VARCHAR", "name_hi": "VARCHAR", "sex": "VARCHAR",
            "born_on": "DATE", "mother_id": "INTEGER", "father_id": "INTEGER", "spouse_id": "INTEGER", "mobile": "VARCHAR",
            "aadhaar_ref": "UUID",
        },
    )  # fmt: skip
    pull(
        duck,
        "SELECT f.family_id, f.area_code, a.name_en, a.name_hi, a.district_code, a.path,"
        f" a.path LIKE {quoted(below(path))} AS inside FROM registry_family_belief f JOIN access_area a USING (area_code)"
        " WHERE NOT EXISTS (SELECT 1 FROM registry_family_belief n"
        "  WHERE n.family_id = f.family_id AND n.belief_no > f.belief_no AND n.belief_no > 1)",
        "family_now",
        {
            "family_id": "INTEGER", "area_code": "VARCHAR", "village": "VARCHAR", "village_hi": "VARCHAR", "district": "VARCHAR",
            "path": "VARCHAR", "inside": "BOOLEAN",
        },
    )  # fmt: skip
    pull(
        duck,
        "SELECT member_id, kind, happened_on, spouse_id FROM (SELECT DISTINCT ON (event_id) event_id, member_id, kind, happened_on,"
        " spouse_id FROM registry_event_belief ORDER BY event_id, belief_no DESC) e WHERE kind <> 'withdrawn'",
        "event_now",
        {"member_id": "INTEGER", "kind": "VARCHAR", "happened_on": "DATE", "spouse_id": "INTEGER"},
    )
    pull(
        duck,
        "SELECT area_code, lower(n.key) FROM access_area, LATERAL (VALUES (area_code), (name_en), (name_hi)) n (key)"
        " WHERE kind = 'district'",
        "district_keys",
        {"code": "VARCHAR", "key": "VARCHAR"},
    )
    # two districts of one name tell nothing
    duck.execute(
        "CREATE OR REPLACE TABLE district_names AS SELECT key, any_value(code) AS code FROM district_keys GROUP BY key"
        " HAVING count(DISTINCT code) = 1; DROP TABLE district_keys"
    )
    pull(
        duck,
        "SELECT member_id, survivor_id FROM (SELECT DISTINCT ON (member_id) member_id, survivor_id FROM registry_merge"
        " ORDER BY member_id, belief_no DESC) m WHERE survivor_id IS NOT NULL",
        "merged",
        {"member_id": "INTEGER", "survivor_id": "INTEGER"},
    )
    duck.execute("""
        CREATE OR REPLACE TABLE people AS
        WITH fate AS (
            SELECT member_id, min(happened_on) FILTER (WHERE kind = 'death') AS died_on,
                arg_max(kind, happened_on) FILTER (WHERE kind IN ('migration_out', 'migration_in')) = 'migration_out' AS moved_out,
                arg_max(spouse_id, happened_on) FILTER (WHERE kind IN ('marriage', 'remarriage')) AS married
            FROM event_now GROUP BY member_id
        )
        SELECT r.member_id::BIGINT AS row_id, r.name_en AS name, r.name_hi, f.name_en AS father_name, s.name_en AS husband_name,
            m.name_en AS mother_name, r.sex, r.born_on, r.mobile, h.village, h.village_hi, h.area_code, h.district, h.path,
            r.family_id::BIGINT AS family_id, r.aadhaar_ref, e.died_on, coalesce(e.moved_out, false) AS moved_out, h.inside
        FROM resident_now r JOIN family_now h ON h.family_id = r.family_id
        LEFT JOIN fate e ON e.member_id = r.member_id
        LEFT JOIN resident_now f ON f.member_id = r.father_id
        LEFT JOIN resident_now m ON m.member_id = r.mother_id
        LEFT JOIN resident_now s ON s.member_id = coalesce(e.married, r.spouse_id)
        WHERE r.member_id NOT IN (SELECT member_id FROM merged)
          AND (h.inside OR r.aadhaar_ref IN (SELECT aadhaar_ref FROM clean WHERE aadhaar_ref IS NOT NULL) OR r.member_id IN (
            SELECT coalesce(m.survivor_id, c.member_id) FROM clean c LEFT JOIN merged m ON m.member_id = c.member_id
            WHERE c.member_id IS NOT NULL))""")
    duck.execute("DROP TABLE resident_now; DROP TABLE family_now; DROP TABLE event_now")


def read_earlier(duck: duckdb.DuckDBPyConnection, department: int) -> None:
    """Make what is known of the department's earlier lists: `tied`, `untied` and `judged`.

    `tied` are the identifiers tied now, `untied` those that were taken off a resident, `judged` what people said of rows, the latest a
    row, with the residents whom they were shown (`members`).
    """
    pull(
        duck,
        "SELECT domain_id, member_id, fingerprint, how, gone_list_id IS NOT NULL FROM identity_seed_link"
        f" WHERE department_id = {department:d} AND ended_at IS NULL",
        "tied",
        {"domain_id": "VARCHAR", "member_id": "BIGINT", "fingerprint": "UUID", "how": "VARCHAR", "gone": "BOOLEAN"},
    )  # fmt: skip
    pull(
        duck,
        "SELECT domain_id, member_id, extract(epoch FROM max(ended_at)) FROM identity_seed_link"
        f" WHERE department_id = {department:d} AND ended_at IS NOT NULL GROUP BY 1, 2",
        "untied",
        {"domain_id": "VARCHAR", "member_id": "BIGINT", "ended": "DOUBLE"},
    )
    pull(
        duck,
        "SELECT DISTINCT ON (r.domain_id, r.fingerprint) r.domain_id, r.fingerprint, r.state, r.member_id,"
        " extract(epoch FROM r.judged_at),"
        " (SELECT string_agg(o ->> 'member', ' ') FROM jsonb_array_elements(r.candidates) o) FROM identity_seed_row r"
        f" JOIN identity_seed_list l ON l.id = r.list_id WHERE l.department_id = {department:d} AND r.state IN ('same', 'nobody')"
        " ORDER BY r.domain_id, r.fingerprint, r.judged_at DESC",
        "judged",
        {
            "domain_id": "VARCHAR", "fingerprint": "UUID", "state": "VARCHAR", "member_id": "BIGINT", "judged": "DOUBLE",
            "members": "VARCHAR",
        },
    )  # fmt: skip


def follow_merges(duck: duckdb.DuckDBPyConnection) -> None:
    """Let numbers that were merged into another stand for the survivor, in the list and in what was known before.

    What was said of an identifier before it was taken off that resident counts no more; `judged` gets `offered`, the residents shown.
    """
    for table in ("clean", "tied", "untied", "judged"):
        duck.execute(
            f"UPDATE {table} SET member_id = m.survivor_id FROM merged m WHERE m.member_id = {table}.member_id"
        )
    duck.execute("""
        CREATE OR REPLACE TABLE judged AS
        WITH shown AS (
            SELECT domain_id, fingerprint, unnest(string_split(members, ' '))::BIGINT AS member FROM judged WHERE members <> ''
        ), offered AS (
            SELECT s.domain_id, s.fingerprint, list(coalesce(m.survivor_id::BIGINT, s.member)) AS offered
            FROM shown s LEFT JOIN merged m ON m.member_id = s.member GROUP BY s.domain_id, s.fingerprint
        )
        SELECT j.* EXCLUDE (members), coalesce(o.offered, []) AS offered FROM judged j LEFT JOIN offered o USING (domain_id, fingerprint)
        WHERE NOT EXISTS (FROM untied u WHERE u.domain_id = j.domain_id AND u.member_id = j.member_id AND u.ended > j.judged)""")
    # tied to the same resident again since, by a person
    duck.execute(
        "DELETE FROM untied WHERE EXISTS (FROM tied t WHERE t.domain_id = untied.domain_id AND t.member_id = untied.member_id)"
    )
