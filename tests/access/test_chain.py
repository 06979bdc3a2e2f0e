"""The chain over the audit trail: whoever changes, adds or takes away anything by hand is found out, and by name."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from haqdar.access import chain, chain_check
from haqdar.access.actions import create_account, record
from haqdar.access.actors import Actor, acting, platform
from haqdar.access.chain import ChainCut, RestoredElsewhere, keep_outside, outside, seal
from haqdar.access.chain_check import Checked, Finding, verify
from haqdar.access.models import AuditEvent, AuditRange, Posting, User

pytestmark = pytest.mark.django_db(transaction=True)

TRAIL = "access_audit_event"
ME = platform("test")
OFFICER = Actor(user_id=7, name="gp", ip="10.1.2.3", function="person.view")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    """The copy of the chain outside the database, in a folder of the test."""
    settings.HAQDAR_HOME = tmp_path


def events(count: int, first: int = 0) -> list[int]:
    """Record looks at people, each in a transaction of its own; returns the ids."""
    found = []
    for number in range(first, first + count):
        with transaction.atomic():
            event = record(OFFICER, "person.view", "resident", f"key-{number}", new={"page": number})
        found.append(int(event.pk))
    return found


def findings(**more: str) -> list[Finding]:
    return list(verify(ME, Checked(), **more))


def tamper(statement: str, *values: object, table: str = TRAIL) -> None:
    """What somebody with the database's own rights can do: switch the triggers off and write."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_an_untouched_trail_is_in_order() -> None:
    ids = events(5)
    assert seal(ME).rows == 5
    events(3, 5)
    checked = Checked()
    assert list(verify(ME, checked)) == []
    assert (checked.rows, checked.ranges, checked.open_rows) == (8, 1, 3)
    (link,) = AuditRange.objects.all()
    assert list(chain_check._ids(link.ids)) == ids
    assert seal(ME).rows == 3
    assert seal(ME).ranges == 0
    assert findings() == []


EDITS: dict[str, str] = {
    "actor": "UPDATE access_audit_event SET actor = 'somebody' WHERE id = %s",
    "address": "UPDATE access_audit_event SET ip = '10.9.9.9' WHERE id = %s",
    "instant": "UPDATE access_audit_event SET at = at + interval '1 microsecond' WHERE id = %s",
    "values": "UPDATE access_audit_event SET new = '{\"page\": 99}' WHERE id = %s",
    "object": "UPDATE access_audit_event SET object_key = 'another' WHERE id = %s",
    "seal": "UPDATE access_audit_event SET seal = decode(repeat('00', 32), 'hex') WHERE id = %s",
}


@pytest.mark.parametrize("what", EDITS)
@pytest.mark.parametrize("closed", [True, False], ids=["sealed", "open"])
def test_an_edited_event_is_named(what: str, closed: bool) -> None:
    ids = events(4)
    if closed:
        seal(ME)
    tamper(EDITS[what], ids[1])
    assert findings() == [Finding("edited", str(ids[1]), TRAIL)]


def test_deleted_events_are_named_wherever_they_stood() -> None:
    ids = events(6)
    seal(ME)
    tamper("DELETE FROM access_audit_event WHERE id = ANY(%s)", [ids[0], ids[3], ids[5]])
    assert findings() == [Finding("missing", str(one), TRAIL) for one in (ids[0], ids[3], ids[5])]


def test_a_deleted_end_is_named() -> None:
    ids = events(6)
    seal(ME)
    tamper("DELETE FROM access_audit_event WHERE id >= %s", ids[4])
    assert findings() == [Finding("missing", str(one), TRAIL) for one in ids[4:]]


COPY = (
    "INSERT INTO access_audit_event (at, actor, ip, function, verb, object_kind, object_key, old, new, seal, written_in)"
    " SELECT at, %s, ip, function, verb, object_kind, object_key, old, new, seal, written_in + %s"
    " FROM access_audit_event WHERE id = %s"
)


