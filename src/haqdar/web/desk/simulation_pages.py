"""What the pages and reports show of a simulation: words, charts and tables made from its plain result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from haqdar.access.queries import Place, districts
from haqdar.base.files import atomic_write
from haqdar.base.money import group_indian, indian
from haqdar.base.month import Month
from haqdar.web import assets, charts, labels

Result = Mapping[str, Any]
#: Shades of a district's tile, from a large loss to a large gain.
_SHADES = 3


def shown(result: Result, names: Mapping[str, Place]) -> dict[str, Any]:
    """Everything a template needs to show a simulation in the page's language; `names` are districts by code."""
    language = translation.get_language() or "hi"
    schemes = {code: texts[language] for code, texts in result["scheme_names"].items()}
    totals = result["totals"]
    paid_persons = sum(row["persons"] or 0 for row in result["paid"])
    paid_paise = sum(row["paise"] or 0 for row in result["paid"])
    districts_shown = _breakdown(result, "district", lambda code: _district(code, names, language))
    return {
        "result": result,
        "ahead": _ahead(result.get("forecast"), schemes, language),
        "title": result["proposal"]["title"][language],
        "purpose": result["proposal"]["purpose"][language],
        "from_on": date.fromisoformat(result["proposal"]["from"]),
        "earlier": result["proposal"]["from"] != result["proposal"]["tried_from"],
        "month": Month.parse(result["month"]).first_day,
        "known_on": date.fromisoformat(result["known_on"]),
        "totals": totals,
        "more_a_month": signed(totals["paise_after"] - totals["paise_before"]),
        "more_a_year": signed(12 * (totals["paise_after"] - totals["paise_before"])),
        "year_before": 12 * totals["paise_before"],
        "year_after": 12 * totals["paise_after"],
        "paid_persons": paid_persons,
        "paid_paise": paid_paise,
        "schemes": _schemes(result, schemes),
        "scheme_chart": _scheme_chart(result, schemes),
        "district_chart": _district_chart(districts_shown),
        "tiles": _tiles(districts_shown),
        "districts": districts_shown,
        "breakdowns": [
            (_("By sex"), "sex", _breakdown(result, "sex", lambda code: labels.label("sex", code))),
            (
                _("By age"),
                "age_band",
                _breakdown(result, "age_band", lambda code: labels.label("age_band", code)),
            ),
            (
                _("By social category"),
                "category",
                _breakdown(result, "category", lambda code: labels.label("category", code)),
            ),
            (_("By place"), "place", _breakdown(result, "place", lambda code: labels.label("place", code))),
        ],
        "moves": [
            {
                **row,
                "from_name": schemes.get(row["from_scheme"], _("nothing")),
                "to_name": schemes.get(row["to_scheme"], _("nothing")),
                "change": _difference(row),
            }
            for row in result["moves"]
        ],
        "cross": [
            {
                **row,
                "sex_name": labels.label("sex", row["sex"]),
                "age_name": labels.label("age_band", row["age_band"]),
                "category_name": labels.label("category", row["category"]),
                "change": _difference(row),
            }
            for row in result["cross"]
            if row["gainers"] is None or row["gainers"] or row["losers"]
        ],
    }


def _ahead(found: Mapping[str, Any] | None, names: Mapping[str, str], language: str) -> dict[str, Any] | None:
    """The years ahead: a line for each year, a chart of what they cost, the assumptions in words."""
    if found is None:
        return None
    years = [
        {
            "day": date.fromisoformat(now["day"]),
            "now": now,
            "then": then,
            "more": signed(then["paise_year"] - now["paise_year"]),
            "schemes": _year_schemes(now, then, names),
        }
        for now, then in zip(found["now"], found["then"], strict=True)
    ]
    pairs = [
        charts.Pair(
            str(year["now"]["day"][:7]),
            year["now"]["paise_year"],
            year["then"]["paise_year"],
            _("law in force %(money)s") % {"money": _short(year["now"]["paise_year"])},
            _("proposal %(money)s") % {"money": _short(year["then"]["paise_year"])},
        )
        for year in years
    ]
    return {
        "years": years,
        "chart": charts.paired_bars(_("Cost of a year, from each day on"), pairs),
        "assumptions": [text[language] for text in found["assumptions"]],
        "mortality": found["mortality"][language],
    }


