"""The page of examination: evidence with masked numbers, errors at their fields, reports led on, and who may open it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from tests.web.open_cases import change, more

from haqdar.access.actors import acting, platform
from haqdar.cases.models import AwardChange, Case, Notice, WorkItem
from haqdar.registry.models import PayeeBelief, PensionBelief, ResidentBelief
from haqdar.registry.sealing import ACCOUNT, account_text, sealer

NUMBER = "987654321098"
HOME, FOREIGN = "40111", "40211"


@pytest.fixture
def shared(state: dict[str, Any]) -> Case:
    """A duplicate: two payees of one panchayat and somebody of another district have one account."""
    text = account_text("SBIN0001234", NUMBER)
    sealed, version = sealer().seal_one(ACCOUNT, NUMBER)
    members = [*state["members"][HOME][:2], state["members"][FOREIGN][0]]
    for member in members:
        old = ResidentBelief.objects.filter(member_id=member).order_by("-belief_no")[0]
        values = {
            field.name: getattr(old, field.name)
            for field in ResidentBelief._meta.concrete_fields
            if field.name != "pk"
        }
        values |= {
            "belief_no": old.belief_no + 1, "ifsc": "SBIN0001234", "account_sealed": sealed, "key_version": version,
            "account_hash": sealer().keyed_hash(ACCOUNT, text), "account_last4": NUMBER[-4:], "fingerprint": uuid4(),
        }  # fmt: skip
        ResidentBelief.objects.create(**values)
    with acting(platform("month"), "month.run"):
        for member in members[:2]:
            WorkItem.objects.create(
                run_id=state["run"], member_id=member, pension_group=1, action="duplicate", from_scheme="IGNOAPS",
                from_paise=27500, reason="same_account", area_code=HOME, district_code="401",
            )  # fmt: skip
    (case,) = more(
        "duplicate", 1, state, HOME, reason="same_account", scheme=None, paise=None, from_scheme="IGNOAPS"
    )
    return case


def test_payees_stand_side_by_side_with_masked_numbers(
    shared: Case, state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    page = client_of("pension").get(f"/desk/cases/{shared.key}/examine").content.decode()
    assert NUMBER not in page and page.count("•••• 1098") == 2
    assert page.count("Sita Bai Malviya") >= 1 and "Ramesh Kumar Verma" in page
    assert page.count("somebody outside your area") == 1 and "Sonkatch Khurd" in page
    assert str(state["people"][FOREIGN][0]) not in page
    assert f"/desk/people/{state['people'][HOME][1]}/payee/account_change" in page
    assert "the person; nobody else is registered" in page and "₹275" in page


def test_a_registered_receiver_is_named(
    shared: Case, state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    first, second = state["members"][HOME][:2]
    PayeeBelief.objects.create(
        member_id=first, receiver_id=second, relation="husband", reason="joint_account", from_on="2016-01-01",
        belief_no=1, known_from="2016-09-20", line=0, fingerprint=uuid4(), delivery_id=state["delivery"],
    )  # fmt: skip
    page = client_of("pension").get(f"/desk/cases/{shared.key}/examine").content.decode()
    assert "a joint account" in page and "registered)" in page


def test_the_finding_is_recorded_with_its_errors_at_their_fields(
    shared: Case, client_of: Callable[..., Client]
) -> None:
    client, url = client_of("pension"), f"/desk/cases/{shared.key}/examine"
    before = (AwardChange.objects.count(), Notice.objects.count())
    for values, field in (
        ({}, "finding"),
        ({"finding": "kept", "note": "seen"}, "reason"),
        ({"finding": "kept", "reason": "lawful_joint"}, "note"),
    ):
        page = client.post(url, values).content.decode()
        assert f'href="#{field}"' in page and f'id="{field}"' in page
    typed = {"finding": "kept", "reason": "lawful_joint", "note": "One house, one account"}
    assert client.post(url, typed).status_code == 302
    shared.refresh_from_db()
    assert (shared.outcome, shared.awaits) == ("kept", "")
    assert "a lawful joint account" in client.get(f"/desk/cases/{shared.key}/").content.decode()
    assert (AwardChange.objects.count(), Notice.objects.count()) == before


def test_the_case_page_leads_to_the_examination_and_a_report_to_its_own(
    shared: Case, state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    client = client_of("pension")
    assert f"/desk/cases/{shared.key}/examine" in client.get(f"/desk/cases/{shared.key}/").content.decode()
    (report,) = more("report", 1, state, HOME)
    assert (
        client.get(f"/desk/cases/{report.key}/examine")["Location"]
        == f"/desk/cases/{report.key}/report-examine"
    )
    (start,) = more("start", 1, state, HOME)
    assert client.get(f"/desk/cases/{start.key}/examine")["Location"] == f"/desk/cases/{start.key}/"


def test_what_was_forwarded_is_closed_by_the_sanctioning_officer(
    shared: Case, client_of: Callable[..., Client]
) -> None:
    section, officer, url = client_of("pension"), client_of("block"), f"/desk/cases/{shared.key}/examine"
    assert 'value="forward"' not in officer.get(url).content.decode()
    section.post(url, {"finding": "forward", "note": "Nobody of this name lives there"})
    shared.refresh_from_db()
    assert shared.awaits == "case.examine"
    assert 'name="finding"' not in section.get(url).content.decode()
    assert "Without such a fact nothing stops" in officer.get(url).content.decode()
    officer.post(url, {"finding": "kept", "reason": "lawful_other", "note": "She was on a pilgrimage"})
    shared.refresh_from_db()
    assert shared.outcome == "kept"


def test_a_payee_nobody_knows_is_examined_by_the_state_alone(
    state: dict[str, Any], client_of: Callable[..., Client]
) -> None:
    PensionBelief.objects.create(
        member_id=199_999_999, scheme="IGNOAPS", since=None, amount_paise=27500, is_ghost=True, belief_no=1,
        known_from="2016-09-20", line=17, fingerprint=uuid4(), delivery_id=state["delivery"],
    )  # fmt: skip
    (case,) = more(
        "ghost", 1, state, HOME, reason="unknown_member", scheme=None, paise=None, from_scheme="IGNOAPS"
    )
    change(
        Case.objects.filter(pk=case.pk),
        member_id=199_999_999,
        area_code=None,
        district_code=None,
        resident_key=None,
    )
    url = f"/desk/cases/{case.key}/examine"
    for username in ("pension", "block", "district", "gp"):
        assert client_of(username).get(url).status_code == 403, username
    client = client_of("state")
    page = client.get(url).content.decode()
    assert "199 999 999" in page and "line 17" in page and "5ee1abcd5ee1abcd" in page and "not known" in page
    assert 'value="forward"' not in page
    client.post(
        url, {"finding": "kept", "reason": "nobody_found", "note": "The department knows no name either"}
    )
    case.refresh_from_db()
    assert case.outcome == "kept"
