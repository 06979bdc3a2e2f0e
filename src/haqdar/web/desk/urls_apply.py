"""Addresses of the officers' side of applications and messages."""

from django.urls import path

from haqdar.web.desk.views import applications, outbox

APPLY_URLS = [
    path("applications/new", applications.application_enter, name="application-enter"),
    path("documents/<uuid:key>", applications.document, name="document"),
    path("outbox/", outbox.outbox, name="outbox"),
]
