"""The statement of reasons in its forms: words for pages, PDF and the command line, and JSON with stable keys."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from haqdar.base.money import indian
from haqdar.cases.reasons import Reading, Statement
from haqdar.entitlement.explain import CriterionReason, SchemeReasons
from haqdar.entitlement.sources import OWN, Source
from haqdar.law import Text, day_text
from haqdar.web import labels
from haqdar.web.documents.typeset import set_pdf

FORMAT = "haqdar-reasons-1"
"""Named in every JSON statement; it changes when a key changes its meaning or goes."""

MARKS = {True: "✔", False: "✘", None: "?"}
_VERDICTS = {True: "yes", False: "no", None: "unsure"}
_REGISTERS = {
    "resident": gettext_noop("population register"),
    "event": gettext_noop("register of events"),
    "bpl": gettext_noop("BPL register"),
    "disability": gettext_noop("disability register"),
    "family": gettext_noop("population register"),
}


def statement_words(statement: Statement, language: str, scheme: str | None = None) -> dict[str, Any]:
    """Everything a reader is shown, as sentences in `language` ("hi" or "en"); of one scheme only if asked."""
    with translation.override(language):
        run = statement.run
        known = _day(run.known_on)
        return {
            "language": language,
            "title": _("Statement of reasons"),
            "name": _name(statement, language),
            "member": f"{statement.member.member_id:09d}",
            "month": _month(run.month),
            "day": _day(run.month),
            "about": [
                (_("Decided for"), _day(run.month)),
                (_("From what was known on"), known),
                (_("Run"), _run_words(statement)),
                (_("Law"), run.law_hash[:16]),
                (_("Snapshot"), run.snapshot_hash[:16]),
            ],
            "basis": _basis(statement),
            "decided_title": _("What was decided"),
            "decided": [_item(item, statement, language) for item in statement.items],
            "nothing_decided": _("Nothing changed for this person in this month."),
            "schemes_title": _("Scheme by scheme"),
            "schemes": [
                _scheme_words(reasons, statement, language)
                for reasons in statement.schemes
                if scheme is None or reasons.code == scheme
            ],
            "words": {
                "order": _("Legal order"),
                "source": _("Source"),
                "best": _("best of its group"),
            },
            "foot": _("Set from the record of the run. The same record always gives the same statement."),
        }


def statement_text(statement: Statement, language: str, scheme: str | None = None) -> str:
    """The statement for a terminal."""
    words = statement_words(statement, language, scheme)
    lines = [f"{words['title']} · {words['name']} · {words['member']} · {words['month']}"]
    lines += [f"  {name}: {value}" for name, value in words["about"]]
    lines += ["", words["basis"], "", words["decided_title"]]
    lines += [f"  {sentence}" for sentence in words["decided"] or [words["nothing_decided"]]]
    say = words["words"]
    for scheme_words in words["schemes"]:
        best = f" – {say['best']}" if scheme_words["best"] else ""
        lines += ["", f"{scheme_words['mark']} {scheme_words['name']} ({scheme_words['code']}){best}"]
        lines.append(f"  {scheme_words['summary']}")
        lines += [f"  {line}" for line in (scheme_words["ends"], scheme_words["amount_order"]) if line]
        for criterion in scheme_words["criteria"]:
            lines.append(f"    {criterion['mark']} {criterion['sentence']}")
            lines += [f"        → {line}" for line in (criterion["change"], criterion["ends"]) if line]
            for fact in criterion["facts"]:
                lines.append(f"        {fact['name']}: {fact['value']}")
                lines += [f"          {say['source']}: {source}" for source in fact["sources"]]
            lines.append(f"        {say['order']}: {criterion['order']}")
    return "\n".join(lines) + "\n"


def statement_pdf(statement: Statement, languages: Iterable[str], scheme: str | None = None) -> bytes:
    """The statement as PDF/A, once in each language. The run's own moment is its date, so it can be made again alike."""
    parts = [statement_words(statement, language, scheme) for language in languages]
    return set_pdf("reasons.typ", {"parts": parts}, statement.run.finished_at)


