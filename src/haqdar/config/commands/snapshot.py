"""`haqdar snapshot`: the registers as columns, from which whole States are decided."""

from __future__ import annotations

from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian


@click.command()
@click.argument("month", required=False)
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
@click.option(
    "--anew",
    is_flag=True,
    help="Build everybody anew, even if an earlier snapshot has all that did not change.",
)
@click.option(
    "--verify",
    "checked",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Take none; check every file of the snapshot in DIR against its manifest.",
)
def command(
    month: str | None, known_on: datetime | None, registers: Path | None, anew: bool, checked: Path | None
) -> None:
    """Take a snapshot of the registers for deciding MONTH (for example 2016-10) and every later one.

    A month's run takes its own snapshot; this command is for simulations, benchmarks and clusters. The snapshot lies in
    the data folder under its hash, by district, and never changes. Its manifest says what it was built from: which
    deliveries with how many facts each, words and engine, and the hash of every file and district.

    Where an earlier snapshot for the same MONTH is there, only people whose facts changed since are built anew; the
    result is the same, byte for byte, as with --anew.

    \b
    Examples:
      ./haqdar snapshot 2016-10 --known-on 2016-09-20
      ./haqdar snapshot --verify var/snapshots/0123456789abcdef
      ./haqdar demo --residents 1000000 --format parquet --out registers
      ./haqdar snapshot 2016-10 --registers registers --known-on 2016-09-20
    """
    from haqdar.base.month import Month
    from haqdar.config.cli_support import database_ready
    from haqdar.entitlement.origin import origin_of_files
    from haqdar.entitlement.registers import file_reader
    from haqdar.entitlement.snapshot import Snapshot, engine, snapshot_of, take_snapshot

    if checked is not None:
        snapshot = Snapshot.open(checked)
        number = snapshot.verify()
        click.echo(f"{group_indian(number)} files as the manifest says, version {snapshot.hash[:16]}")
        return
    if month is None:
        raise click.UsageError("Name the MONTH to take a snapshot for, or check one with --verify DIR.")
    first_day = Month.parse(month).first_day
    known = known_on.date() if known_on else date.today()
    if registers is None:
        with database_ready():
            snapshot = take_snapshot(known, first_day, anew)
    else:
        with closing(engine()) as duck:
            snapshot = snapshot_of(
                duck, file_reader(registers, known), known, first_day, origin=origin_of_files(registers)
            )
    click.echo(
        f"{group_indian(snapshot.residents)} residents in {len(snapshot.districts)} districts, "
        f"version {snapshot.hash[:16]}, in {snapshot.path}"
    )
    built_on = snapshot.manifest.get("built_on")
    if built_on:
        click.echo(
            f"Built on {built_on['snapshot'][:16]}: {group_indian(built_on['people'])} people anew, "
            f"{len(built_on['districts'])} districts changed"
        )
