"""One act on many cases: a preview that is kept, carried out exactly as previewed, and taken back where the law allows.

What can be done to many cases at once is the table `DEEDS`. A preview writes down the chosen cases with the moment each began
to wait; whatever moved since is left alone and says so. Noting, marks and assignments are sets of rows changed by one statement
a chunk. A sanction is an order of its own for each person: verified individually before, decided one by one, four eyes each,
and never taken back by a button, because an award is ended by a stop with reason, notice and appeal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import MAY, Actor, NotYourFunction, acting, require
from haqdar.access.many import record_many
from haqdar.access.queries import Place
from haqdar.base.refusal import Refusal
from haqdar.cases.caselists import QueueFilter, case_conditions, inside
from haqdar.cases.deciding_cases import sanction
from haqdar.cases.models import BulkJob, BulkRow, Case

MOST = 10_000
"""Cases of one job at most."""
CHUNK = 1000
UNDO_HOURS = 24
State = BulkJob.State


class NothingChosen(Refusal):
    """The preview would be empty."""

    code = "nothing_chosen"
    en = "Choose at least one case first: mark rows with x or tick them."
    hi = "पहले कम से कम एक प्रकरण चुनें: x दबाकर या निशान लगाकर।"


class NotForMany(Refusal):
    """The law wants each of these decided by itself."""

    code = "not_for_many"
    en = "This cannot be done for many cases at once; open each case."
    hi = "यह एक साथ कई प्रकरणों पर नहीं हो सकता; हर प्रकरण अलग से खोलें।"


class AlreadyCarriedOut(Refusal):
    """A job is carried out once."""

    code = "already_carried_out"
    en = "This was confirmed already. The page shows what came of it."
    hi = "इसकी पुष्टि पहले ही हो चुकी है। नतीजा पन्ने पर है।"


class CannotBeUndone(Refusal):
    """Too late, a month was run since, or the deed is none that may be taken back."""

    code = "cannot_be_undone"
    en = "This can no longer be taken back: it is allowed for {hours} hours and until the next month's run."
    hi = "अब यह वापस नहीं लिया जा सकता: इसकी छूट {hours} घंटे और अगली मासिक गणना तक ही है।"


class NoSuchColleague(Refusal):
    """A case can be given only to somebody who may deal with it."""

    code = "no_such_colleague"
    en = "Choose a colleague of your area whose function includes this work."
    hi = "अपने क्षेत्र का वह साथी चुनें जिसके पद में यह काम शामिल है।"


CarryOut = Callable[[Actor, BulkJob, list[int], datetime], None]
Undo = Callable[[Actor, BulkJob, datetime], int]


@dataclass(frozen=True)
class Deed:
    """Something that can be done to many cases: `verbs` they wait for (empty: any), rows done while the page waits.

    `carry_out` is given row ids of the job and sets their outcome; `undo` takes back what was done and returns how many.
    `not_after` are verbs the same officer must not have done on a case (four eyes).
    """

    name: str
    verbs: tuple[str, ...]
    carry_out: CarryOut
    undo: Undo | None = None
    at_once: int = 1000
    chunk: int = CHUNK
    not_after: tuple[str, ...] = ()

    def fits(self, verb: str) -> bool:
        """Whether it can be done to cases that wait for `verb`."""
        return not self.verbs or verb in self.verbs


def deeds_of(verb: str) -> list[Deed]:
    """What can be done to many cases that wait for `verb`, the main one first."""
    return [deed for deed in DEEDS.values() if deed.fits(verb)]


def preview(
    actor: Actor,
    verb: str,
    deed_name: str,
    filters: QueueFilter,
    place: Place | None,
    keys: list[str] | None,
    query: str = "",
    details: Mapping[str, str] | None = None,
) -> BulkJob:
    """Write down the cases chosen (`keys`, or all that `filters` leave) and which of them are not possible and why.

    Nothing happens to the cases. Raises `NothingChosen`, `NotForMany`, `NoSuchColleague`, ``NotYourFunction``.
    """
    actor = require(actor, verb)
    deed = DEEDS.get(deed_name)
    if deed is None or not deed.fits(verb) or actor.user_id is None:
        raise NotForMany()
    told = dict(details or {})
    if deed.name == "assign" and told.get("to") not in {one.username for one in colleagues(actor, verb)}:
        raise NoSuchColleague()
    if keys is None:
        where, values = case_conditions(actor, verb, filters, place)
    else:
        scope, values = inside(actor, place)
        where, values = f"{scope} AND c.key = ANY(%(keys)s)", {**values, "keys": _uuids(keys), "verb": verb}
    with transaction.atomic(), connection.cursor() as cursor:
        job = BulkJob.objects.create(
            verb=verb, deed=deed.name, user_id=actor.user_id, ip=actor.ip, query=query[:1000], details=told
        )
        cursor.execute(
            "INSERT INTO cases_bulk_row (job_id, case_id, since_at, refusal)"
            " SELECT %(job)s, c.id, c.since_at, CASE WHEN c.closed_at IS NOT NULL OR c.awaits <> %(verb)s THEN 'already_moved'"
            "  WHEN EXISTS (SELECT 1 FROM cases_case_step s WHERE s.case_id = c.id AND s.actor = %(actor)s"
            "   AND s.verb = ANY(%(not_after)s)) THEN 'same_officer' ELSE '' END"
            f" FROM cases_case c WHERE {where} ORDER BY c.due_on, c.id LIMIT %(most)s",
            {
                **values,
                "job": job.pk,
                "actor": actor.name,
                "not_after": list(deed.not_after),
                "most": MOST,
            },
        )
        if cursor.rowcount == 0:
            raise NothingChosen()
    return BulkJob.objects.get(pk=job.pk)


def job_of(actor: Actor, key: UUID | str) -> BulkJob | None:
    """The job with this key if the actor asked for it; nobody reads another's."""
    require(actor, "desk.view")
    return BulkJob.objects.filter(key=key, user_id=actor.user_id or 0).first()


