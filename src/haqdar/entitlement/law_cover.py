"""What of the law the golden examples exercise: conditions, amounts, edges, reasons, combinations.

Something counts as seen only where it decides. A condition is seen to fail in an example in which every other condition of
the scheme holds, so that the scheme is refused for that alone; an edge is seen in people who stand just on either
side of it. What nobody can be is not asked for.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
from sqlglot import exp

from haqdar.base.duck import connect_duck
from haqdar.base.money import indian
from haqdar.entitlement.compile import scheme_columns
from haqdar.entitlement.law_checks import generated_people
from haqdar.entitlement.law_edges import Stands, atoms, edges
from haqdar.entitlement.law_examples import (
    Example,
    ExamplesOfLaw,
    decided,
    examples_by_law,
    lay_out,
    schemes_under_test,
)
from haqdar.law import PARTNER_PRESENT, Criterion, Fact, LawInForce, Scheme, Text, load_lawbook
from haqdar.law.prose import band_words, criterion_words, test_words


@dataclass(frozen=True, slots=True)
class Covered:
    """One thing that the examples should show: of which scheme (None: of all), what, and the first example that does.

    `kind` is one of condition, amount, edge, reason, combination, choice. `file` and `line` say where it is written.
    """

    scheme: str | None
    kind: str
    what: Text
    file: str
    line: int
    seen_in: Text | None


@dataclass(slots=True)
class _Seen:
    """One example with what was decided of it and what the asked expressions give for its person."""

    example: Example
    facts: dict[str, object]
    row: dict[str, object]
    values: dict[str, object] = field(default_factory=dict)


_Sees = Callable[[_Seen], bool]
_Item = tuple[str | None, str, Text, tuple[str, int], _Sees]


def cover(folder: Path | str) -> list[Covered]:
    """Everything the examples of a law folder should show, with the first example that shows it; raises `LawRefused`.

    Proposals are left out. What stays the same over several stretches of time is asked for once.
    """
    book = load_lawbook(folder)
    stretches: dict[date, list[ExamplesOfLaw]] = {}
    for people in examples_by_law(folder):
        if people.law.hash == book.hash:
            stretches.setdefault(people.law.day_from, []).append(people)
    common = {entry.code for entry in book.state.criteria}
    found: dict[tuple[str | None, str, Text], Covered] = {}
    with connect_duck(threads=1) as duck:
        for day in book.change_days:
            law = schemes_under_test(book, day)
            seen = [entry for people in stretches.get(day, []) for entry in _seen(duck, law, people)]
            for scheme, kind, what, (file, line), sees in _items(
                duck, law, common, extends=book.base is not None
            ):
                key = (scheme, kind, what)
                item = found.setdefault(key, Covered(scheme, kind, what, file, line, None))
                if item.seen_in is None:
                    first = next((entry.example.name for entry in seen if sees(entry)), None)
                    found[key] = replace(item, seen_in=first)
    return list(found.values())


def per_cent(items: list[Covered]) -> float:
    """How much of it is seen, of 100."""
    return 100 * sum(item.seen_in is not None for item in items) / len(items) if items else 100.0


def _seen(duck: duckdb.DuckDBPyConnection, law: LawInForce, people: ExamplesOfLaw) -> list[_Seen]:
    lay_out(duck, people)
    rows = decided(duck, people.law)
    asked = sorted(_expressions(law))
    columns = ", ".join(f"({sql})" for sql in asked) or "1"
    values = duck.execute(f"SELECT {columns} FROM example ORDER BY member_id").fetchall()
    return [
        _Seen(example, facts, row, dict(zip(asked, mine, strict=bool(asked))))
        for example, facts, row, mine in zip(people.examples, people.rows, rows, values, strict=True)
    ]


def _expressions(law: LawInForce) -> set[str]:
    """The amounts' conditions and the smallest parts of every condition."""
    found = {band.sql for scheme in law.schemes for band in scheme.bands if band.sql is not None}
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            found.update(atom.sql("duckdb") for atom in atoms(criterion.condition))
    return found


def _items(
    duck: duckdb.DuckDBPyConnection, law: LawInForce, common: set[str], *, extends: bool
) -> Iterator[_Item]:
    """Everything asked for; of a law that extends another, what that other law's examples show is left out."""
    for criterion in law.schemes[0].criteria if not extends else ():
        if criterion.code in common:
            yield from _common(law, criterion)
    for scheme in law.schemes:
        own = [criterion for criterion in scheme.criteria if criterion.code not in common]
        place = (own[0].test.file, own[0].test.line)
        yield (
            scheme.code,
            "condition",
            Text("all conditions met", "सब शर्तें पूरी"),
            place,
            _entitled(law, scheme),
        )
        for criterion in own:
            yield from _criterion(duck, law, scheme, criterion)
        yield from _amounts(law, scheme)
        for reason in dict.fromkeys(criterion.stop_reason for criterion in own):
            yield (
                scheme.code,
                "reason",
                Text(f"refused for the reason '{reason}'", f"'{reason}' के कारण मना"),
                place,
                _refused(scheme.code, reason),
            )
    yield from _choices(duck, law)


