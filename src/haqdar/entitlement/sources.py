"""Where each fact of a person comes from: register, file and line, delivery, who verified it, and how long it holds.

The timelines of the snapshot (``sql/timelines.sql``, ``sql/facts.sql``) say what was true; this says which rows of which
register made it so, as they were known on a day. It changes with those two files. Whose record it is is always said: a
person's own, the family's, the husband's or wife's, a daughter's or son's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from haqdar.law import Text, Vocabulary, day_text
from haqdar.registry.queries import Fact, beliefs_known_on, children_on

OWN = Text("own record", "अपना रिकॉर्ड")
FAMILY = Text("the family's record", "परिवार का रिकॉर्ड")
HUSBAND = Text("the husband's record", "पति का रिकॉर्ड")
WIFE = Text("the wife's record", "पत्नी का रिकॉर्ड")
SPOUSE = Text("the spouse's record", "जीवनसाथी का रिकॉर्ड")
CHILD = {
    "F": Text("a daughter's record", "बेटी का रिकॉर्ड"),
    "M": Text("a son's record", "बेटे का रिकॉर्ड"),
    "T": Text("a child's record", "संतान का रिकॉर्ड"),
}
_EVENTS = {
    "death": Text("death on {day}", "{day} को मृत्यु"),
    "marriage": Text("marriage on {day}", "{day} को विवाह"),
    "remarriage": Text("remarriage on {day}", "{day} को पुनर्विवाह"),
    "desertion": Text("left by the husband on {day}", "{day} को पति ने छोड़ा"),
    "divorce": Text("divorce on {day}", "{day} को तलाक़"),
    "migration_out": Text("moved out of the State on {day}", "{day} को राज्य से बाहर गए"),
    "migration_in": Text("moved into the State on {day}", "{day} को राज्य में आए"),
}
_BECOMES = {"desertion": "deserted", "divorce": "divorced"}
_STATUS_EVENTS = ("marriage", "remarriage", "desertion", "divorce")
_NO_DEATH = Text("no death is recorded", "मृत्यु दर्ज नहीं है")
_NO_MOVE = Text("no move out of the State is recorded", "राज्य से बाहर जाना दर्ज नहीं है")
_NO_CARD = Text("no BPL card is recorded", "बीपीएल कार्ड दर्ज नहीं है")
_NO_CERTIFICATE = Text("no certificate is recorded", "कोई प्रमाणपत्र दर्ज नहीं है")
_NO_CHILD = {
    "F": Text("no daughter is recorded", "कोई बेटी दर्ज नहीं है"),
    "M": Text("no son is recorded", "कोई बेटा दर्ज नहीं है"),
}
_NO_WIFE = Text("no wife is recorded", "पत्नी दर्ज नहीं है")


@dataclass(frozen=True)
class Source:
    """One row of a register that a fact rests on, or the absence of one (`file` empty: nothing is recorded there).

    `register` is resident, bpl, disability or event (empty: the law alone names it, in `says`); `says` what the row states; `valid_from` and `valid_to` how long it
    holds by itself. `recorded_on` is the department's own date, `known_from` the day from which the State knew it. `fingerprint`
    names the row to whoever verifies it, `owner` the member (of a BPL card the family) it is about.
    """

    register: str
    whose: Text
    says: Text
    file: str = ""
    line: int | None = None
    delivery: str = ""
    delivered_on: date | None = None
    recorded_on: date | None = None
    known_from: date | None = None
    verified_by: str | None = None
    verified_at: datetime | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    fingerprint: UUID | None = None
    owner: int | None = None


@dataclass
class _Records:
    """The register's rows about one person and those whose facts decide for them."""

    day: date
    own: list[Fact]
    family: list[Fact]
    spouse: list[Fact] = field(default_factory=list)
    spouse_is: Text = SPOUSE
    children: list[list[Fact]] = field(default_factory=list)


def fact_sources(
    vocabulary: Vocabulary, member_id: int, day: date, known_on: date, partner_present: bool
) -> dict[str, tuple[Source, ...]]:
    """The sources of every column of the vocabulary for one resident on `day`, as known on `known_on`.

    `partner_present` tells whether the facts of the day have a living recorded husband. Empty for a resident not known.
    """
    records = _records(member_id, day, known_on, partner_present)
    if records is None:
        return {}
    found: dict[str, tuple[Source, ...]] = {}
    for fact in vocabulary.facts.values():
        reader = _READERS.get(fact.code)
        # of a fact that was added to the law alone, at least the register is known
        found[fact.code] = tuple(reader(records)) if reader else (Source("", OWN, fact.register),)
        if fact.partner is not None and partner_present:
            column = fact.missing or fact.code
            found[fact.partner] = tuple(
                _resident(row, column, records.spouse_is) for row in records.spouse[:1]
            )
    return found


