"""Every write of seeding: naming a department, taking a list in, saying its columns, judging, tying, looking into findings."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import place
from haqdar.base.refusal import Words
from haqdar.identity.models import Department, SeedFinding, SeedLink, SeedList, SeedMapping, SeedRow
from haqdar.identity.seeding import findings, keeping
from haqdar.identity.seeding.fields import DAY_ORDERS, FIELDS, header_hash
from haqdar.identity.seeding.queries import department_of, may_work_on
from haqdar.identity.seeding.reading import open_list
from haqdar.identity.seeding.refusals import (
    ChooseOne,
    ColumnMissing,
    ColumnTwice,
    DepartmentExists,
    DepartmentIncomplete,
    JudgedAlready,
    NoPlace,
    NoSuchList,
    NotTied,
    NotWaiting,
    SayWhy,
)
from haqdar.identity.seeding.tying import tie_judged
from haqdar.identity.seeding.words import FIELD_WORDS
from haqdar.registry.events import path_of
from haqdar.registry.merges import survivor_of
from haqdar.registry.models import Resident

State = SeedList.State
_UNREAD = (State.RECEIVED, State.REFUSED, State.FAILED)
_CODE = re.compile(r"[a-z][a-z0-9-]{1,30}")
_NAMES = (
    ("name_en", "Write the department's name in English.", "विभाग का नाम अंग्रेज़ी में लिखें।"),
    ("name_hi", "Write the department's name in Hindi.", "विभाग का नाम हिंदी में लिखें।"),
    (
        "identifier_en",
        "Write what the department calls its own number, in English.",
        "लिखें कि विभाग अपने क्रमांक को अंग्रेज़ी में क्या कहता है।",
    ),
    (
        "identifier_hi",
        "Write what the department calls its own number, in Hindi.",
        "लिखें कि विभाग अपने क्रमांक को हिंदी में क्या कहता है।",
    ),
    (
        "purpose_en",
        "Say in English what the list is compared for.",
        "अंग्रेज़ी में लिखें कि सूची का मिलान किसलिए होता है।",
    ),
    (
        "purpose_hi",
        "Say in Hindi what the list is compared for.",
        "हिंदी में लिखें कि सूची का मिलान किसलिए होता है।",
    ),
    (
        "basis",
        "Name the law, rule or order on which the list is shared.",
        "वह क़ानून, नियम या आदेश लिखें जिस पर सूची दी जाती है।",
    ),
)


class FieldMissing(DepartmentIncomplete):
    """One field of a department's form is empty or wrong; `field` names it."""

    def __init__(self, field: str, en: str, hi: str) -> None:
        super().__init__(said=Words(en, hi))
        self.field = field


@dataclass(frozen=True)
class Received:
    """A file that was sealed already: `key` under which its upload lies in the data folder."""

    key: UUID
    name: str
    sha256: str
    size: int


def name_department(actor: Actor, values: Mapping[str, str], months_kept: int = 12) -> Department:
    """Enter a department with its purpose and basis in law; raises `DepartmentIncomplete`, `DepartmentExists`."""
    actor = require(actor, "seeding.department")
    given = {
        name: " ".join(values.get(name, "").split())[:300] for name in ("code", *(one for one, *_ in _NAMES))
    }
    given["code"] = given["code"].casefold()
    if not _CODE.fullmatch(given["code"]):
        raise FieldMissing(
            "code",
            "The short name has 2 to 31 small letters, digits and hyphens, as in food-civil-supplies.",
            "छोटे नाम में 2 से 31 छोटे अंग्रेज़ी अक्षर, अंक और हाइफ़न हों, जैसे food-civil-supplies।",
        )
    for name, en, hi in _NAMES:
        if not given[name]:
            raise FieldMissing(name, en, hi)
    if not 12 <= months_kept <= 120:
        raise FieldMissing(
            "months_kept",
            "Lists are kept 12 to 120 months; the law asks for one year at least.",
            "सूचियाँ 12 से 120 महीने रखी जाती हैं; क़ानून कम से कम एक साल माँगता है।",
        )
    with acting(actor, "seeding.department"):
        try:
            with transaction.atomic():
                department = Department.objects.create(
                    **given, months_kept=months_kept, entered_by=actor.name, entered_at=timezone.now()
                )
        except IntegrityError as taken:
            raise DepartmentExists(code=given["code"]) from taken
        record(
            actor,
            "seeding.department",
            "department",
            given["code"],
            new={"name": given["name_en"], "basis": given["basis"]},
        )
    return department


