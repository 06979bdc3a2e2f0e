"""The law's tests: SQL boolean expressions in a closed subset over the declared facts.

SQLGlot parses and types them; what is not on the list below is refused with its file and line, and nothing of
the text survives: engines get SQL that is written anew from the checked tree. The subset:

    and, or, not, ( ), =, <>, <, <=, >, >=, between, in ('a', 'b'), numbers, 'words', true, false,
    facts of the vocabulary, parameters as :name,
    couple_any(test)  the test holds for the person or for the living recorded husband,
    couple_none(test) it holds for neither.

`is null` is not in it: a rule that asks whether a fact is known would decide one way today and the other way when
the fact arrives. An unknown fact makes a test unknown by the rules of SQL.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.annotate_types import annotate_types

from haqdar.law.reading import Node, Problems
from haqdar.law.vocabulary import PARTNER_PRESENT, Vocabulary

_EXACT_DIGITS = 15

LEAF_LIMIT = 16
"""How many facts one test may mention; a longer one must be split into named criteria."""

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_ALLOWED = (
    *_COMPARISONS,
    exp.And,
    exp.Or,
    exp.Not,
    exp.Paren,
    exp.Between,
    exp.In,
    exp.Column,
    exp.Identifier,
    exp.Literal,
    exp.Boolean,
    exp.Placeholder,
    exp.Neg,
)
_COUPLE = ("couple_any", "couple_none")

Value = int | Decimal | str | bool
"""What a parameter may be."""


@dataclass(frozen=True, slots=True)
class Test:
    """A checked test of the law, its parameters still open.

    `facts` are the person's facts it reads, `couple_facts` those it also reads of the husband.
    """

    tree: exp.Expr
    text: str
    facts: frozenset[str]
    couple_facts: frozenset[str]
    parameters: frozenset[str]
    file: str
    line: int

    def bound(self, parameters: Mapping[str, Value], vocabulary: Vocabulary) -> exp.Expr:
        """The test as a plain SQL expression over the columns of the facts relation.

        Every parameter is replaced by its value and `couple_…` is written out, in a form that all engines read alike
        (`_unmistakable`). Raises KeyError for a parameter without a value.
        """
        return _unmistakable(_expanded(self.filled(parameters), vocabulary))

    def filled(self, parameters: Mapping[str, Value]) -> exp.Expr:
        """The test with its parameters filled in and `couple_…` left standing, as a person would read it."""
        return _filled(self.tree, parameters)


def value_of(node: Node) -> Value | None:
    """The value a YAML scalar stands for as a parameter; None for an empty one or no scalar."""
    if node.text is None or node.is_null:
        return None
    if node.quoted:
        return node.text
    if node.text in ("true", "false"):
        return node.text == "true"
    try:
        number = Decimal(node.text)
    except InvalidOperation:
        return node.text
    if not number.is_finite():
        return node.text
    return int(number) if number == number.to_integral_value() else number


def literal(value: Value) -> exp.Expr:
    """A parameter's value as a literal."""
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    if value < 0:
        return exp.Neg(this=exp.Literal.number(str(-value)))
    return exp.Literal.number(str(value))


def test_of(
    node: Node, vocabulary: Vocabulary, parameters: Mapping[str, Value], problems: Problems
) -> Test | None:
    """The test written in a node, or None with the problems noted.

    `parameters` gives each declared parameter one of its values, from which its type is taken.
    """
    if node.values is not None or node.items is not None or not node.text or node.is_null:
        problems.add(node, "a test must be a text", "जाँच एक पाठ होनी चाहिए")
        return None
    try:
        tree = sqlglot.parse_one(node.text, read="duckdb")
    except SqlglotError as error:
        said = str(error).splitlines()[0]
        problems.add(
            node,
            f"cannot read the test '{node.text}': {said}",
            f"जाँच '{node.text}' समझ में नहीं आई: {said}",
        )
        return None
    before = len(problems.found)
    _check_shape(tree, node, vocabulary, parameters, problems)
    if len(problems.found) > before:
        return None
    _check_types(tree, node, vocabulary, parameters, problems)
    if len(problems.found) > before:
        return None
    couples = list(tree.find_all(exp.Anonymous))
    couple_facts = {column.name for call in couples for column in call.find_all(exp.Column)}
    return Test(
        tree=tree,
        text=node.text,
        facts=frozenset(column.name for column in tree.find_all(exp.Column)),
        couple_facts=frozenset(couple_facts),
        parameters=frozenset(str(mark.this) for mark in tree.find_all(exp.Placeholder)),
        file=node.file,
        line=node.line,
    )


