"""Tying a list to the residents: asked for on a page, done by the worker portion by portion, taken up again where it stopped.

A portion is committed with how far the list is, so that whoever kills the worker loses one portion's work and nothing is written
twice. What people judged comes last, in the transaction that says that the list is tied: a judgement of the same moment waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import pyarrow.parquet as pq
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal, Words
from haqdar.identity.models import Department, SeedList, SeedRow
from haqdar.identity.seeding import keeping
from haqdar.identity.seeding.engine import workbench
from haqdar.identity.seeding.queries import judged_share, may_work_on
from haqdar.identity.seeding.refusals import NewerConverged, NotWaiting, OtherBeingTied, TooFewJudged
from haqdar.registry.bridge import push, temporary

CONVERGE_FROM = 0.8
"""Share of the rows that need people which must be judged before identifiers are written to residents (as Samagra does)."""
PORTION = 50_000
"""Rows of a list that are written and committed at once: a second or two."""
INTERRUPTED = Words(
    "Tying was interrupted. What is written stays. Tie the list again: it goes on where it stopped.",
    "जोड़ना बीच में रुक गया। जो लिखा गया वह बना है। सूची फिर जोड़ें: काम वहीं से आगे चलेगा।",
)
State = SeedList.State
_TIED = {
    "domain_id": "text",
    "member_id": "integer",
    "how": "text",
    "weight": "double precision",
    "fingerprint": "uuid",
}
_NEEDED = ["domain_id", "band", "reason", "member_id", "weight", "fingerprint"]


class _Overtaken(Exception):
    """Somebody else ties the list, or did."""


def ask(actor: Actor, found: SeedList) -> None:
    """Let a list be tied to the residents; the caller queues the work in the same transaction.

    Possible once four fifths of what needs people is judged; the rest follows row by row. One list of a department and area after the
    other. Raises `TooFewJudged`, `NotWaiting`, `NewerConverged`, `OtherBeingTied`.
    """
    actor = require(actor, "seeding.converge")
    may_work_on(actor, found)
    with acting(actor, "seeding.converge"):
        # whoever asks second must see what the first one asked for
        Department.objects.select_for_update(no_key=True).get(pk=found.department_id)
        locked = SeedList.objects.select_for_update().get(pk=found.pk)
        if locked.state != State.REVIEW:
            raise NotWaiting()
        others = SeedList.objects.filter(department_id=locked.department_id, area_code=locked.area_code)
        if others.filter(state=State.CONVERGED, id__gt=locked.pk).exists():
            raise NewerConverged()
        if others.filter(state=State.TYING).exists():
            raise OtherBeingTied()
        judged, every = judged_share(locked)
        if judged < CONVERGE_FROM * every:
            needed = -(-int(every * CONVERGE_FROM * 1000) // 1000)
            raise TooFewJudged(
                judged=judged,
                all=every,
                share=100 * judged // every,
                needed=int(100 * CONVERGE_FROM),
                missing=max(1, needed - judged),
            )
        locked.state, locked.converged_by, locked.run_at = State.TYING, actor.name, timezone.now()
        locked.problem_en = locked.problem_hi = ""
        locked.counts.setdefault("tying", {"portions": 0, "rows": 0})
        locked.save(update_fields=["state", "converged_by", "run_at", "problem_en", "problem_hi", "counts"])
        record(actor, "seeding.converge", "seed_list", str(locked.key), new={"judged": judged, "of": every})
    found.refresh_from_db()


def tie(actor: Actor, found: SeedList) -> int:
    """Write the department's identifiers of a list that was asked for to the residents; returns how many carry one of it.

    Whoever a complete list no longer names is marked as gone from it; nothing is deleted. A list that does not wait for it is left as
    it is. What stops it leaves the list to be tied again, with the reason; it then goes on after the last portion.
    """
    try:
        with keeping.opened(found.key, "rows") as file, workbench("512MB") as duck:
            sealed = pq.ParquetFile(file)
            for number, groups in enumerate(_portions(sealed.metadata)):
                _portion(actor, found, number, sealed, groups, duck)
        tied = _finish(actor, found)
    except _Overtaken:
        tied = 0
    except Refusal as refusal:
        stopped(found, Words(refusal.en, refusal.hi))
        tied = 0
    except FileNotFoundError:
        stopped(found, Words(NotWaiting.en, NotWaiting.hi))
        tied = 0
    except Exception:
        stopped(found, INTERRUPTED)
        raise
    found.refresh_from_db()
    return tied


def converge(actor: Actor, found: SeedList) -> int:
    """`ask` and `tie` in one, for the command line and the demonstration."""
    ask(actor, found)
    return tie(actor, found)


def stopped(found: SeedList, why: Words) -> None:
    """Say that a list is not being tied any more; it can be asked for again."""
    SeedList.objects.filter(pk=found.pk, state=State.TYING).update(
        state=State.REVIEW, problem_en=why.en, problem_hi=why.hi
    )


def tie_judged(actor: Actor, found: SeedList, row: SeedRow) -> None:
    """Tie one row of a list that is tied already, in the transaction of its judgement."""
    with temporary("tied_now", _TIED), connection.cursor() as cursor:
        values = _values(actor, found)
        _judged(cursor, "id = %(row)s", values | {"row": row.pk})
        _write(cursor, values)


def _portions(metadata: pq.FileMetaData) -> list[list[int]]:
    """The row groups of a list's file in portions of about `PORTION` rows, the same each time."""
    portions: list[list[int]] = []
    rows = PORTION
    for group in range(metadata.num_row_groups):
        if rows >= PORTION:
            portions.append([])
            rows = 0
        portions[-1].append(group)
        rows += metadata.row_group(group).num_rows
    return portions


