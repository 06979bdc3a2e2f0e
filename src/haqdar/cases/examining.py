"""Examining payees whom the register does not know, and payees who share an account or an Aadhaar number.

What an officer finds is written down with its reason; it never ends a payment. A pension stops only when a recorded fact says so,
with the notice and the right to object of every stop (`stopping`). A finding that it should end therefore goes to the sanctioning
officer, and the fact behind it (a death, a move, a wrong date) is recorded or corrected like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from haqdar.access.actions import record
from haqdar.access.actors import SANCTIONING_OFFICER, STATE, Actor, acting, require, require_area
from haqdar.access.many import record_many
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal
from haqdar.cases.casework import AlreadyMoved, SameOfficer, add_step, advance, case_of_kind
from haqdar.cases.models import Case
from haqdar.registry import documents

KINDS = ("ghost", "duplicate")
MOST_WORDS = 2000
MOST_SHARED = 40
"""People of one account that are shown; more than that is no household but a mistake in the register."""

KEPT_FOR: dict[str, tuple[str, ...]] = {
    "same_account": ("lawful_joint", "lawful_guardian", "lawful_other"),
    "same_aadhaar": ("two_people", "lawful_other"),
    "match": ("judged_again", "merge_waits"),
    "unknown_member": ("other_number", "not_delivered_yet", "nobody_found"),
}
"""Word of the work list -> the reasons for which a case may be closed with nothing changed."""

FINDINGS = ("kept", "corrected", "visit", "forward")


class NotAFinding(Refusal):
    """The finding is not one that this case can come to."""

    code = "not_a_finding"
    en = "Choose what was found from the list."
    hi = "सूची में से चुनें कि क्या पाया गया।"
    field = "finding"


class FindingWithoutReason(Refusal):
    """A case is closed for a reason of the list."""

    code = "finding_without_reason"
    en = "Choose why it stays as it is."
    hi = "चुनें कि यह वैसा ही क्यों रहेगा।"
    field = "reason"


class FindingWithoutWords(Refusal):
    """A finding is explained."""

    code = "finding_without_words"
    en = "Write what was found, by whom and when."
    hi = "लिखें कि क्या पाया गया, किसने और कब देखा।"
    field = "note"


class WithSanctioningOfficer(Refusal):
    """The case was forwarded; whoever examines for the pension section is done with it."""

    code = "with_sanctioning_officer"
    en = "Case {number} was forwarded to the sanctioning officer, who closes it."
    hi = "प्रकरण {number} मंज़ूरी अधिकारी को भेजा गया है; वही इसे बंद करेंगे।"


@dataclass(frozen=True)
class Payee:
    """Somebody who has the shared account or Aadhaar number; without key and name, somebody outside the reader's area.

    `pensions` are (scheme, paise a month) as the run that listed the case had them. `receiver` is the member who receives for
    this person by a registered arrangement in force, for the `because` of `registry.payees.REASONS`.
    """

    member_id: int
    key: str
    name_en: str
    name_hi: str
    sex: str
    born_on: date | None
    family_id: int | None
    family_key: str
    address: str
    aadhaar_last4: str
    account_last4: str
    ifsc: str
    places: tuple[str, ...]
    same_account: bool
    same_aadhaar: bool
    pensions: tuple[tuple[str, int | None], ...]
    receiver: int | None
    because: str
    relation: str
    is_this: bool

    @property
    def is_hidden(self) -> bool:
        """Whether only the number of pensions may be told, not who it is."""
        return not self.key


@dataclass(frozen=True)
class RegisterRow:
    """A row of a pension register as a department delivered it: amount in paise a month, the file's name and line."""

    scheme: str
    since: date | None
    paise: int | None
    delivered_on: date | None
    delivery: str
    line: int | None


def examinable(actor: Actor, key: UUID | str) -> Case:
    """The case to examine; raises ``NoSuchCase``, ``OtherKind``, ``OutsideYourArea``, ``NotYourFunction``."""
    return case_of_kind(actor, key, "case.examine", KINDS)


