"""Tables of the stage: pairs of records that may be one person, and what people judged of them (`pairs`); eKYC (`ekyc`)."""

from haqdar.identity.models.ekyc import Consent, EkycCheck, LivingCount, Verified
from haqdar.identity.models.pairs import Judgement, LinkRun, Pair

__all__ = ["Consent", "EkycCheck", "Judgement", "LinkRun", "LivingCount", "Pair", "Verified"]
