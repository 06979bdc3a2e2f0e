"""Tables of the stage: what the months decided (`runs`), and the matters that offices settle (`casework`)."""

from haqdar.cases.models.casework import Case, CaseStep
from haqdar.cases.models.runs import (
    AwardChange,
    Entitlement,
    ForecastItem,
    MonthRun,
    Notice,
    Reaction,
    StandingDecision,
    WorkItem,
)

__all__ = [
    "AwardChange",
    "Case",
    "CaseStep",
    "Entitlement",
    "ForecastItem",
    "MonthRun",
    "Notice",
    "Reaction",
    "StandingDecision",
    "WorkItem",
]
