"""Reads of the register: found by number, name and key, and only inside the reader's own area."""

from datetime import date
from pathlib import Path

import pytest

from haqdar.access.actors import SECRETARY, Actor, platform
from haqdar.registry import queries
from haqdar.registry.actions import NoSuchFact, load_folder, verify_fact

from .folders import STATE, write

pytestmark = pytest.mark.django_db

OFFICER = platform("officer")
SECRETARY_G1 = Actor(1, "g1", frozenset({SECRETARY}), ("/S/D1/B1/G1/",))
SECRETARY_G2 = Actor(2, "g2", frozenset({SECRETARY}), ("/S/D1/B1/G2/",))


@pytest.fixture(autouse=True)
def register(tmp_path: Path) -> None:
    """A small State, and one correction of Sita."""
    load_folder(write(tmp_path / "in", **STATE), date(2016, 9, 25), tmp_path / "out")
    corrected = dict(STATE["residents"][0], name_en="Seeta Bai", born_on="1949-02-28")
    load_folder(write(tmp_path / "in2", residents=[corrected]), date(2016, 10, 25), tmp_path / "out")


def test_a_person_is_shown_as_believed_now_with_masked_numbers() -> None:
    person = queries.person_by_member(SECRETARY_G1, 100000001)
    assert person is not None
    assert (person.name_en, person.born_on) == ("Seeta Bai", date(1949, 2, 28))
    assert (person.aadhaar, person.account) == ("XXXX 0016", "XXXX 8901")
    assert queries.person_by_key(SECRETARY_G1, person.key) == person
    assert queries.person_by_key(SECRETARY_G2, person.key) is None
    family = queries.family_by_key(SECRETARY_G1, person.family_key)
    assert family is not None
    assert [member.member_id for member in family.members] == [100000001, 100000002]
    assert queries.family_by_key(SECRETARY_G2, person.family_key) is None
    assert queries.keys_of_members(SECRETARY_G1, [100000001, 3]) == {100000001: person.key}


def test_facts_carry_source_and_both_times() -> None:
    facts = queries.facts_with_sources(OFFICER, 100000001)
    told = [(fact.register, fact.known_from, fact.known_until, fact.source, fact.line) for fact in facts]
    assert told == [
        ("resident", date(2016, 10, 25), None, "residents", 2),
        ("resident", date(2014, 1, 1), date(2016, 10, 25), "residents", 2),
        ("family", date(2014, 1, 1), None, "families", 2),
        ("bpl", date(2016, 9, 25), None, "bpl", 2),
        ("pension", date(2016, 9, 25), None, "pensioners", 2),
    ]
    assert facts[0].values["aadhaar"] == "XXXX 0016"
    assert not {"aadhaar_ref", "account_sealed", "account_hash"} & set(facts[0].values)
    assert queries.facts_with_sources(SECRETARY_G2, 100000001) == []


def test_a_fact_is_verified_once_and_in_the_own_area_only() -> None:
    person = queries.person_by_member(OFFICER, 100000001)
    assert person is not None
    card = next(fact for fact in queries.facts_with_sources(OFFICER, 100000001) if fact.register == "bpl")
    with pytest.raises(NoSuchFact):
        verify_fact(SECRETARY_G2, "bpl", str(person.family_key), str(card.fingerprint))
    verify_fact(SECRETARY_G1, "bpl", str(person.family_key), str(card.fingerprint))
    card = next(fact for fact in queries.facts_with_sources(OFFICER, 100000001) if fact.register == "bpl")
    assert card.verified_by == "g1"
    with pytest.raises(NoSuchFact):
        verify_fact(SECRETARY_G1, "bpl", str(person.family_key), str(card.fingerprint))


def test_a_family_that_moved_belongs_to_its_new_place_alone(tmp_path: Path) -> None:
    person = queries.person_by_member(OFFICER, 100000001)
    assert person is not None
    moved = dict(next(row for row in STATE["families"] if row["family_id"] == "10000001"), area_code="G2")
    load_folder(write(tmp_path / "in3", families=[moved]), date(2016, 11, 25), tmp_path / "out")
    card = next(fact for fact in queries.facts_with_sources(OFFICER, 100000001) if fact.register == "bpl")
    assert queries.family_by_key(SECRETARY_G1, person.family_key) is None
    with pytest.raises(NoSuchFact):
        verify_fact(SECRETARY_G1, "bpl", str(person.family_key), str(card.fingerprint))
    family = queries.family_by_key(SECRETARY_G2, person.family_key)
    assert family is not None
    assert len(family.members) == 2
    verify_fact(SECRETARY_G2, "bpl", str(person.family_key), str(card.fingerprint))
