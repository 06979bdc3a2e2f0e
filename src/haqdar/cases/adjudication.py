"""Judging whether two records are one person, with what hangs on it: pensions, photographs, and a second pair of eyes.

A judgement changes no record and no payment; it says what an officer found. Where either record ever held a pension, *same* is the
first of two opinions: somebody else, who sanctions pensions or works for the district or State, must find the same before the
records may be merged. Whoever is quicker decides; the other is told, and nothing is lost or counted twice.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.cases import merged
from haqdar.cases.holding import Holding, held_by
from haqdar.cases.reactions import last_run
from haqdar.identity import pairs
from haqdar.identity.models import Pair
from haqdar.law import load_lawbook
from haqdar.registry.merges import survivors
from haqdar.registry.models import Document

REASONS: dict[str, tuple[str, ...]] = {
    "same": ("papers_seen", "household_asked", "records_say"),
    "different": ("both_met", "siblings", "other_family", "records_differ"),
    "visit": (),
}
"""Verdict -> the reasons for which it may be given; a visit is explained in words."""
VERDICTS = tuple(REASONS)
MOST_WORDS = 2000


class NotAVerdict(Refusal):
    """The verdict is not one of the three."""

    code = "not_a_verdict"
    en = "Choose: one person, two people, or a visit is needed."
    hi = "चुनें: एक ही व्यक्ति, दो अलग व्यक्ति, या घर जाकर देखना है।"
    field = "verdict"


class VerdictWithoutReason(Refusal):
    """A judgement rests on something that was seen."""

    code = "verdict_without_reason"
    en = "Choose what your judgement rests on."
    hi = "चुनें कि आपका निर्णय किस पर टिका है।"
    field = "reason"


class VisitWithoutWords(Refusal):
    """Whoever goes must know what to ask."""

    code = "visit_without_words"
    en = "Write what is to be found out at the house: whom to ask, which papers to see."
    hi = "लिखें कि घर जाकर क्या पता करना है: किससे पूछें, कौन-से कागज़ देखें।"
    field = "note"


class OwnSecondOpinion(Refusal):
    """Two opinions are two people's."""

    code = "own_second_opinion"
    en = "You gave the first opinion on this pair. Because pensions hang on it, another officer must give the second."
    hi = "इस जोड़ी पर पहली राय आपने दी थी। इससे पेंशन जुड़ी है, इसलिए दूसरी राय किसी और अधिकारी की होगी।"
    field = "verdict"


class SecondOpinionNotYours(Refusal):
    """A second opinion is for those who sanction, and for the district and the State."""

    code = "second_opinion_not_yours"
    en = "Pensions hang on this pair. The second opinion is for the sanctioning officer or the district."
    hi = "इस जोड़ी से पेंशन जुड़ी है। दूसरी राय मंज़ूरी अधिकारी या ज़िले की होगी।"
    field = "verdict"


class TakenBackWithoutReason(Refusal):
    """A judgement is not undone silently."""

    code = "taken_back_without_reason"
    en = "Write why the judgement is taken back."
    hi = "लिखें कि निर्णय वापस क्यों लिया जा रहा है।"
    field = "why"


class MergedMeanwhile(Refusal):
    """First the merge, then the judgement."""

    code = "merged_meanwhile"
    en = "The two records are merged. Undo the merge: that opens the pair again."
    hi = "दोनों रिकॉर्ड मिलाए जा चुके हैं। पहले मिलान वापस लें: उससे जोड़ी फिर खुल जाएगी।"
    field = "why"


@dataclass(frozen=True)
class Hangs:
    """What hangs on one of the two records: what it holds now, and whether it ever held anything."""

    holdings: tuple[Holding, ...]
    ever: bool


def _ever(pair: Pair) -> set[int]:
    """Those of the two who hold a pension or ever held one: merging their records would change money."""
    with connection.cursor() as cursor:
        return merged.ever_held(cursor, (pair.first_id, pair.second_id))


def what_hangs(actor: Actor, pair: Pair) -> dict[int, Hangs]:
    """Of each of the two records what it holds in the run in force; for who may see the pair."""
    require(actor, "pair.view")
    run = last_run()
    day = (run.month if run is not None else Month.of(timezone.localdate())).first_day
    groups = sorted(set(load_lawbook(settings.HAQDAR_LAW).scheme_groups().values()))
    ever = _ever(pair)
    found = {}
    for member in (pair.first_id, pair.second_id):
        held = (held_by(member, group, day) for group in groups) if member in ever else ()
        found[member] = Hangs(tuple(one for one in held if one is not None), member in ever)
    return found


def photographs(actor: Actor, pair: Pair) -> dict[int, list[Document]]:
    """Photographs handed in with cases of the two, the newest first; empty for who may not see documents."""
    found: dict[int, list[Document]] = {pair.first_id: [], pair.second_id: []}
    if not actor.may("document.view"):
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.key::text, c.member_id FROM cases_case c WHERE c.member_id = ANY(%s)", [list(found)]
        )
        of_case = dict(cursor.fetchall())
    papers = Document.objects.filter(
        about_kind="case", about_key__in=list(of_case), kind__in=("photograph", "visit"), removed_at=None
    ).order_by("-kept_at")
    for paper in papers:
        if paper.content_type.startswith("image/"):
            found[of_case[paper.about_key]].append(paper)
    return found


