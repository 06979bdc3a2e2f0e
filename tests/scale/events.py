"""Measures one life event: from the officer's confirmation to the decisions of everybody it touches, on the page.

    python tests/scale/events.py [RESIDENTS [EVENTS]]      default: 100000 200

A demonstration district is loaded, October 2016 is run. Then deaths, marriages and moves of people chosen at random are
recorded, and withdrawn again: at once by the web process, and through the worker alone; with nothing else going on, and
while another process runs October over and over (as replays, which compute and write everything and post nothing). Prints
p50, p95 and the slowest in milliseconds as a table in Markdown, with the mean CPU time, which counts on a machine that
others use too. Everything lies in a temporary folder below build/ and is removed afterwards.
"""

from __future__ import annotations

import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("death", "death", "marriage", "migration_out")
WARM = 10


def haqdar(home: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """A command of Haqdar on the benchmark's own data folder, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "haqdar.config.cli", *arguments],
        env=environment(home),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "HAQDAR_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


def months_without_end(out: Path) -> None:
    """In a process of its own: run October again and again until it is stopped."""
    from haqdar.config.cli_support import database_ready
    from haqdar.jobs.month import run_month

    with database_ready():
        while True:
            # with less known than the posted run knew, so that it is a replay
            run_month("2016-10", out, known_on=date(2016, 9, 30))


@contextmanager
def beside(process: subprocess.Popen[bytes] | None) -> Iterator[None]:
    """Let a process run beside the body."""
    if process is not None:
        time.sleep(4)
        if process.poll() is not None:
            raise SystemExit("what should run beside the events has ended by itself")
    try:
        yield
    finally:
        if process is not None:
            if process.poll() is not None:
                raise SystemExit("what should run beside the events has ended by itself")
            process.terminate()
            process.wait()


def measure(events: int, home: Path) -> None:
    """With the database up: record events in all ways and print the table."""
    from django.conf import settings
    from django.db import connection, transaction
    from django.test import Client

    settings.ALLOWED_HOSTS = ["testserver"]
    from haqdar.access.actors import platform as operator
    from haqdar.access.models import User
    from haqdar.cases.models import Reaction, StandingDecision
    from haqdar.jobs import reactions
    from haqdar.registry import events as register
    from haqdar.registry.models import Change, EventBelief

    officer = operator("benchmark")
    chooser = random.Random(1)
    with connection.cursor() as cursor:
        # people of an age at which somebody depends on them
        cursor.execute(
            "SELECT b.member_id, r.key FROM registry_resident_belief b JOIN registry_resident r USING (member_id)"
            " WHERE b.spouse_id IS NOT NULL AND b.belief_no = 1 ORDER BY b.member_id"
        )
        people = cursor.fetchall()

    def draw() -> register.Event:
        member, _ = chooser.choice(people)
        kind = chooser.choice(KINDS)
        spouse = chooser.choice(people)[0] if kind == "marriage" else None
        spouse = None if spouse == member else spouse
        return register.checked(
            officer, member, kind, date(2016, 10, chooser.randint(1, 28)), spouse_id=spouse
        )

    def at_once() -> None:
        reactions.record_event(officer, draw())

    def taken_back() -> None:
        row = chooser.choice(list(EventBelief.objects.filter(line=0).exclude(kind="withdrawn")[:50]))
        try:
            reactions.withdraw_event(officer, row.member_id, row.fingerprint)
        except register.NothingToWithdraw:
            at_once()

    def through_the_worker() -> None:
        event = draw()
        with transaction.atomic():
            number = register.record_event(
                officer, event.member_id, event.kind, event.happened_on, None, event.spouse_id, event.event_id
            )
            reactions.ask()
        while not Reaction.objects.filter(change_id=number).exists():
            time.sleep(0.005)

    account, _ = User.objects.get_or_create(username="gp")
    client = Client()
    client.force_login(account)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.key, b.member_id FROM registry_resident r JOIN registry_resident_belief b USING (member_id)"
            " JOIN registry_family_belief f USING (family_id) JOIN access_area a USING (area_code)"
            " JOIN access_posting p ON p.user_id = %s JOIN access_area mine ON mine.area_code = p.area_code"
            " WHERE a.path LIKE mine.path || '%%' AND b.spouse_id IS NOT NULL",
            [account.pk],
        )
        own = cursor.fetchall()

    def on_the_page() -> None:
        key, _ = chooser.choice(own)
        answer = client.post(
            f"/desk/people/{key}/event",
            {"kind": "death", "happened_on": f"2016-10-{chooser.randint(1, 28):02d}", "reported_on": str(date.today()),
             "spouse": "", "confirm": "yes", "previewed": "yes"},
            follow=True,
        )  # fmt: skip
        assert answer.status_code == 200 and b"/withdraw" in answer.content

    def timed(what: Callable[[], None]) -> tuple[list[float], float]:
        times = []
        for number in range(events + WARM):
            if number == WARM:
                cpu = time.process_time()
            started = time.perf_counter()
            what()
            if number >= WARM:
                times.append((time.perf_counter() - started) * 1000)
        return sorted(times), (time.process_time() - cpu) * 1000 / events

    print(
        f"\n{len(people):,} people to choose from, {date.today()}, {os.cpu_count()} cores, {platform.machine()}\n"
    )
    print(
        "| from the confirmation to the decisions of everybody touched | p50 ms | p95 ms | slowest ms | CPU ms |"
    )
    print("|---|---:|---:|---:|---:|")
    for busy in (False, True):
        load = (
            subprocess.Popen(
                [sys.executable, __file__, "--months", str(home / "beside")],
                env=environment(home),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if busy
            else None
        )
        with beside(load):
            for title, what in (
                ("recorded, decided at once", at_once),
                ("taken back, decided at once", taken_back),
                ("form posted, page with everybody it touches shown", on_the_page),
            ):
                row(title, busy, *timed(what))
            with beside(haqdar(home, "worker", "--queue", "reactions")):
                row("recorded, decided by the worker alone", busy, *timed(through_the_worker))
    print(
        f"\n{Change.objects.count():,} changes, {StandingDecision.objects.filter(replaced_at=None, changed=True).count():,}"
        " decisions stand otherwise now."
    )


def row(title: str, busy: bool, times: list[float], cpu: float) -> None:
    """One line of the table; the CPU time is that of the asking process alone, without database and worker."""
    beside_a_month = ", beside a month run" if busy else ""
    print(
        f"| {title}{beside_a_month} | {statistics.median(times):.0f} | {times[int(len(times) * 0.95)]:.0f} | {times[-1]:.0f}"
        f" | {cpu:.0f} |",
        flush=True,
    )


def main(residents: int, events: int) -> None:
    """Prepare a district in a folder of its own and measure in it."""
    (ROOT / "build").mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="events-", dir=ROOT / "build"))
    # the embedded server's unprivileged user must get through
    home.chmod(0o711)
    try:
        os.environ.update(environment(home))
        sys.path.insert(0, str(ROOT))
        from haqdar.config.cli_support import database_ready, start_django

        start_django()
        with database_ready():
            from haqdar.demo.district import ensure_demo

            ensure_demo(residents=residents, seed=1)
            measure(events, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--months"]:
        from haqdar.config import cli_support

        cli_support.start_django()
        months_without_end(Path(sys.argv[2]))
    else:
        sizes = [int(argument.replace("_", "")) for argument in sys.argv[1:]]
        main(sizes[0] if sizes else 100_000, sizes[1] if len(sizes) > 1 else 200)