def sharing(actor: Actor, case: Case) -> list[Payee]:
    """The case's person, then everybody who has the same account or Aadhaar number now; at most `MOST_SHARED` of them.

    Somebody outside the actor's area is one of them without name, number or address. Numbers are their last four digits. Whoever
    is shown by name has a look recorded.
    """
    actor = require(actor, "case.examine")
    with connection.cursor() as cursor:
        cursor.execute(
            _SHARING,
            {
                "member": case.member_id,
                "run": case.run_id,
                "today": timezone.localdate(),
                "paths": actor.path_patterns(),
                "most": MOST_SHARED,
            },
        )
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    found = [_payee(row, case.member_id) for row in rows]
    shown = [(one.key, None, None) for one in found if not one.is_hidden and not one.is_this]
    with acting(actor, "case.examine"):
        record_many(actor, "person.view", "resident", shown)
    return found


def register_rows(actor: Actor, case: Case) -> list[RegisterRow]:
    """What the pension registers say of the number of a payee whom nobody knows, as last delivered."""
    require(actor, "case.examine")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.scheme, b.since, b.amount_paise, d.delivered_on, d.code, b.line"
            " FROM (SELECT DISTINCT ON (scheme, since) * FROM registry_pension_belief WHERE member_id = %s"
            "  ORDER BY scheme, since, belief_no DESC) b LEFT JOIN sources_delivery d ON d.id = b.delivery_id"
            " ORDER BY b.since NULLS LAST, b.scheme",
            [case.member_id],
        )
        return [RegisterRow(*row) for row in cursor.fetchall()]


def forwarded_by(case: Case) -> str:
    """The user name of who forwarded the case to the sanctioning officer; empty when nobody did."""
    return str(case.details.get("forwarded_by", ""))


def findings_for(actor: Actor, case: Case) -> tuple[str, ...]:
    """What the actor may record on this case, in the order of the page."""
    decides = bool(actor.doing("case.examine").roles & {SANCTIONING_OFFICER, STATE})
    if forwarded_by(case):
        return ("kept", "corrected", "visit") if decides and forwarded_by(case) != actor.name else ()
    # nothing is paid to somebody whom the register does not know: there is nothing to stop
    return FINDINGS if case.kind == "duplicate" and not decides else ("kept", "corrected", "visit")


def record_finding(
    actor: Actor,
    key: UUID | str,
    finding: str,
    note: str,
    *,
    reason: str = "",
    document: bytes | None = None,
) -> Case:
    """Write what an examination found: `kept` (for a reason of `KEPT_FOR`), `corrected`, `visit` or `forward`.

    The first two close the case; `kept` stays closed until something new is learned about the person. A visit and a finding that
    is forwarded to the sanctioning officer leave it open. Nobody's award, notice or money changes. Raises the refusals above,
    ``SameOfficer``, ``AlreadyMoved``, ``TooBig``, ``NotADocument``, ``NoSuchCase``, ``NotYourFunction``, ``OutsideYourArea``.
    """
    actor = require(actor, "case.examine")
    words = note.strip()[:MOST_WORDS]
    with acting(actor, "case.examine"):
        examinable(actor, key)
        case = Case.objects.select_for_update().get(key=key)
        require_area(actor, path_of_area(case.area_code))
        if case.awaits != "case.examine":
            raise AlreadyMoved(number=case.number)
        _check(actor, case, finding, reason, words)
        if document:
            kind = "visit" if finding == "visit" else "certificate"
            documents.keep(actor.name, document, kind, "case", str(case.key))
        if finding == "kept":
            return advance(actor, key, "case.examine", outcome="kept", reason=reason, note=words)
        if finding == "corrected":
            return advance(actor, key, "case.examine", outcome="obtained", reason="corrected", note=words)
        word = "visit_needed"
        if finding == "forward":
            word = "stop_proposed"
            case.details = {**case.details, "forwarded_by": actor.name}
            case.save(update_fields=["details"])
        add_step(actor, case, "case.examine", word, words)
        record(actor, "case.examine", "case", str(case.key), new={"awaits": case.awaits, "reason": word})
        return case


def _check(actor: Actor, case: Case, finding: str, reason: str, words: str) -> None:
    """Whether this actor may record this finding on this case, and has said enough."""
    if forwarded_by(case) and finding != "forward":
        if forwarded_by(case) == actor.name:
            raise SameOfficer(number=case.number)
        if not actor.roles & {SANCTIONING_OFFICER, STATE} and not actor.is_platform:
            raise WithSanctioningOfficer(number=case.number)
    if finding not in findings_for(actor, case):
        raise NotAFinding()
    if finding == "kept" and reason not in KEPT_FOR.get(case.reason, ()):
        raise FindingWithoutReason()
    if not words:
        raise FindingWithoutWords()


