"""Which mistakes in the law would no example notice: each mutant of the law is run against the golden examples.

A mutant is the law with one mistake (`law_mutations`). It is *killed* by the first example that then disagrees,
*equal* when it decides every generated person as the law does (nobody could tell the difference), and a *survivor*
otherwise: a line of the law that could be wrong without anybody noticing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from sqlglot import exp

from haqdar.base.duck import connect_duck
from haqdar.base.money import indian
from haqdar.base.refusal import Refusal, Words
from haqdar.entitlement.compile import determination_sql, scheme_columns
from haqdar.entitlement.law_checks import generated_people
from haqdar.entitlement.law_examples import (
    ExamplesOfLaw,
    decided,
    differences,
    examples_by_law,
    lay_out,
    schemes_under_test,
)
from haqdar.entitlement.law_mutations import mutations
from haqdar.law import Band, Criterion, LawBook, LawInForce, Scheme, Text, load_lawbook
from haqdar.law.expressions import Test


class ExamplesMustAgree(Refusal):
    """Mutants are judged by examples that the law itself gives."""

    code = "examples_must_agree"
    en = "The example '{example}' disagrees with the law as it stands; run haqdar law test first."
    hi = "उदाहरण '{example}' मौजूदा कानून से नहीं मिलता; पहले haqdar law test चलाएँ।"


PEOPLE_LIMIT = 3_000_000
"""How many generated people a mutant is compared with the law on; above it every n-th is taken."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: where in the law, what it is in words, and what became of it.

    `killer` is the sentence of the first example that disagrees, `equal` says that nobody could tell; neither: it
    survives. `scheme` is None for what every scheme asks first.
    """

    scheme: str | None
    where: Text
    what: Text
    file: str
    line: int
    since: date
    killer: Text | None
    equal: bool

    @property
    def survives(self) -> bool:
        """No example notices it, and there are people for whom it matters."""
        return self.killer is None and not self.equal


_Key = tuple[str | None, Text, Text, str, int]


@dataclass(frozen=True, slots=True)
class _Broken:
    """A mutant before it is run: the schemes of the law that it changes."""

    scheme: str | None
    where: Text
    what: Text
    file: str
    line: int
    changed: tuple[Scheme, ...]


def run_mutants(folder: Path | str, only: str | None = None) -> list[Mutant]:
    """Every mutant of the law in a folder (of scheme `only`), in the order of the law.

    Proposals and their examples are left out: they are not the law. The same mistake in several stretches of time
    counts once and is killed by an example of any of them. Raises `LawRefused` and `ExamplesMustAgree`.
    """
    book = load_lawbook(folder)
    stretches: dict[date, list[ExamplesOfLaw]] = {}
    for people in examples_by_law(folder):
        if people.law.hash == book.hash:
            stretches.setdefault(people.law.day_from, []).append(people)
    mutants: dict[_Key, Mutant] = {}
    open_ones: dict[_Key, list[tuple[LawInForce, _Broken]]] = {}
    with connect_duck(threads=1) as duck:
        duck.execute("PRAGMA disable_optimizer")  # planning so small a statement costs more than running it
        for day in book.change_days:
            law = schemes_under_test(book, day)
            judges = [_judge(duck, number, people) for number, people in enumerate(stretches.get(day, []))]
            for broken in _mutants_of(book, law):
                if only is not None and broken.scheme != only:
                    continue
                key = (broken.scheme, broken.where, broken.what, broken.file, broken.line)
                mutant = mutants.setdefault(
                    key,
                    Mutant(
                        broken.scheme, broken.where, broken.what, broken.file, broken.line, day, None, False
                    ),
                )
                if mutant.killer is not None:
                    continue
                killer = next((name for judge in judges if (name := _killer(duck, judge, broken))), None)
                mutants[key] = replace(mutant, killer=killer)
                open_ones.setdefault(key, []).append((law, broken))
    with connect_duck(threads=1) as duck:
        common = {entry.code for entry in book.state.criteria}
        for key, cases in open_ones.items():
            if mutants[key].killer is None:
                equal = all(_is_equal(duck, law, broken, common) for law, broken in cases)
                mutants[key] = replace(mutants[key], equal=equal)
    return list(mutants.values())


@dataclass(frozen=True, slots=True)
class _Judge:
    """Examples of one law, laid out in the relation `relation`, with what the law decides of them."""

    people: ExamplesOfLaw
    relation: str
    as_it_is: list[dict[str, object]]


def _judge(duck: duckdb.DuckDBPyConnection, number: int, people: ExamplesOfLaw) -> _Judge:
    relation = f"example_{number}"
    lay_out(duck, people, relation)
    rows = decided(duck, people.law, relation)
    for example, row in zip(people.examples, rows, strict=True):
        if any(differences(people.law, example, row)):
            raise ExamplesMustAgree(example=Words(example.name.en, example.name.hi))
    return _Judge(people, relation, rows)


def _killer(duck: duckdb.DuckDBPyConnection, judge: _Judge, broken: _Broken) -> Text | None:
    """The sentence of the first example that disagrees with the mutant.

    Schemes are decided independently, so only the changed ones are decided again.
    """
    law = judge.people.law
    mine = {scheme.code for scheme in law.schemes}
    changed = {scheme.code: scheme for scheme in broken.changed if scheme.code in mine}
    if not changed:
        return None
    rows = decided(duck, replace(law, schemes=tuple(changed.values())), judge.relation)
    schemes = (changed.get(scheme.code, scheme) for scheme in law.schemes)
    law = replace(law, schemes=tuple(sorted(schemes, key=lambda scheme: scheme.rank)))
    for example, before, row in zip(judge.people.examples, judge.as_it_is, rows, strict=True):
        if any(differences(law, example, {**before, **row})):
            return example.name
    return None


def _mutants_of(book: LawBook, law: LawInForce) -> Iterator[_Broken]:
    """Every mutant of the law in force: first what every scheme asks, then scheme by scheme."""
    common = {entry.code for entry in book.state.criteria}
    for criterion in law.schemes[0].criteria if book.base is None else ():
        if criterion.code in common:
            where = Text(f"every scheme, condition '{criterion.code}'", f"हर योजना, शर्त '{criterion.code}'")
            for what, line, mutant in _criteria(book, None, criterion, law):
                changed = tuple(_with_criterion(scheme, mutant) for scheme in law.schemes)
                yield _Broken(None, where, what, *line, changed)
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            if criterion.code in common:
                continue
            where = Text(
                f"{scheme.code}, condition '{criterion.code}'", f"{scheme.code}, शर्त '{criterion.code}'"
            )
            for what, line, mutant in _criteria(book, scheme, criterion, law):
                yield _Broken(scheme.code, where, what, *line, (_with_criterion(scheme, mutant),))
        yield from _bands(book, scheme, law)
        yield from _ranks(book, scheme, law)


def _ranks(book: LawBook, scheme: Scheme, law: LawInForce) -> Iterator[_Broken]:
    """The order of two schemes of a group exchanged: it decides who is paid of those that pay the same."""
    draft = next(entry for entry in book.drafts if entry.code == scheme.code)
    node = draft.node.get("rank") or draft.node
    for other in law.group(scheme.group):
        shared = {band.paise for band in scheme.bands} & {band.paise for band in other.bands}
        if other.rank > scheme.rank and shared:
            where = Text(f"{scheme.code} and {other.code}", f"{scheme.code} और {other.code}")
            what = Text("their order exchanged", "आपस में क्रम बदला")
            exchanged = (replace(scheme, rank=other.rank), replace(other, rank=scheme.rank))
            yield _Broken(scheme.code, where, what, node.file, node.line, exchanged)


def _criteria(
    book: LawBook, scheme: Scheme | None, criterion: Criterion, law: LawInForce
) -> Iterator[tuple[Text, tuple[str, int], Criterion]]:
    """Every mutant of one criterion: what was done, where it stands, the broken criterion."""
    test = criterion.test
    place = (test.file, test.line)
    dropped = exp.Boolean(this=True)
    yield (
        Text("the condition left out", "शर्त हटाई"),
        place,
        replace(criterion, condition=dropped, sql=dropped.sql("duckdb")),
    )
    for mutation in mutations(test.tree, dict(criterion.parameters), law.vocabulary):
        changed = _test(test, mutation.tree)
        condition = changed.bound({}, law.vocabulary)
        yield (
            mutation.what,
            _place(book, scheme, mutation.parameter, law.day_from) or place,
            replace(criterion, test=changed, condition=condition, sql=condition.sql("duckdb")),
        )


def _bands(book: LawBook, scheme: Scheme, law: LawInForce) -> Iterator[_Broken]:
    draft = next(entry for entry in book.drafts if entry.code == scheme.code)
    parameters = {name: value for entry in scheme.criteria for name, value in entry.parameters}
    drafts = draft.amount.at(law.day_from) or ()
    for number, (band, written) in enumerate(zip(scheme.bands, drafts, strict=True)):
        place = (written.node.file, written.node.line)
        where = Text(
            f"{scheme.code}, amount {number + 1} ({indian(band.paise)})",
            f"{scheme.code}, रकम {number + 1} ({indian(band.paise)})",
        )

        def broken(
            what: Text, at: tuple[str, int], *bands: Band, number: int = number, where: Text = where
        ) -> _Broken:
            all_bands = (*scheme.bands[:number], *bands, *scheme.bands[number + 1 :])
            return _Broken(scheme.code, where, what, *at, (replace(scheme, bands=all_bands),))

        if len(scheme.bands) > 1:
            yield broken(Text("the amount left out", "रकम हटाई"), place)
        for paise in (band.paise + 100, band.paise - 100):
            what = Text(
                f"{indian(band.paise)} made {indian(paise)}", f"{indian(band.paise)} की जगह {indian(paise)}"
            )
            yield broken(what, place, replace(band, paise=paise))
        if len(band.components) > 1:
            (first, more), (second, less), *rest = band.components
            shifted = ((first, more + 100), (second, less - 100), *rest)
            parts = tuple((law.components[name], paise) for name, paise in shifted[:2])
            what = Text(
                "a rupee shifted: " + ", ".join(f"{name.en} {indian(paise)}" for name, paise in parts),
                "एक रुपया खिसकाया: " + ", ".join(f"{name.hi} {indian(paise)}" for name, paise in parts),
            )
            yield broken(what, place, replace(band, components=shifted))
        if band.test is None:
            continue
        for mutation in mutations(band.test.tree, parameters, law.vocabulary):
            changed = _test(band.test, mutation.tree)
            condition = changed.bound({}, law.vocabulary)
            yield broken(
                mutation.what,
                _place(book, scheme, mutation.parameter, law.day_from) or place,
                replace(band, test=changed, condition=condition, sql=condition.sql("duckdb")),
            )


def _test(test: Test, tree: exp.Expr) -> Test:
    couples = [column.name for call in tree.find_all(exp.Anonymous) for column in call.find_all(exp.Column)]
    return replace(
        test,
        tree=tree,
        text=tree.sql("duckdb"),
        facts=frozenset(column.name for column in tree.find_all(exp.Column)),
        couple_facts=frozenset(couples),
        parameters=frozenset(),
    )


def _with_criterion(scheme: Scheme, criterion: Criterion) -> Scheme:
    return replace(
        scheme,
        criteria=tuple(
            replace(criterion, word=entry.word, bit=entry.bit) if entry.code == criterion.code else entry
            for entry in scheme.criteria
        ),
    )


def _place(book: LawBook, scheme: Scheme | None, parameter: str | None, day: date) -> tuple[str, int] | None:
    """File and line of the parameter's value in force on `day`."""
    if scheme is None or parameter is None:
        return None
    draft = next(entry for entry in book.drafts if entry.code == scheme.code)
    places = [node for since, _, node in draft.parameters[parameter].values if since <= day]
    return (places[-1].file, places[-1].line) if places else None


