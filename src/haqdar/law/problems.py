"""What is wrong with a law, as values with the place in the file, and the refusal that carries them."""

from collections.abc import Iterable
from dataclasses import dataclass

from haqdar.base.refusal import Refusal


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One thing wrong in a law file: `file` (relative to the law's folder), `line` from 1, a sentence each."""

    file: str
    line: int
    en: str
    hi: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.en}"

    def sentence(self, language: str) -> str:
        """Place and sentence in `language` ("hi" or "en")."""
        return f"{self.file}:{self.line}: {self.hi if language == 'hi' else self.en}"


class LawRefused(Refusal):
    """The law's files cannot be used; `problems` says where and why."""

    code = "law_refused"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__(
            "\n".join(problem.sentence("en") for problem in self.problems),
            "\n".join(problem.sentence("hi") for problem in self.problems),
        )


class NoLawFolder(Refusal):
    """The folder that should hold a State's law does not."""

    code = "no_law_folder"
    en = "There is no law in {folder}: a State's folder holds state.yaml, vocabulary.yaml and schemes/*.yaml."
    hi = "{folder} में कोई कानून नहीं है: राज्य के फ़ोल्डर में state.yaml, vocabulary.yaml और schemes/*.yaml होते हैं।"


class NoLawInForce(Refusal):
    """No law is in force on the day asked for."""

    code = "no_law_in_force"
    en = "No law is in force on {day}; the law in {folder} begins on {first}."
    hi = "{day} को कोई कानून लागू नहीं है; {folder} का कानून {first} से शुरू होता है।"


class UnknownScheme(Refusal):
    """A scheme code that the law in force does not have."""

    code = "unknown_scheme"
    en = "There is no scheme {scheme} in the law; the schemes are {known}."
    hi = "कानून में {scheme} नाम की कोई योजना नहीं है; योजनाएँ ये हैं: {known}।"
