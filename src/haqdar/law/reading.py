"""YAML with the line of every value, so that a problem can be shown where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from haqdar.law.problems import Problem

# libyaml where the wheel has it: ten times faster than the Python parser
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Problems:
    """Collects problems while a law is read, so that one run shows them all."""

    found: list[Problem] = field(default_factory=list)

    def add(self, at: "Node", en: str, hi: str) -> None:
        """Notes a problem at a node."""
        problem = Problem(at.file, at.line, en, hi)
        if problem not in self.found:
            self.found.append(problem)


class Node:
    """One value of a YAML file: a text, a list, or a mapping of texts to nodes, with file and line.

    Numbers, dates and booleans stay texts here; the asking side says what it expects.
    """

    __slots__ = ("file", "items", "keys", "line", "quoted", "text", "values")

    def __init__(self, file: str, line: int) -> None:
        self.file = file
        self.line = line
        self.text: str | None = None
        self.quoted = False
        self.items: list[Node] | None = None
        self.values: dict[str, Node] | None = None
        self.keys: dict[str, Node] = {}

    @property
    def is_null(self) -> bool:
        """Nothing, `null` or `~` stands there."""
        return self.text is not None and not self.quoted and self.text in ("", "~", "null")

    def get(self, key: str) -> "Node | None":
        """The value of `key`; None where this is no mapping or lacks the key."""
        return self.values.get(key) if self.values is not None else None

    def pairs(self) -> Iterator[tuple[str, "Node"]]:
        """Keys and values in file order; nothing where this is no mapping."""
        yield from (self.values or {}).items()

    def merged(self, other: "Node") -> "Node":
        """This node overlaid by `other`: mappings merge key by key, anything else is replaced."""
        if self.values is None or other.values is None:
            return other
        result = Node(self.file, self.line)
        result.values = dict(self.values)
        result.keys = {**self.keys, **other.keys}
        for key, value in other.values.items():
            mine = self.values.get(key)
            result.values[key] = value if mine is None else mine.merged(value)
        return result

    def plain(self) -> object:
        """The node as plain Python texts, lists and dicts."""
        if self.values is not None:
            return {key: value.plain() for key, value in self.values.items()}
        if self.items is not None:
            return [item.plain() for item in self.items]
        return None if self.is_null else self.text


def read(path: Path, name: str, problems: Problems) -> Node:
    """The YAML file at `path`, called `name` in messages; a broken file gives an empty node and a problem."""
    empty = Node(name, 1)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        problems.add(empty, f"cannot be read: {error.strerror}", f"फ़ाइल पढ़ी नहीं जा सकी: {error.strerror}")
        return empty
    except UnicodeDecodeError:
        problems.add(empty, "is not UTF-8 text", "यह UTF-8 में लिखी फ़ाइल नहीं है")
        return empty
    return read_text(text, name, problems)


def read_text(text: str, name: str, problems: Problems) -> Node:
    """Like `read`, from a text."""
    empty = Node(name, 1)
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        empty.line = mark.line + 1 if mark is not None else 1
        said = getattr(error, "problem", None) or "unreadable"
        problems.add(empty, f"is not valid YAML: {said}", f"YAML ठीक नहीं लिखा है: {said}")
        return Node(name, 1)
    return empty if root is None else _convert(root, name, problems)


def _convert(node: yaml.Node, name: str, problems: Problems) -> Node:
    result = Node(name, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        result.text = node.value
        result.quoted = bool(node.style)
    elif isinstance(node, yaml.SequenceNode):
        result.items = [_convert(item, name, problems) for item in node.value]
    elif isinstance(node, yaml.MappingNode):
        result.values = {}
        for key_node, value_node in node.value:
            key = _convert(key_node, name, problems)
            if key.text is None:
                problems.add(key, "a key must be a single word or date", "कुंजी एक शब्द या तारीख होनी चाहिए")
            elif key.text in result.values:
                problems.add(key, f"'{key.text}' stands here twice", f"'{key.text}' यहाँ दो बार लिखा है")
            else:
                result.values[key.text] = _convert(value_node, name, problems)
                result.keys[key.text] = key
    return result


def as_date(node: Node, text: str | None = None) -> date | None:
    """The ISO date in a node (or in a key's text); None where it is none."""
    try:
        return date.fromisoformat(text if text is not None else node.text or "")
    except ValueError:
        return None
