"""`haqdar permissions`: the table of who may do what, as docs/permissions.md holds it."""

import click


@click.command()
def command() -> None:
    """Print the permission table: every verb, who may do it, whether it asks for a second factor, which pages use it.

    \b
    Example:
      ./haqdar permissions > docs/permissions.md
    """
    from haqdar.web.permissions import permissions_markdown

    click.echo(permissions_markdown(), nl=False)
