"""The bank file of a month: account credits in the NACH layout of 306 characters, written and read back."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from duckdb import DuckDBPyConnection

from haqdar.base.month import Month
from haqdar.base.progress import Bar
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments.layout import Field, fixed, layout
from haqdar.payments.rules import latin_name

PACKAGE = "haqdar.payments"
LAYOUT = "nach_credit"
BATCH = 50_000
MONTHS = (
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
)

Unseal = Callable[[Sequence[bytes]], Sequence[str]]
"""Turns a batch of sealed account numbers into account numbers, in the same order."""


class UnusableAccount(Refusal):
    """A sealed account number did not give back an account number."""

    code = "unusable_account"
    en = (
        "The account number of the credit with reference {reference} cannot be used in a bank file. Load the person's"
        " bank account again, then repeat the month; no file was written."
    )
    hi = (
        "संदर्भ {reference} वाले भुगतान का खाता क्रमांक बैंक फ़ाइल में नहीं लिखा जा सकता। व्यक्ति का बैंक खाता फिर से लोड करें और महीना"
        " दोहराएँ; कोई फ़ाइल नहीं लिखी गई।"
    )


class BadBankFile(ValueError):
    """A bank file does not hold what its layout and its own totals say; the message names file, line and problem."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"line {line} of the bank file {file} is wrong: {problem}")


@dataclass(frozen=True, slots=True)
class Originator:
    """Who pays: the user registered with NPCI, its sponsor bank and the account to debit; all plain ASCII."""

    user_name: str
    user_number: str
    bank_code: str
    sponsor_ifsc: str
    debit_account: str
    narration: str = "MP SSP"
    product: str = "DBG"

    def file_name(self, month: Month, sequence: int = 1) -> str:
        """The file's name by NPCI's convention, dated with the settlement date."""
        settled = month.first_day.strftime("%d%m%Y")
        return f"ACH-CR-{self.bank_code}-{self.user_number}-{settled}-{sequence:06d}-INP.txt"


DEMONSTRATION = Originator(
    user_name="DEMONSTRATION STATE SOCIAL JUSTICE",
    user_number="DEMO0000001",
    bank_code="DEMO",
    sponsor_ifsc="DEMO0000001",
    debit_account="000000000000",
)
"""Stands in until a State names its own bank; no bank accepts it."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Control totals of a bank file: number of credits and their sum in paise."""

    items: int
    paise: int


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit as it stands in a bank file."""

    reference: str
    payee_name: str
    narration: str
    paise: int
    ifsc: str
    account: str


@dataclass(frozen=True, slots=True)
class BankFile:
    """A bank file that agrees with its layout and its totals."""

    settlement_on: date
    user_reference: str
    totals: Totals
    credits: tuple[Credit, ...]


def reference_key(secret: bytes) -> str:
    """The key of transaction references, derived from the platform's secret (32 bytes in hexadecimal)."""
    return blake2b(secret[:64], digest_size=32, person=b"haqdar-reference").hexdigest()


def prepare(duck: DuckDBPyConnection, month: Month, secret: bytes) -> None:
    """Make `instruction` and `not_payable` from `bill_line`, `unbilled` and `payee`.

    `instruction` holds one row per person and scheme with the billed sum in paise, the transaction reference of 30
    characters and what the file needs of the payee; `not_payable` what cannot be sent, with a reason: no_ddo, no_account,
    no_ifsc, no_name. Nothing is unsealed.
    """
    names = duck.execute(
        "SELECT DISTINCT name_en FROM payee JOIN (SELECT DISTINCT member_id FROM bill_line) USING (member_id)"
        " WHERE regexp_matches(name_en, '[^ -~]') ORDER BY name_en"
    ).fetchall()
    spelled = pa.table(
        {
            "name_en": pa.array([name for (name,) in names], pa.string()),
            "latin": pa.array([latin_name(name) for (name,) in names], pa.string()),
        }
    )
    duck.register("spelled_name", spelled)
    try:
        duck.execute(
            statement(PACKAGE, "instruction"),
            {"month": month.first_day, "key": reference_key(secret)},
        )
    finally:
        duck.unregister("spelled_name")
    duck.execute(
        "CREATE OR REPLACE TABLE instruction AS SELECT * EXCLUDE (reason) FROM credit WHERE reason IS NULL"
        " ORDER BY member_id, pension_group, scheme"
    )
    duck.execute(
        "CREATE OR REPLACE TABLE not_payable AS"
        " SELECT member_id, pension_group, scheme, paise, 'no_ddo' AS reason FROM unbilled"
        " UNION ALL SELECT member_id, pension_group, scheme, paise, reason FROM credit WHERE reason IS NOT NULL"
        " ORDER BY member_id, pension_group, scheme, reason"
    )
    duck.execute("DROP TABLE credit")


