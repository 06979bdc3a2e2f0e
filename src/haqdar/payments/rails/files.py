"""Payment files: made by one person, released by another, sent once.

    payable instructions ──make──► file (sealed on disk, items alive) ──release──► ledger: instructed ──send──► hand-over folder
                                     └──withdraw──► its instructions are free again

Each step is one transaction and can be repeated: a stopped process leaves either nothing or the whole step. A file stands on
disk before the transaction that tells of it ends; a file of which no row tells is swept by the next `make` of its month.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal, Words
from haqdar.base.sql import statement
from haqdar.law import load_lawbook
from haqdar.law.payments import PaymentRules, payment_rules
from haqdar.payments import entries
from haqdar.payments.closing import closing_of
from haqdar.payments.models import AccountDrop, FileItem, PaymentFile
from haqdar.payments.rails import envelope, keeping
from haqdar.payments.rails.profiles import (
    FileFacts,
    NoSuchProfile,
    Profile,
    Version,
    codes,
    profile,
    validating,
)
from haqdar.payments.rails.writing import DROP_LINE, LINE, Rows, in_batches, whole
from haqdar.payments.treasury.profile import CARRIER
from haqdar.payments.words import month_name


class MonthOpen(Refusal):
    """Nothing goes out before the month is closed."""

    code = "month_open"
    en = "{month} is not closed yet, so nothing of it can go out. Close it first: ./haqdar propose {month}."
    hi = "{month} अभी बंद नहीं हुआ है, इसलिए इसका कुछ भी नहीं भेजा जा सकता। पहले इसे बंद करें: ./haqdar propose {month}।"


class NoSuchFile(Refusal):
    """No payment file has the key."""

    code = "no_such_file"
    en = "There is no such payment file. Open the list of payment files again."
    hi = "ऐसी कोई भुगतान फ़ाइल नहीं है। भुगतान फ़ाइलों की सूची फिर खोलें।"


class SamePerson(Refusal):
    """Who made a file cannot release it."""

    code = "same_person"
    en = "You made the file {name}, so another person must release it."
    hi = "फ़ाइल {name} आपने बनाई है, इसलिए इसे कोई दूसरा व्यक्ति जारी करे।"


STATES = {
    "made": Words("made, waiting for its release", "बनी हुई, जारी होने की प्रतीक्षा में"),
    "released": Words("released, not yet handed over", "जारी, अभी सौंपी नहीं गई"),
    "sent": Words("handed over to the bank", "बैंक को सौंपी गई"),
    "withdrawn": Words("withdrawn", "वापस ली गई"),
}
"""State of a file -> what it is called."""


class NotInState(Refusal):
    """The file has come too far for this step, or not far enough."""

    code = "not_in_state"
    en = "The file {name} is {state}; this step is for a file that is {wanted}."
    hi = "फ़ाइल {name} की स्थिति {state} है; यह काम केवल {wanted} फ़ाइल के लिए है।"


class NoLongerPayable(Refusal):
    """Between making and releasing, something in the file was held or its bill taken back."""

    code = "no_longer_payable"
    en = (
        "{count} payments in {name} may no longer go out: they were held, or their bill is no longer passed. Withdraw the file"
        " and make a new one; those payments stay owed."
    )
    hi = (
        "{name} के {count} भुगतान अब नहीं भेजे जा सकते: वे रोके गए हैं, या उनका बिल अब पारित नहीं है। फ़ाइल वापस लें और नई बनाएँ; ये भुगतान"
        " देय बने रहेंगे।"
    )


class DayPast(Refusal):
    """The bank takes no file whose day of settlement is over."""

    code = "settlement_day_past"
    en = (
        "The file {name} is to settle on {day}, which is over, so the bank would refuse it. Withdraw it and make a new one: the new"
        " file settles today."
    )
    hi = "फ़ाइल {name} का भुगतान दिन {day} बीत चुका है, इसलिए बैंक इसे नहीं लेगा। इसे वापस लें और नई फ़ाइल बनाएँ: नई फ़ाइल का भुगतान दिन आज का होगा।"


class FileDamaged(Refusal):
    """What lies on disk is not what was made."""

    code = "file_damaged"
    en = "The file {name} is not the one that was made. Withdraw it and make a new one; restore the data folder if many are."
    hi = "फ़ाइल {name} वैसी नहीं है जैसी बनाई गई थी। इसे वापस लें और नई बनाएँ; ऐसी कई हों तो डेटा फ़ोल्डर बैकअप से लौटाएँ।"


def rules() -> PaymentRules:
    """The State's arrangement for its money."""
    return payment_rules(Path(settings.HAQDAR_LAW))


