"""The demonstration's money: one month that went the whole way, and the next one waiting with the local bodies.

A demonstration treasury passes the bills and a demonstration bank answers the files, both in their own formats; of a hundred
credits about two come back. Whoever acts is named `demonstration …`, so that two pairs of eyes are two names here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from zlib import crc32

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from haqdar.access.actors import platform
from haqdar.base.files import atomic_write
from haqdar.base.month import Month
from haqdar.jobs.money_calendar import check_new_accounts
from haqdar.jobs.month import run_month
from haqdar.payments import bill_steps, billing, budget, holds, proposals, returns, standing
from haqdar.payments.models import BillVersion, Hold, MonthClosing, PaymentFile, Proposal, ResponseFile
from haqdar.payments.rails import files
from haqdar.payments.responses.reading import read_response

STATE, CHECKER, BODY, SANCTIONING, DDO, TREASURY, BANK = (
    platform(f"demonstration {who}")
    for who in (
        "State", "second officer", "local body", "sanctioning officer", "drawing officer", "treasury", "bank"
    )
)  # fmt: skip
ORDER = "DEMO/BUDGET/1"
REASONS = ("01", "54", "51", "02", "59", "54", "01", "53", "60", "68")
"""What the demonstration bank says, in turn."""
LATE = "LATE"
"""How the events begin that are known only after the credit."""
RETURNED, UNANSWERED, RENAMED = 20, 3, 10
"""Of a thousand credits: come back, get no answer yet, are under a shorter name at the bank."""


def month_paid(month: Month) -> None:
    """Take a month that was run through every office to the bank and back; started again, it goes on where it stopped."""
    proposals.propose(STATE, month)
    _submit_all(month, leave=0)
    _allot(month)
    _bills(month)
    _files(month)
    _answers(month)
    standing.bring_up_to_date(month.first_day)


def month_waiting(month: Month) -> None:
    """Run and close the month after it: credits that can go out again are in it, its proposals wait with every third body."""
    if not MonthClosing.objects.filter(month=month.first_day).exists():
        run_month(month, settings.HAQDAR_HOME / "months" / str(month), actor=STATE)
    proposals.propose(STATE, month)
    returns.represent(STATE, month)
    _hold_one(month)
    _submit_all(month, leave=3)
    check_new_accounts(STATE)
    standing.bring_up_to_date(month.first_day)


def _submit_all(month: Month, leave: int) -> None:
    """The bodies verify and submit, all but every `leave`-th one; the demonstration's own secretary is left work too."""
    bodies = (
        Proposal.objects.filter(month=month.first_day, state__in=("generated", "verified"))
        .order_by("body_code")
        .values_list("body_code", flat=True)
        .distinct()
    )
    own = set(_posted_bodies()) if leave else set()
    # one transaction: a hundred bodies would otherwise wait for the disk two hundred times
    with transaction.atomic():
        for place, body in enumerate(bodies):
            if body in own or (leave and place % leave == 0):
                continue
            if Proposal.objects.filter(month=month.first_day, body_code=body, state="generated").exists():
                proposals.verify_rest(BODY, body, month)
            if not leave or place % leave == 1:
                proposals.submit(BODY, body, month)


def _posted_bodies() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.area_code FROM access_posting p JOIN access_user u ON u.id = p.user_id"
            " WHERE u.is_demonstration AND p.role = 'secretary'"
        )
        return [code for (code,) in cursor.fetchall()]


