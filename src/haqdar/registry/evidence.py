"""What a verified or corrected fact rests on: a paper handed in, what an officer saw on a visit, or a signed document (eKYC)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from haqdar.access.actors import Actor
from haqdar.base.refusal import Refusal
from haqdar.registry import documents
from haqdar.registry.models import Proof

LEAST_SEEN = 15
"""Characters that a note of a visit must have."""


class NoEvidence(Refusal):
    """Neither a document nor a visit."""

    code = "no_evidence"
    en = "Hand in a document, or say on which day you visited and what you saw (at least {least} characters)."
    hi = "दस्तावेज़ दें, या बताएँ कि किस दिन मौक़े पर गए और क्या देखा (कम से कम {least} अक्षर)।"


class VisitInTheFuture(Refusal):
    """A visit that has not been made yet."""

    code = "visit_in_future"
    en = "The visit of {day} lies in the future; give the day on which somebody was there."
    hi = "{day} की मुलाक़ात आगे की तारीख है; वह दिन दें जब कोई वहाँ गया था।"


@dataclass(frozen=True)
class Evidence:
    """What an officer gives: a file, or the day of a visit and what was seen, or both.

    `signed` is the SHA-256 of a document whose signature was verified and that is not kept (identity.ekyc).
    """

    document: bytes | None = None
    visited_on: date | None = None
    seen: str = ""
    signed: str = ""

    def check(self) -> None:
        """Raises `NoEvidence` or `VisitInTheFuture`."""
        visit = self.visited_on is not None and len(self.seen.strip()) >= LEAST_SEEN
        if not self.document and not visit and not self.signed:
            raise NoEvidence(least=LEAST_SEEN)
        if self.visited_on is not None and self.visited_on > timezone.localdate():
            raise VisitInTheFuture(day=self.visited_on)

    def keep(
        self, actor: Actor, about_kind: str, about_key: str, register: str = "", belief_no: int = 0
    ) -> Proof:
        """Keep it in the caller's transaction; raises what `check` and ``documents.keep`` raise."""
        self.check()
        document = None
        if self.document:
            kind = "visit" if self.visited_on is not None else "certificate"
            document = documents.keep(actor.name, self.document, kind, about_kind, about_key)
        return Proof.objects.create(
            at=timezone.now(),
            actor=actor.name,
            about_kind=about_kind,
            about_key=about_key,
            register=register,
            belief_no=belief_no or None,
            document=document,
            visited_on=self.visited_on,
            seen=self.seen.strip(),
            signed_sha256=self.signed,
        )
