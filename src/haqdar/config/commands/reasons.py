"""`haqdar reasons`: what a month's run decided about one resident, and why."""

from __future__ import annotations

import json
from pathlib import Path

import click

from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.config.cli_support import language as spoken
from haqdar.config.cli_support import needs_database
from haqdar.config.commands.passbook import BadMemberId


class PdfNeedsAFile(WrongUsage):
    """A PDF on a terminal helps nobody."""

    code = "pdf_needs_a_file"
    en = "A PDF is no text for a terminal: say where to put it, for example --out reasons.pdf."
    hi = "PDF टर्मिनल पर नहीं दिखाया जा सकता: बताएँ कि कहाँ रखना है, जैसे --out reasons.pdf।"


class BenefitHasNoStatement(Refusal):
    """Statements of reasons cover the pensions so far."""

    code = "benefit_has_no_statement"
    en = "{scheme} is a benefit beside the pensions; its reasons are in occasions.csv of the month and in the work list, not in this statement."
    hi = "{scheme} पेंशन के अलावा मिलने वाला लाभ है; उसके कारण महीने की occasions.csv और कार्य-सूची में हैं, इस विवरण में नहीं।"


@click.command()
@click.argument("member", metavar="MEMBER")
@click.option("--month", help="The month, for example 2016-10 (default: the latest that was run).")
@click.option("--run", "version", type=click.IntRange(min=1), help="An earlier run of that month (1, 2 …).")
@click.option("--scheme", help="One scheme only, by its code.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "pdf"]), default="text", show_default=True
)
@click.option(
    "--lang",
    type=click.Choice(["hi", "en", "both"]),
    help="Default: HAQDAR_LANGUAGE or the terminal's; JSON always has both.",
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@needs_database
def command(
    member: str,
    month: str | None,
    version: int | None,
    scheme: str | None,
    form: str,
    lang: str | None,
    out: Path | None,
) -> None:
    """Give the reasons of a decision about the resident with the nine-digit MEMBER id, as it was made then.

    Every scheme is there, the refused ones too: the law in force with its order, each criterion with the person's own value
    and limit, the records it rests on, what would have to change, and on which day it will by itself. Read from the record
    of the run, not worked out with today's law.

    \b
    Examples:
      ./haqdar reasons 100000017 --month 2016-10
      ./haqdar reasons 100000017 --month 2016-10 --scheme IGNWPS --lang both
      ./haqdar reasons 100000017 --month 2016-10 --format pdf --out reasons.pdf
    """
    from haqdar.access.actors import platform
    from haqdar.base.files import atomic_write
    from haqdar.base.month import Month
    from haqdar.cases.reasons import statement_of
    from haqdar.web.documents.reasons import statement_data, statement_pdf, statement_text

    if not (member.isascii() and member.isdecimal() and len(member) == 9):
        raise BadMemberId(text=member)
    if form == "pdf" and out is None:
        raise PdfNeedsAFile()
    actor = platform("command line")
    statement = statement_of(actor, int(member), Month.parse(month) if month else None, version)
    if scheme is not None:
        if scheme.upper() in {benefit.code for benefit in statement.law.benefits}:
            raise BenefitHasNoStatement(scheme=scheme.upper())
        statement.law.scheme(scheme)
    languages = ("hi", "en") if lang == "both" else (lang or spoken(),)
    if form == "json":
        content = (
            json.dumps(statement_data(statement, scheme), ensure_ascii=False, indent=1) + "\n"
        ).encode()
    elif form == "pdf":
        content = statement_pdf(statement, languages, scheme)
    else:
        content = "\n".join(statement_text(statement, one, scheme) for one in languages).encode()
    if out is None:
        click.echo(content.decode(), nl=False)
        return
    with atomic_write(out) as draft:
        draft.write_bytes(content)
    click.echo(str(out))
