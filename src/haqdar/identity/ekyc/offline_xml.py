"""Offline paperless eKYC: a ZIP locked with a share code, in it one XML with an enveloped signature."""

from __future__ import annotations

import binascii
import io
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pyzipper  # type: ignore[import-untyped]

from haqdar.identity.ekyc.document import OFFLINE_XML, Document, birth, reference, sex
from haqdar.identity.ekyc.refusals import NotAnOfflineFile, TooBig, WrongShareCode
from haqdar.identity.ekyc.signed_xml import parsed, verified
from haqdar.identity.ekyc.trust import Pin

MOST_BYTES = 1024 * 1024
"""Of the ZIP and of what is in it; a real one has some 30 KB."""
ADDRESS = (
    "careof", "house", "street", "landmark", "loc", "vtc", "po", "subdist", "dist", "state", "pc", "country",
)  # fmt: skip
"""The parts of an address, in the order in which it is read out."""


def read_offline(content: bytes, share_code: str, pins: Iterable[Pin]) -> Document:
    """The document in a file as it was downloaded (the ZIP, or the XML taken out of it).

    Raises `NotAnOfflineFile`, `WrongShareCode`, `TooBig`, ``Tampered``, ``NoTrustedSigner``, ``SignerNotValidThen``.
    """
    if len(content) > MOST_BYTES:
        raise TooBig(most=1)
    xml = content if content.lstrip()[:1] == b"<" else unlocked(content, share_code)
    root = parsed(xml)
    if root.tag != "OfflinePaperlessKyc":
        raise NotAnOfflineFile()
    signed, evidence, pin = verified(xml, pins, OFFLINE_XML, _made_at)
    if signed.tag != "OfflinePaperlessKyc":
        raise NotAnOfflineFile()
    told = reference(signed.get("referenceId", ""))
    assert told is not None
    return of_uid_data(signed.find("UidData"), OFFLINE_XML, told[0], told[1], evidence, pin)


def of_uid_data(data: Any, method: str, last4: str, made_at: datetime, evidence: str, pin: Pin) -> Document:
    """The document of a verified `UidData` element; raises `NotAnOfflineFile`."""
    poi = data.find("Poi") if data is not None else None
    poa = data.find("Poa") if data is not None else None
    if poi is None or not poi.get("name", "").strip():
        raise NotAnOfflineFile()
    born_on, year = birth(poi.get("dob", ""))
    try:
        photo = b64decode("".join((data.findtext("Pht") or "").split()), validate=True)
    except (binascii.Error, ValueError):
        photo = b""
    return Document(
        method=method,
        last4=last4,
        made_at=made_at,
        name=" ".join(poi.get("name").split())[:200],
        born_on=born_on,
        birth_year=year,
        sex=sex(poi.get("gender", "")),
        address={
            name: " ".join(poa.get(name).split())[:200]
            for name in ADDRESS
            if poa is not None and poa.get(name, "").strip()
        },
        evidence=evidence,
        signer=pin.fingerprint,
        mobile_hash=poi.get("m", ""),
        photo=photo,
    )


def unlocked(content: bytes, share_code: str) -> bytes:
    """The one XML in a ZIP locked by the old cipher or by AES; raises `NotAnOfflineFile`, `WrongShareCode`, `TooBig`."""
    try:
        with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
            files = [one for one in archive.infolist() if not one.filename.endswith("/")]
            if len(files) != 1 or not files[0].filename.lower().endswith(".xml"):
                raise NotAnOfflineFile()
            # other packings are unpacked whole before the first byte is given: 400 bytes may be 400 MB
            if files[0].compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise NotAnOfflineFile()
            if files[0].file_size > MOST_BYTES:
                raise TooBig(most=1)
            archive.setpassword(share_code.encode())
            with archive.open(files[0]) as locked:
                # what the directory says of the size is not to be believed either
                xml: bytes = locked.read(MOST_BYTES + 1)
    except NotImplementedError as error:
        raise NotAnOfflineFile() from error
    except RuntimeError as error:
        raise WrongShareCode() from error
    except (
        zipfile.BadZipFile,
        pyzipper.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        OSError,
        KeyError,
    ) as error:
        # the old cipher checks a code by one byte: a wrong one may get past it and then gives rubbish
        if (content[:4] == b"PK\x03\x04" and "CRC" in str(error)) or isinstance(error, zlib.error):
            raise WrongShareCode() from error
        raise NotAnOfflineFile() from error
    if len(xml) > MOST_BYTES:
        raise TooBig(most=1)
    return xml


def _made_at(signed: Any) -> datetime:
    told = reference(signed.get("referenceId", ""))
    if told is None:
        raise NotAnOfflineFile()
    return told[1]
