"""Two member numbers, one person: the register's part of a merge, and its way back.

A merge is one belief (`MergeBelief`) and moves nothing: pointers, events and certificates stay where the departments' files put
them, also those delivered later, and are read as the survivor's. Only what the survivor's own record leaves empty is filled from
the other. Taking back is one belief more. What becomes of awards is for `cases.merging`, which calls this.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.registry.corrections import as_read
from haqdar.registry.lookup_keys import keep
from haqdar.registry.models import Change, MergeBelief, ResidentBelief
from haqdar.registry.taken_over import NAMES, filled, to_empty
from haqdar.sources.actions import desk_delivery


class SameNumber(Refusal):
    """One number twice."""

    code = "same_number"
    en = "These are the same member ID. Choose two different records."
    hi = "यह एक ही सदस्य क्रमांक है। दो अलग रिकॉर्ड चुनें।"


class MergedAlready(Refusal):
    """One of the two is no record of its own any more."""

    code = "merged_already"
    en = "One of these member IDs was merged already. Open the person's page and look at the record that stayed."
    hi = "इनमें से एक सदस्य क्रमांक पहले ही मिलाया जा चुका है। व्यक्ति का पन्ना खोलें और जो रिकॉर्ड बना रहा उसे देखें।"


class StandsForOthers(Refusal):
    """The number to be given up stands for other numbers itself."""

    code = "stands_for_others"
    en = "The member ID that would be given up stands for another one itself. Let it be the one that stays, or undo that merge first."
    hi = "जो सदस्य क्रमांक छोड़ा जाना है, उसमें कोई दूसरा पहले से मिला है। उसी को बनाए रखें, या पहले वह मिलान वापस लें।"


class NotMerged(Refusal):
    """There is no such merge, or it was undone before."""

    code = "not_merged"
    en = "This merge is not there or was undone before. Open the person's page again."
    hi = "यह मिलान नहीं है या पहले ही वापस लिया जा चुका है। व्यक्ति का पन्ना फिर से खोलें।"


class LaterMergeFirst(Refusal):
    """Merges of one person are undone in the opposite order."""

    code = "later_merge_first"
    en = "Another record was merged into this person later. Undo that merge first, then this one."
    hi = "इस व्यक्ति में बाद में एक और रिकॉर्ड मिलाया गया है। पहले वह मिलान वापस लें, फिर यह।"


@dataclass(frozen=True)
class Merge:
    """One merge as the register knows it; `undone_on` is empty while it holds. Days are days of knowledge.

    `taken_over` are the columns that were filled, by the survivor's own belief `record_no`.
    """

    key: UUID
    survivor: int
    absorbed: int
    merged_on: date
    undone_on: date | None
    recorded_at: datetime | None
    taken_over: tuple[str, ...]
    record_no: int | None


_LOCK = "haqdar.merge"


def not_merged(member: str) -> str:
    """SQL: the number `member` (a column) is nobody else's today."""
    return (
        f"NOT EXISTS (SELECT FROM registry_merge g WHERE g.member_id = {member} AND g.survivor_id IS NOT NULL AND NOT EXISTS"
        " (SELECT FROM registry_merge h WHERE h.member_id = g.member_id AND h.belief_no > g.belief_no))"
    )


def numbers_of(member_id: int) -> list[int]:
    """All numbers of the person behind `member_id`, the survivor's first."""
    survivor = survivor_of(member_id)
    return [survivor, *absorbed_by(survivor)]


def survivor_of(member_id: int) -> int:
    """The number under which the person behind `member_id` is known today: the survivor's, or the number itself."""
    return survivors([member_id]).get(member_id, member_id)


