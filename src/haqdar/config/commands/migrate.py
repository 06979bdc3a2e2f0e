"""`haqdar migrate`: bring the database's tables to the newest state."""

import click

from haqdar.config.cli_support import database_ready, migrate_if_needed


@click.command()
def command() -> None:
    """Bring the database's tables to the newest state.

    Every other command does this by itself when it starts; run it alone after an update when several
    processes are about to start at once.
    """
    with database_ready(migrate=False):
        from django.conf import settings

        from haqdar.config import database

        database.prepare(settings.HAQDAR_DSN)
        click.echo(
            "The tables were brought up to date." if migrate_if_needed() else "The tables are up to date."
        )
