"""Trials of proposed law: from the registers or a snapshot to numbers, asked for on a page or on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from haqdar.access.actions import record
from haqdar.access.actors import Actor, platform, require, require_area
from haqdar.access.queries import Place, areas_below
from haqdar.base.duck import connect_duck
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.entitlement.forecast import YEARS
from haqdar.entitlement.models import SimulationRun
from haqdar.entitlement.simulate import Hold, trial
from haqdar.jobs.locks import month_lock
from haqdar.law import LawBook, read_proposal

if TYPE_CHECKING:
    from haqdar.entitlement.snapshot import Snapshot

SIMULATIONS = "simulations"
PAGE = 100
STEPS = ("snapshot", "laws", "years")
#: Seconds without a heartbeat after which a worker counts as gone; it beats every ten.
_HEARTBEAT_LOST = 30


class NoSnapshotYet(Refusal):
    """A month run holds the registers and there is no earlier snapshot to use."""

    code = "no_snapshot_yet"
    en = "A month run is under way and there is no snapshot yet. Wait until it has finished, then try again."
    hi = "मासिक गणना चल रही है और अभी कोई स्नैपशॉट नहीं है। उसके पूरा होने पर फिर कोशिश करें।"


@dataclass(frozen=True)
class Finished:
    """A finished simulation: what it was of, and its numbers as plain values (the content of simulation.json)."""

    proposal: str
    month: Month
    result: dict[str, object]
    law_hash: str
    proposed_hash: str
    snapshot_hash: str
    known_on: date


def simulate_proposal(
    name: str,
    month: Month | None = None,
    snapshot: Path | None = None,
    years: int = 0,
    people: Path | None = None,
    step: Callable[[str, int, int], None] = lambda *_: None,
) -> Finished:
    """Try the proposal `name` on a month (default: the one in which it would begin), and look `years` ahead.

    Reads the registers as known today, or the folder of an earlier snapshot; without a snapshot PostgreSQL must be up.
    `people` is a folder for the lists of people touched. `step` is told a word of `STEPS`, and how many of how many parts
    of it are done. Fails closed: see ``entitlement.simulate.trial``.
    """
    from haqdar.entitlement.simulate import simulate
    from haqdar.jobs.forecasts import forecast_plain

    folder = Path(settings.HAQDAR_LAW)
    attempt = trial(folder, name, month.first_day if month is not None else None)
    month = month or Month.of(attempt.day)
    step("snapshot", 0, 1)
    found_in = open_snapshot(snapshot, attempt.day)
    count = len(found_in.districts)
    step("laws", 0, count)
    hold = holding(attempt.book, attempt.day, with_changes=snapshot is None)
    found = simulate(found_in, attempt, hold, people, lambda done: step("laws", done, count))
    step("years", 0, 1)
    books = {"now": attempt.book, "then": attempt.proposed}
    ahead = forecast_plain(found_in, books, attempt.day, years, folder) if years else None
    proposal = attempt.proposal
    result: dict[str, object] = {
        "proposal": {
            "name": name,
            "title": {"en": proposal.title.en, "hi": proposal.title.hi},
            "purpose": {"en": proposal.purpose.en, "hi": proposal.purpose.hi},
            "from": proposal.from_on.isoformat(),
            "tried_from": attempt.from_on.isoformat(),
            "author": proposal.author,
            "hash": proposal.hash,
        },
        "month": str(month),
        "law": attempt.book.hash,
        "proposed_law": attempt.proposed.hash,
        "snapshot": found_in.hash,
        "known_on": found_in.known_on.isoformat(),
        "scheme_names": {
            scheme.code: {"en": scheme.name.en, "hi": scheme.name.hi}
            for law in (attempt.after, attempt.before)
            for scheme in law.schemes
        },
        **found.plain(),
        "forecast": ahead,
    }
    return Finished(
        name, month, result, attempt.book.hash, attempt.proposed.hash, found_in.hash, found_in.known_on
    )


def open_snapshot(folder: Path | None, day: date) -> Snapshot:
    """The snapshot in `folder`; else a new one that reaches back to `day`, or the latest kept while a month runs."""
    from haqdar.entitlement.snapshot import Snapshot, take_snapshot
    from haqdar.jobs.month import first_span_day

    if folder is not None:
        return Snapshot.open(folder)
    with month_lock() as free:
        month_runs = not free
    # the lock is not kept: a trial must never make a month's run wait
    if not month_runs:
        return take_snapshot(timezone.localdate(), first_span_day(Month.of(day)))
    home = settings.HAQDAR_HOME / "snapshots"
    kept = sorted(home.glob("*/manifest.json"), key=lambda path: path.stat().st_mtime)
    served = [found for path in kept if (found := Snapshot.open(path.parent)).first_day <= day]
    if not served:
        raise NoSnapshotYet()
    return served[-1]


def holding(book: LawBook, day: date, *, with_changes: bool) -> Hold:
    """What creates ``held`` in a district's engine: what people receive, the changes made by months run here included."""
    import pyarrow as pa

    from haqdar.cases import awards
    from haqdar.cases.difference import hold

    changes: pa.Table | None = None
    if with_changes:
        connection.ensure_connection()
        with transaction.atomic(), connect_duck() as duck:
            pg = cast("psycopg.Connection[tuple[object, ...]]", connection.connection)
            awards.read_changes(pg, duck, Month.of(day), timezone.localdate())
            changes = duck.execute("FROM award_change").to_arrow_table()

    def hold_now(duck: duckdb.DuckDBPyConnection) -> None:
        duck.execute(
            "CREATE OR REPLACE TABLE award_change"
            " (member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT)"
        )
        if changes is not None:
            duck.register("changes_made", changes)
            duck.execute(
                "INSERT INTO award_change SELECT member_id, pension_group, scheme, paise FROM changes_made"
            )
            duck.unregister("changes_made")
        hold(duck, book, day)

    return hold_now


