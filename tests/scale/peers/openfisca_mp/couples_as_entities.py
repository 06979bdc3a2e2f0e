"""The family condition of KANYA over a group entity, as OpenFisca's guide teaches it: aggregate members, project back."""

from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.model_api import not_
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from tests.scale.peers.openfisca_mp.entities import Couple, Person
from tests.scale.peers.openfisca_mp.words import Answer


class living_daughters(Variable):
    value_type = int
    entity = Couple
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Living daughters of the couple"


class living_sons(Variable):
    value_type = int
    entity = Couple
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Living sons of the couple"


class couple_is_old(Variable):
    value_type = bool
    entity = Couple
    definition_period = DateUnit.MONTH
    label = "One of the couple has the age"

    def formula(couple, period, parameters):
        """Any of the couple is 60 or older."""
        return couple.any(couple.members("age", period) >= parameters(period).pensions.kanya.minimum_age)


class couple_may_be_old(Variable):
    value_type = bool
    entity = Couple
    definition_period = DateUnit.MONTH
    label = "One of the couple has or may have the age"

    def formula(couple, period):
        """Any of the couple is 60 or older or of unknown age."""
        return couple("couple_is_old", period) + couple.any(couple.members("age_unknown", period))


class couple_pays_tax(Variable):
    value_type = bool
    entity = Couple
    definition_period = DateUnit.MONTH
    label = "One of the couple pays income tax"

    def formula(couple, period):
        """Any of the couple is known to pay."""
        answer = couple.members("income_tax_payer", period)
        return couple.any(answer == Answer.yes)


class couple_pays_no_tax(Variable):
    value_type = bool
    entity = Couple
    definition_period = DateUnit.MONTH
    label = "None of the couple pays income tax"

    def formula(couple, period):
        """All of the couple are known not to pay."""
        answer = couple.members("income_tax_payer", period)
        return not_(couple.any(answer != Answer.no))


class only_daughters(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The couple has a living daughter and no living son"

    def formula(person, period):
        """At least one daughter, no son."""
        daughters = person.couple("living_daughters", period) >= 1
        return daughters * (person.couple("living_sons", period) == 0)


class one_spouse_is_old(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the spouse has the age"

    def formula(person, period):
        """As the couple's."""
        return person.couple("couple_is_old", period)


class one_spouse_may_be_old(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the spouse has or may have the age"

    def formula(person, period):
        """As the couple's."""
        return person.couple("couple_may_be_old", period)


class no_spouse_pays_tax(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Neither pays income tax"

    def formula(person, period):
        """As the couple's."""
        return person.couple("couple_pays_no_tax", period)


class one_spouse_pays_tax(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the spouse pays income tax"

    def formula(person, period):
        """As the couple's."""
        return person.couple("couple_pays_tax", period)
