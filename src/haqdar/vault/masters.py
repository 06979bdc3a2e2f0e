"""The master key that wraps the vault's data keys: from a file of its own, or inside a PKCS#11 token that it never leaves."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from haqdar.base.refusal import Refusal, Words

_NONCE = 12
_LOCK = threading.Lock()


class WrongVaultKey(Refusal):
    """The data keys were wrapped by another master key than the one at hand."""

    code = "wrong_vault_key"
    en = (
        "The vault is locked with another key ({master}) than the one given. Set HAQDAR_VAULT_KEY (or the token) to the one in use "
        "before; to change it, give the former as HAQDAR_VAULT_KEY_PREVIOUS and run ./haqdar vault rotate."
    )
    hi = (
        "तिजोरी दूसरी कुंजी ({master}) से बंद है। HAQDAR_VAULT_KEY (या टोकन) में पहले वाली कुंजी दें; बदलने के लिए पुरानी को "
        "HAQDAR_VAULT_KEY_PREVIOUS में देकर ./haqdar vault rotate चलाएँ।"
    )


class BadVaultKey(Refusal):
    """The file or token of the vault's master key cannot be used."""

    code = "bad_vault_key"
    en = "The vault's key cannot be used: {why}. Check the file's path and owner, or the token's module, label and PIN."
    hi = "तिजोरी की कुंजी काम नहीं कर रही: {why}। फ़ाइल का पथ और स्वामी, या टोकन का मॉड्यूल, नाम और PIN जाँचें।"


class Master(Protocol):
    """Wraps and unwraps data keys; `name` says which master key it is without giving it away."""

    name: str

    def wrap(self, key: bytes, label: str) -> bytes:
        """The 32 bytes of a data key wrapped."""
        ...

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """The data key again; raises `WrongVaultKey`."""
        ...


class FileMaster:
    """A master key of at least 32 characters in a file: AES-256-GCM under a key derived from them (HKDF, RFC 5869)."""

    def __init__(self, path: Path) -> None:
        try:
            secret = path.read_bytes().strip()
        except OSError as error:
            raise BadVaultKey(why=f"{path}: {error.strerror}") from error
        if len(secret) < 32 or len(set(secret)) < 10:
            raise BadVaultKey(
                why=Words(
                    f"{path} holds fewer than 32 characters or hardly different ones",
                    f"{path} में 32 से कम या लगभग एक जैसे अक्षर हैं",
                )
            )
        self._key = HKDF(SHA256(), 32, salt=None, info=b"haqdar vault").derive(secret)
        self.name = "file:" + hashlib.sha256(b"haqdar vault master" + self._key).hexdigest()[:16]

    def wrap(self, key: bytes, label: str) -> bytes:
        """Nonce, then cipher text with tag; the label (purpose and version) is bound in."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self._key).encrypt(nonce, key, label.encode())

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """The data key; raises `WrongVaultKey`."""
        try:
            return AESGCM(self._key).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], label.encode())
        except InvalidTag as error:
            raise WrongVaultKey(master=self.name) from error


class TokenMaster:
    """An AES-256 key that was made in a PKCS#11 token and cannot leave it: data keys are wrapped there (RFC 3394).

    The session stays open; a lock keeps its calls apart, since a token's session is for one thread.
    """

    def __init__(self, module: str, token: str, label: str, pin: str) -> None:
        import pkcs11

        self._pkcs11 = pkcs11
        self._lock = threading.Lock()
        try:
            self._session = _session(module, token, pin)
            self._key: Any = self._session.get_key(
                object_class=pkcs11.ObjectClass.SECRET_KEY, key_type=pkcs11.KeyType.AES, label=label
            )
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise BadVaultKey(why=f"{token}/{label}: {_said(error)}") from error
        self.name = f"token:{token}/{label}"

    def wrap(self, key: bytes, label: str) -> bytes:
        """The data key wrapped inside the token; the label's hash goes in front, checked when it is unwrapped."""
        attribute, p11 = self._pkcs11.Attribute, self._pkcs11
        with self._lock, _token_errors(p11):
            inside = self._session.create_object(
                {
                    attribute.CLASS: p11.ObjectClass.SECRET_KEY,
                    attribute.KEY_TYPE: p11.KeyType.AES,
                    attribute.TOKEN: False,
                    attribute.EXTRACTABLE: True,
                    attribute.SENSITIVE: False,
                    attribute.VALUE: key,
                }
            )
            wrapped: bytes = self._key.wrap_key(inside, mechanism=p11.Mechanism.AES_KEY_WRAP)
            inside.destroy()
        return _bound(key, label) + wrapped

    def unwrap(self, wrapped: bytes, label: str) -> bytes:
        """The data key; raises `WrongVaultKey`."""
        attribute, p11 = self._pkcs11.Attribute, self._pkcs11
        try:
            with self._lock:
                inside = self._key.unwrap_key(
                    p11.ObjectClass.SECRET_KEY,
                    p11.KeyType.AES,
                    wrapped[16:],
                    mechanism=p11.Mechanism.AES_KEY_WRAP,
                    template={
                        attribute.TOKEN: False,
                        attribute.EXTRACTABLE: True,
                        attribute.SENSITIVE: False,
                    },
                )
                key = bytes(inside[attribute.VALUE])
                inside.destroy()
        except p11.PKCS11Error as error:
            raise WrongVaultKey(master=self.name) from error
        if _bound(key, label) != wrapped[:16]:
            raise WrongVaultKey(master=self.name)
        return key