def statement_data(statement: Statement, scheme: str | None = None) -> dict[str, Any]:
    """The statement for machines; keys and their meaning are in docs/reasons-and-replay.md. Amounts are paise."""
    run = statement.run
    return {
        "format": FORMAT,
        "member_id": f"{statement.member.member_id:09d}",
        "name_en": statement.member.name_en,
        "name_hi": statement.member.name_hi,
        "month": str(statement.month),
        "valid_on": run.month.isoformat(),
        "run": {
            "version": run.version,
            "state": run.state,
            "known_on": run.known_on.isoformat(),
            "known_at": _iso(run.known_at),
            "finished_at": run.finished_at.isoformat(),
            "law": run.law_hash,
            "snapshot": run.snapshot_hash,
            "inputs": run.inputs_hash,
        },
        "basis": statement.basis,
        "decided": [
            {
                "action": item["action"],
                "group": item["pension_group"],
                "from_scheme": item["from_scheme"],
                "from_paise": item["from_paise"],
                "to_scheme": item["to_scheme"],
                "to_paise": item["to_paise"],
                "reason": item["reason"],
                "carried_out": item["carried_out"],
                "notice_until": _iso(item["effective_month"]),
                **_both("sentence", lambda language, item=item: _spoken(item, statement, language)),
            }
            for item in statement.items
        ],
        "schemes": [
            _scheme_data(reasons, statement)
            for reasons in statement.schemes
            if scheme is None or reasons.code == scheme
        ],
    }


def _scheme_data(reasons: SchemeReasons, statement: Statement) -> dict[str, Any]:
    return {
        "scheme": reasons.code,
        **_text("name", reasons.name),
        "group": reasons.group,
        **_text("group_name", reasons.group_name),
        "verdict": reasons.verdict,
        "best": reasons.best,
        "paise": reasons.paise,
        "possible_paise": reasons.possible_paise,
        "components": [{**_text("name", name), "paise": paise} for name, paise in reasons.components],
        **_text("amount_order", reasons.amount_order),
        "amount_since": _iso(reasons.amount_since),
        "becomes_on": _iso(reasons.becomes_on),
        "ends_on": _iso(reasons.ends_on),
        **_text("summary", reasons.summary),
        "criteria": [_criterion_data(criterion, statement) for criterion in reasons.criteria],
    }


def _criterion_data(criterion: CriterionReason, statement: Statement) -> dict[str, Any]:
    return {
        "code": criterion.code,
        "verdict": criterion.verdict,
        **_text("sentence", criterion.sentence),
        **_text("value", criterion.value),
        **_text("limit", criterion.limit),
        **_text("order", criterion.order),
        "order_since": _iso(criterion.order_since),
        "missing": list(criterion.missing),
        **_text("change", criterion.change),
        "by_itself_on": _iso(criterion.by_itself_on),
        "ends_on": _iso(criterion.ends_on),
        "facts": [_reading_data(statement.readings[column]) for column in criterion.reads],
    }


def _reading_data(reading: Reading) -> dict[str, Any]:
    return {
        "fact": reading.column,
        **_text("name", reading.name),
        **_text("value", reading.value),
        "sources": [
            {
                "register": source.register,
                **_text("whose", source.whose),
                **_text("says", source.says),
                "file": source.file or None,
                "line": source.line,
                "delivery": source.delivery or None,
                "delivered_on": _iso(source.delivered_on),
                "recorded_on": _iso(source.recorded_on),
                "known_from": _iso(source.known_from),
                "verified_by": source.verified_by,
                "verified_at": _iso(source.verified_at),
                "valid_from": _iso(source.valid_from),
                "valid_to": _iso(source.valid_to),
            }
            for source in reading.sources
        ],
    }


def _scheme_words(reasons: SchemeReasons, statement: Statement, language: str) -> dict[str, Any]:
    verdicts = {True: _("entitled"), False: _("not entitled"), None: _("cannot be decided yet")}
    order = ""
    if reasons.amount_order is not None:
        order = _("Amount by: %(order)s") % {"order": reasons.amount_order.in_language(language)}
    return {
        "code": reasons.code,
        "name": reasons.name.in_language(language),
        "group": reasons.group_name.in_language(language),
        "verdict": _VERDICTS[reasons.verdict],
        "mark": MARKS[reasons.verdict],
        "verdict_word": verdicts[reasons.verdict],
        "best": reasons.best and reasons.verdict is True,
        "paise": reasons.paise,
        "summary": reasons.summary.in_language(language),
        "ends": _("Ends by itself on %(day)s if nothing else changes.") % {"day": _day(reasons.ends_on)}
        if reasons.ends_on
        else "",
        "amount_order": order,
        "criteria": [_criterion_words(criterion, statement, language) for criterion in reasons.criteria],
    }


def _criterion_words(criterion: CriterionReason, statement: Statement, language: str) -> dict[str, Any]:
    since = _("in force since %(day)s") % {"day": _day(criterion.order_since)}
    return {
        "code": criterion.code,
        "verdict": _VERDICTS[criterion.verdict],
        "mark": MARKS[criterion.verdict],
        "sentence": criterion.sentence.in_language(language),
        "change": criterion.change.in_language(language) if criterion.change else "",
        "ends": _("Holds until %(day)s if nothing else changes.") % {"day": _day(_before(criterion.ends_on))}
        if criterion.ends_on
        else "",
        "order": f"{criterion.order.in_language(language)} ({since})",
        "facts": [
            {
                "name": reading.name.in_language(language),
                "value": reading.value.in_language(language),
                "sources": [source_words(source, language) for source in reading.sources],
            }
            for reading in (statement.readings[column] for column in criterion.reads)
        ],
    }


