"""What is to be asked of the treasury: bills that were submitted, credits that failed and go again, days whose failures are watched.

Every step is a statement over sets, and repeating it adds nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require
from haqdar.access.many import record_many
from haqdar.base.sql import statement
from haqdar.payments.models.treasury import DEAD
from haqdar.payments.treasury.profile import CARRIER, PACKAGE, Profile

AT_A_TIME = 500
"""Bills that are taken up in one transaction."""
TOLD_NO = ("", "funds", "no_allotment", "login_refused", "refused", "held")
"""The problem of an order's last question after which the treasury does not have the bill; after any other it may have it."""
LOCK = 5_306_0008
"""The database's lock for taking up bills: two workers never claim the same credits."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What was taken up: bills and corrections that go out, bills held back, bills that ended here."""

    bills: int = 0
    corrections: int = 0
    held_back: int = 0
    ended: int = 0


def queue(actor: Actor, profile: Profile) -> Queued:
    """Take up everything that is to be asked now, some hundred bills a transaction. Needs `treasury.exchange`."""
    actor = require(actor, "treasury.exchange")
    ended = _end(actor)
    going, back = _bills(actor, profile, again=True)
    while True:
        more, more_back = _bills(actor, profile, again=False)
        going, back = going + more, back + more_back
        if more + more_back == 0:
            break
    corrections = _corrections(actor, profile)
    watch(actor, profile)
    return Queued(going, corrections, back, ended)


def _end(actor: Actor) -> int:
    with acting(actor, "treasury.exchange"), connection.cursor() as cursor:
        _alone(cursor)
        cursor.execute(statement(PACKAGE, "ended"), {"now": timezone.now()})
        over = cursor.fetchall()
        if over:
            free(cursor, actor, [bill for bill, _ in over])
            record_many(
                actor,
                "treasury.exchange",
                "treasury_bill",
                ((key, None, {"state": "ended"}) for _, key in over),
            )
    return len(over)


def is_held(cursor: Any, bill: int) -> bool:
    """Whether somebody on a bill is held now."""
    cursor.execute(
        "SELECT EXISTS (SELECT FROM payments_treasury_credit c JOIN payments_instruction i ON i.id = c.instruction_id"
        " JOIN payments_hold h ON h.member_id = i.member_id AND h.scheme = i.scheme AND h.released_at IS NULL WHERE c.bill_id = %s)",
        [bill],
    )
    return bool(cursor.fetchone()[0])


def free(cursor: Any, actor: Actor, bills: Sequence[int]) -> None:
    """Give the credits of dead or put back bills free where no other bill carries them and the treasury was told of none."""
    values = {
        "carrier": CARRIER,
        "dead": [*DEAD, "held_back"],
        "bills": list(bills),
        "by": actor.name,
        "now": timezone.now(),
    }
    cursor.execute(statement(PACKAGE, "freed"), values)
    cursor.execute(
        "UPDATE payments_file_item SET alive = false WHERE alive AND file_id = ANY(%s)",
        [[file for (file,) in cursor.fetchall()]],
    )


def _bills(actor: Actor, profile: Profile, *, again: bool) -> tuple[int, int]:
    """Take up new bills, or look `again` at those held back; how many go out and how many (new ones) are held back."""
    with acting(actor, "treasury.exchange"), connection.cursor() as cursor:
        _alone(cursor)
        if again:
            cursor.execute(
                "SELECT t.id FROM payments_treasury_bill t JOIN payments_bill_version v ON v.id = t.version_id"
                " WHERE t.state = 'held_back' AND v.state = 'submitted' FOR SHARE OF v"
            )
        else:
            cursor.execute(statement(PACKAGE, "bills_new"), {"most": AT_A_TIME, "now": timezone.now()})
        bills = [bill for (bill,) in cursor.fetchall()]
        if not bills:
            return 0, 0
        values: dict[str, Any] = {"bills": bills, "carrier": CARRIER}
        cursor.execute("DROP TABLE IF EXISTS treasury_part, treasury_judged")
        cursor.execute(statement(PACKAGE, "bill_parts"), values)
        cursor.execute(statement(PACKAGE, "bills_judged"), values)
        cursor.execute(statement(PACKAGE, "credits_new"))
        cursor.execute(
            "UPDATE payments_treasury_bill t SET state = CASE WHEN j.problem = '' THEN 'queued' ELSE t.state END,"
            " since_at = CASE WHEN j.problem = '' THEN %s ELSE t.since_at END, problem = j.problem"
            " FROM treasury_judged j WHERE j.bill_id = t.id AND (j.problem = '' OR t.problem <> j.problem)"
            " RETURNING t.id, t.key::text, t.state, t.number, t.persons, t.paise",
            [timezone.now()],
        )
        rows = cursor.fetchall()
        going = [row for row in rows if row[2] == "queued"]
        _claim(cursor, actor, profile, [row[0] for row in going])
        ask(cursor, "PI", [row[0] for row in going])
        _say(actor, going)
    return len(going), 0 if again else len(bills) - len(going)


