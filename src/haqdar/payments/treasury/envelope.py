"""The sealed envelope of the treasury's line.

A session begins with a key of ours, wrapped for the treasury's RSA key; under it the treasury hands back the session's key. Each
question is sealed under the session's key and carries a key of its own, under which its answer is sealed: nobody who learns one
answer's key reads another. Keys are 256 bits, texts travel in base64.
"""

from __future__ import annotations

import binascii
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

_NONCE = 12
_BITS = 128


class NotOpened(ValueError):
    """What came back does not open under the key that it was asked to be sealed with."""


def new_key() -> bytes:
    """A fresh key of 256 bits."""
    return os.urandom(32)


def public_key(pem: bytes) -> RSAPublicKey:
    """The treasury's RSA key from its PEM or DER file; raises ValueError when it is none or shorter than 2048 bits."""
    load = serialization.load_pem_public_key if b"-----BEGIN" in pem else serialization.load_der_public_key
    key = load(pem)
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError("it is no RSA key of 2048 bits or more")
    return key


def wrapped(key: bytes, to: RSAPublicKey, wrap: str) -> str:
    """`key` for the holder of the private half of `to`, by RSA-OAEP (PKCS #1); `wrap` names its hash."""
    digest = hashes.SHA256() if wrap == "oaep-sha256" else hashes.SHA1()
    sealed = to.encrypt(key, rsa_padding.OAEP(rsa_padding.MGF1(digest), digest, None))
    return b64encode(sealed).decode()


def seal(cipher: str, key: bytes, content: bytes) -> str:
    """`content` sealed under `key`: AES-256 in ECB with PKCS #7 padding, or in GCM with its nonce in front."""
    if cipher == "aes-256-gcm":
        nonce = os.urandom(_NONCE)
        return b64encode(nonce + AESGCM(key).encrypt(nonce, content, None)).decode()
    pad = PKCS7(_BITS).padder()
    encrypt = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return b64encode(encrypt.update(pad.update(content) + pad.finalize()) + encrypt.finalize()).decode()


def unseal(cipher: str, key: bytes, text: str | bytes) -> bytes:
    """What `seal` sealed; raises `NotOpened`."""
    try:
        sealed = b64decode(text, validate=True)
        if cipher == "aes-256-gcm":
            return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        decrypt = Cipher(algorithms.AES(key), modes.ECB()).decryptor()
        unpad = PKCS7(_BITS).unpadder()
        return unpad.update(decrypt.update(sealed) + decrypt.finalize()) + unpad.finalize()
    except (binascii.Error, InvalidTag, ValueError) as error:
        raise NotOpened("it does not open under the key of its question") from error
