"""Two member numbers of one person become one: who decides, what becomes of the awards, who is told, and the way back.

The register's part is one belief (`registry.merges`), the awards' part one row for each award (`cases.merged`); no other row
changes, so `undo` is one step. A merge on which money hangs needs two people: the one who carries it out, and another
who judged the two records the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.refusal import Words
from haqdar.cases import holding, merged, reactions
from haqdar.cases.awards import first_month_after_notice
from haqdar.cases.merge_plan import Double, Preview, standing_paise
from haqdar.cases.merge_refusals import (
    BeginsLater,
    ChooseAward,
    NobodyOfYours,
    NotJudgedSame,
    ReasonNeeded,
    SecondPersonNeeded,
    TwoVerifiedNumbers,
)
from haqdar.cases.merged import Held
from haqdar.cases.models import AwardChange, MergedAward, Merging, MergingUndone
from haqdar.cases.reactions import Outlook
from haqdar.entitlement.kin import News
from haqdar.identity import pairs
from haqdar.identity.ekyc import verified
from haqdar.identity.models import Pair
from haqdar.law import load_lawbook
from haqdar.outreach.outbox import Telling, tell_many
from haqdar.registry import merges
from haqdar.registry.events import path_of
from haqdar.registry.merges import Merge
from haqdar.registry.queries import Person, person_by_member
from haqdar.registry.taken_over import filled


@dataclass(frozen=True)
class Money:
    """What money hangs on some numbers: what each holds now, and whether any ever had an award (`changes`)."""

    held: tuple[Held, ...]
    changes: bool


@dataclass(frozen=True)
class Listed:
    """One line of the list of merges: who stayed, when, by whom, whether a pension ends by it or it was undone."""

    key: UUID
    name_en: str
    name_hi: str
    area_en: str
    area_hi: str
    merged_at: datetime
    merged_by: str
    ends: bool
    undone_at: datetime | None


@dataclass(frozen=True)
class Told:
    """A merge as its page tells it."""

    key: UUID
    survivor: Person
    absorbed: Person
    awards: tuple[MergedAward, ...]
    taken_over: tuple[str, ...]
    merged_at: datetime
    merged_by: str
    first_opinion: str
    pair: UUID | None
    undone_at: datetime | None
    undone_by: str
    reason: str


def money_of(member_ids: Collection[int]) -> Money:
    """What money hangs on these numbers; it takes no actor, call it for people whom the actor may see."""
    with connection.cursor() as cursor:
        held = merged.held_under(cursor, member_ids, _next_day())
        ever = merged.ever_held(cursor, member_ids)
    return Money(tuple(held[key] for key in sorted(held)), bool(ever))


def preview(actor: Actor, survivor: int, absorbed: int, keep: Mapping[int, int] | None = None) -> Preview:
    """What `merge` would do. Needs `person.merge` where both live.

    Raises `NobodyOfYours`, `TwoVerifiedNumbers` and what ``merges.check`` raises.
    """
    actor = require(actor, "person.merge")
    one, other = _person(actor, survivor), _person(actor, absorbed)
    merges.check(survivor, absorbed)
    _one_at_most_verified(survivor, absorbed)
    keep = keep or {}
    with transaction.atomic():
        day = _next_day()
        held = _held(survivor, absorbed)
        outlook = reactions.outlook(
            [survivor, absorbed], [], [], News(rows=merges.foreseen(survivor, absorbed)), day, keep
        )
    mine, theirs = merges.latest(survivor), merges.latest(absorbed)
    taken = filled(mine, theirs) if mine is not None and theirs is not None else {}
    return Preview(
        one,
        other,
        tuple(merged.shared_out(survivor, absorbed, held, keep)),
        tuple(_doubles(survivor, absorbed, held, keep)),
        tuple(sorted(taken)),
        outlook,
        first_month_after_notice(day, load_lawbook(settings.HAQDAR_LAW).on(day).notice_days),
        money_of([survivor, absorbed]).changes,
    )


def merge(
    actor: Actor,
    survivor: int,
    absorbed: int,
    keep: Mapping[int, int] | None = None,
    pair_key: UUID | None = None,
    first_opinion: str = "",
) -> tuple[UUID, int]:
    """Merge `absorbed` into `survivor`; returns the merge's key and the number of the register's change.

    `keep` says for each group in which both hold a pension whose goes on (by member number). `pair_key` names the pair that was
    judged one person: it is read here, and who else judged so. Only a merge that rests on no pair takes `first_opinion`, the
    other officer, from the caller. The next month pays the survivor everything, gives notice of the second pension, and takes
    nothing back. Raises `ChooseAward`, `SecondPersonNeeded`, `NobodyOfYours`, `NotJudgedSame`, `TwoVerifiedNumbers`,
    `BeginsLater`, and what ``merges.join`` raises.
    """
    actor = require(actor, "person.merge")
    with acting(actor, "person.merge"):
        one, other = _person(actor, survivor), _person(actor, absorbed)
        # whoever sanctions for one of the two, merges them or takes the judgement back is waited for, and seen
        holding.lock_person(survivor, absorbed)
        if pair_key is not None:
            first_opinion = _opinion_on(actor, pair_key, survivor, absorbed)
        last_change = _last_change()
        key, standing = uuid4(), reactions.outlook([survivor, absorbed], [], [], News(), _next_day())
        number = merges.join(actor, survivor, absorbed, key)
        _one_at_most_verified(survivor, absorbed)
        _nothing_begins_later(absorbed)
        held = _held(survivor, absorbed)
        for double in _doubles(survivor, absorbed, held, keep or {}):
            if double.keep is None:
                raise ChooseAward(double.pension_group)
        if money_of([survivor, absorbed]).changes and first_opinion in ("", actor.name):
            raise SecondPersonNeeded()
        shares, now = merged.shared_out(survivor, absorbed, held, keep or {}), timezone.now()
        merging = Merging.objects.create(
            key=key,
            survivor_id=survivor,
            absorbed_id=absorbed,
            pair=pair_key,
            first_opinion=first_opinion if first_opinion != actor.name else "",
            last_change=last_change,
            merged_on=timezone.localdate(now),
            merged_at=now,
            merged_by=actor.name,
            area_code=one.area_code,
        )
        MergedAward.objects.bulk_create(
            MergedAward(
                merging=merging,
                member_id=share.member_id,
                pension_group=share.held.pension_group,
                scheme=share.held.scheme,
                paise=(standing_paise(standing, share.held) or _amount(share.held))
                if share.ends
                else share.held.paise,
                since=share.since,
                origin_id=share.held.member_id,
                ends=share.ends,
            )
            for share in shares
        )
        # one verified record for a person: whoever was verified under the number that is given up is so once more under the other
        ended = verified.end(actor, absorbed, "merge", now)
        record(
            actor,
            "person.merge",
            "resident",
            str(one.key),
            new={
                "absorbed": str(other.key),
                "merge": str(key),
                "awards": [f"{share.held.scheme}{' ends' if share.ends else ''}" for share in shares],
                "pair": str(pair_key or ""),
                "second": bool(merging.first_opinion),
                "verification_ended": ended,
            },
        )
        _tell("merged", one, other, key)
    return key, number


def undo(actor: Actor, key: UUID | str, reason: str) -> int:
    """Take a merge back: both numbers hold again what they held; returns the number of the register's change.

    The next month pays each what it missed, as arrears. Needs `person.unmerge` where both live. Raises `ReasonNeeded`,
    `NobodyOfYours`, and what ``merges.part`` raises.
    """
    actor = require(actor, "person.unmerge")
    if not reason.strip():
        raise ReasonNeeded()
    with acting(actor, "person.unmerge"):
        merge_ = _of_mine(actor, key)
        one, other = _person(actor, merge_.survivor), _person(actor, merge_.absorbed)
        holding.lock_person(merge_.survivor, merge_.absorbed)
        last_change = _last_change()
        number = merges.part(actor, key)
        merging = Merging.objects.get(key=merge_.key)
        MergingUndone.objects.create(
            merging=merging,
            last_change=last_change,
            undone_on=timezone.localdate(),
            undone_at=timezone.now(),
            undone_by=actor.name,
            reason=reason.strip(),
        )
        record(
            actor,
            "person.unmerge",
            "resident",
            str(one.key),
            old={"absorbed": str(other.key), "merge": str(merge_.key)},
            new={
                "reason": reason.strip(),
                "verified_again": verified.resume(merge_.absorbed, merging.merged_at),
            },
        )
        _tell("unmerged", one, other, merge_.key)
        if merging.pair is not None:
            # an act of its own, and the last one here: whoever finds two people says so of the pair, too
            with contextlib.suppress(pairs.NotJudgedYet):
                pairs.take_back(actor, merging.pair, reason.strip())
    return number


def foresee_undo(actor: Actor, key: UUID | str) -> Outlook:
    """What `undo` would change, and for whom; nothing is written. Raises what `undo` raises before it writes."""
    actor = require(actor, "person.unmerge")
    merge_ = _of_mine(actor, key)
    _person(actor, merge_.survivor)
    with transaction.atomic():
        day = _next_day()
        news = News(rows=merges.foreseen_back(merge_))
        return reactions.outlook([merge_.survivor, merge_.absorbed], [], [], news, day)


def told(actor: Actor, key: UUID | str) -> Told:
    """A merge, undone or not, for its page. Needs `person.view` in the area of the survivor."""
    actor = require(actor, "person.view")
    merge_ = _of_mine(actor, key)
    merging = Merging.objects.get(key=merge_.key)
    undone = MergingUndone.objects.filter(merging=merging).first()
    return Told(
        merge_.key,
        _person(actor, merge_.survivor),
        _person(actor, merge_.absorbed, anywhere=True),
        tuple(merging.awards.order_by("pension_group", "ends")),
        merge_.taken_over,
        merging.merged_at,
        merging.merged_by,
        merging.first_opinion,
        merging.pair,
        undone.undone_at if undone else None,
        undone.undone_by if undone else "",
        undone.reason if undone else "",
    )


def other_opinion(actor: Actor, pair: Pair) -> str:
    """Who else judged the pair to be one person: another officer than the actor, by the opinions that stand; empty for nobody."""
    given = list(pair.judgements.order_by("-id")[:2])
    if not given or given[0].verdict != Pair.State.SAME:
        return ""
    standing = given if given[0].opinion == 2 else given[:1]
    return next((one.actor for one in standing if one.actor != actor.name), "")


def judged_same(actor: Actor, key: UUID | str) -> Pair:
    """The pair that was judged one person and is to be merged; raises `NotJudgedSame`, `NobodyOfYours`.

    Who stands for one of its members after another merge is asked for instead.
    """
    actor = require(actor, "person.merge")
    pair = Pair.objects.filter(key=key).first()
    if pair is None:
        raise NotJudgedSame()
    for member in _behind(pair):
        _person(actor, member)
    if pair.state != Pair.State.SAME:
        raise NotJudgedSame()
    return pair


def _behind(pair: Pair) -> tuple[int, int]:
    stands_for = merges.survivors([pair.first_id, pair.second_id])
    return stands_for.get(pair.first_id, pair.first_id), stands_for.get(pair.second_id, pair.second_id)


def _opinion_on(actor: Actor, key: UUID, survivor: int, absorbed: int) -> str:
    """Who else judged the pair of the two to be one person; the pair is locked, so that nobody takes that back meanwhile."""
    pair = Pair.objects.select_for_update().filter(key=key).first()
    if pair is None:
        raise NotJudgedSame()
    numbers = _behind(pair)
    if numbers[0] == numbers[1]:
        raise merges.MergedAlready()
    if pair.state != Pair.State.SAME or set(numbers) != {survivor, absorbed}:
        raise NotJudgedSame()
    return other_opinion(actor, pair)


def _one_at_most_verified(survivor: int, absorbed: int) -> None:
    # two verifications in force are of two numbers: the database lets one number be verified for one person
    if verified.verified_of(survivor) is not None and verified.verified_of(absorbed) is not None:
        raise TwoVerifiedNumbers()


def _nothing_begins_later(absorbed: int) -> None:
    """What goes over is what is held; a pension that is yet to begin would be lost with the number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(since) FROM (SELECT DISTINCT ON (scheme, since) since, is_ghost FROM registry_pension_belief"
            " WHERE member_id = %s ORDER BY scheme, since, belief_no DESC) b WHERE NOT is_ghost AND since > %s",
            [absorbed, _next_day()],
        )
        (begins,) = cursor.fetchone() or (None,)
    if begins is not None:
        raise BeginsLater(day=f"{begins:%d-%m-%Y}")