def _allot(month: Month) -> None:
    """Every head gets what the months left of the budget year need, and a little more."""
    year = budget.budget_year(month.first_day)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM payments_budget_head WHERE year = %s)", [year])
        if cursor.fetchone()[0]:
            return
        cursor.execute(
            "SELECT b.head, sum(b.paise)::bigint FROM payments_bill b JOIN payments_month_closing c ON c.run_id = b.run_id"
            " WHERE c.month = %s GROUP BY 1 ORDER BY 1",
            [month.first_day],
        )
        heads = cursor.fetchall()
    # to full lakhs of rupees: a budget is no sum of pensions
    budget.allot_many(
        STATE, year, [(head, -(-paise * 8 // 10_000_000) * 10_000_000) for head, paise in heads], ORDER
    )


def _bills(month: Month) -> None:
    """Sanctioned, submitted and passed, each officer's together; one bill gets an objection and waits for its new version."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT b.ddo_code FROM payments_bill b JOIN payments_month_closing c ON c.run_id = b.run_id"
            " WHERE c.month = %s ORDER BY 1",
            [month.first_day],
        )
        officers = [code for (code,) in cursor.fetchall()]
    for code in officers:
        if not _versions(month, code, BillVersion.State.values).exists():
            billing.sanction(SANCTIONING, code, month)
        if _versions(month, code, ["sanctioned"]).exists():
            billing.submit(DDO, code, month)
    submitted = list(_versions(month, None, ["submitted"]).order_by("paise", "bill__bill_no"))
    if not submitted:
        return
    if len(submitted) > 1 and not _versions(month, None, ["objected"]).exists():
        bill_steps.objected(
            TREASURY, submitted.pop(0).key, "The sanction order names another month in its second line."
        )
    # like everything else that is done with the bills, on the day on which the demonstration begins
    on = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        bill_steps.passed(
            cursor,
            [
                (one.pk, f"T{on:%m%d}{number:05d}", on, f"V{on:%m%d}{number:05d}", on)
                for number, one in enumerate(submitted, 1)
            ],
        )


def _versions(month: Month, ddo_code: str | None, states: Sequence[str]) -> QuerySet[BillVersion]:
    found = BillVersion.objects.filter(bill__month=month.first_day, state__in=states)
    return found if ddo_code is None else found.filter(bill__ddo_code=ddo_code)


def _files(month: Month) -> None:
    files.make(STATE, month)
    for file in PaymentFile.objects.filter(month=month.first_day, state="made").order_by("pk"):
        files.release(CHECKER, file.key)
    files.send_released(CHECKER)


def _answers(month: Month) -> None:
    for file in PaymentFile.objects.filter(month=month.first_day, state__in=("released", "sent")).order_by(
        "pk"
    ):
        name = file.name.replace("-INP", "-RES")
        if not ResponseFile.objects.filter(name=name).exists():
            read_response(BANK, answer_of(files.content(BANK, file)), name)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT run_id FROM payments_month_closing WHERE month = %s", [month.first_day])
        bill_steps.mark_paid(cursor, cursor.fetchone()[0])


def answer_of(file: bytes) -> bytes:
    """What the demonstration bank answers to a file of 306 characters: the same lines with flag and reason filled in.

    Which credits come back depends on their reference alone, so the same file gets the same answer.
    """
    head, *details = file.decode("ascii").splitlines()
    answered: list[str] = []
    returned = 0
    for line in details:
        lot = crc32(line[231:261].encode()) % 1000
        if lot < UNANSWERED:
            continue
        back = lot < UNANSWERED + RETURNED
        said = f"0{REASONS[returned % len(REASONS)]}" if back else "100"
        returned += back
        if RETURNED + UNANSWERED <= lot < RETURNED + UNANSWERED + RENAMED:
            line = line[:31] + line[31:71].split()[0][:40].ljust(40) + line[71:]
        # the corporation's own number of the item, which is the bank's reference
        line = line[:133] + f"{1_000_000_000 + len(answered)}" + line[143:]
        answered.append(line[:153] + said + line[156:])
    total = sum(int(line[120:133]) for line in answered)
    head = head[:112] + f"{total:013d}" + head[125:238] + f"{len(answered):09d}" + head[247:]
    return ("\n".join([head, *answered]) + "\n").encode("ascii")


def late_deaths(month: Month, folder: Path) -> None:
    """Three credited with the month had died before it, which the registrar reports after the credit: written to `folder`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.member_id FROM payments_entry e WHERE e.month = %s AND e.kind = 'credited'"
            " AND NOT EXISTS (SELECT FROM registry_event_belief b WHERE b.member_id = e.member_id AND b.event_id NOT LIKE %s)"
            " ORDER BY md5(e.member_id::text) LIMIT 3",
            [month.first_day, f"{LATE}%"],
        )
        members = [member for (member,) in cursor.fetchall()]
    lines = ["event_id,member_id,kind,happened_on,reported_on,spouse_id"]
    for number, member in enumerate(members, 1):
        died = month.first_day - timedelta(days=4 + number)
        lines.append(f"{LATE}{number},{member:09d},death,{died},{month.first_day + timedelta(days=9)},")
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_write(folder / "events.csv") as path:
        path.write_text("\n".join(lines) + "\n", encoding="ascii")


def _hold_one(month: Month) -> None:
    """Somebody of whom a neighbour says that he has left the place: held until it is looked into."""
    if Hold.objects.exists():
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.key, d.scheme FROM payments_due d JOIN payments_month_closing c ON c.run_id = d.run_id"
            " JOIN registry_resident s ON s.member_id = d.member_id"
            " WHERE c.month = %s AND d.kind = 'regular' ORDER BY d.area_code, d.member_id OFFSET 1 LIMIT 1",
            [month.first_day],
        )
        found = cursor.fetchone()
    if found is not None:
        holds.hold(
            SANCTIONING, found[0], found[1], "moved", "Neighbours say the family moved to the town in summer."
        )
