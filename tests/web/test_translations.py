"""Every sentence has its Hindi, and the compiled catalogue is the written one."""

import gettext
import io
import re
from pathlib import Path

from django.utils.translation import templatize

from haqdar import web
from haqdar.web import assets

WEB = Path(web.__file__).parent
PO = WEB / "locale" / "hi" / "LC_MESSAGES" / "django.po"
_CALL = re.compile(r"""(?<![\w.])(?:_|gettext|gettext_lazy)\(\s*u?("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")


def _used() -> set[str]:
    found: set[str] = set()
    sources = [path.read_text(encoding="utf-8") for path in WEB.rglob("*.py")]
    sources += [
        templatize(path.read_text(encoding="utf-8"), origin=str(path)) for path in WEB.rglob("*.html")
    ]
    for source in sources:
        found |= {eval(text) for text in _CALL.findall(source)}
    return found


def test_no_message_is_missing() -> None:
    assert _used() - set(assets.read_po(PO)) == set()


def test_no_message_is_left_over() -> None:
    assert set(assets.read_po(PO)) - {""} - _used() == set()


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
