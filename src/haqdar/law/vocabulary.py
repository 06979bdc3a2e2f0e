"""The declared facts that a law may speak of: types, units, words, and the register each comes from."""

from dataclasses import dataclass
from typing import Literal

from haqdar.law.reading import Node, Problems
from haqdar.law.texts import Text, text_of

FactType = Literal["boolean", "integer", "number", "one_of"]

SQL_TYPES: dict[str, str] = {
    "boolean": "BOOLEAN",
    "integer": "INTEGER",
    "number": "DOUBLE",
    "one_of": "VARCHAR",
}

PARTNER_PRESENT = "partner_present"
"""The column that says whether the person has a living recorded husband; always known."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A field of a register that may be empty: its name, words, and whom to ask for it."""

    code: str
    name: Text
    ask: Text


@dataclass(frozen=True, slots=True)
class Family:
    """How a family fact is made of its members: over whom, `any`, `none`, `count` or `sum`, and the SQL of each part."""

    over: str
    how: str
    sql: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a person on a day, a column of the facts relation.

    `missing` names the empty register field that makes it unknown (None: always known); `partner` is the
    column that holds the same fact of the living recorded husband (None: not defined for him); `values` are
    the allowed words of a one_of; `least` and `most` bound generated numbers; `family` says how a family fact is made.
    """

    code: str
    type: FactType
    name: Text
    register: Text
    unit: Text | None
    missing: str | None
    partner: str | None
    values: tuple[tuple[str, Text], ...]
    least: int
    most: int
    family: Family | None = None

    @property
    def sql_type(self) -> str:
        """The DuckDB type of the column."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All facts by code, and the fields that may be missing in the order in which they are asked for."""

    facts: dict[str, Fact]
    missing: tuple[Missing, ...]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Every column of the facts relation with its DuckDB type, the partner's own included."""
        found = {fact.code: fact.sql_type for fact in self.facts.values()}
        for fact in self.facts.values():
            if fact.partner is not None:
                found.setdefault(PARTNER_PRESENT, SQL_TYPES["boolean"])
                found.setdefault(fact.partner, fact.sql_type)
        return tuple(found.items())


def vocabulary_of(root: Node, problems: Problems) -> Vocabulary:
    """The vocabulary in vocabulary.yaml."""
    registers = {
        code: text_of(node, node, f"register '{code}'", problems)
        for code, node in (root.get("registers") or root).pairs()
    }
    missing: list[Missing] = []
    for code, node in (root.get("missing") or Node(root.file, root.line)).pairs():
        name = text_of(node, node, f"field '{code}'", problems)
        ask_node = node.get("ask")
        missing.append(Missing(code, name, text_of(ask_node, node, f"whom to ask for '{code}'", problems)))
    facts: dict[str, Fact] = {}
    for code, node in (root.get("facts") or Node(root.file, root.line)).pairs():
        fact = _fact(code, node, registers, {entry.code for entry in missing}, problems)
        if fact is not None:
            facts[code] = fact
    for code in ("alive", "migrated_out"):
        if code not in facts:
            problems.add(root, f"the fact '{code}' must be declared", f"तथ्य '{code}' घोषित होना चाहिए")
    return Vocabulary(facts, tuple(missing))


def _fact(
    code: str, node: Node, registers: dict[str, Text], missing: set[str], problems: Problems
) -> Fact | None:
    kind = _word(node, "type")
    if kind not in SQL_TYPES:
        problems.add(
            node,
            f"fact '{code}' has type '{kind}'; allowed are {', '.join(SQL_TYPES)}",
            f"तथ्य '{code}' का प्रकार '{kind}' है; ये चल सकते हैं: {', '.join(SQL_TYPES)}",
        )
        return None
    name = text_of(node, node, f"fact '{code}'", problems)
    register = _word(node, "register")
    if register not in registers:
        problems.add(
            node,
            f"fact '{code}' comes from the undeclared register '{register}'",
            f"तथ्य '{code}' का रजिस्टर '{register}' घोषित नहीं है",
        )
    lack = _word(node, "missing")
    if lack and lack not in missing:
        problems.add(
            node,
            f"fact '{code}' names the undeclared missing field '{lack}'",
            f"तथ्य '{code}' में अघोषित खाली खाना '{lack}' लिखा है",
        )
    unit_node = node.get("unit")
    values_node = node.get("values")
    values = tuple(
        (value, text_of(words, words, f"value '{value}' of '{code}'", problems))
        for value, words in (values_node.pairs() if values_node is not None else ())
    )
    if kind == "one_of" and not values:
        problems.add(node, f"fact '{code}' lists no values", f"तथ्य '{code}' के मान नहीं लिखे हैं")
    bounds: list[int] = []
    for key, default in (("least", 0), ("most", 120)):
        text = _word(node, key)
        bounds.append(int(text) if text and text.lstrip("-").isdigit() else default)
    return Fact(
        code=code,
        type=kind,  # type: ignore[arg-type]  # checked against SQL_TYPES above
        name=name,
        register=registers.get(register, Text("", "")),
        unit=text_of(unit_node, node, f"unit of '{code}'", problems) if unit_node is not None else None,
        missing=lack or None,
        partner=_word(node, "partner") or None,
        values=values,
        least=bounds[0],
        most=bounds[1],
    )


def _word(node: Node, key: str) -> str:
    value = node.get(key)
    return (value.text or "") if value is not None and not value.is_null else ""
