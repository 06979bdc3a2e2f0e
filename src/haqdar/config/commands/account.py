"""`haqdar account`: create an employee's account and post it to a function and an area."""

from datetime import datetime

import click

from haqdar.access.kinds import ROLES
from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(ROLES), help="The function of the posting.")
@click.option("--area", required=True, metavar="CODE", help="The area of the posting, an area_code.")
@click.option("--name-en", required=True, metavar="TEXT", help="Name of the office or person in English.")
@click.option("--name-hi", default="", metavar="TEXT", help="The same in Hindi.")
@click.option("--from", "from_on", type=click.DateTime(["%Y-%m-%d"]), help="First day (default: today).")
@needs_database
def command(
    username: str, role: str, area: str, name_en: str, name_hi: str, from_on: datetime | None
) -> None:
    """Create the account USERNAME, or post an existing one, and ask for its password.

    The first account of an installation is made this way; the password is asked for twice and never shown. An
    existing account keeps its password.

    \b
    Example:
      ./haqdar account meena.verma --role state --area S23 --name-en "State pension cell"
    """
    from django.core.exceptions import ValidationError
    from django.utils import timezone

    from haqdar.access.actions import create_account, post
    from haqdar.access.actors import platform
    from haqdar.access.queries import account_named

    actor = platform("command line")
    user = account_named(username)
    if user is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        try:
            user = create_account(actor, username, password, name_en, name_hi)
        except ValidationError as error:
            raise click.UsageError(" ".join(error.messages)) from error
    post(actor, user, role, area, from_on.date() if from_on else timezone.localdate())
    click.echo(f"{user.username} may log in as {role} of {area}.")
