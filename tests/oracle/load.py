"""Reads delivery folders by the letter of formats.md: accepted rows, rejections, ghosts, beliefs over time.

Points where formats.md leaves a choice, and what is chosen here (L = load):

L1  Wrong number of columns. Too few or too many cells: one rejection `bad_format` with an empty field, and
    nothing else is said of the row. Alternative: a short row has empty cells (so `missing_value`).
L2  `line` counts physical lines, blank lines included; a blank line is no record.
L3  A row that has a bad field *and* an occupied key gets both lines (the text: "a different one is
    `duplicate_id`"). Alternative: a row with a bad field never reaches the key rule. The same for `conflict`.
L4  Field of `duplicate_id`: the table's id; with a key of several columns its first column. Field of `conflict`:
    `scheme`. The text names none.
L5  Areas whose parents form a circle are neither missing nor rejected, so nothing rejects them. Alternative:
    `unknown_area`, as no parent of theirs can be accepted first. A parent may stand later in the file.
L6  A row rejected in a later delivery leaves the earlier accepted row in force, so references to it hold.
L7  mother_id, father_id and spouse_id may name nobody but must be 9 digits. Alternative: free text.
L8  An Aadhaar number that is not 12 digits is `bad_check_digit`, too.
L9  "Identical" and "other values" compare the text of the known columns, `recorded_on` included.
L10 Ghost: a pensioner row whose only fault is the unknown member. Alternative: any row with that fault, whatever
    else is wrong. Ghosts have the pensioners' key; a ghost is gone once a resident of that number is known.
L11 `conflict` also against pensions of earlier deliveries; a rejected row conflicts with nothing.
L12 A file without a required column yields nothing and is named in `refused`; no rejection line.
L13 The same delivery date twice: the one loaded later wins.
L14 Numbers: percent and amount are `-?digits[.digits]`; dates are exactly YYYY-MM-DD; ifsc is upper case.
L15 lgd_code, census_code, ddo_code, relation_to_head and card numbers are free text.
"""

import csv
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

Row = dict[str, str]
Key = tuple[str, ...]

GROUP_OF = {
    "IGNOAPS": "1",
    "IGNWPS": "1",
    "IGNDPS": "1",
    "SSP-OLD": "1",
    "SSP-WIDOW": "1",
    "SSP-DESERTED": "1",
    "SSP-PWD": "1",
    "KANYA": "2",
    "MRMD": "3",
}

TABLES = ("areas", "offices", "families", "residents", "bpl", "pwd", "events", "pensioners")

COLUMNS: dict[str, list[str]] = {
    "areas": ["area_code", "kind", "parent_code", "name_en", "name_hi", "lgd_code", "census_code"],
    "offices": ["office_code", "kind", "area_code", "ddo_code", "name_en", "name_hi"],
    "families": ["family_id", "area_code", "address", "social_category", "recorded_on"],
    "residents": [
        "member_id", "family_id", "name_en", "name_hi", "sex", "born_on", "relation_to_head", "mother_id",
        "father_id", "spouse_id", "marital_status", "marital_since", "destitute", "income_tax_payer", "mobile",
        "aadhaar", "ifsc", "account_no", "recorded_on",
    ],
    "bpl": ["family_id", "card_no", "valid_from", "valid_to"],
    "pwd": ["member_id", "certificate_no", "kind", "percent", "issued_on", "valid_to"],
    "events": ["event_id", "member_id", "kind", "happened_on", "reported_on", "spouse_id"],
    "pensioners": ["member_id", "scheme", "since", "amount"],
}  # fmt: skip

REQUIRED: dict[str, list[str]] = {
    "areas": ["area_code", "kind", "parent_code", "name_en"],
    "offices": ["office_code", "kind", "area_code"],
    "families": ["family_id", "area_code"],
    "residents": ["member_id", "family_id", "name_en", "sex"],
    "bpl": ["family_id", "card_no", "valid_from"],
    "pwd": ["member_id", "certificate_no", "kind", "percent", "issued_on"],
    "events": ["event_id", "member_id", "kind", "happened_on", "reported_on"],
    "pensioners": ["member_id", "scheme", "since"],
}

KEY: dict[str, list[str]] = {
    "areas": ["area_code"],
    "offices": ["office_code"],
    "families": ["family_id"],
    "residents": ["member_id"],
    "bpl": ["family_id", "card_no", "valid_from"],
    "pwd": ["member_id", "certificate_no"],
    "events": ["event_id"],
    "pensioners": ["member_id", "scheme", "since"],
}

OWN_DATE = {"families": "recorded_on", "residents": "recorded_on", "events": "reported_on"}

LISTS: dict[tuple[str, str], list[str]] = {
    ("areas", "kind"): ["state", "district", "subdistrict", "block", "ulb", "gp", "ward", "village"],
    ("offices", "kind"): ["state", "district", "janpad", "ulb", "gp", "ward"],
    ("families", "social_category"): ["GEN", "OBC", "SC", "ST"],
    ("residents", "sex"): ["F", "M", "T"],
    ("residents", "marital_status"): ["never_married", "married", "widowed", "deserted", "divorced"],
    ("pwd", "kind"): [
        "locomotor", "visual", "hearing", "speech", "intellectual", "mental_illness", "multiple", "other",
    ],
    ("events", "kind"): [
        "death", "marriage", "remarriage", "desertion", "divorce", "migration_out", "migration_in",
    ],
    ("pensioners", "scheme"): list(GROUP_OF),
}  # fmt: skip

