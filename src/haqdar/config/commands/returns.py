"""`haqdar returns`: credits that came back, presented again or lapsed with their budget year."""

import click

from haqdar.base.money import indian
from haqdar.config.cli_support import language, needs_database

AGAIN = {
    "en": "{credits} credits, {paise}, written for the files of {month}; {corrected} to another account than before.",
    "hi": "{month} की फ़ाइलों के लिए {credits} भुगतान, {paise}, लिखे गए; {corrected} पहले से अलग खाते में।",
}
LATE = {
    "en": "{credits} credits, {paise}, of closed months whose payee or heir has an account now: draw them on a supplementary bill.",
    "hi": "बंद महीनों के {credits} भुगतान, {paise}, जिनके लिए अब खाता या वारिस दर्ज है: इन्हें पूरक बिल पर लें।",
}
COMPENSATED = {
    "en": "{credits} compensations for delays, {paise}.",
    "hi": "देरी के {credits} मुआवज़े, {paise}।",
}
LAPSED = {
    "en": "{credits} credits, {paise}, of {bills} bills lapsed with the budget year {year}; they need a supplementary bill.",
    "hi": "बजट वर्ष {year} के साथ {bills} बिलों के {credits} भुगतान, {paise}, समाप्त हुए; इन्हें पूरक बिल चाहिए।",
}


@click.command()
@click.argument("month", metavar="MONTH", required=False)
@click.option(
    "--lapse",
    "year",
    type=click.IntRange(2000, 2999),
    help="End the budget year that began in this year instead.",
)
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(month: str | None, year: int | None, lang: str | None) -> None:
    """Present returned credits again with the closed month MONTH (2016-11).

    \b
    Passing troubles go out by themselves, corrected accounts as soon as the register has them. With them
    go dues of closed months whose account or heir is known since, and compensations for delays. Doing
    it twice adds nothing:
      ./haqdar returns 2016-11
      ./haqdar returns --lapse 2016     after 31 March 2017: the bills of 2016-17 end
    """
    from haqdar.access.actors import platform
    from haqdar.base.month import Month
    from haqdar.payments.lapsing import lapse
    from haqdar.payments.returns import represent

    lang = lang or language()
    actor = platform("command line")
    if year is not None:
        ended = lapse(actor, year)
        click.echo(
            LAPSED[lang].format(
                credits=ended.credits, paise=indian(ended.paise), bills=ended.bills, year=year
            )
        )
        return
    done = represent(actor, Month.parse(month or ""))
    click.echo(
        AGAIN[lang].format(
            credits=done.credits, paise=indian(done.paise), month=done.month, corrected=done.corrected
        )
    )
    if done.late.credits:
        click.echo(LATE[lang].format(credits=done.late.credits, paise=indian(done.late.paise)))
    if done.late.compensations:
        paise = indian(done.late.compensation_paise)
        click.echo(COMPENSATED[lang].format(credits=done.late.compensations, paise=paise))
