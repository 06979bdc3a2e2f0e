"""The words of money in Hindi and English."""

from datetime import date

LANGUAGES = ("hi", "en")

# fmt: off
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "hi": (
        "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर",
    ),
}
# fmt: on

_KINDS = {
    "regular": ("Pension", "पेंशन"),
    "arrears": ("Arrears", "बकाया"),
    "recovery": ("Recovery", "वसूली"),
}

_REASONS = {
    "regular": ("pension of {month}", "{month} की पेंशन"),
    "arrears": (
        "was owed for {month} and became known later",
        "{month} के लिए देय था, इसका पता बाद में चला",
    ),
    "recovery": (
        "was paid for {month} but not owed, as became known later; kept back from later payments in parts",
        "{month} के लिए दिया गया पर देय नहीं था, इसका पता बाद में चला; आगे के भुगतानों से भागों में काटा जाता है",
    ),
}

_STATES = {
    "sent": ("in the bank file", "बैंक फ़ाइल में"),
    "withheld": ("kept back for an earlier over-payment", "पहले के अधिक भुगतान के बदले रोका गया"),
    "recovered": ("recovered", "वसूल हुआ"),
    "outstanding": ("not yet recovered in full", "अभी पूरा वसूल नहीं हुआ"),
    "no_ddo": (
        "not paid: no drawing officer is recorded for the place of residence",
        "भुगतान नहीं हुआ: निवास के लिए कोई आहरण अधिकारी दर्ज नहीं है",
    ),
    "no_account": (
        "not paid: no bank account is recorded; give it to the local body",
        "भुगतान नहीं हुआ: बैंक खाता दर्ज नहीं है; इसे स्थानीय निकाय में दर्ज कराएँ",
    ),
    "no_ifsc": (
        "not paid: the bank branch (IFSC) is missing; give it to the local body",
        "भुगतान नहीं हुआ: बैंक शाखा (IFSC) दर्ज नहीं है; इसे स्थानीय निकाय में दर्ज कराएँ",
    ),
    "no_name": (
        "not paid: the name is not written in letters a bank can read",
        "भुगतान नहीं हुआ: नाम ऐसे अक्षरों में नहीं है जिन्हें बैंक पढ़ सके",
    ),
}


def month_name(day: date, language: str) -> str:
    """The month of `day` in words.

    >>> month_name(date(2016, 10, 1), "en"), month_name(date(2016, 10, 1), "hi")
    ('October 2016', 'अक्टूबर 2016')
    """
    return f"{_MONTHS[language][day.month - 1]} {day.year}"


def kind_word(kind: str, language: str) -> str:
    """What a kind of due is called."""
    return _KINDS[kind][language == "hi"]


def reason_words(kind: str, for_month: date, language: str) -> str:
    """Why a due exists, for the month it is for."""
    return _REASONS[kind][language == "hi"].format(month=month_name(for_month, language))


def state_words(state: str, language: str) -> str:
    """What became of a due."""
    return _STATES[state][language == "hi"]
