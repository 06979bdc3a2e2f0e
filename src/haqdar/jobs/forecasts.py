"""The forecast of years: from a snapshot to expected pensioners and cost, under the law in force and under a proposal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from haqdar.base.month import Month
from haqdar.entitlement.forecast import ASSUMPTIONS, look_ahead_years
from haqdar.entitlement.simulate import trial
from haqdar.entitlement.snapshot import Snapshot
from haqdar.law import LawBook, load_lawbook
from haqdar.law.mortality import mortality_on


@dataclass(frozen=True)
class Outlook:
    """A finished forecast as plain values (the content of forecast.json)."""

    month: Month
    result: dict[str, object]


def forecast_law(
    years: int, month: Month | None = None, proposal: str | None = None, snapshot: Path | None = None
) -> Outlook:
    """Look `years` ahead from a month (default: the current one, or the one in which the proposal would begin).

    Reads the registers as known today, or the folder of an earlier snapshot; without a snapshot PostgreSQL must be up.
    Raises ``NoMortality`` and, for a proposal, what ``entitlement.simulate.trial`` raises.
    """
    from haqdar.jobs.simulations import open_snapshot

    folder = Path(settings.HAQDAR_LAW)
    books = {"now": load_lawbook(folder)}
    day = (month or Month.of(timezone.localdate())).first_day
    if proposal is not None:
        attempt = trial(folder, proposal, month.first_day if month is not None else None)
        books["then"], day = attempt.proposed, attempt.day
    found_in = open_snapshot(snapshot, day)
    found = forecast_plain(found_in, books, day, years, folder)
    head = {
        "proposal": proposal,
        "month": str(Month.of(day)),
        "law": books["now"].hash,
        "proposed_law": books["then"].hash if "then" in books else None,
        "snapshot": found_in.hash,
        "known_on": found_in.known_on.isoformat(),
    }
    return Outlook(Month.of(day), head | found)


def forecast_plain(
    snapshot: Snapshot, books: Mapping[str, LawBook], day: date, years: int, folder: Path
) -> dict[str, object]:
    """The forecast under each law of `books` ("now" in force, "then" proposed) with its assumptions, as plain values."""
    mortality = mortality_on(folder, day)
    return {
        "years": years,
        "mortality": {"en": mortality.source.en, "hi": mortality.source.hi},
        "assumptions": [{"en": text.en, "hi": text.hi} for text in ASSUMPTIONS],
        **{
            side: [year.plain() for year in found]
            for side, found in look_ahead_years(snapshot, books, day, years, mortality).items()
        },
    }
