"""Reads of payment files, for people: the list, one file, and what could go out now. No number of a payee is in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from haqdar.access.actors import Actor, require, require_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.payments.closing import closing_of
from haqdar.payments.models import MonthClosing, PaymentFile
from haqdar.payments.rails import envelope, keeping
from haqdar.payments.rails.files import MonthOpen, NoSuchFile, paying, rules, settlement_day
from haqdar.payments.rails.profiles import Profile, codes, profile, validating
from haqdar.payments.treasury.profile import CARRIER

TRY = "account_try"
"""What stands in the place of a scheme for rupees that try accounts."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a file holds of one scheme; paise. `answered` counts the credits that the bank has answered."""

    scheme: str
    items: int
    paise: int
    credited: int
    returned: int


@dataclass(frozen=True, slots=True)
class Payable:
    """What could go out by one profile now; paise."""

    profile: Profile
    items: int
    paise: int
    files: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of a closed month is in no file and why not yet: held, its bill not passed; persons' credits and paise."""

    held: int
    held_paise: int
    bill: int
    bill_paise: int


def all_files(actor: Actor, month: Month | None = None) -> QuerySet[PaymentFile]:
    """The payment files, the newest first, of one month or of all. Needs `bankfile.view` for the whole State."""
    require_area(require(actor, "bankfile.view"), None)
    # the lists of credits that the treasury pays itself are no files for a bank
    found = PaymentFile.objects.exclude(profile=CARRIER).order_by(
        "-month", "-made_at", "profile", "-sequence"
    )
    return found.filter(month=month.first_day) if month else found


def one_file(actor: Actor, key: UUID) -> PaymentFile:
    """One file; raises `NoSuchFile`. Needs `bankfile.view`."""
    require_area(require(actor, "bankfile.view"), None)
    try:
        return PaymentFile.objects.exclude(profile=CARRIER).get(key=key)
    except PaymentFile.DoesNotExist as nothing:
        raise NoSuchFile() from nothing


def parts(actor: Actor, file: PaymentFile) -> list[Part]:
    """What a file holds, scheme by scheme, and how much of it was answered. Needs `bankfile.view`."""
    require_area(require(actor, "bankfile.view"), None)
    with connection.cursor() as cursor:
        if file.profile in validating():
            cursor.execute(
                "SELECT %s, count(*), sum(paise)::bigint, count(*) FILTER (WHERE outcome = 'credited'),"
                " count(*) FILTER (WHERE outcome IN ('returned', 'again')) FROM payments_account_drop WHERE file_id = %s",
                [TRY, file.pk],
            )
            return [Part(*row) for row in cursor.fetchall()]
        cursor.execute(
            "SELECT i.scheme, count(*), sum(f.paise)::bigint,"
            " count(*) FILTER (WHERE c.kind = 'credited' AND r.kind IS NULL), count(r.kind)"
            " FROM payments_file_item f JOIN payments_instruction i ON i.id = f.instruction_id"
            " LEFT JOIN payments_entry c ON f.alive AND c.month = %(month)s AND c.kind = 'credited' AND c.source_id = i.id"
            " LEFT JOIN LATERAL (SELECT 'returned' AS kind FROM payments_entry e WHERE f.alive AND e.month = %(month)s"
            "  AND e.kind IN ('returned', 'returned_late') AND e.source_id = i.id LIMIT 1) r ON true"
            " WHERE f.file_id = %(file)s GROUP BY 1 ORDER BY 1",
            {"month": file.month, "file": file.pk},
        )
        return [Part(*row) for row in cursor.fetchall()]


def closed_months(actor: Actor) -> list[date]:
    """The closed months, newest first. Needs `bankfile.view`."""
    require_area(require(actor, "bankfile.view"), None)
    return list(MonthClosing.objects.order_by("-month").values_list("month", flat=True))


def choices() -> list[Profile]:
    """The profiles by which files can be made, those of the law first; named adapters without a format are left out."""
    lawful = list(rules().profiles.values())
    found = [profile(code) for code in codes() if code not in validating()]
    return sorted(
        (one for one in found if one.refusal is None), key=lambda one: (one.code not in lawful, one.code)
    )


