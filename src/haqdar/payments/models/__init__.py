"""The tables of money, by noun: what a month's run posts, what becomes of it on its way, and the ledger of it all."""

from haqdar.payments.models.accounts import AccountCheck, Branch
from haqdar.payments.models.drops import AccountDrop
from haqdar.payments.models.flow import (
    BillVersion,
    BudgetEntry,
    BudgetHead,
    BudgetYearEnd,
    Hold,
    MonthClosing,
    Proposal,
    ProposalException,
)
from haqdar.payments.models.ledger import Entry, Settlement
from haqdar.payments.models.oversight import (
    BillStanding,
    BudgetEstimate,
    PayeeCount,
    Sample,
    SampleItem,
    Standing,
    StandingOf,
)
from haqdar.payments.models.papers import BillPaper
from haqdar.payments.models.posted import AreaTotal, Bill, BillLine, Due, Instruction, NotPayable, Withholding
from haqdar.payments.models.proposals import ProposalPayees
from haqdar.payments.models.rails import FileItem, PaymentFile, ResponseFile, ResponseLine
from haqdar.payments.models.recoveries import Recall, WriteOff
from haqdar.payments.models.returns import NameDifference, Return, SetAsideNote
from haqdar.payments.models.scrutiny import GramSabha, GramSabhaObjection, SocialAudit, SocialAuditEntry
from haqdar.payments.models.treasury import TreasuryAllotment, TreasuryBill, TreasuryCredit, TreasuryMessage

__all__ = [
    "AccountCheck",
    "AccountDrop",
    "AreaTotal",
    "Bill",
    "BillLine",
    "BillPaper",
    "BillStanding",
    "BillVersion",
    "Branch",
    "BudgetEntry",
    "BudgetEstimate",
    "BudgetHead",
    "BudgetYearEnd",
    "Due",
    "Entry",
    "FileItem",
    "GramSabha",
    "GramSabhaObjection",
    "Hold",
    "Instruction",
    "MonthClosing",
    "NameDifference",
    "NotPayable",
    "PayeeCount",
    "PaymentFile",
    "Proposal",
    "ProposalException",
    "ProposalPayees",
    "Recall",
    "ResponseFile",
    "ResponseLine",
    "Return",
    "Sample",
    "SampleItem",
    "SetAsideNote",
    "Settlement",
    "SocialAudit",
    "SocialAuditEntry",
    "Standing",
    "StandingOf",
    "TreasuryAllotment",
    "TreasuryBill",
    "TreasuryCredit",
    "TreasuryMessage",
    "Withholding",
    "WriteOff",
]
