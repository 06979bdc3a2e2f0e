"""Amounts as bills and sanction orders write them: in words of the Indian system, and "under rupees"."""

from haqdar.base.numerals import number_words


def amount_in_words(paise: int, language: str) -> str:
    """An amount of at least 0 paise, closed so that nothing can be written behind it.

    >>> amount_in_words(5750000, "en"), amount_in_words(5750050, "hi")
    ('Rupees fifty-seven thousand five hundred only', 'सत्तावन हज़ार पाँच सौ रुपये पचास पैसे मात्र')
    """
    whole, part = divmod(paise, 100)
    if language == "hi":
        parts = f" {number_words(part, 'hi')} पैसे" if part else ""
        return f"{number_words(whole, 'hi')} {_rupees(whole)}{parts} मात्र"
    parts = f" and {number_words(part, 'en')} paise" if part else ""
    return f"Rupees {number_words(whole, 'en')}{parts} only"


def under_rupees(paise: int, language: str) -> str:
    """The bill's line "under rupees": the next whole rupee above the amount, so that no figure can be put before it.

    >>> under_rupees(5750000, "en"), under_rupees(99, "hi")
    ('Under rupees fifty-seven thousand five hundred one only', 'एक रुपये से कम')
    """
    above = paise // 100 + 1
    if language == "hi":
        return f"{number_words(above, 'hi')} रुपये से कम"
    return f"Under rupees {number_words(above, 'en')} only"


def _rupees(whole: int) -> str:
    return "रुपया" if whole == 1 else "रुपये"
