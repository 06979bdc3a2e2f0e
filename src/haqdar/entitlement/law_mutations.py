"""Small mistakes that a law could contain: every way to break one condition or amount in one place.

A mutation is a changed copy of a checked tree; nothing here touches files. `law_mutants` asks which of them the
golden examples notice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import exp

from haqdar.law import Text, Vocabulary
from haqdar.law.expressions import Value, literal


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mistake in a test: what was done, in words, and the tree that results (parameters filled in).

    `parameter` names the parameter whose value was moved, None for a mistake in the test's own text.
    """

    what: Text
    tree: exp.Expr
    parameter: str | None


_STRICTER: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GTE: exp.GT,
    exp.GT: exp.GTE,
    exp.LTE: exp.LT,
    exp.LT: exp.LTE,
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
}


def mutations(tree: exp.Expr, parameters: Mapping[str, Value], vocabulary: Vocabulary) -> Iterator[Mutation]:
    """Every mutation of a test, each different from the others and from the test.

    The whole negated; each `and` made `or` and the other way, and each of its sides left out; each fact turned
    round; each number and each parameter one more and one less; each comparison loosened or tightened; each word of a
    list left out or replaced; `couple_any` and `couple_none` exchanged, and the husband left out of account.
    """
    numbers = {name: value for name, value in parameters.items() if _is_number(value)}
    words = {name: value for name, value in parameters.items() if name not in numbers}
    tree = _filled(tree, words)
    seen = {_filled(tree, numbers).sql("duckdb")}

    def told(what: Text, changed: exp.Expr, parameter: str | None) -> Iterator[Mutation]:
        filled = _filled(changed, numbers)
        sql = filled.sql("duckdb")
        if sql not in seen:
            seen.add(sql)
            yield Mutation(what, filled, parameter)

    yield from told(
        Text("the whole turned round", "पूरी शर्त उलटी"), exp.Not(this=exp.Paren(this=tree.copy())), None
    )
    for number, part in enumerate(tree.walk()):
        if isinstance(part, exp.Placeholder):
            name = str(part.this)
            for what, change in _moved(Decimal(str(numbers[name])), f":{name} "):
                yield from told(what, _replaced(tree, number, change), name)
        for what, change in _changes(part, numbers, vocabulary):
            yield from told(what, _replaced(tree, number, change), None)


def _is_number(value: Value) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _filled(tree: exp.Expr, values: Mapping[str, Value]) -> exp.Expr:
    return tree.copy().transform(
        lambda part: (
            literal(values[str(part.this)])
            if isinstance(part, exp.Placeholder) and str(part.this) in values
            else part
        )
    )


def _shown(tree: exp.Expr) -> str:
    """A part of a test as the law-writer writes it."""
    return tree.sql("duckdb", normalize_functions=False)


def _nth(tree: exp.Expr, number: int) -> exp.Expr:
    return next(part for place, part in enumerate(tree.walk()) if place == number)