def take_in(actor: Actor, department_code: str, source: Path, *, supplement: bool = False) -> SeedList:
    """Take a plain file of the server in; see `receive`."""
    require(actor, "seeding.upload")
    department_of(actor, department_code)
    key = uuid4()
    digest, size = keeping.take_over(key, source)
    return receive(actor, department_code, Received(key, source.name, digest, size), supplement=supplement)


def receive(
    actor: Actor, department_code: str, file: Received, *, supplement: bool = False, area: str | None = None
) -> SeedList:
    """Note a list whose bytes lie sealed in the data folder; the same bytes again are the same list.

    Raises ``NoSuchDepartment``, `NoPlace`, and what reading the header raises; then the bytes are destroyed.
    """
    actor = require(actor, "seeding.upload")
    department = department_of(actor, department_code)
    where = place(actor, area)
    try:
        if where is None:
            raise NoPlace()
        known = (
            SeedList.objects.filter(department=department, area_code=where.area_code, sha256=file.sha256)
            .exclude(state=State.DISCARDED)
            .first()
        )
        if known is not None and known.state in _UNREAD and not keeping.path_of(known.key, "upload").exists():
            # its bytes were lost: it can only be put aside for the one that is here
            discard(actor, known)
        elif known is not None:
            keeping.destroy(file.key, "upload")
            return known
        # one year and more, counted in the law's months
        erase_on = timezone.localdate() + timedelta(days=31 * department.months_kept)
        source = keeping.SealedPath(
            keeping.path_of(file.key, "upload"), keeping.sealed_name(file.key, "upload"), file.name
        )
        opened = open_list(source)
        opened.first_rows(1)
    except BaseException:
        keeping.destroy(file.key, "upload")
        raise
    with acting(actor, "seeding.upload"):
        found = SeedList.objects.create(
            key=file.key,
            department=department,
            area_code=where.area_code,
            path=where.path,
            file_name=file.name[-120:],
            kind=opened.kind,
            sha256=file.sha256,
            size=file.size,
            supplement=supplement,
            header=opened.header,
            asked_by=actor.name,
            asked_at=timezone.now(),
            erase_on=erase_on,
        )
        record(
            actor,
            "seeding.upload",
            "seed_list",
            str(found.key),
            new={
                "department": department.code,
                "area": where.area_code,
                "sha256": file.sha256,
                "size": file.size,
            },
        )
    return found


def map_columns(actor: Actor, found: SeedList, columns: Mapping[str, str], day_order: str = "dmy") -> None:
    """Say which column is what and have the list compared; the mapping is offered next time. Raises `ColumnMissing`, `ColumnTwice`.

    The caller queues the comparison in the same transaction.
    """
    actor = require(actor, "seeding.upload")
    may_work_on(actor, found)
    chosen = {
        field.name: columns[field.name]
        for field in FIELDS
        if columns.get(field.name) and columns[field.name] in found.header
    }
    for field in FIELDS:
        if field.required and field.name not in chosen:
            raise ColumnMissing(field=FIELD_WORDS[field.name])
    for column in chosen.values():
        same = [FIELD_WORDS[name] for name, one in chosen.items() if one == column]
        if len(same) > 1:
            raise ColumnTwice(
                column=column, fields=Words(", ".join(w.en for w in same), ", ".join(w.hi for w in same))
            )
    order = day_order if day_order in DAY_ORDERS else "dmy"
    with acting(actor, "seeding.upload"):
        changed = SeedList.objects.filter(pk=found.pk, state__in=_UNREAD).update(
            state=State.QUEUED,
            details={"columns": chosen, "day_order": order},
            counts={},
            problem_en="",
            problem_hi="",
            step="",
            steps_done=0,
        )
        if not changed:
            raise NotWaiting()
        SeedMapping.objects.create(
            department=found.department,
            header=header_hash(found.header),
            columns=chosen,
            day_order=order,
            entered_by=actor.name,
            entered_at=timezone.now(),
        )
        record(actor, "seeding.upload", "seed_list", str(found.key), new={"columns": chosen})
    found.refresh_from_db()


