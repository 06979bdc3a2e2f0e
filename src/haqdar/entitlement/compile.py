"""The law as SQL: one statement that decides every scheme for every row of a facts relation.

The statement is written for DuckDB, reads like the law (`haqdar law sql`) and is the same text whenever the law is
the same. Each distinct condition of the law is evaluated once per person into TRUE, FALSE or unknown (NULL);
two bit masks hold them, one of what is true and one of what is unknown, and a scheme is a comparison of masks.
Logic is Kleene's throughout: unknown AND false is false.

A *facts relation* has `member_id`, `day` and every column of `law.vocabulary.columns`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from haqdar.law import PARTNER_PRESENT, STOP_REASONS, Band, Criterion, LawInForce, Scheme

_INDENT = "    "


@dataclass(frozen=True, slots=True)
class SchemeColumns:
    """The names of one scheme's columns in the determination."""

    true: str
    unknown: str
    verdict: str
    paise: str
    possible_paise: str


def scheme_columns(law: LawInForce) -> dict[str, SchemeColumns]:
    """The determination's columns by scheme code, in rank order.

    >>> scheme_columns(law)["SSP-OLD"].verdict  # doctest: +SKIP
    'ssp_old_verdict'
    """
    return {
        scheme.code: SchemeColumns(
            true=f"{scheme.column}_true",
            unknown=f"{scheme.column}_unknown",
            verdict=f"{scheme.column}_verdict",
            paise=f"{scheme.column}_paise",
            possible_paise=f"{scheme.column}_possible_paise",
        )
        for scheme in law.schemes
    }


def determination_sql(law: LawInForce, relation: str, *, doubt_all: bool = False) -> str:
    """One SELECT that decides every scheme for every row of `relation`, a facts relation.

    Gives per row `member_id`, `day` and for each scheme (its code in small letters, - as _):

    - `<s>_true`, `<s>_unknown` UINTEGER: the scheme's criteria that are true, and those that are unknown, at the
      bits of `Criterion.bit`; a criterion in neither is false;
    - `<s>_verdict` BOOLEAN: TRUE entitled, FALSE not, NULL cannot be decided;
    - `<s>_paise` BIGINT: the amount a month when the verdict is TRUE, else NULL;
    - `<s>_possible_paise` BIGINT: the most it can pay when the verdict is TRUE or NULL, else NULL.

    A person who meets the criteria but falls into no amount band is not entitled: the law fails closed
    (`haqdar law check` refuses such a law). With `doubt_all` any fact may be NULL and then counts as unknown, as when
    somebody answers only some questions; without it, facts that registers always know are trusted to be there.
    """
    lines = [*_masks(law, relation, doubt_all=doubt_all), "), amounts AS ("]
    lines += _select(_amount_columns(law), "masks")
    lines.append(")")
    columns = ["member_id", "day"]
    for names in scheme_columns(law).values():
        columns += [names.true, names.unknown, _verdict(names), names.paise, names.possible_paise]
    lines += _select(columns, "amounts", indent="")
    return "\n".join(lines)


def verdict_long_sql(law: LawInForce, relation: str) -> str:
    """One SELECT with a row per person and scheme that is entitled or cannot be decided; the refused are left out.

    Columns: member_id, day, pension_group SMALLINT, scheme VARCHAR, rank SMALLINT, verdict (TRUE or NULL), paise,
    possible_paise, true_mask, unknown_mask. Only people for whom some scheme is possible are unpivoted, so the
    cost is that of `determination_sql` plus a little for each of them.
    """
    lines = _masks(law, relation, where=_some_scheme_possible(law))
    lines += ["), people AS MATERIALIZED ("]
    lines += _select(["*"], "masks")
    lines += ["), found AS ("]
    parts = []
    for scheme in law.schemes:
        word = scheme.word
        paise, most = _pay(scheme), _most(scheme)
        columns = [
            "member_id",
            "day",
            f"{scheme.group}::SMALLINT AS pension_group",
            f"'{scheme.code}' AS scheme",
            f"{scheme.rank}::SMALLINT AS rank",
            f"CASE WHEN {_certain(scheme)} THEN {paise} END AS paise",
            f"{most} AS possible_paise",
            f"t{word} & {_uint(scheme.mask)} AS true_mask",
            f"u{word} & {_uint(scheme.mask)} AS unknown_mask",
        ]
        parts.append(_select(columns, "people", where=_possible(scheme)))
    for number, part in enumerate(parts):
        if number:
            lines.append(f"{_INDENT}UNION ALL")
        lines += part
    lines.append(")")
    lines += _select(
        [
            "member_id",
            "day",
            "pension_group",
            "scheme",
            "rank",
            "CASE WHEN paise IS NOT NULL THEN TRUE END AS verdict",
            "paise",
            "possible_paise",
            "true_mask",
            "unknown_mask",
        ],
        "found",
        indent="",
        where="possible_paise IS NOT NULL",
    )
    return "\n".join(lines)


