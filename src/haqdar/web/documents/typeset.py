"""Sets this folder's Typst templates as PDF/A-2a and PDF/UA-1: searchable, tagged, with all fonts inside.

The font is brought in at set-up (`haqdar.web.assets`); nothing is fetched while a document is set.
"""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from haqdar.base import typesetting
from haqdar.base.typesetting import NoFont

__all__ = ["NoFont", "set_pdf"]

HERE = Path(__file__).parent


def set_pdf(template: str, data: object, at: datetime) -> bytes:
    """The PDF of `template` (a file of this folder) with `data`, which the template reads as JSON.

    `at` is the moment written into the file: the same data of the same moment give the same bytes. Raises `NoFont`.
    """
    return typesetting.set_pdf(HERE / template, settings.PAPER_FONTS, data, at)
