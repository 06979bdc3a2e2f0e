"""Reads of proposals: a State, district or block by body; one body by scheme; one proposal payee by payee, with what changed and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, below, require, require_area
from haqdar.access.queries import Place
from haqdar.base.month import Month
from haqdar.base.paging import Paged
from haqdar.payments.models import Proposal
from haqdar.payments.proposals import days_of_closed, run_before
from haqdar.payments.queries import COUNTED

BODY_KINDS = ("gp", "ulb")
SHOWN = ("all", "changes", "new", "ended", "changed", "arrears", "recovery", "held", "unpayable")
"""The filters of a proposal's list; `changes` is everybody new, ended or with another amount."""


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month that was run, and when it was closed."""

    month: date
    closed_on: date | None


def months_of(actor: Actor) -> list[MonthState]:
    """The months with money that counts, newest first. Needs ``proposal.view``."""
    require(actor, "proposal.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.month, c.closed_at FROM cases_month_run r LEFT JOIN payments_month_closing c ON c.month = r.month"
            f" WHERE {COUNTED} ORDER BY r.month DESC LIMIT 24"
        )
        return [
            MonthState(month, timezone.localdate(closed) if closed else None)
            for month, closed in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class AreaProposals:
    """The proposals of the bodies of one area: bodies by how far they are, then pensions and paise; sums of proposals.

    A body is `open` while one of its proposals is not verified, `verified` while one waits to be submitted, else `silent` when it
    went on without the body, else `submitted`. `late_days` is how long the latest body is over the law's day.
    """

    place: Place
    bodies: int
    open: int
    verified: int
    submitted: int
    silent: int
    persons: int
    new_persons: int
    ended_persons: int
    changed_persons: int
    payable_paise: int
    held_persons: int
    held_paise: int
    unpayable_persons: int
    unpayable_paise: int
    late_days: int

    @property
    def ready(self) -> int:
        """Bodies whose proposals can be billed."""
        return self.submitted + self.silent


# a row a body: its worst state, and its sums
_BODY = """
    SELECT p.body_code, a.path, a.kind, a.name_en, coalesce(a.name_hi, '') AS name_hi, min(p.ddo_code) AS ddo_code,
        CASE WHEN bool_or(p.state = 'generated') THEN 'open' WHEN bool_or(p.state = 'verified') THEN 'verified'
            WHEN bool_or(p.state = 'silent') THEN 'silent' ELSE 'submitted' END AS state,
        sum(p.persons)::int AS persons, sum(p.new_persons)::int AS new_persons, sum(p.ended_persons)::int AS ended_persons,
        sum(p.changed_persons)::int AS changed_persons, sum(p.payable_paise)::bigint AS payable_paise,
        (sum(p.held_persons) + coalesce(sum(x.persons), 0))::int AS held_persons,
        (sum(p.held_paise) + coalesce(sum(x.paise), 0))::bigint AS held_paise,
        sum(p.unpayable_persons)::int AS unpayable_persons, sum(p.unpayable_paise)::bigint AS unpayable_paise,
        CASE WHEN bool_or(p.state IN ('generated', 'verified')) THEN greatest(%(today)s::date - min(p.due_on), 0) ELSE 0 END
            AS late_days,
        max(p.submitted_at) AS submitted_at
    FROM payments_proposal p JOIN access_area a ON a.area_code = p.body_code
    -- whom bodies left out since, and who is not released again
    LEFT JOIN (
        SELECT e.proposal_id, count(DISTINCT e.member_id) AS persons, sum(d.paise - coalesce(w.paise, 0)) AS paise
        FROM payments_proposal_exception e JOIN payments_hold h ON h.id = e.hold_id AND h.released_at IS NULL
        JOIN payments_proposal q ON q.id = e.proposal_id AND q.month = %(month)s
        JOIN payments_due d ON d.run_id = q.run_id AND d.member_id = e.member_id AND d.scheme = q.scheme AND d.kind <> 'recovery'
        LEFT JOIN LATERAL (SELECT sum(k.paise) AS paise FROM payments_withholding k WHERE k.due_id = d.id) w ON true
        GROUP BY e.proposal_id
    ) x ON x.proposal_id = p.id
    WHERE p.month = %(month)s AND a.path LIKE ANY(%(own)s) AND (%(here)s = '' OR a.path LIKE %(here)s)
        AND (%(ddo)s = '' OR p.ddo_code = %(ddo)s)
    GROUP BY p.body_code, a.path, a.kind, a.name_en, a.name_hi
