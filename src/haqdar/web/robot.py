"""The robot check: a small sum that a phone works out by itself (ALTCHA), no pictures to puzzle over.

A form includes `citizen/robot_check.html` and its view asks `robot_passed(request)`. Without scripts nothing can be worked
out; then a code to the person's mobile takes its place, which the view offers (`citizen.proven`, or the mobile of a form).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from altcha import v1
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from haqdar.outreach.limits import spend

FIELD = "robot_proof"
HARDEST = 60_000
"""The number to be found lies below this: some 30,000 hashes, a tenth of a second on a desk, a second or two on a cheap phone."""
GOOD_FOR = timedelta(minutes=60)
_MOST_BYTES = 2000


def challenge() -> dict[str, Any]:
    """A new sum, signed and dated: algorithm, challenge, maxNumber, salt, signature."""
    made = v1.create_challenge(
        v1.ChallengeOptions(
            algorithm="SHA-256", max_number=HARDEST, hmac_key=_key(), expires=timezone.now() + GOOD_FOR
        )
    )
    return dict(made.to_dict())


def robot_passed(request: HttpRequest) -> bool:
    """Whether the form brought a right, fresh and unused proof; it is used up by asking.

    Ask once for each form that is carried out, after its other fields were found right.
    """
    return proof_holds(request.POST.get(FIELD, ""))


def proof_holds(proof: str) -> bool:
    """Whether the proof is a right solution of a challenge of ours, not too old and not used before."""
    if not proof or len(proof) > _MOST_BYTES:
        return False
    try:
        given = json.loads(base64.b64decode(proof, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return False
    texts = ("algorithm", "challenge", "salt", "signature")
    if (
        not isinstance(given, dict)
        or not all(isinstance(given.get(name), str) for name in texts)
        or type(given.get("number")) is not int
        or given["algorithm"] != "SHA-256"
    ):
        return False
    payload: Any = {name: given[name] for name in (*texts, "number")}
    right, _ = v1.verify_solution(payload, _key(), check_expires=True)
    expires = v1.extract_params(payload).get("expires")
    # a challenge of ours is always dated; without a date it could be handed in for ever
    if not right or not expires or not expires[0].isdecimal():
        return False
    return spend(given["challenge"], datetime.fromtimestamp(int(expires[0]), UTC))


def _key() -> str:
    return hmac.new(bytes(settings.HAQDAR_SECRET), b"robot check", hashlib.sha256).hexdigest()