def make(actor: Actor, month: Month, profile_code: str | None = None) -> list[PaymentFile]:
    """Put every instruction of a closed month that may go out now into files, by the law's profiles or the one given.

    Returns the new files, none where nothing is payable. Needs `bankfile.make`. Raises `MonthOpen`, `NoSuchProfile`,
    `NoPublicFormat`, `DoesNotFit`, `UnusableCredit`.
    """
    actor = require(actor, "bankfile.make")
    require_area(actor, None)
    arrangement = rules()
    named = [profile_code] if profile_code else [arrangement.profiles[rail] for rail in arrangement.rails]
    wanted = [paying(code) for code in named]
    if closing_of(month.first_day) is None:
        raise MonthOpen(month=month)
    made: list[PaymentFile] = []
    with acting(actor, "bankfile.make"), connection.cursor() as cursor:
        # an earlier month with bills that were passed late, or credits to be presented again, goes out with this one
        cursor.execute(statement("haqdar.payments", "payable_months"), {"month": month.first_day})
        months = [(Month.of(day), run_id) for day, run_id in cursor.fetchall()]
        # one maker at a time; the second finds nothing left to do. A bill is not cancelled while files are made from it.
        cursor.execute(
            "SELECT FROM payments_month_closing WHERE run_id = ANY(%s) ORDER BY month FOR UPDATE",
            [[run_id for _, run_id in months]],
        )
        cursor.execute(
            "SELECT FROM payments_bill b JOIN payments_bill_version v ON v.bill_id = b.id"
            " WHERE b.run_id = ANY(%s) AND v.state IN ('passed', 'paid') ORDER BY v.id FOR SHARE OF v",
            [[run_id for _, run_id in months]],
        )
        written: list[tuple[Month, str]] = []
        try:
            for each, run_id in months:
                _sweep(each)
                for chosen in wanted:
                    made += _make(cursor, actor, each, chosen, run_id, arrangement, written)
        except BaseException:
            for each, name in written:
                keeping.forget(each, name)
            raise
        for file in made:
            record(
                actor,
                "bankfile.make",
                "payment_file",
                str(file.key),
                new={"name": file.name, "items": file.items, "paise": file.paise, "sha256": file.sha256},
            )
    return made


def paying(code: str) -> Profile:
    """The profile of a code for files that pay; one that only tries accounts is none. Raises `NoSuchProfile`."""
    if code in validating():
        raise NoSuchProfile(profile=code, known=", ".join(one for one in codes() if one not in validating()))
    return profile(code)


def _sweep(month: Month) -> None:
    """Remove files of which no row tells: their process was stopped before its transaction ended."""
    told = PaymentFile.objects.filter(month=month.first_day).exclude(state=PaymentFile.State.WITHDRAWN)
    keeping.sweep(month, set(told.values_list("name", flat=True)))


def _make(
    cursor: Any,
    actor: Actor,
    month: Month,
    chosen: Profile,
    run_id: int,
    arrangement: PaymentRules,
    written: list[tuple[Month, str]],
) -> list[PaymentFile]:
    settlement = settlement_day(month)
    version = chosen.version_on(settlement)
    cursor.execute("DROP TABLE IF EXISTS payable")
    cursor.execute(statement("haqdar.payments", "payable"), {"run": run_id, "rail": chosen.rail})
    size = arrangement.items_per_file
    cursor.execute(
        "SELECT (place - 1) / %(size)s, count(*), sum(p.paise)::bigint, max(p.paise) FROM payable p GROUP BY 1 ORDER BY 1",
        {"size": size},
    )
    parts = cursor.fetchall()
    if not parts:
        return []
    cursor.execute("CREATE UNIQUE INDEX ON payable (place)")
    cursor.execute("ANALYZE payable")
    sequence = last_sequence(cursor, chosen, month, settlement)
    made: list[PaymentFile] = []
    made_at = timezone.now()
    for part, items, paise, most in parts:
        sequence += 1
        facts = FileFacts(arrangement.originator, month, settlement, sequence, items, paise, most, made_at)
        made.append(keep(actor, chosen, version, facts, _payable_lines(cursor, part * size, size), written))
        cursor.execute(
            "INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise)"
            " SELECT %s, instruction_id, place - %s, paise FROM payable WHERE place > %s AND place <= %s ORDER BY place",
            [made[-1].pk, part * size, part * size, (part + 1) * size],
        )
    return made


def last_sequence(cursor: Any, chosen: Profile, month: Month, settlement: date) -> int:
    """The highest number that a file of the profile has, of the month or of the day of settlement; 0 for none."""
    cursor.execute(
        "SELECT coalesce(max(sequence), 0) FROM payments_file WHERE profile = %s AND (month = %s OR settlement_on = %s)",
        [chosen.code, month.first_day, settlement],
    )
    return int(cursor.fetchone()[0])