def test_an_inserted_event_is_named() -> None:
    ids = events(3)
    seal(ME)
    tamper(COPY, "somebody", 0, ids[1])
    new = str(AuditEvent.objects.latest("id").pk)
    assert findings() == [Finding("edited", new, TRAIL), Finding("inserted", new, TRAIL)]


def test_a_true_copy_among_the_open_rows_is_named() -> None:
    ids = events(3)
    tamper(COPY, "gp", 0, ids[1])
    assert findings() == [Finding("copied", str(AuditEvent.objects.latest("id").pk), TRAIL)]


def test_a_row_put_into_the_future_to_stay_open_is_named() -> None:
    ids = events(3)
    tamper("UPDATE access_audit_event SET written_in = written_in + 1000000 WHERE id = %s", ids[1])
    assert findings() == [Finding("ahead", str(ids[1]), TRAIL)]


def test_an_event_moved_out_of_its_range_is_named() -> None:
    ids = events(3)
    seal(ME)
    tamper("UPDATE access_audit_event SET written_in = written_in + 1000000 WHERE id = %s", ids[1])
    assert Finding("missing", str(ids[1]), TRAIL) in findings()


def test_with_the_key_too_an_edit_is_found_by_the_range() -> None:
    from haqdar.access.seals import present_key, seal_of

    ids = events(3)
    seal(ME)
    event = AuditEvent.objects.get(pk=ids[1])
    forged = seal_of(
        present_key(), event.at, "somebody", event.ip, event.function, event.verb, event.object_kind,
        event.object_key, event.old, event.new,
    )  # fmt: skip
    tamper("UPDATE access_audit_event SET actor = 'somebody', seal = %s WHERE id = %s", forged, ids[1])
    assert findings() == [Finding("range_differs", "1", TRAIL)]


LINKS: dict[str, tuple[str, str]] = {
    "count": ("UPDATE access_audit_range SET rows = rows - 1 WHERE number = 2", "range_edited"),
    "ids": ("UPDATE access_audit_range SET ids = '{}' WHERE number = 2", "range_edited"),
    "digest": ("UPDATE access_audit_range SET digest = sha256('x') WHERE number = 2", "range_edited"),
    "key": ("UPDATE access_audit_range SET mac = sha256('x') WHERE number = 2", "range_forged"),
    "time": (
        "UPDATE access_audit_range SET sealed_at = sealed_at - interval '1 day' WHERE number = 2",
        "range_edited",
    ),
}


@pytest.mark.parametrize("what", LINKS)
def test_an_edited_range_is_named(what: str) -> None:
    for first in (0, 3, 6):
        events(3, first)
        seal(ME)
    statement, kind = LINKS[what]
    tamper(statement, table="access_audit_range")
    assert Finding(kind, "2") in findings()


def test_a_range_sealed_anew_without_the_key_is_named() -> None:
    for first in (0, 3):
        events(3, first)
        seal(ME)
    link = AuditRange.objects.get(number=2)
    link.rows = 2
    tamper(
        "UPDATE access_audit_range SET rows = 2, chain = %s WHERE number = 2",
        chain.chain_hash(link),
        table="access_audit_range",
    )
    assert findings() == [Finding("range_forged", "2"), Finding("range_other", "2")]


def test_a_missing_range_is_named() -> None:
    for first in (0, 3, 6):
        events(3, first)
        seal(ME)
    tamper("DELETE FROM access_audit_range WHERE number = 2", table="access_audit_range")
    assert findings() == [Finding("range_missing", "2")]


def test_a_cut_end_is_named_and_nothing_more_is_sealed() -> None:
    for first in (0, 3, 6):
        events(3, first)
        seal(ME)
    tamper("DELETE FROM access_audit_event WHERE id > 0 AND object_key >= 'key-6'")
    tamper("DELETE FROM access_audit_range WHERE number = 3", table="access_audit_range")
    assert findings() == [Finding("cut", "3")]
    events(1, 9)
    with pytest.raises(ChainCut):
        seal(ME)


def test_a_chain_emptied_whole_is_named() -> None:
    events(3)
    seal(ME)
    for table in (TRAIL, "access_audit_range"):
        tamper(f"DELETE FROM {table}", table=table)
    assert findings() == [Finding("cut", "1")]