def jobs_of(actor: Actor, limit: int = 5) -> list[BulkJob]:
    """The actor's latest jobs that went beyond a preview."""
    require(actor, "desk.view")
    return list(
        BulkJob.objects.filter(user_id=actor.user_id or 0)
        .exclude(state=State.PREVIEW)
        .order_by("-asked_at")[:limit]
    )


@dataclass(frozen=True)
class Sum:
    """Cases and paise a month of one scheme or area of a job."""

    code: str
    name_en: str
    name_hi: str
    cases: int
    paise: int


@dataclass(frozen=True)
class JobSums:
    """A job in figures: by what came of it or will, by scheme and area of those possible; paise is the change a month."""

    possible: int
    done: int
    waiting: int
    refused: dict[str, int]
    paise: int
    schemes: list[Sum]
    areas: list[Sum]

    @property
    def total(self) -> int:
        """All cases chosen."""
        return self.possible + sum(self.refused.values())


def sums(job: BulkJob) -> JobSums:
    """The figures of a job, whose owner asked for them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(nullif(r.refusal, ''), r.outcome), coalesce(c.scheme, c.from_scheme, ''), c.area_code, a.name_en,"
            " coalesce(a.name_hi, a.name_en), count(*),"
            " coalesce(sum(coalesce(c.paise, 0) - coalesce(c.from_paise, 0)), 0)"
            " FROM cases_bulk_row r JOIN cases_case c ON c.id = r.case_id"
            " LEFT JOIN access_area a ON a.area_code = c.area_code WHERE r.job_id = %s GROUP BY 1, 2, 3, 4, 5 ORDER BY 4",
            [job.pk],
        )
        rows = cursor.fetchall()
    refused: dict[str, int] = {}
    schemes: dict[str, Sum] = {}
    areas: dict[str, Sum] = {}
    done = waiting = paise = 0
    for word, scheme, area, area_en, area_hi, cases, change in rows:
        if word not in ("", "done", "undone"):
            refused[word] = refused.get(word, 0) + cases
            continue
        done += cases if word else 0
        waiting += 0 if word else cases
        paise += int(change)
        _add(schemes, scheme, scheme, scheme, cases, int(change))
        _add(areas, area or "", area_en or "", area_hi or "", cases, int(change))
    biggest = sorted(schemes.values(), key=lambda one: -one.cases)
    return JobSums(done + waiting, done, waiting, refused, paise, biggest, list(areas.values()))


def _add(found: dict[str, Sum], code: str, name_en: str, name_hi: str, cases: int, paise: int) -> None:
    before = found.get(code)
    found[code] = Sum(
        code,
        name_en,
        name_hi,
        cases + (before.cases if before else 0),
        paise + (before.paise if before else 0),
    )


def start(actor: Actor, job: BulkJob) -> bool:
    """Confirm a preview; returns whether it is small enough to be carried out while the page waits.

    Raises `AlreadyCarriedOut`; the caller then carries it out or queues it.
    """
    require(actor, job.verb)
    with acting(actor, job.verb):
        changed = BulkJob.objects.filter(pk=job.pk, state=State.PREVIEW).update(state=State.QUEUED)
        if not changed:
            raise AlreadyCarriedOut()
        rows = BulkRow.objects.filter(job=job, refusal="", outcome="").count()
        record(actor, job.verb, "bulk", str(job.key), new={"deed": job.deed, "cases": rows, **job.details})
    return rows <= DEEDS[job.deed].at_once


def carry_out(actor: Actor, job: BulkJob) -> None:
    """Do what was previewed, a chunk a transaction; what was done by an earlier, interrupted attempt stays done."""
    deed = DEEDS[job.deed]
    BulkJob.objects.filter(pk=job.pk, state__in=(State.QUEUED, State.FAILED)).update(state=State.RUNNING)
    at = timezone.now()
    while True:
        with transaction.atomic():
            ids = list(
                BulkRow.objects.select_for_update(skip_locked=True)
                .filter(job=job, refusal="", outcome="")
                .order_by("pk")
                .values_list("pk", flat=True)[: deed.chunk]
            )
            if not ids:
                break
            narrowed = require(actor, job.verb)
            with acting(narrowed, job.verb):
                deed.carry_out(narrowed, job, ids, at)
    BulkJob.objects.filter(pk=job.pk).update(state=State.DONE, finished_at=at)


def undo_until(job: BulkJob) -> datetime | None:
    """Until when the job can be taken back; None when it cannot (any more): see `CannotBeUndone`."""
    if DEEDS[job.deed].undo is None or job.state != State.DONE or job.finished_at is None:
        return None
    until = job.finished_at + timedelta(hours=UNDO_HOURS)
    if timezone.now() >= until:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM cases_month_run WHERE posted AND finished_at > %s)",
            [job.finished_at],
        )
        (run_since,) = cursor.fetchone() or (True,)
    return None if run_since else until


def undo(actor: Actor, job: BulkJob) -> int:
    """Take a job back as far as nobody moved on meanwhile; returns for how many cases. Raises `CannotBeUndone`."""
    actor = require(actor, job.verb)
    deed = DEEDS[job.deed]
    with acting(actor, job.verb):
        job = BulkJob.objects.select_for_update().get(pk=job.pk)
        if deed.undo is None or undo_until(job) is None:
            raise CannotBeUndone(hours=UNDO_HOURS)
        undone = deed.undo(actor, job, timezone.now())
        BulkJob.objects.filter(pk=job.pk).update(state=State.UNDONE, undone_at=timezone.now())
        record(actor, job.verb, "bulk", str(job.key), old={"deed": job.deed}, new={"undone": undone})
    return undone


@dataclass(frozen=True)
class Colleague:
    """Somebody whose function includes a verb in the actor's area."""

    username: str
    name_en: str
    name_hi: str