def keep(finished: Finished, actor: Actor, people: Path | None = None) -> int:
    """Store a simulation made on the command line, so that the page shows it; returns its number.

    The list of `people` touched moves to its place beside it.
    """
    with transaction.atomic():
        run = SimulationRun.objects.create(
            proposal=finished.proposal,
            proposal_hash=read_proposal(settings.HAQDAR_LAW, finished.proposal).hash,
            month=finished.month.first_day,
            asked_by=actor.name,
            **_ending(finished),
        )
        record(actor, "law.simulate", "proposal", finished.proposal, new={"simulation": run.pk})
    if people is not None:
        people_folder(run.pk).parent.mkdir(parents=True, exist_ok=True)
        people.rename(people_folder(run.pk))
    return int(run.pk)


def ask_for_simulation(actor: Actor, name: str, month: Month) -> int:
    """Queue a simulation for `actor`; returns its number. A broken proposal is refused here already."""
    actor = require(actor, "law.simulate")
    trial(settings.HAQDAR_LAW, name, month.first_day)
    give_up_dead_simulations()
    with transaction.atomic():
        run = SimulationRun.objects.create(
            proposal=name,
            proposal_hash=read_proposal(settings.HAQDAR_LAW, name).hash,
            month=month.first_day,
            asked_by=actor.name,
        )
        record(actor, "law.simulate", "proposal", name, new={"simulation": run.pk, "month": str(month)})
        simulation_task.defer(simulation_id=run.pk)
    return int(run.pk)


@app.task(queue=SIMULATIONS, name="law.simulate")
def simulation_task(simulation_id: int) -> None:
    """Run a simulation that was asked for on a page."""
    rows = SimulationRun.objects.filter(pk=simulation_id)
    run = rows.get()

    def step(word: str, done: int, parts: int) -> None:
        rows.update(state=SimulationRun.State.RUNNING, step=word, steps_done=done, steps=parts)

    try:
        finished = simulate_proposal(
            run.proposal, Month.of(run.month), years=YEARS, people=people_folder(run.pk), step=step
        )
    except Refusal as refusal:
        rows.update(
            state=SimulationRun.State.FAILED,
            message_en=refusal.en,
            message_hi=refusal.hi,
            finished_at=timezone.now(),
        )
        return
    except Exception:
        rows.update(
            state=SimulationRun.State.FAILED,
            message_en="The simulation failed; the technical log says why. Nothing was changed.",
            message_hi="आकलन पूरा नहीं हुआ; कारण तकनीकी लॉग में है। कुछ भी नहीं बदला।",
            finished_at=timezone.now(),
        )
        raise
    rows.update(**_ending(finished))


