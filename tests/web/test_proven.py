"""A citizen proves who they are: the same pages for everybody, a session of their own, the robot check, limits."""

import base64
import json
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from altcha import v1
from django.test import Client, RequestFactory
from django.utils import timezone

from haqdar.access.models import User
from haqdar.outreach import outbox
from haqdar.outreach.models import Message
from haqdar.registry.models import Resident, ResidentBelief
from haqdar.web import robot
from haqdar.web.citizen.proven import citizen_actor, proven_resident

NUMBER = "9826012345"


@pytest.fixture
def citizen(state: dict[str, Any]) -> Resident:
    """Sita Bai, with a mobile; the data are taken for real ones."""
    User.objects.filter(is_demonstration=True).update(is_demonstration=False)
    resident = Resident.objects.get(key=state["people"]["40111"][0])
    belief = ResidentBelief.objects.get(member_id=resident.member_id, belief_no=1)
    values = {
        field.attname: getattr(belief, field.attname)
        for field in ResidentBelief._meta.concrete_fields
        if field.attname not in ("pk", "belief_no", "mobile")
    }
    ResidentBelief.objects.create(**values, belief_no=2, mobile=NUMBER)
    return resident


def _code() -> str:
    text = outbox.text_of(Message.objects.filter(template="code").latest("queued_at"))
    return "".join(letter for letter in text[: text.index(".")] if letter.isdecimal())


def _client() -> Client:
    client = Client()
    client.cookies["haqdar_language"] = "en"
    return client


def _prove(client: Client, number: object, next: str = "/check") -> None:
    client.post("/prove", {"number": number, "next": next})
    client.post("/prove/code", {"code": _code()})


def test_right_code_lets_in_and_leads_on(citizen: Resident) -> None:
    client = _client()
    answer = client.post("/prove", {"number": f"{citizen.member_id:09d}", "next": "/check"})
    assert answer["Location"] == "/prove/code"
    before = client.session.session_key
    assert NUMBER[-4:] not in client.get("/prove/code").content.decode()
    answer = client.post("/prove/code", {"code": _code()})
    assert answer["Location"] == "/check"
    assert client.session.session_key != before, "the session kept its key"
    assert client.session["citizen"]["resident"] == str(citizen.key)


def test_who_does_not_exist_sees_the_same_pages(citizen: Resident) -> None:
    pages = []
    for number in (citizen.member_id, 999_999_999):
        client = _client()
        client.post("/prove", {"number": f"{number:09d}"})
        first = client.get("/prove/code")
        wrong = client.post("/prove/code", {"code": "12345"})
        pages.append(
            [
                line
                for page in (first, wrong)
                for line in page.content.decode().splitlines()
                if "csrfmiddlewaretoken" not in line
            ]
        )
    assert pages[0] == pages[1]


def test_next_leads_to_this_site_only(citizen: Resident) -> None:
    for elsewhere in ("https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"):
        client = _client()
        _prove(client, citizen.member_id, elsewhere)
        assert "citizen" in client.session
        client.post("/prove", {"number": citizen.member_id, "next": elsewhere})
        assert client.session["proving"]["next"] == "/"
        Message.objects.all().delete()
        from haqdar.outreach.models import OneTimeCode

        OneTimeCode.objects.all().delete()


def test_proof_ends_after_twenty_minutes_and_when_the_person_is_done(citizen: Resident) -> None:
    client = _client()
    _prove(client, citizen.member_id)
    request = RequestFactory().get("/")
    request.session = client.session  # type: ignore[attr-defined]
    assert proven_resident(request) == citizen.key
    assert citizen_actor(request).name == f"citizen:{citizen.key}"
    assert not citizen_actor(request).verbs
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=21)):
        assert proven_resident(request) is None
    session = client.session
    session["own_cases"] = ["a case let into by its mobile"]
    session.save()
    client.post("/prove/end")
    assert not {"citizen", "proving", "own_cases"} & set(client.session.keys())


def _solved(**changes: Any) -> str:
    made = robot.challenge()
    number = next(
        n
        for n in range(made["maxNumber"] + 1)
        if v1.hash_hex("SHA-256", f"{made['salt']}{n}".encode()) == made["challenge"]
    )
    return base64.b64encode(json.dumps({**made, "number": number} | changes).encode()).decode()


@pytest.mark.django_db
def test_a_proof_of_work_counts_once() -> None:
    proof = _solved()
    assert robot.proof_holds(proof)
    assert not robot.proof_holds(proof), "it was taken twice"


@pytest.mark.django_db
def test_what_is_no_proof_of_work() -> None:
    wrong = [
        "",
        "x",
        "e30=",
        base64.b64encode(b"[1]").decode(),
        base64.b64encode(b"[" * 3000).decode(),
        _solved(number=-1),
        _solved(number="1"),
        _solved(number=True),
        _solved(signature="0" * 64),
        _solved(algorithm="SHA-1"),
        _solved(salt="abc?expires=99999999999&"),
        "A" * 5000,
    ]
    assert [proof for proof in wrong if robot.proof_holds(proof)] == []
    proof = _solved()
    with mock.patch("time.time", return_value=(timezone.now() + timedelta(hours=2)).timestamp()):
        assert not robot.proof_holds(proof), "it was taken after its time"


def test_a_flood_of_posts_is_asked_for_patience(citizen: Resident) -> None:
    client = _client()
    client.cookies["haqdar_language"] = "hi"
    answers = [client.post("/prove", {"number": "1"}).status_code for _ in range(61)]
    assert answers[:60] == [200] * 60 and answers[60] == 429
    page = client.post("/prove", {"number": "1"})
    assert "थोड़ा रुकें" in page.content.decode() and int(page["Retry-After"]) > 0
    assert client.get("/prove").status_code == 200
