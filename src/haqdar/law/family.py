"""Declared family facts: counts, sums, "any" and "none" over the members of a family and over kin.

    living_children: {type: integer, over: children, count: alive, …}
    parents_income:  {type: number, over: parents, sum: annual_income, missing: annual_income, …}

A test is one over the member's own facts, in the language of criteria. Members are those who live on the day. Logic is
three-valued: an unknown member makes `any` and `none` unknown only while no known member decides; a count or a sum is
unknown as soon as one member's part is.
"""

from dataclasses import replace
from typing import Literal

from haqdar.law.expressions import test_of
from haqdar.law.reading import Node, Problems
from haqdar.law.vocabulary import Fact, Family, Vocabulary

Over = Literal["family", "children", "couple_children", "siblings", "parents"]
OVERS: tuple[Over, ...] = ("family", "children", "couple_children", "siblings", "parents")
HOWS = {"any": "boolean", "none": "boolean", "count": "integer", "sum": "number"}
"""How members' parts are put together, and the type of fact it gives (a sum may be of integers, too)."""


def with_family_facts(root: Node, vocabulary: Vocabulary, problems: Problems) -> Vocabulary:
    """The vocabulary with each fact that has `over:` bound to its test over the members' own facts."""
    own = {code: fact for code, fact in vocabulary.facts.items() if not _is_family(root, code)}
    members = Vocabulary(own, vocabulary.missing)
    facts: dict[str, Fact] = {}
    for code, fact in vocabulary.facts.items():
        node = (root.get("facts") or root).get(code)
        if code in own or node is None:
            facts[code] = fact
            continue
        family = _family(code, node, fact, members, problems)
        if family is not None:
            facts[code] = replace(fact, family=family)
    return Vocabulary(facts, vocabulary.missing)


def _is_family(root: Node, code: str) -> bool:
    node = (root.get("facts") or root).get(code)
    return node is not None and node.get("over") is not None


def _family(code: str, node: Node, fact: Fact, members: Vocabulary, problems: Problems) -> Family | None:
    over_node = node.get("over")
    over = (over_node.text or "") if over_node is not None else ""
    if over not in OVERS:
        problems.add(
            over_node or node,
            f"fact '{code}' looks over '{over}'; allowed are {', '.join(OVERS)}",
            f"तथ्य '{code}' में over '{over}' है; ये चल सकते हैं: {', '.join(OVERS)}",
        )
        return None
    hows = [how for how in HOWS if node.get(how) is not None]
    if len(hows) != 1:
        problems.add(
            node,
            f"fact '{code}' needs exactly one of {', '.join(HOWS)}",
            f"तथ्य '{code}' में {', '.join(HOWS)} में से ठीक एक लिखें",
        )
        return None
    (how,) = hows
    if fact.type != HOWS[how] and not (how == "sum" and fact.type == "integer"):
        problems.add(
            node,
            f"fact '{code}' is made by '{how}', so its type must be {HOWS[how]}",
            f"तथ्य '{code}' '{how}' से बनता है, इसलिए उसका प्रकार {HOWS[how]} हो",
        )
        return None
    what = node.get(how)
    assert what is not None
    if how == "sum":
        part = members.facts.get(what.text or "")
        if part is None or part.type not in ("integer", "number"):
            problems.add(
                what, f"'{what.text}' is no number of a member", f"'{what.text}' सदस्य की कोई संख्या नहीं है"
            )
            return None
        return Family(over, how, part.code)
    test = test_of(what, members, {}, problems)
    return Family(over, how, test.bound({}, members).sql("duckdb")) if test is not None else None