def failing_reason_sql(
    law: LawInForce,
    scheme: str = "scheme",
    true_mask: str = "true_mask",
    unknown_mask: str = "unknown_mask",
    died: str = "coalesce(age, 0) >= 0",
) -> str:
    """A VARCHAR expression: the first stop reason among the criteria of a scheme that are known to fail.

    `scheme`, `true_mask` and `unknown_mask` are SQL expressions for the scheme's code and its two masks; `died`
    tells, for a person who is not alive, a death from a birth still to come (which counts as the reason `age`).
    The order is the contract's: died, migrated, sex, age, marital_status, bpl_lost, disability, destitute, family,
    income_tax. NULL where nothing is known to fail or the scheme is not in force.

    Example, with `h` the held pensions joined to facts and masks:

        SELECT h.member_id, {failing_reason_sql(law, "h.scheme", "m.true_mask", "m.unknown_mask",
                                                "coalesce(f.age, 0) >= 0")} AS reason
    """
    held = f"({true_mask} | {unknown_mask})"
    schemes: list[str] = []
    for entry in law.schemes:
        by_reason: dict[str, list[Criterion]] = {}
        for criterion in entry.criteria:
            by_reason.setdefault(criterion.stop_reason, []).append(criterion)
        alive = _bits(by_reason.get("died", []))
        branches: list[str] = []
        for reason in STOP_REASONS:
            tests: list[str] = []
            bits = _bits(by_reason.get(reason, []))
            if bits:
                missed = f"({held} & {_uint(bits)}) <> {_uint(bits)}"
                tests.append(f"{missed} AND ({died})" if reason == "died" else missed)
            if reason == "age" and alive:
                tests.append(f"({held} & {_uint(alive)}) <> {_uint(alive)} AND NOT ({died})")
            branches += [f"WHEN {test} THEN '{reason}'" for test in tests]
        schemes.append(f"WHEN '{entry.code}' THEN CASE {' '.join(branches)} END")
    return f"CASE {scheme} {' '.join(schemes)} END"


def missing_rank_sql(
    law: LawInForce,
    scheme: str = "scheme",
    unknown_mask: str = "unknown_mask",
    facts: str = "",
) -> str:
    """A TINYINT expression: which missing fact comes first among those that leave a scheme undecided.

    Ranks follow the order of the vocabulary (born_on, marital_status, destitute, income_tax_payer), first the
    person's own, then the husband's; a smaller rank comes first, so `min(…)` over several undecided schemes of
    a group is the first of all. `missing_name_sql` turns a rank into the name. `facts` is the alias of the facts
    relation ("f", or nothing). NULL where nothing is missing.
    """
    prefix = f"{facts}." if facts else ""
    vocabulary = law.vocabulary
    order = [entry.code for entry in vocabulary.missing]
    schemes: list[str] = []
    for entry in law.schemes:
        branches: list[str] = []
        for husband in (False, True):
            for place, lack in enumerate(order):
                for fact in vocabulary.facts.values():
                    column = fact.partner if husband else fact.code
                    if fact.missing != lack or column is None:
                        continue
                    bits = _bits(
                        criterion
                        for criterion in entry.criteria
                        if fact.code in (criterion.test.couple_facts if husband else criterion.test.facts)
                    )
                    if not bits:
                        continue
                    test = f"({unknown_mask} & {_uint(bits)}) <> {_uint(0)} AND {prefix}{column} IS NULL"
                    if husband:
                        test += f" AND {prefix}{PARTNER_PRESENT}"
                    rank = place + (len(order) if husband else 0)
                    branches.append(f"WHEN {test} THEN {rank}::TINYINT")
        if branches:
            schemes.append(f"WHEN '{entry.code}' THEN CASE {' '.join(branches)} END")
    return f"CASE {scheme} {' '.join(schemes)} END" if schemes else "NULL::TINYINT"


