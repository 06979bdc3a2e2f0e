"""The texts of messages to people, from letters/messages.yaml of a State's law: code -> both languages.

A law that extends another one says only what differs. Texts are checked when they are read: both languages, the same
placeholders, no format tricks.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from pathlib import Path

from haqdar.law.book import base_of
from haqdar.law.problems import LawRefused
from haqdar.law.reading import Node, Problems, read
from haqdar.law.texts import Text, text_of

_FILE = "letters/messages.yaml"
_NAME = re.compile(r"[a-z][a-z0-9_]*")
#: Signs of one part of a message of several parts: 7-bit letters, or UCS-2 as Hindi needs (3GPP TS 23.040).
_PLAIN_ALONE, _PLAIN_PART, _WIDE_ALONE, _WIDE_PART = 160, 153, 70, 67
MOST_PARTS = 2
"""Parts that a message should not exceed: each is paid for."""
_FILLED = 14


def load_messages(folder: Path | str) -> dict[str, Text]:
    """Code -> text of every message of a State, those of the law it extends included.

    Raises `LawRefused` with every problem found, ``NoLawFolder``.
    """
    own = Path(folder)
    base = base_of(own)
    files = [path / _FILE for path in (base, own) if path is not None]
    stamps = tuple((path, path.stat().st_mtime_ns) for path in files if path.is_file())
    return _read(stamps)


@lru_cache(maxsize=8)
def _read(stamps: tuple[tuple[Path, int], ...]) -> dict[str, Text]:
    problems = Problems()
    found: dict[str, Text] = {}
    for path, _ in stamps:
        root = read(path, _FILE, problems)
        for code, node in (root.get("messages") or Node(_FILE, 1)).pairs():
            text = text_of(node, node, f"the message '{code}'", problems)
            names = [placeholders(said) for said in (text.en, text.hi)]
            if None in names or not _NAME.fullmatch(code):
                problems.add(
                    node,
                    f"'{code}' may use plain names in braces only, like {{number}}",
                    f"'{code}' में सिर्फ़ {{number}} जैसे नाम हो सकते हैं",
                )
            elif names[0] != names[1]:
                problems.add(
                    node,
                    f"the two languages of '{code}' fill in different things: {sorted(names[0] or ())} and {sorted(names[1] or ())}",
                    f"'{code}' की दोनों भाषाओं में अलग-अलग नाम हैं: {sorted(names[0] or ())} और {sorted(names[1] or ())}",
                )
            found[code] = text
    if problems.found:
        raise LawRefused(problems.found)
    return found


def placeholders(text: str) -> frozenset[str] | None:
    """The names that are filled in; None where the text has braces that are no plain name.

    >>> sorted(placeholders("{number}: {due}")), placeholders("{0}"), placeholders("{a.b}")
    (['due', 'number'], None, None)
    """
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return None
    names = set()
    for _, name, form, conversion in parts:
        if name is None:
            continue
        if not _NAME.fullmatch(name) or form or conversion:
            return None
        names.add(name)
    return frozenset(names)


def parts_of(text: str) -> int:
    """Into how many parts a message is cut when it is sent.

    >>> parts_of("a" * 160), parts_of("a" * 161), parts_of("क" * 71)
    (1, 2, 2)
    """
    plain = text.isascii()
    alone, part = (_PLAIN_ALONE, _PLAIN_PART) if plain else (_WIDE_ALONE, _WIDE_PART)
    return 1 if len(text) <= alone else -(-len(text) // part)


def long_messages(messages: dict[str, Text]) -> list[tuple[str, str, int]]:
    """(code, language, parts) of the texts that are usually longer than `MOST_PARTS` parts, each name taken as 14 signs."""
    found = []
    for code, text in messages.items():
        for language in ("hi", "en"):
            said = text.in_language(language)
            usual = said.format(**dict.fromkeys(placeholders(said) or (), "0" * _FILLED))
            if parts_of(usual) > MOST_PARTS:
                found.append((code, language, parts_of(usual)))
    return found
