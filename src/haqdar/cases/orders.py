"""Issuing orders and letters: the row is written in the decision's transaction, its document made after the commit.

An order's `data` hold all that its document says, so what is decided is fixed when it is decided: later corrections of the
registers change no order. The document is made once, by a job right after the commit or when somebody opens it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require_area
from haqdar.access.many import record_many
from haqdar.access.offices import OfficeOf, office_in_which
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal, Words
from haqdar.cases.models import Case, MonthRun, Order
from haqdar.entitlement.explain import SchemeReasons
from haqdar.entitlement.many import reasons_of_many
from haqdar.law import Text, load_lawbook

PAPERS = "papers"
"""The queue of the jobs that make documents."""
MAKE = "papers.make"
"""The job that makes every document that is not made yet."""

DECIDED_BY_CRITERIA = frozenset({"sanction", "rejection", "change", "stop", "notice"})
"""The kinds of order that state the conditions of the scheme with the person's own values."""


class OrderCancelled(Refusal):
    """The order was cancelled before."""

    code = "order_cancelled"
    en = "Order {number} was cancelled already; nothing was changed."
    hi = "आदेश {number} पहले ही निरस्त हो चुका है; कुछ नहीं बदला।"


@dataclass(frozen=True)
class Wanted:
    """One order to be issued; the arguments of `issue_order`."""

    case: Case
    kind: str
    scheme: str | None = None
    paise: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    reason_words: tuple[Words, ...] = ()
    note: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    supersedes: Order | None = None
    reasons: SchemeReasons | None = None


def issue_order(
    actor: Actor,
    case: Case,
    kind: str,
    *,
    scheme: str | None = None,
    paise: int | None = None,
    from_on: date | None = None,
    until_on: date | None = None,
    reason_words: Sequence[Words] = (),
    note: str = "",
    values: Mapping[str, Any] | None = None,
    supersedes: Order | None = None,
    reasons: SchemeReasons | None = None,
) -> Order:
    """Write one order of `kind` (a word of `Order.Kind`) in the caller's transaction; see `issue_orders`.

    `scheme`, `paise` and `from_on` (first day of the month from which it holds) default to the case's. `until_on` is the last
    day to object of a notice. `reason_words` are the reasons of the law as sentences, `note` the officer's own words. `values`
    are further values that the letter of this kind names (docs/orders-and-signatures.md). `supersedes` is the order whose
    place this one takes. `reasons` are the criteria the officer decided by; when they are not given, the law of `from_on` (else of
    the month that listed the case) is read against the registers as they are now.
    """
    wanted = Wanted(
        case,
        kind,
        scheme,
        paise,
        from_on,
        until_on,
        tuple(reason_words),
        note,
        values or {},
        supersedes,
        reasons,
    )
    return issue_orders(actor, [wanted])[0]


def issue_orders(actor: Actor, wanted: Sequence[Wanted]) -> list[Order]:
    """Write many orders at once in the caller's transaction, in the order given, each with its audit event.

    The caller has checked the permission for the decision (the actor is narrowed to it); the places are checked here. After
    the commit a job makes and signs the documents. Raises ``OutsideYourArea``.
    """
    if not wanted:
        return []
    now = timezone.now()
    today = timezone.localdate()
    places = _places([one.case.area_code for one in wanted])
    paths = {code: place["path"] for code, place in places.items()}
    for one in wanted:
        require_area(actor, paths.get(one.case.area_code))
    offices = office_in_which(actor, [paths.get(one.case.area_code) for one in wanted])
    people = _people([one.case.member_id for one in wanted if one.case.member_id is not None])
    reasons = _reasons(wanted, today)
    orders = [
        Order(
            issued_on=today,
            kind=Order.Kind(one.kind).value,
            case=one.case,
            resident_key=one.case.resident_key,
            scheme=one.scheme or one.case.scheme or one.case.from_scheme,
            paise=one.case.paise if one.paise is None else one.paise,
            from_on=one.from_on,
            area_code=one.case.area_code,
            office_code=office.code if office else "",
            issued_at=now,
            issued_by=actor.name,
            supersedes=one.supersedes,
            data=_data(
                one,
                today,
                people.get(one.case.member_id),
                places.get(one.case.area_code),
                office,
                reasons[number],
            ),
        )
        for number, one in enumerate(wanted)
        for office in [offices.get(paths.get(one.case.area_code))]
    ]
    with acting(actor, "order.issue"):
        Order.objects.bulk_create(orders)
        # number and key are made by the database
        made = {
            row.pk: row
            for row in Order.objects.filter(pk__in=[order.pk for order in orders]).only("number", "key")
        }
        for order in orders:
            order.number, order.key = made[order.pk].number, made[order.pk].key
        record_many(
            actor,
            "order.issue",
            "order",
            [
                (
                    str(order.key),
                    None,
                    {"kind": order.kind, "number": order.number, "case": order.data["case"]["number"]},
                )
                for order in orders
            ],
        )
    if not any(function is ask_for_papers for _, function, *_ in connection.run_on_commit):
        transaction.on_commit(ask_for_papers)
    return orders


def cancel_order(actor: Actor, order: Order, reason: str) -> Order:
    """Cancel an order for a reason in words, in the caller's transaction; raises `OrderCancelled`, ``OutsideYourArea``.

    The caller has checked the permission for the act that cancels it. The document stays as it is; its public page says so.
    """
    require_area(actor, path_of_area(order.area_code))
    with acting(actor, "order.cancel"):
        locked = Order.objects.select_for_update().get(pk=order.pk)
        if locked.cancelled_at is not None:
            raise OrderCancelled(number=locked.number)
        locked.cancelled_at, locked.cancelled_by, locked.cancel_reason = timezone.now(), actor.name, reason
        locked.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
        record(actor, "order.cancel", "order", str(locked.key), new={"reason": reason})
    return locked


