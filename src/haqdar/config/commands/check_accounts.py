"""`haqdar check-accounts`: look at the accounts of a closed month's payees before their first payment."""

import click

from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("month")
@needs_database
def command(month: str) -> None:
    """Look at every account of MONTH's payees that was not looked at before: branch, length, several payees.

    What is found stands on the page *Payments* – *Accounts*. The worker does it by itself every night.
    """
    from haqdar.access.actors import platform
    from haqdar.base.month import Month
    from haqdar.payments.accounts.checking import check_accounts

    done = check_accounts(platform("command line"), Month.parse(month))
    click.echo(f"{done.accounts:,} accounts looked at now; something was found at {done.found:,}.")
