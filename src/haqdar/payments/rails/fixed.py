"""Files of fixed-width records: one header, then one record for each credit. Written in batches, read back strictly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from haqdar.payments.rails.layout import Field, batch_writer, record_line
from haqdar.payments.rails.profiles import FileFacts, Profile, Version


class BadPaymentFile(ValueError):
    """A payment file does not hold what its layout and its own totals say; the message names file, line and problem."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"line {line} of the payment file {file} is wrong: {problem}")


class FixedWriter:
    """Writes one file: `head`, then any number of batches, then `tail`. Raises `DoesNotFit`, `UnusableCredit`."""

    def __init__(self, profile: Profile, version: Version, facts: FileFacts) -> None:
        constants = facts.named(profile)
        self.head = record_line(version.header, constants).encode("ascii") + b"\n"
        self.batch = batch_writer(version.detail, constants, version.width)
        self.tail = b""


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit as it stands in a file; `destination` is the account or the Aadhaar number."""

    reference: str
    payee_name: str
    narration: str
    paise: int
    ifsc: str
    destination: str


@dataclass(frozen=True, slots=True)
class Read:
    """A file that agrees with its layout and its totals."""

    settlement_on: date
    user_reference: str
    items: int
    paise: int
    credits: tuple[Credit, ...]


def read(content: bytes, name: str, version: Version) -> Read:
    """Read a file back; raises `BadPaymentFile` unless widths, codes, totals and references are right."""
    lines = content.decode("ascii", errors="replace").split("\n")
    if lines.pop() != "":
        raise BadPaymentFile(name, len(lines) + 1, "the last line is cut off")
    if not lines:
        raise BadPaymentFile(name, 1, "the header is missing")
    header = _cut(lines[0], version.header, name, 1)
    seen: set[str] = set()
    credits: list[Credit] = []
    for number, line in enumerate(lines[1:], start=2):
        record = _cut(line, version.detail, name, number)
        reference = record["reference"]
        if reference in seen:
            raise BadPaymentFile(name, number, f"reference {reference} came before")
        seen.add(reference)
        destination = record["destination"].lstrip("0") if record.get("aadhaar") else record["destination"]
        credits.append(
            Credit(
                reference,
                record["payee_name"],
                record["narration"],
                int(record["paise"]),
                record.get("ifsc", ""),
                destination,
            )
        )
    said = int(header["items"]), int(header["total_paise"])
    counted = len(credits), sum(credit.paise for credit in credits)
    if said != counted:
        raise BadPaymentFile(name, 1, f"it says {said}, the lines add up to {counted}")
    settled = datetime.strptime(header["settlement_on"], "%d%m%Y").date()
    return Read(settled, header["user_reference"], *said, tuple(credits))


def _cut(line: str, fields: Sequence[Field], file: str, number: int) -> dict[str, str]:
    width = fields[-1].first + fields[-1].length - 1
    if len(line) != width:
        raise BadPaymentFile(file, number, f"it has {len(line)} characters instead of {width}")
    record: dict[str, str] = {}
    for field in fields:
        text = field.cut(line)
        record[field.name] = record[field.source] = text
        if field.kind == "blank" and text:
            raise BadPaymentFile(file, number, f"{field.name} must be blank, not {text!r}")
        if field.value is not None and text != field.value:
            raise BadPaymentFile(file, number, f"{field.name} must be {field.value}, not {text!r}")
        if field.kind == "number" and not (len(text) == field.length and text.isascii() and text.isdigit()):
            raise BadPaymentFile(file, number, f"{field.name} must be a number, not {text!r}")
    return record
