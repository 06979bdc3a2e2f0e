"""The law of a State: all its dated values, and the law in force on a day."""

import hashlib
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from haqdar.law.drafts import SchemeDraft, bound_bands, bound_criteria, scheme_of
from haqdar.law.family import with_family_facts
from haqdar.law.problems import LawRefused, NoLawFolder, NoLawInForce, UnknownScheme
from haqdar.law.proposals import check_criteria_left, deciding_files, overlay_of
from haqdar.law.reading import Node, Problems, read
from haqdar.law.schemes import MASK_BITS, Criterion, Scheme
from haqdar.law.state import Calendar, Heads, StateDraft, state_of
from haqdar.law.texts import Text
from haqdar.law.vocabulary import Vocabulary, vocabulary_of


@dataclass(frozen=True, slots=True)
class HeadShare:
    """One component's head of account for a scheme, and how much of each lawful amount it bears.

    `shares` lists (amount of the scheme, part of it) in paise, one per amount band.
    """

    component: str
    head: str
    shares: tuple[tuple[int, int], ...]

    def part_of(self, paise: int) -> int | None:
        """The component's part of a lawful amount; None for an amount that no band pays."""
        return dict(self.shares).get(paise)


@dataclass(frozen=True)
class LawInForce:
    """The law between `day_from` and `day_until` (both inclusive, None: open): nothing changes in between.

    `schemes` are the pensions in rank order, each with the State's criteria (alive, resident) before its own; `benefits`
    the schemes beside them, which may also speak of the facts that only `benefit_vocabulary` declares. `hash`
    identifies the whole law book. `recovery_share` is the largest part of a month's dues that may be withheld,
    `notice_days` the notice before an adverse change, `redetermine_from` the day before which earlier months
    are never determined again (None: the first month run here).
    """

    day_from: date
    day_until: date | None
    hash: str
    schemes: tuple[Scheme, ...]
    groups: dict[int, Text]
    components: dict[str, Text]
    vocabulary: Vocabulary
    calendar: Calendar
    notice_days: int
    recovery_share: Fraction
    redetermine_from: date | None
    heads: Heads
    benefits: tuple[Scheme, ...] = ()
    benefit_vocabulary: Vocabulary | None = None

    @property
    def all_schemes(self) -> tuple[Scheme, ...]:
        """Pensions, then benefits."""
        return (*self.schemes, *self.benefits)

    def of_benefits(self) -> "LawInForce":
        """The same law with the benefits in the place of the pensions, for statements that decide `schemes`."""
        vocabulary = self.benefit_vocabulary or self.vocabulary
        return replace(self, schemes=self.benefits, benefits=(), vocabulary=vocabulary)

    def scheme(self, code: str) -> Scheme:
        """The scheme called `code`; raises `UnknownScheme`."""
        for scheme in self.all_schemes:
            if scheme.code == code:
                return scheme
        raise UnknownScheme(scheme=code, known=", ".join(scheme.code for scheme in self.all_schemes))

    def group(self, number: int) -> tuple[Scheme, ...]:
        """The schemes of one exclusive group, in rank order."""
        return tuple(scheme for scheme in self.schemes if scheme.group == number)

    def heads_for(self, scheme: str, social_category: str | None, rural: bool) -> tuple[HeadShare, ...]:
        """The heads that bear a scheme's amounts for one kind of payee, one per component.

        An unknown or unlisted social category is booked as general. Raises `UnknownScheme`.

        >>> [share.component for share in law.heads_for("IGNOAPS", "OBC", rural=True)]  # doctest: +SKIP
        ['union', 'state']
        """
        found = self.scheme(scheme)
        category = self.heads.category_of.get(social_category or "GEN") or self.heads.category_of["GEN"]
        area = "rural" if rural else "urban"
        return tuple(
            HeadShare(
                component=component,
                head=self.heads.code(scheme, component, category, area),
                shares=tuple((band.paise, dict(band.components).get(component, 0)) for band in found.bands),
            )
            for component in self.heads.schemes[scheme]
        )


