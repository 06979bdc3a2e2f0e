"""Addresses of the desk: queues, cases, work on many at once."""

from django.urls import path

from haqdar.web.desk.views import cases

DESK_URLS = [
    path("cases/<uuid:key>/", cases.case_detail, name="case-detail"),
]
