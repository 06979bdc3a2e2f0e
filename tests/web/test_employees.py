"""The office administrator: accounts, postings with days, delegated functions, locking, resetting."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.web.test_accounts import PASSWORD, app_of, log_in, officer

from haqdar.access.actions import set_password
from haqdar.access.actors import acting, platform
from haqdar.access.models import AuditEvent, LoginAttempt, Posting, Session, User
from haqdar.access.queries import actor_of, has_second_factor


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def today() -> date:
    return timezone.localdate()


def form(role: str, area: str, functions: list[str], **more: str) -> dict[str, Any]:
    return {
        "posted": "1",
        "role": role,
        "area": area,
        "from_on": today().isoformat(),
        "functions": functions,
        **more,
    }


VERIFIER = {"username": "Ramesh.Patel", "name_en": "Ramesh Patel", "name_hi": "रमेश पटेल"}


def test_a_new_employee_from_account_to_own_password(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    assert "Which function?" in text(admin.get("/desk/employees/new"))
    page = text(admin.get("/desk/employees/new?role=verifier"))
    assert "Verify a case" in page and "Sanction a pension" not in page
    made = text(
        admin.post("/desk/employees/new", form("verifier", "Ashta", ["case.verify", "desk.view"], **VERIFIER))
    )
    password = re.search(r'id="one-time-password"[^>]*>([a-z0-9-]+)<', made)
    assert password, made[:2000]
    user = User.objects.get(username="ramesh.patel")
    post = user.postings.get()
    assert (post.area_code, post.role, post.functions) == ("4011", "verifier", ["case.verify", "desk.view"])
    client = Client()
    log_in(client, "ramesh.patel", password[1])
    assert client.get("/desk/")["Location"] == "/desk/account/password"
    client.post("/desk/account/password", {"old_password": password[1], "new_password": PASSWORD})
    assert actor_of(user, None).verbs == {"case.verify", "desk.view", "own_account.manage"}
    assert client.get("/desk/people/?q=sita").status_code == 403
    said = str(list(AuditEvent.objects.values_list("old", "new")))
    assert password[1] not in said and "case.verify" in said


@pytest.mark.parametrize(
    ("role", "area", "more", "sentence"),
    [
        ("verifier", "Dewas", {}, "No area of yours"),
        ("state", "401", {}, "does not exist in Sehore"),
        ("secretary", "4011", {}, "does not exist in Ashta"),
        ("verifier", "4011", {"charge": "acting"}, "An acting charge has a last day"),
        ("verifier", "4011", {"to_on": "2001-01-01"}, "lies before the first"),
        ("verifier", "4011", {"from_on": "2001-01-01"}, "days that are over"),
        ("verifier", "4011", {"username": "x y"}, "A user name has"),
        ("verifier", "4011", {"username": "gp"}, "already an account gp"),
        ("verifier", "a", {}, "Several areas fit"),
        ("verifier", "4011", {"functions": "case.sanction"}, "does not include case.sanction"),
    ],
)
def test_what_an_administrator_cannot_do(
    role: str, area: str, more: dict[str, str], sentence: str, client_of: Callable[..., Client]
) -> None:
    answer = client_of("admin").post("/desk/employees/new", form(role, area, ["desk.view"]) | VERIFIER | more)
    assert sentence in text(answer)
    assert not User.objects.filter(username="ramesh.patel").exists()


def test_nobody_gives_powers_to_themselves(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    own = User.objects.get(username="admin")
    post = own.postings.get()
    for path in (
        "lock",
        "sign-out",
        "password",
        "second-factor",
        "postings/new",
        f"postings/{post.pk}/",
        f"postings/{post.pk}/transfer",
        f"postings/{post.pk}/end",
    ):
        answer = admin.post(f"/desk/employees/{own.key}/{path}", form("sanctioning_officer", "4011", []))
        assert answer.status_code == 400 and "This is your own account" in text(answer), path
    assert own.postings.count() == 1
    assert User.objects.get(pk=own.pk).is_active


def test_who_also_works_elsewhere_is_not_locked_from_here(client_of: Callable[..., Client]) -> None:
    client = client_of("admin")
    user = officer()
    user.refresh_from_db()
    with acting(platform("test"), "posting.start"):
        Posting.objects.create(user=user, role="auditor", area_code="23", from_on=date(2014, 1, 1))
    page = text(client.get(f"/desk/employees/{user.key}/"))
    assert "also works outside your area" in page
    for act in ("lock", "password", "second-factor", "sign-out"):
        assert client.post(f"/desk/employees/{user.key}/{act}").status_code == 403
    assert User.objects.get(pk=user.pk).is_active


def test_locking_ends_sessions_and_opening_lets_in_again(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer("sita", role="secretary", area="40111")
    user.refresh_from_db()
    client = Client()
    log_in(client, "sita")
    assert "Nobody can log in" in text(admin.get(f"/desk/employees/{user.key}/lock"))
    admin.post(f"/desk/employees/{user.key}/lock")
    assert client.get("/desk/account/").status_code == 302
    assert "do not match" in text(log_in(Client(), "sita"))
    assert Session.objects.filter(user=user, session_key__isnull=False).count() == 0
    admin.post(f"/desk/employees/{user.key}/unlock")
    assert log_in(Client(), "sita").status_code == 302
    assert list(
        AuditEvent.objects.filter(object_key="sita", actor="admin")
        .order_by("id")
        .values_list("verb", flat=True)
    ) == ["user.lock", "session.end", "user.unlock"]


def test_a_lost_phone(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer()
    user.refresh_from_db()
    app_of(user)
    admin.post(f"/desk/employees/{user.key}/second-factor")
    assert not has_second_factor(user)
    client = Client()
    log_in(client, "meena")
    assert client.get("/desk/")["Location"] == "/desk/account/second-factor/set-up"


def test_the_lock_out_can_be_ended(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer("sita", role="secretary", area="40111")
    user.refresh_from_db()
    for _ in range(5):
        log_in(Client(), "sita", "wrong")
    assert "locked out for" in text(admin.get(f"/desk/employees/{user.key}/"))
    admin.post(f"/desk/employees/{user.key}/lock-out")
    assert log_in(Client(), "sita").status_code == 302
    assert LoginAttempt.objects.filter(username="sita", step="lifted").count() == 1


def test_a_posting_that_begins_next_week_opens_nothing_today(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    week = (today() + timedelta(days=7)).isoformat()
    admin.post("/desk/employees/new", form("verifier", "4011", ["case.verify"], **VERIFIER, from_on=week))
    user = User.objects.get(username="ramesh.patel")
    set_password(platform("test"), user, PASSWORD)
    assert "no current posting" in text(log_in(Client(), "ramesh.patel"))
    assert actor_of(user, None).verbs == frozenset()
    assert "Begins later" in text(admin.get("/desk/employees/?state=coming"))


def test_a_transfer_leaves_no_day_out(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer()
    user.refresh_from_db()
    old = user.postings.get()
    day = today() + timedelta(days=10)
    answer = admin.post(
        f"/desk/employees/{user.key}/postings/{old.pk}/transfer",
        form("sanctioning_officer", "4012", ["case.sanction"], from_on=day.isoformat()),
        follow=True,
    )
    assert "No day is left without a posting" in text(answer)
    old.refresh_from_db()
    new = user.postings.exclude(pk=old.pk).get()
    assert (old.to_on, new.from_on, new.area_code) == (day - timedelta(days=1), day, "4012")
    page = text(answer)
    assert page.count("admin</td>") == 2, "the history names who did it"


def test_an_acting_charge_ends_by_itself(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer("sita", role="secretary", area="40111")
    user.refresh_from_db()
    last = today() + timedelta(days=5)
    admin.post(
        f"/desk/employees/{user.key}/postings/new",
        form("secretary", "40112", ["case.verify"], charge="acting", to_on=last.isoformat()),
    )
    assert "40112" in str(actor_of(user, None).area_paths)
    assert "40112" not in str(actor_of(user, None, last + timedelta(days=1)).area_paths)


def test_tasks_are_taken_back_and_given(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer()
    user.refresh_from_db()
    post = user.postings.get()
    path = f"/desk/employees/{user.key}/postings/{post.pk}/"
    admin.post(path, {"functions": ["case.note", "desk.view"], "to_on": ""})
    assert not actor_of(user, None).may("case.sanction")
    assert "Choose at least one task" in text(admin.post(path, {"to_on": ""}))
    every = re.findall(r'name="functions" value="([a-z_.]+)"', admin.get(path).content.decode())
    admin.post(path, {"functions": every, "to_on": ""})
    post.refresh_from_db()
    assert post.functions is None


def test_ending_a_posting(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    user = officer("sita", role="secretary", area="40111")
    user.refresh_from_db()
    post = user.postings.get()
    path = f"/desk/employees/{user.key}/postings/{post.pk}/end"
    assert "can no longer log in" in text(admin.get(path))
    admin.post(path, {"to_on": (today() - timedelta(days=1)).isoformat()})
    assert "no current posting" in text(log_in(Client(), "sita"))
    assert "is over and stays" in text(admin.post(path, {"to_on": today().isoformat()}))


def test_the_list_filters_and_downloads(client_of: Callable[..., Client]) -> None:
    admin = client_of("admin")
    officer()
    page = text(admin.get("/desk/employees/"))
    assert "meena" in page and ">state<" not in page
    assert "meena" in text(admin.get("/desk/employees/?state=unprotected"))
    assert "Nobody fits." in text(admin.get("/desk/employees/?q=zzz"))
    assert "meena" not in text(admin.get("/desk/employees/?role=secretary"))
    rows = b"".join(admin.get("/desk/employees/download").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert rows[0].startswith("username,name_en,")
    assert any(row.startswith("meena,Meena Verma,मीना वर्मा,now,missing,") for row in rows)
    assert not any(row.startswith("state,") for row in rows)
