"""Where a month's money stands, summed from bills, files, answers and the ledger, so that pages of a whole State are quick.

The sums are made anew whenever what they stand on has changed (`bring_up_to_date`): by a job of the platform, and for a small
month at once by whoever looks. They decide nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from haqdar.access.actors import Actor, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.sql import statement
from haqdar.payments.entries import know_sizes
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models.oversight import OUTCOMES
from haqdar.payments.queries import COUNTED
from haqdar.payments.rails.profiles import validating

AT_ONCE = 50_000
"""Credits of a month up to which its sums are made while a page waits; a larger month is summed by the job."""

PAID = ("credited", "credited_later")
BACK = ("returned",)
WAITING = tuple(outcome for outcome in OUTCOMES if outcome not in (*PAID, *BACK))

# Only what touches the month itself: at State size its sums cost a minute, and a file of answers names one month or two.
_MARK = f"""
    SELECT r.id, md5(concat_ws('|', r.id,
        (SELECT concat_ws(',', max(f.id), count(*)) FROM payments_response_file f WHERE r.month = ANY(f.months)),
        (SELECT string_agg(id || state, ',' ORDER BY id) FROM payments_file WHERE month = r.month),
        (SELECT concat_ws(',', max(v.id), count(*) FILTER (WHERE v.state = 'submitted'), count(*) FILTER (WHERE v.state = 'passed'),
            count(*) FILTER (WHERE v.state = 'paid'), count(*) FILTER (WHERE v.state IN ('objected', 'cancelled')))
            FROM payments_bill_version v JOIN payments_bill b ON b.id = v.bill_id WHERE b.run_id = r.id),
        -- a hold matters while something of the month has not gone out, a second return while one waits
        (SELECT concat_ws(',', max(id), count(*) FILTER (WHERE released_at IS NULL)) FROM payments_hold WHERE EXISTS (
            SELECT FROM payments_standing s WHERE s.month = r.month AND s.outcome IN ('held', 'unbilled', 'ready'))),
        (SELECT concat_ws(',', count(*), max(state_at)) FROM payments_return WHERE month = r.month),
        (SELECT max(state_at) FROM payments_return WHERE attempt > 1 AND EXISTS (
            SELECT FROM payments_standing s WHERE s.month = r.month AND s.outcome IN ('again', 'returned'))),
        (SELECT count(*) FROM payments_set_aside_note n JOIN payments_response_line l ON l.id = n.line_id
            JOIN payments_instruction i ON i.id = l.instruction_id WHERE n.decision <> 'noted' AND i.run_id = r.id),
        -- who could not be paid when the month was run, and can be now
        (SELECT count(*) FROM payments_not_payable n JOIN payments_instruction i
            ON i.run_id = n.run_id AND i.member_id = n.member_id AND i.scheme = n.scheme AND i.state = 'written'
            WHERE n.run_id = r.id)))
    FROM cases_month_run r WHERE {COUNTED} AND r.month = %s
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """How many credits and how many paise."""

    credits: int = 0
    paise: int = 0

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.credits + other.credits, self.paise + other.paise)


@dataclass
class Stand:
    """Where the money of an area (or of a scheme) stands, by outcome; returns by reason."""

    outcomes: dict[str, Sums] = field(default_factory=dict)
    reasons: dict[str, Sums] = field(default_factory=dict)

    def of(self, *outcomes: str) -> Sums:
        """The sum of these outcomes."""
        return sum((self.outcomes.get(one, Sums()) for one in outcomes), Sums())

    @property
    def all(self) -> Sums:
        """Everything that was payable."""
        return self.of(*OUTCOMES)

    @property
    def paid(self) -> Sums:
        """What banks credited and did not give back."""
        return self.of(*PAID)

    @property
    def waiting(self) -> Sums:
        """What is on its way, wherever."""
        return self.of(*WAITING)

    @property
    def back(self) -> Sums:
        """What came back and has no next credit yet."""
        return self.of(*BACK)


@dataclass(frozen=True)
class Below:
    """An area one level below the one shown."""

    place: Place
    stand: Stand


@dataclass(frozen=True)
class MonthStand:
    """Where a month's money stands in one area, whole, by scheme and by the areas below; as of `summed_at`."""

    summed_at: datetime | None
    stand: Stand
    schemes: Mapping[str, Stand]
    areas: list[Below]


def bring_up_to_date(month: date, *, most: int | None = None) -> bool:
    """Make the sums of `month` anew if what they stand on has changed; True if it did anything.

    With `most`, a month of more credits is left for the job. Two at once wait for each other, the second finds nothing to do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        found = _mark(cursor, month)
        if found is None or _is_current(cursor, month, found[1]):
            return False
        run_id = found[0]
        if most is not None:
            cursor.execute(
                "SELECT count(*) FROM (SELECT FROM payments_instruction WHERE run_id = %s LIMIT %s) few",
                [run_id, most + 1],
            )
            if cursor.fetchone()[0] > most:
                return False
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('payments.standing'), %s)", [month.toordinal()])
        found = _mark(cursor, month)
        if found is None or _is_current(cursor, month, found[1]):
            return False
        _sum_up(cursor, month, *found)
    return True


def months_to_sum() -> list[date]:
    """The counted months, newest first, that the job looks at: those whose money may still move."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.month FROM cases_month_run r WHERE {COUNTED} ORDER BY r.month DESC LIMIT 24"
        )
        return [row[0] for row in cursor.fetchall()]


