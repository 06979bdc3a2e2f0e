"""The pages of proposals: trying, approving, downloading, as the functions and the content allow."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.simulation.trials import law_with

from haqdar.access.models import Posting, User
from haqdar.entitlement.approvals import approvals_of, content_hash
from haqdar.entitlement.models import LawApproval, SimulationRun

WIDOW = {"schemes/w.yaml": "code: IGNWPS\nparameters: {minimum_age: 35}\namount: [{pay: 500}]\n"}


@pytest.fixture
def law(tmp_path: Path, settings: Any) -> Path:
    """The State's law with a proposal called trial."""
    settings.HAQDAR_LAW = law_with(tmp_path, WIDOW, "2017-04-01")
    return Path(settings.HAQDAR_LAW)


def colleague(name: str) -> Client:
    """Another officer of the State department."""
    user = User.objects.create_user(name, "a long enough one", name_en=name)
    Posting.objects.create(user=user, role="state", area_code="23", from_on="2016-01-01")
    client = Client()
    client.force_login(user)
    client.cookies["haqdar_language"] = "en"
    session = client.session
    session["second_factor"] = {"at": "2026-01-01T00:00:00+00:00", "kind": "totp"}
    session.save()
    return client


def test_a_simulation_is_asked_for_and_the_worker_has_it(client_of: Callable[..., Client], law: Path) -> None:
    from django.db import connection

    client = client_of("state")
    response = client.post("/desk/proposals/trial/", {"simulate": "yes", "month": "2016-10"})
    assert (response.status_code, response["Location"]) == (302, "/desk/proposals/")
    run = SimulationRun.objects.get(proposal="trial")
    assert (run.state, str(run.month), run.asked_by) == ("queued", "2016-10-01", "state")
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, args FROM procrastinate_jobs WHERE task_name = 'law.simulate'")
        ((queue, args),) = cursor.fetchall()
    assert (queue, json.loads(args)) == ("simulations", {"simulation_id": run.pk})
    assert "waiting" in client.get("/desk/proposals/").content.decode()


def test_a_month_that_is_none_is_said_beside_the_field(client_of: Callable[..., Client], law: Path) -> None:
    response = client_of("state").post("/desk/proposals/trial/", {"simulate": "yes", "month": "soon"})
    text = response.content.decode()
    assert response.status_code == 200 and "soon" in text and 'id="month-error"' in text
    assert not SimulationRun.objects.filter(proposal="trial").exists()


def test_an_auditor_looks_but_neither_tries_nor_approves(client_of: Callable[..., Client], law: Path) -> None:
    client = client_of("auditor")
    text = client.get("/desk/proposals/trial/").content.decode()
    assert 'name="simulate"' not in text and 'name="approve"' not in text
    assert client.post("/desk/proposals/trial/", {"simulate": "yes", "month": "2016-10"}).status_code == 403
    content = content_hash(law, "trial")
    assert client.post("/desk/proposals/trial/", {"approve": "yes", "content": content}).status_code == 403
    assert not LawApproval.objects.exists()


def test_two_officers_approve_what_they_saw(client_of: Callable[..., Client], law: Path) -> None:
    first, second = client_of("state"), colleague("asha")
    page = first.get("/desk/proposals/trial/").content.decode()
    content = content_hash(law, "trial")
    assert f'value="{content}"' in page and "₹300" in page and "₹500" in page
    for _ in range(2):
        first.post("/desk/proposals/trial/", {"approve": "yes", "content": content})
    assert [entry.actor for entry in approvals_of(law, "trial")] == ["state"]
    text = first.get("/desk/proposals/trial/").content.decode()
    assert "Approvals still missing: 1" in text and 'name="approve"' not in text
    second.post("/desk/proposals/trial/", {"approve": "yes", "content": content})
    assert [entry.actor for entry in approvals_of(law, "trial")] == ["state", "asha"]
    assert "law enact trial --from 2017-04-01" in first.get("/desk/proposals/trial/").content.decode()


def test_the_author_does_not_approve(client_of: Callable[..., Client], law: Path) -> None:
    text = colleague("writer").get("/desk/proposals/trial/")
    assert text.status_code == 403 or 'name="approve"' not in text.content.decode()


def test_a_page_opened_before_a_change_approves_nothing(client_of: Callable[..., Client], law: Path) -> None:
    seen = content_hash(law, "trial")
    file = law / "proposals" / "trial" / "schemes" / "w.yaml"
    file.write_text(file.read_text().replace("500", "5000"))
    response = client_of("state").post("/desk/proposals/trial/", {"approve": "yes", "content": seen})
    assert "was changed since you opened the page" in response.content.decode()
    assert not LawApproval.objects.exists()


def test_downloads_say_what_the_page_says(client_of: Callable[..., Client], state: dict[str, Any]) -> None:
    client = client_of("state")
    path = f"/desk/simulations/{state['simulation']}/download"
    whole = json.loads(client.get(path).content)
    response = client.get(f"{path}?table=district")
    rows = list(csv.DictReader(b"".join(response.streaming_content).decode().splitlines()))  # type: ignore[attr-defined]
    assert [row["district"] for row in rows] == ["401", "402", "total"]
    assert rows[-1]["gainers"] == str(whole["totals"]["gainers"])
    assert rows[-1]["rupees_after"] == f"{whole['totals']['paise_after'] / 100:.2f}"
    assert client.get(f"{path}?table=nothing").status_code == 404


def test_the_list_of_persons_is_the_areas_own(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    client = client_of("state")
    path = f"/desk/simulations/{state['simulation']}/people/"
    assert "Sita Bai" in client.get(f"{path}?outcome=gain&area=40111").content.decode()
    assert "Nobody in this area" in client.get(f"{path}?outcome=gain&area=40211").content.decode()
    assert "Nobody in this area" in client.get(f"{path}?outcome=lose").content.decode()


def test_an_unknown_proposal_and_simulation_are_no_pages(client_of: Callable[..., Client], law: Path) -> None:
    client = client_of("state")
    assert client.get("/desk/proposals/no-such/").status_code == 404
    assert client.get("/desk/simulations/999999/").status_code == 404
