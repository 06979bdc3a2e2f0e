"""Addresses of payment files."""

from django.urls import path

from haqdar.web.desk.views import bankfiles

RAILS_URLS = [
    path("money/files/", bankfiles.bankfile_list, name="bankfile-list"),
    path("money/files/download", bankfiles.bankfile_download, name="bankfile-download"),
    path("money/files/make", bankfiles.bankfile_make, name="bankfile-make"),
    path("money/files/<uuid:key>/", bankfiles.bankfile_detail, name="bankfile-detail"),
    path("money/files/<uuid:key>/release", bankfiles.bankfile_release, name="bankfile-release"),
    path("money/files/<uuid:key>/withdraw", bankfiles.bankfile_withdraw, name="bankfile-withdraw"),
    path("money/files/<uuid:key>/envelope.<slug:which>", bankfiles.bankfile_envelope, name="bankfile-envelope"),
]  # fmt: skip
