"""The HTTP client of the treasury's line: one session, sealed questions, answers or a word for why there is none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from haqdar.payments.treasury import envelope
from haqdar.payments.treasury.profile import Profile

Params = Mapping[str, Any]
_SHORT = 4096
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class NoAnswer(Exception):
    """The treasury gave no answer that could be read; `kind` is a word without anything personal. Asking again is safe."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class LoginRefused(NoAnswer):
    """The treasury does not know our name and secret."""

    def __init__(self) -> None:
        super().__init__("login_refused")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence of refusal with the treasury's own number for it (may be empty)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its rows, or why there are none. `digest` is the SHA-256 of its text, which itself is kept nowhere."""

    data: tuple[Mapping[str, Any], ...]
    errors: tuple[Said, ...]
    digest: str


@dataclass(frozen=True, slots=True)
class Access:
    """Where the treasury is and who we are to it. `ca` is a file of certificates to trust instead of the system's; may be empty."""

    profile: Profile
    url: str
    client_id: str
    client_secret: str
    key: RSAPublicKey
    ca: str = ""


class Treasury:
    """A session with the treasury. It logs in when it must, once more when a session has run out, and never repeats a question by
    itself otherwise: whether that is safe is known to whoever asks."""

    def __init__(self, access: Access) -> None:
        self._access = access
        profile = access.profile
        self._pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=profile.connect_seconds, read=profile.read_seconds),
            retries=False,
            cert_reqs="CERT_REQUIRED",
            ca_certs=access.ca or None,
        )
        self._token = ""
        self._key = b""

    def log_in(self) -> None:
        """Begin a session; raises `LoginRefused`, `NoAnswer`."""
        access = self._access
        first = envelope.new_key()
        body = {"appKey": envelope.wrapped(first, access.key, access.profile.wrap)}
        headers = {"clientId": access.client_id, "clientSecret": access.client_secret}
        status, text = self._post(access.profile.login_path, body, headers)
        if status in (401, 403):
            raise LoginRefused
        if status != 200:
            raise NoAnswer(f"http_{status}")
        try:
            said = json.loads(text)
            self._key = envelope.unseal(access.profile.cipher, first, said["sek"])
            self._token = str(said["authToken"])
        except (ValueError, KeyError, TypeError) as error:
            raise NoAnswer("not_understood") from error
        if len(self._key) != len(first):
            raise NoAnswer("not_understood")

    def ask(self, service: str, params: Params) -> Reply:
        """Ask one question. Raises `NoAnswer`: then it is not known whether the treasury received it."""
        if not self._token:
            self.log_in()
        status, text, own = self._asked(service, params)
        if status == 401 or (status >= 400 and self._is_session(text)):
            self.log_in()
            status, text, own = self._asked(service, params)
        if status != 200:
            raise NoAnswer(f"http_{status}")
        reply = self._read(service, own, text)
        if any(self._is_session(said.text) for said in reply.errors):
            self._token = ""
            raise NoAnswer("session_ended")
        return reply

    def _is_session(self, text: str | bytes) -> bool:
        said = text if isinstance(text, str) else text[:_SHORT].decode("utf-8", "replace")
        return self._access.profile.meaning(said) == "session"

    def _asked(self, service: str, params: Params) -> tuple[int, bytes, bytes]:
        cipher = self._access.profile.cipher
        content = json.dumps({"serviceId": service, "params": params}, ensure_ascii=False).encode()
        own = envelope.new_key()
        body = {
            "params": envelope.seal(cipher, self._key, content),
            "rek": envelope.seal(cipher, self._key, own),
        }
        status, text = self._post(self._access.profile.ask_path, body, {"authToken": self._token})
        return status, text, own

    def _post(self, path: str, body: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, bytes]:
        url = self._access.url.rstrip("/") + path
        most = self._access.profile.largest_reply
        try:
            response = self._pool.request(
                "POST",
                url,
                body=json.dumps(body).encode(),
                headers={**_JSON, **headers},
                redirect=False,
                preload_content=False,
            )
            text = response.read(most + 1)
            if len(text) > most:
                response.close()
                raise NoAnswer("too_long")
            response.release_conn()
        except urllib3.exceptions.SSLError as error:
            raise NoAnswer("tls") from error
        except urllib3.exceptions.NewConnectionError as error:
            raise NoAnswer("unreachable") from error
        except urllib3.exceptions.TimeoutError as error:
            raise NoAnswer("timeout") from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer("unreachable") from error
        return response.status, text

    def _read(self, service: str, own: bytes, text: bytes) -> Reply:
        # some send the sealed text bare, some as a JSON text
        bare = text.strip().strip(b'"')
        try:
            content = envelope.unseal(self._access.profile.cipher, own, bare)
            said = json.loads(content)
            if str(said["serviceId"]).strip() != service:
                raise NoAnswer("not_understood")
            rows = tuple(said.get("data") or ())
            errors = _errors(said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoAnswer("not_understood") from error
        if not all(isinstance(row, dict) for row in rows):
            raise NoAnswer("not_understood")
        return Reply(rows, errors, hashlib.sha256(content).hexdigest())


def _errors(said: Mapping[str, Any]) -> tuple[Said, ...]:
    """The refusals of an answer: one sentence in `errorMsg`, or rows with a number each in `errorMsgs`."""
    found = [
        Said(str(one.get("errorCode") or ""), str(one.get("errorMsg") or ""))
        for one in said.get("errorMsgs") or ()
    ]
    if said.get("errorMsg"):
        found.insert(0, Said("", str(said["errorMsg"])))
    return tuple(found)
