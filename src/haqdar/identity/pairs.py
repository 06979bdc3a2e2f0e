"""Pairs of records that may be one person: the list an officer works through, one pair, and how a judgement moves it.

Whoever judges must see both people, so a pair belongs to offices whose area holds both: the janpad or urban body where both
live there, else the district, else the State. What money makes of a judgement is `cases.adjudication`'s affair.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea, acting, require
from haqdar.base.paging import Paged
from haqdar.base.refusal import Refusal, Words
from haqdar.identity.models import Judgement, Pair

STATES = ("open", "second_opinion", "visit", "same", "different")
"""States in which a pair can be found in the list, those that wait for somebody first."""
WAITING = STATES[:3]

JUDGED_SAME = """
    SELECT p.first_id, p.second_id FROM identity_pair p
    JOIN LATERAL (SELECT verdict FROM identity_judgement j
                  WHERE j.pair_id = p.id AND (j.at AT TIME ZONE 'Asia/Kolkata')::date <= %(known_on)s
                  ORDER BY j.id DESC LIMIT 1) last ON last.verdict = 'same'"""
"""SQL: (first_id, second_id) of the pairs that stood judged as one person at the end of `known_on`."""


class NoSuchPair(Refusal):
    """The address names no pair."""

    code = "no_such_pair"
    en = "There is no such pair of records. It may have been found in another register; go back to the list."
    hi = "ऐसी कोई जोड़ी नहीं है। सूची पर वापस जाएँ।"


class AlreadyJudged(Refusal):
    """Somebody judged the pair while the page was open."""

    code = "already_judged"
    en = "{who} judged this pair at {at}: {verdict}. Nothing of yours was saved. Look at the pair as it is now."
    hi = "{who} ने यह जोड़ी {at} पर परख ली: {verdict}। आपका कुछ दर्ज नहीं हुआ। जोड़ी की अभी की स्थिति देखें।"


class RecordsChanged(Refusal):
    """The records that were on the screen are not the ones of now."""

    code = "records_changed"
    en = "One of the two records has changed since you opened the page. Nothing was saved: look at both again, then judge."
    hi = "आपके पन्ना खोलने के बाद दोनों में से एक रिकॉर्ड बदल गया है। कुछ दर्ज नहीं हुआ: दोनों को फिर देखें, फिर परखें।"


class NotJudgedYet(Refusal):
    """Only a judgement can be taken back."""

    code = "not_judged_yet"
    en = "Nobody has judged this pair, so there is nothing to take back."
    hi = "इस जोड़ी को अभी किसी ने नहीं परखा, इसलिए वापस लेने को कुछ नहीं है।"


VERDICT_WORDS = {
    "open": Words("taken back", "वापस लिया गया"),
    "same": Words("one person", "एक ही व्यक्ति"),
    "different": Words("two people", "दो अलग व्यक्ति"),
    "visit": Words("needs a visit", "घर जाकर देखना है"),
    "second_opinion": Words("one person, waiting for a second opinion", "एक ही व्यक्ति, दूसरी राय बाकी"),
}


@dataclass(frozen=True)
class Wanted:
    """What of the list is wanted; empty words narrow nothing."""

    state: str = "open"
    band: str = ""
    place: str | None = None
    page: int = 1


@dataclass(frozen=True)
class Line:
    """One pair of the list: who, where, how much speaks for one person (`weight`, see `Pair`), and since when it waits."""

    key: UUID
    weight: float
    band: str
    state: str
    since_at: datetime
    first: dict[str, Any]
    second: dict[str, Any]
    evidence: list[tuple[str, str, float]]

    @property
    def members(self) -> tuple[int, int]:
        """The two member numbers."""
        return int(self.first["member_id"]), int(self.second["member_id"])


@dataclass
class PairPage(Paged):
    """One page of pairs, with how many there are by state and band, and how many lie partly outside the actor's area."""

    PAGE: ClassVar[int] = 50

    rows: list[Line]
    total: int
    page: int
    states: dict[str, int]
    bands: dict[str, int]
    beyond: int