"""
_SUMS = """count(*)::int, count(*) FILTER (WHERE state = 'open')::int, count(*) FILTER (WHERE state = 'verified')::int,
        count(*) FILTER (WHERE state = 'submitted')::int, count(*) FILTER (WHERE state = 'silent')::int, sum(persons)::int,
        sum(new_persons)::int, sum(ended_persons)::int, sum(changed_persons)::int, sum(payable_paise)::bigint,
        sum(held_persons)::int, sum(held_paise)::bigint, sum(unpayable_persons)::int, sum(unpayable_paise)::bigint,
        max(late_days)::int"""


def by_area(actor: Actor, month: Month, here: Place) -> list[AreaProposals]:
    """The proposals of the areas directly below `here`, by name. Needs ``proposal.view``; refuses with ``OutsideYourArea``."""
    actor = require(actor, "proposal.view")
    require_area(actor, here.path)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH body AS ({_BODY}), placed AS (SELECT replace(coalesce((string_to_array(trim(BOTH '/' FROM path), '/'))"
            f"[%(depth)s + 1], body_code), '%%2F', '/') AS code, * FROM body)"
            f" SELECT c.area_code, c.kind, c.name_en, coalesce(c.name_hi, ''), c.path, q.* FROM ("
            f"  SELECT code, {_SUMS} FROM placed GROUP BY code) q JOIN access_area c ON c.area_code = q.code"
            " ORDER BY c.name_en, c.area_code",
            _values(actor, month, here) | {"depth": here.path.count("/") - 1},
        )
        return [AreaProposals(Place(*row[:5]), *row[6:]) for row in cursor.fetchall()]


def _values(actor: Actor, month: Month, here: Place | None, ddo: str = "") -> dict[str, Any]:
    return {
        "today": timezone.localdate(),
        "month": month.first_day,
        "own": actor.path_patterns(),
        "here": "" if here is None or here.kind == "state" else below(here.path),
        "ddo": ddo,
    }


def of_body(actor: Actor, month: Month, here: Place) -> list[Proposal]:
    """The month's proposals of one body by scheme. Needs ``proposal.view``; refuses with ``OutsideYourArea``."""
    actor = require(actor, "proposal.view")
    require_area(actor, here.path)
    return list(Proposal.objects.filter(month=month.first_day, body_code=here.area_code).order_by("scheme"))


@dataclass(frozen=True, slots=True)
class Standing:
    """What of some proposals stands still now: held, or not payable (and not held); persons by scheme, and paise."""

    held_persons: int
    held_paise: int
    unpayable_persons: int
    unpayable_paise: int


def standing(found: Sequence[Proposal]) -> Standing:
    """What of these proposals of one body is held or not payable now; call it for what the actor may see."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH payee AS (
                SELECT d.member_id, d.scheme, d.run_id, sum(d.paise - coalesce(w.paise, 0))::bigint AS payable
                FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id
                CROSS JOIN LATERAL unnest(y.members) AS m (member_id)
                JOIN payments_due d ON d.member_id = m.member_id AND d.run_id = p.run_id AND d.scheme = p.scheme
                    AND d.kind <> 'recovery'
                LEFT JOIN LATERAL (SELECT sum(k.paise) AS paise FROM payments_withholding k WHERE k.due_id = d.id) w ON true
                WHERE p.id = ANY(%s) GROUP BY 1, 2, 3
            ),
            seen AS (
                SELECT p.payable, EXISTS (SELECT FROM payments_hold h WHERE h.member_id = p.member_id AND h.scheme = p.scheme
                        AND h.released_at IS NULL) AS held,
                    EXISTS (SELECT FROM payments_not_payable n WHERE n.member_id = p.member_id AND n.run_id = p.run_id
                        AND n.scheme = p.scheme) AS stuck
                FROM payee p WHERE p.payable > 0
            )
            SELECT count(*) FILTER (WHERE held)::int, coalesce(sum(payable) FILTER (WHERE held), 0)::bigint,
                count(*) FILTER (WHERE stuck AND NOT held)::int,
                coalesce(sum(payable) FILTER (WHERE stuck AND NOT held), 0)::bigint FROM seen
            """,
            [[one.pk for one in found]],
        )
        return Standing(*cursor.fetchone())


