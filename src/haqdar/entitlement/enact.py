"""Turning an approved proposal into law, and proving that the law so written is the one that was tried."""

from __future__ import annotations

import dataclasses
import difflib
import shutil
import tempfile
from datetime import date
from pathlib import Path

from haqdar.base.files import atomic_write
from haqdar.base.refusal import Refusal
from haqdar.entitlement.approvals import APPROVALS_NEEDED, approvals_of
from haqdar.entitlement.law_checks import check_law
from haqdar.entitlement.law_examples import run_examples
from haqdar.entitlement.simulate import trial
from haqdar.law import LawBook, LawInForce, LawRefused, Text, load_lawbook, read_proposal
from haqdar.law.enacting import Enacted, enacted

#: What differs between two readings of the same law: words of orders, places in files, compiled forms.
_ASIDE = {"order", "test", "condition", "hash", "node", "vocabulary", "day_from", "day_until"}


class NotApproved(Refusal):
    """Too few persons have approved exactly this content."""

    code = "not_approved"
    en = "{name} has {count} of {needed} approvals. Two different persons must approve exactly this content on its page; any change of the proposal or of the law asks for new ones."
    hi = "{name} को {needed} में से {count} मंज़ूरी मिली है। दो अलग लोगों को इसके पन्ने पर ठीक इसी रूप को मंज़ूरी देनी होगी; प्रस्ताव या कानून में कुछ भी बदले तो मंज़ूरी फिर से चाहिए।"


class NotTheApprovedDay(Refusal):
    """The day named is not the one that was approved."""

    code = "not_the_approved_day"
    en = "{name} was approved to hold from {approved}, not from {day}. Use --from {approved}, or change 'from' in proposal.yaml and have it approved again."
    hi = "{name} को {approved} से लागू करने की मंज़ूरी मिली है, {day} से नहीं। --from {approved} लिखें, या proposal.yaml में 'from' बदलकर फिर मंज़ूरी लें।"


class ExamplesWouldDisagree(Refusal):
    """With the proposal in force some golden examples of the law are no longer true."""

    code = "examples_would_disagree"
    en = "With {name} in force {count} example(s) would disagree, first {first}. Correct them in the law folder first; nothing was written."
    hi = "{name} लागू होने पर {count} उदाहरण नहीं मिलेंगे, पहला {first}। पहले कानून के फ़ोल्डर में उन्हें सुधारें; कुछ नहीं लिखा गया।"


class WrittenOtherwise(Refusal):
    """The text would not say what was simulated; this is a fault of the program, so nothing is written."""

    code = "written_otherwise"
    en = "The law as it would be written differs from the proposal as it was tried on {day} ({what}). Nothing was written; write this change by hand and report it."
    hi = "जो कानून लिखा जाता वह आज़माए गए प्रस्ताव से {day} को अलग है ({what})। कुछ नहीं लिखा गया; यह बदलाव हाथ से लिखें और इसकी सूचना दें।"


class LawChangedMeanwhile(Refusal):
    """A file of the law was edited while the enactment was being prepared."""

    code = "law_changed_meanwhile"
    en = "The law in {folder} was changed while the enactment was prepared. Nothing was written; run the command again."
    hi = "तैयारी के दौरान {folder} का कानून बदल गया। कुछ नहीं लिखा गया; आदेश फिर चलाएँ।"


class GroupOfHolders(Refusal):
    """A scheme that people hold cannot change its group."""

    code = "group_of_holders"
    en = "{name} moves {scheme} from group {old} to {new}. People hold it in group {old}: end it and add a new scheme in group {new} instead."
    hi = "{name} में {scheme} समूह {old} से {new} में जाती है। लोग इसे समूह {old} में पा रहे हैं: इसे बंद करें और समूह {new} में नई योजना जोड़ें।"


@dataclasses.dataclass(frozen=True)
class Enactment:
    """A checked enactment, ready to be written: the files, the difference as text, the hash of the law it changes."""

    name: str
    law: Path
    law_hash: str
    content: Enacted
    diff: str