def listed(actor: Actor, limit: int | None = 200) -> list[Listed]:
    """The merges of the actor's area (that of who stayed), newest first. Needs `person.view`."""
    actor = require(actor, "person.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.key, b.name_en, coalesce(b.name_hi, ''), coalesce(a.name_en, ''), coalesce(a.name_hi, a.name_en, ''),"
            "  m.merged_at, m.merged_by, EXISTS (SELECT FROM cases_merged_award w WHERE w.merging_id = m.id AND w.ends), u.undone_at"
            " FROM cases_merging m LEFT JOIN cases_merging_undone u ON u.merging_id = m.id"
            " LEFT JOIN access_area a ON a.area_code = m.area_code"
            " JOIN LATERAL (SELECT name_en, name_hi FROM registry_resident_belief x WHERE x.member_id = m.survivor_id"
            "  ORDER BY belief_no DESC LIMIT 1) b ON true"
            " WHERE (a.path LIKE ANY(%s) OR a.path IS NULL AND %s) ORDER BY m.merged_at DESC, m.id DESC LIMIT %s",
            [actor.path_patterns(), actor.area_paths is None, limit],
        )
        return [Listed(*row) for row in cursor.fetchall()]


def _of_mine(actor: Actor, key: UUID | str) -> Merge:
    found = merges.merge_by_key(key)
    if found is None or (found.undone_on is not None and actor.function == "person.unmerge"):
        raise merges.NotMerged()
    require_area(actor, path_of(found.survivor))
    return found


