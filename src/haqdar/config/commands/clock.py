"""`haqdar clock`: the service guarantee clock by hand."""

import click

from haqdar.access.actors import platform
from haqdar.config import cli_support
from haqdar.config.cli_support import needs_database
from haqdar.config.commands.law_options import the_day
from haqdar.law import Text


@click.command()
@click.option("--on", "day", default=None, metavar="DATE", help="The day (YYYY-MM-DD); default: today.")
@needs_database
def command(day: str | None) -> None:
    """Bring cases over their limit before the office above and tell their applicants.

    The worker does this every night; running it again does nothing more. How services, limits and holidays are written:
    docs/services-and-clock.md.
    """
    from haqdar.jobs.clock import run_clock_and_tell

    on = the_day(day)
    ran, told = run_clock_and_tell(platform("clock"), on)
    words = Text(
        f"{ran.escalated} cases escalated, {ran.deemed} deemed approved, {told} applicants told ({on}).",
        f"{ran.escalated} प्रकरण ऊपर भेजे गए, {ran.deemed} मान्य स्वीकृत, {told} आवेदकों को बताया गया ({on})।",
    )
    click.echo(words.in_language(cli_support.language()))