@dataclass(frozen=True)
class Opinion:
    """One judgement of a pair as it was given."""

    at: datetime
    actor: str
    role: str
    opinion: int
    verdict: str
    note: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Found:
    """One pair: its row, what was judged of it (oldest first), and the pair that comes next in the list of waiting ones."""

    pair: Pair
    opinions: list[Opinion]
    next_key: UUID | None
    beliefs: list[int]

    @property
    def seen(self) -> str:
        """What a form carries so that a judgement on something else than what was seen is refused."""
        return _seen_as(self.pair, self.beliefs, len(self.opinions))


_PLACED = (
    " FROM identity_pair p LEFT JOIN access_area a ON a.area_code = p.first_area"
    " LEFT JOIN access_area b ON b.area_code = p.second_area"
)
_ROW = """
    SELECT p.key, p.weight, p.band, p.state, p.since_at, p.evidence, p.first_id, p.second_id,
           a.name_en, a.name_hi, b.name_en, b.name_hi, p.id"""


# What comes behind a pair in the order of the list.
_BEHIND = " AND (p.weight, -p.id) < (%(weight)s, -%(id)s::bigint)"
_PIECE = 2000


def _within(actor: Actor, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    where = ["p.state <> 'withdrawn'"]
    if actor.area_paths is not None:
        where.append("a.path LIKE ANY(%(paths)s) AND b.path LIKE ANY(%(paths)s)")
    if wanted.place:
        where.append("(a.path LIKE %(place)s OR b.path LIKE %(place)s)")
    return " AND ".join(where), {
        "paths": actor.path_patterns(),
        "place": f"{wanted.place}%",
        "state": wanted.state,
        "band": wanted.band,
    }


def _narrowed(where: str, wanted: Wanted) -> str:
    if wanted.state:
        where += " AND p.state = %(state)s"
    if wanted.band:
        where += " AND p.band = %(band)s"
    return where


def listed(actor: Actor, wanted: Wanted) -> PairPage:
    """One page of pairs both of whose people live in the actor's area, those that speak most for one person first."""
    actor = require(actor, "pair.view")
    within, values = _within(actor, wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT p.state, p.band, count(*){_PLACED} WHERE {within} GROUP BY 1, 2", values)
        counted = cursor.fetchall()
        states, bands = dict.fromkeys(STATES, 0), {"certain": 0, "review": 0}
        for state, band, count in counted:
            states[state] = states.get(state, 0) + count
            if wanted.state in ("", state):
                bands[band] += count
        total = sum(
            n for state, band, n in counted if wanted.state in ("", state) and wanted.band in ("", band)
        )
        page = min(max(1, wanted.page), max(1, -(-total // PairPage.PAGE)))
        cursor.execute(
            f"{_ROW}{_PLACED} WHERE {_narrowed(within, wanted)} ORDER BY p.weight DESC, p.id"
            " LIMIT %(limit)s OFFSET %(offset)s",
            values | {"limit": PairPage.PAGE, "offset": (page - 1) * PairPage.PAGE},
        )
        rows = _lines(cursor.fetchall())
    return PairPage(rows, total, page, states, bands, _beyond(actor))


def rows_of(actor: Actor, wanted: Wanted) -> Iterator[Line]:
    """Every pair of the list for a download, in its order, read in pieces; none is skipped while others judge."""
    actor = require(actor, "pair.view")
    within, values = _within(actor, wanted)
    after = ""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_ROW}{_PLACED} WHERE {_narrowed(within, wanted)}{after} ORDER BY p.weight DESC, p.id LIMIT %(limit)s",
                values | {"limit": _PIECE},
            )
            found = cursor.fetchall()
        yield from _lines(found)
        if len(found) < _PIECE:
            return
        after = _BEHIND
        values |= {"weight": found[-1][1], "id": found[-1][-1]}


def waiting(actor: Actor) -> dict[str, int]:
    """How many pairs wait for the actor, by state: open ones and visits to judge, second opinions to give. Empty where none may."""
    if not actor.may("pair.judge"):
        return {}
    own = actor.doing("pair.judge")
    within, values = _within(own, Wanted())
    mine = ["p.state IN ('open', 'visit')"]
    if actor.may("pair.confirm"):
        mine.append("p.state = 'second_opinion' AND NOT EXISTS (SELECT FROM identity_judgement j"
                    " WHERE j.pair_id = p.id AND j.actor = %(name)s)")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.state, count(*){_PLACED} WHERE {within} AND ({' OR '.join(mine)}) GROUP BY 1",
            values | {"name": actor.name},
        )
        return dict(cursor.fetchall())


def pair(actor: Actor, key: UUID | str) -> Found:
    """One pair with its judgements; raises `NoSuchPair`, ``OutsideYourArea`` unless both people live in the actor's area."""
    actor = require(actor, "pair.view")
    found = _seen(actor, key)
    within, values = _within(actor, Wanted())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.key{_PLACED} WHERE {within} AND p.state = %(now)s{_BEHIND}"
            " ORDER BY p.weight DESC, p.id LIMIT 1",
            values | {"now": found.state, "weight": found.weight, "id": found.id},
        )
        row = cursor.fetchone()
    opinions = [
        Opinion(one.at, one.actor, one.role, one.opinion, one.verdict, one.note, one.details)
        for one in found.judgements.order_by("id")
    ]
    return Found(found, opinions, row[0] if row else None, beliefs_of(found))


def beliefs_of(pair: Pair) -> list[int]:
    """The number of what is believed now of the first and of the second record: a correction of either changes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT max(belief_no) FROM registry_resident_belief WHERE member_id = member), 0)"
            " FROM unnest(%s::int[]) WITH ORDINALITY asked(member, place) ORDER BY place",
            [[pair.first_id, pair.second_id]],
        )
        return [int(number) for (number,) in cursor.fetchall()]


def rests_on_now(opinion: Judgement, pair: Pair) -> bool:
    """Whether an opinion was given on the two records as they are now."""
    return opinion.facts == pair.facts and opinion.details.get("beliefs") == beliefs_of(pair)


def pairs_of_member(actor: Actor, member_id: int) -> list[tuple[UUID, str, int]]:
    """(key, state, the other member) of every pair of a resident that the actor may see, those judged one person first."""
    actor = require(actor, "pair.view")
    within, values = _within(actor, Wanted())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.key, p.state, p.first_id + p.second_id - %(member)s{_PLACED}"
            f" WHERE {within} AND (p.first_id = %(member)s OR p.second_id = %(member)s)"
            " ORDER BY p.state <> 'same', p.weight DESC",
            values | {"member": member_id},
        )
        return [(key, state, int(other)) for key, state, other in cursor.fetchall()]


def put_down(
    actor: Actor,
    key: UUID | str,
    seen: str,
    verdict: str,
    note: str,
    details: dict[str, Any],
    opinion: int = 1,
) -> Pair:
    """Write a judgement and move the pair to `verdict`, a state of `Pair`; part of the transaction of who decides that.

    `seen` is `Found.seen` of the page that was judged. Raises `AlreadyJudged` where somebody was quicker, `RecordsChanged` where
    a record is another one now.
    """
    with acting(actor, actor.function or "pair.judge"):
        found = locked(actor, key)
        beliefs = beliefs_of(found)
        count = seen.rpartition(".")[2]
        last = found.judgements.order_by("-id").first()
        if count != str(found.judgements.count()) or found.state == Pair.State.WITHDRAWN:
            if last is None:
                raise RecordsChanged()
            raise already(last)
        if seen != _seen_as(found, beliefs, found.judgements.count()):
            raise RecordsChanged()
        return _write(actor, found, verdict, note, details | {"beliefs": beliefs}, opinion)


def already(last: Judgement) -> AlreadyJudged:
    """The refusal that tells of a judgement that stands."""
    return AlreadyJudged(
        who=last.actor, at=f"{timezone.localtime(last.at):%H:%M}", verdict=VERDICT_WORDS[last.verdict]
    )


def _write(
    actor: Actor, found: Pair, verdict: str, note: str, details: dict[str, Any], opinion: int = 1
) -> Pair:
    """Add a judgement to a locked pair, and move it."""
    now = timezone.now()
    Judgement.objects.create(
        pair=found,
        at=now,
        actor=actor.name,
        user_id=actor.user_id,
        role=",".join(sorted(actor.roles)),
        opinion=opinion,
        verdict=verdict,
        note=note,
        facts=found.facts,
        weight=found.weight,
        evidence=found.evidence,
        details=details,
    )
    old, found.state = found.state, verdict
    found.since_at, found.judged_facts, found.judged_weight = now, found.facts, found.weight
    found.save(update_fields=["state", "since_at", "judged_facts", "judged_weight"])
    record(
        actor,
        "pair.judge",
        "pair",
        str(found.key),
        old={"state": old},
        new={"state": verdict, "reason": details.get("reason", ""), "opinion": opinion},
    )
    return found


def take_back(actor: Actor, key: UUID | str, note: str) -> Pair:
    """Open a judged pair again, with the reason; what was judged stays written. Raises `NotJudgedYet`.

    The caller has made sure that the actor may see both people, and that the two records are not merged (or undoes that in the
    same transaction). The pair's own areas are not asked: they are those of the day when it was found, and a family moves.
    """
    actor = require(actor, "pair.judge")
    with acting(actor, "pair.judge"):
        found = Pair.objects.select_for_update().filter(key=key).first()
        if found is None:
            raise NoSuchPair()
        if found.state in (Pair.State.OPEN, Pair.State.WITHDRAWN):
            raise NotJudgedYet()
        return _write(actor, found, "open", note, {"reason": "taken_back", "beliefs": beliefs_of(found)})


def locked(actor: Actor, key: UUID | str) -> Pair:
    """The pair's row, locked until the transaction ends, for who may see both people; raises like `pair`."""
    _seen(actor, key)
    return Pair.objects.select_for_update().get(key=key)


def _seen_as(pair: Pair, beliefs: list[int], opinions: int) -> str:
    """What was compared, what is believed, and how many opinions there were, as a form carries it."""
    return f"{pair.facts}.{'-'.join(map(str, beliefs))}.{opinions}"


def _seen(actor: Actor, key: UUID | str) -> Pair:
    found = Pair.objects.filter(key=key).first()
    if found is None:
        raise NoSuchPair()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path FROM access_area WHERE area_code = ANY(%s)",
            [[code for code in (found.first_area, found.second_area) if code]],
        )
        paths = [path for (path,) in cursor.fetchall()]
    needed = len({found.first_area, found.second_area})
    if actor.area_paths is not None and (len(paths) < needed or not all(actor.sees(path) for path in paths)):
        raise OutsideYourArea()
    return found


