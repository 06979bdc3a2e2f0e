"""The demonstration district comes into an empty register, once, with its log-ins and its first month."""

import pytest
from django.conf import settings

from haqdar.access.queries import demonstration_accounts
from haqdar.demo.district import ensure_demo


@pytest.mark.django_db(transaction=True)
def test_an_empty_register_gets_the_district_once() -> None:
    assert ensure_demo(residents=2_000, seed=1)
    folder = settings.HAQDAR_HOME / "demo"
    assert (folder / "rejections.csv").exists()
    assert not (folder / "unfinished").exists()
    assert (settings.HAQDAR_HOME / "months" / "2016-10" / "worklist.csv").exists()
    accounts = demonstration_accounts()
    assert len(accounts) >= 4
    assert not ensure_demo(residents=2_000, seed=1)
    # An interrupted first start is finished by the next one.
    (folder / "unfinished").touch()
    assert ensure_demo(residents=2_000, seed=1)
    assert demonstration_accounts() == accounts
    assert not ensure_demo(residents=2_000, seed=1)