@dataclass
class LawBook:
    """A State's law with all its dates; `hash` changes when any byte of `files`, the deciding files, does.

    `base` is the folder of the law that this one extends. `benefit_vocabulary` holds the facts of `vocabulary` and those
    that only benefits may speak of.
    """

    folder: Path
    files: tuple[Path, ...]
    hash: str
    state: StateDraft
    vocabulary: Vocabulary
    drafts: tuple[SchemeDraft, ...]
    change_days: tuple[date, ...]
    benefit_vocabulary: Vocabulary
    base: Path | None = None
    _in_force: dict[date, LawInForce] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> Text:
        """The State's name."""
        return self.state.name

    def on(self, day: date) -> LawInForce:
        """The law in force on `day`; raises `NoLawInForce` before the law begins."""
        place = bisect_right(self.change_days, day)
        if place == 0:
            raise NoLawInForce(day=day, folder=self.folder, first=self.change_days[0])
        since = self.change_days[place - 1]
        if since not in self._in_force:
            self._in_force[since] = self._built(place - 1)
        return self._in_force[since]

    def with_scheme(self, code: str, day: date) -> LawInForce:
        """The law in force on `day`, or the latest before it that knows the scheme; raises `UnknownScheme`.

        A death in the last month of a scheme is paid for with the month after it.
        """
        law = self.on(day)
        while all(scheme.code != code for scheme in law.all_schemes) and law.day_from > self.change_days[0]:
            law = self.on(date.fromordinal(law.day_from.toordinal() - 1))
        law.scheme(code)
        return law

    @property
    def has_benefits(self) -> bool:
        """Whether the law has schemes beside the pensions."""
        return any(draft.benefit is not None for draft in self.drafts)

    def scheme_groups(self) -> dict[str, int]:
        """The group of every pension the book knows, whatever the day (the first group it ever had)."""
        groups = {}
        for draft in self.drafts:
            if draft.benefit is not None:
                continue
            value = next((value for _, value, _ in draft.group.values if value is not None), None)
            if value is not None:
                groups[draft.code] = value
        return groups

    def _built(self, place: int) -> LawInForce:
        day = self.change_days[place]
        following = self.change_days[place + 1] if place + 1 < len(self.change_days) else None
        state = self.state
        base = bound_criteria(state.criteria, {}, {}, state.source, day, self.vocabulary)
        schemes: list[Scheme] = []
        benefits: list[Scheme] = []
        for draft in self.drafts:
            group, rank = draft.group.at(day), draft.rank.at(day)
            if not draft.in_force(day) or group is None or rank is None:
                continue
            changed = {name: dated.since(day) for name, dated in draft.parameters.items()}
            vocabulary = self.vocabulary if draft.benefit is None else self.benefit_vocabulary
            own = bound_criteria(draft.criteria, draft.values(day), changed, draft.source, day, vocabulary)
            (schemes if draft.benefit is None else benefits).append(
                Scheme(
                    code=draft.code,
                    group=group,
                    rank=rank,
                    name=draft.name,
                    sponsor=draft.sponsor,
                    criteria=(*base, *own),
                    bands=bound_bands(draft, day, vocabulary),
                    confirmation=draft.confirmation,
                    benefit=draft.benefit,
                )
            )
        for found in (schemes, benefits):
            found.sort(key=lambda scheme: (scheme.rank, scheme.code))
        calendar, heads = state.calendar.at(day), state.heads.at(day)
        notice_days, share = state.notice_days.at(day), state.recovery_share.at(day)
        if calendar is None or heads is None or notice_days is None or share is None:
            raise NoLawInForce(day=day, folder=self.folder, first=self.change_days[0])
        return LawInForce(
            day_from=day,
            day_until=date.fromordinal(following.toordinal() - 1) if following is not None else None,
            hash=self.hash,
            schemes=_with_places(schemes),
            groups=state.groups,
            components=state.components,
            vocabulary=self.vocabulary,
            calendar=calendar,
            notice_days=notice_days,
            recovery_share=share,
            redetermine_from=state.redetermine_from.at(day),
            heads=heads,
            benefits=_with_places(benefits),
            benefit_vocabulary=self.benefit_vocabulary if benefits else None,
        )