def colleagues(actor: Actor, verb: str) -> list[Colleague]:
    """The people who may do `verb` somewhere in the actor's area, the actor first."""
    actor = require(actor, verb)
    today = timezone.localdate()
    paths = ["/"] if actor.area_paths is None else list(actor.area_paths)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT u.username, u.name_en, u.name_hi, u.username = %(me)s AS me"
            " FROM access_posting p JOIN access_user u ON u.id = p.user_id JOIN access_area a ON a.area_code = p.area_code"
            " WHERE u.is_active AND p.role = ANY(%(roles)s) AND (p.functions IS NULL OR %(verb)s = ANY(p.functions))"
            " AND p.from_on <= %(today)s AND (p.to_on IS NULL OR p.to_on >= %(today)s)"
            " AND EXISTS (SELECT 1 FROM unnest(%(paths)s::text[]) own"
            "  WHERE starts_with(a.path, own) OR starts_with(own, a.path))"
            " ORDER BY me DESC, u.name_en LIMIT 100",
            {"me": actor.name, "roles": sorted(MAY[verb]), "verb": verb, "today": today, "paths": paths},
        )
        return [Colleague(*row[:3]) for row in cursor.fetchall()]


def _uuids(keys: list[str]) -> list[UUID]:
    """The keys that are keys; what a form could not have sent is left out."""
    found = []
    for key in keys[:MOST]:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found


