"""Letters of adverse changes: sent by themselves after a month is posted, once, and withdrawn when they no longer hold."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.cases.test_stopping import LOST, SEEN
from tests.cases.village import CEO, FILES, GITA, RAM, SECRETARY, SITA, Village, case_of, on

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent
from haqdar.cases import afterwards, letters
from haqdar.cases import deciding_cases as acts
from haqdar.cases.models import AwardChange, Case, Order
from haqdar.cases.papers.wording import order_words
from haqdar.jobs import reactions, restoring
from haqdar.jobs.letters import SEND, send_letters
from haqdar.outreach.models import Message
from haqdar.outreach.outbox import text_of
from haqdar.registry import events

pytestmark = pytest.mark.django_db(transaction=True)
MOBILE = "9300000004"


@pytest.fixture
def village(tmp_path: Path) -> Village:
    return Village(tmp_path)


@pytest.fixture
def notice(village: Village) -> Case:
    """Gita's pension is to stop in November: her family's card ended."""
    village.load({"bpl.csv": LOST}, date(2016, 9, 18))
    village.run("2016-10")
    return case_of(GITA, "stop")


def died(member: int, day: date, recorded: date) -> None:
    with on(recorded):
        reactions.record_event(SECRETARY, events.checked(SECRETARY, member, "death", day))


def asked_for() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [SEND])
        (jobs,) = cursor.fetchone() or (0,)
    return int(jobs)


def give_mobiles(village: Village) -> None:
    """Everybody has a registered mobile from 2 September on."""
    rows = [row.split(",") for row in FILES["residents.csv"].splitlines()]
    place = rows[0].index("mobile")
    told = [rows[0], *([*row[:place], MOBILE, *row[place + 1 :]] for row in rows[1:])]
    village.load({"residents.csv": "".join(",".join(row) + "\n" for row in told)}, date(2016, 9, 2))


def messages(case: Case) -> list[str]:
    return list(
        Message.objects.filter(about_key=str(case.key)).order_by("id").values_list("template", flat=True)
    )


def test_posting_a_month_asks_for_its_letters_in_the_same_transaction(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked_for()
    village.run("2016-10")
    assert asked_for() == before + 1
    village.run("2016-10")
    assert asked_for() == before + 1, "nothing was posted anew"
    monkeypatch.setattr("haqdar.jobs.month.ask_for_letters", _killed)
    with pytest.raises(KeyboardInterrupt):
        village.run("2016-11")
    monkeypatch.undo()
    village.run("2016-11")
    assert asked_for() == before + 2


def _killed(*_: object, **__: object) -> Any:
    raise KeyboardInterrupt


def test_a_notice_goes_out_without_any_officer_and_only_once(village: Village, notice: Case) -> None:
    give_mobiles(village)
    with on(date(2016, 9, 20)):
        assert send_letters() == (1, 0)
        assert send_letters() == (0, 0)
    order = Order.objects.get(case=notice)
    assert (order.kind, order.scheme, order.from_on, order.data["until_on"]) == (
        "notice", "IGNWPS", date(2016, 11, 1), "2016-10-31",
    )  # fmt: skip
    assert order.data["reasons"] == [
        {"en": afterwards.REASON_WORDS["bpl_lost"].en, "hi": afterwards.REASON_WORDS["bpl_lost"].hi}
    ]
    assert order.data["criteria"], "says which condition fails"
    message = Message.objects.get(about_key=str(notice.key))
    assert message.template == "stop_notice"
    assert order.number in text_of(message)
    assert AuditEvent.objects.filter(verb="order.issue", object_key=str(order.key)).count() == 1
    with on(date(2016, 9, 22)):
        case = acts.confirm_stop(CEO, notice.key)
    assert case.outcome == "confirmed"
    assert Order.objects.filter(case=notice).count() == Message.objects.count() == 1
    # the notice runs out: what it said is done, nothing more is sent and nothing withdrawn
    village.run("2016-11")
    assert AwardChange.objects.filter(member_id=GITA, kind="stop").exists()
    village.run("2016-12")
    with on(date(2016, 11, 21)):
        assert send_letters() == (0, 0)
    order.refresh_from_db()
    assert order.cancelled_at is None


def test_an_officer_who_was_first_sends_the_only_letter(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 22)):
        acts.confirm_stop(CEO, notice.key)
        assert send_letters() == (0, 0)
    assert Order.objects.get(case=notice).issued_by == "ceo"


def test_a_notice_that_ran_out_unconfirmed_stays_valid_and_its_case_on_the_desk(
    village: Village, notice: Case
) -> None:
    with on(date(2016, 9, 20)):
        send_letters()
    for month, day in (("2016-11", date(2016, 10, 21)), ("2016-12", date(2016, 11, 21))):
        village.run(month)
        with on(day):
            assert send_letters() == (0, 0)
    notice.refresh_from_db()
    assert (notice.outcome, notice.awaits) == ("", "stop.confirm")
    assert Order.objects.get(case=notice).cancelled_at is None


def test_a_notice_that_a_later_run_no_longer_lists_is_withdrawn_and_the_person_told(
    village: Village, notice: Case
) -> None:
    give_mobiles(village)
    with on(date(2016, 9, 20)):
        send_letters()
    with on(date(2016, 10, 3)):
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
    village.run("2016-11")
    with on(date(2016, 10, 21)):
        assert send_letters() == (0, 1)
        assert send_letters() == (0, 0)
    order = Order.objects.get(case=notice)
    assert (order.cancelled_by, order.cancel_reason != "") == ("letters", True)
    assert messages(notice) == ["stop_notice", "stop_withdrawn"]
    assert AuditEvent.objects.filter(verb="order.cancel", object_key=str(order.key)).count() == 1


def test_a_confirmed_notice_is_withdrawn_too_when_the_fact_was_wrong(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 22)):
        acts.confirm_stop(CEO, notice.key)
    with on(date(2016, 10, 3)):
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
    village.run("2016-11")
    with on(date(2016, 10, 21)):
        assert send_letters() == (0, 1)


def test_what_an_officer_withdraws_no_longer_holds_at_once(village: Village, notice: Case) -> None:
    with on(date(2016, 9, 20)):
        send_letters()
    with on(date(2016, 10, 3)):
        reactions.correct(SECRETARY, GITA, "bpl_add", {"card_no": "C2-NEW", "valid_from": "2016-09-16"}, SEEN)
        acts.withdraw_stop(CEO, notice.key, "fact_wrong", "The card had been renewed.")
        order = Order.objects.get(case=notice)
        assert (order.cancelled_by, order.kind) == ("ceo", "notice")
        assert send_letters() == (0, 0)


def test_a_reported_death_is_told_the_same_day_and_its_letter_falls_with_the_run_that_takes_it_back(
    village: Village,
) -> None:
    village.run("2016-10", date(2016, 9, 10))
    died(RAM, date(2016, 9, 25), date(2016, 9, 28))
    village.run("2016-11", date(2016, 10, 20))
    with on(date(2016, 10, 20)):
        # his stop only: Sita moves to a pension that pays more
        assert send_letters() == (1, 0)
    stop = Order.objects.get(case=case_of(RAM, "stop"))
    assert (stop.kind, stop.from_on, stop.issued_on) == ("stop", date(2016, 11, 1), date(2016, 10, 20))
    with on(date(2016, 10, 25)):
        restoring.restore(CEO, case_of(RAM, "stop").key, "He came to the office himself.")
    village.run("2016-11", date(2016, 10, 26))
    with on(date(2016, 10, 26)):
        issued, withdrawn = send_letters()
    assert issued == 0
    assert withdrawn >= 1
    stop.refresh_from_db()
    assert stop.cancelled_at is not None


def test_a_lower_amount_has_its_notice_with_its_own_words(village: Village) -> None:
    give_mobiles(village)
    paid_more = FILES["pensioners.csv"].replace("2015-02-01,200", "2015-02-01,250")
    village.load({"pensioners.csv": paid_more}, date(2016, 9, 3))
    village.run("2016-10", date(2016, 9, 10))
    case = case_of(SITA, "revise")
    with on(date(2016, 9, 10)):
        assert send_letters() == (1, 0)
    order = Order.objects.get(case=case)
    assert (order.kind, order.from_on) == ("notice", date(2016, 11, 1))
    assert messages(case) == ["change_notice"]
    said = str(order_words(order))
    assert "Notice before a pension becomes less" in said
    assert "stops on" not in said
    with on(date(2016, 9, 25)):
        acts.note_change(CEO, [case.key])
    assert Order.objects.filter(case=case).count() == 1
    assert messages(case) == ["change_notice"]


def test_a_run_that_was_killed_is_carried_on_without_a_second_letter(
    village: Village, notice: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(RAM, date(2016, 9, 19), date(2016, 9, 19))
    village.run("2016-10", date(2016, 9, 21))
    wanted = 2 + Case.objects.filter(kind="move", member_id=SITA).count()
    monkeypatch.setattr(letters, "AT_A_TIME", 1)
    real, done = afterwards.send_letters, 0

    def dies(actor: Any, due: Any) -> Any:
        nonlocal done
        orders = real(actor, due)
        done += 1
        if done == 2:
            # after the letter was written, before it was committed
            raise KeyboardInterrupt
        return orders

    with on(date(2016, 9, 21)):
        monkeypatch.setattr(afterwards, "send_letters", dies)
        with pytest.raises(KeyboardInterrupt):
            send_letters()
        assert Order.objects.count() == 1
        monkeypatch.setattr(afterwards, "send_letters", real)
        issued, _ = send_letters()
    assert 1 + issued == Order.objects.count()
    assert Order.objects.count() in (wanted, wanted - 1)
    assert {GITA, RAM} <= set(Order.objects.values_list("case__member_id", flat=True))


def test_one_case_that_cannot_be_told_keeps_nobody_else_from_his_letter(
    village: Village, notice: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(RAM, date(2016, 9, 19), date(2016, 9, 19))
    village.run("2016-10", date(2016, 9, 21))
    real = afterwards.send_letters

    def refuses(actor: Any, due: Any) -> Any:
        if any(one.case.member_id == RAM for one in due):
            raise ValueError("his place is gone")
        return real(actor, due)

    monkeypatch.setattr(afterwards, "send_letters", refuses)
    with on(date(2016, 9, 21)), pytest.raises(letters.LettersLeft):
        send_letters()
    assert Order.objects.filter(case=notice, kind="notice").exists()
    assert not Order.objects.filter(case__member_id=RAM).exists()


def test_letters_are_found_in_pages_and_batches(
    village: Village, notice: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    died(RAM, date(2016, 9, 19), date(2016, 9, 19))
    village.run("2016-10", date(2016, 9, 21))
    monkeypatch.setattr(letters, "_LOOKED_UP", 1)
    ticks: list[int] = []
    with on(date(2016, 9, 21)):
        issued = letters.issue_due(platform("test"), ticks.append)
    assert (issued, set(ticks)) == (len(ticks), {1})
    assert issued >= 2


def test_a_wrong_registered_number_keeps_no_letter_back(
    village: Village, notice: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        afterwards, "mobiles_of", lambda cases: dict.fromkeys([case.pk for case in cases], "12345")
    )
    with on(date(2016, 9, 20)):
        assert send_letters() == (1, 0)
    assert not Message.objects.exists()
