"""The State's own data: names, groups, calendar of the month, notice, recovery, heads of account."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from haqdar.base.month import Month
from haqdar.law.dated import Dated, dated_of
from haqdar.law.drafts import CriterionDraft, criteria_of, sources_of, whole_of
from haqdar.law.expressions import value_of
from haqdar.law.reading import Node, Problems, as_date
from haqdar.law.texts import Text, text_of
from haqdar.law.vocabulary import Vocabulary

CALENDAR_STEPS = ("cut_off", "proposal", "verification", "bill", "file", "credit")
"""The days of the month's work, in their order."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which day each step of month M is done: (months after M, day of that month)."""

    steps: tuple[tuple[str, int, int], ...]

    def day(self, step: str, month: Month) -> date:
        """The date of a step for `month`; a day past the month's end is its last day. Raises KeyError.

        >>> Calendar((("cut_off", -1, 10),)).day("cut_off", Month(2016, 10))
        datetime.date(2016, 9, 10)
        """
        for name, months, day in self.steps:
            if name == step:
                target = month.plus(months)
                return target.first_day.replace(day=min(day, target.last_day.day))
        raise KeyError(step)


@dataclass(frozen=True, slots=True)
class Heads:
    """Heads of account as the budget of a period composes them from segments."""

    segments: tuple[tuple[str, int], ...]
    separator: str
    common: dict[str, str]
    categories: dict[str, dict[str, str]]
    category_of: dict[str, str]
    areas: dict[str, dict[str, str]]
    schemes: dict[str, dict[str, dict[str, str]]]

    def code(self, scheme: str, component: str, category: str, area: str) -> str:
        """The head's code; raises KeyError where the scheme has no such component."""
        parts = {
            **self.common,
            **self.categories[category],
            **self.areas[area],
            **self.schemes[scheme][component],
        }
        return self.separator.join(parts.get(name, "") for name, _ in self.segments)


@dataclass(frozen=True, slots=True)
class StateDraft:
    """state.yaml with all its dates."""

    node: Node
    code: str
    name: Text
    languages: tuple[str, ...]
    components: dict[str, Text]
    groups: dict[int, Text]
    criteria: tuple[CriterionDraft, ...]
    source: dict[date, Text]
    start: date
    calendar: Dated[Calendar]
    notice_days: Dated[int]
    recovery_share: Dated[Fraction]
    redetermine_from: Dated[date]
    month_of_death: Dated[str]
    heads: Dated[Heads]

    @property
    def dates(self) -> set[date]:
        """Every day on which something of the State's own law changes."""
        found = {self.start}
        for dated in (
            self.calendar,
            self.notice_days,
            self.recovery_share,
            self.redetermine_from,
            self.month_of_death,
            self.heads,
        ):
            found.update(dated.dates)
        return found


def state_of(root: Node, vocabulary: Vocabulary, problems: Problems) -> StateDraft:
    """The State in state.yaml."""
    empty = Node(root.file, root.line)
    start_node = (root.get("holds") or empty).get("from")
    start = as_date(start_node) if start_node is not None else None
    if start is None:
        problems.add(root, "'holds: {from: YYYY-MM-DD}' is missing", "'holds: {from: YYYY-MM-DD}' नहीं है")
        start = date(1950, 1, 26)
    groups: dict[int, Text] = {}
    for key, entry in (root.get("groups") or empty).pairs():
        if key.isdigit():
            groups[int(key)] = text_of(entry, entry, f"group {key}", problems)
        else:
            problems.add(entry, f"the group '{key}' must be a number", f"समूह '{key}' एक संख्या होना चाहिए")
    components = {
        key: text_of(entry, entry, f"component '{key}'", problems)
        for key, entry in (root.get("components") or empty).pairs()
    }
    code = root.get("code")
    languages = root.get("languages")

    def read_share(node: Node) -> Fraction | None:
        value = value_of(node)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 <= value <= 1:
            return Fraction(value)
        problems.add(node, "'recovery_share' must lie between 0 and 1", "'recovery_share' 0 और 1 के बीच हो")
        return None

    def read_month_of_death(node: Node) -> str | None:
        if node.text == "in_full":
            return node.text
        problems.add(
            node,
            f"'month_of_death' is '{node.text}'; the engine knows only 'in_full' (paid in full)",
            f"'month_of_death' में '{node.text}' लिखा है; अभी सिर्फ़ 'in_full' (पूरी पेंशन) चलता है",
        )
        return None

    def dated(key: str) -> Node:
        node = root.get(key)
        if node is None:
            problems.add(root, f"the key '{key}' is missing", f"कुंजी '{key}' नहीं है")
            return empty
        return node

    draft = StateDraft(
        node=root,
        code=(code.text or "") if code is not None else "",
        name=text_of(root.get("name"), root, "the State's name", problems),
        languages=tuple(item.text or "" for item in (languages.items or ()) if languages)
        if languages
        else (),
        components=components,
        groups=groups,
        criteria=criteria_of(root.get("criteria"), root, start, vocabulary, {}, problems),
        source=sources_of(root.get("source"), root, problems),
        start=start,
        calendar=dated_of(
            dated("calendar"), start, lambda node: _calendar(node, problems), problems, "the calendar"
        ),
        notice_days=dated_of(
            dated("notice_days"),
            start,
            lambda node: whole_of(node, problems, "notice_days"),
            problems,
            "notice_days",
        ),
        recovery_share=dated_of(dated("recovery_share"), start, read_share, problems, "recovery_share"),
        redetermine_from=dated_of(
            root.get("redetermine_from") or empty,
            start,
            lambda node: as_date(node),
            problems,
            "redetermine_from",
        ),
        month_of_death=dated_of(
            dated("month_of_death"), start, read_month_of_death, problems, "month_of_death"
        ),
        heads=dated_of(dated("heads"), start, lambda node: _heads(node, problems), problems, "heads"),
    )
    if [entry.code for entry in draft.criteria] != ["alive", "resident"]:
        problems.add(
            root.get("criteria") or root,
            "the criteria of every scheme must be 'alive' and 'resident', in this order",
            "हर योजना की शर्तें 'alive' और 'resident' होनी चाहिए, इसी क्रम में",
        )
    for values in (draft.calendar, draft.notice_days, draft.recovery_share, draft.heads):
        for since, _, node in values.values:
            if since not in draft.source:
                problems.add(
                    node,
                    f"a value changes on {since} but 'source' names no order of that date",
                    f"{since} को मान बदलता है, पर 'source' में उस तारीख का आदेश नहीं है",
                )
    return draft


