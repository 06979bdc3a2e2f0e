"""The family condition of KANYA without a group entity: the husband's facts are the wife's variables, as in the people's file."""

from datetime import date

from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum
from openfisca_core.model_api import not_
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from tests.scale.peers.openfisca_mp.entities import Person
from tests.scale.peers.openfisca_mp.words import Answer, completed_years


class living_daughters(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Living daughters of the couple"


class living_sons(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Living sons of the couple"


class partner_present(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Has a living recorded husband"


class partner_born_on(Variable):
    value_type = date
    entity = Person
    definition_period = DateUnit.ETERNITY
    default_value = date(3000, 1, 1)
    label = "The husband's date of birth; far in the future where nobody knows it or there is no husband"


class partner_birth_known(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.ETERNITY
    label = "The husband's date of birth is known"


class partner_income_tax_payer(Variable):
    value_type = Enum
    possible_values = Answer
    default_value = Answer.unknown
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "The husband pays income tax"


class only_daughters(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The couple has a living daughter and no living son"

    def formula(person, period):
        """At least one daughter, no son."""
        return (person("living_daughters", period) >= 1) * (person("living_sons", period) == 0)


class one_spouse_is_old(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the husband has the age"

    def formula(person, period, parameters):
        """Either is 60 or older."""
        limit = parameters(period).pensions.kanya.minimum_age
        husbands_age = completed_years(person("partner_born_on", period), period)
        return (person("age", period) >= limit) + (husbands_age >= limit)


class one_spouse_may_be_old(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the husband has or may have the age"

    def formula(person, period):
        """Either is 60 or older or of unknown age."""
        his_unknown = person("partner_present", period) * not_(person("partner_birth_known", period))
        return person("one_spouse_is_old", period) + person("age_unknown", period) + his_unknown


class no_spouse_pays_tax(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Neither pays income tax"

    def formula(person, period):
        """Both are known not to pay."""
        own, his = person("income_tax_payer", period), person("partner_income_tax_payer", period)
        alone = not_(person("partner_present", period))
        return (own == Answer.no) * (alone + (his == Answer.no))


class one_spouse_pays_tax(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "The person or the husband pays income tax"

    def formula(person, period):
        """Either is known to pay."""
        own, his = person("income_tax_payer", period), person("partner_income_tax_payer", period)
        return (own == Answer.yes) + person("partner_present", period) * (his == Answer.yes)
