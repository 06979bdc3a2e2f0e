"""Today's desk, queues, saved views and work on many, as pages."""

import csv
import gzip
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.web import open_cases

from haqdar.access.models import AuditEvent
from haqdar.cases.models import BulkJob, Case, SavedView

Clients = Callable[..., Client]


@pytest.fixture
def opened(state: dict[str, Any]) -> dict[str, Any]:
    open_cases.open_all(state["run"])
    return state


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_desk_is_the_first_page_after_log_in(client_of: Clients, opened: dict[str, Any]) -> None:
    open_cases.more("start", 3, opened, due_on=timezone.localdate() - timedelta(days=2))
    page = text(client_of("gp"), "/desk/")
    assert "New pensions to visit and verify" in page and "2 over the limit" in page
    assert "/desk/queue/case-verify/?kind=start&amp;when=late" in page
    # what is not the secretary's is not there
    assert "/desk/queue/case-note/" not in page and "what waits in the offices" not in page


def test_desk_of_those_who_oversee(client_of: Clients, opened: dict[str, Any]) -> None:
    page = text(client_of("district"), "/desk/")
    assert "what waits in the offices" in page and "?area=4011" in page
    assert "/desk/queue/case-verify/" in page
    # a drawing officer sees how much waits and nobody's name
    page = text(client_of("ddo"), "/desk/")
    assert "Sita" not in page and "/desk/queue/" not in page
    assert text(client_of("state"), "/desk/?area=401").count("what waits in the offices") == 1


def test_desk_without_work_says_what_will_be_there(client_of: Clients, state: dict[str, Any]) -> None:
    assert "Nothing waits for you today" in text(client_of("gp"), "/desk/")


def test_queue_rows_say_who_what_why_where_and_how_long(client_of: Clients, opened: dict[str, Any]) -> None:
    page = text(client_of("block"), "/desk/queue/case-note/")
    assert "Mohan Singh Thakur" in page and "₹150 → ₹500" in page and "a better pension is open" in page
    assert "Amla Kheda" in page and "30 days" in page
    local = text(client_of("gp"), "/desk/queue/case-verify/")
    assert "मकान 12, बड़ा मोहल्ला" in local


def test_queue_filters_stand_in_the_address(client_of: Clients, opened: dict[str, Any]) -> None:
    made = open_cases.more(
        "move", 3, opened, scheme="SSP-PWD", due_on=timezone.localdate() - timedelta(days=9)
    )
    block = client_of("block")
    late = text(block, "/desk/queue/case-note/?when=late")
    assert "1 to 3 of 3" in late and "▲" in late and "days over" in late
    assert "1 to 3 of 3" in text(block, "/desk/queue/case-note/?scheme=SSP-PWD")
    assert "1 to 1 of 1" in text(block, f"/desk/queue/case-note/?q={made[1].number}")
    assert "1 to 2 of 2" in text(block, "/desk/queue/case-note/?kind=revise")
    assert "No case fits" in text(block, "/desk/queue/case-note/?q=Nobody+Atall")
    # what nobody could have meant narrows nothing
    assert "of 7" in text(block, "/desk/queue/case-note/?when=x&sort=x&since=x&page=x&mine=x")
    assert block.get("/desk/queue/nothing/").status_code == 404


def test_a_case_leads_to_the_next_of_its_queue(client_of: Clients, opened: dict[str, Any]) -> None:
    made = open_cases.more("move", 3, opened, scheme="SSP-PWD")
    block = client_of("block")
    page = text(block, f"/desk/cases/{made[1].key}/?in=case-note&scheme=SSP-PWD")
    assert f'rel="prev" href="/desk/cases/{made[0].key}/?in=case-note&amp;scheme=SSP-PWD"' in page
    assert f'rel="next" href="/desk/cases/{made[2].key}/?in=case-note&amp;scheme=SSP-PWD"' in page
    # back from an act without the query, the session still knows
    assert str(made[2].key) in text(block, f"/desk/cases/{made[1].key}/")


