"""Trials put the data folder elsewhere; afterwards it is where it was."""

from collections.abc import Iterator

import pytest
from django.conf import settings


@pytest.fixture(scope="module", autouse=True)
def own_data_folder() -> Iterator[None]:
    """Put the data folder back after each module."""
    before = settings.HAQDAR_HOME
    yield
    settings.HAQDAR_HOME = before
