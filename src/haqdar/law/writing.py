"""Writing dated values into the text of a law file without touching its comments and its layout.

Only what is said to change is rewritten; every other character stays. Places are found by the YAML parser, never by
searching text. Whoever edits law with this must read the result again and compare it (`entitlement.enact` does).
"""

import json
import re
from dataclasses import dataclass, field
from datetime import date

import yaml

from haqdar.law.reading import Node, as_date

_PLAIN = re.compile(r"[^\s,\[\]{}#&*!|>'\"%@`:?-][^,\[\]{}#:]*(:[^\s,\[\]{}#:][^,\[\]{}#:]*)*")


def in_flow(node: Node) -> str:
    """A node as YAML on one line.

    >>> from haqdar.law.reading import Problems, read_text
    >>> in_flow(read_text("- {pay: 500, when: 'age >= :old'}", "x", Problems()))
    '[{pay: 500, when: "age >= :old"}]'
    """
    if node.values is not None:
        return "{" + ", ".join(f"{key}: {in_flow(value)}" for key, value in node.pairs()) + "}"
    if node.items is not None:
        return "[" + ", ".join(in_flow(item) for item in node.items) + "]"
    return _scalar(node)


def _scalar(node: Node) -> str:
    text = node.text or ""
    if node.is_null:
        return "null"
    if not node.quoted and _PLAIN.fullmatch(text) and text == text.strip():
        return text
    if not node.quoted and re.fullmatch(r"-?[0-9][0-9.\-]*", text):
        return text
    return json.dumps(text, ensure_ascii=False)


@dataclass(slots=True)
class Editor:
    """The text of one law file and the edits to be made in it; `start` is the first day of its undated values."""

    text: str
    start: str
    _edits: list[tuple[int, int, str]] = field(default_factory=list)

    def add_dated(self, path: tuple[str, ...], day: date, value: Node) -> None:
        """Let the value at `path` be `value` from `day` on; an undated value becomes the one from `start`."""
        parent, found = self._at(path[:-1]), self._at(path)
        if found is None:
            self._add(parent, path, f"{{{day}: {in_flow(value)}}}")
        elif isinstance(found, yaml.MappingNode) and _is_dated(found):
            same = next((pair for pair in found.value if pair[0].value == day.isoformat()), None)
            if same is not None:
                self._replace(same[1], in_flow(value))
            else:
                self._append(found, str(day), value)
        else:
            self._date(found, day, value, inside_flow=self._inside_flow(path))

    def set(self, path: tuple[str, ...], value: Node) -> None:
        """Let the value at `path` be `value`, whatever the day; a missing key is added."""
        found = self._at(path)
        if found is None:
            self._add(self._at(path[:-1]), path, in_flow(value))
        else:
            self._replace(found, in_flow(value))

    def done(self) -> str:
        """The text with all edits made."""
        text = self.text
        for begin, end, new in sorted(self._edits, key=lambda edit: (edit[0], edit[1]), reverse=True):
            text = text[:begin] + new + text[end:]
        return text

    def _at(self, path: tuple[str, ...]) -> yaml.Node | None:
        node: yaml.Node | None = yaml.compose(self.text, Loader=yaml.SafeLoader)
        for key in path:
            if not isinstance(node, yaml.MappingNode):
                return None
            node = next((value for name, value in node.value if name.value == key), None)
        return node

    def _inside_flow(self, path: tuple[str, ...]) -> bool:
        return any(
            isinstance(node, yaml.CollectionNode) and bool(node.flow_style)
            for node in (self._at(path[:depth]) for depth in range(len(path)))
        )

    def _replace(self, node: yaml.Node, new: str) -> None:
        begin, end = node.start_mark.index, _end(node)
        line = self.text.rfind("\n", 0, begin) + 1
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            # a block begins on its own line; what replaces it stands behind its key
            key_end = len(self.text[:line].rstrip())
            self._edits.append((key_end, end, f" {new}"))
        else:
            self._edits.append((begin, end, new))

    def _append(self, node: yaml.MappingNode, key: str, value: Node) -> None:
        """Add a key at the end of a mapping that is there, in its own style."""
        if node.flow_style:
            place = _end(node) - 1
            self._edits.append((place, place, f"{', ' if node.value else ''}{key}: {in_flow(value)}"))
            return
        indent = " " * node.start_mark.column
        place = self.text.find("\n", _end(node))
        place = len(self.text) if place < 0 else place
        self._edits.append((place, place, "\n" + _entry(indent, key, value)))

    def _add(self, parent: yaml.Node | None, path: tuple[str, ...], flow: str) -> None:
        """Add a missing key under its parent; missing parents are made at the end of the file."""
        if not isinstance(parent, yaml.MappingNode):
            made = f"{path[-1]}: {flow}"
            self._add(self._at(path[:-2]), path[:-1], f"{{{made}}}")
        elif parent.flow_style:
            place = _end(parent) - 1
            self._edits.append((place, place, f"{', ' if parent.value else ''}{path[-1]}: {flow}"))
        else:
            indent = " " * parent.start_mark.column
            place = self.text.find("\n", _end(parent))
            place = len(self.text) if place < 0 else place
            self._edits.append((place, place, f"\n{indent}{path[-1]}: {flow}"))

    def _date(self, node: yaml.Node, day: date, value: Node, *, inside_flow: bool) -> None:
        """Turn an undated value into one from `start` and one from `day`."""
        begin, end = node.start_mark.index, _end(node)
        old = self.text[begin:end]
        line = self.text.rfind("\n", 0, begin) + 1
        if isinstance(node, yaml.CollectionNode) and not node.flow_style:
            margin = " " * node.start_mark.column
            kept = "\n".join(
                f"  {part}" if part.strip() else part for part in self.text[line:end].split("\n")
            )
            self._edits.append(
                (line, end, f"{margin}{self.start}:\n{kept}\n{_entry(margin, str(day), value)}")
            )
        elif inside_flow:
            self._edits.append(
                (begin, end, f"{{{self.start}: {_quoted(node, old)}, {day}: {in_flow(value)}}}")
            )
        else:
            key_indent = len(self.text[line:begin]) - len(self.text[line:begin].lstrip())
            margin = " " * (key_indent + 2)
            lead = len(self.text[:begin].rstrip(" "))
            self._edits.append(
                (lead, end, f"\n{margin}{self.start}: {old}\n{_entry(margin, str(day), value)}")
            )


def _entry(indent: str, key: str, value: Node) -> str:
    """`key: value` in a block; a list of amounts stands one to a line, as people write it."""
    if value.items:
        lines = [f"{indent}{key}:", *(f"{indent}  - {in_flow(item)}" for item in value.items)]
        return "\n".join(lines)
    if value.values and all(entry.text is not None for entry in value.values.values()):
        lines = [f"{indent}{key}:", *(f"{indent}  {name}: {in_flow(entry)}" for name, entry in value.pairs())]
        return "\n".join(lines)
    return f"{indent}{key}: {in_flow(value)}"


def _quoted(node: yaml.Node, old: str) -> str:
    """An old scalar as it may stand between braces."""
    if isinstance(node, yaml.ScalarNode) and node.style is None and not _PLAIN.fullmatch(old):
        return json.dumps(old, ensure_ascii=False) if not re.fullmatch(r"-?[0-9.]+", old) else old
    return old


def _end(node: yaml.Node) -> int:
    """The index behind a node's last character (a block's own end mark lies behind the comments that follow it)."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _is_dated(node: yaml.MappingNode) -> bool:
    empty = Node("", 0)
    return bool(node.value) and all(as_date(empty, key.value) is not None for key, _ in node.value)
