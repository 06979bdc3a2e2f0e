"""Amounts in words, as orders and cheques have them, with Indian grouping (thousand, lakh, crore)."""

_HINDI = (
    "शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस इक्कीस बाईस तेईस चौबीस"
    " पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस"
    " बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस अड़तालीस उनचास पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन"
    " अट्ठावन उनसठ साठ इकसठ बासठ तिरेसठ चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर"
    " छिहत्तर सतहत्तर अठहत्तर उनासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे बानवे"
    " तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे"
)
_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_HI, _ONES = _HINDI.split(), _ENGLISH.split()
_STEPS = (
    (10_000_000, "crore", "करोड़"),
    (100_000, "lakh", "लाख"),
    (1_000, "thousand", "हज़ार"),
    (100, "hundred", "सौ"),
)


def number_words(number: int, language: str) -> str:
    """A whole number from 0 in words.

    >>> number_words(500, "hi"), number_words(275, "hi"), number_words(1_25_00_300, "en")
    ('पाँच सौ', 'दो सौ पचहत्तर', 'one crore twenty-five lakh three hundred')
    """
    if number < 0:
        raise ValueError(f"{number} is negative")
    hindi = language == "hi"
    words: list[str] = []
    for size, english, name in _STEPS:
        count, number = divmod(number, size)
        if count:
            words += [number_words(count, language), name if hindi else english]
    if number or not words:
        if hindi:
            words.append(_HI[number])
        elif number < 20:
            words.append(_ONES[number])
        else:
            ten, one = divmod(number, 10)
            words.append(_TENS[ten - 2] + (f"-{_ONES[one]}" if one else ""))
    return " ".join(words)


def rupees_in_words(paise: int, language: str) -> str:
    """An amount of at least 0 paise in words.

    >>> rupees_in_words(30000, "hi"), rupees_in_words(30050, "en"), rupees_in_words(100, "en")
    ('तीन सौ रुपये', 'three hundred rupees and fifty paise', 'one rupee')
    """
    whole, part = divmod(paise, 100)
    if language == "hi":
        rupees = f"{number_words(whole, language)} {'रुपया' if whole == 1 else 'रुपये'}"
        return f"{rupees} {number_words(part, language)} पैसे" if part else rupees
    rupees = f"{number_words(whole, language)} {'rupee' if whole == 1 else 'rupees'}"
    return f"{rupees} and {number_words(part, language)} paise" if part else rupees
