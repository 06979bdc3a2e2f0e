"""The words of money in Hindi and English."""

from datetime import date

from haqdar.payments.returned_for import Reason

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
    "compensation": ("Compensation", "मुआवज़ा"),
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
    "compensation": (
        "for the delay in your case; the penalty imposed on the officer is paid to you",
        "आपके प्रकरण में हुई देरी के लिए; अधिकारी पर लगी शास्ति आपको दी जाती है",
    ),
}

_STATES = {
    "drawn": ("worked out; its bill comes next", "हिसाब बन गया; अब बिल बनेगा"),
    "billed": ("its bill is made; the treasury passes it next", "बिल बन गया; अब कोषालय से पास होगा"),
    "passed": (
        "the treasury has passed the bill; it goes to the bank next",
        "कोषालय ने बिल पास किया; अब बैंक को जाएगा",
    ),
    "with_bank": ("with the bank, to be credited", "बैंक के पास है, खाते में आना है"),
    "credited": ("credited to the account", "खाते में जमा हुआ"),
    "again": ("came back once and is being sent again", "एक बार लौटा, अब फिर भेजा जा रहा है"),
    "held": (
        "held back for now; ask at your panchayat or town office",
        "अभी रोका गया है; पंचायत या नगर कार्यालय में पूछें",
    ),
    "back_retry": (
        "It is sent again by itself; you need not do anything.",
        "यह अपने आप फिर भेजा जाएगा; आपको कुछ नहीं करना है।",
    ),
    "back_bank": (
        "Settle it at the bank, then tell your panchayat or town office.",
        "बैंक जाकर ठीक कराएँ, फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "back_account": (
        "Have the account corrected at your panchayat or town office; then it is sent again.",
        "पंचायत या नगर कार्यालय में खाता ठीक कराएँ; तब यह फिर भेजा जाएगा।",
    ),
    "back_death": (
        "The office is looking into it; if it is a mistake, say so at your panchayat or town office.",
        "कार्यालय इसकी जाँच कर रहा है; अगर यह ग़लत है, तो पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "withheld": ("kept back for an earlier over-payment", "पहले के अधिक भुगतान के बदले रोका गया"),
    "recovered": ("recovered", "वसूल हुआ"),
    "given_up": ("settled; nothing more is kept back", "निपट गया; अब कुछ नहीं कटेगा"),
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
    "no_heir": (
        "not paid: the payee has died; an heir brings the paper of succession and a passbook to the panchayat or town office, then it is paid",
        "भुगतान नहीं हुआ: जिन्हें मिलना था उनकी मृत्यु हो गई; वारिस उत्तराधिकार का कागज़ और पासबुक लेकर पंचायत या नगर कार्यालय आएँ, तब भुगतान होगा",
    ),
    "next_month": (
        "is paid with the next month; the account on record must be in order",
        "अगले महीने के साथ मिलेगा; दर्ज खाता सही होना चाहिए",
    ),
}

_STEPS = {
    "billed": ("bill made", "बिल बना"),
    "passed": ("bill passed by the treasury", "कोषालय से बिल पास हुआ"),
    "sent": ("sent to the bank", "बैंक को भेजा"),
    "credited": ("credited", "खाते में जमा हुआ"),
    "returned": ("came back", "लौट आया"),
}

_TO_DO = {
    "kyc": (
        "Take your Aadhaar card and a photograph to the bank (KYC), then tell your panchayat or town office.",
        "आधार और फ़ोटो लेकर बैंक जाएँ (KYC कराएँ), फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "documents": (
        "Take proof of age and identity to the bank, then tell your panchayat or town office.",
        "उम्र और पहचान के काग़ज़ लेकर बैंक जाएँ, फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "activate": (
        "Go to the bank with your passbook and have the account opened again, then tell your panchayat or town office.",
        "पासबुक लेकर बैंक जाएँ और खाता चालू कराएँ, फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "first_deposit": (
        "Make a deposit at your own branch, then tell your panchayat or town office.",
        "अपनी शाखा में एक बार जमा करें, फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "limit": (
        "Ask the bank for an account without this limit, then tell your panchayat or town office.",
        "बैंक से खाते की सीमा हटवाएँ, फिर पंचायत या नगर कार्यालय में बताएँ।",
    ),
    "bank": _STATES["back_bank"],
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


def step_words(kind: str, account_last4: str, reason: Reason | None, language: str) -> str:
    """One step of a credit in words: where it was sent, or why it came back."""
    hindi = language == "hi"
    said = _STEPS[kind][hindi]
    if kind == "returned" and reason is not None:
        return f"{said}: {reason.words(language)}"
    if kind in ("sent", "credited") and account_last4:
        ending = "खाता, अंतिम अंक" if hindi else "account ending in"
        return f"{said} ({ending} {account_last4})"
    return said


def to_do(word: str, language: str) -> str:
    """What somebody does at the bank so that the credit can be made; `word` is that of the table of reasons."""
    return _TO_DO.get(word, _STATES["back_bank"])[language == "hi"]


def came_back(why: str, todo: str, language: str) -> str:
    """That a credit came back, why, and what to do."""
    if language == "hi":
        return f"बैंक से लौट आया: {why}। {todo}"
    return f"came back from the bank: {why}. {todo}"