def _session(module: str, token: str, pin: str) -> Any:
    import pkcs11

    slot = pkcs11.lib(module).get_token(token_label=token)
    try:
        return slot.open(rw=True, user_pin=pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:
        # whoever logged in did so for the whole process: while keys are changed it has two of them open
        return slot.open(rw=True)


def make_token_key(module: str, token: str, label: str, pin: str) -> None:
    """Make the master key inside the token, never to leave it; raises `BadVaultKey` when one of this label is there."""
    import pkcs11

    try:
        with _session(module, token, pin) as session:
            if list(session.get_objects({pkcs11.Attribute.LABEL: label})):
                raise BadVaultKey(
                    why=Words(f"{token}/{label} is there already", f"{token}/{label} पहले से मौजूद है")
                )
            session.generate_key(
                pkcs11.KeyType.AES,
                256,
                label=label,
                store=True,
                capabilities=pkcs11.MechanismFlag.WRAP | pkcs11.MechanismFlag.UNWRAP,
                template={pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True},
            )
    except (pkcs11.PKCS11Error, RuntimeError) as error:
        raise BadVaultKey(why=f"{token}/{label}: {_said(error)}") from error


def present_master() -> Master:
    """The configured master key, opened once a process; raises `BadVaultKey`."""
    if settings.HAQDAR_VAULT_PKCS11_MODULE and not settings.HAQDAR_VAULT_KEY:
        return _in_token(settings.HAQDAR_VAULT_PKCS11_LABEL)
    path = Path(settings.HAQDAR_VAULT_KEY)
    if settings.HAQDAR_VAULT_KEY_MADE:
        _make(path)
    return FileMaster(path)


def previous_master() -> Master | None:
    """The master key before the present one, while the data keys are wrapped anew: a file's, or of another label in the token."""
    if settings.HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS:
        return _in_token(settings.HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS)
    return (
        FileMaster(Path(settings.HAQDAR_VAULT_KEY_PREVIOUS)) if settings.HAQDAR_VAULT_KEY_PREVIOUS else None
    )


def _in_token(label: str) -> TokenMaster:
    with _LOCK:
        return _token(
            settings.HAQDAR_VAULT_PKCS11_MODULE,
            settings.HAQDAR_VAULT_PKCS11_TOKEN,
            label,
            settings.HAQDAR_VAULT_PKCS11_PIN,
            os.getpid(),
        )


@cache
def _token(module: str, token: str, label: str, pin: str, process: int) -> TokenMaster:
    # a session does not survive a fork: each process opens its own
    return TokenMaster(module, token, label, pin)


def _make(path: Path) -> None:
    """Make the key file unless it is there, readable by its owner alone; the settings refuse this in production."""
    if not path.exists():
        # written aside and linked, so that two first starts agree on one complete key
        draft = path.with_name(f".vault.key.{os.getpid()}.{threading.get_ident()}")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        except OSError as error:
            raise BadVaultKey(why=f"{path}: {error.strerror}") from error


def _bound(key: bytes, label: str) -> bytes:
    return hashlib.sha256(label.encode() + b"\0" + key).digest()[:16]


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


@contextmanager
def _token_errors(p11: Any) -> Iterator[None]:
    """A token's errors as a refusal."""
    try:
        yield
    except p11.PKCS11Error as error:
        raise BadVaultKey(why=_said(error)) from error
