"""Making the documents of orders: set, signed, sealed and kept once, whoever comes first and however often it is interrupted."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from haqdar.base.files import atomic_write
from haqdar.base.refusal import Refusal
from haqdar.base.typesetting import ARCHIVE, set_pdf
from haqdar.cases.models import Order, OrderPaper
from haqdar.cases.papers import signing
from haqdar.cases.papers.wording import order_words
from haqdar.registry.sealing import Sealer, sealer

TEMPLATE = Path(__file__).parent / "order.typ"
AT_A_TIME = 50


class PaperGone(Refusal):
    """The file of a signed order is missing or was changed."""

    code = "paper_gone"
    en = "The document of order {number} is missing or was changed on the disk. Restore the folder orders/ from a backup."
    hi = "आदेश {number} का दस्तावेज़ डिस्क पर नहीं है या बदला गया है। orders/ फ़ोल्डर बैकअप से लौटाएँ।"


def make_missing() -> int:
    """Make every document that is not made yet, oldest first; returns how many. Raises what `paper_of` raises.

    Each is finished by itself: a kill loses the one in hand, which is made anew, and a second worker at the same time does
    harmless work twice.
    """
    made = 0
    while batch := list(Order.objects.filter(paper=None).select_related("case").order_by("id")[:AT_A_TIME]):
        seals = sealer()
        for order in batch:
            _make(order, seals)
        made += len(batch)
    return made


def paper_of(order: Order) -> OrderPaper:
    """The signed document's entry, made now if it is not there; raises ``NoFont``, ``NoSigningKey``, ``BadSigningKey``, ``LawRefused``."""
    found = OrderPaper.objects.filter(order=order).first()
    return found or _make(order, sealer())


def content(order: Order) -> bytes:
    """The signed PDF, made now if it is not there; the caller has checked who may see it. Raises `PaperGone` besides."""
    paper = paper_of(order)
    try:
        sealed = _path(order, paper.sha256).read_bytes()
    except OSError as error:
        raise PaperGone(number=order.number) from error
    document = sealer().open_file(str(order.key), sealed, paper.key_version)
    if hashlib.sha256(document).hexdigest() != paper.sha256:
        raise PaperGone(number=order.number)
    return document


def set_document(order: Order) -> bytes:
    """The order's PDF without a signature."""
    return set_pdf(TEMPLATE, settings.PAPER_FONTS, order_words(order), order.issued_at, ARCHIVE)


def _make(order: Order, seals: Sealer) -> OrderPaper:
    own = signing.seal()
    place = order.data["place"]["area"]["en"] if order.data["place"] else ""
    document = signing.sign(set_document(order), reason=order.number, place=place)
    digest = hashlib.sha256(document).hexdigest()
    path = _path(order, digest)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sealed, version = seals.seal_file(str(order.key), document)
    with atomic_write(path, private=True) as draft:
        draft.write_bytes(sealed)
    OrderPaper.objects.bulk_create(
        [
            OrderPaper(
                order=order,
                sha256=digest,
                size=len(document),
                key_version=version,
                signed_at=timezone.now(),
                signed_by=own.name,
                certificate=own.fingerprint,
            )
        ],
        ignore_conflicts=True,
    )
    kept = OrderPaper.objects.get(order=order)
    if kept.sha256 != digest:
        # somebody else was a moment faster; theirs is the document
        path.unlink(missing_ok=True)
    return kept


def _path(order: Order, digest: str) -> Path:
    """One file for each document made: two that are made at the same moment differ in their signature."""
    name = str(order.key)
    return Path(settings.HAQDAR_HOME) / "orders" / name[:2] / f"{name}.{digest[:16]}.sealed"