def test_saved_views(client_of: Clients, opened: dict[str, Any]) -> None:
    block = client_of("block")
    path = "/desk/queue/case-note/?kind=move"
    assert (
        block.post(path, {"save_view": "yes", "name": " सुबह  का काम ", "default": "yes"}).status_code == 302
    )
    page = text(block, "/desk/")
    assert "सुबह का काम" in page and "opens first" in page
    view = SavedView.objects.get()
    assert (view.name, view.query, view.is_default) == ("सुबह का काम", "kind=move", True)
    # another default replaces it; nobody else sees it
    block.post("/desk/queue/case-note/", {"save_view": "yes", "name": "all", "default": "yes"})
    assert SavedView.objects.filter(is_default=True).get().name == "all"
    assert "सुबह का काम" not in text(client_of("district"), "/desk/queue/case-note/")
    assert "Give the view a name" in block.post(path, {"save_view": "yes", "name": ""}).content.decode()
    client_of("district").post(path, {"remove_view": str(view.key)})
    assert SavedView.objects.count() == 2
    block.post(path, {"remove_view": str(view.key)})
    assert SavedView.objects.count() == 1


def test_queue_download_is_recorded(client_of: Clients, opened: dict[str, Any]) -> None:
    response = client_of("block").get("/desk/queue/case-note/download?kind=move")
    rows = list(csv.DictReader(StringIO(b"".join(response.streaming_content).decode())))  # type: ignore[attr-defined]
    assert len(rows) == 2 and {row["scheme"] for row in rows} == {"IGNOAPS"}
    assert AuditEvent.objects.filter(verb="case.download", actor="block").count() == 1


def test_queue_print_has_room_for_a_signature(client_of: Clients, opened: dict[str, Any]) -> None:
    page = text(client_of("block"), "/desk/queue/case-note/print")
    assert "Found, signature" in page and "मकान 12" in page


def test_bulk_detail_from_preview_to_undo(client_of: Clients, opened: dict[str, Any]) -> None:
    made = open_cases.more("move", 5, opened)
    block = client_of("block")
    response = block.post("/desk/queue/case-note/", {"deed": "note", "key": [str(case.key) for case in made]})
    job = BulkJob.objects.get()
    assert response.headers["Location"] == f"/desk/work/{job.key}/"
    page = text(block, f"/desk/work/{job.key}/")
    assert "Note: 5 cases?" in page and "₹1,375 more than now" in page
    assert Case.objects.filter(outcome="noted").count() == 0
    block.post(f"/desk/work/{job.key}/", {"do": "confirm"})
    assert Case.objects.filter(outcome="noted").count() == 5
    page = text(block, f"/desk/work/{job.key}/")
    assert "Note: 5 cases done" in page and "Take it back" in page
    rows = b"".join(block.get(f"/desk/work/{job.key}/download").streaming_content).decode()  # type: ignore[attr-defined]
    assert rows.count("done") == 5
    assert "was confirmed already" in block.post(f"/desk/work/{job.key}/", {"do": "confirm"}).content.decode()
    block.post(f"/desk/work/{job.key}/", {"do": "undo"})
    assert Case.objects.filter(outcome="noted").count() == 0
    assert "Taken back" in text(block, f"/desk/work/{job.key}/")
    assert client_of("state").get(f"/desk/work/{job.key}/").status_code == 404


