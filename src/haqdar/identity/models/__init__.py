"""Tables of the stage: pairs of records that may be one person, and what people judged of them (`pairs`)."""

from haqdar.identity.models.pairs import Judgement, LinkRun, Pair

__all__ = ["Judgement", "LinkRun", "Pair"]
