"""What the fields and levels of the linkage mean, for people."""

from haqdar.base.refusal import Words

FIELDS: dict[str, Words] = {
    "given": Words("Given name", "नाम"),
    "surname": Words("Surname", "उपनाम"),
    "relation": Words("Father or husband", "पिता या पति"),
    "mother": Words("Mother", "माता"),
    "birth": Words("Birth", "जन्म"),
    "sex": Words("Sex", "लिंग"),
    "place": Words("Place", "जगह"),
    "mobile": Words("Mobile", "मोबाइल"),
    "aadhaar": Words("Aadhaar", "आधार"),
}

_MISSING = Words("not known of both", "दोनों का पता नहीं")
_LEVELS: dict[str, dict[str, Words]] = {
    "given": {
        "exact": Words("the same", "एक ही"),
        "sound": Words("sounds alike, written differently", "सुनने में एक, लिखावट अलग"),
        "joined": Words("the same in other words", "वही नाम, शब्द अलग-अलग लिखे"),
        "swapped": Words("name and surname exchanged", "नाम और उपनाम उलटे"),
        "slip": Words("one sound differs", "एक ध्वनि का अंतर"),
        "letter": Words("one letter differs", "एक अक्षर का अंतर"),
        "other": Words("different", "अलग"),
    },
    "surname": {
        "exact": Words("the same", "एक ही"),
        "sound": Words("sounds alike, written differently", "सुनने में एक, लिखावट अलग"),
        "kin": Words("the same as the husband's or father's", "पति या पिता का उपनाम वही"),
        "slip": Words("one sound differs", "एक ध्वनि का अंतर"),
        "other": Words("different", "अलग"),
    },
    "relation": {
        "both": Words("father and spouse the same", "पिता और पति/पत्नी दोनों एक ही"),
        "father": Words("father the same", "पिता एक ही"),
        "husband": Words("husband or wife the same", "पति या पत्नी एक ही"),
        "same": Words("the same", "एक ही"),
        "slip": Words("one sound differs", "एक ध्वनि का अंतर"),
        "other": Words("different", "अलग"),
    },
    "mother": {"same": Words("the same", "एक ही"), "other": Words("different", "अलग")},
    "birth": {
        "day": Words("the same day", "एक ही तारीख"),
        "year": Words("the same year, the day is not known of both", "एक ही साल, दोनों की तारीख पता नहीं"),
        "slip": Words("dates differ in one digit, or day and month exchanged", "तारीख में एक अंक का अंतर, या दिन-महीना उलटे"),
        "same_year": Words("the same year, another day", "एक ही साल, तारीख अलग"),
        "near_day": Words("other days, up to two years apart", "तारीख़ें अलग, दो साल तक का अंतर"),
        "far_day": Words("other days, more than two years apart", "तारीख़ें अलग, दो साल से ज़्यादा का अंतर"),
        "two_years": Words("up to two years apart", "दो साल तक का अंतर"),
        "five_years": Words("up to five years apart", "पाँच साल तक का अंतर"),
        "ten_years": Words("up to ten years apart", "दस साल तक का अंतर"),
        "other": Words("more than ten years apart", "दस साल से ज़्यादा का अंतर"),
    },
    "sex": {"same": Words("the same", "एक ही"), "other": Words("different", "अलग")},
    "place": {
        "family": Words("the same family", "एक ही परिवार"),
        "house": Words("the same address", "एक ही पता"),
        "area": Words("the same panchayat or ward", "एक ही पंचायत या वार्ड"),
        "block": Words("the same block", "एक ही जनपद"),
        "pin": Words("the same PIN code", "एक ही पिन कोड"),
        "unlike": Words("another village or panchayat", "दूसरा गाँव या पंचायत"),
        "district": Words("the same district", "एक ही ज़िला"),
        "other": Words("elsewhere", "कहीं और"),
    },
    "mobile": {"same": Words("the same", "एक ही"), "other": Words("different", "अलग")},
    "aadhaar": {
        "same": Words("the same number", "एक ही नंबर"),
        # no level of a model: eKYC met it (ekyc.clashes)
        "verified": Words("the same verified Aadhaar number", "एक ही सत्यापित आधार नंबर"),
        "other": Words("different numbers", "अलग-अलग नंबर"),
    },
}  # fmt: skip


def sentence(field: str, level: str) -> Words:
    """What a level of a field says of two records.

    >>> sentence("birth", "day").en
    'the same day'
    """
    return _MISSING if level == "missing" else _LEVELS[field][level]
