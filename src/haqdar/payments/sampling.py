"""An auditor's sample of credits, and the trail of each: credit, file, voucher, bill, due, run, rule.

The draw depends on the month's credits, the seed, the method and the size alone, so anybody draws the same again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, below, require, require_area
from haqdar.access.queries import Place, path_of_area
from haqdar.base.refusal import Refusal
from haqdar.law import Text, load_lawbook
from haqdar.payments.models.oversight import Sample, SampleItem
from haqdar.payments.queries import COUNTED
from haqdar.registry.entries import Somebody, people

MOST = 500


class BadSample(Refusal):
    """A size or seed that makes no sample."""

    code = "bad_sample"
    en = "The size is a whole number from 1 to 500; a seed has up to 40 letters and digits, or is left empty."
    hi = "नमूने का आकार 1 से 500 तक की पूरी संख्या हो; बीज में 40 तक अक्षर और अंक हों, या खाली छोड़ें।"


class NothingCredited(Refusal):
    """No bank has credited anything of the month in the area."""

    code = "nothing_credited"
    en = "No credit of this month has been confirmed by a bank in this area, so there is nothing to draw from. Choose another month."
    hi = "इस क्षेत्र में इस महीने का कोई भुगतान बैंक ने पक्का नहीं किया है, इसलिए चुनने को कुछ नहीं है। दूसरा महीना चुनें।"


class NoSuchSample(Refusal):
    """The address leads to no sample."""

    code = "no_such_sample"
    en = "There is no such sample. Open it from the list."
    hi = "ऐसा कोई नमूना नहीं है। सूची से खोलें।"


@dataclass(frozen=True, slots=True)
class BillStep:
    """The bill that paid a part of a credit, with the voucher it was passed with."""

    bill_no: str
    head: str
    component: str
    paise: int
    sanction_no: str
    state: str
    voucher_no: str
    voucher_on: date | None


@dataclass(frozen=True, slots=True)
class DueStep:
    """A due that the credit pays, and what was kept back from it."""

    kind: str
    for_month: date
    paise: int
    withheld: int
    order: Text | None
    since: date | None


@dataclass(frozen=True)
class Trail:
    """One credit of a sample with everything it stands on."""

    serial: int
    reference: str
    person: Somebody | None
    scheme: str
    paise: int
    ifsc: str
    account_last4: str | None
    file_name: str
    released_by: str
    utr: str
    value_on: date | None
    answer_file: str
    bills: Sequence[BillStep]
    dues: Sequence[DueStep]
    run_version: int
    known_on: date
    law_hash: str
    snapshot_hash: str
    agrees: bool
    """Whether bills and dues less what was kept back add up to what was credited."""


# a credit that was presented again to another account is the riskiest: each is drawn where it reached an account
_FRAME = f"""
    SELECT i.id, i.reference, i.paise
    FROM payments_instruction i
    JOIN cases_month_run r ON r.id = i.run_id AND {COUNTED} AND r.month = %(month)s
    JOIN payments_entry e ON e.month = r.month AND e.kind = 'credited' AND e.source_id = i.id
    LEFT JOIN payments_entry b ON b.month = r.month AND b.kind = 'returned_late' AND b.source_id = i.id
    LEFT JOIN access_area a ON a.area_code = i.area_code
    WHERE b.source_id IS NULL AND (a.path LIKE %(below)s OR (a.path IS NULL AND %(whole)s))
"""
_BY_CREDITS = "SELECT id FROM frame ORDER BY sha256(convert_to(%(seed)s || reference, 'UTF8')), reference LIMIT %(size)s"
# every interval-th rupee of the credits in an order that the seed gives; a credit larger than the interval is drawn once
_BY_MONEY = """
    SELECT id FROM (
        SELECT id, reference, paise, sum(paise) OVER (
            ORDER BY sha256(convert_to(%(seed)s || reference, 'UTF8')), reference) - 1 - %(start)s + %(interval)s AS up_to
        FROM frame
    ) summed
    WHERE div(up_to, %(interval)s) > div(up_to - paise, %(interval)s)
    ORDER BY up_to LIMIT %(size)s
