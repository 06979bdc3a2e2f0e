"""Fixed-width record layouts, read from data and versioned by date."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


class NoLayoutInForce(LookupError):
    """No version of the layout holds on the day; the message names layout and day."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: `first` counts from 1; `kind` is text, number or blank; `value` is fixed or None."""

    name: str
    first: int
    length: int
    kind: str
    value: str | None = None

    def cut(self, line: str) -> str:
        """The field's characters in `line`, padding removed on the right."""
        return line[self.first - 1 : self.first - 1 + self.length].rstrip(" ")

    def padded(self, value: str) -> str:
        """`value` in exactly the field's width; raises ValueError where a value does not fit or is not plain ASCII."""
        if not value.isascii() or not value.isprintable():
            raise ValueError(f"{self.name} {value!r} holds characters a bank file cannot carry")
        if self.kind == "number" and not value.isdigit():
            raise ValueError(f"{self.name} {value!r} is no number")
        filled = value.rjust(self.length, "0") if self.kind == "number" else value.ljust(self.length)
        if len(filled) != self.length:
            raise ValueError(f"{self.name} {value!r} is longer than {self.length} characters")
        return filled


@dataclass(frozen=True, slots=True)
class Layout:
    """A file of one header and many details, every record `width` characters wide."""

    name: str
    width: int
    header: tuple[Field, ...]
    detail: tuple[Field, ...]

    def header_line(self, values: Mapping[str, str]) -> str:
        """The header record; raises KeyError for a missing value, ValueError for one that does not fit."""
        return "".join(fixed(field, values) for field in self.header)


def fixed(field: Field, values: Mapping[str, str]) -> str:
    """The padded text of a field that is blank, has a fixed value or is named in `values`."""
    if field.kind == "blank":
        return " " * field.length
    return field.padded(values[field.name] if field.value is None else field.value)


@cache
def layout(name: str, day: date) -> Layout:
    """The layout `layouts/<name>.yaml` as it holds on `day`; raises NoLayoutInForce, or ValueError for a bad file."""
    text = (files("haqdar.payments") / "layouts" / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    versions = [version for version in data["versions"] if version["from"] <= day]
    if not versions:
        raise NoLayoutInForce(f"no version of the layout {name} holds on {day}")
    version = max(versions, key=lambda version: version["from"])
    records = [tuple(Field(**field) for field in version[record]) for record in ("header", "detail")]
    for record in records:
        _check(record, int(data["width"]), name)
    return Layout(data["name"], int(data["width"]), *records)


def _check(record: tuple[Field, ...], width: int, name: str) -> None:
    position = 1
    for field in record:
        if field.first != position:
            raise ValueError(f"layout {name}: {field.name} begins at {field.first} instead of {position}")
        position += field.length
    if position != width + 1:
        raise ValueError(f"layout {name}: a record is {position - 1} characters wide instead of {width}")
