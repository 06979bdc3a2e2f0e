"""Why a person is entitled, is not, or cannot be decided: every scheme and criterion as sentences.

The verdicts come from the same statement that decides the month; nothing is evaluated a second way. A criterion that
fails only because of age also says on which day it will hold by itself.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import duckdb
from sqlglot import exp

from haqdar.base.money import indian
from haqdar.base.month import completed_years
from haqdar.entitlement.compile import SchemeColumns, determination_sql, scheme_columns
from haqdar.law import PARTNER_PRESENT, Criterion, Fact, LawInForce, Scheme, Text, Vocabulary, day_text

Facts = Mapping[str, object]
"""One row of a facts relation: `day` and every vocabulary column; `born_on` and `partner_born_on` where known.

Any column may be None: what is not known makes criteria unknown, never false."""

YES = Text("yes", "हाँ")
NO = Text("no", "नहीं")
NOT_KNOWN = Text("not known", "पता नहीं")


@dataclass(frozen=True, slots=True)
class CriterionReason:
    """One criterion of a scheme with the person's own value.

    `verdict` is True (holds), False or None (not known). `value` and `limit` are ready to show. `missing` lists
    the empty fields that make it unknown (born_on …; a fact that registers always know by its own name), the husband's
    prefixed by `partner_`. `change` says what would have to
    change, or whom to ask; `by_itself_on` on which day it holds by itself if nothing else changes (a birthday).
    """

    code: str
    verdict: bool | None
    sentence: Text
    value: Text | None
    limit: Text | None
    register: Text
    order: Text
    order_since: date
    stop_reason: str
    missing: tuple[str, ...]
    change: Text | None
    by_itself_on: date | None

    @property
    def sentence_en(self) -> str:
        """The sentence in English."""
        return self.sentence.en

    @property
    def sentence_hi(self) -> str:
        """The sentence in Hindi."""
        return self.sentence.hi


@dataclass(frozen=True, slots=True)
class SchemeReasons:
    """One scheme for one person on one day.

    `paise` is the amount a month when entitled, `possible_paise` the most it can pay when entitled or undecided.
    `best` marks the scheme of its group that pays most among those the person is entitled to. `becomes_on` is the
    day on which the person becomes entitled by growing older alone. `components` splits `paise` by who pays.
    """

    code: str
    name: Text
    group: int
    group_name: Text
    verdict: bool | None
    paise: int | None
    possible_paise: int | None
    amount: Text | None
    components: tuple[tuple[Text, int], ...]
    best: bool
    criteria: tuple[CriterionReason, ...]
    becomes_on: date | None
    summary: Text

    @property
    def failing(self) -> tuple[CriterionReason, ...]:
        """The criteria that do not hold."""
        return tuple(reason for reason in self.criteria if reason.verdict is False)

    @property
    def unknown(self) -> tuple[CriterionReason, ...]:
        """The criteria that cannot be decided."""
        return tuple(reason for reason in self.criteria if reason.verdict is None)


def explain(law: LawInForce, facts: Facts) -> list[SchemeReasons]:
    """Every scheme of `law` for one person on the day of `facts`, in rank order, with every criterion.

    Raises KeyError when a vocabulary column is absent from `facts`.
    """
    today = facts["day"]
    assert isinstance(today, date)
    rows = [dict(facts), *(_aged(facts, day) for day in _birthdays(law, facts, today))]
    decided = decide(law, rows)
    names = scheme_columns(law)
    best = _best(law, names, decided[0])
    return [_scheme(law, scheme, names[scheme.code], rows, decided, best) for scheme in law.schemes]


def decide(law: LawInForce, rows: Iterable[Facts]) -> list[dict[str, object]]:
    """The determination of a few facts rows, each a dict of the determination's columns, in the order given."""
    columns = law.vocabulary.columns
    # Written as literals by SQLGlot: each bound parameter costs the engine's client a third of a millisecond.
    tuples = [
        f"({', '.join(_literal(value) for value in [number, row['day'], *(row[name] for name, _ in columns)])})"
        for number, row in enumerate(rows)
    ]
    if not tuples:
        return []
    names = ["member_id", "day", *(name for name, _ in columns)]
    casts = ["CAST(member_id AS INTEGER) AS member_id", "CAST(day AS DATE) AS day"]
    casts += [f"CAST({name} AS {kind}) AS {name}" for name, kind in columns]
    relation = f"(SELECT {', '.join(casts)} FROM (VALUES {', '.join(tuples)}) given({', '.join(names)}))"
    answer = _duck().execute(f"{determination_sql(law, relation, doubt_all=True)} ORDER BY member_id")
    found = [description[0] for description in answer.description]
    return [dict(zip(found, row, strict=True)) for row in answer.fetchall()]


