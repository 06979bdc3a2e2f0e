"""Tables of the stage: pairs that may be one person and what people judged of them (`pairs`); eKYC; departments' lists (`seeding`); quality."""

from haqdar.identity.models.ekyc import Consent, EkycCheck, LivingCount, Verified
from haqdar.identity.models.pairs import Judgement, LinkRun, Pair
from haqdar.identity.models.quality import QualityFinding, QualityLook, QualityScore
from haqdar.identity.models.seeding import Department, SeedFinding, SeedLink, SeedList, SeedMapping, SeedRow

__all__ = [
    "Consent",
    "Department",
    "EkycCheck",
    "Judgement",
    "LinkRun",
    "LivingCount",
    "Pair",
    "QualityFinding",
    "QualityLook",
    "QualityScore",
    "SeedFinding",
    "SeedLink",
    "SeedList",
    "SeedMapping",
    "SeedRow",
    "Verified",
]
