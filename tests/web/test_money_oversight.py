"""The pages that watch over the money: an area's own figures, downloads that a spreadsheet adds up, samples drawn by a form."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from tests.payments.on_the_way import answered, passed, sent

ROUTES = ("statement", "nsap", "utilisation", "estimate", "surrender")


@pytest.fixture
def money(state: dict[str, Any]) -> dict[str, Any]:
    """Of the small State's credits two were credited and one came back; its bills are passed."""
    members = [state["members"][gp][1] for gp in ("40111", "40112", "40211")]
    passed(state["run"])
    sent(state["run"], members)
    answered(state["run"], members[:2], {members[2]: "01"})
    return state


def test_reports_are_pages_tables_and_papers(money: dict[str, Any], client_of: Callable[..., Client]) -> None:
    client = client_of("state")
    for report in ROUTES:
        page = client.get(f"/desk/money/reports/{report}/")
        assert page.status_code == 200, report
        assert "Download (CSV)" in page.content.decode()
        paper = client.get(f"/desk/money/reports/{report}/pdf")
        assert paper.content.startswith(b"%PDF-1.7"), report
    text = b"".join(client.get("/desk/money/reports/statement/download?month=2016-10").streaming_content)  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    assert sum(float(row["credited"]) for row in rows) == 550.0
    assert sum(float(row["returned"]) for row in rows) == 275.0
    assert client.get("/desk/money/reports/nothing/").status_code == 404
    assert client.get("/desk/money/reports/statement/?month=1999-01").status_code == 404


def test_an_officer_sees_where_the_money_of_the_own_area_stands(
    money: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    district = client_of("district", "hi")
    assert district.get("/desk/money/standing/?area=402").status_code == 403
    whole = client_of("state").get("/desk/money/standing/").content.decode()
    assert "₹550" in whole and "<svg" in whole
    compared = client_of("state").get("/desk/money/reconciliation/?difference=back").content.decode()
    assert "₹275" in compared and "V" in compared
    text = b"".join(client_of("state").get("/desk/money/reconciliation/download").streaming_content)  # type: ignore[arg-type]
    assert sum(float(row["credited"]) for row in csv.DictReader(io.StringIO(text.decode()))) == 550.0


def test_an_auditor_draws_a_sample_and_follows_each_credit(
    money: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    client = client_of("auditor")
    wrong = client.post("/desk/money/samples/", {"month": "2016-10", "size": "many", "method": "credits"})
    assert "1 to 500" in wrong.content.decode()
    drawn = client.post(
        "/desk/money/samples/", {"month": "2016-10", "size": "2", "method": "credits", "seed": "abc"}
    )
    detail = client.get(drawn["Location"]).content.decode()
    assert "Each credit agrees with its bills and its dues" in detail and "Ramesh Kumar Verma" in detail
    text = b"".join(client.get(drawn["Location"] + "download").streaming_content).decode()  # type: ignore[arg-type]
    assert len(list(csv.DictReader(io.StringIO(text)))) == 2
    assert client_of("state").get("/desk/money/samples/").status_code == 403
