"""What differs between two laws on a day, as an officer reads it: amounts, limits, conditions, new and ended schemes."""

from collections.abc import Iterator
from dataclasses import dataclass

from haqdar.base.money import indian
from haqdar.law.book import LawInForce
from haqdar.law.schemes import Criterion, Scheme
from haqdar.law.texts import Text
from haqdar.law.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs in a scheme: what it is, how it was and how it would be (None: not there)."""

    scheme: str
    name: Text
    what: Text
    before: Text | None
    after: Text | None


def changes_between(before: LawInForce, after: LawInForce) -> list[Change]:
    """Every difference in the schemes, in the order of the new law, ended schemes last."""
    old = {scheme.code: scheme for scheme in before.schemes}
    new = {scheme.code: scheme for scheme in after.schemes}
    found: list[Change] = []
    for code in [*new, *(code for code in old if code not in new)]:
        found += _of_scheme(old.get(code), new.get(code), after.vocabulary)
    for what, was, will in (
        (Text("days of notice", "सूचना के दिन"), before.notice_days, after.notice_days),
        (
            Text("largest part withheld", "कटौती का सबसे बड़ा हिस्सा"),
            before.recovery_share,
            after.recovery_share,
        ),
    ):
        if was != will:
            state = Text("All schemes", "सभी योजनाएँ")
            found.append(Change("", state, what, Text(str(was), str(was)), Text(str(will), str(will))))
    return found


def _of_scheme(old: Scheme | None, new: Scheme | None, words: Vocabulary) -> Iterator[Change]:
    scheme = new or old
    if scheme is None:
        return

    def change(en: str, hi: str, was: Text | None, will: Text | None) -> Change:
        return Change(scheme.code, scheme.name, Text(en, hi), was, will)

    if old is None or new is None:
        what = ("new scheme", "नई योजना") if old is None else ("ends", "बंद होगी")
        yield change(*what, _amounts(old) if old else None, _amounts(new) if new else None)
        for criterion in new.criteria if new is not None else ():
            if criterion.code not in ("alive", "resident"):
                yield change("condition", "शर्त", None, _said(criterion, words))
        return
    if _amounts(old) != _amounts(new):
        yield change("amount a month", "महीने की रकम", _amounts(old), _amounts(new))
    mine = {criterion.code: criterion for criterion in old.criteria}
    theirs = {criterion.code: criterion for criterion in new.criteria}
    for code in [*theirs, *(code for code in mine if code not in theirs)]:
        was, will = mine.get(code), theirs.get(code)
        if was is None or will is None or was.sql != will.sql:
            yield change(
                "condition", "शर्त", _said(was, words) if was else None, _said(will, words) if will else None
            )
    for en, hi, one, other in (
        ("group", "समूह", old.group, new.group),
        ("order in the group", "समूह में क्रम", old.rank, new.rank),
    ):
        if one != other:
            yield change(en, hi, Text(str(one), str(one)), Text(str(other), str(other)))


def _amounts(scheme: Scheme) -> Text:
    said = "; ".join(
        indian(band.paise) + (f" ({band.test.text})" if band.test is not None else "")
        for band in scheme.bands
    )
    return Text(said, said)


def _said(criterion: Criterion, words: Vocabulary) -> Text:
    """The condition as its fact and its limit where it has both, else as its test is written."""
    if criterion.limit is None or criterion.value is None:
        return Text(criterion.test.text, criterion.test.text)
    values, name = dict(criterion.parameters), words.facts[criterion.value].name
    return Text(
        f"{name.en}: {criterion.limit.en.format(**values)}",
        f"{name.hi}: {criterion.limit.hi.format(**values)}",
    )
