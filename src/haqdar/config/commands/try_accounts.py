"""`haqdar try-accounts`: one rupee to each new account before its first payment, and what the bank answered."""

import click

from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("month")
@click.option("--make", is_flag=True, help="Make the files; without it only say what would be made.")
@click.option("--by", metavar="USER", help="The officer who makes the files; another one releases them.")
@needs_database
def command(month: str, make: bool, by: str | None) -> None:
    """Try the accounts of the closed month MONTH that nobody has tried, with one rupee each.

    Files are released, handed over and answered like payment files; the amount is the law's account_drop. What the banks
    answer stands on the page *Payments* – *Accounts* and in its CSV.

    \b
    Examples:
      ./haqdar try-accounts 2016-10                     how many there are, and what they cost
      ./haqdar try-accounts 2016-10 --make --by state
    """
    from haqdar.access.actors import platform
    from haqdar.base.money import group_indian, indian
    from haqdar.base.month import Month
    from haqdar.config.commands.bankfile import officer, say
    from haqdar.payments.accounts import drops

    chosen = Month.parse(month)
    if make:
        if by is None:
            raise click.UsageError("Name with --by the officer who makes the files.")
        for file in drops.make(officer(by), chosen):
            say(file)
        return
    actor = platform("command line")
    wanted, tried = drops.wanted(actor, chosen), drops.tried(actor)
    click.echo(f"To try now: {group_indian(wanted.accounts)} accounts, {indian(wanted.paise)}.")
    click.echo(
        f"Tried so far: {group_indian(tried.validated)} take money, {group_indian(tried.failed)} gave it back,"
        f" {group_indian(tried.again)} came back in passing, {group_indian(tried.waiting)} not answered yet;"
        f" spent {indian(tried.cost_paise)}."
    )
