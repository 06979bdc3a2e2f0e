"""Who receives a person's money, as read: the latest arrangement that counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

HEIR = "heir"
"""The reason of an arrangement for a dead person."""


@dataclass(frozen=True)
class Arrangement:
    """Who receives for a person, why, and from when to when."""

    receiver_id: int
    relation: str
    reason: str
    from_on: date
    to_on: date | None
    reference: str
    receiver_died_on: date | None

    def holds(self, on: date) -> bool:
        """Whether money goes to the receiver on a day; to an heir until somebody ends it."""
        if self.reason == HEIR:
            return self.to_on is None and self.receiver_died_on is None
        return (
            self.from_on <= on
            and (self.to_on is None or on <= self.to_on)
            and (self.receiver_died_on is None or self.receiver_died_on >= on)
        )


def arrangement_of(member_id: int) -> Arrangement | None:
    """The latest arrangement of a person, ended or not: of the living who receives for them, of the dead their heir.

    None if there never was one. The caller has checked the area.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ARRANGEMENT, {"member": member_id})
        row = cursor.fetchone()
    return Arrangement(*row) if row else None


IN_FORCE = """
    SELECT a.member_id, a.receiver_id
    FROM (SELECT DISTINCT ON (member_id) member_id, receiver_id, from_on, to_on FROM registry_payee_belief
          WHERE known_from <= %(known_on)s::date AND reason <> 'heir' ORDER BY member_id, belief_no DESC) a
    WHERE a.from_on <= %(on)s::date AND (a.to_on IS NULL OR a.to_on >= %(on)s::date)
      AND NOT EXISTS (SELECT FROM (
          SELECT DISTINCT ON (b.event_id) b.kind, b.member_id FROM registry_event_belief b
          WHERE b.known_from <= %(known_on)s::date
            AND b.event_id IN (SELECT event_id FROM registry_event_belief WHERE member_id = a.receiver_id)
          ORDER BY b.event_id, b.belief_no DESC) x WHERE x.kind = 'death' AND x.member_id = a.receiver_id)"""
"""SQL: (member_id, receiver_id) of everybody for whom a living person receives on the day `on`, as known on `known_on`."""

_ARRANGEMENT = """
    WITH death AS (
        SELECT e.member_id, min(e.happened_on) AS died_on FROM (
            SELECT DISTINCT ON (b.event_id) b.member_id, b.kind, b.happened_on FROM registry_event_belief b
            WHERE b.event_id IN (
                SELECT event_id FROM registry_event_belief WHERE member_id = %(member)s OR member_id IN (
                    SELECT receiver_id FROM registry_payee_belief WHERE member_id = %(member)s))
            ORDER BY b.event_id, b.belief_no DESC) e
        WHERE e.kind = 'death' GROUP BY 1)
    SELECT p.receiver_id, p.relation, p.reason, p.from_on, p.to_on, p.reference, d.died_on
    FROM registry_payee_belief p LEFT JOIN death d ON d.member_id = p.receiver_id
    WHERE p.member_id = %(member)s AND (p.reason = 'heir') = EXISTS (SELECT FROM death WHERE member_id = p.member_id)
    ORDER BY p.belief_no DESC LIMIT 1"""
