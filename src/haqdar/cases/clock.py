"""The service guarantee clock: until when an office must have acted.

Madhya Pradesh Lok Sewa Guarantee Act 2010: a service has a limit in days that runs from the day after it was asked for.
"""

from __future__ import annotations

from datetime import date, timedelta

# The days of each kind until `law/<state>/services` says them.
_DAYS = {"application": 15, "start": 15, "appeal": 30, "second_appeal": 60}
_OTHER_DAYS = 30


def due_on(kind: str, service: str, opened_on: date) -> date:
    """The last day of the limit of a case of `kind` opened on `opened_on`."""
    return opened_on + timedelta(days=_DAYS.get(kind, _OTHER_DAYS))
