"""Sanctioning many: each asked of the law again, one order each, four eyes, and no way back by a button."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.cases.test_deciding_cases import verified
from tests.cases.village import CEO, GAURI, SECRETARY, Village, on

from haqdar.access.actors import Actor, acting, platform
from haqdar.access.models import User
from haqdar.cases import bulk
from haqdar.cases.caselists import QueueFilter
from haqdar.cases.models import AwardChange, BulkRow, Case, Order
from haqdar.jobs.bulk import carry_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_each_gets_an_order_and_nothing_is_taken_back(tmp_path: Path) -> None:
    village = Village(tmp_path)
    village.run("2016-10")
    case = verified(GAURI)
    ceo = _with_account(CEO)

    # whoever verified may not sanction, not even among many
    same = _with_account(replace(CEO, name=SECRETARY.name))
    job = bulk.preview(same, "case.sanction", "sanction", QueueFilter(), None, [str(case.key)])
    assert bulk.sums(job).refused == {"same_officer": 1}

    job = bulk.preview(ceo, "case.sanction", "sanction", QueueFilter(), None, None)
    assert bulk.sums(job).possible == 1 and bulk.sums(job).paise == 30000
    assert not AwardChange.objects.filter(member_id=GAURI).exists()
    with on(date(2016, 9, 25)):
        carry_out(ceo, job)
    assert BulkRow.objects.get(job=job).outcome == "done"
    assert Case.objects.get(pk=case.pk).outcome == "sanctioned"
    assert AwardChange.objects.get(member_id=GAURI).actor == ceo.name
    assert Order.objects.filter(case=case).count() == 1
    job.refresh_from_db()
    assert bulk.undo_until(job) is None
    with pytest.raises(bulk.CannotBeUndone):
        bulk.undo(ceo, job)


def test_what_the_law_refuses_meanwhile_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    village = Village(tmp_path)
    village.run("2016-10")
    case = verified(GAURI)
    ceo = _with_account(CEO)
    job = bulk.preview(ceo, "case.sanction", "sanction", QueueFilter(), None, None)
    with on(date(2016, 9, 25)):
        bulk.sanction(ceo, case.key)
        carry_out(ceo, job)
    assert BulkRow.objects.get(job=job).outcome == "already_moved"
    assert AwardChange.objects.filter(member_id=GAURI).count() == 1


def _with_account(actor: Actor) -> Actor:
    with acting(platform("test"), "user.create"):
        user, _created = User.objects.get_or_create(username=actor.name, defaults={"name_en": actor.name})
    return replace(actor, user_id=user.pk)