def _common(law: LawInForce, criterion: Criterion) -> Iterator[_Item]:
    """What every scheme asks first is asked for once, with any scheme."""
    yield (
        None,
        "condition",
        Text(f"condition '{criterion.code}' alone fails", f"सिर्फ़ शर्त '{criterion.code}' पूरी नहीं"),
        (criterion.test.file, criterion.test.line),
        lambda seen: any(
            _alone(law, scheme, scheme.criterion(criterion.code), seen) for scheme in law.schemes
        ),
    )
    yield (
        None,
        "reason",
        Text(f"refused for the reason '{criterion.stop_reason}'", f"'{criterion.stop_reason}' के कारण मना"),
        (criterion.test.file, criterion.test.line),
        lambda seen: criterion.stop_reason in seen.example.refused.values(),
    )


def _criterion(
    duck: duckdb.DuckDBPyConnection, law: LawInForce, scheme: Scheme, criterion: Criterion
) -> Iterator[_Item]:
    words = criterion_words(criterion, law.vocabulary)
    place = (criterion.test.file, criterion.test.line)
    named = Text(f"'{criterion.code}' ({words.en})", f"'{criterion.code}' ({words.hi})")
    yield (
        scheme.code,
        "condition",
        Text(f"condition {named.en} alone fails", f"सिर्फ़ शर्त {named.hi} पूरी नहीं"),
        place,
        _failing(law, scheme, criterion),
    )
    if any(law.vocabulary.facts[fact].missing is not None for fact in criterion.test.facts):
        yield (
            scheme.code,
            "condition",
            Text(
                f"condition {named.en} not known, nothing else in the way",
                f"शर्त {named.hi} का पता नहीं, बाक़ी कोई रुकावट नहीं",
            ),
            place,
            lambda seen: (
                _verdict(law, scheme, seen) is None
                and bool((_mask(law, scheme, seen, unknown=True) or 0) & criterion.flag)
            ),
        )
    for what, inside, outside in edges(law.vocabulary, criterion.condition):
        yield (
            scheme.code,
            "edge",
            Text(
                f"condition '{criterion.code}', just inside: {what.en}",
                f"शर्त '{criterion.code}', सीमा के भीतर: {what.hi}",
            ),
            place,
            _all(_entitled(law, scheme), _standing(inside)),
        )
        yield (
            scheme.code,
            "edge",
            Text(
                f"condition '{criterion.code}', just outside: {what.en}",
                f"शर्त '{criterion.code}', सीमा के बाहर: {what.hi}",
            ),
            place,
            _all(_failing(law, scheme, criterion), _standing(outside)),
        )
    yield from _combinations(duck, law, scheme, criterion)


def _amounts(law: LawInForce, scheme: Scheme) -> Iterator[_Item]:
    for number, band in enumerate(scheme.bands):
        words = band_words(scheme, number, law.vocabulary)
        paid = indian(band.paise)
        written = band.test if band.test is not None else scheme.criteria[-1].test
        place = (written.file, written.line)
        shown = Text(paid, paid) if words is None else Text(f"{paid} ({words.en})", f"{paid} ({words.hi})")

        holds = _in_band(band.sql)
        yield (
            scheme.code,
            "amount",
            Text(f"{shown.en} paid", f"{shown.hi} मिले"),
            place,
            _all(_entitled(law, scheme), holds),
        )
        for what, inside, outside in (
            edges(law.vocabulary, band.condition) if band.condition is not None else ()
        ):
            yield (
                scheme.code,
                "edge",
                Text(f"amount {paid}, just inside: {what.en}", f"रकम {paid}, सीमा के भीतर: {what.hi}"),
                place,
                _all(_entitled(law, scheme), holds, _standing(inside)),
            )
            yield (
                scheme.code,
                "edge",
                Text(f"amount {paid}, just outside: {what.en}", f"रकम {paid}, सीमा के बाहर: {what.hi}"),
                place,
                _all(_entitled_or_nearly(law, scheme), _none(holds), _standing(outside)),
            )