def _literal(value: object) -> str:
    """A fact as an SQL literal; parameters would cost more than the whole statement for so many small values."""
    if value is None:
        return "NULL"
    if isinstance(value, bool | int | float | Decimal):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()}'"
    return "'" + str(value).replace("'", "''") + "'"


_LOCAL = threading.local()


def _duck() -> duckdb.DuckDBPyConnection:
    """An empty in-memory engine of this thread: a check must not wait for another's."""
    if not hasattr(_LOCAL, "duck"):
        _LOCAL.duck = duckdb.connect(config={"threads": 1})
        # planning such small statements well costs more than running them
        _LOCAL.duck.execute("PRAGMA disable_optimizer")
    duck: duckdb.DuckDBPyConnection = _LOCAL.duck
    return duck


def _best(law: LawInForce, names: dict[str, SchemeColumns], row: dict[str, object]) -> set[str]:
    best: dict[int, tuple[int, str]] = {}
    for scheme in law.schemes:
        paise = row[names[scheme.code].paise]
        if isinstance(paise, int) and (scheme.group not in best or paise > best[scheme.group][0]):
            best[scheme.group] = (paise, scheme.code)
    return {code for _, code in best.values()}


def _scheme(
    law: LawInForce,
    scheme: Scheme,
    names: SchemeColumns,
    rows: list[dict[str, object]],
    decided: list[dict[str, object]],
    best: set[str],
) -> SchemeReasons:
    now = decided[0]
    verdict = now[names.verdict]
    paise, possible = now[names.paise], now[names.possible_paise]
    assert verdict is None or isinstance(verdict, bool)
    assert paise is None or isinstance(paise, int)
    assert possible is None or isinstance(possible, int)
    criteria = tuple(_criterion(law, names, criterion, rows, decided) for criterion in scheme.criteria)
    becomes_on = None
    if verdict is False:
        becomes_on = next(
            (_day(row) for row, later in zip(rows, decided, strict=True) if later[names.verdict] is True),
            None,
        )
    return SchemeReasons(
        code=scheme.code,
        name=scheme.name,
        group=scheme.group,
        group_name=law.groups[scheme.group],
        verdict=verdict,
        paise=paise,
        possible_paise=possible,
        amount=_amount(paise if paise is not None else possible),
        components=tuple((law.components[name], part) for name, part in scheme.split(paise))
        if paise is not None
        else (),
        best=scheme.code in best,
        criteria=criteria,
        becomes_on=becomes_on,
        summary=_summary(law, verdict, paise, possible, criteria, becomes_on),
    )


