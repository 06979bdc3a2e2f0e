"""The criteria of every scheme for many people at once, as papers in bulk need them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import cast

import psycopg
from django.conf import settings
from django.db import connection, transaction

from haqdar.entitlement.explain import decide
from haqdar.entitlement.facts import facts_sql
from haqdar.entitlement.queries import engine
from haqdar.entitlement.snapshot import neighbourhood
from haqdar.entitlement.wording import SchemeReasons, scheme_reasons
from haqdar.law import load_lawbook

AT_A_TIME = 200
"""People whose facts are read together; their families fit a small engine's memory many times over."""


def reasons_of_many(member_ids: Collection[int], on: date, known_on: date) -> dict[int, list[SchemeReasons]]:
    """Every scheme with its criteria for each known person on a day, from the registers as known on `known_on`.

    The same statements and sentences as `check_member`, without what comes by itself later. Call it for people whose cases
    the actor may decide. Unknown numbers are left out.
    """
    law = load_lawbook(settings.HAQDAR_LAW).on(on)
    found: dict[int, list[SchemeReasons]] = {}
    wanted = sorted(set(member_ids))
    for start in range(0, len(wanted), AT_A_TIME):
        some = wanted[start : start + AT_A_TIME]
        duck = engine()
        with transaction.atomic():
            raw = cast("psycopg.Connection[tuple[object, ...]]", connection.connection)
            neighbourhood(duck, raw, some, known_on)
        asked = ", ".join(f"({member_id}, DATE '{on}')" for member_id in some)
        answer = duck.execute(
            facts_sql(f"(SELECT CAST(m AS INTEGER) AS member_id, d AS day FROM (VALUES {asked}) t(m, d))")
            + " ORDER BY member_id"
        )
        names = [column[0] for column in answer.description]
        facts = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        for row, decided in zip(facts, decide(law, facts), strict=True):
            found[int(str(row["member_id"]))] = scheme_reasons(law, [row], [decided])
    return found
