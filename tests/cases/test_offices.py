"""Who has a case: the nearest office of the kind the act lies with; until when: the service's limit."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from haqdar.access.models import Area, Office
from haqdar.cases.clock import due_on, file_until, service_of
from haqdar.cases.offices import office_of, offices_of

AREAS = (
    ("23", "state", None, "/23/"),
    ("401", "district", "23", "/23/401/"),
    ("4011", "block", "401", "/23/401/4011/"),
    ("4/1", "gp", "4011", "/23/401/4011/4%2F1/"),
    ("4013", "ulb", "401", "/23/401/4013/"),
    ("40131", "ward", "4013", "/23/401/4013/40131/"),
)


@pytest.fixture
def areas(db: None) -> None:
    """A block with a panchayat whose code has a slash, and a town with a ward; each has its office but the ward."""
    for code, kind, parent, path in AREAS:
        Area.objects.create(
            area_code=code, kind=kind, parent_code=parent, name_en=code, path=path, depth=path.count("/") - 2
        )
    for kind, code in (
        ("state", "23"),
        ("district", "401"),
        ("janpad", "4011"),
        ("gp", "4/1"),
        ("ulb", "4013"),
    ):
        Office.objects.create(office_code=f"O{code}", kind=kind, area_id=code, name_en=f"Office {code}")


@pytest.mark.parametrize(
    ("area", "verb", "office"),
    [
        ("4/1", "case.verify", "O4/1"),
        ("4/1", "case.sanction", "O4011"),
        ("4/1", "appeal.decide", "O401"),
        ("40131", "case.verify", "O4013"),
        ("40131", "case.sanction", "O4013"),
        ("401", "case.sanction", "O23"),  # no janpad above a district: the State has it
        ("4/1", "law.approve", "O23"),  # an act that the law gives to no office
        ("9999", "case.verify", "O23"),
        (None, "case.verify", "O23"),
    ],
)
def test_the_nearest_office_of_the_kind_has_it(areas: None, area: str | None, verb: str, office: str) -> None:
    assert office_of(area, verb).office_code == office


def test_offices_of_many_cases_take_one_query(areas: None) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = offices_of([("4/1", "case.verify"), ("40131", "case.sanction"), (None, "appeal.decide")] * 50)
    assert len(queries) == 1
    assert [office.office_code for office in found.values()] == ["O4/1", "O4013", "O23"]


@pytest.mark.django_db
def test_without_a_register_of_offices_the_state_is_named() -> None:
    assert office_of("1", "case.verify").name("hi") == "राज्य कार्यालय"


def test_limits_come_from_the_services() -> None:
    day = date(2026, 11, 2)
    assert service_of("application", "IGNWPS", day) == "pension-sanction"
    assert due_on("application", "", day) == date(2026, 11, 17)
    assert due_on("start", "pension-sanction", day) == date(2026, 11, 17)
    assert due_on("appeal", "pension-sanction", day) == date(2026, 12, 2)
    assert due_on("second_appeal", "pension-sanction", day) == date(2027, 1, 1)
    assert due_on("objection", "", day) == date(2026, 11, 23)  # 15 working days
    assert file_until("appeal", "pension-sanction", day) == date(2026, 12, 2)
    assert file_until("second_appeal", "pension-sanction", day) == date(2027, 1, 1)
    assert file_until("appeal", "registers", day) is None