def _year_schemes(
    now: Mapping[str, Any], then: Mapping[str, Any], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    sides = [{row["scheme"]: row for row in side["schemes"]} for side in (now, then)]
    empty = {"persons": 0, "paise_month": 0}
    return [
        {"name": name, "now": sides[0].get(code, empty), "then": sides[1].get(code, empty)}
        for code, name in names.items()
        if code in sides[0] or code in sides[1]
    ]


def write_reports(result: Result, folder: Path, *, with_names: bool) -> list[Path]:
    """Write report.en.html and report.hi.html, pages that stand alone; without a database districts are shown by code."""
    names = districts() if with_names else {}
    style = assets.WEB / "static" / assets.manifest().get("app.css", "plain.css")
    if not style.is_file():
        style = assets.WEB / "static" / "plain.css"
    written = []
    for language in ("en", "hi"):
        with translation.override(language):
            text = render_to_string(
                "desk/simulation_report.html",
                {**shown(result, names), "language": language, "style": style.read_text(encoding="utf-8")},
            )
        path = folder / f"report.{language}.html"
        with atomic_write(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def signed(paise: int | None) -> str:
    """An amount with its sign in front: +₹500, −₹20, ₹0."""
    if paise is None:
        return "–"
    return ("+" if paise > 0 else "−" if paise < 0 else "") + indian(abs(paise))


def _difference(row: Mapping[str, Any]) -> str:
    before, after = row["paise_before"], row["paise_after"]
    return "–" if before is None or after is None else signed(after - before)


def _breakdown(result: Result, name: str, word: Any) -> list[dict[str, Any]]:
    rows = [
        {**row, "key": row[name], "label": word(row[name]), "change": _difference(row)}
        for row in result["by"][name]
    ]
    order = labels.LABELS.get(name, {})
    places = {code: place for place, code in enumerate(order)}
    return sorted(rows, key=lambda row: (places.get(row["key"], 99), str(row["key"])))


def _district(code: str, names: Mapping[str, Place], language: str) -> str:
    if code in names:
        return names[code].name(language)
    return _("Place not known") if code == "-" else _("District %(code)s") % {"code": code}


def _schemes(result: Result, names: Mapping[str, str]) -> list[dict[str, Any]]:
    paid = {row["scheme"]: row for row in result["paid"]}
    return [
        {
            **row,
            "name": names.get(row["scheme"], row["scheme"]),
            "change": _difference(row),
            "paid_persons": paid.get(row["scheme"], {}).get("persons", 0),
        }
        for row in sorted(result["schemes"], key=lambda row: list(names).index(row["scheme"]))
    ]


def _scheme_chart(result: Result, names: Mapping[str, str]) -> Any:
    pairs = [
        charts.Pair(
            row["name"],
            row["paise_before"] or 0,
            row["paise_after"] or 0,
            _("now %(money)s") % {"money": _short(row["paise_before"])},
            _("then %(money)s") % {"money": _short(row["paise_after"])},
        )
        for row in _schemes(result, names)
    ]
    return charts.paired_bars(_("Cost a month of each scheme, now and then"), pairs)


def _district_chart(rows: list[dict[str, Any]]) -> Any:
    pairs = [
        charts.Pair(
            row["label"],
            row["losers"] or 0,
            row["gainers"] or 0,
            "–" if row["losers"] is None else group_indian(row["losers"]),
            "–" if row["gainers"] is None else group_indian(row["gainers"]),
        )
        for row in rows
    ]
    return charts.opposed_bars(_("Persons who lose (left) and gain (right) in each district"), pairs)


def _tiles(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Districts as tiles, shaded by what changes for each thousand residents."""
    for row in rows:
        before, after, people = row["paise_before"], row["paise_after"], row["residents"]
        row["each"] = None if before is None or not people else round((after - before) * 10 / people) * 100
    most = max((abs(row["each"]) for row in rows if row["each"]), default=0)
    return [
        {
            "label": row["label"],
            "change": row["change"],
            "each": signed(row["each"]),
            "gainers": row["gainers"],
            "losers": row["losers"],
            "shade": _shade(row["each"], most),
        }
        for row in rows
    ]


def _shade(each: int | None, most: int) -> str:
    if not each or not most:
        return "none"
    return f"{'more' if each > 0 else 'less'}-{min(_SHADES, 1 + _SHADES * abs(each) // (most + 1))}"


def _short(paise: int | None) -> str:
    """An amount short enough to stand beside a bar: ₹3.2 crore, ₹4.5 lakh."""
    if paise is None:
        return "–"
    rupees = paise // 100
    if rupees >= 10_000_000:
        return _("₹%(number)s crore") % {"number": f"{rupees / 10_000_000:.1f}"}
    if rupees >= 100_000:
        return _("₹%(number)s lakh") % {"number": f"{rupees / 100_000:.1f}"}
    return indian(rupees * 100)