"""


def draw(actor: Actor, month: date, here: Place, size: int, method: str, seed: str = "") -> Sample:
    """Draw `size` credits of `month` in `here` by lot; with no seed a new one is made and kept.

    Needs `sample.draw`. Raises `BadSample`, `NothingCredited`, ``OutsideYourArea``.
    """
    actor = require(actor, "sample.draw")
    require_area(actor, here.path)
    seed = seed.strip()
    if (
        not 1 <= size <= MOST
        or len(seed) > 40
        or (seed and not seed.isalnum())
        or method not in Sample.Method
    ):
        raise BadSample()
    seed = seed or secrets.token_hex(8)
    values: dict[str, Any] = {
        "month": month,
        "below": below(here.path),
        "whole": here.kind == "state",
        "seed": seed,
        "size": size,
    }
    with acting(actor, "sample.draw"), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE frame ON COMMIT DROP AS {_FRAME}", values)
        cursor.execute("SELECT count(*), coalesce(sum(paise), 0)::bigint FROM frame")
        credits, paise = cursor.fetchone()
        if not credits:
            raise NothingCredited()
        interval = max(1, paise // size)
        start = int.from_bytes(seed.encode(), "big") % interval
        cursor.execute(
            _BY_MONEY if method == Sample.Method.MONEY else _BY_CREDITS,
            values | {"interval": interval, "start": start},
        )
        drawn = [row[0] for row in cursor.fetchall()]
        cursor.execute("DROP TABLE frame")
        sample = Sample.objects.create(
            month=month, area_code=here.area_code, seed=seed, method=method, size=size, frame_credits=credits,
            frame_paise=paise, drawn_at=timezone.now(), drawn_by=actor.name,
        )  # fmt: skip
        SampleItem.objects.bulk_create(
            SampleItem(sample=sample, serial=serial, instruction_id=one)
            for serial, one in enumerate(drawn, 1)
        )
        sample.refresh_from_db()
        record(
            actor,
            "sample.draw",
            "sample",
            str(sample.key),
            new={"month": month.isoformat(), "size": len(drawn), "method": method, "of": credits},
        )
    return sample


def samples(actor: Actor) -> list[Sample]:
    """The samples drawn in the actor's area, newest first. Needs `sample.draw`."""
    actor = require(actor, "sample.draw")
    return [one for one in Sample.objects.order_by("-pk")[:200] if actor.sees(path_of_area(one.area_code))]


def sample_of_key(actor: Actor, key: UUID) -> Sample:
    """One sample. Needs `sample.draw` in its area. Raises `NoSuchSample`, ``OutsideYourArea``."""
    actor = require(actor, "sample.draw")
    found = Sample.objects.filter(key=key).first()
    if found is None:
        raise NoSuchSample()
    require_area(actor, path_of_area(found.area_code))
    return found


_FIRST = """LEFT JOIN payments_return k ON k.instruction_id = i.corrects_id
    JOIN payments_instruction o ON o.id = coalesce(k.first_id, i.id)"""
