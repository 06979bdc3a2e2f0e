"""Addresses of the acts on cases: verification, decision, stops, objections, corrections."""

from django.urls import path

from haqdar.web.desk.views import corrections, decide, stops

DECIDE_URLS = [
    path("cases/<uuid:key>/verify", decide.case_verify, name="case-verify"),
    path("cases/<uuid:key>/sanction", decide.case_sanction, name="case-sanction"),
    path("cases/<uuid:key>/note", decide.case_note, name="case-note"),
    path("cases/<uuid:key>/stop", stops.stop_confirm, name="stop-confirm"),
    path("cases/<uuid:key>/restore", stops.stop_restore, name="stop-restore"),
    path("cases/<uuid:key>/object", stops.objection_enter, name="objection-enter"),
    path("cases/<uuid:key>/objection", stops.objection_decide, name="objection-decide"),
    path("cases/<uuid:key>/correct", corrections.fact_correct, name="fact-correct"),
    path("people/<uuid:key>/correct", corrections.person_correct, name="person-correct"),
]
