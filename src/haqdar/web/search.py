"""Finding people by name or number for a search box, with no number of a person in an address.

Search forms are sent to `desk:find`, which leads on to the list with what was typed as `q`: as it stands, or sealed where it holds
as many digits as a number of a person has. So neither the log of a web server nor a browser's history keeps a personal number,
and a page with its filters can still be reloaded, kept as a view and gone back to.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64

from django.http import HttpRequest

from haqdar.access.actors import Actor
from haqdar.registry.lookup import Found, Wanted, find
from haqdar.registry.sealing import SealBroken, sealer

MOST = 2000
LONGEST = 100
"""Characters of a search."""
_PURPOSE = "search"
_SEALED = "~"
_DIGITS = 8
"""A family ID has so many digits; every other number of a person has more."""


def in_address(text: str) -> str:
    """What was typed, as it may stand in an address; see `typed`."""
    text = text.strip()[:LONGEST]
    if sum(sign.isdigit() for sign in text) < _DIGITS:
        return text
    sealed, version = sealer().seal_one(_PURPOSE, text)
    return _SEALED + urlsafe_b64encode(version.to_bytes(2, "big") + sealed).decode().rstrip("=")


def typed(text: str) -> str:
    """What was typed, from how it stands in an address; empty where somebody tampered with it."""
    text = text.strip()
    if not text.startswith(_SEALED):
        return text[:LONGEST]
    coded = text[len(_SEALED) :]
    try:
        packed = urlsafe_b64decode(coded + "=" * (-len(coded) % 4))
        return sealer().unseal_one(_PURPOSE, packed[2:], int.from_bytes(packed[:2], "big"))
    except (NotBase64, SealBroken, ValueError, KeyError):
        return ""


def sought(request: HttpRequest, field: str = "q") -> str:
    """What a list is to be searched for; empty for everything."""
    return typed(request.GET.get(field, ""))


def members_found(actor: Actor, text: str) -> tuple[int, ...]:
    """Member IDs of the people the actor may see whose name or number fits `text`."""
    return tuple(one.person.member_id for one in find(actor, Wanted.typed(text), MOST))


def people_found(actor: Actor, wanted: Wanted, limit: int) -> list[Found]:
    """People of the actor's area who fit what was typed, best first, each with the reasons."""
    return find(actor, wanted, limit)
