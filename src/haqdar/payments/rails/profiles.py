"""Profiles of payment files: what a bank or treasury wants to be told, as data, versioned by date.

A profile is one file `profiles/<code>.yaml`; docs/payment-files.md says what stands in it. Formats that nobody published are
named here too (`adapter`): they refuse and say why, instead of inventing one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, Words
from haqdar.law.payments import Originator
from haqdar.payments.rails.layout import DoesNotFit, Field, fields_of

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
FORMATS = ("fixed", "xml")
PURPOSES = ("payment", "validation")


class NoSuchProfile(Refusal):
    """There is no profile of that code."""

    code = "no_such_profile"
    en = "There is no profile {profile} of payment files; there are {known}."
    hi = "भुगतान फ़ाइलों की {profile} नाम की कोई प्रोफ़ाइल नहीं है; ये हैं: {known}।"


class ProfileNotInForce(Refusal):
    """No version of the profile holds on the day."""

    code = "profile_not_in_force"
    en = "The profile {profile} does not hold on {day} yet; choose another one."
    hi = "प्रोफ़ाइल {profile} {day} को लागू नहीं है; दूसरी चुनें।"


class NoPublicFormat(Refusal):
    """The rail's format was never published; an agreement with its owner is needed first."""

    code = "no_public_format"
    en = "Files for {name} cannot be made: {why} Use another profile until its owner gives the format."
    hi = "{name} के लिए फ़ाइल नहीं बन सकती: {why} जब तक उसका प्रारूप नहीं मिलता, दूसरी प्रोफ़ाइल लें।"


@dataclass(frozen=True)
class Version:
    """How the profile's files look from a day on: widths and fields of a fixed format, or the options of another."""

    since: date
    width: int
    header: tuple[Field, ...]
    detail: tuple[Field, ...]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Profile:
    """One kind of payment file. `rail` says which instructions it carries, `values` how file-wide values are composed.

    `purpose` is payment, or validation for files of one rupee each that only try accounts.
    """

    code: str
    name: Words
    rail: str
    format: str
    file_name: str
    values: Mapping[str, str]
    versions: tuple[Version, ...]
    refusal: Words | None = None
    purpose: str = "payment"

    def version_on(self, day: date) -> Version:
        """The version that holds on `day`; raises `ProfileNotInForce`, and `NoPublicFormat` for a named adapter."""
        if self.refusal is not None:
            raise NoPublicFormat(name=self.name, why=self.refusal)
        found = [version for version in self.versions if version.since <= day]
        if not found:
            raise ProfileNotInForce(profile=self.code, day=day.isoformat())
        return found[-1]


@dataclass(frozen=True)
class FileFacts:
    """What is true of a whole file: who pays, for which month, when it settles, its number and its control totals."""

    originator: Originator
    month: Month
    settlement: date
    sequence: int
    items: int
    total_paise: int
    most_paise: int
    made_at: datetime

    def named(self, profile: Profile) -> dict[str, str]:
        """Every file-wide value by name, those composed by the profile included; raises `DoesNotFit`."""
        first = self.month.first_day
        plain: dict[str, Any] = {
            **vars(self.originator),
            "month": first,
            "month_word": f"{MONTHS[first.month - 1]}{first.year}",
            "settlement": self.settlement,
            "sequence": self.sequence,
            "items": self.items,
            "total_paise": self.total_paise,
            "total_rupees": rupees(self.total_paise),
            "most_paise": self.most_paise,
            "made_at": self.made_at.isoformat(timespec="seconds"),
        }
        composed = {name: template.format(**plain) for name, template in profile.values.items()}
        return {name: str(value) for name, value in {**plain, **composed}.items()}

    def file_name(self, profile: Profile) -> str:
        """The file's name by the profile's convention; raises `DoesNotFit` where it could not be a file's name."""
        name = profile.file_name.format(
            **vars(self.originator),
            month=self.month.first_day,
            settlement=self.settlement,
            sequence=self.sequence,
        )
        if (
            not name.isascii()
            or not name.isprintable()
            or "/" in name
            or name.startswith(".")
            or len(name) > 120
        ):
            raise DoesNotFit(
                field="file_name",
                value=name,
                why=Words("cannot be the name of a file", "किसी फ़ाइल का नाम नहीं हो सकता"),
            )
        return name


@cache
def profile(code: str) -> Profile:
    """The profile of a code; raises `NoSuchProfile`, ValueError for a file that is wrong."""
    if code not in codes():
        raise NoSuchProfile(profile=code, known=", ".join(codes()))
    data = _data(code)
    if "like" in data:
        # the same layout under another name and with values of its own
        base = _data(data["like"])
        data = {**base, **data, "values": {**base.get("values", {}), **data.get("values", {})}}
    name = Words(data["name"]["en"], data["name"]["hi"])
    if "adapter" in data:
        why = Words(data["adapter"]["en"], data["adapter"]["hi"])
        return Profile(code, name, data["rail"], "adapter", "", {}, (), why)
    if data["format"] not in FORMATS:
        raise ValueError(f"profile {code}: unknown format {data['format']}")
    versions = [_version(one, code) for one in data["versions"]]
    versions.sort(key=lambda one: one.since)
    purpose = data.get("purpose", "payment")
    if purpose not in PURPOSES:
        raise ValueError(f"profile {code}: unknown purpose {purpose}")
    return Profile(
        code,
        name,
        data["rail"],
        data["format"],
        data["file_name"],
        data.get("values", {}),
        tuple(versions),
        purpose=purpose,
    )


def _data(code: str) -> dict[str, Any]:
    text = (files("haqdar.payments.rails") / "profiles" / f"{code}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def _version(data: Mapping[str, Any], code: str) -> Version:
    width = int(data.get("width", 0))
    header, detail = (
        fields_of(data.get(record, ()), width, code) if width else () for record in ("header", "detail")
    )
    return Version(data["from"], width, header, detail, data.get("options", {}))


@cache
def validating() -> tuple[str, ...]:
    """The codes of the profiles whose files try accounts and pay nobody."""
    return tuple(code for code in codes() if profile(code).purpose == "validation")


@cache
def codes() -> tuple[str, ...]:
    """The codes of all profiles."""
    folder = files("haqdar.payments.rails") / "profiles"
    return tuple(sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml")))
