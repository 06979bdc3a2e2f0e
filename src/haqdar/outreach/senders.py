"""How a message leaves the house: to the terminal, or to a file that stands for a gateway. Real gateways come later."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils import timezone


class NotSent(Exception):
    """The gateway did not take the message; `kind` is a word without anything personal, kept with the message."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class Sender(Protocol):
    """Takes one message to one number; raises `NotSent` or OSError when it may be tried again."""

    def send(self, mobile: str, text: str, template: str) -> None:
        """Hand the message over."""


class ConsoleSender:
    """Writes messages to the terminal of the worker, for a first look."""

    def send(self, mobile: str, text: str, template: str) -> None:
        """One message as three lines."""
        print(f"\n--- {template} → {mobile}\n{text}", file=sys.stderr, flush=True)


class FileSender:
    """Adds messages as lines of JSON to HAQDAR_HOME/outbox/<day>.jsonl, readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, mobile: str, text: str, template: str) -> None:
        """One line: when, to whom, which message, its text."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = timezone.localtime()
        line = json.dumps(
            {"at": now.isoformat(timespec="seconds"), "to": mobile, "message": template, "text": text},
            ensure_ascii=False,
        )
        handle = os.open(self.folder / f"{now:%Y-%m-%d}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(line + "\n")


def sender() -> Sender:
    """The sender that HAQDAR_SENDER names."""
    if settings.HAQDAR_SENDER == "console":
        return ConsoleSender()
    return FileSender(Path(settings.HAQDAR_HOME) / "outbox")
