"""The month: from what is known to what is decided, owed, billed and sent, in one command.

    snapshot → determination, difference, forecast → awards → ledger → bills, instructions → manifest

Everything is computed in columns first. Then one PostgreSQL transaction posts it (all or nothing), then the files are
written, each whole, the manifest last. A run that finds nothing new posts nothing and writes the same bytes, so a run that
was killed anywhere is simply started again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import cast

import duckdb
import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, platform, require
from haqdar.base.files import atomic_write, sha256_of
from haqdar.base.month import Month
from haqdar.base.progress import progress
from haqdar.base.refusal import Refusal
from haqdar.cases import awards, benefits, files, judged, merged, posting
from haqdar.cases.deciding import ENGINE_VERSION, Deciding, decide_state
from haqdar.cases.difference import since
from haqdar.entitlement.gather import quoted
from haqdar.entitlement.record import keep_law, keep_run, snapshots_on_record, working_folder
from haqdar.entitlement.snapshot import Snapshot, engine, sweep_spills, take_snapshot
from haqdar.entitlement.stored import prune
from haqdar.jobs.letters import ask_for_letters
from haqdar.jobs.locks import month_lock
from haqdar.jobs.models import STEPS
from haqdar.law import LawBook, load_lawbook
from haqdar.law.payments import payment_rules
from haqdar.outcomes.actions import publish_delays, publish_month
from haqdar.payments import actions as money_actions
from haqdar.payments import bills, instructing, ledger
from haqdar.payments import queries as money_queries
from haqdar.payments.closing import closing_of


class MonthNotYet(Refusal):
    """The month lies beyond the next one; nobody can know its facts."""

    code = "month_not_yet"
    en = "{month} is too far ahead: a month can be run from the start of the month before. The forecast of {latest} shows what comes."
    hi = "{month} अभी बहुत आगे है: कोई महीना उससे एक महीना पहले से चलाया जा सकता है। {latest} का पूर्वानुमान देखें।"


class AnotherRun(Refusal):
    """Two runs at once would pay twice."""

    code = "another_run"
    en = "Another month run is under way. Wait until it has finished, then try again."
    hi = "एक और मासिक गणना चल रही है। उसके पूरा होने पर फिर कोशिश करें।"


class FolderNotWritable(Refusal):
    """The output folder cannot be used."""

    code = "folder_not_writable"
    en = "Cannot write to {folder}: {why}. Choose another folder with --out or correct its permissions."
    hi = "{folder} में लिखा नहीं जा सकता: {why}। --out से दूसरा फ़ोल्डर दें या अनुमति ठीक करें।"


class OnlyForDemonstration(Refusal):
    """Sanctioning is an officer's act; only demonstration data may be sanctioned by a switch."""

    code = "only_for_demonstration"
    en = "--sanction-starts is for demonstration data and is switched off in production: officers sanction starts."
    hi = "--sanction-starts केवल नमूना आँकड़ों के लिए है और वास्तविक काम में बंद है: मंज़ूरी अधिकारी देते हैं।"


@dataclass(frozen=True)
class MonthResult:
    """What a run did: the folder of its files, rows by file, whether anything was posted, and the counts by action."""

    month: Month
    out: Path
    manifest: dict[str, object]
    posted: bool
    replay: bool
    actions: dict[str, int]
    credits: instructing.Totals
    not_payable: int