# -- readiness of drawing officers ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DrawingOfficer:
    """How ready the bodies of a drawing officer are; numbers as in `AreaProposals`."""

    ddo_code: str
    office_en: str
    office_hi: str
    bodies: int
    open: int
    verified: int
    submitted: int
    silent: int
    persons: int
    payable_paise: int
    late_days: int

    @property
    def ready(self) -> int:
        """Bodies whose proposals can be billed."""
        return self.submitted + self.silent


@dataclass(frozen=True, slots=True)
class BodyReadiness:
    """One body as its drawing officer sees it."""

    place: Place
    ddo_code: str
    state: str
    persons: int
    payable_paise: int
    held_persons: int
    held_paise: int
    unpayable_persons: int
    unpayable_paise: int
    late_days: int
    submitted_on: date | None


@dataclass(frozen=True, slots=True)
class Readiness:
    """A month as drawing officers look at it: the officers, the bodies of the one chosen (or only one), and the law's days."""

    officers: list[DrawingOfficer]
    bodies: list[BodyReadiness]
    ddo_code: str
    verification_on: date
    bill_on: date


def readiness(actor: Actor, month: Month, ddo_code: str = "") -> Readiness:
    """Which bodies have submitted to their drawing officers. Needs ``proposal.view``; shows the actor's own area only."""
    actor = require(actor, "proposal.view")
    days = days_of_closed(month.first_day)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH body AS ({_BODY}), office AS (SELECT DISTINCT ON (o.ddo_code) o.ddo_code, o.name_en, o.name_hi"
            "  FROM access_office o JOIN access_area a ON a.area_code = o.area_code WHERE o.ddo_code IS NOT NULL"
            "  ORDER BY o.ddo_code, a.depth, o.office_code)"
            " SELECT coalesce(b.ddo_code, ''), coalesce(o.name_en, ''), coalesce(o.name_hi, o.name_en, ''), count(*)::int,"
            " count(*) FILTER (WHERE state = 'open')::int, count(*) FILTER (WHERE state = 'verified')::int,"
            " count(*) FILTER (WHERE state = 'submitted')::int, count(*) FILTER (WHERE state = 'silent')::int,"
            " sum(persons)::int, sum(payable_paise)::bigint, max(late_days)::int"
            " FROM body b LEFT JOIN office o USING (ddo_code) GROUP BY 1, 2, 3 ORDER BY 1",
            _values(actor, month, None),
        )
        officers = [DrawingOfficer(*row) for row in cursor.fetchall()]
        chosen = ddo_code or (officers[0].ddo_code if len(officers) == 1 else "")
        bodies: list[BodyReadiness] = []
        if chosen and any(one.ddo_code == chosen for one in officers):
            cursor.execute(
                "SELECT body_code, kind, name_en, name_hi, path, ddo_code, state, persons, payable_paise, held_persons, held_paise,"
                f" unpayable_persons, unpayable_paise, late_days, submitted_at FROM ({_BODY}) b"
                " ORDER BY CASE state WHEN 'open' THEN 0 WHEN 'verified' THEN 1 WHEN 'silent' THEN 2 ELSE 3 END, name_en",
                _values(actor, month, None, chosen),
            )
            bodies = [
                BodyReadiness(
                    *(Place(*row[:5]), *row[5:-1], timezone.localdate(row[-1]) if row[-1] else None)
                )
                for row in cursor.fetchall()
            ]
    return Readiness(officers, bodies, chosen, days.verification, days.bill)


