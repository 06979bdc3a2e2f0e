"""Proposals: changed law to try before it is law.

A proposal is a folder `proposals/NAME/` in a State's law folder:

- `proposal.yaml`: title, purpose, from which day it would hold, who wrote it;
- `schemes/CODE.yaml`: what changes in a scheme, merged key by key, or a whole new scheme; `ends: true` ends one;
- `state.yaml`: what changes in the State's own law (new groups, heads of new schemes, notice days …);
- `examples/*.yaml`: who would get what, run by `haqdar law test`.

The values carry no dates: all of them hold from the one day in proposal.yaml. So a proposal can be tried for any month, as if
it were in force then, and `haqdar law enact` gives the values the date of the order.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from haqdar.base.refusal import Refusal
from haqdar.law.drafts import SchemeDraft
from haqdar.law.problems import LawRefused
from haqdar.law.reading import Node, Problems, as_date, read
from haqdar.law.texts import Text, text_of

DATED_KEYS = ("group", "rank", "amount")
"""Keys of a scheme whose value changes on a date; so do each parameter and each criterion's test."""
OPEN_KEYS = ("name", "confirmation")
"""Keys of a scheme that carry words only; a proposal may replace them."""
_STATE_DATED = ("calendar", "notice_days", "recovery_share", "redetermine_from")
_STATE_ADDED = ("groups", "components")


class NoSuchProposal(Refusal):
    """There is no proposal of this name."""

    code = "no_such_proposal"
    en = "There is no proposal {name}; the proposals are {known}. A proposal is a folder law/<state>/proposals/NAME/."
    hi = "{name} नाम का कोई प्रस्ताव नहीं है; प्रस्ताव ये हैं: {known}। प्रस्ताव एक फ़ोल्डर होता है: law/<state>/proposals/NAME/।"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal's head: what it is, from when it would hold, who wrote it, and the hash of all its files.

    `author` is the user name of the writer, who may not approve it. Once enacted, the folder moves to `enacted/`.
    """

    name: str
    folder: Path
    title: Text
    purpose: Text
    from_on: date
    author: str
    hash: str

    @property
    def schemes(self) -> tuple[Path, ...]:
        """Its scheme files."""
        return tuple(sorted((self.folder / "schemes").glob("*.yaml")))


def proposals(law: Path | str) -> list[Proposal]:
    """Every readable proposal of a law folder by name; one whose proposal.yaml is broken is left out (`law check` says why)."""
    found = []
    for folder in sorted((Path(law) / "proposals").glob("*/")):
        try:
            found.append(read_proposal(law, folder.name))
        except Refusal:
            continue
    return found


def read_proposal(law: Path | str, name: str) -> Proposal:
    """The proposal called `name`; raises `NoSuchProposal`, and `LawRefused` for a broken proposal.yaml."""
    law = Path(law)
    folder = law / "proposals" / name
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name) or not (folder / "proposal.yaml").is_file():
        known = sorted(path.parent.name for path in (law / "proposals").glob("*/proposal.yaml"))
        raise NoSuchProposal(name=name, known=", ".join(known) or "–")
    problems = Problems()
    found = _proposal_of(folder, problems)
    if problems.found or found is None:
        raise LawRefused(problems.found)
    return found


def proposal_hash(folder: Path) -> str:
    """SHA-256 over the names and bytes of all files of a proposal."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.yaml")):
        digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def deciding_files(folder: Path) -> list[Path]:
    """The files of a proposal that decide something: all but its examples."""
    return [
        file for file in sorted(folder.rglob("*.yaml")) if file.relative_to(folder).parts[0] != "examples"
    ]


