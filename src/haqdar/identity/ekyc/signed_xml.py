"""An enveloped XML signature, verified against pinned certificates only."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, VerifyResult, XMLVerifier

from haqdar.identity.ekyc.refusals import NotAnOfflineFile
from haqdar.identity.ekyc.trust import Pin, signer_of

_STRONG = (frozenset({SignatureMethod.RSA_SHA256}), frozenset({DigestAlgorithm.SHA256}))
_WEAK = (
    frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA1}),
    frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA1}),
)


def parser() -> Any:
    """Reads XML that a stranger sends: no entities, no network, no huge trees."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def parsed(content: bytes) -> Any:
    """The root element; raises `NotAnOfflineFile` also for a document type, which such files never have."""
    try:
        root = etree.fromstring(content, parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotAnOfflineFile() from error
    if root.getroottree().docinfo.doctype:
        raise NotAnOfflineFile()
    return root


def verified(
    content: bytes, pins: Iterable[Pin], method: str, made_at: Callable[[Any], datetime]
) -> tuple[Any, str, Pin]:
    """What was signed (the element, to be read in place of the file), its SHA-256, and the pin that signed it.

    One reference to the whole document (URI ""), the signature directly below the root; the certificate inside is not looked at.
    Raises `Tampered`, ``NoTrustedSigner``, ``SignerNotValidThen``.
    """
    signed: dict[str, VerifyResult] = {}

    def fits(pin: Pin) -> bool:
        own = pin.certificate
        methods, digests = _WEAK if pin.sha1 else _STRONG
        expected = SignatureConfiguration(
            require_x509=True,
            location="./",
            expect_references=1,
            signature_methods=methods,
            digest_algorithms=digests,
            # a certificate inside says nothing: only the pinned one counts
            ignore_ambiguous_key_info=True,
            # whether it held when the document was made is asked afterwards, with an answer of its own
            verification_time=own.not_valid_after_utc,
        )
        try:
            result = XMLVerifier().verify(content, x509_cert=own, parser=parser(), expect_config=expected)
        except (
            SignXMLException,
            etree.LxmlError,
            UnsupportedAlgorithm,
            ValueError,
            TypeError,
            AttributeError,
            KeyError,
        ):
            # the library stumbles over a signature with empty or missing parts in its own ways
            return False
        if not isinstance(result, VerifyResult) or result.signed_xml is None:
            return False
        reference = result.signature_xml.find(".//{*}Reference")
        if reference is None or reference.get("URI") != "":
            return False
        signed[pin.fingerprint] = result
        return True

    pin = signer_of(pins, method, fits, lambda: made_at(next(iter(signed.values())).signed_xml))
    result = signed[pin.fingerprint]
    return result.signed_xml, hashlib.sha256(result.signed_data).hexdigest(), pin
