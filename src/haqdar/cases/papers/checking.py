"""Whether a PDF is still what was signed; whether the signer can be trusted is not decided here."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Signature:
    """The one signature of a document: `whole` when it is right and covers every byte of the file."""

    whole: bool
    name: str
    at: datetime | None


def signature_of(content: bytes) -> Signature | None:
    """The signature of a PDF; None for a file that is no PDF or is not signed exactly once."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.validation import SignatureCoverageLevel
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity

    try:
        signatures = PdfFileReader(io.BytesIO(content), strict=False).embedded_signatures
        if len(signatures) != 1:
            return None
        own = signatures[0]
        intact, valid = validate_sig_integrity(
            own.signer_info, own.signer_cert, expected_content_type="data", actual_digest=own.compute_digest()
        )
        whole = intact and valid and own.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
        return Signature(
            whole, str(own.signer_cert.subject.native.get("common_name", "")), own.self_reported_timestamp
        )
    except (PdfError, SigningError, ValueError, KeyError, TypeError, IndexError, AttributeError):
        # what a damaged file raises in its reader is not documented; it is no document of ours
        return None
