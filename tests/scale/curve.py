"""How the decision of a whole State grows with its people: seconds, processor time, memory and bytes, stage by stage.

    python tests/scale/curve.py [RESIDENTS …] [--registers FOLDER …] [--snapshots FOLDER …] [--repeat 3] [--month 2016-10] [--fresh]

`make bench-state RESIDENTS="100000 1000000" STATES="FOLDER"` starts this. For every number of residents demonstration registers
are written as Parquet; the folders hold such registers, or snapshots, that were made before.
Three stages, each the command that an operator types, each in a process of its own:

- `registers`  haqdar demo --format parquet           (left out where the folder is given)
- `snapshot`   haqdar snapshot MONTH --registers …    timelines, spans and profiles by district
- `decide`     haqdar decide MONTH --snapshot …       everybody, all schemes, reasons, differences, forecast; `--repeat` times

Measured from outside: wall time, processor time of the process and its children, peak of the memory of all of them together
(proportional set size, sampled ten times a second), bytes that a stage left on disk, load average. What is measured is kept at
once in build/bench-state/STATE/measured.json: an interrupted run goes on with the stage that was not finished, and
`--fresh` measures again. The table at the end is Markdown for docs/benchmarks.md. Run it on a quiet machine with the disk
space of the registers and twice that of the snapshot.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "build" / "bench-state"
SAMPLES_A_SECOND = 10
KNOWN_ON = "2016-09-20"


def memory_of_tree(root: int) -> int:
    """Bytes of memory that a process and its descendants hold together; what they share is counted once."""
    parents: dict[int, int] = {}
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                after_name = (place / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(place.name)] = int(after_name[1])
    tree, grown = {root}, True
    while grown:
        grown = False
        for process, parent in parents.items():
            if parent in tree and process not in tree:
                tree.add(process)
                grown = True
    total = 0
    for process in tree:
        try:
            for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
        except OSError:
            continue  # it has ended meanwhile
    return total


@dataclass
class Taken:
    """What one command cost, and what it said at its end."""

    wall: float
    cpu: float
    peak_bytes: int
    load: float

    def as_json(self) -> dict[str, float]:
        return {"wall": self.wall, "cpu": self.cpu, "peak_bytes": self.peak_bytes, "load": self.load}


def taken(arguments: list[str], home: Path) -> Taken:
    """Run one command of `haqdar` with the data folder `home`; raises SystemExit with its output if it fails."""
    log = home.parent / "last-command.log"
    with log.open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "haqdar.config.cli", *arguments],
            env={**os.environ, "HAQDAR_HOME": str(home), "PYTHONPATH": str(ROOT / "src")},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peak = 0
        ended = threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(1 / SAMPLES_A_SECOND):
                peak = max(peak, memory_of_tree(process.pid))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        finally:
            ended.set()
            watcher.join()
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"haqdar {' '.join(arguments)} failed:\n{log.read_text(errors='replace')[-3000:]}")
    return Taken(wall, used.ru_utime + used.ru_stime, max(peak, used.ru_maxrss * 1024), os.getloadavg()[0])


def bytes_in(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


@dataclass
class State:
    """One State to measure: its folder below build/, and its registers or its snapshot if they exist already."""

    name: str
    residents: int | None
    registers: Path | None = None
    snapshot: Path | None = None
    measured: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def open(self, fresh: bool) -> None:
        """Go on with what was measured, or start anew."""
        if fresh and self.folder.exists():
            shutil.rmtree(self.folder)
        self.home.mkdir(parents=True, exist_ok=True)
        file = self.folder / "measured.json"
        if file.exists():
            self.measured = json.loads(file.read_text())

    def keep(self, stage: str, value: Any) -> None:
        """Write what was measured, so that an interruption loses one stage at most."""
        self.measured[stage] = value
        partial = self.folder / "measured.partial"
        partial.write_text(json.dumps(self.measured, indent=1) + "\n")
        partial.rename(self.folder / "measured.json")


def measure(state: State, month: str, repeat: int) -> None:
    """Run the stages of one State that are not measured yet."""
    registers = state.registers or state.folder / "registers"
    if state.registers is None and state.snapshot is None and "registers" not in state.measured:
        said(state, "registers")
        shutil.rmtree(registers, ignore_errors=True)
        cost = taken(
            [
                "demo",
                "--residents",
                str(state.residents),
                "--seed",
                "1",
                "--format",
                "parquet",
                "--out",
                str(registers),
            ],
            state.home,
        )
        state.keep("registers", {**cost.as_json(), "bytes": bytes_in(registers)})
    if "snapshot" not in state.measured:
        made: dict[str, float] = {}
        if state.snapshot is None:
            said(state, "snapshot")
            shutil.rmtree(state.home / "snapshots", ignore_errors=True)
            cost = taken(
                ["snapshot", month, "--registers", str(registers), "--known-on", KNOWN_ON], state.home
            )
            made = cost.as_json()
        manifest = json.loads((the_snapshot(state) / "manifest.json").read_text())
        state.keep(
            "snapshot",
            {**made, "bytes": bytes_in(the_snapshot(state)), "residents": manifest["residents"]},
        )
    rounds = state.measured.get("decide", {}).get("rounds", [])
    while len(rounds) < repeat:
        said(state, f"decide, round {len(rounds) + 1} of {repeat}")
        out = state.folder / "decided"
        shutil.rmtree(out, ignore_errors=True)
        for file in the_snapshot(state).rglob("*.parquet"):
            file.read_bytes()  # into the page cache
        cost = taken(["decide", month, "--snapshot", str(the_snapshot(state)), "--out", str(out)], state.home)
        summary = json.loads((out / "summary.json").read_text())
        rounds.append(
            {**cost.as_json(), "deciding": summary["seconds"], "deciding_cpu": summary["cpu_seconds"]}
        )
        state.keep("decide", {"rounds": rounds, "bytes": bytes_in(out), "summary": summary})
    if "stages" not in state.measured:
        said(state, "decide, stage by stage")
        out = state.folder / "staged"
        shutil.rmtree(out, ignore_errors=True)
        answer = subprocess.run(
            [sys.executable, __file__, "--stages-of", str(the_snapshot(state)), str(out), month],
            env={**os.environ, "HAQDAR_HOME": str(state.home), "PYTHONPATH": str(ROOT / "src")},
            stdout=subprocess.PIPE,
            check=True,
        )
        state.keep("stages", json.loads(answer.stdout.splitlines()[-1]))
        shutil.rmtree(out)


def stages_of(snapshot: Path, out: Path, month: str) -> dict[str, float]:
    """Decide once more with a clock in the steps of a district; seconds of all districts together, by step.

    Districts are decided side by side, so the seconds of the run are these divided by how many are at work at a time.
    """
    from collections import defaultdict
    from collections.abc import Callable

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")
    from django.conf import settings

    from haqdar.base.month import Month
    from haqdar.cases import deciding
    from haqdar.entitlement.snapshot import Snapshot
    from haqdar.law import load_lawbook

    spent: dict[str, float] = defaultdict(float)
    lock, here = threading.Lock(), threading.local()

    def clocked(stage: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            if stage == "whole districts":
                here.inside = True
            started = time.perf_counter()
            try:
                return step(*given, **named)
            finally:
                with lock:
                    if getattr(
                        here, "inside", False
                    ):  # the same steps are taken once for the State as a whole
                        spent[stage] += time.perf_counter() - started

        return run

    for stage, owner, name in (
        ("whole districts", deciding, "decide_district"),
        ("opening the district", Snapshot, "attach_district"),
        ("holdings", deciding, "hold"),
        ("determination and difference", deciding, "decide"),
        ("forecast", deciding, "look_ahead"),
        ("writing", deciding, "_write"),
    ):
        setattr(owner, name, clocked(stage, getattr(owner, name)))
    started = time.perf_counter()
    deciding.decide_state(
        deciding.Deciding(
            Snapshot.open(snapshot), load_lawbook(settings.HAQDAR_LAW), Month.parse(month).first_day, out
        )
    )
    spent["criteria of the cells"] = 2 * spent["whole districts"] - sum(spent.values())
    spent["seconds of the run"] = time.perf_counter() - started
    return dict(spent)


def the_snapshot(state: State) -> Path:
    """The State's snapshot: the one it came with, or the one in its data folder."""
    if state.snapshot is not None:
        return state.snapshot
    found = [place for place in (state.home / "snapshots").iterdir() if (place / "manifest.json").exists()]
    if len(found) != 1:
        raise SystemExit(
            f"{state.home / 'snapshots'} holds {len(found)} snapshots instead of one; use --fresh."
        )
    return found[0]


