"""Addresses of register and payee changes, Gram Sabha lists and social audits."""

from django.urls import path

from haqdar.web.desk.views import registers, scrutiny

REGISTERS_URLS = [
    path("registers/", registers.register_list, name="register-list"),
    path("people/<uuid:key>/register/", registers.register_new, name="register-new"),
    path("people/<uuid:key>/register/<slug:kind>", registers.register_form, name="register-form"),
    path("people/<uuid:key>/payee/<slug:kind>", registers.payee_form, name="payee-form"),
    path("registers/<uuid:key>/", registers.register_detail, name="register-detail"),
    path("registers/<uuid:key>/submitted", registers.register_submitted, name="register-submitted"),
    path("registers/<uuid:key>/approve", registers.register_approve, name="register-approve"),
    path("registers/<uuid:key>/papers/<uuid:paper>", registers.register_document, name="register-document"),
    path("payees/<uuid:key>/approve", registers.payee_approve, name="payee-approve"),
    path("payees/<uuid:key>/", registers.payee_change, name="payee-change"),
    path("gramsabha/", scrutiny.gramsabha_list, name="gramsabha-list"),
    path("gramsabha/<str:area>/", scrutiny.gramsabha_detail, name="gramsabha-detail"),
    path("gramsabha/<str:area>/print-<slug:language>", scrutiny.gramsabha_print, name="gramsabha-print"),
    path("gramsabha/<str:area>/meeting", scrutiny.gramsabha_meeting_new, name="gramsabha-meeting-new"),
    path("gramsabha/meetings/<uuid:key>/", scrutiny.gramsabha_meeting, name="gramsabha-meeting"),
    path(
        "gramsabha/meetings/<uuid:key>/<uuid:person>/<str:scheme>",
        scrutiny.gramsabha_object,
        name="gramsabha-object",
    ),
    path("socialaudit/", scrutiny.socialaudit_list, name="socialaudit-list"),
    path("socialaudit/new", scrutiny.socialaudit_new, name="socialaudit-new"),
    path("socialaudit/<uuid:key>/", scrutiny.socialaudit_detail, name="socialaudit-detail"),
    path(
        "socialaudit/<uuid:key>/print-<slug:language>", scrutiny.socialaudit_print, name="socialaudit-print"
    ),
    path("socialaudit/<uuid:key>/download", scrutiny.socialaudit_download, name="socialaudit-download"),
    path("socialaudit/<uuid:key>/<int:serial>", scrutiny.socialaudit_answer, name="socialaudit-answer"),
]