def run_month(
    month: Month | str,
    out: Path,
    known_on: date | None = None,
    all_rows: bool = False,
    sanction_starts: bool = False,
    actor: Actor | None = None,
    step: Callable[[str], None] | None = None,
) -> MonthResult:
    """Run one month with what is known on `known_on` (default: today) and write its files to `out`.

    The latest month run is the one that pays; running an earlier month again, or one with less knowledge than it was run
    with, is a replay that writes files and changes nothing. Raises `MonthNotYet`, `AnotherRun`, `FolderNotWritable`,
    ``EmptyRegister``, ``NoLawInForce`` and the refusals of billing.
    """
    actor = actor or platform("command line")
    require(actor, "month.run")
    month = Month.parse(month) if isinstance(month, str) else month
    today = timezone.localdate()
    if month.first_day > Month.of(today).next().first_day:
        raise MonthNotYet(month=month, latest=Month.of(today).next())
    if sanction_starts and settings.PRODUCTION:
        raise OnlyForDemonstration()
    out = _writable(out)
    load_lawbook(settings.HAQDAR_LAW).on(month.first_day)
    started_at = timezone.now()
    with alone(), progress(len(STEPS), f"month {month}", "steps") as bar, closing(engine()) as duck:

        def begin(name: str) -> None:
            if name != STEPS[0]:
                bar.advance()
            if step is not None:
                step(name)

        begin("snapshot")
        # read under the lock, which an enactment needs too, and kept before anything follows from it
        lawbook = load_lawbook(settings.HAQDAR_LAW)
        law = lawbook.on(month.first_day)
        keep_law(lawbook)
        posting.sweep()
        sweep_spills()
        snapshot = take_snapshot(known_on or today, first_span_day(month))
        snapshot.attach(duck)
        begin("holdings")
        earlier = _read_books(duck, lawbook, month, min(known_on or today, today))
        since(duck, lawbook, month.first_day)
        merged.date_back(duck)
        begin("determination")
        deciding = _deciding(duck, snapshot, lawbook, month)
        decide_state(deciding)
        deciding.attach(duck)
        merged.end_doubles(duck)
        begin("awards")
        if sanction_starts:
            duck.execute(
                "INSERT INTO sanctioned SELECT member_id, pension_group, to_scheme, to_paise FROM worklist w"
                " ANTI JOIN sanctioned s USING (member_id, pension_group) WHERE w.action = 'start'"
            )
        awards.stand_on_posted(duck)
        awards.settle(duck, law, month)
        begin("ledger")
        awards.redetermine(duck, lawbook, earlier, month)
        merged.let_stand(duck)
        benefits.decide(duck, lawbook, earlier, month, sanction_starts)
        _read_payees(duck, known_on or today, month)
        ledger.dues(duck, month, law.redetermine_from)
        ledger.withhold(duck, law, month)
        begin("bills")
        bills.bill(duck, lawbook, month)
        instructing.prepare(duck, month, settings.HAQDAR_SECRET, payment_rules(settings.HAQDAR_LAW).rails)
        begin("posting")
        inputs = _inputs_hash(duck, snapshot, lawbook, month)
        manifest = _manifest(month, snapshot, lawbook)
        # Nothing can be known later than today, and a day in the future would make every later run a replay.
        known = min(known_on or today, today)
        posted, replay = _post(duck, month, known, snapshot, lawbook, inputs, manifest, started_at, actor)
        begin("files")
        # where a manifest stands, the files beside it are complete and its own
        (out / "manifest.json").unlink(missing_ok=True)
        written = files.write_decisions(duck, out, all_rows)
        for name, write in (("dues.csv", ledger.write_dues), ("bills.csv", bills.write_bills)):
            rows = write(duck, out / name)
            written.append(files.Written(name, rows, sha256_of(out / name)))
        if lawbook.has_benefits:
            written.append(files.write_table(duck, benefits.OCCASIONS_CSV, out / "occasions.csv"))
        manifest["rows"] = {file.name: file.rows for file in written}
        manifest["sha256"] = {file.name: file.sha256 for file in written}
        credits = instructing.totals(duck)
        manifest["credits"] = {"items": credits.items, "paise": credits.paise}
        files.write_manifest(out / "manifest.json", manifest)
        keep_run(month, inputs, {**manifest, "inputs": inputs, "known_on": known.isoformat()})
        prune(_snapshots_needed())
        if posted:
            publish_month(platform(actor.name), month)
            publish_delays(platform(actor.name))
        bar.advance()
        counts = dict(duck.execute("SELECT action, count(*) FROM worklist GROUP BY 1 ORDER BY 1").fetchall())
        (unpaid,) = duck.execute("SELECT count(*) FROM not_payable").fetchone() or (0,)
    return MonthResult(month, out, manifest, posted, replay, counts, credits, unpaid)


def _snapshots_needed() -> set[str]:
    """The snapshots on which a run was made that is recorded in the database or in the data folder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT snapshot_hash FROM cases_month_run")
        return {row[0] for row in cursor.fetchall()} | snapshots_on_record()


def first_span_day(month: Month) -> date:
    """The day from which spans are wanted: that of the first month run here, which late knowledge may reach back to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(month) FROM cases_month_run WHERE state = 'complete' AND posted")
        (first,) = cursor.fetchone() or (None,)
    return min(first or month.first_day, month.first_day)


def _deciding(
    duck: duckdb.DuckDBPyConnection, snapshot: Snapshot, lawbook: LawBook, month: Month
) -> Deciding:
    """What the run decides, in the month's working folder, with ``award_change`` and ``judged`` of `duck` beside it."""
    folder = working_folder(month)
    folder.mkdir(parents=True, exist_ok=True)
    read = {name: folder / f"{name}.parquet" for name in ("award_change", "judged")}
    for name, file in read.items():
        with atomic_write(file) as path:
            duck.execute(f"COPY (FROM {name} ORDER BY ALL) TO '{quoted(path)}' (FORMAT parquet)")
    return Deciding(snapshot, lawbook, month.first_day, folder, read["award_change"], read["judged"])


def _writable(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".haqdar-probe"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise FolderNotWritable(folder=out, why=error.strerror or str(error)) from error
    return out


@contextmanager
def alone() -> Iterator[None]:
    """Only one month run at a time, whichever machine it was started on."""
    with month_lock() as free:
        if not free:
            raise AnotherRun()
        yield


def _raw() -> awards.Postgres:
    connection.ensure_connection()
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection)


def _read_books(
    duck: duckdb.DuckDBPyConnection, lawbook: LawBook, month: Month, known_on: date
) -> list[Month]:
    """Bring in what earlier runs changed, gave notice of and posted, and what was objected to; returns the months they ran."""
    with transaction.atomic():
        pg = _raw()
        awards.read_changes(pg, duck, month, known_on)
        awards.read_all_notices(pg, duck, month)
        awards.read_sanctioned(pg, duck, month)
        awards.read_objections(pg, duck, known_on)
        judged.read_judged(pg, duck, month.first_day, known_on)
        benefits.read_books(pg, duck, lawbook, month)
        money_queries.export_posted(pg, duck, month)
        money_queries.export_posted_benefits(pg, duck, month)
        money_queries.export_outstanding(pg, duck, month)
        return awards.months_run(pg, month)


