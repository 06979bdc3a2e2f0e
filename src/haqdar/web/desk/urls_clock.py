"""Addresses of appeals, penalties, grievances, reports and delays at the desk."""

from django.urls import path

from haqdar.web.desk.views import appeals, delays, grievances

CLOCK_URLS = [
    path("cases/<uuid:key>/appeal-decide", appeals.appeal_decide, name="appeal-decide"),
    path("cases/<uuid:key>/second-appeal-decide", appeals.second_appeal_decide, name="second-appeal-decide"),
    path("cases/<uuid:key>/appeal-enter", appeals.appeal_enter, name="appeal-enter"),
    path("cases/<uuid:key>/grievance-answer", grievances.grievance_answer, name="grievance-answer"),
    path("cases/<uuid:key>/report-examine", grievances.report_examine, name="report-examine"),
    path("cases/<uuid:key>/clock", appeals.clock_pause, name="clock-pause"),
    path("cases/<uuid:key>/penalty", appeals.penalty_decide, name="penalty-decide"),
    path("penalties/", appeals.penalty_list, name="penalty-list"),
    path("delays/", delays.delay_list, name="delay-list"),
    path("delays/cases", delays.delay_cases, name="delay-cases"),
    path("delays/download", delays.delay_download, name="delay-download"),
    path("delays/pdf", delays.delay_pdf, name="delay-pdf"),
]
