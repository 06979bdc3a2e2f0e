"""Addresses of the own account and of the office administrator's pages."""

from django.urls import path

from haqdar.web.desk.views import account, employees, factors, postings, session

ACCOUNTS_URLS = [
    path("log-in/second-factor", session.log_in_second_factor, name="log-in-second-factor"),
    path("account/", account.account, name="account"),
    path("account/password", account.account_password, name="account-password"),
    path("account/language", account.account_language, name="account-language"),
    path("account/sessions/end", account.account_sessions_end, name="account-sessions-end"),
    path("account/sessions/<uuid:key>/end", account.account_session_end, name="account-session-end"),
    path("account/second-factor", factors.second_factor, name="second-factor"),
    path("account/second-factor/set-up", factors.second_factor_set_up, name="second-factor-set-up"),
    path("account/second-factor/app", factors.app_add, name="app-add"),
    path("account/second-factor/passkey", factors.passkey_add, name="passkey-add"),
    path("account/second-factor/<int:number>/remove", factors.factor_remove, name="factor-remove"),
    path("account/recovery-codes", factors.recovery_codes, name="recovery-codes"),
    path("employees/", employees.employee_list, name="employee-list"),
    path("employees/download", employees.employee_download, name="employee-download"),
    path("employees/new", employees.employee_new, name="employee-new"),
    path("employees/<uuid:key>/", employees.employee_detail, name="employee-detail"),
    path("employees/<uuid:key>/lock", employees.employee_lock, name="employee-lock"),
    path("employees/<uuid:key>/unlock", employees.employee_unlock, name="employee-unlock"),
    path("employees/<uuid:key>/sign-out", employees.employee_sign_out, name="employee-sign-out"),
    path("employees/<uuid:key>/lock-out", employees.employee_lock_out, name="employee-lock-out"),
    path("employees/<uuid:key>/password", employees.employee_password, name="employee-password"),
    path("employees/<uuid:key>/second-factor", employees.employee_factor, name="employee-factor"),
    path("employees/<uuid:key>/postings/new", postings.posting_new, name="posting-new"),
    path("employees/<uuid:key>/postings/<int:number>/", postings.posting_change, name="posting-change"),
    path(
        "employees/<uuid:key>/postings/<int:number>/transfer",
        postings.posting_transfer,
        name="posting-transfer",
    ),
    path("employees/<uuid:key>/postings/<int:number>/end", postings.posting_end, name="posting-end"),
]
