"""Two records of one person merged, or parted again: what it means in money, and everybody it touches decided again at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from haqdar.access.actors import Actor
from haqdar.cases import merging
from haqdar.cases.merge_plan import Preview
from haqdar.cases.reactions import Outlook
from haqdar.jobs.reactions import ask, at_once
from haqdar.payments.queries import posted_for_numbers


@dataclass(frozen=True)
class PaidTwice:
    """A month for which both numbers had a pension worked out in one group; paise. `twice_paise` is the lesser of the two."""

    month: date
    pension_group: int
    mine_paise: int
    other_paise: int

    @property
    def twice_paise(self) -> int:
        """What a person with one number would not have been paid."""
        return min(self.mine_paise, self.other_paise)


@dataclass(frozen=True)
class Foreseen:
    """What a merge would do, and the months for which both numbers had a pension worked out before it."""

    preview: Preview
    paid_twice: tuple[PaidTwice, ...]

    @property
    def twice_paise(self) -> int:
        """All of them together: listed, and recovered only by a decision."""
        return sum(one.twice_paise for one in self.paid_twice)


def foresee(actor: Actor, survivor: int, absorbed: int, keep: Mapping[int, int] | None = None) -> Foreseen:
    """What `merge` would bring; nothing is written. Raises what `cases.merging.preview` raises."""
    return Foreseen(merging.preview(actor, survivor, absorbed, keep), paid_twice(survivor, absorbed))


def paid_twice(survivor: int, absorbed: int) -> tuple[PaidTwice, ...]:
    """The months and groups for which both numbers had a pension worked out (paid or not), oldest first; call it for people whom the actor may see."""
    posted = posted_for_numbers([survivor, absorbed])
    both = sorted(
        (month, group)
        for number, month, group in posted
        if number == survivor and (absorbed, month, group) in posted
    )
    found = (
        PaidTwice(month, group, posted[survivor, month, group], posted[absorbed, month, group])
        for month, group in both
    )
    return tuple(one for one in found if one.twice_paise > 0)


def merge(
    actor: Actor,
    survivor: int,
    absorbed: int,
    keep: Mapping[int, int] | None = None,
    pair_key: UUID | None = None,
    first_opinion: str = "",
) -> UUID:
    """Merge two records and decide everybody again whom it touches; returns the merge's key.

    Raises what `cases.merging.merge` raises.
    """
    with transaction.atomic():
        key, number = merging.merge(actor, survivor, absorbed, keep, pair_key, first_opinion)
        ask()
    at_once(number)
    return key


def undo(actor: Actor, key: UUID | str, reason: str) -> None:
    """Take a merge back and decide everybody again whom it touches. Raises what `cases.merging.undo` raises."""
    with transaction.atomic():
        number = merging.undo(actor, key, reason)
        ask()
    at_once(number)


def foresee_undo(actor: Actor, key: UUID | str) -> Outlook:
    """What `undo` would change; nothing is written."""
    return merging.foresee_undo(actor, key)
