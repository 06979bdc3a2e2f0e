"""The generated reference of facts."""

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from haqdar.config.commands import law as law_command
from haqdar.law import LawInForce, load_lawbook
from haqdar.law.reference import vocabulary_markdown

Spoil = Callable[..., Path]

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_in_the_documentation_is_current(folder: Path) -> None:
    """If this fails: ./haqdar law vocabulary > docs/vocabulary.md"""
    assert (ROOT / "docs" / "vocabulary.md").read_text(encoding="utf-8") == vocabulary_markdown(
        load_lawbook(folder)
    )


def test_every_fact_stands_there_with_words_register_and_users(folder: Path, law: LawInForce) -> None:
    page = vocabulary_markdown(load_lawbook(folder))
    for fact in law.vocabulary.facts.values():
        section = page.split(f"\n## {fact.code}\n")[1].split("\n## ")[0]
        for said in (fact.name.en, fact.name.hi, fact.register.en, fact.register.hi):
            assert said in section
        for value, words in fact.values:
            assert f"`'{value}'` {words.en} · {words.hi}" in section
    assert "- used by · इस्तेमाल: IGNOAPS, IGNWPS, IGNDPS," in page
    assert "- used by · इस्तेमाल: every scheme · हर योजना" in page


def test_keys_of_a_larger_vocabulary_are_shown_as_written(spoilt: Spoil) -> None:
    copy = spoilt(
        "vocabulary.yaml",
        "  living_sons:\n    type: integer\n",
        "  living_sons:\n    type: integer\n    asked_by: [school, panchayat]\n    note: {since: 2016, by: order}\n",
    )
    section = vocabulary_markdown(load_lawbook(copy)).split("\n## living_sons\n")[1]
    assert "- asked_by: `school, panchayat`" in section
    assert "- note: `since: 2016; by: order`" in section


def test_the_command_prints_the_page(folder: Path) -> None:
    result = CliRunner().invoke(law_command.command, ["vocabulary", "--law", str(folder)])
    assert result.output == vocabulary_markdown(load_lawbook(folder))