"""The first credit of one that was presented again: its dues, bills and run are those of the first."""
_ITEMS = f"""
    SELECT s.serial, i.id, i.reference, i.member_id, i.scheme, i.paise, i.ifsc, i.account_last4, coalesce(f.name, ''),
        coalesce(f.released_by, ''), coalesce(l.utr, ''), l.value_on, coalesce(n.name, ''), r.version, r.known_on, r.law_hash,
        r.snapshot_hash
    FROM payments_sample_item s
    JOIN payments_instruction i ON i.id = s.instruction_id
    {_FIRST}
    JOIN cases_month_run r ON r.id = o.run_id
    LEFT JOIN payments_file_item t ON t.instruction_id = i.id AND t.alive
    LEFT JOIN payments_file f ON f.id = t.file_id
    LEFT JOIN LATERAL (SELECT x.utr, x.value_on, x.file_id FROM payments_response_line x
        WHERE x.instruction_id = i.id AND x.disposition = 'applied' AND x.outcome = 'credited' ORDER BY x.id DESC LIMIT 1) l ON true
    LEFT JOIN payments_response_file n ON n.id = l.file_id
    WHERE s.sample_id = %s ORDER BY s.serial
"""
_DUES = f"""
    SELECT s.serial, d.id, d.kind, d.for_month, d.paise, d.scheme,
        coalesce((SELECT sum(w.paise) FROM payments_withholding w WHERE w.due_id = d.id), 0)::bigint
    FROM payments_sample_item s
    JOIN payments_instruction i ON i.id = s.instruction_id
    {_FIRST}
    JOIN payments_due d ON d.run_id = o.run_id AND d.member_id = o.member_id AND d.scheme = o.scheme AND d.kind <> 'recovery'
    WHERE s.sample_id = %s ORDER BY s.serial, d.for_month DESC, d.kind
"""
_BILLS = f"""
    SELECT s.serial, b.bill_no, b.head, l.component, sum(l.paise)::bigint, coalesce(v.sanction_no, ''), coalesce(v.state, ''),
        coalesce(v.voucher_no, ''), v.voucher_on
    FROM payments_sample_item s
    JOIN payments_instruction i ON i.id = s.instruction_id
    {_FIRST}
    JOIN payments_due d ON d.run_id = o.run_id AND d.member_id = o.member_id AND d.scheme = o.scheme AND d.kind <> 'recovery'
    JOIN payments_bill_line l ON l.due_id = d.id AND l.withdrawn_in_id IS NULL
    JOIN payments_bill b ON b.id = l.bill_id
    LEFT JOIN payments_bill_version v ON v.bill_id = b.id AND v.state NOT IN ('objected', 'cancelled')
    WHERE s.sample_id = %s GROUP BY 1, 2, 3, 4, 6, 7, 8, 9 ORDER BY 1, 2
"""


def trails(actor: Actor, sample: Sample) -> list[Trail]:
    """The trail of every credit of a sample, in three reads. Needs `sample.draw` in its area."""
    actor = require(actor, "sample.draw")
    require_area(actor, path_of_area(sample.area_code))
    law = load_lawbook(settings.HAQDAR_LAW)
    with connection.cursor() as cursor:
        cursor.execute(_DUES, [sample.pk])
        dues: dict[int, list[DueStep]] = {}
        for serial, _id, kind, for_month, paise, scheme, withheld in cursor.fetchall():
            order, since = _order(law.with_scheme(scheme, for_month).scheme(scheme).bands, paise)
            dues.setdefault(serial, []).append(DueStep(kind, for_month, paise, withheld, order, since))
        cursor.execute(_BILLS, [sample.pk])
        bills: dict[int, list[BillStep]] = {}
        for serial, *rest in cursor.fetchall():
            bills.setdefault(serial, []).append(BillStep(*rest))
        cursor.execute(_ITEMS, [sample.pk])
        rows = cursor.fetchall()
    persons = people(members=[row[3] for row in rows])
    found = []
    for serial, _id, reference, member, scheme, paise, ifsc, last4, *rest in rows:
        file_name, released_by, utr, value_on, answer_file, version, known_on, law_hash, snapshot_hash = rest
        own_bills, own_dues = bills.get(serial, []), dues.get(serial, [])
        found.append(
            Trail(
                serial,
                reference,
                persons.get(member),
                scheme,
                paise,
                ifsc,
                last4,
                file_name,
                released_by,
                utr,
                value_on,
                answer_file,
                own_bills,
                own_dues,
                version,
                known_on,
                law_hash,
                snapshot_hash,
                agrees=paise
                == sum(one.paise for one in own_bills)
                == sum(one.paise - one.withheld for one in own_dues),
            )
        )
    return found


def _order(bands: Sequence[Any], paise: int) -> tuple[Text | None, date | None]:
    """The order of the band that pays this amount; none for an amount of no band (arrears of a part, or brought in)."""
    for band in bands:
        if band.paise == paise:
            return band.order, band.since
    return None, None
