"""Loading a delivery: beliefs in two times, references, keys, ghosts, repetition, refusals."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.db import DatabaseError, connection, transaction

from haqdar.base.refusal import Refusal
from haqdar.registry.actions import load_folder
from haqdar.registry.loading import LoadResult

from .folders import STATE, Table, rejections, write

pytestmark = pytest.mark.django_db

SEPTEMBER = date(2016, 9, 25)
OCTOBER = date(2016, 10, 25)
Load = Callable[..., LoadResult]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads tables as one delivery; the rejections lie in tmp_path/out."""
    number = 0

    def run(delivered_on: date = SEPTEMBER, **tables: Table) -> LoadResult:
        nonlocal number
        number += 1
        folder = write(tmp_path / f"delivery-{number}", **tables)
        return load_folder(folder, delivered_on, tmp_path / "out")

    return run


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def beliefs() -> dict[str, int]:
    tables = rows("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '_belief$'")
    return {table: rows(f"SELECT count(*) FROM {table}")[0][0] for (table,) in tables}


def test_a_first_load_keeps_every_good_row_with_its_two_times(load: Load, tmp_path: Path) -> None:
    result = load(**STATE)
    assert {file.name: file.counts.accepted for file in result.files} == {
        "areas.csv": 5,
        "offices.csv": 1,
        "families.csv": 2,
        "residents.csv": 3,
        "bpl.csv": 1,
        "pwd.csv": 1,
        "events.csv": 1,
        "pensioners.csv": 1,
    }
    assert rejections(tmp_path / "out") == [("pensioners.csv", 3, "member_id", "unknown_member")]
    assert rows("SELECT family_id, known_from, line FROM registry_family_belief ORDER BY 1") == [
        (10000001, date(2014, 1, 1), 2),
        (10000002, SEPTEMBER, 3),
    ]
    assert rows("SELECT known_from FROM registry_event_belief") == [(date(2016, 6, 20),)]
    assert rows("SELECT area_code, path, district_code, depth FROM access_area WHERE area_code = 'G1'") == [
        ("G1", "/S/D1/B1/G1/", "D1", 3)
    ]
    # Never rounded up to the limit of a scheme.
    assert str(rows("SELECT percent FROM registry_disability_belief")[0][0]) == "79.999999"


def test_the_same_delivery_again_changes_nothing(load: Load, tmp_path: Path) -> None:
    load(**STATE)
    before, first = beliefs(), (tmp_path / "out" / "rejections.csv").read_bytes()
    result = load(**STATE)
    assert beliefs() == before
    assert (tmp_path / "out" / "rejections.csv").read_bytes() == first
    assert sum(file.counts.accepted + file.counts.corrected for file in result.files) == 0
    assert rows("SELECT count(*) FROM sources_delivery") == [(1,)]
    assert rows("SELECT count(*) FROM sources_rejection") == [(1,)]


def test_a_correction_is_a_new_belief_known_from_its_delivery(load: Load) -> None:
    load(**STATE)
    moved = dict(STATE["families"][0], area_code="G2")
    result = load(OCTOBER, families=[moved])
    assert result.files[0].counts.corrected == 1
    history = "SELECT belief_no, area_code, known_from FROM registry_family_belief WHERE family_id = 10000001 ORDER BY 1"
    assert rows(history) == [(1, "G1", date(2014, 1, 1)), (2, "G2", OCTOBER)]
    load(date(2016, 10, 1), families=[STATE["families"][0]])
    assert rows(history)[2] == (3, "G1", OCTOBER), "a belief never holds before the one it follows"


def test_a_value_written_differently_is_no_correction(load: Load) -> None:
    load(**STATE)
    same = dict(STATE["pensioners"][0], amount="300.00")
    assert load(OCTOBER, pensioners=[same]).files[0].counts.repeated == 1


