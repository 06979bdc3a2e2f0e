"""Credits that came back: what each needs next, and presenting them again."""

from __future__ import annotations

import json
from typing import Any

from haqdar.base.sql import statement
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.returned_for import table


def take_back(cursor: Any, file_id: int, reasons: str, most_retries: int) -> int:
    """Write a `Return` for each credit that the file of answers brought back; returns how many. In the file's transaction."""
    versions = [
        {
            # the first version holds for everything before it, too
            "since": "-infinity" if number == 0 else version.since.isoformat(),
            "other": version.other,
            "codes": {code: reason.action for code, reason in version.codes.items()},
        }
        for number, version in enumerate(table(reasons))
    ]
    cursor.execute(
        statement(PACKAGE, "return_new"),
        {"file": file_id, "reasons": reasons, "versions": json.dumps(versions), "most_retries": most_retries},
    )
    return int(cursor.rowcount)
