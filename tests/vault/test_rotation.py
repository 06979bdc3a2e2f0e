"""Change of keys: everything opens before, while and after; a stopped one goes on; the token never gives its key away."""

import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo
from tests.home import HOME

from haqdar.access.actors import platform
from haqdar.config import database
from haqdar.vault import masters, rooms, rotation, store
from haqdar.vault.masters import WrongVaultKey

pytestmark = pytest.mark.django_db
SOFTHSM = next(
    (
        path
        for path in ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
        if os.path.exists(path)
    ),
    "",
)
ACTOR = platform("test")
NUMBERS = [f"99991{serial:07d}" for serial in range(25)]


@pytest.fixture
def own_vault(settings: Any, tmp_path: Path) -> None:
    """A vault of this test's own, with a key of its own."""
    import psycopg

    with psycopg.connect(database.Cluster(HOME).administrator("postgres"), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS vault_of_a_test")
        connection.execute("CREATE DATABASE vault_of_a_test OWNER haqdar_vault")
    settings.HAQDAR_VAULT_DSN = make_conninfo(settings.HAQDAR_VAULT_DSN, dbname="vault_of_a_test")
    settings.HAQDAR_VAULT_KEY = str(key_file(tmp_path / "first.key", "first"))
    rooms._ready.discard(settings.HAQDAR_VAULT_DSN)


def key_file(path: Path, seed: str) -> Path:
    path.write_text(f"{seed} 0123456789 abcdefghijklmnopqrstuvwxyz")
    return path


def opens(refs: dict[str, Any]) -> bool:
    return store.reveal(ACTOR, refs.values(), "apbs_file") == {ref: number for number, ref in refs.items()}


def versions() -> set[int]:
    with rooms.inside() as cursor:
        return {version for (version,) in cursor.execute("SELECT DISTINCT key_version FROM vault.number")}


def test_a_stopped_rotation_goes_on_and_everything_opens_all_the_time(own_vault: None) -> None:
    refs = store.refer_many(ACTOR, NUMBERS, "ekyc")

    def stop_after_the_first(_: int) -> None:
        assert opens(refs)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(ACTOR, stop_after_the_first, batch=10)
    assert versions() == {1, 2}
    refs |= {"999900000016": store.refer(ACTOR, "999900000016", "ekyc")}  # sealed under the new key at once
    assert opens(refs) and rotation.standing(ACTOR).older == 15
    done = rotation.rotate(ACTOR, batch=10)
    assert (done.version, done.resealed, done.removed, versions()) == (2, 15, 1, {2})
    assert opens(refs)
    assert store.find(ACTOR, NUMBERS[3], "search") == refs[NUMBERS[3]]
    assert rotation.rotate(ACTOR).version == 3


def test_the_master_key_is_changed_from_file_to_file(own_vault: None, settings: Any, tmp_path: Path) -> None:
    refs = store.refer_many(ACTOR, NUMBERS[:2], "ekyc")
    former = settings.HAQDAR_VAULT_KEY
    settings.HAQDAR_VAULT_KEY = str(key_file(tmp_path / "second.key", "second"))
    with pytest.raises(WrongVaultKey):
        _afresh(lambda: opens(refs))
    settings.HAQDAR_VAULT_KEY_PREVIOUS = former
    assert rotation.rotate(ACTOR).rewrapped == 2
    settings.HAQDAR_VAULT_KEY_PREVIOUS = ""
    assert _afresh(lambda: opens(refs))


def _afresh(done: Any) -> Any:
    """What a process that has opened no key yet makes of it."""
    from haqdar.vault import keys

    keys._unwrapped.clear()
    return done()


@pytest.mark.skipif(not SOFTHSM, reason="SoftHSM2 is not installed (Debian: softhsm2)")
def test_the_master_key_moves_into_a_token_and_cannot_leave_it(
    own_vault: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pkcs11

    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm.conf").write_text(
        f"directories.tokendir = {tmp_path}/tokens\nobjectstore.backend = file\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm.conf"))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "vault", "--pin", "1234", "--so-pin", "5678"],
        check=True,
        capture_output=True,
    )
    refs = store.refer_many(ACTOR, NUMBERS[:2], "ekyc")
    settings.HAQDAR_VAULT_KEY_PREVIOUS, settings.HAQDAR_VAULT_KEY = settings.HAQDAR_VAULT_KEY, ""
    # a copy is a library of its own: it reads this test's configuration, whatever another test has initialised
    module = shutil.copy(SOFTHSM, tmp_path / "libsofthsm2.so")
    settings.HAQDAR_VAULT_PKCS11_MODULE, settings.HAQDAR_VAULT_PKCS11_TOKEN = str(module), "vault"
    settings.HAQDAR_VAULT_PKCS11_LABEL, settings.HAQDAR_VAULT_PKCS11_PIN = "master", "1234"
    masters.make_token_key(str(module), "vault", "master", "1234")
    with pytest.raises(masters.BadVaultKey, match="already"):
        masters.make_token_key(str(module), "vault", "master", "1234")
    assert rotation.rotate(ACTOR).rewrapped == 2
    settings.HAQDAR_VAULT_KEY_PREVIOUS = ""
    assert _afresh(lambda: opens(refs))
    assert rotation.standing(ACTOR).master == "token:vault/master"
    master: Any = masters.present_master()
    with pytest.raises(pkcs11.PKCS11Error):
        print(master._key[pkcs11.Attribute.VALUE])
    # to another key in the token, and out of it again
    masters.make_token_key(str(module), "vault", "second", "1234")
    settings.HAQDAR_VAULT_PKCS11_LABEL, settings.HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS = "second", "master"
    assert _afresh(lambda: rotation.rotate(ACTOR)).rewrapped == 2
    assert rotation.standing(ACTOR).master == "token:vault/second"
    settings.HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS = "second"
    settings.HAQDAR_VAULT_KEY = str(key_file(tmp_path / "third.key", "third"))
    assert _afresh(lambda: rotation.rotate(ACTOR)).rewrapped == 2
    settings.HAQDAR_VAULT_PKCS11_LABEL_PREVIOUS = settings.HAQDAR_VAULT_PKCS11_MODULE = ""
    assert _afresh(lambda: opens(refs))
    wrapped = master.wrap(bytes(range(32)), "seal 7")
    assert master.unwrap(wrapped, "seal 7") == bytes(range(32)) and bytes(range(32)) not in wrapped
    for changed, label in ((wrapped[:-1] + bytes([wrapped[-1] ^ 1]), "seal 7"), (wrapped, "seal 8")):
        with pytest.raises(WrongVaultKey):
            master.unwrap(changed, label)


