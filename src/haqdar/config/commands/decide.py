"""`haqdar decide`: a whole State decided from a snapshot, without the database."""

from __future__ import annotations

import json
import resource
import time
from contextlib import closing
from datetime import date
from pathlib import Path

import click

from haqdar.base.money import group_indian


@click.command()
@click.argument("month")
@click.option(
    "--snapshot",
    "folder",
    required=True,
    help="A snapshot's folder (see `haqdar snapshot`); for a cluster also an address in an object store.",
)
@click.option(
    "--out",
    required=True,
    help="Folder of the results (Parquet by district); for a cluster also an address in an object store.",
)
@click.option(
    "--engine",
    "address",
    default="duckdb",
    show_default=True,
    help="duckdb (this machine) or spark://HOST:PORT, a Spark Connect server that sees both folders.",
)
def command(month: str, folder: str, out: str, address: str) -> None:
    """Decide MONTH (for example 2016-10) for everybody in a snapshot: verdicts, differences to what is held, forecast.

    Writes Parquet by district: `decision` (everybody's cell), `cell` (every scheme's criteria, verdict and amount for
    each), `decided` (what is held, what the law gives, what follows), `suspect` and `forecast`. Posts nothing and pays
    nothing. Interrupted, it goes on where it was; a cluster begins anew.

    \b
    Examples:
      ./haqdar decide 2016-10 --snapshot var/snapshots/0123456789abcdef --out decided
      ./haqdar decide 2016-10 --snapshot s3://state/0123456789abcdef --out s3://state/2016-10 --engine spark://spark:15002
    """
    from haqdar.base.month import Month
    from haqdar.entitlement.engines import LOCAL

    day = Month.parse(month).first_day
    if address == LOCAL:
        _here(month, day, Path(folder), Path(out))
    else:
        _on_cluster(day, folder, out, address)


def _on_cluster(day: date, folder: str, out: str, address: str) -> None:
    from django.conf import settings

    from haqdar.base.progress import progress
    from haqdar.cases.cluster import STEPS, ClusterRun, decide_on_cluster
    from haqdar.entitlement.engines import SparkEngine
    from haqdar.law import load_lawbook

    started = time.perf_counter()
    run = ClusterRun(folder, load_lawbook(settings.HAQDAR_LAW), day, out)
    with closing(SparkEngine(address, f"{out}/.work")) as engine:
        with progress(len(STEPS), f"decide {day}", "steps") as bar:
            result = decide_on_cluster(engine, run, lambda _: bar.advance())
    _tell(result.worklist, result.forecast)
    click.echo(
        f"{group_indian(result.residents)} residents decided in {time.perf_counter() - started:.1f} s"
        f" on {engine.address}. In {out}"
    )


def _here(month: str, day: date, folder: Path, out: Path) -> None:
    from django.conf import settings

    from haqdar.cases.deciding import TABLES, Deciding, decide_state
    from haqdar.entitlement.snapshot import Snapshot, engine
    from haqdar.law import load_lawbook

    started, used = time.perf_counter(), time.process_time()
    snapshot = Snapshot.open(folder)
    deciding = Deciding(snapshot, load_lawbook(settings.HAQDAR_LAW), day, out)
    decide_state(deciding)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    with closing(engine()) as duck:
        deciding.attach(duck)
        actions = dict(duck.execute("SELECT action, count(*) FROM worklist GROUP BY 1 ORDER BY 1").fetchall())
        (ahead,) = duck.execute("SELECT count(*) FROM forecast").fetchone() or (0,)
    summary = {
        "month": month,
        "snapshot": snapshot.hash,
        "law": deciding.lawbook.hash,
        "residents": snapshot.residents,
        "districts": len(snapshot.districts),
        "worklist": actions,
        "forecast": ahead,
        "bytes": {
            table: sum(deciding.file(table, d).stat().st_size for d in snapshot.districts) for table in TABLES
        },
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_gib": round(peak, 2),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", "utf-8")
    _tell(actions, ahead)
    click.echo(
        f"{group_indian(snapshot.residents)} residents decided in {seconds:.1f} s ({cpu:.1f} s of processor time, "
        f"{peak:.2f} GiB). In {out}"
    )


def _tell(actions: dict[str, int], ahead: int) -> None:
    for action, count in actions.items():
        click.echo(f"{action:>10}  {group_indian(count)}")
    click.echo(f"{'forecast':>10}  {group_indian(ahead)}")
