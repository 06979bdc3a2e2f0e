"""Second factors of an account: authenticator app (TOTP, RFC 6238), passkeys (WebAuthn), recovery codes.

Models and protocols are django-allauth's; what is ours is the lock-out, the audit, and that a code is good for one use in
every process (allauth remembers used codes in a cache of its own process).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.webauthn.internal import auth as webauthn
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from haqdar.access.actions import LockedOut, record, record_attempt
from haqdar.access.actors import Actor, acting
from haqdar.access.models.people import LoginAttempt, User
from haqdar.access.queries import has_second_factor, locked_minutes, needs_second_factor
from haqdar.base.refusal import Refusal

APP = Authenticator.Type.TOTP
PASSKEY = Authenticator.Type.WEBAUTHN
RECOVERY = Authenticator.Type.RECOVERY_CODES
MOST_PASSKEYS = 10


class WrongCode(Refusal):
    """The code is none of the account's."""

    code = "wrong_code"
    en = "The code is not right. Take the code that your app shows now, or an unused recovery code."
    hi = "कोड सही नहीं है। ऐप में अभी दिख रहा कोड लिखें, या कोई रिकवरी कोड जो इस्तेमाल न हुआ हो।"


class CodeUsed(Refusal):
    """A code counts once: whoever saw it being typed gains nothing."""

    code = "code_used"
    en = "This code was used already. Wait for the next one in your app, at most 30 seconds."
    hi = "यह कोड इस्तेमाल हो चुका है। ऐप में अगला कोड आने दें, ज़्यादा से ज़्यादा 30 सेकंड।"


class PasskeyRefused(Refusal):
    """The browser's answer does not fit the account or the question."""

    code = "passkey_refused"
    en = "The passkey was not accepted. Try again, or use the code of your app."
    hi = "पासकी स्वीकार नहीं हुई। फिर कोशिश करें, या ऐप का कोड लिखें।"


class TooManyPasskeys(Refusal):
    """Nobody carries more."""

    code = "too_many_passkeys"
    en = "You have {most} passkeys. Remove one that you no longer use first."
    hi = "आपके पास {most} पासकी हैं। पहले वह हटाएँ जिसका इस्तेमाल अब नहीं होता।"


class LastFactor(Refusal):
    """An officer who decides or pays is never without a second factor."""

    code = "last_second_factor"
    en = "Your function needs a second factor, and this is your last one. Add another first, then remove this one."
    hi = "आपके पद के लिए दूसरी पहचान ज़रूरी है, और यह आपकी आख़िरी है। पहले दूसरी जोड़ें, फिर इसे हटाएँ।"


class SharedByAll(Refusal):
    """Demonstration accounts stay as they are, because everybody uses them."""

    code = "shared_by_all"
    en = "This is a demonstration account that everybody uses. Its password and its authenticator app stay as they are."
    hi = "यह नमूना खाता है जिसे सब इस्तेमाल करते हैं। इसका पासवर्ड और कोड वाला ऐप वैसे ही रहते हैं।"


class NoSecondFactor(Refusal):
    """Recovery codes stand in for a second factor; without one they would be a second password."""

    code = "no_second_factor"
    en = (
        "Set up an authenticator app or a passkey first. Recovery codes stand in for them when they are lost."
    )
    hi = "पहले कोड वाला ऐप या पासकी जोड़ें। रिकवरी कोड तब काम आते हैं जब ये खो जाएँ।"


@dataclass(frozen=True)
class Factor:
    """One authenticator app or passkey as pages show it."""

    number: int
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None


def factors_of(user: User) -> list[Factor]:
    """The account's authenticator app and passkeys, oldest first."""
    found = Authenticator.objects.filter(user_id=user.pk, type__in=(APP, PASSKEY)).order_by(
        "created_at", "pk"
    )
    return [
        Factor(one.pk, one.type, one.data.get("name", ""), one.created_at, one.last_used_at) for one in found
    ]


def recovery_codes_left(user: User) -> int | None:
    """How many recovery codes are unused; None where none were ever made."""
    kept = Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).first()
    return len(kept.wrap().get_unused_codes()) if kept else None


# Proving


def prove_code(user: User, code: str, ip: str | None, browser: str = "") -> str:
    """The kind of factor that a code proves; refuses with `LockedOut`, `CodeUsed` or `WrongCode`.

    A wrong code counts towards the lock-out like a wrong password.
    """
    return _prove(user, ip, browser, lambda: _app_code(user, code) or _recovery_code(user, code), WrongCode)


