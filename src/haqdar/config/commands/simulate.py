"""`haqdar simulate`: try a proposal of changed law on everybody."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from haqdar.base.money import group_indian, indian
from haqdar.config import cli_support

_WORDS = {
    "en": {
        "tried": "{title}\nTried for {month} with what was known on {known}. {residents} residents, {cells} distinct lives.",
        "before": "Proposal laid over the law as if it held on that day; it is meant to hold from {from_on}.",
        "gainers": "gain",
        "newly_entitled": "  of them newly entitled",
        "losers": "lose",
        "lose_all": "  of them everything",
        "unchanged": "unchanged",
        "other_scheme": "  of them in another scheme",
        "undecided_after": "cannot be decided",
        "entitled": "Entitled now and then",
        "cost": "Cost a month, if everybody entitled is served",
        "year": "A year more (less)",
        "most": "At most, if every undecided person proves entitled",
        "paid": "Paid now to {persons} pensions: {paise} a month; their holders would be entitled to {after}",
        "holders": "Of those who hold a pension now: {gain} gain, {lose} lose",
        "scheme": "scheme",
        "persons": "persons now -> then",
        "amount": "a month now -> then",
        "files": "Files in {out}",
        "kept": "The page shows it as simulation {number}.",
    },
    "hi": {
        "tried": "{title}\n{month} के लिए आँका गया, {known} तक की जानकारी से। {residents} निवासी, {cells} अलग-अलग स्थितियाँ।",
        "before": "प्रस्ताव को उस दिन लागू मानकर आँका गया; उसे {from_on} से लागू होना है।",
        "gainers": "को फ़ायदा",
        "newly_entitled": "  इनमें पहली बार हक़दार",
        "losers": "को नुक़सान",
        "lose_all": "  इनमें सब कुछ जाएगा",
        "unchanged": "का कुछ नहीं बदलता",
        "other_scheme": "  इनमें दूसरी योजना में",
        "undecided_after": "का फ़ैसला नहीं हो सकता",
        "entitled": "हक़दार, अभी और तब",
        "cost": "महीने का ख़र्च, अगर हर हक़दार को मिले",
        "year": "साल का बढ़ना (घटना)",
        "most": "ज़्यादा से ज़्यादा, अगर हर अनिश्चित व्यक्ति हक़दार निकले",
        "paid": "अभी {persons} पेंशनें: {paise} महीना; इन लोगों का हक़ {after} होगा",
        "holders": "जिन्हें अभी पेंशन मिलती है उनमें: {gain} को फ़ायदा, {lose} को नुक़सान",
        "scheme": "योजना",
        "persons": "लोग, अभी -> तब",
        "amount": "महीना, अभी -> तब",
        "files": "फ़ाइलें {out} में",
        "kept": "पन्ने पर यह आकलन {number} है।",
    },
}


@click.command()
@click.argument("name")
@click.option(
    "--month", default=None, metavar="YYYY-MM", help="Month to try it on; default: the month it would begin."
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a snapshot; default: the registers as known today.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the files; default: in the data folder.",
)
@click.option(
    "--years", type=click.IntRange(0, 30), default=0, help="Look so many years ahead, too (see forecast)."
)
@click.option("--public", is_flag=True, help="For publication: hide rows with very small counts.")
def command(
    name: str, month: str | None, snapshot: Path | None, out: Path | None, years: int, public: bool
) -> None:
    """Try the proposal NAME (a folder law/<state>/proposals/NAME/) on every resident.

    Decides everybody under the law in force and under the law as the proposal would make it, and says who gains, who
    loses, what it costs, by district, sex, age, social category, place and scheme. Nothing is changed by it. A proposal
    with a mistake is not tried. Writes simulation.json, a CSV for each table, and a report page in each language.

    \b
    Examples:
      ./haqdar simulate widow-500
      ./haqdar simulate widow-500 --month 2016-10 --out report --public
    How to write a proposal: docs/simulation.md
    """
    from django.conf import settings

    from haqdar.base.month import Month
    from haqdar.entitlement.simulation_files import published, write_files
    from haqdar.jobs.simulations import COMMAND_LINE, keep, simulate_proposal
    from haqdar.web.desk.simulation_pages import write_reports

    chosen = Month.parse(month) if month else None
    with cli_support.database_ready() if snapshot is None else nullcontext():
        people = None
        if snapshot is None:
            # who is touched is for officers with the right to see persons: it stays in the data folder
            home = settings.HAQDAR_HOME / "simulations"
            home.mkdir(parents=True, exist_ok=True)
            people = Path(tempfile.mkdtemp(prefix=".people-", dir=home))
        try:
            finished = simulate_proposal(name, chosen, snapshot, years, people)
            folder = out or settings.HAQDAR_HOME / "simulations" / f"{name}-{finished.month}"
            folder.mkdir(parents=True, exist_ok=True)
            result = published(finished.result) if public else finished.result
            write_files(result, folder)
            write_reports(result, folder, with_names=snapshot is None)
            number = keep(finished, COMMAND_LINE, people) if snapshot is None else None
        finally:
            if people is not None:
                shutil.rmtree(people, ignore_errors=True)
    _say(finished.result, folder, number)


def _say(result: dict[str, Any], out: Path, number: int | None) -> None:
    language = cli_support.language()
    words = _WORDS[language]
    totals, proposal = result["totals"], result["proposal"]
    click.echo(
        words["tried"].format(
            title=proposal["title"][language],
            month=result["month"],
            known=result["known_on"],
            residents=group_indian(totals["residents"]),
            cells=group_indian(result["cells"]),
        )
    )
    if proposal["tried_from"] != proposal["from"]:
        click.echo(words["before"].format(from_on=proposal["from"]))
    click.echo()
    for key in (
        "gainers",
        "newly_entitled",
        "losers",
        "lose_all",
        "unchanged",
        "other_scheme",
        "undecided_after",
    ):
        click.echo(f"{group_indian(totals[key]):>14}  {words[key]}")
    click.echo()
    before, after = totals["paise_before"], totals["paise_after"]
    click.echo(
        f"{words['entitled']}: {group_indian(totals['entitled_before'])} -> {group_indian(totals['entitled_after'])}"
    )
    click.echo(f"{words['cost']}: {indian(before)} -> {indian(after)}")
    click.echo(f"{words['year']}: {indian(12 * (after - before))}")
    click.echo(
        f"{words['most']}: {indian(totals['most_paise_before'])} -> {indian(totals['most_paise_after'])}"
    )
    paid = result["paid"]
    click.echo(
        words["paid"].format(
            persons=group_indian(sum(row["persons"] for row in paid)),
            paise=indian(sum(row["paise"] for row in paid)),
            after=indian(totals["holders_paise_after"]),
        )
    )
    click.echo(
        words["holders"].format(
            gain=group_indian(totals["holders_gain"]), lose=group_indian(totals["holders_lose"])
        )
    )
    click.echo(f"\n{words['scheme']:<14} {words['persons']:>28} {words['amount']:>34}")
    for row in result["schemes"]:
        persons = f"{group_indian(row['entitled_before'])} -> {group_indian(row['entitled_after'])}"
        amount = f"{indian(row['paise_before'])} -> {indian(row['paise_after'])}"
        click.echo(f"{row['scheme']:<14} {persons:>28} {amount:>34}")
    click.echo("\n" + words["files"].format(out=out))
    if number is not None:
        click.echo(words["kept"].format(number=number))
