"""Services as data: who must do what within how many days, and what follows when he does not.

Madhya Pradesh Lok Sewa Guarantee Act 2010: a service has a designated officer and a limit in days, a first appellate officer, a
second appellate authority, and a penalty a day that the second authority may impose and that is paid to the applicant.
law/<state>/services/*.yaml holds one service each; `offices.yaml` there says which kind of office each act lies with,
`grievances.yaml` where grievances go (`haqdar.law.grievances`), and holidays.yaml beside state.yaml which days count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from haqdar.access.kinds import OFFICE_KINDS, ROLES
from haqdar.law.dated import Dated, dated_of
from haqdar.law.drafts import known_keys, sources_of, whole_of
from haqdar.law.grievances import NO_GRIEVANCES, Grievances, grievances_of
from haqdar.law.holidays import NO_HOLIDAYS, Holidays, holidays_of
from haqdar.law.problems import LawRefused, NoLawFolder, Problem
from haqdar.law.reading import Node, Problems, as_date, read
from haqdar.law.texts import Text, text_of

KINDS = (
    "start",
    "application",
    "move",
    "revise",
    "stop",
    "undecided",
    "ghost",
    "duplicate",
    "objection",
    "appeal",
    "second_appeal",
    "grievance",
    "feedback",
    "report",
    "register",
    "payee",
    "payment",
)
"""The kinds of case a service may serve; the same words as `cases.models.Case.Kind`."""
UNGUARANTEED_DAYS = 30
"""Days for a kind of case that no service of the law serves: an office's own order, without appeal or penalty."""


@dataclass(frozen=True, slots=True)
class Post:
    """An officer by function and kind of office; `name` is what people call him."""

    role: str
    offices: tuple[str, ...]
    name: Text


@dataclass(frozen=True, slots=True)
class Limit:
    """Within how many days; `working` days are those on which offices are open."""

    days: int
    working: bool


@dataclass(frozen=True, slots=True)
class AppealLevel:
    """Who hears an appeal, within how many days it is filed and decided."""

    post: Post
    file_within: int
    decide_within: Limit


@dataclass(frozen=True, slots=True)
class Penalty:
    """What a late officer may be made to pay, in paise, and the percentage of it that the applicant receives."""

    paise_a_day: int
    most_paise: int
    to_applicant: int

    def proposed(self, days_late: int) -> int:
        """The proposal for so many days over the limit, in paise.

        >>> Penalty(25_000, 500_000, 100).proposed(3), Penalty(25_000, 500_000, 100).proposed(90)
        (75000, 500000)
        """
        return min(max(0, days_late) * self.paise_a_day, self.most_paise)

    def compensation(self, imposed_paise: int) -> int:
        """What of an imposed penalty goes to the applicant, in paise, rounded down."""
        return imposed_paise * self.to_applicant // 100


@dataclass(frozen=True, slots=True)
class Service:
    """A service as it stands on a day. `schemes` is empty where it serves every scheme of its kinds."""

    code: str
    name: Text
    department: Text
    kinds: tuple[str, ...]
    schemes: tuple[str, ...]
    documents: dict[str, Text]
    output: Text
    order: str
    officer: Post
    limit: Limit
    first_appeal: AppealLevel | None
    second_appeal: AppealLevel | None
    penalty: Penalty | None
    deemed_approval: bool
    source: Text


@dataclass(frozen=True, slots=True)
class AppealWords:
    """What appeals may be about, and the reasons an appellate officer may give, by decision and for penalties."""

    grounds: dict[str, Text]
    decisions: dict[str, dict[str, Text]]
    penalties: dict[str, dict[str, Text]]


