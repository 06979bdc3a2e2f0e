"""Addresses of proposals, holds, readiness, delays of the month's money, and of closing a month."""

from django.urls import path

import haqdar.web.desk.converters  # noqa: F401  # months in addresses
from haqdar.web.desk.views import holds, money_delays, payment_proposals

PROPOSALS_URLS = [
    path("money/proposals/", payment_proposals.payment_proposal_list, name="payment-proposal-list"),
    path(
        "money/proposals/download",
        payment_proposals.payment_proposal_download,
        name="payment-proposal-download",
    ),
    path(
        "money/proposals/<uuid:key>/",
        payment_proposals.payment_proposal_detail,
        name="payment-proposal-detail",
    ),
    path(
        "money/proposals/<uuid:key>/download",
        payment_proposals.payment_proposal_payees,
        name="payment-proposal-payees",
    ),
    path(
        "money/proposals/<uuid:key>/print/<slug:language>",
        payment_proposals.payment_proposal_print,
        name="payment-proposal-print",
    ),
    path(
        "money/proposals/<uuid:key>/verify",
        payment_proposals.payment_proposal_verify,
        name="payment-proposal-verify",
    ),
    path(
        "money/proposals/<uuid:key>/take-back",
        payment_proposals.payment_proposal_take_back,
        name="payment-proposal-take-back",
    ),
    path(
        "money/proposals/<month:month>/<str:area>/submit",
        payment_proposals.payment_proposal_submit,
        name="payment-proposal-submit",
    ),
    path("money/close/<month:month>/", payment_proposals.month_close, name="month-close"),
    path("money/readiness/", money_delays.readiness, name="readiness"),
    path("money/readiness/download", money_delays.readiness_download, name="readiness-download"),
    path("money/delays/", money_delays.money_delays, name="money-delays"),
    path("money/delays/download", money_delays.money_delays_download, name="money-delays-download"),
    path("money/holds/", holds.hold_list, name="hold-list"),
    path("money/holds/download", holds.hold_download, name="hold-download"),
    path("money/holds/<uuid:key>/release", holds.hold_release, name="hold-release"),
    path("people/<uuid:key>/hold", holds.hold_new, name="hold-new"),
]
