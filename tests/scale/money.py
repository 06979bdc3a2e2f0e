"""Measures a month's money of a whole State: from what is owed to the reconciled passbook, step by step.

    python tests/scale/money.py [PAYEES …] [--months N] [--keep FOLDER] [--detail]      default: 100000

Each size gets a data folder of its own with the embedded PostgreSQL as it is delivered (fsync on), and a process of its own.
Prints a table in Markdown for docs/benchmarks.md: wall time, processor time of this process and of the server, rows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
TICK = os.sysconf("SC_CLK_TCK")


class Meter:
    """What each step took: seconds by the clock, processor seconds of the client and of the whole database server."""

    def __init__(self, home: Path, detail: bool) -> None:
        self.rows: list[dict[str, Any]] = []
        self.detail = detail
        (pid_file,) = home.glob("**/postmaster.pid")
        self._server = int(pid_file.read_text().split("\n", 1)[0])

    def server_seconds(self) -> float:
        """Processor seconds of the server's first process, of its living children and of those it has buried."""
        ticks = 0
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            if int(path.parent.name) == self._server:
                ticks += sum(int(fields[place]) for place in (11, 12, 13, 14))
            elif int(fields[1]) == self._server:
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    @contextmanager
    def step(self, name: str, part: bool = False) -> Iterator[dict[str, Any]]:
        """Measure the body under `name`; a `part` is shown only with --detail and not summed."""
        row: dict[str, Any] = {"step": name, "part": part, "rows": None}
        wall, client, server = time.perf_counter(), time.process_time(), self.server_seconds()
        yield row
        row |= {
            "wall": time.perf_counter() - wall,
            "client": time.process_time() - client,
            "server": self.server_seconds() - server,
            "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
        }
        self.rows.append(row)
        if not part or self.detail:
            print(
                f"{'   ' if part else ''}{name}: {row['wall']:.1f} s, client {row['client']:.1f}, server {row['server']:.1f}"
                f" {row['rows'] if row['rows'] is not None else ''}",
                file=sys.stderr,
                flush=True,
            )

    def watched(self, owner: Any, function: str, label: Callable[..., str]) -> None:
        """Measure every call of `owner.function` as a part."""
        real = getattr(owner, function)

        def measured(*arguments: Any, **named: Any) -> Any:
            with self.step(label(*arguments), part=True) as row:
                answer = real(*arguments, **named)
                row["rows"] = answer if isinstance(answer, int) else None
                return answer

        measured.__wrapped__ = real  # type: ignore[attr-defined]
        setattr(owner, function, measured)


