"""The month's proposals of the local bodies: generated from the ledger, verified, submitted, or silent on the day of the bill.

`propose` closes the month and generates; everything after it moves one body's proposals forward. Whom a body leaves out by name is
held (`holds`), which is all that bills and files need to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.many import record_many
from haqdar.access.queries import path_of_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, Words
from haqdar.base.sql import statement
from haqdar.law import day_text, load_lawbook
from haqdar.law.payments import payment_rules
from haqdar.payments import holds
from haqdar.payments.closing import close_month, closing_of
from haqdar.payments.ledger import PACKAGE
from haqdar.payments.models import Hold, Proposal, ProposalException
from haqdar.payments.queries import COUNTED

State = Proposal.State
OPEN = (State.GENERATED.value, State.VERIFIED.value)
"""The states of a proposal that the local body still has in its hands."""


class NoSuchProposal(Refusal):
    """No proposal has this key, or the body has none in the month."""

    code = "no_such_proposal"
    en = "There is no such proposal. Open the list of proposals again."
    hi = "ऐसा कोई प्रस्ताव नहीं है। प्रस्तावों की सूची फिर से खोलें।"


class NotToVerify(Refusal):
    """The proposal was verified, submitted or has gone on."""

    code = "not_to_verify"
    en = "This proposal was verified already or has gone to the drawing officer. Nothing was changed."
    hi = "इस प्रस्ताव की जाँच पहले हो चुकी है या यह आहरण अधिकारी के पास जा चुका है। कुछ नहीं बदला।"


class NotYetVerified(Refusal):
    """A body submits all of its proposals together, each verified."""

    code = "not_yet_verified"
    en = "{count} of the month's proposals are not verified yet. Verify them first, then submit all together."
    hi = "महीने के {count} प्रस्तावों की जाँच अभी बाकी है। पहले उन्हें जाँचें, फिर सब एक साथ भेजें।"


class NothingToSubmit(Refusal):
    """Everything was submitted, or went on without the body."""

    code = "nothing_to_submit"
    en = "There is nothing left to submit for this month."
    hi = "इस महीने का भेजने के लिए कुछ बाकी नहीं है।"


class NotToTakeBack(Refusal):
    """Only a verified proposal that was not submitted can be taken back."""

    code = "not_to_take_back"
    en = "This proposal cannot be taken back: it is not verified, or the drawing officer has it. Ask for a hold of the payee instead."
    hi = "यह प्रस्ताव वापस नहीं हो सकता: जाँच नहीं हुई, या आहरण अधिकारी के पास है। ज़रूरत हो तो व्यक्ति का पैसा रुकवाएँ।"


class NotInTheProposal(Refusal):
    """Somebody to be left out has nothing to get by this proposal."""

    code = "not_in_the_proposal"
    en = "One of the people chosen gets nothing by this proposal. Choose from its list."
    hi = "चुने गए लोगों में से किसी को इस प्रस्ताव से कुछ नहीं मिलना है। इसकी सूची में से चुनें।"


class BodiesStillAtWork(Refusal):
    """Before the day of the bill silence means nothing."""

    code = "bodies_still_at_work"
    en = "{count} proposals are still with the local bodies, who have time until {day}. Wait for them, or for that day."
    hi = "{count} प्रस्ताव अभी ग्राम पंचायतों और नगर निकायों के पास हैं, उनके पास {day} तक समय है। उनका या उस दिन का इंतज़ार करें।"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A month whose proposals stand; `now` tells whether this call made them. Payees without a known place are in none."""

    month: date
    run_id: int
    proposals: int
    bodies: int
    persons: int
    payable_paise: int
    now: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A payee whom the body leaves out, with a word of `holds.OF_BODIES` and what it knows."""

    resident_key: UUID
    reason: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a month's money: until when bodies verify and submit, and when bills are drawn."""

    verification: date
    bill: date


def days_of(month: Month, closed_on: date | None) -> Days:
    """The law's days of `month`; where it was closed late, everybody after that keeps the days that the law gives them.

    A body that gets its proposal five days late has five days longer: the delay is named where it arose.
    """
    calendar = load_lawbook(settings.HAQDAR_LAW).on(month.first_day).calendar
    proposal = calendar.day("proposal", month)
    late = max(closed_on - proposal, timedelta()) if closed_on is not None else timedelta()
    return Days(calendar.day("verification", month) + late, calendar.day("bill", month) + late)