def test_a_rotation_waits_for_a_load_without_holding_up_the_others(
    own_vault: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load seals in one long transaction; behind a rotation that waits for it, an eKYC must still find its way."""
    refs = store.refer_many(ACTOR, NUMBERS[:2], "ekyc")
    stepped_back = threading.Event()
    pause = rooms.time.sleep
    monkeypatch.setattr(rooms, "_PATIENCE", 0.05)
    monkeypatch.setattr(rooms.time, "sleep", lambda _: (stepped_back.set(), pause(0.05)))
    done: list[rotation.Rotated] = []
    with rooms.inside() as cursor:
        rooms.sealing(cursor)
        thread = threading.Thread(target=lambda: done.append(_rotated()))
        thread.start()
        assert stepped_back.wait(20)
        refs |= {"999900000016": store.refer(ACTOR, "999900000016", "ekyc")}
        assert thread.is_alive() and not done
    thread.join(20)
    assert done[0].resealed == 3 and opens(refs)


def _rotated() -> rotation.Rotated:
    from django.db import connection

    try:
        return rotation.rotate(ACTOR)
    finally:
        connection.close()


def test_an_older_vault_gets_what_was_added_to_its_schema(own_vault: None) -> None:
    store.refer_many(ACTOR, NUMBERS[:2], "ekyc")
    with rooms.inside() as cursor:
        cursor.execute("DROP INDEX vault.access_by_refs")
        cursor.execute("COMMENT ON SCHEMA vault IS 'an older text'")
        cursor.connection.commit()
    rooms._ready.discard(rooms.settings.HAQDAR_VAULT_DSN)
    with rooms.inside() as cursor:
        assert cursor.execute("SELECT to_regclass('vault.access_by_refs')::text").fetchone() != (None,)
