"""How fast the vault is: `python tests/scale/vault.py [numbers]`, into the vault of HAQDAR_HOME; use a data folder of your own.

Deposits that many numbers as a load does, once new and once known; looks 2,000 of them up one by one; opens all as a payment file
does; changes the key, with a reader beside it who is never refused.
"""

import os
import random
import sys
import threading
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")


def main(count: int) -> None:
    """Print what each step took."""
    import duckdb

    from haqdar.access.actors import platform
    from haqdar.vault import rotation, store

    actor = platform("bench")
    with duckdb.connect() as duck:
        duck.execute(
            f"CREATE TABLE rows AS SELECT (200000000000 + range * 7)::VARCHAR AS number FROM range({count})"
        )
        for what in ("deposited, new", "deposited, known"):
            began = time.monotonic()
            store.deposit(duck, "rows", "number", actor=actor, purpose="register_load")
            said(what, count, began)
        refs = dict(duck.execute("SELECT number, ref FROM deposited").fetchall())
    chosen = random.Random(7).sample(sorted(refs), min(2_000, count))
    took = []
    for number in chosen:
        began = time.monotonic()
        assert store.find(actor, number, "search") == refs[number]
        took.append(1000 * (time.monotonic() - began))
    took.sort()
    print(
        f"looked up one by one: p50 {took[len(took) // 2]:.1f} ms, p99 {took[len(took) * 99 // 100]:.1f} ms"
    )
    began = time.monotonic()
    assert len(store.reveal(actor, refs.values(), "apbs_file")) == len(refs)
    said("opened in clear", count, began)
    over, read = threading.Event(), 0

    def reader() -> None:
        nonlocal read
        while not over.is_set():
            one = chosen[read % len(chosen)]
            assert store.reveal(actor, [refs[one]], "apbs_file") == {refs[one]: one}
            read += 1

    beside = threading.Thread(target=reader)
    beside.start()
    began = time.monotonic()
    done = rotation.rotate(actor)
    over.set()
    beside.join()
    said(f"sealed anew under key {done.version}", done.resealed, began)
    print(f"opened one by one meanwhile: {read}")


def said(what: str, count: int, began: float) -> None:
    """One line of the result."""
    seconds = time.monotonic() - began
    print(f"{what}: {count:,} in {seconds:.1f} s, {round(count / seconds):,} a second")


if __name__ == "__main__":
    from haqdar.config.cli_support import database_ready

    with database_ready():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
