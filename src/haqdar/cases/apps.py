"""Django app of the stage `cases`."""

from django.apps import AppConfig

from haqdar.registry.numbers_kept import NumberKind, also_by


class CasesConfig(AppConfig):
    """Monthly runs, work lists, forecasts and awards."""

    name = "haqdar.cases"
    label = "cases"
    verbose_name = "Cases"

    def ready(self) -> None:
        """A family is looked up by the number of its household card, too."""
        query = (
            "SELECT r.member_id FROM cases_household_card c JOIN registry_family f ON f.key = c.family_key"
            " JOIN registry_resident_belief r ON r.family_id = f.family_id WHERE c.number"
        )
        also_by(NumberKind("household_card", query, upper=True))