# Locks the cases of the rows, and tells whether each is still as previewed and in the actor's area.
_CHOSEN = """
    chosen AS MATERIALIZED (
        SELECT r.id AS row_id, c.id, c.key, c.awaits, c.since_at, c.details,
            CASE WHEN NOT ({inside}) THEN 'outside_your_area'
                 WHEN c.since_at <> r.since_at OR c.awaits <> %(verb)s THEN 'already_moved' ELSE 'done' END AS outcome
        FROM cases_bulk_row r JOIN cases_case c ON c.id = r.case_id WHERE r.id = ANY(%(rows)s)
        ORDER BY c.id FOR UPDATE OF c)"""
_STEP = """
    step AS (
        INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note, details)
        SELECT id, %(at)s, %(verb)s, %(actor)s, %(role)s, {awaited}, {awaits}, {outcome}, {reason}, '', {details}
        FROM {source})"""
_OUTCOME = """
    UPDATE cases_bulk_row r SET outcome = chosen.outcome, before = {before}
    FROM chosen WHERE r.id = chosen.row_id RETURNING chosen.key, chosen.outcome"""


def _run(actor: Actor, job: BulkJob, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    scope, scope_values = inside(actor, None)
    values |= {
        **scope_values,
        "job": job.pk,
        "verb": job.verb,
        "actor": actor.name,
        "role": min(actor.roles, default=""),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{inside}", scope), values)
        return list(cursor.fetchall())


def _note(actor: Actor, job: BulkJob, rows: list[int], at: datetime) -> None:
    changed = _run(
        actor,
        job,
        f"WITH {_CHOSEN}, moved AS ("
        "  UPDATE cases_case c SET awaits = '', outcome = 'noted', closed_at = %(at)s, since_at = %(at)s"
        "  FROM chosen WHERE c.id = chosen.id AND chosen.outcome = 'done' RETURNING c.id),"
        + _STEP.format(
            awaited="%(verb)s", awaits="''", outcome="'noted'", reason="''", details="'{}'", source="moved"
        )
        + _OUTCOME.format(
            before="jsonb_build_object('since_at', chosen.since_at, 'at', %(at)s::timestamptz)"
        ),
        {"rows": rows, "at": at},
    )
    done = [
        (str(key), {"awaits": job.verb}, {"outcome": "noted"})
        for key, outcome in changed
        if outcome == "done"
    ]
    record_many(actor, job.verb, "case", done)


def _note_back(actor: Actor, job: BulkJob, at: datetime) -> int:
    changed = _run(
        actor,
        job,
        "WITH chosen AS MATERIALIZED ("
        "  SELECT r.id AS row_id, c.id, c.key, (r.before ->> 'since_at')::timestamptz AS since_at"
        "  FROM cases_bulk_row r JOIN cases_case c ON c.id = r.case_id"
        "  WHERE r.job_id = %(job)s AND r.outcome = 'done' AND c.outcome = 'noted' AND c.closed_at = (r.before ->> 'at')::timestamptz"
        # a later event may have opened the same matter anew
        "  AND NOT EXISTS (SELECT 1 FROM cases_case o WHERE o.member_id = c.member_id AND o.kind = c.kind"
        "   AND o.pension_group = c.pension_group AND o.occasion = c.occasion AND o.closed_at IS NULL)"
        "  ORDER BY c.id FOR UPDATE OF c),"
        " moved AS (UPDATE cases_case c SET awaits = %(verb)s, outcome = '', closed_at = NULL, since_at = chosen.since_at"
        "  FROM chosen WHERE c.id = chosen.id RETURNING c.id),"
        + _STEP.format(
            awaited="''", awaits="%(verb)s", outcome="''", reason="'undone'", details="'{}'", source="moved"
        )
        + " UPDATE cases_bulk_row r SET outcome = 'undone' FROM chosen WHERE r.id = chosen.row_id RETURNING chosen.key",
        {"at": at},
    )
    record_many(
        actor,
        job.verb,
        "case",
        [(str(row[0]), {"outcome": "noted"}, {"awaits": job.verb}) for row in changed],
    )
    return len(changed)


def _mark(
    name: str, reason: str, undone: str, value_of: Callable[[BulkJob, datetime], str]
) -> tuple[CarryOut, Undo]:
    """A mark in the details of cases that leaves them waiting as they were, and how it is taken back."""

    def carry_out(actor: Actor, job: BulkJob, rows: list[int], at: datetime) -> None:
        value = value_of(job, at)
        changed = _run(
            actor,
            job,
            f"WITH {_CHOSEN}, moved AS ("
            "  UPDATE cases_case c SET details = c.details || jsonb_build_object(%(name)s::text, %(value)s::text)"
            "  FROM chosen WHERE c.id = chosen.id AND chosen.outcome = 'done' RETURNING c.id),"
            + _STEP.format(
                awaited="%(verb)s",
                awaits="%(verb)s",
                outcome="''",
                reason="%(reason)s",
                details="jsonb_build_object(%(name)s::text, %(value)s::text)",
                source="moved",
            )
            + _OUTCOME.format(before="jsonb_build_object(%(name)s::text, chosen.details -> %(name)s::text)"),
            {"rows": rows, "at": at, "name": name, "value": value, "reason": reason},
        )
        done = [(str(key), None, {name: value}) for key, outcome in changed if outcome == "done"]
        record_many(actor, job.verb, "case", done)

    def undo_marks(actor: Actor, job: BulkJob, at: datetime) -> int:
        value = value_of(job, job.finished_at or at)
        changed = _run(
            actor,
            job,
            "WITH chosen AS MATERIALIZED ("
            "  SELECT r.id AS row_id, c.id, c.key, r.before FROM cases_bulk_row r JOIN cases_case c ON c.id = r.case_id"
            "  WHERE r.job_id = %(job)s AND r.outcome = 'done' AND c.closed_at IS NULL AND c.awaits = %(verb)s"
            "  AND c.details ->> %(name)s = %(value)s ORDER BY c.id FOR UPDATE OF c),"
            " moved AS (UPDATE cases_case c SET details = (c.details - %(name)s::text)"
            "   || CASE WHEN chosen.before -> %(name)s = 'null' THEN '{}' ELSE chosen.before END"
            "  FROM chosen WHERE c.id = chosen.id RETURNING c.id),"
            + _STEP.format(
                awaited="%(verb)s",
                awaits="%(verb)s",
                outcome="''",
                reason="%(reason)s",
                details="'{}'",
                source="moved",
            )
            + " UPDATE cases_bulk_row r SET outcome = 'undone' FROM chosen WHERE r.id = chosen.row_id RETURNING chosen.key",
            {"at": at, "name": name, "value": value, "reason": undone},
        )
        record_many(actor, job.verb, "case", [(str(row[0]), {name: value}, None) for row in changed])
        return len(changed)

    return carry_out, undo_marks


def _sanction(actor: Actor, job: BulkJob, rows: list[int], at: datetime) -> None:
    """One case after the other: each sanction asks the law again and makes an order of its own."""
    for row in BulkRow.objects.select_related("case").filter(pk__in=rows):
        if row.case.since_at != row.since_at or row.case.awaits != job.verb:
            row.outcome = "already_moved"
        else:
            try:
                with transaction.atomic():
                    sanction(actor, row.case.key)
                row.outcome = "done"
            except Refusal as refusal:
                row.outcome, row.before = refusal.code, {"en": refusal.en, "hi": refusal.hi}
        row.save(update_fields=["outcome", "before"])


def _today(job: BulkJob, at: datetime) -> str:
    return timezone.localdate(at).isoformat()


def _to_whom(job: BulkJob, at: datetime) -> str:
    return str(job.details.get("to", ""))


_ASKED = _mark("asked_on", "asked", "not_asked", _today)
_ASSIGNED = _mark("assigned_to", "assigned", "unassigned", _to_whom)

DEEDS: dict[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed("note", ("case.note",), _note, _note_back),
        Deed("asked", ("fact.correct",), *_ASKED),
        # a sanction makes an order each, so few are made while the page waits; none is ever taken back by a button
        Deed("sanction", ("case.sanction",), _sanction, None, at_once=5, chunk=1, not_after=("case.verify",)),
        Deed("assign", (), *_ASSIGNED),
    )
}
"""What can be done to many cases at once, by name."""


def refuse_foreign(actor: Actor, job: BulkJob | None) -> BulkJob:
    """The job, or ``NotYourFunction`` where it is somebody else's."""
    if job is None or job.user_id != actor.user_id:
        raise NotYourFunction()
    return job


def rows_of(job: BulkJob, after: int = 0, limit: int = 200) -> list[tuple[BulkRow, Case]]:
    """The rows of a job with their cases, what needs attention first, for its owner."""
    rows = (
        BulkRow.objects.filter(job=job)
        .select_related("case")
        .order_by("refusal", "outcome", "pk")[after : after + limit]
    )
    return [(row, row.case) for row in rows]
