"""An order's data in the words of the State's letters, in both languages, as its template sets them."""

from __future__ import annotations

import io
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import segno
from django.conf import settings

from haqdar.base.money import indian
from haqdar.base.numerals import rupees_in_words
from haqdar.cases.clock import file_until
from haqdar.cases.models import Order
from haqdar.law import Text, day_text, load_lawbook
from haqdar.law.letters import Letter, Letters, fill, load_letters

LANGUAGES = ("hi", "en")
_MARKS = {True: ("yes", "✔"), False: ("no", "✘"), None: ("unsure", "?")}
_EVERYBODYS = 2
"""The State's first criteria (alive, resident): said only where they fail."""


def public_address(order: Order) -> str:
    """The address of the order's public page, as its QR code has it."""
    return f"{settings.HAQDAR_PUBLIC_URL}/o/{order.key}"


def signatory(order: Order, letters: Letters | None = None) -> Text:
    """The designation and office that decided, for example "Chief Executive Officer, Janpad Panchayat Paharkhurd"."""
    letters = letters or load_letters(settings.HAQDAR_LAW)
    office = order.data["office"]
    if office is None:
        return _state()
    area = Text(office["area_en"], office["area_hi"])
    said = letters.designation(office["role"], office["area_kind"], area)
    if office["acting"]:
        acting = letters.words["acting"]
        said = Text(f"{said.en} ({acting.en})", f"{said.hi} ({acting.hi})")
    return said


def order_words(order: Order) -> dict[str, Any]:
    """Everything the template reads. Raises ``LawRefused`` when the State's letters cannot be used."""
    letters = load_letters(settings.HAQDAR_LAW)
    letter = letters.letters[_letter_code(order, letters)]
    values = _values(order)
    state = _state()
    return {
        "title": f"{letter.title.hi} · {letter.title.en}",
        "author": signatory(order, letters).en,
        "number": order.number,
        "url": public_address(order),
        "qr": _qr(public_address(order)),
        "parts": [_part(order, letters, letter, values, state, language) for language in LANGUAGES],
    }


def _part(
    order: Order,
    letters: Letters,
    letter: Letter,
    values: dict[str, Text | None],
    state: Text,
    language: str,
) -> dict[str, Any]:
    def say(text: Text | None) -> str:
        return text.in_language(language) if text else ""

    words = {name: say(text) for name, text in letters.words.items()}
    office, person = order.data["office"], order.data["person"]
    criteria = _criteria(order, language) if letter.criteria else []
    meta = [(words["number"], order.number), (words["day"], say(values["day"]))]
    if order.data["case"]:
        meta.append((words["case"], order.data["case"]["number"]))
    # nothing follows the decision on a second appeal
    last = order.data["case"]["kind"] == "second_appeal"
    appeal = letters.appeals.get(letter.appeal) if not last else None
    words["a_month"] = words["once"] if order.data["once"] else words["a_month"]
    paid = letter.amount and order.paise
    return {
        "language": language,
        "words": words,
        "state": say(state),
        "office": say(Text(office["name_en"], office["name_hi"])) if office else "",
        "meta": meta,
        "order_number": order.number,
        "day": say(values["day"]),
        "name": say(values["name"]),
        "member": _member(person["member_id"]) if person else "",
        "place": say(values["place"]),
        "title": say(letter.title),
        "decision": [say(text) for text in fill(letter.decision, values)],
        "amount": indian(order.paise) if paid and order.paise else "",
        "amount_words": say(values["amount_words"]),
        "from": say(values["from_day"]),
        "reasons": [say(_both(reason)) for reason in order.data["reasons"]],
        "note": order.data["note"],
        "criteria_title": say(letter.criteria),
        "criteria": criteria,
        "orders": list(dict.fromkeys(row["order"][language] for row in order.data["criteria"][_EVERYBODYS:])),
        "next": [say(text) for text in fill(letter.next, values)],
        "appeal": say(appeal.sentence(_appeal_days(order, letter.appeal))) if appeal else "",
        "signatory": say(signatory(order, letters)),
    }


