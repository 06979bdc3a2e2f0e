"""Finding people by name or number for a search box."""

from haqdar.access.actors import Actor
from haqdar.registry.queries import Person, search

MOST = 2000


def members_found(actor: Actor, text: str) -> tuple[int, ...]:
    """Member IDs of the people the actor may see whose name or number fits `text`."""
    return tuple(found.member_id for found in search(actor, text, limit=MOST))


def people_found(actor: Actor, text: str, limit: int) -> list[Person]:
    """People of the actor's area whose name or number fits `text`, best first."""
    return search(actor, text, limit=limit)
