"""Addresses of the desk: queues, cases, work on many at once."""

from django.urls import path

from haqdar.web.desk.views import bulk_jobs, cases, queues

DESK_URLS = [
    path("", queues.desk, name="desk"),
    path("queue/<slug:slug>/", queues.queue, name="queue"),
    path("queue/<slug:slug>/download", queues.queue_download, name="queue-download"),
    path("queue/<slug:slug>/print", queues.queue_print, name="queue-print"),
    path("cases/<uuid:key>/", cases.case_detail, name="case-detail"),
    path("work/<uuid:key>/", bulk_jobs.bulk_detail, name="bulk-detail"),
    path("work/<uuid:key>/download", bulk_jobs.bulk_download, name="bulk-download"),
]
