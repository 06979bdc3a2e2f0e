"""What every decision is followed by: its order or letter, and the message to the person, in the decision's own transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.money import indian
from haqdar.base.refusal import Words
from haqdar.cases import clock
from haqdar.cases.holding import scheme_words
from haqdar.cases.models import Case, Order
from haqdar.cases.offices import office_of
from haqdar.cases.orders import Wanted, issue_order, issue_orders
from haqdar.cases.telling import mobiles_of, telling
from haqdar.entitlement.wording import SchemeReasons
from haqdar.law import Text
from haqdar.outreach import outbox

REASON_WORDS: dict[str, Words] = {
    "died": Words("a death was reported", "मृत्यु की सूचना मिली"),
    "migrated": Words("a move out of the State was reported", "राज्य से बाहर जाने की सूचना मिली"),
    "sex": Words("the pension is for women", "यह पेंशन महिलाओं के लिए है"),
    "age": Words("outside the age of the pension", "उम्र पेंशन की सीमा से बाहर है"),
    "marital_status": Words("marital status changed", "वैवाहिक स्थिति बदली है"),
    "bpl_lost": Words("no longer on the BPL list", "परिवार बीपीएल सूची में नहीं है"),
    "disability": Words("no valid disability certificate", "मान्य दिव्यांगता प्रमाणपत्र नहीं है"),
    "destitute": Words("not recorded as without support", "निराश्रित दर्ज नहीं है"),
    "family": Words("the family's conditions fail", "परिवार की शर्तें पूरी नहीं हैं"),
    "income_tax": Words("pays income tax", "आयकर देते हैं"),
    "same_person": Words(
        "the person draws a second pension of this group under another number",
        "व्यक्ति इसी समूह की दूसरी पेंशन दूसरे क्रमांक पर ले रहा है",
    ),
    "scheme_ended": Words("the scheme has ended", "योजना बंद हो गई है"),
    "status_lost": Words("the old pension's conditions fail", "पुरानी पेंशन की शर्तें पूरी नहीं हैं"),
    "rate_change": Words("the law's amount changed", "क़ानून में राशि बदली है"),
    "age_band": Words("reached another age", "उम्र का दूसरा चरण आया"),
    "better_scheme": Words("a better pension", "बेहतर पेंशन"),
    "not_established": Words("a fact could not be established", "एक तथ्य साबित नहीं हो सका"),
    "declined": Words("the person does not want it", "व्यक्ति लेना नहीं चाहता"),
    "fact_confirmed": Words("the fact was found to be right", "तथ्य सही पाया गया"),
    "no_proof": Words("no proof was given", "कोई प्रमाण नहीं मिला"),
    "law_says_so": Words("the law leaves no choice", "क़ानून में और कोई रास्ता नहीं है"),
    "other": Words("for the reason given in the order", "आदेश में लिखे कारण से"),
}
"""Reasons as letters and messages say them; those of the law's criteria are said in the law's own sentences."""


def after_verifying(case: Case) -> None:
    """Tell the person that the case was checked, and who decides until when."""
    _tell(case, "verified", number=case.number, office=_office(case), due=case.due_on or timezone.localdate())


def after_sanction(actor: Actor, case: Case, since: date, reasons: SchemeReasons | None) -> None:
    """The sanction order, and its message."""
    order = issue_order(
        actor, case, "sanction", scheme=case.scheme, paise=case.paise, from_on=since, reasons=reasons
    )
    _tell(
        case,
        "sanctioned",
        scheme=scheme_words(case.scheme or ""),
        amount=indian(case.paise or 0),
        since=since,
        number=order.number,
    )


def after_rejection(
    actor: Actor, case: Case, why: Sequence[Words], note: str, reasons: SchemeReasons | None
) -> None:
    """The order of rejection with its reasons, and the message with the last day to appeal."""
    issue_order(actor, case, "rejection", reason_words=why, note=note, reasons=reasons)
    _tell(case, "rejected", number=case.number, reason=why[0], appeal_by=appeal_until(case))


def after_return(case: Case, note: str) -> None:
    """Tell the person that the case is looked at again, and why."""
    _tell(case, "returned", number=case.number, reason=note)


@dataclass(frozen=True)
class Letter:
    """A letter about an adverse change that is due: a notice (`from_on`: when it would hold), a stop or a change (since when).

    `supersedes` is the earlier letter of the case whose place it takes.
    """

    case: Case
    kind: str
    from_on: date
    supersedes: Order | None = None

    @property
    def until_on(self) -> date | None:
        """The last day to object of a notice."""
        return self.from_on - timedelta(days=1) if self.kind == "notice" else None


def send_letters(actor: Actor, letters: Sequence[Letter]) -> list[Order]:
    """Issue letters about adverse changes all at once, each with its message to a person with a mobile."""
    orders = issue_orders(
        actor,
        [
            Wanted(
                one.case,
                one.kind,
                scheme=one.case.from_scheme if one.case.kind == "stop" else one.case.scheme,
                from_on=one.from_on,
                until_on=one.until_on,
                reason_words=(_why(one.case),),
                supersedes=one.supersedes,
            )
            for one in letters
        ],
    )
    numbers = mobiles_of([one.case for one in letters])
    outbox.tell_many(
        [
            telling(one.case, numbers, *_letter_message(one, order))
            for one, order in zip(letters, orders, strict=True)
        ]
    )
    return orders


def _letter_message(one: Letter, order: Order) -> tuple[str, dict[str, object]]:
    """The message that goes with a letter, and its values."""
    case, why = one.case, _why(one.case)
    if one.kind == "stop":
        return "stopped", {
            "number": case.number, "stops_on": one.from_on, "reason": why, "appeal_by": appeal_until(case),
        }  # fmt: skip
    if one.kind == "change":
        return _change_message(case, one.from_on)
    if case.kind == "stop":
        return "stop_notice", {
            "number": order.number, "stops_on": one.from_on, "reason": why, "object_by": one.until_on,
        }  # fmt: skip
    return "change_notice", {
        "number": order.number, "since": one.from_on, "amount": indian(case.paise or 0), "object_by": one.until_on,
    }  # fmt: skip


def _change_message(case: Case, since: date) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {
        "since": since,
        "amount": indian(case.paise or 0),
        "number": case.number,
    }
    if case.kind == "move":
        return "moved", {**values, "scheme": scheme_words(case.scheme or "")}
    return "revised", {**values, "before": indian(case.from_paise or 0)}


def after_withdrawing(cases: Sequence[Case]) -> None:
    """Tell the persons that the pension does not stop, or is not lowered."""
    numbers = mobiles_of(cases)
    outbox.tell_many(
        [
            telling(
                case,
                numbers,
                "stop_withdrawn" if case.kind == "stop" else "change_withdrawn",
                {"number": case.number},
            )
            for case in cases
        ]
    )


def after_restoring(actor: Actor, case: Case, scheme: str, paise: int, since: date) -> None:
    """The order of restoration, and its message."""
    issue_order(actor, case, "restoration", scheme=scheme, paise=paise, from_on=since)
    _tell(case, "restored", amount=indian(paise), since=since, number=case.number)


def after_objecting(case: Case) -> None:
    """Tell the person that the objection was received and until when it is decided."""
    _tell(case, "objection_received", number=case.number, due=case.due_on or timezone.localdate())


def after_objection(
    actor: Actor, objection: Case, accepted: bool, why: Sequence[Words], note: str, effective: date | None
) -> None:
    """The message of the answer; a refusal comes with the order that says from when the change holds."""
    if accepted:
        _tell(objection, "objection_accepted", number=objection.number)
        return
    against = objection.about
    kind = "stop" if against is not None and against.kind == "stop" else "change"
    issue_order(
        actor,
        objection,
        kind,
        scheme=objection.scheme if kind == "change" else objection.from_scheme,
        from_on=effective,
        reason_words=why,
        note=note,
    )
    _tell(
        objection,
        "objection_refused",
        number=objection.number,
        reason=why[0],
        appeal_by=appeal_until(objection),
    )


def after_noting(actor: Actor, cases: Sequence[Case], months: dict[int, date]) -> None:
    """The orders of moves and revisions taken note of, all at once, and a message to each person with a mobile.

    `months` says from when the change of each case (by its id) holds.
    """
    issue_orders(
        actor,
        [
            Wanted(
                case,
                "change",
                from_on=months.get(case.pk),
                reason_words=(REASON_WORDS.get(case.reason, REASON_WORDS["other"]),),
            )
            for case in cases
        ],
    )
    numbers = mobiles_of(cases)
    outbox.tell_many(
        [
            telling(case, numbers, *_change_message(case, months.get(case.pk) or timezone.localdate()))
            for case in cases
        ]
    )


def appeal_until(case: Case) -> date:
    """The last day to appeal against what was decided today; 30 days where the service names none."""
    today = timezone.localdate()
    service = case.service or clock.service_of(case.kind, case.scheme or case.from_scheme, today)
    return clock.file_until("appeal", service, today) or today + timedelta(days=30)


def _office(case: Case) -> Text:
    office = office_of(case.area_code, case.awaits)
    return Text(office.name("en"), office.name("hi"))


def _why(case: Case) -> Words:
    return REASON_WORDS.get(case.reason, REASON_WORDS["other"])


def _tell(case: Case, template: str, **values: object) -> None:
    mobile = mobiles_of([case])[case.pk]
    outbox.tell("platform", template, mobile, case.language, "case", str(case.key), **values)
