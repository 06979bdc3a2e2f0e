"""The law under test: the State's own folder, and copies of it that a test may spoil."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from haqdar.law import LawInForce, load_lawbook

FOLDER = Path(__file__).resolve().parents[2] / "law" / "mp"


@pytest.fixture(scope="session")
def folder() -> Path:
    """law/mp as it stands."""
    return FOLDER


@pytest.fixture(scope="session")
def law() -> LawInForce:
    """The law in force on 1 October 2016."""
    return load_lawbook(FOLDER).on(date(2016, 10, 1))


@pytest.fixture
def spoilt(tmp_path: Path) -> Callable[..., Path]:
    """A copy of law/mp in which one text of one file is replaced: spoilt("schemes/ignwps.yaml", old, new)."""
    copy = tmp_path / "mp"
    shutil.copytree(FOLDER, copy)

    def spoil(file: str, old: str, new: str) -> Path:
        path = copy / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} does not stand in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return copy

    return spoil
