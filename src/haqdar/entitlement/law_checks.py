"""Checks of the law that need evaluation: amount bands with gaps, criteria that say nothing.

They run over generated people: for every fact that a scheme reads, the values around each number that its tests name.
"""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import duckdb
from sqlglot import exp

from haqdar.access.actors import MAY
from haqdar.base.duck import connect_duck
from haqdar.entitlement.benefit_facts import OWN_FACTS
from haqdar.entitlement.law_examples import examples_of, facts_of
from haqdar.law import (
    Fact,
    LawBook,
    LawInForce,
    LawRefused,
    Problem,
    Scheme,
    Text,
    Vocabulary,
    load_lawbook,
)
from haqdar.law.drafts import SchemeDraft
from haqdar.law.payments import payment_problems
from haqdar.law.reading import Problems
from haqdar.law.services import service_problems

PEOPLE_LIMIT = 500_000
"""How many generated people one scheme is checked on; above it every n-th of all combinations is taken."""


def check_law(
    folder: Path | str, overlay: Path | None = None, overlay_from: date | None = None
) -> list[Problem]:
    """Everything wrong with a law folder, each problem with file and line; an empty list for a sound law.

    With `overlay` (a proposal's folder) it is the law as the proposal would make it, from `overlay_from` on; the
    examples of the law in force are then left aside, for the proposal may be meant to change them.
    """
    try:
        book = load_lawbook(folder, overlay, overlay_from)
    except LawRefused as refused:
        return list(refused.problems)
    problems = Problems()
    with connect_duck(threads=1) as duck:
        for day in book.change_days:
            in_force = book.on(day)
            for law in (in_force, in_force.of_benefits()):
                for scheme in law.schemes:
                    draft = next(entry for entry in book.drafts if entry.code == scheme.code)
                    _check_criteria(duck, book, law, scheme, draft, problems)
                    _check_bands(duck, law, scheme, draft, problems)
    for fact in book.benefit_vocabulary.facts.values():
        if fact.code not in book.vocabulary.facts and fact.family is None and fact.code not in OWN_FACTS:
            problems.found.append(
                Problem(
                    "vocabulary.yaml",
                    1,
                    f"no register gives the fact '{fact.code}'; a law that extends another may declare"
                    f" {', '.join(OWN_FACTS)} and facts with 'over'",
                    f"तथ्य '{fact.code}' किसी रजिस्टर में नहीं है; बढ़ाने वाले कानून में {', '.join(OWN_FACTS)} और"
                    " 'over' वाले तथ्य ही चल सकते हैं",
                )
            )
    only = overlay.name if overlay is not None else None
    for example in examples_of(Path(folder), book, problems, only):
        facts_of(example, example.law.vocabulary, problems)
    return sorted(problems.found)


def check_services(folder: Path | str) -> list[Problem]:
    """Everything wrong with the services, the holidays, the routing of grievances and the payment rules of a law folder."""
    try:
        schemes = frozenset(draft.code for draft in load_lawbook(folder).drafts)
    except LawRefused:
        # the schemes are mended first
        return []
    return sorted([*service_problems(folder, schemes, frozenset(MAY)), *payment_problems(Path(folder))])


def ending_values(book: LawBook, today: date, days: int = 180) -> list[Problem]:
    """Warnings: values that end within `days` of `today` with nothing after them."""
    problems = Problems()
    for draft in book.drafts:
        for what, dated in draft.parameters.items():
            for since, value, node in dated.values:
                if value is None and 0 <= (since - today).days <= days:
                    problems.add(
                        node,
                        f"parameter '{what}' of {draft.code} ends on {since}; add the value that follows",
                        f"{draft.code} का पैरामीटर '{what}' {since} को ख़त्म होता है; आगे का मान लिखें",
                    )
        if draft.end is not None and 0 <= (draft.end - today).days <= days:
            problems.add(
                draft.node, f"{draft.code} ends on {draft.end}", f"{draft.code} {draft.end} को ख़त्म होती है"
            )
    return sorted(problems.found)


def _check_criteria(
    duck: duckdb.DuckDBPyConnection,
    book: LawBook,
    law: LawInForce,
    scheme: Scheme,
    draft: SchemeDraft,
    problems: Problems,
) -> None:
    nodes = {entry.code: entry.node for entry in (*book.state.criteria, *draft.criteria)}
    for criterion in scheme.criteria:
        people = generated_people(law.vocabulary, [criterion.condition])
        row = duck.execute(
            f"SELECT count(*) FILTER (WHERE ({criterion.sql}) IS TRUE),"
            f" count(*) FILTER (WHERE ({criterion.sql}) IS FALSE) FROM {people}"
        ).fetchone()
        true, false = row if row is not None else (0, 0)
        if not true:
            problems.add(
                nodes[criterion.code],
                f"criterion '{criterion.code}' of {scheme.code} is true for nobody: {criterion.sql}",
                f"{scheme.code} की शर्त '{criterion.code}' किसी के लिए पूरी नहीं होती: {criterion.sql}",
            )
        elif not false:
            problems.add(
                nodes[criterion.code],
                f"criterion '{criterion.code}' of {scheme.code} is true for everybody: {criterion.sql}",
                f"{scheme.code} की शर्त '{criterion.code}' हर किसी के लिए पूरी होती है: {criterion.sql}",
            )


