"""`haqdar order`: signed orders and letters."""

from __future__ import annotations

import hashlib
from pathlib import Path

import click

from haqdar.base.refusal import Refusal
from haqdar.config.cli_support import language, needs_database

_SAID = {
    "unchanged": (
        "The signature is right: nothing was changed after {name} signed on {at}.",
        "हस्ताक्षर सही हैं: {at} को {name} के हस्ताक्षर के बाद कुछ नहीं बदला।",
    ),
    "known": (
        "It is order {number}, exactly as it was issued here; its state: {state}.",
        "यह आदेश {number} है, हूबहू जैसा यहाँ जारी हुआ; स्थिति: {state}।",
    ),
    "unknown": (
        "No order was issued here with exactly this file.",
        "हूबहू इस फ़ाइल वाला कोई आदेश यहाँ जारी नहीं हुआ।",
    ),
    "made": ("{count} documents made and signed.", "{count} दस्तावेज़ बने और हस्ताक्षरित हुए।"),
}


class NotSigned(Refusal):
    """The file is no PDF or carries no signature."""

    code = "not_signed"
    en = "{file} carries no signature that could be checked."
    hi = "{file} में जाँचने योग्य कोई हस्ताक्षर नहीं है।"


class SignatureBroken(Refusal):
    """What was signed is not what the file says now."""

    code = "signature_broken"
    en = "{file} was changed after it was signed, or its signature is not genuine. Do not rely on it."
    hi = "{file} हस्ताक्षर के बाद बदली गई है, या हस्ताक्षर असली नहीं हैं। इस पर भरोसा न करें।"


@click.group()
def command() -> None:
    """Signed orders and letters."""


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@needs_database
def verify(file: Path) -> None:
    """Check the signature of FILE and whether it is an order issued here.

    Says whether anything was changed since it was signed; whom to trust is the reader's decision. Ends with status 1 for a
    file that is not signed or was changed.

    \b
    Example:
      ./haqdar order verify D26-06555177-43.pdf
    """
    from haqdar.cases.order_reads import order_by_document, state_of
    from haqdar.cases.papers.checking import signature_of

    content = file.read_bytes()
    found = signature_of(content)
    if found is None:
        raise NotSigned(file=file)
    if not found.whole:
        raise SignatureBroken(file=file)
    _say("unchanged", name=found.name, at=found.at or "–")
    order = order_by_document(hashlib.sha256(content).hexdigest())
    if order is None:
        _say("unknown")
    else:
        _say("known", number=order.number, state=state_of(order))


@command.command()
@needs_database
def make() -> None:
    """Make and sign every order and letter that waits for its document; the worker does it by itself."""
    from haqdar.cases.papers.making import make_missing

    _say("made", count=make_missing())


def _say(what: str, **values: object) -> None:
    click.echo(_SAID[what][language() == "hi"].format(**values))
