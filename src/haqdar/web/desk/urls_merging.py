"""The addresses at which two records of one person are merged, looked at and parted again."""

from django.urls import path

from haqdar.web.desk.views import merging

MERGING_URLS = [
    path("merges/", merging.merge_list, name="merge-list"),
    path("merges/download", merging.merge_download, name="merge-download"),
    path("pairs/<uuid:key>/merge", merging.merge_preview, name="merge-preview"),
    path("merges/<uuid:key>/", merging.merge_detail, name="merge-detail"),
    path("merges/<uuid:key>/undo", merging.merge_undo, name="merge-undo"),
]
