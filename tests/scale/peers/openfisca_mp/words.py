"""The words that registers use, and the age that a date of birth gives; shared by the variables."""

from openfisca_core.indexed_enums import Enum
from openfisca_core.model_api import where


class Sex(Enum):
    unknown = "unknown"
    F = "woman"
    M = "man"
    T = "transgender"


class MaritalStatus(Enum):
    unknown = "unknown"
    married = "married"
    widowed = "widowed"
    deserted = "deserted"
    divorced = "divorced"
    never_married = "never married"


class Answer(Enum):
    unknown = "unknown"
    no = "no"
    yes = "yes"


def completed_years(birth, period):
    """The age on the first day of `period`, from an array of dates of birth, the way OpenFisca's country template does it."""
    month_of_birth = birth.astype("datetime64[M]")
    month = month_of_birth.astype(int) % 12 + 1
    day = (birth - month_of_birth).astype(int) + 1
    had_birthday = (month < period.start.month) + (month == period.start.month) * (day <= period.start.day)
    return period.start.year - (birth.astype("datetime64[Y]").astype(int) + 1970) - where(had_birthday, 0, 1)