def _records(member_id: int, day: date, known_on: date, partner_present: bool) -> _Records | None:
    own = beliefs_known_on([member_id], [], known_on)
    resident = _row(own)
    if resident is None:
        return None
    records = _Records(day, own, beliefs_known_on([], [int(resident.values["family_id"])], known_on))
    spouse_id = _spouse(own, day)
    if spouse_id is not None:
        spouse = beliefs_known_on([spouse_id], [], known_on)
        row = _row(spouse)
        # the resident's row first, then the events
        records.spouse = ([row] if row else []) + _events(spouse)
        sex = row.values["sex"] if row else None
        records.spouse_is = HUSBAND if sex == "M" else WIFE if sex == "F" else SPOUSE
    parents = [member_id, *([spouse_id] if spouse_id is not None and partner_present else [])]
    children = children_on(parents, known_on)
    if children:
        beliefs = beliefs_known_on(children, [], known_on)
        for child in children:
            records.children.append([fact for fact in beliefs if fact.values.get("member_id") == child])
    return records


def _row(facts: list[Fact]) -> Fact | None:
    return next((fact for fact in facts if fact.register == "resident"), None)


def _events(facts: list[Fact], *kinds: str) -> list[Fact]:
    """Events of these kinds (of all, if none is named) in the order in which they happened."""
    found = [
        fact for fact in facts if fact.register == "event" and (not kinds or fact.values["kind"] in kinds)
    ]
    return sorted(found, key=lambda fact: (fact.values["happened_on"], fact.values["event_id"]))


def _until(facts: list[Fact], day: date) -> list[Fact]:
    return [fact for fact in facts if _date(fact.values["happened_on"]) <= day]


def _spouse(own: list[Fact], day: date) -> int | None:
    """Whom the latest marriage up to `day` names, or before the first one the resident's row."""
    marriages = _until(_events(own, "marriage", "remarriage"), day)
    row = marriages[-1] if marriages else _row(own)
    value = row.values["spouse_id"] if row else None
    return int(value) if value is not None else None


def _resident(row: Fact, column: str, whose: Text) -> Source:
    """The population register's row, for one of its fields."""
    value = row.values.get(column)
    since = _optional(row.values.get("marital_since")) if column == "marital_status" else None
    says = Text("recorded", "दर्ज है") if value is not None else Text("left empty", "खाली है")
    if column == "born_on" and value is not None:
        born = day_text(_date(value))
        says = Text(f"born on {born.en}", f"जन्म {born.hi}")
    return _source(row, whose, says, recorded_on=row.values.get("recorded_on"), valid_from=since)


def _event(row: Fact, whose: Text) -> Source:
    day = day_text(_date(row.values["happened_on"]))
    words = _EVENTS[row.values["kind"]]
    says = Text(words.en.format(day=day.en), words.hi.format(day=day.hi))
    return _source(
        row, whose, says, recorded_on=row.values["reported_on"], valid_from=_date(row.values["happened_on"])
    )


