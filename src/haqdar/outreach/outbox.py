"""The outbox: a message is written in the transaction of what it tells, and sent after it.

Number and text are sealed. `tell` is all that other stages need; `send_waiting` is what the worker does. A message goes
out at least once: a worker that dies between sending and noting it sends that one again.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from haqdar.access.actors import Actor, require
from haqdar.base.refusal import Refusal, Words
from haqdar.law import Text, day_text
from haqdar.law.messages import load_messages
from haqdar.outreach.models import Message
from haqdar.outreach.numbers import NotAMobile, mobile_number
from haqdar.outreach.senders import NotSent, Sender, sender
from haqdar.registry.sealing import MOBILE, sealer

QUEUE = "messages"
SEND = "messages.send"
MOST_TRIES = 9
"""Tries before a message is given up: the n-th follows 2^n - 1 minutes after it was written, the last after 4 hours."""
AT_A_TIME = 100
_TEXT = "message"
_OF_THE_REGISTER = re.compile("[6-9][0-9]{9}")


class UnknownMessage(Refusal):
    """The law has no text of this name."""

    code = "unknown_message"
    en = "There is no message {template} in letters/messages.yaml."
    hi = "letters/messages.yaml में {template} नाम का संदेश नहीं है।"


class MessageLacks(Refusal):
    """A text was not given everything it says."""

    code = "message_lacks"
    en = "The message {template} needs {names}."
    hi = "संदेश {template} के लिए यह चाहिए: {names}।"


def tell(
    actor_name: str,
    template: str,
    mobile: str,
    language: str,
    about_kind: str = "",
    about_key: str = "",
    **values: object,
) -> Message | None:
    """Queue the message `template` for a mobile, in the caller's transaction; it is sent when that is committed.

    `values` fill the text: dates are written out, `Text` and `Words` are said in the language, the rest as it is (money:
    `indian(paise)`). `about_kind` and `about_key` say what it belongs to, by opaque key. Without a mobile there is nobody
    to tell: None is returned, the letter on paper goes its own way. Raises `UnknownMessage`, `MessageLacks`, ``NotAMobile``,
    ``LawRefused``.
    """
    text = worded(template, language, values)
    if not mobile:
        return None
    message = _message(template, text, _digits(mobile), language, about_kind, about_key)
    message.save(force_insert=True)
    _wake_after_commit()
    return message


@dataclass(frozen=True)
class Telling:
    """One message of many: the arguments of `tell`."""

    template: str
    mobile: str
    language: str
    about_kind: str
    about_key: str
    values: Mapping[str, object]


def tell_many(tellings: Sequence[Telling]) -> int:
    """Queue many messages at once, as `tell` does one; returns how many.

    Whoever has no mobile, or a registered number that is none, is not messaged: one wrong number keeps nobody else from being
    told. Raises `UnknownMessage`, `MessageLacks`.
    """
    messages = []
    for one in tellings:
        text = worded(one.template, one.language, one.values)
        with contextlib.suppress(NotAMobile):
            if one.mobile:
                digits = _digits(one.mobile)
                messages.append(
                    _message(one.template, text, digits, one.language, one.about_kind, one.about_key)
                )
    if messages:
        Message.objects.bulk_create(messages)
        _wake_after_commit()
    return len(messages)


def worded(template: str, language: str, values: Mapping[str, object]) -> str:
    """The text of a message as it is sent; raises `UnknownMessage`, `MessageLacks`."""
    text = load_messages(settings.HAQDAR_LAW).get(template)
    if text is None:
        raise UnknownMessage(template=template)
    said = {name: _said(value, language) for name, value in values.items()}
    try:
        return text.in_language(language).format(**said)
    except KeyError as error:
        raise MessageLacks(template=template, names=error.args[0]) from error


def send_waiting() -> int:
    """Send what waits and is due, codes first; returns how many went out.

    Several workers share the work: each locks the rows it takes and passes over those of others.
    """
    sent = 0
    by = sender()
    while True:
        taken, done = _send_some(by)
        sent += done
        if taken < AT_A_TIME:
            return sent


def outbox(actor: Actor) -> dict[str, Any]:
    """What the outbox holds, without a number or a text: counts by state and by message, the oldest waiting, failures."""
    require(actor, "outbox.view")
    states = Message.State
    totals = Message.objects.aggregate(
        waiting=Count("pk", filter=Q(state=states.WAITING)),
        sent=Count("pk", filter=Q(state=states.SENT)),
        failed=Count("pk", filter=Q(state=states.FAILED)),
        oldest=Min("queued_at", filter=Q(state=states.WAITING)),
        latest=Max("sent_at"),
    )
    kinds = (
        Message.objects.values("template")
        .annotate(
            waiting=Count("pk", filter=Q(state=states.WAITING)),
            sent=Count("pk", filter=Q(state=states.SENT)),
            failed=Count("pk", filter=Q(state=states.FAILED)),
        )
        .order_by("template")
    )
    problems = (
        Message.objects.exclude(problem="")
        .exclude(state=states.SENT)
        .values("problem", "state")
        .annotate(messages=Count("pk"), latest=Max("queued_at"))
        .order_by("-messages")[:50]
    )
    return totals | {"kinds": list(kinds), "problems": list(problems)}


def text_of(message: Message) -> str:
    """The text in clear, for the person it was sent to; the caller has checked who asks."""
    return sealer().unseal_one(_TEXT, message.text_sealed, message.key_version)


def _digits(mobile: str) -> str:
    # a mobile as the register takes it is tried as it stands: no decision fails because a list of number series is old
    return mobile if _OF_THE_REGISTER.fullmatch(mobile) else mobile_number(mobile)


def _message(
    template: str, text: str, digits: str, language: str, about_kind: str, about_key: str
) -> Message:
    seals = sealer()
    to_sealed, version = seals.seal_one(MOBILE, digits)
    text_sealed, _ = seals.seal_one(_TEXT, text)
    return Message(
        template=template,
        language=language,
        to_sealed=to_sealed,
        to_last4=digits[-4:],
        text_sealed=text_sealed,
        key_version=version,
        about_kind=about_kind,
        about_key=about_key,
        queued_at=timezone.now(),
    )


def _said(value: object, language: str) -> str:
    if isinstance(value, date):
        return day_text(value).in_language(language)
    if isinstance(value, Text):
        return value.in_language(language)
    if isinstance(value, Words):
        return value.hi if language == "hi" else value.en
    return str(value)


def _wake_after_commit() -> None:
    if not any(entry[1] is _wake for entry in connection.run_on_commit):
        transaction.on_commit(_wake)


def _wake() -> None:
    # the queue keeps one waiting job: whoever comes second is served by it
    with contextlib.suppress(AlreadyEnqueued):
        app.configure_task(SEND, queue=QUEUE, queueing_lock=SEND).defer()


def _send_some(by: Sender) -> tuple[int, int]:
    with transaction.atomic():
        # a code is good for minutes: it never stands behind a month's notices
        waiting = list(
            Message.objects.raw(
                "SELECT * FROM outreach_message WHERE state = 'waiting'"
                " AND queued_at + make_interval(mins => (1 << tries) - 1) <= %s"
                " ORDER BY template <> 'code', queued_at LIMIT %s FOR UPDATE SKIP LOCKED",
                [timezone.now(), AT_A_TIME],
            )
        )
        seals = sealer() if waiting else None
        done = 0
        for message in waiting:
            assert seals is not None
            try:
                by.send(
                    seals.unseal_one(MOBILE, message.to_sealed, message.key_version),
                    seals.unseal_one(_TEXT, message.text_sealed, message.key_version),
                    message.template,
                )
            except (NotSent, OSError) as problem:
                message.tries += 1
                # what a gateway answers may repeat the number: only its kind is kept
                message.problem = problem.kind if isinstance(problem, NotSent) else type(problem).__name__
                if message.tries >= MOST_TRIES:
                    message.state = Message.State.FAILED
            else:
                message.state, message.sent_at, message.problem = Message.State.SENT, timezone.now(), ""
                done += 1
        Message.objects.bulk_update(waiting, ["state", "sent_at", "tries", "problem"])
    return len(waiting), done
