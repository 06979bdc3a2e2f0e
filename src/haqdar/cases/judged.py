"""What people know of payees beside the registers' facts, read for a month: who receives for whom, and who is one person."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from haqdar.cases.awards import Postgres, relation
from haqdar.cases.merged import MERGED
from haqdar.identity.pairs import JUDGED_SAME
from haqdar.registry.arrangements import IN_FORCE

_LAWFUL = pa.schema([("member_id", pa.int32()), ("receiver_id", pa.int32())])
_ONE = (
    "SELECT member_id, survivor_id FROM (SELECT DISTINCT ON (member_id) member_id, survivor_id FROM registry_merge"
    " WHERE known_from <= %(known_on)s ORDER BY member_id, belief_no DESC) m WHERE survivor_id IS NOT NULL"
)
_SAME = pa.schema([("first_id", pa.int32()), ("second_id", pa.int32())])


def read_judged(pg: Postgres, duck: duckdb.DuckDBPyConnection, on: date, known_on: date) -> None:
    """Create ``judged`` (member_id, receiver_id, one_of) as known at the end of `known_on`.

    `receiver_id` is who receives for the member on the day `on` by a registered arrangement; `one_of` the smallest member ID among
    the records that officers judged to be one person, directly or through a third record; records merged by then are the one
    that stayed.
    """
    relation(pg, duck, "lawful", _LAWFUL, IN_FORCE, {"on": on, "known_on": known_on})
    relation(pg, duck, "judged_same", _SAME, JUDGED_SAME, {"known_on": known_on})
    relation(pg, duck, "one_by_then", MERGED, _ONE, {"known_on": known_on})
    duck.execute("""
        CREATE OR REPLACE TABLE judged AS
        WITH RECURSIVE two AS (
            SELECT coalesce(a.survivor_id, j.first_id) AS first_id, coalesce(b.survivor_id, j.second_id) AS second_id
            FROM judged_same j LEFT JOIN one_by_then a ON a.member_id = j.first_id
            LEFT JOIN one_by_then b ON b.member_id = j.second_id
            WHERE coalesce(a.survivor_id, j.first_id) <> coalesce(b.survivor_id, j.second_id)
        ), edge AS (
            SELECT first_id AS member_id, second_id AS other_id FROM two
            UNION SELECT second_id, first_id FROM two
        ), reached AS (
            SELECT member_id, other_id FROM edge
            UNION SELECT r.member_id, e.other_id FROM reached r JOIN edge e ON e.member_id = r.other_id
        ), person AS (SELECT member_id, CAST(min(other_id) AS INTEGER) AS one_of FROM reached GROUP BY member_id)
        SELECT coalesce(l.member_id, p.member_id) AS member_id, l.receiver_id, p.one_of
        FROM lawful l FULL JOIN person p ON p.member_id = l.member_id""")