def _beyond(actor: Actor) -> int:
    """Open pairs of which one person lives in the actor's area and the other does not."""
    if actor.area_paths is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*){_PLACED} WHERE p.state = 'open' AND coalesce(a.path LIKE ANY(%(paths)s), false)"
            " <> coalesce(b.path LIKE ANY(%(paths)s), false)",
            {"paths": actor.path_patterns()},
        )
        return int((cursor.fetchone() or (0,))[0])


def _lines(rows: list[tuple[Any, ...]]) -> list[Line]:
    """The rows of a list with both people's names, sex and year of birth."""
    members = sorted({member for row in rows for member in row[6:8]})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (member_id) member_id, name_en, name_hi, sex, born_on FROM registry_resident_belief"
            " WHERE member_id = ANY(%s) ORDER BY member_id, belief_no DESC",
            [members],
        )
        names = ("member_id", "name_en", "name_hi", "sex", "born_on")
        people = {row[0]: dict(zip(names, row, strict=True)) for row in cursor.fetchall()}
    lines = []
    for key, weight, band, state, since_at, evidence, first, second, *places in rows:
        lines.append(
            Line(
                key,
                weight,
                band,
                state,
                since_at,
                _somebody(people, first) | {"area_en": places[0], "area_hi": places[1]},
                _somebody(people, second) | {"area_en": places[2], "area_hi": places[3]},
                evidence_of(evidence),
            )
        )
    return lines


def _somebody(people: dict[int, dict[str, Any]], member_id: int) -> dict[str, Any]:
    nobody: dict[str, Any] = {
        "member_id": member_id,
        "name_en": "",
        "name_hi": "",
        "sex": "",
        "born_on": None,
    }
    return people.get(member_id, nobody)


def evidence_of(stored: Any) -> list[tuple[str, str, float]]:
    """(field, level, weight) of each compared field, from how `Pair.evidence` keeps them."""
    found = json.loads(stored) if isinstance(stored, str) else stored
    return [(str(name), str(level), float(weight)) for name, level, weight in found or []]
