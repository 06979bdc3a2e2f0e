"""What one person holds in a group now, and how an officer's act becomes an award beside the run in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, Words
from haqdar.cases import merged
from haqdar.cases.models import AwardChange
from haqdar.law import load_lawbook
from haqdar.registry.merges import survivor_of


class NoMonthYet(Refusal):
    """An award belongs to a month that was run."""

    code = "no_month_yet"
    en = "No month has been run yet, so no award can begin. Run the month first."
    hi = "अभी कोई महीना नहीं चला है, इसलिए कोई पेंशन शुरू नहीं हो सकती। पहले महीना चलाएँ।"


class AlreadyAwarded(Refusal):
    """One scheme of a group at a time."""

    code = "already_awarded"
    en = "This person already holds {scheme}, and of this group only one can be held. Nothing was sanctioned."
    hi = "इस व्यक्ति को {scheme} पहले से मिल रही है, और इस समूह में एक ही मिल सकती है। कुछ मंज़ूर नहीं हुआ।"


@dataclass(frozen=True)
class Holding:
    """What is held: scheme and paise a month (None: the amount the law gives)."""

    scheme: str
    paise: int | None


@dataclass(frozen=True)
class RunInForce:
    """The posted run of the latest month, kept from being superseded until the transaction ends."""

    id: int
    month: Month


def run_in_force() -> RunInForce:
    """The posted run of the latest month, locked against being replaced; raises `NoMonthYet`. Needs a transaction.

    A month that is run again waits for this transaction, and this one for the posting of that month, so an award is never
    written beside a run that does not count any more.
    """
    query = (
        "SELECT id, month FROM cases_month_run WHERE state = 'complete' AND posted ORDER BY month DESC LIMIT 1"
        " FOR SHARE"
    )
    with connection.cursor() as cursor:
        # a run that was replaced while we waited gives no row: then the new one is there
        for _ in range(3):
            cursor.execute(query)
            row = cursor.fetchone()
            if row is not None:
                return RunInForce(row[0], Month.of(row[1]))
    raise NoMonthYet()


def lock_person(*member_ids: int) -> None:
    """Let acts on the awards of one person come one after the other, whatever case they belong to.

    Of a number merged into another it is that person, too; a merge and its undoing lock both numbers.
    """
    locked: set[int] = set()
    # somebody may merge the number while we wait for it; in one order, so that two acts never wait for each other
    while wanted := {*member_ids, *(survivor_of(one) for one in member_ids)} - locked:
        with connection.cursor() as cursor:
            for number in sorted(wanted):
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('haqdar.award'), %s)", [number])
        locked |= wanted


def held_by(member_id: int, group: int, day: date) -> Holding | None:
    """What the person holds in the group: the latest change of the award, else what the registers brought by `day`.

    Of a number merged into another it is what the person behind it holds.
    """
    member_id = survivor_of(member_id)
    with connection.cursor() as cursor:
        changed = merged.awards_of(cursor, [member_id])
        if (member_id, group) in changed:
            scheme, paise = changed[member_id, group]
            return Holding(scheme, paise) if scheme is not None else None
        groups = load_lawbook(settings.HAQDAR_LAW).scheme_groups()
        cursor.execute(
            "SELECT scheme, amount_paise FROM (SELECT DISTINCT ON (scheme, since) scheme, since, amount_paise, is_ghost"
            "  FROM registry_pension_belief WHERE member_id = %s ORDER BY scheme, since, belief_no DESC) b"
            " WHERE NOT is_ghost AND since <= %s AND scheme = ANY(%s) ORDER BY since DESC LIMIT 1",
            [member_id, day, [scheme for scheme, its in groups.items() if its == group]],
        )
        row = cursor.fetchone()
    return Holding(row[0], row[1]) if row is not None else None


def scheme_words(code: str) -> Words:
    """The scheme's name in both languages, its code where the law does not know it."""
    book = load_lawbook(settings.HAQDAR_LAW)
    for scheme in book.on(Month.of(date.today()).first_day).all_schemes:
        if scheme.code == code:
            return Words(scheme.name.en, scheme.name.hi)
    return Words(code, code)


def award(
    run: RunInForce,
    member_id: int,
    group: int,
    scheme: str,
    paise: int,
    reason: str,
    actor: str,
    occasion: str = "",
) -> AwardChange:
    """Write that the person holds the scheme from the month of the run in force on.

    The next run (or the same month, run again) pays it, with arrears from the month of eligibility.
    """
    return AwardChange.objects.create(
        run_id=run.id,
        # an act begun before a merge is carried out for the person behind the number
        member_id=survivor_of(member_id),
        pension_group=group,
        kind=AwardChange.Kind.START,
        scheme=scheme,
        paise=paise,
        decided_month=run.month.first_day,
        reason=reason,
        actor=actor,
        occasion=occasion,
    )