# -- payee by payee ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """One payee of a proposal; paise. `what` is new, ended, changed or same against the month compared with.

    `change` and `change_reason` are the words of the award change behind it, `other_scheme` where a move came from or went to,
    `from_area_*` the body that paid before, if another. `late_months` are the months that arrears or a recovery are for.
    """

    member_id: int
    resident_key: UUID | None
    name_en: str
    name_hi: str
    what: str
    regular_paise: int
    before_paise: int
    arrears_paise: int
    recovery_paise: int
    withheld_paise: int
    late_months: tuple[date, ...]
    hold_key: UUID | None
    hold_reason: str
    stuck: str
    change: str
    change_reason: str
    other_scheme: str
    from_area_en: str
    from_area_hi: str

    @property
    def payable_paise(self) -> int:
        """What is to go out, held or not."""
        return self.regular_paise + self.arrears_paise - self.withheld_paise


@dataclass(frozen=True)
class PayeePage(Paged):
    """A page of a proposal's list, and how many there are of each kind (`counts`, by word of `SHOWN`)."""

    PAGE: ClassVar[int] = 200
    rows: list[PayeeRow]
    total: int
    page: int
    counts: Mapping[str, int]
    compared_with: date | None


# `listed` has a row for each person of the proposal, read through the index of their dues
_LISTED = """
    WITH who AS (
        SELECT unnest(members) AS member_id FROM payments_proposal_payees WHERE proposal_id = %(proposal)s
        UNION ALL SELECT unnest(ended) FROM payments_proposal_payees WHERE proposal_id = %(proposal)s
    ),
    due AS MATERIALIZED (
        SELECT d.id, d.run_id, d.member_id, d.pension_group, d.kind, d.for_month, d.paise, d.area_code
        FROM who JOIN payments_due d USING (member_id)
        WHERE d.run_id IN (%(run)s, %(before)s) AND d.scheme = %(scheme)s
    ),
    present AS (
        SELECT member_id, min(pension_group) AS pension_group, min(area_code) AS area_code,
            coalesce(sum(paise) FILTER (WHERE kind = 'regular'), 0)::bigint AS regular,
            coalesce(sum(paise) FILTER (WHERE kind = 'arrears'), 0)::bigint AS arrears,
            coalesce(-sum(paise) FILTER (WHERE kind = 'recovery'), 0)::bigint AS recovery,
            coalesce(sum(k.kept) FILTER (WHERE kind <> 'recovery'), 0)::bigint AS withheld,
            coalesce(array_agg(DISTINCT for_month) FILTER (WHERE kind <> 'regular'), '{}') AS late_months
        FROM due LEFT JOIN LATERAL (SELECT sum(w.paise) AS kept FROM payments_withholding w WHERE w.due_id = due.id) k ON true
        WHERE run_id = %(run)s GROUP BY member_id
    ),
    before AS (
        SELECT member_id, min(pension_group) AS pension_group, min(area_code) AS area_code, sum(paise)::bigint AS regular
        FROM due WHERE run_id = %(before)s AND kind = 'regular' GROUP BY member_id
    ),
    listed AS MATERIALIZED (
        SELECT who.member_id, i.key, coalesce(n.name_en, '') AS name_en, coalesce(n.name_hi, n.name_en, '') AS name_hi,
            CASE WHEN p.regular > 0 AND b.regular IS NULL AND %(compared)s THEN 'new'
                WHEN b.regular > 0 AND coalesce(p.regular, 0) = 0 THEN 'ended'
                WHEN b.regular <> p.regular THEN 'changed' ELSE 'same' END AS what,
            coalesce(p.regular, 0) AS regular, coalesce(b.regular, 0) AS regular_before, coalesce(p.arrears, 0) AS arrears,
            coalesce(p.recovery, 0) AS recovery, coalesce(p.withheld, 0) AS withheld, coalesce(p.late_months, '{}') AS late_months,
            h.key AS hold_key, coalesce(h.reason, '') AS hold_reason, coalesce(s.reason, '') AS stuck,
            coalesce(p.pension_group, b.pension_group) AS pension_group,
            CASE WHEN p.member_id IS NOT NULL AND f.path NOT LIKE %(body)s THEN f.name_en END AS from_en,
            CASE WHEN p.member_id IS NOT NULL AND f.path NOT LIKE %(body)s THEN coalesce(f.name_hi, f.name_en) END AS from_hi
        FROM who
        LEFT JOIN present p USING (member_id)
        LEFT JOIN before b USING (member_id)
        LEFT JOIN access_area f ON f.area_code = b.area_code
        LEFT JOIN registry_resident i USING (member_id)
        LEFT JOIN LATERAL (SELECT name_en, name_hi FROM registry_resident_belief r WHERE r.member_id = who.member_id
            ORDER BY belief_no DESC LIMIT 1) n ON true
        LEFT JOIN payments_hold h ON h.member_id = who.member_id AND h.scheme = %(scheme)s AND h.released_at IS NULL
        LEFT JOIN LATERAL (SELECT min(reason) AS reason FROM payments_not_payable x
            WHERE x.member_id = who.member_id AND x.run_id = %(run)s AND x.scheme = %(scheme)s) s ON true
    ),
    chosen AS (
        SELECT * FROM listed
        WHERE CASE %(show)s WHEN 'changes' THEN what <> 'same' WHEN 'arrears' THEN arrears > 0 WHEN 'recovery' THEN recovery > 0
                WHEN 'held' THEN hold_key IS NOT NULL WHEN 'unpayable' THEN stuck <> '' WHEN 'all' THEN true ELSE what = %(show)s END
            AND (%(q)s = '' OR name_en ILIKE %(like)s OR name_hi LIKE %(like)s OR to_char(member_id, 'FM000000000') = %(digits)s)
    )
"""
EVERYBODY = 2_000_000_000
"""More people than any body has: a page of them all."""