def source_words(source: Source, language: str) -> str:
    """One source in a line: whose record, what it says, register, file and line, dates, who verified it."""
    parts = [] if source.whose == OWN else [source.whose.in_language(language)]
    parts.append(source.says.in_language(language))
    if source.register:
        parts.append(_(_REGISTERS[source.register]))
    if source.valid_from and source.register in ("bpl", "disability"):
        parts.append(
            _("valid %(start)s to %(end)s") % {"start": _day(source.valid_from), "end": _day(source.valid_to)}
            if source.valid_to
            else _("valid since %(start)s") % {"start": _day(source.valid_from)}
        )
    if source.file:
        place = _("%(file)s line %(line)s") % {"file": source.file, "line": source.line}
        parts.append(place if source.line else source.file)
        parts.append(_("delivered %(day)s") % {"day": _day(source.delivered_on)})
        parts.append(_("known since %(day)s") % {"day": _day(source.known_from)})
        parts.append(
            _("verified %(day)s by %(who)s")
            % {"day": _day(timezone.localtime(source.verified_at).date()), "who": source.verified_by}
            if source.verified_at
            else _("not yet verified")
        )
    return ", ".join(parts)


def _spoken(item: dict[str, Any], statement: Statement, language: str) -> str:
    with translation.override(language):
        return _item(item, statement, language)


def _item(item: dict[str, Any], statement: Statement, language: str) -> str:
    names = {scheme.code: scheme.name.in_language(language) for scheme in statement.law.schemes}
    values = {
        "old": names.get(item["from_scheme"], item["from_scheme"]),
        "new": names.get(item["to_scheme"], item["to_scheme"]),
        "before": indian(item["from_paise"]) if item["from_paise"] is not None else "–",
        "amount": indian(item["to_paise"]) if item["to_paise"] is not None else "–",
        "why": labels.reason(item["action"], item["reason"]),
    }
    sentences = {
        "start": _("Start %(new)s, %(amount)s a month: %(why)s.") % values,
        "move": _("Move from %(old)s to %(new)s, %(amount)s a month: %(why)s.") % values,
        "revise": _("%(new)s becomes %(amount)s a month: %(why)s.") % values,
        "continue": _("%(old)s continues, %(amount)s a month.") % values,
        "stop": _("Stop %(old)s: %(why)s.") % values,
        "undecided": _("Cannot be decided yet: %(why)s.") % values,
        "duplicate": _("To be looked at: %(why)s.") % values,
    }
    sentence = sentences.get(item["action"], f"{labels.label('action', item['action'])}: {values['why']}")
    if item["effective_month"] is not None:
        notice = _("It waits for its notice until %(day)s.") % {"day": _day(item["effective_month"])}
        sentence = f"{sentence} {notice}"
    return sentence


def _basis(statement: Statement) -> str:
    return {
        "stored": _("The verdicts are those that the run stored."),
        "snapshot": _(
            "The record of this run is no longer kept. The verdicts were made again from the run's own snapshot by the run's own law."
        ),
        "registers": _(
            "The record of this run is not kept. The verdicts were made again from the registers as known then, by the run's own law."
        ),
    }[statement.basis]


def _run_words(statement: Statement) -> str:
    run = statement.run
    at = timezone.localtime(run.finished_at)
    made = _("%(version)s, made %(day)s") % {"version": run.version, "day": _day(at.date())}
    return made if run.state == "complete" else f"{made}, {labels.label('run_state', run.state)}"


def _name(statement: Statement, language: str) -> str:
    member = statement.member
    return (
        (member.name_hi or member.name_en) if language == "hi" else (member.name_en or member.name_hi or "–")
    )


def _day(day: date | None) -> str:
    return "–" if day is None else day_text(day).in_language(translation.get_language() or "hi")


def _month(day: date) -> str:
    return _day(day).split(" ", 1)[1]


def _before(day: date | None) -> date | None:
    return None if day is None else date.fromordinal(day.toordinal() - 1)


def _iso(value: date | datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _text(key: str, text: Text | None) -> dict[str, str | None]:
    return {f"{key}_en": text.en if text else None, f"{key}_hi": text.hi if text else None}


def _both(key: str, say: Any) -> dict[str, str]:
    return {f"{key}_{language}": say(language) for language in ("en", "hi")}