DATES = ("born_on", "marital_since", "recorded_on", "happened_on", "reported_on", "issued_on", "since")
FREE_DATES = ("valid_from", "valid_to")

PATTERNS = {
    "family_id": r"[0-9]{8}",
    "member_id": r"[0-9]{9}",
    "mother_id": r"[0-9]{9}",
    "father_id": r"[0-9]{9}",
    "spouse_id": r"[0-9]{9}",
    "destitute": r"true|false",
    "income_tax_payer": r"true|false",
    "mobile": r"[6-9][0-9]{9}",
    "ifsc": r"[A-Z]{4}0[A-Z0-9]{6}",
    "account_no": r"[A-Za-z0-9]{6,18}",
    "percent": r"-?[0-9]+(\.[0-9]+)?",
    "amount": r"-?[0-9]+(\.[0-9]+)?",
}

# (table, earlier field, later field): the later one may not lie before the earlier one
ORDERED = [
    ("residents", "born_on", "marital_since"),
    ("bpl", "valid_from", "valid_to"),
    ("pwd", "issued_on", "valid_to"),
    ("events", "happened_on", "reported_on"),
]

_MULTIPLY = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_PERMUTE = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
    [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
    [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
    [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
    [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
    [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
    [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
]


def verhoeff_holds(number: str) -> bool:
    """Whether the last digit is the Verhoeff check digit of the others."""
    check = 0
    for position, digit in enumerate(reversed(number)):
        check = _MULTIPLY[check][_PERMUTE[position % 8][int(digit)]]
    return check == 0


@cache
def parse_date(text: str) -> date | None:
    """An ISO date, or None if the text is none."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date(int(text[:4]), int(text[5:7]), int(text[8:]))
    except ValueError:
        return None


@dataclass(frozen=True, order=True)
class Rejection:
    file: str
    line: int
    field: str
    code: str


@dataclass(frozen=True)
class Belief:
    """What was believed of one key from one day on."""

    known_from: date
    row: Row


@dataclass
class Outcome:
    """What one delivery gave."""

    rejections: list[Rejection] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    accepted: dict[str, int] = field(default_factory=dict)


@dataclass
class Known:
    """The register as known on one day: for every table the current row of each key."""

    known_on: date
    rows: dict[str, dict[Key, Row]]
    ghosts: list[Row]


class Register:
    """All beliefs of all deliveries, in the order in which they were loaded."""

    def __init__(self) -> None:
        self.beliefs: dict[str, dict[Key, list[Belief]]] = {table: {} for table in TABLES}
        self.ghosts: dict[Key, list[Belief]] = {}

    def current(self, table: str) -> dict[Key, Row]:
        """The last belief of every key, whatever its day."""
        return {key: beliefs[-1].row for key, beliefs in self.beliefs[table].items()}

    def known_on(self, day: date) -> Known:
        rows: dict[str, dict[Key, Row]] = {}
        for table in TABLES:
            rows[table] = {}
            for key, beliefs in self.beliefs[table].items():
                seen = [belief for belief in beliefs if belief.known_from <= day]
                if seen:
                    rows[table][key] = seen[-1].row
        ghosts = []
        for beliefs in self.ghosts.values():
            seen = [belief for belief in beliefs if belief.known_from <= day]
            if seen and (seen[-1].row["member_id"],) not in rows["residents"]:
                ghosts.append(seen[-1].row)
        return Known(day, rows, ghosts)

    def load(self, folder: Path, delivered_on: date) -> Outcome:
        outcome = Outcome()
        for table in TABLES:
            path = folder / f"{table}.csv"
            if path.exists():
                self._load_file(path, table, delivered_on, outcome)
        outcome.rejections.sort()
        return outcome

    def _load_file(self, path: Path, table: str, delivered_on: date, outcome: Outcome) -> None:
        records, widths_differ = read_records(path, table)
        if records is None:
            outcome.refused.append(path.name)
            return

        def reject(line: int, name: str, code: str) -> None:
            outcome.rejections.append(Rejection(path.name, line, name, code))

        for line in widths_differ:
            reject(line, "", "bad_format")

        parents = accepted_area_codes(records, self, delivered_on) if table == "areas" else set()
        taken: dict[Key, Row] = {}
        for line, row in records:
            bad = bad_fields(table, row, delivered_on)
            bad.update(self._bad_references(table, row, bad, parents))
            key = tuple(row[name] for name in KEY[table])
            if key in taken:
                if taken[key] == row:
                    continue
                bad.setdefault(KEY[table][0], "duplicate_id")
            elif (
                table == "pensioners"
                and not {"member_id", "scheme"} & set(bad)
                and self._conflicts(row, key, taken)
            ):
                bad["scheme"] = "conflict"
            if bad:
                for name, code in bad.items():
                    reject(line, name, code)
                if table == "pensioners" and bad == {"member_id": "unknown_member"}:
                    remember(self.ghosts, key, row, delivered_on, delivered_on)
                continue
            taken[key] = row
            outcome.accepted[table] = outcome.accepted.get(table, 0) + 1
        for key, row in taken.items():
            own = parse_date(row[OWN_DATE[table]]) if table in OWN_DATE else None
            remember(self.beliefs[table], key, row, own or delivered_on, delivered_on)

    def _conflicts(self, row: Row, key: Key, taken: dict[Key, Row]) -> bool:
        for other in list(self.beliefs["pensioners"]) + list(taken):
            if (
                other != key
                and other[0] == row["member_id"]
                and GROUP_OF[other[1]] == GROUP_OF[row["scheme"]]
            ):
                return True
        return False

    def _bad_references(self, table: str, row: Row, bad: dict[str, str], parents: set[str]) -> dict[str, str]:
        wrong: dict[str, str] = {}
        areas, families, residents = (self.beliefs[name] for name in ("areas", "families", "residents"))
        for name, tables, known, code in (
            ("area_code", ["offices"], areas, "unknown_area"),
            ("family_id", ["residents", "bpl"], families, "unknown_family"),
            ("member_id", ["pwd", "events", "pensioners"], residents, "unknown_member"),
        ):
            if table in tables and name not in bad and (row[name],) not in known:
                wrong[name] = code
        if table == "areas" and "parent_code" not in bad and row["parent_code"] not in parents | {""}:
            wrong["parent_code"] = "unknown_area"
        if table == "families" and "area_code" not in bad:
            area = self.current("areas").get((row["area_code"],))
            if area is None or area["kind"] not in ("gp", "ward"):
                wrong["area_code"] = "unknown_area"
        return wrong


def remember(
    beliefs: dict[Key, list[Belief]], key: Key, row: Row, first_known: date, delivered_on: date
) -> None:
    """A new key is known from its own date, a changed row from the delivery, an unchanged one adds nothing."""
    if key not in beliefs:
        beliefs[key] = [Belief(first_known, row)]
    elif beliefs[key][-1].row != row:
        beliefs[key].append(Belief(delivered_on, row))


def read_records(path: Path, table: str) -> tuple[list[tuple[int, Row]] | None, list[int]]:
    """The records with their first physical lines, and the lines of records of a wrong width."""
    records: list[tuple[int, Row]] = []
    wrong_width: list[int] = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader, None)
        if header is None or any(name not in header for name in REQUIRED[table]):
            return None, []
        first_line = reader.line_num + 1
        for cells in reader:
            line, first_line = first_line, reader.line_num + 1
            if not cells:
                continue
            if len(cells) != len(header):
                wrong_width.append(line)
                continue
            by_name = dict(zip(header, cells, strict=True))
            records.append((line, {name: by_name.get(name, "") for name in COLUMNS[table]}))
    return records, wrong_width


def bad_fields(table: str, row: Row, delivered_on: date) -> dict[str, str]:
    """What is wrong with a row's own fields: field to code."""
    bad: dict[str, str] = {}
    for name in COLUMNS[table]:
        value = row[name]
        code = None
        if value == "":
            if name in REQUIRED[table] and not (name == "parent_code" and row["kind"] == "state"):
                code = "missing_value"
        elif (table, name) in LISTS:
            code = None if value in LISTS[(table, name)] else "not_in_list"
        elif name in DATES or name in FREE_DATES:
            code = bad_date(name, value, delivered_on)
        elif name == "aadhaar":
            code = None if re.fullmatch("[0-9]{12}", value) and verhoeff_holds(value) else "bad_check_digit"
        elif name in PATTERNS:
            code = None if re.fullmatch(PATTERNS[name], value) else "bad_format"
            if code is None and name == "percent" and not 0 <= Decimal(value) <= 100:
                code = "out_of_range"
            if code is None and name == "amount" and Decimal(value) < 0:
                code = "out_of_range"
        if code is not None:
            bad[name] = code
    for ordered_table, earlier, later in ORDERED:
        if table != ordered_table or earlier in bad or later in bad or not row[earlier] or not row[later]:
            continue
        if row[later] < row[earlier]:
            bad[later] = "end_before_start"
    return bad


def bad_date(name: str, value: str, delivered_on: date) -> str | None:
    day = parse_date(value)
    if day is None:
        return "bad_format"
    if name in DATES and day > delivered_on:
        return "date_in_future"
    return None


def accepted_area_codes(records: list[tuple[int, Row]], register: Register, delivered_on: date) -> set[str]:
    """Codes a parent_code may name: strike out rows whose parent is missing until nothing changes."""
    alive = [row for _, row in records if not bad_fields("areas", row, delivered_on)]
    stored = {key[0] for key in register.beliefs["areas"]}
    while True:
        codes = stored | {row["area_code"] for row in alive}
        left = [row for row in alive if row["parent_code"] == "" or row["parent_code"] in codes]
        if len(left) == len(alive):
            return codes
        alive = left
