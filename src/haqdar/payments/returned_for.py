"""The reasons for which credits come back: versioned tables with an action each, read from data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml

ACTIONS = ("retry", "beneficiary", "correct", "death", "switch_rail")
TABLES = ("nach", "iso")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: what follows (`action`), how it is said, and, for the beneficiary, what to do at the bank (`do`)."""

    code: str
    action: str
    en: str
    hi: str
    do: str = ""

    def words(self, language: str) -> str:
        """The reason in plain words."""
        return self.hi if language == "hi" else self.en


@dataclass(frozen=True, slots=True)
class Reasons:
    """One version of a table: the codes that hold from `since` on; `other` is taken for a code that it does not have."""

    since: date
    source: str
    other: str
    codes: Mapping[str, Reason]

    def of(self, code: str) -> Reason:
        """The reason of a code, in the words and with the action of `other` for an unknown one."""
        return self.codes.get(code) or self.codes[self.other]


@cache
def table(name: str) -> tuple[Reasons, ...]:
    """Every version of the table `name`, the oldest first. Raises ValueError where it does not hold together."""
    text = (files("haqdar.payments") / "reasons" / f"{name}.yaml").read_text(encoding="utf-8")
    found = []
    for version in yaml.safe_load(text)["versions"]:
        codes = {code: Reason(code, **said) for code, said in version["codes"].items()}
        if version.get("also"):
            codes = {**reasons_on(version["also"], version["from"]).codes, **codes}
        wrong = [code for code, reason in codes.items() if reason.action not in ACTIONS]
        if wrong or version["other"] not in codes:
            raise ValueError(f"the reasons {name} from {version['from']}: {wrong or version['other']}")
        found.append(Reasons(version["from"], version["source"], version["other"], codes))
    return tuple(sorted(found, key=lambda version: version.since))


def reasons_on(name: str, day: date | None) -> Reasons:
    """The version of the table `name` that holds on `day`; the earliest before all, the latest for no day."""
    versions = table(name)
    if day is None:
        return versions[-1]
    past = [version for version in versions if version.since <= day]
    return past[-1] if past else versions[0]


def reason(name: str, code: str, day: date | None) -> Reason:
    """What a code of the table `name` says of a credit returned on `day`."""
    return reasons_on(name, day).of(code)
