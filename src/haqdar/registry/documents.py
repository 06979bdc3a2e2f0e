"""Papers and photographs that people hand in: nothing of what was sent is kept as it was sent.

A picture is decoded and written anew as JPEG without any of its metadata; a PDF is drawn page by page and put together
again from the drawings. What cannot be read as what it says it is, is refused. The result is sealed (AES-256-GCM under a
data key of `sealing`) in HAQDAR_HOME/documents, outside of everything that is served, and given out by `content` only.
"""

from __future__ import annotations

import hashlib
import io
import threading
import warnings
from pathlib import Path
from uuid import UUID, uuid4

import pypdfium2 as pdfium
from django.conf import settings
from django.utils import timezone
from PIL import Image, ImageOps, UnidentifiedImageError

from haqdar.base.files import atomic_write
from haqdar.base.refusal import Refusal
from haqdar.registry.models import Document
from haqdar.registry.sealing import sealer

MOST_BYTES = 5 * 1024 * 1024
MOST_PAGES = 10
_MOST_PIXELS = 50_000_000
_SIDE = 1600
_DOTS_PER_POINT = 110 / 72
_PICTURES = ("JPEG", "PNG", "WEBP")
# PDFium keeps state of its own and must not be entered twice
_PDFIUM = threading.Lock()


class TooBig(Refusal):
    """The file has too many bytes, pages or pixels."""

    code = "document_too_big"
    en = "The file is too big. A photograph or PDF may have up to 5 MB, 10 pages and 50 million pixels; take the picture again with less detail."
    hi = "फ़ाइल बहुत बड़ी है। फ़ोटो या PDF 5 MB, 10 पन्ने और 5 करोड़ पिक्सेल तक हो सकती है; कम बारीकी से फिर फ़ोटो लें।"


class NotADocument(Refusal):
    """The content is no picture and no PDF, whatever its name says."""

    code = "not_a_document"
    en = "The file cannot be read. Hand in a photograph (JPEG, PNG, WebP) or a PDF."
    hi = "फ़ाइल पढ़ी नहीं जा सकी। फ़ोटो (JPEG, PNG, WebP) या PDF दें।"


class DocumentGone(Refusal):
    """The document was removed or its file is missing."""

    code = "document_gone"
    en = "This document is not kept any more."
    hi = "यह दस्तावेज़ अब रखा नहीं है।"


def keep(kept_by: str, content: bytes, kind: str, about_kind: str, about_key: str) -> Document:
    """Rewrite, seal and note a paper or photograph; raises `TooBig` or `NotADocument`.

    `kind` is a word such as photograph, identity, certificate, visit. Call it in the transaction of the act it belongs
    to; a file left behind by a transaction that failed is sealed and known to nobody.
    """
    rewritten, content_type, pages = rewrite(content)
    key = uuid4()
    sealed, version = sealer().seal_file(str(key), rewritten)
    path = _path(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with atomic_write(path, private=True) as draft:
        draft.write_bytes(sealed)
    return Document.objects.create(
        key=key,
        kind=kind,
        about_kind=about_kind,
        about_key=about_key,
        content_type=content_type,
        pages=pages,
        size=len(rewritten),
        sha256=hashlib.sha256(rewritten).hexdigest(),
        key_version=version,
        kept_at=timezone.now(),
        kept_by=kept_by,
    )


def documents_of(about_kind: str, about_key: str) -> list[Document]:
    """What was handed in for one thing, oldest first; the caller has checked who may see that thing."""
    return list(
        Document.objects.filter(about_kind=about_kind, about_key=about_key, removed_at=None).order_by(
            "kept_at"
        )
    )


def hand_over(documents: list[Document], about_kind: str, about_key: str) -> None:
    """Let documents of a draft belong to what the draft has become."""
    Document.objects.filter(pk__in=[document.pk for document in documents]).update(
        about_kind=about_kind, about_key=about_key
    )


def content(document: Document) -> bytes:
    """The rewritten file in clear; the caller has checked who may see it. Raises `DocumentGone`, ``SealBroken``."""
    if document.removed_at is not None:
        raise DocumentGone()
    try:
        sealed = _path(document.key).read_bytes()
    except OSError as error:
        raise DocumentGone() from error
    return sealer().open_file(str(document.key), sealed, document.key_version)


def remove(document: Document) -> None:
    """Destroy the file and keep the note that there was one."""
    Document.objects.filter(pk=document.pk).update(removed_at=timezone.now())
    _path(document.key).unlink(missing_ok=True)


def rewrite(content: bytes) -> tuple[bytes, str, int]:
    """The content written anew, its type and number of pages; raises `TooBig` or `NotADocument`."""
    if len(content) > MOST_BYTES:
        raise TooBig()
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return _rewritten_pdf(content)
    return _jpeg(_picture(content)), "image/jpeg", 1


def _picture(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_PICTURES)
            if picture.width * picture.height > _MOST_PIXELS:
                raise TooBig()
            # a photograph's own preview is decoded at about the wanted size: a cheap phone's 12 megapixels cost little
            picture.draft("RGB", (2 * _SIDE, 2 * _SIDE))
            upright = ImageOps.exif_transpose(picture)
            if upright.mode in ("RGBA", "LA", "P"):
                clear = upright.convert("RGBA")
                upright = Image.new("RGB", clear.size, "white")
                upright.paste(clear, mask=clear.getchannel("A"))
    except TooBig:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooBig() from error
    except (
        UnidentifiedImageError,
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        IndexError,
        KeyError,
        TypeError,
        OverflowError,
        MemoryError,
        AttributeError,
        RuntimeError,
        ZeroDivisionError,
    ) as error:
        # what a damaged picture raises in its decoder is not documented; none of it is ours
        raise NotADocument() from error
    upright = upright.convert("RGB")
    upright.thumbnail((_SIDE, _SIDE))
    return upright


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    # a fresh image carries no metadata of the old one
    bare = Image.new("RGB", picture.size)
    bare.paste(picture)
    bare.save(out, "JPEG", quality=80, optimize=True)
    return out.getvalue()


def _rewritten_pdf(content: bytes) -> tuple[bytes, str, int]:
    pages: list[Image.Image] = []
    with _PDFIUM:
        try:
            file = pdfium.PdfDocument(content)
            try:
                count = len(file)
                if count > MOST_PAGES:
                    raise TooBig()
                for number in range(count):
                    page = file[number]
                    width, height = page.get_size()
                    if width <= 0 or height <= 0:
                        raise NotADocument()
                    scale = min(_DOTS_PER_POINT, _SIDE / max(width, height))
                    pages.append(page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB"))
            finally:
                file.close()
        except (pdfium.PdfiumError, ValueError, OSError, MemoryError) as error:
            raise NotADocument() from error
    if not pages:
        raise NotADocument()
    out = io.BytesIO()
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=110.0, quality=80)
    return out.getvalue(), "application/pdf", len(pages)


def _path(key: UUID) -> Path:
    name = str(key)
    return Path(settings.HAQDAR_HOME) / "documents" / name[:2] / f"{name}.sealed"
