"""Pure rules: splits are exact, names are fit for a bank."""

import doctest
import re

from hypothesis import given
from hypothesis import strategies as st

from haqdar.payments import rules
from haqdar.payments.rules import components, difference, latin_name

OLD_AGE = [{"union": 20000}, {"union": 20000, "state": 7500}, {"union": 50000}]


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(rules).failed == 0


def test_a_lawful_amount_has_its_bands_components() -> None:
    assert components(27500, OLD_AGE) == {"union": 20000, "state": 7500}
    assert components(20000, OLD_AGE) == {"union": 20000, "state": 0}
    assert components(0, OLD_AGE) == {"union": 0, "state": 0}


def test_arrears_of_a_rise_come_from_who_pays_the_rise() -> None:
    assert difference(components(27500, OLD_AGE), components(20000, OLD_AGE)) == {"union": 0, "state": 7500}


@given(paise=st.integers(0, 10**12), before=st.integers(0, 10**12))
def test_every_split_adds_up_and_nothing_is_negative(paise: int, before: int) -> None:
    high, low = max(paise, before), min(paise, before)
    for parts, total in (
        (components(paise, OLD_AGE), paise),
        (difference(components(high, OLD_AGE), components(low, OLD_AGE)), high - low),
    ):
        assert sum(parts.values()) == total
        assert min(parts.values()) >= 0


@given(st.text())
def test_a_bank_name_is_capital_letters_and_single_blanks(name: str) -> None:
    assert re.fullmatch(r"([A-Z]+( [A-Z]+)*)?", latin_name(name))


def test_hindi_names_are_spelled_out() -> None:
    assert latin_name("लक्ष्मी बाई") == "LAKSHMI BAI"
    assert latin_name("अंजू वर्मा") == "ANJU VARMA"
    assert latin_name("José D'Souza") == "JOSE D SOUZA"
