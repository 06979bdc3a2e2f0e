"""What people know of payees beside the registers' facts, read for a month: who receives for whom, and who is one person."""

from __future__ import annotations

from datetime import date

import duckdb
import pyarrow as pa

from haqdar.cases.awards import Postgres, relation
from haqdar.identity.pairs import JUDGED_SAME
from haqdar.registry.arrangements import IN_FORCE

_LAWFUL = pa.schema([("member_id", pa.int32()), ("receiver_id", pa.int32())])
_SAME = pa.schema([("first_id", pa.int32()), ("second_id", pa.int32())])


def read_judged(pg: Postgres, duck: duckdb.DuckDBPyConnection, on: date, known_on: date) -> None:
    """Create ``judged`` (member_id, receiver_id, one_of) as known at the end of `known_on`.

    `receiver_id` is who receives for the member on the day `on` by a registered arrangement; `one_of` the smallest member ID among
    the records that officers judged to be one person, directly or through a third record.
    """
    relation(pg, duck, "lawful", _LAWFUL, IN_FORCE, {"on": on, "known_on": known_on})
    relation(pg, duck, "judged_same", _SAME, JUDGED_SAME, {"known_on": known_on})
    duck.execute("""
        CREATE OR REPLACE TABLE judged AS
        WITH RECURSIVE edge AS (
            SELECT first_id AS member_id, second_id AS other_id FROM judged_same
            UNION SELECT second_id, first_id FROM judged_same
        ), reached AS (
            SELECT member_id, other_id FROM edge
            UNION SELECT r.member_id, e.other_id FROM reached r JOIN edge e ON e.member_id = r.other_id
        ), person AS (SELECT member_id, CAST(min(other_id) AS INTEGER) AS one_of FROM reached GROUP BY member_id)
        SELECT coalesce(l.member_id, p.member_id) AS member_id, l.receiver_id, p.one_of
        FROM lawful l FULL JOIN person p ON p.member_id = l.member_id""")