def confirm(actor: Actor, found: SeedList) -> None:
    """Say of a list that was doubted (`seeding.doubts`) that its columns are right; the caller queues it once more. Raises `NotWaiting`."""
    actor = require(actor, "seeding.upload")
    may_work_on(actor, found)
    with acting(actor, "seeding.upload"):
        locked = SeedList.objects.select_for_update(of=("self",)).get(pk=found.pk)
        if locked.state != State.REFUSED or "doubts" not in locked.counts:
            raise NotWaiting()
        doubts, locked.counts = locked.counts, {}
        locked.state, locked.problem_en, locked.problem_hi, locked.steps_done = State.QUEUED, "", "", 0
        locked.details = locked.details | {"confirmed_by": actor.name}
        locked.save(update_fields=["state", "problem_en", "problem_hi", "steps_done", "details", "counts"])
        record(actor, "seeding.upload", "seed_list", str(found.key), new={"confirmed": doubts})
    found.refresh_from_db()


def judge(actor: Actor, row_key: UUID | str, state: str, member_id: int | None, note: str = "") -> SeedRow:
    """Say who a row is: `same` as one of its candidates, `nobody` of them, or `visit`. Raises `ChooseOne`, `JudgedAlready`.

    A row of a list that is tied already is tied at once; of one that is being tied it is tied with the last of it.
    """
    actor = require(actor, "seeding.judge")
    with acting(actor, "seeding.judge"):
        state_now = _state_held(row_key)
        row = (
            SeedRow.objects.select_for_update(of=("self",)).select_related("list").filter(key=row_key).first()
        )
        if row is None:
            raise NoSuchList()
        require_area(actor, row.path)
        candidates = {one["member"] for one in row.candidates}
        if state not in ("same", "nobody", "visit") or (state == "same") != (member_id in candidates):
            raise ChooseOne()
        if row.state not in (SeedRow.State.OPEN, SeedRow.State.VISIT) or state_now == State.DISCARDED:
            raise JudgedAlready()
        before = row.state
        row.state, row.member_id = state, member_id if state == "same" else None
        row.note, row.judged_by, row.judged_at = note.strip()[:500], actor.name, timezone.now()
        row.save(update_fields=["state", "member_id", "note", "judged_by", "judged_at"])
        record(actor, "seeding.judge", "seed_row", str(row.key), old={"state": before}, new={"state": state})
        if state_now == State.CONVERGED and state == "same":
            tie_judged(actor, row.list, row)
        if state == "nobody":
            findings.not_found(row)
        elif state == "same":
            findings.found_after_all(row)
    return row