def missing_name_sql(law: LawInForce, rank: str) -> str:
    """A VARCHAR expression: the name of the missing fact with this rank (see `missing_rank_sql`)."""
    order = [entry.code for entry in law.vocabulary.missing]
    branches = [f"WHEN {place} THEN '{code}'" for place, code in enumerate([*order, *order])]
    return f"CASE {rank} {' '.join(branches)} END"


def missing_fact_sql(
    law: LawInForce,
    scheme: str = "scheme",
    unknown_mask: str = "unknown_mask",
    facts: str = "",
) -> str:
    """A VARCHAR expression: the first missing fact that leaves a scheme undecided.

    One of born_on, marital_status, destitute, income_tax_payer; all of the person's own before the husband's.
    Example: `SELECT member_id, {missing_fact_sql(law, "v.scheme", "v.unknown_mask", "f")} AS reason`.
    """
    return missing_name_sql(law, missing_rank_sql(law, scheme, unknown_mask, facts))


def unsound_facts_sql(law: LawInForce, relation: str) -> str:
    """One SELECT counting the rows of a facts relation in which a fact that is always known is NULL.

    Anything but 0 means that the facts, not the law, are broken: such a person would be refused instead of left
    undecided, so a run must stop and say so.
    """
    always = [fact.code for fact in law.vocabulary.facts.values() if fact.missing is None]
    if any(fact.partner is not None for fact in law.vocabulary.facts.values()):
        always.append(PARTNER_PRESENT)
    tests = " OR ".join(f"{name} IS NULL" for name in always)
    return f"SELECT count(*) AS unsound FROM {relation} WHERE {tests}"


def masks_sql(law: LawInForce, relation: str) -> str:
    """One SELECT with the shared mask words alone: member_id, day, t0, u0 (and t1, u1 … for a large law)."""
    lines = [*_masks(law, relation), ")"]
    words = [name for word in range(_words(law)) for name in (f"t{word}", f"u{word}")]
    return "\n".join([*lines, *_select(["member_id", "day", *words], "masks", indent="")])


def _masks(law: LawInForce, relation: str, *, where: str | None = None, doubt_all: bool = False) -> list[str]:
    """The opening steps up to `masks`: t<word> and u<word>, and the amounts that depend on facts; left open."""
    conditions: dict[tuple[int, int], Criterion] = {}
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            conditions.setdefault((criterion.word, criterion.bit), criterion)
    columns = ["member_id", "day"]
    columns += [f"({entry.sql}) AS c{word}_{bit}" for (word, bit), entry in sorted(conditions.items())]
    for scheme in law.schemes:
        if _banded(scheme):
            columns.append(f"{_band_case(scheme.bands, certain=True)} AS {scheme.column}_pay")
            columns.append(f"{_band_case(scheme.bands, certain=False)} AS {scheme.column}_most")
    lines = ["WITH conditions AS (", *_select(columns, relation, where=where), "), masks AS ("]
    columns = ["member_id", "day"]
    for word in range(_words(law)):
        mine = {bit: entry for (place, bit), entry in sorted(conditions.items()) if place == word}
        columns.append(_mask_sum([(f"c{word}_{bit}", 1 << bit) for bit in mine]) + f" AS t{word}")
        columns.append(_mask_sum(_unknowns(law, word, mine, doubt_all)) + f" AS u{word}")
    for scheme in law.schemes:
        if _banded(scheme):
            columns += [f"{scheme.column}_pay", f"{scheme.column}_most"]
    return [*lines, *_select(columns, "conditions")]


def _mask_sum(parts: list[tuple[str, int]]) -> str:
    cases = [f"CASE WHEN {test} THEN {_uint(bits)} ELSE {_uint(0)} END" for test, bits in parts]
    return f"\n{_INDENT * 2}| ".join(cases) or _uint(0)


def _unknowns(
    law: LawInForce, word: int, conditions: dict[int, Criterion], doubt_all: bool
) -> list[tuple[str, int]]:
    """What is unknown when, as (test, bits): conditions over one fact are unknown together, when it is.

    A condition over facts that are always known has no bit here.
    """
    together: dict[str, int] = {}
    first: dict[str, str] = {}
    for bit, criterion in conditions.items():
        test = criterion.test
        may_lack = any(law.vocabulary.facts[fact].missing is not None for fact in test.facts)
        if not may_lack and not doubt_all:
            continue
        constant = criterion.condition.find(exp.Boolean) is not None
        alone = len(test.facts) == 1 and not test.couple_facts and not constant
        name = f"c{word}_{bit}"
        if alone:
            (fact,) = test.facts
            name = first.setdefault(fact, name)
        together[name] = together.get(name, 0) | 1 << bit
    return [(f"{name} IS NULL", bits) for name, bits in together.items()]