def survivors(member_ids: Collection[int]) -> dict[int, int]:
    """Absorbed number → survivor, for those of `member_ids` that were merged into another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, survivor_id FROM (SELECT DISTINCT ON (member_id) member_id, survivor_id FROM registry_merge"
            " WHERE member_id = ANY(%s) ORDER BY member_id, belief_no DESC) m WHERE survivor_id IS NOT NULL",
            [list(member_ids)],
        )
        return dict(cursor.fetchall())


def absorbed_by(member_id: int) -> list[int]:
    """The numbers that stand for the person `member_id` beside the own one, oldest merge first."""
    return [
        merge.absorbed
        for merge in merges_of(member_id)
        if merge.survivor == member_id and not merge.undone_on
    ]


def merges_of(member_id: int) -> list[Merge]:
    """Every merge, undone ones too, in which the number stayed or was absorbed; oldest first.

    It takes no actor: call it for somebody whom the actor may see.
    """
    return _merges("m.member_id = %(id)s OR m.survivor_id = %(id)s", {"id": member_id})


def merge_by_key(key: UUID | str) -> Merge | None:
    """The merge of this key, undone or not; the caller checks who may see it."""
    return next(iter(_merges("m.key = %(key)s", {"key": str(key)})), None)


def _merges(chosen: str, values: dict[str, Any]) -> list[Merge]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.key, m.survivor_id, m.member_id, m.known_from, u.known_from, m.verified_at, m.taken_over, m.record_no"
            " FROM registry_merge m LEFT JOIN registry_merge u ON u.member_id = m.member_id"
            "  AND u.belief_no = m.belief_no + 1 AND u.key = m.key"
            f" WHERE m.survivor_id IS NOT NULL AND ({chosen}) ORDER BY m.verified_at, m.member_id",
            values,
        )
        return [
            Merge(key, survivor, absorbed, merged_on, undone_on, recorded_at, tuple(taken), record_no)
            for key, survivor, absorbed, merged_on, undone_on, recorded_at, taken, record_no in cursor.fetchall()
        ]


def check(survivor: int, absorbed: int) -> None:
    """Refuse what cannot be merged: `SameNumber`, `MergedAlready`, `StandsForOthers`."""
    if survivor == absorbed:
        raise SameNumber()
    if survivors([survivor, absorbed]):
        raise MergedAlready()
    if absorbed_by(absorbed):
        raise StandsForOthers()


def latest(member_id: int) -> ResidentBelief | None:
    """The record of a resident as believed now."""
    return ResidentBelief.objects.filter(member_id=member_id).order_by("-belief_no").first()


def foreseen(survivor: int, absorbed: int) -> tuple[tuple[str, str, dict[str, object]], ...]:
    """The beliefs that `join` would append, as `entitlement.kin.News` takes them."""
    mine, other, today = latest(survivor), latest(absorbed), timezone.localdate()
    rows: list[tuple[str, str, dict[str, object]]] = [
        ("merge", str(absorbed), {"member_id": absorbed, "survivor_id": survivor, "known_from": today})
    ]
    taken = filled(mine, other) if mine is not None and other is not None else {}
    if mine is not None and taken:
        columns = {name: getattr(mine, name) for name in NAMES} | taken
        rows.append(("resident", str(survivor), as_read("resident", columns, today)))
    return tuple(rows)


def foreseen_back(merge: Merge) -> tuple[tuple[str, str, dict[str, object]], ...]:
    """The beliefs that `part` would append, as `entitlement.kin.News` takes them."""
    today = timezone.localdate()
    rows: list[tuple[str, str, dict[str, object]]] = [
        (
            "merge",
            str(merge.absorbed),
            {"member_id": merge.absorbed, "survivor_id": None, "known_from": today},
        )
    ]
    record, emptied = _to_empty(merge)
    if record is not None and emptied:
        columns = {name: getattr(record, name) for name in NAMES} | dict.fromkeys(emptied)
        rows.append(("resident", str(merge.survivor), as_read("resident", columns, today)))
    return tuple(rows)


def _to_empty(merge: Merge) -> tuple[ResidentBelief | None, list[str]]:
    """The survivor's record, and what of it goes when the merge is undone."""
    if merge.record_no is None:
        return latest(merge.survivor), []
    of = ResidentBelief.objects.filter(member_id=merge.survivor).order_by("-belief_no")
    record = of.first()
    if record is None:
        return None, []
    # a belief that a file brought has a line of it; what is kept beside a file's row has none
    own = of.filter(belief_no__gt=merge.record_no, line__gt=0).first()
    filled_in = [one for one in (of.filter(belief_no=merge.record_no).first(), latest(merge.absorbed)) if one]
    return record, to_empty(merge.taken_over, record, filled_in, own)


