"""The address at which payees are examined."""

from django.urls import path

from haqdar.web.desk.views import examining

EXAMINE_URLS = [
    path("cases/<uuid:key>/examine", examining.case_examine, name="case-examine"),
]
