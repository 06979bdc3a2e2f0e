"""The law in words: derived from the computed tests, in both languages, without anybody's own value."""

import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import sqlglot
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law.test_expressions import _random_test

from haqdar.config.commands import law as law_command
from haqdar.entitlement.law_mutations import mutations
from haqdar.law import STOP_REASONS, LawInForce, UnknownScheme, load_lawbook
from haqdar.law.expressions import test_of
from haqdar.law.prose import STOP_WORDS, scheme_prose, sentence_for_anybody, test_words
from haqdar.law.prose_layout import as_json, as_page, as_text
from haqdar.law.reading import Node, Problems

Spoil = Callable[..., Path]

DAY = date(2016, 10, 1)
for _made in (test_words, test_of):
    _made.__test__ = False  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("test", "en", "hi"),
    [
        ("bpl", "the family is on the BPL register: yes", "परिवार बीपीएल सूची में है: हाँ"),
        ("not bpl", "the family is on the BPL register: no", "परिवार बीपीएल सूची में है: नहीं"),
        ("bpl = false", "the family is on the BPL register: no", "परिवार बीपीएल सूची में है: नहीं"),
        ("age between 40 and 79", "age: 40 to 79 years", "उम्र: 40 से 79 वर्ष"),
        ("age >= 60", "age: 60 years or more", "उम्र: 60 वर्ष या ज़्यादा"),
        ("60 <= age", "age: 60 years or more", "उम्र: 60 वर्ष या ज़्यादा"),
        ("age < 18", "age: less than 18 years", "उम्र: 18 वर्ष से कम"),
        ("living_sons = 0", "living sons of the couple: 0", "दंपती के जीवित बेटे: 0"),
        ("sex <> 'F'", "sex: not woman", "लिंग: महिला नहीं"),
        (
            "marital_status in ('married', 'widowed', 'deserted')",
            "marital status: married, widowed or deserted",
            "वैवाहिक स्थिति: विवाहित, विधवा / विधुर या परित्यक्त",
        ),
        ("sex not in ('F', 'M')", "sex: not woman or man", "लिंग: महिला या पुरुष नहीं"),
        (
            "bpl and (age >= 60 or destitute)",
            "the family is on the BPL register: yes, and (age: 60 years or more, or has no support: yes)",
            "परिवार बीपीएल सूची में है: हाँ, और (उम्र: 60 वर्ष या ज़्यादा, या निराश्रित हैं: हाँ)",
        ),
        ("not (age >= 60)", "age: less than 60 years", "उम्र: 60 वर्ष से कम"),
        ("not sex = 'F'", "sex: not woman", "लिंग: महिला नहीं"),
        (
            "not (bpl or destitute)",
            "it is not so that (the family is on the BPL register: yes, or has no support: yes)",
            "ऐसा न हो कि (परिवार बीपीएल सूची में है: हाँ, या निराश्रित हैं: हाँ)",
        ),
        (
            "bpl = (sex in ('F'))",
            "the family is on the BPL register: “sex: woman”",
            "परिवार बीपीएल सूची में है: “लिंग: महिला”",
        ),
        (
            "(age >= 60) <> bpl",
            "the family is on the BPL register: not “age: 60 years or more”",
            "परिवार बीपीएल सूची में है: “उम्र: 60 वर्ष या ज़्यादा” नहीं",
        ),
        (
            "couple_any(age >= 60)",
            "of the person or the living husband, one at least (age: 60 years or more)",
            "व्यक्ति या उनके जीवित पति, कम से कम एक (उम्र: 60 वर्ष या ज़्यादा)",
        ),
        (
            "couple_none(income_tax_payer)",
            "of the person and the living husband, neither (pays income tax: yes)",
            "न व्यक्ति, न उनके जीवित पति (आयकर देते हैं: हाँ)",
        ),
        (
            "living_daughters > living_sons",
            "living daughters of the couple: more than “living sons of the couple”",
            "",
        ),
    ],
)
def test_a_test_in_words(law: LawInForce, test: str, en: str, hi: str) -> None:
    words = test_words(sqlglot.parse_one(test, read="duckdb"), law.vocabulary)
    assert words.en == en
    if hi:
        assert words.hi == hi


def test_every_mistake_in_a_condition_shows_in_its_words(law: LawInForce) -> None:
    """Words that did not change with the test would hide a change of the law."""
    tried = 0
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            parameters = dict(criterion.parameters)
            right = test_words(criterion.test.filled(parameters), law.vocabulary)
            for mutation in mutations(criterion.test.tree, parameters, law.vocabulary):
                wrong = test_words(mutation.tree, law.vocabulary)
                assert wrong.en != right.en, mutation
                assert wrong.hi != right.hi, mutation
                tried += 1
    assert tried > 150


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_test_has_words_for_every_fact_and_number_in_it(law: LawInForce, seed: int) -> None:
    text, _ = _random_test(random.Random(seed), depth=3)
    tree = sqlglot.parse_one(text, read="duckdb")
    words = test_words(tree, law.vocabulary)
    for column in tree.find_all(sqlglot.exp.Column):
        fact = law.vocabulary.facts[column.name]
        assert fact.name.en in words.en
        assert fact.name.hi in words.hi
    for number in tree.find_all(sqlglot.exp.Literal):
        if not number.is_string:
            assert str(number.this) in words.en
            assert str(number.this) in words.hi


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_mistake_in_any_test_is_a_test_again(law: LawInForce, seed: int) -> None:
    text, _ = _random_test(random.Random(seed), depth=2)
    for mutation in mutations(sqlglot.parse_one(text, read="duckdb"), {}, law.vocabulary):
        problems = Problems()
        node = Node("mutant.yaml", 1)
        node.text = mutation.tree.sql("duckdb", normalize_functions=False)
        assert test_of(node, law.vocabulary, {}, problems) is not None, problems.found
        assert test_words(mutation.tree, law.vocabulary).hi