def _portion(
    actor: Actor,
    found: SeedList,
    number: int,
    sealed: pq.ParquetFile,
    groups: Sequence[int],
    duck: duckdb.DuckDBPyConnection,
) -> None:
    """Write one portion, unless it was written before."""
    with (
        acting(actor, "seeding.converge"),
        temporary("tied_now", _TIED),
        temporary("listed_now", {"domain_id": "text"}),
    ):
        locked = _mine(found)
        progress = locked.counts["tying"]
        if progress["portions"] > number:
            return
        rows = sealed.read_row_groups(list(groups), columns=_NEEDED)
        duck.register("rows", rows)
        push(
            duck,
            "SELECT domain_id, member_id, CASE reason WHEN 'judged' THEN 'person' WHEN 'unchanged' THEN 'likeness' ELSE reason END,"
            " weight, fingerprint FROM rows WHERE band IN ('automatic', 'known')",
            "tied_now",
            tuple(_TIED),
        )
        push(
            duck,
            "SELECT DISTINCT domain_id FROM rows WHERE domain_id IS NOT NULL",
            "listed_now",
            ("domain_id",),
        )
        duck.unregister("rows")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE tied_now; ANALYZE listed_now")
            values = _values(actor, found)
            _leave_untied(cursor, values)
            written = _write(cursor, values)
            # still named, though a person has yet to say who it is now
            cursor.execute(
                "UPDATE identity_seed_link l SET seen_list_id = %(list)s, gone_list_id = NULL FROM listed_now n"
                " WHERE l.department_id = %(department)s AND l.ended_at IS NULL AND l.domain_id = n.domain_id"
                " AND l.seen_list_id <> %(list)s",
                values,
            )
        locked.counts["tying"] = {"portions": number + 1, "rows": progress["rows"] + rows.num_rows}
        locked.run_at = timezone.now()
        locked.save(update_fields=["counts", "run_at"])
        record(
            actor,
            "seeding.converge",
            "seed_list",
            str(found.key),
            new={"portion": number + 1, "tied": written},
        )


