"""Days in words, as people write them."""

from datetime import date

from haqdar.base.refusal import Words

MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "hi": ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
}


def in_words(day: date) -> Words:
    """A day as a refusal says it.

    >>> in_words(date(2016, 10, 1)).en
    '1 October 2016'
    """
    en, hi = (f"{day.day} {MONTHS[language][day.month - 1]} {day.year}" for language in ("en", "hi"))
    return Words(en, hi)