def _read_payees(duck: duckdb.DuckDBPyConnection, known_on: date, month: Month) -> None:
    with transaction.atomic():
        posting.read_payees(
            _raw(),
            duck,
            "SELECT member_id FROM settled UNION SELECT member_id FROM redetermined UNION SELECT member_id FROM posted"
            " UNION SELECT member_id FROM benefit_due",
            known_on,
            month.first_day,
        )


def _inputs_hash(duck: duckdb.DuckDBPyConnection, snapshot: Snapshot, lawbook: LawBook, month: Month) -> str:
    parts = [ENGINE_VERSION, str(month), snapshot.hash, lawbook.hash]
    # Of the sanctions only those that took effect count: the others are not posted, so a repetition could not see them.
    started = "(SELECT member_id, pension_group FROM change WHERE kind = 'start' AND occasion = '')"
    # Of what people judged of payees, and of who receives for whom, only what is listed counts.
    listed = "(SELECT member_id, pension_group, reason FROM suspect WHERE action = 'duplicate')"
    for table in (
        "award_change",
        "notice",
        "notice_given",
        "objection",
        started,
        listed,
        "posted",
        "outstanding",
        "payee",
    ):
        row = duck.execute(
            f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t"
        ).fetchone()
        parts.append(f"{table}:{row}")
    for table in benefits.INPUTS if lawbook.has_benefits else ():
        row = duck.execute(
            f"SELECT count(*), bit_xor(hash(t)), sum(hash(t)::HUGEINT) FROM {table} t"
        ).fetchone()
        parts.append(f"{table}:{row}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _manifest(month: Month, snapshot: Snapshot, lawbook: LawBook) -> dict[str, object]:
    return {
        "month": str(month),
        "valid_on": month.first_day.isoformat(),
        "known_at": snapshot.known_at.isoformat() if snapshot.known_at else None,
        "law": lawbook.hash,
        "snapshot": snapshot.hash,
        "residents": snapshot.residents,
    }


def _post(
    duck: duckdb.DuckDBPyConnection,
    month: Month,
    known_on: date,
    snapshot: Snapshot,
    lawbook: LawBook,
    inputs: str,
    manifest: dict[str, object],
    started_at: datetime,
    actor: Actor,
) -> tuple[bool, bool]:
    """Post the run in one transaction; returns (posted now, replay)."""
    with acting(actor, "month.run"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM cases_month_run WHERE state = 'complete' AND posted AND month > %s)",
            [month.first_day],
        )
        (later,) = cursor.fetchone() or (False,)
        # whoever is closing this run is waited for; only then it is known whether it may be superseded
        cursor.execute(
            "SELECT id, known_on, inputs_hash FROM cases_month_run WHERE state = 'complete' AND posted AND month = %s FOR UPDATE",
            [month.first_day],
        )
        present = cursor.fetchone()
        # a month that was closed stands in the ledger: what is known now is paid or recovered with the next one
        later = later or closing_of(month.first_day) is not None
        unchanged = bool(present) and present[2] == inputs
        if unchanged or later or (present and known_on < present[1]):
            # the files are written all the same: that leaves its trace
            record(actor, "month.run", "month", str(month), new={"posted": False, "replay": not unchanged})
            return False, not unchanged
        if present:
            cursor.execute("UPDATE cases_month_run SET state = 'superseded' WHERE id = %s", [present[0]])
        cursor.execute(
            """
            INSERT INTO cases_month_run (month, version, known_on, known_at, law_hash, snapshot_hash, inputs_hash, state,
                                         posted, manifest, started_at, finished_at, actor)
            SELECT %(month)s, coalesce(max(version), 0) + 1, %(known_on)s, %(known_at)s, %(law)s, %(snapshot)s, %(inputs)s,
                   'complete', true, %(manifest)s, %(started_at)s, clock_timestamp(), %(actor)s
            FROM cases_month_run WHERE month = %(month)s RETURNING id""",
            {
                "month": month.first_day,
                "known_on": known_on,
                "known_at": snapshot.known_at,
                "law": lawbook.hash,
                "snapshot": snapshot.hash,
                "inputs": inputs,
                "manifest": json.dumps(manifest),
                "started_at": started_at,
                "actor": actor.name,
            },
        )
        (run_id,) = cursor.fetchone() or (0,)
        with _raw().cursor() as raw:
            posting.post_decisions(raw, duck, run_id, month)
            if present:
                posting.keep_sanctions(raw, duck, present[0], run_id)
            money_actions.post(raw, duck, run_id, month)
        record(
            actor,
            "month.run",
            "month",
            str(month),
            old={"superseded_run": present[0]} if present else None,
            new={"run": run_id, "snapshot": snapshot.hash, "law": lawbook.hash},
        )
        ask_for_letters()
    return True, False
