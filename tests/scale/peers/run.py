"""Compares this house's engine with its peers on identical people, side by side in one run.

    python -m tests.scale.peers.run [RESIDENTS …] [--repeat 3] [--only NAME …]     default: 1000000 10000000

`make bench-peers` prepares the peers' environment (build/peers) and starts this. For every number of residents a
demonstration State is written once (`state.py`): registers, snapshot, and the snapshot's facts as one row a person for the peers.
Then every contender runs in a process of its own, in turns, `--repeat` times; the table shows medians. What each contender
found is compared row by row with what the law's statement finds for every person alone; a difference is printed and makes
the run fail. Before that, everybody decides 200,000 people made to be difficult (`people.py`), compared in the same way. The
table goes to the standard output in Markdown, everything measured to build/bench-peers/RESIDENTS.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
from tests.scale.peers.engine_cells import rows_of
from tests.scale.peers.job import RESULT
from tests.scale.peers.people import DAY, write_people

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "build" / "bench-peers"
OURS = Path(sys.executable)
PEERS = ROOT / "build" / "peers" / "bin" / "python"
WARM_RESIDENTS = 20_000
DIFFICULT_PEOPLE = 200_000
#: How many times faster than OpenFisca we mean to be, by the clock and in processor time.
BAR_WALL, BAR_CPU = 5, 3


@dataclass(frozen=True)
class Contender:
    """One line of the table: how it is started, whether it starts from the snapshot, and whether it decides at all."""

    name: str
    title: str
    python: Path
    module: str
    arguments: tuple[str, ...] = ()
    from_snapshot: bool = False
    decides: bool = True

    @property
    def result(self) -> Path:
        """Where it writes: a file, or a folder for those that write by district."""
        return HERE / f"result-{self.name}{'' if self.from_snapshot else '.parquet'}"

    @property
    def rows(self) -> str:
        """A SELECT of the rows it found."""
        if self.from_snapshot:
            return rows_of(self.arguments[0], self.result)
        return f"SELECT * FROM read_parquet('{self.result}')"


def _cells(name: str, title: str, form: str) -> Contender:
    return Contender(name, title, OURS, "engine_cells", (form,), from_snapshot=True)


#: What everybody's rows are compared with: the compiled statement applied to every person alone.
TRUTH = Contender("statement", "Haqdar, the statement of the law on every person alone", OURS, "engine")
#: The same job with the same files: what the columns of proportions refer to.
ENGINE = _cells("engine", "**Haqdar**, each distinct life once, a row a person written", "rows")
KEPT = _cells("engine-kept", "**Haqdar**, each distinct life once, kept as person → cell → verdicts", "kept")
MONTH = _cells("month", "**Haqdar**, the whole month (`haqdar decide`)", "month")
OPENFISCA = Contender(
    "openfisca", "OpenFisca-core, couples as its group entity", PEERS, "openfisca_run", ("couples", "1")
)
COLUMNS = Contender(
    "openfisca-columns",
    "OpenFisca-core, families already put together",
    PEERS,
    "openfisca_run",
    ("columns", "1"),
)
THREE = Contender(
    "openfisca-3-months",
    "OpenFisca-core, group entity, three months",
    PEERS,
    "openfisca_run",
    ("couples", "3"),
)
CONTENDERS = (
    TRUTH,
    ENGINE,
    KEPT,
    MONTH,
    OPENFISCA,
    COLUMNS,
    THREE,
    Contender("numpy", "NumPy by hand, one core", OURS, "numpy_by_hand"),
    Contender("polars", "Polars by hand, streaming", PEERS, "polars_by_hand"),
    Contender("loop", "a loop over records in Python", OURS, "loop"),
    Contender("floor-duckdb", "decode the columns only, DuckDB", OURS, "floor", ("duckdb",), decides=False),
    Contender(
        "floor-pyarrow", "decode the columns only, pyarrow", OURS, "floor", ("pyarrow",), decides=False
    ),
)

#: Phases that read or write files; what is left is deciding alone.
FILES = ("read", "write")


@dataclass(frozen=True)
class Cost:
    """What one contender cost: medians of all rounds, in seconds and GiB; `sample` is how many it decided if not all."""

    wall: float
    cpu: float
    alone_wall: float | None
    alone_cpu: float | None
    peak: float
    load: float
    sample: int | None


def difficult() -> Path:
    """The file of difficult people; written anew when the generator has changed."""
    version = hashlib.sha256(Path(write_people.__code__.co_filename).read_bytes()).hexdigest()[:8]
    path = HERE / f"difficult-{version}.parquet"
    if not path.exists():
        write_people(path, DIFFICULT_PEOPLE)
    return path


def state(residents: int) -> Path:
    """The folder of a demonstration State with so many residents; made anew when what makes it has changed."""
    made_by = [ROOT / "law" / "mp" / "vocabulary.yaml", ROOT / "tests" / "scale" / "peers" / "state.py"]
    for stage in ("demo", "entitlement"):
        made_by += [
            file for kind in ("*.py", "*.sql") for file in (ROOT / "src" / "haqdar" / stage).rglob(kind)
        ]
    version = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(made_by))).hexdigest()[:8]
    folder = HERE / f"state-{residents}-{version}"
    if not (folder / "people.parquet").exists():
        print(f"making a State of {residents:,} residents …", file=sys.stderr)
        started([str(OURS), "-m", "tests.scale.peers.state", str(residents), str(folder)])
    return folder


def started(command: list[str]) -> str:
    """Run a command with this house's modules on its path and a data folder of its own; returns what it printed."""
    process = subprocess.run(
        command,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
            "HAQDAR_HOME": str(HERE / "home"),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{process.stderr[-3000:]}")
    return process.stdout


def measured(contender: Contender, source: Path, warm: Path) -> dict[str, Any]:
    """Run a contender once in a process of its own."""
    printed = started(
        [
            *(str(contender.python), "-m", f"tests.scale.peers.{contender.module}", *contender.arguments),
            *(str(source), str(contender.result), str(warm), DAY.isoformat()),
        ]
    )
    report: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return report


def differing(contender: Contender, people: int, sample: int | None) -> int:
    """How many rows of the contender's result differ from what the statement of the law found, missing rows included."""
    same = " AND ".join(f"a.{column} IS NOT DISTINCT FROM b.{column}" for column, _ in RESULT)
    with duckdb.connect(
        config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(HERE / "spill")}
    ) as duck:
        (equal, rows) = duck.execute(
            f"SELECT count_if({same}), (SELECT count(*) FROM ({contender.rows})) "
            f"FROM ({TRUTH.rows}) a JOIN ({contender.rows}) b USING (member_id)"
        ).fetchone() or (0, 0)
    return int(max(sample or people, rows) - equal)


