"""Where a condition turns: the numbers at its edges, and the smallest parts of which it is made."""

import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from sqlglot import exp

from haqdar.law import Fact, Text, Vocabulary
from haqdar.law.prose import shown_number

Facts = Mapping[str, object]
"""One row of a facts relation."""

Stands = Callable[[Facts], bool]
"""Whether a person stands on one side of an edge."""


def edges(vocabulary: Vocabulary, condition: exp.Expr) -> Iterator[tuple[Text, Stands, Stands]]:
    """Each edge of a number in a condition: in words, who stands just inside, who just outside.

    A husband's number counts as the person's own. An edge outside what the fact can be is left out.
    """
    by_column = {fact.code: fact for fact in vocabulary.facts.values()}
    partners = {fact.partner: fact for fact in vocabulary.facts.values() if fact.partner is not None}
    seen: set[tuple[str, Decimal, Decimal]] = set()
    for atom in atoms(condition):
        for column, low, high in _steps(atom):
            fact = by_column.get(column) or partners.get(column)
            if fact is None or low < fact.least or high > fact.most or (fact.code, low, high) in seen:
                continue
            seen.add((fact.code, low, high))
            holds = _truth(atom, column)
            sides = (low, high) if holds(low) else (high, low)
            yield (
                Text(
                    f"{fact.name.en} {shown_number(sides[0])} | {shown_number(sides[1])}",
                    f"{fact.name.hi} {shown_number(sides[0])} | {shown_number(sides[1])}",
                ),
                _stands(fact, sides[0], upper=sides[0] > sides[1]),
                _stands(fact, sides[1], upper=sides[1] > sides[0]),
            )


def _stands(fact: Fact, number: Decimal, *, upper: bool) -> Stands:
    """Whether somebody's fact, or the husband's, is this number; a fraction counts on the lower side of an edge."""

    def holds(facts: Facts) -> bool:
        for column in (fact.code, fact.partner):
            value = facts.get(column) if column is not None else None
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                exact = Decimal(str(value))
                if exact == number or (fact.type == "number" and not upper and number < exact < number + 1):
                    return True
        return False

    return holds


def _steps(atom: exp.Expr) -> Iterator[tuple[str, Decimal, Decimal]]:
    """The column of a comparison with a number, and the two neighbouring whole numbers between which it turns."""
    if isinstance(atom, exp.Between) and isinstance(atom.this, exp.Column):
        low, high = _number(atom.args["low"]), _number(atom.args["high"])
        if low is not None and high is not None:
            yield atom.this.name, low - 1, low
            yield atom.this.name, high, high + 1
        return
    if not isinstance(atom, (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)):
        return
    column, number = atom.this, _number(atom.expression)
    kind: type[exp.Expr] = type(atom)
    if not isinstance(column, exp.Column):
        column, number = atom.expression, _number(atom.this)
        kind = _MIRRORED.get(kind, kind)
    if number is None or not isinstance(column, exp.Column):
        return
    if kind in (exp.GTE, exp.LT, exp.EQ, exp.NEQ):
        yield column.name, number - 1, number
    if kind in (exp.GT, exp.LTE, exp.EQ, exp.NEQ):
        yield column.name, number, number + 1


_MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
}
_COMPARED: dict[type[exp.Expr], Callable[[Decimal, Decimal], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}


def _number(tree: exp.Expr) -> Decimal | None:
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Neg):
        inner = _number(tree.this)
        return None if inner is None else -inner
    if isinstance(tree, exp.Literal) and not tree.is_string:
        return Decimal(str(tree.this))
    return None


def _truth(atom: exp.Expr, column: str) -> Callable[[Decimal], bool]:
    """A comparison with numbers as a function of its column's value."""

    def holds(value: Decimal) -> bool:
        if isinstance(atom, exp.Between):
            low, high = _number(atom.args["low"]), _number(atom.args["high"])
            return low is not None and high is not None and low <= value <= high
        sides = [
            value if isinstance(side, exp.Column) and side.name == column else _number(side)
            for side in (atom.this, atom.expression)
        ]
        left, right = sides
        return left is not None and right is not None and _COMPARED[type(atom)](left, right)

    return holds


def atoms(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The smallest parts of a condition that are true or false by themselves."""
    if isinstance(tree, (exp.And, exp.Or)):
        yield from atoms(tree.this)
        yield from atoms(tree.expression)
    elif isinstance(tree, (exp.Not, exp.Paren)):
        yield from atoms(tree.this)
    else:
        yield tree
