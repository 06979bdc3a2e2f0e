"""The law in words: a test, a scheme, as an officer would read them, in both languages.

The words of a test are made from the checked tree that is also compiled to SQL, with the vocabulary's own names, so they
cannot disagree with what is computed. The sentence that the law-writer wrote stands beside them.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlglot import exp

from haqdar.base.money import group_indian
from haqdar.law.benefit_words import judged_words, occasion_words, payee_words, unit_words
from haqdar.law.book import LawBook, LawInForce
from haqdar.law.expressions import Value
from haqdar.law.schemes import Criterion, Scheme
from haqdar.law.texts import Text
from haqdar.law.vocabulary import Fact, Vocabulary

STOP_WORDS: dict[str, Text] = {
    "died": Text("the person has died", "व्यक्ति का निधन"),
    "migrated": Text("the person has moved out of the State", "राज्य से बाहर जाना"),
    "sex": Text("the sex on record does not fit", "दर्ज लिंग मेल नहीं खाता"),
    "age": Text("the age is outside the limits", "उम्र सीमा से बाहर"),
    "marital_status": Text("the marital status has changed", "वैवाहिक स्थिति बदली"),
    "bpl_lost": Text("the family is no longer on the BPL register", "परिवार अब बीपीएल सूची में नहीं"),
    "disability": Text("no valid certificate of the disability", "दिव्यांगता का चालू प्रमाणपत्र नहीं"),
    "destitute": Text("the person has support", "व्यक्ति निराश्रित नहीं"),
    "family": Text("the family no longer fits", "परिवार की शर्त पूरी नहीं"),
    "income_tax": Text("income tax is paid", "आयकर दिया जाता है"),
    "income": Text("the income is above the limit", "आय सीमा से ज़्यादा"),
    "education": Text("the schooling does not fit", "पढ़ाई की शर्त पूरी नहीं"),
}
"""The stop reasons of the contract in words."""

AT_ONCE = ("died", "migrated")
"""Stops that wait for no notice."""

_YES, _NO = Text("yes", "हाँ"), Text("no", "नहीं")
_COMPARED: dict[type[exp.Expr], Text] = {
    exp.EQ: Text("{0}", "{0}"),
    exp.NEQ: Text("not {0}", "{0} नहीं"),
    exp.GTE: Text("{0} or more", "{0} या ज़्यादा"),
    exp.GT: Text("more than {0}", "{0} से ज़्यादा"),
    exp.LTE: Text("{0} or less", "{0} या कम"),
    exp.LT: Text("less than {0}", "{0} से कम"),
}
_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GTE: exp.LTE,
    exp.GT: exp.LT,
    exp.LTE: exp.GTE,
    exp.LT: exp.GT,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}

_OPPOSITE: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.GTE: exp.LT,
    exp.LT: exp.GTE,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
}
"""What holds when a comparison does not; both are unknown together."""


def test_words(tree: exp.Expr, vocabulary: Vocabulary) -> Text:
    """A test in words; `tree` is a checked test with its parameters filled in (`Test.filled`).

    >>> test_words(criterion.test.filled(dict(criterion.parameters)), law.vocabulary).en  # doctest: +SKIP
    'age: 40 to 79 years'
    """
    if isinstance(tree, exp.Paren):
        return test_words(tree.this, vocabulary)
    if isinstance(tree, (exp.And, exp.Or)):
        joined = [_bracketed(part, type(tree), vocabulary) for part in _same(tree, type(tree))]
        both = isinstance(tree, exp.And)
        return Text(
            (", and " if both else ", or ").join(part.en for part in joined),
            (", और " if both else ", या ").join(part.hi for part in joined),
        )
    if isinstance(tree, exp.Not):
        return _denied(tree.this, vocabulary)
    if isinstance(tree, exp.Anonymous):
        return _couple(tree, vocabulary)
    if isinstance(tree, exp.Boolean):
        return Text("always", "हमेशा") if tree.this else Text("never", "कभी नहीं")
    if isinstance(tree, exp.Column):
        return _named(vocabulary.facts[tree.name].name, _YES)
    if isinstance(tree, exp.Between):
        fact = _fact(tree.this, vocabulary)
        low, high = (
            _said(tree.args["low"], None, vocabulary),
            _said(tree.args["high"], None, vocabulary),
        )
        unit = _unit(fact)
        return _named(
            _operand(tree.this, vocabulary),
            Text(f"{low.en} to {high.en}{unit.en}", f"{low.hi} से {high.hi}{unit.hi}"),
        )
    if isinstance(tree, exp.In):
        return _named(_operand(tree.this, vocabulary), _listed(tree, vocabulary))
    return _comparison(tree, vocabulary)


def _denied(tree: exp.Expr, vocabulary: Vocabulary) -> Text:
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Column):
        return _named(vocabulary.facts[tree.name].name, _NO)
    if isinstance(tree, exp.Not):
        return test_words(tree.this, vocabulary)
    if isinstance(tree, exp.In):
        words = _listed(tree, vocabulary)
        return _named(_operand(tree.this, vocabulary), Text(f"not {words.en}", f"{words.hi} नहीं"))
    if type(tree) in _OPPOSITE:
        return _comparison(_OPPOSITE[type(tree)](this=tree.this, expression=tree.expression), vocabulary)
    inner = test_words(tree, vocabulary)
    return Text(f"it is not so that ({inner.en})", f"ऐसा न हो कि ({inner.hi})")


def _couple(call: exp.Anonymous, vocabulary: Vocabulary) -> Text:
    inner = test_words(call.expressions[0], vocabulary)
    if str(call.this).lower() == "couple_any":
        return Text(
            f"of the person or the living husband, one at least ({inner.en})",
            f"व्यक्ति या उनके जीवित पति, कम से कम एक ({inner.hi})",
        )
    return Text(
        f"of the person and the living husband, neither ({inner.en})",
        f"न व्यक्ति, न उनके जीवित पति ({inner.hi})",
    )


def _comparison(tree: exp.Expr, vocabulary: Vocabulary) -> Text:
    kind, left, right = type(tree), tree.this, tree.expression
    if not isinstance(left, exp.Column) and isinstance(right, exp.Column):
        kind, left, right = _MIRRORED[kind], right, left
    if isinstance(right, exp.Boolean) and kind in (exp.EQ, exp.NEQ):
        holds = bool(right.this) == (kind is exp.EQ)
        return _named(_operand(left, vocabulary), _YES if holds else _NO)
    value = _said(right, _fact(left, vocabulary), vocabulary)
    words = _COMPARED[kind]
    return _named(_operand(left, vocabulary), Text(words.en.format(value.en), words.hi.format(value.hi)))


def _named(name: Text, value: Text) -> Text:
    return Text(f"{name.en}: {value.en}", f"{name.hi}: {value.hi}")


def _same(tree: exp.Expr, kind: type[exp.Expr]) -> Iterable[exp.Expr]:
    """The members of a chain of one connective."""
    if isinstance(tree, kind):
        yield from _same(tree.this, kind)
        yield from _same(tree.expression, kind)
    else:
        yield tree


def _bracketed(tree: exp.Expr, around: type[exp.Expr], vocabulary: Vocabulary) -> Text:
    words = test_words(tree, vocabulary)
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, (exp.And, exp.Or)) and not isinstance(tree, around):
        return Text(f"({words.en})", f"({words.hi})")
    return words


def _listed(tree: exp.In, vocabulary: Vocabulary) -> Text:
    fact = _fact(tree.this, vocabulary)
    words = [_said(value, fact, vocabulary) for value in tree.expressions]
    if len(words) == 1:
        return words[0]
    return Text(
        f"{', '.join(word.en for word in words[:-1])} or {words[-1].en}",
        f"{', '.join(word.hi for word in words[:-1])} या {words[-1].hi}",
    )


def _fact(tree: exp.Expr, vocabulary: Vocabulary) -> Fact | None:
    return vocabulary.facts.get(tree.name) if isinstance(tree, exp.Column) else None


def _operand(tree: exp.Expr, vocabulary: Vocabulary) -> Text:
    fact = _fact(tree, vocabulary)
    return fact.name if fact is not None else _said(tree, None, vocabulary)


def _unit(fact: Fact | None) -> Text:
    if fact is None or fact.unit is None:
        return Text("", "")
    return Text(f" {fact.unit.en}", f" {fact.unit.hi}")


def _said(tree: exp.Expr, fact: Fact | None, vocabulary: Vocabulary) -> Text:
    """A value as it is shown beside `fact`: with the fact's word for it, or with its unit."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Column):
        name = vocabulary.facts[tree.name].name
        return Text(f"“{name.en}”", f"“{name.hi}”")
    if isinstance(tree, exp.Boolean):
        return _YES if tree.this else _NO
    if isinstance(tree, exp.Literal) and tree.is_string:
        for code, words in fact.values if fact is not None else ():
            if code == tree.this:
                return words
        return Text(str(tree.this), str(tree.this))
    if not isinstance(tree, (exp.Literal, exp.Neg)):
        words = test_words(tree, vocabulary)  # a test that is itself compared
        return Text(f"“{words.en}”", f"“{words.hi}”")
    number = shown_number(Decimal(tree.sql("duckdb").replace(" ", "")))
    unit = _unit(fact)
    return Text(number + unit.en, number + unit.hi)


