"""Django app of the stage `vault`."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Aadhaar numbers and eKYC data behind reference keys."""

    name = "haqdar.vault"
    label = "vault"
    verbose_name = "Vault"
