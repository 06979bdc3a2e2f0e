"""The old and new values of an audit event as people read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from haqdar.access.verbs import WORDS, words_of
from haqdar.web import labels
from haqdar.web.templatetags.shown import day

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

FIELDS: dict[str, str | Promise] = {
    "action": _("What"),
    "amount": _("Amount"),
    "area": _("Area"),
    "area_code": _("Area"),
    "awaits": _("Waits for"),
    "cells": _("Figures"),
    "charge": _("Charge"),
    "count": _("Count"),
    "event": _("Event"),
    "files": _("Files"),
    "found": _("Found"),
    "from_on": _("From"),
    "functions": _("Functions"),
    "happened_on": _("Day"),
    "kind": _("Kind"),
    "month": _("Month"),
    "name_en": _("Name in English"),
    "name_hi": _("Name in Hindi"),
    "note": _("Note"),
    "number": _("Number"),
    "office_code": _("Office"),
    "outcome": _("Outcome"),
    "page": _("Page"),
    "posted": _("Posted"),
    "reason": _("Reason"),
    "reported_on": _("Reported on"),
    "role": _("Function"),
    "rows": _("Rows"),
    "run": _("Run"),
    "scheme": _("Pension"),
    "to_on": _("Until"),
    "version": _("Version"),
}
"""The names of values that events carry; another one is shown by its own word."""

OBJECTS: dict[str, str | Promise] = {
    "resident": _("person"),
    "family": _("family"),
    "case": _("case"),
    "user": _("account"),
    "month": _("month"),
    "worklist": _("work list"),
    "forecast": _("forecast"),
    "search": _("search"),
    "quality": _("quality of the register"),
    "document": _("document"),
    "delivery": _("delivery"),
    "audit": _("audit trail"),
    "figures": _("open figures"),
    "order": _("order"),
    "department": _("department"),
    "seed_list": _("department's list"),
    "seed_row": _("row of a department's list"),
    "seed_finding": _("payee to be examined"),
    "data_key": _("key"),
    "vault_key": _("key"),
    "vault_log": _("the vault's log"),
    "treasury_bill": _("bill with the treasury"),
}
"""What an event is about, by its kind."""


def changes(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, language: str
) -> list[tuple[str, str, str]]:
    """(name, value before, value after) of everything that an event carries; empty text where there is none."""
    before, after = old or {}, new or {}
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        was, now = before.get(name), after.get(name)
        if was in (None, "", [], {}) and now in (None, "", [], {}):
            continue
        found.append(
            (
                str(FIELDS.get(name, name.replace("_", " "))),
                shown(name, was, language),
                shown(name, now, language),
            )
        )
    return found


def shown(name: str, value: Any, language: str) -> str:
    """One value: codes by their words, lists joined, nothing as nothing."""
    if value is None or value == "" or value == [] or value == {}:
        return ""
    if isinstance(value, bool):
        return _now("Yes") if value else _now("No")
    if isinstance(value, Mapping):
        return "; ".join(f"{FIELDS.get(key, key)}: {shown(key, one, language)}" for key, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(shown(name, one, language) for one in value)
    text = str(value)
    if name.endswith("_on") and _DAY.fullmatch(text):
        # written by us, so it is a day
        return day(date.fromisoformat(text))
    if text in WORDS:
        return words_of(text, language)
    if name in ("role", "kind", "action", "reason"):
        for table in (
            {"role": "role", "kind": "case_kind", "action": "action", "reason": "reason"}[name],
            "event",
        ):
            if text in labels.LABELS.get(table, {}):
                return labels.label(table, text)
    if name == "scheme":
        return labels.scheme_name(text, language)
    return text


def about(kind: str) -> str:
    """What an event is about."""
    return str(OBJECTS.get(kind, kind))
