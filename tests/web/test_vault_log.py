"""The vault's log as a page: who asked about whom is told, no number is, and looking is written down."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from haqdar.access.actors import platform
from haqdar.vault import store

HOME = "40111"
NUMBER = "999912345604"


@pytest.fixture
def asked_about(state: dict[str, Any]) -> str:
    """Somebody opened the number of a member for a payment file; gives the member's key."""
    ref = store.refer(platform("test"), NUMBER, "ekyc")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # of the rows that were just put there
        cursor.execute("ALTER TABLE registry_resident_belief DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE registry_resident_belief SET aadhaar_ref = %s, aadhaar_last4 = %s WHERE member_id = %s",
            [ref, NUMBER[-4:], state["members"][HOME][0]],
        )
        cursor.execute("ALTER TABLE registry_resident_belief ENABLE TRIGGER USER")
    store.reveal(platform("treasurer"), [ref], "apbs_file")
    return str(state["people"][HOME][0])


def test_vault_log(client_of: Callable[..., Client], state: dict[str, Any], asked_about: str) -> None:
    auditor = client_of("auditor")
    found = auditor.post("/desk/vault/find", {"member": f"{state['members'][HOME][0]:09d}"})
    assert found["Location"] == f"/desk/vault/?person={asked_about}"
    text = auditor.get(found["Location"]).content.decode()
    assert (
        "opened numbers in clear" in text
        and "A payment file by Aadhaar number" in text
        and "treasurer" in text
    )
    assert asked_about in text and NUMBER not in text
    assert "read this log" in auditor.get(found["Location"]).content.decode(), (
        "the first look stands in the second"
    )
    assert "यही लॉग पढ़ा गया" in client_of("auditor", "hi").get("/desk/vault/").content.decode()
    assert "treasurer" not in auditor.get(f"{found['Location']}&purpose=search").content.decode()
    nobody = auditor.post("/desk/vault/find", {"member": "999999999"})
    assert "There is no person with this member ID" in auditor.get(nobody["Location"]).content.decode()
    wrong = auditor.get("/desk/vault/?from=yesterday")
    assert wrong.status_code == 400 and "year-month-day" in wrong.content.decode()
    lines = b"".join(auditor.get(f"/desk/vault/download?person={asked_about}").streaming_content).decode()
    assert "apbs_file" in lines and NUMBER not in lines
    assert client_of("gp").get("/desk/vault/").status_code == 403