def test_the_first_good_row_of_a_key_stays(load: Load, tmp_path: Path) -> None:
    load(**{name: STATE[name] for name in ("areas", "families")})
    one = {"member_id": "100000001", "family_id": "10000001", "name_en": "Sita", "sex": "F"}
    result = load(
        residents=[dict(one, sex="Q"), one, one, dict(one, name_en="Gita"), dict(one, family_id="99999999")]
    )
    assert rejections(tmp_path / "out") == [
        ("residents.csv", 2, "sex", "not_in_list"),
        ("residents.csv", 5, "member_id", "duplicate_id"),
        ("residents.csv", 6, "family_id", "unknown_family"),
        ("residents.csv", 6, "member_id", "duplicate_id"),
    ]
    counts = result.files[0].counts
    assert (counts.rows, counts.accepted, counts.repeated, counts.rejected) == (5, 1, 1, 3)


def test_areas_may_come_in_any_order_but_not_in_a_circle(load: Load, tmp_path: Path) -> None:
    areas = [
        {"area_code": "G", "kind": "gp", "parent_code": "B", "name_en": "gp"},
        {"area_code": "B", "kind": "block", "parent_code": "S", "name_en": "block"},
        {"area_code": "X", "kind": "block", "parent_code": "Y", "name_en": "one"},
        {"area_code": "Y", "kind": "block", "parent_code": "X", "name_en": "other"},
        {"area_code": "Z", "kind": "gp", "parent_code": "X", "name_en": "below the circle"},
        {"area_code": "O", "kind": "gp", "parent_code": "O", "name_en": "itself"},
        {"area_code": "S", "kind": "state", "name_en": "State"},
    ]
    load(areas=areas)
    circle = [("areas.csv", line, "parent_code", "unknown_area") for line in (4, 5, 6, 7)]
    assert rejections(tmp_path / "out") == circle
    # A circle through an area of the database would take it out of the tree.
    load(OCTOBER, areas=[{"area_code": "B", "kind": "block", "parent_code": "G", "name_en": "block"}])
    assert rejections(tmp_path / "out") == [("areas.csv", 2, "parent_code", "unknown_area")]
    assert rows("SELECT path FROM access_area WHERE area_code = 'G'") == [("/S/B/G/",)]


def test_families_live_in_a_panchayat_or_ward(load: Load, tmp_path: Path) -> None:
    load(areas=STATE["areas"], families=[{"family_id": "10000001", "area_code": "D1"}])
    assert rejections(tmp_path / "out") == [("families.csv", 2, "area_code", "unknown_area")]
    assert "is a district" in (tmp_path / "out" / "rejections.csv").read_text()


def test_a_second_pension_of_a_group_is_a_conflict(load: Load, tmp_path: Path) -> None:
    load(**{name: STATE[name] for name in ("areas", "families", "residents")})
    member = {"member_id": "100000001"}
    load(
        pensioners=[
            dict(member, scheme="IGNWPS", since="2013-01-01", amount="300"),
            dict(member, scheme="IGNOAPS", since="2013-01-01", amount="275"),
            dict(member, scheme="IGNWPS", since="2014-01-01", amount="300"),
            dict(member, scheme="KANYA", since="2013-01-01"),
            dict(member, scheme="IGNWPS", since="2013-01-01", amount="500"),
            dict(member, scheme="IGNOAPS", since="soon"),
        ]
    )
    assert rejections(tmp_path / "out") == [
        ("pensioners.csv", 3, "scheme", "conflict"),
        ("pensioners.csv", 4, "scheme", "conflict"),
        ("pensioners.csv", 6, "member_id", "duplicate_id"),
        ("pensioners.csv", 7, "scheme", "conflict"),
        ("pensioners.csv", 7, "since", "bad_format"),
    ]
    load(
        OCTOBER,
        pensioners=[
            dict(member, scheme="IGNOAPS", since="2013-01-01"),
            dict(member, scheme="IGNWPS", since="2013-01-01", amount="150"),
        ],
    )
    assert rejections(tmp_path / "out") == [("pensioners.csv", 2, "scheme", "conflict")]
    load(OCTOBER, pensioners=[dict(member, scheme="IGNOAPS", since="2013-01-01", amount="-1")])
    assert rejections(tmp_path / "out") == [
        ("pensioners.csv", 2, "amount", "out_of_range"),
        ("pensioners.csv", 2, "scheme", "conflict"),
    ]
    assert rows("SELECT scheme, amount_paise FROM registry_pension_belief WHERE belief_no = 2") == [
        ("IGNWPS", 15000)
    ]


