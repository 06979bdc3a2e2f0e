"""Reasons as sentences: what was decided about a person, scheme by scheme and criterion by criterion, in both languages.

Everything here is worded from bits that are given: the verdicts of the day, whether decided this moment or stored by a run
years ago, and those of later days on which facts change by themselves. Nothing is decided here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from haqdar.base.money import indian
from haqdar.entitlement.compile import SchemeColumns, scheme_columns
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
    change, or whom to ask; `by_itself_on` on which day it holds by itself if nothing else changes (a birthday), and
    `ends_on` on which day one that holds now ceases to. `reads` lists the columns of facts it looks at, the husband's
    included where there is one; `order` is the order behind it, in force since `order_since`.
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
    ends_on: date | None
    reads: tuple[str, ...]

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
    day on which the person becomes entitled, `ends_on` the day on which the entitlement ends, by growing older or by
    what is recorded already. `components` splits `paise` by who pays; `amount_order` is the order that sets the amount.
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
    ends_on: date | None
    amount_order: Text | None
    amount_since: date | None
    summary: Text

    @property
    def failing(self) -> tuple[CriterionReason, ...]:
        """The criteria that do not hold."""
        return tuple(reason for reason in self.criteria if reason.verdict is False)

    @property
    def unknown(self) -> tuple[CriterionReason, ...]:
        """The criteria that cannot be decided."""
        return tuple(reason for reason in self.criteria if reason.verdict is None)


def scheme_reasons(
    law: LawInForce, rows: Sequence[Facts], decided: Sequence[Mapping[str, object]]
) -> list[SchemeReasons]:
    """Every scheme of `law` in rank order: `rows` are the facts of the day and of later days, `decided` the bits of each.

    The first of both is the day asked for. `law` must be the one whose bits they are.
    """
    names = scheme_columns(law)
    best = _best(law, names, decided[0])
    return [_scheme(law, scheme, names[scheme.code], rows, decided, best) for scheme in law.schemes]


def _best(law: LawInForce, names: dict[str, SchemeColumns], row: Mapping[str, object]) -> set[str]:
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
    rows: Sequence[Facts],
    decided: Sequence[Mapping[str, object]],
    best: set[str],
) -> SchemeReasons:
    now = decided[0]
    verdict = now[names.verdict]
    paise, possible = now[names.paise], now[names.possible_paise]
    assert verdict is None or isinstance(verdict, bool)
    assert paise is None or isinstance(paise, int)
    assert possible is None or isinstance(possible, int)
    criteria = tuple(_criterion(law, names, criterion, rows, decided) for criterion in scheme.criteria)
    turns = [_day(row) for row, at in zip(rows, decided, strict=True) if at[names.verdict] is (not verdict)]
    becomes_on = turns[0] if verdict is False and turns else None
    ends_on = turns[0] if verdict is True and turns else None
    band = next((band for band in scheme.bands if band.paise == paise), None)
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
        ends_on=ends_on,
        amount_order=band.order if band is not None else None,
        amount_since=band.since if band is not None else None,
        summary=_summary(
            law,
            verdict,
            paise,
            possible,
            criteria,
            becomes_on,
            _by_age_alone(law.vocabulary, rows, becomes_on),
        ),
    )


def _criterion(
    law: LawInForce,
    names: SchemeColumns,
    criterion: Criterion,
    rows: Sequence[Facts],
    decided: Sequence[Mapping[str, object]],
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
    turns = [
        _day(row)
        for row, at in zip(rows, decided, strict=True)
        if _holds(names, criterion, at) is (not verdict)
    ]
    by_itself_on = turns[0] if verdict is False and turns else None
    ends_on = turns[0] if verdict is True and turns else None
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
        ends_on=ends_on,
        reads=tuple(_reads(law.vocabulary, criterion, facts)),
    )


def _reads(vocabulary: Vocabulary, criterion: Criterion, facts: Facts) -> Iterable[str]:
    """The columns that a criterion looks at for this person, own facts first."""
    yield from (code for code in vocabulary.facts if code in criterion.test.facts)
    if facts[PARTNER_PRESENT]:
        for code in vocabulary.facts:
            partner = vocabulary.facts[code].partner
            if code in criterion.test.couple_facts and partner is not None:
                yield partner


def _holds(names: SchemeColumns, criterion: Criterion, row: Mapping[str, object]) -> bool | None:
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
    by_age_alone: bool,
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
        if by_age_alone:
            return Text(
                f"Not entitled today; by age alone from {when.en}.",
                f"आज हक़ नहीं है; उम्र पूरी होने पर {when.hi} से होगा।",
            )
        return Text(
            f"Not entitled today; by what is recorded already from {when.en}.",
            f"आज हक़ नहीं है; जो पहले से दर्ज है उससे {when.hi} से होगा।",
        )
    failing = [reason for reason in criteria if reason.verdict is False]
    if not failing:
        return Text("Not entitled: no amount applies.", "हक़ नहीं है: कोई रकम लागू नहीं होती।")
    return Text(f"Not entitled. {failing[0].sentence.en}", f"हक़ नहीं है। {failing[0].sentence.hi}")


def _by_age_alone(vocabulary: Vocabulary, rows: Sequence[Facts], day: date | None) -> bool:
    """Whether no fact but the two ages differs between the first row and the one of `day`."""
    later = next((row for row in rows if row["day"] == day), rows[0])
    passing = {"age", "partner_age"}
    return all(later[name] == rows[0][name] for name, _ in vocabulary.columns if name not in passing)


def _day(row: Facts) -> date:
    day = row["day"]
    assert isinstance(day, date)
    return day
