"""Addresses of the officers' side of applications and messages."""

from django.urls import path

from haqdar.web.desk.views import outbox

APPLY_URLS = [
    path("outbox/", outbox.outbox, name="outbox"),
]