def days_of_closed(month: date) -> Days:
    """`days_of` a month as it was closed, or would be by the law."""
    closing = closing_of(month)
    closed_on = timezone.localdate(closing.closed_at) if closing is not None else None
    return days_of(Month.of(month), closed_on)


# -- from the ledger to the bodies ---------------------------------------------------------------------------------


def propose(actor: Actor, month: Month) -> Proposed:
    """Close `month` and generate the proposals of all local bodies, in one transaction; repeating it changes nothing.

    Needs ``month.close``. Raises ``MonthNotRun``, ``EarlierMonthOpen``.
    """
    actor = require(actor, "month.close")
    with acting(actor, "month.close"), connection.cursor() as cursor:
        closed = close_month(actor, month)
        made = generate(cursor, closed.run_id, month)
        result = _proposed(cursor, closed.run_id, month, now=made > 0)
        if made:
            record(
                actor,
                "month.close",
                "proposals",
                str(month),
                new={"proposals": made, "bodies": result.bodies, "paise": result.payable_paise},
            )
    return result


def generate(cursor: Any, run_id: int, month: Month) -> int:
    """Add the proposals of a closed run with their people, in the caller's transaction; returns how many, 0 where they stand."""
    cursor.execute("SELECT EXISTS (SELECT FROM payments_proposal WHERE month = %s)", [month.first_day])
    if cursor.fetchone()[0]:
        return 0
    before = run_before(cursor, month.first_day)
    # a State's month is joined and sorted twice: in memory that is seconds, on disk a minute
    cursor.execute("SET LOCAL work_mem = '256MB'")
    cursor.execute(
        statement(PACKAGE, "proposed"), {"run": run_id, "before": before, "compared": before is not None}
    )
    due_on = days_of_closed(month.first_day).verification
    cursor.execute(
        f"INSERT INTO payments_proposal (run_id, month, {_SUMS}, due_on, state, verified_by, submitted_by)"
        f" SELECT %s, %s, {_SUMS}, %s, 'generated', '', '' FROM proposed ORDER BY body_code, scheme",
        [run_id, month.first_day, due_on],
    )
    made = int(cursor.rowcount)
    cursor.execute(
        "INSERT INTO payments_proposal_payees (proposal_id, members, ended) SELECT p.id, n.members, n.ended"
        " FROM payments_proposal p JOIN proposed n USING (body_code, scheme) WHERE p.month = %s ORDER BY p.id",
        [month.first_day],
    )
    cursor.execute("DROP TABLE proposed")
    cursor.execute("RESET work_mem")
    cursor.execute("ANALYZE payments_proposal")
    return made


_SUMS = (
    "body_code, ddo_code, scheme, persons, new_persons, ended_persons, changed_persons, regular_paise, arrears_paise,"
    " recovery_paise, withheld_paise, payable_paise, held_persons, held_paise, unpayable_persons, unpayable_paise"
)


def run_before(cursor: Any, month: date) -> int | None:
    """The run with which a month is compared: that of the latest earlier month that counts."""
    cursor.execute(
        f"SELECT r.id FROM cases_month_run r WHERE {COUNTED} AND r.month < %s ORDER BY r.month DESC LIMIT 1",
        [month],
    )
    found = cursor.fetchone()
    return int(found[0]) if found else None


def _proposed(cursor: Any, run_id: int, month: Month, *, now: bool) -> Proposed:
    cursor.execute(
        "SELECT count(*), count(DISTINCT body_code), coalesce(sum(persons), 0)::bigint, coalesce(sum(payable_paise), 0)::bigint"
        " FROM payments_proposal WHERE month = %s",
        [month.first_day],
    )
    count, bodies, persons, paise = cursor.fetchone()
    return Proposed(month.first_day, run_id, count, bodies, persons, paise, now)


# -- in the hands of a body ----------------------------------------------------------------------------------------


