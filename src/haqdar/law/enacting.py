"""A proposal turned into dated law: which files change, and how their text reads afterwards."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from haqdar.law.problems import LawRefused
from haqdar.law.proposals import DATED_KEYS, OPEN_KEYS, Overlay, overlay_of, proposal_hash
from haqdar.law.reading import Node, Problems, read, read_text
from haqdar.law.texts import Text, text_of
from haqdar.law.writing import Editor


@dataclass(frozen=True, slots=True)
class Enacted:
    """What enacting writes: the new text of each file by its path below the law folder; `moved` are the proposal's files.

    The proposal's folder goes to `enacted/`, its examples to `examples/`.
    """

    files: dict[str, str]
    moved: dict[str, str]


def enacted(law: Path, name: str, from_on: date, order: Text) -> Enacted:
    """The law with the proposal written into it from `from_on`, under `order`; nothing is written to disk.

    Raises `LawRefused` where the proposal cannot be read.
    """
    problems = Problems()
    overlay = overlay_of(law / "proposals" / name, from_on, problems)
    if overlay is None or problems.found:
        raise LawRefused(problems.found)
    files: dict[str, str] = {}
    if overlay.state is not None:
        files["state.yaml"] = _state(law, overlay, order, problems)
    by_code = {}
    for file in sorted((law / "schemes").glob("*.yaml")):
        code = read(file, file.name, problems).get("code")
        by_code[code.text if code is not None else ""] = file
    for code_text, changes in overlay.schemes.items():
        if code_text in by_code:
            file = by_code[code_text]
            files[f"schemes/{file.name}"] = _scheme(file, changes, overlay.from_on, order)
        else:
            source = _source_of(law / "proposals" / name, changes)
            files[f"schemes/{code_text.lower()}.yaml"] = _new_scheme(source, changes, from_on, order)
    if problems.found:
        raise LawRefused(problems.found)
    archive = f"enacted/{from_on}-{name}"
    moved = {}
    folder = law / "proposals" / name
    for file in sorted(folder.rglob("*.yaml")):
        inside = file.relative_to(folder)
        moved[f"proposals/{name}/{inside}"] = f"{archive}/{inside}"
        if inside.parts[0] == "examples":
            # each proposal has its own name, so its examples cannot fall on others
            files[f"examples/{name}-{inside.name}"] = file.read_text(encoding="utf-8")
    files[f"{archive}/enacted.yaml"] = (
        f"# What was approved and written into the law; proposal {proposal_hash(folder)}\n"
        f"from: {from_on}\norder: {{en: {_json(order.en)}, hi: {_json(order.hi)}}}\n"
    )
    return Enacted(files, moved)


def _scheme(file: Path, changes: Node, day: date, order: Text) -> str:
    text = file.read_text(encoding="utf-8")
    node = read(file, file.name, Problems())
    start = _start(node)
    editor = Editor(text, start)
    for key, value in changes.pairs():
        if key in DATED_KEYS:
            editor.add_dated((key,), day, value)
        elif key in OPEN_KEYS:
            editor.set((key,), value)
        elif key == "parameters":
            for name, entry in value.pairs():
                editor = _step(editor)
                editor.add_dated((key, name), day, entry)
        elif key == "criteria":
            for code, entry in value.pairs():
                editor = _criterion(editor, node, code, entry, day)
        elif key == "ends":
            editor.set(("holds",), _flow({"from": start, "until": (day - timedelta(days=1)).isoformat()}))
        editor = _step(editor)
    return _with_source(editor, day, order)


def _criterion(editor: Editor, scheme: Node, code: str, entry: Node, day: date) -> Editor:
    criteria = scheme.get("criteria")
    mine = criteria.get(code) if criteria is not None else None
    if mine is None:
        fresh = Node(entry.file, entry.line)
        fresh.values = dict(entry.values or {})
        fresh.keys = dict(entry.keys)
        test = entry.get("test")
        if test is not None:
            fresh.values["test"] = _dated(day, test)
        editor.set(("criteria", code), fresh)
        return _step(editor)
    if entry.is_null:
        editor.add_dated(("criteria", code, "test"), day, entry)
        return _step(editor)
    for key, value in entry.pairs():
        if key == "test":
            editor.add_dated(("criteria", code, key), day, value)
        else:
            editor.set(("criteria", code, key), value)
        editor = _step(editor)
    return editor


def _state(law: Path, overlay: Overlay, order: Text, problems: Problems) -> str:
    file = law / "state.yaml"
    node = read(file, "state.yaml", problems)
    editor = Editor(file.read_text(encoding="utf-8"), _start(node))
    dated = False
    assert overlay.state is not None
    for key, value in overlay.state.pairs():
        if key in ("groups", "components"):
            for name, entry in value.pairs():
                editor.set((key, name), entry)
                editor = _step(editor)
        elif key == "heads":
            heads = node.get("heads")
            versions = (
                [()]
                if heads is None or heads.get("schemes") is not None
                else [(k,) for k, _ in heads.pairs()]
            )
            for version in versions:
                for code, entry in (value.get("schemes") or value).pairs():
                    editor.set(("heads", *version, "schemes", code), entry)
                    editor = _step(editor)
        else:
            editor.add_dated((key,), overlay.from_on, value)
            editor = _step(editor)
            dated = True
    return _with_source(editor, overlay.from_on, order) if dated else editor.done()


def _new_scheme(file: Path, node: Node, day: date, order: Text) -> str:
    """A new scheme's own text, with the day it holds from and the order."""
    editor = Editor(file.read_text(encoding="utf-8"), str(day))
    if node.get("holds") is None:
        editor.set(("holds",), _flow({"from": str(day)}))
        editor = _step(editor)
    return _with_source(editor, day, order)


def _with_source(editor: Editor, day: date, order: Text) -> str:
    """The text with the order named; an order that stands there for the same day already is kept before it."""
    given = read_text(editor.text, "", Problems()).get("source")
    there = given.get(str(day)) if given is not None else None
    if there is not None:
        already = text_of(there, there, "the order", Problems())
        order = Text(f"{already.en}; {order.en}", f"{already.hi}; {order.hi}")
    editor.set(("source", str(day)), _flow({"en": order.en, "hi": order.hi}, quoted=True))
    text = editor.done()
    return text if text.endswith("\n") else text + "\n"


def _step(editor: Editor) -> Editor:
    """Edits are made one by one, so that each finds its place in what the one before left."""
    return Editor(editor.done(), editor.start)


def _source_of(folder: Path, node: Node) -> Path:
    return folder / "schemes" / Path(node.file).name


def _start(root: Node) -> str:
    holds = root.get("holds")
    start = holds.get("from") if holds is not None else None
    return (start.text or "") if start is not None else ""


def _dated(day: date, value: Node) -> Node:
    result = Node(value.file, value.line)
    result.values, result.keys = {str(day): value}, {str(day): value}
    return result


def _flow(values: dict[str, str], quoted: bool = False) -> Node:
    result = Node("", 0)
    result.values = {}
    for key, text in values.items():
        entry = Node("", 0)
        entry.text, entry.quoted = text, quoted
        result.values[key] = result.keys[key] = entry
    return result


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
