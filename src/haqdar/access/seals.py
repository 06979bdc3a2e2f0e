"""The keyed hashes of the audit trail: over each event, and over each range of the chain.

The key is derived from the master key. When that is changed the former key is kept, wrapped by the present one, so that
what it sealed can still be checked (`retire`, part of `haqdar rotate-keys`).
"""

import hashlib
import hmac
import json
import os
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils import timezone

from haqdar.access.models.audit import AuditKey

_NONCE = 12
_WRAPPED_FOR = b"audit seals"


def key_of(master: bytes) -> bytes:
    """The key of seals under a master key."""
    return hmac.digest(bytes(master), b"haqdar audit seals", "sha256")


def present_key() -> bytes:
    """The key of seals made now."""
    return key_of(bytes(settings.HAQDAR_SECRET))


def seal_of(key: bytes, at: datetime, *parts: object) -> bytes:
    """The seal over an event's instant and its other parts (actor, ip, function, verb, kind, key, old, new)."""
    text = json.dumps([at.isoformat(), *parts], sort_keys=True, ensure_ascii=False, default=str)
    return hmac.digest(key, b"audit\0" + text.encode(), "sha256")


def mac_of(key: bytes, chain: bytes) -> bytes:
    """The keyed hash over a link of the chain."""
    return hmac.digest(key, b"chain\0" + chain, "sha256")


def keys() -> list[bytes]:
    """The key of today's seals and those of former master keys, latest first; one that cannot be opened is left out."""
    present = bytes(settings.HAQDAR_SECRET)
    found = [key_of(present)]
    for row in AuditKey.objects.order_by("-id"):
        wrapped = bytes(row.wrapped)
        try:
            found.append(AESGCM(_wrapping(present)).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _WRAPPED_FOR))
        except InvalidTag:
            continue
    # before there was a chain, events were sealed with the master key itself
    return [*found, present]


def retire(previous: bytes | None) -> int:
    """Keep the key of seals made under the master key `previous`, and wrap all kept keys by the present master key.

    Call it in the transaction that changes the master key. Returns how many keys are kept.
    """
    present = bytes(settings.HAQDAR_SECRET)
    if not previous or bytes(previous) == present:
        return AuditKey.objects.count()
    kept = []
    for row in AuditKey.objects.select_for_update().order_by("id"):
        wrapped = bytes(row.wrapped)
        try:
            key = AESGCM(_wrapping(bytes(previous))).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _WRAPPED_FOR)
        except InvalidTag:
            continue  # wrapped by the present key already: this runs for the second time
        row.wrapped = _wrap(key, present)
        kept.append(row)
    AuditKey.objects.bulk_update(kept, ["wrapped"])
    former = key_of(bytes(previous))
    if former not in keys():
        AuditKey.objects.create(wrapped=_wrap(former, present), retired_at=timezone.now())
    return AuditKey.objects.count()


def _wrapping(master: bytes) -> bytes:
    return hashlib.sha256(b"haqdar audit key wrapping\0" + key_of(master)).digest()


def _wrap(key: bytes, master: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(_wrapping(master)).encrypt(nonce, key, _WRAPPED_FOR)
