"""The catalogue says the same in both languages, and the compiled one is the written one."""

import gettext
import io
import re
from pathlib import Path

from haqdar import web
from haqdar.web import assets

PO = Path(web.__file__).parent / "locale" / "hi" / "LC_MESSAGES" / "django.po"


def test_placeholders_agree() -> None:
    for message, translation in assets.read_po(PO).items():
        if message:
            assert sorted(re.findall(r"%\(\w+\)\w", message)) == sorted(
                re.findall(r"%\(\w+\)\w", translation)
            )


def test_our_compiler_agrees_with_gettext() -> None:
    messages = assets.read_po(PO)
    catalogue = gettext.GNUTranslations(io.BytesIO(assets._machine_object(messages)))
    assert all(catalogue.gettext(message) == text for message, text in messages.items() if message)