def agree_on_difficult_people(contenders: list[Contender]) -> bool:
    """Whether everybody who reads the people's file decides the difficult people alike; prints what differs."""
    people, warm = difficult(), state(WARM_RESIDENTS) / "people.parquet"
    found = {}
    for contender in contenders:
        if contender.decides and not contender.from_snapshot:
            report = measured(contender, people, warm)
            found[contender.name] = differing(contender, DIFFICULT_PEOPLE, report.get("sample"))
    listed = ", ".join(f"{name} {count}" for name, count in found.items())
    print(f"Rows that differ among {DIFFICULT_PEOPLE:,} difficult people: {listed}.\n")
    return not any(found.values())


def cost(rounds: list[dict[str, Any]]) -> Cost:
    """The medians of a contender's rounds."""

    def median(take: Any) -> float:
        return statistics.median(take(one) for one in rounds)

    def total(one: dict[str, Any], what: str, files: bool) -> float:
        return sum(taken[what] for name, taken in one["phases"].items() if files or name not in FILES)

    apart = any(name in FILES for name in rounds[0]["phases"]) and len(rounds[0]["phases"]) > 1
    return Cost(
        wall=median(lambda one: total(one, "wall", True)),
        cpu=median(lambda one: total(one, "cpu", True)),
        alone_wall=median(lambda one: total(one, "wall", False)) if apart else None,
        alone_cpu=median(lambda one: total(one, "cpu", False)) if apart else None,
        peak=median(lambda one: one["peak_gib"]),
        load=median(lambda one: max(one["load"])),
        sample=rounds[0].get("sample"),
    )


def compare(residents: int, repeat: int, contenders: list[Contender]) -> bool:
    """Measure one number of residents and print its table; whether everybody's rows were equal."""
    place, warm = state(residents), state(WARM_RESIDENTS)
    with duckdb.connect() as duck:
        (people,) = duck.execute(f"SELECT count(*) FROM '{place}/people.parquet'").fetchone() or (0,)
    rounds: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in contenders}
    unequal: dict[str, int] = {}
    for turn in range(repeat):
        for contender in contenders:
            part = "snapshot" if contender.from_snapshot else "people.parquet"
            for file in (
                (place / part).resolve().rglob("*.parquet") if contender.from_snapshot else [place / part]
            ):
                file.read_bytes()  # into the page cache, for everybody
            print(f"{people:,} people, round {turn + 1} of {repeat}: {contender.name} …", file=sys.stderr)
            report = measured(contender, place / part, warm / part)
            rounds[contender.name].append(report)
            if contender.decides and turn == 0:
                unequal[contender.name] = differing(contender, people, report.get("sample"))
        (HERE / f"{residents}.json").write_text(
            json.dumps(
                {"people": people, "machine": machine(), "rounds": rounds, "unequal": unequal}, indent=1
            )
        )
    print(table(people, contenders, {name: cost(reports) for name, reports in rounds.items()}, unequal))
    return not any(unequal.values())


