"""Logging in and out: refusals, lock-out, a new session, the way back."""

from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils.html import escape

from haqdar.access.actions import DEMONSTRATION_PASSWORD, LockedOut
from haqdar.access.models import AuditEvent


def _log_in(client: Client, username: str, password: str, **more: str) -> Any:
    client.cookies["haqdar_language"] = "en"
    return client.post("/desk/log-in", {"username": username, "password": password, **more})


def test_right_password_leads_to_the_page_asked_for(client: Client, state: dict[str, Any]) -> None:
    response = _log_in(client, "District ", DEMONSTRATION_PASSWORD, next="/desk/people/")
    assert response.status_code == 302
    assert response["Location"] == "/desk/people/"
    assert AuditEvent.objects.filter(verb="user.log_in", actor="district").exists()


def test_a_foreign_address_is_not_followed(client: Client, state: dict[str, Any]) -> None:
    response = _log_in(client, "district", DEMONSTRATION_PASSWORD, next="https://elsewhere.example/")
    assert response["Location"] == "/desk/"


def test_the_session_is_renewed(client: Client, state: dict[str, Any]) -> None:
    client.get("/desk/log-in")
    before = client.session
    before["mark"] = 1
    before.save()
    old = before.session_key
    _log_in(client, "district", DEMONSTRATION_PASSWORD)
    assert client.session.session_key != old


def test_wrong_password_says_not_which_is_wrong(client: Client, state: dict[str, Any]) -> None:
    wrong_name = _log_in(client, "nobody-here", "x").content.decode()
    wrong_word = _log_in(client, "district", "x").content.decode()
    sentence = "The user name and password do not match."
    assert sentence in wrong_name and sentence in wrong_word


def test_five_failures_lock_the_account(client: Client, state: dict[str, Any]) -> None:
    for _ in range(5):
        _log_in(client, "gp", "wrong")
    text = _log_in(client, "gp", DEMONSTRATION_PASSWORD).content.decode()
    assert escape(LockedOut(minutes=15).en) in text
    assert _log_in(client, "block", DEMONSTRATION_PASSWORD).status_code == 302


def test_logging_out_needs_a_post(client: Client, state: dict[str, Any]) -> None:
    _log_in(client, "district", DEMONSTRATION_PASSWORD)
    assert client.get("/desk/log-out").status_code == 405
    client.post("/desk/log-out")
    assert client.get("/desk/months/").status_code == 302


def test_weak_passwords_are_refused(db: None) -> None:
    for word in ("short", "123456789012", "password1234"):
        with pytest.raises(ValidationError):
            validate_password(word)


def test_the_audit_trail_cannot_be_edited(client: Client, state: dict[str, Any]) -> None:
    _log_in(client, "district", DEMONSTRATION_PASSWORD)
    event = AuditEvent.objects.get(verb="user.log_in")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(actor="somebody")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()


def test_an_edit_behind_the_trigger_is_detected(client: Client, state: dict[str, Any]) -> None:
    import pgtrigger

    from haqdar.access.actors import platform
    from haqdar.access.chain_check import Checked, Finding, verify

    _log_in(client, "district", DEMONSTRATION_PASSWORD)
    assert list(verify(platform(), Checked())) == []
    event = AuditEvent.objects.get(verb="user.log_in")
    with pgtrigger.ignore("access.AuditEvent:append_only"):
        AuditEvent.objects.filter(pk=event.pk).update(actor="somebody")
    assert list(verify(platform(), Checked())) == [Finding("edited", str(event.pk), "access_audit_event")]


def test_headers_forbid_foreign_scripts(client: Client, state: dict[str, Any]) -> None:
    response = client.get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"


def test_without_a_database_a_page_says_so(client: Client, state: dict[str, Any], monkeypatch: Any) -> None:
    from django.db import OperationalError

    from haqdar.web import middleware

    def gone(*_: object) -> None:
        raise OperationalError("connection refused")

    _log_in(client, "district", DEMONSTRATION_PASSWORD)
    monkeypatch.setattr(middleware, "actor_of", gone)
    response = client.get("/desk/months/2016-10/")
    assert response.status_code == 503
    assert "The database does not answer. Nothing was lost." in response.content.decode()


def test_changes_of_accounts_and_postings_are_kept_with_who_and_why(state: dict[str, Any]) -> None:
    from datetime import date

    from django.apps import apps

    from haqdar.access.actions import post
    from haqdar.access.actors import Actor
    from haqdar.access.models import User

    chief = Actor(user_id=1, name="chief", ip="10.0.0.9")
    post(chief, User.objects.get(username="gp"), "secretary", "40112", date(2016, 10, 1))
    event = apps.get_model("access", "PostingEvent").objects.latest("pgh_id")
    assert (event.pgh_label, event.area_code) == ("insert", "40112")
    assert event.pgh_context.metadata == {"user": "chief", "ip": "10.0.0.9", "function": "posting.start"}
