"""Addresses of the citizen's papers: following a case, orders and letters, the passbook."""

from django.urls import path

from haqdar.web.citizen import following, orders, passbook

PAPERS_URLS = [
    path("follow", following.follow, name="follow"),
    path("status/<str:number>", following.case_status, name="case-status"),
    path("orders", orders.order_find, name="order-find"),
    path("o/<uuid:key>", orders.order, name="order"),
    path("o/<uuid:key>/document", orders.order_document, name="order-document"),
    path("passbook", passbook.passbook, name="passbook"),
    path("passbook/document", passbook.passbook_document, name="passbook-document"),
]
