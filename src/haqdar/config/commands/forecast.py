"""`haqdar forecast`: pensioners and cost in the years to come."""

from __future__ import annotations

import csv
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from haqdar.base.files import atomic_write
from haqdar.base.money import group_indian, indian, rupees
from haqdar.config import cli_support

_WORDS = {
    "en": {
        "now": "Law in force",
        "then": "Proposal {name}",
        "head": ("on", "residents", "60 or older", "entitled", "a month", "a year"),
        "assumed": "What is assumed:",
        "files": "Files in {out}",
    },
    "hi": {
        "now": "मौजूदा कानून",
        "then": "प्रस्ताव {name}",
        "head": ("तारीख", "निवासी", "60 या ज़्यादा", "हक़दार", "महीने का", "साल का"),
        "assumed": "क्या मानकर चला गया है:",
        "files": "फ़ाइलें {out} में",
    },
}


@click.command()
@click.option("--years", type=click.IntRange(1, 30), default=5, show_default=True, help="How many years.")
@click.option("--proposal", default=None, metavar="NAME", help="Compare the law in force with this proposal.")
@click.option(
    "--month", default=None, metavar="YYYY-MM", help="First month; default: this month, or the proposal's."
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a snapshot; default: the registers as known today.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the files; default: in the data folder.",
)
def command(
    years: int, proposal: str | None, month: str | None, snapshot: Path | None, out: Path | None
) -> None:
    """Say how many people will be entitled to what, and what it will cost, as people grow older.

    Everybody becomes a year older each year; deaths follow the State's table of mortality (law/<state>/mortality.yaml),
    and wives whose husbands die become widows. What is assumed is printed with the numbers. Writes forecast.json and
    forecast.csv.

    \b
    Examples:
      ./haqdar forecast --month 2016-10
      ./haqdar forecast --years 10 --proposal widow-500
    """
    from django.conf import settings

    from haqdar.base.month import Month
    from haqdar.jobs.forecasts import forecast_law

    chosen = Month.parse(month) if month else None
    with cli_support.database_ready() if snapshot is None else nullcontext():
        outlook = forecast_law(years, chosen, proposal, snapshot)
    name = f"{proposal}-{outlook.month}" if proposal else str(outlook.month)
    folder = out or settings.HAQDAR_HOME / "forecasts" / name
    folder.mkdir(parents=True, exist_ok=True)
    _write(outlook.result, folder)
    _say(outlook.result, folder)


def _write(result: dict[str, Any], folder: Path) -> None:
    with atomic_write(folder / "forecast.json") as temporary:
        temporary.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with (
        atomic_write(folder / "forecast.csv") as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["law", "on", "scheme", "persons", "rupees_month", "rupees_year"])
        for law in ("now", "then"):
            for year in result.get(law, []):
                rows = [*year["schemes"], {**year, "scheme": "total"}]
                for row in rows:
                    paise = row["paise_month"]
                    writer.writerow(
                        [law, year["day"], row["scheme"], row["persons"], rupees(paise), rupees(12 * paise)]
                    )


def _say(result: dict[str, Any], out: Path) -> None:
    language = cli_support.language()
    words: dict[str, Any] = _WORDS[language]
    for law in ("now", "then"):
        if law not in result:
            continue
        click.echo(words[law].format(name=result["proposal"]))
        click.echo("  {:<12}{:>16}{:>16}{:>16}{:>22}{:>22}".format(*words["head"]))
        for year in result[law]:
            numbers = (group_indian(year[key]) for key in ("residents", "aged_60_over", "persons"))
            money = (indian(year[key] // 100 * 100) for key in ("paise_month", "paise_year"))
            click.echo("  {:<12}{:>16}{:>16}{:>16}{:>22}{:>22}".format(year["day"], *numbers, *money))
        click.echo()
    click.echo(words["assumed"])
    for text in [*result["assumptions"], result["mortality"]]:
        click.echo(f"  - {text[language]}")
    click.echo("\n" + words["files"].format(out=out))
