"""Addresses of pairs of records that may be one person."""

from django.urls import path

from haqdar.web.desk.views import pairs

PAIRS_URLS = [
    path("pairs/", pairs.pair_list, name="pair-list"),
    path("pairs/download", pairs.pair_download, name="pair-download"),
    path("pairs/<uuid:key>/", pairs.pair_detail, name="pair-detail"),
    path("pairs/<uuid:key>/judge", pairs.pair_judge, name="pair-judge"),
    path("pairs/<uuid:key>/back", pairs.pair_take_back, name="pair-take-back"),
]