def said(state: State, stage: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {state.name}: {stage} …", file=sys.stderr, flush=True)


def table(states: list[State], month: str) -> str:
    """The scaling curve in Markdown."""
    lines = [
        f"### The decision of {month} from 0.1 to 80 million ({date.today()}, {os.cpu_count()} cores, {platform.machine()})",
        "",
        "| residents | districts | snapshot: s | CPU s | GiB | bytes a resident | deciding: s | CPU s | residents/s"
        " | whole command: s | GiB | bytes a resident | load |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for state in sorted(states, key=lambda one: one.measured["snapshot"]["residents"]):
        snapshot, decided = state.measured["snapshot"], state.measured["decide"]
        residents = snapshot["residents"]
        made = " | | "  # it came ready
        if "wall" in snapshot:
            made = f"{snapshot['wall']:.1f} | {snapshot['cpu']:.1f} | {snapshot['peak_bytes'] / 2**30:.2f}"
        deciding, cpu, wall, peak, load = (
            statistics.median(one[what] for one in decided["rounds"])
            for what in ("deciding", "deciding_cpu", "wall", "peak_bytes", "load")
        )
        lines.append(
            f"| {residents:,} | {decided['summary']['districts']} | {made} | {snapshot['bytes'] / residents:.1f} "
            f"| **{deciding:.1f}** | {cpu:.1f} | {residents / deciding:,.0f} | {wall:.1f} | {peak / 2**30:.2f} "
            f"| {decided['bytes'] / residents:.1f} | {load:.1f} |"
        )
    largest = max(states, key=lambda one: one.measured["snapshot"]["residents"]).measured
    summary = largest["decide"]["summary"]
    lines += [
        "",
        f"Of {largest['snapshot']['residents']:,} residents, bytes by table: "
        + ", ".join(f"{name} {size:,}" for name, size in summary["bytes"].items())
        + "; work list: "
        + ", ".join(f"{action} {count:,}" for action, count in summary["worklist"].items())
        + f"; forecast: {summary['forecast']:,}.",
    ]
    staged = dict(largest["stages"])
    run, districts = staged.pop("seconds of the run"), staged.pop("whole districts")
    lines += [
        "",
        f"Where the {run:.1f} s of its run go ({districts:.1f} s of districts, side by side): "
        + ", ".join(f"{stage} {100 * seconds / districts:.0f} %" for stage, seconds in staged.items())
        + ".",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("residents", nargs="*", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--registers", nargs="*", type=Path, default=[])
    parser.add_argument("--snapshots", nargs="*", type=Path, default=[])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--month", default="2016-10")
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--stages-of", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.stages_of:
        snapshot, out, month = asked.stages_of
        print(json.dumps(stages_of(Path(snapshot), Path(out), month)))
        return
    sizes = asked.residents or ([] if asked.registers or asked.snapshots else [100_000, 1_000_000])
    states = [State(f"{residents}-residents", residents) for residents in sizes]
    states += [State(folder.resolve().name, None, folder.resolve()) for folder in asked.registers]
    states += [State(f"of-{folder.name}", None, snapshot=folder.resolve()) for folder in asked.snapshots]
    for state in states:
        state.open(asked.fresh)
        measure(state, asked.month, asked.repeat)
    print(table(states, asked.month))


if __name__ == "__main__":
    main()
