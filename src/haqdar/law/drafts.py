"""Schemes as their files declare them, with all their dates.

A file in schemes/ is read into a `SchemeDraft`; `bound_criteria` and `bound_bands` give what is in force on a day with
every parameter bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from string import Formatter

from haqdar.law.benefits import BENEFIT_KEYS, Benefit, benefit_of
from haqdar.law.dated import Dated, dated_of
from haqdar.law.expressions import Test, Value, test_of, value_of
from haqdar.law.reading import Node, Problems, as_date
from haqdar.law.schemes import STOP_REASONS, Band, Criterion
from haqdar.law.texts import Text, text_of
from haqdar.law.vocabulary import Vocabulary

BAND_LIMIT = 12
"""How many amount bands one scheme may have at a time."""


@dataclass(frozen=True, slots=True)
class CriterionDraft:
    """A criterion with its tests by date."""

    code: str
    node: Node
    test: Dated[Test]
    sentence: Text
    stop_reason: str
    value: str | None
    limit: Text | None
    change: Text


@dataclass(frozen=True, slots=True)
class BandDraft:
    """A band with its parameters open."""

    node: Node
    test: Test | None
    paise: int
    components: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class SchemeDraft:
    """A scheme file with all its dates."""

    code: str
    node: Node
    start: date
    end: date | None
    group: Dated[int]
    rank: Dated[int]
    name: Text
    sponsor: str
    source: dict[date, Text]
    parameters: dict[str, Dated[Value]]
    criteria: tuple[CriterionDraft, ...]
    amount: Dated[tuple[BandDraft, ...]]
    confirmation: Text | None
    benefit: Benefit | None = None

    def in_force(self, day: date) -> bool:
        """Whether the scheme exists on `day`."""
        return self.start <= day and (self.end is None or day <= self.end)

    @property
    def dates(self) -> set[date]:
        """Every day on which something of the scheme changes."""
        found = {self.start}
        if self.end is not None:
            found.add(date.fromordinal(self.end.toordinal() + 1))
        for dated in (self.group, self.rank, self.amount):
            found.update(dated.dates)
        for parameter in self.parameters.values():
            found.update(parameter.dates)
        for criterion in self.criteria:
            found.update(criterion.test.dates)
        return found

    def values(self, day: date) -> dict[str, Value]:
        """The parameters in force on `day`."""
        found = {}
        for name, dated in self.parameters.items():
            value = dated.at(day)
            if value is not None:
                found[name] = value
        return found


def bound_criteria(
    drafts: tuple[CriterionDraft, ...],
    parameters: Mapping[str, Value],
    changed: Mapping[str, date | None],
    source: Mapping[date, Text],
    day: date,
    vocabulary: Vocabulary,
) -> tuple[Criterion, ...]:
    """The criteria in force on `day`, without their final places in the masks (bit and word are 0)."""
    found = []
    for draft in drafts:
        test = draft.test.at(day)
        if test is None:
            continue
        condition = test.bound(parameters, vocabulary)
        dates = [draft.test.since(day), *(changed.get(name) for name in test.parameters)]
        since = max(entry for entry in dates if entry is not None)
        found.append(
            Criterion(
                code=draft.code,
                test=test,
                condition=condition,
                sql=condition.sql("duckdb"),
                word=0,
                bit=0,
                sentence=draft.sentence,
                stop_reason=draft.stop_reason,
                value=draft.value,
                limit=draft.limit,
                change=draft.change,
                order=source.get(since, Text("", "")),
                since=since,
                parameters=tuple(parameters.items()),
            )
        )
    return tuple(found)


def bound_bands(draft: SchemeDraft, day: date, vocabulary: Vocabulary) -> tuple[Band, ...]:
    """The amount bands in force on `day`."""
    parameters = draft.values(day)
    since = draft.amount.since(day) or draft.start
    bands = []
    for band in draft.amount.at(day) or ():
        condition = band.test.bound(parameters, vocabulary) if band.test is not None else None
        bands.append(
            Band(
                condition=condition,
                sql=condition.sql("duckdb") if condition is not None else None,
                test=band.test,
                paise=band.paise,
                components=band.components,
                order=draft.source.get(since, Text("", "")),
                since=since,
            )
        )
    return tuple(bands)


_SCHEME_KEYS = {
    "code",
    "holds",
    "group",
    "rank",
    "sponsor",
    "name",
    "source",
    "parameters",
    "criteria",
    "amount",
    "confirmation",
    *BENEFIT_KEYS,
}


def scheme_of(
    root: Node, vocabulary: Vocabulary, components: tuple[str, ...], problems: Problems
) -> SchemeDraft | None:
    """The scheme in one file of schemes/; None where it is too broken to go on."""
    known_keys(root, _SCHEME_KEYS, "a scheme", problems)
    code_node = root.get("code")
    code = code_node.text if code_node is not None and code_node.text else ""
    if not code or not code.replace("-", "").isalnum() or not code.isascii() or code != code.upper():
        problems.add(
            code_node or root,
            f"the scheme's code '{code}' must be capital letters, digits and hyphens",
            f"योजना का कोड '{code}' बड़े अक्षरों, अंकों और - से बना होना चाहिए",
        )
        return None
    holds = root.get("holds")
    start_node = holds.get("from") if holds is not None else None
    start = as_date(start_node) if start_node is not None else None
    if start is None:
        problems.add(
            start_node or root,
            "the scheme must say from when it holds: 'holds: {from: YYYY-MM-DD}'",
            "योजना कब से लागू है, यह लिखें: 'holds: {from: YYYY-MM-DD}'",
        )
        return None
    end_node = holds.get("until") if holds is not None else None
    end = as_date(end_node) if end_node is not None and not end_node.is_null else None
    name = text_of(root.get("name"), root, f"the name of {code}", problems)
    source = sources_of(root.get("source"), root, problems)
    parameters = parameters_of(root.get("parameters"), start, problems)
    samples = _samples(parameters)
    criteria = criteria_of(root.get("criteria"), root, start, vocabulary, samples, problems)
    sponsor_node = root.get("sponsor")
    sponsor = (sponsor_node.text or "") if sponsor_node is not None else ""
    if sponsor not in components:
        problems.add(
            sponsor_node or root,
            f"sponsor '{sponsor}' is none of the State's components: {', '.join(components)}",
            f"प्रायोजक '{sponsor}' राज्य के घटकों में नहीं है: {', '.join(components)}",
        )
    amount_node = root.get("amount")
    amount: Dated[tuple[BandDraft, ...]] = Dated(())
    if amount_node is None:
        problems.add(root, f"{code} has no amount", f"{code} में रकम नहीं लिखी है")
    else:
        amount = dated_of(
            amount_node,
            start,
            lambda node: _bands(node, vocabulary, samples, sponsor, components, problems),
            problems,
            "the amount",
        )
    confirmation = root.get("confirmation")
    draft = SchemeDraft(
        code=code,
        node=root,
        start=start,
        end=end,
        group=_whole_dated(root, "group", start, problems),
        rank=_whole_dated(root, "rank", start, problems),
        name=name,
        sponsor=sponsor,
        source=source,
        parameters=parameters,
        criteria=criteria,
        amount=amount,
        confirmation=text_of(confirmation, root, "the confirmation", problems) if confirmation else None,
        benefit=benefit_of(root, problems),
    )
    check_dates(draft, problems)
    return draft


def check_dates(draft: SchemeDraft, problems: Problems) -> None:
    """Every date must name its order; every parameter a test uses must have a value while the scheme holds."""
    changes: list[tuple[str, list[tuple[date, Node]]]] = [
        ("the group", draft.group.changes),
        ("the rank", draft.rank.changes),
        ("the amount", draft.amount.changes),
        *((f"parameter '{name}'", value.changes) for name, value in draft.parameters.items()),
        *((f"the test of '{entry.code}'", entry.test.changes) for entry in draft.criteria),
    ]
    for what, values in changes:
        for since, node in values:
            if since not in draft.source:
                problems.add(
                    node,
                    f"{what} changes on {since} but 'source' names no order of that date",
                    f"{what} {since} को बदलता है, पर 'source' में उस तारीख का आदेश नहीं है",
                )
    for day in sorted(draft.dates):
        if not draft.in_force(day):
            continue
        values_on_day = draft.values(day)
        used: dict[str, Node] = {}
        for entry in draft.criteria:
            test = entry.test.at(day)
            for name in test.parameters if test is not None else ():
                used.setdefault(name, entry.node)
        for band in draft.amount.at(day) or ():
            for name in band.test.parameters if band.test is not None else ():
                used.setdefault(name, band.node)
        for name, place in used.items():
            if name in draft.parameters and name not in values_on_day:
                problems.add(
                    place,
                    f"parameter ':{name}' has no value in force on {day}",
                    f"पैरामीटर ':{name}' का {day} को कोई मान लागू नहीं है",
                )
        for key, missing in (
            ("group", draft.group.at(day) is None),
            ("rank", draft.rank.at(day) is None),
            ("amount", not draft.amount.at(day)),
        ):
            if missing:
                problems.add(
                    draft.node,
                    f"{draft.code} has no {key} in force on {day}",
                    f"{draft.code} में {day} को '{key}' का कोई मान लागू नहीं है",
                )


def sources_of(node: Node | None, at: Node, problems: Problems) -> dict[date, Text]:
    """The orders by date; each needs a text in both languages."""
    found: dict[date, Text] = {}
    for key, entry in node.pairs() if node is not None else ():
        since = as_date(entry, key)
        if since is None:
            problems.add(entry, f"'{key}' is no date (YYYY-MM-DD)", f"'{key}' तारीख (YYYY-MM-DD) नहीं है")
            continue
        found[since] = text_of(entry, entry, f"the order of {key}", problems)
    if not found:
        problems.add(
            node or at,
            "no legal source: name the order for each date under 'source'",
            "कानूनी स्रोत नहीं है: 'source' में हर तारीख का आदेश लिखें",
        )
    return found


def parameters_of(node: Node | None, start: date, problems: Problems) -> dict[str, Dated[Value]]:
    """The parameters with their dated values; the values of one parameter must be of one kind."""
    found: dict[str, Dated[Value]] = {}
    for name, entry in node.pairs() if node is not None else ():
        values: Dated[Value] = dated_of(entry, start, value_of, problems, f"parameter '{name}'")
        kinds = {
            "number" if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else type(value)
            for _, value, _ in values.values
            if value is not None
        }
        if len(kinds) != 1:
            problems.add(
                entry,
                f"parameter '{name}' must have values of one kind",
                f"पैरामीटर '{name}' के सब मान एक ही तरह के होने चाहिए",
            )
            continue
        found[name] = values
    return found


_CRITERION_KEYS = {"test", "en", "hi", "stop_reason", "value", "limit", "change"}


def criteria_of(
    node: Node | None,
    at: Node,
    start: date,
    vocabulary: Vocabulary,
    samples: Mapping[str, Value],
    problems: Problems,
) -> tuple[CriterionDraft, ...]:
    """The criteria under `criteria:`; an empty list is refused, for it would match everybody."""
    found = []
    for code, entry in node.pairs() if node is not None else ():
        known_keys(entry, _CRITERION_KEYS, f"criterion '{code}'", problems)
        test_node = entry.get("test")
        if test_node is None:
            problems.add(entry, f"criterion '{code}' has no test", f"शर्त '{code}' में जाँच नहीं है")
            continue
        test = dated_of(
            test_node,
            start,
            lambda text: test_of(text, vocabulary, samples, problems),
            problems,
            f"the test of '{code}'",
        )
        reason_node = entry.get("stop_reason")
        reason = (reason_node.text or "") if reason_node is not None else ""
        if reason not in STOP_REASONS:
            problems.add(
                reason_node or entry,
                f"criterion '{code}' has the stop reason '{reason}'; allowed are {', '.join(STOP_REASONS)}",
                f"शर्त '{code}' में रोकने का कारण '{reason}' है; ये चल सकते हैं: {', '.join(STOP_REASONS)}",
            )
        value_node = entry.get("value")
        value = value_node.text if value_node is not None else None
        if value is not None and value not in vocabulary.facts:
            problems.add(value_node or entry, f"unknown fact '{value}'", f"अनजान तथ्य '{value}'")
            value = None
        limit_node = entry.get("limit")
        limit = text_of(limit_node, entry, f"the limit of '{code}'", problems) if limit_node else None
        sentence = text_of(entry, entry, f"criterion '{code}'", problems)
        change = text_of(
            entry.get("change"), entry, f"what would have to change for '{code}' (key 'change')", problems
        )
        known = set(samples)
        for text in (limit,) if limit is not None else ():
            _check_placeholders(text, known, entry, problems)
        if value is not None:
            known.add("value")
        if limit is not None:
            known.add("limit")
        _check_placeholders(sentence, known, entry, problems)
        _check_placeholders(change, known, entry, problems)
        found.append(CriterionDraft(code, entry, test, sentence, reason, value, limit, change))
    if not found:
        problems.add(
            node or at,
            "there are no criteria; a scheme without criteria would pay everybody",
            "शर्तें नहीं हैं; बिना शर्त की योजना हर किसी को पैसा दे देगी",
        )
    return tuple(found)


def _bands(
    node: Node,
    vocabulary: Vocabulary,
    samples: Mapping[str, Value],
    sponsor: str,
    components: tuple[str, ...],
    problems: Problems,
) -> tuple[BandDraft, ...]:
    found: list[BandDraft] = []
    for entry in node.items or ():
        known_keys(entry, {"when", "pay", "of_which"}, "an amount", problems)
        pay_node = entry.get("pay")
        paise = _paise(pay_node)
        if paise is None or paise <= 0:
            problems.add(
                pay_node or entry,
                "'pay' must be an amount in rupees above zero",
                "'pay' शून्य से बड़ी रुपये की रकम होनी चाहिए",
            )
            continue
        when = entry.get("when")
        test = test_of(when, vocabulary, samples, problems) if when is not None else None
        if when is not None and test is None:
            continue
        parts_node = entry.get("of_which")
        parts = [(sponsor, paise)]
        if parts_node is not None:
            parts = [(name, _paise(part) or 0) for name, part in parts_node.pairs()]
            if sum(part for _, part in parts) != paise or any(name not in components for name, _ in parts):
                problems.add(
                    parts_node,
                    f"the parts must be {' or '.join(components)} and add up to {paise / 100:g}",
                    f"हिस्से {' या '.join(components)} के हों और जोड़ {paise / 100:g} हो",
                )
        for other in found:
            if other.paise == paise and other.components != tuple(parts):
                problems.add(
                    entry,
                    "two bands pay the same amount from different parts",
                    "दो रकमें बराबर हैं पर उनके हिस्से अलग हैं",
                )
        found.append(BandDraft(entry, test, paise, tuple(parts)))
    if not found:
        problems.add(node, "no amount is listed", "कोई रकम नहीं लिखी है")
    if len(found) > BAND_LIMIT:
        problems.add(
            node,
            f"{len(found)} amounts are more than {BAND_LIMIT}; split the scheme",
            f"{len(found)} रकमें {BAND_LIMIT} से ज़्यादा हैं; योजना को बाँटें",
        )
    return tuple(found)


def _paise(node: Node | None) -> int | None:
    value = value_of(node) if node is not None else None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    paise = value * 100
    return int(paise) if paise == int(paise) else None


def whole_of(node: Node, problems: Problems, what: str) -> int | None:
    """A whole number; anything else is a problem."""
    value = value_of(node)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    problems.add(node, f"{what} must be a whole number", f"{what} पूर्णांक होना चाहिए")
    return None


def _whole_dated(root: Node, key: str, start: date, problems: Problems) -> Dated[int]:
    node = root.get(key)
    if node is None:
        problems.add(root, f"the key '{key}' is missing", f"कुंजी '{key}' नहीं है")
        return Dated(())
    return dated_of(node, start, lambda entry: whole_of(entry, problems, key), problems, key)


def _samples(parameters: Mapping[str, Dated[Value]]) -> dict[str, Value]:
    return {
        name: next(value for _, value, _ in dated.values if value is not None)
        for name, dated in parameters.items()
    }


def known_keys(node: Node, known: set[str], what: str, problems: Problems) -> None:
    for key, _ in node.pairs():
        if key not in known:
            problems.add(
                node.keys[key],
                f"{what} has no key '{key}'; its keys are {', '.join(sorted(known))}",
                f"{what} में '{key}' कुंजी नहीं होती; कुंजियाँ ये हैं: {', '.join(sorted(known))}",
            )


def _check_placeholders(text: Text, known: set[str], node: Node, problems: Problems) -> None:
    for said in (text.en, text.hi):
        try:
            names = {name for _, name, _, _ in Formatter().parse(said) if name is not None}
        except ValueError:
            names = {said}
        for name in sorted(names - known):
            problems.add(
                node,
                f"the placeholder {{{name}}} has no value; there are {', '.join(sorted(known)) or 'none'}",
                f"{{{name}}} का कोई मान नहीं है; ये हैं: {', '.join(sorted(known)) or 'कोई नहीं'}",
            )