def payable(actor: Actor, month: Month, profile_code: str | None = None) -> tuple[list[Payable], Waiting]:
    """What `files.make` would put into files of `month` now, profile by profile, and what has to wait.

    Needs `bankfile.make`. Raises `MonthOpen`, `NoSuchProfile`, `NoPublicFormat`, `ProfileNotInForce`.
    """
    require_area(require(actor, "bankfile.make"), None)
    if closing_of(month.first_day) is None:
        raise MonthOpen(month=month)
    arrangement = rules()
    wanted = [profile_code] if profile_code else [arrangement.profiles[rail] for rail in arrangement.rails]
    found: list[Payable] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement("haqdar.payments", "payable_months"), {"month": month.first_day})
        runs = [run_id for _, run_id in cursor.fetchall()]
        for code in wanted:
            chosen = paying(code)
            chosen.version_on(
                settlement_day(month)
            )  # a format that is not public, or not yet in force, refuses here too
            items = paise = count = 0
            for run_id in runs:
                cursor.execute("DROP TABLE IF EXISTS payable")
                cursor.execute(statement("haqdar.payments", "payable"), {"run": run_id, "rail": chosen.rail})
                cursor.execute("SELECT count(*), coalesce(sum(paise), 0)::bigint FROM payable")
                here, sum_here = cursor.fetchone()
                items, paise = items + here, paise + sum_here
                count += -(-here // arrangement.items_per_file)
            cursor.execute("DROP TABLE IF EXISTS payable")
            found.append(Payable(chosen, items, paise, count))
        cursor.execute(_WAITING, {"runs": runs})
        return found, Waiting(*cursor.fetchone())


_WAITING = """
    SELECT count(*) FILTER (WHERE held), coalesce(sum(paise) FILTER (WHERE held), 0)::bigint,
        count(*) FILTER (WHERE NOT held), coalesce(sum(paise) FILTER (WHERE NOT held), 0)::bigint
    FROM (
        SELECT i.paise, h.id IS NOT NULL AS held, d.waits
        FROM payments_instruction i
        LEFT JOIN payments_hold h ON h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL
        LEFT JOIN payments_file_item f ON f.instruction_id = i.id AND f.alive
        LEFT JOIN (
            SELECT DISTINCT d.run_id, d.member_id, d.scheme, true AS waits
            FROM payments_bill b
            JOIN payments_bill_line l ON l.bill_id = b.id
            JOIN payments_due d ON d.id = l.due_id
            LEFT JOIN payments_bill_version v ON v.bill_id = b.id AND v.state IN ('passed', 'paid')
            WHERE b.run_id = ANY(%(runs)s) AND (v.id IS NULL OR l.withdrawn_in_id IS NOT NULL)
        ) d ON d.run_id = i.run_id AND d.member_id = i.member_id AND d.scheme = i.scheme
        WHERE i.run_id = ANY(%(runs)s) AND i.state = 'written' AND f.id IS NULL
    ) n WHERE held OR waits
"""


class NotInFolder(Refusal):
    """There is no envelope to carry to the bank."""

    code = "not_in_folder"
    en = "The envelope of {name} is not in the hand-over folder: it was not handed over yet, or it was taken to the bank already."
    hi = "{name} का लिफ़ाफ़ा सौंपने वाले फ़ोल्डर में नहीं है: वह अभी सौंपी नहीं गई, या बैंक ले जाई जा चुकी है।"


def handed_over(actor: Actor, file: PaymentFile, which: str) -> tuple[str, bytes]:
    """Name and bytes of a sent file's envelope (`which` p7m) or signature (p7s); raises `NotInFolder`.

    Needs `bankfile.download`; the caller records it.
    """
    require_area(require(actor, "bankfile.download"), None)
    suffix = {"p7m": envelope.SEALED, "p7s": envelope.SIGNATURE}[which]
    path = keeping.outgoing() / f"{file.name}{suffix}"
    if not path.exists():
        raise NotInFolder(name=file.name)
    return path.name, path.read_bytes()


def rows_of(files: Iterable[PaymentFile]) -> list[dict[str, Any]]:
    """The list as rows of column name to value, for a download."""
    return [
        {
            "name": file.name,
            "profile": file.profile,
            "month": str(Month.of(file.month)),
            "settlement_on": file.settlement_on,
            "items": file.items,
            "paise": file.paise,
            "sha256": file.sha256,
            "state": file.state,
            "made_by": file.made_by,
            "released_by": file.released_by,
        }
        for file in files
    ]
