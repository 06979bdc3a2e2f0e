"""Who may open the pages of verification, decision, stops and corrections, in the own area and elsewhere; what a citizen may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.open_cases import more

from haqdar.access.actors import MAY
from haqdar.cases.models import Case

HOME, FOREIGN = "40111", "40211"
ROLES = {
    "state": "state", "district": "district", "block": "sanctioning_officer", "ddo": "ddo", "gp": "secretary",
    "auditor": "auditor", "pension": "verifier", "appeal1": "first_appellate", "admin": "administrator",
}  # fmt: skip
PAGES = {
    # address -> (verb, kind of case, what it waits for)
    "verify": ("case.verify", "start", "case.verify"),
    "sanction": ("case.sanction", "start", "case.sanction"),
    "note": ("case.note", "move", "case.note"),
    "stop": ("stop.confirm", "stop", "stop.confirm"),
    "restore": ("stop.restore", "stop", "stop.confirm"),
    "object": ("objection.enter", "stop", "stop.confirm"),
    "objection": ("objection.decide", "objection", "objection.decide"),
    "correct": ("fact.correct", "undecided", "fact.correct"),
}


def _case(page: str, area: str, state: dict[str, Any], about: Case | None = None, mark: str = "") -> Case:
    """An open case the page is about; `mark` keeps the open cases of one person and kind apart."""
    _, kind, awaits = PAGES[page]
    values = {"scheme": "IGNWPS", "from_scheme": None if kind == "start" else "IGNWPS", "about": about}
    (case,) = more(kind, 1, state, area, awaits, occasion=mark, **values)
    return case


@pytest.mark.parametrize("username", ROLES)
def test_functions_and_areas_decide_every_page(
    username: str, client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    client = client_of(username)
    session = client.session
    session["second_factor"] = {"at": timezone.now().isoformat(), "kind": "app"}
    session.save()
    role = ROLES[username]
    for page, (verb, _, _) in PAGES.items():
        for area in (HOME, FOREIGN):
            about = _case("stop", area, state, mark=f"about {page}") if page == "objection" else None
            case = _case(page, area, state, about, page)
            got = client.get(f"/desk/cases/{case.key}/{page}").status_code
            own = area == HOME or username == "state"
            assert got == (200 if role in MAY[verb] and own else 403), (page, area)
    for area in (HOME, FOREIGN):
        got = client.get(f"/desk/people/{state['people'][area][0]}/correct").status_code
        assert got == (200 if role in MAY["fact.correct"] and area == HOME else 403)


def test_a_case_that_waits_for_something_else_leads_to_its_page(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    case = _case("sanction", HOME, state)
    answer = client_of("gp").get(f"/desk/cases/{case.key}/verify")
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/cases/{case.key}/")
    assert client_of("gp").get("/desk/cases/00000000-0000-0000-0000-000000000000/verify").status_code == 404


def test_only_the_person_concerned_may_object(client: Client, state: dict[str, Any]) -> None:
    case = _case("stop", HOME, state)
    page = f"/object/{case.number}"
    assert client.post("/object", {"number": case.number.lower()})["Location"] == page
    assert client.get(f"/object?case={case.number}")["Location"] == page
    assert "error-summary" in client.post("/object", {"number": ""}).content.decode()
    assert client.get("/object/S26-00000000-00").status_code == 404
    assert client.get(page)["Location"].startswith("/prove?")
    for key, status in ((state["people"][HOME][1], 302), (case.resident_key, 200)):
        session = client.session
        later = timezone.now() + timedelta(minutes=5)
        session["citizen"] = {"resident": str(key), "until": later.isoformat()}
        session.save()
        assert client.get(page).status_code == status
    text = client.post(page, {"grounds": "card_valid", "note": "Nothing stands against me."}).content.decode()
    # no notice runs for this case, so there is nothing an objection could hold up
    assert "error-summary" in text
    assert not Case.objects.filter(kind="objection").exists()
