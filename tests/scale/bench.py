"""Measures what the issue names, as a user meets it: through the command line, on an own database.

    python tests/scale/bench.py [RESIDENTS …]      default: 100000

For every size: writing the demonstration registers, loading them, the month step by step, a repetition of the month, one
resident's check, with the peak memory of the client process. Prints a table in Markdown for docs/benchmarks.md. Everything
lies in a temporary folder below build/ and is removed afterwards.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def child(arguments: list[str], home: Path) -> tuple[dict[str, object], float, float]:
    """Run one measurement in a process of its own; returns its answer, seconds and peak memory in GiB."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, __file__, "--measure", *arguments],
        env={**os.environ, "HAQDAR_HOME": str(home), "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode:
        raise SystemExit(f"measurement {arguments} failed")
    answer = json.loads(output.strip().splitlines()[-1])
    return answer, seconds, float(answer["peak_gib"])


def peak_gib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def measure(arguments: list[str]) -> dict[str, object]:
    """Inside the measured process: do one thing with the database up, and say how long its parts took."""
    from haqdar.config.cli_support import database_ready

    what = arguments[0]
    with database_ready():
        started = time.perf_counter()
        if what == "load":
            from haqdar.access.actors import platform as operator
            from haqdar.registry.actions import load_folder

            load_folder(Path(arguments[1]), date(2016, 9, 20), Path(arguments[2]), operator("benchmark"))
            parts: dict[str, object] = {}
        elif what == "month":
            from haqdar.jobs.month import run_month

            times: list[tuple[str, float]] = []
            run_month(
                "2016-10",
                Path(arguments[1]),
                sanction_starts=True,
                step=lambda name: times.append((name, time.perf_counter())),
            )
            times.append(("", time.perf_counter()))
            parts = {name: later - at for (name, at), (_, later) in pairwise(times)}
        elif what == "check":
            from django.db import connection

            from haqdar.access.actors import platform as operator
            from haqdar.entitlement.queries import check_member

            with connection.cursor() as cursor:
                cursor.execute("SELECT member_id FROM registry_resident TABLESAMPLE BERNOULLI (5) LIMIT 320")
                members = [row[0] for row in cursor.fetchall()]
            times_ms = []
            for member in members:
                at = time.perf_counter()
                check_member(operator("benchmark"), member, date(2016, 10, 1))
                times_ms.append((time.perf_counter() - at) * 1000)
            times_ms = sorted(times_ms[20:])  # the first ones warm the engine
            parts = {
                "p50_ms": statistics.median(times_ms),
                "p95_ms": times_ms[int(len(times_ms) * 0.95)],
                "n": len(times_ms),
            }
        else:
            raise SystemExit(f"unknown measurement {what}")
        return {"seconds": time.perf_counter() - started, "parts": parts, "peak_gib": peak_gib()}


def bench(residents: int) -> None:
    """Measure one size and print its table."""
    (ROOT / "build").mkdir(exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="bench-", dir=ROOT / "build"))
    try:
        home, registers = work / "home", work / "registers"
        rows: list[tuple[str, float, str, float | None]] = []
        started = time.perf_counter()
        subprocess.run(
            [
                str(ROOT / "haqdar"),
                "demo",
                "--residents",
                str(residents),
                "--seed",
                "1",
                "--out",
                str(registers),
            ],
            env={**os.environ, "HAQDAR_HOME": str(home)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.perf_counter() - started
        rows.append(("write the registers (demo)", seconds, f"{residents / seconds:,.0f} residents/s", None))
        load, _, memory = child(["load", str(registers), str(work / "rejected")], home)
        seconds = float(str(load["seconds"]))
        rows.append(
            (
                "load: validate, seal, store in two times",
                seconds,
                f"{residents / seconds:,.0f} residents/s",
                memory,
            )
        )
        for title in ("the month, first run", "the month again, nothing new"):
            month, _, memory = child(["month", str(work / "out")], home)
            rows.append((title, float(str(month["seconds"])), "", memory))
            parts = month["parts"]
            assert isinstance(parts, dict)
            rows += [(f"  {name}", float(value), "", None) for name, value in parts.items()]
        check, _, memory = child(["check"], home)
        parts = check["parts"]
        assert isinstance(parts, dict)
        rows.append(
            (
                f"one resident's check with reasons ({parts['n']} of them)",
                float(str(check["seconds"])),
                f"p50 {parts['p50_ms']:.0f} ms, p95 {parts['p95_ms']:.0f} ms",
                memory,
            )
        )
        print(
            f"\n### {residents:,} residents ({date.today()}, {os.cpu_count()} cores, {platform.machine()})\n"
        )
        print("| step | seconds | rate | peak memory of the process, GiB |\n|---|---:|---|---:|")
        for title, seconds, rate, peak in rows:
            print(f"| {title} | {seconds:.1f} | {rate} | {'' if peak is None else f'{peak:.2f}'} |")
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2:])))
    else:
        for size in [int(argument.replace("_", "")) for argument in sys.argv[1:]] or [100_000]:
            bench(size)