def _person(actor: Actor, member_id: int, *, anywhere: bool = False) -> Person:
    found = person_by_member(actor, member_id)
    if found is None and anywhere:
        found = person_by_member(_whole_state(actor), member_id)
    if found is None:
        raise NobodyOfYours()
    return found


def _whole_state(actor: Actor) -> Actor:
    return replace(actor, area_paths=None, grants=())


def _held(survivor: int, absorbed: int) -> dict[tuple[int, int], Held]:
    with connection.cursor() as cursor:
        return merged.held_under(cursor, [survivor, absorbed], _next_day())


def _next_day() -> date:
    return reactions.next_day(reactions.last_run())


def _doubles(
    survivor: int, absorbed: int, held: Mapping[tuple[int, int], Held], keep: Mapping[int, int]
) -> list[Double]:
    return [
        Double(
            group,
            held[survivor, group],
            held[absorbed, group],
            keep[group] if keep.get(group) in (survivor, absorbed) else None,
        )
        for group in sorted({group for _, group in held})
        if (survivor, group) in held and (absorbed, group) in held
    ]


def _amount(held: Held) -> int:
    """What an award without an amount of its own stands at until it ends: the lowest amount of its scheme."""
    law = load_lawbook(settings.HAQDAR_LAW).on(_next_day())
    found = next((one for one in law.all_schemes if one.code == held.scheme), None)
    # a scheme that has ended pays nothing more by the law; one rupee keeps the award until its notice has run out
    return min((band.paise for band in found.bands), default=100) if found is not None else 100


def _last_change() -> int:
    with connection.cursor() as cursor:
        # whoever is posting a month at this moment is waited for: its changes belong to before
        cursor.execute("LOCK TABLE cases_award_change IN SHARE MODE")
        last = AwardChange.objects.order_by("-id").values_list("id", flat=True).first()
    return last or 0


def _tell(template: str, one: Person, other: Person, key: UUID) -> None:
    """Both numbers' mobiles are told, each once; the numbers themselves are not in a message."""
    mobiles = dict.fromkeys(mobile for mobile in (one.mobile, other.mobile) if mobile)
    values: dict[str, Any] = {
        "name": Words(one.name("en"), one.name("hi")),
        "last4": f"{one.member_id:09d}"[-4:],
    }
    tell_many([Telling(template, mobile, "hi", "merge", str(key), values) for mobile in mobiles])