def _state_held(row_key: UUID | str) -> str:
    """The state of a row's list, which stays as it is until the transaction ends: whoever finishes tying it waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.state FROM identity_seed_list l WHERE l.id = (SELECT list_id FROM identity_seed_row WHERE key = %s) FOR SHARE",
            [str(row_key)],
        )
        return next(iter(cursor.fetchone() or ()), "")


def discard(actor: Actor, found: SeedList) -> None:
    """Put a list aside that was not tied: its sealed files are destroyed, what it found is settled. Raises `NotWaiting`."""
    actor = require(actor, "seeding.upload")
    may_work_on(actor, found)
    with acting(actor, "seeding.upload"):
        changed = (
            SeedList.objects.filter(pk=found.pk)
            .exclude(state__in=[State.CONVERGED, State.RUNNING, State.TYING, State.DISCARDED])
            # of which some numbers stand on residents already
            .exclude(counts__has_key="tying")
            .update(state=State.DISCARDED, erased_at=timezone.now())
        )
        if not changed:
            raise NotWaiting()
        findings.put_aside(found)
        record(actor, "seeding.upload", "seed_list", str(found.key), new={"state": "discarded"})
    keeping.destroy(found.key, "upload", "rows", "problems")


def untie(actor: Actor, link: SeedLink, note: str) -> int:
    """Take a number off a resident whose it is not; returns how many rows wait to be judged again.

    The row of the latest list that a person judged so waits again. Later lists ask a person before the same two are tied once more.
    Raises `SayWhy`, `NotTied`, ``OutsideYourArea``.
    """
    actor = require(actor, "seeding.judge")
    with acting(actor, "seeding.judge"):
        require_area(actor, path_of(survivor_of(link.member_id)))
        if not note.strip():
            raise SayWhy()
        changed = SeedLink.objects.filter(pk=link.pk, ended_at=None).update(
            ended_by=actor.name, ended_at=timezone.now()
        )
        if not changed:
            raise NotTied()
        rows = (
            SeedRow.objects.filter(
                list_id=link.seen_list_id, domain_id=link.domain_id, member_id=link.member_id, state=SeedRow.State.SAME
            )
            .exclude(written_sealed=None)
            .update(state=SeedRow.State.OPEN, member_id=None, judged_by="", judged_at=None)
        )  # fmt: skip
        key = Resident.objects.values_list("key", flat=True).get(member_id=link.member_id)
        record(
            actor,
            "seeding.judge",
            "resident",
            str(key),
            old={"department": link.department.code, "tie": link.pk, "how": link.how},
            new={"tie": None, "rows": rows, "note": note.strip()[:500]},
        )
    return rows


def look_into(actor: Actor, finding_key: UUID | str, state: str, note: str) -> SeedFinding:
    """Write down what was found out about a payee to be examined; no money changes here. Raises `SayWhy`, `ChooseOne`."""
    actor = require(actor, "seeding.examine")
    with acting(actor, "seeding.examine"):
        finding = SeedFinding.objects.select_for_update(of=("self",)).filter(key=finding_key).first()
        if finding is None:
            raise NoSuchList()
        require_area(actor, finding.path)
        if state not in SeedFinding.State.values or state == SeedFinding.State.SETTLED:
            raise ChooseOne()
        if state != "open" and not note.strip():
            raise SayWhy()
        before = finding.state
        finding.state, finding.note = state, note.strip()[:500]
        finding.decided_by, finding.decided_at = actor.name, timezone.now()
        finding.save(update_fields=["state", "note", "decided_by", "decided_at"])
        record(
            actor,
            "seeding.examine",
            "seed_finding",
            str(finding.key),
            old={"state": before},
            new={"state": state},
        )
    return finding


def erase_due(actor: Actor) -> int:
    """Destroy the kept files of lists whose time is over, and what departments wrote in their rows; ties and figures stay."""
    _left_behind()
    due = list(SeedList.objects.filter(erase_on__lte=timezone.localdate(), erased_at=None))
    if not due:
        return 0
    numbers = [found.pk for found in due]
    with acting(actor, "seeding.erase"):
        SeedRow.objects.filter(list_id__in=numbers).update(written_sealed=None, key_version=None)
        SeedFinding.objects.filter(list_id__in=numbers).update(written_sealed=None, key_version=None)
        SeedList.objects.filter(pk__in=numbers).update(erased_at=timezone.now())
        record(actor, "seeding.erase", "seed_list", "", new={"lists": len(due)})
    # a handful of lists a night
    for found in due:
        keeping.destroy(found.key, "upload", "rows", "problems")
    return len(due)


def _left_behind() -> None:
    """Remove uploads of a day ago and older that became no list: a form that was refused, a server that was stopped."""
    oldest = time.time() - 24 * 3600
    old = {path.stem: path for path in keeping.folder().glob("*.upload") if path.stat().st_mtime < oldest}
    known = SeedList.objects.filter(key__in=list(old)).values_list("key", flat=True)
    for name in set(old) - {str(key) for key in known}:
        old[name].unlink(missing_ok=True)
