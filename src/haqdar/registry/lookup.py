"""Looking people up: by a name however it is spelled, a relation's name, a village, an age, or any number.

Words become sets of terms (`registry_lookup_term`) that sound like them, one index over the terms of every resident finds who has one
of each set, and what is found is scored by how well each thing that was asked fits. The whole costs milliseconds in a register
of any district's size; a name alone never identifies anybody, so every find says why it was found.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from django.db import connection, transaction
from rapidfuzz.distance import JaroWinkler

from haqdar.access.actors import Actor
from haqdar.base.names import clean, joined_key, name_key, relation, vowel_key
from haqdar.registry.merges import not_merged
from haqdar.registry.numbers_kept import NUMBERS
from haqdar.registry.queries import Person, people
from haqdar.registry.sealing import ACCOUNT, account_text, sealer
from haqdar.vault import store

CANDIDATES = 150
"""So many people are looked at and scored, unless more are asked for."""
ENOUGH = 10
"""With so many people found, less fitting ones are not looked for."""
MOST_TERMS = 40
"""So many terms at most stand for a word: the likest."""
MOST_WORDS = 6
"""So many words of a name are looked at."""
YEARS = 2_000_000_000
SOUND = 0.85
"""Words with the same consonants are at least so like each other; a slip away they are less."""
ALIKE = 0.8
"""Least likeness (Jaro-Winkler) of words whose consonants differ."""
SHORT = 4
"""Words of so few letters begin alike, or one is not a slip of the other: armo is not ram."""
_WEIGHTS = {"name": 55, "relation": 20, "village": 15, "age": 10}
_ACCOUNT = re.compile(r"([A-Z]{4}0[A-Z0-9]{6})[ /]+(\d{5,18})")
_DIGITS = re.compile(r"\d[\d \-]{6,}\d")


@dataclass(frozen=True)
class Wanted:
    """What is known of the person looked for; everything may be empty.

    `name` and `relation_name` (father, mother or spouse; "W/O …" may stand before it) are Hindi or Latin. `village` is the name of
    a panchayat, ward, block, town or district. `birth_year` may be off by some years. `number` is a member or family ID, an
    Aadhaar or mobile number, an account as IFSC/number, or a number of another kind that is kept of people (`registry.numbers_kept`).
    """

    name: str = ""
    relation_name: str = ""
    village: str = ""
    birth_year: int | None = None
    number: str = ""

    @classmethod
    def typed(cls, text: str, relation_name: str = "", village: str = "", age: int | None = None) -> Wanted:
        """From one box that takes a name, a number or both, and the others; an age is one of today.

        >>> Wanted.typed("Sita Bai 98765 43210")
        Wanted(name='Sita Bai', relation_name='', village='', birth_year=None, number='9876543210')
        >>> Wanted.typed("A26-1/7").number, Wanted.typed("सीता").name
        ('A26-1/7', 'सीता')
        """
        text = " ".join(text.translate(_LATIN_DIGITS).split())
        born = None if age is None else date.today().year - age
        account = _ACCOUNT.fullmatch(text.upper())
        if account:
            return cls("", relation_name, village, born, account_text(account[1], account[2]))
        digits = _DIGITS.search(text)
        rest = _DIGITS.sub(" ", text).strip()
        if digits and (not rest or " " in text) and not re.search(r"[\d/]", rest):
            return cls(rest, relation_name, village, born, re.sub(r"[ \-]", "", digits[0]))
        if any(sign.isdigit() for sign in text):
            return cls("", relation_name, village, born, text)
        return cls(text, relation_name, village, born)


_LATIN_DIGITS = {ord(sign): str(value) for value, sign in enumerate("०१२३४५६७८९")}


@dataclass(frozen=True)
class Reason:
    """Why somebody was found: `field` is name, relation, village, age or a kind of number; `level` how well it fits.

    Levels: same, sound (sounds the same, another spelling), near (a slip away), part (some of the words), other. `by` is the difference of an age.
    """

    field: str
    level: str
    by: int = 0


@dataclass(frozen=True)
class Found:
    """A person with a score of 0 to 100 and the reasons for it."""

    person: Person
    score: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Scored:
    """A resident found by number, before anything is read of the person."""

    member_id: int
    score: int
    reasons: tuple[Reason, ...]


@dataclass
class _Word:
    """A word that was asked: terms that may stand for it, each with its likeness 0 to 1."""

    vowels: str
    key: str
    terms: dict[int, float] = field(default_factory=dict)

    def literal(self) -> list[int]:
        return [term for term, likeness in self.terms.items() if likeness == 1]

    def exact(self) -> list[int]:
        return [term for term, likeness in self.terms.items() if likeness > SOUND]


def find(actor: Actor, wanted: Wanted, limit: int = 50) -> list[Found]:
    """The people of the actor's area who fit best, best first, each with the reasons."""
    scored = {one.member_id: one for one in likely(actor, wanted, limit)}
    if not scored:
        return []
    found = [
        Found(person, scored[person.member_id].score, scored[person.member_id].reasons)
        for person in people(actor, "r.member_id = ANY(%(members)s)", {"members": list(scored)})
    ]
    asked = clean(wanted.name)
    return sorted(
        (_as_written(one, asked) for one in found),
        key=lambda one: (
            -one.score,
            bool(asked) and asked not in (clean(one.person.name_en), clean(one.person.name_hi)),
            one.person.member_id,
        ),
    )


