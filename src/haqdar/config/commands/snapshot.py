"""`haqdar snapshot`: the registers as columns, from which whole States are decided."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian


@click.command()
@click.argument("month")
@click.option(
    "--known-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="With what was known on this day (default: today).",
)
@click.option(
    "--registers",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Read register files (Parquet, as `haqdar demo --format parquet` writes them) instead of the database.",
)
def command(month: str, known_on: datetime | None, registers: Path | None) -> None:
    """Take a snapshot of the registers for deciding MONTH (for example 2016-10) and every later one.

    A month's run takes its own snapshot; this command is for simulations, benchmarks and clusters. The snapshot lies in
    the data folder under its hash, by district, and never changes.

    \b
    Examples:
      ./haqdar snapshot 2016-10 --known-on 2016-09-20
      ./haqdar demo --residents 1000000 --format parquet --out registers
      ./haqdar snapshot 2016-10 --registers registers --known-on 2016-09-20
    """
    from haqdar.base.month import Month
    from haqdar.config.cli_support import database_ready
    from haqdar.entitlement.registers import file_reader
    from haqdar.entitlement.snapshot import engine, snapshot_of, take_snapshot

    first_day = Month.parse(month).first_day
    known = known_on.date() if known_on else date.today()
    if registers is None:
        with database_ready():
            snapshot = take_snapshot(known, first_day)
    else:
        with closing(engine()) as duck:
            snapshot = snapshot_of(duck, file_reader(registers, known), known, first_day)
    click.echo(
        f"{group_indian(snapshot.residents)} residents in {len(snapshot.districts)} districts, "
        f"version {snapshot.hash[:16]}, in {snapshot.path}"
    )
