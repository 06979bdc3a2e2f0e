"""The wording of orders and letters: `law/<state>/letters/*.yaml`, in both languages, with named values in braces.

Every name in braces is checked when the letters are read, so a State can change what its letters say without code, and a
mistyped name never reaches a citizen.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from haqdar.law.book import load_lawbook
from haqdar.law.problems import LawRefused
from haqdar.law.reading import Node, Problems, read
from haqdar.law.texts import Text, text_of

VALUES = frozenset(
    {
        "name", "place", "office", "scheme", "amount", "amount_words", "from_scheme", "from_amount", "from_day",
        "from_month", "until_day", "number", "day", "case_number", "case_day", "outcome", "penalty", "days",
    }
)  # fmt: skip
"""The names that a letter's sentences may use; a sentence whose value an order does not have is left out."""

WORDS = frozenset(
    {
        "number", "day", "case", "to", "member", "a_month", "once", "from", "reasons", "note", "source", "law", "next", "appeal",
        "signed", "acting", "check", "help", "sheet",
    }
)  # fmt: skip
"""The words of the frame around every letter."""

_LETTER_KEYS = ("code", "title", "decision", "amount", "criteria", "next", "appeal")


@dataclass(frozen=True)
class Letter:
    """One kind of letter. `amount` sets the sum out in large figures and words, `appeal` names an appeal of the frame."""

    code: str
    title: Text
    decision: tuple[Text, ...]
    amount: bool
    criteria: Text | None
    next: tuple[Text, ...]
    appeal: str


@dataclass(frozen=True)
class Appeal:
    """Within how many days (where the service does not say otherwise) and to whom, and the sentence that says so."""

    days: int
    to: Text
    text: Text

    def sentence(self, days: int | None = None) -> Text:
        """The sentence with its values."""
        within = str(days or self.days)
        return fill([self.text], {"days": Text(within, within), "to": self.to})[0]


@dataclass(frozen=True)
class Letters:
    """All letters of a State with what stands around them."""

    letters: Mapping[str, Letter]
    words: Mapping[str, Text]
    signatories: Mapping[str, Mapping[str, Text]]
    appeals: Mapping[str, Appeal]

    def designation(self, role: str, area_kind: str, area: Text) -> Text:
        """Who signs: the designation of a function in a kind of area; of the office where nobody acts in a function."""
        of_role = self.signatories.get(role) or self.signatories["office"]
        text = of_role.get(area_kind) or of_role["other"]
        return Text(text.en.format(area=area.en), text.hi.format(area=area.hi))


def fill(sentences: Iterable[Text], values: Mapping[str, Text | None]) -> list[Text]:
    """The sentences with their values, without those of which a value is missing.

    >>> fill([Text("From {day}.", "{day} से।"), Text("Of {name}.", "{name} का।")], {"day": Text("today", "आज")})
    [Text(en='From today.', hi='आज से।')]
    """
    filled = []
    for text in sentences:
        if all(values.get(name) is not None for name in _names(text.en) | _names(text.hi)):
            filled.append(
                Text(
                    text.en.format(**{name: value.en for name, value in values.items() if value}),
                    text.hi.format(**{name: value.hi for name, value in values.items() if value}),
                )
            )
    return filled


def load_letters(folder: Path) -> Letters:
    """The letters of the State whose law lies in `folder`; raises `LawRefused` with every problem found.

    A law that extends another uses that one's letters until it has its own.
    """
    place = folder / "letters"
    if not place.is_dir() and (base := load_lawbook(folder).base) is not None:
        place = base / "letters"
    # the texts of messages lie in the same folder and are read by `haqdar.law.messages`
    files = tuple(file for file in sorted(place.glob("*.yaml")) if file.name != "messages.yaml")
    return _load(place, tuple((file, file.stat().st_mtime_ns) for file in files))


