"""A past month decided once more: what another state of knowledge, or another law, would have made of it, in rupees.

Works on the relations of a run (see ``jobs.replay``) and on nothing else: it reads the books and never writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from haqdar.base.files import atomic_write
from haqdar.base.sql import statement
from haqdar.cases.awards import Postgres, relation
from haqdar.entitlement.facts import facts_sql
from haqdar.law import Vocabulary

_ITEM = pa.schema(
    [
        ("action", pa.string()),
        ("member_id", pa.int32()),
        ("pension_group", pa.int32()),
        ("to_scheme", pa.string()),
        ("to_paise", pa.int64()),
    ]
)

#: The registers whose rows speak about a fact; a changed fact is put down to what became known in them.
REGISTERS_OF_FACT: Mapping[str, tuple[str, ...]] = {
    "alive": ("event", "resident"),
    "migrated_out": ("event",),
    "marital_status": ("event", "resident"),
    "bpl": ("bpl", "resident"),
    "disability_percent": ("disability",),
    "intellectual_disability": ("disability",),
    "multiple_disability": ("disability",),
    "wife_died": ("event", "resident"),
    "living_daughters": ("event", "resident"),
    "living_sons": ("event", "resident"),
    "partner_present": ("event", "resident"),
    "partner_age": ("event", "resident"),
    "partner_income_tax_payer": ("event", "resident"),
    "held": ("pension",),
}

DIFFERENCES_CSV = """
    SELECT lpad(d.member_id::VARCHAR, 9, '0') AS member_id, d.pension_group AS "group", d.area_code, d.district_code,
           d.kind, d.then_action, d.then_scheme, {then_paise} AS then_amount, d.now_action, d.now_scheme,
           {now_paise} AS now_amount, {difference_paise} AS difference,
           {then_due_paise} AS then_due, {now_due_paise} AS now_due, {due_difference_paise} AS due_difference,
           d.why, d.facts, d.sources
    FROM explained d ORDER BY d.member_id, d.pension_group"""


def read_decided_then(pg: Postgres, duck: duckdb.DuckDBPyConnection, run_id: int) -> None:
    """Create ``then_item``, the work list of the run `run_id`."""
    relation(
        pg,
        duck,
        "then_item",
        _ITEM,
        "SELECT action, member_id, pension_group, to_scheme, to_paise FROM cases_work_item"
        " WHERE run_id = %(run)s AND occasion = ''",
        {"run": run_id},
    )


def compare(duck: duckdb.DuckDBPyConnection) -> None:
    """Create ``replayed`` and ``different`` from the replay's decisions and ``then_item``, ``then_due``."""
    duck.execute(statement("haqdar.cases", "replay"))


def facts_of_different(duck: duckdb.DuckDBPyConnection, vocabulary: Vocabulary, day: date) -> pa.Table:
    """The vocabulary's facts of ``asked_member`` on `day` from the snapshot attached to `duck`, and what the registers say is held."""
    columns = ", ".join(f"f.{name}" for name, _ in vocabulary.columns)
    asked = f"(SELECT member_id, DATE '{day}' AS day FROM asked_member)"
    held = (
        "SELECT member_id, string_agg(scheme || coalesce(' ' || paise, ''), ' + ' ORDER BY scheme) AS held"
        f" FROM pension WHERE NOT is_ghost AND since <= DATE '{day}' GROUP BY member_id"
    )
    return duck.execute(
        f"SELECT f.member_id, f.area_code, f.district_code, h.held, {columns} FROM ({facts_sql(asked)}) f"
        f" LEFT JOIN ({held}) h USING (member_id)"
    ).to_arrow_table()


def concerned(duck: duckdb.DuckDBPyConnection) -> pa.Table:
    """(member_id, whose, other_id): for each ``asked_member`` the people whose records decide: own, spouse, child."""
    return duck.execute("""
        WITH spouse AS (
            SELECT p.member_id, p.base_spouse AS other_id FROM person p SEMI JOIN asked_member USING (member_id)
            UNION SELECT s.member_id, s.spouse_id FROM spouse_period s SEMI JOIN asked_member USING (member_id)
        )
        SELECT member_id, 'own' AS whose, member_id AS other_id FROM asked_member
        UNION SELECT member_id, 'spouse', other_id FROM spouse WHERE other_id <> 0
        UNION SELECT k.parent_id, 'child', k.child_id FROM parentage k JOIN asked_member a ON a.member_id = k.parent_id
        UNION SELECT s.member_id, 'child', k.child_id FROM spouse s JOIN parentage k ON k.parent_id = s.other_id
    """).to_arrow_table()


