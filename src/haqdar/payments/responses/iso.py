"""Reading ISO 20022 answers: status reports (pain.002) and account entries (camt.053, camt.054), element by element.

Names of the standard are used here and nowhere else. Nothing outside the file is ever fetched and no entity is expanded. A file that
breaks off is read as far as it goes; the rest is one set-aside line, and the whole file can be read later.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from lxml import etree

from haqdar.payments.responses.answer import OURS, Answer, Readable, paise_of, unreadable
from haqdar.payments.responses.profiles import Profile

_OURS = "INR"


def read(file: Readable, profile: Profile) -> Iterator[Answer]:
    """The answers of the file in its order, numbered from 1; memory holds one of them at a time."""
    report = profile.root == "pain.002"
    tags = (
        ("{*}GrpHdr", "{*}OrgnlGrpInfAndSts", "{*}OrgnlPmtInfAndSts", "{*}TxInfAndSts")
        if report
        else ("{*}TxDtls", "{*}Ntry")
    )
    number = 0
    made_on: date | None = None
    refused: list[tuple[str, str]] = []
    try:
        for _, element in etree.iterparse(
            file,
            events=("end",),
            tag=tags,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            name = etree.QName(element).localname
            if name == "GrpHdr":
                made_on = _day(_text(element, "CreDtTm"))
                continue
            if report and name != "TxInfAndSts":
                # a file that was accepted as a whole says nothing of its credits yet
                refused += _refused(element)
                _forget(element)
                continue
            found = _status(element, profile, made_on) if report else _entry(element, name, profile)
            if found is not None:
                number += 1
                yield Answer(number, *found)
            _forget(element)
    except etree.XMLSyntaxError:
        number += 1
        yield unreadable(number, "broken_off")
        return
    # last, so that what is said of single credits of the same file counts first
    for refused_id, reason in dict(refused).items():
        number += 1
        yield Answer(number, refused_id, "unreadable", reason, None, made_on, problem="whole_file")


def _refused(element: Any) -> list[tuple[str, str]]:
    """The file of ours (its message or payment id) that a report refuses as a whole, with the reason; nothing where it does not."""
    if _text(element, "GrpSts") != "RJCT" and _text(element, "PmtInfSts") != "RJCT":
        return []
    reason = _text(element, "StsRsnInf/Rsn/Cd") or _text(element, "StsRsnInf/Rsn/Prtry")
    return [(_text(element, "OrgnlMsgId") or _text(element, "OrgnlPmtInfId"), reason)]


def _reference(*said: str) -> str:
    """Ours among the ids of a credit, wherever the bank gives it back; the first there is where none looks like ours."""
    given = [one for one in said if one]
    return next((one for one in given if OURS.fullmatch(one)), given[0] if given else "")


def _status(element: Any, profile: Profile, made_on: date | None) -> tuple[Any, ...]:
    amount = element.find("{*}OrgnlTxRef/{*}Amt/{*}InstdAmt")
    paise, problem = _paise(amount)
    outcome = profile.statuses.get(_text(element, "TxSts"), "")
    if not outcome:
        problem = "bad_flag"
    if problem:
        return _nothing(problem)
    reference = _reference(*(_text(element, one) for one in ("OrgnlEndToEndId", "OrgnlInstrId", "OrgnlTxId")))
    reason = _text(element, "StsRsnInf/Rsn/Cd") or _text(element, "StsRsnInf/Rsn/Prtry")
    on = _day(_text(element, "AccptncDtTm")) or made_on
    own = _text(element, "ClrSysRef") or _text(element, "AcctSvcrRef")
    holder = _text(element, "OrgnlTxRef/Cdtr/Nm") or _text(element, "OrgnlTxRef/Cdtr/Pty/Nm")
    return reference, outcome, reason if outcome == "returned" else "", paise, on, own, holder


def _entry(element: Any, name: str, profile: Profile) -> tuple[Any, ...] | None:
    entry = element if name == "Ntry" else next(element.iterancestors("{*}Ntry"), None)
    if entry is None:
        return _nothing("unknown_record")
    if name == "Ntry" and entry.get("answered"):
        return None
    entry.set("answered", "yes")
    if name == "Ntry" and entry.find("{*}NtryDtls/{*}Btch") is not None:
        # one booking for a whole file, without its credits
        return _nothing("batch")
    amount = next(
        (
            found
            for place in ("{*}Amt", "{*}AmtDtls/{*}TxAmt/{*}Amt", "{*}AmtDtls/{*}InstdAmt/{*}Amt")
            if (found := element.find(place)) is not None
        ),
        None,
    )
    paise, problem = _paise(amount)
    status = profile.statuses.get(_text(entry, "Sts/Cd") or _text(entry, "Sts"), "")
    side = _text(element, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    if not status or side not in ("DBIT", "CRDT"):
        problem = "bad_flag"
    elif paise is None:
        problem = problem or "bad_amount"
    if problem:
        return _nothing(problem)
    reason = _text(element, "RtrInf/Rsn/Cd") or _text(element, "RtrInf/Rsn/Prtry")
    back = side == "CRDT" or element.find("{*}RtrInf") is not None or _text(entry, "RvslInd") in ("true", "1")
    outcome = status if status == "pending" else "returned" if back else "credited"
    on = _day(_text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm") or _text(entry, "ValDt/Dt"))
    own = next(
        (
            found
            for place in ("Refs/ClrSysRef", "Refs/AcctSvcrRef", "Refs/TxId")
            if (found := _text(element, place))
        ),
        "",
    )
    holder = _text(element, "RltdPties/Cdtr/Nm") or _text(element, "RltdPties/Cdtr/Pty/Nm")
    reference = _reference(_text(element, "Refs/EndToEndId"), _text(element, "Refs/InstrId"))
    return reference, outcome, reason if back else "", paise, on, own, holder


def _nothing(problem: str) -> tuple[Any, ...]:
    return "", "unreadable", "", None, None, "", "", problem


def _paise(amount: Any) -> tuple[int | None, str]:
    """Paise and what is wrong with them; a status report may leave the amount out."""
    if amount is None:
        return None, ""
    if amount.get("Ccy") != _OURS:
        return None, "not_rupees"
    paise = paise_of(amount.text or "")
    return paise, "" if paise is not None else "bad_amount"


def _text(element: Any, path: str) -> str:
    found = element.find("/".join(f"{{*}}{part}" for part in path.split("/")))
    return (found.text or "").strip() if found is not None else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _forget(element: Any) -> None:
    """Give back the memory of what was read; its place in the tree stays."""
    answered = element.get("answered")
    element.clear()
    if answered:
        element.set("answered", answered)
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None and before.tag == element.tag:
        parent.remove(before)
