"""When a signed document about a person is accepted, and the notice of its use, read from ekyc.yaml.

The notice is that of the Digital Personal Data Protection Act 2023, section 5; its version is the first day on which it holds.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from haqdar.base.refusal import Refusal
from haqdar.law.dated import Dated, dated_of
from haqdar.law.problems import LawRefused
from haqdar.law.reading import Node, Problems, read
from haqdar.law.texts import Text, text_of

_FILE = "ekyc.yaml"
_DAYS = 36_525


class NoEkycLaw(Refusal):
    """The State's law does not say when a signed document is accepted."""

    code = "no_ekyc_law"
    en = "There is no {folder}/ekyc.yaml, or none of its rules holds on {day}; eKYC needs one (see law/mp/ekyc.yaml)."
    hi = "{folder}/ekyc.yaml नहीं है, या {day} को उसका कोई नियम लागू नहीं; eKYC के लिए यह चाहिए (law/mp/ekyc.yaml देखें)।"


@dataclass(frozen=True, slots=True)
class EkycRules:
    """The rules in force on a day: the oldest document in days, clock and waiting time in minutes, and the notice.

    `citizen_age_years` is the largest correction of a birth date that a citizen confirms alone; a document with another name and a
    birth further away is taken for another person's. `qr_status_one` is
    mobile or email: sources disagree whose hash it says.
    """

    source: Text
    offline_xml_days: int
    secure_qr_days: int
    ahead_minutes: int
    hold_minutes: int
    citizen_age_years: int
    qr_status_one: str
    notice_version: str
    notice: tuple[Text, ...]


def ekyc_on(law: Path | str, day: date) -> EkycRules:
    """The rules in force on a day; raises `NoEkycLaw`, and `LawRefused` for a broken file."""
    folder = Path(law)
    if not (folder / _FILE).is_file():
        raise NoEkycLaw(day=day, folder=folder)
    problems = Problems()
    root = read(folder / _FILE, _FILE, problems)
    source = text_of(root.get("source"), root, "the source", problems)
    accepted: Dated[Node] = dated_of(
        root.get("accepted") or root, date.min, lambda node: node, problems, "accepted"
    )
    notices: Dated[Node] = dated_of(
        root.get("notice") or root, date.min, lambda node: node, problems, "notice"
    )
    if problems.found:
        raise LawRefused(problems.found)
    rules, notice = accepted.at(day), notices.at(day)
    if rules is None or notice is None:
        raise NoEkycLaw(day=day, folder=folder)

    def whole(name: str, least: int, most: int) -> int:
        node = rules.get(name)
        text = node.text if node is not None else None
        if text is None or not text.isdigit() or not least <= int(text) <= most:
            problems.add(
                node or rules,
                f"'{name}' must be a whole number from {least} to {most}",
                f"'{name}' {least} से {most} तक की पूर्ण संख्या हो",
            )
            return least
        return int(text)

    def word(name: str, known: tuple[str, ...]) -> str:
        node = rules.get(name)
        text = node.text if node is not None else None
        if text not in known:
            problems.add(
                node or rules,
                f"'{name}' must be one of {', '.join(known)}",
                f"'{name}' इनमें से एक हो: {', '.join(known)}",
            )
            return known[0]
        return text

    found = EkycRules(
        source,
        whole("offline_xml_days", 1, _DAYS),
        whole("secure_qr_days", 1, _DAYS),
        whole("ahead_minutes", 0, 1440),
        whole("hold_minutes", 5, 1440),
        whole("citizen_age_years", 0, 120),
        word("qr_status_one", ("mobile", "email")),
        str(notices.since(day)),
        tuple(text_of(one, notice, "a paragraph of the notice", problems) for one in notice.items or ()),
    )
    if not found.notice:
        problems.add(notice, "the notice has no paragraph", "सूचना में कोई अनुच्छेद नहीं है")
    if problems.found:
        raise LawRefused(problems.found)
    return found