def _ending(finished: Finished) -> dict[str, object]:
    return {
        "state": SimulationRun.State.DONE,
        "step": "",
        "known_on": finished.known_on,
        "law_hash": finished.law_hash,
        "proposed_hash": finished.proposed_hash,
        "snapshot_hash": finished.snapshot_hash,
        "result": finished.result,
        "finished_at": timezone.now(),
    }


def people_folder(number: int) -> Path:
    """Where the list of people touched by a simulation lies."""
    return Path(settings.HAQDAR_HOME) / "simulations" / str(number) / "people"


def give_up_dead_simulations() -> int:
    """Mark as failed what is said to be waiting or running while no worker has it any more; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE entitlement_simulation_run s
            SET state = 'failed', finished_at = now(),
                message_en = 'The simulation was interrupted; nothing was changed. Ask for it again.',
                message_hi = 'आकलन बीच में रुक गया; कुछ भी नहीं बदला। इसे फिर से कहें।'
            WHERE s.state IN ('queued', 'running') AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs q
                LEFT JOIN procrastinate_workers w ON w.id = q.worker_id
                     AND w.last_heartbeat > now() - make_interval(secs => %s)
                WHERE q.task_name = %s AND (q.args ->> 'simulation_id')::bigint = s.id
                  AND (q.status = 'todo' OR q.status = 'doing' AND w.id IS NOT NULL))""",
            [_HEARTBEAT_LOST, simulation_task.name],
        )
        return int(cursor.rowcount)


def simulations(actor: Actor, proposal: str | None = None, limit: int = 20) -> list[SimulationRun]:
    """The latest simulations, of one proposal or of all, newest first, without their numbers; needs `law.view`."""
    actor = require(actor, "law.view")
    rows = SimulationRun.objects.defer("result").order_by("-asked_at", "-id")
    return list((rows.filter(proposal=proposal) if proposal else rows)[:limit])


def simulation(actor: Actor, number: int) -> SimulationRun | None:
    """One simulation with its numbers; needs `law.view`."""
    actor = require(actor, "law.view")
    return SimulationRun.objects.filter(pk=number).first()


@dataclass(frozen=True)
class TouchedPage:
    """A page of the people whom a simulation touches: member_id, area_code, outcome, from_paise, to_paise in each row."""

    rows: list[dict[str, object]]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE))


def touched(actor: Actor, number: int, place: Place, outcome: str, page: int) -> TouchedPage | None:
    """The people of an area whom a simulation touches, by gain (`outcome` "gain") or loss ("lose"); None without a list.

    Needs `law.view` and `person.view`, in the actor's own area.
    """
    actor = require(actor, "law.view")
    actor = require(actor, "person.view")
    require_area(actor, place.path)
    folder = people_folder(number)
    if not folder.is_dir():
        return None
    chosen = "'newly', 'more'" if outcome == "gain" else "'less', 'lose_all'"
    with connect_duck(threads=1, memory_limit="256MB") as duck:
        found = f"read_parquet('{str(folder).replace(chr(39), chr(39) * 2)}/*/*.parquet', hive_partitioning = false)"
        where = f"outcome IN ({chosen})"
        values: dict[str, object] = {}
        if place.kind != "state":
            where += " AND list_contains($areas, area_code)"
            values["areas"] = areas_below(place)
        (total,) = duck.execute(f"SELECT count(*) FROM {found} WHERE {where}", values).fetchone() or (0,)
        page = min(max(1, page), max(1, -(-total // PAGE)))
        answer = duck.execute(
            f"SELECT member_id, area_code, outcome, from_paise, to_paise FROM {found} WHERE {where}"
            f" ORDER BY area_code, member_id LIMIT {PAGE} OFFSET {(page - 1) * PAGE}",
            values,
        )
        names = [column[0] for column in answer.description]
        rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    return TouchedPage(rows, total, page)


COMMAND_LINE = platform("command line")
