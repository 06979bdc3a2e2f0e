"""`haqdar demo`: register files of a believable, invented district or State."""

from datetime import datetime
from pathlib import Path

import click

from haqdar.base.money import group_indian


@click.command()
@click.option("--residents", type=int, required=True, help="How many people, 50 to 85,000,000.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed makes another population.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Folder of the files; made if it is not there.",
)
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    default="2016-10-01",
    show_default=True,
    metavar="DATE",
    help="Day of determination (first of a month) for which the published numbers hold; the files are as delivered "
    "eleven days before.",
)
@click.option("--format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option(
    "--welfare", is_flag=True, help="Also write students and incomes, for a law with schemes beyond pensions."
)
@click.option(
    "--duplicates",
    is_flag=True,
    help="Also plant people who stand twice, and twins; duplicates.csv says who.",
)
@click.option(
    "--department-list",
    type=click.IntRange(min=1),
    metavar="ROWS",
    help="Also write a department's list of about so many beneficiaries; department_truth.csv says who they are.",
)
def command(
    residents: int,
    seed: int,
    out: Path,
    on: datetime,
    format: str,
    welfare: bool,
    duplicates: bool,
    department_list: int | None,
) -> None:
    """Write areas, offices, families, residents, bpl, pwd, events and pensioners of a made-up population.

    Families with generations, ages, names in Hindi and Latin letters, pensioners with the omissions and mistakes that
    the platform finds, and a little dirt. The shares of pensioners and of moves between schemes are those that
    Madhya Pradesh published. The same arguments give the same files. Nobody in them is real: every Aadhaar number
    begins with 9999, every area code with X.

    \b
    Examples:
      ./haqdar demo --residents 20000 --out registers
      ./haqdar load registers --delivered-on 2016-09-20
      ./haqdar month 2016-10 --out results
    """
    from haqdar.demo.generate import write_registers

    written = write_registers(out, residents=residents, seed=seed, on=on.date(), format=format)
    more = {}
    if welfare:
        from haqdar.demo.benefits import write_benefit_registers

        more = write_benefit_registers(out, seed=seed, on=on.date(), format=format)
    if duplicates:
        from haqdar.demo.duplicates import plant_duplicates

        more |= plant_duplicates(out, seed=seed, on=on.date(), format=format)
    if department_list:
        from haqdar.demo.duplicates import write_department_list

        more |= write_department_list(out, seed=seed, on=on.date(), rows=department_list, format=format)
    for name, rows in {**written.rows, **more}.items():
        click.echo(f"{name:<12}{group_indian(rows):>14}")
    click.echo(f"In {out}. Load with: ./haqdar load {out} --delivered-on {written.delivered_on}")