def shown_number(number: int | Decimal) -> str:
    """A number as people read it, with Indian grouping: 250000 is 2,50,000."""
    whole = int(number)
    if number == whole:
        return group_indian(whole)
    return f"{number:f}".rstrip("0").rstrip(".")


def shown_parameter(value: Value | None) -> Text:
    """A parameter's value in words."""
    if value is None:
        return Text("no value", "कोई मान नहीं")
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, str):
        return Text(value, value)
    return Text(shown_number(value), shown_number(value))


_VALUE = "\0"
_ASIDE = re.compile(rf"\s*[(\[][^()\[\]]*{_VALUE}[^()\[\]]*[)\]]")


def sentence_for_anybody(criterion: Criterion) -> Text:
    """The criterion's written sentence without a person's own value: "The age must be 40 to 79 years."

    The aside that holds the value, "(now: {value})", is left out; a value outside brackets becomes an ellipsis.
    """
    parameters = {name: _plain(value) for name, value in criterion.parameters}
    limit = criterion.limit
    said = []
    for language in ("en", "hi"):
        filled = {
            **parameters,
            "value": _VALUE,
            "limit": limit.in_language(language).format(**parameters) if limit is not None else "",
        }
        text = criterion.sentence.in_language(language).format(**filled)
        said.append(_ASIDE.sub("", text).replace(_VALUE, "…"))
    return Text(*said)