def _check_shape(
    tree: exp.Expr,
    node: Node,
    vocabulary: Vocabulary,
    parameters: Mapping[str, Value],
    problems: Problems,
) -> None:
    leaves = 0
    for part in tree.walk():
        if isinstance(part, exp.Anonymous):
            _check_couple(part, node, vocabulary, problems)
        elif isinstance(part, (exp.Null, exp.Is)):
            problems.add(
                node,
                "a test may not ask 'is null': an unknown fact makes the test unknown by itself",
                "जाँच में 'is null' नहीं चल सकता: पता न होने पर जाँच अपने आप 'पता नहीं' हो जाती है",
            )
        elif type(part) not in _ALLOWED:
            shown = part.sql("duckdb")
            problems.add(
                node,
                f"'{shown}' is not allowed in a test; see docs/law-writing.md for what is",
                f"जाँच में '{shown}' नहीं चल सकता; क्या चल सकता है, docs/law-writing.md में देखें",
            )
            return
        elif isinstance(part, exp.In) and (part.args.get("query") or part.args.get("unnest")):
            problems.add(
                node,
                "'in' needs a list of values in the test",
                "'in' के बाद मानों की सूची होनी चाहिए",
            )
            return
        elif isinstance(part, exp.Column):
            leaves += 1
            if part.table or part.name not in vocabulary.facts:
                problems.add(
                    node,
                    f"unknown fact '{part.sql('duckdb')}'; the facts are {', '.join(sorted(vocabulary.facts))}",
                    f"अनजान तथ्य '{part.sql('duckdb')}'; तथ्य ये हैं: {', '.join(sorted(vocabulary.facts))}",
                )
        elif isinstance(part, exp.Placeholder) and str(part.this) not in parameters:
            problems.add(
                node,
                f"parameter ':{part.this}' is not declared under 'parameters'",
                f"पैरामीटर ':{part.this}' 'parameters' में घोषित नहीं है",
            )
    if leaves > LEAF_LIMIT:
        problems.add(
            node,
            f"the test mentions {leaves} facts, more than {LEAF_LIMIT}: split it into named criteria",
            f"जाँच में {leaves} तथ्य हैं, {LEAF_LIMIT} से ज़्यादा: इसे नाम वाली अलग-अलग शर्तों में बाँटें",
        )


def _check_couple(call: exp.Anonymous, node: Node, vocabulary: Vocabulary, problems: Problems) -> None:
    name = str(call.this).lower()
    if name not in _COUPLE or len(call.expressions) != 1:
        problems.add(
            node,
            f"'{call.sql('duckdb')}' is not allowed; the only functions are couple_any(…) and couple_none(…)",
            f"'{call.sql('duckdb')}' नहीं चल सकता; सिर्फ़ couple_any(…) और couple_none(…) चल सकते हैं",
        )
        return
    if any(inner is not call for inner in call.find_all(exp.Anonymous)):
        problems.add(node, f"{name}(…) may not stand inside another", f"{name}(…) दूसरे के भीतर नहीं आ सकता")
    for column in call.find_all(exp.Column):
        fact = vocabulary.facts.get(column.name)
        if fact is not None and fact.partner is None:
            problems.add(
                node,
                f"the fact '{column.name}' is not kept for the husband, so {name}(…) cannot ask it",
                f"तथ्य '{column.name}' पति के लिए नहीं रखा जाता, इसलिए {name}(…) में नहीं आ सकता",
            )


def _check_types(
    tree: exp.Expr,
    node: Node,
    vocabulary: Vocabulary,
    parameters: Mapping[str, Value],
    problems: Problems,
) -> None:
    filled = _filled(tree, parameters)
    plain = filled.transform(
        lambda part: exp.Paren(this=part.expressions[0]) if isinstance(part, exp.Anonymous) else part
    )
    schema: dict[str, object] = {"facts": {fact.code: fact.sql_type for fact in vocabulary.facts.values()}}
    for column in plain.find_all(exp.Column):
        column.set("table", exp.to_identifier("facts"))
    query = exp.select(plain).from_("facts")
    typed = annotate_types(query, schema=schema, dialect="duckdb").selects[0]

    def refuse(part: exp.Expr, en: str, hi: str) -> None:
        shown = part.sql("duckdb").replace("facts.", "")
        problems.add(node, f"in '{shown}': {en}", f"'{shown}' में: {hi}")

    if _kind(typed) != "boolean":
        refuse(typed, "a test must be true or false", "जाँच का नतीजा हाँ या नहीं होना चाहिए")
        return
    for part in typed.walk():
        if isinstance(part, (exp.And, exp.Or)):
            for side in (part.this, part.expression):
                if _kind(side) != "boolean":
                    refuse(side, "'and' and 'or' join only tests", "'and' और 'or' सिर्फ़ जाँचों को जोड़ते हैं")
        elif isinstance(part, exp.Not) and _kind(part.this) != "boolean":
            refuse(part, "'not' needs a test", "'not' के बाद जाँच होनी चाहिए")
        elif isinstance(part, (*_COMPARISONS, exp.Between, exp.In)):
            _check_comparison(part, vocabulary, refuse)


