"""Household cards a minute: bulk printing of a demonstration district, body by body, as the worker does it.

    python tests/scale/cards.py [RESIDENTS [CARDS]]      default: 20000 3000

A demonstration district is loaded and October 2016 run in a folder of its own below build/, which is removed afterwards. Then
panchayat after panchayat is printed by the code of the worker: facts, awards, codes, signatures, typeset sheets sealed on the
disk, entries in the database, everything. Prints cards, seconds by the clock and of processor time, cards a minute, bytes a card
and the most memory used. The bar is 1,000 cards a minute on two cores; this is one process.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(residents: int, most: int) -> None:
    """Prepare a district in a folder of its own and print in it."""
    (ROOT / "build").mkdir(exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="bench-cards-", dir=ROOT / "build"))
    # the embedded server's unprivileged user must get through
    home.chmod(0o711)
    try:
        os.environ["HAQDAR_HOME"] = str(home)
        sys.path[:0] = [str(ROOT / "src"), str(ROOT)]
        from haqdar.config.cli_support import database_ready, start_django

        start_django()
        with database_ready():
            from haqdar.demo.district import ensure_demo

            ensure_demo(residents=residents, seed=1)
            measure(most)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def measure(most: int) -> None:
    """With the demonstration district in the database: print bodies until there are enough cards."""
    from django.db import connection

    from haqdar.access.actors import platform
    from haqdar.access.queries import place
    from haqdar.cases.cards import printing
    from haqdar.cases.models import CardSheet

    officer = platform("benchmark")
    with connection.cursor() as cursor:
        cursor.execute("SELECT area_code FROM access_area WHERE kind IN ('gp', 'ward') ORDER BY area_code")
        bodies = [row[0] for row in cursor.fetchall()]
    made, files, size = 0, 0, 0
    clock, processor = time.perf_counter(), time.process_time()
    for code in bodies:
        here = place(officer, code)
        assert here is not None
        try:
            job = printing.ask(officer, here, False)
        except printing.NobodyToPrint:
            continue
        printing.carry_out(officer, job)
        job.refresh_from_db()
        sheets = list(CardSheet.objects.filter(batch=job))
        made, files, size = (
            made + job.made,
            files + len(sheets),
            size + sum(sheet.size for sheet in sheets),
        )
        if made >= most:
            break
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{made} cards in {files} files: {clock:.1f} s ({processor:.1f} s of processor time),"
        f" {60 * made / clock:.0f} a minute by the clock, {60 * made / processor:.0f} a minute a core,"
        f" {size / made / 1024:.0f} KB a card, {memory:.0f} MB"
    )


if __name__ == "__main__":
    given = [int(text.replace("_", "")) for text in sys.argv[1:3]]
    main(*(given + [20_000, 3_000][len(given) :]))
