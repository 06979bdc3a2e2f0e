"""`haqdar dedupe`: search the register for people who stand in it twice."""

from __future__ import annotations

from contextlib import closing

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
@click.option(
    "--engine",
    metavar="ENGINE",
    default="duckdb",
    show_default=True,
    help="duckdb (this machine) or spark://HOST:PORT (a Spark Connect server).",
)
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(district: str | None, engine: str, lang: str | None) -> None:
    """Search the register for residents who may be one person, and open the pairs for the officers.

    Every district is compared with itself, then everybody across districts. Brothers, sisters and spouses are told apart by
    their given names. A pair that people have judged stays judged unless new facts speak more for one person.

    \b
    Examples:
      ./haqdar dedupe
      ./haqdar dedupe --district X01
      ./haqdar dedupe --engine spark://spark:15002
    """
    from django.conf import settings

    from haqdar.access.actors import platform
    from haqdar.entitlement.engines import LOCAL, SparkEngine
    from haqdar.identity.linking import dedupe

    actor = platform("command line")
    if engine == LOCAL:
        done = dedupe(actor, district)
    else:
        from haqdar.identity.linking.spark import SparkCluster

        with closing(SparkEngine(engine, settings.HAQDAR_HOME / "tmp")) as spark, spark.session() as session:
            done = dedupe(actor, district, engine=spark.address, cluster=SparkCluster(session))
    words = WORDS[lang or spoken()]
    numbers = {
        name: group_indian(getattr(done, name))
        for name in ("records", "candidates", "certain", "review", "opened", "withdrawn")
    }
    for line in ("compared", "found", "next"):
        click.echo(words[line].format(seconds=done.seconds, **numbers))
