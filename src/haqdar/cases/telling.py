"""Messages about cases: to the number given with the case, or to the registered mobile of whom it is about."""

from __future__ import annotations

from haqdar.cases.models import Case
from haqdar.outreach.outbox import tell
from haqdar.registry.own import own_person
from haqdar.registry.sealing import MOBILE, sealer


def mobile_of(case: Case) -> str:
    """The mobile to tell about a case; empty where none is known."""
    if case.contact_sealed is not None and case.key_version is not None:
        return sealer().unseal_one(MOBILE, bytes(case.contact_sealed), case.key_version)
    person = own_person(case.resident_key) if case.resident_key is not None else None
    return (person.mobile or "") if person is not None else ""


def tell_about(actor_name: str, template: str, case: Case, **values: object) -> None:
    """Queue the message `template` about a case in the caller's transaction; the case's number is filled in."""
    tell(
        actor_name,
        template,
        mobile_of(case),
        case.language,
        "case",
        str(case.key),
        number=case.number,
        **values,
    )
