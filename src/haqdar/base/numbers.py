"""Public numbers of cases and orders: however they were typed, and whether their check digits are right.

A number is a letter, two digits of the year, eight digits and two check digits (ISO 7064 mod 97-10): A26-48219035-50.
"""

from __future__ import annotations

from typing import NamedTuple

LENGTH = 13
_LOOK_ALIKE = str.maketrans("OQDILZSB०१२३४५६७८९", "000112580123456789")


class Typed(NamedTuple):
    """A number as it is written (empty: no number at all), and whether its check digits are right."""

    number: str
    right: bool


def number_typed(text: str) -> Typed:
    """The public number that somebody typed, with blanks and dashes anywhere and look-alike letters for digits.

    >>> number_typed("a26 4821 9035 50"), number_typed("A26-4821903S-5O").number, number_typed("A26-48219053-50").right
    (Typed(number='A26-48219035-50', right=True), 'A26-48219035-50', False)
    >>> number_typed("123")
    Typed(number='', right=False)
    """
    signs = [sign for sign in text.upper() if sign.isalnum()]
    letter = signs[0] if signs else ""
    digits = "".join(signs[1:]).translate(_LOOK_ALIKE)
    if len(signs) != LENGTH or not "A" <= letter <= "Z" or not (digits.isascii() and digits.isdecimal()):
        return Typed("", False)
    return Typed(f"{letter}{digits[:2]}-{digits[2:10]}-{digits[10:]}", int(digits) % 97 == 1)
