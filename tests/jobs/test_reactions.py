"""What follows an event by itself: at once, once, for whom it touches, beside a running month, after a month."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from tests.acceptance.test_late_knowledge import FILES, HUSBAND, NEIGHBOUR, WIFE

from haqdar.access.actors import platform
from haqdar.cases.models import AwardChange, MonthRun, Reaction, StandingDecision
from haqdar.cases.reactions import IN_DOUBT
from haqdar.config.commands import run
from haqdar.entitlement.determine import UnsoundFacts
from haqdar.jobs import reactions
from haqdar.jobs.tasks import carry_on_task
from haqdar.registry import events
from haqdar.registry.actions import load_folder
from haqdar.registry.models import EventBelief

pytestmark = pytest.mark.django_db
OFFICER = platform("officer")
OCTOBER, NOVEMBER, DECEMBER = date(2016, 10, 1), date(2016, 11, 1), date(2016, 12, 1)
RAM, SITA, GITA = int(HUSBAND), int(WIFE), int(NEIGHBOUR)
Shown = tuple[int, str, str | None, int | None, str, str, date | None]


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    """A couple on the BPL list who both hold the old age pension, and a widowed neighbour."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    load_folder(tmp_path, date(2016, 9, 20), tmp_path)
    return tmp_path


def run_of(month: date, **values: object) -> MonthRun:
    now = timezone.now()
    return MonthRun.objects.create(
        **{
            "month": month, "version": 1, "known_on": now.date(), "law_hash": "", "snapshot_hash": "", "inputs_hash": "",
            "state": "complete", "posted": True, "manifest": {}, "started_at": now,
            "finished_at": now, "actor": "test",
        } | values
    )  # fmt: skip


@pytest.fixture
def october(registers: Path) -> MonthRun:
    """October was run with all that."""
    return run_of(OCTOBER)


def record(member_id: int, kind: str, happened_on: date, spouse_id: int | None = None) -> int:
    event = events.checked(OFFICER, member_id, kind, happened_on, happened_on + timedelta(days=17), spouse_id)
    return reactions.record_event(OFFICER, event)


def standing(*, changed: bool = True) -> list[Shown]:
    rows = StandingDecision.objects.filter(replaced_at__isnull=True, changed=changed).order_by(
        "member_id", "pension_group"
    )
    return [
        (row.member_id, row.action, row.to_scheme, row.to_paise, row.reason, row.effect, row.effective_on)
        for row in rows
    ]


def test_a_death_stops_the_pension_at_once_and_gives_the_widow_her_own(october: MonthRun) -> None:
    number = record(RAM, "death", date(2016, 10, 3))
    assert standing() == [
        (RAM, "stop", None, None, "died", "at_once", NOVEMBER),
        # 61 years old: the widow pension of 300 pays more than the old age pension of 200 she holds
        (SITA, "move", "IGNWPS", 30000, "better_scheme", "at_once", NOVEMBER),
    ]
    answer = Reaction.objects.get(change_id=number)
    assert (answer.run_id, answer.day, answer.touched) == (october.pk, NOVEMBER, [RAM, SITA])
    assert not StandingDecision.objects.filter(member_id=GITA).exists()


def test_whatever_else_ends_a_pension_waits_for_its_notice(october: MonthRun) -> None:
    record(GITA, "remarriage", date(2016, 10, 5))
    assert standing() == [(GITA, "stop", None, None, "marital_status", "notice", DECEMBER)]


def test_a_mistake_is_undone_in_one_step(october: MonthRun) -> None:
    record(RAM, "death", date(2016, 10, 3))
    fingerprint = EventBelief.objects.get(kind="death").fingerprint
    reactions.withdraw_event(OFFICER, RAM, fingerprint)
    assert standing() == []
    assert {row[:2] for row in standing(changed=False)} == {(RAM, "continue"), (SITA, "continue")}
    replaced = StandingDecision.objects.filter(replaced_at__isnull=False)
    assert {(row.member_id, row.action) for row in replaced} == {(RAM, "stop"), (SITA, "move")}


def test_the_preview_says_what_will_be_and_writes_nothing(october: MonthRun) -> None:
    event = events.checked(OFFICER, RAM, "death", date(2016, 10, 3))
    outlook = reactions.foresee(event)
    assert outlook.changed == [(RAM, 1), (SITA, 1)]
    assert (outlook.before[SITA, 1].action, outlook.after[SITA, 1].action) == ("continue", "move")
    assert not EventBelief.objects.exists()
    assert not Reaction.objects.exists()
    number = reactions.record_event(OFFICER, event)
    taken_back = reactions.foresee_withdrawal(event)
    assert taken_back.changed == [(RAM, 1), (SITA, 1)]
    assert taken_back.after[RAM, 1].action == "continue"
    assert Reaction.objects.get().change_id == number


def test_what_a_decision_was_is_kept_from_the_first_event_on(october: MonthRun) -> None:
    record(RAM, "death", date(2016, 10, 3))
    record(SITA, "death", date(2016, 10, 9))
    row = StandingDecision.objects.get(member_id=SITA, replaced_at__isnull=True)
    assert (row.was_action, row.was_scheme, row.was_paise) == ("continue", "IGNOAPS", 20000)
    assert (row.action, row.reason) == ("stop", "died")