def prepare(law: Path | str, name: str, from_on: date, order: Text) -> Enactment:
    """Everything an enactment needs to be, short of writing it.

    The proposal must have its approvals and its approved day; the law with it must pass `law check` and `law test`; and
    read back it must decide exactly as the proposal that was tried. Raises `NotApproved`, `NotTheApprovedDay`,
    `ExamplesWouldDisagree`, `WrittenOtherwise`, ``LawRefused``, ``ProposalExamplesDisagree``.
    """
    law = Path(law)
    proposal = read_proposal(law, name)
    if proposal.from_on != from_on:
        raise NotTheApprovedDay(name=name, approved=proposal.from_on, day=from_on)
    attempt = trial(law, name)
    _same_groups(attempt.book, attempt.proposed, name)
    count = len(approvals_of(law, name))
    if count < APPROVALS_NEEDED:
        raise NotApproved(name=name, count=count, needed=APPROVALS_NEEDED)
    content = enacted(law, name, from_on, order)
    with tempfile.TemporaryDirectory(prefix="haqdar-enact-") as place:
        copy = Path(place) / law.name
        shutil.copytree(law, copy)
        _write(copy, content)
        problems = check_law(copy)
        if problems:
            raise LawRefused(problems)
        wrong = [result for result in run_examples(copy) if not result.agrees]
        if wrong:
            first = f"{wrong[0].file}:{wrong[0].line}"
            raise ExamplesWouldDisagree(name=name, count=len(wrong), first=first)
        _same_law(attempt.proposed, load_lawbook(copy), from_on, order)
    return Enactment(name, law, attempt.book.hash, content, _difference(law, content))


def _same_groups(book: LawBook, proposed: LawBook, name: str) -> None:
    """Refuse to move a scheme to another group: its holders would hold it in the old one and start it in the new."""
    then, now = book.scheme_groups(), proposed.on(proposed.change_days[-1])
    for scheme in now.schemes:
        if then.get(scheme.code, scheme.group) != scheme.group:
            raise GroupOfHolders(name=name, scheme=scheme.code, old=then[scheme.code], new=scheme.group)


def write(enactment: Enactment) -> list[str]:
    """Write a prepared enactment into the law folder; returns the paths written. All or nothing.

    Raises `LawChangedMeanwhile` where the law is no longer the one it was prepared for.
    """
    law = enactment.law
    if load_lawbook(law).hash != enactment.law_hash:
        raise LawChangedMeanwhile(folder=law)
    before = {name: (law / name).read_bytes() for name in enactment.content.files if (law / name).is_file()}
    moved = {name: (law / name).read_bytes() for name in enactment.content.moved}
    try:
        _write(law, enactment.content)
    except BaseException:
        for name in (*enactment.content.files, *enactment.content.moved.values()):
            if name not in before:
                (law / name).unlink(missing_ok=True)
        for name, content in {**before, **moved}.items():
            (law / name).parent.mkdir(parents=True, exist_ok=True)
            (law / name).write_bytes(content)
        raise
    return sorted([*enactment.content.files, *enactment.content.moved.values()])


def _write(law: Path, content: Enacted) -> None:
    for name, text in content.files.items():
        (law / name).parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(law / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    for old, new in content.moved.items():
        (law / new).parent.mkdir(parents=True, exist_ok=True)
        (law / old).rename(law / new)
    for old in content.moved:
        for folder in (law / old).parents:
            if folder.name != "proposals" and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
            if folder.name == "proposals":
                break


def _difference(law: Path, content: Enacted) -> str:
    lines: list[str] = []
    for name, text in sorted(content.files.items()):
        old = (law / name).read_text(encoding="utf-8") if (law / name).is_file() else ""
        lines += difflib.unified_diff(
            old.splitlines(keepends=True), text.splitlines(keepends=True), name if old else "/dev/null", name
        )
    lines += [f"moved: {old} -> {new}\n" for old, new in sorted(content.moved.items())]
    return "".join(lines)


def _same_law(tried: LawBook, written: LawBook, from_on: date, order: Text) -> None:
    """Refuse unless both books decide alike on every day, and the new values name the order."""
    for day in sorted({*tried.change_days, *written.change_days}):
        one, other = tried.on(day), written.on(day)
        if _told(one) != _told(other):
            raise WrittenOtherwise(day=day, what=_first_difference(one, other))
        for scheme in other.schemes:
            orders = [criterion.order for criterion in scheme.criteria if criterion.since == from_on]
            orders += [band.order for band in scheme.bands if band.since == from_on]
            if any(order.en not in entry.en or order.hi not in entry.hi for entry in orders):
                raise WrittenOtherwise(day=day, what=f"{scheme.code}: source")


def _told(value: object) -> object:
    """A law as plain values, without what may differ between two readings of it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(
            (field.name, _told(getattr(value, field.name)))
            for field in dataclasses.fields(value)
            if field.name not in _ASIDE
        )
    if isinstance(value, dict):
        return tuple(sorted((str(key), _told(entry)) for key, entry in value.items()))
    if isinstance(value, tuple | list):
        return tuple(_told(entry) for entry in value)
    return value


def _first_difference(one: LawInForce, other: LawInForce) -> str:
    for field in dataclasses.fields(one):
        if field.name not in _ASIDE and _told(getattr(one, field.name)) != _told(getattr(other, field.name)):
            if field.name != "schemes":
                return field.name
            codes = [s.code for s in one.schemes if _told(s) not in {_told(t) for t in other.schemes}]
            return ", ".join(codes) or "schemes"
    return "-"
