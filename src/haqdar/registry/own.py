"""Reads for a person about that same person: whoever calls has had a one-time code answered, or shows nothing of it.

Officers' reads are in `queries` and take an actor with an area; these take the key of the one resident who was proven.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from stdnum.in_ import aadhaar as aadhaar_numbers

from haqdar.access.actors import Actor, platform
from haqdar.registry.merges import survivor_of, survivors
from haqdar.registry.queries import Person, people
from haqdar.vault import store


@dataclass(frozen=True)
class Contact:
    """Whom a member ID or Aadhaar number stands for, and the mobile to send a code to (empty: none is registered)."""

    member_id: int
    key: UUID
    mobile: str


def own_person(key: UUID | str) -> Person | None:
    """The resident who was proven, as believed now."""
    return _one("i.key = %(value)s", str(key))


def contact_of_number(actor: Actor, text: str) -> Contact | None:
    """Who has this member ID (9 digits) or Aadhaar number (12 digits, found in the vault); None for nobody or a mistyped number.

    The vault writes down that this actor asked, and from which address. For sending a code only: nothing of the answer may reach a page before the code has come back.
    """
    person = person_of_number(actor, text)
    return None if person is None else Contact(person.member_id, person.key, person.mobile or "")


def person_of_number(actor: Actor, text: str) -> Person | None:
    """The resident with this member ID or Aadhaar number; see `contact_of_number` for what may be done with it."""
    digits = number_typed(text)
    if len(digits) == 9:
        return _one("r.member_id = %(value)s", survivor_of(int(digits)))
    if len(digits) == 12 and aadhaar_numbers.is_valid(digits):
        ref = store.find(actor, digits, "own_service")
        return None if ref is None else _with_reference(ref)
    return None


def _with_reference(ref: UUID) -> Person | None:
    """Who has the Aadhaar number of this reference: of records that were merged the person behind them."""
    found = people(platform("citizen"), "r.aadhaar_ref = %(value)s", {"value": ref})
    behind = survivors([one.member_id for one in found])
    numbers = {behind.get(one.member_id, one.member_id) for one in found}
    return _one("r.member_id = %(value)s", numbers.pop()) if len(numbers) == 1 else None


def number_typed(text: str) -> str:
    """The digits of a number typed with blanks or dashes; empty when anything else is in it.

    >>> number_typed("123 456-789"), number_typed("12a")
    ('123456789', '')
    """
    digits = "".join(text.split()).replace("-", "")
    return digits if digits.isascii() and digits.isdecimal() else ""


def is_number(text: str) -> bool:
    """Whether the text has the form of a member ID or of an Aadhaar number with the right check digit.

    >>> is_number("123 456 789"), is_number("1234 5678 9012")
    (True, False)
    """
    digits = number_typed(text)
    return len(digits) == 9 or (len(digits) == 12 and bool(aadhaar_numbers.is_valid(digits)))


def _one(chosen: str, value: object) -> Person | None:
    # two people with one Aadhaar number are a case for an officer: neither is let in by it
    found = people(platform("citizen"), chosen, {"value": value})
    return found[0] if len(found) == 1 else None