def prove_passkey(user: User, answer: object, ip: str | None, browser: str = "") -> str:
    """The kind of factor (`PASSKEY`) that the browser's signed answer proves; refuses like `prove_code`.

    The question it answers was put by `passkey_question` in the same session.
    """
    return _prove(user, ip, browser, lambda: _passkey(user, answer), PasskeyRefused)


def _prove(
    user: User, ip: str | None, browser: str, attempt: Callable[[], str], refusal: type[Refusal]
) -> str:
    minutes = locked_minutes(user.username, ip)
    if minutes:
        raise LockedOut(minutes=minutes)
    kind = attempt()
    record_attempt(user.username, ip, browser, LoginAttempt.Step.SECOND_FACTOR, succeeded=bool(kind))
    if not kind:
        raise refusal()
    return kind


def _app_code(user: User, code: str) -> str:
    with transaction.atomic():
        kept = Authenticator.objects.select_for_update().filter(user_id=user.pk, type=APP).first()
        if kept is None:
            return ""
        secret = get_adapter().decrypt(kept.data["secret"])
        counter = _counter_of(secret, code)
        if counter is None:
            return ""
        if counter <= kept.data.get("last_counter", 0):
            raise CodeUsed()
        kept.data["last_counter"] = counter
        kept.last_used_at = timezone.now()
        kept.save(update_fields=["data", "last_used_at"])
    return str(APP)


def _counter_of(secret: str, code: str) -> int | None:
    """The time step whose code this is: the present one, the one before or the one after."""
    found = None
    for counter in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            found = counter
    return found


def _recovery_code(user: User, code: str) -> str:
    kept = Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).first()
    if kept is None or not kept.wrap().validate_code(code):
        return ""
    Authenticator.objects.filter(pk=kept.pk).update(last_used_at=timezone.now())
    return str(RECOVERY)


def passkey_question(user: User) -> dict[str, Any] | None:
    """What the browser is asked to sign (WebAuthn request options); None for an account without passkeys."""
    if not Authenticator.objects.filter(user_id=user.pk, type=PASSKEY).exists():
        return None
    options: dict[str, Any] = _plain(webauthn.begin_authentication(user))
    return options


def _passkey(user: User, answer: object) -> str:
    if not isinstance(answer, dict):
        return ""
    try:
        webauthn.parse_authentication_response(answer)
        kept = webauthn.complete_authentication(user, answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        return ""
    kept.record_usage()
    return str(PASSKEY)


# Adding and removing


def new_secret() -> str:
    """A fresh secret for an authenticator app, sealed, to be kept in the session until its first code is shown to work."""
    return str(get_adapter().encrypt(generate_totp_secret()))


def opened(sealed: str) -> str:
    """A secret of `new_secret` in clear, for the one page on which the employee copies it."""
    return str(get_adapter().decrypt(sealed))


def app_address(user: User, secret: str) -> str:
    """The address (otpauth://) that an authenticator app reads from the square code."""
    return str(get_adapter().build_totp_url(user, secret))


def add_app(actor: Actor, user: User, sealed: str, code: str, ip: str | None) -> None:
    """Take an authenticator app into use whose first code is right; it takes the place of an earlier one."""
    if user.is_demonstration:
        raise SharedByAll()
    secret = opened(sealed)
    counters: list[int] = []

    def first_code() -> str:
        counter = _counter_of(secret, code)
        counters.extend([] if counter is None else [counter])
        return str(APP) if counters else ""

    _prove(user, ip, "", first_code, WrongCode)
    with acting(actor, "second_factor.add"):
        removed, _ = Authenticator.objects.filter(user_id=user.pk, type=APP).delete()
        kept = TOTP.activate(user, secret).instance
        kept.data["last_counter"] = counters[0]
        kept.save(update_fields=["data"])
        record(
            actor,
            "second_factor.add",
            "user",
            user.username,
            old={"kind": str(APP)} if removed else None,
            new={"kind": str(APP)},
        )


def passkey_offer(user: User) -> dict[str, Any]:
    """What the browser is asked to make (WebAuthn creation options)."""
    options: dict[str, Any] = _plain(webauthn.begin_registration(user, False))
    return options


def add_passkey(actor: Actor, user: User, name: str, answer: object) -> None:
    """Keep the passkey that the browser made for `passkey_offer`; refuses with `PasskeyRefused`, `TooManyPasskeys`."""
    if Authenticator.objects.filter(user_id=user.pk, type=PASSKEY).count() >= MOST_PASSKEYS:
        raise TooManyPasskeys(most=MOST_PASSKEYS)
    if not isinstance(answer, dict):
        raise PasskeyRefused()
    try:
        webauthn.parse_registration_response(answer)
        webauthn.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError, AttributeError, InvalidSignature) as problem:
        raise PasskeyRefused() from problem
    with acting(actor, "second_factor.add"):
        webauthn.WebAuthn.add(user, name.strip()[:60], answer)
        record(actor, "second_factor.add", "user", user.username, new={"kind": str(PASSKEY)})