def _plain(value: Value) -> str:
    return f"{value:f}".rstrip("0").rstrip(".") if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True, slots=True)
class ConditionProse:
    """One condition: the written sentence, the same from the computed test, and what follows when it is not met.

    `lacks` names each field whose emptiness leaves the condition undecided, with whom to ask.
    """

    code: str
    sentence: Text
    computed: Text
    test: str
    order: Text
    since: date
    stop_reason: str
    stop: Text
    at_once: bool
    lacks: tuple[tuple[Text, Text], ...]
    place: str


@dataclass(frozen=True, slots=True)
class AmountProse:
    """One amount: for whom (None: everybody entitled), paise, and who bears which part."""

    when: Text | None
    paise: int
    shares: tuple[tuple[Text, int], ...]
    order: Text
    since: date


@dataclass(frozen=True, slots=True)
class SchemeProse:
    """Everything the law says of one scheme on one day, ready to be shown.

    `rivals` are the other schemes of its exclusive group in rank order; `ends_on` is the last day of the scheme,
    `changes_on` the next day from which some value of it changes (None: nothing is set). `occasion`, `unit` and `payee`
    belong to a benefit beside the pensions (None for a pension): when it pays, to whom the right belongs, who is paid;
    `judged` is the day on which the conditions are looked at.
    """

    code: str
    name: Text
    state: Text
    day: date
    group: int
    group_name: Text
    rank: int
    rivals: tuple[tuple[str, Text], ...]
    sponsor: Text
    conditions: tuple[ConditionProse, ...]
    amounts: tuple[AmountProse, ...]
    confirmation: Text | None
    begins_on: date
    ends_on: date | None
    changes_on: date | None
    notice_days: int
    file: str
    hash: str
    occasion: Text | None
    unit: Text | None
    payee: Text | None
    judged: Text