def write(
    duck: DuckDBPyConnection,
    originator: Originator,
    month: Month,
    path: Path,
    unseal: Unseal,
    sequence: int = 1,
    bar: Bar | None = None,
) -> Totals:
    """Write the credits of `instruction` to `path`, readable by its owner alone, whole or not at all.

    Account numbers are unsealed in batches and live in memory only. The same instructions give the same bytes. Raises
    UnusableAccount when a sealed number is no account number, ValueError when the originator does not fit the layout.
    """
    totals, most = _totals(duck)
    plan = layout(LAYOUT, month.first_day)
    header = plan.header_line(
        {
            "user_name": originator.user_name,
            "file_number": str(sequence),
            "item_limit_paise": str(most),
            "total_paise": str(totals.paise),
            "settlement_on": month.first_day.strftime("%d%m%Y"),
            "user_number": originator.user_number,
            "user_reference": f"HAQDAR{month.first_day:%Y%m}{sequence:06d}",
            "sponsor_ifsc": originator.sponsor_ifsc,
            "debit_account": originator.debit_account,
            "items": str(totals.items),
        }
    )
    constants = {
        "narration": f"{originator.narration} {MONTHS[month.month - 1]}{month.year}",
        "sponsor_ifsc": originator.sponsor_ifsc,
        "user_number": originator.user_number,
        "product": originator.product,
    }
    account = next(field for field in plan.detail if field.name == "account")
    before = _record(plan.detail[: plan.detail.index(account)], constants)
    after = _record(plan.detail[plan.detail.index(account) + 1 :], constants)
    query = (
        f"SELECT {before} AS before, account_sealed, {after} AS after, reference"
        " FROM instruction ORDER BY member_id, pension_group, scheme"
    )
    with _private_file(path) as file:
        file.write(header.encode("ascii") + b"\n")
        for batch in duck.execute(query).to_arrow_reader(BATCH):
            file.write(_lines(batch, account, unseal))
            if bar:
                bar.advance(batch.num_rows)
    return totals


def read(path: Path, day: date) -> BankFile:
    """Read a bank file in the layout of `day`; raises BadBankFile unless widths, codes, totals and references are right."""
    plan = layout(LAYOUT, day)
    text = path.read_bytes().decode("ascii", errors="replace")
    lines = text.split("\n")
    if lines.pop() != "":
        raise BadBankFile(file=path.name, line=len(lines) + 1, problem="the last line is cut off")
    if not lines:
        raise BadBankFile(file=path.name, line=1, problem="the header is missing")
    records = [
        _cut(line, plan.detail if number > 1 else plan.header, path.name, number)
        for number, line in enumerate(lines, start=1)
    ]
    header, details = records[0], records[1:]
    found = tuple(
        Credit(
            record["reference"],
            record["payee_name"],
            record["narration"],
            int(record["paise"]),
            record["ifsc"],
            record["account"],
        )
        for record in details
    )
    seen: set[str] = set()
    for number, credit in enumerate(found, start=2):
        if credit.reference in seen:
            raise BadBankFile(
                file=path.name,
                line=number,
                problem=f"reference {credit.reference} came before",
            )
        seen.add(credit.reference)
    totals = Totals(int(header["items"]), int(header["total_paise"]))
    counted = Totals(len(found), sum(credit.paise for credit in found))
    if totals != counted:
        raise BadBankFile(
            file=path.name,
            line=1,
            problem=f"it says {totals}, the lines add up to {counted}",
        )
    settled = datetime.strptime(header["settlement_on"], "%d%m%Y").date()
    return BankFile(settled, header["user_reference"], totals, found)


@contextmanager
def _private_file(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner can read from its first byte on, and that becomes `path` when complete and on disk."""
    handle, name = tempfile.mkstemp(
        dir=path.parent, prefix=f".{path.name}."
    )  # mkstemp creates with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    finally:
        Path(name).unlink(missing_ok=True)


def _totals(duck: DuckDBPyConnection) -> tuple[Totals, int]:
    row = duck.execute(
        "SELECT count(*), coalesce(sum(paise), 0), coalesce(max(paise), 0) FROM instruction"
    ).fetchone()
    assert row is not None
    return Totals(int(row[0]), int(row[1])), int(row[2])


def _record(fields: Sequence[Field], constants: Mapping[str, str]) -> str:
    """The SQL expression of adjacent fields: constants merged, columns padded."""
    parts: list[str] = []
    text = ""
    for field in fields:
        if field.kind == "blank" or field.value is not None or field.name in constants:
            text += fixed(field, constants)
            continue
        if text:
            parts.append(_quoted(text))
            text = ""
        pad = "lpad({}::VARCHAR, {}, '0')" if field.kind == "number" else "rpad({}, {}, ' ')"
        parts.append(pad.format(field.name, field.length))
    if text:
        parts.append(_quoted(text))
    return " || ".join(parts)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


_ACCOUNT = re.compile(r"[0-9A-Za-z]+")


def _lines(batch: pa.RecordBatch, account: Field, unseal: Unseal) -> bytes:
    numbers = unseal(batch.column("account_sealed").to_pylist())
    usable = _ACCOUNT.fullmatch
    width = account.length
    lines: list[str] = []
    for before, number, after, reference in zip(
        batch.column("before").to_pylist(),
        numbers,
        batch.column("after").to_pylist(),
        batch.column("reference").to_pylist(),
        strict=True,
    ):
        if len(number) > width or not usable(number):
            raise UnusableAccount(reference=reference)
        lines.append(f"{before}{number:<{width}}{after}\n")
    return "".join(lines).encode("ascii")


def _cut(line: str, fields: Sequence[Field], file: str, number: int) -> dict[str, str]:
    width = fields[-1].first + fields[-1].length - 1
    if len(line) != width:
        raise BadBankFile(
            file=file,
            line=number,
            problem=f"it has {len(line)} characters instead of {width}",
        )
    record = {field.name: field.cut(line) for field in fields}
    for field in fields:
        text = record[field.name]
        if field.kind == "blank" and text:
            raise BadBankFile(
                file=file,
                line=number,
                problem=f"{field.name} must be blank, not {text!r}",
            )
        if field.value is not None and text != field.value:
            raise BadBankFile(
                file=file,
                line=number,
                problem=f"{field.name} must be {field.value}, not {text!r}",
            )
        if field.kind == "number" and not (len(text) == field.length and text.isascii() and text.isdigit()):
            raise BadBankFile(
                file=file,
                line=number,
                problem=f"{field.name} must be a number, not {text!r}",
            )
    return record
