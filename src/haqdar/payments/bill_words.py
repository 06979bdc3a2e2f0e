"""What a sanction order and a bill say, in both languages, as bill.typ sets it.

A bill says what the treasury code asks of it: who draws, the sanction, the head of account with voted or charged, the amount in
figures and words with the line "under rupees", the budget that is left, and its schedule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from haqdar.base.money import group_indian, indian
from haqdar.law import Text, day_text, load_lawbook
from haqdar.law.letters import load_letters
from haqdar.law.texts import month_name
from haqdar.payments.amounts import amount_in_words, under_rupees
from haqdar.payments.budget import budget_year, year_text

LANGUAGES = ("hi", "en")

_W: Mapping[str, Text] = {
    "signed": Text("Digitally signed", "डिजिटल हस्ताक्षरित"),
    "sheet": Text("Page", "पन्ना"),
    "head": Text("Head of account", "लेखा शीर्ष"),
    "points_order": Text("Terms", "शर्तें"),
    "points_bill": Text("Certificates", "प्रमाणपत्र"),
    "treasury": Text("For the treasury", "कोषालय के लिए"),
    "order_title": Text("Sanction order", "स्वीकृति आदेश"),
    "bill_title": Text("Bill", "देयक"),
    "order_no": Text("Sanction number", "स्वीकृति क्रमांक"),
    "bill_no": Text("Bill number", "देयक क्रमांक"),
    "day": Text("Date", "दिनांक"),
    "ddo": Text("Drawing officer's code", "आहरण अधिकारी कोड"),
    "year": Text("Budget year", "बजट वर्ष"),
    "scheme": Text("Scheme", "योजना"),
    "month": Text("Month of payment", "भुगतान का महीना"),
    "component": Text("Borne by", "वहन करने वाला"),
    "persons": Text("Payees", "हितग्राही"),
    "of_persons": Text("payees", "हितग्राही"),
    "code": Text("Head of account in full", "पूरा लेखा शीर्ष"),
    "regular": Text("Dues of the month", "महीने की देय राशि"),
    "arrears": Text("Arrears of earlier months", "पिछले महीनों का बकाया"),
    "left_out": Text("Left out of the bill as drawn", "बनाए गए देयक में से छोड़ा गया"),
    "budget": Text("Budget of the head", "शीर्ष का बजट"),
    "left": Text("Left after this sanction", "इस स्वीकृति के बाद शेष"),
    "answers": Text("Answers the objection", "आपत्ति का उत्तर"),
    "ddo_office": Text("Drawing and Disbursing Officer, {office}", "आहरण एवं संवितरण अधिकारी, {office}"),
    "schedule": Text("Schedule by local body", "स्थानीय निकायवार सूची"),
    "no": Text("No.", "क्र."),
    "amount": Text("Amount", "राशि"),
    "unknown": Text("place not known", "स्थान अज्ञात"),
}
_SEGMENTS: Mapping[str, Text] = {
    "demand": Text("Demand", "मांग"),
    "major": Text("Major", "मुख्य"),
    "sub_major": Text("Sub-major", "उप-मुख्य"),
    "minor": Text("Minor", "लघु"),
    "sub": Text("Sub", "उप"),
    "detailed": Text("Detailed", "विस्तृत"),
    "object": Text("Object", "उद्देश्य"),
    "voted": Text("Voted or charged", "मतदेय या प्रभृत"),
}
_VOTED = {"V": Text("Voted", "मतदेय"), "C": Text("Charged", "प्रभृत")}
_TREASURY = (
    Text("Token number and date", "टोकन क्रमांक और दिनांक"),
    Text("Voucher number and date", "व्हाउचर क्रमांक और दिनांक"),
    Text("Passed for rupees", "पारित राशि"),
)
_ORDER = Text(
    "Sanction is accorded to pay {persons} payees under {scheme} for {month}, by credit to their bank accounts:",
    "{scheme} में {month} के लिए {persons} हितग्राहियों के बैंक खातों में भुगतान की स्वीकृति दी जाती है:",
)
_BILL = Text(
    "Required from the treasury, to pay {persons} payees under {scheme} for {month} by credit to their bank accounts:",
    "{scheme} में {month} के लिए {persons} हितग्राहियों के बैंक खातों में भुगतान हेतु कोषालय से आवश्यक:",
)
_ORDER_POINTS = (
    Text(
        "The amount is debited to the head of account above and to no other.",
        "राशि ऊपर लिखे लेखा शीर्ष में ही विकलित होगी, किसी और में नहीं।",
    ),
    Text(
        "Nothing is drawn before the day of payment; whatever a bank cannot credit stays owed to the payee.",
        "भुगतान के दिन से पहले कुछ नहीं निकाला जाएगा; जो राशि बैंक जमा न कर सके, वह हितग्राही को देय रहेगी।",
    ),
)
_BILL_POINTS = (
    Text("The sanction named above is attached.", "ऊपर लिखा स्वीकृति आदेश संलग्न है।"),
    Text(
        "Nothing on this bill was billed before: each payee's due stands on one bill only.",
        "इस देयक की कोई राशि पहले किसी देयक में नहीं ली गई: हर हितग्राही की देय राशि एक ही देयक में है।",
    ),
    Text(
        "The list of payees is the sub-voucher of this bill; its seal is printed below the schedule.",
        "हितग्राहियों की सूची इस देयक का उप-व्हाउचर है; उसकी मुहर सूची के नीचे छपी है।",
    ),
)
_ABOUT = Text(
    "SHA-256 of the list of payees (due, component, paise; one a line)",
    "हितग्राही सूची का SHA-256 (देय, घटक, पैसे; हर एक एक पंक्ति में)",
)


@dataclass(frozen=True)
class Body:
    """A local body's part of a bill; paise."""

    name_en: str
    name_hi: str
    persons: int
    paise: int


