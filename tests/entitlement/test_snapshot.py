"""What a snapshot's manifest proves, when an earlier snapshot may serve as a base, and what is cleared away."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings as configured

from haqdar.entitlement import snapshot as taking
from haqdar.entitlement import stored
from haqdar.entitlement.origin import Origin
from haqdar.entitlement.snapshot import EmptyRegister, Snapshot, SpoiltSnapshot, take_snapshot
from haqdar.entitlement.stored import prune
from haqdar.registry.actions import load_folder

FIRST_DAY = date(2016, 10, 1)
DELIVERED = date(2016, 9, 20)
FILES = {
    "areas": """area_code,kind,parent_code,name_en
S,state,,State
D1,district,S,One
B1,block,D1,Block
G1,gp,B1,Panchayat
D2,district,S,Two
B2,block,D2,Block
G2,gp,B2,Panchayat
""",
    "offices": "office_code,kind,area_code,ddo_code,name_en\nJ,janpad,B1,DDO1,Janpad\n",
    "families": """family_id,area_code,social_category,recorded_on
10000001,G1,SC,2015-01-01
10000002,G2,OBC,2015-01-01
""",
    "residents": """member_id,family_id,name_en,sex,born_on,spouse_id,marital_status,marital_since,destitute,income_tax_payer,recorded_on