_PAGE = """,
    counted AS (
        SELECT count(*) AS "all", count(*) FILTER (WHERE what <> 'same') AS changes, count(*) FILTER (WHERE what = 'new') AS new,
            count(*) FILTER (WHERE what = 'ended') AS ended, count(*) FILTER (WHERE what = 'changed') AS changed,
            count(*) FILTER (WHERE arrears > 0) AS arrears, count(*) FILTER (WHERE recovery > 0) AS recovery,
            count(*) FILTER (WHERE hold_key IS NOT NULL) AS held, count(*) FILTER (WHERE stuck <> '') AS unpayable FROM listed
    ),
    page AS (
        SELECT *, count(*) OVER () AS total, row_number() OVER (ORDER BY name_en, member_id) AS place FROM chosen
        ORDER BY place LIMIT %(size)s OFFSET %(skip)s
    )
    SELECT n.*, coalesce(g.total, 0), g.member_id, g.key, g.name_en, g.name_hi, g.what, g.regular, g.regular_before, g.arrears,
        g.recovery, g.withheld, g.late_months, g.hold_key, g.hold_reason, g.stuck, coalesce(c.kind, ''), coalesce(c.reason, ''),
        coalesce(CASE WHEN g.what = 'ended' THEN c.scheme ELSE o.scheme END, ''), coalesce(g.from_en, ''), coalesce(g.from_hi, '')
    FROM counted n LEFT JOIN page g ON true
    -- the change of award behind it, and what was held before it
    LEFT JOIN LATERAL (
        SELECT c.kind, c.reason, c.scheme FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id
        WHERE c.member_id = g.member_id AND c.pension_group = g.pension_group AND r.state = 'complete' AND r.posted
            AND c.decided_month > %(since)s AND c.decided_month <= %(month)s AND g.what <> 'same'
            AND CASE WHEN g.what = 'ended' THEN c.scheme IS DISTINCT FROM %(scheme)s ELSE c.scheme = %(scheme)s END
        ORDER BY c.decided_month DESC, c.id DESC LIMIT 1
    ) c ON true
    LEFT JOIN LATERAL (
        SELECT min(d.scheme) AS scheme FROM payments_due d
        WHERE c.kind = 'move' AND g.what <> 'ended' AND d.member_id = g.member_id AND d.run_id = %(before)s
            AND d.pension_group = g.pension_group AND d.kind = 'regular' AND d.scheme <> %(scheme)s
    ) o ON true
    ORDER BY g.place
"""


