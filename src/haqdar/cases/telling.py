"""Messages about cases: to the number given with the case, or to the registered mobile of whom it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import connection

from haqdar.cases.models import Case
from haqdar.outreach.outbox import Telling, tell
from haqdar.registry.sealing import MOBILE, sealer


def mobiles_of(cases: Sequence[Case]) -> dict[int, str]:
    """Id of a case -> the mobile given with it, else the one that the register has for the person; empty where none is known."""
    members = [case.member_id for case in cases if case.member_id is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (member_id) member_id, mobile FROM registry_resident_belief WHERE member_id = ANY(%s)"
            " ORDER BY member_id, belief_no DESC",
            [members],
        )
        registered = dict(cursor.fetchall())
    found = {}
    for case in cases:
        sealed = case.contact_sealed
        own = sealer().unseal_one(MOBILE, bytes(sealed), case.key_version) if sealed is not None else None
        found[case.pk] = own or registered.get(case.member_id) or ""
    return found


def telling(case: Case, mobiles: Mapping[int, str], template: str, values: Mapping[str, object]) -> Telling:
    """One of many messages about cases, for ``outbox.tell_many``; `mobiles` as `mobiles_of` gives them."""
    return Telling(template, mobiles.get(case.pk, ""), case.language, "case", str(case.key), values)


def tell_about(actor_name: str, template: str, case: Case, **values: object) -> None:
    """Queue the message `template` about a case in the caller's transaction; the case's number is filled in."""
    tell(
        actor_name,
        template,
        mobiles_of([case])[case.pk],
        case.language,
        "case",
        str(case.key),
        number=case.number,
        **values,
    )