def _criterion(
    law: LawInForce,
    names: SchemeColumns,
    criterion: Criterion,
    rows: list[dict[str, object]],
    decided: list[dict[str, object]],
) -> CriterionReason:
    facts = rows[0]
    verdict = _holds(names, criterion, decided[0])
    parameters = {name: _plain_value(value) for name, value in criterion.parameters}
    limit = criterion.limit
    if limit is not None:
        limit = Text(limit.en.format(**parameters), limit.hi.format(**parameters))
    value = _value(law.vocabulary, criterion, facts)
    filled = [
        {
            **parameters,
            "value": value.in_language(language) if value is not None else "",
            "limit": limit.in_language(language) if limit is not None else "",
        }
        for language in ("en", "hi")
    ]
    missing = tuple(_missing(law.vocabulary, criterion, facts)) if verdict is None else ()
    change: Text | None = None
    if verdict is None:
        change = _ask(law.vocabulary, missing)
    elif verdict is False:
        change = Text(criterion.change.en.format(**filled[0]), criterion.change.hi.format(**filled[1]))
    by_itself_on = None
    if verdict is False:
        by_itself_on = next(
            (_day(row) for row, later in zip(rows, decided, strict=True) if _holds(names, criterion, later)),
            None,
        )
        if by_itself_on is not None:
            when = day_text(by_itself_on)
            change = Text(f"This will hold by itself from {when.en}.", f"यह {when.hi} से अपने आप पूरा हो जाएगा।")
    fact = law.vocabulary.facts[criterion.value or sorted(criterion.test.facts)[0]]
    return CriterionReason(
        code=criterion.code,
        verdict=verdict,
        sentence=Text(criterion.sentence.en.format(**filled[0]), criterion.sentence.hi.format(**filled[1])),
        value=value,
        limit=limit,
        register=fact.register,
        order=criterion.order,
        order_since=criterion.since,
        stop_reason=criterion.stop_reason,
        missing=missing,
        change=change,
        by_itself_on=by_itself_on,
    )


def _holds(names: SchemeColumns, criterion: Criterion, row: dict[str, object]) -> bool | None:
    true, unknown = row[names.true], row[names.unknown]
    assert isinstance(true, int)
    assert isinstance(unknown, int)
    if true & criterion.flag:
        return True
    return None if unknown & criterion.flag else False


def _value(vocabulary: Vocabulary, criterion: Criterion, facts: Facts) -> Text | None:
    """The person's own value, and the husband's where the criterion looks at both."""
    if criterion.value is None:
        return None
    fact = vocabulary.facts[criterion.value]
    own = shown_value(fact, facts[fact.code])
    if fact.code in criterion.test.couple_facts and facts[PARTNER_PRESENT] and fact.partner is not None:
        his = shown_value(fact, facts[fact.partner])
        return Text(f"{own.en}, husband {his.en}", f"{own.hi}, पति {his.hi}")
    return own


def shown_value(fact: Fact, value: object) -> Text:
    """A fact's value in words: "45 years", "widowed", "yes", "not known"."""
    if value is None:
        return NOT_KNOWN
    if isinstance(value, bool):
        return YES if value else NO
    for code, words in fact.values:
        if value == code:
            return words
    number = _plain_value(value)
    if fact.unit is None:
        return Text(number, number)
    return Text(f"{number} {fact.unit.en}", f"{number} {fact.unit.hi}")


def _plain_value(value: object) -> str:
    if isinstance(value, (float, Decimal)):
        return f"{value:f}".rstrip("0").rstrip(".")
    return str(value)


def _missing(vocabulary: Vocabulary, criterion: Criterion, facts: Facts) -> Iterable[str]:
    """What a criterion lacks, the person's own first; a fact that registers always know goes by its own name."""
    for husband in (False, True):
        if husband and facts[PARTNER_PRESENT] is False:
            return
        read = criterion.test.couple_facts if husband else criterion.test.facts
        for fact in vocabulary.facts.values():
            column = fact.partner if husband else fact.code
            if fact.code in read and column is not None and facts[column] is None:
                code = fact.missing or fact.code
                yield f"partner_{code}" if husband else code