@dataclass(frozen=True, slots=True)
class ServiceDraft:
    """A service with all its dates."""

    node: Node
    code: str
    start: date
    end: date | None
    name: Text
    department: Text
    kinds: tuple[str, ...]
    schemes: tuple[str, ...]
    documents: dict[str, Text]
    output: Text
    order: str
    officer: Dated[Post]
    limit: Dated[Limit]
    first_appeal: Dated[AppealLevel]
    second_appeal: Dated[AppealLevel]
    penalty: Dated[Penalty]
    deemed_approval: Dated[bool]
    source: dict[date, Text]

    def on(self, day: date) -> Service | None:
        """The service as it stands on `day`; None before it begins, after it ends and without officer or limit."""
        officer, limit = self.officer.at(day), self.limit.at(day)
        if day < self.start or (self.end is not None and day > self.end) or officer is None or limit is None:
            return None
        orders = [since for since in sorted(self.source) if since <= day]
        return Service(
            code=self.code,
            name=self.name,
            department=self.department,
            kinds=self.kinds,
            schemes=self.schemes,
            documents=self.documents,
            output=self.output,
            order=self.order,
            officer=officer,
            limit=limit,
            first_appeal=self.first_appeal.at(day),
            second_appeal=self.second_appeal.at(day),
            penalty=self.penalty.at(day),
            deemed_approval=bool(self.deemed_approval.at(day)),
            source=self.source[orders[-1]] if orders else Text("", ""),
        )


@dataclass(frozen=True)
class ServiceBook:
    """The services of a State with all their dates, its holidays, the offices that hold each act, and where grievances go.

    `escalation` are (days over the limit, kinds of office) in the order in which a late case is brought before them.
    """

    drafts: tuple[ServiceDraft, ...]
    holidays: Holidays
    offices: dict[str, tuple[str, ...]]
    grievances: Grievances
    escalation: tuple[tuple[int, tuple[str, ...]], ...]
    appeals: AppealWords

    def service(self, code: str, day: date) -> Service | None:
        """The service called `code` as it stands on `day`; None for an unknown one and where it does not hold."""
        for draft in self.drafts:
            if draft.code == code:
                return draft.on(day)
        return None

    def serving(self, kind: str, scheme: str | None, day: date) -> Service | None:
        """The service for a case of `kind` about `scheme`: one that names the scheme goes before one for all."""
        found = [
            service for draft in self.drafts if kind in draft.kinds and (service := draft.on(day)) is not None
        ]
        named = [service for service in found if scheme is not None and scheme in service.schemes]
        return next(iter(named or [service for service in found if not service.schemes]), None)

    def ends_on(self, limit: Limit, day: date) -> date:
        """The last day of a limit that begins to run on the day after `day`."""
        return self.holidays.after(day, limit.days, limit.working)

    def kinds_of_office(self, verb: str) -> tuple[str, ...]:
        """The kinds of office that a verb lies with; empty where the law does not say (the State's then)."""
        return self.offices.get(verb, ())


_BOOKS: dict[tuple[tuple[str, int, int], ...], ServiceBook] = {}


def load_services(path: Path | str) -> ServiceBook:
    """The services in a State's law folder, with those of the law that it extends; cached until a file changes.

    A law without services gives an empty book: nothing is guaranteed then. Raises `NoLawFolder`, and `LawRefused` with every
    problem found.
    """
    folder = Path(path)
    if not (folder / "state.yaml").is_file():
        raise NoLawFolder(folder=folder)
    files = _files(folder)
    key = tuple(
        (str(file.resolve()), stat.st_mtime_ns, stat.st_size) for file in files for stat in [file.stat()]
    )
    if key not in _BOOKS:
        problems = Problems()
        book = _load(folder, files, problems)
        if problems.found:
            raise LawRefused(problems.found)
        _BOOKS.clear()
        _BOOKS[key] = book
    return _BOOKS[key]


