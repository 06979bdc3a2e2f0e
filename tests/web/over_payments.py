"""An over-payment of somebody of an area, asked back from the bank and proposed to be written off, for tests of pages."""

from datetime import date
from typing import Any

from django.utils import timezone

from haqdar.payments.models import Due, Recall, WriteOff


def over_payment(state: dict[str, Any], area: str) -> tuple[int, Recall, WriteOff]:
    """The recovery's number, the request to the bank and the proposal."""
    member, key = state["members"][area][0], state["people"][area][0]
    due = Due.objects.create(
        run_id=state["run"], member_id=member, pension_group=3, scheme="MRMD", kind="recovery", paise=-50000,
        for_month=date(2016, 8, 1), area_code=area, ddo_code=None,
    )  # fmt: skip
    now = timezone.now()
    recall = Recall.objects.create(
        recovery=due, resident_key=key, bank="SBIN", account_last4="4321", reference="R" * 30, died_on=date(2016, 7, 1),
        paise=50000, asked_at=now, asked_by="ddo",
    )  # fmt: skip
    proposed = WriteOff.objects.create(
        recovery=due,
        resident_key=key,
        paise=50000,
        reason="the heirs have nothing",
        proposed_at=now,
        proposed_by="ddo2",
    )
    recall.refresh_from_db()
    proposed.refresh_from_db()
    return due.pk, recall, proposed
