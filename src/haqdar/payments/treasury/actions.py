"""What people do about a bill that is stuck: ask again, or take it back as objected to."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, platform, require
from haqdar.base.refusal import Refusal
from haqdar.payments.bill_reads import officer
from haqdar.payments.models import TreasuryBill
from haqdar.payments.treasury import taking
from haqdar.payments.treasury.client import Reply, Said
from haqdar.payments.treasury.line import profile
from haqdar.payments.treasury.reads import NoSuchTreasuryBill
from haqdar.payments.treasury.taking import Taking

_LINE = platform("treasury")


class NothingToAsk(Refusal):
    """The bill waits for nothing."""

    code = "nothing_to_ask"
    en = "Nothing waits for an answer about bill {number} any more."
    hi = "बिल {number} के बारे में अब किसी उत्तर की प्रतीक्षा नहीं है।"


class NotRefused(Refusal):
    """Only what the treasury refused is taken back here."""

    code = "not_refused"
    en = "The treasury has not refused bill {number}; wait for its answer, or ask the treasury to give it back."
    hi = "कोषालय ने बिल {number} लेने से मना नहीं किया है; उसके उत्तर की प्रतीक्षा करें, या कोषालय से उसे लौटाने को कहें।"


def retry(actor: Actor, key: UUID) -> TreasuryBill:
    """Ask at once what waits or is stuck about a bill. Needs `treasury.retry`. Raises `NoSuchTreasuryBill`, `NothingToAsk`.

    A repetition is safe: the treasury knows the bill by its number.
    """
    actor = require(actor, "treasury.retry")
    with acting(actor, "treasury.retry"):
        bill = _bill(actor, key)
        asked = bill.messages.exclude(state="done").update(
            state="waiting", attempts=0, next_at=timezone.now()
        )
        if not asked:
            raise NothingToAsk(number=bill.number)
        if bill.state == "refused":
            bill.state, bill.since_at = "queued", timezone.now()
        bill.problem = ""
        bill.save(update_fields=["state", "since_at", "problem"])
        record(actor, "treasury.retry", "treasury_bill", str(bill.key), new={"number": bill.number})
    return bill


def give_back(actor: Actor, key: UUID) -> TreasuryBill:
    """Take a bill that the treasury refused as objected to, with the treasury's own words.

    A bill then waits for its next version; the credits of a correction come back like returned ones. Needs `bill.answer`. Raises
    `NoSuchTreasuryBill`, `NotRefused`.
    """
    actor = require(actor, "bill.answer")
    with acting(actor, "bill.answer"):
        bill = _bill(actor, key)
        if bill.state != "refused":
            raise NotRefused(number=bill.number)
        if bill.kind == "bill":
            taking.object_to(actor, bill, bill.said)
        else:
            message = bill.messages.get(service="COR")
            message.bill = bill
            reply = Reply((), (Said("", bill.said),), f"given back {bill.key}")
            taking.correction_refused(Taking(_LINE, profile(), message, reply), bill.said)
        bill.messages.exclude(state="done").update(state="done", problem="objected")
    return bill


def _bill(actor: Actor, key: UUID) -> TreasuryBill:
    """The bill, locked, within the actor's area."""
    bill = (
        TreasuryBill.objects.select_related("version").select_for_update(of=("self",)).filter(key=key).first()
    )
    if bill is None:
        raise NoSuchTreasuryBill()
    if actor.area_paths is not None:
        officer(actor, bill.ddo_code)
    return bill