def service_problems(path: Path | str, schemes: frozenset[str], verbs: frozenset[str]) -> list[Problem]:
    """Everything wrong with the services of a law folder; `schemes` and `verbs` are what they may name."""
    folder = Path(path)
    problems = Problems()
    book = _load(folder, _files(folder), problems)
    for draft in book.drafts:
        for code in draft.schemes:
            if code not in schemes:
                node = draft.node.get("schemes") or draft.node
                problems.add(
                    node,
                    f"'schemes' names {code}, which no file of the law declares",
                    f"'schemes' में {code} है, जो कानून की किसी फ़ाइल में नहीं है",
                )
    for verb in book.offices:
        if verb not in verbs:
            problems.found.append(
                Problem(
                    "services/offices.yaml",
                    1,
                    f"'{verb}' is no act of the permission table",
                    f"'{verb}' अनुमति-सारणी का कोई काम नहीं है",
                )
            )
    return sorted(problems.found)


def missing_years(path: Path | str, today: date) -> list[Problem]:
    """Warnings: years from this one to the next whose movable holidays nobody has entered in holidays.yaml."""
    book = load_services(path)
    if not any(limit and limit.working for draft in book.drafts for _, limit, _ in draft.limit.values):
        return []
    return [
        Problem(
            "holidays.yaml",
            1,
            f"the holidays of {year} are missing under 'years': working days are counted without them",
            f"'years' में {year} की छुट्टियाँ नहीं हैं: कार्य दिवस उनके बिना गिने जाएँगे",
        )
        for year in book.holidays.missing(today, today.replace(year=today.year + 1, day=1))
    ]


def _files(folder: Path) -> list[Path]:
    """holidays.yaml and the services of the law and of the one it extends; a file here replaces one of the same name there."""
    bases = []
    extends = read(folder / "state.yaml", "state.yaml", Problems()).get("extends")
    if extends is not None and extends.text:
        kept = folder / "base"
        bases.append(kept if (kept / "state.yaml").is_file() else folder / extends.text)
    found: dict[str, Path] = {}
    for place in (*bases, folder):
        for file in (place / "holidays.yaml", *sorted((place / "services").glob("*.yaml"))):
            if file.is_file():
                found[file.name] = file
    return list(found.values())


def _load(folder: Path, files: list[Path], problems: Problems) -> ServiceBook:
    drafts: list[ServiceDraft] = []
    holidays, grievances = NO_HOLIDAYS, NO_GRIEVANCES
    offices: dict[str, tuple[str, ...]] = {}
    escalation: tuple[tuple[int, tuple[str, ...]], ...] = ()
    appeals = AppealWords({}, {}, {})
    for file in files:
        inside = "" if file.name == "holidays.yaml" else "services/"
        own = file.resolve().is_relative_to(folder.resolve())
        name = f"{inside}{file.name}" if own else f"{file.parent.parent.name}/{inside}{file.name}"
        known_before = len(problems.found)
        root = read(file, name, problems)
        if len(problems.found) > known_before:
            continue
        if file.name == "holidays.yaml":
            holidays = holidays_of(root, problems)
        elif file.name == "offices.yaml":
            offices, escalation = _offices_of(root, problems), _escalation_of(root, problems)
        elif file.name == "appeals.yaml":
            appeals = _appeal_words_of(root, problems)
        elif file.name == "grievances.yaml":
            grievances = grievances_of(root, problems)
        else:
            draft = _service_of(root, problems)
            if any(other.code == draft.code for other in drafts):
                problems.add(
                    root,
                    f"the service {draft.code} is declared twice",
                    f"सेवा {draft.code} दो बार लिखी है",
                )
            drafts.append(draft)
    return ServiceBook(tuple(drafts), holidays, offices, grievances, escalation, appeals)


_KEYS = {
    "code",
    "holds",
    "name",
    "department",
    "kinds",
    "schemes",
    "documents",
    "output",
    "officer",
    "limit",
    "first_appeal",
    "second_appeal",
    "penalty",
    "deemed_approval",
    "source",
}