def _proposal_of(folder: Path, problems: Problems) -> Proposal | None:
    root = read(folder / "proposal.yaml", f"proposals/{folder.name}/proposal.yaml", problems)
    for key, node in root.pairs():
        if key not in ("title", "purpose", "from", "author"):
            problems.add(
                node,
                f"a proposal has no key '{key}'; its keys are title, purpose, from, author",
                f"प्रस्ताव में '{key}' कुंजी नहीं होती; कुंजियाँ ये हैं: title, purpose, from, author",
            )
    from_node, author = root.get("from"), root.get("author")
    from_on = as_date(from_node) if from_node is not None else None
    if from_on is None:
        problems.add(
            from_node or root,
            "the proposal must say from when it would hold: 'from: YYYY-MM-DD'",
            "प्रस्ताव कब से लागू होगा, यह लिखें: 'from: YYYY-MM-DD'",
        )
    if author is None or not author.text:
        problems.add(
            author or root,
            "the proposal must name its author (a user name): 'author: …'",
            "प्रस्ताव किसने लिखा, यह लिखें (उपयोगकर्ता नाम): 'author: …'",
        )
    title = text_of(root.get("title"), root, "the title", problems)
    purpose = text_of(root.get("purpose"), root, "the purpose", problems)
    if from_on is None or author is None:
        return None
    return Proposal(
        name=folder.name,
        folder=folder,
        title=title,
        purpose=purpose,
        from_on=from_on,
        author=author.text or "",
        hash=proposal_hash(folder),
    )


