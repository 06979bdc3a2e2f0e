"""How numbers, money, dates and names are written for people."""

from datetime import date
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from haqdar.access.verbs import words_of
from haqdar.base.days import MONTHS
from haqdar.base.money import group_indian, indian
from haqdar.web import assets, labels
from haqdar.web.lookup_words import found_because

register = template.Library()

PLAIN = {"app.css": "plain.css"}


def _language() -> str:
    return "en" if translation.get_language() == "en" else "hi"


@register.filter
def money(paise: int | None) -> str:
    """Paise as ₹ with Indian grouping; a dash where there is no amount."""
    return "–" if paise is None else indian(int(paise))


@register.filter
def number(n: int | str | None) -> str:
    """A whole number with Indian grouping; a dash where there is none, which Django hands over as an empty text."""
    return "–" if n is None or n == "" else group_indian(int(n))


@register.filter
def day(value: date | None) -> str:
    """A date in words: 1 October 2016, 1 अक्टूबर 2016."""
    if value is None:
        return "–"
    return f"{value.day} {MONTHS[_language()][value.month - 1]} {value.year}"


@register.filter
def month(value: date | None) -> str:
    """A month in words: October 2016, अक्टूबर 2016."""
    return "–" if value is None else f"{MONTHS[_language()][value.month - 1]} {value.year}"


@register.filter
def instant(value: Any) -> str:
    """A moment in words and Indian time: 1 October 2016, 14:05."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    return f"{day(local.date())}, {local:%H:%M}"


@register.filter
def member(value: int | None) -> str:
    """A member ID grouped for reading: 123 456 789."""
    text = f"{int(value):09d}" if value is not None else ""
    return "–" if not text else f"{text[:3]} {text[3:6]} {text[6:]}"


@register.filter
def family(value: int | None) -> str:
    """A family ID grouped for reading: 1234 5678."""
    text = f"{int(value):08d}" if value is not None else ""
    return "–" if not text else f"{text[:4]} {text[4:]}"


@register.filter
def ending(value: str | int | None) -> str:
    """A personal number shown by its last digits only: •••• 6789."""
    return "–" if not value else f"•••• {str(value)[-4:]}"


@register.filter
def label(code: str | None, kind: str) -> str:
    """The word people read for a code of the data, for example `stop|label:"action"`."""
    return labels.label(kind, code)


@register.filter
def why(row: Any) -> str:
    """Why a work item is on the list."""
    if isinstance(row, dict):
        return labels.reason(row["action"], row["reason"])
    return labels.reason(row.action, row.reason)


@register.filter
def missing_fact(code: str) -> str:
    """What is missing where something cannot be decided."""
    return labels.reason("undecided", code)


@register.filter
def change_kind(kind: str) -> str:
    """What an officer recorded: an event, or that one was taken back."""
    return labels.change_kind(kind)


@register.filter
def named(thing: Any) -> str:
    """The name of an object or dict with name_hi and name_en, in the page's language or else the other."""
    language = _language()
    first, second = ("name_hi", "name_en") if language == "hi" else ("name_en", "name_hi")
    if isinstance(thing, dict):
        return str(thing.get(first) or thing.get(second) or "–")
    return str(getattr(thing, first, "") or getattr(thing, second, "") or "–")


@register.filter
def because(found: Any) -> list[str]:
    """Why a search found somebody, in words."""
    return found_because(found.reasons, _language())


@register.filter
def spoken(text: str | None) -> str:
    """The text with its language marked where its script is not the page's: an address in Hindi on an English page."""
    shown = str(text or "")
    devanagari = any("\u0900" <= letter <= "\u097f" for letter in shown)
    latin = any(letter.isascii() and letter.isalpha() for letter in shown)
    if _language() == "en" and devanagari:
        return format_html('<span lang="hi">{}</span>', shown)
    if _language() == "hi" and latin and not devanagari:
        return format_html('<span lang="en">{}</span>', shown)
    return shown


@register.filter
def scheme_name(code: str | None) -> str:
    """The name of a scheme in the page's language, from the law."""
    return labels.scheme_name(code, _language())


@register.filter
def said(text: Any) -> str:
    """A text of the law or of a record in the page's language."""
    return "" if text is None else str(text.in_language(_language()))


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """The value of `key` in a mapping, or None."""
    return mapping.get(key)


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file; the plain style sheet, or nothing, where it was not built."""
    built = assets.manifest().get(name) or PLAIN.get(name)
    return static(built) if built else ""


@register.filter
def case_why(case: Any) -> str:
    """Why a case is there: the word of the work list, or the subject it was given."""
    return labels.reason(case.kind, case.reason)


@register.filter
def step_why(step: Any, case: Any) -> str:
    """The reason of a step in words: one of the desk's own, or a reason of the case's kind."""
    own = labels.LABELS["step_reason"].get(step.reason)
    return str(own) if own else labels.reason(case.kind, step.reason)


@register.filter
def queue_name(verb: str, queue: Any) -> str:
    """What a queue is called: by its kind where a verb has several lines on the desk."""
    return labels.queue_name(verb, queue.get("kind"))


@register.filter
def queue_title(verb: str) -> str:
    """What waits for a verb, whatever the kind."""
    return labels.queue_name(verb)


@register.filter
def less_money(paise: int) -> str:
    """An amount below zero without its sign, where the words say that it is less."""
    return money(abs(paise))


@register.filter
def days_left(days: int) -> str:
    """How long an office still has: days left, today, or days over the limit."""
    if days < 0:
        return (
            _("1 day over the limit")
            if days == -1
            else _("%(days)s days over the limit") % {"days": number(-days)}
        )
    if days == 0:
        return _("Due today")
    return _("1 day left") if days == 1 else _("%(days)s days left") % {"days": number(days)}


@register.filter
def done(verb: str) -> str:
    """What somebody did, from the verb of the audit trail."""
    return words_of(verb, _language())


@register.filter
def case_of(cases: dict[tuple[int, int | None, str], Any], row: Any) -> Any:
    """The key of the case that deals with a row of a work list, or None."""
    return cases.get((row.member_id, row.pension_group, row.action))
