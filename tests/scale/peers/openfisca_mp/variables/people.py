"""What the registers say of a person, and the age that follows from it."""

from datetime import date

from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum
from openfisca_core.model_api import not_
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from tests.scale.peers.openfisca_mp.entities import Person
from tests.scale.peers.openfisca_mp.words import Answer, MaritalStatus, Sex, completed_years


class born_on(Variable):
    value_type = date
    entity = Person
    definition_period = DateUnit.ETERNITY
    default_value = date(3000, 1, 1)
    label = "Date of birth; far in the future where nobody knows it, so that no age is reached"


class birth_known(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.ETERNITY
    label = "The date of birth is known"


class sex(Variable):
    value_type = Enum
    possible_values = Sex
    default_value = Sex.unknown
    entity = Person
    definition_period = DateUnit.ETERNITY
    label = "Sex"


class alive(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Is alive on the first of the month"


class migrated_out(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Has moved out of the State"


class marital_status(Variable):
    value_type = Enum
    possible_values = MaritalStatus
    default_value = MaritalStatus.unknown
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Marital status"


class bpl(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "The family is on the BPL register"


class destitute(Variable):
    value_type = Enum
    possible_values = Answer
    default_value = Answer.unknown
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Has no support"


class income_tax_payer(Variable):
    value_type = Enum
    possible_values = Answer
    default_value = Answer.unknown
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Pays income tax"


class disability_percent(Variable):
    value_type = float
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Certified disability in per cent"


class intellectual_disability(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Is certified as intellectually disabled"


class multiple_disability(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Is certified with multiple disabilities"


class wife_died(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "The recorded wife has died"


class age(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Completed years on the first of the month"

    def formula(person, period):
        """Years since birth, one less before the birthday; one born on 29 February completes a year on 1 March."""
        return completed_years(person("born_on", period), period)


class age_unknown(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.ETERNITY
    label = "Nobody knows the age"

    def formula(person, period):
        """The date of birth is not known."""
        return not_(person("birth_known", period))


class present(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Lives in the State"

    def formula(person, period):
        """Every scheme asks first that the person is alive and has not moved out of the State."""
        return person("alive", period) * not_(person("migrated_out", period))


class poor(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Lives in the State in a family on the BPL register"

    def formula(person, period):
        """Present, and the family is on the BPL register."""
        return person("present", period) * person("bpl", period)
