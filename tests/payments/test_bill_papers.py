"""The documents of bills: amounts in words, everything that a treasury asks of a bill, signed once and kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from django.conf import settings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from tests.payments.examples import OCTOBER
from tests.payments.test_billing import (
    CEO,
    PURSE,
    STRANGER,
    a_closed_month,
    hold,
    key_of,
    places,
    pool,
    release,
    versions,
)

from haqdar.access.actors import OutsideYourArea
from haqdar.base.numerals import number_words
from haqdar.cases.papers.checking import signature_of
from haqdar.payments import billing
from haqdar.payments.amounts import amount_in_words, under_rupees
from haqdar.payments.bill_papers import BillPaperGone, NotSubmitted, make_missing, paper
from haqdar.payments.bill_words import segments

SIZES = {"crore": 10**7, "lakh": 10**5, "thousand": 1000, "hundred": 100}
SIZES |= dict(zip(("करोड़", "लाख", "हज़ार", "सौ"), SIZES.values(), strict=True))


def read_back(words: str, language: str) -> int:
    """What a clerk reads: every size multiplies what stands before it, `crore` everything."""
    small = {number_words(number, language): number for number in range(100)}
    total = group = 0
    for word in words.split():
        size = SIZES.get(word)
        if size == 10**7:
            total, group = (total + group) * size, 0
        elif size:
            total, group = total + group * size, 0
        else:
            group += small[word]
    return total + group


@pytest.mark.parametrize("language", ["en", "hi"])
@given(rupees=st.integers(0, 10**13) | st.integers(0, 2000), paise=st.integers(0, 99))
def test_an_amount_in_words_reads_back_as_itself(language: str, rupees: int, paise: int) -> None:
    said = amount_in_words(rupees * 100 + paise, language)
    if language == "en":
        assert said.startswith("Rupees ") and said.endswith(" only")
        whole, _, part = (
            said.removeprefix("Rupees ").removesuffix(" only").removesuffix(" paise").partition(" and ")
        )
    else:
        assert said.endswith(" मात्र")
        whole, _, part = (
            said.removesuffix(" मात्र").removesuffix(" पैसे").partition(" रुपया" if rupees == 1 else " रुपये")
        )
    assert read_back(whole, language) == rupees
    assert (read_back(part, language) if part else 0) == paise
    above = under_rupees(rupees * 100 + paise, language)
    above = above.removeprefix("Under rupees ").removesuffix(" only").removesuffix(" रुपये से कम")
    assert rupees * 100 + paise < read_back(above, language) * 100 <= (rupees + 1) * 100


def test_the_numbers_below_a_hundred_have_each_their_own_word() -> None:
    assert all(
        len({number_words(number, language) for number in range(100)}) == 100 for language in ("en", "hi")
    )


def test_a_head_of_the_law_is_shown_by_its_segments() -> None:
    shown = segments("34-2235-60-102-1101-01-004-V", date(2016, 10, 1), "hi")
    assert [(name.en, value) for name, value in shown][::7] == [
        ("Demand", "34"),
        ("Voted or charged", "मतदेय"),
    ]
    assert segments("2235", date(2016, 10, 1), "en")[0][1] == "2235"


@pytest.mark.django_db
def test_order_and_bill_are_signed_once_and_say_what_the_treasury_asks() -> None:
    places()
    a_closed_month()
    pool()
    hold(2)
    billing.sanction(CEO, "DDO1", OCTOBER)
    number = versions()[0][0]
    key = key_of(number)
    with pytest.raises(NotSubmitted):
        paper(CEO, key, "bill")
    name, order = paper(CEO, key, "order")
    assert name == f"order-{number.replace('/', '-')}-S1.pdf"
    billing.submit(PURSE, "DDO1", OCTOBER)
    release(2)
    assert make_missing() == 5
    assert make_missing() == 0
    _, bill = paper(PURSE, key, "bill")
    assert paper(CEO, key, "order")[1] == order and paper(PURSE, key, "bill")[1] == bill
    for document in (order, bill):
        signature = signature_of(document)
        assert signature is not None and signature.whole
        assert signature_of(document.replace(b"%%EOF", b"%%EOX", 1)) != signature
    said = " ".join(
        " ".join(page.get_textpage().get_text_range().split()) for page in pdfium.PdfDocument(bill)
    )
    for expected in (
        number,
        f"{number}/S1",
        "DDO1",
        "₹200",
        "Rupees two hundred only",
        "Under rupees two hundred one only",
        "₹9,800",
        "2 payees, ₹400",
        "Government of India",
        "2016-17",
        "GP1",
        "SHA-256",
    ):
        assert expected in said, expected
    with pytest.raises(OutsideYourArea):
        paper(STRANGER, key, "order")
    ((digest,),) = _fetched("SELECT content_hash FROM payments_bill_version WHERE key = %s", key)
    assert digest in said
    for file in Path(settings.HAQDAR_HOME, "bills").rglob("*.bill.*"):
        file.write_bytes(b"")
    with pytest.raises(BillPaperGone):
        paper(PURSE, key, "bill")


def _fetched(query: str, *values: object) -> list[tuple[str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()
