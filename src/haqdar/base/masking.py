"""Names and numbers of people as public pages show them: enough to recognise one's own, too little to learn another's."""

import unicodedata


def masked_name(name: str) -> str:
    """The first letter of each word but the last, which stays when there is more than one.

    >>> masked_name("सरस्वती बाई देवी"), masked_name("Ramsingh Yadav"), masked_name("कमला"), masked_name("")
    ('स… ब… देवी', 'R… Yadav', 'क…', '')
    """
    words = name.split()
    if not words:
        return ""
    kept = words[-1:] if len(words) > 1 else []
    return " ".join([*(f"{_first(word)}…" for word in (words[:-1] if kept else words)), *kept])


def masked_member(member_id: int | None) -> str:
    """A member ID by its last three digits.

    >>> masked_member(100000200), masked_member(None)
    ('XXX XXX 200', '')
    """
    return "" if member_id is None else f"XXX XXX {member_id % 1000:03d}"


def _first(word: str) -> str:
    """The first letter without its vowel sign: "सी" and "सा" both begin with "स"."""
    return next((sign for sign in word if unicodedata.category(sign).startswith("L")), word[:1])