def _combinations(
    duck: duckdb.DuckDBPyConnection, law: LawInForce, scheme: Scheme, criterion: Criterion
) -> Iterator[_Item]:
    """For a condition of several parts: every combination of true and false that somebody can have."""
    parts = list({atom.sql("duckdb"): atom for atom in atoms(criterion.condition)}.items())
    if len(parts) < 2:
        return
    partners = {fact.partner: fact for fact in law.vocabulary.facts.values() if fact.partner is not None}
    his = [any(column.name in partners for column in atom.find_all(exp.Column)) for _, atom in parts]
    columns = [
        f"CASE WHEN {PARTNER_PRESENT} THEN ({sql}) END" if of_husband else f"({sql})"
        for (sql, _), of_husband in zip(parts, his, strict=True)
    ]
    people = generated_people(law.vocabulary, [criterion.condition])
    places = ", ".join(str(number + 1) for number in range(len(columns)))
    for combination in duck.execute(
        f"SELECT DISTINCT {', '.join(columns)} FROM {people} ORDER BY {places}"
    ).fetchall():
        said = [
            _said(law, atom, holds, partners)
            for (_, atom), holds in zip(parts, combination, strict=True)
            if holds is not None
        ]

        def sees(seen: _Seen, combination: tuple[object, ...] = combination) -> bool:
            return all(
                (
                    seen.facts[PARTNER_PRESENT] is False
                    if of_husband and wanted is None
                    else seen.values[sql] is wanted
                )
                for (sql, _), of_husband, wanted in zip(parts, his, combination, strict=True)
            )

        yield (
            scheme.code,
            "combination",
            Text(
                f"condition '{criterion.code}': {', '.join(words.en for words in said)}",
                f"शर्त '{criterion.code}': {', '.join(words.hi for words in said)}",
            ),
            (criterion.test.file, criterion.test.line),
            sees,
        )


def _said(law: LawInForce, atom: exp.Expr, holds: bool, partners: dict[str, Fact]) -> Text:
    if isinstance(atom, exp.Column) and atom.name == PARTNER_PRESENT:
        return Text("a living husband", "जीवित पति") if holds else Text("no living husband", "जीवित पति नहीं")
    husband = any(column.name in partners for column in atom.find_all(exp.Column))
    own = atom.transform(
        lambda part: (
            exp.column(partners[part.name].code)
            if isinstance(part, exp.Column) and part.name in partners
            else part
        )
    )
    words = test_words(own if holds else exp.Not(this=own), law.vocabulary)
    return Text(f"husband {words.en}", f"पति {words.hi}") if husband else words


def _choices(duck: duckdb.DuckDBPyConnection, law: LawInForce) -> Iterator[_Item]:
    """Two schemes of one group that one person can meet at once: somebody must be seen who does."""
    for place, scheme in enumerate(law.schemes):
        for other in law.schemes[place + 1 :]:
            if other.group != scheme.group:
                continue
            criteria = {criterion.sql: criterion for criterion in (*scheme.criteria, *other.criteria)}
            people = generated_people(law.vocabulary, [entry.condition for entry in criteria.values()])
            tests = " AND ".join(f"({sql})" for sql in criteria)
            if duck.execute(f"SELECT 1 FROM {people} WHERE {tests} LIMIT 1").fetchone() is None:
                continue
            first = scheme.criteria[-1].test
            yield (
                scheme.code,
                "choice",
                Text(f"met together with {other.code}", f"{other.code} के साथ-साथ पूरी"),
                (first.file, first.line),
                _all(_entitled(law, scheme), _entitled(law, other)),
            )


def _all(*tests: _Sees) -> _Sees:
    return lambda seen: all(test(seen) for test in tests)


def _none(test: _Sees) -> _Sees:
    return lambda seen: not test(seen)


def _standing(stands: Stands) -> _Sees:
    return lambda seen: stands(seen.facts)


def _entitled(law: LawInForce, scheme: Scheme) -> _Sees:
    return lambda seen: _verdict(law, scheme, seen) is True


def _failing(law: LawInForce, scheme: Scheme, criterion: Criterion) -> _Sees:
    return lambda seen: _alone(law, scheme, criterion, seen)


def _entitled_or_nearly(law: LawInForce, scheme: Scheme) -> _Sees:
    """Entitled, or refused for one condition alone: an amount may end where a condition does."""
    return lambda seen: (
        _verdict(law, scheme, seen) is True
        or any(_alone(law, scheme, criterion, seen) for criterion in scheme.criteria)
    )


def _refused(code: str, reason: str) -> _Sees:
    return lambda seen: seen.example.refused.get(code) == reason


def _in_band(sql: str | None) -> _Sees:
    return lambda seen: sql is None or seen.values[sql] is True


def _verdict(law: LawInForce, scheme: Scheme, seen: _Seen) -> object:
    """True, False or None (undecided); "not asked" where the example is not about the scheme."""
    return seen.row.get(scheme_columns(law)[scheme.code].verdict, "not asked")


def _mask(law: LawInForce, scheme: Scheme, seen: _Seen, *, unknown: bool) -> int | None:
    names = scheme_columns(law)[scheme.code]
    value = seen.row.get(names.unknown if unknown else names.true)
    return value if isinstance(value, int) else None


def _alone(law: LawInForce, scheme: Scheme, criterion: Criterion, seen: _Seen) -> bool:
    """Every condition of the scheme holds but this one, which is known to fail."""
    unknown = _mask(law, scheme, seen, unknown=True)
    return (
        unknown is not None
        and _mask(law, scheme, seen, unknown=False) == scheme.mask & ~criterion.flag
        and not unknown & criterion.flag
    )
