"""The questions: what is put into the envelope for each service, read from the tables at the moment it is asked.

Account numbers are opened here, held in memory until the envelope is sealed, and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import platform
from haqdar.base.money import rupees
from haqdar.payments.models import TreasuryAllotment, TreasuryBill
from haqdar.payments.rails.writing import opened
from haqdar.payments.treasury.line import Line
from haqdar.registry.sealing import sealer

Params = dict[str, Any]
NARRATION = "Pension"


def allotment(line: Line, ddo_code: str, head: str, since: date) -> Params:
    """VA: what was allotted to a drawing officer under a head since a day."""
    unit = line.codes.unit(ddo_code)
    return {
        "hoa": line.codes.head(head),
        "fromDate": since.strftime(line.profile.day_form),
        "ddoCode": unit.ddo,
        # the treasury's own spelling
        "granteCode": unit.grantee,
    }


def bill(line: Line, one: TreasuryBill, from_allotment: TreasuryAllotment) -> Params:
    """PI: the bill with everybody it pays."""
    unit = line.codes.unit(one.ddo_code)
    credits = _credits(one)
    return {
        "jitBillNo": one.number,
        "jitBillDate": _instant(line, one.dated_at),
        "jitBillDdoCode": unit.ddo,
        "granteeAgCode": unit.grantee,
        "schemeCode": line.codes.scheme(one.scheme),
        "hoa": line.codes.head(one.head),
        "ssuIaId": unit.unit,
        "mstAllotmentDistId": from_allotment.master_id,
        "ssuAllotmentId": from_allotment.unit_id,
        "allotmentTxnSlNo": str(from_allotment.serial),
        "billNetAmount": rupees(one.paise),
        "billGrossAmount": rupees(one.paise),
        "billNumberOfBenf": str(one.persons),
        "purpose": f"{NARRATION} {one.month:%Y-%m}",
        "beneficiaryDetails": [
            {
                "benefId": credit["credit_id"],
                "benefName": credit["payee_name"],
                "benfAcctNo": credit["account"],
                "benfBankIfscCode": credit["ifsc"],
                "benfMobileNo": "",
                "benfEmailId": "",
                "benfAddress": credit["area"],
                "benfAccountType": "Saving",
                "benfAmount": rupees(credit["paise"]),
                "panNo": "",
                "adhaarNumber": credit["aadhaar"],
                "purpose": f"{NARRATION} {one.month:%Y-%m}",
            }
            for credit in credits
        ],
    }


def status(line: Line, one: TreasuryBill) -> Params:
    """PIS: whether the bill has got a number of the treasury."""
    return {
        "jitBillNo": one.number,
        "jitBillDate": _day(line, one.dated_at),
        "ssuIaId": line.codes.unit(one.ddo_code).unit,
    }


def advice(line: Line, one: TreasuryBill) -> Params:
    """PAG: advice and token of the bill."""
    return {
        "pmtInstId": one.payment_id,
        "pmtInstDate": one.payment_on,
        "billNo": one.number,
        "billDate": _day(line, one.dated_at),
        "ssuIaId": line.codes.unit(one.ddo_code).unit,
    }


def paid(line: Line, one: TreasuryBill) -> Params:
    """PD: the voucher, and who was paid."""
    return {
        "finYear": one.fin_year,
        "extAppName": line.codes.application,
        "billRefNo": one.bill_ref,
        "tokenNumber": one.token_no,
        "tokenDate": one.token_on.strftime(line.profile.day_form) if one.token_on else "",
    }


def failed(line: Line, about: str) -> Params:
    """FD: whose credits failed among the vouchers of a day; `about` is the treasury's year and the day."""
    fin_year, _, day = about.rpartition(" ")
    return {
        "finYear": fin_year,
        "extAppName": line.codes.application,
        "voucherDate": date.fromisoformat(day).strftime(line.profile.day_form),
    }


def correction(line: Line, one: TreasuryBill) -> Params:
    """COR: credits that failed, given again on their bill: the first account, the last one that failed, the one to pay now."""
    original = _original(one)
    return {
        "jitCorBillNo": one.number,
        "jitCorBillDate": _instant(line, one.dated_at),
        "jitCorBillDeptCode": line.codes.application,
        "jitOrgBillRefNo": original.bill_ref,
        "jitOrgBillNo": original.number,
        "jitOrgBillDate": _instant(line, original.dated_at),
        "beneficiaryDtls": _corrected(one),
    }


def corrected_paid(line: Line, one: TreasuryBill) -> Params:
    """FTPS: who was paid by a correction."""
    original = _original(one)
    return {
        "jitCorBillNo": one.number,
        "jitCorBillDate": _instant(line, one.dated_at),
        "jitCorBillDeptCode": line.codes.application,
        "jitOrgBillRefNo": original.bill_ref,
        "jitOrgBillNo": original.number,
        "jitOrgBillDate": _instant(line, original.dated_at),
    }


