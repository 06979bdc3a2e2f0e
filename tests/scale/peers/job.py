"""The job that every contender does, and how its cost is taken: the same input columns, the same result columns.

Input: one row of facts a person (`people.py`). Result, one row a person in the same order: for each of the nine pensions
whether the person is entitled (true, false, or nothing when a missing fact leaves it open) and the amount in paise if
entitled; for each of the three groups the entitlement that pays most (a tie goes to the lower rank) and its amount.
Contenders compute ages themselves, from dates of birth.

This module is imported in the product's environment and in that of the peers, so it needs nothing but both have.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

#: Column stem of each pension, its rank (the place in this list, from 1) and its group.
SCHEMES: tuple[tuple[str, int], ...] = (
    ("ignoaps", 1),
    ("ignwps", 1),
    ("igndps", 1),
    ("ssp_old", 1),
    ("ssp_widow", 1),
    ("ssp_deserted", 1),
    ("ssp_pwd", 1),
    ("kanya", 2),
    ("mrmd", 3),
)
GROUPS = (1, 2, 3)
RANK = {stem: place for place, (stem, _) in enumerate(SCHEMES, start=1)}

#: Every column of a result with its DuckDB type.
RESULT: tuple[tuple[str, str], ...] = (
    ("member_id", "INTEGER"),
    *(
        column
        for stem, _ in SCHEMES
        for column in ((f"{stem}_verdict", "BOOLEAN"), (f"{stem}_paise", "INTEGER"))
    ),
    *(
        column
        for group in GROUPS
        for column in ((f"best_{group}", "UTINYINT"), (f"best_{group}_paise", "INTEGER"))
    ),
)

#: Every result is written alike, so that nobody wins by a cheaper file.
COMPRESSION = "snappy"


def years_before(day: date, years: int) -> date:
    """The latest date of birth of one who has completed `years` years on `day`.

    One born on 29 February completes a year on 1 March of a common year, so the 29th clamps to the 28th.

    >>> years_before(date(2016, 2, 29), 18)
    datetime.date(1998, 2, 28)
    """
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


class Watch:
    """Takes wall time, processor time and load of named phases of one process."""

    def __init__(self) -> None:
        self.phases: dict[str, dict[str, float]] = {}
        self.load = os.getloadavg()[0]

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Measure the body as phase `name`; a phase entered again adds up."""
        wall, processor = time.perf_counter(), _processor()
        yield
        taken = self.phases.setdefault(name, {"wall": 0.0, "cpu": 0.0})
        taken["wall"] += time.perf_counter() - wall
        taken["cpu"] += _processor() - processor

    def report(self, **more: Any) -> dict[str, Any]:
        """What was taken, with the peak memory of the process in GiB and the load average before and after."""
        return {
            "phases": self.phases,
            "peak_gib": _peak_gib(),
            "load": [self.load, os.getloadavg()[0]],
            **more,
        }


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _peak_gib() -> float:
    """The most memory this program ever held; what getrusage says counts the process that started it, too."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024**2
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


def contend(run: Callable[[Path, Path, date, Watch], dict[str, Any] | None], warm: bool = True) -> None:
    """The command line of a contender: `MODULE PEOPLE RESULT WARM DAY`; prints what it cost as one line of JSON.

    The contender decides the few people of WARM first, so that imports, plans and parameters are loaded and nothing but
    the job itself is measured.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("people", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("warm", type=Path)
    parser.add_argument("day", type=date.fromisoformat)
    asked = parser.parse_args()
    if warm:
        run(asked.warm, asked.result, asked.day, Watch())
    watch = Watch()
    more = run(asked.people, asked.result, asked.day, watch)
    print(json.dumps(watch.report(**(more or {}))))
