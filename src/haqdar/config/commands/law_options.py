"""What the commands of `haqdar law` share: options, the day, the folder, sentences."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click
from django.conf import settings

from haqdar.base.refusal import WrongUsage
from haqdar.config import cli_support
from haqdar.law import Text, UnknownScheme, load_lawbook


class NotADay(WrongUsage):
    """The text is no date."""

    code = "not_a_day"
    en = "'{text}' is no date; write it as YYYY-MM-DD, for example 2016-10-01."
    hi = "'{text}' तारीख नहीं है; इसे YYYY-MM-DD लिखें, जैसे 2016-10-01।"


Option = Callable[[Callable[..., Any]], Callable[..., Any]]

law_option: Option = click.option(
    "--law",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="The law folder; default: the State's own.",
)
on_option: Option = click.option(
    "--on", "day", default=None, metavar="DATE", help="The day (YYYY-MM-DD); default: today."
)
both_languages_option: Option = click.option(
    "--lang",
    type=click.Choice(["hi", "en", "both"]),
    default="both",
    show_default=True,
    help="In which language to say it.",
)


def law_folder(folder: Path | None) -> Path:
    """The folder that was named, or the State's own."""
    return folder if folder is not None else Path(settings.HAQDAR_LAW)


def known_scheme(folder: Path, code: str | None) -> str | None:
    """The code of a scheme as the law writes it; raises ``UnknownScheme`` for one that no file of the law declares."""
    if code is None:
        return None
    known = [draft.code for draft in load_lawbook(folder).drafts]
    if code.upper() not in known:
        raise UnknownScheme(scheme=code, known=", ".join(known))
    return code.upper()


def the_day(text: str | None) -> date:
    """The day that was named, or today; raises `NotADay`."""
    if text is None:
        return date.today()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotADay(text=text) from None


def languages(chosen: str) -> tuple[str, ...]:
    """The languages to print, Hindi first."""
    return ("hi", "en") if chosen == "both" else (chosen,)


def say(text: Text) -> None:
    """Prints a sentence in the command line's language."""
    click.echo(text.in_language(cli_support.language()))