def _calendar(node: Node, problems: Problems) -> Calendar | None:
    steps: list[tuple[str, int, int]] = []
    for name in CALENDAR_STEPS:
        entry = node.get(name)
        day_node = entry.get("day") if entry is not None else None
        if entry is None or day_node is None:
            problems.add(
                node,
                f"the calendar lacks '{name}: {{day: …, month: before|same}}'",
                f"कैलेंडर में '{name}: {{day: …, month: before|same}}' नहीं है",
            )
            continue
        day = whole_of(day_node, problems, f"the day of '{name}'")
        month_node = entry.get("month")
        month = month_node.text if month_node is not None else "same"
        if month not in ("before", "same") or day is None or not 1 <= day <= 31:
            problems.add(
                entry,
                f"'{name}' must have a day from 1 to 31 and month 'before' or 'same'",
                f"'{name}' में दिन 1 से 31 और month 'before' या 'same' हो",
            )
            continue
        steps.append((name, -1 if month == "before" else 0, day))
    order = [(months, day) for _, months, day in steps]
    if order != sorted(order):
        problems.add(node, "the calendar's days are not in their order", "कैलेंडर के दिन अपने क्रम में नहीं हैं")
    return Calendar(tuple(steps))


def _heads(node: Node, problems: Problems) -> Heads | None:
    empty = Node(node.file, node.line)
    segments = tuple(
        (name, whole_of(width, problems, f"the width of '{name}'") or 0)
        for name, width in (node.get("segments") or empty).pairs()
    )
    widths = dict(segments)

    def parts(entry: Node | None) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in (entry or empty).pairs():
            text = value.text or ""
            if name not in widths or len(text) != widths[name] or not text.isascii() or not text.isalnum():
                problems.add(
                    value,
                    f"'{text}' does not fit the segment '{name}' of {widths.get(name, 'unknown')} characters",
                    f"'{text}' खंड '{name}' ({widths.get(name, '?')} अक्षर) में नहीं बैठता",
                )
            found[name] = text
        return found

    def table(entry: Node | None) -> dict[str, dict[str, str]]:
        return {name: parts(value) for name, value in (entry or empty).pairs()}

    separator = node.get("separator")
    heads = Heads(
        segments=segments,
        separator=(separator.text or "") if separator is not None else "",
        common=parts(node.get("common")),
        categories=table(node.get("categories")),
        category_of={name: value.text or "" for name, value in (node.get("category_of") or empty).pairs()},
        areas=table(node.get("areas")),
        schemes={name: table(value) for name, value in (node.get("schemes") or empty).pairs()},
    )
    if set(heads.areas) != {"rural", "urban"}:
        problems.add(node, "'areas' must be rural and urban", "'areas' में rural और urban होने चाहिए")
        return None
    for category in heads.category_of.values():
        if category not in heads.categories:
            problems.add(
                node,
                f"'category_of' names the unknown category '{category}'",
                f"'category_of' में अनजान वर्ग '{category}' है",
            )
    if "GEN" not in heads.category_of:
        problems.add(node, "'category_of' must place GEN", "'category_of' में GEN होना चाहिए")
    seen: dict[str, str] = {}
    for scheme, parts_by_component in heads.schemes.items():
        for component in parts_by_component:
            for category in heads.categories:
                for area in heads.areas:
                    head = heads.code(scheme, component, category, area)
                    what = f"{scheme} {component} {category} {area}"
                    expected = sum(widths.values()) + len(heads.separator) * (len(segments) - 1)
                    if len(head) != expected:
                        problems.add(
                            node,
                            f"the head of {what} lacks a segment: {head}",
                            f"{what} के शीर्ष में एक खंड कम है: {head}",
                        )
                    elif head in seen:
                        problems.add(
                            node,
                            f"{what} has the same head as {seen[head]}: {head}",
                            f"{what} और {seen[head]} का शीर्ष एक ही है: {head}",
                        )
                    seen[head] = what
    return heads
