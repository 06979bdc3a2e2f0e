"""The demonstration district: made, loaded and decided once, in an empty installation only."""

from datetime import date

from django.conf import settings

from haqdar.access.actions import create_demo_people
from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.demo.duplicates import plant_some
from haqdar.demo.generate import delivery_day, write_registers
from haqdar.demo.money import late_deaths, month_paid, month_waiting
from haqdar.demo.tasks import ask_for_list
from haqdar.jobs import ekyc
from haqdar.jobs.month import run_month
from haqdar.jobs.oversight import work_out_estimate
from haqdar.jobs.pairs import ask_for_pairs
from haqdar.registry.actions import load_folder
from haqdar.registry.profiles import register_counts

DAY = date(2016, 10, 1)
"""The day of determination of the demonstration's first month."""


def ensure_demo(*, residents: int = 100_000, seed: int = 1) -> bool:
    """Give an empty register the demonstration district, its log-ins, its first month paid and the next one begun; True if it was loaded.

    A register that holds anybody stays as it is, unless an earlier call was interrupted: then that one is
    finished. The files stay in HAQDAR_HOME/demo. Raises the refusals of loading and of the month.
    """
    folder = settings.HAQDAR_HOME / "demo"
    unfinished = folder / "unfinished"
    actor = platform("demonstration")
    if not unfinished.exists():
        if register_counts(actor)["resident"]:
            return False
        folder.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
    write_registers(folder, residents=residents, seed=seed, on=DAY)
    load_folder(folder, delivered_on=delivery_day(DAY), out=folder, actor=actor)
    create_demo_people()
    month = Month.of(DAY)
    run_month(month, settings.HAQDAR_HOME / "months" / str(month), actor=actor)
    month_paid(month)
    late_deaths(month, folder / "late")
    # people who stand twice wait for whoever compares records; the first month was decided without them
    plant_some(folder, folder / "late", seed=seed, on=DAY, most=min(24, residents // 100))
    load_folder(folder / "late", delivered_on=DAY.replace(day=12), out=folder / "late", actor=actor)
    month_waiting(month.next())
    work_out_estimate()
    ekyc.nightly()
    # seconds of comparing, which the page need not wait for
    ask_for_pairs()
    ask_for_list()
    unfinished.unlink()
    return True
