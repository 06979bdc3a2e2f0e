"""`haqdar try-accounts`: one rupee to each new account before its first payment, and what the bank answered."""

import click

from haqdar.base.money import group_indian, indian
from haqdar.config.cli_support import language, needs_database

TO_TRY = {
    "en": "To try now: {accounts} accounts, {paise}.",
    "hi": "अभी जाँचने के लिए: {accounts} खाते, {paise}।",
}
TRIED = {
    "en": "Tried so far: {validated} take money, {failed} gave it back, {again} came back in passing, {waiting} not answered yet;"
    " spent {cost}.",
    "hi": "अब तक जाँचे गए: {validated} में पैसा पहुँचा, {failed} से लौटा, {again} से कुछ समय की रुकावट से लौटा, {waiting} का उत्तर बाकी;"
    " खर्च {cost}।",
}


@click.command()
@click.argument("month")
@click.option("--make", is_flag=True, help="Make the files; without it only say what would be made.")
@click.option("--by", metavar="USER", help="The officer who makes the files; another one releases them.")
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(month: str, make: bool, by: str | None, lang: str | None) -> None:
    """Try the accounts of the closed month MONTH that nobody has tried, with one rupee each.

    Files are released, handed over and answered like payment files; the amount is the law's account_drop. What the banks
    answer stands on the page *Payments* – *Accounts* and in its CSV.

    \b
    Examples:
      ./haqdar try-accounts 2016-10                     how many there are, and what they cost
      ./haqdar try-accounts 2016-10 --make --by state
    """
    from haqdar.access.actors import platform
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
    lang = lang or language()
    click.echo(TO_TRY[lang].format(accounts=group_indian(wanted.accounts), paise=indian(wanted.paise)))
    click.echo(
        TRIED[lang].format(
            validated=group_indian(tried.validated),
            failed=group_indian(tried.failed),
            again=group_indian(tried.again),
            waiting=group_indian(tried.waiting),
            cost=indian(tried.cost_paise),
        )
    )
