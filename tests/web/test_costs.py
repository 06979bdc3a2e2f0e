"""What a page costs: queries do not grow with rows, and a work list stays light."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from haqdar.cases.models import WorkItem
from haqdar.web import assets

MOST_QUERIES = {
    "/desk/months/2016-10/": 16,
    "/desk/months/2016-10/work/start/": 16,
    "/desk/months/2016-10/forecast/": 16,
    "/desk/changes/": 16,
    "/desk/people/?q=sita": 12,
    "/desk/people/{person}/": 40,
    "/desk/families/{family}/": 14,
    "/desk/bills/2016-10/": 12,
    "/desk/deliveries/": 10,
    "/desk/runs/": 10,
}


def test_queries(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of("state")
    for path, most in MOST_QUERIES.items():
        address = path.format(person=state["people"]["40111"][0], family=state["families"]["40111"])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, path
        assert len(queries) <= most, path


def test_a_list_of_200_is_light_and_asks_no_more(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    client = client_of("gp", "hi")
    with CaptureQueriesContext(connection) as few:
        client.get("/desk/months/2016-10/work/start/")
    first = WorkItem.objects.filter(action="start", area_code="40111").get()
    members = [
        (m, k)
        for gp in state["members"]
        for m, k in zip(state["members"][gp], state["people"][gp], strict=True)
    ]
    WorkItem.objects.bulk_create(
        WorkItem(
            run_id=first.run_id,
            action="start",
            member_id=members[number % len(members)][0],
            resident_key=members[number % len(members)][1],
            pension_group=1 + number % 3,
            to_scheme="IGNWPS",
            to_paise=30000,
            reason="entitled",
            area_code="40111",
            district_code="401",
        )
        for number in range(250)
    )
    with CaptureQueriesContext(connection) as many:
        response = client.get("/desk/months/2016-10/work/start/")
    assert len(many) == len(few)
    assert response.content.count(b"<tr>") >= 200
    assert len(gzip.compress(response.content)) <= 30_000


def test_the_first_visit_is_small(client: Client) -> None:
    built = assets.manifest()
    if not built:
        pytest.skip("assets were not built: no Node here")
    page = len(gzip.compress(client.get("/").content))
    parts = {name: (assets.WEB / "static" / f"{path}").stat().st_size for name, path in built.items()}
    packed = sum(
        (assets.WEB / "static" / f"{path}.gz").stat().st_size
        for name, path in built.items()
        if name != "devanagari.woff2"
    )
    assert page + packed <= 100_000
    assert page + packed + parts["devanagari.woff2"] <= 170_000
