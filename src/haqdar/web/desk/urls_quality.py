"""Addresses of the quality of the register."""

from django.urls import path

from haqdar.web.desk.views import quality

QUALITY_URLS = [
    path("quality/", quality.quality, name="quality"),
    path("quality/download", quality.quality_download, name="quality-download"),
    path("quality/<uuid:key>/", quality.quality_accept, name="quality-accept"),
]
