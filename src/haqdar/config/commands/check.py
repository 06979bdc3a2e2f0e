"""`haqdar check`: what one resident is entitled to, and why."""

from __future__ import annotations

import json
from datetime import datetime

import click

from haqdar.config.cli_support import language as spoken
from haqdar.config.cli_support import needs_database, scheme_names

BEST = {"en": "best of its group", "hi": "अपने समूह में सबसे अच्छी"}
HEADING = {"en": "{name} · {day} (known on {known})", "hi": "{name} · {day} (तब की जानकारी: {known})"}
MARK = {True: "✔", False: "✘", None: "?"}


@click.command()
@click.argument("member")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The day to decide for (default: today).")
@click.option("--known-on", type=click.DateTime(["%Y-%m-%d"]), help="Use what was known on this day.")
@click.option(
    "--lang", type=click.Choice(["hi", "en", "both"]), help="Default: HAQDAR_LANGUAGE or the terminal's."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@needs_database
def command(
    member: str, on: datetime | None, known_on: datetime | None, lang: str | None, as_json: bool
) -> None:
    """Explain, criterion by criterion, what the resident with the nine-digit MEMBER id is entitled to.

    Every scheme is shown: ✔ entitled, ✘ not, ? cannot be decided; each criterion with the person's own value and limit.

    \b
    Example:
      ./haqdar check 100000017 --on 2016-10-01
    """
    from haqdar.access.actors import platform
    from haqdar.entitlement.explain import SchemeReasons
    from haqdar.entitlement.queries import check_member
    from haqdar.payments.words import month_name

    if not (member.isascii() and member.isdigit() and len(member) == 9):
        raise click.UsageError("MEMBER is the nine-digit member id, for example 100000017")
    check = check_member(
        platform("command line"),
        int(member),
        on.date() if on else None,
        known_on.date() if known_on else None,
    )

    def said(scheme: SchemeReasons) -> dict[str, object]:
        return {
            "scheme": scheme.code,
            "group": scheme.group,
            "verdict": scheme.verdict,
            "best": scheme.best,
            "paise": scheme.paise,
            "summary_en": scheme.summary.en,
            "summary_hi": scheme.summary.hi,
            "criteria": [
                {
                    "code": criterion.code,
                    "verdict": criterion.verdict,
                    "sentence_en": criterion.sentence.en,
                    "sentence_hi": criterion.sentence.hi,
                    "register_en": criterion.register.en,
                    "order_en": criterion.order.en,
                    "missing": list(criterion.missing),
                    "by_itself_on": criterion.by_itself_on and criterion.by_itself_on.isoformat(),
                }
                for criterion in scheme.criteria
            ],
        }

    if as_json:
        click.echo(
            json.dumps(
                {
                    "member_id": member,
                    "on": check.day.isoformat(),
                    "known_on": check.known_on.isoformat(),
                    "schemes": [said(scheme) for scheme in check.schemes],
                },
                ensure_ascii=False,
                indent=1,
            )
        )
        return
    languages = ("hi", "en") if lang == "both" else (lang or spoken(),)
    names = [scheme_names(check.day, language) for language in languages]
    for language in languages:
        name = check.name_hi or check.name_en if language == "hi" else check.name_en or check.name_hi
        days = {
            key: f"{day.day} {month_name(day, language)}"
            for key, day in (("day", check.day), ("known", check.known_on))
        }
        click.echo(HEADING[language].format(name=name, **days))
    for scheme in check.schemes:
        title = " · ".join(named.get(scheme.code, "") for named in names)
        best = f" – {' · '.join(BEST[language] for language in languages)}" if scheme.best else ""
        click.echo(f"\n{MARK[scheme.verdict]} {title} ({scheme.code}){best}")
        for language in languages:
            click.echo(f"  {getattr(scheme.summary, language)}")
        for criterion in scheme.criteria:
            for number, language in enumerate(languages):
                mark = MARK[criterion.verdict] if number == 0 else " "
                click.echo(f"    {mark} {getattr(criterion.sentence, language)}")
            if criterion.verdict is not True and criterion.change is not None:
                for language in languages:
                    click.echo(f"        → {getattr(criterion.change, language)}")