def test_pensioners_without_a_resident_are_kept_as_ghosts(load: Load) -> None:
    ghost = {"member_id": "555555555", "scheme": "IGNOAPS", "since": "2013-01-01", "amount": "275"}
    unreadable = [
        dict(ghost, member_id="555555556", since="soon"),
        dict(ghost, member_id="555555557", amount="lots"),
        dict(ghost, member_id="555555558", scheme="NONE"),
        dict(ghost, member_id="55555555"),
    ]
    for _ in range(2):
        load(**{name: STATE[name] for name in ("areas", "families")}, pensioners=[ghost, ghost, *unreadable])
        assert rows(
            "SELECT member_id, since, amount_paise, is_ghost FROM registry_pension_belief ORDER BY 1"
        ) == [
            (555555555, date(2013, 1, 1), 27500, True),
            (555555556, None, 27500, True),
        ]
    person = {"member_id": "555555555", "family_id": "10000001", "name_en": "Found", "sex": "M"}
    load(OCTOBER, residents=[person], pensioners=[ghost])
    assert rows(
        "SELECT belief_no, is_ghost FROM registry_pension_belief WHERE member_id = 555555555 ORDER BY 1"
    ) == [
        (1, True),
        (2, False),
    ]


def test_a_refused_file_holds_back_those_that_need_it(load: Load, tmp_path: Path) -> None:
    folder = write(tmp_path / "broken", **STATE)
    (folder / "families.csv").write_text("family_id;area_code\n10000001;G1\n")
    result = load_folder(folder, SEPTEMBER, tmp_path / "out")
    refused = {file.name: file.refusal.code for file in result.files if file.refusal}
    assert refused == {"families.csv": "wrong_delimiter"} | {
        f"{name}.csv": "waits_for_refused" for name in ("residents", "bpl", "pwd", "events", "pensioners")
    }
    assert result.refused
    assert beliefs()["registry_resident_belief"] == 0
    assert beliefs()["registry_pension_belief"] == 0, "no pensioner becomes a ghost because of a refused file"
    assert rejections(tmp_path / "out") == []
    load(**STATE)
    assert beliefs()["registry_resident_belief"] == 3


def test_parquet_with_sensible_types_loads_like_csv(load: Load, tmp_path: Path) -> None:
    load(**{name: STATE[name] for name in ("areas", "families")})
    folder = tmp_path / "parquet"
    folder.mkdir()
    duckdb.execute(
        "COPY (SELECT 3::INTEGER AS member_id, 10000001::BIGINT AS family_id, 'Gita' AS name_en, 'F' AS sex,"
        " DATE '1950-01-01' AS born_on, true AS destitute, TIMESTAMP '2014-01-01 00:00:00' AS recorded_on,"
        f" NULL::VARCHAR AS mobile, 1 AS extra) TO '{folder}/residents.parquet' (FORMAT parquet)"
    )
    result = load_folder(folder, SEPTEMBER, tmp_path / "out")
    assert [warning.en for warning in result.files[0].counts.warnings] == [
        "Unknown columns are ignored: extra."
    ]
    assert rows("SELECT member_id, born_on, destitute, known_from FROM registry_resident_belief") == [
        (3, date(1950, 1, 1), True, date(2014, 1, 1))
    ]
    csv_row = {
        "member_id": "000000003",
        "family_id": "10000001",
        "name_en": "Gita",
        "sex": "F",
        "born_on": "1950-01-01",
        "destitute": "true",
        "recorded_on": "2014-01-01",
    }
    assert load(OCTOBER, residents=[csv_row]).files[0].counts.repeated == 1