def _ask(vocabulary: Vocabulary, missing: Iterable[str]) -> Text | None:
    """What is not known and whom to ask, for the first of several in the order in which they are asked for."""
    fields = {lack.code: lack for lack in vocabulary.missing}
    order = [*fields, *vocabulary.facts]
    asked = sorted(
        missing, key=lambda code: (code.startswith("partner_"), order.index(code.removeprefix("partner_")))
    )
    if not asked:
        return None
    code = asked[0].removeprefix("partner_")
    whose = Text("", "")
    if asked[0].startswith("partner_"):
        whose = Text("the husband's record: ", "पति की जानकारी: ")
    if code not in fields:
        name = vocabulary.facts[code].name
        return Text(f"Not known: {whose.en}{name.en}.", f"पता नहीं: {whose.hi}{name.hi}।")
    lack = fields[code]
    return Text(
        f"Not known: {whose.en}{lack.name.en}. Ask {lack.ask.en}.",
        f"पता नहीं: {whose.hi}{lack.name.hi}। पूछें: {lack.ask.hi}।",
    )


def _amount(paise: int | None) -> Text | None:
    if paise is None:
        return None
    return Text(f"{indian(paise)} a month", f"{indian(paise)} महीना")


def _summary(
    law: LawInForce,
    verdict: bool | None,
    paise: int | None,
    possible: int | None,
    criteria: tuple[CriterionReason, ...],
    becomes_on: date | None,
) -> Text:
    if verdict is True and paise is not None:
        return Text(f"Entitled to {indian(paise)} a month.", f"हर महीने {indian(paise)} का हक़ है।")
    if verdict is None:
        missing = [code for reason in criteria if reason.verdict is None for code in reason.missing]
        words = _ask(law.vocabulary, missing) or Text("", "")
        most = indian(possible or 0)
        return Text(
            f"Cannot be decided yet; it could be {most} a month. {words.en}".strip(),
            f"अभी तय नहीं हो सकता; {most} महीना मिल सकता है। {words.hi}".strip(),
        )
    if becomes_on is not None:
        when = day_text(becomes_on)
        return Text(
            f"Not entitled today; by age alone from {when.en}.",
            f"आज हक़ नहीं है; उम्र पूरी होने पर {when.hi} से होगा।",
        )
    failing = [reason for reason in criteria if reason.verdict is False]
    if not failing:
        return Text("Not entitled: no amount applies.", "हक़ नहीं है: कोई रकम लागू नहीं होती।")
    return Text(f"Not entitled. {failing[0].sentence.en}", f"हक़ नहीं है। {failing[0].sentence.hi}")


def _birthdays(law: LawInForce, facts: Facts, today: date) -> list[date]:
    """The coming birthdays, the person's and the husband's, at which a criterion of the law may change."""
    days: set[date] = set()
    for column in ("born_on", "partner_born_on"):
        born_on = facts.get(column)
        if not isinstance(born_on, date):
            continue
        for years in _ages(law):
            day = _birthday(born_on, years)
            if day is not None and day > today:
                days.add(day)
    return sorted(days)


def _ages(law: LawInForce) -> set[int]:
    """Every age at which some test of the law may change its answer."""
    ages: set[int] = set()
    for scheme in law.schemes:
        for condition in (
            *(criterion.condition for criterion in scheme.criteria if "age" in criterion.test.facts),
            *(band.condition for band in scheme.bands),
        ):
            for number in condition.find_all(exp.Literal) if condition is not None else ():
                if not number.is_string and str(number.this).isdigit():
                    ages |= {int(number.this), int(number.this) + 1}
    return {years for years in ages if years <= 130}


def _birthday(born_on: date, years: int) -> date | None:
    """The day on which `years` are completed: 1 March for a leap-day birth in a common year."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        year = born_on.year + years
        return date(year, 2, 28) + timedelta(days=1) if year <= 9999 else None


def _aged(facts: Facts, day: date) -> dict[str, object]:
    """The same facts on a later day: only the ages move."""
    later = {**facts, "day": day}
    for column, age in (("born_on", "age"), ("partner_born_on", "partner_age")):
        born_on = facts.get(column)
        if isinstance(born_on, date):
            later[age] = completed_years(born_on, day)
    return later


def _day(row: Facts) -> date:
    day = row["day"]
    assert isinstance(day, date)
    return day
