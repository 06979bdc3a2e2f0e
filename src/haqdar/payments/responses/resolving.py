"""From what an answer calls a credit or a file to our own references, where the bank does not give those back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from haqdar.base.month import Month
from haqdar.payments.models import PaymentFile
from haqdar.payments.rails.files import rules
from haqdar.payments.rails.profiles import FileFacts, codes, profile

SAME_FILE = ("DU01", "DU02", "DU03", "DU04", "DU05", "DUPL", "AM05")
"""Reasons which say that a file came twice: its credits were taken with the first, so nothing came back."""
WHOLE = "FILE"
"""The reason of each credit of a file that was refused whole; the bank's own stands in the audit trail."""
_LOOK_BACK = timedelta(days=400)


def files_called(ids: list[str], on: date) -> dict[str, int]:
    """Message or payment id -> the file from here that bears it, among those that were to settle in the year before `on` or later."""
    found: dict[str, int] = {}
    sent = PaymentFile.objects.filter(
        state__in=("released", "sent"),
        profile__in=[code for code in codes() if profile(code).format == "xml"],
        settlement_on__gte=on - _LOOK_BACK,
    )
    originator = rules().originator
    for file in sent.order_by("pk"):
        facts = FileFacts(
            originator,
            Month.of(file.month),
            file.settlement_on,
            file.sequence,
            file.items,
            file.paise,
            0,
            file.made_at,
        )
        named = facts.named(profile(file.profile))
        for name in ("user_reference", "payment_id"):
            if named.get(name) in ids:
                found[named[name]] = file.pk
    return found


def spread(cursor: Any) -> dict[str, str]:
    """Put the credits of a file that was refused whole into `answer_read`, each as returned; returns file id -> the bank's reason.

    A line that names no file of ours, or says that the file came twice, stays for a person to look into.
    """
    cursor.execute(
        "SELECT line_no, reference, reason_code, value_on FROM answer_read WHERE problem = 'whole_file' AND reference <> ''"
        " AND reason_code <> ALL(%s)",
        [list(SAME_FILE)],
    )
    said = cursor.fetchall()
    if not said:
        return {}
    known = files_called([row[1] for row in said], min(row[3] or timezone.localdate() for row in said))
    done: dict[str, str] = {}
    for line_no, reference, reason, _ in said:
        if reference not in known:
            continue
        cursor.execute(_SPREAD, {"line": line_no, "file": known[reference], "reason": WHOLE})
        cursor.execute("DELETE FROM answer_read WHERE line_no = %s AND problem = 'whole_file'", [line_no])
        done[reference] = reason
    return done


_SPREAD = """
    INSERT INTO answer_read (line_no, reference, outcome, reason_code, paise, value_on, utr, account_name, problem)
    SELECT (SELECT max(line_no) FROM answer_read) + c.line_no, c.reference, 'returned', %(reason)s, c.paise, w.value_on, '', '', ''
    FROM (
        SELECT t.line_no, i.reference, t.paise FROM payments_file_item t JOIN payments_instruction i ON i.id = t.instruction_id
        WHERE t.file_id = %(file)s AND t.alive
        UNION ALL SELECT d.line_no, d.reference, d.paise FROM payments_account_drop d WHERE d.file_id = %(file)s AND d.alive
    ) c CROSS JOIN (SELECT value_on FROM answer_read WHERE line_no = %(line)s) w"""


def by_place(cursor: Any) -> None:
    """Find our reference behind an end-to-end id that names file, day and line: profiles that compose one of their own."""
    own = [code for code in codes() if "end_to_end" in profile(code).values]
    values = {"profiles": own, "government": rules().originator.government_code}
    cursor.execute(f"SELECT EXISTS ({_PLACED})", values)
    if not cursor.fetchone()[0]:
        return
    cursor.execute(
        "SELECT FROM pg_attribute WHERE attrelid = 'answer_read'::regclass AND attname = 'full_reference' AND attgenerated <> ''"
    )
    if cursor.fetchone() is not None:
        cursor.execute("ALTER TABLE answer_read ALTER COLUMN full_reference DROP EXPRESSION")
    cursor.execute(_BY_PLACE, values)


_PLACED = "SELECT FROM answer_read WHERE problem = '' AND reference ~ '^EP[0-9A-Z]{4}[0-9]{23}$'"
_BY_PLACE = """
    WITH placed AS MATERIALIZED (
        SELECT line_no, substr(reference, 3, 4) AS government, reference FROM answer_read
        WHERE problem = '' AND reference ~ '^EP[0-9A-Z]{4}[0-9]{23}$'
    ), wanted AS MATERIALIZED (
        SELECT line_no, substr(reference, 7, 12)::bigint AS sequence, substr(reference, 19, 5) AS day,
            substr(reference, 24)::int AS place
        FROM placed WHERE government = %(government)s
    ), found AS (
        SELECT w.line_no, min(i.reference) AS reference
        FROM wanted w
        JOIN payments_file f ON f.profile = ANY(%(profiles)s) AND f.state IN ('released', 'sent') AND f.sequence = w.sequence
            AND to_char(f.settlement_on, 'YYDDD') = w.day
        JOIN payments_file_item t ON t.file_id = f.id AND t.line_no = w.place AND t.alive
        JOIN payments_instruction i ON i.id = t.instruction_id
        GROUP BY 1 HAVING count(*) = 1
    )
    UPDATE answer_read a SET full_reference = f.reference FROM found f WHERE f.line_no = a.line_no"""
