"""Rules between rows: references to areas, families and residents, keys, and one pension of a group per member.

Each function works on the tables `<name>_raw` and `<name>_bad` of a staged file (sources.staging) and adds to the
latter. What exists is what this delivery accepted (`known_family`, `known_member`, `known_area`) and the database.
"""

from collections.abc import Mapping

import duckdb

from haqdar.access.kinds import HOME_KINDS
from haqdar.registry.bridge import is_empty, pull, push, temporary
from haqdar.sources.layout import FileLayout
from haqdar.sources.messages import quoted, sentence


def begin(duck: duckdb.DuckDBPyConnection, schemes: Mapping[str, int]) -> None:
    """Start with nothing accepted, the areas of the database, and the groups of the schemes."""
    duck.execute("CREATE OR REPLACE TABLE known_family (id INTEGER)")
    duck.execute("CREATE OR REPLACE TABLE known_member (id INTEGER)")
    groups = ", ".join(f"({quoted(scheme)}, {group})" for scheme, group in schemes.items())
    duck.execute(
        f"CREATE OR REPLACE TABLE scheme_group AS FROM (VALUES {groups}) AS t(scheme, pension_group)"
    )
    pull_areas(duck)


def pull_areas(duck: duckdb.DuckDBPyConnection) -> None:
    """Take over the areas of the database as they stand now."""
    pull(
        duck,
        "SELECT area_code, kind, parent_code FROM access_area",
        "known_area",
        {"area_code": "VARCHAR", "kind": "VARCHAR", "parent_code": "VARCHAR"},
    )


