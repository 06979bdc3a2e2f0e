"""Files that people send: kept in memory until they are sealed, never on the disk in clear, and bounded before they are read."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, MemoryFileUploadHandler, StopFutureHandlers
from django.http import HttpRequest
from django.urls import Resolver404, resolve

from haqdar.access.queries import actor_of
from haqdar.identity.models import SeedList
from haqdar.identity.seeding import keeping
from haqdar.identity.seeding.actions import Received

MOST_BYTES = 24 * 1024 * 1024
"""Of a whole form: a few pictures of 5 MB. Each file's own bound is `registry.documents.MOST_BYTES`."""

MOST_LIST_BYTES = 512 * 1024 * 1024
"""Of a department's list; two million rows are about 300 MB of CSV."""


class SealedList(UploadedFile):  # type: ignore[type-arg]  # generic to the type checker only
    """A department's list that lies sealed in the data folder already; `received` is what `receive` takes."""

    def __init__(self, received: Received) -> None:
        super().__init__(None, received.name, size=received.size)
        self.received = received


class Sealing(FileUploadHandler):
    """Seals a department's list while it arrives: no part of it is held in memory or lies on the disk in clear.

    Only at the address of lists and only for whoever may hand one in; everything else goes to the next handler.
    """

    active = False

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Decide whether this form is one with a list; one that is too big is not read at all."""
        self.active = self._is_list()
        if self.active and content_length > MOST_LIST_BYTES:
            raise RequestDataTooBig(f"the list has more than {MOST_LIST_BYTES} bytes")
        if self.request is not None:
            self.request.is_list = self.active  # type: ignore[attr-defined]

    def _is_list(self) -> bool:
        user = getattr(self.request, "user", None)
        if self.request is None or user is None or not user.is_authenticated:
            return False
        try:
            if resolve(self.request.path_info).view_name != "desk:seeding-upload":
                return False
        except Resolver404:
            return False
        return actor_of(user, None).may("seeding.upload")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to seal."""
        super().new_file(*args, **kwargs)
        if self.active:
            self._key = uuid4()
            self._stack = ExitStack()
            self._file = self._stack.enter_context(keeping.writing(self._key, "upload"))
            raise StopFutureHandlers()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Seal the next piece, or leave it to the next handler."""
        if not self.active:
            return raw_data
        self._file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> SealedList | None:
        """The sealed list."""
        if not self.active:
            return None
        digest, size = self._file.sha256, self._file.size
        self._stack.close()
        return SealedList(Received(self._key, self.file_name or "", digest, size))

    def upload_interrupted(self) -> None:
        """What broke off is not kept."""
        if self.active and hasattr(self, "_stack"):
            self._stack.close()
            keeping.destroy(self._key, "upload")


_SALT = "seeding.upload"
_HELD_SECONDS = 12 * 3600
"""Shorter than the day after which uploads that became no list are removed."""


def hold(request: HttpRequest, department: str, received: Received) -> str:
    """A signed word for a list that lies sealed while its form is not complete; only the same officer can use it."""
    whole = [str(received.key), received.name, received.sha256, received.size, department, request.user.pk]
    return signing.dumps(whole, salt=_SALT)


def held(request: HttpRequest, department: str) -> Received | None:
    """The list that the form sent before, unless it became a list meanwhile or its time is over."""
    try:
        key, name, sha256, size, code, user = signing.loads(
            request.POST.get("held", ""), salt=_SALT, max_age=_HELD_SECONDS
        )
    except signing.BadSignature:
        return None
    received = Received(UUID(key), name, sha256, size)
    there = keeping.path_of(received.key, "upload").exists()
    taken = SeedList.objects.filter(key=received.key).exists()
    return received if (code, user) == (department, request.user.pk) and there and not taken else None


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
        if content_length > MOST_BYTES and not getattr(self.request, "is_list", False):
            raise RequestDataTooBig(f"the form has more than {MOST_BYTES} bytes")
        self.activated = True
