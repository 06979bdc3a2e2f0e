"""Charts as SVG made by the server: bars with their labels beside them; the same numbers stand in a table below.

Drawn for a width of 340 units, so that they read on a phone as they are and a little enlarged on a screen; colours stand
in the drawing itself, so that a report kept as a file shows them without any style sheet.
Everything is said by place and text, never by colour alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 340
_BAR = 210
_LABEL = 50
"""How many letters of a name fit above a bar; the whole name stands in the table below."""


@dataclass(frozen=True)
class Pair:
    """Two values of one thing with the words shown at their bars."""

    label: str
    first: int
    second: int
    first_text: str
    second_text: str


def paired_bars(title: str, pairs: Sequence[Pair]) -> SafeString:
    """For each thing a bar for now above a bar for then."""
    most = max((max(pair.first, pair.second) for pair in pairs), default=0) or 1
    rows = [
        (
            24 + place * 62,
            _fitting(pair.label),
            30 + place * 62,
            _width(pair.first, most, _BAR),
            _width(pair.first, most, _BAR) + 6,
            41 + place * 62,
            pair.first_text,
            46 + place * 62,
            _width(pair.second, most, _BAR),
            _width(pair.second, most, _BAR) + 6,
            57 + place * 62,
            pair.second_text,
        )
        for place, pair in enumerate(pairs)
    ]
    body = format_html_join(
        "",
        '<text x="0" y="{}" font-size="14" fill="#1b2430">{}</text>'
        '<rect x="0" y="{}" width="{}" height="14" fill="#8aa0a8"/><text x="{}" y="{}" font-size="12.5" fill="#505a67">{}</text>'
        '<rect x="0" y="{}" width="{}" height="14" fill="#0b5d5b"/><text x="{}" y="{}" font-size="12.5" fill="#505a67">{}</text>',
        rows,
    )
    return _drawn(title, 12 + len(pairs) * 62, body)


def bars(title: str, items: Sequence[tuple[str, int | None, str]]) -> SafeString:
    """For each thing (label, value, words at the bar) one bar; a value that is hidden has its words and no bar."""
    most = max((value or 0 for _, value, _ in items), default=0) or 1
    rows = [
        (
            16 + place * 42,
            _fitting(label),
            22 + place * 42,
            _width(value or 0, most, _BAR),
            _width(value or 0, most, _BAR) + (6 if value else 0),
            33 + place * 42,
            words,
        )
        for place, (label, value, words) in enumerate(items)
    ]
    body = format_html_join(
        "",
        '<text x="0" y="{}" font-size="14" fill="#1b2430">{}</text>'
        '<rect x="0" y="{}" width="{}" height="14" fill="#0b5d5b"/>'
        '<text x="{}" y="{}" font-size="12.5" fill="#505a67">{}</text>',
        rows,
    )
    return _drawn(title, 4 + len(items) * 42, body)


def opposed_bars(title: str, pairs: Sequence[Pair]) -> SafeString:
    """For each thing the first value to the left of a line and the second to the right of it."""
    most = max((max(pair.first, pair.second) for pair in pairs), default=0) or 1
    middle, half = WIDTH // 2, 95
    rows = []
    for place, pair in enumerate(pairs):
        left, right = _width(pair.first, most, half), _width(pair.second, most, half)
        top = place * 40
        rows.append(
            (
                top + 16,
                _fitting(pair.label),
                middle - left,
                top + 22,
                left,
                middle - left - 5,
                top + 33,
                pair.first_text,
                middle,
                top + 22,
                right,
                middle + right + 5,
                top + 33,
                pair.second_text,
            )
        )
    body = format_html_join(
        "",
        '<text x="0" y="{}" font-size="14" fill="#1b2430">{}</text>'
        '<rect x="{}" y="{}" width="{}" height="14" fill="#b3261e"/>'
        '<text x="{}" y="{}" text-anchor="end" font-size="12.5" fill="#505a67">{}</text>'
        '<rect x="{}" y="{}" width="{}" height="14" fill="#0b5d5b"/><text x="{}" y="{}" font-size="12.5" fill="#505a67">{}</text>',
        rows,
    )
    return _drawn(title, 8 + len(pairs) * 40, body)


def _fitting(label: str) -> str:
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip() + "…"


def _width(value: int, most: int, full: int) -> int:
    return 0 if value <= 0 else max(1, round(full * value / most))


def _drawn(title: str, height: int, body: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart" width="420" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>',
        WIDTH,
        height,
        title,
        body,
    )
