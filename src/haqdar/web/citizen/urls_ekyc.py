"""Addresses of a citizen's own eKYC."""

from django.urls import path

from haqdar.web.citizen import ekyc

EKYC_URLS = [
    path("ekyc", ekyc.ekyc, name="ekyc"),
    path("ekyc/give/<slug:way>", ekyc.ekyc_give, name="ekyc-give"),
    path("ekyc/frame", ekyc.ekyc_frame, name="ekyc-frame"),
    path("ekyc/withdraw", ekyc.ekyc_withdraw, name="ekyc-withdraw"),
    path("ekyc/checks/<uuid:check>", ekyc.ekyc_compare, name="ekyc-compare"),
    path("ekyc/checks/<uuid:check>/photo", ekyc.ekyc_photo, name="ekyc-photo"),
]
