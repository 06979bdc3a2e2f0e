"""Whether there is a line to the treasury, and what it calls our offices: read from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings

from haqdar.base.refusal import Refusal
from haqdar.payments.treasury import envelope
from haqdar.payments.treasury.client import Access
from haqdar.payments.treasury.profile import Profile, profile_named


class LineOff(Refusal):
    """No treasury is connected."""

    code = "treasury_line_off"
    en = "The line to the treasury is off: HAQDAR_TREASURY_URL is not set. Bills are submitted and answered by hand until then."
    hi = "कोषालय से संपर्क बंद है: HAQDAR_TREASURY_URL नहीं दिया है। तब तक बिल हाथ से जमा होते हैं और उत्तर हाथ से दर्ज होते हैं।"


class BadLineFile(Refusal):
    """A file that a setting of the line names cannot be used."""

    code = "bad_treasury_file"
    en = "{name}={path} cannot be used: {why}. The line to the treasury stays off until it is corrected."
    hi = "{name}={path} का उपयोग नहीं हो सकता: {why}। ठीक होने तक कोषालय से संपर्क बंद रहेगा।"


@dataclass(frozen=True, slots=True)
class Unit:
    """A drawing officer as the treasury calls him: his code there, his spending unit and his grantee code."""

    ddo: str
    unit: str
    grantee: str


@dataclass(frozen=True, slots=True)
class Codes:
    """The treasury's own codes. What is not named goes under ours."""

    application: str = "HAQDAR"
    units: Mapping[str, Unit] = field(default_factory=dict)
    schemes: Mapping[str, str] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)

    def unit(self, ddo_code: str) -> Unit:
        """The treasury's codes of a drawing officer."""
        return self.units.get(ddo_code, Unit(ddo_code, ddo_code, ddo_code))

    def scheme(self, code: str) -> str:
        """The treasury's code of a scheme."""
        return self.schemes.get(code, code)

    def head(self, head: str) -> str:
        """The treasury's form of a head of account."""
        return self.heads.get(head, head)


@dataclass(frozen=True, slots=True)
class Line:
    """The line as it is set up: how to reach the treasury, and its codes."""

    access: Access
    codes: Codes

    @property
    def profile(self) -> Profile:
        """How the treasury speaks."""
        return self.access.profile


def is_on() -> bool:
    """Whether a treasury is connected."""
    return bool(settings.HAQDAR_TREASURY_URL)


def profile() -> Profile:
    """How the treasury speaks, connected or not. Raises `UnknownLineProfile`."""
    return profile_named(settings.HAQDAR_TREASURY_PROFILE)


def line() -> Line:
    """The line as the settings describe it. Raises `LineOff`, `BadLineFile`, `UnknownLineProfile`."""
    if not is_on():
        raise LineOff()
    pem = _read("HAQDAR_TREASURY_KEY", settings.HAQDAR_TREASURY_KEY)
    try:
        key = envelope.public_key(pem)
    except ValueError as error:
        raise BadLineFile(name="HAQDAR_TREASURY_KEY", path=settings.HAQDAR_TREASURY_KEY, why=error) from error
    if settings.HAQDAR_TREASURY_CA:
        _read("HAQDAR_TREASURY_CA", settings.HAQDAR_TREASURY_CA)
    access = Access(
        profile=profile(),
        url=settings.HAQDAR_TREASURY_URL,
        client_id=settings.HAQDAR_TREASURY_CLIENT,
        client_secret=settings.HAQDAR_TREASURY_SECRET,
        key=key,
        ca=settings.HAQDAR_TREASURY_CA,
    )
    return Line(access, _codes())


def _codes() -> Codes:
    path = settings.HAQDAR_TREASURY_CODES
    if not path:
        return Codes()
    try:
        said: Any = yaml.safe_load(_read("HAQDAR_TREASURY_CODES", path))
        unknown = set(said) - {"application", "units", "schemes", "heads"}
        if unknown:
            raise ValueError(f"it knows no {', '.join(sorted(unknown))}")
        units = {
            str(ddo): Unit(str(one.get("ddo", ddo)), str(one["unit"]), str(one["grantee"]))
            for ddo, one in (said.get("units") or {}).items()
        }
        return Codes(
            application=str(said.get("application", "HAQDAR")),
            units=units,
            schemes={str(code): str(theirs) for code, theirs in (said.get("schemes") or {}).items()},
            heads={str(head): str(theirs) for head, theirs in (said.get("heads") or {}).items()},
        )
    except (yaml.YAMLError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadLineFile(name="HAQDAR_TREASURY_CODES", path=path, why=why) from error


def _read(name: str, path: str) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except OSError as error:
        raise BadLineFile(name=name, path=path, why=error.strerror or error) from error
