"""Addresses of the audit trail."""

from django.urls import path

from haqdar.web.desk.views import audit

TRAIL_URLS = [
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/find", audit.audit_find, name="audit-find"),
    path("audit/download", audit.audit_download, name="audit-download"),
]
