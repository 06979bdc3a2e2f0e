"""A list is tied portion by portion: whoever kills the worker loses a portion's work, and every number is written once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.utils import timezone
from tests.payments.crashing import DONE, KILLED, forked
from tests.web.seed_lists import _ROWS, seed_list

from haqdar.access.actors import acting, platform
from haqdar.identity.models import SeedLink, SeedList, SeedRow
from haqdar.identity.seeding import actions, keeping, tying
from haqdar.identity.seeding.refusals import JudgedAlready, NotWaiting, OtherBeingTied, TooFewJudged
from haqdar.jobs import seeding as jobs

ACTOR = platform("test")
SISTER, OTHER = 101, 999


def made(rows: int) -> SeedList:
    """A list whose file has `rows` rows found by the machine in pieces of two, and one row that waits for people."""
    found = SeedList.objects.get(key=seed_list("/23/", [SISTER]).seed_list)
    with keeping.writing(found.key, "rows") as file, pq.ParquetWriter(file, _ROWS) as writer:
        for first in range(0, rows, 2):
            writer.write_table(
                pa.Table.from_pylist(
                    [
                        {"line": at, "domain_id": f"A{at}", "band": "automatic", "reason": "likeness", "member_id": at,
                         "weight": 9.0, "fingerprint": str(uuid4())} for at in range(first, first + 2)
                    ],
                    schema=_ROWS,
                )
            )  # fmt: skip
    return found


def ties() -> list[tuple[str, int, bool, bool]]:
    return sorted(
        (one.domain_id, one.member_id, one.ended_at is None, one.gone_list_id is not None)
        for one in SeedLink.objects.all()
    )


@pytest.mark.django_db(transaction=True)
def test_killed_and_begun_again_every_number_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tying, "PORTION", 2)
    earlier = made(0)
    SeedList.objects.filter(pk=earlier.pk).update(state="converged")
    with acting(ACTOR, "test"):
        for domain, member in (("A3", OTHER), ("A4", 4), ("GONE", 5)):
            SeedLink.objects.create(
                department=earlier.department, domain_id=domain, member_id=member, how="likeness", fingerprint=uuid4(),
                tied_list=earlier, seen_list=earlier, tied_by="test", tied_at=timezone.now(),
            )  # fmt: skip
    found = made(6)
    row = SeedRow.objects.get(list=found)
    with pytest.raises(TooFewJudged):
        tying.ask(ACTOR, found)
    actions.judge(ACTOR, row.key, "same", SISTER)
    tying.ask(ACTOR, found)
    seen = []
    fatal = 5
    while (ended := forked(lambda: tying.tie(ACTOR, found), statement=fatal)) != DONE:
        assert ended == KILLED
        found.refresh_from_db()
        assert found.state == "tying"
        seen.append(found.counts["tying"]["portions"])
        # what is written is what the portions say, whole
        assert {one for one, _, stands, _ in ties() if stands and one[0] == "A"} >= {
            f"A{at}" for at in range(2 * seen[-1])
        }
        tying.stopped(found, tying.INTERRUPTED)
        with pytest.raises(NotWaiting):
            actions.discard(ACTOR, found)
        tying.ask(ACTOR, found)
        fatal += 6
    assert seen == sorted(seen)
    assert {0, 1, 2, 3} >= set(seen) >= {0, 1}
    assert ties() == [
        ("A0", 0, True, False), ("A1", 1, True, False), ("A2", 2, True, False), ("A3", 3, True, False), ("A3", OTHER, False, False),
        ("A4", 4, True, False), ("A5", 5, True, False), ("GONE", 5, True, True), ("RC00006", SISTER, True, False),
    ]  # fmt: skip
    found.refresh_from_db()
    assert (found.state, found.counts["tied"], found.problem_en) == ("converged", 7, "")
    # the job that comes twice does nothing the second time
    before = list(SeedLink.objects.order_by("id").values())
    tying.tie(ACTOR, found)
    assert list(SeedLink.objects.order_by("id").values()) == before


def test_what_happens_meanwhile(db: None) -> None:
    found, other = made(2), made(2)
    SeedRow.objects.filter(list=found).update(
        state="same", member_id=SISTER, judged_by="test", judged_at=timezone.now()
    )
    SeedRow.objects.filter(list=other).delete()
    late = SeedRow.objects.create(
        list=found, line=8, domain_id="LATE", path="/23/", fingerprint=uuid4(), reason="unsure", state="visit", judged_by="test",
        candidates=[{"member": SISTER, "weight": 1.0}],
    )  # fmt: skip
    SeedRow.objects.bulk_create(
        SeedRow(list=found, line=at, domain_id=f"N{at}", path="/23/", fingerprint=uuid4(), reason="unsure", candidates=[],
                state="nobody", judged_by="test", judged_at=timezone.now())
        for at in range(20, 23)
    )  # fmt: skip
    jobs.tie(ACTOR, found)
    with pytest.raises(NotWaiting):
        jobs.tie(ACTOR, found)
    with pytest.raises(OtherBeingTied):
        jobs.tie(ACTOR, other)
    # judged while the list is being tied: with the last of it
    actions.judge(ACTOR, late.key, "same", SISTER)
    with pytest.raises(JudgedAlready):
        actions.judge(ACTOR, late.key, "nobody", None)
    assert not SeedLink.objects.exists()
    jobs.tie_task(list_id=found.pk, asked_by="state")
    assert {one for one, *_ in ties()} == {"A0", "A1", "RC00006", "LATE"}

    # the worker that had the other list was killed: the queue is told, and the list can be asked for again
    jobs.tie(ACTOR, other)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs WHERE (args ->> 'list_id')::bigint = %s", [found.pk])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE task_name = 'seeding.tie'")
        assert jobs.give_up_dead(SeedList.objects.get(pk=other.pk)).state == "tying"
        cursor.execute("SELECT DISTINCT status FROM procrastinate_jobs WHERE task_name = 'seeding.tie'")
        assert cursor.fetchall() == [("failed",)]
    SeedList.objects.filter(pk=other.pk).update(run_at=timezone.now() - timedelta(minutes=2))
    interrupted = jobs.give_up_dead(SeedList.objects.get(pk=other.pk))
    assert (interrupted.state, interrupted.problem_en) == ("review", tying.INTERRUPTED.en)
    # and a list whose file is gone says so
    jobs.tie(ACTOR, other)
    keeping.destroy(other.key, "rows")
    jobs.tie_task(list_id=other.pk, asked_by="state")
    other.refresh_from_db()
    assert other.state == "review"
    assert other.problem_en
