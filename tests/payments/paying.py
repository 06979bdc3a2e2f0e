"""A small month of money brought as far as its bills are passed, and the people who handle its files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_posting import posted

from haqdar.access.actors import Actor, platform
from haqdar.base.month import Month
from haqdar.payments.closing import close_month
from haqdar.registry.models import ResidentBelief
from haqdar.registry.sealing import ACCOUNT, sealer
from haqdar.vault.store import refer

MAKER = Actor(user_id=1, name="maker", roles=frozenset({"state"}), area_paths=None)
CHECKER = Actor(user_id=2, name="checker", roles=frozenset({"state"}), area_paths=None)


def account(number: str) -> bytes:
    """A number sealed as the month's run hands it on: two bytes of key version in front."""
    sealed, version = sealer().seal_one(ACCOUNT, number)
    return version.to_bytes(2, "big") + sealed


def person(member_id: int, number: str | None = None, **other: Any) -> tuple[Any, ...]:
    """A payee with a really sealed account."""
    return payee(member_id, account_sealed=account(number or f"30{member_id:09d}"), **other)


def by_aadhaar(member_id: int, number: str) -> tuple[Any, ...]:
    """A payee without an account whose Aadhaar number is known."""
    known = {"aadhaar_ref": refer(platform("test"), number, "ekyc").bytes, "aadhaar_last4": number[-4:]}
    return payee(member_id, ifsc="", account_sealed=None, account_last4=None, **known)


def a_passed_month(
    settled: Sequence[tuple[Any, ...]] | None = None,
    payees: Sequence[tuple[Any, ...]] | None = None,
    month: Month = OCTOBER,
    passed: bool = True,
) -> int:
    """Post a month, close it, and let the treasury pass its bills (as rows: how that comes about is tested elsewhere)."""
    run_id = posted(
        relations(
            settled=settled or [(1, 1, "IGNWPS", 30000), (1, 3, "MRMD", 50000), (2, 1, "IGNOAPS", 27500)],
            payee=payees or [person(1), person(2, name_en="सुनीता देवी")],
        ),
        month,
    )
    close_month(platform("test"), month)
    if passed:
        passing(run_id)
    return run_id


def passing(run_id: int, condition: str = "true") -> None:
    """Give every bill of the run (that fulfils `condition`) a version that the treasury passed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_bill_version (bill_id, version, persons, paise, left_out_persons, left_out_paise,"
            " content_hash, state, sanction_no, sanctioned_at, sanctioned_by, submitted_by, token_no, voucher_no, voucher_on,"
            " ended_by, end_reason)"
            " SELECT id, 1, persons, paise, 0, 0, '', 'passed', 'S' || id, now(), 'test', '', '', 'V1', now()::date, '', ''"
            f" FROM payments_bill WHERE run_id = %s AND {condition}",
            [run_id],
        )


def on_record(member_id: int) -> None:
    """The register learns of the account that `account` seals for a person whom it knows without one."""
    known = ResidentBelief.objects.get(member_id=member_id)
    number, version = sealer().seal_one(ACCOUNT, f"30{member_id:09d}")
    ResidentBelief.objects.create(
        member_id=member_id,
        belief_no=known.belief_no + 1,
        known_from=known.known_from,
        line=known.line + 1,
        delivery_id=known.delivery_id,
        family_id=known.family_id,
        name_en=known.name_en,
        name_hi=known.name_hi,
        sex=known.sex,
        mobile=known.mobile,
        fingerprint=UUID(int=1),
        ifsc="SBIN0001234",
        account_sealed=number,
        account_last4=f"{member_id:04d}",
        account_hash=UUID(int=member_id),
        key_version=version,
    )
