"""The nine pensions: whether a person is eligible, whether that is possible, and what is paid in paise."""

from openfisca_core.model_api import not_
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable
from tests.scale.peers.openfisca_mp.entities import Person
from tests.scale.peers.openfisca_mp.words import Answer, MaritalStatus, Sex


def between(values, law):
    """The age lies in the scheme's band, both ends included."""
    return (values >= law.minimum_age) * (values <= law.maximum_age)


class widowed_woman(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Is a widow"

    def formula(person, period):
        """A woman whose status is widowed; widowed men do not qualify."""
        sex, status = person("sex", period), person("marital_status", period)
        return (sex == Sex.F) * (status == MaritalStatus.widowed)


class possibly_widowed_woman(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "Is a widow or may be one"

    def formula(person, period):
        """A woman whose status is widowed or unknown."""
        sex, status = person("sex", period), person("marital_status", period)
        return (sex == Sex.F) * ((status == MaritalStatus.widowed) + (status == MaritalStatus.unknown))


class ignoaps_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNOAPS: entitled"
    reference = "National Social Assistance Programme"

    def formula(person, period, parameters):
        """BPL and 60 or older."""
        law = parameters(period).pensions.ignoaps
        return person("poor", period) * (person("age", period) >= law.minimum_age)


class ignoaps_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNOAPS: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, and 60 or older or of unknown age."""
        law = parameters(period).pensions.ignoaps
        old = person("age", period) >= law.minimum_age
        return person("poor", period) * (old + person("age_unknown", period))


class ignoaps(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNOAPS: paise a month"

    def formula(person, period, parameters):
        """By age: 60 to 64, 65 to 79, 80 and older."""
        law = parameters(period).pensions.ignoaps
        return person("ignoaps_eligible", period) * law.amount.calc(person("age", period))


class ignwps_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNWPS: entitled"
    reference = "National Social Assistance Programme"

    def formula(person, period, parameters):
        """BPL, a widow, 40 to 79."""
        aged = between(person("age", period), parameters(period).pensions.ignwps)
        return person("poor", period) * person("widowed_woman", period) * aged


class ignwps_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNWPS: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, a woman who is or may be a widow, 40 to 79 or of unknown age."""
        aged = between(person("age", period), parameters(period).pensions.ignwps)
        maybe = aged + person("age_unknown", period)
        return person("poor", period) * person("possibly_widowed_woman", period) * maybe


class ignwps(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNWPS: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("ignwps_eligible", period) * parameters(period).pensions.ignwps.amount


class igndps_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNDPS: entitled"
    reference = "National Social Assistance Programme"

    def formula(person, period, parameters):
        """BPL, disability of 80 per cent or more, 18 to 79."""
        law = parameters(period).pensions.igndps
        disabled = person("disability_percent", period) >= law.minimum_percent
        return person("poor", period) * disabled * between(person("age", period), law)


class igndps_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNDPS: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, disability of 80 per cent or more, 18 to 79 or of unknown age."""
        law = parameters(period).pensions.igndps
        disabled = person("disability_percent", period) >= law.minimum_percent
        maybe = between(person("age", period), law) + person("age_unknown", period)
        return person("poor", period) * disabled * maybe


class igndps(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "IGNDPS: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("igndps_eligible", period) * parameters(period).pensions.igndps.amount


class ssp_old_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-OLD: entitled"
    reference = "Social Security Pension rules"

    def formula(person, period, parameters):
        """Destitute and 60 or older; the BPL register is not asked."""
        answer = person("destitute", period)
        old = person("age", period) >= parameters(period).pensions.ssp_old.minimum_age
        return person("present", period) * (answer == Answer.yes) * old


class ssp_old_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-OLD: nothing known speaks against it"

    def formula(person, period, parameters):
        """Not known to have support, and 60 or older or of unknown age."""
        answer = person("destitute", period)
        old = person("age", period) >= parameters(period).pensions.ssp_old.minimum_age
        maybe = old + person("age_unknown", period)
        return person("present", period) * (answer != Answer.no) * maybe


class ssp_old(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-OLD: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("ssp_old_eligible", period) * parameters(period).pensions.ssp_old.amount


class ssp_widow_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-WIDOW: entitled"
    reference = "Social Security Pension rules"

    def formula(person, period, parameters):
        """BPL, a widow, 18 to 39."""
        aged = between(person("age", period), parameters(period).pensions.ssp_widow)
        return person("poor", period) * person("widowed_woman", period) * aged


class ssp_widow_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-WIDOW: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, a woman who is or may be a widow, 18 to 39 or of unknown age."""
        aged = between(person("age", period), parameters(period).pensions.ssp_widow)
        maybe = aged + person("age_unknown", period)
        return person("poor", period) * person("possibly_widowed_woman", period) * maybe


class ssp_widow(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-WIDOW: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("ssp_widow_eligible", period) * parameters(period).pensions.ssp_widow.amount


class ssp_deserted_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-DESERTED: entitled"
    reference = "Social Security Pension rules"

    def formula(person, period, parameters):
        """BPL, a deserted woman, 18 to 59."""
        sex, status = person("sex", period), person("marital_status", period)
        woman = (sex == Sex.F) * (status == MaritalStatus.deserted)
        aged = between(person("age", period), parameters(period).pensions.ssp_deserted)
        return person("poor", period) * woman * aged


class ssp_deserted_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-DESERTED: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, a woman who is or may be deserted, 18 to 59 or of unknown age."""
        sex, status = person("sex", period), person("marital_status", period)
        woman = (sex == Sex.F) * ((status == MaritalStatus.deserted) + (status == MaritalStatus.unknown))
        aged = between(person("age", period), parameters(period).pensions.ssp_deserted)
        return person("poor", period) * woman * (aged + person("age_unknown", period))


class ssp_deserted(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-DESERTED: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("ssp_deserted_eligible", period) * parameters(period).pensions.ssp_deserted.amount


class ssp_pwd_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-PWD: entitled"
    reference = "Social Security Pension rules"

    def formula(person, period, parameters):
        """BPL, disability of 40 per cent or more, 6 to 18."""
        law = parameters(period).pensions.ssp_pwd
        disabled = person("disability_percent", period) >= law.minimum_percent
        return person("poor", period) * disabled * between(person("age", period), law)


class ssp_pwd_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-PWD: nothing known speaks against it"

    def formula(person, period, parameters):
        """BPL, disability of 40 per cent or more, 6 to 18 or of unknown age."""
        law = parameters(period).pensions.ssp_pwd
        disabled = person("disability_percent", period) >= law.minimum_percent
        maybe = between(person("age", period), law) + person("age_unknown", period)
        return person("poor", period) * disabled * maybe


class ssp_pwd(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "SSP-PWD: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("ssp_pwd_eligible", period) * parameters(period).pensions.ssp_pwd.amount


class kanya_payee(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "KANYA: the person is the one who is paid"

    def formula(person, period):
        """A woman married, widowed or deserted; or a widower whose recorded wife has died."""
        sex, status = person("sex", period), person("marital_status", period)
        mother = (
            (status == MaritalStatus.married)
            + (status == MaritalStatus.widowed)
            + (status == MaritalStatus.deserted)
        )
        father = (status == MaritalStatus.widowed) * person("wife_died", period)
        return (sex == Sex.F) * mother + (sex == Sex.M) * father


class possible_kanya_payee(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "KANYA: the person is or may be the one who is paid"

    def formula(person, period):
        """A payee, or one who would be with the right marital status, which nobody knows."""
        sex, status = person("sex", period), person("marital_status", period)
        unknown = status == MaritalStatus.unknown
        woman = (sex == Sex.F) * unknown
        man = (sex == Sex.M) * unknown * person("wife_died", period)
        return person("kanya_payee", period) + woman + man


class kanya_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "KANYA: entitled"
    reference = "Rules of the Mukhyamantri Kanya Abhibhavak Pension"

    def formula(person, period):
        """The payee of a couple with a spouse of 60 or older, only daughters, and no payer of income tax."""
        family = person("only_daughters", period) * person("one_spouse_is_old", period)
        return (
            person("present", period)
            * person("kanya_payee", period)
            * family
            * person("no_spouse_pays_tax", period)
        )


class kanya_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "KANYA: nothing known speaks against it"

    def formula(person, period):
        """The same with what is unknown taken in the person's favour."""
        family = person("only_daughters", period) * person("one_spouse_may_be_old", period)
        return (
            person("present", period)
            * person("possible_kanya_payee", period)
            * family
            * not_(person("one_spouse_pays_tax", period))
        )


class kanya(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "KANYA: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("kanya_eligible", period) * parameters(period).pensions.kanya.amount


class mrmd_eligible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "MRMD: entitled"
    reference = "Social Security Pension rules"

    def formula(person, period):
        """A certificate of intellectual or of multiple disabilities."""
        kind = person("intellectual_disability", period) + person("multiple_disability", period)
        return person("present", period) * kind


class mrmd_possible(Variable):
    value_type = bool
    entity = Person
    definition_period = DateUnit.MONTH
    label = "MRMD: nothing known speaks against it"

    def formula(person, period):
        """Certificates are always known, so possible is eligible."""
        return person("mrmd_eligible", period)


class mrmd(Variable):
    value_type = int
    entity = Person
    definition_period = DateUnit.MONTH
    label = "MRMD: paise a month"

    def formula(person, period, parameters):
        """One amount for all."""
        return person("mrmd_eligible", period) * parameters(period).pensions.mrmd.amount
