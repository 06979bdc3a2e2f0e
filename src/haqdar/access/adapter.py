"""What allauth's second factors ask of us: how their secrets are kept, and what we are called."""

import base64
import os
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from haqdar.base.refusal import Refusal

_NONCE = 12
_BOUND = b"second factor"


class SecretUnreadable(Refusal):
    """The secret of a second factor was sealed with another master key, or was damaged."""

    code = "secret_unreadable"
    en = (
        "The secret of a second factor cannot be opened: set HAQDAR_MASTER_KEY to the key in use before, or set "
        "HAQDAR_MASTER_KEY_PREVIOUS to it and rotate."
    )
    hi = (
        "दूसरी पहचान का गुप्त मान नहीं खुल सका: HAQDAR_MASTER_KEY में पहले वाली कुंजी दें, या उसे HAQDAR_MASTER_KEY_PREVIOUS "
        "में देकर कुंजी बदलें।"
    )


def _key(master: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"haqdar second factors").derive(master))


class SealedSecrets(DefaultMFAAdapter):  # type: ignore[misc]
    """Seals seeds of TOTP and recovery codes with AES-256-GCM under a key derived (HKDF) from the master key."""

    def encrypt(self, text: str) -> str:
        """The text sealed: nonce, then cipher text with tag, in base 64."""
        nonce = os.urandom(_NONCE)
        sealed = _key(bytes(settings.HAQDAR_SECRET)).encrypt(nonce, text.encode(), _BOUND)
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The text in clear, also if it was sealed with the previous master key; raises `SecretUnreadable`."""
        sealed = base64.b64decode(encrypted_text)
        for master in (settings.HAQDAR_SECRET, settings.HAQDAR_PREVIOUS_SECRET):
            if master:
                try:
                    return _key(bytes(master)).decrypt(sealed[:_NONCE], sealed[_NONCE:], _BOUND).decode()
                except InvalidTag:
                    continue
        raise SecretUnreadable()

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """Who a passkey belongs to: the opaque key, never the number of the row."""
        return {"id": user.key.bytes, "display_name": user.name_en, "name": user.username}
