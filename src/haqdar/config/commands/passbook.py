"""`haqdar passbook`: what one person was owed and paid."""

import click

from haqdar.base.money import indian
from haqdar.base.refusal import WrongUsage
from haqdar.config.cli_support import language, needs_database, scheme_names


class BadMemberId(WrongUsage):
    """The argument is no member ID."""

    code = "bad_member_id"
    en = "'{text}' is no member ID; it has nine digits, for example 000012345."
    hi = "'{text}' सदस्य आईडी नहीं है; इसमें नौ अंक होते हैं, जैसे 000012345।"


TITLE = {"en": "Passbook of member {member}", "hi": "सदस्य {member} की पासबुक"}
NOTHING = {"en": "Nothing was ever due to this person.", "hi": "इस व्यक्ति को अब तक कुछ देय नहीं हुआ।"}
WITH_MONTH = {"en": "Paid with {month}", "hi": "{month} के साथ"}
LINE = {
    "en": "  {kind} {scheme}: {amount} — {reason}",
    "hi": "  {kind} {scheme}: {amount} — {reason}",
}
KEPT = {"en": "kept back {amount}", "hi": "रोका गया {amount}"}
RECOVERED = {"en": "recovered so far {amount}", "hi": "अब तक वसूल {amount}"}
RECALLED = {"en": "given back by the bank {amount}", "hi": "बैंक ने लौटाया {amount}"}
GIVEN_UP = {"en": "given up by an order {amount}", "hi": "आदेश से माफ़ {amount}"}
ACCOUNT = {"en": "account ending in {last4}", "hi": "खाता, अंतिम अंक {last4}"}
BILLS = {"en": "bill {numbers}", "hi": "बिल {numbers}"}


@click.command()
@click.argument("member_id", metavar="MEMBER_ID")
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(member_id: str, lang: str | None) -> None:
    """Show what MEMBER_ID (nine digits) was owed and paid, newest month first.

    \b
    Each due says what it is for, what was kept back for an earlier over-payment, what the bank was
    told to pay, and on which bill it stands:
      ./haqdar passbook 000012345 --lang en
    """
    from haqdar.access.actors import platform
    from haqdar.payments.passbook import passbook
    from haqdar.payments.words import month_name

    if not (len(member_id) == 9 and member_id.isascii() and member_id.isdecimal()):
        raise BadMemberId(text=member_id)
    lang = lang or language()
    rows = passbook(platform("command line"), int(member_id))
    click.echo(TITLE[lang].format(member=member_id))
    if not rows:
        click.echo(NOTHING[lang])
    month = None
    names: dict[str, str] = {}
    for row in rows:
        if row.month != month:
            month = row.month
            names = scheme_names(month, lang)
            click.echo("\n" + WITH_MONTH[lang].format(month=month_name(month, lang)))
        click.echo(
            LINE[lang].format(
                kind=row.kind_hi if lang == "hi" else row.kind_en,
                scheme=f"{names[row.scheme]} ({row.scheme})" if row.scheme in names else row.scheme,
                amount=indian(row.paise),
                reason=row.reason_hi if lang == "hi" else row.reason_en,
            )
        )
        state = row.state_hi if lang == "hi" else row.state_en
        details = [f"{indian(row.payable_paise)} {state}" if row.payable_paise else state]
        if row.withheld_paise:
            kept = RECOVERED if row.kind == "recovery" else KEPT
            details.append(kept[lang].format(amount=indian(row.withheld_paise)))
        for said, paise in ((RECALLED, row.recalled_paise), (GIVEN_UP, row.written_off_paise)):
            if paise:
                details.append(said[lang].format(amount=indian(paise)))
        if row.payable_paise and row.account_last4:
            details.append(ACCOUNT[lang].format(last4=row.account_last4))
        if row.bill_numbers:
            details.append(BILLS[lang].format(numbers=", ".join(row.bill_numbers)))
        click.echo("    " + "; ".join(details))