def scheme_prose(book: LawBook, code: str, day: date) -> SchemeProse:
    """What the law of `day` says of one scheme; raises `UnknownScheme` and `NoLawInForce`."""
    law = book.on(day)
    scheme = law.scheme(code)
    draft = next(entry for entry in book.drafts if entry.code == code)
    later = sorted(since for since in draft.dates if since > day)
    vocabulary = vocabulary_for(law, scheme)
    benefit = scheme.benefit
    return SchemeProse(
        code=code,
        name=scheme.name,
        state=book.name,
        day=day,
        group=scheme.group,
        group_name=law.groups[scheme.group],
        rank=scheme.rank,
        rivals=tuple((other.code, other.name) for other in law.group(scheme.group) if other.code != code),
        sponsor=law.components[scheme.sponsor],
        conditions=tuple(_condition(vocabulary, criterion) for criterion in scheme.criteria),
        amounts=tuple(_amounts(law, scheme)),
        confirmation=scheme.confirmation,
        begins_on=draft.start,
        ends_on=draft.end,
        changes_on=later[0] if later else None,
        notice_days=law.notice_days,
        file=draft.node.file,
        hash=book.hash,
        occasion=occasion_words(benefit) if benefit is not None else None,
        unit=unit_words(benefit) if benefit is not None else None,
        payee=payee_words(benefit) if benefit is not None else None,
        judged=judged_words(benefit),
    )


def vocabulary_for(law: LawInForce, scheme: Scheme) -> Vocabulary:
    """The facts that a scheme may speak of: a benefit beside the pensions has some of its own."""
    if scheme.benefit is not None and law.benefit_vocabulary is not None:
        return law.benefit_vocabulary
    return law.vocabulary


def criterion_words(criterion: Criterion, vocabulary: Vocabulary) -> Text:
    """A criterion's test in words, its parameters filled in."""
    return test_words(criterion.test.filled(dict(criterion.parameters)), vocabulary)


def band_words(scheme: Scheme, place: int, vocabulary: Vocabulary) -> Text | None:
    """When the scheme's n-th amount applies, in words; None: always."""
    test = scheme.bands[place].test
    if test is None:
        return None
    return test_words(test.filled(dict(_parameters(scheme))), vocabulary)


def _parameters(scheme: Scheme) -> Mapping[str, Value]:
    """The parameters in force: every criterion of the scheme carries them all, the State's own carry none."""
    return {name: value for criterion in scheme.criteria for name, value in criterion.parameters}


def _condition(vocabulary: Vocabulary, criterion: Criterion) -> ConditionProse:
    fields = {lack.code: lack for lack in vocabulary.missing}
    codes = {vocabulary.facts[fact].missing for fact in criterion.test.facts}
    return ConditionProse(
        code=criterion.code,
        sentence=sentence_for_anybody(criterion),
        computed=criterion_words(criterion, vocabulary),
        test=criterion.sql,
        order=criterion.order,
        since=criterion.since,
        stop_reason=criterion.stop_reason,
        stop=STOP_WORDS.get(criterion.stop_reason, Text(criterion.stop_reason, criterion.stop_reason)),
        at_once=criterion.stop_reason in AT_ONCE,
        lacks=tuple((fields[code].name, fields[code].ask) for code in fields if code in codes),
        place=f"{criterion.test.file}:{criterion.test.line}",
    )


def _amounts(law: LawInForce, scheme: Scheme) -> Iterable[AmountProse]:
    for place, band in enumerate(scheme.bands):
        yield AmountProse(
            when=band_words(scheme, place, vocabulary_for(law, scheme)),
            paise=band.paise,
            shares=tuple((law.components[name], paise) for name, paise in band.components),
            order=band.order,
            since=band.since,
        )