@dataclass(slots=True)
class Overlay:
    """A proposal being laid over the law from a day on; the nodes it gives are read like those of the law's own files."""

    proposal: Proposal
    from_on: date
    state: Node | None
    schemes: dict[str, Node]

    def over_state(self, state: Node, problems: Problems) -> Node:
        """The State's law with the proposal laid over it."""
        if self.state is None:
            return state
        result, start = _copy(state), _start_of(state)
        assert result.values is not None
        dated = False
        for key, value in self.state.pairs():
            if key in _STATE_DATED:
                result.values[key] = self._dated(state.get(key), value, start, problems)
                dated = True
            elif key in _STATE_ADDED:
                result.values[key] = _added(state.get(key), value, key, problems)
            elif key == "heads":
                result.values[key] = _with_heads(state.get(key), value, problems)
            else:
                problems.add(
                    value,
                    f"a proposal cannot change '{key}' of state.yaml",
                    f"प्रस्ताव state.yaml का '{key}' नहीं बदल सकता",
                )
        if dated:
            result.values["source"] = self._with_source(state.get("source"))
        return result

    def over_scheme(self, scheme: Node, problems: Problems) -> Node:
        """A scheme with the proposal laid over it; the scheme itself where the proposal says nothing of it."""
        code = scheme.get("code")
        changes = self.schemes.get(code.text or "") if code is not None else None
        if changes is None:
            return scheme
        result, start = _copy(scheme), _start_of(scheme)
        assert result.values is not None
        for key, value in changes.pairs():
            if key == "code":
                continue
            if key in DATED_KEYS:
                result.values[key] = self._dated(scheme.get(key), value, start, problems)
            elif key in OPEN_KEYS:
                result.values[key] = value
            elif key == "parameters":
                result.values[key] = self._each(scheme.get(key), value, start, problems)
            elif key == "criteria":
                result.values[key] = self._criteria(scheme.get(key), value, start, problems)
            elif key == "ends" and value.text == "true":
                result.values["holds"] = self._ended(scheme, value, problems)
            else:
                problems.add(
                    value,
                    f"a proposal cannot change '{key}' of a scheme (and 'ends' can only be true)",
                    f"प्रस्ताव योजना का '{key}' नहीं बदल सकता ('ends' में सिर्फ़ true चलता है)",
                )
        result.values["source"] = self._with_source(scheme.get("source"))
        return result

    def new_schemes(self, known: Iterable[str]) -> list[Node]:
        """The schemes that the law does not have yet, each holding from the proposal's day."""
        found = []
        for code, node in self.schemes.items():
            if code in known:
                continue
            result = _copy(node)
            assert result.values is not None
            if node.get("holds") is None:
                result.values["holds"] = _mapping(node, {"from": self.from_on.isoformat()})
            result.values["source"] = self._with_source(node.get("source"))
            found.append(result)
        return found

    def _dated(self, law: Node | None, value: Node, start: str, problems: Problems) -> Node:
        """The law's value (dated or not) with the proposal's added from its day."""
        if looks_dated(value):
            problems.add(
                value,
                "the values of a proposal carry no dates; its one date stands in proposal.yaml",
                "प्रस्ताव के मानों में तारीख नहीं होती; उसकी एक ही तारीख proposal.yaml में होती है",
            )
        result = Node(value.file, value.line)
        result.values, result.keys = {}, {}
        if law is not None and looks_dated(law):
            result.values, result.keys = dict(law.values or {}), dict(law.keys)
        elif law is not None:
            result.values, result.keys = {start: law}, {start: law}
        result.values[self.from_on.isoformat()] = value
        result.keys[self.from_on.isoformat()] = value
        return result

    def _each(self, law: Node | None, changes: Node, start: str, problems: Problems) -> Node:
        result = _copy(law) if law is not None else _copy(changes)
        assert result.values is not None
        for name, value in changes.pairs():
            mine = law.get(name) if law is not None else None
            result.values[name] = self._dated(mine, value, start, problems)
        return result

    def _criteria(self, law: Node | None, changes: Node, start: str, problems: Problems) -> Node:
        result = _copy(law) if law is not None else _copy(changes)
        assert result.values is not None
        for code, change in changes.pairs():
            mine = law.get(code) if law is not None else None
            entry = _copy(mine) if mine is not None else _copy(change)
            if entry.values is None:
                problems.add(
                    change,
                    f"there is no criterion '{code}' to change or end",
                    f"'{code}' नाम की कोई शर्त नहीं है जिसे बदला या हटाया जाए",
                )
                continue
            if change.is_null:
                own = mine.get("test") if mine is not None else None
                entry.values["test"] = self._dated(own, change, start, problems)
            for key, value in change.pairs():
                if key == "test":
                    own = mine.get("test") if mine is not None else None
                    value = self._dated(own, value, start, problems)
                entry.values[key] = value
            result.values[code] = entry
        return result

    def _ended(self, scheme: Node, at: Node, problems: Problems) -> Node:
        holds = scheme.get("holds")
        if holds is None or (as_date(holds, _start_of(scheme)) or date.min) >= self.from_on:
            problems.add(
                at,
                f"the scheme begins on or after {self.from_on}; it cannot end there",
                f"योजना {self.from_on} को या उसके बाद शुरू होती है; वह तब ख़त्म नहीं हो सकती",
            )
            return holds if holds is not None else at
        last = (self.from_on - timedelta(days=1)).isoformat()
        return _mapping(holds, {"from": _start_of(scheme), "until": last})

    def _with_source(self, source: Node | None) -> Node:
        at = source if source is not None else Node(f"proposals/{self.proposal.name}/proposal.yaml", 1)
        result = _copy(at)
        result.values = dict(result.values or {})
        day = self.from_on.isoformat()
        if day not in result.values:
            title = self.proposal.title
            result.values[day] = _mapping(at, {"en": f"Proposal: {title.en}", "hi": f"प्रस्ताव: {title.hi}"})
        return result