def corrected_failed(line: Line, one: TreasuryBill) -> Params:
    """FTFPS: whose credits failed again in a correction."""
    return {
        "jitCorBillNo": one.number,
        "jitCorBillDate": _instant(line, one.dated_at),
        "billRefNo": one.bill_ref,
        "tokenNumber": one.token_no,
        "tokenDate": one.token_on.strftime(line.profile.day_form) if one.token_on else "",
    }


OF_A_BILL: Mapping[str, Callable[[Line, TreasuryBill], Params]] = {
    "PIS": status,
    "PAG": advice,
    "PD": paid,
    "COR": correction,
    "FTPS": corrected_paid,
    "FTFPS": corrected_failed,
}
"""Service -> how its question about a bill is put together; PI needs an allotment, FD asks about a day."""


def _original(one: TreasuryBill) -> TreasuryBill:
    assert one.original is not None
    return one.original


def _instant(line: Line, at: datetime) -> str:
    return timezone.localtime(at).strftime(line.profile.instant_form)


def _day(line: Line, at: datetime) -> str:
    return timezone.localtime(at).strftime(line.profile.day_form)


def _credits(one: TreasuryBill) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.credit_id, c.paise, i.payee_name, i.ifsc, i.rail, i.destination_sealed, coalesce(a.name_en, '')"
            " FROM payments_treasury_credit c JOIN payments_instruction i ON i.id = c.instruction_id"
            " LEFT JOIN access_area a ON a.area_code = i.area_code WHERE c.bill_id = %s ORDER BY c.credit_id",
            [one.pk],
        )
        rows = cursor.fetchall()
    numbers = _opened(one, [(rail, sealed) for _, _, _, _, rail, sealed, _ in rows])
    return [
        {
            "credit_id": credit_id,
            "paise": paise,
            "payee_name": name,
            "ifsc": ifsc if rail == "account" else "",
            "account": number if rail == "account" else "",
            "aadhaar": number if rail == "aadhaar" else "",
            "area": area,
        }
        for (credit_id, paise, name, ifsc, rail, _, area), number in zip(rows, numbers, strict=True)
    ]


def _corrected(one: TreasuryBill) -> list[Params]:
    """The credits of a correction, each with three accounts: of the first instruction, of the one that failed last, of this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.credit_id, coalesce(lb.bill_ref, ''), n.ifsc, n.rail, n.destination_sealed, l.ifsc, l.rail, l.destination_sealed,"
            " f.ifsc, f.rail, f.destination_sealed"
            " FROM payments_treasury_credit c"
            " JOIN payments_instruction n ON n.id = c.instruction_id"
            " JOIN payments_instruction l ON l.id = n.corrects_id"
            " JOIN payments_treasury_credit lc ON lc.instruction_id = l.id AND lc.credit_id = c.credit_id"
            " JOIN payments_treasury_bill lb ON lb.id = lc.bill_id"
            " JOIN payments_treasury_credit fc ON fc.bill_id = %s AND fc.credit_id = c.credit_id"
            " JOIN payments_instruction f ON f.id = fc.instruction_id"
            " WHERE c.bill_id = %s ORDER BY c.credit_id",
            [one.original_id, one.pk],
        )
        rows = cursor.fetchall()
    clear = iter(_opened(one, [(row[at], row[at + 1]) for row in rows for at in (3, 6, 9)]))
    return [
        {
            "benefId": row[0],
            "jitCurBillRefNo": row[1],
            "correctedAccountNo": next(clear),
            "correctedIfsc": row[2],
            "curAccountNo": next(clear),
            "curIfsc": row[5],
            "orgAccountNo": next(clear),
            "orgIfsc": row[8],
        }
        for row in rows
    ]


def _opened(one: TreasuryBill, sealed: Sequence[tuple[str, Any]]) -> list[str]:
    """Account (or Aadhaar) numbers in clear, in the same order; the vault writes down whose bill it was that made it ask."""
    keys = sealer()
    actor = platform(one.version.submitted_by or one.version.sanctioned_by).doing("treasury.exchange")
    numbers = [""] * len(sealed)
    for rail in ("account", "aadhaar"):
        places = [at for at, (its, _) in enumerate(sealed) if its == rail]
        values = [None if sealed[at][1] is None else bytes(sealed[at][1]) for at in places]
        found = opened(actor, keys, rail, values, "treasury_line") if places else []
        for at, number in zip(places, found, strict=True):
            numbers[at] = number
    return numbers
