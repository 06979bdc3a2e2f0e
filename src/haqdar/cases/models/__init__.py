"""Tables of the stage: what the months decided (`runs`), the matters that offices settle (`casework`, `guarantee`), their orders
(`orders`), applications not yet handed in (`drafts`), household cards (`cards`), and
what an officer keeps for the own desk (`desk`).
(`orders`), two numbers that are one person (`merging`), applications not yet handed in (`drafts`), and what an officer keeps for the own desk (`desk`).
"""

from haqdar.cases.models.cards import CardPrint, CardSheet, HouseholdCard
from haqdar.cases.models.casework import Case, CaseStep
from haqdar.cases.models.desk import BulkJob, BulkRow, SavedView
from haqdar.cases.models.drafts import ApplicationDraft
from haqdar.cases.models.guarantee import ClockPause, Compensation, Escalation, PenaltyDecision
from haqdar.cases.models.merging import MergedAward, Merging, MergingUndone
from haqdar.cases.models.orders import Order, OrderPaper
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
    "ApplicationDraft",
    "AwardChange",
    "BulkJob",
    "BulkRow",
    "CardPrint",
    "CardSheet",
    "Case",
    "CaseStep",
    "ClockPause",
    "Compensation",
    "Entitlement",
    "Escalation",
    "ForecastItem",
    "HouseholdCard",
    "MergedAward",
    "Merging",
    "MergingUndone",
    "MonthRun",
    "Notice",
    "Order",
    "OrderPaper",
    "PenaltyDecision",
    "Reaction",
    "SavedView",
    "StandingDecision",
    "WorkItem",
]