def _finish(actor: Actor, found: SeedList) -> int:
    """What people judged, who is gone, and that the list is tied."""
    with acting(actor, "seeding.converge"), temporary("tied_now", _TIED), connection.cursor() as cursor:
        locked = _mine(found)
        values = _values(actor, found)
        _judged(cursor, "list_id = %(list)s AND state = 'same'", values)
        _leave_untied(cursor, values)
        _write(cursor, values)
        if not locked.supplement:
            cursor.execute(
                "UPDATE identity_seed_link l SET gone_list_id = %(list)s FROM identity_seed_list s WHERE s.id = l.seen_list_id"
                " AND s.area_code = %(area)s AND l.department_id = %(department)s AND l.ended_at IS NULL"
                " AND l.gone_list_id IS NULL AND l.seen_list_id <> %(list)s",
                values,
            )
        cursor.execute(
            "SELECT count(*) FROM identity_seed_link WHERE department_id = %(department)s AND seen_list_id = %(list)s"
            " AND ended_at IS NULL",
            values,
        )
        (tied,) = cursor.fetchone() or (0,)
        locked.state, locked.converged_at = State.CONVERGED, timezone.now()
        locked.counts["tied"] = tied
        locked.save(update_fields=["state", "converged_at", "counts"])
        record(actor, "seeding.converge", "seed_list", str(locked.key), new={"tied": tied})
    return int(tied)


def _mine(found: SeedList) -> SeedList:
    """The list, locked; raises `_Overtaken` unless it is being tied."""
    locked = SeedList.objects.select_for_update().get(pk=found.pk)
    if locked.state != State.TYING:
        raise _Overtaken()
    return locked


def _values(actor: Actor, found: SeedList) -> dict[str, Any]:
    return {
        "department": found.department_id, "list": found.pk, "actor": actor.name, "now": timezone.now(),
        "area": found.area_code, "asked": found.asked_at,
    }  # fmt: skip


def _judged(cursor: Any, which: str, values: dict[str, Any]) -> None:
    """Rows that people judged to be somebody, into `tied_now`."""
    cursor.execute(
        "INSERT INTO tied_now SELECT domain_id, member_id, 'person', weight, fingerprint FROM identity_seed_row"
        f" WHERE {which}",
        values,
    )


def _leave_untied(cursor: Any, values: dict[str, Any]) -> None:
    """Take out of `tied_now` what a person took off a resident since the list was handed in, and nobody judged to be his again."""
    cursor.execute(
        "DELETE FROM tied_now t USING identity_seed_link l WHERE l.department_id = %(department)s"
        " AND l.domain_id = t.domain_id AND l.member_id = t.member_id AND l.ended_at > greatest(%(asked)s,"
        "  (SELECT max(r.judged_at) FROM identity_seed_row r WHERE r.list_id = %(list)s AND r.domain_id = t.domain_id"
        "   AND r.state = 'same'))"
        " AND NOT EXISTS (SELECT FROM identity_seed_link n WHERE n.department_id = l.department_id"
        "  AND n.domain_id = l.domain_id AND n.member_id = l.member_id AND n.ended_at IS NULL)",
        values,
    )


def _write(cursor: Any, values: dict[str, Any]) -> int:
    """Tie `tied_now`: an identifier that was tied to somebody else is ended there; one that is tied already is seen once more."""
    cursor.execute(
        "UPDATE identity_seed_link l SET ended_by = %(actor)s, ended_at = %(now)s FROM tied_now t"
        " WHERE l.department_id = %(department)s AND l.ended_at IS NULL AND l.domain_id = t.domain_id"
        " AND l.member_id <> t.member_id",
        values,
    )
    cursor.execute(
        "INSERT INTO identity_seed_link (department_id, domain_id, member_id, how, weight, fingerprint, tied_list_id,"
        " seen_list_id, tied_by, tied_at) SELECT %(department)s, domain_id, member_id, how, weight, fingerprint, %(list)s,"
        " %(list)s, %(actor)s, %(now)s FROM tied_now"
        " ON CONFLICT (department_id, domain_id) WHERE ended_at IS NULL DO UPDATE SET seen_list_id = excluded.seen_list_id,"
        " fingerprint = excluded.fingerprint, gone_list_id = NULL",
        values,
    )
    return int(cursor.rowcount)