def overlay_of(folder: Path, from_on: date | None, problems: Problems) -> Overlay | None:
    """The proposal in a folder, ready to be laid over the law from `from_on` (default: its own day)."""
    shown = f"proposals/{folder.name}"
    proposal = _proposal_of(folder, problems)
    state = (
        read(folder / "state.yaml", f"{shown}/state.yaml", problems)
        if (folder / "state.yaml").is_file()
        else None
    )
    schemes: dict[str, Node] = {}
    for file in sorted((folder / "schemes").glob("*.yaml")):
        node = read(file, f"{shown}/schemes/{file.name}", problems)
        code = node.get("code")
        if code is None or not code.text:
            problems.add(
                node, "the file must name its scheme: 'code: …'", "फ़ाइल में योजना का कोड लिखें: 'code: …'"
            )
        elif code.text in schemes:
            problems.add(code, f"{code.text} stands in two files", f"{code.text} दो फ़ाइलों में लिखा है")
        else:
            schemes[code.text] = node
    if proposal is not None and not schemes and state is None:
        problems.add(
            Node(f"{shown}/proposal.yaml", 1),
            "the proposal changes nothing: it has neither schemes/*.yaml nor state.yaml",
            "प्रस्ताव कुछ नहीं बदलता: न schemes/*.yaml है, न state.yaml",
        )
    return Overlay(proposal, from_on or proposal.from_on, state, schemes) if proposal is not None else None


def check_criteria_left(
    drafts: Iterable[SchemeDraft], change_days: Iterable[date], problems: Problems
) -> None:
    """No scheme in force may be left without a criterion of its own: it would pay every resident."""
    days = list(change_days)
    for draft in drafts:
        for day in days:
            if draft.in_force(day) and all(entry.test.at(day) is None for entry in draft.criteria):
                problems.add(
                    draft.node.get("criteria") or draft.node,
                    f"{draft.code} has no criterion in force on {day}; it would pay everybody",
                    f"{draft.code} में {day} को कोई शर्त लागू नहीं है; यह हर किसी को पैसा दे देगी",
                )
                break


def looks_dated(node: Node) -> bool:
    """Whether a node is a mapping whose keys are all dates."""
    return bool(node.values) and all(as_date(node, key) is not None for key, _ in node.pairs())


def _start_of(root: Node) -> str:
    holds = root.get("holds")
    start = holds.get("from") if holds is not None else None
    return (start.text or "") if start is not None else ""


def _copy(node: Node) -> Node:
    result = Node(node.file, node.line)
    result.text, result.quoted, result.items = node.text, node.quoted, node.items
    result.values = dict(node.values) if node.values is not None else None
    result.keys = dict(node.keys)
    return result


def _mapping(at: Node, values: dict[str, str]) -> Node:
    result = Node(at.file, at.line)
    result.values = {}
    for key, text in values.items():
        entry = Node(at.file, at.line)
        entry.text, entry.quoted = text, True
        result.values[key] = result.keys[key] = entry
    return result


def _added(law: Node | None, changes: Node, what: str, problems: Problems) -> Node:
    result = _copy(law) if law is not None else _copy(changes)
    assert result.values is not None
    for key, value in changes.pairs():
        if law is not None and law.get(key) is not None:
            problems.add(
                value,
                f"'{key}' stands in {what} of state.yaml already; a proposal can only add to it",
                f"'{key}' state.yaml के {what} में पहले से है; प्रस्ताव सिर्फ़ जोड़ सकता है",
            )
        result.values[key] = value
        result.keys[key] = changes.keys.get(key, value)
    return result


def _with_heads(law: Node | None, changes: Node, problems: Problems) -> Node:
    """Heads of new schemes added to the heads of account, in every dated version of them."""
    if law is None or law.values is None:
        return changes
    if looks_dated(law):
        result = _copy(law)
        assert result.values is not None
        for key, value in law.pairs():
            result.values[key] = _with_heads(value, changes, problems)
        return result
    result = _copy(law)
    assert result.values is not None
    for key, value in changes.pairs():
        if key != "schemes":
            problems.add(
                value,
                f"a proposal can only add heads of new schemes (heads: schemes: …), not change '{key}'",
                f"प्रस्ताव सिर्फ़ नई योजनाओं के शीर्ष जोड़ सकता है (heads: schemes: …), '{key}' नहीं बदल सकता",
            )
        else:
            result.values[key] = _added(law.get(key), value, "heads", problems)
    return result
