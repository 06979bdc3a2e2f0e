"""How fast the audit trail is sealed and checked: `python tests/scale/audit.py [events]`, into the database of HAQDAR_HOME.

Adds that many true events (with their seals) in transactions of 1,000, seals them, checks them, and searches. Use a data folder of
your own: the events stay.
"""

import os
import sys
import time
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")


def main(events: int) -> None:
    """Print what each step took."""
    from django.db import connection, transaction
    from django.utils import timezone

    from haqdar.access.actors import platform
    from haqdar.access.chain import seal
    from haqdar.access.chain_check import Checked, verify
    from haqdar.access.seals import present_key, seal_of
    from haqdar.access.trail import Asked, search

    actor, key, start = platform("bench"), present_key(), timezone.now()
    began = time.monotonic()
    for first in range(0, events, 1_000):
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy(
                "COPY access_audit_event (at, actor, ip, function, verb, object_kind, object_key, new, seal) FROM STDIN"
            ) as copy:
                for number in range(first, min(first + 1_000, events)):
                    at = start + timedelta(microseconds=number)
                    who, what = f"user{number % 5000}", f"key-{number % 80_000}"
                    sealed = seal_of(
                        key,
                        at,
                        who,
                        "10.1.2.3",
                        "person.view",
                        "person.view",
                        "resident",
                        what,
                        None,
                        {"page": 1},
                    )
                    copy.write_row(
                        (
                            at,
                            who,
                            "10.1.2.3",
                            "person.view",
                            "person.view",
                            "resident",
                            what,
                            '{"page": 1}',
                            sealed,
                        )
                    )
    print(f"added    {events / (time.monotonic() - began):>12,.0f} a second")
    began = time.monotonic()
    done = seal(actor)
    seconds = time.monotonic() - began
    print(
        f"sealed   {done.rows / seconds:>12,.0f} a second ({done.rows} rows, {done.ranges} ranges, {seconds:.1f} s)"
    )
    checked, began = Checked(), time.monotonic()
    found = sum(1 for _ in verify(actor, checked))
    seconds = time.monotonic() - began
    print(
        f"checked  {checked.rows / seconds:>12,.0f} a second ({checked.rows} rows, {found} findings, {seconds:.1f} s)"
    )
    for name, asked in (
        ("newest", Asked()),
        ("person", Asked(objects=(("resident", "key-77"),))),
        ("employee", Asked(actor="user77")),
        ("verb", Asked(verb="month.run")),
        ("address", Asked(ip="10.9.9.9")),
    ):
        times = []
        for _ in range(20):
            began = time.monotonic()
            search(actor, asked)
            times.append(time.monotonic() - began)
        print(f"search by {name:<9} {1000 * sorted(times)[18]:6.1f} ms (p95)")


if __name__ == "__main__":
    from haqdar.config.cli_support import database_ready

    with database_ready():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
