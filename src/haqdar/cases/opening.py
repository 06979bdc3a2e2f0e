"""The cases that a month's run opens by itself: one for each row of its work list that nobody deals with yet."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import psycopg

from haqdar.cases.casework import FIRST_ACT, LETTERS
from haqdar.cases.clock import due_on, service_of, services

FROM_A_RUN = ("start", "move", "revise", "stop", "undecided", "ghost", "duplicate")
"""The kinds of case that a run opens, and closes as lapsed when a later run no longer lists them."""


def open_from_run(cursor: psycopg.Cursor[Any], run_id: int, today: date) -> None:
    """Open, refresh and close cases by the work list of the run `run_id`, in the transaction that posts it.

    A row that an open case deals with refreshes it. A start is not opened beside an application for the same group, nor again
    after a rejection for the same scheme unless something became known since. What a later run no longer lists is closed.
    """
    # a scheme of its own service has its own limit; "" stands for all the others
    cursor.execute(
        b"SELECT DISTINCT coalesce(to_scheme, from_scheme, '') FROM cases_work_item WHERE run_id = %s",
        [run_id],
    )
    schemes = ["", *(row[0] for row in cursor.fetchall())]
    book = services()
    service = {
        kind: {scheme: service_of(kind, scheme or None, today, book) for scheme in schemes}
        for kind in FROM_A_RUN
    }
    values = {
        "run": run_id,
        "today": today,
        "kinds": list(FROM_A_RUN),
        "letters": json.dumps(LETTERS),
        "acts": json.dumps(FIRST_ACT),
        "service": json.dumps(service),
        "due": json.dumps(
            {
                kind: {code: due_on(kind, code, today).isoformat() for code in set(of_schemes.values())}
                for kind, of_schemes in service.items()
            }
        ),
    }
    for query in (_LOCK, _REFRESH, _OPEN, _LAPSE):
        cursor.execute(query.encode(), values)


# Work on many cases at once locks them by number, too: in one order for all, nobody waits for each other in a circle.
_LOCK = (
    "SELECT count(*) FROM (SELECT id FROM cases_case WHERE closed_at IS NULL ORDER BY id FOR UPDATE) locked"
)

_SAME = """
    c.member_id = w.member_id AND c.pension_group = w.pension_group AND c.kind = w.action
    AND c.from_scheme IS NOT DISTINCT FROM w.from_scheme AND c.occasion = w.occasion"""

_REFRESH = f"""
    UPDATE cases_case c SET run_id = w.run_id, scheme = w.to_scheme, paise = w.to_paise, from_paise = w.from_paise,
        reason = w.reason, area_code = w.area_code, district_code = w.district_code
    FROM cases_work_item w
    WHERE w.run_id = %(run)s AND c.closed_at IS NULL AND c.about_id IS NULL AND {_SAME}"""

_OPEN = f"""
    INSERT INTO cases_case (letter, opened_on, kind, service, member_id, resident_key, pension_group, scheme, paise, from_scheme,
        from_paise, reason, occasion, area_code, district_code, awaits, opened_at, since_at, due_on, outcome, run_id,
        contact_last4, opened_by)
    SELECT %(letters)s::jsonb ->> w.action, %(today)s, w.action, s.code, w.member_id, w.resident_key, w.pension_group, w.to_scheme,
        w.to_paise, w.from_scheme, w.from_paise, w.reason, w.occasion, w.area_code, w.district_code,
        %(acts)s::jsonb ->> w.action, now(), now(), (%(due)s::jsonb -> w.action ->> s.code)::date, '', w.run_id, '', 'platform'
    FROM cases_work_item w JOIN cases_month_run r ON r.id = w.run_id
    CROSS JOIN LATERAL (SELECT %(service)s::jsonb -> w.action ->> coalesce(w.to_scheme, w.from_scheme, '') AS code) s
    WHERE w.run_id = %(run)s AND w.action = ANY(%(kinds)s)
      AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE {_SAME} AND (
            c.closed_at IS NULL
            -- dealt with by somebody in this very month, before the month was run again
            OR c.outcome <> 'lapsed' AND c.scheme IS NOT DISTINCT FROM w.to_scheme
               AND (SELECT month FROM cases_month_run WHERE id = c.run_id) = r.month
            -- confirmed or noted, and the notice it was about has run on since, or has just run out
            OR c.outcome IN ('confirmed', 'noted') AND c.scheme IS NOT DISTINCT FROM w.to_scheme
               AND (SELECT month FROM cases_month_run WHERE id = c.run_id) >= (
                   SELECT min(n.given_month) FROM cases_notice n JOIN cases_month_run nr ON nr.id = n.run_id
                   WHERE n.member_id = w.member_id AND n.pension_group = w.pension_group AND n.kind = w.action
                     AND nr.state = 'complete' AND nr.posted AND nr.month >= (
                         SELECT max(month) FROM cases_month_run
                         WHERE state = 'complete' AND posted AND month < r.month) AND nr.month <= r.month)
            -- decided against the person, and nothing was learned since
            OR c.outcome IN ('rejected', 'kept') AND c.scheme IS NOT DISTINCT FROM w.to_scheme
               AND NOT EXISTS (SELECT 1 FROM registry_change n
                               WHERE n.member_id = w.member_id AND n.recorded_at > c.closed_at)))
      AND NOT EXISTS (SELECT 1 FROM cases_case c
                      WHERE w.action = 'start' AND c.kind = 'application' AND c.closed_at IS NULL
                        AND c.member_id = w.member_id AND c.pension_group = w.pension_group)
      -- sanctioned already, by an officer or for the demonstration
      AND NOT EXISTS (SELECT 1 FROM cases_award_change a
                      WHERE w.action = 'start' AND a.run_id = w.run_id AND a.kind = 'start'
                        AND a.member_id = w.member_id AND a.pension_group = w.pension_group AND a.occasion = w.occasion)
    ON CONFLICT DO NOTHING"""

_LAPSE = """
    WITH lapsed AS (
        UPDATE cases_case c SET closed_at = now(), since_at = now(), awaits = '', outcome = 'lapsed'
        WHERE c.closed_at IS NULL AND c.kind = ANY(%(kinds)s) AND c.run_id <> %(run)s
          -- what an appellate order opened again is settled by an officer, whatever the list says
          AND NOT c.details ? 'appellate_order'
          -- a stop that took effect in an earlier month still wants the letter that an officer confirms, and then its appeal
          AND NOT (c.kind = 'stop' AND EXISTS (
              SELECT 1 FROM cases_award_change a JOIN cases_month_run s ON s.id = a.run_id
              WHERE a.run_id = c.run_id AND a.member_id = c.member_id AND a.pension_group = c.pension_group AND a.kind = 'stop'
                AND a.occasion = c.occasion AND s.month < (SELECT month FROM cases_month_run WHERE id = %(run)s)))
        RETURNING c.id, c.run_id)
    INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note)
    SELECT id, now(), 'case.lapse', 'platform', '', '', '', 'lapsed', 'not_listed_any_more', '' FROM lapsed"""


def open_payment_cases(cursor: psycopg.Cursor[Any], run_id: int, today: date, *, whole: bool = True) -> None:
    """Open, refresh and close cases of payees whom the month could not pay, from the table ``payment_trouble``.

    Its columns are member_id, pension_group, scheme, paise (what could not be sent), reason and area_code; `payments` fills it
    in the transaction that posts the month or takes returned credits back. One case a person and scheme; a cause that is gone
    closes it where the table lists the `whole` of the trouble.
    """
    values = {
        "run": run_id,
        "today": today,
        "letter": LETTERS["payment"],
        "act": FIRST_ACT["payment"],
        "due": due_on("payment", "", today),
    }
    for query in (_PAYMENT_REFRESH, _PAYMENT_OPEN, _PAYMENT_GONE)[: None if whole else 2]:
        cursor.execute(query.encode(), values)


def close_payment_cases(cursor: psycopg.Cursor[Any]) -> None:
    """Close the cases of payees who can be paid again: (member_id, scheme) of the table ``payment_settled``."""
    cursor.execute(_PAYMENT_SETTLED.encode())


def open_reports_of_death(cursor: psycopg.Cursor[Any], run_id: int, today: date) -> None:
    """Open a report to examine for each payee whom a bank says to have died, from the table ``reported_dead``.

    Its columns are member_id, pension_group, scheme, paise and area_code. Nobody whose report is open gets a second one. A report
    ends no pension: a death that is recorded does.
    """
    cursor.execute(
        _DEATH_OPEN.encode(),
        {
            "letter": LETTERS["report"],
            "act": FIRST_ACT["report"],
            "run": run_id,
            "today": today,
            "due": due_on("report", "", today),
            "words": REPORTED_BY_BANK,
        },
    )


REPORTED_BY_BANK = "बैंक ने भुगतान लौटाया और बताया कि खाताधारक का निधन हो गया है। / The bank returned the payment and says that the account holder died."

_TROUBLE = """
    (SELECT DISTINCT ON (member_id, scheme) * FROM payment_trouble ORDER BY member_id, scheme, reason) t"""

_PAYMENT_REFRESH = f"""
    UPDATE cases_case c SET run_id = %(run)s, paise = t.paise, reason = t.reason, area_code = t.area_code
    FROM {_TROUBLE}
    WHERE c.kind = 'payment' AND c.closed_at IS NULL AND c.member_id = t.member_id AND c.scheme = t.scheme
      -- each file of answers lists all trouble so far: what stays as it is gets no new version
      AND (c.run_id, c.paise, c.reason, c.area_code) IS DISTINCT FROM (%(run)s, t.paise, t.reason, t.area_code)"""

_PAYMENT_OPEN = f"""
    INSERT INTO cases_case (letter, opened_on, kind, service, member_id, resident_key, pension_group, scheme, paise, reason,
        area_code, district_code, awaits, opened_at, since_at, due_on, outcome, run_id, contact_last4, opened_by)
    SELECT %(letter)s, %(today)s, 'payment', '', t.member_id, i.key, t.pension_group, t.scheme, t.paise, t.reason,
        t.area_code, a.district_code, %(act)s, now(), now(), %(due)s, '', %(run)s, '', 'platform'
    FROM {_TROUBLE}
    LEFT JOIN registry_resident i ON i.member_id = t.member_id
    LEFT JOIN access_area a ON a.area_code = t.area_code
    ON CONFLICT DO NOTHING"""

_PAYMENT_GONE = """
    WITH gone AS (
        UPDATE cases_case c SET closed_at = now(), since_at = now(), awaits = '', outcome = 'lapsed'
        WHERE c.closed_at IS NULL AND c.kind = 'payment' AND c.run_id <> %(run)s
        RETURNING c.id)
    INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note)
    SELECT id, now(), 'case.lapse', 'platform', '', '', '', 'lapsed', 'payable_again', '' FROM gone"""

_PAYMENT_SETTLED = """
    WITH gone AS (
        UPDATE cases_case c SET closed_at = now(), since_at = now(), awaits = '', outcome = 'lapsed'
        FROM payment_settled s
        WHERE c.closed_at IS NULL AND c.kind = 'payment' AND c.member_id = s.member_id AND c.scheme = s.scheme
        RETURNING c.id)
    INSERT INTO cases_case_step (case_id, at, verb, actor, role, awaited, awaits, outcome, reason, note)
    SELECT id, now(), 'case.lapse', 'platform', '', '', '', 'lapsed', 'payable_again', '' FROM gone"""

_DEATH_OPEN = """
    INSERT INTO cases_case (letter, opened_on, kind, service, member_id, resident_key, pension_group, scheme, paise, reason,
        area_code, district_code, awaits, opened_at, since_at, due_on, outcome, run_id, contact_last4, opened_by, details)
    SELECT %(letter)s, %(today)s, 'report', '', t.member_id, i.key, t.pension_group, t.scheme, t.paise, 'died',
        t.area_code, a.district_code, %(act)s, now(), now(), %(due)s, '', %(run)s, '', 'platform',
        jsonb_build_object('words', %(words)s::text, 'level', 0)
    FROM reported_dead t
    LEFT JOIN registry_resident i ON i.member_id = t.member_id
    LEFT JOIN access_area a ON a.area_code = t.area_code
    WHERE NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.kind = 'report' AND c.reason = 'died' AND c.closed_at IS NULL
                      AND c.member_id = t.member_id)"""
