"""Which figures may be published: nobody may be recognised by a small number, nor a hidden one be worked out from others.

A table has a row for each area and a column for each scheme (or state of a case); areas form a tree, every row is the sum of
the rows below it, and a row's total is the sum of its columns. Two rules hide cells (docs/decisions/0012):

- **Totals**: a total of 1 to 4 is hidden and shown as "<5". As a hidden total could be worked out from its parent and its
  neighbours, further totals are hidden ("kept") until every hidden one could have at least two values.
- **Columns**: a row in which any column has 1 to 4 shows its total only. Further rows are treated alike, until in each
  hidden row a person could be moved from one column to another, and back in another row, without any published number
  changing: then no hidden column can be worked out.

`tests/outcomes` proves both against an independent search for another table with the same published numbers.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

FEWEST = 5
"""Counts from 1 to below this are never shown."""

SHOWN, FEW, KEPT = "shown", "few", "kept"


@dataclass
class Row:
    """An area of the table: its total, its columns, and what of them may be shown."""

    code: str
    parent: str | None
    columns: dict[str, int] = field(default_factory=dict)
    total: int = 0
    state: str = SHOWN
    by_column: bool = True
    children: list[Row] = field(default_factory=list)
    low: float = 0
    high: float = 0

    @property
    def hidden(self) -> bool:
        """Whether the total may not be shown."""
        return self.state != SHOWN


def table(parents: Mapping[str, str | None], leaves: Mapping[str, Mapping[str, int]]) -> dict[str, Row]:
    """The rows of all areas above the leaves, summed, from the leaves' columns. `parents` leads to None at the root.

    Numbers that belong to an area itself and to none below it stand in a row of their own, named "<area>?".
    """
    above = set[str]()
    for code in leaves:
        up = parents.get(code)
        while up is not None and up not in above:
            above.add(up)
            up = parents.get(up)
    rows = {code: Row(code, parents.get(code)) for code in above}
    for code, columns in leaves.items():
        own, up = (f"{code}?", code) if code in above else (code, parents.get(code))
        rows[own] = Row(own, up, {name: count for name, count in columns.items() if count})
    for row in rows.values():
        if row.parent is not None:
            rows[row.parent].children.append(row)
    for row in upwards(rows.values()):
        for child in row.children:
            for name, count in child.columns.items():
                row.columns[name] = row.columns.get(name, 0) + count
        row.total = sum(row.columns.values())
    return rows


def upwards(rows: Iterable[Row]) -> list[Row]:
    """The rows of the trees so that each stands behind those below it."""
    order = [row for row in rows if row.parent is None]
    for row in order:
        order.extend(row.children)
    return order[::-1]


def protect(rows: Mapping[str, Row]) -> None:
    """Decide what may be shown of every row; sets `state` and `by_column`."""
    order = upwards(rows.values())
    for row in order:
        _protect_totals(row)
    for row in order:
        _protect_columns(row)


# -- totals --------------------------------------------------------------------------------------------------------


def _protect_totals(row: Row) -> None:
    """Settle the totals of the row's children; the row itself is hidden when that is the only way to protect them."""
    if 0 < row.total < FEWEST:
        row.state = FEW
    elif not _protected(row):
        for other in _to_give_up(row, lambda child: not child.hidden):
            _hide(other)
            if _protected(row):
                break
        else:
            row.state = KEPT
    _bound(row)


def _protected(row: Row) -> bool:
    """Whether each hidden child of a row that is shown could have two values at least.

    What the shown ones leave to the hidden must lie truly between the least and the most that they can be together.
    """
    hidden = [child for child in row.children if child.hidden]
    if not hidden:
        return True
    left = sum(child.total for child in hidden)
    return len(hidden) > 1 and sum(child.low for child in hidden) < left < sum(child.high for child in hidden)


def _to_give_up(row: Row, may: Callable[[Row], bool]) -> list[Row]:
    """The children that could be hidden besides, those that lose least first; nothing is gained by hiding a zero."""
    return sorted(
        (child for child in row.children if child.total and may(child)),
        key=lambda child: (child.total, child.code),
    )


def _hide(row: Row) -> None:
    """Hide a total, and below it as much as keeps it from being added up."""
    row.state = KEPT
    if row.children and not any(child.hidden for child in row.children):
        _hide(_to_give_up(row, lambda child: True)[0])
    _bound(row)


def _bound(row: Row) -> None:
    """Between which values a reader must believe a hidden total to lie, from its sign and from the rows below it."""
    if not row.hidden:
        return
    row.low, row.high = 1, FEWEST - 1 if row.state == FEW else math.inf
    if row.children:
        hidden = [child for child in row.children if child.hidden]
        shown = sum(child.total for child in row.children if not child.hidden)
        low, high = shown + sum(child.low for child in hidden), shown + sum(child.high for child in hidden)
        if row.state == FEW and max(row.low, low) >= min(row.high, high):
            # "<5" beside what stands below would say which number it is
            row.state, row.high = KEPT, math.inf
        row.low, row.high = max(row.low, low), min(row.high, high)


# -- columns -------------------------------------------------------------------------------------------------------


def _protect_columns(row: Row) -> None:
    """Settle which of the row's children show their columns; the row itself gives them up when that is the only way."""
    small = any(0 < count < FEWEST for count in row.columns.values())
    if row.hidden or small:
        row.by_column = False
    elif not _movable(row):
        for other in _to_give_up(row, lambda child: child.by_column):
            _give_up_columns(other)
            if _movable(row):
                break
        else:
            row.by_column = False


def _give_up_columns(row: Row) -> None:
    row.by_column = False
    if row.children and all(child.by_column or not child.total for child in row.children):
        _give_up_columns(_to_give_up(row, lambda child: child.by_column)[0])


@dataclass
class _Leaves:
    """The leaves below a row whose columns are hidden: how many have anybody in a column, and in another than it."""

    having: Counter[str]
    beside: Counter[str]


def _hidden_leaves(row: Row, columns: Iterable[str]) -> _Leaves:
    if not row.children:
        having = Counter(row.columns.keys())
        beside = Counter(name for name in columns if any(other != name for other in row.columns))
        return _Leaves(having, beside)
    found = _Leaves(Counter(), Counter())
    for child in row.children:
        if not child.by_column and child.total:
            below = _hidden_leaves(child, columns)
            found.having.update(below.having)
            found.beside.update(below.beside)
    return found


def _movable(row: Row) -> bool:
    """Whether in every hidden row below a row that shows its columns a person could stand in another column.

    Somebody of the row moves to another column and somebody of another hidden row moves back: no sum changes.
    """
    whole = _hidden_leaves(row, row.columns)
    return _all_movable(row, whole, row.columns)


def _all_movable(row: Row, whole: _Leaves, columns: Iterable[str]) -> bool:
    for child in row.children:
        if child.by_column or not child.total:
            continue
        own = _hidden_leaves(child, columns)
        for name in child.columns:
            out = own.having[name] and whole.beside[name] > own.beside[name]
            into = own.beside[name] and whole.having[name] > own.having[name]
            if not (out or into):
                return False
        if not _all_movable(child, whole, columns):
            return False
    return True
