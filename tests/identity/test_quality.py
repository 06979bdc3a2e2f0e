"""Quality of the register: each rule finds what it is for and nothing else; findings close, stay accepted, and count by area."""

from datetime import date
from pathlib import Path

import pytest
from tests.registry.folders import STATE, write

from haqdar.access.actors import SECRETARY, Actor, OutsideYourArea, platform
from haqdar.access.queries import place
from haqdar.cases.registrations import ENTRIES
from haqdar.identity.ekyc import coverage
from haqdar.identity.models import QualityFinding
from haqdar.identity.quality import queries
from haqdar.identity.quality.looking import NoSuchFinding, SayWhyItIsRight, accept, look
from haqdar.identity.quality.rules import BY_CODE, RULES
from haqdar.registry.actions import load_folder
from haqdar.registry.entries import people
from haqdar.registry.household import NewHead, SameHead

pytestmark = pytest.mark.django_db
OFFICER = platform("officer")
TODAY = date.today()
SECRETARY_G1 = Actor(1, "g1", frozenset({SECRETARY}), ("/S/D1/B1/G1/",))
SECRETARY_G2 = Actor(2, "g2", frozenset({SECRETARY}), ("/S/D1/B1/G2/",))


def row(member: int, family: int, born_on: str = "1980-05-05", sex: str = "F", **more: str) -> dict[str, str]:
    return {
        "member_id": f"{member:09d}", "family_id": f"{family:08d}", "name_en": f"Person {member}", "sex": sex,
        "born_on": born_on, "relation_to_head": "head", **more,
    }  # fmt: skip


FAMILIES = [
    {"family_id": f"{number:08d}", "area_code": "G1" if number < 9 else "G2"} for number in range(1, 12)
]
PEOPLE = [
    row(1, 1, "1880-01-02"),  # too old
    row(2, 2, born_on=""),  # no day of birth
    row(3, 3, "1950-03-03", sex="M"),
    row(4, 3, "1949-03-03", relation_to_head="son", father_id="000000003"),  # older than the father
    row(5, 4, "1980-03-03"),
    row(6, 4, "1990-03-03", relation_to_head="son", mother_id="000000005", sex="M"),  # mother of ten years
    row(7, 5, "1980-03-03", sex="M", spouse_id="000000008"),  # she names nobody; a head each
    row(8, 5, "1981-03-03"),
    row(9, 6, relation_to_head="wife"),  # no head
    row(10, 7, f"{TODAY.year - 5}-03-03", marital_status="married"),  # a married child that heads a family
    row(11, 7, "1970-01-01", relation_to_head="mother"),  # born on 1 January
    row(12, 8, "1999-02-03", sex="M"),  # cards and pension
    row(13, 9, "1980-03-03"),  # all right
    row(14, 9, "2001-03-03", relation_to_head="daughter", mother_id="000000013", father_id="000000015"),
    row(15, 10, "1979-03-03"),  # a woman who is a father
    row(16, 11, "1880-03-03"),  # left the State: nobody's task
]
REGISTERS = {
    "areas": STATE["areas"],
    "families": FAMILIES,
    "residents": PEOPLE,
    "bpl": [{"family_id": "00000008", "card_no": card, "valid_from": "2012-01-01"} for card in ("C1", "C2")],
    "pwd": [{"member_id": "000000012", "certificate_no": "P1", "kind": "visual", "percent": "80", "issued_on": "1998-01-01"}],
    "events": [{"event_id": "E1", "member_id": "000000012", "kind": "marriage", "happened_on": "1990-01-01", "reported_on": "2016-01-01"},
               {"event_id": "E2", "member_id": "000000016", "kind": "migration_out", "happened_on": "2016-01-01", "reported_on": "2016-01-01"}],
    "pensioners": [{"member_id": "000000012", "scheme": "IGNOAPS", "since": "2016-01-01", "amount": "200"}],
}  # fmt: skip
FOUND = {
    "too_old": {1}, "no_birth_day": {2}, "child_older": {4}, "mother_under_12": {6}, "father_not_man": {14},
    "spouse_not_mutual": {7}, "married_child": {10}, "two_heads": {-5}, "no_head": {-6}, "child_head": {10},
    "event_before_birth": {12}, "two_cards": {-8}, "certificate_before_birth": {12}, "old_age_too_young": {12},
    "first_of_january": {11},
}  # fmt: skip
"""Members, or families with a minus sign."""


