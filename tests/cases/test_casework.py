"""An act on a case: only what it waits for, only within the own area, four eyes, every step and event kept."""

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from haqdar.access.actors import Actor, Grant, NotYourFunction, OutsideYourArea
from haqdar.access.models import Area, AuditEvent
from haqdar.cases.casework import AlreadyMoved, Opened, SameOfficer, advance, case_by_key, open_case, steps_of
from haqdar.cases.models import Case, CaseStep

pytestmark = pytest.mark.django_db

PUBLIC = Actor(user_id=None, name="public")


def officer(name: str, *grants: Grant) -> Actor:
    return Actor(
        user_id=1,
        name=name,
        roles=frozenset(grant.role for grant in grants),
        area_paths=tuple(sorted(str(grant.path) for grant in grants)),
        grants=grants,
    )


@pytest.fixture
def case() -> Case:
    for code, path in (("B1", "/S/B1/"), ("B2", "/S/B2/")):
        Area.objects.create(area_code=code, kind="block", name_en=code, path=path, depth=2)
    return open_case(
        PUBLIC, "application.submit", Opened(kind="application", area_code="B1", mobile="9812345678")
    )


def test_verified_by_one_and_sanctioned_by_another(case: Case) -> None:
    alice = officer("alice", Grant("secretary", "/S/B1/"), Grant("sanctioning_officer", "/S/B1/"))
    bob = officer("bob", Grant("sanctioning_officer", "/S/B1/"))
    advance(alice, case.key, "case.verify", awaits="case.sanction", note="seen at home")
    with pytest.raises(SameOfficer):
        advance(alice, case.key, "case.sanction", outcome="sanctioned", not_after=("case.verify",))
    closed = advance(bob, case.key, "case.sanction", outcome="sanctioned", not_after=("case.verify",))
    assert closed.closed_at is not None and closed.awaits == ""
    with pytest.raises(AlreadyMoved):
        advance(bob, case.key, "case.sanction", outcome="sanctioned")
    assert [(step.verb, step.actor) for step in steps_of(closed)] == [
        ("application.submit", "public"),
        ("case.verify", "alice"),
        ("case.sanction", "bob"),
    ]
    verbs = AuditEvent.objects.filter(object_key=str(case.key)).order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["application.submit", "case.verify", "case.sanction"]


def test_a_posting_lends_its_function_in_its_own_area_only(case: Case) -> None:
    # sanctions in B2, audits in B1: that is no sanctioning in B1
    charlie = officer("charlie", Grant("sanctioning_officer", "/S/B2/"), Grant("auditor", "/S/B1/"))
    assert case_by_key(charlie, case.key).pk == case.pk
    assert charlie.may("case.sanction") and not charlie.may_in("case.sanction", "/S/B1/")
    with pytest.raises(OutsideYourArea):
        advance(charlie, case.key, "case.sanction", expected="case.verify", outcome="sanctioned")
    delegated = officer("dora", Grant("secretary", "/S/B1/", frozenset({"case.view"})))
    with pytest.raises(NotYourFunction):
        advance(delegated, case.key, "case.verify", awaits="case.sanction")
    case.refresh_from_db()
    assert case.awaits == "case.verify"


def test_steps_are_only_added_and_the_mobile_is_sealed(case: Case) -> None:
    step = CaseStep.objects.get(case=case)
    with pytest.raises(DatabaseError):
        CaseStep.objects.filter(pk=step.pk).update(note="edited")


def test_no_mobile_in_clear(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c)::text FROM cases_case c")
        (row,) = cursor.fetchone() or ("",)
    assert "9812345678" not in row and case.contact_last4 == "5678"