def table(people: int, contenders: list[Contender], costs: dict[str, Cost], unequal: dict[str, int]) -> str:
    """The Markdown that goes into docs/benchmarks.md."""
    ours = costs[ENGINE.name]
    lines = [
        f"### {people:,} people ({date.today()}, {os.cpu_count()} cores, {machine()['processor']})",
        "",
        "| contender | files included: wall s | CPU s | deciding alone: wall s | CPU s | peak GiB | wall, × ours | CPU, × ours"
        " | rows that differ | load |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for contender in contenders:
        own = costs[contender.name]
        title, scale, mark = contender.title, 1.0, ""
        if own.sample and own.sample < people:
            title += f" ({own.sample:,} measured, the rest in proportion, deciding alone)"
            scale, mark = people / own.sample, "≈ "
        differ = f"{unequal[contender.name]:,}" if contender.name in unequal else ""
        alone = ["" if value is None else f"{value * scale:.2f}" for value in (own.alone_wall, own.alone_cpu)]
        lines.append(
            f"| {title} | {mark}{own.wall * scale:.2f} | {mark}{own.cpu * scale:.2f} | {alone[0]} | {alone[1]} "
            f"| {own.peak:.2f} | {own.wall * scale / ours.wall:.1f} | {own.cpu * scale / ours.cpu:.1f} "
            f"| {'reference' if contender is TRUTH else differ} | {own.load:.1f} |"
        )
    return "\n".join([*lines, "", *verdicts(costs), ""])


def verdicts(costs: dict[str, Cost]) -> list[str]:
    """How many times faster and cheaper we are than OpenFisca, in each fair and unfair way of comparing."""
    if not {OPENFISCA.name, COLUMNS.name, THREE.name} & set(costs):
        return []
    lines = [
        f"OpenFisca's seconds divided by ours (bars for the first line: {BAR_WALL} by the clock, {BAR_CPU} in CPU):",
        "",
        "| OpenFisca | our rows written out: wall | CPU | our cells kept: wall | CPU |",
        "|---|---:|---:|---:|---:|",
    ]
    for peer, title in (
        (OPENFISCA, "group entity"),
        (COLUMNS, "families already put together"),
    ):
        if peer.name not in costs:
            continue
        theirs = costs[peer.name]
        for how, wall, cpu in (
            ("files included", theirs.wall, theirs.cpu),
            ("without its files, against ours with files", theirs.alone_wall, theirs.alone_cpu),
        ):
            cells = [
                f"{theirs_took / ours_took:.1f}"
                for ours in (costs[ENGINE.name], costs[KEPT.name])
                for theirs_took, ours_took in ((wall or 0, ours.wall), (cpu or 0, ours.cpu))
            ]
            lines.append(f"| {title}, {how} | {' | '.join(cells)} |")
    if THREE.name in costs:
        own, theirs = costs[MONTH.name], costs[THREE.name]
        lines += [
            "",
            f"OpenFisca's three months divided by our whole month, files included: {theirs.wall / own.wall:.1f} by the clock,"
            f" {theirs.cpu / own.cpu:.1f} in CPU.",
        ]
    return lines


def machine() -> dict[str, Any]:
    """What the figures depend on: processor, cores, memory, versions."""
    models = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    peers = subprocess.run(
        [
            str(PEERS),
            "-c",
            "from importlib.metadata import version as v; print(*map(v, ('openfisca-core', 'polars', 'numpy', 'pyarrow')))",
        ],
        capture_output=True,
        text=True,
    ).stdout.split()
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        **dict(zip(("openfisca-core", "polars", "numpy", "pyarrow"), peers, strict=False)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("residents", nargs="*", type=lambda text: int(text.replace("_", "")))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--only", nargs="+", choices=[c.name for c in CONTENDERS], help="besides our own engine"
    )
    asked = parser.parse_args()
    always = (TRUTH, ENGINE, KEPT, MONTH)
    chosen = [c for c in CONTENDERS if c in always or not asked.only or c.name in asked.only]
    HERE.mkdir(parents=True, exist_ok=True)
    equal = [agree_on_difficult_people(chosen)]
    equal += [
        compare(residents, asked.repeat, chosen) for residents in asked.residents or [1_000_000, 10_000_000]
    ]
    if not all(equal):
        raise SystemExit("Contenders disagree; see the rows that differ.")


if __name__ == "__main__":
    main()
