"""The code of a card: claim 169 (identity data) in a CBOR Web Token, signed, packed and written for a QR code.

The layers, from the inside: a CBOR map of identity data under claim key 169 of a CWT (RFC 8392); COSE_Sign1 with ES256 (RFC
9052, 9053); zlib; Base45 (RFC 9285), which a QR code holds in its alphanumeric mode. Nothing here needs a database or network.

The map keeps to the published keys (1 number of the card, 2 version, 3 and 20 language, 4 and 19 name of the head, 9 sex,
10 place, 21 code of the place, 23 country) and uses two that the specification leaves to closed ecosystems:
75 the members and 76 the schemes held. It carries no member ID, Aadhaar, account or telephone number, no caste and no disability.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, cast

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from haqdar.base.refusal import Refusal

IDENTITY = 169
VERSION = "1"
MEMBERS, SCHEMES = 75, 76
RELATIONS = (
    "", "head", "spouse", "wife", "husband", "son", "daughter", "mother", "father", "son_in_law", "daughter_in_law",
    "grandson", "granddaughter", "grandchild", "brother", "sister", "other",
)  # fmt: skip
"""Relation to the head by its place in this list; a new word goes to the end, for cards that are out."""
_SEXES = {"M": 1, "F": 2, "T": 3}
_SEX_LETTERS = {code: letter for letter, code in _SEXES.items()}
_ES256 = -7
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {sign: value for value, sign in enumerate(_ALPHABET)}
MOST_BYTES = 16 * 1024
"""Bytes that a code may unpack to; more is an attack, not a card."""


class NotACard(Refusal):
    """The text is not the code of a household card."""

    code = "not_a_card"
    en = "This is not the code of a household card. Scan the whole square code of the card again."
    hi = "यह परिवार कार्ड का कोड नहीं है। कार्ड का पूरा चौकोर कोड फिर से स्कैन करें।"


class ForgedCard(Refusal):
    """The signature does not fit the content."""

    code = "forged_card"
    en = "The signature is wrong: the code was changed or forged. Do not accept the card; tell the panchayat or town office."
    hi = "हस्ताक्षर ग़लत है: कोड बदला गया या नक़ली है। कार्ड न मानें; पंचायत या नगर कार्यालय को बताएँ।"


class UnknownCardKey(Refusal):
    """The card names a key that is not trusted here."""

    code = "unknown_card_key"
    en = "The card is signed with a key that is not known here. Open this page once with network to fetch new keys, then check again."
    hi = "कार्ड पर ऐसी कुंजी से हस्ताक्षर है जो यहाँ दर्ज नहीं। नई कुंजियों के लिए यह पन्ना एक बार नेटवर्क के साथ खोलें, फिर जाँचें।"


@dataclass(frozen=True)
class CodeMember:
    """A member as the code names them: name, relation to the head, sex, year of birth (0: not known), last digits of the ID."""

    name: str
    relation: str
    sex: str
    year: int
    ending: str


@dataclass(frozen=True)
class CardCode:
    """What the code of a card says. `held` pairs the place of a member in `members` with the code of a scheme."""

    issuer: str
    number: str
    serial: bytes
    name_hi: str
    name_en: str
    sex: str
    place: str
    area_code: str
    issued_on: date
    expires_on: date
    members: tuple[CodeMember, ...]
    held: tuple[tuple[int, str], ...]


def token_of(card: CardCode, key: ec.EllipticCurvePrivateKey, kid: bytes) -> bytes:
    """The signed token: CWT tag 61 around COSE_Sign1 (tag 18), the key ID in the protected header."""
    identity: dict[int, Any] = {
        1: card.number,
        2: VERSION,
        3: "hin",
        4: card.name_hi,
        9: _SEXES.get(card.sex, 3),
        10: card.place,
        19: card.name_en,
        20: "eng",
        21: card.area_code,
        23: "IN",
        MEMBERS: [
            [one.name, _relation(one.relation), _SEXES.get(one.sex, 3), one.year, one.ending]
            for one in card.members
        ],
        SCHEMES: [list(pair) for pair in card.held],
    }
    claims = {
        1: card.issuer,
        4: _seconds(card.expires_on, time.max),
        5: _seconds(card.issued_on, time.min),
        6: _seconds(card.issued_on, time.min),
        7: card.serial,
        IDENTITY: identity,
    }
    protected = cbor2.dumps({1: _ES256, 4: kid})
    payload = cbor2.dumps(claims)
    signature = key.sign(_signed(protected, payload), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(signature)
    fixed = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return cbor2.dumps(cbor2.CBORTag(61, cbor2.CBORTag(18, [protected, {}, payload, fixed])))


def written(token: bytes) -> str:
    """The token packed by zlib and written in Base45."""
    return base45(zlib.compress(token, 9))


def read(text: str, keys: Mapping[bytes, ec.EllipticCurvePublicKey]) -> tuple[CardCode, bytes]:
    """What a code says and the ID of the key that signed it; `keys` are the trusted ones by ID.

    Whether the card is in date or withdrawn is the caller's question. Raises `NotACard`, `UnknownCardKey`, `ForgedCard`.
    """
    try:
        unpacking = zlib.decompressobj()
        token = unpacking.decompress(from_base45(text.strip()), MOST_BYTES)
        if not unpacking.eof:
            raise ValueError("packed too tightly or cut off")
        message = cbor2.loads(token)
        message = message.value if isinstance(message, cbor2.CBORTag) and message.tag == 61 else message
        if not isinstance(message, cbor2.CBORTag) or message.tag != 18:
            raise ValueError("no COSE_Sign1")
        protected, unprotected, payload, signature = message.value
        header = cbor2.loads(protected)
        kid = header.get(4, unprotected.get(4))
        if header.get(1) != _ES256 or not isinstance(kid, bytes) or len(signature) != 64:
            raise ValueError("another kind of signature")
    except (
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        ArithmeticError,
        RecursionError,
        zlib.error,
        cbor2.CBORError,
    ) as error:
        # numbers and times of CBOR may be too big for Python's own
        raise NotACard() from error
    if kid not in keys:
        raise UnknownCardKey()
    pair = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        keys[kid].verify(encode_dss_signature(*pair), _signed(protected, payload), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ForgedCard() from error
    return _card(cbor2.loads(payload)), kid


def base45(content: bytes) -> str:
    """Bytes in Base45 (RFC 9285).

    >>> base45(b"Hello!!"), base45(b"ietf!")
    ('%69 VD92EX0', 'QED8WEX0')
    """
    written = []
    for at in range(0, len(content) - 1, 2):
        rest, first = divmod(content[at] * 256 + content[at + 1], 45)
        third, second = divmod(rest, 45)
        written += [first, second, third]
    if len(content) % 2:
        written += [content[-1] % 45, content[-1] // 45]
    return "".join(_ALPHABET[value] for value in written)


def from_base45(text: str) -> bytes:
    """The bytes of a Base45 text; raises ValueError for anything else.

    >>> from_base45("QED8WEX0")
    b'ietf!'
    """
    try:
        values = [_VALUES[sign] for sign in text]
    except KeyError as error:
        raise ValueError("a sign that is not of Base45") from error
    found = bytearray()
    for at in range(0, len(values), 3):
        group = values[at : at + 3]
        number = sum(value * 45**place for place, value in enumerate(group))
        if len(group) == 1 or number > (0xFFFF if len(group) == 3 else 0xFF):
            raise ValueError("not Base45")
        found += number.to_bytes(2 if len(group) == 3 else 1, "big")
    return bytes(found)


def _card(claims: Mapping[int, Any]) -> CardCode:
    """Of a token whose signature is right: it says what an issuer that is trusted wrote."""
    try:
        identity = claims[IDENTITY]
        members = tuple(
            CodeMember(str(name), RELATIONS[relation], _SEX_LETTERS.get(sex, ""), int(year), str(ending))
            for name, relation, sex, year, ending in identity.get(MEMBERS, [])
        )
        pairs = cast(Sequence[Sequence[Any]], identity.get(SCHEMES, []))
        return CardCode(
            issuer=str(claims[1]),
            number=str(identity[1]),
            serial=bytes(claims[7]),
            name_hi=str(identity[4]),
            name_en=str(identity.get(19, "")),
            sex=_SEX_LETTERS.get(identity.get(9), ""),
            place=str(identity.get(10, "")),
            area_code=str(identity.get(21, "")),
            issued_on=datetime.fromtimestamp(claims[5], UTC).date(),
            expires_on=datetime.fromtimestamp(claims[4], UTC).date(),
            members=members,
            held=tuple((int(place), str(scheme)) for place, scheme in pairs),
        )
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError) as error:
        # a token of the same issuer for something else
        raise NotACard() from error


def _relation(word: str) -> int:
    if word == "self":
        word = "head"
    return RELATIONS.index(word) if word in RELATIONS else RELATIONS.index("other")


def _seconds(day: date, at: time) -> int:
    return int(datetime.combine(day, at, UTC).timestamp())


def _signed(protected: bytes, payload: bytes) -> bytes:
    """What is signed (RFC 9052, 4.4)."""
    return cbor2.dumps(["Signature1", protected, b"", payload])