@dataclass(frozen=True)
class Facts:
    """Everything a version's documents say; paise. `budget_paise` is what the head got, `left_paise` what was left after it."""

    version_id: int
    key: UUID
    version: int
    bill_no: str
    sanction_no: str
    ddo_code: str
    scheme: str
    head: str
    month: date
    persons: int
    paise: int
    left_out_persons: int
    left_out_paise: int
    content_hash: str
    sanctioned_at: datetime
    submitted_at: datetime | None
    objection: str
    office_en: str
    office_hi: str
    area_kind: str
    area_en: str
    area_hi: str
    component: str
    regular_paise: int
    arrears_paise: int
    budget_paise: int
    left_paise: int
    bodies: Sequence[Body] = ()


def paper_words(facts: Facts, kind: str) -> dict[str, Any]:
    """Everything bill.typ reads, for the `order` or the `bill` of a version. Raises ``LawRefused``."""
    letters = load_letters(settings.HAQDAR_LAW)
    area = Text(facts.area_en, facts.area_hi)
    if kind == "order":
        signatory = letters.designation("sanctioning_officer", facts.area_kind, area)
        number, title = facts.sanction_no, _W["order_title"]
    else:
        office = _W["ddo_office"]
        signatory = Text(office.en.format(office=facts.office_en), office.hi.format(office=facts.office_hi))
        number, title = facts.bill_no, _W["bill_title"]
    return {
        "title": f"{title.hi} · {title.en}",
        "author": signatory.en,
        "number": number,
        "parts": [_part(facts, kind, title, signatory, language) for language in LANGUAGES],
        "schedule": _schedule(facts),
    }


