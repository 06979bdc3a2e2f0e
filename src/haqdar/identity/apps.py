"""Django app of the stage `identity`."""

from django.apps import AppConfig

from haqdar.registry.numbers_kept import NumberKind, also_by


class IdentityConfig(AppConfig):
    """One person, once: eKYC, linkage of lists, duplicates, quality of the register."""

    name = "haqdar.identity"
    label = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        """People are looked up by the numbers that departments have for them, too."""
        query = "SELECT member_id FROM identity_seed_link WHERE ended_at IS NULL AND domain_id"
        also_by(NumberKind("department_number", query))
