"""What every command of the command line needs: Django, a database that is up and migrated, sentences for errors."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def start_django() -> None:
    """Load settings and apps; raises a refusal when a setting is wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")
    import django

    django.setup()


def language() -> str:
    """Language of the command line's sentences: HAQDAR_LANGUAGE, else the terminal's."""
    chosen = os.environ.get("HAQDAR_LANGUAGE", "").strip()
    if chosen in ("hi", "en"):
        return chosen
    terminal = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "hi" if terminal.startswith("hi") else "en"


def scheme_names(on: date, language: str) -> dict[str, str]:
    """Scheme code -> name by the law of a day; raises `NoLawInForce` before the law begins."""
    from django.conf import settings

    from haqdar.law import load_lawbook

    law = load_lawbook(settings.HAQDAR_LAW).on(on)
    return {scheme.code: scheme.name.in_language(language) for scheme in law.all_schemes}


@contextmanager
def database_ready(migrate: bool = True) -> Iterator[Callable[[], bool]]:
    """Have the database answering and migrated while the body runs.

    Gives a function that starts a crashed embedded server again (see `database.server`).
    """
    start_django()
    from django.conf import settings
    from django.db import connections

    from haqdar.config import database

    with database.server(settings.HAQDAR_HOME, os.environ.get("DATABASE_URL", "").strip()) as revive:
        if migrate:
            database.prepare(settings.HAQDAR_DSN)
            migrate_if_needed()
        try:
            yield revive
        finally:
            connections.close_all()


def migrate_if_needed() -> bool:
    """Bring the tables to the newest state; True when there was something to do."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    # Django renders thousands of model classes on the way; looking for garbage after each few of them takes a fifth of the time
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        call_command("migrate", interactive=False, verbosity=0)
    finally:
        gc.set_threshold(*usual)
    return True


def needs_database(function: Callable[P, R]) -> Callable[P, R]:
    """Run the command with the database up and migrated; put it directly above the function.

    @click.command()
    @click.argument("directory")
    @needs_database
    def command(directory): ...
    """

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        with database_ready():
            return function(*args, **kwargs)

    return wrapped
