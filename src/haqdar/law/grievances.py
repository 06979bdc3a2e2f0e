"""Where grievances go: law/<state>/services/grievances.yaml, subject by subject."""

from __future__ import annotations

from dataclasses import dataclass

from haqdar.access.kinds import OFFICE_KINDS, ROLES
from haqdar.law.drafts import known_keys, whole_of
from haqdar.law.reading import Node, Problems
from haqdar.law.texts import Text, text_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What a grievance, a report or feedback may be about, and who answers it at each level, within how many days.

    `levels` are (function, kinds of office), the first answerer first; a reopened grievance goes one level up. `working` says
    whether `days` are days on which offices are open.
    """

    code: str
    kind: str
    name: Text
    hint: Text | None
    levels: tuple[tuple[str, tuple[str, ...]], ...]
    days: int
    working: bool


@dataclass(frozen=True)
class Grievances:
    """Subjects in the order in which they are offered, and the sentences an office may answer with."""

    subjects: tuple[Subject, ...]
    answers: dict[str, Text]
    forward_reasons: dict[str, Text]

    def of_kind(self, kind: str) -> tuple[Subject, ...]:
        """The subjects of grievances, of reports or of feedback."""
        return tuple(subject for subject in self.subjects if subject.kind == kind)

    def subject(self, code: str) -> Subject | None:
        """The subject called `code`."""
        return next((subject for subject in self.subjects if subject.code == code), None)


NO_GRIEVANCES = Grievances((), {}, {})
"""The routing of a law that has none: nothing can be lodged."""

_KINDS = ("grievance", "report", "feedback")


def grievances_of(root: Node, problems: Problems) -> Grievances:
    """The routing in grievances.yaml."""
    empty = Node(root.file, root.line)
    known_keys(root, {"subjects", "answers", "forward_reasons"}, "grievances.yaml", problems)
    subjects = []
    for code, entry in (root.get("subjects") or empty).pairs():
        known_keys(
            entry, {"kind", "en", "hi", "hint", "levels", "days", "count"}, f"the subject '{code}'", problems
        )
        kind = (entry.get("kind") or empty).text or ""
        if kind not in _KINDS:
            problems.add(
                entry,
                f"'kind' of '{code}' must be one of {', '.join(_KINDS)}",
                f"'{code}' का 'kind' इनमें से एक हो: {', '.join(_KINDS)}",
            )
        count = entry.get("count")
        if count is None or count.text not in ("calendar", "working"):
            problems.add(
                count or entry, "'count' must be calendar or working", "'count' में calendar या working लिखें"
            )
        days_node, hint = entry.get("days"), entry.get("hint")
        days = whole_of(days_node, problems, f"'days' of '{code}'") if days_node is not None else None
        if days is None or not 0 < days <= 366:
            problems.add(
                days_node or entry, f"'days' of '{code}' must be 1 to 366", f"'{code}' के 'days' 1 से 366 हों"
            )
        subjects.append(
            Subject(
                code=code,
                kind=kind,
                name=text_of(entry, entry, f"the subject '{code}'", problems),
                hint=text_of(hint, entry, f"the hint of '{code}'", problems) if hint is not None else None,
                levels=_levels(entry, code, problems),
                days=days or 1,
                working=count is not None and count.text == "working",
            )
        )
    return Grievances(
        tuple(subjects), _texts(root.get("answers"), problems), _texts(root.get("forward_reasons"), problems)
    )


def _levels(entry: Node, code: str, problems: Problems) -> tuple[tuple[str, tuple[str, ...]], ...]:
    node = entry.get("levels")
    found = []
    for level in (node.items if node is not None else None) or ():
        role = level.get("role")
        offices = level.get("offices")
        kinds = tuple(item.text or "" for item in (offices.items if offices is not None else None) or ())
        if role is None or role.text not in ROLES or not kinds or set(kinds) - set(OFFICE_KINDS):
            problems.add(
                level,
                f"a level of '{code}' must be {{role: {ROLES[2]}, offices: [{OFFICE_KINDS[2]}]}}",
                f"'{code}' का स्तर ऐसे लिखें: {{role: {ROLES[2]}, offices: [{OFFICE_KINDS[2]}]}}",
            )
            continue
        found.append((role.text, kinds))
    if not found:
        problems.add(
            entry, f"'{code}' has no 'levels': who answers it?", f"'{code}' में 'levels' नहीं है: जवाब कौन देगा?"
        )
    return tuple(found)


def _texts(node: Node | None, problems: Problems) -> dict[str, Text]:
    return {
        key: text_of(entry, entry, f"'{key}'", problems)
        for key, entry in (node.pairs() if node is not None else ())
    }