def _check_bands(
    duck: duckdb.DuckDBPyConnection,
    law: LawInForce,
    scheme: Scheme,
    draft: SchemeDraft,
    problems: Problems,
) -> None:
    node = draft.node.get("amount") or draft.node
    for since, _, place in draft.amount.values:
        if since <= law.day_from:
            node = place
    conditions = [criterion.condition for criterion in scheme.criteria]
    bands = [band.condition for band in scheme.bands if band.condition is not None]
    people = generated_people(law.vocabulary, [*conditions, *bands])
    shown = sorted({column.name for band in bands for column in band.find_all(exp.Column)})
    tests = " + ".join(
        "1" if band.sql is None else f"CASE WHEN {band.sql} THEN 1 ELSE 0 END" for band in scheme.bands
    )
    criteria = " AND ".join(f"({criterion.sql})" for criterion in scheme.criteria)
    example = f"min({{{', '.join(repr(name) + ': ' + name for name in shown)}}})" if shown else "NULL"
    rows = duck.execute(
        f"SELECT least(hits, 2) AS hits, {example} FROM (SELECT *, {tests} AS hits FROM {people} WHERE {criteria})"
        " GROUP BY 1"
    ).fetchall()
    found = dict(rows)
    if not found:
        problems.add(
            draft.node,
            f"nobody can meet all criteria of {scheme.code} together",
            f"{scheme.code} की सब शर्तें एक साथ कोई पूरी नहीं कर सकता",
        )
    if 0 in found:
        who = _said(found[0], law.vocabulary)
        problems.add(
            node,
            f"gap: {scheme.code} names no amount for {who.en}",
            f"खाली जगह: {scheme.code} में {who.hi} के लिए कोई रकम नहीं है",
        )
    if 2 in found:
        who = _said(found[2], law.vocabulary)
        problems.add(
            node,
            f"overlap: {scheme.code} names more than one amount for {who.en}",
            f"दोहराव: {scheme.code} में {who.hi} के लिए एक से ज़्यादा रकमें हैं",
        )


def _said(example: object, vocabulary: Vocabulary) -> Text:
    """The facts of one generated person in words: "age 65"."""
    if not isinstance(example, dict):
        return Text("anybody", "किसी व्यक्ति")
    names = {column: fact.name for column, fact in _facts_by_column(vocabulary).items()}
    return Text(
        ", ".join(f"{names[name].en if name in names else name} {value}" for name, value in example.items()),
        ", ".join(f"{names[name].hi if name in names else name} {value}" for name, value in example.items()),
    )


def _facts_by_column(vocabulary: Vocabulary) -> dict[str, Fact]:
    found = {fact.code: fact for fact in vocabulary.facts.values()}
    found.update({fact.partner: fact for fact in vocabulary.facts.values() if fact.partner})
    return found


def generated_people(
    vocabulary: Vocabulary,
    conditions: Iterable[exp.Expr],
    *,
    unknowns: bool = False,
    limit: int = PEOPLE_LIMIT,
) -> str:
    """A relation with every combination of telling values of the columns that the conditions read.

    With `unknowns` a fact that registers may lack is also tried as not known.
    """
    conditions = list(conditions)
    kinds = dict(vocabulary.columns)
    by_column = _facts_by_column(vocabulary)
    columns = sorted({column.name for condition in conditions for column in condition.find_all(exp.Column)})
    numbers = {
        int(float(literal.this))
        for condition in conditions
        for literal in condition.find_all(exp.Literal)
        if not literal.is_string
    }
    choices: list[list[str]] = []
    for name in columns:
        fact = by_column.get(name)
        if kinds[name] == "BOOLEAN" or fact is None:
            choices.append(["TRUE", "FALSE"])
        elif fact.type == "one_of":
            choices.append([f"'{value}'" for value, _ in fact.values])
        else:
            near = {number + step for number in numbers for step in (-1, 0, 1)}
            within = {number for number in near if fact.least <= number <= fact.most}
            choices.append([str(number) for number in sorted(within | {fact.least, fact.most})])
        if unknowns and fact is not None and fact.missing is not None:
            choices[-1].append("NULL")
    if not columns:
        return "(SELECT 1)"
    total = 1
    for values in choices:
        total *= len(values)
    joins = " CROSS JOIN ".join(
        f"(SELECT unnest([{', '.join(values)}])::{kinds[name]} AS {name})"
        for name, values in zip(columns, choices, strict=True)
    )
    every = -(-total // limit)
    thin = f" WHERE hash({', '.join(columns)}) % {every} = 0" if every > 1 else ""
    return f"(SELECT * FROM {joins}{thin})"
