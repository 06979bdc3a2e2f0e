"""Awards read through merges: what each member number holds, by the register, by our changes, and by the merges known on a day.

A merge moves no row. It says what each of the two numbers holds from then on (`MergedAward`); changes made before count no
more for them, later ones do. When it is undone, what was changed in between counts no more, and both hold what they held. So
merging and undoing change nothing that anybody else has to repair, and an earlier state of knowledge reads as it did.

In a month's run an award that *ends* (the second of a group) is a stop of the absorbed number like any other: with notice, letter,
objection and appeal, paid until the notice has run out. Money that either number was paid stays where it was posted: what the
absorbed number was paid counts towards what the person should have had, so nothing is paid twice for the past, and
nothing is taken back for it either. What was paid twice is listed; recovering it is a decision of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb
import psycopg
import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from haqdar.base.sql import statement
from haqdar.entitlement.kin import News
from haqdar.law import load_lawbook

Postgres = psycopg.Connection[tuple[object, ...]]

SAME_PERSON = "same_person"
"""The reason of the stop that ends the second pension of a group."""

NEVER_ENDS = date(9999, 12, 1)

MERGED = pa.schema([("member_id", pa.int32()), ("survivor_id", pa.int32())])


def awards_sql(members: bool = False) -> str:
    """The SELECT (PostgreSQL) of what changes and merges let each number hold: member_id, pension_group, scheme, paise.

    Empty scheme: nothing. Parameters: `before` (changes of months before this day), `known_on`, with `members` the numbers
    asked for; and the numbers of merges to be looked at otherwise than they are: `left_out` as if never made, `taken_back`
    as if undone, `revived` as if not undone.
    """
    chosen = "AND c.member_id = ANY(%(members)s)" if members else ""
    granted = "AND g.member_id = ANY(%(members)s)" if members else ""
    return statement("haqdar.cases", "awards_now").replace("{chosen}", chosen).replace("{granted}", granted)


def as_known(known_on: date) -> dict[str, object]:
    """The parameters of `awards_sql` for the merges as they are."""
    nobody: list[int] = []
    return {"known_on": known_on, "left_out": nobody, "taken_back": nobody, "revived": nobody}


def read_merged(pg: Postgres, duck: duckdb.DuckDBPyConnection, known_on: date) -> None:
    """Create ``merged`` (member_id, survivor_id) and ``merged_since`` (member_id, pension_group, since) as known on a day."""
    rows = pg.execute(
        b"SELECT m.absorbed_id, m.survivor_id FROM cases_merging m LEFT JOIN cases_merging_undone u ON u.merging_id = m.id"
        b" WHERE m.merged_on <= %(day)s AND (u.id IS NULL OR u.undone_on > %(day)s)",
        {"day": known_on},
    ).fetchall()
    _keep(duck, "merged", MERGED, rows)
    rows = pg.execute(
        b"SELECT a.member_id, a.pension_group::int, a.since FROM cases_merged_award a"
        b" JOIN cases_merging m ON m.id = a.merging_id LEFT JOIN cases_merging_undone u ON u.merging_id = m.id"
        b" WHERE NOT a.ends AND a.origin_id <> a.member_id AND a.since IS NOT NULL"
        b" AND m.merged_on <= %(day)s AND (u.id IS NULL OR u.undone_on > %(day)s)",
        {"day": known_on},
    ).fetchall()
    schema = pa.schema([("member_id", pa.int32()), ("pension_group", pa.int32()), ("since", pa.date32())])
    _keep(duck, "merged_since", schema, rows)


def is_there(duck: duckdb.DuckDBPyConnection) -> bool:
    """Whether any merge is known: without one, nothing of this module has anything to do."""
    (found,) = duck.execute("SELECT EXISTS (FROM merged)").fetchone() or (False,)
    return bool(found)


def move_notices(duck: duckdb.DuckDBPyConnection) -> None:
    """Let ``notice`` follow the awards that went over to a survivor who had no notice in the group; the others lapse."""
    if is_there(duck):
        duck.execute("""
            UPDATE notice SET member_id = m.survivor_id FROM merged m
            WHERE m.member_id = notice.member_id
              AND NOT EXISTS (FROM award_change c WHERE c.member_id = notice.member_id AND c.scheme IS NOT NULL
                              AND c.pension_group = notice.pension_group)
              AND NOT EXISTS (FROM notice o WHERE o.member_id = m.survivor_id AND o.pension_group = notice.pension_group)""")


def date_back(duck: duckdb.DuckDBPyConnection) -> None:
    """Add to ``award_since`` the first days of awards that came from an absorbed number."""
    if is_there(duck):
        duck.execute(
            "INSERT INTO award_since SELECT * FROM merged_since ANTI JOIN award_since USING (member_id, pension_group)"
        )


def end_doubles(duck: duckdb.DuckDBPyConnection) -> None:
    """Add to ``decided`` and ``worklist`` the stop of each award that a merge ends; follows `Deciding.attach`."""
    if is_there(duck):
        for part in statement("haqdar.cases", "merged_ends").format(reason=SAME_PERSON).split(";\n"):
            duck.execute(part)


def let_stand(duck: duckdb.DuckDBPyConnection) -> None:
    """Let ``redetermined`` leave alone what absorbed numbers were paid, and count it for their person; follows `redetermine`."""
    if is_there(duck):
        for part in statement("haqdar.cases", "merged_past").split(";\n"):
            duck.execute(part)


def _keep(
    duck: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, rows: Collection[tuple[object, ...]]
) -> None:
    columns = [*zip(*rows, strict=True)] or [()] * len(schema)
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
    duck.register("incoming", table)
    duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
    duck.unregister("incoming")


def awards_of(cursor: Any, members: Collection[int]) -> dict[tuple[int, int], tuple[str | None, int | None]]:
    """(number, pension group) → scheme and paise that changes and merges let each of a few numbers hold now; no scheme: nothing.

    What is not listed is as the registers brought it. `cursor` is Django's or PostgreSQL's own.
    """
    cursor.execute(
        awards_sql(members=True),
        {"before": NEVER_ENDS, "members": list(members), **as_known(timezone.localdate())},
    )
    return {(member, group): (scheme, paise) for member, group, scheme, paise in cursor.fetchall()}


@dataclass(frozen=True)
class Held:
    """An award held under a number: paise a month (None: the amount the law gives), since when by the registers (None: by us)."""

    member_id: int
    pension_group: int
    scheme: str
    paise: int | None
    since: date | None


def held_under(cursor: Any, members: Collection[int], day: date) -> dict[tuple[int, int], Held]:
    """(number, pension group) → what each of a few numbers holds, counting pensions of the registers that began by `day`."""
    cursor.execute(
        "SELECT member_id, scheme, since, amount_paise FROM (SELECT DISTINCT ON (member_id, scheme, since) member_id, scheme,"
        "  since, amount_paise, is_ghost FROM registry_pension_belief WHERE member_id = ANY(%s)"
        "  ORDER BY member_id, scheme, since, belief_no DESC) b WHERE NOT is_ghost AND since <= %s ORDER BY since",
        [list(members), day],
    )
    groups = load_lawbook(settings.HAQDAR_LAW).scheme_groups()
    held = {
        (member, groups[scheme]): Held(member, groups[scheme], scheme, paise, since)
        for member, scheme, since, paise in cursor.fetchall()
        if scheme in groups
    }
    for (member, group), (scheme, paise) in awards_of(cursor, members).items():
        held.pop((member, group), None)
        if scheme is not None:
            held[member, group] = Held(member, group, scheme, paise, None)
    return held


def ever_held(cursor: Any, members: Collection[int]) -> set[int]:
    """Those of a few numbers that hold a pension or ever held one: by the registers, by us, or by a merge that stands."""
    cursor.execute(
        "SELECT member_id FROM registry_pension_belief WHERE member_id = ANY(%(members)s) AND NOT is_ghost"
        " UNION SELECT c.member_id FROM cases_award_change c JOIN cases_month_run r ON r.id = c.run_id"
        " WHERE c.member_id = ANY(%(members)s) AND r.state = 'complete' AND r.posted"
        " UNION SELECT a.member_id FROM cases_merged_award a LEFT JOIN cases_merging_undone u ON u.merging_id = a.merging_id"
        " WHERE a.member_id = ANY(%(members)s) AND u.id IS NULL",
        {"members": list(members)},
    )
    return {int(member) for (member,) in cursor.fetchall()}


@dataclass(frozen=True)
class Granted:
    """What a merge lets a number hold: `held` is whose award it was; `ends` tells the second of a group."""

    member_id: int
    held: Held
    ends: bool

    @property
    def since(self) -> date | None:
        """The first day to be remembered: of an award that goes over from the registers."""
        return self.held.since if self.held.member_id != self.member_id else None


def shared_out(
    survivor: int, absorbed: int, held: Mapping[tuple[int, int], Held], keep: Mapping[int, int]
) -> list[Granted]:
    """Who holds what once the two are one: everything goes to the survivor, the second of a group ends.

    `keep` says for a group whose award goes on; without a word it is the survivor's.

    >>> mine, other = Held(1, 1, "SSP-OLD", 15000, None), Held(2, 1, "IGNOAPS", 27500, None)
    >>> [(g.member_id, g.held.scheme, g.ends) for g in shared_out(1, 2, {(1, 1): mine, (2, 1): other}, {1: 2})]
    [(1, 'IGNOAPS', False), (2, 'SSP-OLD', True)]
    >>> [(g.member_id, g.held.scheme, g.ends) for g in shared_out(1, 2, {(2, 1): other}, {})]
    [(1, 'IGNOAPS', False)]
    """
    shares = []
    for group in sorted({group for _, group in held}):
        both = [one for number in (survivor, absorbed) if (one := held.get((number, group))) is not None]
        if keep.get(group) == absorbed:
            both.reverse()
        shares.append(Granted(survivor, both[0], ends=False))
        shares += [Granted(absorbed, one, ends=True) for one in both[1:]]
    return shares


@dataclass(frozen=True)
class InNews:
    """How merges among the news of an outlook are looked at: numbers of merges, and one that nobody has recorded yet.

    `planned` are the survivor and the absorbed of the latter, `keep` whose award goes on in it, by pension group.
    """

    left_out: tuple[int, ...] = ()
    revived: tuple[int, ...] = ()
    taken_back: tuple[int, ...] = ()
    planned: tuple[int, int] | None = None
    keep: Mapping[int, int] = field(default_factory=dict)

    def known(self, pg: Postgres, members: Sequence[int], day: date) -> list[tuple[object, ...]]:
        """Member, group, scheme, paise of awards as the news leave them, by months before `day`."""
        rows = self._rows(pg, members, day, taken_back=self.taken_back)
        if self.planned is None:
            return rows
        with pg.cursor() as cursor:
            shares = shared_out(*self.planned, held_under(cursor, self.planned, day), self.keep)
        survivors = [
            (one.member_id, one.held.pension_group, one.held.scheme, one.held.paise) for one in shares
        ]
        groups = {row[1] for row in survivors}
        others = [
            row
            for row in rows
            if row[0] != self.planned[1] and (row[0] != self.planned[0] or row[1] not in groups)
        ]
        return [*others, *survivors]

    def unknown(self, pg: Postgres, members: Sequence[int], day: date) -> list[tuple[object, ...]]:
        """The same as if nothing of the news were known."""
        return self._rows(pg, members, day, left_out=self.left_out, revived=self.revived)

    def _rows(
        self, pg: Postgres, members: Sequence[int], day: date, **otherwise: Sequence[int]
    ) -> list[tuple[object, ...]]:
        values: dict[str, object] = {name: list(numbers) for name, numbers in otherwise.items()}
        known = as_known(timezone.localdate())
        rows = pg.execute(
            awards_sql(members=True).encode(), {"before": day, "members": list(members), **known, **values}
        )
        return list(rows.fetchall())


def in_news(pg: Postgres, news: News, keep: Mapping[int, int] | None = None) -> InNews:
    """How awards are read with and without the merges among the `news`; `keep` is chosen for one that nobody has recorded yet."""
    made: list[int] = []
    undone: list[int] = []
    for register, key, number in news.beliefs:
        if register == "merge":
            row = pg.execute(
                b"SELECT c.id, m.survivor_id IS NULL FROM registry_merge m JOIN cases_merging c ON c.key = m.key"
                b" WHERE m.member_id = %s AND m.belief_no = %s",
                [int(key), number],
            ).fetchone()
            if row is not None:
                (undone if row[1] else made).append(int(str(row[0])))
    found = InNews(tuple(made), tuple(undone))
    for register, _, fields in news.rows:
        if register != "merge":
            continue
        absorbed, survivor = int(str(fields["member_id"])), fields["survivor_id"]
        if survivor is not None:
            return replace(found, planned=(int(str(survivor)), absorbed), keep=keep or {})
        rows = pg.execute(b"SELECT max(id) FROM cases_merging WHERE absorbed_id = %s", [absorbed]).fetchone()
        return replace(found, taken_back=(int(str(rows[0])),) if rows and rows[0] is not None else ())
    return found
