"""The test suite's own database server and browser; see `tests.home` for the data folder."""

import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.test import TransactionTestCase
from playwright.sync_api import Browser, sync_playwright
from psycopg.conninfo import make_conninfo
from tests import tables
from tests.home import HOME, KEPT

from haqdar.config import database

# Loads the settings, which tells pytest-django to set the apps up before tests are collected.
assert settings.HAQDAR_HOME == HOME
# The production's hash takes a quarter of a second on purpose, once for each of hundreds of demonstration log-ins.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", default="", help="folder that journeys write their screenshots to")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not KEPT:
        shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(scope="session")
def database_server() -> Iterator[None]:
    """The embedded server of the test suite; tests need no crash safety, so it does not wait for the disk."""
    with database.server(HOME):
        cluster = database.Cluster(HOME)
        with psycopg.connect(cluster.administrator("template1"), autocommit=True) as connection:
            # nor does it tidy up beside the tests: rows come in the order in which a test wrote them
            for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            for extension in database.EXTENSIONS:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None) -> None:
    """Have the server running before the test database is created."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Point connections of our own (COPY, ADBC) to the test database too, and have its tables emptied quickly."""
    chosen = settings.DATABASES["default"]
    settings.HAQDAR_DSN = make_conninfo(host=chosen["HOST"], dbname=chosen["NAME"], user=chosen["USER"])
    tables.set_up(database.Cluster(HOME).administrator(chosen["NAME"]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: tables.empty())
        yield


@pytest.fixture(scope="session")
def small_state(django_db_setup: None, django_db_blocker: Any) -> Callable[[], dict[str, Any]]:
    """Puts the small State with its log-ins into the empty database; gives the keys of what tests look at."""
    from django.utils import timezone
    from tests.web import small_state

    from haqdar.access.actors import acting, platform

    def fill() -> dict[str, Any]:
        keys = small_state.fill()
        small_state.people()
        return keys

    with django_db_blocker.unblock():
        filled_on = timezone.localdate()
        kept = fill()
        tables.keep("small State")
        tables.empty()

    def put_back() -> dict[str, Any]:
        if timezone.localdate() != filled_on:  # the clock stands elsewhere, or midnight passed
            return fill()
        # who filled it is named for the rest of the transaction, as after filling it
        with acting(platform("test"), "test"):
            tables.put_back("small State")
        small_state.write_touched(kept["simulation"], kept["touched"])
        return deepcopy(kept)

    return put_back


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, headless."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Folder for screenshots when --screenshots was given, else None."""
    chosen = request.config.getoption("--screenshots")
    if not chosen:
        return None
    folder = Path(chosen)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