def remove_factor(actor: Actor, user: User, number: int) -> None:
    """Take an authenticator app or passkey out of use; an unknown number is removed already.

    Refuses with `SharedByAll`, or `LastFactor` where the account's functions need one. Without any factor recovery codes go too.
    """
    with acting(actor, "second_factor.remove"):
        own = list(Authenticator.objects.select_for_update().filter(user_id=user.pk, type__in=(APP, PASSKEY)))
        chosen = next((one for one in own if one.pk == number), None)
        if chosen is None:
            return
        if user.is_demonstration and chosen.type == APP:
            raise SharedByAll()
        if len(own) == 1:
            if needs_second_factor(user):
                raise LastFactor()
            Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).delete()
        chosen.delete()
        record(actor, "second_factor.remove", "user", user.username, old={"kind": chosen.type})


def remove_all_factors(actor: Actor, user: User) -> None:
    """Take every second factor of an account out of use; call it inside the administrator's act."""
    kinds = sorted(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
    Authenticator.objects.filter(user_id=user.pk).delete()
    record(actor, "second_factor.reset", "user", user.username, old={"kinds": kinds})


def new_recovery_codes(actor: Actor, user: User) -> list[str]:
    """Ten fresh recovery codes; earlier ones stop working. They are shown this once."""
    if not has_second_factor(user):
        raise NoSecondFactor()
    with acting(actor, "second_factor.recovery_codes"):
        Authenticator.objects.filter(user_id=user.pk, type=RECOVERY).delete()
        kept = RecoveryCodes.activate(user)
        kept.mark_as_viewed()
        record(actor, "second_factor.recovery_codes", "user", user.username)
        return list(kept.generate_codes())


# Demonstration, and changing the master key


@dataclass(frozen=True)
class DemonstrationCode:
    """The next code that a demonstration account's app would be believed; `wait` seconds until it is, 0 for now."""

    code: str
    wait: int


def give_demonstration_app(user: User) -> None:
    """An authenticator app for a demonstration account that has none."""
    if user.is_demonstration and not Authenticator.objects.filter(user_id=user.pk, type=APP).exists():
        TOTP.activate(user, generate_totp_secret())


def demonstration_code(user: User) -> DemonstrationCode | None:
    """What the app of a demonstration account shows, for the page that asks for it; never for any other account."""
    if not user.is_demonstration or settings.PRODUCTION:
        return None
    give_demonstration_app(user)
    kept = Authenticator.objects.get(user_id=user.pk, type=APP)
    secret = get_adapter().decrypt(kept.data["secret"])
    period = app_settings.TOTP_PERIOD
    counter = max(int(time.time()) // period, kept.data.get("last_counter", 0) + 1)
    # A code is believed one step before its own time already.
    wait = max(0, (counter - app_settings.TOTP_TOLERANCE) * period - int(time.time()))
    return DemonstrationCode(format_hotp_value(hotp_value(secret, counter)), wait)


def reseal_secrets() -> int:
    """Seal every secret of second factors with the present master key; returns how many accounts' factors were touched."""
    adapter = get_adapter()
    with transaction.atomic():
        rows = list(Authenticator.objects.select_for_update().filter(type__in=(APP, RECOVERY)))
        for row in rows:
            for name in ("secret", "seed"):
                if name in row.data:
                    row.data[name] = adapter.encrypt(adapter.decrypt(row.data[name]))
        Authenticator.objects.bulk_update(rows, ["data"], batch_size=1000)
    return len(rows)


def _plain(value: Any) -> Any:
    """Options of WebAuthn as plain dictionaries, lists and texts, ready for JSON."""
    if isinstance(value, bytes):
        return webauthn_text(value)
    if hasattr(value, "items"):
        return {str(name): _plain(part) for name, part in value.items() if part is not None}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.value if hasattr(value, "value") else value


def webauthn_text(value: bytes) -> str:
    """Bytes as WebAuthn writes them in JSON (base 64 for addresses, without padding)."""
    from fido2.utils import websafe_encode

    return str(websafe_encode(value))