def test_sanctioning_many_asks_for_the_second_factor(client_of: Clients, opened: dict[str, Any]) -> None:
    made = open_cases.more("start", 2, opened, awaits="case.sanction")
    block = client_of("block", second_factor=False)
    block.post("/desk/queue/case-sanction/", {"deed": "sanction", "key": [str(case.key) for case in made]})
    job = BulkJob.objects.get()
    page = block.post(f"/desk/work/{job.key}/", {"do": "confirm"})
    assert 'name="second_factor_code"' in page.content.decode()
    job.refresh_from_db()
    assert job.state == "preview"
    # marks do not: giving a case to a colleague decides nothing
    made = open_cases.more("move", 1, opened)
    block.post("/desk/queue/case-note/", {"deed": "note", "key": [str(case.key) for case in made]})
    job = BulkJob.objects.exclude(pk=job.pk).get()
    assert block.post(f"/desk/work/{job.key}/", {"do": "confirm"}).status_code == 302


def test_bulk_over_everything_the_filters_leave(client_of: Clients, opened: dict[str, Any]) -> None:
    open_cases.more("move", 5, opened, scheme="SSP-PWD")
    block = client_of("block")
    block.post("/desk/queue/case-note/?scheme=SSP-PWD", {"deed": "note:all"})
    assert BulkJob.objects.get().rows.count() == 5
    page = block.post("/desk/queue/case-note/", {"deed": "note"}).content.decode()
    assert "Choose at least one case first" in page
    page = block.post("/desk/queue/stop-confirm/", {"deed": "note:all"}).content.decode()
    assert "cannot be done for many cases" in page


def test_the_trail_of_a_download_names_nobody(client_of: Clients, opened: dict[str, Any]) -> None:
    number = f"{opened['members']['40111'][0]:09d}"
    answer = client_of("block").get(f"/desk/queue/case-note/download?q={number}&kind=move")
    b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    event = AuditEvent.objects.get(verb="case.download")
    assert event.new == {"filters": {"kind": "move", "q": "…"}}


def test_a_view_that_cannot_be_is_no_fault_of_the_page(client_of: Clients, opened: dict[str, Any]) -> None:
    answer = client_of("block").post("/desk/queue/case-note/", {"remove_view": "nothing"})
    assert answer.status_code == 302


def test_those_who_look_on_choose_nothing(client_of: Clients, opened: dict[str, Any]) -> None:
    district = client_of("district")
    page = text(district, "/desk/queue/case-note/")
    assert "You look on" in page and 'type="checkbox" name="key"' not in page
    assert district.post("/desk/queue/case-note/", {"deed": "note:all"}).status_code == 200
    assert not BulkJob.objects.exists()


def test_200_rows_are_light_and_ask_no_more(client_of: Clients, opened: dict[str, Any]) -> None:
    block = client_of("block", "hi")
    paths = ("/desk/queue/case-note/", "/desk/", "/desk/queue/case-note/print")
    before = []
    for path in paths:
        block.get(path)
        with CaptureQueriesContext(connection) as asked:
            block.get(path)
        before.append(len(asked))
    open_cases.more("move", 260, opened, from_scheme="SSP-OLD", from_paise=15000)
    for path, few in zip(paths, before, strict=True):
        with CaptureQueriesContext(connection) as asked:
            block.get(path)
        assert len(asked) == few <= 20, path
    page = block.get(paths[0]).content
    assert page.count(b'name="key"') == 200
    assert len(gzip.compress(page)) <= 30_000


@pytest.mark.parametrize(
    "path",
    [
        "/desk/",
        "/desk/queue/case-verify/",
        "/desk/queue/case-verify/download",
        "/desk/queue/case-verify/print",
    ],
)
def test_whatever_is_typed(client_of: Clients, opened: dict[str, Any], path: str) -> None:
    client = client_of("state")
    client.raise_request_exception = False
    for value in (
        "\x00",
        "'; DROP",
        "%",
        "<script>alert(1)</script>",
        "99999999999999999999",
        "a" * 3000,
        "९९",
    ):
        for name in ("area", "kind", "scheme", "reason", "when", "since", "mine", "q", "sort", "page"):
            response = client.get(path, {name: value})
            assert response.status_code < 500, (name, value)
            assert b"<script>alert" not in getattr(response, "content", b"")