@cache
def _load(place: Path, files: tuple[tuple[Path, int], ...]) -> Letters:
    problems = Problems()
    frame = Node("letters/frame.yaml", 1)
    letters: dict[str, Letter] = {}
    for file, _ in files:
        node = read(file, f"letters/{file.name}", problems)
        if file.name == "frame.yaml":
            frame = node
        else:
            letters[file.stem] = _letter(node, file.stem, problems)
    words = _texts(frame.get("words"), frame, problems, frozenset())
    for word in sorted(WORDS - set(words)):
        problems.add(frame, f"the word '{word}' is missing", f"'{word}' शब्द नहीं है")
    signatories = {
        role: _texts(node, node, problems, frozenset({"area"}))
        for role, node in (frame.get("signatories") or frame).pairs()
    }
    for role, by_kind in signatories.items():
        if "other" not in by_kind:
            problems.add(frame, f"signatory '{role}' lacks 'other'", f"हस्ताक्षरकर्ता '{role}' में 'other' नहीं है")
    if "office" not in signatories:
        problems.add(frame, "the signatory 'office' is missing", "हस्ताक्षरकर्ता 'office' नहीं है")
    appeals = {
        name: _appeal(node, problems)
        for name, node in (frame.get("appeals") or Node(frame.file, frame.line)).pairs()
    }
    for letter in letters.values():
        if letter.appeal and letter.appeal not in appeals:
            problems.add(
                frame,
                f"letter '{letter.code}' leads to the unknown appeal '{letter.appeal}'",
                f"पत्र '{letter.code}' में अज्ञात अपील '{letter.appeal}' है",
            )
    if problems.found:
        raise LawRefused(problems.found)
    return Letters(letters, words, signatories, appeals)


def _letter(node: Node, stem: str, problems: Problems) -> Letter:
    for key, value in node.pairs():
        if key not in _LETTER_KEYS:
            problems.add(
                value,
                f"'{key}' is no part of a letter; parts are {', '.join(_LETTER_KEYS)}",
                f"'{key}' पत्र का भाग नहीं है; भाग ये हैं: {', '.join(_LETTER_KEYS)}",
            )
    code = node.get("code")
    if code is None or code.text != stem:
        problems.add(node, f"the code must be '{stem}', like the file", f"code '{stem}' हो, फ़ाइल के नाम जैसा")
    amount = node.get("amount")
    if amount is not None and amount.text not in ("true", "false"):
        problems.add(amount, "amount is true or false", "amount true या false हो")
    decision = _sentences(node.get("decision"), node, "decision", problems)
    if not decision:
        problems.add(node, "the letter decides nothing", "पत्र में निर्णय का वाक्य नहीं है")
    criteria = node.get("criteria")
    appeal = node.get("appeal")
    return Letter(
        code=stem,
        title=_checked(node.get("title"), node, "title", problems, VALUES),
        decision=decision,
        amount=amount is not None and amount.text == "true",
        criteria=_checked(criteria, node, "criteria", problems, VALUES) if criteria is not None else None,
        next=_sentences(node.get("next"), node, "next", problems),
        appeal=(appeal.text or "") if appeal is not None else "",
    )


def _appeal(node: Node, problems: Problems) -> Appeal:
    days = node.get("days")
    if days is None or not (days.text or "").isdecimal() or int(days.text or "0") < 1:
        problems.add(node, "days must be a whole number from 1", "days 1 या अधिक की पूर्ण संख्या हो")
        return Appeal(1, Text("", ""), Text("", ""))
    to = _checked(node.get("to"), node, "to", problems, frozenset())
    text = _checked(node.get("text"), node, "text", problems, frozenset({"days", "to"}))
    return Appeal(int(days.text or "1"), to, text)


def _sentences(node: Node | None, at: Node, what: str, problems: Problems) -> tuple[Text, ...]:
    if node is None:
        return ()
    if node.items is None:
        problems.add(node, f"{what} is a list of sentences", f"{what} वाक्यों की सूची हो")
        return ()
    return tuple(_checked(item, at, what, problems, VALUES) for item in node.items)


def _texts(node: Node | None, at: Node, problems: Problems, allowed: frozenset[str]) -> dict[str, Text]:
    pairs = node.pairs() if node is not None else iter(())
    return {key: _checked(value, at, key, problems, allowed) for key, value in pairs}


def _checked(node: Node | None, at: Node, what: str, problems: Problems, allowed: frozenset[str]) -> Text:
    text = text_of(node, at, what, problems)
    for sentence in (text.en, text.hi):
        try:
            unknown = sorted(_names(sentence) - allowed)
        except ValueError:
            problems.add(node or at, f"{what}: braces do not match", f"{what}: धनु कोष्ठक पूरे नहीं हैं")
            continue
        if unknown:
            known = ", ".join(sorted(allowed)) or "–"
            problems.add(
                node or at,
                f"{what} names the unknown value '{unknown[0]}'; values are {known}",
                f"{what} में अज्ञात मान '{unknown[0]}' है; मान ये हैं: {known}",
            )
    return text


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}
