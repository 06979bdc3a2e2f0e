"""The pages of proposals and holds: a body verifies and submits, an officer holds and releases, a drawing officer sees sums."""

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.jobs import money_calendar
from haqdar.payments.models import Hold, Proposal
from haqdar.payments.proposals import propose

HOME = "40111"
OCTOBER = Month(2016, 10)


@pytest.fixture
def proposal(state: dict[str, Any]) -> Proposal:
    """The proposal of HOME, on a day before the bodies' last."""
    with time_machine.travel("2016-09-12T10:00:00+05:30", tick=False):
        propose(platform("test"), OCTOBER)
    return Proposal.objects.get(body_code=HOME)


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def lines_of(client: Client, path: str) -> list[str]:
    content = b"".join(client.get(path).streaming_content)  # type: ignore[attr-defined]
    return content.decode().splitlines()


@time_machine.travel("2016-09-15T10:00:00+05:30", tick=False)
def test_a_secretary_verifies_without_somebody_and_submits(
    proposal: Proposal, client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    gp, person = client_of("gp"), state["people"][HOME][1]
    page = text_of(gp, "/desk/money/proposals/")
    assert "Verify and submit by 18 September 2016" in page and "₹275" in page
    detail = f"/desk/money/proposals/{proposal.key}/"
    page = text_of(gp, detail)
    assert "Ramesh Kumar Verma" in page and f'value="{person}"' in page
    assert "Nobody fits these filters" in text_of(gp, f"{detail}?q=nobody")
    assert "checked" in text_of(gp, f"{detail}?leave={person}")
    page = text_of(gp, f"{detail}verify?leave={person}&leave=no-key&leave={person}")
    assert "1 people, ₹275" in page and "Verify without 1" in page
    page = gp.post(f"{detail}verify", {"leave": person}).content.decode()
    assert f'href="#reason-{person}"' in page and "Choose why" in page
    assert not Hold.objects.exists()
    sent = gp.post(
        f"{detail}verify", {"leave": person, f"reason-{person}": "moved", f"note-{person}": "to Indore"}
    )
    assert sent["Location"] == f"/desk/money/proposals/?area={HOME}&month=2016-10"
    assert Hold.objects.get().note == "to Indore"
    assert "Take the verification back" in text_of(gp, detail)
    submit = f"/desk/money/proposals/2016-10/{HOME}/submit"
    assert "held, ₹275" in text_of(gp, submit)
    gp.post(f"{detail}take-back")
    assert gp.post(submit, {"act": "submit"}).content.decode().count("are not verified yet") == 1
    gp.post(submit, {"act": "verify"})
    assert gp.post(submit, {"act": "submit"}).status_code == 302
    proposal.refresh_from_db()
    assert (proposal.state, proposal.submitted_by) == ("submitted", "gp")
    assert "There is nothing left to submit" in gp.post(submit, {"act": "submit"}).content.decode()
    assert gp.get(f"{detail}print/en")["Content-Type"] == "application/pdf"
    (header, line) = lines_of(gp, f"{detail}download")
    assert header.startswith("name_en,") and line.startswith("Ramesh Kumar Verma,")
    number = str(state["members"][HOME][1])
    assert number not in line and number[-4:] in line


@time_machine.travel("2016-09-20T10:00:00+05:30", tick=False)
def test_officers_see_who_is_ready_and_who_is_late_without_names_of_people(
    proposal: Proposal, client_of: Callable[..., Client]
) -> None:
    ddo = client_of("ddo")
    page = text_of(ddo, f"/desk/money/proposals/{proposal.key}/")
    assert "Ramesh" not in page and "you see the sums" in page
    assert len(lines_of(ddo, f"/desk/money/proposals/{proposal.key}/download")) == 1
    page = text_of(ddo, "/desk/money/readiness/")
    assert "Amla Kheda" in page and "to verify" in page and "Sonkatch" not in page
    assert any(
        line.startswith("2016-10,D4011,40111,") and ",open,,2," in line
        for line in lines_of(ddo, "/desk/money/readiness/download")
    )
    district = client_of("district")
    page = text_of(district, "/desk/money/delays/")
    assert "Amla Kheda" in page and "not done yet" in page
    assert "Sonkatch" not in page
    late = lines_of(district, "/desk/money/delays/download?step=verify")
    assert sum(",verify,open,2016-09-18,,2," in line for line in late) == len(late) - 1 == 4
    assert "Nobody is late here" in text_of(district, "/desk/money/delays/?step=sanction")
    with time_machine.travel("2016-09-23T10:00:00+05:30", tick=False):
        assert "Janpad Ashta" in text_of(client_of("district"), "/desk/money/delays/?step=sanction")
    assert district.get("/desk/money/delays/?month=2016-13").status_code == 404
    state = text_of(client_of("state"), "/desk/money/proposals/")
    assert "of 5 bodies ready" in state
    assert len(lines_of(client_of("state"), "/desk/money/proposals/download?area=40111")) == 2


def test_an_officer_holds_and_releases_a_payee(
    proposal: Proposal, client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    block, person = client_of("block"), state["people"][HOME][1]
    assert "Nobody is held" in text_of(block, "/desk/money/holds/")
    form = f"/desk/people/{person}/hold"
    page = block.post(form, {"scheme": "IGNOAPS", "reason": "", "note": "x"}).content.decode()
    assert 'href="#reason"' in page
    page = block.post(form, {"scheme": "IGNOAPS", "reason": "order", "note": " "}).content.decode()
    assert 'href="#note"' in page
    assert block.post(form, {"scheme": "IGNOAPS", "reason": "order", "note": "order 7"}).status_code == 302
    assert "Everything due to this person is held already" in text_of(block, form)
    assert "order of a court or authority" in text_of(block, "/desk/money/holds/")
    assert "Ramesh" not in text_of(client_of("ddo"), "/desk/money/holds/")
    release = f"/desk/money/holds/{Hold.objects.get().key}/release"
    assert 'href="#note"' in block.post(release, {"note": ""}).content.decode()
    assert block.post(release, {"note": "order lifted"}).status_code == 302
    assert "order lifted" in text_of(block, "/desk/money/holds/?ended=yes")
    assert "order lifted" in lines_of(block, "/desk/money/holds/download?ended=yes")[1]
    assert client_of("gp").get(form).status_code == 403


def test_the_calendar_closes_a_month_on_the_laws_day_and_an_officer_may_ask_before(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    office = client_of("state")
    assert "closes on 12 September 2016" in text_of(office, "/desk/money/proposals/")
    assert "What happens" in text_of(office, "/desk/money/close/2016-10/")
    assert office.get("/desk/money/close/2016-11/").status_code == 404
    assert "is being closed" in office.post("/desk/money/close/2016-10/").content.decode()
    assert not Proposal.objects.exists()  # the worker does it
    with time_machine.travel("2016-09-11T23:00:00+05:30", tick=False):
        assert (
            money_calendar.close_due_months(platform("test"), OCTOBER.previous().first_day.replace(day=11))
            == []
        )
    (made,) = money_calendar.close_due_months(platform("test"), OCTOBER.previous().first_day.replace(day=12))
    assert made.now and made.bodies == 5
    assert money_calendar.close_due_months(platform("test"), OCTOBER.first_day) == []
    assert "was closed on" in text_of(office, "/desk/money/close/2016-10/")
