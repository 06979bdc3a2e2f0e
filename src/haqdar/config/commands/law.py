"""haqdar law: check the State's law, run its examples, show what is in force, print the SQL it becomes."""

from datetime import date
from pathlib import Path

import click

from haqdar.base.money import indian
from haqdar.base.refusal import Refusal
from haqdar.config import cli_support
from haqdar.config.commands import law_diff, law_enact, law_explain, law_proof
from haqdar.config.commands.law_options import law_folder, law_option, on_option, say, the_day
from haqdar.entitlement import law_checks, law_examples
from haqdar.entitlement.compile import determination_sql, verdict_long_sql
from haqdar.law import LawInForce, Text, day_text, load_lawbook
from haqdar.law.services import missing_years


class LawHasProblems(Refusal):
    """`haqdar law check` found something."""

    code = "law_has_problems"
    en = "The law in {folder} has {count} problem(s); nothing is decided with it until they are mended."
    hi = "{folder} के कानून में {count} गड़बड़ी है; ठीक होने तक इससे कोई फ़ैसला नहीं होगा।"


class ExamplesDisagree(Refusal):
    """`haqdar law test` found examples that the law does not give."""

    code = "examples_disagree"
    en = "{count} of {total} examples disagree with the law: mend the law, or the example if the law is meant so."
    hi = "{total} में से {count} उदाहरण कानून से नहीं मिलते: कानून सुधारें, या कानून ठीक हो तो उदाहरण।"


@click.group(name="law")
def command() -> None:
    """Check the law files, run their examples, show what is in force.

    \b
    The law is data: law/<state>/schemes/*.yaml. After changing it:
      haqdar law check      says with file and line what is wrong
      haqdar law test       runs the examples an officer has written
      haqdar law show       lists schemes, amounts and conditions in force
      haqdar law explain    says in words what one scheme gives to whom
      haqdar law vocabulary prints the facts that a test may speak of
      haqdar law diff       says in words what a proposal or a later date changes
      haqdar law cover      lists what of the law no example shows
      haqdar law mutants    breaks the law in small ways and lists what no example notices
    How to write law: docs/law-writing.md
    """


@command.command()
@law_option
def check(folder: Path | None) -> None:
    """Say with file and line everything that is wrong with the law."""
    path = law_folder(folder)
    problems = law_checks.check_law(path)
    problems = sorted([*problems, *law_checks.check_services(path)])
    for problem in problems:
        click.echo(problem.sentence(cli_support.language()))
    if problems:
        raise LawHasProblems(folder=path, count=len(problems))
    book = load_lawbook(path)
    for warning in (*law_checks.ending_values(book, date.today()), *missing_years(path, date.today())):
        click.echo(warning.sentence(cli_support.language()))
    say(
        Text(
            f"The law of {book.name.en} is sound: {len(book.drafts)} schemes, in force from {book.change_days[0]}, "
            f"version {book.hash[:12]}.",
            f"{book.name.hi} का कानून ठीक है: {len(book.drafts)} योजनाएँ, {book.change_days[0]} से लागू, "
            f"संस्करण {book.hash[:12]}।",
        )
    )


@command.command()
@law_option
@click.option("--verbose", "-v", is_flag=True, help="List the examples that agree, too.")
def test(folder: Path | None, verbose: bool) -> None:
    """Run the golden examples in examples/*.yaml."""
    results = law_examples.run_examples(law_folder(folder))
    for result in results:
        if not result.agrees:
            click.echo(f"✘ {result.name.in_language(cli_support.language())}  ({result.file}:{result.line})")
            for difference in result.differences:
                click.echo(f"    {difference.in_language(cli_support.language())}")
        elif verbose:
            click.echo(f"✔ {result.name.in_language(cli_support.language())}")
    bad = sum(not result.agrees for result in results)
    if bad:
        raise ExamplesDisagree(count=bad, total=len(results))
    say(Text(f"All {len(results)} examples agree.", f"सभी {len(results)} उदाहरण मिलते हैं।"))


@command.command()
@law_option
@on_option
@click.argument("scheme", required=False)
def show(folder: Path | None, day: str | None, scheme: str | None) -> None:
    """List the schemes in force on a day with amounts and conditions."""
    law = load_lawbook(law_folder(folder)).on(the_day(day))
    language = cli_support.language()
    until = day_text(law.day_until).in_language(language) if law.day_until is not None else "…"
    click.echo(f"{day_text(law.day_from).in_language(language)} – {until}")
    for entry in (law.scheme(scheme.upper()),) if scheme else law.all_schemes:
        click.echo(f"\n{entry.rank}. {entry.code}: {entry.name.in_language(language)}")
        click.echo(f"   {entry.group}. {law.groups[entry.group].in_language(language)}")
        for band in entry.bands:
            parts = " + ".join(
                f"{indian(paise)} {law.components[name].in_language(language)}"
                for name, paise in band.components
            )
            click.echo(f"   {indian(band.paise)}  {band.sql or ''}  ({parts})")
        for criterion in entry.criteria:
            click.echo(f"   - {criterion.code}: {criterion.test.text}")
            click.echo(f"     {criterion.order.in_language(language)} ({criterion.since})")


@command.command()
@law_option
@on_option
@click.option("--long", "long_form", is_flag=True, help="The statement that lists only what is possible.")
@click.argument("scheme", required=False)
def sql(folder: Path | None, day: str | None, long_form: bool, scheme: str | None) -> None:
    """Print the SQL that the law becomes, whole or for one scheme."""
    law = load_lawbook(law_folder(folder)).on(the_day(day))
    if scheme:
        law = _only(law, scheme.upper())
    click.echo(verdict_long_sql(law, "facts") if long_form else determination_sql(law, "facts"))


def _only(law: LawInForce, code: str) -> LawInForce:
    from dataclasses import replace

    return replace(law, schemes=(law.scheme(code),))


command.add_command(law_explain.explain)
command.add_command(law_diff.diff)
command.add_command(law_enact.command)
command.add_command(law_proof.cover)
command.add_command(law_proof.mutants)
command.add_command(law_explain.vocabulary)
