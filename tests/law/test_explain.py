"""Reasons as sentences: value, limit, source, what is missing, what would have to change and when."""

import random
from datetime import date

from tests.law import naive

from haqdar.base.month import completed_years
from haqdar.entitlement.explain import SchemeReasons, explain
from haqdar.law import LawInForce

DAY = date(2016, 10, 1)


def _person(**known: object) -> naive.Row:
    row: naive.Row = {
        "day": DAY,
        "alive": True,
        "migrated_out": False,
        "sex": "F",
        "age": None,
        "marital_status": "widowed",
        "bpl": True,
        "destitute": False,
        "income_tax_payer": False,
        "disability_percent": 0.0,
        "intellectual_disability": False,
        "multiple_disability": False,
        "wife_died": False,
        "living_daughters": 0,
        "living_sons": 0,
        "partner_present": False,
        "partner_age": None,
        "partner_income_tax_payer": None,
    }
    row.update(known)
    for born_on, age in (("born_on", "age"), ("partner_born_on", "partner_age")):
        value = row.get(born_on)
        if isinstance(value, date):
            row[age] = completed_years(value, DAY)
    return row


def _of(reasons: list[SchemeReasons], code: str) -> SchemeReasons:
    return next(reason for reason in reasons if reason.code == code)


def test_a_widow_of_39_learns_why_and_from_when(law: LawInForce) -> None:
    reasons = explain(law, _person(born_on=date(1976, 12, 5)))
    assert [reason.code for reason in reasons] == [scheme.code for scheme in law.schemes]
    widow = _of(reasons, "IGNWPS")
    assert widow.verdict is False
    assert widow.becomes_on == date(2016, 12, 5)
    assert widow.summary.en == "Not entitled today; by age alone from 5 December 2016."
    assert widow.summary.hi == "आज हक़ नहीं है; उम्र पूरी होने पर 5 दिसंबर 2016 से होगा।"
    (age,) = widow.failing
    assert age.sentence_en == "The age must be 40 to 79 years (now: 39 years)."
    assert age.sentence_hi == "उम्र 40 से 79 वर्ष होनी चाहिए (अभी: 39 वर्ष)।"
    assert age.by_itself_on == date(2016, 12, 5)
    assert age.change is not None
    assert age.change.en == "This will hold by itself from 5 December 2016."
    assert age.register.en == "population register"
    assert "National Social Assistance Programme" in age.order.en
    assert age.stop_reason == "age"
    paid = _of(reasons, "SSP-WIDOW")
    assert paid.verdict is True
    assert paid.best
    assert paid.amount is not None
    assert paid.amount.en == "₹150 a month"
    assert [(part.en, paise) for part, paise in paid.components] == [("Government of Madhya Pradesh", 15000)]


def test_a_missing_birth_date_is_named_with_whom_to_ask(law: LawInForce) -> None:
    reason = _of(explain(law, _person()), "IGNWPS")
    assert reason.verdict is None
    assert reason.paise is None
    assert reason.possible_paise == 30000
    (age,) = reason.unknown
    assert age.missing == ("born_on",)
    assert age.value is not None
    assert age.value.en == "not known"
    assert age.change is not None
    assert age.change.en.startswith("Not known: date of birth. Ask ")
    assert "₹300" in reason.summary.en


def test_the_husbands_birthday_can_complete_the_couple(law: LawInForce) -> None:
    facts = _person(
        born_on=date(1960, 1, 1),
        marital_status="married",
        living_daughters=1,
        partner_present=True,
        partner_born_on=date(1957, 2, 28),
        partner_income_tax_payer=None,
    )
    kanya = _of(explain(law, facts), "KANYA")
    age = next(reason for reason in kanya.criteria if reason.code == "age")
    assert age.by_itself_on == date(2017, 2, 28)
    assert age.value is not None
    assert age.value.en == "56 years, husband 59 years"
    tax = next(reason for reason in kanya.criteria if reason.code == "tax")
    assert tax.missing == ("partner_income_tax_payer",)
    assert tax.change is not None
    assert "husband" in tax.change.en
    assert kanya.becomes_on is None


def test_a_leap_day_birthday_falls_on_1_march_of_a_common_year(law: LawInForce) -> None:
    old = _of(explain(law, _person(born_on=date(1960, 2, 29), marital_status="married")), "IGNOAPS")
    assert old.becomes_on == date(2020, 2, 29)
    later = _person(born_on=date(1996, 2, 29))
    assert _of(explain(law, later), "IGNWPS").becomes_on == date(2036, 2, 29)
    child = _person(born_on=date(2012, 2, 29), disability_percent=50.0)
    assert _of(explain(law, child), "SSP-PWD").becomes_on == date(2018, 3, 1)


def test_every_sentence_is_filled_in_both_languages(law: LawInForce) -> None:
    chance = random.Random(5)
    for _ in range(40):
        for scheme in explain(law, naive.some_row(chance, unknowns=0.3)):
            for text in (
                scheme.summary,
                *(reason.sentence for reason in scheme.criteria),
                *(reason.change for reason in scheme.criteria if reason.change is not None),
            ):
                assert text.en
                assert text.hi
                assert "{" not in text.en + text.hi
            for reason in scheme.criteria:
                assert (reason.verdict is None) == bool(reason.missing)
                assert reason.order.en
                assert reason.register.hi


def test_of_several_missing_facts_the_date_of_birth_is_asked_for_first(law: LawInForce) -> None:
    old = _of(explain(law, _person(bpl=False, destitute=None)), "SSP-OLD")
    assert old.verdict is None
    assert "date of birth" in old.summary.en


def test_a_question_not_answered_leaves_the_matter_open(law: LawInForce) -> None:
    blank = {name: None for name, _ in law.vocabulary.columns}
    reasons = explain(
        law, {**blank, "day": DAY, "alive": True, "migrated_out": False, "partner_present": False}
    )
    assert [reason.verdict for reason in reasons] == [None] * 9
    assert _of(reasons, "MRMD").unknown[0].missing == ("intellectual_disability", "multiple_disability")
    assert _of(reasons, "IGNOAPS").unknown[0].missing == ("bpl",)
    assert "date of birth" in _of(reasons, "IGNOAPS").summary.en
    everything = explain(law, {**blank, "day": DAY})
    assert [reason.verdict for reason in everything] == [None] * 9


def test_the_verdicts_are_the_months_own(law: LawInForce) -> None:
    chance = random.Random(9)
    for _ in range(60):
        row = naive.some_row(chance)
        for scheme in explain(law, row):
            assert scheme.verdict is naive.verdict(scheme.code, row)