def proposal_of_key(actor: Actor, key: UUID, verb: str = "proposal.view", *, lock: bool = False) -> Proposal:
    """The proposal of an opaque key; needs `verb` at its body. Raises `NoSuchProposal`, ``OutsideYourArea``."""
    actor = require(actor, verb)
    wanted = Proposal.objects.select_for_update() if lock else Proposal.objects.all()
    found = wanted.filter(key=key).first()
    if found is None:
        raise NoSuchProposal()
    require_area(actor, path_of_area(found.body_code))
    return found


def verify(actor: Actor, key: UUID, exceptions: Sequence[LeftOut] = ()) -> Proposal:
    """Verify a proposal, whole or but for the people named, who are held and told; all or nothing.

    Needs ``proposal.verify`` at the body. Raises `NoSuchProposal`, `NotToVerify`, `NotInTheProposal`, ``NotAReasonToHold``,
    ``AlreadyHeld``.
    """
    actor = require(actor, "proposal.verify")
    with acting(actor, "proposal.verify"):
        proposal = proposal_of_key(actor, key, "proposal.verify", lock=True)
        if proposal.state != State.GENERATED:
            raise NotToVerify()
        if any(one.reason not in holds.OF_BODIES for one in exceptions):
            raise holds.NotAReasonToHold()
        _except(actor, proposal, exceptions)
        proposal.state = State.VERIFIED
        proposal.verified_at, proposal.verified_by = timezone.now(), actor.name
        proposal.save(update_fields=["state", "verified_at", "verified_by"])
        record(
            actor,
            "proposal.verify",
            "proposal",
            str(proposal.key),
            new={"state": "verified", "left_out": len(exceptions)},
        )
    return proposal


def _except(actor: Actor, proposal: Proposal, exceptions: Sequence[LeftOut]) -> None:
    if not exceptions:
        return
    payees = _payees_of(proposal, [one.resident_key for one in exceptions])
    if len(payees) != len({one.resident_key for one in exceptions}) or len(payees) != len(exceptions):
        raise NotInTheProposal()
    placed = holds.place(
        actor,
        "proposal.verify",
        Hold.Origin.EXCEPTION,
        [(payees[one.resident_key], one.reason, one.note) for one in exceptions],
    )
    ProposalException.objects.bulk_create(
        ProposalException(
            proposal=proposal,
            member_id=one.member_id,
            reason=one.reason,
            note=one.note,
            hold=one,
            made_at=one.placed_at,
            made_by=actor.name,
        )
        for one in placed
    )