def _with_places(schemes: list[Scheme]) -> tuple[Scheme, ...]:
    """Gives every criterion its word and bit: equal conditions share a bit, a scheme stays within one word."""
    words: list[dict[str, int]] = [{}]
    placed: list[Scheme] = []
    for scheme in schemes:
        conditions = list(dict.fromkeys(criterion.sql for criterion in scheme.criteria))
        new = [sql for sql in conditions if sql not in words[-1]]
        if len(words[-1]) + len(new) > MASK_BITS:
            words.append({})
            new = conditions
        for sql in new:
            words[-1][sql] = len(words[-1])
        criteria: list[Criterion] = [
            replace(criterion, word=len(words) - 1, bit=words[-1][criterion.sql])
            for criterion in scheme.criteria
        ]
        placed.append(replace(scheme, criteria=tuple(criteria)))
    return tuple(placed)


_BOOKS: dict[tuple[Path, Path | None, date | None, str], LawBook] = {}


def load_lawbook(path: Path | str, overlay: Path | None = None, overlay_from: date | None = None) -> LawBook:
    """The law book in a State's folder, for example law/mp; cached by the content of its files.

    `overlay` is the folder of a proposal that is laid over the law (see `haqdar.law.proposals`), from `overlay_from`
    instead of its own day if that is given. Raises `NoLawFolder`, and `LawRefused` with every problem found, each with
    file and line.
    """
    folder = Path(path)
    if not (folder / "state.yaml").is_file():
        raise NoLawFolder(folder=folder)
    base = base_of(folder)
    files = [*(_files(base) if base is not None else []), *_files(folder)]
    over = deciding_files(overlay) if overlay is not None else []
    digest = hashlib.sha256()
    for file in [*files, *over]:
        digest.update(file.name.encode())
        digest.update(b"\0")
        digest.update(file.read_bytes() if file.is_file() else b"")
        digest.update(b"\0")
    if overlay_from is not None:
        digest.update(overlay_from.isoformat().encode())
    key = (
        folder.resolve(),
        overlay.resolve() if overlay is not None else None,
        overlay_from,
        digest.hexdigest(),
    )
    if key not in _BOOKS:
        _BOOKS[key] = _load(folder, base, files, overlay, overlay_from, digest.hexdigest())
    return _BOOKS[key]


def _files(folder: Path) -> list[Path]:
    return [folder / "state.yaml", folder / "vocabulary.yaml", *sorted((folder / "schemes").glob("*.yaml"))]


def base_of(folder: Path) -> Path | None:
    """The law folder that `extends:` of state.yaml names, from this folder; a kept copy has it beside it in base/.

    A base extends nothing itself. Raises `NoLawFolder`.
    """
    extends = read(folder / "state.yaml", "state.yaml", Problems()).get("extends")
    if extends is None or not extends.text:
        return None
    kept = folder / "base"
    base = kept if (kept / "state.yaml").is_file() else folder / extends.text
    if not (base / "state.yaml").is_file():
        raise NoLawFolder(folder=base)
    return base


def scheme_groups(path: Path | str) -> dict[str, int]:
    """The group of every pension in a law folder: {"IGNOAPS": 1, …}. Raises `LawRefused`."""
    return load_lawbook(path).scheme_groups()


