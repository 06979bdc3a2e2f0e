"""Fixed-width records: their fields, written in batches and cut apart again."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haqdar.base.refusal import Refusal, Words


class DoesNotFit(Refusal):
    """A value cannot stand in the layout of a file."""

    code = "does_not_fit"
    en = "A payment file cannot be made: {field} {value!r} {why}. Correct it in the law's payments.yaml or in the profile."
    hi = "भुगतान फ़ाइल नहीं बन सकती: {field} {value!r} {why}। इसे payments.yaml में या प्रोफ़ाइल में सुधारें।"


class UnusableCredit(Refusal):
    """One credit holds something that its file cannot carry."""

    code = "unusable_credit"
    en = (
        "The credit with reference {reference} cannot be put into a payment file: its account number, name or bank code is"
        " unusable. Load the person's bank account again, or hold the payment; no file was made."
    )
    hi = (
        "संदर्भ {reference} वाला भुगतान फ़ाइल में नहीं लिखा जा सकता: खाता क्रमांक, नाम या बैंक कोड काम का नहीं है। व्यक्ति का बैंक खाता फिर से"
        " लोड करें या भुगतान रोकें; कोई फ़ाइल नहीं बनी।"
    )


STRANGE = Words("holds characters that a bank file cannot carry", "में ऐसे अक्षर हैं जो बैंक फ़ाइल में नहीं आ सकते")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record: `first` counts from 1; `kind` is text, number or blank; `value` is fixed or None.

    `source` is the name of the value that fills it.
    """

    name: str
    first: int
    length: int
    kind: str
    value: str | None = None
    source: str = ""

    def cut(self, line: str) -> str:
        """The field's characters in `line`, padding removed on the right."""
        return line[self.first - 1 : self.first - 1 + self.length].rstrip(" ")

    def padded(self, value: str) -> str:
        """`value` in exactly the field's width; raises `DoesNotFit`."""
        why = None
        if not value.isascii() or not value.isprintable():
            why = STRANGE
        elif self.kind == "number" and not value.isdigit():
            why = Words("is no number", "संख्या नहीं है")
        elif len(value) > self.length:
            why = Words(f"is longer than {self.length} characters", f"{self.length} अक्षरों से लंबा है")
        if why:
            raise DoesNotFit(field=self.name, value=value, why=why)
        return value.rjust(self.length, "0") if self.kind == "number" else value.ljust(self.length)


def fields_of(record: Sequence[Mapping[str, Any]], width: int, name: str) -> tuple[Field, ...]:
    """The fields of a record in a profile's file; raises ValueError where they leave a gap, overlap or miss the width."""
    fields = tuple(
        Field(
            one["name"],
            one["first"],
            one["length"],
            one["kind"],
            one.get("value"),
            one.get("from", one["name"]),
        )
        for one in record
    )
    position = 1
    for field in fields:
        if field.first != position:
            raise ValueError(f"profile {name}: {field.name} begins at {field.first} instead of {position}")
        if field.kind not in ("text", "number", "blank"):
            raise ValueError(f"profile {name}: {field.name} is of an unknown kind {field.kind}")
        position += field.length
    if position != width + 1:
        raise ValueError(f"profile {name}: a record is {position - 1} characters wide instead of {width}")
    return fields


def record_line(fields: Sequence[Field], values: Mapping[str, str]) -> str:
    """One record filled by `values`; raises `DoesNotFit`, KeyError for a missing value."""
    return "".join(_fixed(field, values) for field in fields)


def _fixed(field: Field, values: Mapping[str, str]) -> str:
    if field.kind == "blank":
        return " " * field.length
    return field.padded(values[field.source] if field.value is None else field.value)


Line = tuple[str, int, str, str, str]
"""What a file says of one credit: payee's name, paise, bank code (may be empty), account or Aadhaar number, reference."""
COLUMNS = ("payee_name", "paise", "ifsc", "destination", "reference")
_PRINTABLE = bytes(range(0x20, 0x7F))


def batch_writer(
    fields: Sequence[Field], constants: Mapping[str, str], width: int
) -> Callable[[Sequence[Line]], bytes]:
    """A function that writes a batch of credits as records with a line end each; it raises `UnusableCredit`.

    Everything that is the same in all lines is put together once; each line is one formatting, checked as a batch.
    """
    template = ""
    for field in fields:
        if field.kind == "blank" or field.value is not None or field.source in constants:
            template += _fixed(field, constants).replace("{", "{{").replace("}", "}}")
        else:
            column = COLUMNS.index(field.source)
            template += (
                f"{{{column}:0>{field.length}}}"
                if field.kind == "number"
                else f"{{{column}:<{field.length}}}"
            )
    used = {int(name) for _, name, _, _ in string.Formatter().parse(template) if name}
    one = (template + "\n").format

    def written(lines: Sequence[Line]) -> bytes:
        whole = "".join([one(*line) for line in lines])
        # widths are least widths, so a record that is too wide shows in the sum
        if (
            len(whole) == len(lines) * (width + 1)
            and all(_usable(line, used) for line in lines)
            and whole.isascii()
            and (content := whole.encode("ascii")).translate(None, _PRINTABLE) == b"\n" * len(lines)
        ):
            return content
        raise UnusableCredit(
            reference=next(line[4] for line in lines if _wrong(one(*line), line, used, width))
        )

    return written


def _usable(line: Line, used: set[int]) -> bool:
    return line[3].isalnum() and line[0] != "" and (2 not in used or line[2].isalnum())


def _wrong(text: str, line: Line, used: set[int], width: int) -> bool:
    return not (len(text) == width + 1 and _usable(line, used) and text.isascii() and text[:-1].isprintable())
