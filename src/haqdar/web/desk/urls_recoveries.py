"""Addresses of accounts to look at, and of over-payments: recalls from banks and write-offs."""

from django.urls import path

from haqdar.web.desk.views import account_checks, recoveries

RECOVERIES_URLS = [
    path("money/accounts/", account_checks.account_checks, name="account-checks"),
    path("money/accounts/download", account_checks.account_checks_download, name="account-checks-download"),
    path("money/accounts/try", account_checks.account_try, name="account-try"),
    path(
        "money/accounts/tried/download", account_checks.account_tries_download, name="account-tries-download"
    ),
    path("money/recoveries/", recoveries.recovery_list, name="recoveries"),
    path("money/recoveries/ask", recoveries.recovery_ask, name="recovery-ask"),
    path("money/recoveries/letter", recoveries.recovery_letter, name="recovery-letter"),
    path("money/recalls/<uuid:key>/answer", recoveries.recall_answer, name="recall-answer"),
    path("money/recoveries/<int:number>/give-up", recoveries.write_off_propose, name="write-off-propose"),
    path("money/write-offs/<uuid:key>/decide", recoveries.write_off_decide, name="write-off-decide"),
]
