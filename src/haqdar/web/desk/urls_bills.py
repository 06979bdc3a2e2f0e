"""Addresses of bills and the budget."""

from django.urls import path

from haqdar.web.desk.converters import MonthConverter  # noqa: F401  # the address of a month
from haqdar.web.desk.views import bills, budgets

BILLS_URLS = [
    path("bills/", bills.bill_latest, name="bill-latest"),
    path("bills/<month:month>/", bills.bill_list, name="bill-list"),
    path("bills/<month:month>/download", bills.bill_download, name="bill-download"),
    path("bills/<month:month>/of/<str:ddo>/", bills.bill_office, name="bill-office"),
    path("bills/<month:month>/of/<str:ddo>/download", bills.bill_office_download, name="bill-office-download"),
    path("bills/<month:month>/of/<str:ddo>/sanction", bills.bill_sanction, name="bill-sanction"),
    path("bills/<month:month>/of/<str:ddo>/submit", bills.bill_submit, name="bill-submit"),
    path("bills/<month:month>/of/<str:ddo>/answer", bills.bill_answer, name="bill-answer"),
    path("bills/<month:month>/of/<str:ddo>/supplementary", bills.bill_supplementary, name="bill-supplementary"),
    path("bills/versions/<uuid:key>/", bills.bill_detail, name="bill-detail"),
    path("bills/versions/<uuid:key>/object", bills.bill_object, name="bill-object"),
    path("bills/versions/<uuid:key>/cancel", bills.bill_cancel, name="bill-cancel"),
    path("bills/versions/<uuid:key>/order.pdf", bills.bill_order, name="bill-order"),
    path("bills/versions/<uuid:key>/bill.pdf", bills.bill_document, name="bill-document"),
    path("bills/versions/<uuid:key>/payees", bills.bill_payees, name="bill-payees"),
    path("budget/", budgets.budget_latest, name="budget"),
    path("budget/<int:year>/", budgets.budget_list, name="budget-list"),
    path("budget/<int:year>/download", budgets.budget_download, name="budget-download"),
    path("budget/<int:year>/enter", budgets.budget_enter, name="budget-enter"),
    path("budget/<int:year>/of/<str:head>/", budgets.budget_head, name="budget-head"),
]  # fmt: skip