def test_the_sentence_for_anybody_leaves_the_persons_value_out(law: LawInForce) -> None:
    age = law.scheme("IGNWPS").criterion("age")
    assert sentence_for_anybody(age).en == "The age must be 40 to 79 years."
    assert sentence_for_anybody(age).hi == "उम्र 40 से 79 वर्ष होनी चाहिए।"
    for scheme in law.schemes:
        for criterion in scheme.criteria:
            sentence = sentence_for_anybody(criterion)
            for text in (sentence.en, sentence.hi):
                assert text
                assert not set("{}()\0…") & set(text)


def test_the_computed_words_follow_the_law_and_not_the_sentence(spoilt: Spoil) -> None:
    """A careless change leaves the sentence as it was; the computed words say what is really asked."""
    changed = spoilt(
        "schemes/mrmd.yaml", "intellectual_disability or multiple", "intellectual_disability and multiple"
    )
    (condition,) = [
        entry
        for entry in scheme_prose(load_lawbook(changed), "MRMD", DAY).conditions
        if entry.code == "disability"
    ]
    assert "intellectual disability or of multiple" in condition.sentence.en
    assert "disabled: yes, and is certified" in condition.computed.en


def test_a_scheme_in_words_says_everything(folder: Path) -> None:
    prose = scheme_prose(load_lawbook(folder), "IGNOAPS", DAY)
    text = as_text(prose, "en")
    for said in (
        "Indira Gandhi National Old Age Pension (IGNOAPS)",
        "as the law stands on 1 October 2016",
        "In force since 1 April 2012, without an end.",
        "Sponsored by the Government of India.",
        "The others: IGNWPS, IGNDPS, SSP-OLD, SSP-WIDOW, SSP-DESERTED, SSP-PWD.",
        "all 4 conditions",
        "4. The age must be 60 years or more.",
        "Computed: age: 60 years or more.",
        "If not known (date of birth): undecided; ask the family or the local body's birth register.",
        "age: 65 to 79 years — ₹275 a month (₹200 Government of India + ₹75 Government of Madhya Pradesh)",
        "At once, with a notice the same day: the person has died; the person has moved out of the State.",
        "After 30 days of notice, open to appeal: the family is no longer on the BPL register",
        "National Social Assistance Programme",
        "conditions 3, 4, the amount",
    ):
        assert said in text
    assert "What the officer confirms" not in text
    assert "What the officer confirms" in as_text(scheme_prose(load_lawbook(folder), "KANYA", DAY), "en")


def test_hindi_has_no_english_words(folder: Path) -> None:
    book = load_lawbook(folder)
    for scheme in book.on(DAY).schemes:
        text = as_text(scheme_prose(book, scheme.code, DAY), "hi")
        for word in (" the ", " is ", "Computed", "Since", "a month", "yes"):
            assert word not in text


def test_an_end_and_a_coming_change_are_said(spoilt: Spoil) -> None:
    changed = spoilt("schemes/mrmd.yaml", "{from: 2012-04-01}", "{from: 2012-04-01, until: 2018-03-31}")
    text = as_text(scheme_prose(load_lawbook(changed), "MRMD", DAY), "en")
    assert "In force from 1 April 2012 to 31 March 2018." in text
    assert "A change is already set for 1 April 2018" in text


def test_page_and_json_hold_the_same(folder: Path) -> None:
    prose = scheme_prose(load_lawbook(folder), "KANYA", DAY)
    page = as_page([prose], ("hi", "en"))
    assert page.index('<article lang="hi">') < page.index('<article lang="en">')
    assert "<h1>Mukhyamantri Kanya Abhibhavak Pension (KANYA)</h1>" in page
    (data,) = json.loads(as_json([prose]))
    assert data["amounts"] == [
        {
            "when": None,
            "paise": 50000,
            "shares": [[{"en": "Government of Madhya Pradesh", "hi": "मध्य प्रदेश शासन"}, 50000]],
            "order": data["amounts"][0]["order"],
            "since": "2012-04-01",
        }
    ]
    assert [entry["code"] for entry in data["conditions"]][:3] == ["alive", "resident", "sex"]


def test_what_comes_from_the_law_is_escaped_on_the_page(spoilt: Spoil) -> None:
    changed = spoilt("schemes/mrmd.yaml", 'name: {en: "Assistance', 'name: {en: "<script>Assistance')
    assert "<script>" not in as_page([scheme_prose(load_lawbook(changed), "MRMD", DAY)], ("en",))


def test_the_command_explains_one_scheme_or_all(folder: Path, law: LawInForce) -> None:
    def run(*arguments: str) -> str:
        result = CliRunner().invoke(law_command.command, ["explain", *arguments, "--law", str(folder)])
        assert result.exception is None
        return result.output

    one = run("kanya", "--on", "2016-10-01")
    assert one.index("मुख्यमंत्री कन्या") < one.index("Mukhyamantri Kanya")
    everything = run("--on", "2016-10-01", "--lang", "en")
    for scheme in law.schemes:
        assert f"{scheme.name.en} ({scheme.code})" in everything
    assert len(json.loads(run("--format", "json"))) == len(law.schemes)
    assert run("mrmd", "--format", "html", "--lang", "en").startswith('<!doctype html>\n<html lang="en">')


def test_an_unknown_scheme_is_refused(folder: Path) -> None:
    with pytest.raises(UnknownScheme):
        scheme_prose(load_lawbook(folder), "NIX", DAY)


def test_every_stop_reason_has_words() -> None:
    assert set(STOP_REASONS) <= set(STOP_WORDS)
