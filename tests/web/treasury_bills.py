"""Bills on the line to the treasury in the small State, without a treasury."""

from datetime import date
from itertools import count
from typing import Any

from django.utils import timezone

from haqdar.payments.models import Bill, BillVersion, TreasuryBill, TreasuryMessage

_NUMBERS = count(1)


def treasury_bill(ddo_code: str, state: str = "refused", **values: Any) -> TreasuryBill:
    """A bill of a drawing officer on the line, with the question that led to its state."""
    number = next(_NUMBERS)
    drawn = Bill.objects.order_by("pk")[0]
    version = BillVersion.objects.create(
        bill=drawn, version=1000 + number, persons=1, paise=27500, left_out_persons=0, left_out_paise=0, content_hash="",
        # the version of a bill that is over: only one may live, and these pages do not look at it
        state="objected", sanction_no=f"S{number}", sanctioned_at=timezone.now(), sanctioned_by="block", end_reason="test",
    )  # fmt: skip
    bill = TreasuryBill.objects.create(
        version=version, number=f"201610/{ddo_code}/{number:03d}", dated_at=timezone.now(), ddo_code=ddo_code, scheme="IGNOAPS",
        head="2235-60-102-1", month=date(2016, 10, 1), persons=128, paise=35_20_000, state=state, since_at=timezone.now(),
        **({"problem": "refused", "said": "340 Wrong grantee code"} if state == "refused" else {}) | values,
    )  # fmt: skip
    TreasuryMessage.objects.create(
        bill=bill, service="PI", state="stuck" if state == "refused" else "done", queued_at=timezone.now(),
        next_at=timezone.now(), asked=1, last_at=timezone.now(), problem=bill.problem, said=bill.said,
    )  # fmt: skip
    bill.refresh_from_db()
    return bill
