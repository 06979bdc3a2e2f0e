"""`haqdar dedupe`: search the register for people who stand in it twice."""

from __future__ import annotations

import click

from haqdar.base.money import group_indian
from haqdar.config.cli_support import language as spoken
from haqdar.config.cli_support import needs_database

WORDS = {
    "en": {
        "compared": "{records} residents compared in {seconds} s; {candidates} pairs looked at.",
        "found": "{certain} pairs are certain, {review} are for review. Opened: {opened}, withdrawn: {withdrawn}.",
        "next": "Nothing was merged: officers judge the pairs on the page of pairs.",
    },
    "hi": {
        "compared": "{records} निवासियों की तुलना {seconds} सेकंड में हुई; {candidates} जोड़ियाँ देखी गईं।",
        "found": "{certain} जोड़ियाँ पक्की हैं, {review} जाँच के लिए। नई खुलीं: {opened}, वापस ली गईं: {withdrawn}।",
        "next": "कुछ भी मिलाया नहीं गया: जोड़ियों पर फ़ैसला अधिकारी उनके पन्ने पर करते हैं।",
    },
}


@click.command()
@click.option("--district", metavar="CODE", help="Only people of this district (default: the whole State).")
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(district: str | None, lang: str | None) -> None:
    """Search the register for residents who may be one person, and open the pairs for the officers.

    Every district is compared with itself, then everybody across districts. Brothers, sisters and spouses are told apart by
    their given names. A pair that people have judged stays judged unless new facts speak more for one person.

    \b
    Examples:
      ./haqdar dedupe
      ./haqdar dedupe --district X01
    """
    from haqdar.access.actors import platform
    from haqdar.identity.linking import dedupe

    done = dedupe(platform("command line"), district)
    words = WORDS[lang or spoken()]
    numbers = {
        name: group_indian(getattr(done, name))
        for name in ("records", "candidates", "certain", "review", "opened", "withdrawn")
    }
    for line in ("compared", "found", "next"):
        click.echo(words[line].format(seconds=done.seconds, **numbers))