def _service_of(root: Node, problems: Problems) -> ServiceDraft:
    known_keys(root, _KEYS, "a service", problems)
    empty = Node(root.file, root.line)
    holds = root.get("holds") or empty
    start_node, end_node = holds.get("from"), holds.get("until")
    start = as_date(start_node) if start_node is not None else None
    if start is None:
        problems.add(root, "'holds: {from: YYYY-MM-DD}' is missing", "'holds: {from: YYYY-MM-DD}' नहीं है")
        start = date(1950, 1, 26)
    code = (root.get("code") or empty).text or ""
    if not code:
        problems.add(root, "'code' is missing", "'code' नहीं है")

    def dated(key: str, convert: object, needed: bool) -> Dated:  # type: ignore[type-arg]
        node = root.get(key)
        if node is None:
            if needed:
                problems.add(root, f"the key '{key}' is missing", f"कुंजी '{key}' नहीं है")
            return Dated(())
        return dated_of(node, start, lambda entry: convert(entry, key, problems), problems, key)  # type: ignore[operator]

    output = root.get("output") or empty
    if root.get("output") is None:
        problems.add(root, "the key 'output' is missing", "कुंजी 'output' नहीं है")
    return ServiceDraft(
        node=root,
        code=code,
        start=start,
        end=as_date(end_node) if end_node is not None else None,
        name=text_of(root.get("name"), root, "the name", problems),
        department=text_of(root.get("department"), root, "the department", problems),
        kinds=_words(root, "kinds", KINDS, problems),
        schemes=tuple(item.text or "" for item in (root.get("schemes") or empty).items or ()),
        documents={
            key: text_of(entry, entry, f"the document '{key}'", problems)
            for key, entry in (root.get("documents") or empty).pairs()
        },
        output=text_of(output, output, "the output", problems) if output is not empty else Text("", ""),
        order=(output.get("order") or empty).text or "",
        officer=dated("officer", _post_of, True),
        limit=dated("limit", _limit_of, True),
        first_appeal=dated("first_appeal", _appeal_of, False),
        second_appeal=dated("second_appeal", _appeal_of, False),
        penalty=dated("penalty", _penalty_of, False),
        deemed_approval=dated("deemed_approval", _flag_of, False),
        source=sources_of(root.get("source"), root, problems),
    )


def _words(at: Node, key: str, known: tuple[str, ...], problems: Problems) -> tuple[str, ...]:
    node = at.get(key)
    words = tuple(item.text or "" for item in (node.items if node is not None else None) or ())
    if not words:
        problems.add(
            node or at, f"'{key}' must be a list, as [{known[0]}]", f"'{key}' सूची हो, जैसे [{known[0]}]"
        )
    for word in words:
        if word not in known:
            problems.add(
                node or at,
                f"'{key}' has the unknown word '{word}'; known are {', '.join(known)}",
                f"'{key}' में अनजान शब्द '{word}' है; शब्द ये हैं: {', '.join(known)}",
            )
    return words


def _post_of(node: Node, key: str, problems: Problems) -> Post | None:
    role = (node.get("role") or Node(node.file, node.line)).text or ""
    if role not in ROLES:
        problems.add(
            node.get("role") or node,
            f"'role' of '{key}' must be one of {', '.join(ROLES)}, not '{role}'",
            f"'{key}' का 'role' इनमें से एक हो: {', '.join(ROLES)}; '{role}' नहीं",
        )
    return Post(
        role,
        _words(node, "offices", OFFICE_KINDS, problems),
        text_of(node, node, f"the officer of '{key}'", problems),
    )


def _days(at: Node, key: str, problems: Problems) -> int:
    node = at.get(key)
    if node is None:
        problems.add(at, f"the key '{key}' is missing", f"कुंजी '{key}' नहीं है")
        return 0
    days = whole_of(node, problems, f"'{key}'")
    if days is not None and not 0 < days <= 366:
        problems.add(
            node, f"'{key}' must be 1 to 366 days, not {days}", f"'{key}' 1 से 366 दिन हो, {days} नहीं"
        )
    return days or 0


def _working(node: Node, problems: Problems) -> bool:
    count = node.get("count")
    if count is None or count.text not in ("calendar", "working"):
        problems.add(
            count or node, "'count' must be calendar or working", "'count' में calendar या working लिखें"
        )
    return count is not None and count.text == "working"


