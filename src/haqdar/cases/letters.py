"""The letters of adverse changes: a notice for whatever waits for it, a letter for what took effect at once; and their withdrawal.

A month's run decides them for the whole State; the law wants the person told whether or not an officer has opened the case. So
`issue_due` sends what is missing, in batches, and `withdraw_void` cancels what a later run no longer says. Both do nothing
where nothing is missing, so a killed run is simply started again. An officer's act uses the same rules for one case.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from haqdar.access.actors import Actor, require
from haqdar.base.refusal import Refusal
from haqdar.cases import afterwards, holding
from haqdar.cases.afterwards import Letter
from haqdar.cases.models import Case, Order
from haqdar.cases.orders import cancel_orders

AT_ONCE = ("died", "migrated")
"""Reasons that end an award without waiting for the notice to run out."""
AT_A_TIME = 200
"""Letters of one transaction."""
_LOOKED_UP = 20_000
"""Cases whose numbers are kept in memory at a time."""
_ADVERSE = ("stop", "move", "revise")
_WITHDRAWN = "the notice no longer holds: what it was about does not follow from the facts any more"
_logger = logging.getLogger(__name__)

_IN_FORCE = "(SELECT id FROM cases_month_run WHERE state = 'complete' AND posted ORDER BY month DESC LIMIT 1)"
_STANDING = "o.case_id = c.id AND o.cancelled_at IS NULL"

#: Cases of the run in force whose notice has no letter; and, of any posted run, what took effect and was never told.
_DUE = f"""
    SELECT c.id FROM cases_notice n
    JOIN cases_case c ON c.member_id = n.member_id AND c.pension_group = n.pension_group AND c.kind = n.kind
    WHERE n.run_id = {_IN_FORCE} AND c.closed_at IS NULL AND c.occasion = '' AND c.id > %(after)s
      AND NOT EXISTS (SELECT 1 FROM cases_order o WHERE {_STANDING} AND o.kind = 'notice')
    UNION
    SELECT c.id FROM cases_award_change a JOIN cases_month_run r ON r.id = a.run_id
    JOIN cases_case c ON c.member_id = a.member_id AND c.pension_group = a.pension_group AND c.kind = a.kind
      AND c.run_id = a.run_id
    WHERE r.state = 'complete' AND r.posted AND a.occasion = '' AND c.occasion = '' AND c.id > %(after)s
      AND (a.kind = 'stop' OR a.kind IN ('move', 'revise') AND c.paise < c.from_paise)
      AND (c.closed_at IS NULL OR c.outcome = 'lapsed')
      AND NOT EXISTS (SELECT 1 FROM cases_order o WHERE {_STANDING} AND (
          o.kind IN ('stop', 'change') OR o.kind = 'notice' AND a.reason <> ALL(%(at_once)s)))
      -- it was reversed since
      AND NOT EXISTS (SELECT 1 FROM cases_award_change l JOIN cases_month_run lr ON lr.id = l.run_id
          WHERE l.member_id = a.member_id AND l.pension_group = a.pension_group AND l.occasion = ''
            AND lr.state = 'complete' AND lr.posted AND (l.decided_month, l.id) > (a.decided_month, a.id))
    ORDER BY id LIMIT %(limit)s"""

#: How the adverse change of each case stands: month in which a notice takes effect, the latest change of the award, its letters.
_STATES = f"""
    SELECT c.id, n.effective_month, a.kind, a.decided_month, a.reason, a.run_id = c.run_id, o.notice, o.other
    FROM cases_case c
    LEFT JOIN cases_notice n ON n.run_id = {_IN_FORCE} AND n.member_id = c.member_id
      AND n.pension_group = c.pension_group AND n.kind = c.kind
    LEFT JOIN LATERAL (
        SELECT x.kind, x.decided_month, x.reason, x.run_id FROM cases_award_change x
        JOIN cases_month_run r ON r.id = x.run_id
        WHERE x.member_id = c.member_id AND x.pension_group = c.pension_group AND x.occasion = ''
          AND r.state = 'complete' AND r.posted
        ORDER BY x.decided_month DESC, x.id DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (
        SELECT max(o.id) FILTER (WHERE o.kind = 'notice') AS notice, max(o.id) FILTER (WHERE o.kind <> 'notice') AS other
        FROM cases_order o WHERE {_STANDING} AND o.kind IN ('notice', 'stop', 'change')) o ON true
    WHERE c.id = ANY(%(cases)s) AND c.kind = ANY(%(kinds)s) AND c.occasion = ''
      AND (c.closed_at IS NULL OR c.outcome IN ('lapsed', 'confirmed', 'noted'))"""

#: Letters of which neither the notice stands in the run in force nor the change was made: a later run found it does not follow.
_VOID = f"""
    SELECT o.id, c.id,
        -- what came instead has its own letter: a stop, or another notice
        EXISTS (SELECT 1 FROM cases_notice n WHERE n.run_id = {_IN_FORCE} AND n.member_id = c.member_id
                AND n.pension_group = c.pension_group)
        OR EXISTS (SELECT 1 FROM cases_award_change a WHERE a.run_id = {_IN_FORCE} AND a.member_id = c.member_id
                   AND a.pension_group = c.pension_group AND a.kind = 'stop')
    FROM cases_order o
    JOIN cases_case c ON c.id = o.case_id
    JOIN cases_month_run mine ON mine.id = c.run_id
    WHERE o.cancelled_at IS NULL AND o.kind IN ('notice', 'stop') AND c.kind = ANY(%(kinds)s) AND c.occasion = ''
      AND o.id > %(after)s
      AND NOT EXISTS (SELECT 1 FROM cases_order later WHERE later.supersedes_id = o.id)
      AND NOT EXISTS (
          SELECT 1 FROM cases_notice n WHERE n.run_id = {_IN_FORCE} AND n.member_id = c.member_id
            AND n.pension_group = c.pension_group AND n.kind = c.kind AND n.given_month <= mine.month)
      AND NOT EXISTS (
          SELECT 1 FROM cases_award_change a JOIN cases_month_run r ON r.id = a.run_id
          WHERE a.member_id = c.member_id AND a.pension_group = c.pension_group AND a.kind = c.kind AND a.occasion = ''
            AND r.state = 'complete' AND r.posted AND a.decided_month >= least(o.from_on, mine.month))
    ORDER BY o.id LIMIT %(limit)s"""


class LettersLeft(Refusal):
    """Some letters could not be written; the others were."""

    code = "letters_left"
    en = "{count} letters could not be written; the technical log says why. They are tried again within the hour."
    hi = "{count} पत्र नहीं बन सके; कारण तकनीकी लॉग में है। एक घंटे के भीतर फिर कोशिश होगी।"


def issue_due(actor: Actor, tick: Callable[[int], None] | None = None) -> int:
    """Issue every letter about an adverse change that is due and missing; returns how many.

    In batches of a transaction each; `tick` is told after each how many it issued. A case that somebody is deciding at this
    moment is passed over: his act sends the letter, or the next sweep does. Raises `LettersLeft` when all others are done.
    """
    actor = require(actor, "stop.confirm")
    done = left = 0
    for batch in _batches([row[0] for row in rows] for rows in _pages(_DUE, {"at_once": list(AT_ONCE)})):
        issued, failed = _issue(actor, batch)
        done, left = done + issued, left + failed
        if tick is not None:
            tick(issued)
    if left:
        raise LettersLeft(count=left)
    return done


def withdraw_void(actor: Actor) -> int:
    """Cancel the letters whose change no longer follows, and tell the persons; returns how many were cancelled."""
    actor = require(actor, "stop.confirm")
    done = 0
    for rows in _pages(_VOID, {"kinds": list(_ADVERSE)}):
        for start in range(0, len(rows), AT_A_TIME):
            some = [order for order, _, _ in rows[start : start + AT_A_TIME]]
            with transaction.atomic():
                holding.run_in_force()
                # the run in force may have changed since: asked again under its lock
                void = _rows(
                    _VOID.replace("ORDER BY", "AND o.id = ANY(%(orders)s) ORDER BY"),
                    {"kinds": list(_ADVERSE), "after": 0, "limit": AT_A_TIME, "orders": some},
                )
                done += cancel_orders(actor, [order for order, _, _ in void], _WITHDRAWN)
                tell = {case for _, case, instead in void if not instead}
                cases = Case.objects.filter(pk__in=tell).exclude(outcome="withdrawn")
                afterwards.after_withdrawing(list(cases))
    return done


def send_missing(actor: Actor, case: Case) -> None:
    """Send the letter of a stop that an officer confirms, unless it was sent before; in his transaction, which has locked the case."""
    due, told = _due([case])
    if not due and not told:
        # neither under notice nor ended: what an appellate order opened again ends by this letter
        due = [Letter(case, "stop", timezone.localdate())]
    if due:
        afterwards.send_letters(actor, due)


def told_or_tell(actor: Actor, cases: Sequence[Case]) -> set[int]:
    """Send the missing letters of those of `cases` that pay less; returns the cases that have had a letter of their own now.

    In the caller's transaction, which has locked the cases.
    """
    due, told = _due(cases)
    if due:
        afterwards.send_letters(actor, due)
    return told | {one.case.pk for one in due}


def withdraw_letters(actor: Actor, case: Case) -> None:
    """Cancel the standing notice of a case that an officer withdraws, in his transaction."""
    standing = Order.objects.filter(case=case, kind="notice", cancelled_at=None).values_list("pk", flat=True)
    cancel_orders(actor, list(standing), _WITHDRAWN)


def _issue(actor: Actor, numbers: list[int]) -> tuple[int, int]:
    """Issue the letters of some cases in one transaction; returns how many, and how many could not be written.

    What one case makes impossible (a place or person that the registers lost) must not keep the others from theirs.
    """
    try:
        with transaction.atomic():
            # no later version of the month is posted meanwhile, and no case is waited for: its decider may wait for us
            holding.run_in_force()
            cases = list(
                Case.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk__in=numbers)
                .order_by("pk")
            )
            due, _ = _due(cases)
            if due:
                afterwards.send_letters(actor, due)
        return len(due), 0
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if len(numbers) == 1:
            _logger.exception("the letter of a case could not be written", extra={"case": numbers[0]})
            return 0, 1
    half = len(numbers) // 2
    first, second = _issue(actor, numbers[:half]), _issue(actor, numbers[half:])
    return first[0] + second[0], first[1] + second[1]


def _due(cases: Sequence[Case]) -> tuple[list[Letter], set[int]]:
    """The letters that are due and missing for `cases`, and the cases that have had theirs."""
    by_id = {case.pk: case for case in cases}
    rows = _rows(_STATES, {"cases": list(by_id), "kinds": list(_ADVERSE)})
    earlier = Order.objects.in_bulk([row[6] for row in rows if row[6] is not None])
    due: list[Letter] = []
    told: set[int] = set()
    for pk, effective, change, since, reason, by_its_run, notice, other in rows:
        letter = _letter(by_id[pk], effective, change, since, reason, bool(by_its_run))
        if letter is None:
            if notice is not None or other is not None:
                told.add(pk)
        elif (letter.kind == "notice" and notice is not None) or (
            letter.kind != "notice" and other is not None
        ):
            told.add(pk)
        elif letter.kind != "notice" and notice is not None and reason not in AT_ONCE:
            # the notice has run out, and said from when
            told.add(pk)
        else:
            due.append(Letter(letter.case, letter.kind, letter.from_on, earlier.get(notice)))
    return due, told


def _letter(
    case: Case,
    effective: date | None,
    change: str | None,
    since: date | None,
    reason: str | None,
    its_run: bool,
) -> Letter | None:
    """The letter that the law wants for the case as it stands, sent or not; None where nothing adverse is ahead or done."""
    if effective is not None:
        return Letter(case, "notice", effective)
    if since is None or change != case.kind:
        return None
    if case.kind == "stop":
        return Letter(case, "stop", since)
    lower = case.paise is not None and case.from_paise is not None and case.paise < case.from_paise
    return Letter(case, "change", since) if lower and its_run else None


def _pages(query: str, values: dict[str, Any]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query in pages by their first column, each asked for when the one before was worked off."""
    after = 0
    while rows := _rows(query, {**values, "after": after, "limit": _LOOKED_UP}):
        yield rows
        after = rows[-1][0]


def _batches(pages: Iterator[list[int]]) -> Iterator[list[int]]:
    for page in pages:
        for start in range(0, len(page), AT_A_TIME):
            yield page[start : start + AT_A_TIME]


def _rows(query: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
