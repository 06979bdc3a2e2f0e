"""Fixtures of the page tests: a small State in the database, and clients logged in as each function.

Models are imported inside the fixtures: this file is read before the apps are loaded.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture(scope="session", autouse=True)
def built_assets() -> None:
    """Translations and style sheet as a set-up leaves them."""
    from haqdar.web import assets

    assets.compile_translations()


@pytest.fixture
def state(db: None, small_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The small State with its log-ins; gives the keys of its people and families."""
    return small_state()


@pytest.fixture
def client_of(state: dict[str, Any]) -> Callable[..., Client]:
    """A client logged in as a demonstration account, in English unless told otherwise; the second factor is shown already."""

    def make(username: str, language: str = "en", *, second_factor: bool = True) -> Client:
        from haqdar.access.models import User

        client = Client()
        client.force_login(User.objects.get(username=username))
        client.cookies["haqdar_language"] = language
        if second_factor:
            session = client.session
            session["second_factor"] = {"at": "2026-01-01T00:00:00+00:00", "kind": "totp"}
            session.save()
        return client

    return make
