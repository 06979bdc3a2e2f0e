"""Refusals: the typed, bilingual answers to a request that cannot be carried out.

A stage declares one subclass per refusal, beside the action that raises it:

    class UnknownScheme(Refusal):
        code = "unknown_scheme"
        en = "There is no scheme {scheme}; the schemes are {known}."
        hi = "{scheme} नाम की कोई योजना नहीं है; योजनाएँ ये हैं: {known}।"

    raise UnknownScheme(scheme="IGNWPX", known="IGNWPS, IGNDPS")
"""

import re
from typing import ClassVar, NamedTuple


class Words(NamedTuple):
    """A value of a refusal that itself differs by language."""

    en: str
    hi: str


class Refusal(Exception):
    """A request that cannot be carried out, said in English and Hindi.

    `code` is a stable word (default: the class name in snake_case), `en` and `hi` are the finished
    sentences, `values` what was filled into them, `exit_code` the command line's exit status.
    `str()` gives the English sentence. Subclasses set `en` and `hi` as templates with named
    placeholders, filled from the keyword values (`Words` where a value differs by language);
    `Refusal("English sentence", "हिंदी वाक्य")` sets finished sentences directly.
    """

    code: str = ""
    en: str = ""
    hi: str = ""
    exit_code: ClassVar[int] = 1

    def __init__(self, en: str | None = None, hi: str | None = None, /, **values: object) -> None:
        self.values = values
        self.code = type(self).code or _snake(type(self).__name__)
        self.en = en if en is not None else type(self).en.format(**_in(0, values))
        self.hi = (
            hi if hi is not None else (type(self).hi.format(**_in(1, values)) if en is None else self.en)
        )
        super().__init__(self.en)

    def __str__(self) -> str:
        return self.en

    def sentence(self, language: str) -> str:
        """The sentence in `language` ("hi" or "en")."""
        return self.hi if language == "hi" else self.en


class WrongUsage(Refusal):
    """A command was given arguments it cannot understand (exit status 2)."""

    exit_code = 2


def _in(language: int, values: dict[str, object]) -> dict[str, object]:
    return {name: value[language] if isinstance(value, Words) else value for name, value in values.items()}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
