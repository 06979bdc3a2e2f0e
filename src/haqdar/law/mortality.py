"""The State's table of mortality, read from mortality.yaml: how many of an age die within a year. Only forecasts use it."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from haqdar.base.refusal import Refusal
from haqdar.law.dated import Dated, dated_of
from haqdar.law.problems import LawRefused
from haqdar.law.reading import Node, Problems, read
from haqdar.law.texts import Text, text_of

_FILE = "mortality.yaml"
OLDEST = 120
"""Nobody is taken to grow older."""


class NoMortality(Refusal):
    """The State's law has no table of mortality, or none for the day."""

    code = "no_mortality"
    en = "There is no table of mortality for {day} in {folder}/mortality.yaml; a forecast needs one (see law/mp/mortality.yaml)."
    hi = "{folder}/mortality.yaml में {day} के लिए मृत्यु-दरों की सारणी नहीं है; पूर्वानुमान के लिए यह चाहिए (law/mp/mortality.yaml देखें)।"


@dataclass(frozen=True, slots=True)
class Mortality:
    """Deaths within a year among `per` people by sex (F, M) and age; ages in order, each up to the next."""

    source: Text
    per: int
    women: tuple[tuple[int, int], ...]
    men: tuple[tuple[int, int], ...]

    def deaths(self, sex: str, age: int) -> int:
        """How many of `per` people of this sex and age die within a year; a transgender person counts as the mean.

        >>> Mortality(Text("", ""), 1000, ((0, 40), (60, 10)), ((0, 20),)).deaths("F", 61)
        10
        """
        if sex == "T":
            return (self.deaths("F", age) + self.deaths("M", age)) // 2
        rates = self.women if sex == "F" else self.men
        return rates[max(0, bisect_right([since for since, _ in rates], age) - 1)][1]


def mortality_on(law: Path | str, day: date) -> Mortality:
    """The table in force on a day; raises `NoMortality`, and `LawRefused` for a broken one."""
    folder = Path(law)
    if not (folder / _FILE).is_file():
        raise NoMortality(day=day, folder=folder)
    problems = Problems()
    root = read(folder / _FILE, _FILE, problems)
    source = text_of(root.get("source"), root, "the source", problems)
    per = _whole(root.get("per"), root, 1, 10_000_000, problems)

    def table(node: Node) -> Node:
        return node

    rates: Dated[Node] = dated_of(root.get("rates") or root, date.min, table, problems, "rates")
    found = rates.at(day)
    if problems.found:
        raise LawRefused(problems.found)
    if found is None:
        raise NoMortality(day=day, folder=folder)
    women, men = (_rates(found.get(key), found, key, per, problems) for key in ("women", "men"))
    if problems.found:
        raise LawRefused(problems.found)
    return Mortality(source, per, women, men)


def _rates(
    node: Node | None, at: Node, what: str, per: int, problems: Problems
) -> tuple[tuple[int, int], ...]:
    found = []
    for age, value in node.pairs() if node is not None else ():
        if not age.isdigit() or int(age) > OLDEST:
            problems.add(value, f"'{age}' is no age in years", f"'{age}' वर्षों में उम्र नहीं है")
            continue
        found.append((int(age), _whole(value, value, 0, per, problems)))
    found.sort()
    if not found or found[0][0] != 0:
        problems.add(
            node or at, f"'{what}' must give a rate from age 0 on", f"'{what}' में 0 वर्ष से दर होनी चाहिए"
        )
    return tuple(found)


def _whole(node: Node | None, at: Node, least: int, most: int, problems: Problems) -> int:
    text = node.text if node is not None else None
    if text is None or not text.isdigit() or not least <= int(text) <= most:
        problems.add(
            node or at,
            f"'{text}' is no whole number from {least} to {most}",
            f"'{text}' {least} से {most} तक की पूर्ण संख्या नहीं है",
        )
        return least
    return int(text)
