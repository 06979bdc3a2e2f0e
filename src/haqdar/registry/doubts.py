"""What is possible but unlikely: values and events that an officer is asked to look at twice before they are recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from haqdar.base.month import completed_years

if TYPE_CHECKING:
    from haqdar.registry.events import Event

OLDEST = 120
LEAST_BETWEEN = 12
"""Years that lie between the birth of a parent and that of a child."""


@dataclass(frozen=True)
class Doubt:
    """A reason to look twice, said in both languages."""

    code: str
    en: str
    hi: str

    def sentence(self, language: str) -> str:
        """The sentence in `language`."""
        return self.hi if language == "hi" else self.en


TOO_OLD = Doubt(
    "too_old", "This makes the person older than 120 years.", "इससे उम्र 120 वर्ष से ज़्यादा हो जाती है।"
)
BORN_AFTER_EVENT = Doubt(
    "born_after_event",
    "An event of this person's life is recorded before this day of birth.",
    "इस व्यक्ति के जीवन की एक घटना इस जन्म तिथि से पहले दर्ज है।",
)
PARENT_TOO_YOUNG = Doubt(
    "parent_too_young",
    "The parent would be less than 12 years older than the child.",
    "माता या पिता बच्चे से 12 वर्ष से भी कम बड़े होंगे।",
)
MOTHER_NOT_WOMAN = Doubt(
    "mother_not_woman", "The mother is not recorded as a woman.", "माँ का लिंग महिला दर्ज नहीं है।"
)
FATHER_NOT_MAN = Doubt("father_not_man", "The father is not recorded as a man.", "पिता का लिंग पुरुष दर्ज नहीं है।")
LATER_EVENT = Doubt(
    "later_event",
    "A later event (a marriage, a death of the spouse …) decides the status. If that event is wrong, take it back instead.",
    "बाद की एक घटना (विवाह, जीवनसाथी की मृत्यु …) स्थिति तय करती है। अगर वह घटना ग़लत है तो उसे वापस लें।",
)
CARD_FROM_FUTURE = Doubt(
    "card_from_future", "It begins only in the future.", "यह आगे की तारीख से ही शुरू होता है।"
)
BEFORE_BIRTH = Doubt("before_birth", "It lies before the person's birth.", "यह व्यक्ति के जन्म से पहले की तारीख है।")
AFTER_DEATH = Doubt("after_death", "It lies after the person's death.", "यह व्यक्ति की मृत्यु के बाद की तारीख है।")
DEAD_ALREADY = Doubt(
    "dead_already", "A death of this person is recorded already.", "इस व्यक्ति की मृत्यु पहले से दर्ज है।"
)
DESERTED_MAN = Doubt(
    "deserted_man",
    "Being left by the husband is recorded of women only.",
    "पति का छोड़ना केवल महिलाओं का दर्ज होता है।",
)
MARRIED_ALREADY = Doubt(
    "married_already",
    "The person is married already on this day and the spouse lives.",
    "इस दिन व्यक्ति पहले से विवाहित है और जीवनसाथी जीवित है।",
)
NEVER_LEFT = Doubt(
    "never_left", "The person never moved out of the State.", "व्यक्ति राज्य से बाहर कभी गया ही नहीं।"
)
LEFT_ALREADY = Doubt(
    "left_already", "The person has moved out of the State already.", "व्यक्ति पहले ही राज्य से बाहर जा चुका है।"
)
MARRIED_CHILD = Doubt("married_child", "The person was under 18 on this day.", "इस दिन व्यक्ति 18 वर्ष से कम था।")
NOT_MARRIED = Doubt(
    "not_married", "The person is not recorded as married on this day.", "इस दिन व्यक्ति विवाहित दर्ज नहीं है।"
)


def about_values(member_id: int, whole: Mapping[str, Any], changed: set[str]) -> Iterator[Doubt]:
    """Doubts about a row of the population register, a card or a certificate, of the columns that change."""
    today = timezone.localdate()
    born_on = whole.get("born_on")
    if "born_on" in changed and born_on is not None:
        if completed_years(born_on, today) > OLDEST:
            yield TOO_OLD
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM (SELECT DISTINCT ON (event_id) member_id, kind, happened_on FROM registry_event_belief"
                " WHERE member_id = %s ORDER BY event_id, belief_no DESC) e"
                " WHERE kind <> 'withdrawn' AND happened_on < %s LIMIT 1",
                [member_id, born_on],
            )
            if cursor.fetchone():
                yield BORN_AFTER_EVENT
    if changed & {"born_on", "mother_id", "father_id", "sex"}:
        yield from _family(member_id, whole)
    if "marital_status" in changed and _later_event(member_id, whole.get("marital_since")):
        yield LATER_EVENT
    for name in ("valid_from",):
        if name in changed and whole.get(name) is not None and whole[name] > today:
            yield CARD_FROM_FUTURE


def _family(member_id: int, whole: Mapping[str, Any]) -> Iterator[Doubt]:
    mother_id, father_id = whole.get("mother_id"), whole.get("father_id")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (member_id) member_id, born_on, sex, mother_id, father_id FROM registry_resident_belief"
            " WHERE member_id = ANY(%s) OR mother_id = %s OR father_id = %s ORDER BY member_id, belief_no DESC",
            [[one for one in (mother_id, father_id) if one is not None], member_id, member_id],
        )
        people = {row[0]: row[1:] for row in cursor.fetchall()}
    born_on = whole.get("born_on")
    pairs = [(people[one][0], born_on) for one in (mother_id, father_id) if one in people]
    pairs += [(born_on, row[0]) for row in people.values() if member_id in (row[2], row[3])]
    if any(a is not None and b is not None and completed_years(a, b) < LEAST_BETWEEN for a, b in pairs):
        yield PARENT_TOO_YOUNG
    if mother_id in people and people[mother_id][1] != "F":
        yield MOTHER_NOT_WOMAN
    if father_id in people and people[father_id][1] != "M":
        yield FATHER_NOT_MAN


def _later_event(member_id: int, since: date | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM (SELECT DISTINCT ON (event_id) member_id, kind, happened_on FROM registry_event_belief"
            " WHERE member_id = %s ORDER BY event_id, belief_no DESC) e"
            " WHERE kind IN ('marriage', 'remarriage', 'desertion', 'divorce') AND happened_on > %s LIMIT 1",
            [member_id, since or date.min],
        )
        return cursor.fetchone() is not None


def about_event(event: Event) -> list[Doubt]:
    """Doubts about a life event before it is recorded: against the birth, the death and the other events of the person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT born_on, sex, marital_status, spouse_id FROM registry_resident_belief WHERE member_id = %s"
            " ORDER BY belief_no DESC LIMIT 1",
            [event.member_id],
        )
        row = cursor.fetchone()
        if row is None:
            return []
        born_on, sex, status, spouse_id = row
        cursor.execute(
            "SELECT event_id, kind, happened_on, spouse_id FROM (SELECT DISTINCT ON (event_id) * FROM registry_event_belief"
            " WHERE member_id = %s ORDER BY event_id, belief_no DESC) e WHERE kind <> 'withdrawn' AND event_id <> %s"
            " ORDER BY happened_on, event_id",
            [event.member_id, event.event_id],
        )
        events = cursor.fetchall()
        for _, kind, happened_on, named in events:
            if happened_on > event.happened_on:
                continue
            if kind in ("marriage", "remarriage"):
                status, spouse_id = "married", named
            elif kind in ("desertion", "divorce"):
                status = "deserted" if kind == "desertion" else "divorced"
        dead_spouse = False
        if spouse_id is not None:
            cursor.execute(
                "SELECT 1 FROM (SELECT DISTINCT ON (event_id) * FROM registry_event_belief WHERE member_id = %s"
                " ORDER BY event_id, belief_no DESC) e WHERE kind = 'death' AND happened_on <= %s",
                [spouse_id, event.happened_on],
            )
            dead_spouse = cursor.fetchone() is not None
    return list(_of_event(event, born_on, sex, None if dead_spouse else status, events))