def _payee(row: dict[str, Any], of_case: int | None) -> Payee:
    seen = row["seen"]
    pensions = tuple((one["scheme"], one["paise"]) for one in row["pensions"])

    def own(name: str) -> Any:
        return (row[name] or "") if seen else ""

    return Payee(
        member_id=row["member_id"] if seen else 0,
        key=str(own("key")),
        name_en=own("name_en"),
        name_hi=own("name_hi"),
        sex=own("sex"),
        born_on=row["born_on"] if seen else None,
        family_id=row["family_id"] if seen else None,
        family_key=str(own("family_key")),
        address=own("address"),
        aadhaar_last4=own("aadhaar_last4"),
        account_last4=own("account_last4"),
        ifsc=own("ifsc"),
        places=(row["place_en"] or "", row["place_hi"] or row["place_en"] or ""),
        same_account=row["same_account"],
        same_aadhaar=row["same_aadhaar"],
        pensions=pensions,
        receiver=row["receiver_id"] if seen else None,
        because=own("because"),
        relation=own("relation"),
        is_this=row["member_id"] == of_case,
    )


#: The hashes find candidates among all beliefs by their indexes; only those who have the number now are left.
_SHARING = """
    WITH this AS (
        SELECT account_hash, aadhaar_ref FROM registry_resident_belief
        WHERE member_id = %(member)s ORDER BY belief_no DESC LIMIT 1),
    candidate AS (
        SELECT %(member)s::int AS member_id
        UNION SELECT b.member_id FROM registry_resident_belief b JOIN this t ON b.account_hash = t.account_hash
        UNION SELECT b.member_id FROM registry_resident_belief b JOIN this t ON b.aadhaar_ref = t.aadhaar_ref)
    SELECT b.member_id, i.key, b.name_en, b.name_hi, b.sex, b.born_on, b.family_id, fi.key AS family_key, f.address,
           b.aadhaar_last4, b.account_last4, b.ifsc, b.account_hash = t.account_hash AS same_account,
           b.aadhaar_ref = t.aadhaar_ref AS same_aadhaar, coalesce(a.path LIKE ANY(%(paths)s), false) AS seen,
           a.name_en AS place_en, a.name_hi AS place_hi, coalesce(w.pensions, '[]') AS pensions,
           p.receiver_id, p.reason AS because, p.relation
    FROM candidate c CROSS JOIN this t
    JOIN LATERAL (SELECT * FROM registry_resident_belief x WHERE x.member_id = c.member_id
                  ORDER BY belief_no DESC LIMIT 1) b
      ON b.member_id = %(member)s OR b.account_hash = t.account_hash OR b.aadhaar_ref = t.aadhaar_ref
    JOIN registry_resident i ON i.member_id = b.member_id
    JOIN registry_family fi ON fi.family_id = b.family_id
    LEFT JOIN LATERAL (SELECT area_code, address FROM registry_family_belief y WHERE y.family_id = b.family_id
                       ORDER BY belief_no DESC LIMIT 1) f ON true
    LEFT JOIN access_area a ON a.area_code = f.area_code
    LEFT JOIN LATERAL (SELECT json_agg(json_build_object('scheme', d.from_scheme, 'paise', d.from_paise)
                                       ORDER BY d.from_scheme) AS pensions
                       FROM cases_work_item d WHERE d.run_id = %(run)s AND d.member_id = b.member_id
                         AND d.action = 'duplicate') w ON true
    LEFT JOIN LATERAL (SELECT * FROM registry_payee_belief z WHERE z.member_id = b.member_id
                       ORDER BY belief_no DESC LIMIT 1) p
      ON p.from_on <= %(today)s AND (p.to_on IS NULL OR p.to_on >= %(today)s)
         AND NOT EXISTS (SELECT 1 FROM (
             SELECT DISTINCT ON (e.event_id) e.kind, e.member_id FROM registry_event_belief e
             WHERE e.event_id IN (SELECT event_id FROM registry_event_belief WHERE member_id = p.receiver_id)
             ORDER BY e.event_id, e.belief_no DESC) x WHERE x.kind = 'death' AND x.member_id = p.receiver_id)
    ORDER BY b.member_id <> %(member)s, w.pensions IS NULL, b.member_id LIMIT %(most)s"""
