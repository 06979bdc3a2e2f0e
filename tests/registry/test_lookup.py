"""Looking people up: misspelt names in both scripts, relation, village, age and numbers, in the own area, as believed now."""

from datetime import date
from pathlib import Path

import pytest

from haqdar.access.actors import ANONYMOUS, SECRETARY, Actor, platform
from haqdar.registry import lookup_keys
from haqdar.registry.actions import load_folder
from haqdar.registry.lookup import CANDIDATES, Reason, Wanted, find
from haqdar.registry.models import Lookup

from .folders import STATE, write

pytestmark = pytest.mark.django_db

OFFICER = platform("officer")
SECRETARY_G1 = Actor(1, "g1", frozenset({SECRETARY}), ("/S/D1/B1/G1/",))
SECRETARY_G2 = Actor(2, "g2", frozenset({SECRETARY}), ("/S/D1/B1/G2/",))
SITA = 100000001
CORRECTED = {
    "name_en": "Seeta Bai",
    "born_on": "1949-02-28",
    "mobile": "9300000001",
    "spouse_id": "100000002",
}


@pytest.fixture(autouse=True)
def register(tmp_path: Path) -> None:
    """A small State, and one correction of Sita."""
    load_folder(write(tmp_path / "in", **STATE), date(2016, 9, 25), tmp_path / "out")
    corrected = STATE["residents"][0] | CORRECTED
    load_folder(write(tmp_path / "in2", residents=[corrected]), date(2016, 10, 25), tmp_path / "out")


def members(actor: Actor, wanted: Wanted) -> list[int]:
    return [one.person.member_id for one in find(actor, wanted)]


def test_a_person_is_found_by_name_in_either_script_and_by_any_number() -> None:
    sita, card = STATE["residents"][0], STATE["bpl"][0]["card_no"]
    names = ["सीता", "Sita Bai", "Seeta", "smt. seetha bay", "SITABAI", "Sitta"]
    numbers = [
        "100000001",
        "१०००००००१",
        "9999 0000 0016",
        sita["aadhaar"],
        "SBIN0001234 12345678901",
        CORRECTED["mobile"],
        card,
    ]
    for text in (*names, *numbers, "Sita 93000-00001"):
        wanted = Wanted.typed(text)
        for actor in (OFFICER, SECRETARY_G1):
            assert SITA in members(actor, wanted), text
        assert SITA not in members(SECRETARY_G2, wanted) and members(ANONYMOUS, wanted) == []
        assert text not in names or members(OFFICER, wanted)[0] == SITA
    assert members(OFFICER, Wanted.typed("10000001")) == [100000001, 100000002]
    for text in ("", "  ", "0", "99999999999999", "%", "_", "'; DROP TABLE", "ा", "q" * 100):
        assert members(OFFICER, Wanted.typed(text)) == []


def test_what_else_is_known_narrows_and_explains() -> None:
    found = find(OFFICER, Wanted.typed("सीता बाई", "W/O रामकिशोर", "Lal gaon", age=date.today().year - 1947))
    best = next(one for one in found if one.person.member_id == SITA)
    # spelled alike, husband by his name in one word, another panchayat, two years off
    assert best.reasons == (
        Reason("name", "same"),
        Reason("relation", "sound"),
        Reason("village", "other"),
        Reason("age", "near", 2),
    )
    right = find(OFFICER, Wanted("Sita", "Ram Kishor", "Vaikunthpur", 1949))
    assert [one.person.member_id for one in right][:1] == [SITA] and right[0].score >= 93 > best.score
    # everything but the name
    assert members(OFFICER, Wanted(relation_name="Kishore Ram", village="बैकुंठपुर"))[0] == SITA
    assert members(OFFICER, Wanted(relation_name="Ram Kishore"))[0] == SITA
    assert 100000003 not in members(OFFICER, Wanted("Gita", birth_year=1900))


def test_who_is_found_follows_every_belief(tmp_path: Path) -> None:
    # the husband's new name finds his wife, a family that moved is found in its new place
    husband = STATE["residents"][1] | {"name_en": "Bhola Nath"}
    moved = STATE["families"][0] | {"area_code": "G2"}
    assert members(SECRETARY_G2, Wanted("Sita")) == []
    load_folder(
        write(tmp_path / "in3", residents=[husband], families=[moved]), date(2016, 11, 25), tmp_path / "out"
    )
    assert members(OFFICER, Wanted("Sita", "Bholanath"))[0] == SITA
    assert find(OFFICER, Wanted("Sita", "Bhola"))[0].reasons[1] == Reason("relation", "same")
    assert members(SECRETARY_G2, Wanted("Sita"))[0] == SITA and members(SECRETARY_G1, Wanted("Sita")) == []
    # a panchayat that lies in another block from now on, and one with another name
    areas = [
        {"area_code": "B2", "kind": "block", "parent_code": "D1", "name_en": "Huzur"},
        STATE["areas"][4] | {"parent_code": "B2", "name_en": "Mangawan"},
    ]
    load_folder(write(tmp_path / "in4", areas=areas), date(2016, 12, 25), tmp_path / "out")
    assert find(OFFICER, Wanted("Sita", village="Manganwan"))[0].reasons[1].level == "near"
    assert members(Actor(1, "b2", frozenset({SECRETARY}), ("/S/D1/B2/",)), Wanted("Sita"))[0] == SITA


def test_a_word_is_compared_with_what_was_read_for_it(tmp_path: Path) -> None:
    names = ["Ram Singh", "Ramsingh", "Pinki Singh", "Halke Armo", "Raam Sinh"]
    people = [
        {"member_id": f"{100010001 + at}", "family_id": "10000001", "name_en": name, "sex": "M"}
        for at, name in enumerate(names)
    ]
    load_folder(write(tmp_path / "in3", residents=people), date(2016, 11, 25), tmp_path / "out")
    found = {one.person.name_en: one.reasons[0].level for one in find(OFFICER, Wanted("ram singh"))}
    assert found["Ram Singh"] == "same", "written so"
    assert found["Ramsingh"] == "sound" and found["Raam Sinh"] == "near", "another spelling, and a slip"
    assert found.get("Pinki Singh") in (None, "part") and "Halke Armo" not in found


def test_a_register_filled_before_is_caught_up() -> None:
    before = dict(Lookup.objects.values_list("member_id", "terms"))
    Lookup.objects.all().delete()
    assert lookup_keys.catch_up() == len(before) == 3 and lookup_keys.catch_up() == 0
    after = dict(Lookup.objects.values_list("member_id", "terms"))
    assert {member: set(terms) for member, terms in after.items()} == {m: set(t) for m, t in before.items()}


def test_who_bears_the_very_name_comes_before_all_who_sound_like_it(tmp_path: Path) -> None:
    # more people sound like her than are ever scored
    crowd = [
        {"member_id": f"1000{number}", "family_id": "10000001", "name_en": "Goti Bai", "sex": "F"}
        for number in range(10001, 10001 + CANDIDATES)
    ]
    load_folder(write(tmp_path / "in3", residents=crowd), date(2016, 11, 25), tmp_path / "out")
    gita = crowd[0] | {"member_id": "100020000", "name_en": "Gita Bai"}
    load_folder(write(tmp_path / "in4", residents=[gita]), date(2016, 12, 25), tmp_path / "out")
    found = find(OFFICER, Wanted("Gita Bai"))
    assert found[0].person.member_id == 100020000 and found[0].reasons == (Reason("name", "same"),)
    assert found[1].reasons == (Reason("name", "sound"),)
