"""Changes of accounts, posts and cases: kept with who made them, what was before, and refused when nobody is named."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from haqdar.access.actions import create_account, post
from haqdar.access.actors import Actor, acting, platform
from haqdar.access.models import Area, Posting, User
from haqdar.cases.casework import Opened, advance, open_case
from haqdar.cases.models import Case

pytestmark = pytest.mark.django_db(transaction=True)

CHIEF = platform("chief")
OFFICER = Actor(
    user_id=9, name="ceo", ip="10.0.0.9", roles=frozenset({"sanctioning_officer"}), area_paths=None
)


def case() -> Case:
    return open_case(
        CHIEF, "application.submit", Opened(kind="application", area_code=None, scheme="IGNOAPS")
    )


def history(model: str) -> list[Any]:
    app, name = model.split(".")
    return list(apps.get_model(app, name).objects.order_by("pgh_id").select_related("pgh_context"))


def test_nobody_changes_an_account_a_posting_or_a_case() -> None:
    user = create_account(CHIEF, "meena", "a long enough one", "Meena")
    Area.objects.create(area_code="23", kind="state", name_en="S", path="/23/", depth=0)
    posting = post(CHIEF, user, "ddo", "23", date(2016, 1, 1))
    one = case()
    attempts = (
        lambda: User.objects.create_user("nobody", name_en="Nobody"),
        lambda: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda: Posting.objects.create(user=user, role="state", area_code="23", from_on=date(2016, 1, 1)),
        lambda: Posting.objects.filter(pk=posting.pk).update(role="state"),
        lambda: posting.delete(),
        lambda: Case.objects.filter(pk=one.pk).update(awaits="case.sanction"),
        lambda: Case.objects.filter(pk=one.pk)._raw_delete("default"),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError, match="nobody is named"):
            attempt()
    # logging in changes nothing that counts
    User.objects.filter(pk=user.pk).update(last_login="2026-01-01T00:00Z")


def test_a_bulk_change_of_posts_is_kept_row_by_row_with_the_actor() -> None:
    user = create_account(CHIEF, "meena", "a long enough one", "Meena")
    with acting(CHIEF, "posting.start"):
        for code in ("a", "b", "c"):
            Posting.objects.create(user=user, role="ddo", area_code=code, from_on=date(2016, 1, 1))
    with acting(OFFICER, "posting.end"):
        Posting.objects.update(to_on=date(2016, 2, 1))
    ended = [one for one in history("access.PostingEvent") if one.pgh_label == "update"]
    assert [one.to_on for one in ended] == [date(2016, 2, 1)] * 3
    assert {one.pgh_context.metadata["user"] for one in ended} == {"ceo"}
    assert {one.pgh_context.metadata["ip"] for one in ended} == {"10.0.0.9"}


def test_what_a_case_was_before_each_change_is_kept() -> None:
    one = case()
    assert history("cases.CaseEvent") == [], "an insertion says all itself"
    advance(CHIEF, one.key, "case.verify", awaits="case.sanction")
    (was,) = history("cases.CaseEvent")
    assert (was.pgh_label, was.awaits, was.pgh_obj_id) == ("update", "case.verify", one.pk)
    assert was.pgh_context.metadata == {"user": "chief", "ip": None, "function": "case.verify"}


def test_a_refresh_that_changes_nothing_but_the_run_is_no_change() -> None:
    one = case()
    with acting(CHIEF, "month.run"), connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET run_id = NULL, reason = reason WHERE id = %s", [one.pk])
    assert history("cases.CaseEvent") == []


def test_history_itself_cannot_be_edited() -> None:
    create_account(CHIEF, "meena", "a long enough one", "Meena")
    for statement in ("UPDATE access_userevent SET name_en = 'X'", "DELETE FROM access_userevent"):
        with pytest.raises(DatabaseError), connection.cursor() as cursor:
            cursor.execute(statement)