def latest_sent() -> date | None:
    """The latest month of which a file went to the banks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(month) FROM payments_file WHERE state IN ('released', 'sent') AND profile <> ALL(%s)",
            [list(validating())],
        )
        (found,) = cursor.fetchone()
    return found if isinstance(found, date) else None


def _mark(cursor: Any, month: date) -> tuple[int, str] | None:
    cursor.execute(_MARK, [month])
    found = cursor.fetchone()
    return (found[0], found[1]) if found else None


def _is_current(cursor: Any, month: date, mark: str) -> bool:
    cursor.execute("SELECT mark = %s FROM payments_standing_of WHERE month = %s", [mark, month])
    found = cursor.fetchone()
    return bool(found and found[0])


def _sum_up(cursor: Any, month: date, run_id: int, mark: str) -> None:
    values = {"run": run_id, "month": month}
    # right after a file or an answer the database does not know yet how many rows there are, and would look them up one by one
    cursor.execute(
        "ANALYZE payments_file_item, payments_response_line, payments_return, payments_bill_version"
    )
    know_sizes(cursor, month)
    # a State's month is sorted and joined in memory as far as it goes
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute(_ENTERED, values)
    cursor.execute("ANALYZE standing_entered")
    cursor.execute(statement(PACKAGE, "standing"), values)
    cursor.execute("ANALYZE standing_now")
    cursor.execute("DELETE FROM payments_standing WHERE month = %(month)s", values)
    cursor.execute(
        "INSERT INTO payments_standing (month, area_code, ddo_code, scheme, outcome, reason, credits, paise)"
        " SELECT %(month)s, area_code, ddo_code, scheme, outcome, reason, count(*), sum(paise) FROM standing_now"
        " GROUP BY 2, 3, 4, 5, 6",
        values,
    )
    cursor.execute("DELETE FROM payments_bill_standing WHERE month = %(month)s", values)
    cursor.execute(statement(PACKAGE, "standing_of_bills"), values)
    cursor.execute("SELECT payees_run FROM payments_standing_of WHERE month = %(month)s", values)
    counted = cursor.fetchone()
    if counted is None or counted[0] != run_id:
        cursor.execute("DELETE FROM payments_payee_count WHERE month = %(month)s", values)
        cursor.execute(statement(PACKAGE, "payee_count"), values)
    cursor.execute(
        "INSERT INTO payments_standing_of (month, mark, summed_at, payees_run) VALUES (%(month)s, %(mark)s, now(), %(run)s)"
        " ON CONFLICT (month) DO UPDATE SET mark = excluded.mark, summed_at = now(), payees_run = excluded.payees_run",
        values | {"mark": mark},
    )
    cursor.execute("DROP TABLE standing_now, standing_entered")
    cursor.execute("RESET work_mem")


_ENTERED = """
    CREATE TEMP TABLE standing_entered ON COMMIT DROP AS
    SELECT id, credited OR credited_after_all AS credited, late AND NOT credited_after_all AS late,
        returned AND NOT credited_after_all AS returned
    FROM (
        SELECT e.source_id AS id, bool_or(e.kind = 'credited') AS credited, bool_or(e.kind = 'returned_late') AS late,
            bool_or(e.kind = 'returned') AS returned, bool_or(e.kind = 'credited_late') AS credited_after_all
        FROM payments_entry e
        WHERE e.month = %(month)s AND e.kind IN ('credited', 'returned', 'returned_late', 'credited_late')
        GROUP BY 1
    ) e
"""

_STANDS = """
    SELECT s.scheme, s.outcome, s.reason, {child}, sum(s.credits)::int, sum(s.paise)::bigint
    FROM payments_standing s LEFT JOIN access_area a ON a.area_code = s.area_code
    WHERE s.month = %(month)s AND {inside}
    GROUP BY 1, 2, 3, 4
"""


def month_stand(actor: Actor, month: date, here: Place, *, scheme: str = "") -> MonthStand:
    """Where the money of `month` stands in `here`, whole, by scheme, and by the areas directly below.

    Needs `reconciliation.view`; refuses with OutsideYourArea. What has no place is the State's.
    """
    actor = require(actor, "reconciliation.view")
    require_area(actor, here.path)
    bring_up_to_date(month, most=AT_ONCE)
    inside = "(a.path IS NULL OR a.path LIKE %(below)s)" if here.kind == "state" else "a.path LIKE %(below)s"
    values: dict[str, Any] = {"month": month, "below": below(here.path), "depth": here.path.count("/")}
    if scheme:
        inside, values["scheme"] = f"{inside} AND s.scheme = %(scheme)s", scheme
    whole, schemes, areas = Stand(), dict[str, Stand](), dict[str, Stand]()
    with connection.cursor() as cursor:
        cursor.execute("SELECT summed_at FROM payments_standing_of WHERE month = %s", [month])
        summed = cursor.fetchone()
        cursor.execute(_STANDS.format(child="split_part(a.path, '/', %(depth)s + 1)", inside=inside), values)
        for code, outcome, reason, child, credits, paise in cursor.fetchall():
            sums = Sums(credits, paise)
            for stand in (
                whole,
                schemes.setdefault(code, Stand()),
                areas.setdefault(child or "", Stand()),
            ):
                stand.outcomes[outcome] = stand.outcomes.get(outcome, Sums()) + sums
                if reason:
                    stand.reasons[reason] = stand.reasons.get(reason, Sums()) + sums
        cursor.execute(
            "SELECT area_code, kind, name_en, coalesce(name_hi, ''), path FROM access_area WHERE area_code = ANY(%s)"
            " ORDER BY name_en, area_code",
            [[code for code in areas if code]],
        )
        found = [Below(Place(*row), areas[row[0]]) for row in cursor.fetchall()]
    return MonthStand(summed[0] if summed else None, whole, dict(sorted(schemes.items())), found)


def months_with_money(actor: Actor) -> list[date]:
    """The counted months, newest first."""
    require(actor, "reconciliation.view")
    return months_to_sum()