def found() -> dict[str, set[int]]:
    rows: dict[str, set[int]] = {}
    for one in QualityFinding.objects.filter(closed_at=None, accepted_by=""):
        rows.setdefault(one.rule, set()).add(one.member_id if one.member_id is not None else -one.family_id)
    return rows


def test_quality_from_the_first_look_to_the_corrected_fact(tmp_path: Path) -> None:
    load_folder(write(tmp_path / "in", **REGISTERS), TODAY, tmp_path / "out")
    first = look(OFFICER)
    assert found() == FOUND
    assert (first.people, first.opened, first.closed) == (15, 15, 0)
    assert coverage.count(OFFICER) == first.people, "one figure for the living"
    # the rules that nothing here breaks are few
    assert {rule.code for rule in RULES} - set(FOUND) == {
        "father_under_12",
        "mother_not_woman",
        "child_labour_card",
    }
    again = look(OFFICER)
    assert (again.opened, again.closed) == (0, 0)

    state, gp = place(OFFICER, None), place(SECRETARY_G1, None)
    assert state is not None and gp is not None
    below = {one.place.area_code: one for one in queries.scores(OFFICER, place(OFFICER, "B1") or state)}
    # what is wrong with a family counts once, the hint for nobody
    assert (below["G1"].people, below["G1"].faulty) == (12, 10) and below["G1"].score == 16.6
    assert (below["G2"].people, below["G2"].faulty) == (3, 1)
    assert [one.place.area_code for one in queries.scores(SECRETARY_G1, gp)] == ["G1"]
    assert len(queries.trend(OFFICER, state)) == 1 and queries.trend(OFFICER, state)[0].faulty == 11
    assert queries.counts(SECRETARY_G2, state) == {"father_not_man": 1}
    tasks = {task.rule: task for task in queries.tasks(SECRETARY_G1, gp)}
    assert "father_not_man" not in tasks and tasks["two_heads"].person_key is None
    # hints stand behind what cannot be; a family's task leads to somebody of it, whose head is named anew
    assert [task.rule for task in queries.tasks(SECRETARY_G1, gp)][-1] == "first_of_january"
    (heads,) = people([8], [str(tasks["two_heads"].member_key)]).keys() - {8}
    assert heads == 7
    for rule in ("two_heads", "no_head", "child_head"):
        assert BY_CODE[rule].entry in ENTRIES and tasks[rule].member_key is not None
    family = str(tasks["two_heads"].family_key)
    chosen = NewHead(family, str(tasks["two_heads"].member_key))
    chosen.check()
    chosen.carry_out(OFFICER)
    with pytest.raises(SameHead):
        chosen.check()

    # right as it stands: no task any more, and not opened again
    with pytest.raises(SayWhyItIsRight):
        accept(SECRETARY_G1, tasks["too_old"].key, " ")
    with pytest.raises(OutsideYourArea):
        accept(SECRETARY_G2, tasks["too_old"].key, "seen with own eyes")
    accept(SECRETARY_G1, tasks["too_old"].key, "seen with own eyes")
    with pytest.raises(NoSuchFinding):
        accept(SECRETARY_G1, tasks["too_old"].key, "seen with own eyes")
    # corrected: closed by the next look
    corrected = PEOPLE[1] | {"born_on": "1990-02-02"}
    load_folder(write(tmp_path / "in2", residents=[corrected]), TODAY, tmp_path / "out")
    assert {task.rule: task.changed for task in queries.tasks(SECRETARY_G1, gp)}["no_birth_day"]
    third = look(OFFICER)
    assert (third.opened, third.closed) == (0, 2)
    assert found() == {
        rule: who for rule, who in FOUND.items() if rule not in ("too_old", "no_birth_day", "two_heads")
    }
