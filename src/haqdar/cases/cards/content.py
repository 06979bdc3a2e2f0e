"""What household cards say, for many families at once: from the registers and the awards to words, and to the code's content."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import zxingcpp
from django.conf import settings
from django.db import connection

from haqdar.base.money import indian
from haqdar.base.sql import statement
from haqdar.cases import merged
from haqdar.cases.cards.claim import CardCode, CodeMember
from haqdar.cases.cards.words import (
    CARD_WORDS,
    CATEGORY_WORDS,
    KIND_WORDS,
    RELATION_WORDS,
    SEX_WORDS,
)
from haqdar.law import Text, day_text, load_lawbook
from haqdar.registry import documents
from haqdar.registry.documents import DocumentGone
from haqdar.registry.families import Family, Resident
from haqdar.registry.models import Document
from haqdar.registry.sealing import SealBroken, sealer


@dataclass(frozen=True)
class Benefit:
    """A pension that a member holds, or is entitled to; `paise` a month, None where only the law says how much."""

    member_id: int
    held: bool
    scheme: str
    paise: int | None


@dataclass(frozen=True)
class Household:
    """A family with its benefits: everything that its card says but number and days. `photograph` is the head's, as JPEG."""

    family: Family
    benefits: tuple[Benefit, ...]
    photograph: Document | None

    @property
    def residents(self) -> tuple[Resident, ...]:
        """Who belongs to the family, head first."""
        return self.family.residents

    def says(self) -> UUID:
        """A keyed hash of everything that the card says: the same as long as nothing of it changed."""
        said = [
            [str(self.family.key), self.family.place.area_code, self.family.address, self.family.category],
            self.family.bpl,
            [
                [str(r.key), r.name_hi, r.name_en, r.sex, str(r.born_on), r.relation]
                for r in self.family.residents
            ],
            [[b.member_id, b.held, b.scheme, b.paise] for b in self.benefits],
            self.photograph.sha256 if self.photograph else "",
        ]
        return sealer().keyed_hash("household card", json.dumps(said, ensure_ascii=False))


def households(families: Sequence[Family], day: date) -> list[Household]:
    """The families with what their members hold and are entitled to, in the same order; families without anybody are left out."""
    inhabited = [family for family in families if family.residents]
    members = [one.member_id for family in inhabited for one in family.residents]
    found: dict[int, list[Benefit]] = {}
    groups = load_lawbook(settings.HAQDAR_LAW).scheme_groups()
    with connection.cursor() as cursor:
        changed = merged.awards_of(cursor, members)
        cursor.execute(
            statement("haqdar.cases", "card_schemes"),
            {
                "members": members,
                "day": day,
                "schemes": list(groups),
                "groups": list(groups.values()),
                "changed": [member for member, _ in changed],
                "changed_groups": [group for _, group in changed],
                "changed_schemes": [scheme for scheme, _ in changed.values()],
                "changed_paise": [paise for _, paise in changed.values()],
            },
        )
        for row in cursor.fetchall():
            found.setdefault(row[0], []).append(Benefit(*row))
        cursor.execute(_PHOTOGRAPHS, [[family.residents[0].key for family in inhabited]])
        pictures: dict[UUID, UUID] = dict(cursor.fetchall())
    kept = Document.objects.in_bulk(pictures.values(), field_name="key")
    return [
        Household(
            family,
            tuple(benefit for one in family.residents for benefit in found.get(one.member_id, ())),
            kept.get(pictures.get(family.residents[0].key)),
        )
        for family in inhabited
    ]


# a grievance may have a photograph, too, of a hand pump
_PHOTOGRAPHS = """
    SELECT DISTINCT ON (c.resident_key) c.resident_key, d.key
    FROM cases_case c JOIN registry_document d ON d.about_kind = 'case' AND d.about_key = c.key::text
    WHERE c.resident_key = ANY(%s) AND c.kind = 'application' AND d.kind = 'photograph' AND d.removed_at IS NULL
    ORDER BY c.resident_key, d.kept_at DESC
"""


def code_of(household: Household, number: str, serial: bytes, issued_on: date, expires_on: date) -> CardCode:
    """What the code of the family's card says: the head's name in two scripts, the members, who holds which pension."""
    family = household.family
    head = family.residents[0]
    places = {one.member_id: place for place, one in enumerate(family.residents)}
    return CardCode(
        issuer=settings.HAQDAR_PUBLIC_URL,
        number=number,
        serial=serial,
        name_hi=head.name_hi or head.name_en,
        name_en=head.name_en,
        sex=head.sex,
        place="\n".join(_place_lines(family, "hi")),
        area_code=f"{family.place.district_code}/{family.place.area_code}",
        issued_on=issued_on,
        expires_on=expires_on,
        members=tuple(
            CodeMember(
                one.name_hi or one.name_en,
                one.relation,
                one.sex,
                one.born_on.year if one.born_on else 0,
                f"{one.member_id % 1000:03d}",
            )
            for one in family.residents
        ),
        held=tuple((places[one.member_id], one.scheme) for one in household.benefits if one.held),
    )