def _payees_of(proposal: Proposal, keys: Iterable[UUID]) -> dict[UUID, holds.Payee]:
    """Those of the people with these keys who get something by the proposal."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT d.member_id, i.key, min(d.pension_group), d.scheme, min(d.area_code) FROM registry_resident i"
            " JOIN payments_due d ON d.member_id = i.member_id AND d.run_id = %(run)s AND d.scheme = %(scheme)s"
            " JOIN payments_proposal_payees p ON p.proposal_id = %(id)s AND d.member_id = ANY(p.members)"
            " WHERE i.key = ANY(%(keys)s) AND d.kind <> 'recovery' GROUP BY 1, 2, 4",
            {
                "run": proposal.run_id,
                "scheme": proposal.scheme,
                "id": proposal.pk,
                "keys": list(keys),
            },
        )
        return {row[1]: holds.Payee(*row) for row in cursor.fetchall()}


def take_back(actor: Actor, key: UUID) -> Proposal:
    """Take back the verification of a proposal that was not submitted; those it left out are released again.

    Needs ``proposal.verify`` at the body. Raises `NoSuchProposal`, `NotToTakeBack`.
    """
    actor = require(actor, "proposal.verify")
    with acting(actor, "proposal.verify"):
        proposal = proposal_of_key(actor, key, "proposal.verify", lock=True)
        if proposal.state != State.VERIFIED:
            raise NotToTakeBack()
        held = list(proposal.exceptions.filter(hold__released_at=None).values_list("hold_id", flat=True))
        released = holds.end(actor, "proposal.verify", held, "") if held else 0
        proposal.state = State.GENERATED
        proposal.verified_at, proposal.verified_by = None, ""
        proposal.save(update_fields=["state", "verified_at", "verified_by"])
        record(
            actor,
            "proposal.verify",
            "proposal",
            str(proposal.key),
            old={"state": "verified"},
            new={"state": "generated", "released": released},
        )
    return proposal


def verify_rest(actor: Actor, body_code: str, month: Month) -> int:
    """Verify as they stand all proposals of a body that are not verified yet; returns how many."""
    return _together(actor, "proposal.verify", body_code, month, State.GENERATED, State.VERIFIED)


def submit(actor: Actor, body_code: str, month: Month) -> int:
    """Submit the month's verified proposals of a body to its drawing officer, all together; returns how many.

    Needs ``proposal.submit`` at the body. Raises `NoSuchProposal`, `NotYetVerified`, `NothingToSubmit`.
    """
    return _together(actor, "proposal.submit", body_code, month, State.VERIFIED, State.SUBMITTED)


def _together(actor: Actor, verb: str, body_code: str, month: Month, before: str, after: str) -> int:
    actor = require(actor, verb)
    require_area(actor, path_of_area(body_code))
    with acting(actor, verb):
        present = list(
            Proposal.objects.select_for_update()
            .filter(month=month.first_day, body_code=body_code)
            .values_list("pk", "key", "state")
        )
        if not present:
            raise NoSuchProposal()
        if after == State.SUBMITTED:
            unready = sum(state == State.GENERATED for _, _, state in present)
            if unready:
                raise NotYetVerified(count=unready)
        moving = [(pk, key) for pk, key, state in present if state == before]
        if not moving:
            raise NothingToSubmit() if after == State.SUBMITTED else NotToVerify()
        stem = "submitted" if after == State.SUBMITTED else "verified"
        Proposal.objects.filter(pk__in=[pk for pk, _ in moving]).update(
            **{"state": after, f"{stem}_at": timezone.now(), f"{stem}_by": actor.name}
        )
        record_many(
            actor, verb, "proposal", [(str(key), {"state": before}, {"state": after}) for _, key in moving]
        )
    return len(moving)


# -- on the day of the bill ----------------------------------------------------------------------------------------

LEFT_OUT = """
    SELECT d.member_id, d.scheme, 'held' AS reason
    FROM payments_due d JOIN payments_hold h ON h.member_id = d.member_id AND h.scheme = d.scheme AND h.released_at IS NULL
    WHERE d.run_id = %(run)s AND (%(ddos)s::text[] IS NULL OR d.ddo_code = ANY(%(ddos)s))
    UNION
    SELECT unnest(y.members), p.scheme, 'silent_body'
    FROM payments_proposal p JOIN payments_proposal_payees y ON y.proposal_id = p.id
    WHERE p.run_id = %(run)s AND (%(ddos)s::text[] IS NULL OR p.ddo_code = ANY(%(ddos)s)) AND p.state IN ('generated', 'verified')
"""
"""Who is left out of the bills of a run (member_id, scheme, reason), for `run` and `ddos` (a list of codes, or NULL for all):
payees who are held, and those of bodies that have not submitted where the law lets them wait. Call `deem_silent` first."""


def deem_silent(cursor: Any, month: Month, ddo: str | None = None, on: date | None = None) -> int:
    """Let the proposals that bodies of a drawing officer (or all) still have go on by the law's rule; returns how many did.

    Called by the sanction, in its transaction, on the day `on` (default today). Where the law's `silent_body` is ``waits``,
    nothing goes on: their people are left out (`LEFT_OUT`). Raises `BodiesStillAtWork` before the day of the bill.
    """
    if payment_rules(settings.HAQDAR_LAW).silent_body == "waits":
        return 0
    where = "month = %s AND (%s::text IS NULL OR ddo_code = %s) AND state IN ('generated', 'verified')"
    values = [month.first_day, ddo, ddo]
    cursor.execute(f"SELECT count(*) FROM payments_proposal WHERE {where}", values)
    (still,) = cursor.fetchone()
    if not still:
        return 0
    bill_on = days_of_closed(month.first_day).bill
    if (on or timezone.localdate()) < bill_on:
        said = day_text(bill_on)
        raise BodiesStillAtWork(count=still, day=Words(said.en, said.hi))
    cursor.execute(f"UPDATE payments_proposal SET state = 'silent' WHERE {where}", values)
    return int(cursor.rowcount)
