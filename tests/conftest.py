"""The test suite's own database server and browser; see `tests.home` for the data folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright
from psycopg.conninfo import make_conninfo
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
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            for extension in database.EXTENSIONS:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(database_server: None) -> None:
    """Have the server running before the test database is created."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Point connections of our own (COPY, ADBC) to the test database too."""
    chosen = settings.DATABASES["default"]
    settings.HAQDAR_DSN = make_conninfo(host=chosen["HOST"], dbname=chosen["NAME"], user=chosen["USER"])


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
