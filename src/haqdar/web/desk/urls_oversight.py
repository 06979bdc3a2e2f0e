"""Addresses of the money's hub and of what watches over it: dashboard, reconciliation, reports, samples."""

from django.urls import path

from haqdar.web.desk.views import hubs, oversight, reports, samples

OVERSIGHT_URLS = [
    path("money/", hubs.money, name="money"),
    path("identity/", hubs.identity, name="identity"),
    path("money/standing/", oversight.money_dashboard, name="money-dashboard"),
    path("money/standing/download", oversight.money_dashboard_download, name="money-dashboard-download"),
    path("money/reconciliation/", oversight.money_reconciliation, name="reconciliation"),
    path(
        "money/reconciliation/download",
        oversight.money_reconciliation_download,
        name="reconciliation-download",
    ),
    path("money/samples/", samples.money_sample, name="money-sample"),
    path("money/samples/<uuid:key>/", samples.money_sample_detail, name="money-sample-detail"),
    path("money/samples/<uuid:key>/download", samples.money_sample_download, name="money-sample-download"),
    path("money/reports/", reports.money_reports, name="money-reports"),
    path("money/reports/<slug:report>/", reports.money_report, name="money-report"),
    path("money/reports/<slug:report>/download", reports.money_report_download, name="money-report-download"),
    path("money/reports/<slug:report>/pdf", reports.money_report_pdf, name="money-report-pdf"),
]
