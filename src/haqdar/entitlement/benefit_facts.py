"""Facts of which only benefits speak: studies, incomes, and family facts over the members of a family and over kin.

One statement: the people asked for and their kin, everybody's own facts on the day, then one aggregation in which every
family fact is one column. What it computes follows from the vocabulary alone.
"""

from __future__ import annotations

from haqdar.base.sql import statement
from haqdar.entitlement.facts import facts_sql
from haqdar.law import Vocabulary
from haqdar.law.vocabulary import Family

OWN_FACTS = ("head_of_family", "annual_income", "is_student", "student_class", "marks_percent")
"""The own facts that this module adds to those of `facts_sql`; a vocabulary may declare these and family facts."""


def benefit_facts_sql(asks: str, vocabulary: Vocabulary) -> str:
    """One SELECT with every fact of `vocabulary` for each distinct (member_id, day) of the relation `asks`.

    Needs the timelines and ``raw_household``, ``raw_student``, ``raw_income``.
    """
    families = {code: fact.family for code, fact in vocabulary.facts.items() if fact.family is not None}
    overs = sorted({family.over for family in families.values()})
    kin = "\n    UNION ".join(_KIN[over] for over in overs) or _KIN["family"]
    columns = "".join(f",\n           {_whole(family)} AS {code}" for code, family in families.items())
    chosen = "".join(f",\n       {_of_nobody(code, family)} AS {code}" for code, family in families.items())
    return statement("haqdar.entitlement", "benefit_facts").format(
        asks=asks, kin=kin, facts=facts_sql("everyone"), columns=columns, chosen=chosen
    )


#: The members of each relation for everybody asked, by the asked day: (asker_id, ask_day, relation, kin_id).
_KIN = {
    "family": "SELECT a.member_id, a.day, 'family', q.member_id FROM asked a JOIN person p ON p.member_id = a.member_id"
    " JOIN person q ON q.family_id = p.family_id",
    "children": "SELECT a.member_id, a.day, 'children', k.child_id FROM asked a"
    " JOIN parentage k ON k.parent_id = a.member_id",
    "couple_children": "SELECT c.member_id, c.day, 'couple_children', k.child_id FROM couple_asked c"
    " JOIN parentage k ON k.parent_id = c.half_id",
    "siblings": "SELECT a.member_id, a.day, 'siblings', k.child_id FROM asked a"
    " JOIN parentage mine ON mine.child_id = a.member_id JOIN parentage k ON k.parent_id = mine.parent_id"
    " WHERE k.child_id <> a.member_id",
    "parents": "SELECT a.member_id, a.day, 'parents', k.parent_id FROM asked a"
    " JOIN parentage k ON k.child_id = a.member_id",
}


def _whole(family: Family) -> str:
    """The fact over the members who live on the day; unknown members make it unknown where that matters."""
    mine = f"relation = '{family.over}' AND alive"
    part = f"({family.sql})"
    if family.over == "parents":
        # a child has two parents, whether the register names them or not
        return (
            f"CASE WHEN count(*) FILTER (WHERE relation = 'parents') = 2 THEN {_over(family, mine, part)} END"
        )
    return _over(family, mine, part)


def _over(family: Family, mine: str, part: str) -> str:
    if family.how == "sum":
        return (
            f"CASE WHEN count(*) FILTER (WHERE {mine} AND {part} IS NULL) = 0"
            f" THEN coalesce(sum({part}) FILTER (WHERE {mine}), 0) END"
        )
    if family.how == "count":
        return (
            f"CASE WHEN count(*) FILTER (WHERE {mine} AND {part} IS NULL) = 0"
            f" THEN CAST(count(*) FILTER (WHERE {mine} AND {part}) AS INTEGER) END"
        )
    some = f"count(*) FILTER (WHERE {mine} AND {part}) > 0"
    unknown = f"count(*) FILTER (WHERE {mine} AND {part} IS NULL) > 0"
    found, none = ("TRUE", "FALSE") if family.how == "any" else ("FALSE", "TRUE")
    return f"CASE WHEN {some} THEN {found} WHEN NOT {unknown} THEN {none} END"


def _of_nobody(code: str, family: Family) -> str:
    """The fact for whom the register names no kin at all: nothing, but two unknown parents."""
    nothing = {"any": "FALSE", "none": "TRUE", "count": "0", "sum": "0"}[family.how]
    if family.over == "parents":
        nothing = "NULL"
    return f"CASE WHEN k.asker_id IS NULL THEN {nothing} ELSE k.{code} END"
