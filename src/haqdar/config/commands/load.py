"""`haqdar load DIR`: the departments' register files into the register."""

from datetime import date, datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian
from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.option(
    "--delivered-on",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Day of the delivery, YYYY-MM-DD (default: today). Rows without a date of their own are known from this day, "
    "and dates after it are rejected.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder for rejections.csv (default: deliveries/<delivery> in the data folder).",
)
@needs_database
def command(directory: Path, delivered_on: datetime | None, out: Path | None) -> int:
    """Load the register files of the folder DIRECTORY.

    \b
    Takes whichever of these lie there, as .csv or .parquet, in this order:
      areas offices families residents bpl pwd events pensioners

    A bad row is rejected alone and listed in rejections.csv with file, line, field, code and what to do; a
    file that lacks a required column (or is no CSV at all) is refused and changes nothing. Loading the same
    folder again changes nothing; corrected rows become new beliefs beside the old ones. The load can be
    stopped at any moment and started again.

    \b
    Exit status: 0 loaded (rows may have been rejected), 1 a file was refused, 2 wrong usage.

    \b
    Example:
      ./haqdar load registers/2016-10 --delivered-on 2016-09-25
    """
    from haqdar.jobs.reactions import carry_on
    from haqdar.registry.actions import load_folder

    day: date | None = delivered_on.date() if delivered_on else None
    result = load_folder(directory, day, out)
    titles = ("rows", "accepted", "repeated", "corrected", "rejected")
    click.echo(f"Delivery {result.delivery}, delivered on {result.delivered_on}")
    click.echo(f"{'file':<20}" + "".join(f"{title:>14}" for title in titles))
    for file in result.files:
        if file.refusal is not None:
            click.echo(f"{file.name:<20}  refused")
            click.echo(f"  {file.refusal.en}\n  {file.refusal.hi}", err=True)
            continue
        counts = (getattr(file.counts, title) for title in titles)
        click.echo(f"{file.name:<20}" + "".join(f"{group_indian(count):>14}" for count in counts))
        if file.counts.ghosts:
            click.echo(
                f"  {group_indian(file.counts.ghosts)} pensioners without a resident are kept as ghosts"
            )
        for warning in file.counts.warnings:
            click.echo(f"  {file.name}: {warning.en} / {warning.hi}", err=True)
    click.echo(f"Rejections: {result.rejections}")
    # whom a small file touches is decided again at once, beside the last month run
    carry_on()
    return 1 if result.refused else 0