def _source(
    row: Fact,
    whose: Text,
    says: Text,
    recorded_on: object = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Source:
    return Source(
        register=row.register,
        whose=whose,
        says=says,
        file=f"{row.source}.csv",
        line=row.line or None,
        delivery=row.delivery,
        delivered_on=row.delivered_on,
        recorded_on=_optional(recorded_on),
        known_from=row.known_from,
        verified_by=row.verified_by,
        verified_at=row.verified_at,
        valid_from=valid_from,
        valid_to=valid_to,
        fingerprint=row.fingerprint,
        owner=row.values["family_id"] if row.register in ("bpl", "family") else row.values["member_id"],
    )


def _death(rows: list[Fact], whose: Text) -> list[Source]:
    return [_event(row, whose) for row in _events(rows, "death")[:1]]


def _alive(records: _Records) -> list[Source]:
    return _death(records.own, OWN) or [Source("event", OWN, _NO_DEATH)]


def _migrated(records: _Records) -> list[Source]:
    moves = _until(_events(records.own, "migration_out", "migration_in"), records.day)
    return [_event(moves[-1], OWN)] if moves else [Source("event", OWN, _NO_MOVE)]


def _field(column: str) -> Callable[[_Records], list[Source]]:
    def read(records: _Records) -> list[Source]:
        row = _row(records.own)
        return [_resident(row, column, OWN)] if row else []

    return read


def _marital(records: _Records) -> list[Source]:
    """The latest of the dated row, the person's events and a spouse's death, in the order of ``marital_period``."""
    row = _row(records.own)
    status = str(row.values["marital_status"]) if row else ""
    dated: list[tuple[date, int, str, str, Source]] = []
    if (
        row is not None
        and row.values["marital_since"] is not None
        and row.values["marital_status"] is not None
    ):
        since = _date(row.values["marital_since"])
        dated.append((since, 0, "", status, _resident(row, "marital_status", OWN)))
        status = "never_married" if status in ("never_married", "married") else "married"
    for event in _events(records.own, *_STATUS_EVENTS):
        happened_on, number = _date(event.values["happened_on"]), str(event.values["event_id"])
        turns = _BECOMES.get(event.values["kind"], "married")
        dated.append((happened_on, 1, number, turns, _event(event, OWN)))
    for event in _events(records.spouse, "death")[:1]:
        happened_on = _date(event.values["happened_on"])
        dated.append((happened_on, 2, "", "widowed", _event(event, records.spouse_is)))
    found = [_resident(row, "marital_status", OWN)] if row else []
    for happened_on, rank, _, turns, source in sorted(dated, key=lambda entry: entry[:3]):
        # a death widows only whoever was married at that moment
        if happened_on <= records.day and (rank < 2 or status == "married"):
            status, found = turns, [source]
    return found


def _bpl(records: _Records) -> list[Source]:
    cards = [_card(row) for row in records.family if row.register == "bpl"]
    return _in_force(cards, records.day) or cards or [Source("bpl", FAMILY, _NO_CARD)]


def _card(row: Fact) -> Source:
    number = row.values["card_no"]
    return _source(
        row,
        FAMILY,
        Text(f"card {number}", f"कार्ड {number}"),
        valid_from=_date(row.values["valid_from"]),
        valid_to=_optional(row.values["valid_to"]),
    )


def _certificates(*kinds: str) -> Callable[[_Records], list[Source]]:
    def read(records: _Records) -> list[Source]:
        found = [
            _certificate(row)
            for row in records.own
            if row.register == "disability" and (not kinds or row.values["kind"] in kinds)
        ]
        return _in_force(found, records.day) or found or [Source("disability", OWN, _NO_CERTIFICATE)]

    return read


def _certificate(row: Fact) -> Source:
    number, percent = row.values["certificate_no"], f"{float(row.values['percent']):g}"
    return _source(
        row,
        OWN,
        Text(f"certificate {number}, {percent} per cent", f"प्रमाणपत्र {number}, {percent} प्रतिशत"),
        recorded_on=row.values["issued_on"],
        valid_from=_date(row.values["issued_on"]),
        valid_to=_optional(row.values["valid_to"]),
    )


def _in_force(sources: list[Source], day: date) -> list[Source]:
    return [
        source
        for source in sources
        if source.valid_from is not None
        and source.valid_from <= day
        and (source.valid_to is None or day <= source.valid_to)
    ]


def _wife(records: _Records) -> list[Source]:
    if not records.spouse:
        return [Source("resident", OWN, _NO_WIFE)]
    return _death(records.spouse, records.spouse_is) or [Source("event", records.spouse_is, _NO_DEATH)]


def _children(sex: str) -> Callable[[_Records], list[Source]]:
    def read(records: _Records) -> list[Source]:
        found: list[Source] = []
        for rows in records.children:
            row = _row(rows)
            if row is not None and row.values["sex"] == sex:
                found += [_resident(row, "born_on", CHILD[sex]), *_death(rows, CHILD[sex])]
        return found or [Source("resident", OWN, _NO_CHILD[sex])]

    return read


def _date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _optional(value: object) -> date | None:
    return None if value is None else _date(value)


#: How the source of each fact is found; the partner's own columns are read from the husband's row.
_READERS: Mapping[str, Callable[[_Records], list[Source]]] = {
    "alive": _alive,
    "migrated_out": _migrated,
    "sex": _field("sex"),
    "age": _field("born_on"),
    "marital_status": _marital,
    "bpl": _bpl,
    "destitute": _field("destitute"),
    "income_tax_payer": _field("income_tax_payer"),
    "disability_percent": _certificates(),
    "intellectual_disability": _certificates("intellectual"),
    "multiple_disability": _certificates("multiple"),
    "wife_died": _wife,
    "living_daughters": _children("F"),
    "living_sons": _children("M"),
}
