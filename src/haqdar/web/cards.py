"""What the pages of household cards show, for officers and for the family itself."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString, mark_safe

from haqdar.cases.cards.content import scheme_texts
from haqdar.cases.cards.issuing import Standing, code_shown


def card_context(standing: Standing, language: str) -> dict[str, Any]:
    """A family's card as a page shows it: facts, members, schemes held and entitled, the code while the card is right."""
    household = standing.household
    names = {one.member_id: one for one in household.residents}
    schemes = scheme_texts()

    def line(benefit: Any) -> dict[str, Any]:
        name = schemes.get(benefit.scheme)
        return {
            "scheme": name.in_language(language) if name else benefit.scheme,
            "person": names[benefit.member_id],
            "paise": benefit.paise,
        }

    place = household.family.place
    along = place.along_hi if language == "hi" else place.along_en
    return {
        "standing": standing,
        "card": standing.card,
        "family": household.family,
        "head": household.residents[0],
        "place": ", ".join(along[:0:-1]),
        "members": [
            {
                "person": one,
                "relation": one.relation or "other",
                "year": one.born_on.year if one.born_on else None,
                "ending": f"{one.member_id % 1000:03d}",
            }
            for one in household.residents
        ],
        "held": [line(one) for one in household.benefits if one.held],
        "entitled": [line(one) for one in household.benefits if not one.held],
        "code": _drawing(code_shown(standing)),
    }


def _drawing(code: dict[str, Any] | None) -> SafeString:
    """The drawing of a code: made of digits and letters by ourselves, nothing of it was typed by anybody."""
    return mark_safe(code["svg"] if code else "")