def _check_comparison(
    part: exp.Expr, vocabulary: Vocabulary, refuse: Callable[[exp.Expr, str, str], None]
) -> None:
    if isinstance(part, exp.Between):
        operands = [part.this, part.args["low"], part.args["high"]]
    elif isinstance(part, exp.In):
        operands = [part.this, *part.expressions]
    else:
        operands = [part.this, part.expression]
    kinds = [_kind(operand) for operand in operands]
    if len(set(kinds)) != 1 or kinds[0] == "other":
        refuse(part, "values of different kinds are compared", "अलग-अलग तरह के मानों की तुलना है")
        return
    columns = [operand for operand in operands if isinstance(operand, exp.Column)]
    if not columns:
        refuse(part, "no fact is compared", "किसी तथ्य की तुलना नहीं है")
    if kinds[0] != "number" and not isinstance(part, (exp.EQ, exp.NEQ, exp.In)):
        refuse(part, "only numbers have an order", "छोटा-बड़ा सिर्फ़ संख्याओं में होता है")
    for column in columns:
        fact = vocabulary.facts[column.name]
        allowed = {value for value, _ in fact.values}
        for operand in operands:
            if fact.type == "one_of" and isinstance(operand, exp.Literal) and operand.this not in allowed:
                words = ", ".join(sorted(allowed))
                refuse(
                    part,
                    f"'{operand.this}' is no value of {fact.code}; its values are {words}",
                    f"'{operand.this}' {fact.code} का मान नहीं है; मान ये हैं: {words}",
                )


def _kind(part: exp.Expr) -> str:
    """boolean, number, text or other, from the type that SQLGlot found."""
    if isinstance(part, exp.Paren):
        return _kind(part.this)
    if isinstance(part, (exp.And, exp.Or, exp.Not, *_COMPARISONS, exp.Between, exp.In)):
        return "boolean"
    kind = part.type
    if kind is None:
        return "other"
    if kind.is_type(exp.DType.BOOLEAN):
        return "boolean"
    if kind.is_type(*exp.DataType.NUMERIC_TYPES):
        return "number"
    if kind.is_type(*exp.DataType.TEXT_TYPES):
        return "text"
    return "other"


def _filled(tree: exp.Expr, parameters: Mapping[str, Value]) -> exp.Expr:
    """The tree with every parameter replaced by its value."""
    return tree.copy().transform(
        lambda part: literal(parameters[str(part.this)]) if isinstance(part, exp.Placeholder) else part
    )


def _expanded(tree: exp.Expr, vocabulary: Vocabulary) -> exp.Expr:
    """The tree with couple_any and couple_none written out over the husband's columns."""

    def replace(part: exp.Expr) -> exp.Expr:
        if not isinstance(part, exp.Anonymous):
            return part
        own = part.expressions[0]
        husband = own.copy().transform(
            lambda inner: (
                exp.column(vocabulary.facts[inner.name].partner or "")
                if isinstance(inner, exp.Column)
                else inner
            )
        )
        either = exp.Paren(
            this=exp.Or(
                this=_paren(own.copy()),
                expression=exp.Paren(
                    this=exp.And(this=exp.column(PARTNER_PRESENT), expression=_paren(husband))
                ),
            )
        )
        return either if str(part.this).lower() == "couple_any" else exp.Not(this=either)

    return tree.copy().transform(replace)


def _unmistakable(tree: exp.Expr) -> exp.Expr:
    """The tree written so that every engine reads the very tree that was checked (docs/decisions/0007).

    A test that is compared stands in parentheses: `bpl = sex in ('F')` is `bpl = (sex in ('F'))` here, but
    `(bpl = sex) in ('F')` to DuckDB and PostgreSQL and an error to Spark. A fraction with more digits than a double keeps
    is written as that double, because Spark would compare it as a decimal.
    """
    for part in list(tree.find_all(*_COMPARISONS, exp.Between, exp.In)):
        for operand in list(part.iter_expressions()):
            if isinstance(operand, (exp.And, exp.Or, exp.Not, *_COMPARISONS, exp.Between, exp.In)):
                group = exp.Paren()
                operand.replace(group)
                group.set("this", operand)
    for part in tree.find_all(exp.Literal):
        digits = part.this.replace(".", "").lstrip("0")
        if not part.is_string and "." in part.this and digits.isdigit() and len(digits) > _EXACT_DIGITS:
            number = repr(float(part.this))
            part.set("this", number if "e" in number else f"{number}e0")
    return tree


def _paren(tree: exp.Expr) -> exp.Expr:
    return exp.Paren(this=tree) if isinstance(tree, (exp.And, exp.Or, exp.Not)) else tree