def _load(
    folder: Path,
    base: Path | None,
    files: list[Path],
    overlay: Path | None,
    overlay_from: date | None,
    digest: str,
) -> LawBook:
    problems = Problems()
    changes = overlay_of(overlay, overlay_from, problems) if overlay is not None else None

    def node_of(name: str, place: Path) -> Node:
        return read(place / name, name if place == folder else f"{place.name}/{name}", problems)

    state_node, vocabulary_node = (
        node_of(name, base or folder) for name in ("state.yaml", "vocabulary.yaml")
    )
    if problems.found:
        raise LawRefused(problems.found)
    vocabulary = with_family_facts(vocabulary_node, vocabulary_of(vocabulary_node, problems), problems)
    for fact in vocabulary.facts.values():
        if fact.family is not None:
            _refuse_family_fact(vocabulary_node, fact.code, problems)
    whole = vocabulary
    if base is not None:
        state_node = state_node.merged(node_of("state.yaml", folder))
        both = vocabulary_node.merged(node_of("vocabulary.yaml", folder))
        whole = with_family_facts(both, vocabulary_of(both, problems), problems)
    if changes is not None:
        state_node = changes.over_state(state_node, problems)
    state = state_of(state_node, vocabulary, problems)
    nodes = [
        node_of(f"schemes/{file.name}", file.parent.parent) for file in files if file.parent.name == "schemes"
    ]
    if changes is not None:
        codes = {code.text or "" for node in nodes if (code := node.get("code")) is not None}
        nodes = [changes.over_scheme(node, problems) for node in nodes]
        nodes += changes.new_schemes(codes)
    drafts: list[SchemeDraft] = []
    for node in nodes:
        known = vocabulary if node.get("pays") is None else whole
        draft = scheme_of(node, known, tuple(state.components), problems)
        if draft is not None:
            drafts.append(draft)
    change_days = tuple(sorted(state.dates.union(*(draft.dates for draft in drafts))))
    change_days = tuple(day for day in change_days if day >= state.start)
    _check_together(drafts, state, change_days, problems)
    check_criteria_left(drafts, change_days, problems)
    if problems.found:
        raise LawRefused(problems.found)
    return LawBook(folder, tuple(files), digest, state, vocabulary, tuple(drafts), change_days, whole, base)


def _refuse_family_fact(root: Node, code: str, problems: Problems) -> None:
    problems.add(
        (root.get("facts") or root).get(code) or root,
        f"'{code}' is a family fact, of which only benefits may speak: declare it in a law that extends this one",
        f"'{code}' परिवार का तथ्य है, जो सिर्फ़ सहायता योजनाओं में चलता है: इसे इस कानून को बढ़ाने वाले कानून में लिखें",
    )


def _check_together(
    drafts: list[SchemeDraft], state: StateDraft, change_days: tuple[date, ...], problems: Problems
) -> None:
    if not drafts:
        problems.add(state.node, "there is no scheme in schemes/", "schemes/ में कोई योजना नहीं है")
    seen: dict[str, SchemeDraft] = {}
    for draft in drafts:
        if draft.code in seen:
            problems.add(
                draft.node,
                f"the code {draft.code} is used in {seen[draft.code].node.file} already",
                f"कोड {draft.code} पहले से {seen[draft.code].node.file} में है",
            )
        seen[draft.code] = draft
    for day in change_days:
        ranks: dict[int, SchemeDraft] = {}
        heads = state.heads.at(day)
        for draft in drafts:
            if not draft.in_force(day):
                continue
            rank, group = draft.rank.at(day), draft.group.at(day)
            if rank is not None:
                if rank in ranks and ranks[rank] is not draft:
                    other = ranks[rank]
                    problems.add(
                        draft.node.get("rank") or draft.node,
                        f"{draft.code} has the same rank {rank} as {other.code} ({other.node.file})",
                        f"{draft.code} और {other.code} ({other.node.file}) दोनों का क्रम {rank} है",
                    )
                ranks[rank] = draft
            if group is not None and group not in state.groups:
                problems.add(
                    draft.node.get("group") or draft.node,
                    f"the group {group} is not declared in state.yaml",
                    f"समूह {group} state.yaml में घोषित नहीं है",
                )
            if heads is not None:
                has = heads.schemes.get(draft.code, {})
                for band in draft.amount.at(day) or ():
                    for component, _ in band.components:
                        if component not in has:
                            problems.add(
                                band.node,
                                f"{draft.code} has no head of account for its part '{component}'",
                                f"{draft.code} के हिस्से '{component}' का कोई लेखा-शीर्ष नहीं है",
                            )
