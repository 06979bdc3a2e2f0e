"""The forecast against a population small enough to reckon by hand, and rules that must hold for any population."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from tests.simulation.trials import LAW, State, law_with, state

from haqdar.entitlement.forecast import (
    PARTS,
    YearAhead,
    age_cohort,
    look_ahead_years,
    survivors,
    year_ahead,
)
from haqdar.law import LawRefused, Text, load_lawbook
from haqdar.law.mortality import Mortality, NoMortality, mortality_on

DAY = date(2016, 10, 1)
SOURCE = Text("", "")
NOBODY_DIES = Mortality(SOURCE, 100, ((0, 0),), ((0, 0),))
ORDINARY = {
    "alive": True, "migrated_out": False, "sex": "M", "age": None, "marital_status": "never_married", "bpl": True,
    "destitute": False, "income_tax_payer": False, "disability_percent": 0, "intellectual_disability": False,
    "multiple_disability": False, "wife_died": False, "living_daughters": 0, "living_sons": 1,
    "partner_present": False, "partner_age": None, "partner_income_tax_payer": None,
}  # fmt: skip


def ahead(years: int, mortality: Mortality, *lives: tuple[int, dict[str, object]]) -> list[YearAhead]:
    """The forecast of a population of so many people of each kind."""
    book = load_lawbook(LAW)
    columns = book.on(DAY).vocabulary.columns
    with duckdb.connect() as duck:
        duck.execute(
            f"CREATE TABLE cohort ({', '.join(f'{name} {kind}' for name, kind in columns)}, people BIGINT)"
        )
        for people, facts in lives:
            row = [*({**ORDINARY, **facts}[name] for name, _ in columns), people]
            duck.execute(f"INSERT INTO cohort VALUES ({', '.join('?' * len(row))})", row)
        parts = age_cohort(duck, book, DAY, years, mortality)
    return [year_ahead(DAY.replace(year=DAY.year + passed), sums) for passed, sums in enumerate(parts)]


def test_a_toy_population_reckoned_by_hand() -> None:
    mortality = Mortality(
        SOURCE, 100, women=((0, 0), (60, 25)), men=((0, 0), (64, 10), (65, 20), (66, 0), (70, 50), (71, 40))
    )
    now, first, second = ahead(
        2,
        mortality,
        (1000, {"age": 64}),
        (800, {"sex": "F", "age": 45, "marital_status": "married", "partner_present": True, "partner_age": 70,
               "partner_income_tax_payer": False}),
        (40, {"age": 58}),
        (7, {"age": None}),
    )  # fmt: skip
    by_year = [
        {row["scheme"]: (row["persons"], row["paise_month"]) for row in year.schemes}
        for year in (now, first, second)
    ]
    # 1,000 men of 64; 900 reach 65 (275 rupees), 720 reach 66. 40 men of 58 reach 60 (200 rupees) in the second year.
    # Of 800 husbands of 70, 400 are dead after one year, then 40 per cent of 400 more: 560 widows of 47 (300 rupees).
    assert by_year[0] == {"IGNOAPS": (1000, 1000 * 20000)}
    assert by_year[1] == {"IGNOAPS": (900, 900 * 27500), "IGNWPS": (400, 400 * 30000)}
    assert by_year[2] == {"IGNOAPS": (760, 720 * 27500 + 40 * 20000), "IGNWPS": (560, 560 * 30000)}
    assert [year.residents for year in (now, first, second)] == [1847, 1747, 1567]
    assert [year.aged_60_over for year in (now, first, second)] == [1000, 900, 760]
    assert [year.persons for year in (now, first, second)] == [1000, 1300, 1320]
    assert now.undecided == 7
    assert second.paise_month == sum(paise for _, paise in by_year[2].values())
    assert [year.day for year in (now, first, second)] == [DAY, date(2017, 10, 1), date(2018, 10, 1)]


def test_dead_women_are_neither_widows_nor_pensioners() -> None:
    mortality = Mortality(SOURCE, 100, ((0, 20),), ((0, 50),))
    _, later = ahead(
        1,
        mortality,
        (1000, {"sex": "F", "age": 61, "marital_status": "married", "partner_present": True, "partner_age": 70,
                "partner_income_tax_payer": False}),
    )  # fmt: skip
    # of 800 women alive 400 are widows: at 62 the widow pension (300) pays more than the old age pension (200)
    assert {row["scheme"]: row["persons"] for row in later.schemes} == {"IGNOAPS": 400, "IGNWPS": 400}


def look(tried: State, years: int, mortality: Mortality) -> list[YearAhead]:
    """The forecast of a generated State under the law in force."""
    return look_ahead_years(tried.snapshot, {"now": load_lawbook(LAW)}, tried.day, years, mortality)["now"]


@pytest.mark.parametrize("seed", [2, 5])
def test_the_first_day_is_what_the_law_gives_today(seed: int, tmp_path: Path) -> None:
    tried = state(seed, tmp_path)
    (now,) = look(tried, 0, mortality_on(LAW, tried.day))
    law = law_with(tmp_path, {"schemes/w.yaml": "code: MRMD\namount: [{pay: 500}]\n"})
    totals = tried.run(law).totals
    assert (now.persons, now.paise_month, now.undecided) == tuple(
        totals[key] for key in ("entitled_before", "paise_before", "undecided_before")
    )


def test_without_deaths_nobody_is_lost_and_districts_add_up(tmp_path: Path) -> None:
    tried = state(4, tmp_path / "whole")
    years = look(tried, 3, NOBODY_DIES)
    assert len({year.residents for year in years}) == 1
    with_deaths = look(tried, 3, mortality_on(LAW, tried.day))
    assert [y.residents for y in with_deaths] == sorted((y.residents for y in with_deaths), reverse=True)
    split = state(4, tmp_path / "split", districts=3)
    assert look(split, 3, mortality_on(LAW, tried.day)) == with_deaths


def test_survival_is_rounded_down_in_whole_parts() -> None:
    third = Mortality(SOURCE, 3, ((0, 1),), ((0, 3),))
    assert survivors(third, "F", 30, 1) == 666_666_666
    assert survivors(third, "F", 30, 2) == 444_444_444
    assert survivors(third, "M", 30, 1) == 0
    assert survivors(third, "T", 30, 1) == 333_333_333
    assert survivors(third, "F", 119, 0) == PARTS


def test_a_forecast_without_a_table_of_mortality_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoMortality):
        mortality_on(tmp_path, DAY)
    (tmp_path / "mortality.yaml").write_text(
        "source: {en: x, hi: य}\nper: 1000\nrates: {women: {1: 5}, men: {0: 2000}}\n"
    )
    with pytest.raises(LawRefused, match="from age 0"):
        mortality_on(tmp_path, DAY)
    with pytest.raises(NoMortality):
        mortality_on(LAW, date(2000, 1, 1))
