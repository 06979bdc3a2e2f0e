"""The list of bank branches: what came with the platform, and newer ones as they are published."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal

PACKAGED = Path(__file__).parents[1] / "branch_list" / "branches.json"
"""The list that is brought in at set-up (web.assets)."""
_IFSC = re.compile(r"[A-Z]{4}0[A-Z0-9]{6}")
LEAST = 1000
"""A list with fewer branches is no list of all branches, and would end nearly all."""


class BadBranchList(Refusal):
    """The file is no list of branches."""

    code = "bad_branch_list"
    en = "{file}, line {line}: {problem}. A list has a column IFSC with a code like SBIN0001234 in each row; nothing was changed."
    hi = "{file}, पंक्ति {line}: {problem}। सूची में IFSC नाम का स्तंभ और हर पंक्ति में SBIN0001234 जैसा कोड हो; कुछ नहीं बदला।"


_ADD = "INSERT INTO payments_branch AS b (ifsc, listed_on) SELECT ifsc, %s FROM branch_list"
_BACK = " ON CONFLICT (ifsc) DO UPDATE SET listed_on = excluded.listed_on, gone_on = NULL WHERE b.gone_on IS NOT NULL"
_GONE = (
    "UPDATE payments_branch b SET gone_on = %s WHERE gone_on IS NULL"
    " AND NOT EXISTS (SELECT FROM branch_list l WHERE l.ifsc = b.ifsc)"
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a list changed: branches on it, those that are new, those that are gone from it."""

    branches: int
    new: int
    gone: int


def load_branches(actor: Actor, path: Path = PACKAGED, on: date | None = None) -> Loaded:
    """Take over a whole list of branches (CSV with a column IFSC, or JSON bank → codes); the same list changes nothing.

    What is not on it any more is kept with the day on which it was found gone. Needs `branch.load`. Raises `BadBranchList`.
    """
    actor = require(actor, "branch.load")
    on = on or timezone.localdate()
    codes = set(_of_json(path) if path.suffix == ".json" else _of_csv(path))
    if len(codes) < LEAST:
        raise BadBranchList(file=path.name, line=1, problem=f"only {len(codes)} branches")
    with acting(actor, "branch.load"), connection.cursor() as cursor:
        cursor.execute('CREATE TEMP TABLE branch_list (ifsc text COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
        with cursor.copy("COPY branch_list FROM STDIN") as copy:
            copy.write("".join(f"{code}\n" for code in sorted(codes)))
        cursor.execute("ANALYZE branch_list")
        # asking of each branch whether it stands costs more than adding it: the first list is only added
        cursor.execute("SELECT EXISTS (SELECT FROM payments_branch)")
        (again,) = cursor.fetchone()
        cursor.execute(f"{_ADD}{_BACK if again else ''}", [on])
        new, gone = cursor.rowcount, 0
        if again:
            cursor.execute(_GONE, [on])
            gone = cursor.rowcount
        cursor.execute("DROP TABLE branch_list")
        record(
            actor,
            "branch.load",
            "branches",
            path.name,
            new={"branches": len(codes), "new": new, "gone": gone},
        )
    return Loaded(len(codes), new, gone)


def _of_json(path: Path) -> Iterator[str]:
    banks = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(banks, dict):
        raise BadBranchList(file=path.name, line=1, problem="no banks")
    for bank, branches in banks.items():
        for branch in branches:
            code = f"{bank}0{branch!s:0>6}"
            if _IFSC.fullmatch(code):
                yield code


def _of_csv(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        column = next((name for name in rows.fieldnames or () if name.strip().upper() == "IFSC"), None)
        if column is None:
            raise BadBranchList(file=path.name, line=1, problem="no column IFSC")
        for row in rows:
            code = (row[column] or "").strip().upper()
            if not _IFSC.fullmatch(code):
                raise BadBranchList(file=path.name, line=rows.line_num, problem=f"'{code[:20]}' is no IFSC")
            yield code
