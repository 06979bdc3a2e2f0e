"""Reading SWIFT MT940 statements: field 61 is an entry of the paying account, field 86 the words that belong to it.

Written by hand, because the libraries for it write a line they cannot parse into the log, account numbers included, and give up the
file with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from haqdar.payments.responses.answer import Answer, Readable, paise_of, unreadable
from haqdar.payments.responses.profiles import Profile

MOST_WORDS = 2000
"""Of one field: what is longer is no field, but a file without line ends."""

_TAG = re.compile(r":([0-9]{2}[A-Z]?):(.*)")
_ENTRY = re.compile(
    r"(?P<on>[0-9]{6})(?:[0-9]{4})?(?P<mark>R?[CD])[A-Z]?(?P<amount>[0-9]{1,12},[0-9]{0,2})[A-Z][A-Z0-9]{3}(?P<own>[^/]{0,16})"
    r"(?://(?P<bank>.{0,23}))?.*",
    re.DOTALL,
)
_CURRENCY = re.compile(r"[CD][0-9]{6}([A-Z]{3})")


def read(file: Readable, profile: Profile) -> Iterator[Answer]:
    """The entries of the file in its order, numbered by the line of their field 61."""
    rupees = True
    entry: tuple[int, str] | None = None
    words = ""
    for number, tag, text in _fields(file):
        if tag == "86":
            words += text
            continue
        if entry is not None:
            yield _answer(*entry, words, profile, rupees)
        entry, words = None, ""
        if tag == "61":
            entry = (number, text)
        elif tag in ("60F", "60M"):
            currency = _CURRENCY.match(text)
            rupees = currency is not None and currency[1] == "INR"
    if entry is not None:
        yield _answer(*entry, words, profile, rupees)


def _fields(file: Readable) -> Iterator[tuple[int, str, str]]:
    """Line, tag and text of each field; lines that go on belong to the field before."""
    start, tag, text = 0, "", ""
    number = 0
    while raw := file.readline(MOST_WORDS):
        number += 1
        line = raw.decode("latin-1").rstrip("\r\n")
        found = _TAG.match(line)
        if found is None and not line.startswith(("-}", "{")):
            text = (text + "\n" + line)[:MOST_WORDS]
            continue
        if tag:
            yield start, tag, text
        start, tag, text = (number, found[1], found[2]) if found else (number, "", "")
    if tag:
        yield start, tag, text


def _answer(number: int, text: str, words: str, profile: Profile, rupees: bool) -> Answer:
    found = _ENTRY.fullmatch(text)
    if found is None:
        return unreadable(number, "unknown_record")
    if not rupees:
        return unreadable(number, "not_rupees")
    paise = paise_of(found["amount"])
    on = _day(found["on"])
    if paise is None or on is None:
        return unreadable(number, "bad_amount")
    said = (text + words).replace("\n", "").upper()
    reference = re.search(profile.reference, said)
    # a debit that is taken back (RD) and a credit both bring money to the paying account
    back = found["mark"] in ("C", "RD")
    reason = re.search(profile.reason, said) if back else None
    return Answer(
        number,
        reference[0] if reference else "",
        "returned" if back else "credited",
        reason[1] if reason else "",
        paise,
        on,
        (found["bank"] or "").split("\n")[0].strip(),
    )


def _day(text: str) -> date | None:
    try:
        return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:6]))
    except ValueError:
        return None