def keep(
    actor: Actor,
    chosen: Profile,
    version: Version,
    facts: FileFacts,
    batches: Rows,
    written: list[tuple[Month, str]],
) -> PaymentFile:
    """Write one file to disk, sealed, and tell of it in its row; `written` gets its name for whoever has to take it back."""
    name = facts.file_name(chosen)
    found = whole(actor, chosen, version, facts, batches)
    written.append((facts.month, name))
    keeping.keep(facts.month, name, found)
    return PaymentFile.objects.create(
        profile=chosen.code,
        profile_from=version.since,
        month=facts.month.first_day,
        sequence=facts.sequence,
        name=name,
        settlement_on=facts.settlement,
        items=facts.items,
        paise=facts.total_paise,
        sha256=hashlib.sha256(found).hexdigest(),
        size=len(found),
        made_at=facts.made_at,
        made_by=actor.name,
    )


def settlement_day(month: Month) -> date:
    """The day on which the month's credits settle: the law's day of credit, or today once that is past."""
    credit = load_lawbook(settings.HAQDAR_LAW).on(month.first_day).calendar.day("credit", month)
    return max(credit, timezone.localdate())


def _payable_lines(cursor: Any, after: int, size: int) -> Rows:
    query = (
        f"SELECT {LINE} FROM payable p JOIN payments_instruction i ON i.id = p.instruction_id"
        " WHERE p.place > %s AND p.place <= %s ORDER BY p.place"
    )
    return in_batches(query, [after, after + size])


def content(actor: Actor, file: PaymentFile) -> bytes:
    """A file as it was made, in clear: for sealing it to the bank, and for the bank's place in tests.

    Needs `bankfile.release`. Where the disk lost it, it is written anew from its items. Raises `FileDamaged` where it is not,
    byte for byte, what was made.
    """
    require_area(require(actor, "bankfile.release"), None)
    month = Month.of(file.month)
    found = keeping.kept(month, file.name)
    if found is None:
        found = _written_anew(actor, file)
        if hashlib.sha256(found).hexdigest() == file.sha256:
            keeping.keep(month, file.name, found)
    if hashlib.sha256(found).hexdigest() != file.sha256:
        raise FileDamaged(name=file.name)
    return found


def _written_anew(actor: Actor, file: PaymentFile) -> bytes:
    chosen = profile(file.profile)
    drops = chosen.code in validating()
    items = AccountDrop.objects.filter(file=file) if drops else FileItem.objects.filter(file=file)
    (most,) = items.order_by("-paise").values_list("paise", flat=True)[:1]
    facts = FileFacts(
        rules().originator,
        Month.of(file.month),
        file.settlement_on,
        file.sequence,
        file.items,
        file.paise,
        most,
        file.made_at,
    )
    line, table = (DROP_LINE, "payments_account_drop") if drops else (LINE, "payments_file_item")
    query = (
        f"SELECT {line} FROM {table} f JOIN payments_instruction i ON i.id = f.instruction_id"
        " WHERE f.file_id = %s ORDER BY f.line_no"
    )
    return whole(actor, chosen, chosen.version_on(file.profile_from), facts, in_batches(query, [file.pk]))


def release(actor: Actor, key: UUID | str) -> PaymentFile:
    """Release a file that somebody else made: from now on its money is with the bank. Repeating it changes nothing.

    Needs `bankfile.release`. Raises `NoSuchFile`, `SamePerson`, `NotInState`, `DayPast`, `NoLongerPayable`, `FileDamaged`.
    """
    actor = require(actor, "bankfile.release")
    require_area(actor, None)
    with acting(actor, "bankfile.release"), connection.cursor() as cursor:
        file = _locked(key)
        if file.state in (PaymentFile.State.RELEASED, PaymentFile.State.SENT):
            return file
        _must_be(file, PaymentFile.State.MADE)
        if file.made_by == actor.name:
            raise SamePerson(name=file.name)
        if file.settlement_on < timezone.localdate():
            day = file.settlement_on
            words = Words(*(f"{day.day} {month_name(day, language)}" for language in ("en", "hi")))
            raise DayPast(name=file.name, day=words)
        content(actor, file)
        cursor.execute(statement("haqdar.payments", "no_longer_payable"), {"file": file.pk})
        (count,) = cursor.fetchone()
        if count:
            raise NoLongerPayable(name=file.name, count=count)
        file.state = PaymentFile.State.RELEASED
        file.released_at, file.released_by = timezone.now(), actor.name
        file.save(update_fields=["state", "released_at", "released_by"])
        posted = entries.post_instructed(cursor, file.pk)
        record(
            actor,
            "bankfile.release",
            "payment_file",
            str(file.key),
            old={"state": "made"},
            new={"state": "released", "items": file.items, "paise": file.paise, "entries": posted},
        )
    return file


