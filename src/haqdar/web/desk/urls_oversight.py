"""Addresses of the money's hub and of what watches over it: dashboard, reconciliation, reports, samples."""

from django.urls import path

from haqdar.web.desk.views import money, oversight

OVERSIGHT_URLS = [
    path("money/", money.money, name="money"),
    path("money/standing/", oversight.money_dashboard, name="money-dashboard"),
    path("money/standing/download", oversight.money_dashboard_download, name="money-dashboard-download"),
    path("money/reconciliation/", oversight.money_reconciliation, name="reconciliation"),
    path(
        "money/reconciliation/download",
        oversight.money_reconciliation_download,
        name="reconciliation-download",
    ),
]
