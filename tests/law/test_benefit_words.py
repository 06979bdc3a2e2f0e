"""Benefits beside the pensions in words: when, for whom, to whom; their examples hold every line of them."""

from datetime import date
from pathlib import Path

import pytest

from haqdar.entitlement.law_cover import cover, per_cent
from haqdar.entitlement.law_mutants import run_mutants
from haqdar.law import load_lawbook
from haqdar.law.differences import differences
from haqdar.law.prose import scheme_prose
from haqdar.law.prose_layout import as_text
from haqdar.law.reference import vocabulary_markdown

WELFARE = Path(__file__).resolve().parents[2] / "law" / "mp-welfare"
DAY = date(2016, 10, 1)


def test_no_mistake_in_the_benefits_would_go_unnoticed() -> None:
    """If this fails: haqdar law mutants --law law/mp-welfare"""
    surviving = [
        f"{mutant.file}:{mutant.line}: {mutant.where.en}: {mutant.what.en}"
        for mutant in run_mutants(WELFARE)
        if mutant.survives
    ]
    assert surviving == []


def test_the_examples_show_every_benefit_whole() -> None:
    items = cover(WELFARE)
    assert [f"{item.scheme}: {item.what.en}" for item in items if item.seen_in is None] == []
    assert per_cent(items) == 100
    book = load_lawbook(WELFARE)
    assert {item.scheme for item in items} == {scheme.code for scheme in book.on(DAY).benefits}


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ("FUNERAL", "Paid once, after a death that is reported within 365 days."),
        ("FUNERAL", "The money goes to the first of these who lives: the husband or wife, a grown-up child,"),
        ("FUNERAL", "all 3 conditions on the day of the event."),
        ("INSURANCE", "Paid once a year, in June."),
        ("INSURANCE", "The right belongs to each family, once for all its members."),
        ("INSURANCE", "  ₹200 (₹100 Government of India + ₹100 Government of Madhya Pradesh)"),
        ("PRE-MATRIC", "Paid every month in July, August,"),
        ("POST-MATRIC", "Computed: yearly income of the parents: 3,00,000 rupees or less."),
    ],
)
def test_a_benefit_in_words(scheme: str, said: str) -> None:
    prose = scheme_prose(load_lawbook(WELFARE), scheme, DAY)
    assert said in as_text(prose, "en")
    assert "What ends it" not in as_text(prose, "en")
    hindi = as_text(prose, "hi")
    for word in ("Paid", " the ", "once", "month"):
        assert word not in hindi


def test_a_law_that_extends_another_differs_by_its_benefits(folder: Path) -> None:
    found = differences(load_lawbook(folder), load_lawbook(WELFARE), DAY, DAY)
    added = {entry.scheme for entry in found if entry.kind == "scheme_added"}
    assert added == {scheme.code for scheme in load_lawbook(WELFARE).on(DAY).benefits}
    terms = [entry.sentence.en for entry in found if entry.kind == "terms" and entry.scheme == "MARRIAGE"]
    assert terms[0] == "Paid: once, after a first marriage that is reported within 365 days."
    assert {entry.kind for entry in found if entry.scheme is None} == {"heads", "group_name", "fact"}


def test_the_reference_of_a_law_that_extends_another_shows_family_facts() -> None:
    page = vocabulary_markdown(load_lawbook(WELFARE))
    section = page.split("\n## parents_income\n")[1].split("\n## ")[0]
    assert "- over: `parents`" in section
    assert "- sum: `annual_income`" in section
    assert "PRE-MATRIC, POST-MATRIC" in section
    assert "\n## bpl\n" in page
