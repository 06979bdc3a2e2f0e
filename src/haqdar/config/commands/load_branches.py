"""`haqdar load-branches`: take over the list of bank branches."""

from pathlib import Path

import click

from haqdar.config.cli_support import needs_database


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@needs_database
def command(file: Path | None) -> None:
    """Take over the list of bank branches in FILE (CSV with a column IFSC), or the one that came with the platform.

    The whole list: branches that are not on it any more are kept as gone. Accounts at unknown branches are shown to the local
    offices; nobody's money is held back by it.
    """
    from haqdar.access.actors import platform
    from haqdar.payments.accounts.branches import PACKAGED, load_branches

    done = load_branches(platform("command line"), file or PACKAGED)
    click.echo(f"{done.branches:,} branches: {done.new:,} new, {done.gone:,} gone.")