def check_references(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> None:
    """Reject references to areas, families or residents that do not exist."""
    if layout.name == "areas":
        _check_parents(duck)
    elif layout.name in ("offices", "families"):
        _check_area(duck, layout)
    elif layout.name in ("residents", "bpl"):
        _check_identity(duck, layout, "family_id", "known_family", "registry_family", "unknown_family")
    else:
        _check_identity(duck, layout, "member_id", "known_member", "registry_resident", "unknown_member")


def _check_parents(duck: duckdb.DuckDBPyConnection) -> None:
    """A parent is an area of the database or one that itself has an accepted parent, wherever in the file it stands.

    The least fixpoint: areas that only name each other in a circle have no accepted parent.
    """
    duck.execute(
        f"""
        INSERT INTO areas_bad
        WITH RECURSIVE candidate AS (
            SELECT area_code, parent_code FROM areas_raw ANTI JOIN areas_bad USING (line)
        ), resolved(area_code) AS (
            SELECT area_code FROM known_area
            UNION
            SELECT area_code FROM candidate WHERE parent_code IS NULL
            UNION
            SELECT c.area_code FROM candidate c JOIN resolved r ON c.parent_code = r.area_code
        )
        SELECT line, 'parent_code', 'unknown_area', {_NO_SUCH_PARENT}
        FROM (SELECT line, parent_code AS v FROM areas_raw WHERE parent_code IS NOT NULL) a
        WHERE v NOT IN (FROM resolved)
          AND NOT EXISTS (FROM areas_bad b WHERE b.line = a.line AND b.field = 'parent_code')
        """
    )


def check_circles(duck: duckdb.DuckDBPyConnection) -> None:
    """Reject the areas that together with areas of the database would hang in a circle instead of in the tree."""
    rejected = duck.execute(
        f"""
        INSERT INTO areas_bad
        WITH RECURSIVE tree AS (
            SELECT area_code, parent_code FROM areas_good
            UNION ALL
            SELECT area_code, parent_code FROM known_area ANTI JOIN areas_good USING (area_code)
        ), rooted(area_code) AS (
            SELECT area_code FROM tree WHERE parent_code IS NULL
            UNION
            SELECT t.area_code FROM tree t JOIN rooted r ON t.parent_code = r.area_code
        )
        SELECT line, 'parent_code', 'unknown_area', {_NO_SUCH_PARENT}
        FROM (SELECT line, parent_code AS v FROM areas_good WHERE area_code NOT IN (FROM rooted))
        """
    ).fetchone()
    if rejected and rejected[0]:
        duck.execute("DELETE FROM areas_good WHERE line IN (SELECT line FROM areas_bad)")


_NO_SUCH_PARENT = sentence(
    "parent_code {v} names no accepted area above this one: deliver that area, correct the code, or break the circle.",
    "parent_code {v} किसी स्वीकृत ऊपरी क्षेत्र का कोड नहीं है: वह क्षेत्र भेजें, कोड सुधारें, या चक्र तोड़ें।",
)


def _check_area(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> None:
    homes = ", ".join(map(quoted, HOME_KINDS))
    no_such = sentence(
        "area_code {v} names no accepted area: deliver the area in areas.csv or correct the code.",
        "area_code {v} किसी स्वीकृत क्षेत्र का कोड नहीं है: क्षेत्र को areas.csv में भेजें या कोड सुधारें।",
    )
    no_home = sentence(
        "area_code {v} is a {kind}, but families live in a gp or ward: give the code of the panchayat or ward.",
        "area_code {v} {kind} है, पर परिवार gp या ward में रहते हैं: पंचायत या वार्ड का कोड दें।",
        kind="kind",
    )
    wrong = (
        f"a.area_code IS NULL OR a.kind NOT IN ({homes})"
        if layout.name == "families"
        else "a.area_code IS NULL"
    )
    duck.execute(
        f"INSERT INTO {layout.name}_bad SELECT line, 'area_code', 'unknown_area',"
        f" CASE WHEN kind IS NULL THEN {no_such} ELSE {no_home} END"
        f" FROM (SELECT r.line, r.area_code AS v, a.kind FROM {layout.name}_raw r"
        f" LEFT JOIN known_area a USING (area_code) WHERE r.area_code IS NOT NULL AND ({wrong})) x"
        f" WHERE NOT EXISTS (FROM {layout.name}_bad b WHERE b.line = x.line AND b.field = 'area_code')"
    )


def _check_identity(
    duck: duckdb.DuckDBPyConnection, layout: FileLayout, field: str, known: str, table: str, code: str
) -> None:
    """Reject rows whose family or member is neither accepted in this delivery nor in the database."""
    unresolved = (
        f"SELECT DISTINCT TRY_CAST({field} AS INTEGER) AS id FROM {layout.name}_raw"
        f" WHERE TRY_CAST({field} AS INTEGER) NOT IN (FROM {known})"
        f" AND length({field}) = {8 if field == 'family_id' else 9}"
    )
    if not is_empty(table):
        with temporary("wanted_identity", {"id": "integer"}) as wanted:
            if push(duck, unresolved, wanted, ["id"]):
                pull(
                    duck,
                    f"SELECT id FROM {wanted} JOIN {table} ON {field} = id",
                    "found_identity",
                    {"id": "INTEGER"},
                )
                duck.execute(f"INSERT INTO {known} FROM found_identity")
    if field == "family_id":
        message = sentence(
            "family_id names no accepted family: deliver the family in families.csv, or mend its rejected row.",
            "family_id किसी स्वीकृत परिवार का नहीं है: परिवार को families.csv में भेजें, या उसकी अस्वीकृत पंक्ति सुधारें।",
        )
    else:
        message = sentence(
            "member_id names no accepted resident: deliver the resident in residents.csv, or mend the rejected row.",
            "member_id किसी स्वीकृत निवासी का नहीं है: निवासी को residents.csv में भेजें, या अस्वीकृत पंक्ति सुधारें।",
        )
    duck.execute(
        f"INSERT INTO {layout.name}_bad SELECT line, {quoted(field)}, {quoted(code)}, {message}"
        f" FROM (SELECT line, {field} AS v FROM {layout.name}_raw"
        f" WHERE {field} IS NOT NULL AND TRY_CAST({field} AS INTEGER) IS DISTINCT FROM NULL"
        f" AND TRY_CAST({field} AS INTEGER) NOT IN (FROM {known})) r"
        f" WHERE NOT EXISTS (FROM {layout.name}_bad b WHERE b.line = r.line AND b.field = {quoted(field)})"
    )


_TAKEN = sentence(
    "Line {first} of this file has the same key with other values: keep one of the two rows.",
    "इसी फ़ाइल की पंक्ति {first} में यही कुंजी दूसरे मानों के साथ है: दोनों में से एक पंक्ति रखें।",
    first="first_line::VARCHAR",
)
_IN_CONFLICT = sentence(
    "The member already has the pension {other} since {since} of the same group: deliver only one of them.",
    "सदस्य के पास इसी समूह की पेंशन {other} {since} से पहले ही है: दोनों में से केवल एक भेजें।",
    other="other",
    since="since::VARCHAR",
)


def check_keys(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> int:
    """Keep the first good row of each key; reject others with other values as duplicate_id.

    Works on `<name>_good` (line, key columns, fingerprint) and removes the later rows from it. Returns how many were
    identical repeats. Field of the rejection: the first key column.
    """
    name, key = layout.name, ", ".join(layout.key)
    duck.execute(
        f"CREATE OR REPLACE TABLE twice AS SELECT {key}, min(line) AS first_line FROM {name}_good"
        f" GROUP BY {key} HAVING count(*) > 1"
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE later AS SELECT g.line, t.first_line, g.fingerprint = f.fingerprint AS same"
        f" FROM {name}_good g JOIN twice t USING ({key}) JOIN {name}_good f ON f.line = t.first_line"
        " WHERE g.line > t.first_line"
    )
    duck.execute(
        f"INSERT INTO {name}_bad SELECT line, {quoted(layout.key[0])}, 'duplicate_id', {_TAKEN}"
        " FROM later WHERE NOT same"
    )
    duck.execute(f"DELETE FROM {name}_good WHERE line IN (SELECT line FROM later)")
    row = duck.execute("SELECT count(*) FROM later WHERE same").fetchone()
    return int(row[0]) if row else 0


def check_conflicts(duck: duckdb.DuckDBPyConnection) -> None:
    """Reject pensions of members who already have another one of the same group, here or in the database.

    The pension of the database counts first, then the first good row of the delivery, whatever its since.
    """
    duck.execute("CREATE OR REPLACE TABLE held (member_id INTEGER, scheme VARCHAR, since DATE)")
    if not is_empty("registry_pension_belief"):
        with temporary("wanted_member", {"member_id": "integer"}) as wanted:
            push(
                duck,
                "SELECT member_id FROM pensioners_good UNION"
                " SELECT TRY_CAST(member_id AS INTEGER) FROM faulty WHERE TRY_CAST(member_id AS INTEGER) IS NOT NULL",
                wanted,
                ["member_id"],
            )
            pull(
                duck,
                "SELECT member_id, scheme, since FROM (SELECT DISTINCT ON (member_id, scheme, since) b.*"
                f" FROM registry_pension_belief b JOIN {wanted} USING (member_id)"
                " ORDER BY member_id, scheme, since, belief_no DESC) latest WHERE NOT is_ghost",
                "held",
                {"member_id": "INTEGER", "scheme": "VARCHAR", "since": "DATE"},
            )
    duck.execute(
        """
        CREATE OR REPLACE TABLE in_conflict AS
        WITH row AS (SELECT line, member_id, scheme, since, pension_group FROM pensioners_good JOIN scheme_group USING (scheme)),
        stored AS (SELECT member_id, scheme, since, pension_group FROM held JOIN scheme_group USING (scheme)),
        first AS (
            SELECT member_id, pension_group, arg_min(scheme, line) AS scheme, arg_min(since, line) AS since
            FROM row ANTI JOIN stored USING (member_id, pension_group) GROUP BY member_id, pension_group
        ), kept AS (
            SELECT member_id, pension_group, scheme, since FROM stored
            UNION ALL SELECT member_id, pension_group, scheme, since FROM first
        )
        SELECT r.line, min(k.scheme) AS other, min(k.since) AS since
        FROM row r JOIN kept k USING (member_id, pension_group)
        GROUP BY r.line HAVING NOT bool_or(k.scheme = r.scheme AND k.since = r.since)
        """
    )
    duck.execute(
        f"INSERT INTO pensioners_bad SELECT line, 'scheme', 'conflict', {_IN_CONFLICT} FROM in_conflict"
    )
    duck.execute("DELETE FROM pensioners_good WHERE line IN (SELECT line FROM in_conflict)")


def keep_faulty(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> None:
    """Create `faulty`: line and key, as delivered, of the rows already rejected whose key itself is good."""
    fields = ", ".join(quoted(column) for column in layout.key)
    present = " AND ".join(f"{column} IS NOT NULL" for column in layout.key)
    duck.execute(
        f"CREATE OR REPLACE TABLE faulty AS SELECT line, {', '.join(layout.key)},"
        f" {present} AND line NOT IN (SELECT line FROM {layout.name}_bad WHERE field IN ({fields})) AS key_good"
        f" FROM {layout.name}_raw WHERE line IN (SELECT line FROM {layout.name}_bad)"
    )


def check_faulty(duck: duckdb.DuckDBPyConnection, layout: FileLayout) -> None:
    """Say of rows rejected for other faults, too, that their key is taken or their pension conflicts.

    Each rule of the contract speaks for itself: only its own fields must be good for it to apply. Needs `faulty` and
    the accepted rows in `<name>_good`; for pensioners also `held`.
    """
    name = layout.name
    same = " AND ".join(
        f"CAST(g.{column} AS VARCHAR) = {_as_stored(layout, column)}" for column in layout.key
    )
    duck.execute(
        f"CREATE OR REPLACE TABLE taken AS SELECT f.line, min(g.line) AS first_line"
        f" FROM faulty f JOIN {name}_good g ON {same} WHERE f.key_good AND g.line < f.line GROUP BY f.line"
    )
    duck.execute(
        f"INSERT INTO {name}_bad SELECT line, {quoted(layout.key[0])}, 'duplicate_id', {_TAKEN} FROM taken"
    )
    if name != "pensioners":
        return
    duck.execute(
        f"""
        INSERT INTO pensioners_bad
        WITH row AS (
            SELECT f.line, TRY_CAST(f.member_id AS INTEGER) AS member_id, f.scheme, f.since, s.pension_group
            FROM faulty f JOIN scheme_group s USING (scheme)
            WHERE f.line NOT IN (SELECT line FROM taken)
              AND f.line NOT IN (SELECT line FROM pensioners_bad WHERE field IN ('member_id', 'scheme'))
        ), kept AS (
            SELECT member_id, pension_group, scheme, since, 0 AS line FROM held JOIN scheme_group USING (scheme)
            UNION ALL
            SELECT member_id, pension_group, scheme, since, line FROM pensioners_good JOIN scheme_group USING (scheme)
        )
        SELECT r.line, 'scheme', 'conflict', {_IN_CONFLICT}
        FROM (SELECT r.line, min(k.scheme) AS other, min(k.since) AS since
              FROM row r JOIN kept k USING (member_id, pension_group)
              WHERE k.line < r.line
                AND (k.scheme <> r.scheme OR CAST(k.since AS VARCHAR) IS DISTINCT FROM r.since)
              GROUP BY r.line) r
        """
    )


def _as_stored(layout: FileLayout, column: str) -> str:
    """A delivered key value as the text of the stored one: numbers lose their leading zeros."""
    if column in ("family_id", "member_id"):
        return f"CAST(TRY_CAST(f.{column} AS INTEGER) AS VARCHAR)"
    return f"f.{column}"


__all__ = [
    "begin",
    "check_circles",
    "check_conflicts",
    "check_faulty",
    "check_keys",
    "check_references",
    "keep_faulty",
    "pull_areas",
]