def awaits_second(pair: Pair) -> bool:
    """Whether the next opinion is the second one: somebody gave the first on the two records as they are now.

    Where a record was corrected since, two opinions on different facts are not two: the next one is the first again.
    """
    first = pair.judgements.order_by("-id").first() if pair.state == Pair.State.SECOND_OPINION else None
    return first is not None and pairs.rests_on_now(first, pair)


def first_opinion_by(found: pairs.Found) -> str:
    """Who gave the opinion that a second one is asked for; empty where none is."""
    return found.opinions[-1].actor if awaits_second(found.pair) else ""


def may_judge(actor: Actor, found: pairs.Found) -> bool:
    """Whether the page offers the actor a judgement on the pair as it stands."""
    if not actor.may("pair.judge"):
        return False
    if awaits_second(found.pair):
        return actor.may("pair.confirm") and first_opinion_by(found) != actor.name
    return found.pair.state in pairs.WAITING


def judge(actor: Actor, key: UUID | str, seen: str, verdict: str, reason: str = "", note: str = "") -> Pair:
    """Write an officer's judgement (`same`, `different` or `visit`) on what was `seen` (`pairs.Found.seen`); returns the pair.

    *Same* with money on either side waits for a second opinion; a second opinion decides, whatever it is. What was decided is
    taken back before it is judged again. Raises the refusals
    above, ``AlreadyJudged``, ``RecordsChanged``, ``NoSuchPair``, ``OutsideYourArea``, ``NotYourFunction``.
    """
    actor = require(actor, "pair.judge")
    words = note.strip()[:MOST_WORDS]
    with acting(actor, "pair.judge"):
        pair = pairs.locked(actor, key)
        if verdict not in REASONS:
            raise NotAVerdict()
        if REASONS[verdict] and reason not in REASONS[verdict]:
            raise VerdictWithoutReason()
        if verdict == "visit" and not words:
            raise VisitWithoutWords()
        details = {"reason": reason if REASONS[verdict] else ""}
        if pair.state in (Pair.State.SAME, Pair.State.DIFFERENT):
            last = pair.judgements.order_by("-id").first()
            raise pairs.already(last) if last is not None else pairs.RecordsChanged()
        if awaits_second(pair):
            return _second(actor, pair, seen, verdict, words, details)
        if verdict == "same" and _ever(pair):
            verdict = Pair.State.SECOND_OPINION.value
        return pairs.put_down(actor, key, seen, verdict, words, details)


def _second(actor: Actor, pair: Pair, seen: str, verdict: str, words: str, details: dict[str, str]) -> Pair:
    """The second person's opinion, on what the first one saw."""
    # first the question whether the page is still the pair as it stands: who was too late gave no second opinion
    first = pair.judgements.order_by("-id").first()
    if seen.rpartition(".")[2] == str(pair.judgements.count()):
        if not actor.may("pair.confirm"):
            raise SecondOpinionNotYours()
        if first is not None and first.actor == actor.name:
            raise OwnSecondOpinion()
    return pairs.put_down(actor, pair.key, seen, verdict, words, details, opinion=2)


def agreed_by(pair: Pair) -> tuple[str, ...]:
    """Who judged the pair to be one person, the latest first: two names where a second opinion was given, none unless it stands."""
    if pair.state != Pair.State.SAME:
        return ()
    names = []
    for one in pair.judgements.order_by("-id"):
        if one.verdict not in (Pair.State.SAME, Pair.State.SECOND_OPINION):
            break
        names.append(one.actor)
        if one.opinion == 1:
            break  # an opinion before it was on other facts
    return tuple(names)


def is_merged(pair: Pair) -> bool:
    """Whether one of the two records stands for the other now."""
    return bool(merged_of([(pair.first_id, pair.second_id)]))


def merged_of(members: Collection[tuple[int, int]]) -> set[tuple[int, int]]:
    """Those of the pairs of members that are one record now."""
    stands_for = survivors({member for both in members for member in both})
    return {both for both in members if stands_for.get(both[0], both[0]) == stands_for.get(both[1], both[1])}


def may_merge(pair: Pair) -> bool:
    """Whether the judgements on a pair allow its records to be merged: one person, and with money in two people's eyes.

    Money that came after the judgement counts too: then a second opinion is still owed.
    """
    names = agreed_by(pair)
    if not names or is_merged(pair):
        return False
    return len(set(names)) > 1 or not _ever(pair)


def may_take_back(pair: Pair) -> bool:
    """Whether the judgement on a pair can be taken back: not while the records are merged."""
    judged = (Pair.State.SAME, Pair.State.DIFFERENT, Pair.State.SECOND_OPINION, Pair.State.VISIT)
    return pair.state in judged and not is_merged(pair)


def take_back(actor: Actor, key: UUID | str, note: str) -> Pair:
    """Open a judged pair again for a reason; raises `TakenBackWithoutReason` and what `pairs.take_back` raises."""
    actor = require(actor, "pair.judge")
    if not note.strip():
        raise TakenBackWithoutReason()
    with acting(actor, "pair.judge"):
        # whoever merges the two at this moment is waited for
        if is_merged(pairs.locked(actor, key)):
            raise MergedMeanwhile()
        return pairs.take_back(actor, key, note.strip()[:MOST_WORDS])
