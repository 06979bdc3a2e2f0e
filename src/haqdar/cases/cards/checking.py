"""Whether a card is right, for a browser without script: the same questions as the page asks by itself without network."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date

import zxingcpp
from PIL import Image

from haqdar.base.refusal import Refusal
from haqdar.cases.cards.claim import CardCode, NotACard, read
from haqdar.cases.cards.keys import trusted_keys
from haqdar.cases.cards.withdrawals import is_withdrawn
from haqdar.registry import documents

RIGHT, EXPIRED, EARLY, WITHDRAWN = "right", "expired", "early", "withdrawn"


class NoCodeInPicture(Refusal):
    """The picture shows no QR code that can be read."""

    code = "no_code_in_picture"
    en = "No code can be read in this picture. Hold the camera straight above the code, in light, and take the whole code."
    hi = "इस फ़ोटो में कोई कोड नहीं पढ़ा जा सका। रोशनी में कैमरा कोड के ठीक ऊपर रखें और पूरा कोड लें।"


@dataclass(frozen=True)
class Checked:
    """A card with a right signature: its content, how it stands (`right`, `expired`, `early`, `withdrawn`), who signed."""

    card: CardCode
    state: str
    signed_by: str


def check(text: str, today: date) -> Checked:
    """Check the text of a code; raises ``NotACard``, ``UnknownCardKey``, ``ForgedCard``."""
    keys = {one.kid: one for one in trusted_keys()}
    card, kid = read(text, {one.kid: one.public for one in keys.values()})
    key = keys[kid]
    if not key.from_on <= card.issued_on <= key.to_on:
        # a key that leaked after its time signs nothing for the time before it
        raise NotACard()
    if is_withdrawn(card.serial):
        state = WITHDRAWN
    elif card.expires_on < today:
        state = EXPIRED
    else:
        state = EARLY if card.issued_on > today else RIGHT
    return Checked(card, state, key.name)


def code_in(picture: bytes) -> str:
    """The text of the QR code in a photograph; raises `NoCodeInPicture`, ``TooBig``, ``NotADocument``."""
    upright, content_type, _pages = documents.rewrite(picture)
    if content_type != "image/jpeg":
        raise NoCodeInPicture()
    found = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(upright)), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    if not found:
        raise NoCodeInPicture()
    return str(found[0].text)