def test_without_the_copy_outside_nobody_is_reassured() -> None:
    events(3)
    last = seal(ME).chain
    assert findings(hash_elsewhere=last) == []
    grouped = ":".join(last[at : at + 4] for at in range(0, 64, 4)).upper()
    assert findings(hash_elsewhere=grouped) == [], "as the log writes it"
    assert findings(hash_elsewhere="00" * 32) == [Finding("hash_unknown", "00" * 32)]
    outside().unlink()
    assert findings() == [Finding("no_copy", "")]


def test_a_seal_whose_copy_was_not_written_is_copied_by_the_next() -> None:
    events(3)
    seal(ME)
    outside().unlink()
    outside().touch()
    events(3, 3)
    seal(ME)
    assert findings() == []
    assert len(outside().read_text().splitlines()) == 2


def other_connection() -> "psycopg.Connection[tuple[Any, ...]]":
    from django.conf import settings

    return psycopg.connect(settings.HAQDAR_DSN)


INSERT = (
    "INSERT INTO access_audit_event (at, actor, function, verb, object_kind, object_key, seal)"
    " VALUES (now(), 'slow', 'x', 'x', '', '', '\\x00')"
)


def test_a_transaction_that_ends_late_is_waited_for_without_holding_anybody_up() -> None:
    before = events(2)
    with other_connection() as slow:
        slow.execute(INSERT)
        later = events(3, 2)
        done = seal(ME)
        assert done.rows == 2, "what began after the slow transaction may still get neighbours below"
        assert list(chain_check._ids(AuditRange.objects.get().ids)) == before
        slow.commit()
    assert seal(ME).rows == 4
    ids = list(chain_check._ids(AuditRange.objects.get(number=2).ids))
    assert set(later) < set(ids) and len(ids) == 4
    # only its seal is wrong, as it was written without the key; the range has it
    assert [finding.kind for finding in findings()] == ["edited"]


def test_a_transaction_that_is_undone_leaves_a_gap_that_nobody_misses() -> None:
    events(2)
    with other_connection() as undone:
        undone.execute(INSERT)
        undone.rollback()
    events(2, 2)
    assert seal(ME).rows == 4
    assert findings() == []


def test_many_rows_are_sealed_in_several_ranges(monkeypatch: Any) -> None:
    monkeypatch.setattr(chain, "MOST_ROWS", 4)
    with transaction.atomic():
        for number in range(10):
            record(OFFICER, "person.view", "resident", f"key-{number}")
    done = seal(ME)
    assert (done.rows, done.ranges) == (10, 3)
    assert findings() == []


def accounts() -> User:
    return create_account(platform("chief"), "meena", "a long enough one", "Meena", "मीना")


def test_history_is_sealed_and_an_edit_or_deletion_in_it_is_named() -> None:
    user = accounts()
    with acting(platform("chief"), "posting.start"):
        Posting.objects.create(user=user, role="ddo", area_code="23", from_on=date(2016, 1, 1))
        User.objects.filter(pk=user.pk).update(name_en="Meena V.")
    done = seal(ME)
    assert done.by_source["access_userevent"] == 2
    assert done.by_source["access_postingevent"] == 1
    assert findings() == []
    tamper("UPDATE access_userevent SET name_en = 'X' WHERE pgh_label = 'update'", table="access_userevent")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgh_id FROM access_userevent WHERE pgh_label = 'update'")
        (edited,) = cursor.fetchone() or (0,)
    assert findings() == [Finding("edited", str(edited), "access_userevent")]
    tamper("DELETE FROM access_postingevent", table="access_postingevent")
    assert Finding("missing", "1", "access_postingevent") in [
        Finding(one.kind, "1" if one.table == "access_postingevent" else one.what, one.table)
        for one in findings()
    ]


def test_whoever_changes_the_name_behind_a_history_row_is_found() -> None:
    accounts()
    seal(ME)
    with connection.cursor() as cursor:
        cursor.execute("""UPDATE pghistory_context SET metadata = metadata || '{"user": "somebody"}'""")
    assert [(one.kind, one.table) for one in findings()] == [("edited", "access_userevent")]