def send(actor: Actor, key: UUID | str) -> PaymentFile:
    """Hand a released file over: sealed envelope and detached signature appear in the hand-over folder, once.

    Both lie ready on disk before the transaction ends and get their names after it, the signature first; where a process was
    stopped between, the next `send` gives the names. So an envelope never appears twice and is never lost. Needs
    `bankfile.release`. Raises `NoSuchFile`, `NotInState`, `FileDamaged`, `NoBankCertificate`, `NoSigningKey` and their kin.
    """
    actor = require(actor, "bankfile.release")
    require_area(actor, None)
    with acting(actor, "bankfile.send"):
        file = _locked(key)
        if file.state != PaymentFile.State.SENT:
            _must_be(file, PaymentFile.State.RELEASED)
            plain = content(actor, file)
            parts = (
                (envelope.SIGNATURE, envelope.signature(plain)),
                (envelope.SEALED, envelope.sealed(plain)),
            )
            hashes = {
                suffix: hashlib.sha256(keeping.ready(f"{file.name}{suffix}", data)).hexdigest()
                for suffix, data in parts
            }
            file.state, file.sent_at = PaymentFile.State.SENT, timezone.now()
            file.save(update_fields=["state", "sent_at"])
            record(
                actor,
                "bankfile.send",
                "payment_file",
                str(file.key),
                old={"state": "released"},
                new={"state": "sent", "sha256": hashes},
            )
    for suffix in (envelope.SIGNATURE, envelope.SEALED):
        keeping.hand_over(f"{file.name}{suffix}")
    return file


def send_released(actor: Actor) -> list[PaymentFile]:
    """Hand over every released file, and give names to what a stopped process left ready; returns the files handed over.

    A file that cannot go keeps none of the others back. Needs `bankfile.release`. Raises, at the end, the first of what `send` raised.
    """
    require_area(require(actor, "bankfile.release"), None)
    waiting = (
        PaymentFile.objects.filter(state=PaymentFile.State.RELEASED).exclude(profile=CARRIER).order_by("pk")
    )
    sent: list[PaymentFile] = []
    refused: list[Refusal] = []
    for key in waiting.values_list("key", flat=True):
        try:
            sent.append(send(actor, key))
        except Refusal as wrong:
            refused.append(wrong)
    left = {path.name[1:].removesuffix(".ready") for path in keeping.outgoing().glob(".*.ready")}
    for name in sorted(left, key=lambda one: not one.endswith(envelope.SIGNATURE)):
        file_name = name.removesuffix(envelope.SIGNATURE).removesuffix(envelope.SEALED)
        if PaymentFile.objects.filter(name=file_name, state=PaymentFile.State.SENT).exists():
            keeping.hand_over(name)
    if refused:
        raise refused[0]
    return sent


def withdraw(actor: Actor, key: UUID | str) -> PaymentFile:
    """Take back a file that was not released: its instructions are free for another. Repeating it changes nothing.

    Needs `bankfile.make` (whoever makes files, and so whoever releases them). Raises `NoSuchFile`, `NotInState`.
    """
    actor = require(actor, "bankfile.make")
    require_area(actor, None)
    with acting(actor, "bankfile.make"):
        file = _locked(key)
        if file.state == PaymentFile.State.WITHDRAWN:
            return file
        _must_be(file, PaymentFile.State.MADE)
        file.state = PaymentFile.State.WITHDRAWN
        file.withdrawn_at, file.withdrawn_by = timezone.now(), actor.name
        file.save(update_fields=["state", "withdrawn_at", "withdrawn_by"])
        freed = FileItem.objects.filter(file=file, alive=True).update(alive=False)
        freed += AccountDrop.objects.filter(file=file, alive=True).update(alive=False)
        record(
            actor,
            "bankfile.withdraw",
            "payment_file",
            str(file.key),
            old={"state": "made"},
            new={"state": "withdrawn", "items": freed},
        )
    return file


def _locked(key: UUID | str) -> PaymentFile:
    try:
        # a list of credits that the treasury pays belongs to its line; no bank gets it
        return PaymentFile.objects.select_for_update().exclude(profile=CARRIER).get(key=UUID(str(key)))
    except (PaymentFile.DoesNotExist, ValueError) as error:
        raise NoSuchFile() from error


def _must_be(file: PaymentFile, wanted: PaymentFile.State) -> None:
    if file.state != wanted:
        raise NotInState(name=file.name, state=STATES[file.state], wanted=STATES[wanted])
