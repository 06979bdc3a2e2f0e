"""Every English message of templates and code has its Hindi sentence, and no sentence waits for a message that is gone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation.template import templatize

from haqdar.base.refusal import Refusal
from haqdar.web.assets import read_po

SOURCE = Path(__file__).resolve().parents[2] / "src" / "haqdar"
CATALOG = SOURCE / "web" / "locale" / "hi" / "LC_MESSAGES" / "django.po"
CALLS = {
    "_": 0,
    "gettext": 0,
    "gettext_lazy": 0,
    "gettext_noop": 0,
    "ngettext": 0,
    "ngettext_lazy": 0,
    "pgettext": 1,
    "pgettext_lazy": 1,
}
# A templatized page is no Python; its calls are written by Django in one form only.
CALL = re.compile(
    r"""\b(_|n?p?gettext)\(\s*u?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')(?:,\s*u?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'))?"""
)


def messages() -> Iterator[tuple[str, str]]:
    """(message with its context, place) of everything that asks for a translation."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in CALLS and len(node.args) > CALLS[name]:
                    parts = [
                        arg.value for arg in node.args[: CALLS[name] + 1] if isinstance(arg, ast.Constant)
                    ]
                    if len(parts) == CALLS[name] + 1 and all(isinstance(part, str) for part in parts):
                        yield "\x04".join(parts), f"{path.relative_to(SOURCE)}:{node.lineno}"
    for path in sorted(SOURCE.rglob("templates/**/*.*")):
        if path.suffix not in (".html", ".txt", ".svg"):
            continue
        for line, text in enumerate(templatize(path.read_text(encoding="utf-8")).splitlines(), 1):
            for name, first, second in CALL.findall(text):
                parts = [ast.literal_eval(first)] + ([ast.literal_eval(second)] if "p" in name[:2] else [])
                yield "\x04".join(parts), f"{path.relative_to(SOURCE)}:{line}"


def test_every_message_is_translated() -> None:
    known = read_po(CATALOG)
    missing = {message: place for message, place in messages() if message not in known}
    assert missing == {}


def test_no_message_is_left_over() -> None:
    assert set(read_po(CATALOG)) - {""} - {message for message, _ in messages()} == set()


def test_the_catalog_has_no_fuzzy_or_empty_message() -> None:
    text = CATALOG.read_text(encoding="utf-8")
    assert not re.search(r"^#,.*fuzzy", text, re.MULTILINE)
    assert [
        message for message, translation in read_po(CATALOG).items() if message and not translation.strip()
    ] == []
    assert not re.search(r'^msgid "[^"]+"\nmsgstr ""\n(?!")', text, re.MULTILINE)


def test_placeholders_are_the_same_in_both_languages() -> None:
    different = {}
    for message, translation in read_po(CATALOG).items():
        wanted, found = (set(re.findall(r"%\(\w+\)[sd]|\{\w+\}", text)) for text in (message, translation))
        if message and wanted != found:
            different[message] = (wanted, found)
    assert different == {}


def test_no_anonymous_placeholder() -> None:
    assert [(m, place) for m, place in messages() if re.search(r"(?<!%)%[sd]|\{\}", m)] == []


def subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def test_every_refusal_speaks_both_languages() -> None:
    for path in SOURCE.rglob("*.py"):
        if "(Refusal)" in path.read_text(encoding="utf-8"):
            __import__("haqdar." + ".".join(path.relative_to(SOURCE).with_suffix("").parts))
    for kind in subclasses(Refusal):
        if kind.en or kind.hi:
            names = [set(re.findall(r"\{(\w+)", text)) for text in (kind.en, kind.hi)]
            assert names[0] == names[1], f"{kind.__name__} fills different values into its two sentences"
            assert re.search("[\u0900-\u097f]", kind.hi), f"{kind.__name__} has no Hindi sentence"
            assert kind.__doc__, f"{kind.__name__} has no docstring"
