"""Writing an approved proposal into the law, with an eye on the months that were paid already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, WrongUsage
from haqdar.entitlement.enact import Enactment, prepare, write
from haqdar.jobs.locks import month_lock
from haqdar.jobs.order import stands_behind_a_later_month
from haqdar.law import Text


class MonthsAlreadyPaid(Refusal):
    """The law would change months whose dues are posted."""

    code = "months_already_paid"
    en = "From {day} on it would change months that were paid already, up to {latest}. Choose a later day, or say --retroactive: the next run then pays arrears and recovers what was paid too much."
    hi = "{day} से लागू करने पर {latest} तक के वे महीने बदलेंगे जिनका भुगतान हो चुका है। बाद की तारीख चुनें, या --retroactive लिखें: तब अगली गणना बकाया देगी और ज़्यादा दी गई रकम वसूल करेगी।"


class OrderMissing(WrongUsage):
    """Law needs the order it comes from, in both languages."""

    code = "order_missing"
    en = 'Name the order in both languages: --order "…" and --order-hi "…" (number, date, department).'
    hi = 'आदेश दोनों भाषाओं में लिखें: --order "…" और --order-hi "…" (क्रमांक, तारीख, विभाग)।'


class MonthUnderWay(Refusal):
    """The law is not changed under a running month."""

    code = "month_under_way"
    en = "A month run is under way. The law is changed when it has finished; run the command again then."
    hi = "मासिक गणना चल रही है। कानून उसके पूरा होने पर बदलेगा; तब आदेश फिर चलाएँ।"


def _not_paid_yet(from_on: date, retroactive: bool) -> None:
    later = stands_behind_a_later_month(Month.of(from_on).previous())
    if later is not None and not retroactive:
        raise MonthsAlreadyPaid(day=from_on, latest=later)


def enact_proposal(
    actor: Actor,
    law: Path,
    name: str,
    from_on: date,
    order: Text,
    *,
    retroactive: bool = False,
    confirmed: Callable[[Enactment], bool] = lambda _: True,
) -> list[str]:
    """Write the proposal into the law folder if everything allows it; returns the paths written.

    `confirmed` sees the prepared enactment and may still say no (nothing is then written). Raises `OrderMissing`,
    `MonthsAlreadyPaid`, `MonthUnderWay` and the refusals of ``entitlement.enact``.
    """
    require(actor, "law.enact")
    if not order.en.strip() or not order.hi.strip():
        raise OrderMissing()
    _not_paid_yet(from_on, retroactive)
    prepared = prepare(law, name, from_on, order)
    if not confirmed(prepared):
        return []
    with month_lock() as free:
        if not free:
            raise MonthUnderWay()
        # a month may have been paid while the enactment was prepared
        _not_paid_yet(from_on, retroactive)
        with acting(actor, "law.enact"):
            record(
                actor,
                "law.enact",
                "proposal",
                name,
                old={"law": prepared.law_hash},
                new={"from": str(from_on), "order": order.en, "retroactive": retroactive},
            )
            return write(prepared)
