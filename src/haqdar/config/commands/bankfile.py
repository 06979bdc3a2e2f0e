"""`haqdar bankfile`: make, release, hand over and list payment files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.config.cli_support import needs_database

if TYPE_CHECKING:
    from haqdar.access.actors import Actor
    from haqdar.payments.models import PaymentFile


class NoSuchUser(WrongUsage):
    """A file is made and released by people, not by the machine."""

    code = "no_such_user"
    en = "There is no account {user}. Name with --by the officer of the State who does it; another one must release a file."
    hi = "{user} नाम का कोई खाता नहीं है। --by से राज्य के उस अधिकारी का नाम दें जो यह कर रहा है; फ़ाइल कोई दूसरा जारी करेगा।"


class OnlyAtTheDesk(Refusal):
    """A release needs the releasing person's own second factor."""

    code = "only_at_the_desk"
    en = "In production a file is released at the desk only, by an officer with a second factor. What was released is handed over by: ./haqdar bankfile send."
    hi = "वास्तविक काम में फ़ाइल केवल डेस्क पर, दूसरे प्रमाण वाला अधिकारी जारी करता है। जारी हुई फ़ाइलें सौंपने के लिए: ./haqdar bankfile send।"


@click.group()
def command() -> None:
    """Payment files for the bank: made by one person, released by another, then handed over sealed and signed."""


BY = click.option("--by", required=True, metavar="USER", help="The officer who does it.")


@command.command()
@click.argument("month")
@click.option(
    "--profile", metavar="CODE", help="A profile of files other than the law's, for example iso-pain001."
)
@BY
@needs_database
def make(month: str, profile: str | None, by: str) -> None:
    """Put everything of the closed month MONTH that may go out now into files.

    \b
    Example:
      ./haqdar bankfile make 2016-10 --by state
    """
    from haqdar.base.month import Month
    from haqdar.payments.rails import files

    made = files.make(officer(by), Month.parse(month), profile)
    for file in made:
        say(file)
    if not made:
        click.echo(
            "Nothing can go out now: what is payable is in files already, held, or on bills not yet passed."
        )


@command.command()
@click.argument("names", nargs=-1, required=True)
@BY
@needs_database
def release(names: tuple[str, ...], by: str) -> None:
    """Release the files NAMES and hand them over; for demonstrations: in production this is done at the desk.

    Envelope and signature appear in the folder hand-over of the data folder.

    \b
    Example:
      ./haqdar bankfile release ACH-CR-DEMO-DEMO0000001-01102016-000001-INP.txt --by state2
    """
    from django.conf import settings

    from haqdar.payments.models import PaymentFile
    from haqdar.payments.rails import files

    if settings.PRODUCTION:
        raise OnlyAtTheDesk()
    actor = officer(by)
    for name in names:
        found = PaymentFile.objects.filter(name=name).first()
        if found is None:
            raise files.NoSuchFile()
        files.release(actor, found.key)
        say(files.send(actor, found.key))


@command.command()
@needs_database
def send() -> None:
    """Hand over what was released and is not handed over yet, and finish what a stopped process left."""
    from haqdar.access.actors import platform
    from haqdar.payments.rails import files

    for file in files.send_released(platform("command line")):
        say(file)


@command.command("list")
@click.argument("month", required=False)
@needs_database
def list_files(month: str | None) -> None:
    """List the payment files, of MONTH or of all."""
    from haqdar.access.actors import platform
    from haqdar.base.month import Month
    from haqdar.payments.rails.reading import all_files

    found = all_files(platform("command line"), Month.parse(month) if month else None)
    for file in found:
        say(file)
    if not found:
        click.echo("There are no payment files yet.")


def officer(username: str) -> Actor:
    """Who acts: the named officer, with the rights of the postings of today."""
    from haqdar.access.queries import account_named, actor_of

    user = account_named(username)
    if user is None:
        raise NoSuchUser(user=username)
    return actor_of(user, None)


def say(file: PaymentFile) -> None:
    """One line about a file."""
    from haqdar.base.money import group_indian, indian
    from haqdar.payments.rails.files import STATES

    click.echo(
        f"{file.name}  {group_indian(file.items)} credits  {indian(file.paise)}  {STATES[file.state].en}"
    )
