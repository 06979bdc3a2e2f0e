"""`haqdar month`: decide, post and write one month."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian, indian
from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("month")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of the result files.")
@click.option(
    "--known-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Decide with what was known on this day (default: today).",
)
@click.option("--all", "all_rows", is_flag=True, help="List unchanged awards (continue) in worklist.csv too.")
@click.option("--sanction-starts", is_flag=True, help="Demonstration only: sanction every start at once.")
@needs_database
def command(
    month: str, out: Path | None, known_on: datetime | None, all_rows: bool, sanction_starts: bool
) -> None:
    """Run the month MONTH (for example 2016-10): who is entitled to what, what changes, what is paid.

    Writes entitlements, work list, forecast, dues, bills and a manifest; files for the bank are made later (bankfile). Running it again with nothing new
    known pays nothing twice and writes the same files. Running an earlier month again is a replay: files only.

    \b
    Examples:
      ./haqdar month 2016-10 --out results
      ./haqdar month 2016-10 --out replay --known-on 2016-09-15
    """
    from django.conf import settings

    from haqdar.base.month import Month
    from haqdar.jobs.month import run_month
    from haqdar.jobs.order import months_left_out, stands_behind_a_later_month
    from haqdar.jobs.reactions import carry_on

    chosen = Month.parse(month)
    # a replay must not take the place of the files that were posted
    kind = "replays" if stands_behind_a_later_month(chosen) else "months"
    folder = out or settings.HAQDAR_HOME / kind / month
    if left_out := months_left_out(chosen):
        click.echo(
            f"Not run yet: {', '.join(map(str, left_out))}. Run them first, or nobody is paid for them.",
            err=True,
        )
    result = run_month(
        month,
        folder,
        known_on.date() if known_on else None,
        all_rows=all_rows,
        sanction_starts=sanction_starts,
    )
    for action, count in result.actions.items():
        click.echo(f"{action:>10}  {group_indian(count)}")
    click.echo(
        f"{'credits':>10}  {group_indian(result.credits.items)} for {indian(result.credits.paise)} for the bank"
        + (f"; {group_indian(result.not_payable)} cannot be sent yet" if result.not_payable else "")
    )
    if result.replay:
        click.echo("A later run stands: this was a replay, awards and dues were not changed.")
    elif not result.posted:
        click.echo("Nothing new is known: awards and dues stand as posted before.")
    click.echo(f"Files in {result.out}")
    # what became known while the month ran is compared with this month from now on
    carry_on()