def cancel_orders(actor: Actor, numbers: Sequence[int], reason: str) -> int:
    """Cancel many orders (by id) for one reason, as `cancel_order` does one; those cancelled already stay as they are.

    Returns how many were cancelled now. The caller has checked permission and places.
    """
    with acting(actor, "order.cancel"):
        # whoever cancels one of them at the same moment is waited for
        keys = list(
            Order.objects.select_for_update()
            .filter(pk__in=numbers, cancelled_at=None)
            .order_by("pk")
            .values_list("pk", "key")
        )
        Order.objects.filter(pk__in=[pk for pk, _ in keys]).update(
            cancelled_at=timezone.now(), cancelled_by=actor.name, cancel_reason=reason
        )
        record_many(actor, "order.cancel", "order", [(str(key), None, {"reason": reason}) for _, key in keys])
    return len(keys)


def ask_for_papers() -> None:
    """Queue the making of documents; one waiting job is enough for any number of orders."""
    try:
        app.configure_task(MAKE, queue=PAPERS, queueing_lock=MAKE).defer()
    except AlreadyEnqueued:
        return


def _data(
    one: Wanted,
    today: date,
    person: dict[str, Any] | None,
    place: dict[str, Any] | None,
    office: OfficeOf | None,
    reasons: SchemeReasons | None,
) -> dict[str, Any]:
    """Everything the document says, in both languages; of the person the name and member ID only."""
    case = one.case
    schemes = {
        code: _scheme_name(code, today) for code in {one.scheme, case.scheme, case.from_scheme} if code
    }
    return {
        "format": 1,
        "person": person,
        "place": place,
        "office": vars(office) if office else None,
        "case": {"number": case.number, "kind": case.kind, "opened_on": case.opened_on.isoformat()},
        "scheme": one.scheme or case.scheme or case.from_scheme,
        "scheme_names": schemes,
        "paise": case.paise if one.paise is None else one.paise,
        "once": bool(case.occasion),
        "from_scheme": case.from_scheme,
        "from_paise": case.from_paise,
        "from_on": one.from_on.isoformat() if one.from_on else None,
        "until_on": one.until_on.isoformat() if one.until_on else None,
        "reasons": [{"en": words.en, "hi": words.hi} for words in one.reason_words],
        "note": one.note,
        "criteria": _criteria(reasons),
        "values": dict(one.values),
    }


def _criteria(reasons: SchemeReasons | None) -> list[dict[str, Any]]:
    return [
        {
            "verdict": criterion.verdict,
            "sentence": _text(criterion.sentence),
            "source": _text(criterion.register),
            "order": _text(criterion.order),
        }
        for criterion in (reasons.criteria if reasons else ())
    ]


def _reasons(wanted: Sequence[Wanted], today: date) -> list[SchemeReasons | None]:
    """The criteria of each order's scheme: those given, else the law read against the registers as known today.

    The day is the first on which the order holds, else that of the month whose run listed the case.
    """
    months = MonthRun.objects.in_bulk([one.case.run_id for one in wanted if one.case.run_id is not None])
    days: list[date] = []
    asked: dict[date, set[int]] = {}
    for one in wanted:
        run = months.get(one.case.run_id) if one.case.run_id is not None else None
        days.append(one.from_on or (run.month if run else today))
        if one.reasons is None and one.kind in DECIDED_BY_CRITERIA and one.case.member_id is not None:
            asked.setdefault(days[-1], set()).add(one.case.member_id)
    found = {day: reasons_of_many(sorted(members), day, today) for day, members in asked.items()}
    result = []
    for one, day in zip(wanted, days, strict=True):
        scheme = one.scheme or one.case.scheme or one.case.from_scheme
        own = found.get(day, {}).get(one.case.member_id, []) if one.case.member_id is not None else []
        result.append(one.reasons or next((reasons for reasons in own if reasons.code == scheme), None))
    return result


def _scheme_name(code: str, day: date) -> dict[str, str]:
    try:
        return _text(load_lawbook(settings.HAQDAR_LAW).with_scheme(code, day).scheme(code).name)
    except Refusal:
        return {"en": code, "hi": code}


def _text(text: Text) -> dict[str, str]:
    return {"en": text.en, "hi": text.hi}


def _people(member_ids: list[int]) -> dict[int | None, dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (b.member_id) b.member_id, b.name_en, coalesce(b.name_hi, b.name_en)"
            " FROM registry_resident_belief b WHERE b.member_id = ANY(%s) ORDER BY b.member_id, b.belief_no DESC",
            [sorted(set(member_ids))],
        )
        return {
            member_id: {"member_id": member_id, "name": {"en": name_en, "hi": name_hi}}
            for member_id, name_en, name_hi in cursor.fetchall()
        }


def _places(area_codes: list[str | None]) -> dict[str | None, dict[str, Any]]:
    """Tree path and names of the areas, from the local body up to the district, each for one line of an address."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.path, array_agg(up.name_en ORDER BY up.depth DESC),"
            " array_agg(coalesce(up.name_hi, up.name_en) ORDER BY up.depth DESC)"
            " FROM access_area a JOIN access_area up ON a.path LIKE up.path || '%%' AND up.kind <> 'state'"
            " WHERE a.area_code = ANY(%s) GROUP BY 1, 2",
            [sorted({code for code in area_codes if code})],
        )
        return {
            code: {"path": path, "area": {"en": ", ".join(names_en), "hi": ", ".join(names_hi)}}
            for code, path, names_en, names_hi in cursor.fetchall()
        }
