"""The passbook: everything that was ever due to a person and how far each rupee has come, as a view of bills, files and answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection

from haqdar.access.actors import Actor, require, require_area
from haqdar.base.sql import statement
from haqdar.payments import words
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.queries import NoSuchMember
from haqdar.payments.returned_for import Reason, reason
from haqdar.registry.merges import absorbed_by

ON_ITS_WAY = ("drawn", "billed", "passed", "with_bank", "again")
"""States of money that goes its way without anybody having to do something."""
CAME_BACK = ("back_retry", "back_bank", "back_account", "back_death")
"""States of money that a bank gave back."""
INSTRUCTED = (*ON_ITS_WAY, "held", "credited", *CAME_BACK)
"""States of money for which a credit was written."""

_BACK = {
    "retry": "back_retry",
    "switch_rail": "back_retry",
    "beneficiary": "back_bank",
    "correct": "back_account",
    "death": "back_death",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a credit: `kind` is billed, passed, sent, credited or returned.

    `account_last4` is where it was sent, `reason` why it came back, `told_on` and `told_last4` when and to which mobile that was said.
    """

    kind: str
    on: date | None
    account_last4: str = ""
    reason: Reason | None = None
    told_on: date | None = None
    told_last4: str = ""

    def words(self, language: str) -> str:
        """The step in words."""
        return words.step_words(self.kind, self.account_last4, self.reason, language)


@dataclass(frozen=True)
class PassbookRow:
    """One due of a person: what is owed, kept back and paid with the run of `month`; paise. A compensation is one, too.

    `withheld_paise` of a regular or arrears due is what was kept back from it, of a recovery what was kept back for it so far from
    other dues; what the bank gave back of it after a death is `recalled_paise`, what was given up by an order `written_off_paise`.
    `payable_paise` is what goes to the bank of it (0 for a recovery). `state` is one of `INSTRUCTED`, or withheld, recovered,
    given_up, outstanding, next_month, or the reason why it could not be sent; `steps` say how it got there, the oldest first.
    `beside` is what was due under another number of the same person.
    """

    month: date
    for_month: date
    scheme: str
    kind: str
    paise: int
    withheld_paise: int
    payable_paise: int
    bill_numbers: tuple[str, ...]
    reference: str | None
    account_last4: str | None
    state: str
    steps: tuple[Step, ...] = ()
    recalled_paise: int = 0
    written_off_paise: int = 0
    beside: bool = False

    @property
    def outstanding_paise(self) -> int:
        """What of a recovery is still to be got back; 0 for other dues."""
        if self.kind != "recovery":
            return 0
        return -self.paise - self.withheld_paise - self.recalled_paise - self.written_off_paise

    @property
    def kind_en(self) -> str:
        """The kind of due in English."""
        return words.kind_word(self.kind, "en")

    @property
    def kind_hi(self) -> str:
        """The kind of due in Hindi."""
        return words.kind_word(self.kind, "hi")

    @property
    def reason_en(self) -> str:
        """Why it is due, in English."""
        return words.reason_words(self.kind, self.for_month, "en")

    @property
    def reason_hi(self) -> str:
        """Why it is due, in Hindi."""
        return words.reason_words(self.kind, self.for_month, "hi")

    @property
    def state_en(self) -> str:
        """What became of it, in English; of money that came back also why and what to do."""
        return self._state("en")

    @property
    def state_hi(self) -> str:
        """What became of it, in Hindi; of money that came back also why and what to do."""
        return self._state("hi")

    def _state(self, language: str) -> str:
        said = words.state_words(self.state, language)
        back = next((step.reason for step in reversed(self.steps) if step.reason is not None), None)
        if self.state not in CAME_BACK or back is None:
            return said
        # the reason first, then what to do: at the bank, in its own words
        todo = words.to_do(back.do, language) if self.state == "back_bank" else said
        return words.came_back(back.words(language), todo, language)


def passbook(actor: Actor, member_id: int) -> list[PassbookRow]:
    """Everything that was ever due to a person, newest month first; empty when nothing was.

    Needs `person.view`; refuses with NoSuchMember and OutsideYourArea.
    """
    actor = require(actor, "person.view")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.path FROM registry_resident s"
            " LEFT JOIN LATERAL (SELECT family_id FROM registry_resident_belief b WHERE b.member_id = s.member_id"
            "  ORDER BY belief_no DESC LIMIT 1) b ON true"
            " LEFT JOIN LATERAL (SELECT area_code FROM registry_family_belief f WHERE f.family_id = b.family_id"
            "  ORDER BY belief_no DESC LIMIT 1) f ON true"
            " LEFT JOIN access_area a ON a.area_code = f.area_code"
            " WHERE s.member_id = %s",
            [member_id],
        )
        place = cursor.fetchone()
        if place is None:
            raise NoSuchMember(member_id=f"{member_id:09d}")
        require_area(actor, place[0])
        numbers = [member_id, *absorbed_by(member_id)]
        cursor.execute(
            statement(PACKAGE, "passbook"),
            {"member": member_id, "numbers": numbers, "zone": settings.TIME_ZONE},
        )
        names = [column[0] for column in cursor.description]
        return [_row(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _row(row: dict[str, Any]) -> PassbookRow:
    kind, paise, withheld = row["kind"], row["paise"], row["withheld"]
    payable = 0 if kind == "recovery" else paise - withheld
    steps = tuple(_step(step) for step in row["steps"] or ())
    if kind == "recovery":
        state = _settled(-paise - withheld - row["recalled"], row["written_off"])
    elif payable == 0:
        state = "withheld"
    elif row["reference"]:
        state = _come_to(row, steps)
    elif kind == "compensation":
        state = "next_month"
    else:
        state = row["not_payable"] or "no_account"
    return PassbookRow(
        row["month"],
        row["for_month"],
        row["scheme"],
        kind,
        paise,
        withheld,
        payable if state in INSTRUCTED else 0,
        tuple(row["numbers"]),
        row["reference"],
        # what goes out again goes to the account as it is now, not to the one of its last step
        row["account_last4"]
        if state == "again"
        else next(
            (step.account_last4 for step in reversed(steps) if step.account_last4), row["account_last4"]
        ),
        state,
        steps if state in INSTRUCTED else (),
        row["recalled"],
        row["written_off"],
        row["beside"],
    )


def _settled(not_back: int, written_off: int) -> str:
    """How a recovery stands of which `not_back` paise came back neither from later dues nor from the bank."""
    if not_back > written_off:
        return "outstanding"
    return "given_up" if written_off else "recovered"


def _come_to(row: dict[str, Any], steps: tuple[Step, ...]) -> str:
    """How far an instructed due has come."""
    last = steps[-1].kind if steps else ""
    if last == "credited":
        return "credited"
    if last == "returned":
        if row["return_state"] == "represented":
            return "again"
        return "held" if row["held"] and row["return_action"] != "death" else _back(row)
    if last == "sent":
        return "with_bank"
    if row["held"]:
        return "held"
    return {"passed": "passed", "billed": "billed"}.get(last, "drawn")


def _back(row: dict[str, Any]) -> str:
    # what somebody has settled goes out again by itself
    return "back_retry" if row["return_state"] == "ready" else _BACK[row["return_action"]]


def _step(data: dict[str, Any]) -> Step:
    on = date.fromisoformat(data["on"]) if data["on"] else None
    back = reason(data["reasons"], data["code"], on) if data["kind"] == "returned" else None
    told = date.fromisoformat(data["told_on"]) if data["told_on"] else None
    return Step(data["kind"], on, data["last4"] or "", back, told, data["told_last4"] or "")
