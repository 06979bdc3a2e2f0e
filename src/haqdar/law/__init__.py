"""The law as data: reads a State's folder (law/mp) and says what is in force on a day.

No Django, no database and no computation engine here: `entitlement.compile` turns the law into SQL, and
`entitlement.law_checks` does the checks that need evaluation. How to write law: docs/law-writing.md.
"""

from haqdar.law.book import HeadShare, LawBook, LawInForce, load_lawbook, scheme_groups
from haqdar.law.problems import LawRefused, NoLawFolder, NoLawInForce, Problem, UnknownScheme
from haqdar.law.proposals import NoSuchProposal, Proposal, proposals, read_proposal
from haqdar.law.schemes import STOP_REASONS, Band, Criterion, Scheme
from haqdar.law.state import Calendar, Heads
from haqdar.law.texts import Text, day_text
from haqdar.law.vocabulary import PARTNER_PRESENT, Fact, Vocabulary

__all__ = [
    "PARTNER_PRESENT",
    "STOP_REASONS",
    "Band",
    "Calendar",
    "Criterion",
    "Fact",
    "HeadShare",
    "Heads",
    "LawBook",
    "LawInForce",
    "LawRefused",
    "NoLawFolder",
    "NoLawInForce",
    "NoSuchProposal",
    "Problem",
    "Proposal",
    "Scheme",
    "Text",
    "UnknownScheme",
    "Vocabulary",
    "day_text",
    "load_lawbook",
    "proposals",
    "read_proposal",
    "scheme_groups",
]
