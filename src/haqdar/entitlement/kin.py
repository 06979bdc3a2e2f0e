"""A few people and everybody whose facts decide for them, read from the register by index: no snapshot is needed.

One change touches the person, everyone recorded as their spouse, their parents with their spouses, and their children,
in whatever household or district they live. `touched_by` finds them, `Kin` holds what is believed about them and about
those whose facts they look at, and gives the same timelines as a snapshot, with or without what has just become known.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import psycopg
import pyarrow as pa

from haqdar.base.sql import statement
from haqdar.entitlement import one_person
from haqdar.entitlement.facts import build_timelines
from haqdar.entitlement.registers import EVERY_REGISTER, Register

Postgres = psycopg.Connection[tuple[object, ...]]

#: What separates the numbers of people and families as believed without the news from the real ones (9 digits).
WITHOUT_NEWS = 2_000_000_000
_NUMBERS = ("member_id", "family_id", "mother_id", "father_id", "spouse_id", "survivor_id")
SEPARATOR = "\x1f"
#: Registers of a person's own life, by the column that chooses their rows.
_OF_MEMBER = ("raw_disability", "raw_pension")
_OF_FAMILY = ("raw_family", "raw_bpl")

_ALL_BELIEFS = """
SELECT {columns}, b.known_from, b.belief_no AS kin_no, {keys}, {news} AS kin_news
FROM {table} b WHERE b.known_from <= %(known_on)s AND {chosen}"""


@dataclass(frozen=True)
class News:
    """What has just become known, so that it can be looked away from.

    `deliveries` are loaded files; `beliefs` what was recorded at the desk, as (register, key, belief_no) with the parts of a key
    joined by the unit separator. `rows` are beliefs that nobody has recorded yet, for a preview: (register, key, row), the row
    in the columns that a snapshot reads.
    """

    deliveries: tuple[int, ...] = ()
    beliefs: tuple[tuple[str, str, int], ...] = ()
    rows: tuple[tuple[str, str, Mapping[str, object]], ...] = ()

    @staticmethod
    def of_event(row: Mapping[str, object]) -> News:
        """The news of a life event that nobody has recorded yet."""
        return News(rows=(("event", str(row["event_id"]), row),))

    def named(self) -> set[int]:
        """The members whom the unrecorded rows name: whom they are about, spouses and parents."""
        named = ("member_id", "spouse_id", "mother_id", "father_id", "survivor_id")
        return {value for _, _, row in self.rows for name in named if isinstance(value := row.get(name), int)}

    def rows_of(self, register: str) -> list[dict[str, object]]:
        """The unrecorded rows of one register, each as the latest belief of its key."""
        return [
            {**row, "kin_no": 1 << 30, "kin_news": True}
            | {f"key_{number}": part for number, part in enumerate(key.split(SEPARATOR))}
            for of, key, row in self.rows
            if of == register
        ]


@dataclass
class Kin:
    """What is believed about the people `asked` and those they look at, in the tables ``kin_*`` of `duck`."""

    duck: duckdb.DuckDBPyConnection
    asked: list[int]
    relations: list[str] = field(default_factory=list)

    def believe(self) -> None:
        """Make the timelines of the latest beliefs twice over: with the news, and as if nothing of it were known.

        Without the news everybody has an own set of numbers, each less by `WITHOUT_NEWS`: so both are decided by one pass of
        the statements, whose planning costs more than their rows. Afterwards ``person``, ``pension`` and the other timelines
        stand in `duck`, and ``asked`` (member_id) with whoever is known of those asked for.
        """
        for relation in self.relations:
            register = EVERY_REGISTER[relation]
            keys = ", ".join(f"key_{number}" for number in range(len(register.key)))
            latest = f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY kin_no DESC) = 1"
            names = register.schema.names
            without = [f"{name} - {WITHOUT_NEWS} AS {name}" if name in _NUMBERS else name for name in names]
            self.duck.execute(
                f"CREATE OR REPLACE TABLE {relation} AS SELECT {', '.join(names)} FROM kin_{relation} {latest}"
                f" UNION ALL SELECT {', '.join(without)} FROM kin_{relation} WHERE NOT kin_news {latest}"
            )
        if one_person.believe(self.duck):
            one_person.apply(self.duck, [name for name in self.relations if name != one_person.RELATION])
        build_timelines(self.duck)
        # a person of whom nothing was known without the news is nobody yet
        self.duck.execute(
            "CREATE OR REPLACE TABLE asked AS SELECT member_id FROM person WHERE"
            f" CASE WHEN member_id < 0 THEN member_id + {WITHOUT_NEWS} ELSE member_id END IN ({_numbers(self.asked)})"
        )


def touched_by(
    pg: Postgres, members: Collection[int], families: Collection[int] = (), events: Collection[str] = ()
) -> list[int]:
    """The residents whose decisions a change about these members, families or events can touch, in order.

    The persons themselves, their spouses by any record in either direction, their parents with the spouses of those,
    and their children; for a family everybody who belongs or belonged to it.
    """
    found = set(one_person.widened(pg, members))
    while True:
        rows = pg.execute(
            statement("haqdar.entitlement", "touched").encode(),
            {"members": sorted(found), "families": list(families), "events": list(events)},
        ).fetchall()
        touched = {int(str(member_id)) for (member_id,) in rows}
        # a relative may be named by a number that was merged: then it is the person behind it who is touched
        behind = one_person.widened(pg, touched) - touched - found
        if not behind:
            return sorted(touched)
        found |= behind


def read_kin(
    duck: duckdb.DuckDBPyConnection, pg: Postgres, asked: Sequence[int], known_on: date, news: News
) -> Kin:
    """Read everything that decides for the people `asked`: their own rows, their spouses' and both one's children.

    A dozen index look-ups, whatever the size of the register.
    """
    kin = Kin(duck, list(asked))

    def keep(
        relation: str, chosen: str, ids: Collection[int], more: Sequence[Mapping[str, object]] = ()
    ) -> None:
        kin.relations.append(relation)
        register = EVERY_REGISTER[relation]
        rows = [*_beliefs(pg, register, chosen, ids, known_on, news), *more]
        duck.register("incoming", pa.Table.from_pylist(rows, schema=_schema(register)))
        duck.execute(f"CREATE OR REPLACE TABLE kin_{relation} AS FROM incoming")
        duck.unregister("incoming")

    asked = sorted(one_person.widened(pg, asked))
    couples = one_person.widened(pg, {*asked, *_spouses(pg, asked), *news.named()})
    people = one_person.widened(pg, {*couples, *_children(pg, couples)})
    keep(one_person.RELATION, "b.member_id = ANY(%(ids)s)", people, news.rows_of("merge"))
    keep("raw_resident", "b.member_id = ANY(%(ids)s)", people, news.rows_of("resident"))
    # the latest belief of an event may be about somebody else: then it takes the event away from the people here
    about = "SELECT e.event_id FROM registry_event_belief e WHERE e.member_id = ANY(%(ids)s)"
    keep("raw_event", f"b.event_id IN ({about})", people, news.rows_of("event"))
    families = [
        int(row[0])
        for row in duck.execute(
            f"SELECT DISTINCT family_id FROM kin_raw_resident WHERE member_id IN ({_numbers(asked)})"
        ).fetchall()
    ]
    for relation in _OF_FAMILY:
        keep(relation, "b.family_id = ANY(%(ids)s)", families, news.rows_of(relation.removeprefix("raw_")))
    for relation in _OF_MEMBER:
        keep(relation, "b.member_id = ANY(%(ids)s)", asked, news.rows_of(relation.removeprefix("raw_")))
    _read_areas(duck, pg)
    return kin


def _beliefs(
    pg: Postgres, register: Register, chosen: str, ids: Collection[int], known_on: date, news: News
) -> list[dict[str, object]]:
    fresh = "coalesce(b.delivery_id = ANY(%(deliveries)s), false)"
    name = register.relation.removeprefix("raw_")
    beliefs = [f"{key}{SEPARATOR}{number}" for of, key, number in news.beliefs if of == name]
    if beliefs:
        joined = ", ".join(f"b.{column}" for column in register.key)
        fresh += f" OR concat_ws(chr(31), {joined}, b.belief_no) = ANY(%(beliefs)s)"
    query = _ALL_BELIEFS.format(
        columns=register.columns,
        keys=", ".join(f"b.{column}::text AS key_{number}" for number, column in enumerate(register.key)),
        news=f"({fresh})",
        table=register.table,
        chosen=chosen,
    )
    cursor = pg.execute(
        query.encode(),
        {
            "known_on": known_on,
            "ids": list(ids),
            "deliveries": list(news.deliveries),
            "beliefs": beliefs,
        },
    )
    names = _schema(register).names
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _schema(register: Register) -> pa.Schema:
    schema = register.schema.append(pa.field("kin_no", pa.int32()))
    for number in range(len(register.key)):
        schema = schema.append(pa.field(f"key_{number}", pa.string()))
    return schema.append(pa.field("kin_news", pa.bool_()))


def _spouses(pg: Postgres, members: Collection[int]) -> set[int]:
    """Whom the records of these members, of whatever time, name as spouse."""
    rows = pg.execute(
        b"SELECT spouse_id FROM registry_resident_belief WHERE member_id = ANY(%(ids)s) AND spouse_id IS NOT NULL"
        b" UNION SELECT spouse_id FROM registry_event_belief WHERE member_id = ANY(%(ids)s) AND spouse_id IS NOT NULL",
        {"ids": list(members)},
    ).fetchall()
    return {int(str(row[0])) for row in rows}


def _children(pg: Postgres, parents: Collection[int]) -> set[int]:
    rows = pg.execute(
        b"SELECT member_id FROM registry_resident_belief WHERE mother_id = ANY(%(ids)s)"
        b" UNION SELECT member_id FROM registry_resident_belief WHERE father_id = ANY(%(ids)s)",
        {"ids": list(parents)},
    ).fetchall()
    return {int(str(row[0])) for row in rows}


def _read_areas(duck: duckdb.DuckDBPyConnection, pg: Postgres) -> None:
    codes = [row[0] for row in duck.execute("SELECT DISTINCT area_code FROM kin_raw_family").fetchall()]
    rows = pg.execute(
        b"SELECT area_code, kind, district_code, NULL::text FROM access_area WHERE area_code = ANY(%s)",
        [codes],
    ).fetchall()
    names = ("area_code", "kind", "district_code", "ddo_code")
    schema = pa.schema([(name, pa.string()) for name in names])
    duck.register(
        "incoming", pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows], schema=schema)
    )
    duck.execute("CREATE OR REPLACE TABLE area AS FROM incoming")
    duck.unregister("incoming")


def _numbers(ids: Collection[int]) -> str:
    return ", ".join(str(int(number)) for number in ids) or "-1"


__all__ = ["WITHOUT_NEWS", "Kin", "News", "read_kin", "touched_by"]