def _as_written(found: Found, asked: str) -> Found:
    """The find with the same name only where it is written so; letters that sound alike are another spelling."""
    if not asked or {*asked.split()} <= {*clean(found.person.name_en).split()}:
        return found
    if {*asked.split()} <= {*clean(found.person.name_hi).split()}:
        return found
    sounds = tuple(Reason("name", "sound") if one == Reason("name", "same") else one for one in found.reasons)
    return Found(found.person, found.score, sounds)


def likely(actor: Actor, wanted: Wanted, limit: int) -> list[Scored]:
    """The same by member ID and score alone. It keeps to the actor's area except for numbers: read people by `find`."""
    if actor.area_paths == ():
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        # a bitmap of the index is always small; the planner's guess at overlapping words would choose to read the table
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL jit = off")
        found = (
            {one.member_id: one for one in _by_number(cursor, actor, wanted.number)} if wanted.number else {}
        )
        if not found or not wanted.number:
            asked = _Asked(cursor, actor, wanted)
            rows = asked.candidates(cursor, max(limit, CANDIDATES))
            found = {one.member_id: one for row in rows if (one := asked.score(row)).score > 0}
    return sorted(found.values(), key=lambda one: (-one.score, one.member_id))[:limit]


def _by_number(cursor: Any, actor: Actor, number: str) -> list[Scored]:
    found: list[tuple[str, int]] = []

    def look(kind: str, query: str, value: object) -> None:
        cursor.execute(f"{query} = %s LIMIT 50", [value])
        found.extend((kind, row[0]) for row in cursor.fetchall())

    if number.isascii() and number.isdecimal():
        if len(number) <= 9:
            look("member_id", "SELECT member_id FROM registry_resident WHERE member_id", int(number))
        if len(number) == 8:
            look("family_id", "SELECT member_id FROM registry_resident_belief WHERE family_id", int(number))
        if len(number) == 10:
            look("mobile", "SELECT member_id FROM registry_lookup WHERE mobile", number)
        if len(number) == 12:
            reference = store.find(actor, number, "search") if actor.may("person.search") else None
            look("aadhaar", "SELECT member_id FROM registry_resident_belief WHERE aadhaar_ref", reference)
    elif _ACCOUNT.fullmatch(number):
        hashed = sealer().keyed_hash(ACCOUNT, number)
        look("account", "SELECT member_id FROM registry_resident_belief WHERE account_hash", hashed)
    for one in NUMBERS:
        look(one.kind, one.query, number.upper() if one.upper else number)
    return [Scored(member, 100, (Reason(kind, "same"),)) for kind, member in dict.fromkeys(found)]


@dataclass
class _Name:
    """A name that was asked, with every way of writing it: as it stands, two words as one, one word as two."""

    words: list[_Word]
    joined: list[_Word]
    parts: list[tuple[_Word, _Word]]
    ways: list[list[_Word]] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> _Name:
        words = [_Word(vowel_key(word), name_key(word)) for word in clean(text).split(" ")]
        words = [word for word in words if word.vowels and word.key][:MOST_WORDS]
        joined = [_Word(one.vowels + two.vowels, one.key + two.key) for one, two in pairwise(words)]
        parts = [(_Word("", left), _Word("", right)) for one in words for left, right in _parts(one.key)]
        return cls(words, joined, parts)

    def take(self, term: int, vowels: str, key: str) -> None:
        """Let a term stand for each word that it is like."""
        for word in self.words:
            if likeness := _likeness(word, vowels, key):
                word.terms[term] = likeness
        for word in self.joined:
            # a term that was read for one word alone is not the two written as one: singh is not ramsingh
            if (likeness := _likeness(word, vowels, key)) and _near(key) & _near(word.key):
                word.terms[term] = likeness
        for part in (part for pair in self.parts for part in pair):
            if part.key == key:
                part.terms[term] = 0.95

    def settle(self) -> None:
        """Keep the likest terms, and the ways of writing for which there are people's names."""
        for word in (*self.words, *self.joined):
            word.terms = dict(sorted(word.terms.items(), key=lambda item: -item[1])[:MOST_TERMS])
        self.ways = [self.words] if self.words else []
        for place, word in enumerate(self.joined):
            if word.exact():
                self.ways.append([*self.words[:place], word, *self.words[place + 2 :]])
        for place, one in enumerate(self.words):
            for left, right in self.parts:
                if left.terms and right.terms and left.key + right.key == one.key:
                    self.ways.append([*self.words[:place], left, right, *self.words[place + 1 :]])

    def fit(self, mine: Sequence[int]) -> tuple[float, str]:
        """How well somebody's terms fit, 0 to 1, and in a word."""
        return max((_fit(words, mine) for words in self.ways), default=(0.0, "other"))


