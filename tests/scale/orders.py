"""Signed orders a second on one core: words, QR code, typesetting in two languages, signature, sealing.

    .venv/bin/python tests/scale/orders.py [ORDERS]

Needs no database. Prints the processor time of each part for one order, the orders a second by processor time (what one core
does when it has nothing else to do) and by the clock. The bar is 30 a second a core.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path


def main(count: int) -> None:
    """Make `count` orders and print the figures."""
    home = tempfile.mkdtemp()
    os.environ["HAQDAR_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import django

    django.setup()
    from django.conf import settings
    from tests.cases.test_signing import an_order

    from haqdar.base.typesetting import ARCHIVE, set_pdf
    from haqdar.cases.papers.making import TEMPLATE
    from haqdar.cases.papers.signing import sign
    from haqdar.cases.papers.wording import order_words

    orders = [an_order() for _ in range(count)]
    for number, order in enumerate(orders):
        order.number = f"D16-{number:08d}-00"
        order.data["person"] = {**order.data["person"], "member_id": 100000000 + number}

    def timed(name: str, step: Callable[[int], object]) -> list[object]:
        step(0)
        clock, processor = time.perf_counter(), time.process_time()
        made = [step(number) for number in range(count)]
        used = time.process_time() - processor
        spent[name] = (used, time.perf_counter() - clock)
        print(f"{name:<12} {1000 * used / count:6.1f} ms of processor time an order")
        return made

    spent: dict[str, tuple[float, float]] = {}
    words = timed("words, QR", lambda number: order_words(orders[number]))
    documents = timed(
        "typesetting",
        lambda number: set_pdf(
            TEMPLATE, settings.PAPER_FONTS, words[number], orders[number].issued_at, ARCHIVE
        ),
    )
    signed = timed("signature", lambda number: sign(documents[number], orders[number].number, "Ashta"))  # type: ignore[arg-type]
    processor, clock = (sum(part[place] for part in spent.values()) for place in (0, 1))
    print(f"{count} orders of {len(signed[0]) // 1024} KB: {count / processor:.0f} a second a core")  # type: ignore[arg-type]
    print(f"by the clock: {count / clock:.0f} a second")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
