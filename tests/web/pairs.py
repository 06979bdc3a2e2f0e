"""Pairs of records for tests of pages and judgements, in the small State."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.utils import timezone

from haqdar.access.actors import acting, platform
from haqdar.identity.models import LinkRun, Pair

EVIDENCE = [
    ["given", "sound", 6.1],
    ["surname", "exact", 4.9],
    ["birth", "same_year", 1.5],
    ["place", "area", 8.6],
    ["relation", "missing", 0.0],
    ["mother", "other", -2.7],
]


def pair_of(first: int, second: int, areas: tuple[str, str], weight: float = 11.0, **values: Any) -> Pair:
    """An open pair of two members as a run of the linkage would write it."""
    first, second, areas = (first, second, areas) if first < second else (second, first, areas[::-1])
    with acting(platform("linkage"), "pair.find"):
        run = LinkRun.objects.create(
            known_on="2016-09-20", engine="duckdb", model="register", model_hash="0", review_from=0, certain_from=10,
            state="done", actor="linkage", started_at=timezone.now(), finished_at=timezone.now(),
        )  # fmt: skip
        pair = Pair.objects.create(
            **{
                "first_id": first, "second_id": second, "first_area": areas[0], "second_area": areas[1], "weight": weight,
                "band": "certain" if weight >= 10 else "review", "evidence": EVIDENCE, "facts": uuid4(),
                "since_at": timezone.now(), "found_at": timezone.now(), "run": run, **values,
            }
        )  # fmt: skip
    pair.refresh_from_db()
    return pair
