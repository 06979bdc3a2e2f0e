"""Addresses of the money's hub and of what watches over it: dashboard, reconciliation, reports, samples."""

from django.urls import path

from haqdar.web.desk.views import money

OVERSIGHT_URLS = [
    path("money/", money.money, name="money"),
]
