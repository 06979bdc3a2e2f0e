"""`haqdar decide`: a whole State decided from a snapshot, without the database."""

from __future__ import annotations

import json
import resource
import time
from contextlib import closing
from pathlib import Path

import click

from haqdar.base.money import group_indian


@click.command()
@click.argument("month")
@click.option(
    "--snapshot",
    "folder",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    required=True,
    help="A snapshot's folder (see `haqdar snapshot`).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the results (Parquet by district).",
)
def command(month: str, folder: Path, out: Path) -> None:
    """Decide MONTH (for example 2016-10) for everybody in a snapshot: verdicts, differences to what is held, forecast.

    Writes Parquet by district: `decision` (everybody's cell), `cell` (every scheme's criteria, verdict and amount for
    each), `decided` (what is held, what the law gives, what follows), `suspect` and `forecast`. Posts nothing and pays nothing. Interrupted, it goes on where it was.

    \b
    Example:
      ./haqdar decide 2016-10 --snapshot var/snapshots/0123456789abcdef --out decided
    """
    from django.conf import settings

    from haqdar.base.month import Month
    from haqdar.cases.deciding import TABLES, Deciding, decide_state
    from haqdar.entitlement.snapshot import Snapshot, engine
    from haqdar.law import load_lawbook

    started, used = time.perf_counter(), time.process_time()
    snapshot = Snapshot.open(folder)
    deciding = Deciding(snapshot, load_lawbook(settings.HAQDAR_LAW), Month.parse(month).first_day, out)
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
    for action, count in actions.items():
        click.echo(f"{action:>10}  {group_indian(count)}")
    click.echo(f"{'forecast':>10}  {group_indian(ahead)}")
    click.echo(
        f"{group_indian(snapshot.residents)} residents decided in {seconds:.1f} s ({cpu:.1f} s of processor time, "
        f"{peak:.2f} GiB). In {out}"
    )