100000001,10000001,Ram Lal,M,1950-01-01,100000002,married,1975-01-01,false,false,2015-01-01
100000002,10000001,Sita Bai,F,1955-01-01,100000001,married,1975-01-01,false,false,2015-01-01
100000003,10000002,Gita Bai,F,1970-01-01,,widowed,2010-01-01,false,false,2015-01-01
100000004,10000002,Mohan,M,1990-01-01,,never_married,,false,false,2015-01-01
""",
}
DEATH = """event_id,member_id,kind,happened_on,reported_on,spouse_id
E1,100000001,death,2016-09-12,2016-09-21,
"""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path / "home"
    return tmp_path


def deliver(home: Path, files: dict[str, str], delivered_on: date) -> None:
    folder = home / f"delivery-{len(list(home.glob('delivery-*')))}"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    result = load_folder(folder, delivered_on, folder / "out")
    assert sum(file.counts.rejected for file in result.files) == 0


@pytest.fixture
def base(home: Path) -> Snapshot:
    deliver(home, FILES, DELIVERED)
    return take_snapshot(DELIVERED, FIRST_DAY)


def execute(statement: str) -> None:
    with psycopg.connect(configured.HAQDAR_DSN, autocommit=True) as connection:
        connection.execute(statement.encode())


def test_the_manifest_names_what_the_snapshot_was_built_from(base: Snapshot) -> None:
    manifest = json.loads((base.path / "manifest.json").read_text())
    (number,) = manifest["origin"]["deliveries"]
    delivery = manifest["origin"]["deliveries"][number]
    assert delivery["delivered_on"] == "2016-09-20"
    assert set(delivery["files"]) == {f"{name}.csv" for name in FILES}
    assert manifest["origin"]["beliefs"]["raw_resident"] == {number: 4}
    assert manifest["origin"]["beliefs"]["raw_family"] == {number: 2}
    assert {name: part["residents"] for name, part in manifest["parts"].items()} == {"D1": 2, "D2": 2}
    assert manifest["vocabulary"]
    assert manifest["engine"]


def test_verify_finds_every_kind_of_damage(base: Snapshot) -> None:
    assert base.verify() == len(base.manifest["files"])
    person = base.file("person", "D1")
    content = person.read_bytes()
    person.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(SpoiltSnapshot, match="person/district=D1"):
        base.verify()
    person.unlink()
    with pytest.raises(SpoiltSnapshot):
        base.verify()
    person.write_bytes(content)
    stray = person.with_name("other.parquet")
    stray.write_bytes(content)
    with pytest.raises(SpoiltSnapshot, match=r"other\.parquet"):
        base.verify()
    stray.unlink()
    forged = replace(base, manifest={**base.manifest, "parts": {}})
    with pytest.raises(SpoiltSnapshot, match=r"manifest\.json"):
        forged.verify()


def test_a_death_touches_the_couple_and_nobody_else(home: Path, base: Snapshot) -> None:
    deliver(home, {"events": DEATH}, date(2016, 9, 22))
    # nobody knew on the day of the first snapshot
    same = take_snapshot(date(2016, 9, 20), FIRST_DAY, most=9)
    assert same.hash == base.hash
    after = take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9)
    assert after.manifest["built_on"] == {"snapshot": base.hash, "people": 2, "districts": ["D1"]}
    assert after.known_at == date(2016, 9, 21)  # an event is known from the day it was reported
    assert after.file("person", "D2").samefile(base.file("person", "D2"))
    assert after.hash == take_snapshot(date(2016, 9, 25), FIRST_DAY, anew=True).hash


def test_too_many_changes_are_built_anew(home: Path, base: Snapshot) -> None:
    deliver(home, {"events": DEATH}, date(2016, 9, 22))
    assert "built_on" not in take_snapshot(date(2016, 9, 25), FIRST_DAY).manifest


def test_new_areas_are_built_anew(home: Path, base: Snapshot) -> None:
    deliver(home, {"areas": FILES["areas"] + "G3,gp,B2,New panchayat\n"}, date(2016, 9, 22))
    assert "built_on" not in take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9).manifest


def test_only_a_fitting_snapshot_is_a_base(
    home: Path, base: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(home, {"events": DEATH}, date(2016, 9, 22))
    later = date(2016, 9, 25)
    assert "built_on" not in take_snapshot(DELIVERED - timedelta(days=300), FIRST_DAY, most=9).manifest
    assert "built_on" not in take_snapshot(later, date(2016, 9, 1), most=9).manifest
    with monkeypatch.context() as patch:
        patch.setattr(taking, "_engine_hash", lambda: "another engine")
        assert "built_on" not in take_snapshot(later, FIRST_DAY, most=9).manifest


def test_another_state_of_the_database_is_no_base(home: Path, base: Snapshot) -> None:
    deliver(home, {"events": DEATH}, date(2016, 9, 22))
    origin = Origin.of(base.manifest["origin"])
    assert origin is not None
    assert origin.continues(origin)
    number, delivery = next(iter(origin.deliveries.items()))
    for other in (
        replace(origin, database={**origin.database, "timeline": "00000002"}),
        replace(origin, tables={**origin.tables, "registry_event_belief": 1}),
        replace(origin, next=origin.next + 1_000_000),
        replace(origin, finished=origin.finished + 1),
        replace(origin, finished=origin.finished - 2**31),
        replace(origin, deliveries={number: {**delivery, "received_at": "2016-01-01 00:00:00"}}),
        replace(origin, deliveries={**origin.deliveries, "999": delivery}),
    ):
        assert not origin.continues(other)
    # a table that was written anew (restored, say) says so by its file
    execute("VACUUM FULL registry_event_belief")
    assert "built_on" not in take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9).manifest


def test_beliefs_that_do_not_add_up_are_no_base(home: Path, base: Snapshot) -> None:
    """An earlier snapshot that had seen fewer beliefs than are old, or more than there are, proves nothing."""
    for change in (-1, 1):
        manifest = json.loads((base.path / "manifest.json").read_text())
        counts = manifest["origin"]["beliefs"]["raw_resident"]
        manifest["origin"]["beliefs"]["raw_resident"] = {
            number: count + change for number, count in counts.items()
        }
        (base.path / "manifest.json").write_text(json.dumps(manifest))
        assert "built_on" not in take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9).manifest


def test_a_load_under_way_is_seen_by_the_next_snapshot(home: Path, base: Snapshot) -> None:
    """A row whose transaction began before a snapshot and ended after it is not lost."""
    with psycopg.connect(configured.HAQDAR_DSN) as loading:
        with loading.transaction():
            loading.execute(
                b"INSERT INTO registry_event_belief (event_id, belief_no, member_id, kind, happened_on, reported_on,"
                b" known_from, line, fingerprint, delivery_id) SELECT 'E9', 1, 100000001, 'death', '2016-09-12', '2016-09-13',"
                b" '2016-09-15', 1, gen_random_uuid(), max(id) FROM sources_delivery"
            )
            # others begin and end meanwhile
            execute("CREATE TEMPORARY TABLE other AS SELECT 1")
            during = take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9)
            assert during.hash == base.hash
    after = take_snapshot(date(2016, 9, 25), FIRST_DAY, most=9)
    assert after.manifest["built_on"]["people"] == 2
    assert after.hash == take_snapshot(date(2016, 9, 25), FIRST_DAY, anew=True).hash


def test_no_resident_known_is_refused(home: Path, base: Snapshot) -> None:
    with pytest.raises(EmptyRegister):
        take_snapshot(date(2010, 1, 1), FIRST_DAY)


def test_killed_snapshots_are_cleared_away_and_running_ones_are_not(home: Path, base: Snapshot) -> None:
    snapshots = base.path.parent
    killed, running = snapshots / ".writing-killed", snapshots / ".writing-running"
    for folder in (killed, running):
        folder.mkdir()
        (folder / "part").write_text("half")
    handle = os.open(running, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        take_snapshot(DELIVERED, FIRST_DAY)
    finally:
        os.close(handle)
    assert not killed.exists()
    assert running.exists()


def test_snapshots_that_no_run_needs_are_removed(home: Path, base: Snapshot) -> None:
    deliver(home, {"events": DEATH}, date(2016, 9, 22))
    middle = take_snapshot(date(2016, 9, 22), FIRST_DAY, most=9)
    deliver(
        home, {"residents": FILES["residents"].replace("Mohan,M,1990", "Mohan,M,1991")}, date(2016, 9, 23)
    )
    last = take_snapshot(date(2016, 9, 23), FIRST_DAY, most=9)
    assert len({base.hash, middle.hash, last.hash}) == 3
    long_ago = 1_000_000_000
    for number, each in enumerate((base, middle, last)):
        os.utime(each.path / "manifest.json", (long_ago + number, long_ago + number))
    assert prune([base.hash[:16]]) == [middle.hash]
    assert [each.hash for each in stored.snapshots()] == [last.hash, base.hash]
    last.verify()
    os.utime(base.path / "manifest.json")
    os.utime(last.path / "manifest.json")
    assert prune([]) == []  # too young: somebody may be reading it
