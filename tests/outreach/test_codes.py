"""One-time codes, limits, spent challenges: what is good once is good once, also for many at a time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from haqdar.outreach import limits, outbox
from haqdar.outreach.codes import (
    MOST_AN_HOUR,
    MOST_WRONG,
    CodeOver,
    TooManyCodes,
    WrongCode,
    check_code,
    send_code,
)
from haqdar.outreach.models import Attempt, Message, OneTimeCode
from haqdar.registry.sealing import sealer

NUMBER = "9826012345"


def _sent() -> str:
    message = Message.objects.filter(template="code").latest("queued_at")
    return "".join(letter for letter in outbox.text_of(message).split("।")[0] if letter.isdecimal())


@pytest.mark.django_db
def test_a_code_is_good_once() -> None:
    assert send_code("prove", "somebody", NUMBER, "hi", None).shown == "", "shown over real data"
    code = _sent()
    assert len(code) == 6
    check_code("prove", "somebody", f" {code[:3]} {code[3:]} ")
    with pytest.raises(CodeOver):
        check_code("prove", "somebody", code)


@pytest.mark.django_db
def test_a_code_is_for_one_purpose_and_one_subject() -> None:
    send_code("prove", "somebody", NUMBER, "hi", None)
    for purpose, subject in (("apply", "somebody"), ("prove", "somebody else")):
        with pytest.raises(CodeOver):
            check_code(purpose, subject, _sent())


@pytest.mark.django_db
def test_five_wrong_tries_end_a_code() -> None:
    send_code("prove", "somebody", NUMBER, "hi", None)
    code = _sent()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(MOST_WRONG):
        with pytest.raises(WrongCode):
            check_code("prove", "somebody", wrong)
    with pytest.raises(CodeOver):
        check_code("prove", "somebody", code)


@pytest.mark.django_db
def test_a_code_is_over_after_ten_minutes_and_when_a_newer_one_was_sent() -> None:
    send_code("prove", "somebody", NUMBER, "hi", None)
    first = _sent()
    send_code("prove", "somebody", NUMBER, "hi", None)
    if first != _sent():
        with pytest.raises(WrongCode):
            check_code("prove", "somebody", first)
    OneTimeCode.objects.update(expires_at=timezone.now())
    with pytest.raises(CodeOver):
        check_code("prove", "somebody", _sent())


@pytest.mark.django_db
def test_one_mobile_and_nobody_at_all_get_so_many_codes_an_hour() -> None:
    for mobile, subject in ((NUMBER, "somebody"), ("", "nobody there")):
        for _ in range(MOST_AN_HOUR):
            send_code("prove", subject, mobile, "hi", None)
        with pytest.raises(TooManyCodes):
            send_code("prove", subject, mobile, "hi", None)
    assert Message.objects.count() == MOST_AN_HOUR


@pytest.mark.django_db
def test_nobody_at_all_is_answered_like_somebody() -> None:
    send_code("prove", "nobody there", "", "hi", None)
    for _ in range(MOST_WRONG):
        with pytest.raises(WrongCode):
            check_code("prove", "nobody there", "123456")
    with pytest.raises(CodeOver):
        check_code("prove", "nobody there", "123456")


@pytest.mark.django_db
def test_a_code_is_kept_as_a_hash_only() -> None:
    send_code("prove", "somebody", NUMBER, "hi", "203.0.113.9")
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_one_time_code::text FROM outreach_one_time_code")
        row = cursor.fetchone()[0]
    assert _sent() not in row.split("prove")[1].split(",")[2] and NUMBER not in row


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_through() -> None:
    sealer()
    expires = timezone.now() + timedelta(minutes=1)

    def use(_: int) -> bool:
        try:
            return limits.spend("the same challenge", expires)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(12))) == 1


@pytest.mark.django_db
def test_a_limit_counts_by_asker_and_forgets_after_its_window() -> None:
    window = timedelta(hours=1)
    assert [limits.allowed("apply", "203.0.113.9", 3, window) for _ in range(5)] == [True] * 3 + [False] * 2
    assert limits.allowed("apply", "203.0.113.10", 3, window)
    assert limits.allowed("prove", "203.0.113.9", 3, window)
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(hours=1, minutes=1)):
        assert limits.allowed("apply", "203.0.113.9", 3, window)
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(days=2)):
        assert limits.sweep() >= 3
    assert not Attempt.objects.exists()
