"""The wording of letters: what is wrong in them is said when they are read, with its place."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings

from haqdar.cases.models import Order
from haqdar.law import LawRefused, Text
from haqdar.law.letters import fill, load_letters


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(settings.HAQDAR_LAW / "letters", tmp_path / "letters")
    return tmp_path


def test_every_kind_of_order_has_its_letter() -> None:
    letters = load_letters(settings.HAQDAR_LAW)
    assert set(Order.Kind.values) <= set(letters.letters)


def test_law_without_letters_uses_those_of_the_law_it_extends() -> None:
    folder = settings.HAQDAR_LAW.parent / "mp-welfare"
    assert load_letters(folder).letters.keys() == load_letters(settings.HAQDAR_LAW).letters.keys()


@pytest.mark.parametrize(
    ("file", "right", "wrong", "said"),
    [
        ("sanction.yaml", "{scheme}", "{skeme}", "unknown value 'skeme'"),
        ("sanction.yaml", "{scheme}", "{scheme", "braces do not match"),
        ("sanction.yaml", "code: sanction", "code: approval", "must be 'sanction'"),
        ("sanction.yaml", "appeal: first", "appeal: third", "unknown appeal 'third'"),
        ("sanction.yaml", "next:", "afterwards:", "no part of a letter"),
        ("sanction.yaml", "amount: true", "amount: maybe", "true or false"),
        ("notice.yaml", "title: {hi: पेंशन रोकने से पहले सूचना, ", "title: {", "lacks its Hindi text"),
        ("frame.yaml", "days: 30", "days: soon", "whole number from 1"),
        ("frame.yaml", "  signed:", "  sealed:", "the word 'signed' is missing"),
        ("frame.yaml", "  office:", "  bureau:", "the signatory 'office' is missing"),
    ],
)
def test_mistake_is_refused_with_its_place(
    folder: Path, file: str, right: str, wrong: str, said: str
) -> None:
    path = folder / "letters" / file
    text = path.read_text(encoding="utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(LawRefused) as refused:
        load_letters(folder)
    assert said in refused.value.en
    assert "letters/" in refused.value.en
    assert refused.value.hi != refused.value.en


def test_changed_words_are_read_without_a_restart(folder: Path) -> None:
    before = load_letters(folder).letters["transfer"].title
    path = folder / "letters" / "transfer.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("Notice of transfer", "Moved"), encoding="utf-8")
    after = load_letters(folder).letters["transfer"].title
    assert before.en != after.en
    assert "Moved" in after.en


def test_sentence_without_its_value_is_left_out() -> None:
    sentences = [Text("From {from_day}.", "{from_day} से।"), Text("Until {until_day}.", "{until_day} तक।")]
    assert fill(sentences, {"from_day": Text("today", "आज"), "until_day": None}) == [
        Text("From today.", "आज से।")
    ]


def test_designation_falls_back_to_the_office() -> None:
    letters = load_letters(settings.HAQDAR_LAW)
    area = Text("Ashta", "आष्टा")
    assert letters.designation("sanctioning_officer", "block", area).hi == (
        "मुख्य कार्यपालन अधिकारी, जनपद पंचायत आष्टा"
    )
    assert letters.designation("sanctioning_officer", "district", area).en == "Sanctioning Officer, Ashta"
    assert letters.designation("", "block", area).en == "Janpad Panchayat Ashta"