def test_a_damaged_parquet_file_and_both_kinds_at_once_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "both", areas=STATE["areas"])
    (folder / "areas.parquet").write_bytes(b"PAR1 but not really")
    assert load_folder(folder, SEPTEMBER, tmp_path / "out").files[0].refusal.code == "delivered_twice"  # type: ignore[union-attr]
    (folder / "areas.csv").unlink()
    assert load_folder(folder, SEPTEMBER, tmp_path / "out").files[0].refusal.code == "unreadable_parquet"  # type: ignore[union-attr]


def test_text_with_every_awkward_character_arrives_unchanged(load: Load) -> None:
    address = 'tab\there "quoted", back\\slash \\N\nnew line – हिंदी \u2028 😀'
    load(areas=STATE["areas"], families=[{"family_id": "10000001", "area_code": "G1", "address": address}])
    assert rows("SELECT address FROM registry_family_belief") == [(address,)]


def test_unreadable_bytes_reject_their_row_alone(load: Load, tmp_path: Path) -> None:
    folder = write(tmp_path / "latin", areas=STATE["areas"])
    with (folder / "areas.csv").open("ab") as stream:
        stream.write(b"G3,gp,B1,caf\xe9,,,\n")
    load_folder(folder, SEPTEMBER, tmp_path / "out")
    assert rejections(tmp_path / "out") == [("areas.csv", 7, "name_en", "bad_format")]
    assert rows("SELECT count(*) FROM access_area") == [(5,)]


@pytest.mark.parametrize("folder", ["missing", "empty"])
def test_nothing_to_load_is_said(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refusal) as refused:
        load_folder(tmp_path / folder, SEPTEMBER, tmp_path / "out")
    assert refused.value.code in ("no_such_folder", "nothing_to_load")


def test_an_unwritable_output_is_said_before_anything_is_loaded(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", **STATE)
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="cannot be written"):
        load_folder(folder, SEPTEMBER, tmp_path / "file" / "out")
    assert beliefs()["access_area_belief"] == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE registry_family_belief SET area_code = 'G2'",
        "DELETE FROM registry_resident_belief",
        "UPDATE access_area_belief SET name_en = 'x'",
        "UPDATE registry_resident SET key = gen_random_uuid()",
        "UPDATE registry_bpl_belief SET verified_by = 'x', verified_at = now(), card_no = 'C2'",
        "UPDATE sources_delivery SET actor = 'x'",
    ],
)
def test_beliefs_are_append_only(load: Load, change: str) -> None:
    load(**STATE)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows(change + " RETURNING 1")


def test_a_belief_is_verified_once(load: Load) -> None:
    load(**STATE)
    verify = "UPDATE registry_bpl_belief SET verified_by = '{}', verified_at = now() RETURNING 1"
    assert rows(verify.format("officer")) == [(1,)]
    with pytest.raises(DatabaseError), transaction.atomic():
        rows(verify.format("another"))


@pytest.mark.parametrize(
    "row",
    [
        "registry_disability_belief SELECT 100000002, 'P2', 'visual', 100.5, '2010-01-01'",
        "registry_disability_belief SELECT 100000002, 'P2', 'dizzy', 50, '2010-01-01'",
        "registry_disability_belief SELECT 777777777, 'P2', 'visual', 50, '2010-01-01'",
    ],
)
def test_the_database_itself_refuses_impossible_facts(load: Load, row: str) -> None:
    load(**STATE)
    table, values = row.split(" SELECT ")
    columns = "member_id, certificate_no, kind, percent, issued_on, belief_no, known_from, line, fingerprint, delivery_id"
    insert = (
        f"INSERT INTO {table} ({columns}) SELECT {values}::date, 1, DATE '2016-01-01', 1, gen_random_uuid(),"
        " min(id) FROM sources_delivery; SET CONSTRAINTS ALL IMMEDIATE; SELECT 1"
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        rows(insert)


def test_a_load_with_many_rows_builds_its_indexes_again(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    index = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename ~ '^registry_' ORDER BY 1"
    keys = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid::regclass::text ~ '^registry_'"
        " ORDER BY 1"
    )
    before = rows(index), rows(keys)
    monkeypatch.setattr("haqdar.registry.store._BULK_ROWS", 0)
    load(**STATE)
    assert (rows(index), rows(keys)) == before
