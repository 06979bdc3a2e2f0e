"""`haqdar replay`: a past month decided once more, beside what its run decided."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from haqdar.base.money import group_indian, indian
from haqdar.config.cli_support import language as spoken
from haqdar.config.cli_support import needs_database

if TYPE_CHECKING:
    from haqdar.jobs.replay import Law, Total

WORDS = {
    "en": {
        "against": "{month} with what was known on {known}, beside run {version} (known on {then})",
        "same": "No difference: all {compared} decisions are the same.",
        "different": "{different} of {compared} decisions differ: {change} a month.",
        "due": "Of the month's own dues {due} would have been different.",
        "files": "Files in {out}. Nothing was posted: awards and dues stand as they are.",
        "line": "{name:<28} {persons:>9}  then {then:>14}  replay {now:>14}  {change:>14}",
    },
    "hi": {
        "against": "{month}, {known} तक की जानकारी से; गणना {version} ({then} तक की जानकारी) के सामने",
        "same": "कोई अंतर नहीं: सभी {compared} निर्णय वही हैं।",
        "different": "{compared} में से {different} निर्णय अलग हैं: {change} महीना।",
        "due": "उसी महीने के देय में {due} का अंतर होता।",
        "files": "फ़ाइलें {out} में। कुछ दर्ज नहीं हुआ: पेंशन और देय जैसे थे वैसे ही हैं।",
        "line": "{name:<28} {persons:>9}  तब {then:>14}  अब {now:>14}  {change:>14}",
    },
}
NAMES = {
    "en": {
        "gains": "newly entitled",
        "loses": "no longer entitled",
        "more": "more",
        "less": "less",
        "other": "same amount",
        "facts": "because of facts",
        "law": "because of the law",
        "awards": "because of awards held",
    },
    "hi": {
        "gains": "तब नहीं, अब मिलता",
        "loses": "तब मिला, अब नहीं",
        "more": "ज़्यादा",
        "less": "कम",
        "other": "रकम वही",
        "facts": "तथ्यों के कारण",
        "law": "क़ानून के कारण",
        "awards": "चालू पेंशन के कारण",
    },
}


@click.command()
@click.argument("month")
@click.option(
    "--known-on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Decide with what was known on this day (default: today).",
)
@click.option(
    "--law",
    default="then",
    show_default=True,
    metavar="then|today|DIR",
    help="The law kept with the run, today's law, or the law of a folder.",
)
@click.option("--law-as-of-then", is_flag=True, help="The same as --law then.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder of the result files.")
@click.option("--lang", type=click.Choice(["hi", "en"]), help="Default: HAQDAR_LANGUAGE or the terminal's.")
@needs_database
def command(
    month: str,
    known_on: datetime | None,
    law: str,
    law_as_of_then: bool,
    out: Path | None,
    lang: str | None,
) -> None:
    """Decide MONTH (for example 2016-10) once more with other knowledge, and list in rupees what comes out differently.

    Each person and group whose decision differs: decided then, decided now, the difference a month, which facts changed,
    from which delivered line and since when they are known. Totals by scheme, district and kind. Nothing is posted.

    \b
    Examples:
      ./haqdar replay 2016-10 --known-on 2017-03-31 --out replayed
      ./haqdar replay 2016-10 --law today
    """
    from django.conf import settings
    from django.utils import timezone

    from haqdar.base.month import Month
    from haqdar.jobs.replay import replay_month

    chosen = Month.parse(month)
    known = known_on.date() if known_on else timezone.localdate()
    which: Law = "then"
    if law == "today" and not law_as_of_then:
        which = "today"
    elif law != "then" and not law_as_of_then:
        which = Path(law)
    folder = out or settings.HAQDAR_HOME / "replays" / f"{month}-known-{known}"
    done = replay_month(chosen, folder, known, which)
    words = WORDS[lang or spoken()]
    run = done.run
    click.echo(
        words["against"].format(month=chosen, known=done.known_on, version=run.version, then=run.known_on)
    )
    everything = next(total for total in done.totals if total.of == "all")
    if not done.different:
        click.echo(words["same"].format(compared=group_indian(done.compared)))
    else:
        click.echo(
            words["different"].format(
                different=group_indian(done.different),
                compared=group_indian(done.compared),
                change=_signed(everything.difference_paise),
            )
        )
        click.echo(words["due"].format(due=_signed(everything.due_difference_paise or 0)))
        for of in ("kind", "why", "scheme", "district"):
            click.echo("")
            for total in (total for total in done.totals if total.of == of):
                click.echo(_line(total, words["line"], NAMES[lang or spoken()]))
    click.echo(words["files"].format(out=done.out))


def _line(total: Total, words: str, names: dict[str, str]) -> str:
    return "  " + words.format(
        name=names.get(total.name, total.name) or "–",
        persons=group_indian(total.persons),
        then=indian(total.then_paise),
        now=indian(total.now_paise),
        change=_signed(total.difference_paise),
    )


def _signed(paise: int) -> str:
    return f"+{indian(paise)}" if paise > 0 else indian(paise)