def changed_facts(duck: duckdb.DuckDBPyConnection, vocabulary: Vocabulary) -> None:
    """Create ``changed`` (member_id, fact, value_then, value_now) from ``facts_then`` and ``facts_now``."""
    parts = [
        f"SELECT member_id, '{name}' AS fact, CAST(t.{name} AS VARCHAR) AS value_then, CAST(n.{name} AS VARCHAR) AS value_now"
        f" FROM facts_then t FULL JOIN facts_now n USING (member_id) WHERE t.{name} IS DISTINCT FROM n.{name}"
        for name in [*(name for name, _ in vocabulary.columns), "held"]
    ]
    duck.execute("CREATE OR REPLACE TABLE changed AS " + " UNION ALL ".join(parts))


def explain_differences(duck: duckdb.DuckDBPyConnection, same_law: bool) -> None:
    """Create ``explained``: ``different`` with place, what changed (`facts`), from which records (`sources`), and `why`.

    `why` is facts, law (no fact changed and the law is another) or awards (what is held differs). Needs ``changed`` and
    ``became_known`` (member_id, register, whose, said).
    """
    registers = " ".join(
        f"WHEN '{fact}' THEN [{', '.join(repr(register) for register in found)}]"
        for fact, found in REGISTERS_OF_FACT.items()
    )
    duck.execute(f"""
        CREATE OR REPLACE TABLE explained AS
        WITH facts AS (
            SELECT member_id, string_agg(fact || ': ' || coalesce(value_then, empty) || ' → ' || coalesce(value_now, empty),
                                         '; ' ORDER BY fact) AS facts
            -- holding nothing is known; a fact without a value is not
            FROM (SELECT *, CASE fact WHEN 'held' THEN '–' ELSE '?' END AS empty FROM changed) GROUP BY member_id
        ), sources AS (
            SELECT member_id, string_agg(said, '; ' ORDER BY said) AS sources
            FROM (SELECT DISTINCT b.member_id, b.said FROM became_known b JOIN changed c
                  ON c.member_id = b.member_id
                  AND list_contains(CASE c.fact {registers} ELSE ['resident'] END, b.register))
            GROUP BY member_id
        )
        SELECT d.*, coalesce(n.area_code, t.area_code) AS area_code, coalesce(n.district_code, t.district_code) AS district_code,
               CASE WHEN f.facts IS NOT NULL THEN 'facts' WHEN {not same_law} THEN 'law' ELSE 'awards' END AS why,
               coalesce(f.facts, '') AS facts, coalesce(s.sources, '') AS sources
        FROM different d
        LEFT JOIN facts_now n USING (member_id) LEFT JOIN facts_then t USING (member_id)
        LEFT JOIN facts f USING (member_id) LEFT JOIN sources s USING (member_id)""")


def read_became_known(
    pg: Postgres, duck: duckdb.DuckDBPyConnection, after: date, until: date, decided_at: datetime
) -> None:
    """Create ``became_known``: every belief about the people of PostgreSQL's ``replay_concerned`` known after `after` up to `until`.

    Those that were delivered only after `decided_at` belong to them, even if a department recorded them long before. `said` names file, line, delivery, the day of knowledge and whose record it is; no personal number.
    """
    schema = pa.schema(
        [("member_id", pa.int32()), ("register", pa.string()), ("whose", pa.string()), ("said", pa.string())]
    )
    parts = []
    for register, (table, owner, file) in _TABLES.items():
        about = (
            "c.other_id = b.member_id"
            if owner == "member_id"
            else "c.whose = 'own' AND b.family_id = (SELECT r.family_id FROM registry_resident_belief r"
            " WHERE r.member_id = c.other_id ORDER BY r.belief_no DESC LIMIT 1)"
        )
        what = " || ' ' || b.kind || ' ' || b.happened_on" if register == "event" else ""
        parts.append(
            f"SELECT c.member_id, '{register}', c.whose, '{file}.csv line ' || b.line || ', delivery ' || d.code || ' of '"
            f" || d.delivered_on || ', known from ' || b.known_from || ' ('"
            f" || {'c.whose' if owner == 'member_id' else repr('family')}{what} || ')'"
            f" FROM replay_concerned c JOIN {table} b ON {about} JOIN sources_delivery d ON d.id = b.delivery_id"
            " WHERE b.known_from <= %(until)s AND (b.known_from > %(after)s OR d.received_at > %(decided_at)s)"
        )
    relation(
        pg,
        duck,
        "became_known",
        schema,
        " UNION ALL ".join(parts),
        {"after": min(after, until), "until": max(after, until), "decided_at": decided_at},
    )


