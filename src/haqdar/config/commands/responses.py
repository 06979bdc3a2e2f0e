"""`haqdar responses`: files of answers from banks, read and applied."""

from pathlib import Path

import click

from haqdar.config.cli_support import language, needs_database

LINE = {
    "en": "{name}: {lines} lines; {applied} new, {repeated} known already, {set_aside} set aside ({profile})",
    "hi": "{name}: {lines} पंक्तियाँ; {applied} नई, {repeated} पहले से पता, {set_aside} अलग रखी ({profile})",
}


@click.command()
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--profile", help="Kind of file; default: seen by its content.")
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(files: tuple[Path, ...], profile: str | None, lang: str | None) -> None:
    """Read files of answers: NACH and APBS responses and returns, pain.002, camt.053, camt.054, MT940.

    \b
    A file is applied whole or not at all, and the same bytes only once. Lines that cannot be right are
    set aside with a reason and never stop a file. Files may be packed with gzip; what lies in the folder
    answers of the data folder is read by the worker:
      ./haqdar responses inbox/*.txt inbox/*.gz
    """
    from haqdar.access.actors import platform
    from haqdar.payments.responses.reading import read_response

    lang = lang or language()
    for path in files:
        found = read_response(platform("command line"), path, path.name, profile)
        click.echo(
            LINE[lang].format(
                name=found.name,
                lines=found.lines,
                applied=found.applied,
                repeated=found.repeated,
                set_aside=found.set_aside,
                profile=found.profile,
            )
        )