def _limit_of(node: Node, key: str, problems: Problems) -> Limit:
    known_keys(node, {"days", "count"}, f"'{key}'", problems)
    return Limit(_days(node, "days", problems), _working(node, problems))


def _appeal_of(node: Node, key: str, problems: Problems) -> AppealLevel | None:
    known_keys(
        node, {"role", "offices", "en", "hi", "file_within", "decide_within", "count"}, f"'{key}'", problems
    )
    post = _post_of(node, key, problems)
    if post is None:
        return None
    decide = Limit(_days(node, "decide_within", problems), _working(node, problems))
    return AppealLevel(post, _days(node, "file_within", problems), decide)


def _penalty_of(node: Node, key: str, problems: Problems) -> Penalty:
    known_keys(node, {"a_day", "most", "to_applicant"}, f"'{key}'", problems)

    def whole(name: str, most: int) -> int:
        entry = node.get(name)
        if entry is None:
            problems.add(node, f"the key '{name}' is missing", f"कुंजी '{name}' नहीं है")
            return 0
        value = whole_of(entry, problems, f"'{name}'")
        if value is not None and not 0 <= value <= most:
            problems.add(entry, f"'{name}' must lie between 0 and {most}", f"'{name}' 0 और {most} के बीच हो")
        return value or 0

    return Penalty(
        whole("a_day", 1_000_000) * 100, whole("most", 10_000_000) * 100, whole("to_applicant", 100)
    )


def _flag_of(node: Node, key: str, problems: Problems) -> bool:
    if node.text not in ("true", "false"):
        problems.add(node, f"'{key}' must be true or false", f"'{key}' में true या false लिखें")
    return node.text == "true"


def _offices_of(root: Node, problems: Problems) -> dict[str, tuple[str, ...]]:
    found = {}
    for verb, entry in (root.get("acts") or Node(root.file, root.line)).pairs():
        words = tuple(item.text or "" for item in entry.items or ())
        wrong = [word for word in words if word not in OFFICE_KINDS]
        if wrong or not words:
            problems.add(
                entry,
                f"'{verb}' must list kinds of office out of {', '.join(OFFICE_KINDS)}",
                f"'{verb}' में दफ़्तर के प्रकार लिखें: {', '.join(OFFICE_KINDS)}",
            )
        found[verb] = words
    return found


def _escalation_of(root: Node, problems: Problems) -> tuple[tuple[int, tuple[str, ...]], ...]:
    node = root.get("escalation")
    found: list[tuple[int, tuple[str, ...]]] = []
    for step in (node.items if node is not None else None) or ():
        after = step.get("after")
        days = whole_of(after, problems, "'after'") if after is not None else None
        if days is None or days < 0 or (found and days <= found[-1][0]):
            problems.add(
                after or step,
                "'after' must be days over the limit, each step later than the one before",
                "'after' में सीमा के बाद के दिन लिखें, हर चरण पिछले से बाद में",
            )
            continue
        found.append((days, _words(step, "offices", OFFICE_KINDS, problems)))
    return tuple(found)


def _appeal_words_of(root: Node, problems: Problems) -> AppealWords:
    known_keys(root, {"grounds", "decisions", "penalties"}, "appeals.yaml", problems)
    empty = Node(root.file, root.line)

    def texts(node: Node) -> dict[str, Text]:
        return {key: text_of(entry, entry, f"'{key}'", problems) for key, entry in node.pairs()}

    def tables(key: str, words: tuple[str, ...]) -> dict[str, dict[str, Text]]:
        node = root.get(key) or empty
        for word in words:
            if not list((node.get(word) or empty).pairs()):
                problems.add(node, f"'{key}' has no reasons for '{word}'", f"'{key}' में '{word}' के कारण नहीं हैं")
        return {word: texts(node.get(word) or empty) for word in words}

    return AppealWords(
        texts(root.get("grounds") or empty),
        tables("decisions", ("upheld", "reversed", "remanded")),
        tables("penalties", ("imposed", "waived")),
    )
