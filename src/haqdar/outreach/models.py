"""Messages to people's mobiles and the one-time codes sent with them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One message in the outbox, written in the transaction of what it tells; a sender takes it from there.

    The number and the text are sealed. `template` names the text, `about_kind` and `about_key` what it belongs to.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    template = models.TextField(db_collation="C")
    language = models.TextField(db_collation="C")
    to_sealed = models.BinaryField()
    to_last4 = models.TextField(db_collation="C")
    text_sealed = models.BinaryField()
    key_version = models.SmallIntegerField()
    about_kind = models.TextField(blank=True, db_collation="C")
    about_key = models.TextField(blank=True, db_collation="C")
    state = models.TextField(choices=State.choices, default=State.WAITING, db_collation="C")
    tries = models.SmallIntegerField(default=0)
    problem = models.TextField(blank=True)
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outreach_message"
        indexes: ClassVar = [
            models.Index(fields=["queued_at"], condition=Q(state="waiting"), name="message_waiting"),
            models.Index(fields=["about_kind", "about_key"], name="message_by_subject"),
        ]


class OneTimeCode(models.Model):
    """A code sent to a mobile, kept as a keyed hash; good once, for a purpose, for some minutes and few tries."""

    key = models.UUIDField(primary_key=True)
    purpose = models.TextField(db_collation="C")
    subject = models.TextField(
        db_collation="C", help_text="what it lets in to: a resident's key, a draft's key"
    )
    code_hash = models.UUIDField()
    mobile_hash = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong_tries = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        db_table = "outreach_one_time_code"
        indexes: ClassVar = [
            models.Index(fields=["mobile_hash", "made_at"], name="code_by_mobile"),
            models.Index(fields=["subject", "made_at"], name="code_by_subject"),
        ]


class Attempt(models.Model):
    """How often one asker (keyed hash of an address or a subject) did one thing within one minute."""

    pk = models.CompositePrimaryKey("what", "who", "minute")
    what = models.TextField(db_collation="C")
    who = models.UUIDField()
    minute = models.DateTimeField()
    times = models.IntegerField(default=1)

    class Meta:
        db_table = "outreach_attempt"
        indexes: ClassVar = [models.Index(fields=["minute"], name="attempt_by_minute")]


class SpentChallenge(models.Model):
    """A proof of work that was handed in: a second time it counts for nothing."""

    challenge = models.TextField(primary_key=True, db_collation="C")
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "outreach_spent_challenge"
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="spent_by_expiry")]
