"""Addresses of documents that officers open."""

from django.urls import path

from haqdar.web.desk.views import papers

PAPERS_URLS = [
    path("orders/<uuid:key>/", papers.order, name="order"),
    path("people/<uuid:key>/passbook", papers.passbook_pdf, name="passbook-pdf"),
]
