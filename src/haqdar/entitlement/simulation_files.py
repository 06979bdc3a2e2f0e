"""A simulation as files: one JSON with everything, one CSV for each table, amounts in rupees, totals last."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from haqdar.base.files import atomic_write
from haqdar.base.money import rupees

SMALL = 5
"""In what is published no count of persons from 1 to below this is shown."""

Result = Mapping[str, object]
Row = dict[str, object]

KEYS = {
    "district": ("district",),
    "sex": ("sex",),
    "age_band": ("age_band",),
    "category": ("category",),
    "place": ("place",),
    "cross": ("sex", "age_band", "category"),
    "schemes": ("scheme",),
    "moves": ("pension_group", "from_scheme", "to_scheme"),
    "paid": ("scheme",),
}
"""The tables of a simulation with the columns that name their rows."""


def tables_of(result: Result) -> dict[str, list[Row]]:
    """The tables of a simulation result by name."""
    by = result["by"]
    assert isinstance(by, dict)
    found = {**by, **{name: result[name] for name in ("cross", "schemes", "moves", "paid")}}
    return {name: list(rows) for name, rows in found.items()}


def csv_rows(result: Result, name: str) -> tuple[list[str], Iterable[list[object]]]:
    """Header and rows of one table, amounts in rupees, the total as last row."""
    rows = tables_of(result)[name]
    keys = KEYS[name]
    totals = result["totals"]
    assert isinstance(totals, dict)
    measures = [key for key in rows[0] if key not in keys] if rows else list(totals)
    header = [*keys, *(key.replace("paise", "rupees") for key in measures)]

    def shown(row: Mapping[str, object]) -> list[object]:
        return [_written(key, row.get(key)) for key in measures]

    if name in result["by"] or name == "cross":  # type: ignore[operator]
        total: Mapping[str, object] = totals
    else:
        total = {key: _sum(row[key] for row in rows) for key in measures}
    lines = [[*(row[key] for key in keys), *shown(row)] for row in rows]
    return header, [*lines, ["total", *[""] * (len(keys) - 1), *shown(total)]]


def write_files(result: Result, folder: Path) -> list[Path]:
    """Write simulation.json and a CSV for each table into `folder`; each file appears whole."""
    written = []
    for name in KEYS:
        path = folder / f"{name}.csv"
        header, lines = csv_rows(result, name)
        with atomic_write(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(lines)
        written.append(path)
    path = folder / "simulation.json"
    with atomic_write(path) as temporary:
        temporary.write_text(
            json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
    return [path, *written]


def published(result: Result, least: int = SMALL) -> dict[str, object]:
    """The simulation as it may be published: rows in which some count of persons is small lose their numbers.

    Where one row alone of a table would lose them, so that the total gives it away, the next smallest goes with it.
    A table of moves or of the cross is cut in the same way, each by itself.
    """
    hidden = {name: _hidden(name, rows, least) for name, rows in tables_of(result).items()}
    plain = dict(result)
    by = result["by"]
    assert isinstance(by, dict)
    plain["by"] = {name: hidden[name] for name in by}
    return plain | {name: hidden[name] for name in ("cross", "schemes", "moves", "paid")} | {"small": least}


def _hidden(name: str, rows: list[Row], least: int) -> list[Row]:
    keys = KEYS[name]
    small = [
        any(_is_small(key, value, least) for key, value in row.items() if key not in keys) for row in rows
    ]
    if small.count(True) == 1 and len(rows) > 1:
        others = [place for place, is_small in enumerate(small) if not is_small]
        size = "residents" if "residents" in rows[0] else next(k for k in rows[0] if k not in keys)
        small[min(others, key=lambda place: int(str(rows[place][size] or 0)))] = True
    return [
        {key: value if key in keys else None for key, value in row.items()} if is_small else row
        for row, is_small in zip(rows, small, strict=True)
    ]


def _is_small(key: str, value: object, least: int) -> bool:
    return "paise" not in key and isinstance(value, int) and 0 < value < least


def _written(key: str, value: object) -> object:
    if value is None:
        return ""
    return rupees(int(str(value))) if "paise" in key else value


def _sum(values: Iterable[object]) -> int:
    return sum(value for value in values if isinstance(value, int))
