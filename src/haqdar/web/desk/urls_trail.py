"""Addresses of the audit trail and of the vault's log."""

from django.urls import path

from haqdar.web.desk.views import audit, vault

TRAIL_URLS = [
    path("audit/", audit.audit_list, name="audit-list"),
    path("audit/find", audit.audit_find, name="audit-find"),
    path("audit/download", audit.audit_download, name="audit-download"),
    path("vault/", vault.vault_log, name="vault-log"),
    path("vault/find", vault.vault_find, name="vault-find"),
    path("vault/download", vault.vault_download, name="vault-download"),
]
