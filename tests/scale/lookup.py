"""Measures looking people up, and the rows by which they are found.

    nice python tests/scale/lookup.py [RESIDENTS [QUERIES]]      default: 1000000 500

Loads a made-up State into a data folder below build/ (kept; HAQDAR_HOME for another), takes residents by chance, and asks for each in
eight ways: as written, in the other script, misspelt, with the relation, the village, an age two years off. Prints p50 and p99 in
milliseconds (one connection, people read and explained, warm), and how often the resident is the first, or among the first ten.
"""

from __future__ import annotations

import os
import random
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SLIPS = (
    ("i", "ee"),
    ("a", "aa"),
    ("u", "oo"),
    ("sh", "s"),
    ("v", "w"),
    ("ee", "i"),
    ("th", "t"),
    ("ph", "f"),
    ("k", "q"),
)
PEOPLE = """
    SELECT r.member_id, r.name_en, coalesce(r.name_hi, r.name_en), extract(year FROM r.born_on)::int, kin.name_en, a.name_en, r.mobile
    FROM registry_resident_belief r
    JOIN registry_family_belief f USING (family_id) JOIN access_area a USING (area_code)
    JOIN registry_resident_belief kin ON kin.member_id = coalesce(r.spouse_id, r.father_id)
    WHERE r.belief_no = 1 AND r.born_on IS NOT NULL AND r.member_id %% 1009 = 7 ORDER BY md5(r.member_id::text) LIMIT %s"""


def misspelt(name: str, chance: random.Random) -> str:
    """Another spelling of each word, and for one word in five a slip of the pen."""
    words = []
    for word in name.lower().split():
        for old, new in chance.sample(SLIPS, 3):
            word = word.replace(old, new, 1)
        if chance.random() < 0.2 and len(word) > 4:
            at = chance.randrange(1, len(word) - 1)
            word = word[:at] + word[at + 1 :]
        words.append(word)
    return " ".join(words)


def main(residents: int = 1_000_000, queries: int = 500) -> None:
    """Load where nothing is loaded yet, then ask."""
    home = Path(os.environ.setdefault("HAQDAR_HOME", str(ROOT / "build" / "lookup-home")))
    home.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT / "src"))
    from haqdar.config.cli_support import database_ready

    with database_ready():
        _load(home, residents)
        _ask(queries)


def _load(home: Path, residents: int) -> None:
    from django.db import connection

    from haqdar.demo.generate import write_registers
    from haqdar.registry import lookup_keys
    from haqdar.registry.actions import load_folder
    from haqdar.registry.models import Lookup

    if not Lookup.objects.exists():
        write_registers(home / "registers", residents=residents, seed=1, format="parquet")
        load_folder(home / "registers", date(2016, 9, 20), home / "out")
    begun = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_lookup")
    rows = lookup_keys.catch_up()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE registry_lookup, registry_lookup_term, registry_resident_belief")
        cursor.execute(
            "SELECT pg_size_pretty(pg_total_relation_size('registry_lookup')), count(*) FROM registry_lookup_term"
        )
        size, terms = cursor.fetchone()
    print(f"rows made anew: {rows:,} in {time.perf_counter() - begun:.1f} s; {size}, {terms:,} terms")


def _ask(queries: int) -> None:
    from django.db import connection

    from haqdar.access.actors import platform
    from haqdar.registry.lookup import Wanted, find

    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [queries])
        people = cursor.fetchall()
    chance = random.Random(6)
    kinds = {
        "name as written": lambda p: Wanted(p[1]),
        "name in Hindi": lambda p: Wanted(p[2]),
        "name misspelt": lambda p: Wanted(misspelt(p[1], chance)),
        "given name only": lambda p: Wanted(p[1].split()[0]),
        "misspelt, relation": lambda p: Wanted(misspelt(p[1], chance), misspelt(p[4], chance)),
        "misspelt, village": lambda p: Wanted(misspelt(p[1], chance), village=misspelt(p[5], chance)),
        "misspelt, relation, village, age": lambda p: Wanted(
            misspelt(p[1], chance),
            misspelt(p[4], chance),
            misspelt(p[5], chance),
            p[3] + chance.randint(-2, 2),
        ),
        "mobile or member ID": lambda p: Wanted(number=p[6] or f"{p[0]:09d}"),
    }
    officer = platform("bench")
    everything = []
    print(f"{'':34} {'p50 ms':>8} {'p99 ms':>8} {'first':>7} {'in 10':>7}")
    for name, ask in kinds.items():
        times, first, ten = [], 0, 0
        for person in people[:20]:
            find(officer, ask(person), 20)
        for person in people:
            wanted = ask(person)
            begun = time.perf_counter()
            found = find(officer, wanted, 20)
            times.append(1000 * (time.perf_counter() - begun))
            members = [one.person.member_id for one in found]
            first += members[:1] == [person[0]]
            ten += person[0] in members[:10]
        everything += times
        _line(name, times, first, ten)
    _line("all", everything, 0, 0)


def _line(name: str, times: list[float], first: int, ten: int) -> None:
    ordered, count = sorted(times), len(times)
    print(
        f"{name:34} {ordered[count // 2]:8.1f} {ordered[count * 99 // 100]:8.1f} {first / count:7.3f} {ten / count:7.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main(*(int(number) for number in sys.argv[1:3]))
