"""Sets a Typst template with its data as PDF/A-2a and PDF/UA-1: searchable, tagged, with all fonts inside.

The font is brought in at set-up (`haqdar.web.assets`); nothing is fetched while a document is set.
"""

import json
from datetime import datetime
from pathlib import Path

import typst

from haqdar.base.refusal import Refusal

HERE = Path(__file__).parent
FONTS = HERE / "fonts"


class NoFont(Refusal):
    """The Devanagari font was not brought in at set-up."""

    code = "no_font"
    en = "The font for documents is missing. Run the set-up once with network and Node: .venv/bin/python -m haqdar.web.assets."
    hi = (
        "दस्तावेज़ों का फ़ॉन्ट नहीं है। नेटवर्क और Node के साथ एक बार सेट-अप चलाएँ: .venv/bin/python -m haqdar.web.assets।"
    )


def set_pdf(template: str, data: object, at: datetime) -> bytes:
    """The PDF of `template` (a file of this folder) with `data`, which the template reads as JSON.

    `at` is the moment written into the file: the same data of the same moment give the same bytes. Raises `NoFont`.
    """
    if not any(FONTS.glob("*.ttf")):
        raise NoFont()
    document = typst.compile(
        HERE / template,
        root=HERE,
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=at.replace(microsecond=0),
    )
    return document
