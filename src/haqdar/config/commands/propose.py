"""`haqdar propose`: close a month and give the local bodies their proposals."""

import click

from haqdar.access.actors import platform
from haqdar.base.money import group_indian, indian
from haqdar.config import cli_support
from haqdar.config.cli_support import needs_database
from haqdar.law import Text


@click.command()
@click.argument("month")
@needs_database
def command(month: str) -> None:
    """Close MONTH (YYYY-MM): its dues enter the ledger, each local body gets its proposals.

    From then on the month can no more be superseded; what becomes known later is paid or recovered with the next one. The worker
    does this by itself on the law's day of the proposal; running it again changes nothing. See docs/guides/proposals.md.
    """
    from haqdar.base.month import Month
    from haqdar.payments.proposals import propose

    made = propose(platform("propose"), Month.parse(month))
    numbers = {
        "proposals": group_indian(made.proposals),
        "bodies": group_indian(made.bodies),
        "persons": group_indian(made.persons),
        "money": indian(made.payable_paise),
    }
    words = Text(
        "{proposals} proposals to {bodies} local bodies: {persons} pensions, {money}.".format(**numbers)
        + ("" if made.now else " They stood already; nothing was changed."),
        "{bodies} ग्राम पंचायतों और नगर निकायों को {proposals} प्रस्ताव: {persons} पेंशन, {money}।".format(**numbers)
        + ("" if made.now else " ये पहले से थे; कुछ नहीं बदला।"),
    )
    click.echo(words.in_language(cli_support.language()))