def card_words(
    household: Household,
    number: str,
    issued_on: date,
    expires_on: date,
    code: str,
    schemes: Mapping[str, Text],
) -> dict[str, Any]:
    """Everything that the template of one card reads; `code` is the text of its QR code, `schemes` are the law's names."""
    family = household.family
    head = family.residents[0]
    names = {one.member_id: one.name_hi or one.name_en for one in family.residents}
    return {
        "number": number,
        "issued": day_text(issued_on).hi,
        "until": day_text(expires_on).hi,
        "issued_en": day_text(issued_on).en,
        "until_en": day_text(expires_on).en,
        "head": head.name_hi or head.name_en,
        "head_en": head.name_en if head.name_hi else "",
        "place": ", ".join(_place_lines(family, "hi")),
        "place_en": ", ".join(_place_lines(family, "en")),
        "address": family.address,
        "category": _both(CATEGORY_WORDS.get(family.category)),
        "bpl": family.bpl,
        "members": [
            [
                one.name_hi or one.name_en,
                one.name_en if one.name_hi else "",
                _word(RELATION_WORDS, one.relation or "other").hi,
                _word(SEX_WORDS, one.sex).hi,
                str(one.born_on.year) if one.born_on else "–",
                f"{one.member_id % 1000:03d}",
            ]
            for one in family.residents
        ],
        "held": [_line(one, names, schemes) for one in household.benefits if one.held],
        "entitled": [_line(one, names, schemes) for one in household.benefits if not one.held],
        "photograph": _photograph(household.photograph),
        "qr": qr_path(code),
    }


def sheet_data(cards: Sequence[dict[str, Any]], title: str, signed_by: str, day: date) -> dict[str, Any]:
    """What the template reads for one file of cards."""
    book = load_lawbook(settings.HAQDAR_LAW)
    return {
        "cards": list(cards),
        "title": title,
        "author": signed_by,
        "state": book.state.name.hi,
        "state_en": book.state.name.en,
        "day": day_text(day).hi,
        "verify": f"{settings.HAQDAR_PUBLIC_URL}/card/verify/",
        "words": {name: [text.hi, text.en] for name, text in CARD_WORDS.items()},
    }


def qr_path(text: str) -> dict[str, Any]:
    """A QR code as one path of an SVG, a square of a module each side: `size` modules and the drawing."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    picture = memoryview(cast(Any, made.to_image(scale=1, add_quiet_zones=False)))
    assert picture.shape is not None
    height, width = picture.shape[0], picture.shape[1]
    dots = bytes(picture)
    drawn = []
    for row in range(height):
        column = 0
        while column < width:
            end = column
            while end < width and not dots[row * width + end]:
                end += 1
            if end > column:
                drawn.append(f"M{column} {row}h{end - column}v1H{column}z")
            column = end + 1
    return {
        "size": width,
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{"".join(drawn)}"/></svg>',
    }


def scheme_texts() -> dict[str, Text]:
    """The name of every scheme that the law ever knew, by code."""
    return _scheme_texts(Path(settings.HAQDAR_LAW), load_lawbook(settings.HAQDAR_LAW).hash)


@cache
def _scheme_texts(folder: Path, law: str) -> dict[str, Text]:
    book = load_lawbook(folder)
    found: dict[str, Text] = {}
    for day in book.change_days:
        found |= {scheme.code: scheme.name for scheme in book.on(day).all_schemes}
    return found


def _line(benefit: Benefit, names: Mapping[int, str], schemes: Mapping[str, Text]) -> list[str]:
    name = schemes.get(benefit.scheme, Text(benefit.scheme, benefit.scheme))
    return [name.hi, names[benefit.member_id], indian(benefit.paise) if benefit.paise else ""]


def _place_lines(family: Family, language: str) -> list[str]:
    """The panchayat or ward first, then what lies above it, without the State."""
    place = family.place
    along = place.along_hi if language == "hi" else place.along_en
    lines = []
    for kind, name in zip(place.kinds, along, strict=True):
        if kind == "state":
            continue
        word = KIND_WORDS.get(kind)
        said = word.in_language(language) if word else ""
        # a name may say the kind itself ("Ward 1")
        lines.append(
            name if not said or name.startswith(said) else f"{said} {name}" if language == "hi" else name
        )
    return lines[::-1]


def _photograph(kept: Document | None) -> str:
    """The photograph as an SVG cut to four by five; empty where there is none or its file is gone."""
    if kept is None:
        return ""
    try:
        content = base64.b64encode(documents.content(kept)).decode()
    except (DocumentGone, SealBroken):
        return ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 250">'
        '<image width="200" height="250" preserveAspectRatio="xMidYMid slice"'
        f' xlink:href="data:image/jpeg;base64,{content}"/></svg>'
    )


def _word(words: dict[str, Text], code: str) -> Text:
    return words.get(code, words.get("other", Text(code, code)))


def _both(text: Text | None) -> str:
    return f"{text.hi} · {text.en}" if text else ""