def _corrections(actor: Actor, profile: Profile) -> int:
    with acting(actor, "treasury.exchange"), connection.cursor() as cursor:
        _alone(cursor)
        cursor.execute("DROP TABLE IF EXISTS treasury_again")
        cursor.execute(statement(PACKAGE, "corrections_new"))
        cursor.execute(statement(PACKAGE, "corrections_kept"), {"now": timezone.now()})
        bills = [bill for (bill,) in cursor.fetchall()]
        if bills:
            _claim(cursor, actor, profile, bills)
            ask(cursor, "COR", bills)
            cursor.execute(
                "SELECT id, key::text, state, number, persons, paise FROM payments_treasury_bill WHERE id = ANY(%s)",
                [bills],
            )
            _say(actor, cursor.fetchall())
    return len(bills)


def watch(actor: Actor, profile: Profile) -> None:
    """Keep asking for the failures of every voucher date that is watched, and close bills whose failures can come no more.

    A treasury tells failures by the date of the voucher. Each such date is asked for until the last bill of it is closed: a moving
    window, in which no late return is missed. Needs `treasury.exchange`.
    """
    actor = require(actor, "treasury.exchange")
    with acting(actor, "treasury.exchange"), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_treasury_bill SET state = 'closed', since_at = %s"
            " WHERE state = 'paid' AND voucher_on + %s < %s RETURNING key::text",
            [timezone.now(), profile.watch_days, timezone.localdate()],
        )
        closed = cursor.fetchall()
        if closed:
            record_many(
                actor,
                "treasury.exchange",
                "treasury_bill",
                ((key, None, {"state": "closed"}) for (key,) in closed),
            )
        watched = (
            "SELECT fin_year || ' ' || voucher_on FROM payments_treasury_bill"
            " WHERE kind = 'bill' AND voucher_on IS NOT NULL AND state IN ('in_process', 'paid')"
        )
        cursor.execute(
            "INSERT INTO payments_treasury_message (service, about, queued_at, next_at)"
            f" SELECT DISTINCT 'FD', about, %(now)s::timestamptz, %(now)s::timestamptz FROM ({watched}) w (about)"
            " ON CONFLICT (service, about) WHERE bill_id IS NULL"
            # a later voucher of the same date opens a day again that was closed
            " DO UPDATE SET state = 'waiting', next_at = %(now)s WHERE payments_treasury_message.state = 'done'",
            {"now": timezone.now()},
        )
        cursor.execute(
            f"UPDATE payments_treasury_message SET state = 'done' WHERE service = 'FD' AND state = 'waiting' AND about NOT IN ({watched})"
        )
        cursor.execute(
            "UPDATE payments_treasury_message m SET state = 'done' FROM payments_treasury_bill t"
            " WHERE t.id = m.bill_id AND t.state = 'closed' AND m.state = 'waiting'"
        )


def _alone(cursor: Any) -> None:
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _claim(cursor: Any, actor: Actor, profile: Profile, bills: Sequence[int]) -> None:
    """Claim the credits of the bills that no list of the treasury's holds yet."""
    cursor.execute("DROP TABLE IF EXISTS treasury_claim")
    cursor.execute(statement(PACKAGE, "carriers_new"), {"bills": list(bills)})
    cursor.execute(
        statement(PACKAGE, "carriers_kept"),
        {
            "carrier": CARRIER,
            "since": profile.since,
            "today": timezone.localdate(),
            "by": actor.name,
            "now": timezone.now(),
        },
    )


def ask(cursor: Any, service: str, bills: Sequence[int]) -> None:
    """Put a question about each bill, once; what was not asked because of a hold is asked after all."""
    cursor.execute(
        "INSERT INTO payments_treasury_message AS m (bill_id, service, queued_at, next_at)"
        " SELECT unnest(%s::bigint[]), %s, %s, %s ON CONFLICT (bill_id, service) WHERE bill_id IS NOT NULL"
        " DO UPDATE SET state = 'waiting', next_at = excluded.next_at, problem = '' WHERE m.state = 'done' AND m.problem = 'held'",
        [list(bills), service, timezone.now(), timezone.now()],
    )


def _say(actor: Actor, rows: Sequence[tuple[Any, ...]]) -> None:
    record_many(
        actor,
        "treasury.exchange",
        "treasury_bill",
        (
            (key, None, {"state": state, "number": number, "persons": persons, "paise": paise})
            for _, key, state, number, persons, paise in rows
        ),
    )
