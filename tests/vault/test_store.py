"""The vault: a number stands once, comes out for its purpose only, and every access is written down."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import duckdb
import pytest
from django.conf import settings
from django.utils import timezone

from haqdar.access.actors import ANONYMOUS, STATE, Actor, NotYourFunction, platform
from haqdar.vault import rooms, store
from haqdar.vault.purposes import NotRevealed, UnknownPurpose

pytestmark = pytest.mark.usefixtures("database_server")

NUMBERS = [f"99990{serial:07d}" for serial in range(5)]
OFFICER = Actor(7, "an officer", frozenset({STATE}), None, "10.0.0.7", "bankfile.make")


def in_vault(query: str, *values: Any) -> list[tuple[Any, ...]]:
    with rooms.inside() as cursor:
        return cursor.execute(query, values).fetchall()


def test_a_number_has_one_reference_however_it_came_and_comes_out_for_its_purpose() -> None:
    actor = platform("test")
    first = store.refer(actor, NUMBERS[0], "ekyc")
    assert store.refer(actor, NUMBERS[0], "ekyc") == store.find(actor, NUMBERS[0], "own_service") == first
    with duckdb.connect() as duck:
        duck.execute("CREATE TABLE rows AS SELECT unnest(?) AS n", [[*NUMBERS, NUMBERS[0], None]])
        made = store.deposit(duck, "rows", "n", actor=actor, purpose="register_load")
        refs: dict[str, UUID] = dict(duck.execute(f"SELECT number, ref FROM {made}").fetchall())
        again = store.deposit(
            duck, "rows", "n", actor=actor, purpose="register_load", into="again", add=False
        )
        assert dict(duck.execute(f"SELECT number, ref FROM {again}").fetchall()) == refs
    assert refs[NUMBERS[0]] == first and len(set(refs.values())) == len(refs) == len(NUMBERS)
    assert store.reveal(OFFICER, refs.values(), "apbs_file") == {ref: number for number, ref in refs.items()}
    assert store.find(actor, "999999999999", "search") is None


def test_who_asked_for_what_stands_in_the_log_and_nothing_of_it_can_be_changed() -> None:
    ref = store.refer(platform("test"), NUMBERS[1], "ekyc")
    store.reveal(OFFICER, [ref, unknown := uuid4()], "apbs_file")
    ((user, actor, function, ip, act, asked, given, refs),) = in_vault(
        "SELECT user_id, actor, function, ip::text, act, asked, given, refs FROM vault.access ORDER BY id DESC LIMIT 1"
    )
    assert (user, actor, function, ip) == (7, "an officer", "bankfile.make", "10.0.0.7/32")
    assert (act, asked, given, set(refs)) == ("reveal", 2, 1, {ref, unknown})
    for change in (
        "UPDATE vault.access SET actor = 'nobody'",
        "DELETE FROM vault.access",
        "TRUNCATE vault.access",
    ):
        with pytest.raises(Exception, match="only added to"):
            in_vault(change)


def test_nothing_comes_out_without_its_purpose() -> None:
    ref = store.refer(platform("test"), NUMBERS[2], "ekyc")
    with pytest.raises(UnknownPurpose):
        store.reveal(OFFICER, [ref], "curiosity")
    with pytest.raises(NotRevealed):
        store.reveal(OFFICER, [ref], "search")
    with pytest.raises(NotYourFunction):
        store.reveal(ANONYMOUS, [ref], "apbs_file")


def test_what_is_kept_in_transit_opens_until_its_time() -> None:
    actor = platform("test")
    key = store.keep(actor, "ekyc", b"<xml/>", timezone.now() + timedelta(hours=1))
    assert store.open(actor, key, "ekyc") == b"<xml/>"
    store.drop(actor, key)
    late = store.keep(actor, "ekyc", b"<xml/>", timezone.now() - timedelta(seconds=1))
    for gone in (key, late):
        with pytest.raises(store.NotInVault):
            store.open(actor, gone, "ekyc")


def test_a_seal_moved_to_another_row_does_not_open() -> None:
    actor = platform("test")
    one, two = (store.refer(actor, number, "ekyc") for number in NUMBERS[3:5])
    (before,) = in_vault("SELECT sealed FROM vault.number WHERE ref = %s", two)
    swap = "UPDATE vault.number n SET sealed = %s WHERE ref = %s RETURNING 1"
    (other,) = in_vault("SELECT sealed FROM vault.number WHERE ref = %s", one)
    in_vault(swap, *other, two)
    try:
        with pytest.raises(store.VaultSealBroken):
            store.reveal(OFFICER, [two], "apbs_file")
    finally:
        in_vault(swap, *before, two)


def test_the_applications_role_may_not_enter_the_vault() -> None:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    as_application = make_conninfo(settings.HAQDAR_VAULT_DSN, user="haqdar")
    assert conninfo_to_dict(as_application)["dbname"] == "haqdar_vault"
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(as_application)
