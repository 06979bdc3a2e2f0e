"""What files of answers look like: profiles read from data, versioned by date, and telling one from another by its content."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from haqdar.base.refusal import Refusal

Place = tuple[int, int]
"""A field of a record: its first character, counted from 1, and how many there are."""


class UnknownResponse(Refusal):
    """No profile fits the file."""

    code = "unknown_response"
    en = (
        "The file {name} is not in a form that is known here ({known}). Check that it is the bank's file of answers, or choose its"
        " kind yourself."
    )
    hi = "फ़ाइल {name} किसी जाने हुए रूप में नहीं है ({known})। जाँचें कि यह बैंक के उत्तरों की फ़ाइल है, या उसका प्रकार ख़ुद चुनें।"
    field = "file"


class UnknownProfile(Refusal):
    """There is no profile of the name."""

    code = "unknown_response_profile"
    en = "There is no kind of answer file called {profile}; there are {known}."
    hi = "उत्तर फ़ाइल का {profile} नाम का कोई प्रकार नहीं है; ये हैं: {known}।"
    field = "profile"


@dataclass(frozen=True, slots=True)
class Layout:
    """One version of a fixed-width profile: where each field stands.

    A line has at least `least` characters (and at most `most`, where it says so, when profiles are told apart). `tail` is how many
    signs of the reference the file carries, 0 for all. Without a place for the flag, reason 00 is a credit.
    """

    since: date
    least: int
    most: int | None
    tail: int
    header_codes: tuple[str, ...]
    header: Mapping[str, Place]
    codes: tuple[str, ...]
    detail: Mapping[str, Place]
    flags: Mapping[str, str]
    pending_reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of file: `kind` is fixed, xml or statement; `reasons` names the table of its reason codes.

    `root` is the XML message's name without its version (pain.002) and `statuses` says what its words mean, for kind xml;
    `reference` and `reason` are the patterns by which they are found in the words of a statement, for kind statement.
    """

    name: str
    kind: str
    reasons: str
    name_part: str
    root: str
    statuses: Mapping[str, str]
    reference: str
    reason: str
    layouts: tuple[Layout, ...]

    def on(self, day: date) -> Layout:
        """The layout that holds on `day`, the earliest for a day before all."""
        past = [layout for layout in self.layouts if layout.since <= day]
        return max(past, key=lambda layout: layout.since) if past else self.layouts[0]


@cache
def profiles() -> Mapping[str, Profile]:
    """Every profile of answers, by name. Raises ValueError for a profile file that does not hold together."""
    found: dict[str, Profile] = {}
    folder = files("haqdar.payments.responses") / "profiles"
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            name = file.name.removesuffix(".yaml")
            found[name] = _profile(name, yaml.safe_load(file.read_text(encoding="utf-8")))
    return found


def profile_named(name: str) -> Profile:
    """The profile `name`; raises `UnknownProfile`."""
    try:
        return profiles()[name]
    except KeyError:
        raise UnknownProfile(profile=name, known=", ".join(profiles())) from None


def recognised(name: str, head: bytes) -> Profile:
    """The profile of the file called `name` that begins with `head`; raises `UnknownResponse`.

    An XML file says what it is. Of the fixed-width profiles the one under which most of the first lines make sense is taken; where
    two fit alike, the name decides.
    """
    text = head.decode("latin-1").lstrip("\ufeff\xef\xbb\xbf \r\n\t")
    if text.startswith("<"):
        for profile in profiles().values():
            if profile.root and f":{profile.root}." in text:
                return profile
    elif text.startswith((":20:", "{1:")) or "\n:61:" in text:
        return profiles()["mt940"]
    else:
        best = max(
            (profile for profile in profiles().values() if profile.kind == "fixed"),
            key=lambda profile: _fits(profile, name, text.splitlines()[:200]),
        )
        if _fits(best, name, text.splitlines()[:200])[0]:
            return best
    raise UnknownResponse(name=name, known=", ".join(profiles()))


def cut(line: str, place: Place) -> str:
    """The characters of `line` at a place."""
    return line[place[0] - 1 : place[0] - 1 + place[1]]


def _fits(profile: Profile, name: str, lines: Sequence[str]) -> tuple[int, bool]:
    layout = profile.layouts[-1]
    sensible = sum(_sensible(layout, line.rstrip("\r")) for line in lines)
    return sensible, bool(profile.name_part and re.search(profile.name_part, name.upper()))


def _sensible(layout: Layout, line: str) -> bool:
    if len(line) < layout.least or (layout.most is not None and len(line) > layout.most):
        return False
    if line[:2] not in layout.codes or not cut(line, layout.detail["paise"]).isdigit():
        return False
    if "flag" in layout.detail and cut(line, layout.detail["flag"]) not in layout.flags:
        return False
    reference, reason = cut(line, layout.detail["reference"]), cut(line, layout.detail["reason"])
    # of a credit that is still being worked on there is a flag, but perhaps no reason
    return len(reference.strip()) == (layout.tail or len(reference)) and (
        reason.isalnum() or ("flag" in layout.detail and not reason.strip())
    )


def _profile(name: str, data: dict[str, Any]) -> Profile:
    layouts = tuple(_layout(version) for version in data.get("versions", ()))
    if data["kind"] == "fixed" and not layouts:
        raise ValueError(f"the profile {name} has no version")
    return Profile(
        name,
        data["kind"],
        data["reasons"],
        data.get("name_part", ""),
        data.get("root", ""),
        data.get("statuses", {}),
        data.get("reference", ""),
        data.get("reason", ""),
        tuple(sorted(layouts, key=lambda layout: layout.since)),
    )


def _layout(version: dict[str, Any]) -> Layout:
    header = {
        key: _place(value)
        for key, value in version["header"].items()
        if isinstance(value, list) and key != "codes"
    }
    detail = {key: _place(value) for key, value in version["detail"].items() if key != "codes"}
    least = int(version["least"])
    for field, (first, length) in detail.items():
        if first + length - 1 > least:
            raise ValueError(f"{field} ends behind the shortest line")
    return Layout(
        version["from"],
        least,
        version.get("most"),
        int(version.get("tail", 0)),
        tuple(version["header"]["codes"]),
        header,
        tuple(version["detail"]["codes"]),
        detail,
        version["flags"],
        tuple(version.get("pending_reasons", ())),
    )


def _place(value: Sequence[int]) -> Place:
    first, length = value
    return int(first), int(length)
