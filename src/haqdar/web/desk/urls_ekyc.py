"""Addresses of assisted eKYC and of the share of verified residents."""

from django.urls import path

from haqdar.web.desk.views import ekyc

EKYC_URLS = [
    path("ekyc/", ekyc.ekyc_dashboard, name="ekyc-dashboard"),
    path("ekyc/download", ekyc.ekyc_download, name="ekyc-download"),
    path("people/<uuid:key>/ekyc/", ekyc.ekyc, name="ekyc"),
    path("people/<uuid:key>/ekyc/give/<slug:way>", ekyc.ekyc_give, name="ekyc-give"),
    path("people/<uuid:key>/ekyc/frame", ekyc.ekyc_frame, name="ekyc-frame"),
    path("people/<uuid:key>/ekyc/withdraw", ekyc.ekyc_withdraw, name="ekyc-withdraw"),
    path("people/<uuid:key>/ekyc/checks/<uuid:check>/", ekyc.ekyc_compare, name="ekyc-compare"),
    path("people/<uuid:key>/ekyc/checks/<uuid:check>/photo", ekyc.ekyc_photo, name="ekyc-photo"),
]
