"""How a treasury speaks: paths, ciphers, forms of dates, what its sentences mean and when to ask again. Data, not code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from haqdar.base.refusal import Refusal

PACKAGE = "haqdar.payments.treasury"
CARRIER = "treasury-jit"
"""The profile by which the credits that the treasury pays are known among payment files and files of answers."""
CIPHERS = ("aes-256-ecb", "aes-256-gcm")
WRAPS = ("oaep-sha1", "oaep-sha256")
MEANINGS = ("session", "duplicate", "funds", "objected")


class UnknownLineProfile(Refusal):
    """There is no such profile of a treasury."""

    code = "unknown_treasury_profile"
    en = "There is no treasury profile '{name}'; there are: {known}. Correct HAQDAR_TREASURY_PROFILE."
    hi = "'{name}' नाम की कोई कोषालय प्रोफ़ाइल नहीं है; ये हैं: {known}। HAQDAR_TREASURY_PROFILE सुधारें।"


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a treasury's way of speaking; see profiles/jit-fs.yaml for what each value means."""

    name: str
    since: date
    login_path: str
    ask_path: str
    cipher: str
    wrap: str
    day_form: str
    instant_form: str
    connect_seconds: float
    read_seconds: float
    largest_reply: int
    errors: Sequence[tuple[str, str]]
    reasons: Sequence[tuple[str, str]]
    other_reason: str
    again_minutes: Mapping[str, int]
    first_wait_minutes: int
    longest_wait_minutes: int
    late_days: Mapping[str, int]
    watch_days: int
    allotment_hours: int

    def meaning(self, said: str) -> str:
        """What a sentence of the treasury means: one of `MEANINGS`, or empty where nobody knows."""
        low = said.lower()
        return next((means for says, means in self.errors if says in low), "")

    def reason_code(self, said: str) -> str:
        """The return code (two digits) of the sentence about a failed credit."""
        low = said.lower()
        return next((code for says, code in self.reasons if says in low), self.other_reason)

    def day(self, text: object) -> date:
        """A date as the treasury writes it; what follows it (a time) is left out. Raises ValueError."""
        return datetime.strptime(str(text).strip()[:10], self.day_form).date()

    def wait_minutes(self, attempts: int) -> int:
        """Minutes to wait after `attempts` questions without any answer."""
        return min(self.first_wait_minutes << min(attempts, 20), self.longest_wait_minutes)


@cache
def profile_named(name: str) -> Profile:
    """The profile of profiles/<name>.yaml. Raises `UnknownLineProfile`, ValueError for a file that does not hold together."""
    folder = files(PACKAGE) / "profiles"
    known = sorted(
        file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml")
    )
    if name not in known:
        raise UnknownLineProfile(name=name, known=", ".join(known))
    return _profile(yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")))


def _profile(said: Mapping[str, Any]) -> Profile:
    errors = tuple((str(one["says"]).lower(), str(one["means"])) for one in said["errors"])
    wrong = [means for _, means in errors if means not in MEANINGS]
    if said["name"] != CARRIER or said["cipher"] not in CIPHERS or said["wrap"] not in WRAPS or wrong:
        raise ValueError(
            f"the treasury profile {said['name']} names an unknown cipher, wrap or meaning {wrong}"
        )
    return Profile(
        name=said["name"],
        since=said["from"],
        login_path=said["paths"]["login"],
        ask_path=said["paths"]["ask"],
        cipher=said["cipher"],
        wrap=said["wrap"],
        day_form=said["day"],
        instant_form=said["instant"],
        connect_seconds=float(said["seconds"]["connect"]),
        read_seconds=float(said["seconds"]["read"]),
        largest_reply=int(said["largest_reply"]),
        errors=errors,
        reasons=tuple((str(one["says"]).lower(), str(one["code"])) for one in said["reasons"]),
        other_reason=str(said["other_reason"]),
        again_minutes=dict(said["again_minutes"]),
        first_wait_minutes=int(said["back_off_minutes"]["first"]),
        longest_wait_minutes=int(said["back_off_minutes"]["most"]),
        late_days=dict(said["late_days"]),
        watch_days=int(said["watch_days"]),
        allotment_hours=int(said["allotment_hours"]),
    )