def main() -> None:
    """Measure each size in a process of its own and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("payees", nargs="*", type=int, default=[100_000])
    parser.add_argument("--months", type=int, default=1)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--detail", action="store_true")
    parser.add_argument("--until", default="")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.payees[0], chosen.months, chosen.detail, chosen.until)))
        return
    for payees in chosen.payees:
        (ROOT / "build").mkdir(exist_ok=True)
        home = chosen.keep or Path(tempfile.mkdtemp(prefix="bench-money-", dir=ROOT / "build"))
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o711)
        command = [sys.executable, __file__, "--measure", str(payees), "--months", str(chosen.months)]
        command += ["--detail"] * chosen.detail + ["--until", chosen.until]
        try:
            done = subprocess.run(
                command,
                env={**os.environ, "HAQDAR_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            table(payees, json.loads(done.stdout.strip().splitlines()[-1]), chosen.detail)
        finally:
            if chosen.keep is None:
                shutil.rmtree(home, ignore_errors=True)


def table(payees: int, rows: list[dict[str, Any]], detail: bool) -> None:
    """One table in Markdown."""
    load = os.getloadavg()[1]
    print(f"\n{payees:,} payees; {os.cpu_count()} cores ({platform.machine()}), load {load:.1f}\n")
    print("| step | rows | wall s | client CPU s | server CPU s |\n|---|---:|---:|---:|---:|")
    for row in rows:
        if row["part"] and not detail:
            continue
        count = "" if row["rows"] is None else f"{row['rows']:,}"
        name = f"– {row['step']}" if row["part"] else row["step"]
        print(f"| {name} | {count} | {row['wall']:.1f} | {row['client']:.1f} | {row['server']:.1f} |")
    whole = [row for row in rows if not row["part"] and not row["step"].startswith("(")]
    sums = {key: sum(row[key] for row in whole) for key in ("wall", "client", "server")}
    print(f"| **all** | | **{sums['wall']:.1f}** | **{sums['client']:.1f}** | **{sums['server']:.1f}** |")
    print(f"\nPeak memory of the client: {max(row['peak'] for row in rows):.2f} GiB")


def measure(payees: int, months: int, detail: bool, until: str) -> list[dict[str, Any]]:
    """Inside the measured process: one State, month by month, every step through the product's own functions."""
    from haqdar.config.cli_support import database_ready

    with database_ready():
        import duckdb
        from django.conf import settings
        from django.db import connection
        from tests.scale import money_state

        from haqdar.base.month import Month
        from haqdar.law import load_lawbook
        from haqdar.payments import actions
        from haqdar.registry.sealing import ACCOUNT, sealer

        meter = Meter(settings.HAQDAR_HOME, detail)
        meter.watched(actions, "_copy", lambda cursor, duck, into, *rest: into.split()[1])
        book = load_lawbook(settings.HAQDAR_LAW)
        duck = duckdb.connect()
        duck.execute("SET memory_limit = '1GB'; SET threads = 2")
        duck.execute("SET temp_directory = ?", [str(settings.HAQDAR_HOME / "spill")])
        with meter.step("(people made, accounts sealed)"):
            money_state.people(duck, payees)
            money_state.payee(duck, sealer(), ACCOUNT)
            connection.ensure_connection()
            with connection.connection.transaction(), connection.connection.cursor() as cursor:
                money_state.areas(cursor, duck)
        month = Month(2016, 10)
        for number in range(months):
            a_month(meter, duck, book, month, number, until)
            month = month.next()
        return meter.rows


