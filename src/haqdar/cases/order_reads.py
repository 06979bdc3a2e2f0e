"""Reads of orders: by key for officers of the area, by key or number for everybody (masked by the page), by person."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from haqdar.access.actors import Actor, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.numbers import number_typed
from haqdar.base.refusal import Refusal
from haqdar.cases.models import Case, Order

_CHANGING = ("stop", "change", "restoration", "transfer")
_ALL = ("case", "paper", "superseded_by")


class NoSuchOrder(Refusal):
    """There is no order of this key where the actor may see it."""

    code = "no_such_order"
    en = "There is no such order."
    hi = "ऐसा कोई आदेश नहीं है।"


def order_by_key(actor: Actor, key: UUID | str) -> Order:
    """The order in the actor's area; needs `order.view`, raises `NoSuchOrder`, ``OutsideYourArea``."""
    actor = require(actor, "order.view")
    order = public_order(key)
    if order is None:
        raise NoSuchOrder()
    require_area(actor, path_of_area(order.area_code))
    return order


def public_order(key: UUID | str) -> Order | None:
    """The order of an address or QR code; what a page shows of it to everybody is masked (the caller's duty)."""
    return Order.objects.select_related(*_ALL).filter(key=key).first()


def order_by_number(text: str) -> Order | None:
    """The order of this number, however it was typed; None for one that does not exist or is mistyped."""
    typed = number_typed(text)
    return Order.objects.select_related(*_ALL).filter(number=typed.number).first() if typed.right else None


def order_by_document(sha256: str) -> Order | None:
    """The order whose signed document has this SHA-256: the file is exactly the one that was issued."""
    return Order.objects.select_related(*_ALL).filter(paper__sha256=sha256).first()


def orders_of_case(case: Case) -> list[Order]:
    """The orders and letters of a case, oldest first; the caller has checked who may see the case."""
    return list(case.orders.select_related("paper", "superseded_by").order_by("id"))


def own_orders(resident: UUID) -> list[Order]:
    """The orders and letters to a resident who was proven, newest first."""
    return list(Order.objects.select_related(*_ALL).filter(resident_key=resident).order_by("-id"))


def state_of(order: Order) -> str:
    """valid, cancelled, or superseded by a later order."""
    if order.cancelled_at is not None:
        return "cancelled"
    return "superseded" if hasattr(order, "superseded_by") else "valid"


def later_orders(order: Order) -> list[Order]:
    """What was ordered about the same pension of the same person afterwards: a stop, a change, a restoration."""
    if order.resident_key is None or order.scheme is None:
        return []
    later = Order.objects.filter(
        resident_key=order.resident_key, id__gt=order.pk, kind__in=_CHANGING, cancelled_at=None
    ).filter(Q(scheme=order.scheme) | Q(data__from_scheme=order.scheme))
    return list(later.order_by("id"))