def _of_event(
    event: Event, born_on: date | None, sex: str, status: str | None, events: list[Any]
) -> Iterator[Doubt]:
    """`status` is the marital status on the day, None where it is not known or the spouse has died."""
    if born_on is not None and event.happened_on < born_on:
        yield BEFORE_BIRTH
    deaths = [happened_on for _, kind, happened_on, _ in events if kind == "death"]
    if deaths and event.kind == "death":
        yield DEAD_ALREADY
    elif deaths and event.happened_on > min(deaths):
        yield AFTER_DEATH
    if event.kind == "death" and any(happened_on > event.happened_on for _, _, happened_on, _ in events):
        yield AFTER_DEATH_OF_EVENT
    if event.kind == "desertion" and sex != "F":
        yield DESERTED_MAN
    if event.kind in ("marriage", "remarriage"):
        if status == "married":
            yield MARRIED_ALREADY
        if born_on is not None and 0 <= completed_years(born_on, event.happened_on) < 18:
            yield MARRIED_CHILD
    if event.kind in ("desertion", "divorce") and status not in ("married", None):
        yield NOT_MARRIED
    moves = [
        kind
        for _, kind, happened_on, _ in events
        if kind.startswith("migration") and happened_on <= event.happened_on
    ]
    if event.kind == "migration_in" and moves[-1:] != ["migration_out"]:
        yield NEVER_LEFT
    if event.kind == "migration_out" and moves[-1:] == ["migration_out"]:
        yield LEFT_ALREADY


AFTER_DEATH_OF_EVENT = Doubt(
    "events_after_death",
    "Other events of the person are recorded after this day.",
    "इस दिन के बाद व्यक्ति की और घटनाएँ दर्ज हैं।",
)
