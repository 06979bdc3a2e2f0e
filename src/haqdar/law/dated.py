"""Values that hold from a date on: `{2012-04-01: 40, 2017-04-01: 35}`; null ends a value."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from haqdar.law.reading import Node, Problems, as_date

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """Values by the first day on which each holds, earliest first; None means that nothing holds from then."""

    values: tuple[tuple[date, T | None, Node], ...]

    def at(self, day: date) -> T | None:
        """The value in force on `day`."""
        found: T | None = None
        for since, value, _ in self.values:
            if since > day:
                break
            found = value
        return found

    def since(self, day: date) -> date | None:
        """From when the value in force on `day` holds."""
        dates = [since for since, _, _ in self.values if since <= day]
        return dates[-1] if dates else None

    @property
    def dates(self) -> tuple[date, ...]:
        """All dates on which the value changes."""
        return tuple(since for since, _, _ in self.values)

    @property
    def changes(self) -> list[tuple[date, Node]]:
        """The dates with the place of each in its file."""
        return [(since, node) for since, _, node in self.values]


def dated_of(
    node: Node, start: date, convert: Callable[[Node], T | None], problems: Problems, what: str
) -> Dated[T]:
    """A dated value: a mapping whose keys are all dates, or one undated value that holds from `start`."""
    pairs = list(node.pairs())
    looks_dated = bool(pairs) and all(as_date(node, key) is not None for key, _ in pairs)
    if not looks_dated:
        if any(as_date(node, key) is not None for key, _ in pairs):
            problems.add(
                node,
                f"{what} mixes dates (YYYY-MM-DD) with other keys",
                f"{what} में तारीखों (YYYY-MM-DD) के साथ दूसरी कुंजियाँ मिली हैं",
            )
            return Dated(())
        return Dated(((start, convert(node), node),))
    found: list[tuple[date, T | None, Node]] = []
    for key, value in pairs:
        since = as_date(node, key)
        assert since is not None
        found.append((since, None if value.is_null else convert(value), node.keys[key]))
    return Dated(tuple(sorted(found, key=lambda entry: entry[0])))
