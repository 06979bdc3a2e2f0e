"""The tables of money, by noun: what a month's run posts, what becomes of it on its way, and the ledger of it all."""

from haqdar.payments.models.flow import (
    BillVersion,
    BudgetEntry,
    BudgetHead,
    Hold,
    MonthClosing,
    Proposal,
    ProposalException,
)
from haqdar.payments.models.ledger import Entry, Settlement
from haqdar.payments.models.posted import AreaTotal, Bill, BillLine, Due, Instruction, NotPayable, Withholding
from haqdar.payments.models.rails import FileItem, PaymentFile, ResponseFile, ResponseLine
from haqdar.payments.models.scrutiny import GramSabha, GramSabhaObjection, SocialAudit, SocialAuditEntry

__all__ = [
    "AreaTotal",
    "Bill",
    "BillLine",
    "BillVersion",
    "BudgetEntry",
    "BudgetHead",
    "Due",
    "Entry",
    "FileItem",
    "GramSabha",
    "GramSabhaObjection",
    "Hold",
    "Instruction",
    "MonthClosing",
    "NotPayable",
    "PaymentFile",
    "Proposal",
    "ProposalException",
    "ResponseFile",
    "ResponseLine",
    "Settlement",
    "SocialAudit",
    "SocialAuditEntry",
    "Withholding",
]
