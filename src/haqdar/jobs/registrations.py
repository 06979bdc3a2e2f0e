"""What a change of the register would do, tried out and taken back; and its approval with everything that follows at once."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction

from haqdar.access.actors import Actor, set_context
from haqdar.base.refusal import Refusal
from haqdar.cases import reactions, registrations
from haqdar.cases.models import Case
from haqdar.cases.reactions import Outlook
from haqdar.entitlement.kin import News
from haqdar.jobs.reactions import ask, carry_on
from haqdar.registry.entries import Entry, Somebody, household, people

_LOG = logging.getLogger(__name__)


@dataclass
class Trial:
    """What an entry would do: people as they are (`before`) and would be (`after`), and the decisions of the next month."""

    before: dict[int, Somebody]
    after: dict[int, Somebody] = field(default_factory=dict)
    outlook: Outlook | None = None

    @property
    def newcomers(self) -> list[Somebody]:
        """Who would be in the register for the first time."""
        return [one for number, one in self.after.items() if number not in self.before]


class _TakenBack(Exception):
    """Ends a trial: nothing of it is kept."""


def tried(actor: Actor, entry: Entry) -> Trial:
    """Carry the entry out, look, and take everything back. The caller has checked who may ask; raises what the entry raises.

    Decisions are those of the next day of determination, worked out before and after on the same register.
    """
    entry.check()
    members, families = entry.touches()
    trial = Trial(_those(members, families))
    try:
        with transaction.atomic():
            set_context(actor, entry.verb)
            day = reactions.next_day(reactions.last_run())
            earlier = reactions.outlook(members, families, [], News(), day)
            entry.carry_out(actor)
            members, families = entry.touches()
            everybody = sorted({*members, *trial.before, *_those(members, families)})
            trial.after = people(everybody)
            later = reactions.outlook(everybody, families, [], News(), day)
            touched = sorted({*earlier.touched, *later.touched})
            trial.outlook = Outlook(day, touched, _of(earlier, touched), later.after)
            raise _TakenBack()
    except _TakenBack:
        pass
    return trial


def approve(actor: Actor, key: UUID | str) -> Case:
    """Approve a proposal and decide everybody it touches again; raises what `registrations.approve` raises.

    When working out fails, the change stands all the same and the queued job tries again.
    """
    with transaction.atomic():
        case, numbers = registrations.approve(actor, key)
        ask()
    _at_once(numbers)
    return case


def _at_once(numbers: Sequence[int]) -> None:
    try:
        carry_on(numbers)
    except Refusal:
        _LOG.warning("changes %s wait for the worker", list(numbers), exc_info=True)


def _of(outlook: Outlook, touched: Sequence[int]) -> reactions.Decisions:
    return {key: decision for key, decision in outlook.after.items() if key[0] in set(touched)}


def _those(members: Sequence[int], families: Sequence[int]) -> dict[int, Somebody]:
    found = dict(people(members))
    # two families at most
    for family_id in families:
        found |= household(family_id)
    return found
