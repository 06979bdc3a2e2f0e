"""A block with two panchayats and a town with two wards, and people in them, for the tests of proposals."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from duckdb import DuckDBPyConnection
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_posting import posted

from haqdar.access.actors import DDO, SANCTIONING_OFFICER, SECRETARY, STATE, VERIFIER, Actor
from haqdar.access.models.areas import Area, Office
from haqdar.base.month import Month
from haqdar.registry.models import Family, FamilyBelief, Resident, ResidentBelief
from haqdar.sources.models import Delivery

AREAS = (
    ("S", "state", None, "/S/"),
    ("D", "district", "S", "/S/D/"),
    ("B", "block", "D", "/S/D/B/"),
    ("GP1", "gp", "B", "/S/D/B/GP1/"),
    ("GP2", "gp", "B", "/S/D/B/GP2/"),
    ("T", "ulb", "D", "/S/D/T/"),
    ("W1", "ward", "T", "/S/D/T/W1/"),
    ("W2", "ward", "T", "/S/D/T/W2/"),
    ("X", "district", "S", "/S/X/"),
)
GP1 = Actor(1, "gp1", frozenset({SECRETARY}), ("/S/D/B/GP1/",))
GP2 = Actor(2, "gp2", frozenset({SECRETARY}), ("/S/D/B/GP2/",))
TOWN = Actor(3, "town", frozenset({VERIFIER}), ("/S/D/T/",))
CEO = Actor(4, "ceo", frozenset({SANCTIONING_OFFICER}), ("/S/D/B/",))
DRAWING = Actor(5, "ddo", frozenset({DDO}), ("/S/D/B/",))
STATE_OFFICE = Actor(6, "state", frozenset({STATE}), None)
OUTSIDER = Actor(7, "outsider", frozenset({SECRETARY, SANCTIONING_OFFICER, DDO}), ("/S/X/",))
PLACES = {1: "GP1", 2: "GP1", 3: "GP1", 4: "GP2", 5: "W1", 6: "W2"}
"""Where the people of the examples live."""


def key_of(member_id: int) -> UUID:
    return UUID(int=member_id)


def a_district(places: dict[int, str] = PLACES) -> None:
    """Areas, the offices of the block and the town with their drawing officers, and the people."""
    for code, kind, parent, path in AREAS:
        Area.objects.create(
            area_code=code,
            kind=kind,
            parent_code=parent,
            name_en=f"Area {code}",
            name_hi=f"क्षेत्र {code}",
            path=path,
            depth=path.count("/") - 2,
            district_code=None,
        )
    for code, kind, area, ddo in (
        ("JP", "janpad", "B", "DDO1"),
        ("NP", "ulb", "T", "DDO2"),
        ("P1", "gp", "GP1", None),
    ):
        Office.objects.create(
            office_code=code,
            kind=kind,
            area_id=area,
            ddo_code=ddo,
            name_en=f"Office {code}",
            name_hi=f"कार्यालय {code}",
        )
    delivery = Delivery.objects.create(
        code="d",
        delivered_on=date(2016, 1, 1),
        folder="",
        actor="test",
        received_at=datetime(2016, 1, 1, tzinfo=UTC),
    )
    common = {"belief_no": 1, "known_from": date(2016, 1, 1), "line": 2, "delivery": delivery}
    for number, area in places.items():
        family = Family.objects.create(family_id=number)
        resident = Resident.objects.create(member_id=number, key=key_of(number))
        FamilyBelief.objects.create(family=family, area_code=area, fingerprint=UUID(int=0), **common)
        ResidentBelief.objects.create(
            member=resident,
            family=family,
            name_en=f"Sunita Bai {number}",
            name_hi=f"सुनीता बाई {number}",
            sex="F",
            mobile=f"93000000{number:02d}",
            fingerprint=UUID(int=0),
            **common,
        )


def payees(places: dict[int, str] = PLACES) -> list[Sequence[Any]]:
    """Their rows for the month's run: the town has a drawing officer of its own; person 3 has no account."""
    return [
        payee(
            number,
            area_code=area,
            rural=not area.startswith("W"),
            ddo_code="DDO2" if area.startswith("W") else "DDO1",
            **({"account_sealed": None} if number == 3 else {}),
        )
        for number, area in places.items()
    ]


def run(
    settled: Iterable[Sequence[Any]], month: Month = OCTOBER, redetermined: Iterable[Sequence[Any]] = ()
) -> int:
    duck: DuckDBPyConnection = relations(settled=settled, redetermined=redetermined, payee=payees())
    return posted(duck, month)


def two_months() -> int:
    """September with five people; in October one changes scheme, one has ended, two are new; returns October's run."""
    run(
        [
            (1, 1, "IGNOAPS", 20000),
            (2, 1, "IGNWPS", 30000),
            (3, 1, "IGNWPS", 30000),
            (4, 1, "IGNWPS", 30000),
            (5, 1, "IGNWPS", 30000),
        ],
        OCTOBER.previous(),
    )
    first = OCTOBER.previous().first_day
    return run(
        [
            (1, 1, "IGNOAPS", 27500),
            (1, 3, "MRMD", 50000),
            (3, 1, "IGNWPS", 30000),
            (4, 1, "IGNOAPS", 20000),
            (5, 1, "IGNWPS", 30000),
            (6, 1, "IGNWPS", 30000),
        ],
        redetermined=[
            (first, 1, 1, "IGNOAPS", 27500),
            (first, 2, 1, "IGNWPS", 30000),
            (first, 3, 1, "IGNWPS", 30000),
            (first, 4, 1, "IGNWPS", 30000),
            (first, 5, 1, "IGNWPS", 10000),
        ],
    )
