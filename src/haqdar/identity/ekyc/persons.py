"""Whom an eKYC is about and who may do it: an officer for a resident of the own area, a citizen for himself."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.db import connection

from haqdar.access.actors import Actor, OutsideYourArea, require
from haqdar.identity.ekyc.refusals import DeadPerson, MergedRecord
from haqdar.registry.events import NoSuchResident
from haqdar.registry.merges import survivors
from haqdar.registry.models import Resident, ResidentBelief
from haqdar.registry.own import own_person
from haqdar.registry.queries import Person, person_by_key

PURPOSE = "ekyc"
DEATH = (
    "EXISTS (SELECT 1 FROM registry_event_belief e WHERE e.member_id = {member} AND e.kind = 'death'"
    " AND NOT EXISTS (SELECT 1 FROM registry_event_belief n"
    "  WHERE n.event_id = e.event_id AND n.belief_no > e.belief_no))"
)


def own_of(actor: Actor, resident: UUID | str) -> bool:
    return actor.user_id is None and actor.name == f"citizen:{resident}"


def allowed(actor: Actor, resident: UUID) -> tuple[Actor, Person]:
    """The actor exercising the verb, and the person; refuses with ``NotYourFunction``, ``OutsideYourArea``, ``NoSuchResident``."""
    if own_of(actor, resident):
        person = own_person(resident)
        actor = replace(actor, function="own_ekyc.read")
    else:
        actor = require(actor, "ekyc.verify")
        person = person_by_key(actor, resident)
    if person is None:
        if Resident.objects.filter(key=resident).exists():
            raise OutsideYourArea()
        raise NoSuchResident()
    return actor, person


def person_of(actor: Actor, resident: UUID) -> Person:
    """Whose identity it is about; refuses with ``NotYourFunction``, ``OutsideYourArea``, ``NoSuchResident``."""
    return allowed(actor, resident)[1]


def alive(member_id: int) -> None:
    """Nobody is verified after death, nor a number that was merged into another; raises `DeadPerson`, `MergedRecord`."""
    if dead(member_id):
        raise DeadPerson()
    if survivors([member_id]):
        raise MergedRecord()


def dead(member_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {DEATH.format(member='%s')}", [member_id])
        (dead,) = cursor.fetchone() or (False,)
    return bool(dead)


def reference_of(person: Person) -> UUID | None:
    belief = ResidentBelief.objects.filter(member_id=person.member_id).order_by("-belief_no").first()
    return belief.aadhaar_ref if belief is not None else None
