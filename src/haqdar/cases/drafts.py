"""Applications not yet handed in: answers sealed on the server, found again by a code, gone after thirty days."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from haqdar.cases.models import ApplicationDraft
from haqdar.registry.documents import documents_of, keep, remove
from haqdar.registry.models import Document
from haqdar.registry.sealing import sealer

KEPT_FOR = timedelta(days=30)
UNCONFIRMED_FOR = timedelta(days=1)
"""How long a draft is kept before its mobile was confirmed: nobody could come back to it."""
OF_DRAFT = "draft"
OF_CASE = "case"
_ANSWERS = "draft"
_CODE = "draft code"
# no letter or digit that is taken for another one
_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"


@dataclass
class Answers:
    """What was answered so far. `resident` is the key of who it is for, `mobile` the number that answered a code.

    `number_given` with an empty `resident` is a number that nobody has; that is said only after a mobile was confirmed.
    `own` says that this was the registered mobile, so that data of the register may be shown. `facts_right` is the answer to
    the recorded facts ("yes", "no" or not asked), `wrong` what the person says about them.
    """

    number_given: bool = False
    resident: str = ""
    mobile: str = ""
    mobile_asked: str = ""
    own: bool = False
    scheme: str = ""
    facts_right: str = ""
    wrong: str = ""


@dataclass
class Draft:
    """A draft with its answers and papers (kind → document). `code` is filled only when it was just made."""

    key: UUID
    answers: Answers
    expires_at: datetime
    submitted: UUID | None = None
    code: str = ""
    papers: dict[str, Document] = field(default_factory=dict)


def new_draft() -> Draft:
    """An empty draft; its code is told once, here."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(10))
    now = timezone.now()
    sealed, version = sealer().seal_one(_ANSWERS, json.dumps(asdict(Answers())))
    row = ApplicationDraft.objects.create(
        key=uuid4(),
        code_hash=_hash(code),
        answers_sealed=sealed,
        key_version=version,
        made_at=now,
        changed_at=now,
        expires_at=now + UNCONFIRMED_FOR,
    )
    return Draft(row.key, Answers(), row.expires_at, code=f"{code[:5]}-{code[5:]}")


def draft_of(key: UUID | str) -> Draft | None:
    """The draft with this key, unless it is over; the caller has checked that it is the asker's own."""
    row = (
        ApplicationDraft.objects.filter(key=key, expires_at__gt=timezone.now()).select_related("case").first()
    )
    return None if row is None else opened(row)


def draft_by_code(code: str) -> Draft | None:
    """The draft with this code, however it was typed; its mobile must answer a code before anything of it is shown."""
    letters = "".join(letter for letter in code.upper()[:40] if letter in _LETTERS)
    row = ApplicationDraft.objects.filter(
        code_hash=_hash(letters), expires_at__gt=timezone.now(), case=None
    ).first()
    return None if row is None else opened(row)


def save(draft: Draft) -> None:
    """Keep the answers; a draft whose mobile was confirmed is kept for thirty days from now."""
    now = timezone.now()
    sealed, version = sealer().seal_one(_ANSWERS, json.dumps(asdict(draft.answers)))
    draft.expires_at = now + (KEPT_FOR if draft.answers.mobile else UNCONFIRMED_FOR)
    ApplicationDraft.objects.filter(key=draft.key, case=None).update(
        answers_sealed=sealed, key_version=version, changed_at=now, expires_at=draft.expires_at
    )


def keep_paper(draft: Draft, kind: str, content: bytes, kept_by: str) -> None:
    """Keep a photograph or paper; it replaces the one of the same kind. Raises ``TooBig``, ``NotADocument``."""
    with transaction.atomic():
        kept = keep(kept_by, content, kind, OF_DRAFT, str(draft.key))
        for earlier in documents_of(OF_DRAFT, str(draft.key)):
            if earlier.kind == kind and earlier.pk != kept.pk:
                remove(earlier)
    draft.papers[kind] = kept


def sweep() -> int:
    """Destroy what is over: papers, answers, the row. Returns how many drafts went."""
    over = list(ApplicationDraft.objects.filter(expires_at__lt=timezone.now()).order_by("expires_at")[:1000])
    keys = [str(draft.key) for draft in over]
    papers = Document.objects.filter(about_kind=OF_DRAFT, about_key__in=keys, removed_at=None)
    for paper in papers:
        remove(paper)
    return ApplicationDraft.objects.filter(key__in=[draft.key for draft in over]).delete()[0]


def opened(row: ApplicationDraft) -> Draft:
    """The draft of a row, its answers in clear."""
    answers = Answers(**json.loads(sealer().unseal_one(_ANSWERS, row.answers_sealed, row.key_version)))
    papers = {paper.kind: paper for paper in documents_of(OF_DRAFT, str(row.key))}
    return Draft(row.key, answers, row.expires_at, row.case.key if row.case else None, papers=papers)


def _hash(code: str) -> UUID:
    return sealer().keyed_hash(_CODE, code)