class _Asked:
    """What was asked, as sets of terms."""

    def __init__(self, cursor: Any, actor: Actor, wanted: Wanted) -> None:
        self.name = _Name.of(wanted.name)
        self.kin = _Name.of(relation(wanted.relation_name).name)
        self.village = joined_key(wanted.village)
        self.year = wanted.birth_year
        self.places: dict[int, float] = {}
        self.scope: list[int] | None = None
        if self.name.words or self.kin.words:
            self._read_words(cursor)
        if self.village:
            self._read_places(cursor)
        if actor.area_paths is not None and not any(path.count("/") <= 2 for path in actor.area_paths):
            codes = [path.strip("/").split("/")[-1].replace("%2F", "/") for path in actor.area_paths]
            cursor.execute(
                "SELECT id FROM registry_lookup_term WHERE kind = 'place' AND text = ANY(%s)", [codes]
            )
            self.scope = [row[0] for row in cursor.fetchall()]

    def _read_words(self, cursor: Any) -> None:
        """Read at once the terms that any word may stand for."""
        names = (self.name, self.kin)
        whole = {near for name in names for one in (*name.words, *name.joined) for near in _near(one.key)}
        parts = [part.key for name in names for pair in name.parts for part in pair]
        starts = [one.vowels for name in names for one in name.words if len(one.vowels) > 2]
        cursor.execute(
            "SELECT id, text, key FROM registry_lookup_term WHERE kind = 'word' AND near && %s::text[]"
            " UNION SELECT id, text, key FROM registry_lookup_term WHERE kind = 'word' AND near && %s::text[] AND key = ANY(%s)"
            " UNION SELECT id, text, key FROM unnest(%s::text[]) typed, LATERAL (SELECT * FROM registry_lookup_term"
            "  WHERE kind = 'word' AND text >= typed AND text < typed || '~' LIMIT 50) begun",
            [list(whole), parts, parts, starts],
        )
        for term, vowels, key in cursor.fetchall():
            for name in names:
                name.take(term, vowels, key)
        for name in names:
            name.settle()

    def _read_places(self, cursor: Any) -> None:
        cursor.execute(
            "SELECT id, key FROM registry_lookup_term WHERE kind = 'place' AND near && %s::text[]",
            [list(_near(self.village))],
        )
        for term, key in cursor.fetchall():
            alike = JaroWinkler.similarity(key, self.village)
            if alike >= ALIKE:
                self.places[term] = 1.0 if alike == 1 else SOUND * alike
        self.places = dict(sorted(self.places.items(), key=lambda item: -item[1])[:MOST_TERMS])

    def candidates(self, cursor: Any, most: int) -> list[tuple[Any, ...]]:
        """People by index, from everything that was asked to a part of it, until there are enough."""
        narrow: dict[str, list[list[int]]] = {}
        if self.kin.words:
            first_words = {term for way in self.kin.ways for term in way[0].terms}
            narrow["relation"] = [[-term for term in first_words] or [0]]
        if self.places:
            narrow["village"] = [list(self.places)]
        if self.year is not None:
            narrow["age"] = [[YEARS + self.year + off for off in range(-2, 3)]]
        literal = [[word.literal() or [0] for word in words] for words in self.name.ways]
        exact = [[word.exact() or [0] for word in words] for words in self.name.ways]
        near = [[list(word.terms) or [0] for word in words] for words in self.name.ways]
        first = [words[:1] for words in near]
        every = [group for groups in narrow.values() for group in groups]
        # in a district thousands may bear a common name or one that sounds like it: those who bear it come first
        steps: list[tuple[list[list[list[int]]], list[list[int]]]] = [
            (literal, every),
            (exact, every),
            (near, every),
        ]
        for left_out in narrow:
            steps.append(
                (near, [group for name, groups in narrow.items() if name != left_out for group in groups])
            )
        if narrow:
            steps.append((near, []))
            if len(self.name.words) > 1:
                steps += [(first, every), ([words[-1:] for words in near], every)]
        elif len(self.name.words) > 1:
            steps.append((first, []))
        found: dict[int, tuple[Any, ...]] = {}
        asked: set[str] = set()
        for named, groups in steps:
            # what is written alike is never enough by itself: a name that sounds the same is as good a find
            if len(found) >= (most if named is exact else min(most, ENOUGH)):
                break
            condition, values = _condition(
                named, [*groups, *([self.scope] if self.scope is not None else [])]
            )
            if (not named and not groups) or str((condition, values)) in asked:
                continue
            asked.add(str((condition, values)))
            cursor.execute(
                f"SELECT member_id, terms, birth_year FROM registry_lookup l WHERE {condition}"
                f" AND {not_merged('l.member_id')} LIMIT %s",
                [*values, most],
            )
            found |= {row[0]: row for row in cursor.fetchall()}
        return list(found.values())

    def score(self, row: Sequence[Any]) -> Scored:
        """How well a candidate fits everything that was asked."""
        member, terms, born = row
        parts: dict[str, float] = {}
        reasons: list[Reason] = []
        if self.name.words:
            parts["name"], level = self.name.fit(terms)
            reasons.append(Reason("name", level))
        if self.kin.words:
            parts["relation"], level = self.kin.fit([-term for term in terms if term < 0])
            reasons.append(Reason("relation", level))
        if self.village:
            parts["village"] = max(self.places.get(term, 0.0) for term in terms)
            reasons.append(Reason("village", _level(parts["village"])))
        if self.year is not None:
            by = 99 if born is None else abs(born - self.year)
            parts["age"] = max(0.0, 1 - by / 8)
            level = "same" if by == 0 else "near" if by <= 5 else "other"
            reasons.append(Reason("age", level, by if born is not None else 0))
        weights = sum(_WEIGHTS[name] for name in parts)
        score = round(100 * sum(_WEIGHTS[name] * fit for name, fit in parts.items()) / weights)
        if self.name.words and not parts["name"]:
            score = 0
        return Scored(member, score, tuple(reasons))


