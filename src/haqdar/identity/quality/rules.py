"""What is looked for in each register, as data: a name, where it is put right, and the rows as SQL.

The SQL reads the tables that `looking` makes for one look: `person` (everybody as believed now: member_id, family_id, sex, born_on,
head, mother_id, father_id, spouse_id, marital_status, mobile), `living` (those who did not die and did not leave the State) and the
registers' `*_now`. It gives member_id (or NULL: the whole family) and family_id. `%(today)s` is the day of the look.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Register = Literal["residents", "families", "events", "bpl", "pwd", "labour", "pensioners"]


@dataclass(frozen=True)
class Rule:
    """One thing that is looked for.

    `fact` is the correction that puts it right (`registry.corrections.FACTS`), or `entry` the entry of the register that one officer
    proposes and another approves (`cases.registrations.ENTRIES`); both empty where a delivered file does. `hint`
    marks what is only unlikely: it is listed, and does not count in the score.
    """

    code: str
    register: Register
    fact: str
    rows: str
    hint: bool = False
    entry: str = ""


def _kin(parent: str, condition: str) -> str:
    return f"SELECT c.member_id, c.family_id FROM living c JOIN person p ON p.member_id = c.{parent}_id WHERE {condition}"


RULES: tuple[Rule, ...] = (
    Rule("too_old", "residents", "born_on",
         "SELECT member_id, family_id FROM living WHERE born_on < %(today)s::date - interval '120 years'"),
    Rule("no_birth_day", "residents", "born_on", "SELECT member_id, family_id FROM living WHERE born_on IS NULL"),
    Rule("child_older", "residents", "parents",
         _kin("mother", "c.born_on <= p.born_on") + " UNION " + _kin("father", "c.born_on <= p.born_on")),
    Rule("mother_under_12", "residents", "parents",
         _kin("mother", "c.born_on > p.born_on AND c.born_on < p.born_on + interval '12 years'")),
    Rule("father_under_12", "residents", "parents",
         _kin("father", "c.born_on > p.born_on AND c.born_on < p.born_on + interval '12 years'")),
    Rule("mother_not_woman", "residents", "parents", _kin("mother", "p.sex = 'M'")),
    Rule("father_not_man", "residents", "parents", _kin("father", "p.sex = 'F'")),
    Rule("spouse_not_mutual", "residents", "spouse",
         "SELECT r.member_id, r.family_id FROM living r JOIN living s ON s.member_id = r.spouse_id"
         " WHERE s.spouse_id IS DISTINCT FROM r.member_id"),
    Rule("married_child", "residents", "marital_status",
         "SELECT member_id, family_id FROM living WHERE (marital_status IN ('married', 'widowed', 'deserted', 'divorced')"
         " OR spouse_id IS NOT NULL) AND born_on > %(today)s::date - interval '12 years'"),
    Rule("two_heads", "families", "",
         "SELECT NULL::int, family_id FROM living WHERE head GROUP BY family_id HAVING count(*) > 1",
         entry="head_change"),
    Rule("no_head", "families", "",
         "SELECT NULL::int, family_id FROM living GROUP BY family_id HAVING NOT bool_or(head)", entry="head_change"),
    Rule("child_head", "families", "",
         "SELECT h.member_id, h.family_id FROM living h WHERE h.head AND h.born_on > %(today)s::date - interval '15 years'"
         " AND EXISTS (SELECT FROM living o WHERE o.family_id = h.family_id AND o.born_on < %(today)s::date - interval '18 years')",
         entry="head_change"),
    Rule("event_before_birth", "events", "born_on",
         "SELECT DISTINCT r.member_id, r.family_id FROM event_now e JOIN person r USING (member_id)"
         " WHERE e.happened_on < r.born_on AND e.kind <> 'birth'"),
    Rule("two_cards", "bpl", "bpl_end",
         "SELECT NULL::int, family_id FROM bpl_now WHERE valid_from <= %(today)s AND coalesce(valid_to, 'infinity') >= %(today)s"
         " AND family_id IN (SELECT family_id FROM living) GROUP BY family_id HAVING count(DISTINCT card_no) > 1"),
    Rule("certificate_before_birth", "pwd", "born_on",
         "SELECT DISTINCT r.member_id, r.family_id FROM disability_now d JOIN living r USING (member_id) WHERE d.issued_on < r.born_on"),
    Rule("child_labour_card", "labour", "born_on",
         "SELECT DISTINCT r.member_id, r.family_id FROM labour_now l JOIN living r USING (member_id)"
         " WHERE l.valid_from < r.born_on + interval '14 years'"),
    Rule("old_age_too_young", "pensioners", "born_on",
         "SELECT DISTINCT r.member_id, r.family_id FROM pension_now p JOIN living r USING (member_id)"
         " WHERE p.scheme IN ('IGNOAPS', 'SSP-OLD') AND p.since < r.born_on + interval '55 years'"),
    Rule("first_of_january", "residents", "born_on",
         "SELECT member_id, family_id FROM living WHERE extract(month FROM born_on) = 1 AND extract(day FROM born_on) = 1",
         hint=True),
)  # fmt: skip
"""In the order in which pages show them: what cannot be, then what is unlikely."""

BY_CODE = {rule.code: rule for rule in RULES}
