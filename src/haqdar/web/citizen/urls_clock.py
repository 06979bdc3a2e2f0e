"""Addresses of appeals, grievances, reports and feedback."""

from django.urls import path

from haqdar.web.citizen import appeals, grievances

CLOCK_URLS = [
    path("appeal", appeals.appeal, name="appeal"),
    path("grievance", grievances.grievance, name="grievance"),
    path("report", grievances.report, name="report"),
    path("feedback", grievances.feedback, name="feedback"),
    path("answer/<str:number>", grievances.answer, name="answer"),
]
