"""The words that services/*.yaml give: subjects of grievances, answers, grounds and reasons of appeals."""

from haqdar.base.refusal import Refusal
from haqdar.cases.clock import services
from haqdar.law import Text

LODGED = ("grievance", "report", "feedback")
APPEALS = ("appeal", "second_appeal")


def service_word(kind: str, code: str | None, language: str) -> str:
    """The word for a code of a case of `kind`; empty where the law of services has none.

    Penalties are decided about a case of any kind, and an order that opens a case again names the appeal's reason.
    """
    if not code:
        return ""
    try:
        book = services()
    except (Refusal, OSError):
        return ""
    words: dict[str, Text] = {}
    if kind in LODGED:
        words |= {subject.code: subject.name for subject in book.grievances.subjects}
        words |= book.grievances.answers | book.grievances.forward_reasons
    if kind in APPEALS:
        words |= book.appeals.grounds
    for table in (*book.appeals.decisions.values(), *book.appeals.penalties.values()):
        for name, text in table.items():
            words.setdefault(name, text)
    return words[code].in_language(language) if code in words else ""
