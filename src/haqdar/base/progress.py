"""Progress bars with rates, on standard error only."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from tqdm import tqdm


class Bar(Protocol):
    """What the body of `progress` gets."""

    def advance(self, n: int = 1) -> None:
        """Report `n` further units as done."""


class _TqdmBar:
    def __init__(self, bar: "tqdm[Any]") -> None:
        self._bar = bar

    def advance(self, n: int = 1) -> None:
        self._bar.update(n)


@contextmanager
def progress(total: int | None, label: str, unit: str = "rows") -> Iterator[Bar]:
    """Show a bar of `total` units (None: unknown) with units a second and the time left.

    Quiet when standard error is no terminal, unless HAQDAR_PROGRESS=1.
    """
    quiet = not sys.stderr.isatty() and os.environ.get("HAQDAR_PROGRESS") != "1"
    with tqdm(
        total=total, desc=label, unit=f" {unit}", unit_scale=True, disable=quiet, file=sys.stderr
    ) as bar:
        yield _TqdmBar(bar)
