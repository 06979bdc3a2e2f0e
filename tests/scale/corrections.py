"""Measures a corrected fact: what it changes foreseen, and recorded with everybody it touches decided again.

    HAQDAR_HOME=… python tests/scale/corrections.py [CORRECTIONS]      default: 100

Works in a data folder whose registers are loaded and whose month was run (a demonstration). Everything it records stands in one
transaction that is rolled back. Prints p50, p95 and the slowest in milliseconds, with the mean CPU time.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

from haqdar.config.cli_support import database_ready


def main(number: int) -> None:
    with database_ready():
        from django.db import connection, transaction
        from django.utils import timezone

        from haqdar.access.actors import platform
        from haqdar.jobs import reactions
        from haqdar.registry import corrections
        from haqdar.registry.evidence import Evidence

        chance = random.Random(7)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT member_id, born_on FROM registry_resident_belief WHERE born_on IS NOT NULL"
            )
            people = chance.sample(cursor.fetchall(), number + 5)
        officer, evidence = platform("bench"), Evidence(None, timezone.localdate(), "Seen for a measurement.")
        took: dict[str, list[tuple[float, float]]] = {"foreseen": [], "recorded and decided again": []}
        with transaction.atomic():
            for place, (member_id, born_on) in enumerate(people):
                typed = {
                    "born_on": born_on.replace(year=born_on.year - chance.randint(1, 20), day=1).isoformat()
                }
                for name in took:
                    wall, cpu = time.perf_counter(), time.process_time()
                    if name == "foreseen":
                        reactions.foresee_correction(
                            corrections.checked(officer, member_id, "born_on", typed)
                        )
                    else:
                        reactions.correct(officer, member_id, "born_on", typed, evidence, sure=True)
                    if place >= 5:
                        took[name].append((time.perf_counter() - wall, time.process_time() - cpu))
            transaction.set_rollback(True)
    print("| step | p50 ms | p95 ms | slowest ms | CPU ms, mean |\n|---|---|---|---|---|")
    for name, times in took.items():
        walls = sorted(1000 * wall for wall, _ in times)
        cpu = statistics.mean(1000 * used for _, used in times)
        print(
            f"| {name} | {walls[len(walls) // 2]:.0f} | {walls[int(0.95 * len(walls))]:.0f} | {walls[-1]:.0f} | {cpu:.0f} |"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