def payees(
    actor: Actor, proposal: Proposal, place: Place, show: str = "all", q: str = "", page: int = 1
) -> PayeePage:
    """A page of the people of a proposal by name, filtered by a word of `SHOWN` and a name or number.

    Needs ``proposal.view`` and ``person.view`` at the body `place`; refuses with ``OutsideYourArea``.
    """
    require_area(require(actor, "proposal.view"), place.path)
    require_area(require(actor, "person.view"), place.path)
    return _payees(proposal, place, show, q, page, PayeePage.PAGE)


def all_payees(actor: Actor, proposal: Proposal, place: Place) -> Iterator[PayeeRow]:
    """Everybody of a proposal, by name, in one read of the body's people; needs the same as `payees`."""
    require_area(require(actor, "proposal.view"), place.path)
    require_area(require(actor, "person.view"), place.path)
    # a city's list is some ten thousand rows: read by pages, each page would sort all of them again
    yield from _payees(proposal, place, "all", "", 1, EVERYBODY).rows


def chosen_payees(actor: Actor, proposal: Proposal, place: Place, keys: list[UUID]) -> list[PayeeRow]:
    """Those of a proposal whose opaque keys are given, by name; needs the same as `payees`."""
    require_area(require(actor, "person.view"), place.path)
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id FROM registry_resident WHERE key = ANY(%s)", [keys])
        members = [row[0] for row in cursor.fetchall()]
    statement = _LISTED.replace(
        "SELECT unnest(members) AS member_id FROM payments_proposal_payees WHERE proposal_id = %(proposal)s",
        "SELECT q.member_id FROM (SELECT unnest(members) AS member_id FROM payments_proposal_payees"
        " WHERE proposal_id = %(proposal)s) q WHERE q.member_id = ANY(%(members)s)",
    ).replace(
        "UNION ALL SELECT unnest(ended) FROM payments_proposal_payees WHERE proposal_id = %(proposal)s", ""
    )
    return _payees(proposal, place, "all", "", 1, len(keys), statement, members).rows


def _payees(
    proposal: Proposal,
    place: Place,
    show: str,
    q: str,
    page: int,
    size: int,
    listed: str = _LISTED,
    members: list[int] | None = None,
) -> PayeePage:
    text = q.strip()[:60]
    digits = "".join(text.split())
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    with connection.cursor() as cursor:
        before = run_before(cursor, proposal.month)
        since = _month_of(cursor, before)
        cursor.execute(
            listed + _PAGE,
            {
                "proposal": proposal.pk,
                "run": proposal.run_id,
                "before": before,
                "compared": before is not None,
                "scheme": proposal.scheme,
                "body": below(place.path),
                "show": show if show in SHOWN else "all",
                "q": text,
                "like": f"%{escaped}%",
                "digits": digits if digits.isascii() and digits.isdecimal() else "",
                "size": size,
                "skip": (page - 1) * size,
                "month": proposal.month,
                # an officer's sanction stands beside the month it was made in and holds from it
                "since": Month.of(since).previous().first_day if since else date.min,
                "members": members,
            },
        )
        rows = cursor.fetchall()
    first = len(SHOWN) + 1
    counts = dict(zip(SHOWN, rows[0][: len(SHOWN)], strict=True))
    found = [
        PayeeRow(*(*row[first : first + 10], tuple(row[first + 10]), *row[first + 11 :]))
        for row in rows
        if row[first] is not None
    ]
    return PayeePage(found, rows[0][len(SHOWN)], page, counts, since)


def _month_of(cursor: Any, run_id: int | None) -> date | None:
    cursor.execute("SELECT month FROM cases_month_run WHERE id = %s", [run_id])
    row = cursor.fetchone()
    return row[0] if row else None
