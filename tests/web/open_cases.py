"""Cases in the small State: those its run opens by itself, and as many more as a test asks for."""

from datetime import date, timedelta
from itertools import count
from typing import Any, cast

import psycopg
from django.db import connection
from django.utils import timezone

from haqdar.access.actors import acting, platform
from haqdar.cases.casework import FIRST_ACT, LETTERS
from haqdar.cases.models import Case
from haqdar.cases.opening import open_from_run

# no two of them are the same matter of the same person
_GROUPS = count(100)


def open_all(run: int) -> None:
    """Open the cases of the run's work list, as posting a run does."""
    with acting(platform("month"), "month.run"):
        connection.ensure_connection()
        raw = cast("psycopg.Connection[Any]", connection.connection)
        with raw.cursor() as cursor:
            open_from_run(cursor, run, timezone.localdate())


def more(
    kind: str,
    rows: int,
    state: dict[str, Any],
    area: str = "40111",
    awaits: str = "",
    due_on: date | None = None,
    **values: Any,
) -> list[Case]:
    """`rows` open cases of one kind in an area, due one day after another from `due_on` (default: today)."""
    first = due_on or timezone.localdate()
    members = list(zip(state["members"][area], state["people"][area], strict=True))
    with acting(platform("month"), "month.run"):
        cases = Case.objects.bulk_create(
            Case(
                letter=LETTERS[kind],
                opened_on=timezone.localdate(),
                kind=kind,
                member_id=members[number % len(members)][0],
                resident_key=members[number % len(members)][1],
                pension_group=next(_GROUPS) % 30_000,
                area_code=area,
                district_code=area[:3],
                awaits=awaits or FIRST_ACT[kind],
                opened_at=timezone.now(),
                since_at=timezone.now(),
                due_on=first + timedelta(days=number % 40),
                opened_by="platform",
                **{
                    "scheme": "IGNOAPS",
                    "paise": 27500,
                    "reason": "age_band",
                    "run_id": state["run"],
                    **values,
                },
            )
            for number in range(rows)
        )
    return list(Case.objects.filter(pk__in=[case.pk for case in cases]).order_by("id"))


def change(cases: Any, **values: Any) -> None:
    """Change rows of a query of cases by hand, as only tests do."""
    with acting(platform("test"), "test"):
        cases.update(**values)