def _is_equal(duck: duckdb.DuckDBPyConnection, law: LawInForce, broken: _Broken, common: set[str]) -> bool:
    """Whether no generated person, unknown facts included, is decided otherwise than by the law.

    People are taken who are alive and resident, unless the mistake is in just that.
    """
    mutant = broken.changed[0]
    scheme = law.scheme(mutant.code)
    if mutant.rank != scheme.rank:
        return not _tie(duck, law, broken.changed)
    if [band.components for band in mutant.bands] != [band.components for band in scheme.bands] and [
        band.paise for band in mutant.bands
    ] == [band.paise for band in scheme.bands]:
        return False
    pairs = [
        (old, new) for old, new in zip(scheme.criteria, mutant.criteria, strict=True) if old.sql != new.sql
    ]
    if broken.scheme is None:
        ((old, new),) = pairs
        people = generated_people(law.vocabulary, [old.condition, new.condition], unknowns=True)
        return not _count(duck, f"{people} p WHERE ({old.sql}) IS DISTINCT FROM ({new.sql})")
    versions = [
        replace(entry, criteria=tuple(c for c in entry.criteria if c.code not in common))
        for entry in (scheme, mutant)
    ]
    conditions = [criterion.condition for entry in versions for criterion in entry.criteria]
    conditions += [band.condition for entry in versions for band in entry.bands if band.condition is not None]
    relation = generated_people(law.vocabulary, conditions, unknowns=True, limit=PEOPLE_LIMIT)
    differs = " AND ".join(f"({old.sql}) IS DISTINCT FROM ({new.sql})" for old, new in pairs) or "TRUE"
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE generated AS SELECT row_number() OVER () AS member_id,"
        f" DATE '{law.day_from}' AS day, p.* FROM {relation} p WHERE {differs}"
    )
    column = scheme_columns(law)[scheme.code]
    one, other = (determination_sql(replace(law, schemes=(entry,)), "generated") for entry in versions)
    return not _count(
        duck,
        f"({one}) a JOIN ({other}) b USING (member_id) WHERE a.{column.verdict} IS DISTINCT FROM b.{column.verdict}"
        f" OR a.{column.paise} IS DISTINCT FROM b.{column.paise}",
    )


def _tie(duck: duckdb.DuckDBPyConnection, law: LawInForce, schemes: tuple[Scheme, ...]) -> bool:
    """Whether some generated person is entitled to the same amount by both schemes."""
    conditions = [criterion.condition for scheme in schemes for criterion in scheme.criteria]
    conditions += [
        band.condition for scheme in schemes for band in scheme.bands if band.condition is not None
    ]
    one, other = (
        " OR ".join(
            " AND ".join(
                [*(f"({c.sql})" for c in scheme.criteria), f"({band.sql or 'TRUE'})", f"paise = {band.paise}"]
            )
            for band in scheme.bands
        )
        for scheme in schemes
    )
    amounts = ", ".join(
        str(paise) for paise in sorted({band.paise for scheme in schemes for band in scheme.bands})
    )
    relation = generated_people(law.vocabulary, conditions, limit=PEOPLE_LIMIT)
    found = f"{relation} p CROSS JOIN (SELECT unnest([{amounts}]) AS paise) WHERE ({one}) AND ({other})"
    return bool(_count(duck, found))


def _count(duck: duckdb.DuckDBPyConnection, what: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {what}").fetchone()
    return int(row[0]) if row is not None else 0