def _some_scheme_possible(law: LawInForce) -> str:
    """True for the people for whom no criterion of some scheme is known to fail."""
    shared = [
        criterion.sql
        for criterion in law.schemes[0].criteria
        if all(criterion.sql in {other.sql for other in scheme.criteria} for scheme in law.schemes)
    ]
    schemes = []
    for scheme in law.schemes:
        own = [criterion for criterion in scheme.criteria if criterion.sql not in shared]
        # what is always known rules most people out and is cheapest to ask
        own.sort(key=lambda entry: any(law.vocabulary.facts[f].missing is not None for f in entry.test.facts))
        schemes.append(" AND ".join(f"({criterion.sql}) IS NOT FALSE" for criterion in own) or "TRUE")
    either = f"\n{_INDENT * 2}OR ".join(f"({scheme})" for scheme in schemes)
    return f"\n{_INDENT * 2}AND ".join([*(f"({sql}) IS NOT FALSE" for sql in shared), f"({either})"])


def _amount_columns(law: LawInForce) -> list[str]:
    columns = ["member_id", "day"]
    for scheme in law.schemes:
        names = scheme_columns(law)[scheme.code]
        word = scheme.word
        columns += [
            f"t{word} & {_uint(scheme.mask)} AS {names.true}",
            f"u{word} & {_uint(scheme.mask)} AS {names.unknown}",
            f"CASE WHEN {_certain(scheme)} THEN {_pay(scheme)} END AS {names.paise}",
            f"CASE WHEN {_possible(scheme)} THEN {_most(scheme)} END AS {names.possible_paise}",
        ]
    return columns


def _certain(scheme: Scheme) -> str:
    return f"(t{scheme.word} & {_uint(scheme.mask)}) = {_uint(scheme.mask)}"


def _possible(scheme: Scheme) -> str:
    return f"((t{scheme.word} | u{scheme.word}) & {_uint(scheme.mask)}) = {_uint(scheme.mask)}"


def _pay(scheme: Scheme) -> str:
    return f"{scheme.column}_pay" if _banded(scheme) else f"{scheme.bands[0].paise}::BIGINT"


def _most(scheme: Scheme) -> str:
    return f"{scheme.column}_most" if _banded(scheme) else f"{scheme.bands[0].paise}::BIGINT"


def _banded(scheme: Scheme) -> bool:
    return len(scheme.bands) != 1 or scheme.bands[0].sql is not None


def _band_case(bands: tuple[Band, ...], *, certain: bool) -> str:
    """The amount of the band that holds, or the highest of those that may hold."""
    ordered = bands if certain else sorted(bands, key=lambda band: -band.paise)
    branches = []
    for band in ordered:
        test = "TRUE" if band.sql is None else f"({band.sql})" + ("" if certain else " IS NOT FALSE")
        branches.append(f"WHEN {test} THEN {band.paise}::BIGINT")
    return f"CASE {' '.join(branches)} END"


def _verdict(names: SchemeColumns) -> str:
    return (
        f"CASE WHEN {names.paise} IS NOT NULL THEN TRUE "
        f"WHEN {names.possible_paise} IS NULL THEN FALSE END AS {names.verdict}"
    )


def _words(law: LawInForce) -> int:
    return max((scheme.word for scheme in law.schemes), default=-1) + 1


def _bits(criteria: Iterable[Criterion]) -> int:
    found = 0
    for criterion in criteria:
        found |= criterion.flag
    return found


def _uint(value: int) -> str:
    return f"{value}::UINTEGER"


def _select(
    columns: list[str], relation: str, *, indent: str = _INDENT, where: str | None = None
) -> list[str]:
    lines = [f"{indent}SELECT"]
    lines += [
        f"{indent}{_INDENT}{column}{',' if place + 1 < len(columns) else ''}"
        for place, column in enumerate(columns)
    ]
    lines.append(f"{indent}FROM {relation}")
    if where is not None:
        lines.append(f"{indent}WHERE {where}")
    return lines
