"""Files in XML: a head, one block for each credit and a tail, which the profile holds as text to be filled by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from haqdar.base.money import rupees
from haqdar.base.refusal import Words
from haqdar.payments.rails.layout import COLUMNS, STRANGE, DoesNotFit, Line, UnusableCredit
from haqdar.payments.rails.profiles import FileFacts, Profile, Version

_PLAIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z .-]*").fullmatch
_LONGEST_ID = 35
_IDS = ("user_reference", "payment_id")


class XmlWriter:
    """Writes one file: `head`, then any number of batches, then `tail`. Raises `DoesNotFit`, `UnusableCredit`.

    What is the same in all credits is filled in once; of a credit nothing is taken but plain letters and digits.
    """

    def __init__(self, profile: Profile, version: Version, facts: FileFacts) -> None:
        named = facts.named(profile)
        for name, value in named.items():
            if not value.isascii() or not value.isprintable():
                raise DoesNotFit(field=name, value=value, why=STRANGE)
        for name in _IDS:
            if len(named[name]) > _LONGEST_ID:
                why = Words(f"is longer than {_LONGEST_ID} characters", f"{_LONGEST_ID} अक्षरों से लंबा है")
                raise DoesNotFit(field=name, value=named[name], why=why)
        safe = {name: escape(value) for name, value in named.items()}
        self.head = version.options["head"].format(**safe).encode("ascii")
        self.tail = version.options["tail"].format(**safe).encode("ascii")
        own = {name: f"{{{name}}}" for name in (*COLUMNS, "rupees")}
        kept = {name: value.replace("{", "{{").replace("}", "}}") for name, value in safe.items()}
        # a place is numbered with its format, which only the second filling knows
        text = version.options["credit"].replace("{place:", "{{place:")
        text = re.sub(r"(\{\{place:[0-9d]+)\}", r"\1}}", text)
        self._credit = text.format(**(kept | own)).format
        self._longest = [version.options["longest"].get(name) for name in COLUMNS]
        self._place = 0

    def batch(self, lines: Sequence[Line]) -> bytes:
        """The blocks of some credits; raises `UnusableCredit`."""
        parts: list[str] = []
        for place, line in enumerate(lines, start=self._place + 1):
            payee_name, paise, ifsc, destination, reference = line
            if not (
                _PLAIN(payee_name)
                and _PLAIN(ifsc)
                and destination.isalnum()
                and destination.isascii()
                and all(
                    most is None or len(str(value)) <= most
                    for value, most in zip(line, self._longest, strict=True)
                )
            ):
                raise UnusableCredit(reference=reference)
            parts.append(
                self._credit(
                    payee_name=payee_name,
                    rupees=rupees(paise),
                    ifsc=ifsc,
                    destination=destination,
                    reference=reference,
                    place=place,
                )
            )
        self._place += len(lines)
        return "".join(parts).encode("ascii")
