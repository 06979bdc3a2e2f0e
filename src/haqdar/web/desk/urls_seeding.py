"""Addresses of departments' lists: upload, columns, results, judging, tying and untying, payees to be examined."""

from django.urls import path

from haqdar.web.desk.views import seed_findings, seeding

_LIST = "seeding/lists/<uuid:key>/"
_DEPARTMENT = "seeding/departments/<slug:code>/"

SEEDING_URLS = [
    path("seeding/", seeding.seeding_list, name="seeding-list"),
    path("seeding/download", seeding.seeding_list_download, name="seeding-list-download"),
    path("seeding/departments/new", seeding.department_new, name="department-new"),
    path(_DEPARTMENT, seeding.department_detail, name="department-detail"),
    path(_DEPARTMENT + "upload", seeding.seeding_upload, name="seeding-upload"),
    path(_DEPARTMENT + "examine/", seed_findings.seed_findings, name="seed-findings"),
    path(
        _DEPARTMENT + "examine/download", seed_findings.seed_findings_download, name="seed-findings-download"
    ),
    path("seeding/findings/<uuid:key>/", seed_findings.seed_finding, name="seed-finding"),
    path("people/<uuid:key>/numbers", seeding.person_untie, name="person-untie"),
    path(_LIST, seeding.seeding_detail, name="seeding-detail"),
    path(_LIST + "columns", seeding.seeding_columns, name="seeding-columns"),
    path(_LIST + "confirm", seeding.seeding_confirm, name="seeding-confirm"),
    path(_LIST + "judge", seeding.seeding_judge, name="seeding-judge"),
    path(_LIST + "tie", seeding.seeding_converge, name="seeding-converge"),
    path(_LIST + "aside", seeding.seeding_discard, name="seeding-discard"),
    path(_LIST + "results/<slug:kind>", seeding.seeding_results, name="seeding-results"),
]
