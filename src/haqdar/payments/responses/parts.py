"""Credits of which only a part arrived: what a person found out about a line that names another amount than was sent.

A credit on two heads of which one came back, or a bank that credited less than it was told. The part that came back is owed again and
gets a `Return` of its own sum; the rest counts as credited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from haqdar.base.refusal import Refusal
from haqdar.payments import entries, returns
from haqdar.payments.models import ResponseLine, Return
from haqdar.payments.responses.reading import LOCK


class SettledBefore(Refusal):
    """The credit had its end before, in whole or in part."""

    code = "part_settled_before"
    en = (
        "This credit came back before, in whole or in part, so nothing can follow from this line by itself. Write down what you found"
        " out, and settle with the bank what is still open."
    )
    hi = (
        "यह भुगतान पहले ही पूरा या आंशिक लौट चुका है, इसलिए इस पंक्ति से अपने आप कुछ नहीं हो सकता। जो पता चला वह लिखें, और जो बाकी है वह बैंक से"
        " तय करें।"
    )
    field = "decision"


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a credit reached the account and how much came back, in paise; both more than nothing."""

    credited: int
    back: int


def part_of(outcome: str, disposition: str, paise: int | None, sent: int | None) -> Part | None:
    """What a set-aside line says about a part of a credit; None where it names no part.

    >>> part_of("returned", "amount", 7500, 27500), part_of("credited", "amount", 27500, 30000)
    (Part(credited=20000, back=7500), Part(credited=27500, back=2500))
    >>> part_of("credited", "amount", 50000, 30000), part_of("pending", "amount", 100, 200)
    (None, None)
    """
    if disposition != "amount" or not paise or not sent or not 0 < paise < sent:
        return None
    if outcome == "returned":
        return Part(sent - paise, paise)
    return Part(paise, sent - paise) if outcome == "credited" else None


def of_line(line: ResponseLine) -> Part | None:
    """`part_of` for a line as it was read."""
    sent = line.instruction.paise if line.instruction is not None else None
    return part_of(line.outcome, line.disposition, line.paise, sent)


def follow(cursor: Any, line: ResponseLine, part: Part, reasons: str) -> None:
    """Post which part was credited and which came back, and write its `Return` with the next step. Raises `SettledBefore`.

    A credit that was reported as made before is corrected by the part that came back late.
    """
    # a file of answers that names the same credit is waited for
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Return.objects.filter(instruction=line.instruction).exists():
        raise SettledBefore()
    entries.post_part(cursor, line.pk, part.credited, part.back)
    returns.take_back_after_all(cursor, line.pk, reasons, part.back)