def _near(key: str) -> set[str]:
    """The key, and for longer ones what is left without one letter: the entries under which one slip away is found."""
    less = {key[:place] + key[place + 1 :] for place in range(len(key))} if len(key) > 2 else set()
    return {key} | less


def _parts(key: str) -> list[tuple[str, str]]:
    """The keys of two words that may be written as one: rmcndr is rm and cndr."""
    return [(key[:at], key[at:]) for at in range(2, len(key) - 1)]


def _likeness(word: _Word, vowels: str, key: str) -> float:
    if vowels == word.vowels:
        return 1.0
    if len(word.vowels) <= SHORT and vowels[:1] != word.vowels[:1]:
        return 0.0
    alike = JaroWinkler.similarity(vowels, word.vowels)
    if key == word.key:
        return SOUND + 0.01 + 0.1 * alike
    if alike >= ALIKE and len(key) > 1:
        return SOUND * alike
    return 0.7 if len(word.vowels) > 2 and vowels.startswith(word.vowels) else 0.0


def _fit(words: list[_Word], mine: Sequence[int]) -> tuple[float, str]:
    """How well a name fits, 0 to 1, and in a word: the given name, asked first, counts twice."""
    best = [max([word.terms.get(term, 0.0) for term in mine], default=0.0) for word in words]
    if not any(best):
        return 0.0, "other"
    weights = [2] + [1] * (len(words) - 1)
    fit = sum(weight * like for weight, like in zip(weights, best, strict=True)) / sum(weights)
    return fit, _level(min(best)) if all(best) else "part"


def _level(likeness: float) -> str:
    return "same" if likeness == 1 else "sound" if likeness > SOUND else "near" if likeness else "other"


def _condition(named: list[list[list[int]]], groups: list[list[int]]) -> tuple[str, list[Any]]:
    """The index condition: one of the ways of writing the name, and one term of each group."""
    one_of = "terms && %s::int[]"
    ways = [" AND ".join([one_of] * len(way)) for way in named]
    conditions = [f"({' OR '.join(f'({way})' for way in ways)})"] if ways else []
    values = [group for way in named for group in way] + groups
    return " AND ".join([*conditions, *([one_of] * len(groups))]) or "false", values


__all__ = ["Found", "Reason", "Scored", "Wanted", "find", "likely"]