def a_month(meter: Meter, duck: Any, book: Any, month: Any, number: int, until: str) -> None:
    """One month of the State through every step."""
    from django.conf import settings
    from django.db import connection
    from tests.scale import money_state

    from haqdar.access.actors import acting, platform
    from haqdar.payments import actions, billing, bills, budget, instructing, ledger, proposals

    actor = platform("benchmark")
    money_state.settled(duck, number)
    with meter.step("dues, bills and credits in columns") as row:
        ledger.dues(duck, month)
        ledger.withhold(duck, book.on(month.first_day), month)
        bills.bill(duck, book, month)
        instructing.prepare(duck, month, settings.HAQDAR_SECRET, ("account", "aadhaar"))
        (row["rows"],) = duck.execute("SELECT count(*) FROM dues").fetchone()
    with meter.step("posting") as row:
        with acting(actor, "month.run"):
            with connection.cursor() as cursor:
                run_id = new_run(cursor, month)
            with connection.connection.cursor() as raw, meter.step("rows, statement checks", part=True):
                posted = actions.post(raw, duck, run_id, month)
            with connection.cursor() as cursor, meter.step("checks at the end", part=True):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            began = meter.step("commit", part=True)
            began.__enter__()
        began.__exit__(None, None, None)
        row["rows"] = posted.dues
        print(posted, file=sys.stderr)
    if until == "posting":
        return
    watch_entries(meter)
    with meter.step("closing the month, proposals of all local bodies") as row:
        row["rows"] = proposals.propose(actor, month).proposals
    if until == "proposals":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT head, 2 * sum(paise)::bigint FROM payments_bill WHERE run_id = %s GROUP BY 1", [run_id]
        )
        with meter.step("(budget allotted)"):
            budget.allot_many(
                actor, budget.budget_year(month.first_day), cursor.fetchall(), "order of the benchmark"
            )
    with meter.step("bills sanctioned, budget taken") as row:
        with acting(actor, "bill.sanction"), connection.cursor() as cursor:
            row["rows"] = billing.sanction_all(cursor, run_id, None, "sanctioning officer").bills
    with meter.step("bills submitted") as row, acting(actor, "bill.submit"), connection.cursor() as cursor:
        row["rows"] = len(billing.submit_all(cursor, run_id, None, "drawing officer"))
    with (
        meter.step("bills passed with vouchers") as row,
        acting(actor, "bill.answer"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT id FROM payments_bill_version WHERE state = 'submitted' ORDER BY id")
        day = month.first_day
        row["rows"] = billing.passed(
            cursor, [(number, f"T{number}", day, f"V{number}", day) for (number,) in cursor.fetchall()]
        )
    if until == "bills":
        return
    the_bank(meter, month, until)


def the_bank(meter: Meter, month: Any, until: str) -> None:
    """Files out, answers in, and what stands then."""
    from django.conf import settings
    from django.db import connection

    from haqdar.access.actors import platform
    from haqdar.payments import passbook, reconciling, standing
    from haqdar.payments.rails import files, keeping
    from haqdar.payments.responses import reading

    maker, checker = platform("maker"), platform("checker")
    with meter.step("payment files made") as row:
        made = files.make(maker, month)
        row["rows"] = sum(file.items for file in made)
    with meter.step("payment files released") as row:
        for file in made:
            files.release(checker, file.key)
    with meter.step("payment files sent"):
        for file in made:
            files.send(checker, file.key)
    if until == "files":
        return
    folder = settings.HAQDAR_HOME / "answers"
    folder.mkdir(exist_ok=True)
    with meter.step("(the bank answers)"):
        for file in made:
            content = keeping.kept(month, file.name)
            assert content is not None
            (folder / file.name).write_bytes(answered(content))
    with meter.step("answers read and applied, 2 % returned") as row:
        row["rows"] = sum(reading.read_response(maker, folder / file.name, file.name).lines for file in made)
    with meter.step("where each credit stands, summed"):
        standing.bring_up_to_date(month.first_day)
    with meter.step("bill, voucher and bank compared") as row:
        row["rows"] = sum(1 for _ in reconciling.all_compared(checker, month.first_day))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id FROM payments_entry WHERE kind = 'returned' ORDER BY random() LIMIT 200"
        )
        members = [member for (member,) in cursor.fetchall()]
        cursor.execute(
            "INSERT INTO registry_resident (member_id, key) SELECT m, gen_random_uuid() FROM unnest(%s::int[]) AS a (m)",
            [members],
        )
    with meter.step("200 passbooks of people with a return") as row:
        row["rows"] = sum(len(passbook.passbook(checker, member)) for member in members)


def answered(content: bytes) -> bytes:
    """The bank's answer to a file of 306 characters: the same records with flag and reason, each fiftieth returned."""
    header, *details = content.decode("ascii").splitlines()
    reasons = ("01", "54", "60", "59", "03")
    return "".join(
        f"{line}\n"
        for line in [
            header,
            *(
                f"{line[:153]}0{reasons[number // 50 % 5]}{line[156:]}"
                if number % 50 == 7
                else f"{line[:153]}100{line[156:]}"
                for number, line in enumerate(details)
            ),
        ]
    ).encode("ascii")


def watch_entries(meter: Meter) -> None:
    """Show the parts of posting into the ledger."""
    from haqdar.payments import entries

    if not hasattr(entries.post_run, "__wrapped__"):
        for name in ("post_run", "post_instructed", "post_answers"):
            meter.watched(entries, name, lambda *_, name=name: f"ledger: {name}")


def new_run(cursor: Any, month: Any) -> int:
    """A posted run of `month`, as the month's job records it."""
    now = datetime(2016, 9, 28, tzinfo=UTC)
    cursor.execute(
        "INSERT INTO cases_month_run (month, version, known_on, law_hash, snapshot_hash, inputs_hash, state, posted, manifest,"
        " started_at, finished_at, actor) VALUES (%s, 1, %s, '', '', '', 'complete', true, '{}', %s, %s, 'benchmark') RETURNING id",
        [month.first_day, month.first_day, now, now],
    )
    (run_id,) = cursor.fetchone()
    return int(run_id)


if __name__ == "__main__":
    main()
