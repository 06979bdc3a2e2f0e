"""Files that people send: kept in memory until they are sealed, never on the disk in clear, and bounded before they are read."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler

MOST_BYTES = 24 * 1024 * 1024
"""Of a whole form: a few pictures of 5 MB. Each file's own bound is `registry.documents.MOST_BYTES`."""


class InMemory(MemoryFileUploadHandler):
    """Holds every file of a form in memory; a form that says it is bigger than `MOST_BYTES` is not read at all."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Refuse what is too big with 400; hold the rest."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"the form has more than {MOST_BYTES} bytes")
        self.activated = True
