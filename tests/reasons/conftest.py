"""The village with its October decided early and the later deliveries loaded."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    """A data folder of the test's own, for snapshots, records and laws; the database stays where it is."""
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    return Path(settings.HAQDAR_HOME)


@pytest.fixture
def village(transactional_db: None, home: Path, tmp_path: Path) -> Path:
    """October is decided on the early knowledge; then the death, the certificate and the corrected birth date arrive."""
    from datetime import date

    from tests.reasons.village import FIRST, LATER, decide_october, load

    load(FIRST, date(2016, 1, 10), tmp_path / "first")
    decide_october(tmp_path)
    load(LATER, date(2016, 11, 20), tmp_path / "later")
    return tmp_path
