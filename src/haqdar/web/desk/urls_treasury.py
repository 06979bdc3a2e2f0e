"""Addresses of the line to the treasury."""

from django.urls import path

from haqdar.web.desk.views import treasury

TREASURY_URLS = [
    path("money/treasury/", treasury.treasury, name="treasury"),
    path("money/treasury/download", treasury.treasury_download, name="treasury-download"),
    path("money/treasury/<uuid:key>/", treasury.treasury_bill, name="treasury-bill"),
    path("money/treasury/<uuid:key>/retry", treasury.treasury_retry, name="treasury-retry"),
    path("money/treasury/<uuid:key>/give-back", treasury.treasury_give_back, name="treasury-give-back"),
]
