"""Sets a Typst template with its data as PDF, with all fonts inside; nothing is fetched while a document is set."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import typst

from haqdar.base.refusal import Refusal

ARCHIVE = ("a-2b",)
"""PDF/A-2b: kept readable for ever; what is signed afterwards stays PDF/A."""
ACCESSIBLE = ("a-2a", "ua-1")
"""PDF/A-2a and PDF/UA-1: besides, tagged for screen readers as the standard asks."""

_LOCAL = threading.local()


class NoFont(Refusal):
    """The Devanagari font was not brought in at set-up."""

    code = "no_font"
    en = "The font for documents is missing. Run the set-up once with network and Node: .venv/bin/python -m haqdar.web.assets."
    hi = (
        "दस्तावेज़ों का फ़ॉन्ट नहीं है। नेटवर्क और Node के साथ एक बार सेट-अप चलाएँ: .venv/bin/python -m haqdar.web.assets।"
    )


def set_pdf(
    template: Path, fonts: Path, data: object, at: datetime, standards: Sequence[str] = ACCESSIBLE
) -> bytes:
    """The PDF of `template`, which reads `data` as JSON from `sys.inputs.data`; `fonts` is the folder of typefaces.

    `at` is the moment written into the file: the same data of the same moment give the same bytes. A template is read once a
    thread and set many times. Raises `NoFont`.
    """
    if not any(fonts.glob("*.ttf")):
        raise NoFont()
    made: dict[tuple[Path, Path], typst.Compiler] = _LOCAL.__dict__.setdefault("compilers", {})
    if (template, fonts) not in made:
        made[template, fonts] = typst.Compiler(
            template, root=template.parent, font_paths=[fonts], ignore_system_fonts=True
        )
    document = made[template, fonts].compile(
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)},
        pdf_standards=list(standards),  # type: ignore[arg-type]
        timestamp=at.replace(microsecond=0),
    )
    assert isinstance(document, bytes)
    return document
