"""A law that extends another: what it adds, what it leaves alone, and what is refused."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from haqdar.entitlement.compile import determination_sql
from haqdar.entitlement.facts import facts_sql
from haqdar.entitlement.law_checks import check_law
from haqdar.entitlement.law_examples import run_examples
from haqdar.entitlement.record import keep_law
from haqdar.law import LawRefused, NoLawFolder, load_lawbook

ROOT = Path(__file__).parents[2]
BASE, WELFARE = ROOT / "law" / "mp", ROOT / "law" / "mp-welfare"
DAY = date(2016, 10, 1)
CODES = ["FUNERAL", "FAMILY-BENEFIT", "MARRIAGE", "MATERNITY", "INSURANCE", "PRE-MATRIC", "POST-MATRIC"]


def copied(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path / "mp")
    shutil.copytree(WELFARE, tmp_path / "mp-welfare")
    return tmp_path / "mp-welfare"


def test_the_benefits_stand_beside_the_nine_pensions() -> None:
    base, welfare = load_lawbook(BASE).on(DAY), load_lawbook(WELFARE).on(DAY)
    assert [scheme.code for scheme in welfare.benefits] == CODES
    assert determination_sql(welfare, "facts") == determination_sql(base, "facts")
    assert base.benefits == ()
    assert load_lawbook(WELFARE).scheme_groups() == load_lawbook(BASE).scheme_groups()
    assert welfare.vocabulary == base.vocabulary
    assert "parents_income" not in facts_sql("asks")


def test_the_hash_of_the_extended_law_covers_both_folders(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    before = load_lawbook(folder).hash
    assert before == load_lawbook(WELFARE).hash
    pension = tmp_path / "mp" / "schemes" / "kanya.yaml"
    pension.write_text(pension.read_text("utf-8") + "# a remark\n", "utf-8")
    assert load_lawbook(folder).hash != before


def test_the_hash_of_a_law_that_extends_nothing_is_that_of_its_own_files() -> None:
    digest = hashlib.sha256()
    for file in [BASE / "state.yaml", BASE / "vocabulary.yaml", *sorted((BASE / "schemes").glob("*.yaml"))]:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    assert load_lawbook(BASE).hash == digest.hexdigest()


def test_a_kept_law_is_whole(tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path
    lawbook = load_lawbook(WELFARE)
    kept = load_lawbook(keep_law(lawbook))
    assert kept.hash == lawbook.hash
    assert [s.code for s in kept.on(DAY).benefits] == CODES
    assert keep_law(kept) == tmp_path / "laws" / lawbook.hash[:16]


def test_law_and_examples_are_sound() -> None:
    assert check_law(WELFARE) == []
    results = run_examples(WELFARE)
    assert [result.differences for result in results if not result.agrees] == []
    assert len(results) > 40


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("schemes/funeral.yaml", "pays: once", "pays: daily", "allowed are once, monthly, yearly"),
        ("schemes/funeral.yaml", "pays: once\n", "", "needs 'pays"),
        ("schemes/funeral.yaml", "event: death", "event: flood", "allowed are death, birth, marriage"),
        ("schemes/funeral.yaml", "within_days: 365", "within_days: soon", "must name its event"),
        ("schemes/funeral.yaml", "[spouse,", "[self, spouse,", "cannot be 'self'"),
        ("schemes/funeral.yaml", "[spouse,", "[neighbour,", "'neighbour' is no payee"),
        ("schemes/insurance.yaml", "months: [6]", "months: [13]", "each from 1 to 12"),
        ("schemes/insurance.yaml", "months: [6]", "", "lists the months"),
        ("schemes/insurance.yaml", "unit: family", "unit: street", "allowed are person, couple, family"),
        ("schemes/pre-matric.yaml", "student_class between", "shoe_size between", "unknown fact 'shoe_size'"),
        ("schemes/maternity.yaml", "group: 14", "group: 99", "group 99 is not declared"),
        ("state.yaml", 'sub: "2211"', 'sub: "2213"', "has the same head"),
    ],
)
def test_a_broken_benefit_is_refused(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    folder = copied(tmp_path)
    text = (folder / file).read_text("utf-8")
    if file == "state.yaml":
        text = text.replace(
            'sub_major: "60", minor: "200", sub: "2211"', 'sub_major: "02", minor: "103", sub: "2213"'
        )
    else:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / file).write_text(text, "utf-8")
    with pytest.raises(LawRefused) as refused:
        load_lawbook(folder)
    assert [p for p in refused.value.problems if said in p.en and p.hi], refused.value.problems


def test_a_pension_may_not_speak_of_the_facts_of_benefits(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    scheme = folder.parent / "mp" / "schemes" / "kanya.yaml"
    scheme.write_text(scheme.read_text("utf-8").replace("living_sons = 0", "living_children = 0"), "utf-8")
    with pytest.raises(LawRefused, match="living_children"):
        load_lawbook(folder)


def test_a_fact_that_no_register_gives_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    with (folder / "vocabulary.yaml").open("a", encoding="utf-8") as file:
        file.write("  shoe_size: {type: integer, register: students, en: shoe size, hi: जूते का नाप}\n")
    assert [p.en for p in check_law(folder) if "shoe_size" in p.en]


def test_a_base_that_is_not_there_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    shutil.rmtree(tmp_path / "mp")
    with pytest.raises(NoLawFolder):
        load_lawbook(folder)
