"""The best pension of each group: a person holds at most one of a group, the one that pays most."""

from numpy import maximum
from openfisca_core.model_api import where
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from tests.scale.peers.openfisca_mp.entities import Person

#: The schemes of the first group in the order of their rank.
FIRST = ("ignoaps", "ignwps", "igndps", "ssp_old", "ssp_widow", "ssp_deserted", "ssp_pwd")


class best_1_paise(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Social security pensions: the highest amount in paise, 0 for none"

    def formula(person, period):
        """The highest amount among the schemes of the group."""
        most = person(FIRST[0], period)
        for scheme in FIRST[1:]:
            most = maximum(most, person(scheme, period))
        return most


class best_1(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Social security pensions: the rank of the scheme that pays most, 0 for none"

    def formula(person, period):
        """A tie goes to the scheme listed first."""
        most = person("best_1_paise", period)
        best = most * 0
        for rank in range(len(FIRST), 0, -1):
            best = where(person(FIRST[rank - 1], period) == most, rank, best)
        return where(most > 0, best, 0)


class best_2_paise(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Pension for parents of daughters: the amount in paise, 0 for none"

    def formula(person, period):
        """The group has one scheme."""
        return person("kanya", period)


class best_2(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Pension for parents of daughters: the rank of the scheme, 0 for none"

    def formula(person, period):
        """The group has one scheme, the eighth."""
        return person("kanya_eligible", period) * 8


class best_3_paise(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Assistance for disabilities of mind: the amount in paise, 0 for none"

    def formula(person, period):
        """The group has one scheme."""
        return person("mrmd", period)


class best_3(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Assistance for disabilities of mind: the rank of the scheme, 0 for none"

    def formula(person, period):
        """The group has one scheme, the ninth."""
        return person("mrmd_eligible", period) * 9
