"""The own account: second factors, replay, lock-out, one-time passwords, sessions."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.exceptions import ValidationError
from django.test import Client
from time_machine import travel

from haqdar.access import second_factors
from haqdar.access.actions import DEMONSTRATION_PASSWORD, set_password
from haqdar.access.actors import acting, platform
from haqdar.access.models import AuditEvent, LoginAttempt, Posting, Session, User
from haqdar.access.second_factors import demonstration_code, new_recovery_codes, reseal_secrets

PASSWORD = "mangoes ripen slowly in May"


def officer(username: str = "meena", role: str = "sanctioning_officer", area: str = "4011") -> User:
    """An employee who is no demonstration account."""
    with acting(platform("test"), "user.create"):
        user = User.objects.create_user(username, PASSWORD, name_en="Meena Verma", name_hi="मीना वर्मा")
        Posting.objects.create(user=user, role=role, area_code=area, from_on=date(2014, 1, 1))
    user.refresh_from_db()
    return user


def app_of(user: User) -> str:
    """The secret of a fresh authenticator app of the account."""
    secret = second_factors.generate_totp_secret()
    second_factors.TOTP.activate(user, secret)
    return secret


def code_of(secret: str, ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead))


def log_in(client: Client, username: str, password: str = PASSWORD, **more: str) -> Any:
    client.cookies["haqdar_language"] = "en"
    return client.post("/desk/log-in", {"username": username, "password": password, **more})


def show(client: Client, code: str, path: str = "/desk/log-in/second-factor") -> Any:
    return client.post(path, {"second_factor_code": code})


def test_an_officer_without_a_second_factor_is_led_to_it(client: Client, state: dict[str, Any]) -> None:
    officer()
    assert log_in(client, "meena")["Location"] == "/desk/"
    for path in ("/desk/", "/desk/months/", "/desk/account/", f"/desk/people/{state['people']['40111'][0]}/"):
        assert client.get(path)["Location"] == "/desk/account/second-factor/set-up", path
    assert client.get("/desk/account/second-factor/set-up").status_code == 200
    page = client.get("/desk/account/second-factor/app").content.decode()
    secret = second_factors.opened(client.session["new_app"])
    assert secret[:4] in page
    wrong = client.post("/desk/account/second-factor/app", {"app_code": "000000"}).content.decode()
    assert "The code is not right" in wrong
    done = client.post("/desk/account/second-factor/app", {"app_code": code_of(secret)}).content.decode()
    assert done.count('<li class="code">') == 10
    assert client.get("/desk/months/").status_code == 302
    assert client.get("/desk/account/").status_code == 200
    kept = Authenticator.objects.get(type="totp", user__username="meena")
    assert secret not in str(kept.data)
    assert AuditEvent.objects.filter(verb="second_factor.add", actor="meena").exists()
    assert secret not in str(list(AuditEvent.objects.values_list("old", "new")))


def test_log_in_asks_for_the_second_factor(client: Client, state: dict[str, Any]) -> None:
    secret = app_of(officer())
    answer = log_in(client, "meena", next="/desk/people/")
    assert answer["Location"] == "/desk/log-in/second-factor"
    assert client.get("/desk/months/")["Location"].startswith("/desk/log-in?")
    assert show(client, code_of(secret))["Location"] == "/desk/people/"
    assert client.get("/desk/people/").status_code == 200
    assert AuditEvent.objects.get(verb="user.log_in").new == {"second_factor": "totp"}


def test_a_code_counts_once(state: dict[str, Any]) -> None:
    secret = app_of(officer())
    first, second = Client(), Client()
    log_in(first, "meena")
    log_in(second, "meena")
    code = code_of(secret)
    assert show(first, code).status_code == 302
    assert "used already" in show(second, code).content.decode()
    assert show(second, code_of(secret, ahead=1)).status_code == 302


def test_an_old_code_is_refused(client: Client, state: dict[str, Any]) -> None:
    secret = app_of(officer())
    log_in(client, "meena")
    assert "not right" in show(client, code_of(secret, ahead=-3)).content.decode()


def test_wrong_codes_lock_the_account_though_the_password_is_right(state: dict[str, Any]) -> None:
    secret = app_of(officer())
    for _ in range(5):
        client = Client()
        log_in(client, "meena")
        show(client, "123456")
    assert "Too many failed attempts" in show(client, code_of(secret)).content.decode()
    assert "Too many failed attempts" in log_in(Client(), "meena").content.decode()
    with travel(time.time() + 16 * 60):
        later = Client()
        log_in(later, "meena")
        assert show(later, code_of(secret)).status_code == 302


def test_half_a_log_in_is_over_after_ten_minutes(client: Client, state: dict[str, Any]) -> None:
    secret = app_of(officer())
    log_in(client, "meena")
    with travel(time.time() + 11 * 60):
        assert show(client, code_of(secret))["Location"] == "/desk/log-in"


def test_a_recovery_code_works_once(client: Client, state: dict[str, Any]) -> None:
    user = officer()
    app_of(user)
    code = new_recovery_codes(platform(), user)[0]
    log_in(client, "meena")
    assert show(client, f"{code[:5]} {code[5:]}").status_code == 302
    other = Client()
    log_in(other, "meena")
    assert "not right" in show(other, code).content.decode()
    assert second_factors.recovery_codes_left(user) == 9


def test_a_demonstration_account_reads_without_and_acts_with(client: Client, state: dict[str, Any]) -> None:
    assert log_in(client, "state", DEMONSTRATION_PASSWORD)["Location"] == "/desk/"
    assert client.get("/desk/runs/").status_code == 200
    away = client.get("/desk/runs/new")
    assert away["Location"] == "/desk/account/second-factor?next=%2Fdesk%2Fruns%2Fnew"
    page = client.get(away["Location"]).content.decode()
    code = demonstration_code(User.objects.get(username="state"))
    assert code and code.wait == 0 and code.code in page and "Demonstration only" in page
    back = client.post(
        "/desk/account/second-factor", {"second_factor_code": code.code, "next": "/desk/runs/new"}
    )
    assert back["Location"] == "/desk/runs/new"
    assert client.get("/desk/runs/new").status_code == 200
    after = demonstration_code(User.objects.get(username="state"))
    assert after and after.code != code.code


def test_a_posted_form_is_carried_through_the_second_factor(client: Client, state: dict[str, Any]) -> None:
    log_in(client, "state", DEMONSTRATION_PASSWORD)
    asked = client.post("/desk/runs/new", {"month": "2016-11"}).content.decode()
    assert 'name="month" value="2016-11"' in asked
    code = demonstration_code(User.objects.get(username="state"))
    assert code is not None
    page = client.post("/desk/runs/new", {"month": "2016-11", "second_factor_code": code.code})
    assert "Run November 2016?" in page.content.decode()


def test_the_code_is_never_shown_for_real_accounts_or_in_production(
    client: Client, state: dict[str, Any], settings: Any
) -> None:
    user = officer()
    app_of(user)
    assert demonstration_code(user) is None
    settings.PRODUCTION = True
    assert demonstration_code(User.objects.get(username="state")) is None


def test_demonstration_accounts_keep_their_password_and_app(client_of: Callable[..., Client]) -> None:
    client = client_of("block")
    assert client.get("/desk/account/password").status_code == 400
    assert client.get("/desk/account/second-factor/app").status_code == 400
    app = Authenticator.objects.get(user__username="block", type="totp")
    assert client.post(f"/desk/account/second-factor/{app.pk}/remove").status_code == 400
    assert Authenticator.objects.filter(pk=app.pk).exists()


def test_the_last_factor_of_an_officer_stays(client: Client, state: dict[str, Any]) -> None:
    user = officer()
    secret = app_of(user)
    log_in(client, "meena")
    show(client, code_of(secret))
    app = Authenticator.objects.get(user=user)
    refused = client.post(f"/desk/account/second-factor/{app.pk}/remove")
    assert refused.status_code == 400
    assert "this is your last one" in refused.content.decode()


def test_a_one_time_password_opens_one_page(client: Client, state: dict[str, Any]) -> None:
    user = officer("sita", role="secretary", area="40111")
    set_password(platform(), user, "given-by-the-office-once", one_time=True)
    log_in(client, "sita", "given-by-the-office-once")
    for path in ("/desk/", "/desk/months/", "/desk/account/"):
        assert client.get(path)["Location"] == "/desk/account/password"
    for new, sentence in (
        ("too short", "too short"),
        ("given-by-the-office-once", "Choose another password"),
        ("111111111111111", "tried first"),
    ):
        form = {"old_password": "given-by-the-office-once", "new_password": new}
        assert sentence in client.post("/desk/account/password", form).content.decode(), new
    form = {"old_password": "given-by-the-office-once", "new_password": PASSWORD}
    assert client.post("/desk/account/password", form).status_code == 302
    assert client.get("/desk/months/2016-10/").status_code == 200
    user.refresh_from_db()
    assert not user.password_is_one_time
    assert PASSWORD not in str(list(AuditEvent.objects.values_list("old", "new")))


def test_a_new_password_ends_other_sessions(state: dict[str, Any]) -> None:
    officer("sita", role="secretary", area="40111")
    here, elsewhere = Client(), Client()
    log_in(here, "sita")
    log_in(elsewhere, "sita")
    form = {"old_password": PASSWORD, "new_password": "another sentence about rain"}
    assert here.post("/desk/account/password", form).status_code == 302
    assert here.get("/desk/account/").status_code == 200
    assert elsewhere.get("/desk/account/")["Location"].startswith("/desk/log-in")
    assert Session.objects.filter(session_key__isnull=False).count() == 1


def test_sessions_are_listed_and_ended(state: dict[str, Any]) -> None:
    here, elsewhere, third = Client(), Client(), Client()
    for client in (here, elsewhere, third):
        log_in(client, "gp", DEMONSTRATION_PASSWORD)
    page = here.get("/desk/account/").content.decode()
    assert page.count("Log it out") == 2 and "this one" in page
    other = Session.objects.get(session_key=elsewhere.session.session_key)
    here.post(f"/desk/account/sessions/{other.key}/end")
    assert elsewhere.get("/desk/months/2016-10/").status_code == 302
    assert third.get("/desk/months/2016-10/").status_code == 200
    here.post("/desk/account/sessions/end")
    assert third.get("/desk/months/2016-10/").status_code == 302
    assert here.get("/desk/months/2016-10/").status_code == 200
    assert AuditEvent.objects.filter(verb="session.end", actor="gp").count() == 2


def test_nobody_ends_a_session_of_somebody_else(client_of: Callable[..., Client]) -> None:
    victim, client = client_of("block"), client_of("gp")
    theirs = Session.objects.get(session_key=victim.session.session_key)
    client.post(f"/desk/account/sessions/{theirs.key}/end")
    assert victim.get("/desk/account/").status_code == 200


def test_the_language_of_the_account_is_used_at_log_in(state: dict[str, Any]) -> None:
    with acting(platform("test"), "user.language"):
        User.objects.filter(username="gp").update(language="en")
    client = Client()
    client.post("/desk/log-in", {"username": "gp", "password": DEMONSTRATION_PASSWORD})
    assert client.cookies["haqdar_language"].value == "en"


@pytest.mark.parametrize(
    ("role", "password", "allowed"),
    [
        ("secretary", "fourteen chars", False),
        ("secretary", "fifteen letters", True),
        ("sanctioning_officer", "twelve chars", True),
        ("sanctioning_officer", "eleven char", False),
        ("secretary", "834729163520475", True),
        ("secretary", "meena verma meena", False),
    ],
)
def test_length_counts_and_nothing_else(
    state: dict[str, Any], role: str, password: str, allowed: bool
) -> None:
    user = officer(role=role, area="40111" if role == "secretary" else "4011")
    if allowed:
        set_password(platform(), user, password)
        assert user.check_password(password)
    else:
        with pytest.raises(ValidationError):
            set_password(platform(), user, password)


def test_secrets_survive_another_master_key(state: dict[str, Any], settings: Any) -> None:
    user = officer()
    secret = app_of(user)
    settings.HAQDAR_PREVIOUS_SECRET, settings.HAQDAR_SECRET = settings.HAQDAR_SECRET, b"x" * 40
    assert reseal_secrets() > 0
    settings.HAQDAR_PREVIOUS_SECRET = None
    assert get_adapter().decrypt(Authenticator.objects.get(user=user).data["secret"]) == secret


def test_failed_attempts_are_shown_to_the_officer(state: dict[str, Any]) -> None:
    log_in(Client(), "gp", "wrong")
    client = Client()
    log_in(client, "gp", DEMONSTRATION_PASSWORD)
    page = client.get("/desk/account/").content.decode()
    assert "refused" in page and "accepted" in page
    assert LoginAttempt.objects.filter(username="gp", succeeded=False).count() == 1


def test_no_stock_page_of_the_library_has_an_address(client: Client, db: None) -> None:
    for path in ("/accounts/login/", "/accounts/2fa/", "/login/", "/2fa/totp/activate/"):
        assert client.get(path).status_code == 404
