"""`haqdar law diff`: two versions of the law as an officer would read them."""

import io
import subprocess
import tarfile
import tempfile
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import click

from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.config.commands.law_options import (
    both_languages_option,
    languages,
    law_folder,
    law_option,
    the_day,
)
from haqdar.law import LawBook, Text, day_text, load_lawbook
from haqdar.law.differences import Difference, differences, stretches_that_differ


class NoSuchVersion(Refusal):
    """The name stands for no law."""

    code = "no_such_version"
    en = (
        "'{name}' is no version of the law: name a law folder, a proposal of {folder}/proposals, "
        "'law' for the law as it stands, or git:REVISION."
    )
    hi = (
        "'{name}' कानून का कोई रूप नहीं है: कानून का फ़ोल्डर, {folder}/proposals का प्रस्ताव, मौजूदा कानून के लिए 'law', "
        "या git:REVISION लिखें।"
    )


class NothingToCompare(WrongUsage):
    """Versions or dates were given that do not go together."""

    code = "nothing_to_compare"
    en = "Name one or two versions (haqdar law diff widow-500), or two dates of one law (--from DATE --to DATE)."
    hi = "एक या दो रूप लिखें (haqdar law diff widow-500), या एक ही कानून की दो तारीखें (--from DATE --to DATE)।"


@click.command()
@law_option
@click.option(
    "--on", "day", metavar="DATE", help="Compare this day only; default: every day from which they differ."
)
@click.option("--from", "first", metavar="DATE", help="The earlier day of one law.")
@click.option("--to", "last", metavar="DATE", help="The later day of one law.")
@both_languages_option
@click.argument("versions", nargs=-1, metavar="[OLD] [NEW]")
def diff(
    folder: Path | None,
    day: str | None,
    first: str | None,
    last: str | None,
    lang: str,
    versions: tuple[str, ...],
) -> None:
    """Say what NEW changes in OLD, or what one law changes between two days.

    \b
    A version is a law folder, the name of a proposal, `law` for the law as it stands (what OLD is
    unless you say otherwise), or git:REVISION. Nothing equal is mentioned; each change names its order.
      haqdar law diff widow-500
      haqdar law diff git:HEAD~5 law
      haqdar law diff --from 2016-10-01 --to 2026-01-01
    """
    path = law_folder(folder)
    with ExitStack() as stack:
        if first is not None or last is not None:
            if len(versions) > 1 or day is not None or first is None or last is None:
                raise NothingToCompare
            book = _version(versions[0] if versions else "law", path, stack)
            days = the_day(first), the_day(last)
            found = differences(book, book, *days)
            changes = [(days[1], found)] if found else []
        else:
            if not 1 <= len(versions) <= 2:
                raise NothingToCompare
            names = versions if len(versions) == 2 else ("law", *versions)
            old, new = (_version(name, path, stack) for name in names)
            if day is None:
                changes = [(since, found) for since, found in stretches_that_differ(old, new)]
            else:
                on = the_day(day)
                found = differences(old, new, on, on)
                changes = [(on, found)] if found else []
    for place, language in enumerate(languages(lang)):
        if place:
            click.echo("")
        _print(changes, language, from_day=day is None and first is None)


def _print(changes: list[tuple[date, list[Difference]]], language: str, from_day: bool) -> None:
    if not changes:
        click.echo(Text("Nothing differs.", "कोई फ़र्क नहीं है।").in_language(language))
    for since, found in changes:
        when = day_text(since)
        if from_day:
            title = Text(f"From {when.en}", f"{when.hi} से")
        else:
            title = Text(f"On {when.en}", f"{when.hi} को")
        click.echo(title.in_language(language))
        if not found:
            click.echo(Text("  Nothing differs any more.", "  अब कोई फ़र्क नहीं रहता।").in_language(language))
        heading: str | None = ""
        for difference, following in zip(found, [*found[1:], None], strict=True):
            if difference.scheme != heading:
                heading = difference.scheme
                whole = Text("The State's own rules", "राज्य के अपने नियम")
                click.echo(f"  {heading or whole.in_language(language)}")
            click.echo(f"    - {difference.sentence.in_language(language)}")
            same = following is not None and _under(following) == _under(difference)
            if difference.order is not None and difference.since is not None and not same:
                dated = day_text(difference.since)
                order = Text(
                    f"Order of {dated.en}: {difference.order.en}", f"{dated.hi} का आदेश: {difference.order.hi}"
                )
                click.echo(f"      {order.in_language(language)}")


def _under(difference: Difference) -> tuple[object, ...]:
    """What one order line stands for: neighbours of one scheme under the same order."""
    return difference.scheme, difference.order, difference.since


def _version(name: str, folder: Path, stack: ExitStack) -> LawBook:
    if name == "law":
        return load_lawbook(folder)
    if name.startswith("git:"):
        return load_lawbook(_of_revision(name, folder, stack))
    if (Path(name) / "state.yaml").is_file():
        return load_lawbook(Path(name))
    for overlay in (folder / "proposals" / name, Path(name)):
        if (overlay / "proposal.yaml").is_file():
            return load_lawbook(folder, overlay)
    raise NoSuchVersion(name=name, folder=folder)


def _of_revision(name: str, folder: Path, stack: ExitStack) -> Path:
    """The law folder as a revision of its git repository holds it, in a folder that goes away with `stack`."""
    git = ["git", "-C", str(folder)]
    asked = name.removeprefix("git:")
    try:
        commit = subprocess.run(
            [*git, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{asked}^{{commit}}"],
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        packed = subprocess.run([*git, "archive", commit, "."], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        raise NoSuchVersion(name=name, folder=folder) from None
    target = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="haqdar-law-")))
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
    return target