_TABLES = {
    "resident": ("registry_resident_belief", "member_id", "residents"),
    "bpl": ("registry_bpl_belief", "family_id", "bpl"),
    "disability": ("registry_disability_belief", "member_id", "pwd"),
    "event": ("registry_event_belief", "member_id", "events"),
    "pension": ("registry_pension_belief", "member_id", "pensioners"),
}


def write_differences(duck: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Write ``explained`` as differences.csv, amounts in rupees; returns the number of rows."""
    money = {
        name: f"CASE WHEN d.{name} IS NOT NULL THEN {_rupees(f'd.{name}')} END"
        for name in (
            "then_paise",
            "now_paise",
            "difference_paise",
            "then_due_paise",
            "now_due_paise",
            "due_difference_paise",
        )
    }
    return _write(duck, DIFFERENCES_CSV.format(**money), path)


def totals(duck: duckdb.DuckDBPyConnection) -> None:
    """Create ``total``: persons and paise then and in the replay, by scheme, district, kind of difference, and in all."""
    sides = """
        SELECT e.*, coalesce(then_scheme, '') AS a, coalesce(now_scheme, '') AS b FROM explained e"""
    both = (
        "count(*) AS persons, coalesce(sum(then_paise), 0)::BIGINT AS then_paise, coalesce(sum(now_paise), 0)::BIGINT AS now_paise,"
        " sum(due_difference_paise)::BIGINT AS due_difference_paise"
    )
    duck.execute(f"""
        CREATE OR REPLACE TABLE total AS
        WITH side AS ({sides}), scheme AS (
            SELECT a AS name, then_paise, 0 AS now_paise, -then_due_paise AS due, member_id FROM side WHERE a <> ''
            UNION ALL SELECT b, 0, now_paise, now_due_paise, member_id FROM side WHERE b <> ''
        )
        SELECT 'all' AS of, '' AS name, {both} FROM explained
        UNION ALL SELECT 'kind', kind, {both} FROM explained GROUP BY kind
        UNION ALL SELECT 'why', why, {both} FROM explained GROUP BY why
        UNION ALL SELECT 'district', coalesce(district_code, ''), {both} FROM explained GROUP BY ALL
        UNION ALL
        SELECT 'scheme', name, count(DISTINCT member_id), sum(then_paise)::BIGINT, sum(now_paise)::BIGINT, NULL
        FROM scheme GROUP BY name""")


def write_totals(duck: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Write ``total`` as totals.csv; returns the number of rows."""
    return _write(
        duck,
        f'SELECT of AS "by", name, persons, {_rupees("then_paise")} AS then_amount, {_rupees("now_paise")} AS now_amount,'
        f" {_rupees('(now_paise - then_paise)')} AS difference,"
        f" CASE WHEN due_difference_paise IS NOT NULL THEN {_rupees('due_difference_paise')} END AS due_difference"
        " FROM total ORDER BY of, name",
        path,
    )


def _rupees(paise: str) -> str:
    return f"format('{{}}{{}}.{{:02d}}', CASE WHEN {paise} < 0 THEN '-' ELSE '' END, abs({paise}) // 100, abs({paise}) % 100)"


def _write(duck: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    with atomic_write(path) as draft:
        target = str(draft).replace("'", "''")
        row = duck.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER)").fetchone()
    return int(row[0]) if row else 0
