"""Payees to be examined, from list to list: found anew, found again, no longer so. What people wrote down of them stays."""

from __future__ import annotations

import duckdb
from django.db import connection
from django.db.models import F

from haqdar.identity.models import SeedFinding, SeedList, SeedRow
from haqdar.registry.bridge import push, temporary
from haqdar.sources.messages import quoted

State = SeedFinding.State
_WAITING = (State.OPEN, State.PASSED_ON)
_FOUND = {
    "list_id": "bigint", "line": "bigint", "domain_id": "text", "path": "text", "kind": "text", "member_id": "integer",
    "other_line": "bigint", "paise": "bigint", "written_sealed": "bytea", "key_version": "smallint",
}  # fmt: skip
_AGAIN = (
    " ON CONFLICT (department_id, domain_id, kind, member_id) DO UPDATE SET list_id = excluded.list_id, line = excluded.line,"
    " other_line = excluded.other_line, paise = excluded.paise, written_sealed = excluded.written_sealed,"
    " key_version = excluded.key_version, settled_list_id = NULL,"
    " earlier_list_id = CASE WHEN f.list_id = excluded.list_id THEN f.earlier_list_id ELSE f.list_id END,"
    # what was in order once may stay so; what was put right and is there again is not
    " state = CASE WHEN f.state IN ('corrected', 'settled') THEN 'open' ELSE f.state END"
)


def store(duck: duckdb.DuckDBPyConnection, found: SeedList) -> None:
    """Write down what was found in a list, in the caller's transaction; `finding`, `outcome`, `clean`, `written` say what.

    A finding that was there is seen in the newest list; one that was corrected and is there again is open again. Whatever earlier lists
    had and this one decides otherwise is settled, and so is everybody whom a complete list of the area names no more.
    """
    with (
        temporary("found_now", _FOUND),
        temporary("compared_now", {"domain_id": "text"}),
        temporary("listed_now", {"domain_id": "text"}),
    ):
        push(
            duck,
            f"SELECT {found.pk}, f.line, c.domain_id, coalesce(p.path, {quoted(found.path)}), f.kind, f.member_id, f.other_line,"
            " c.paise, w.sealed, w.version FROM finding f JOIN clean c USING (line) JOIN written w USING (line)"
            " LEFT JOIN people p ON p.row_id = f.member_id",
            "found_now",
            tuple(_FOUND),
        )
        # what waits for people, was not compared or says only a name decides nothing
        push(
            duck,
            "SELECT domain_id FROM outcome WHERE domain_id IS NOT NULL GROUP BY 1 HAVING bool_or(band IN ('automatic', 'known')"
            " OR (band = 'rejected' AND reason <> 'name_alone')) AND NOT bool_or(band = 'review')",
            "compared_now",
            ("domain_id",),
        )
        push(
            duck,
            "SELECT DISTINCT domain_id FROM clean WHERE domain_id IS NOT NULL",
            "listed_now",
            ("domain_id",),
        )
        columns = ", ".join(_FOUND)
        values: dict[str, str | int] = {
            "department": found.department_id, "list": found.pk, "area": found.area_code,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO identity_seed_finding AS f (department_id, {columns})"
                f" SELECT DISTINCT ON (domain_id, kind, member_id) %(department)s, {columns} FROM found_now"
                f" ORDER BY domain_id, kind, member_id, line{_AGAIN}",
                values,
            )
            cursor.execute(
                "UPDATE identity_seed_finding f SET state = 'settled', settled_list_id = %(list)s FROM compared_now n"
                " WHERE f.department_id = %(department)s AND f.state IN ('open', 'passed_on') AND f.domain_id = n.domain_id"
                " AND f.list_id <> %(list)s",
                values,
            )
            if not found.supplement:
                cursor.execute(
                    "UPDATE identity_seed_finding f SET state = 'settled', settled_list_id = %(list)s FROM identity_seed_list l"
                    " WHERE l.id = f.list_id AND l.area_code = %(area)s AND f.department_id = %(department)s"
                    " AND f.state IN ('open', 'passed_on') AND f.list_id <> %(list)s"
                    " AND NOT EXISTS (SELECT FROM listed_now n WHERE n.domain_id = f.domain_id)",
                    values,
                )


def not_found(row: SeedRow) -> None:
    """Whom an officer finds nowhere is to be examined, like whom the machine finds nowhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identity_seed_finding AS f (department_id, list_id, line, domain_id, path, kind, written_sealed, key_version)"
            f" VALUES (%s, %s, %s, %s, %s, 'not_found', %s, %s){_AGAIN}",
            [
                row.list.department_id, row.list_id, row.line, row.domain_id, row.path, bytes(row.written_sealed or b"") or None,
                row.key_version,
            ],
        )  # fmt: skip


def found_after_all(row: SeedRow) -> None:
    """Whom an officer found is no longer to be looked for."""
    SeedFinding.objects.filter(
        department_id=row.list.department_id, domain_id=row.domain_id, kind__in=("not_found", "lives_elsewhere"), state__in=_WAITING
    ).update(state=State.SETTLED, settled_list=row.list)  # fmt: skip


def put_aside(found: SeedList) -> None:
    """Take back what a list changed that is put aside: a wrongly mapped column finds ghosts everywhere."""
    every = SeedFinding.objects.filter(department_id=found.department_id)
    every.filter(settled_list=found, state=State.SETTLED).update(state=State.OPEN, settled_list=None)
    own = every.filter(list=found)
    own.filter(earlier_list=None, state__in=_WAITING).update(state=State.SETTLED, settled_list=found)
    own.exclude(earlier_list=None).update(list=F("earlier_list"), earlier_list=None)
