"""Words in both languages, read from a mapping with the keys `en` and `hi`."""

from dataclasses import dataclass
from datetime import date

from haqdar.law.reading import Node, Problems


@dataclass(frozen=True, slots=True)
class Text:
    """One text in English and Hindi."""

    en: str
    hi: str

    def in_language(self, language: str) -> str:
        """The text in `language` ("hi" or "en")."""
        return self.hi if language == "hi" else self.en


def text_of(node: Node | None, at: Node, what: str, problems: Problems) -> Text:
    """The text of `what` in a node; a missing language is a problem at the node (or at `at`)."""
    place = node if node is not None else at
    said: dict[str, str] = {}
    for language, name_en, name_hi in (("en", "English", "अंग्रेज़ी"), ("hi", "Hindi", "हिंदी")):
        value = node.get(language) if node is not None else None
        if value is None or not value.text or not value.text.strip():
            problems.add(
                place,
                f"{what} lacks its {name_en} text (key '{language}')",
                f"{what} का {name_hi} पाठ नहीं है (कुंजी '{language}')",
            )
            said[language] = ""
        else:
            said[language] = " ".join(value.text.split())
    return Text(said["en"], said["hi"])


_MONTHS = (
    Text("January", "जनवरी"),
    Text("February", "फ़रवरी"),
    Text("March", "मार्च"),
    Text("April", "अप्रैल"),
    Text("May", "मई"),
    Text("June", "जून"),
    Text("July", "जुलाई"),
    Text("August", "अगस्त"),
    Text("September", "सितंबर"),
    Text("October", "अक्टूबर"),
    Text("November", "नवंबर"),
    Text("December", "दिसंबर"),
)


def month_name(number: int) -> Text:
    """The name of a calendar month, 1 for January."""
    return _MONTHS[number - 1]


def day_text(day: date) -> Text:
    """A date as people read it.

    >>> day_text(date(2016, 10, 1)).en, day_text(date(2016, 10, 1)).hi
    ('1 October 2016', '1 अक्टूबर 2016')
    """
    month = _MONTHS[day.month - 1]
    return Text(f"{day.day} {month.en} {day.year}", f"{day.day} {month.hi} {day.year}")