def test_what_months_have_changed_is_what_is_held(october: MonthRun) -> None:
    AwardChange.objects.create(
        run=october,
        member_id=GITA,
        pension_group=1,
        kind="stop",
        decided_month=OCTOBER,
        reason="migrated",
        actor="t",
    )
    record(GITA, "remarriage", date(2016, 10, 5))
    row = StandingDecision.objects.get(member_id=GITA)
    assert (row.action, row.was_action, row.was_scheme) == ("", "start", "IGNWPS")


def test_carrying_on_twice_does_nothing(october: MonthRun) -> None:
    record(RAM, "death", date(2016, 10, 3))
    before = list(StandingDecision.objects.values())
    assert reactions.carry_on() == 0
    assert list(StandingDecision.objects.values()) == before


def test_the_queued_job_does_what_a_dead_process_left_undone(october: MonthRun) -> None:
    events.record_event(OFFICER, RAM, "death", date(2016, 10, 3))
    assert standing() == []
    carry_on_task.func()
    assert [row[:2] for row in standing()] == [(RAM, "stop"), (SITA, "move")]


def test_the_job_is_queued_with_the_event_or_not_at_all(
    october: MonthRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(reactions, "carry_on", dead)
    with pytest.raises(KeyboardInterrupt):
        record(RAM, "death", date(2016, 10, 3))
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_name, task_name FROM procrastinate_jobs")
        assert cursor.fetchall() == [("reactions", "reactions.carry_on")]
    assert EventBelief.objects.filter(kind="death").exists()


def test_a_running_month_holds_nothing_up(october: MonthRun) -> None:
    with psycopg.connect(settings.HAQDAR_DSN) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('haqdar.month'))")
        record(RAM, "death", date(2016, 10, 3))
        assert [row[:2] for row in standing()] == [(RAM, "stop"), (SITA, "move")]


def test_before_the_first_month_nothing_stands(registers: Path) -> None:
    number = record(RAM, "death", date(2016, 10, 3))
    assert not Reaction.objects.exists()
    run_of(OCTOBER, started_at=timezone.now() + 2 * IN_DOUBT)
    assert reactions.carry_on() == 0, "the first run has seen it"
    assert not Reaction.objects.filter(change_id=number).exists()


def test_what_came_in_while_a_month_ran_is_compared_with_that_month(october: MonthRun) -> None:
    began = timezone.now() + IN_DOUBT
    number = record(RAM, "death", date(2016, 10, 3))
    november = run_of(NOVEMBER, started_at=began)
    assert reactions.carry_on() == 1
    assert list(Reaction.objects.filter(change_id=number).order_by("pk").values_list("run_id", "day")) == [
        (october.pk, NOVEMBER),
        (november.pk, DECEMBER),
    ]
    rows = StandingDecision.objects.filter(run=november, replaced_at__isnull=True)
    assert {(row.member_id, row.action, row.day) for row in rows} == {
        (RAM, "stop", DECEMBER),
        (SITA, "move", DECEMBER),
    }


def test_a_small_file_leads_to_the_same(october: MonthRun, tmp_path: Path) -> None:
    folder = tmp_path / "later"
    folder.mkdir()
    (folder / "events.csv").write_text(
        f"event_id,member_id,kind,happened_on,reported_on,spouse_id\nE9,{HUSBAND},death,2016-10-03,2016-10-20,\n"
    )
    (folder / "bpl.csv").write_text(
        "family_id,card_no,valid_from,valid_to\n10000002,C2,2010-01-01,2016-10-15\n"
    )
    load_folder(folder, date(2016, 10, 25), folder)
    assert reactions.carry_on() == 2
    assert [row[:2] + row[4:6] for row in standing()] == [
        (RAM, "stop", "died", "at_once"),
        (SITA, "move", "better_scheme", "at_once"),
        (GITA, "stop", "bpl_lost", "notice"),
    ]


def test_what_cannot_be_worked_out_holds_up_nothing_else(
    october: MonthRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    outlook = reactions.reactions.outlook

    def refuses_gita(members: list[int], *rest: Any) -> reactions.Outlook:
        if GITA in members:
            raise UnsoundFacts(count=1)
        return outlook(members, *rest)

    monkeypatch.setattr(reactions.reactions, "outlook", refuses_gita)
    number = record(GITA, "remarriage", date(2016, 10, 5))
    assert EventBelief.objects.filter(kind="remarriage").exists(), "recorded all the same"
    events.record_event(OFFICER, RAM, "death", date(2016, 10, 3))
    with pytest.raises(UnsoundFacts):
        reactions.carry_on()
    assert [row[:2] for row in standing()] == [(RAM, "stop"), (SITA, "move")]
    monkeypatch.setattr(reactions.reactions, "outlook", outlook)
    assert reactions.carry_on() == 1
    assert Reaction.objects.filter(change_id=number).exists()


def test_every_queue_has_a_worker_and_reactions_have_their_own() -> None:
    # jobs register themselves when their module is imported
    for module in Path(reactions.__file__).parent.glob("*.py"):
        import_module(f"haqdar.jobs.{module.stem}")
    # the treasury's worker begins where its address is set
    served = [set(worker.split()[2::2]) for worker in (*run._WORKERS, run.TREASURY_WORKER)]
    assert {task.queue for task in app.tasks.values() if task.name.split(":")[0] != "builtin"} <= set().union(
        *served
    )
    assert {"reactions"} in served
