"""The auditor's search: by person, employee, act, day, address and area; readable in both languages; paged by a cursor."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.test import Client

from haqdar.access.actions import post, record
from haqdar.access.actors import MAY, Actor, acting, platform
from haqdar.access.models import AuditEvent, Posting, User
from haqdar.access.verbs import WORDS

HOME = "40111"
GP = Actor(user_id=3, name="gp", ip="10.1.2.3")


def look(key: Any, count: int = 1, actor: Actor = GP) -> None:
    for page in range(count):
        record(actor, "person.view", "resident", str(key), new={"page": page})


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content.decode()[:500]
    return str(response.content.decode())


def test_audit_list_shows_who_looked_from_where(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    look(state["people"][HOME][0])
    text = text_of(client_of("auditor").get("/desk/audit/"))
    assert "looked at a person" in text and "10.1.2.3" in text and "Secretary, Gram Panchayat" in text
    assert "व्यक्ति का पन्ना देखा" in text_of(client_of("auditor", "hi").get("/desk/audit/"))


def test_a_member_id_leads_to_the_person_without_standing_in_an_address(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    key, other = state["people"][HOME][:2]
    look(key)
    look(other, actor=Actor(user_id=1, name="block", ip="10.9.9.9"))
    auditor = client_of("auditor")
    response = auditor.post("/desk/audit/find", {"member": f"{state['members'][HOME][0]:09d}"})
    assert response["Location"] == f"/desk/audit/?person={key}"
    text = text_of(auditor.get(response["Location"]))
    assert "10.1.2.3" in text and "10.9.9.9" not in text
    assert AuditEvent.objects.filter(verb="audit.view", object_kind="resident", object_key=str(key)).exists()
    nobody = auditor.post("/desk/audit/find", {"member": "999999999"})
    assert "There is no person with this member ID" in auditor.get(nobody["Location"]).content.decode()


def test_filters_narrow_and_bad_ones_are_named(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    look(state["people"][HOME][0])
    record(platform("night"), "figures.publish", "figures", "delays", new={"cells": 4})
    auditor = client_of("auditor")

    def seen(query: str) -> bool:
        return "10.1.2.3" in text_of(auditor.get(f"/desk/audit/?{query}"))

    assert seen("employee=gp") and not seen("employee=block")
    assert seen("verb=person.view") and not seen("verb=figures.publish")
    assert seen("ip=10.1.2.3&verb=person.view") and not seen("verb=person.view&ip=10.1.2.4")
    assert seen("from=2016-01-01&employee=gp") and not seen("from=2999-01-01")
    assert not seen("to=2016-01-01")
    assert seen("area=40111&verb=person.view") and not seen("area=402&verb=person.view")
    bad = auditor.get("/desk/audit/?from=yesterday&ip=here&area=nowhere")
    assert bad.status_code == 400
    for field in ("from", "ip", "area"):
        assert f'id="{field}-error"' in bad.content.decode()


def test_pages_follow_each_other_without_gap_or_repetition(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    key = state["people"][HOME][0]
    look(key, 120)
    auditor, path, pages = client_of("auditor"), "/desk/audit/?verb=person.view", []
    while path:
        context = auditor.get(path).context
        pages.append([row["event"].id for row in context["rows"]])
        path = f"/desk/audit/{context['older']}" if context["older"] else ""
    assert [len(page) for page in pages] == [50, 50, 20]
    ids = [identity for page in pages for identity in page]
    assert ids == sorted(set(ids), reverse=True)


def test_changes_are_shown_before_and_after_in_words(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    record(
        GP,
        "case.sanction",
        "case",
        "",
        old={"awaits": "case.sanction"},
        new={"awaits": "", "outcome": "sanctioned"},
    )
    post(platform("chief"), User.objects.get(username="gp"), "secretary", "40112", date(2016, 10, 1))
    text = text_of(client_of("auditor").get("/desk/audit/"))
    assert "<del>sanctioned</del>" in text, "the verb that it waited for, in words"
    assert "Secretary, panchayat or ward" in text
    assert "सचिव" in text_of(client_of("auditor", "hi").get("/desk/audit/?verb=posting.start"))


def test_audit_download_is_whole_and_recorded(
    client_of: Callable[..., Client], state: dict[str, Any]
) -> None:
    look(state["people"][HOME][0], 70)
    response = client_of("auditor").get("/desk/audit/download?verb=person.view")
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 71 and "gp,10.1.2.3" in lines[1]
    assert AuditEvent.objects.filter(verb="audit.download").count() == 1
    assert client_of("state").get("/desk/audit/download").status_code == 403


def test_an_auditor_of_one_district_sees_what_its_employees_did(state: dict[str, Any]) -> None:
    look(state["people"][HOME][0])
    with acting(platform("chief"), "user.create"):
        user = User.objects.create_user("auditor.dewas", "a long enough one", name_en="Auditor of Dewas")
        Posting.objects.create(user=user, role="auditor", area_code="402", from_on=date(2016, 1, 1))
    client = Client()
    client.force_login(user)
    client.cookies["haqdar_language"] = "en"
    text = text_of(client.get("/desk/audit/"))
    assert "10.1.2.3" not in text
    found = client.post("/desk/audit/find", {"member": f"{state['members'][HOME][0]:09d}"})
    assert found["Location"].endswith("person=unknown")


def test_every_verb_has_words() -> None:
    assert set(MAY) - set(WORDS) == set()


def test_a_page_stays_fast_with_many_events(
    client_of: Callable[..., Client], state: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    look(state["people"][HOME][0], 60)
    auditor = client_of("auditor")
    with django_assert_max_num_queries(16):
        auditor.get(f"/desk/audit/?person={state['people'][HOME][0]}")
