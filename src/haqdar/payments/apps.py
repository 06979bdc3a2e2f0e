"""Django app of the stage `payments`."""

from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    """Ledger of dues, bills and bank instructions."""

    name = "haqdar.payments"
    label = "payments"
    verbose_name = "Payments"