def _state() -> Text:
    """The State's name. Reading the law anew to see whether it changed takes longer than an order's QR code."""
    return _state_of(settings.HAQDAR_LAW, (settings.HAQDAR_LAW / "state.yaml").stat().st_mtime_ns)


@cache
def _state_of(folder: Path, changed: int) -> Text:
    return load_lawbook(folder).name


def _letter_code(order: Order, letters: Letters) -> str:
    """The letter of the order's kind; an assistance that is paid once, and the notice of a lower amount, may have their own."""
    if order.kind == "notice" and order.data["case"]["kind"] in ("move", "revise"):
        return "notice_change" if "notice_change" in letters.letters else order.kind
    once = f"{order.kind}_once"
    return once if order.data["once"] and once in letters.letters else order.kind


def _appeal_days(order: Order, level: str) -> int | None:
    """Within how many days the service of the case lets an appeal be filed."""
    if order.case is None:
        return None
    until = file_until("appeal" if level == "first" else "second_appeal", order.case.service, order.issued_on)
    return (until - order.issued_on).days if until else None


def _criteria(order: Order, language: str) -> list[dict[str, str]]:
    rows = []
    for place, row in enumerate(order.data["criteria"]):
        if place < _EVERYBODYS and row["verdict"] is True:
            continue
        verdict, mark = _MARKS[row["verdict"]]
        rows.append(
            {
                "verdict": verdict,
                "mark": mark,
                "sentence": row["sentence"][language],
                "source": row["source"][language],
            }
        )
    return rows


def _values(order: Order) -> dict[str, Text | None]:
    """The values that a letter's sentences may name; None where the order has none."""
    data = order.data
    office, place = data["office"], data["place"]
    names = data["scheme_names"]
    own = data["values"]
    return {
        "name": _both(data["person"]["name"]) if data["person"] else None,
        "place": _both(place["area"]) if place else None,
        "office": Text(office["name_en"], office["name_hi"]) if office else None,
        "scheme": _both(names[data["scheme"]]) if data["scheme"] in names else None,
        "amount": _same(indian(order.paise)) if order.paise else None,
        "amount_words": _words(order.paise),
        "from_scheme": _both(names[data["from_scheme"]]) if data["from_scheme"] in names else None,
        "from_amount": _same(indian(data["from_paise"])) if data["from_paise"] else None,
        "from_day": day_text(order.from_on) if order.from_on else None,
        "from_month": _month(order.from_on),
        "until_day": day_text(date.fromisoformat(data["until_on"])) if data["until_on"] else None,
        "number": _same(order.number),
        "day": day_text(order.issued_on),
        "case_number": _same(data["case"]["number"]) if data["case"] else None,
        "case_day": day_text(date.fromisoformat(data["case"]["opened_on"])) if data["case"] else None,
        "outcome": _both(own["outcome"]) if isinstance(own.get("outcome"), dict) else None,
        "penalty": _same(indian(int(own["penalty_paise"]))) if own.get("penalty_paise") else None,
        "days": _same(str(own["days"])) if own.get("days") else None,
    }


def _words(paise: int | None) -> Text | None:
    return Text(rupees_in_words(paise, "en"), rupees_in_words(paise, "hi")) if paise else None


def _month(day: date | None) -> Text | None:
    if day is None:
        return None
    whole = day_text(day)
    return Text(whole.en.split(" ", 1)[1], whole.hi.split(" ", 1)[1])


def _both(words: dict[str, str]) -> Text:
    return Text(words["en"], words["hi"])


def _same(text: str) -> Text:
    return Text(text, text)


def _member(member_id: int) -> str:
    text = f"{member_id:09d}"
    return f"{text[:3]} {text[3:6]} {text[6:]}"


def _qr(address: str) -> str:
    drawing = io.BytesIO()
    # any of the eight masks can be read; trying which looks best takes most of the time
    segno.make(address, error="m", micro=False, mask=2).save(
        drawing, kind="svg", border=2, xmldecl=False, svgns=True
    )
    return drawing.getvalue().decode()