def _replaced(tree: exp.Expr, number: int, change: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """A copy of the tree in which the n-th part is replaced by what `change` makes of it."""
    copy = tree.copy()
    part = _nth(copy, number)
    changed = change(part.copy())
    if part.parent is None:
        return changed
    part.replace(changed)
    return copy


_Change = tuple[Text, Callable[[exp.Expr], exp.Expr]]


def _changes(part: exp.Expr, numbers: Mapping[str, Value], vocabulary: Vocabulary) -> Iterator[_Change]:
    """What may be done to one part of a tree."""
    if isinstance(part, (exp.And, exp.Or)):
        yield from _joined(part, numbers)
    elif type(part) in _STRICTER:
        yield from _compared(part, numbers, vocabulary)
    elif isinstance(part, exp.In):
        yield from _listed(part, vocabulary)
    elif isinstance(part, exp.Not):
        yield Text("'not' left out", "'not' हटाया"), lambda found: exp.Paren(this=found.this)
    elif isinstance(part, exp.Anonymous):
        yield from _couple(part)
    elif isinstance(part, exp.Column) and _stands_alone(part):
        yield (
            Text(f"{part.name} turned round", f"{part.name} उलटा"),
            lambda found: exp.Not(this=found),
        )
    if isinstance(part, exp.Literal) and not part.is_string and not isinstance(part.parent, exp.Neg):
        yield from _moved(Decimal(str(part.this)))
    elif isinstance(part, exp.Neg):
        yield from _moved(-Decimal(str(part.this.this)))


def _joined(part: exp.Expr, numbers: Mapping[str, Value]) -> Iterator[_Change]:
    if isinstance(part, exp.And):
        yield (
            Text("'and' made 'or'", "'and' की जगह 'or'"),
            lambda found: exp.Paren(this=exp.Or(this=found.this, expression=found.expression)),
        )
    else:
        yield (
            Text("'or' made 'and'", "'or' की जगह 'and'"),
            lambda found: exp.Paren(this=exp.And(this=_kept(found.this), expression=_kept(found.expression))),
        )
    left, right = (_shown(_filled(side, numbers)) for side in (part.this, part.expression))
    yield (
        Text(f"'{left}' left out", f"'{left}' हटाया"),
        lambda found: exp.Paren(this=found.expression),
    )
    yield (
        Text(f"'{right}' left out", f"'{right}' हटाया"),
        lambda found: exp.Paren(this=found.this),
    )


def _kept(side: exp.Expr) -> exp.Expr:
    return exp.Paren(this=side) if isinstance(side, (exp.And, exp.Or)) else side


def _compared(part: exp.Expr, numbers: Mapping[str, Value], vocabulary: Vocabulary) -> Iterator[_Change]:
    other = _STRICTER[type(part)]
    tree = other(this=part.this.copy(), expression=part.expression.copy())
    shown, changed = (_shown(_filled(side, numbers)) for side in (part, tree))
    yield (
        Text(f"'{shown}' made '{changed}'", f"'{shown}' की जगह '{changed}'"),
        lambda found: other(this=found.this, expression=found.expression),
    )
    for side, opposite in (("this", "expression"), ("expression", "this")):
        value, column = part.args[side], part.args[opposite]
        if not isinstance(value, exp.Literal) or not value.is_string or not isinstance(column, exp.Column):
            continue
        for word, _ in vocabulary.facts[column.name].values:
            if word != value.this:
                yield (
                    Text(f"'{value.this}' made '{word}'", f"'{value.this}' की जगह '{word}'"),
                    _with_argument(side, exp.Literal.string(word)),
                )


def _with_argument(name: str, value: exp.Expr) -> Callable[[exp.Expr], exp.Expr]:
    def change(found: exp.Expr) -> exp.Expr:
        found.set(name, value.copy())
        return found

    return change


def _listed(part: exp.In, vocabulary: Vocabulary) -> Iterator[_Change]:
    values = part.expressions
    words = [str(value.this) for value in values if isinstance(value, exp.Literal) and value.is_string]
    allowed: tuple[str, ...] = ()
    if isinstance(part.this, exp.Column):
        allowed = tuple(word for word, _ in vocabulary.facts[part.this.name].values)
    missing = [word for word in allowed if word not in words]
    for place, value in enumerate(values):
        rest = [other.copy() for other in (*values[:place], *values[place + 1 :])]
        shown = _shown(value)
        if rest:
            yield Text(f"{shown} left out of the list", f"सूची से {shown} हटाया"), _with_list(rest)
        if words and missing:
            word = missing[place % len(missing)]
            yield (
                Text(f"{shown} made '{word}' in the list", f"सूची में {shown} की जगह '{word}'"),
                _with_list([*rest, exp.Literal.string(word)]),
            )
    for word in missing if words else ():
        longer = [*(value.copy() for value in values), exp.Literal.string(word)]
        yield Text(f"'{word}' added to the list", f"सूची में '{word}' जोड़ा"), _with_list(longer)


def _with_list(values: list[exp.Expr]) -> Callable[[exp.Expr], exp.Expr]:
    def change(found: exp.Expr) -> exp.Expr:
        found.set("expressions", [value.copy() for value in values])
        return found

    return change


def _couple(call: exp.Anonymous) -> Iterator[_Change]:
    name = str(call.this).lower()
    other = "couple_none" if name == "couple_any" else "couple_any"
    yield (
        Text(f"{name} made {other}", f"{name} की जगह {other}"),
        lambda found: exp.Anonymous(this=other, expressions=found.expressions),
    )

    def alone(found: exp.Expr) -> exp.Expr:
        own = exp.Paren(this=found.expressions[0])
        return own if name == "couple_any" else exp.Not(this=own)

    yield Text(f"{name}: the husband left out of account", f"{name}: पति की गिनती नहीं"), alone


def _moved(value: Decimal, name: str = "") -> Iterator[_Change]:
    for moved in (value + 1, value - 1):
        yield (
            Text(f"{name}{value} made {moved}", f"{name}{value} की जगह {moved}"),
            _always(literal(int(moved) if moved == moved.to_integral_value() else moved)),
        )


def _always(value: exp.Expr) -> Callable[[exp.Expr], exp.Expr]:
    return lambda _: value.copy()


def _stands_alone(column: exp.Expr) -> bool:
    """A fact that is a test by itself, not a side of a comparison."""
    parent = column.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent is None or isinstance(parent, (exp.And, exp.Or, exp.Anonymous))
