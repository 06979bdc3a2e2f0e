"""Keyed hashes (HMAC-SHA-256, RFC 2104) of which the first 128 bits are kept, one by one and as a column of DuckDB."""

import hmac
from uuid import UUID

_BLOCK = 64


def keyed_hash(key: bytes, text: str) -> UUID:
    """The hash of one text.

    >>> keyed_hash(b"k", "a") == keyed_hash(b"k", "a"), keyed_hash(b"k", "a") == keyed_hash(b"l", "a")
    (True, False)
    """
    return UUID(bytes=hmac.digest(key, text.encode(), "sha256")[:16])


def keyed_hash_sql(key: bytes, text: str) -> tuple[str, list[bytes]]:
    """SQL (DuckDB) of the hash of the text expression as a UUID, and its two parameters.

    HMAC written out, so that a column is hashed by the engine; the key, at most 64 bytes, only travels as parameters.
    """
    padded = key.ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in padded)
    outer = bytes(byte ^ 0x5C for byte in padded)
    digest = f"sha256(?::BLOB || unhex(sha256(?::BLOB || encode({text}))))"
    return f"CAST(left({digest}, 32) AS UUID)", [outer, inner]
