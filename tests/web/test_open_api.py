"""The public API: its schema is a golden file, and whatever the schema allows is answered without an error of ours."""

import json
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.test import Client
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from haqdar.web.open.api import RATE, api

GOLDEN = Path(__file__).parent / "openapi-open.json"


def test_the_schema_is_the_one_that_was_published() -> None:
    """A change of the API is made on purpose: write the new schema to the golden file and say so in docs/api.md."""
    now = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/open/v1/")))
    assert now == json.loads(GOLDEN.read_text(encoding="utf-8"))


@pytest.fixture
def published(state: dict[str, Any]) -> None:
    from haqdar.access.actors import platform
    from haqdar.base.month import Month
    from haqdar.outcomes.actions import publish_delays, publish_month

    publish_month(platform(), Month(2016, 10))
    publish_delays(platform())


@pytest.mark.django_db(transaction=True)
def test_whatever_the_schema_allows_is_answered(
    transactional_db: None, published: None, live_server: Any, monkeypatch: Any
) -> None:
    from haqdar.web.open import api as module

    # the limit itself is tested below
    monkeypatch.setattr(module._ByAddress, "allow_request", lambda self, request: True)
    schema = schemathesis.openapi.from_url(f"{live_server.url}/api/open/v1/openapi.json")
    for operation in schema.get_all_operations():

        @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
        @schemathesis_given(operation.ok())
        def answered(case: Any) -> None:
            response = case.call()
            assert response.status_code < 500, response.text
            case.validate_response(
                response,
                checks=[status_code_conformance, content_type_conformance, response_schema_conformance],
            )

        answered()


def schemathesis_given(operation: Any) -> Any:
    from hypothesis import given

    return given(case=operation.as_strategy())


def test_too_many_requests_from_one_address_are_refused(client: Client, db: None) -> None:
    cache.clear()
    most = int(RATE.split("/")[0])
    answers = {client.get("/api/open/v1/pensions/months").status_code for _ in range(most + 1)}
    assert answers == {200, 429}
    assert client.get("/api/open/v1/pensions/months", REMOTE_ADDR="10.7.7.7").status_code == 200
    cache.clear()


def test_pages_of_figures_follow_each_other(client: Client, published: None) -> None:
    cache.clear()
    whole = client.get("/api/open/v1/pensions/2016-10/figures").json()["figures"]
    found: list[Any] = []
    after = ""
    for _ in range(len(whole) + 2):
        answer = client.get(
            "/api/open/v1/pensions/2016-10/figures", {"limit": 2, **({"after": after} if after else {})}
        ).json()
        found += answer["figures"]
        after = answer["next"] or ""
        if not after:
            break
    assert found == whole and len(whole) > 4


def test_only_reading_is_possible(client: Client, db: None) -> None:
    cache.clear()
    for method in ("post", "put", "delete", "patch"):
        assert getattr(client, method)("/api/open/v1/schemes").status_code == 405
