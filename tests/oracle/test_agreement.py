"""The product agrees with the oracle, row by row, on random States (a handful of seeds, in process)."""

import importlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .compare import LoadFolder, RunMonth, compare_case
from .states import make_case

CASES = [(1, False), (4, False), (14, False), (1, True), (4, True), (19, True)]


def _product(module: str, name: str) -> Any:
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        pytest.skip(f"{module}.{name} is not there yet")


@pytest.fixture
def load_folder() -> LoadFolder:
    """Loads a delivery folder into an empty test database and writes rejections.csv to a folder."""
    function = _product("haqdar.registry.actions", "load_folder")

    def load(folder: Path, delivered_on: date, out: Path) -> object:
        return function(folder, delivered_on, out)

    return load


@pytest.fixture
def run_month() -> RunMonth:
    """Runs a month and writes its files to a folder."""
    function = _product("haqdar.jobs.month", "run_month")

    def run(month: str, out: Path, known_on: date | None, all_rows: bool) -> object:
        return function(month, out, known_on=known_on, all_rows=all_rows)

    return run


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("seed", "dirty"), CASES)
def test_the_product_gives_the_rows_of_the_oracle(
    seed: int, dirty: bool, load_folder: LoadFolder, run_month: RunMonth, tmp_path: Path
) -> None:
    found = compare_case(make_case(seed, dirty), load_folder, run_month, tmp_path)
    assert not found, "\n".join(f"{one}\n{one.facts}" for one in found[:5])
