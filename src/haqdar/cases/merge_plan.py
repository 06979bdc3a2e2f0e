"""What a merge of two member numbers would do, before anybody has decided it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from haqdar.cases.merged import Granted, Held
from haqdar.cases.reactions import Outlook
from haqdar.registry.queries import Person


@dataclass(frozen=True)
class Double:
    """A group in which both numbers hold a pension: the two, and which one goes on (None: not chosen)."""

    pension_group: int
    mine: Held
    other: Held
    keep: int | None

    @property
    def group_text(self) -> str:
        """The group's number as text, for the name of a field."""
        return str(self.pension_group)

    @property
    def goes_on(self) -> Held:
        """What the person keeps; without a choice yet, the survivor's."""
        return self.other if self.keep == self.other.member_id else self.mine

    @property
    def ends(self) -> Held:
        """What stops when its notice has run out."""
        return self.mine if self.keep == self.other.member_id else self.other


@dataclass(frozen=True)
class Preview:
    """What a merge would do, and for whom; nothing is written.

    `shares` are the awards as they would stand, `doubles` the groups to choose in, `taken_over` the columns filled from the
    absorbed record, `outlook` the decisions of everybody touched, before and after, `ends_on` the first day without the
    pensions that end.
    """

    survivor: Person
    absorbed: Person
    shares: tuple[Granted, ...]
    doubles: tuple[Double, ...]
    taken_over: tuple[str, ...]
    outlook: Outlook
    ends_on: date
    needs_second: bool

    @property
    def moves(self) -> tuple[Granted, ...]:
        """The awards that go over to the survivor without anything ending."""
        ends = {double.pension_group for double in self.doubles}
        return tuple(
            one
            for one in self.shares
            if one.held.member_id != one.member_id and one.held.pension_group not in ends
        )

    @property
    def ends_paise(self) -> int:
        """What the pensions that end pay a month."""
        return sum(standing_paise(self.outlook, double.ends) or 0 for double in self.doubles)

    @property
    def less_paise(self) -> int:
        """What is paid less each month when the notices have run out: what ends, and what a kept pension turns into."""
        return sum(self._paid_now(double) - self._paid_then(double) for double in self.doubles)

    def _paid_now(self, double: Double) -> int:
        return sum(standing_paise(self.outlook, held) or 0 for held in (double.mine, double.other))

    def _paid_then(self, double: Double) -> int:
        decision = self.outlook.after.get((self.survivor.member_id, double.pension_group))
        return (
            decision.pays[1] if decision is not None else standing_paise(self.outlook, double.goes_on)
        ) or 0

    def standing_paise(self, held: Held) -> int | None:
        """What an award pays a month: its own amount, else the one the law gives."""
        return standing_paise(self.outlook, held)


def standing_paise(outlook: Outlook, held: Held) -> int | None:
    """What an award pays a month: its own amount, else the one the law gives; None where nobody knows."""
    if held.paise is not None:
        return held.paise
    decision = outlook.before.get((held.member_id, held.pension_group))
    return decision.standing_paise if decision is not None else None
