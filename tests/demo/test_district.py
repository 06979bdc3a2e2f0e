"""The demonstration district comes into an empty register, once, with its log-ins, a month paid and the next one begun."""

import csv
from datetime import date

import pytest
from django.conf import settings

from haqdar.access.actors import platform
from haqdar.access.queries import demonstration_accounts, place
from haqdar.demo.district import ensure_demo
from haqdar.payments.models import PaymentFile, Proposal
from haqdar.payments.recoveries import outstanding
from haqdar.payments.standing import month_stand
from haqdar.registry.models import PensionBelief, Resident


@pytest.mark.django_db(transaction=True)
def test_an_empty_register_gets_the_district_once() -> None:
    assert ensure_demo(residents=2_000, seed=1)
    folder = settings.HAQDAR_HOME / "demo"
    assert (folder / "rejections.csv").exists()
    assert not (folder / "unfinished").exists()
    assert (settings.HAQDAR_HOME / "months" / "2016-10" / "worklist.csv").exists()
    paid = month_stand(platform(), date(2016, 10, 1), place(platform(), None)).stand  # type: ignore[arg-type]
    assert paid.paid.credits > 0.9 * paid.all.credits and paid.of("unbilled").credits > 0
    assert set(Proposal.objects.filter(month=date(2016, 11, 1)).values_list("state", flat=True)) == {
        "generated",
        "verified",
        "submitted",
    }
    assert set(PaymentFile.objects.values_list("state", flat=True)) == {"sent"}
    # three deaths became known after the credit: the bank is to be asked for the money
    assert [one.recallable for one in outstanding(platform(), only_dead=True).rows] == [True] * 3
    # people who stand twice, with the truth beside them; some of them are paid twice
    with (folder / "late" / "duplicates.csv").open(newline="") as file:
        truth = {int(row["member_id"]): int(row["duplicate_of"]) for row in csv.DictReader(file)}
    known = set(
        Resident.objects.filter(member_id__in=[*truth, *truth.values()]).values_list("member_id", flat=True)
    )
    assert known == {*truth, *truth.values()} and len(truth) == 20
    held = set(PensionBelief.objects.filter(member_id__in=known).values_list("member_id", flat=True))
    assert sum(one in held and other in held for one, other in truth.items()) == 5
    accounts = demonstration_accounts()
    assert len(accounts) >= 4
    assert not ensure_demo(residents=2_000, seed=1)
    # An interrupted first start is finished by the next one.
    (folder / "unfinished").touch()
    assert ensure_demo(residents=2_000, seed=1)
    assert demonstration_accounts() == accounts
    assert not ensure_demo(residents=2_000, seed=1)