def test_a_dump_restored_into_another_server_goes_on_after_it_was_said(monkeypatch: Any) -> None:
    events(3)
    seal(ME)
    events(2, 3)
    # the other server counts its transactions from a lower number
    _horizon, cluster = chain._horizon()
    tamper("UPDATE access_audit_event SET written_in = written_in + 5000000")
    tamper("UPDATE access_audit_range SET until_xid = until_xid + 5000000", table="access_audit_range")
    link = AuditRange.objects.get()
    chain_hash = chain.chain_hash(link)
    from haqdar.access.seals import mac_of, present_key

    # the range as the former server would have written it
    link.cluster = cluster + 1
    digest = chain._digest(chain.sources()[0], (0, 0), (link.until_xid, 0), 0)
    assert digest is not None
    link.digest = digest[4]
    link.chain = chain_hash = chain.chain_hash(link)
    tamper(
        "UPDATE access_audit_range SET cluster = %s, digest = %s, chain = %s, mac = %s",
        link.cluster, link.digest, chain_hash, mac_of(present_key(), chain_hash), table="access_audit_range",
    )  # fmt: skip
    outside().unlink()
    keep_outside([link])
    assert findings() == []
    with pytest.raises(RestoredElsewhere):
        seal(ME)
    assert seal(ME, restored=True).rows == 2
    assert findings() == []
    new = events(3, 5)
    assert seal(ME).rows == 3
    assert findings() == []
    tamper("DELETE FROM access_audit_event WHERE id = %s", new[1])
    assert findings() == [Finding("missing", str(new[1]), TRAIL)]


def test_seals_are_still_good_after_the_master_key_was_changed(settings: Any) -> None:
    from haqdar.registry.sealing import rotate

    ids = events(3)
    seal(ME)
    for number in (1, 2):
        settings.HAQDAR_PREVIOUS_SECRET = bytes(settings.HAQDAR_SECRET)
        settings.HAQDAR_SECRET = f"another master key, number {number}".encode()
        rotate(ME)
        ids += events(2, 10 * number)
        assert findings() == []
    settings.HAQDAR_PREVIOUS_SECRET = None
    assert findings() == []
    tamper(EDITS["actor"], ids[0])
    assert findings() == [Finding("edited", str(ids[0]), TRAIL)]


def test_only_the_platform_seals_and_checks() -> None:
    from haqdar.access.actors import NotYourFunction

    auditor = Actor(user_id=1, name="auditor", roles=frozenset({"auditor"}), area_paths=None)
    with pytest.raises(NotYourFunction):
        seal(auditor)
    with pytest.raises(NotYourFunction):
        list(verify(auditor, Checked()))


def test_the_command_ends_with_status_1_and_names_what_is_wrong(monkeypatch: Any) -> None:
    from haqdar.config import cli_support

    monkeypatch.setattr(cli_support, "database_ready", lambda: _nothing())
    monkeypatch.setenv("HAQDAR_LANGUAGE", "en")
    run: Callable[..., Any] = CliRunner().invoke
    from haqdar.config.commands import audit

    ids = events(3)
    assert "3 rows sealed" in run(audit.command, ["seal"]).output
    good = run(audit.command, ["verify"])
    assert good.exit_code == 0 and "findings: 0" in good.output
    tamper(EDITS["actor"], ids[2])
    bad = run(audit.command, ["verify"])
    assert bad.exit_code == 1
    assert f"access_audit_event: row {ids[2]} was edited." in bad.output
    monkeypatch.setenv("HAQDAR_LANGUAGE", "hi")
    assert f"पंक्ति {ids[2]} बदली गई है" in run(audit.command, ["verify"]).output


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


@given(st.sets(st.integers(1, 60)))
def test_ids_are_read_from_a_multirange(ids: set[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(range_agg(int8range(i, i, '[]'))::text, '{}') FROM unnest(%s::bigint[]) i",
            [sorted(ids)],
        )
        (text,) = cursor.fetchone() or ("{}",)
    assert set(chain_check._ids(text)) == ids
