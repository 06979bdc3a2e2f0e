"""`haqdar law explain` and `haqdar law vocabulary`: the law in words."""

from pathlib import Path

import click

from haqdar.config.commands.law_options import (
    both_languages_option,
    languages,
    law_folder,
    law_option,
    on_option,
    the_day,
)
from haqdar.law import load_lawbook
from haqdar.law.prose import scheme_prose
from haqdar.law.prose_layout import as_json, as_page, as_text
from haqdar.law.reference import vocabulary_markdown


@click.command()
@law_option
@on_option
@both_languages_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "html", "json"]),
    default="text",
    show_default=True,
    help="Text, a page, or data.",
)
@click.argument("scheme", required=False)
def explain(folder: Path | None, day: str | None, lang: str, form: str, scheme: str | None) -> None:
    """Say in words what the law says of SCHEME (or of every scheme) on a day.

    \b
    Who pays, who is entitled, how much, what ends it, by which order. Each condition stands there
    twice: as the law-writer put it, and as it is computed.
      haqdar law explain IGNWPS
      haqdar law explain KANYA --on 2016-10-01 --lang en
      haqdar law explain KANYA --format html > kanya.html
    """
    book, on = load_lawbook(law_folder(folder)), the_day(day)
    codes = [scheme.upper()] if scheme is not None else [entry.code for entry in book.on(on).all_schemes]
    proses = [scheme_prose(book, code, on) for code in codes]
    if form == "json":
        click.echo(as_json(proses))
    elif form == "html":
        click.echo(as_page(proses, languages(lang)))
    else:
        click.echo("\n\n\n".join(as_text(prose, code) for code in languages(lang) for prose in proses))


@click.command()
@law_option
@click.option(
    "--format", "form", type=click.Choice(["md"]), default="md", show_default=True, help="Markdown."
)
def vocabulary(folder: Path | None, form: str) -> None:
    """Print the reference of all facts that a test may speak of, in both languages.

    \b
    The copy in the documentation is written by:
      haqdar law vocabulary > docs/vocabulary.md
    """
    assert form == "md"
    click.echo(vocabulary_markdown(load_lawbook(law_folder(folder))), nl=False)
