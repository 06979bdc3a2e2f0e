"""`haqdar quality`: look for what cannot be right in the register."""

from __future__ import annotations

import click

from haqdar.base.money import group_indian
from haqdar.config.cli_support import language as spoken
from haqdar.config.cli_support import needs_database

WORDS = {
    "en": "{people} residents looked at in {seconds} s: {found} findings, {opened} new, {closed} put right. They stand as tasks on the page of quality.",
    "hi": "{people} निवासी {seconds} सेकंड में देखे गए: {found} बातें मिलीं, {opened} नई, {closed} सुधर चुकीं। ये गुणवत्ता के पन्ने पर काम बनकर दिखती हैं।",
}


@click.command()
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(lang: str | None) -> None:
    """Look at the whole register for what cannot be right: impossible ages, two heads of a family, a child older than a parent …

    What is found is listed for the panchayat, where somebody looks and corrects it or says that it is right. Nothing is
    changed by this. The worker does it every night.

    \b
    Example:
      ./haqdar quality
    """
    from haqdar.access.actors import platform
    from haqdar.identity.quality.looking import look

    one = look(platform("command line"))
    click.echo(
        WORDS[lang or spoken()].format(
            people=group_indian(one.people),
            seconds=one.seconds,
            found=group_indian(one.found),
            opened=group_indian(one.opened),
            closed=group_indian(one.closed),
        )
    )
