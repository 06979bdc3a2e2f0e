"""`haqdar law cover` and `haqdar law mutants`: do the examples hold the law in place?"""

from itertools import groupby
from pathlib import Path

import click

from haqdar.base.refusal import Refusal
from haqdar.config import cli_support
from haqdar.config.commands.law_options import known_scheme, law_folder, law_option, say
from haqdar.entitlement import law_cover, law_mutants
from haqdar.law import Text


class CoverTooLow(Refusal):
    """`haqdar law cover --fail-under` found less than was asked for."""

    code = "cover_too_low"
    en = "The examples show {found} % of the law, less than {asked} %: add examples for what is missing."
    hi = "उदाहरणों में कानून का {found} % हिस्सा आता है, {asked} % से कम: जो छूटा है उसके उदाहरण जोड़ें।"


class MutantsSurvive(Refusal):
    """`haqdar law mutants` found mistakes that no example notices."""

    code = "mutants_survive"
    en = "{count} mistake(s) would go unnoticed: add an example for each, then run it again."
    hi = "{count} गलती पकड़ में नहीं आएगी: हर एक के लिए उदाहरण जोड़ें, फिर चलाएँ।"


@click.command()
@law_option
@click.option("--fail-under", type=click.FloatRange(0, 100), help="End with status 1 below this percentage.")
@click.option("--verbose", "-v", is_flag=True, help="List what is seen, too, with the example that shows it.")
@click.argument("scheme", required=False)
def cover(folder: Path | None, fail_under: float | None, verbose: bool, scheme: str | None) -> None:
    """Say what of the law the examples exercise, and list what they miss.

    \b
    Asked for: each condition met, alone failing, and not known; each amount; both sides of each number;
    each reason; each combination within a condition; each pair of schemes that one person can meet.
      haqdar law cover
      haqdar law cover KANYA -v
      haqdar law cover --fail-under 100
    """
    language = cli_support.language()
    scheme = known_scheme(law_folder(folder), scheme)
    items = law_cover.cover(law_folder(folder))
    if scheme is not None:
        items = [item for item in items if item.scheme == scheme]
    everybody = Text("every scheme", "हर योजना").in_language(language)
    for code, group in groupby(
        sorted(items, key=lambda item: item.scheme or ""), key=lambda item: item.scheme
    ):
        mine = list(group)
        seen = sum(item.seen_in is not None for item in mine)
        click.echo(f"{code or everybody}: {seen}/{len(mine)}")
        for item in mine:
            what = item.what.in_language(language)
            if item.seen_in is None:
                click.echo(f"  ✘ {item.file}:{item.line}: {what}")
            elif verbose:
                click.echo(f"  ✔ {what} — {item.seen_in.in_language(language)}")
    share = law_cover.per_cent(items)
    shown = f"{share:.1f}".removesuffix(".0")
    say(
        Text(
            f"{shown} % of {len(items)} things are shown by an example.",
            f"{len(items)} बातों में से {shown} % किसी उदाहरण में आती हैं।",
        )
    )
    if fail_under is not None and share < fail_under:
        raise CoverTooLow(found=shown, asked=f"{fail_under:g}")


@click.command()
@law_option
@click.option("--verbose", "-v", is_flag=True, help="List every mistake with the example that notices it.")
@click.argument("scheme", required=False)
def mutants(folder: Path | None, verbose: bool, scheme: str | None) -> None:
    """Break the law in every small way and say which mistakes no example would notice.

    \b
    Each condition is left out, turned round, its numbers moved by one, 'and' and 'or' exchanged, words of
    lists replaced, the husband left out of account; amounts are moved by a rupee, orders exchanged.
    A mistake that changes nobody's entitlement is not counted.
      haqdar law mutants
      haqdar law mutants KANYA -v
    """
    language = cli_support.language()
    found = law_mutants.run_mutants(law_folder(folder), known_scheme(law_folder(folder), scheme))
    for mutant in found:
        place = f"{mutant.file}:{mutant.line}"
        what = f"{mutant.where.in_language(language)}: {mutant.what.in_language(language)}"
        if mutant.survives:
            unnoticed = Text("no example notices", "किसी उदाहरण से पकड़ में नहीं आती")
            click.echo(f"✘ {place}: {what} — {unnoticed.in_language(language)}")
        elif verbose and mutant.killer is not None:
            click.echo(f"✔ {place}: {what} — {mutant.killer.in_language(language)}")
        elif verbose:
            same = Text("changes nobody's entitlement", "किसी का हक़ नहीं बदलता")
            click.echo(f"= {place}: {what} — {same.in_language(language)}")
    surviving = sum(mutant.survives for mutant in found)
    equal = sum(mutant.equal for mutant in found)
    if surviving:
        raise MutantsSurvive(count=surviving)
    say(
        Text(
            f"{len(found)} mistakes tried: {len(found) - equal} are noticed by an example, {equal} change nobody's "
            "entitlement.",
            f"{len(found)} गलतियाँ आज़माईं: {len(found) - equal} किसी उदाहरण से पकड़ में आती हैं, {equal} से किसी का हक़ नहीं बदलता।",
        )
    )