def join(actor: Actor, survivor: int, absorbed: int, key: UUID) -> int:
    """Believe that `absorbed` is `survivor`; returns the number of the change. Raises what `check` raises.

    The caller has checked who may, stands in the transaction of that act (`acting`) and audits it.
    """
    _alone()
    check(survivor, absorbed)
    mine, other = latest(survivor), latest(absorbed)
    if mine is None or other is None:
        raise NotMerged()
    taken = filled(mine, other)
    number = _believe(actor, mine, taken) if taken else None
    return _append(actor, absorbed, survivor, key, sorted(taken), number)


def part(actor: Actor, key: UUID | str) -> int:
    """Take the merge back; returns the number of the change. Raises `NotMerged`, `LaterMergeFirst`.

    What was filled from the other record is emptied again where it still says the same and no file has said it of the survivor
    since. As for `join`, the caller audits it.
    """
    _alone()
    merge = merge_by_key(key)
    if merge is None or merge.undone_on is not None:
        raise NotMerged()
    mine = [one for one in merges_of(merge.survivor) if one.survivor == merge.survivor and not one.undone_on]
    if mine[-1].key != merge.key:
        raise LaterMergeFirst()
    record, emptied = _to_empty(merge)
    number = _believe(actor, record, dict.fromkeys(emptied)) if record is not None and emptied else None
    return _append(actor, merge.absorbed, None, UUID(str(key)), emptied, number)


def written_with(absorbed: int, belief_no: int) -> tuple[tuple[str, str, int], ...]:
    """The beliefs that a merge, or its undoing, brought beside its own: register, key and number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.survivor_id, b.record_no FROM registry_merge b JOIN registry_merge m ON m.key = b.key"
            " WHERE b.member_id = %s AND b.belief_no = %s AND b.record_no IS NOT NULL AND m.survivor_id IS NOT NULL",
            [absorbed, belief_no],
        )
        return tuple(("resident", str(survivor), number) for survivor, number in cursor.fetchall())


def _append(
    actor: Actor, absorbed: int, survivor: int | None, key: UUID, taken: list[str], record_no: int | None
) -> int:
    now, today = timezone.now(), timezone.localdate()
    last = MergeBelief.objects.filter(member_id=absorbed).order_by("-belief_no").first()
    belief = MergeBelief.objects.create(
        member_id=absorbed,
        survivor_id=survivor,
        key=key,
        taken_over=taken,
        record_no=record_no,
        belief_no=last.belief_no + 1 if last else 1,
        known_from=max(today, last.known_from) if last else today,
        line=0,
        fingerprint=uuid4(),
        delivery=desk_delivery(today),
        verified_by=actor.name,
        verified_at=now,
    )
    return int(
        Change.objects.create(
            register="merge",
            kind="merge" if survivor else "unmerge",
            member_id=absorbed,
            fact=str(absorbed),
            belief_no=belief.belief_no,
            delivery=desk_delivery(today),
            recorded_at=now,
            recorded_by=actor.name,
        ).pk
    )


def _believe(actor: Actor, last: ResidentBelief, changed: dict[str, Any]) -> int:
    """One more belief of a record, verified if the one before was; returns its number. The news of the merge stands for it."""
    today = timezone.localdate()
    values = {name: getattr(last, name) for name in NAMES} | changed
    verified = last.verified_at is not None
    ResidentBelief.objects.create(
        **values
        | {
            "belief_no": last.belief_no + 1,
            "known_from": max(today, last.known_from),
            "line": 0,
            "delivery_id": desk_delivery(today).pk,
            "verified_by": actor.name if verified else None,
            "verified_at": timezone.now() if verified else None,
        }
    )
    keep([last.member_id])
    return int(last.belief_no) + 1


def hold_off() -> None:
    """Nobody is merged or parted until this transaction ends: for an act that asked who stands for whom and rests on the answer.

    Such acts do not wait for each other; one that comes while a merge is under way waits for it, and then sees it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext(%s))", [_LOCK])


def _alone() -> None:
    """Merges come one after the other, so that none is built on a number that another one is just giving up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
