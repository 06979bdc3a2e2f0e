"""One-time codes: six digits to a mobile, good for ten minutes, five wrong tries and one use.

Nobody learns from a code's refusals whether a number or a member ID exists: where there is nothing to send, the same is
noted and the same is said. Codes are kept as keyed hashes.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from haqdar.access.queries import demonstration_accounts
from haqdar.base.refusal import Refusal
from haqdar.outreach.models import OneTimeCode
from haqdar.outreach.outbox import tell
from haqdar.registry.sealing import MOBILE, sealer

MINUTES = 10
MOST_WRONG = 5
MOST_AN_HOUR = 5
"""Codes to one mobile within an hour."""
MOST_A_DAY = 12
"""Codes to one mobile within a day."""
MOST_FROM_ADDRESS = 100
"""Codes asked for from one network address within an hour; a mobile network puts thousands of phones behind one."""
_CODE = "one time code"


class TooManyCodes(Refusal):
    """The mobile or the network address had its share of codes."""

    code = "too_many_codes"
    en = "Too many codes were asked for. Use the latest one, or try again in an hour."
    hi = "कई बार कोड माँगा गया। सबसे नया कोड लिखें, या एक घंटे बाद फिर कोशिश करें।"


class WrongCode(Refusal):
    """The code is not the one that was sent."""

    code = "wrong_code"
    en = "This code is not right. Look at the latest message and enter its six digits."
    hi = "यह कोड सही नहीं है। सबसे नया संदेश देखकर उसके छह अंक लिखें।"


class CodeOver(Refusal):
    """There is no code to compare with: too old, used, or too many wrong tries."""

    code = "code_over"
    en = "The code is not valid any more. Ask for a new one."
    hi = "यह कोड अब नहीं चलेगा। नया कोड मँगाएँ।"


@dataclass(frozen=True)
class Sent:
    """A code is on its way. `shown` is the code itself, for a page over demonstration data; empty anywhere else."""

    shown: str


def send_code(purpose: str, subject: str, mobile: str, language: str, ip: str | None) -> Sent:
    """Send a new code for `purpose` and `subject` (an opaque key) and end the ones before; raises `TooManyCodes`.

    With an empty `mobile` nothing is sent, and it takes and says the same: the caller shows the same page and gives a
    `subject` that stands for what was typed.
    """
    seals = sealer()
    now = timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    asker = seals.keyed_hash(MOBILE, mobile or f"nobody {subject}")
    with transaction.atomic(), connection.cursor() as cursor:
        # requests for one mobile wait for each other, or many at once would all be under the limit
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [asker.int >> 65])
        recent = OneTimeCode.objects.filter(mobile_hash=asker)
        if (
            recent.filter(made_at__gt=now - timedelta(hours=1)).count() >= MOST_AN_HOUR
            or recent.filter(made_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY
            or (
                ip is not None
                and OneTimeCode.objects.filter(ip=ip, made_at__gt=now - timedelta(hours=1)).count()
                >= MOST_FROM_ADDRESS
            )
        ):
            raise TooManyCodes()
        OneTimeCode.objects.filter(purpose=purpose, subject=subject, used_at=None).update(used_at=now)
        OneTimeCode.objects.create(
            key=uuid4(),
            purpose=purpose,
            subject=subject,
            # without a mobile the row only counts: no code fits a random hash
            code_hash=_hash(purpose, subject, code) if mobile else uuid4(),
            mobile_hash=asker,
            made_at=now,
            expires_at=now + timedelta(minutes=MINUTES),
            ip=ip,
        )
        if mobile:
            tell("public", "code", mobile, language, "", "", code=code, minutes=MINUTES)
        else:
            # the same work for nobody, so that the time it takes tells nothing
            seals.seal_one(MOBILE, code)
    return Sent(code if mobile and demonstration() else "")


def check_code(purpose: str, subject: str, code: str) -> None:
    """Use up the code that was sent for `purpose` and `subject`; raises `WrongCode` or `CodeOver`.

    A wrong try is counted whatever the caller does afterwards: call it outside of any transaction.
    """
    digits = "".join(letter for letter in code[:20] if letter.isascii() and letter.isdecimal())
    given = _hash(purpose, subject, digits)
    refusal: Refusal | None = None
    with transaction.atomic(durable=True):
        now = timezone.now()
        sent = (
            OneTimeCode.objects.select_for_update()
            .filter(purpose=purpose, subject=subject, used_at=None, expires_at__gt=now)
            .order_by("-made_at")
            .first()
        )
        if sent is None or sent.wrong_tries >= MOST_WRONG:
            refusal = CodeOver()
        elif hmac.compare_digest(given.bytes, sent.code_hash.bytes):
            OneTimeCode.objects.filter(pk=sent.pk).update(used_at=now)
        else:
            OneTimeCode.objects.filter(pk=sent.pk).update(wrong_tries=sent.wrong_tries + 1)
            refusal = WrongCode()
    if refusal is not None:
        raise refusal


def demonstration() -> bool:
    """Whether the people in this database are invented: then, and never in production, pages show the codes."""
    return not settings.PRODUCTION and bool(demonstration_accounts())


def _hash(purpose: str, subject: str, code: str) -> UUID:
    return sealer().keyed_hash(_CODE, f"{purpose}\0{subject}\0{code}")
