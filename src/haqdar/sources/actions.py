"""Keeping what was delivered: deliveries, their files with counts, and every rejection."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import connection
from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.sources.models import DeliveredFile, Delivery, Rejection
from haqdar.sources.refusals import FileRefused


@dataclass(frozen=True)
class Warning:
    """Something an operator should know about a file that was loaded all the same."""

    en: str
    hi: str


@dataclass
class Counts:
    """What became of a file's rows; `ghosts` are among the rejected."""

    rows: int = 0
    accepted: int = 0
    repeated: int = 0
    corrected: int = 0
    rejected: int = 0
    ghosts: int = 0
    warnings: list[Warning] = field(default_factory=list)


def receive(actor: Actor, code: str, delivered_on: date, folder: Path) -> Delivery:
    """The delivery of these files on this day; the same files handed over again are the same delivery."""
    delivery, _ = Delivery.objects.get_or_create(
        code=code,
        delivered_on=delivered_on,
        defaults={
            "folder": folder.name,
            "actor": actor.name,
            "ip": actor.ip,
            "received_at": timezone.now(),
        },
    )
    return delivery


DESK = "desk"
"""The code of what officers recorded themselves: one delivery a day, without files."""


def desk_delivery(day: date) -> Delivery:
    """The delivery that holds what officers record on a day; who recorded what stands with the records."""
    delivery, _ = Delivery.objects.get_or_create(
        code=DESK,
        delivered_on=day,
        defaults={"folder": DESK, "actor": DESK, "received_at": timezone.now()},
    )
    return delivery


def keep_file(delivery: Delivery, name: str, sha256: str, size: int, counts: Counts) -> DeliveredFile:
    """Keep the counts of a loaded file and forget the rejections of an earlier load of it."""
    file, _ = DeliveredFile.objects.update_or_create(
        delivery=delivery,
        name=name,
        defaults={
            "sha256": sha256,
            "size": size,
            "rows": counts.rows,
            "accepted": counts.accepted,
            "repeated": counts.repeated,
            "corrected": counts.corrected,
            "rejected": counts.rejected,
            "ghosts": counts.ghosts,
            "warnings": [{"en": warning.en, "hi": warning.hi} for warning in counts.warnings],
            "refusal_code": "",
            "refusal_en": "",
            "refusal_hi": "",
            "loaded_at": timezone.now(),
        },
    )
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {Rejection._meta.db_table} WHERE file_id = %s", [file.pk])
    return file


def keep_refusal(
    delivery: Delivery, name: str, sha256: str, size: int, refusal: FileRefused
) -> DeliveredFile:
    """Keep that a file was refused as a whole, and why."""
    file, _ = DeliveredFile.objects.update_or_create(
        delivery=delivery,
        name=name,
        defaults={
            "sha256": sha256,
            "size": size,
            "refusal_code": refusal.code,
            "refusal_en": refusal.en,
            "refusal_hi": refusal.hi,
            "loaded_at": timezone.now(),
        },
    )
    return file