def _part(facts: Facts, kind: str, title: Text, signatory: Text, language: str) -> dict[str, Any]:
    def say(text: Text) -> str:
        return text.in_language(language)

    law = load_lawbook(settings.HAQDAR_LAW)
    now = law.on(facts.month)
    schemes = {scheme.code: scheme.name for scheme in now.all_schemes}
    scheme = say(schemes[facts.scheme]) if facts.scheme in schemes else facts.scheme
    component = say(now.components[facts.component]) if facts.component in now.components else facts.component
    month = f"{say(month_name(facts.month.month))} {facts.month.year}"
    bill = kind == "bill"
    on = timezone.localdate(facts.submitted_at if bill and facts.submitted_at else facts.sanctioned_at)
    sanctioned = say(day_text(timezone.localdate(facts.sanctioned_at)))
    rows = [
        (_W["code"], facts.head),
        (_W["scheme"], scheme),
        (_W["month"], month),
        (_W["component"], component),
        (_W["persons"], group_indian(facts.persons)),
        (_W["regular"], indian(facts.regular_paise)),
    ]
    if facts.arrears_paise:
        rows.append((_W["arrears"], indian(facts.arrears_paise)))
    if facts.left_out_persons:
        rows.append(
            (
                _W["left_out"],
                f"{group_indian(facts.left_out_persons)} {say(_W['of_persons'])}, {indian(facts.left_out_paise)}",
            )
        )
    rows.append((_W["budget"], f"{indian(facts.budget_paise)} ({year_text(budget_year(facts.month))})"))
    rows.append((_W["left"], indian(facts.left_paise)))
    if facts.objection:
        rows.append((_W["answers"], facts.objection))
    meta = [(_W["order_no"], facts.sanction_no), (_W["day"], say(day_text(on)))]
    if bill:
        meta = [
            (_W["bill_no"], f"{facts.bill_no} ({facts.version})" if facts.version > 1 else facts.bill_no),
            (_W["day"], say(day_text(on))),
            (_W["ddo"], facts.ddo_code),
        ]
        rows.insert(0, (_W["order_no"], f"{facts.sanction_no}, {sanctioned}"))
    else:
        meta.append((_W["ddo"], facts.ddo_code))
    words = {name: say(text) for name, text in _W.items()}
    words["points"] = words["points_bill" if bill else "points_order"]
    return {
        "language": language,
        "words": words,
        "state": say(law.name),
        "office": facts.office_hi if language == "hi" else facts.office_en,
        "meta": [(say(name), value) for name, value in meta],
        "title": say(title),
        "sentence": say(_BILL if bill else _ORDER).format(
            persons=group_indian(facts.persons), scheme=scheme, month=month
        ),
        "amount": indian(facts.paise),
        "amount_words": amount_in_words(facts.paise, language),
        "under": under_rupees(facts.paise, language) if bill else "",
        "segments": [(say(name), value) for name, value in segments(facts.head, facts.month, language)],
        "facts": [(say(name), value) for name, value in rows],
        "points": [say(text) for text in (_BILL_POINTS if bill else _ORDER_POINTS)],
        "treasury": [say(text) for text in _TREASURY] if bill else [],
        "signatory": say(signatory),
        "day": say(day_text(on)),
    }


def segments(head: str, day: date, language: str) -> list[tuple[Text, str]]:
    """A head of account by its segments as the law of a day composes them; whole where it is not of that form."""
    heads = load_lawbook(settings.HAQDAR_LAW).on(day).heads
    parts = head.split(heads.separator)
    if len(parts) != len(heads.segments):
        return [(_W["head"], head)]
    return [
        (
            _SEGMENTS.get(name, Text(name, name)),
            _VOTED[part].in_language(language) if name == "voted" and part in _VOTED else part,
        )
        for (name, _), part in zip(heads.segments, parts, strict=True)
    ]


def _schedule(facts: Facts) -> dict[str, Any]:
    """The schedule once, its headings in both languages."""

    def both(text: Text) -> str:
        return f"{text.hi} · {text.en}"

    rows = [
        [str(number), body.name_hi or both(_W["unknown"]), body.name_en, group_indian(body.persons), indian(body.paise)]
        for number, body in enumerate(facts.bodies, 1)
    ]  # fmt: skip
    return {
        "title": both(_W["schedule"]),
        "columns": [both(_W["no"]), "निकाय", "Body", both(_W["persons"]), both(_W["amount"])],
        "rows": rows,
        "total": ["", "", "", group_indian(facts.persons), indian(facts.paise)],
        "about": both(_ABOUT),
        "hash": facts.content_hash,
        "sheet": both(_W["sheet"]),
    }
