"""Aadhaar and account numbers: unreadable at rest, found by hash, readable through every rotation."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from django.db import connection

from haqdar.access.actors import platform
from haqdar.registry.actions import load_folder
from haqdar.registry.sealing import (
    AADHAAR,
    ACCOUNT,
    SealBroken,
    WrongMasterKey,
    account_text,
    mask,
    rotate,
    sealer,
)
from haqdar.vault import store

from .folders import STATE, write

pytestmark = pytest.mark.django_db

NUMBER = STATE["residents"][0]["aadhaar"]
ACCOUNT_NO = STATE["residents"][0]["account_no"]
SEALED = "SELECT account_sealed, key_version, account_hash, aadhaar_ref FROM registry_resident_belief"


def row(query: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


@pytest.fixture
def loaded(tmp_path: Path) -> None:
    """A small State with one Aadhaar and one account number."""
    load_folder(write(tmp_path / "in", **STATE), out=tmp_path / "out")


def test_sealed_numbers_open_again_and_only_in_their_column() -> None:
    keys = sealer()
    sealed = keys.seal(AADHAAR, pa.array([NUMBER, None, NUMBER])).to_pylist()
    assert keys.unseal(AADHAAR, sealed, [1, 1, 1]) == [NUMBER, None, NUMBER]
    assert sealed[0] != sealed[2], "the same number twice must not look the same"
    with pytest.raises(SealBroken):
        keys.unseal(ACCOUNT, sealed, [1, 1, 1])


def test_the_hash_in_sql_is_the_hash_in_python() -> None:
    keys = sealer()
    expression, parameters = keys.hash_sql(AADHAAR, "v")
    for number in (NUMBER, "हक़दार", ""):
        found = duckdb.execute(
            f"SELECT {expression} FROM (SELECT ?::VARCHAR AS v)", [*parameters, number]
        ).fetchone()
        assert found == (keys.keyed_hash(AADHAAR, number),)
    assert keys.keyed_hash(AADHAAR, NUMBER) != keys.keyed_hash(ACCOUNT, NUMBER)


def test_a_dump_of_the_database_holds_no_number(loaded: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(registry|sources|access)_'"
        )
        dump = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            dump += [text for (text,) in cursor.fetchall()]
    everything = json.dumps(dump)
    assert "Sita Bai" in everything
    assert NUMBER not in everything
    assert ACCOUNT_NO not in everything


def test_a_stored_number_is_found_by_its_hash(loaded: None) -> None:
    keys = sealer()
    account, version, account_hash, reference = row(f"{SEALED} WHERE member_id = 100000001")
    assert keys.unseal(ACCOUNT, [bytes(account)], [version]) == [ACCOUNT_NO]
    assert reference == store.find(platform("test"), NUMBER, "search")
    assert account_hash == keys.keyed_hash(ACCOUNT, account_text("SBIN0001234", ACCOUNT_NO))


def test_rotation_rewraps_the_keys_and_leaves_history_as_it_is(loaded: None, settings: Any) -> None:
    before = row(f"{SEALED} WHERE member_id = 100000001")
    old = settings.HAQDAR_SECRET
    settings.HAQDAR_SECRET = b"an altogether new master key 0123456789"
    with pytest.raises(WrongMasterKey):
        sealer()
    settings.HAQDAR_PREVIOUS_SECRET = old
    assert rotate(platform("test")) == 2
    settings.HAQDAR_PREVIOUS_SECRET = None
    keys = sealer()
    after = row(f"{SEALED} WHERE member_id = 100000001")
    assert after == before
    assert keys.current == 2
    assert keys.unseal(ACCOUNT, [bytes(after[0])], [after[1]]) == [ACCOUNT_NO]
    assert keys.keyed_hash(ACCOUNT, account_text("SBIN0001234", ACCOUNT_NO)) == after[2]


def test_a_masked_number_shows_four_digits() -> None:
    assert mask("0016") == "XXXX 0016"
    assert mask(None) == ""
