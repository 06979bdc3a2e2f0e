"""`haqdar seed`: a department's list compared with the register, on the command line."""

from pathlib import Path

import click

from haqdar.base.money import group_indian
from haqdar.config.cli_support import language, needs_database


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--department", required=True, help="Short name of the department, as on the page of departments' lists."
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="Which column is what; may be repeated. Default: as said last time for these columns, else guessed.",
)
@click.option("--dates", type=click.Choice(["dmy", "mdy", "ymd"]), help="How dates are written.")
@click.option("--supplement", is_flag=True, help="The list says nothing of those whom it does not name.")
@click.option(
    "--confirm",
    is_flag=True,
    help="The columns are right, though the comparison with the register says otherwise.",
)
@click.option("--converge", is_flag=True, help="Tie it to the residents at once where enough is judged.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Folder for results.csv, results.parquet and problems.csv.",
)
@needs_database
def command(
    file: Path,
    department: str,
    columns: tuple[str, ...],
    dates: str | None,
    supplement: bool,
    confirm: bool,
    converge: bool,
    out: Path | None,
) -> int:
    """Compare a list FILE (CSV, Excel, Parquet) with the residents; up to 20,00,000 rows.

    Whoever is found without doubt is proposed, the doubtful wait for people on the page of departments' lists. The same file
    again is the same list. Nobody is stopped or deleted because of a list.

    \b
    Examples:
      ./haqdar seed ration.csv --department food
      ./haqdar seed ration.xlsx --department food --column domain_id="card no" --column name="holder" --out results

    \b
    Exit status: 0 compared, 1 refused, 2 wrong usage.
    """
    from haqdar.access.actors import platform
    from haqdar.base.files import atomic_write
    from haqdar.base.refusal import Refusal
    from haqdar.identity.models import SeedList
    from haqdar.identity.seeding import actions, queries, tying
    from haqdar.identity.seeding.results import problems, results
    from haqdar.identity.seeding.running import run
    from haqdar.identity.seeding.words import BAND_WORDS, FINDING_WORDS

    actor, lang = platform("command line"), language()
    said: dict[str, str] = {}
    for pair in columns:
        name, equals, column = pair.partition("=")
        if not equals:
            raise click.UsageError(f"'{pair}': write FIELD=COLUMN")
        said[name.strip()] = column.strip().casefold()
    found = actions.take_in(actor, department, file, supplement=supplement)
    if confirm and found.state == SeedList.State.REFUSED and "doubts" in found.counts:
        actions.confirm(actor, found)
        found = run(actor, found)
    elif found.state in (SeedList.State.RECEIVED, SeedList.State.REFUSED, SeedList.State.FAILED):
        offered, order, _ = queries.columns_of(actor, found)
        actions.map_columns(actor, found, {**offered, **said}, dates or order)
        found = run(actor, found)
    if found.state == SeedList.State.REFUSED:
        raise Refusal(found.problem_en, found.problem_hi)
    if converge and found.state == SeedList.State.REVIEW:
        tying.converge(actor, found)
    at = 1 if lang == "hi" else 0
    for band, rows in found.counts["bands"].items():
        click.echo(f"{BAND_WORDS[band][at]:<28}{group_indian(rows):>14}")
    for kind, (rows, _) in found.counts["findings"].items():
        click.echo(f"{FINDING_WORDS[kind][at]:<28}{group_indian(rows):>14}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for name, pieces in (
            ("results.csv", results(actor, found)),
            ("results.parquet", results(actor, found, as_parquet=True)),
            ("problems.csv", problems(actor, found)),
        ):
            with atomic_write(out / name, private=True) as draft, draft.open("wb") as written:
                for piece in pieces:
                    written.write(piece)
        click.echo(str(out))
    return 0
