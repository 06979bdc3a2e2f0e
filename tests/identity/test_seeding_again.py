"""List after list: what was wrong is corrected, what was found out counts on, and what became of a list meanwhile is seen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import duckdb
import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.identity.test_seeding import (
    ACTOR,
    DEPARTMENT,
    HEADER,
    handed_in,
    register,  # noqa: F401
    rows_of,
    written,
)

from haqdar.access.models import AuditEvent
from haqdar.base.names import name_key
from haqdar.base.refusal import Refusal
from haqdar.demo.department import hand_in_list
from haqdar.identity.models import SeedFinding, SeedLink, SeedList, SeedRow
from haqdar.identity.seeding import actions, cleansing, keeping, matching, queries, reading, tying
from haqdar.identity.seeding import register as known
from haqdar.identity.seeding.engine import workbench
from haqdar.identity.seeding.running import run
from haqdar.registry.models import Resident

GHOST = ("ZUBAIDA KHATOONI", "QADIR BAKHSH", "F", "03-04-1951", "7012345678", "Nowhereville", "", "600", "")


def test_what_was_wrong_is_corrected_and_not_repeated(
    register: duckdb.DuckDBPyConnection,  # noqa: F811
    tmp_path: Path,
) -> None:
    people = rows_of(
        register, "father IS NOT NULL AND mobile IS NOT NULL AND right(born_on, 5) <> '01-01'", 4
    )
    by_id = [(*row[:6], row[8], "300", row[8]) for row in people[:3]]
    mistaken = ("HAMIDULLA ANSARI", *GHOST[1:6], people[3][8], "300", "")
    found = handed_in(tmp_path, HEADER + written([*by_id, mistaken, GHOST]))
    ghost = SeedFinding.objects.get(domain_id="RC00005", kind="not_found")
    row = SeedRow.objects.get(domain_id="RC00004")
    actions.judge(ACTOR, row.key, "same", int(people[3][8]))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        tying.converge(ACTOR, found)
    locks = [one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"] or "FOR UPDATE" in one["sql"]]
    assert "identity_department" in locks[0]

    # the officer pressed the wrong one, and the machine was wrong about the first
    for domain, waits in (("RC00004", 1), ("RC00001", 0)):
        link = SeedLink.objects.get(domain_id=domain)
        with pytest.raises(Refusal):
            actions.untie(ACTOR, link, " ")
        assert actions.untie(ACTOR, link, "the secretary knows her sister") == waits
        with pytest.raises(Refusal):
            actions.untie(ACTOR, link, "once more")
        key = Resident.objects.get(member_id=link.member_id).key
        event = AuditEvent.objects.filter(object_kind="resident", object_key=str(key)).latest("id")
        assert domain not in str(event.new) + str(event.old)
    row.refresh_from_db()
    assert row.state == "open"
    actions.judge(ACTOR, row.key, "nobody", None)
    assert SeedFinding.objects.get(domain_id="RC00004").state == "open"

    # the next list: the ghost turns out to be somebody, the first is asked about, the fourth is still nobody
    found_now = (*people[3][:6], people[3][8], "600", people[3][8])
    later = handed_in(tmp_path, HEADER + written([*by_id, mistaken, found_now]), "later.csv")
    assert later.counts["reasons"] == [
        ["automatic", "member_id", 1], ["known", "unchanged", 2], ["rejected", "judged_nobody", 1], ["review", "untied", 1],
    ]  # fmt: skip
    ghost.refresh_from_db()
    assert (ghost.state, ghost.settled_list_id) == ("settled", later.pk)
    # put aside, the list takes back what it changed; what stood before stands in the list before
    actions.discard(ACTOR, later)
    ghost.refresh_from_db()
    assert (ghost.state, ghost.settled_list_id) == ("open", None)
    assert SeedFinding.objects.get(domain_id="RC00004").list_id == found.pk
    # what the department says it corrected and lists again is open again
    actions.look_into(ACTOR, ghost.key, "corrected", "the department took her off")
    again = handed_in(
        tmp_path, HEADER + written([*by_id, mistaken, GHOST]).replace("600", "700"), "again.csv"
    )
    ghost.refresh_from_db()
    assert (ghost.state, ghost.paise, ghost.list_id) == ("open", 70000, again.pk)
    # a complete list that does not name her any more
    handed_in(tmp_path, HEADER + written(by_id), "short.csv")
    ghost.refresh_from_db()
    assert ghost.state == "settled"


def test_a_list_that_does_not_wait_is_left_alone(
    register: duckdb.DuckDBPyConnection,  # noqa: F811
    tmp_path: Path,
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(HEADER + written([GHOST]), encoding="utf-8")
    found = actions.take_in(ACTOR, "food", path)
    actions.map_columns(ACTOR, found, queries.columns_of(ACTOR, found)[0])
    actions.discard(ACTOR, found)
    assert run(ACTOR, found).state == "discarded"
    # the same file again is a list of its own, and the job that comes twice does nothing the second time
    anew = actions.take_in(ACTOR, "food", path)
    actions.map_columns(ACTOR, anew, queries.columns_of(ACTOR, anew)[0])
    assert run(ACTOR, anew).state == "review"
    assert run(ACTOR, anew).state == "review"
    # bytes that were lost are said to be lost, and can be handed in again
    path.write_text(HEADER + written([GHOST, GHOST]), encoding="utf-8")
    lost = actions.take_in(ACTOR, "food", path)
    actions.map_columns(ACTOR, lost, queries.columns_of(ACTOR, lost)[0])
    keeping.destroy(lost.key, "upload")
    assert run(ACTOR, lost).state == "refused"
    assert "no longer kept" in lost.problem_en
    assert actions.take_in(ACTOR, "food", path).pk != lost.pk
    assert SeedList.objects.get(pk=lost.pk).state == "discarded"


def test_the_demonstration_hands_a_list_in_once(
    register: duckdb.DuckDBPyConnection,  # noqa: F811
    tmp_path: Path,
) -> None:
    found = hand_in_list(tmp_path / "registers", rows=40, format="parquet")
    assert found is not None
    assert found.state == "review", found.problem_en
    assert {"automatic", "review", "rejected"} <= set(found.counts["bands"])
    assert hand_in_list(tmp_path / "registers", rows=40, format="parquet") is None


CLEAN = (
    "line BIGINT, domain_id VARCHAR, fingerprint UUID, name VARCHAR, key VARCHAR, aadhaar_ref UUID, aadhaar_rows BIGINT, member_id BIGINT,"
    " family_id BIGINT, sex VARCHAR, born_on DATE, birth_year BIGINT, name_hi VARCHAR, relation_name VARCHAR, relation_type VARCHAR,"
    " relation_key VARCHAR, mobile VARCHAR, village VARCHAR, village_key VARCHAR, area_code VARCHAR, district VARCHAR, pin VARCHAR"
)
PEOPLE = (
    "row_id BIGINT, name VARCHAR, name_hi VARCHAR, father_name VARCHAR, husband_name VARCHAR, mother_name VARCHAR, sex VARCHAR, born_on DATE,"
    " mobile VARCHAR, village VARCHAR, village_hi VARCHAR, area_code VARCHAR, district VARCHAR, path VARCHAR, family_id BIGINT, aadhaar_ref UUID,"
    " died_on DATE, moved_out BOOLEAN, inside BOOLEAN"
)
PRINT = UUID(int=99)


@pytest.fixture
def duck() -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect()
    engine.execute(
        f"CREATE TABLE clean ({CLEAN}); CREATE TABLE people ({PEOPLE});"
        "CREATE TABLE aside (line BIGINT, code VARCHAR, of_line BIGINT); CREATE TABLE problems (line BIGINT, field VARCHAR, code VARCHAR);"
        "CREATE TABLE tied (domain_id VARCHAR, member_id BIGINT, fingerprint UUID, how VARCHAR, gone BOOLEAN);"
        "CREATE TABLE untied (domain_id VARCHAR, member_id BIGINT, ended DOUBLE);"
        "CREATE TABLE judged (domain_id VARCHAR, fingerprint UUID, state VARCHAR, member_id BIGINT, judged DOUBLE, members VARCHAR);"
        "CREATE TABLE merged (member_id INTEGER, survivor_id INTEGER); CREATE TABLE district_names (key VARCHAR, code VARCHAR)"
    )
    return engine


def into(duck: duckdb.DuckDBPyConnection, table: str, *rows: dict[str, Any]) -> None:
    for row in rows:
        places = ", ".join("?" * len(row))
        duck.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values()))


def alike(duck: duckdb.DuckDBPyConnection, left: str, right: str) -> str:
    """Whoever has the same name, by the order of their numbers."""
    duck.execute(
        "CREATE OR REPLACE TABLE matched AS SELECT l.row_id AS left_id, r.row_id AS right_id, 9.0 AS weight, 0.99 AS probability,"
        f" 'certain' AS band, '[]' AS evidence FROM {left} l JOIN {right} r ON r.name = l.name"
    )
    return "matched"


def outcome(duck: duckdb.DuckDBPyConnection) -> dict[int, tuple[str, str, int | None]]:
    known.follow_merges(duck)
    matching.match_rows(duck, alike)
    return {line: found for line, *found in duck.execute(
        "SELECT line, band, reason, member_id FROM outcome ORDER BY line").fetchall()}  # type: ignore[misc]  # fmt: skip


def line(number: int, name: str, **more: Any) -> dict[str, Any]:
    said = {
        "line": number,
        "domain_id": f"D{number}",
        "fingerprint": PRINT,
        "name": name,
        "key": name_key(name),
        "birth_year": 1950,
    }
    return said | {"mobile": "9000000001"} | more


def person(number: int, name: str, **more: Any) -> dict[str, Any]:
    return {"row_id": number, "name": name, "inside": True, "moved_out": False, "path": "/23/1/"} | more


def test_a_corrected_aadhaar_number_is_looked_at(duck: duckdb.DuckDBPyConnection) -> None:
    right, wrong, unknown = (UUID(int=at) for at in (1, 2, 3))
    into(
        duck,
        "people",
        person(1, "Ram", aadhaar_ref=right),
        person(2, "Ram", aadhaar_ref=wrong),
        person(3, "Om"),
    )
    into(
        duck, "clean", line(1, "Ram", aadhaar_ref=right), line(2, "Om", aadhaar_ref=unknown), line(3, "Ram", aadhaar_ref=wrong),
        line(4, "Om", aadhaar_ref=right), line(5, "Ram", aadhaar_ref=wrong),
    )  # fmt: skip
    for domain, member, how in (("D1", 2, "aadhaar"), ("D2", 3, "aadhaar"), ("D3", 2, "aadhaar")):
        into(
            duck,
            "tied",
            {"domain_id": domain, "member_id": member, "fingerprint": PRINT, "how": how, "gone": False},
        )
    for domain, shown in (("D4", "3"), ("D5", "3 2")):
        into(
            duck, "judged",
            {"domain_id": domain, "fingerprint": PRINT, "state": "same", "member_id": 3, "judged": 1.0, "members": shown},
        )  # fmt: skip
    known.follow_merges(duck)
    matching._known(duck)
    # the number was corrected (1) or is nobody's now (2); nobody had told the officer of the number's owner (4)
    assert duck.execute("SELECT line, reason, member_id FROM known ORDER BY line").fetchall() == [
        (3, "unchanged", 2),
        (5, "judged", 3),
    ]


def test_nobody_holds_until_somebody_else_is_there(duck: duckdb.DuckDBPyConnection) -> None:
    into(duck, "people", person(1, "Ram"), person(2, "Om"), person(3, "Lakhan", inside=False, path="/23/2/"))
    into(
        duck,
        "clean",
        line(1, "Ram"),
        line(2, "Om"),
        line(3, "Nobody"),
        line(4, "Lakhan", member_id=3),
        line(5, "Sita", member_id=3),
    )
    for domain, shown in (("D1", "1"), ("D2", "7"), ("D3", None)):
        into(
            duck, "judged",
            {"domain_id": domain, "fingerprint": PRINT, "state": "nobody", "judged": 1.0, "members": shown},
        )  # fmt: skip
    duck.execute("INSERT INTO merged VALUES (7, 8)")
    assert outcome(duck) == {
        1: ["rejected", "judged_nobody", None],
        2: ["review", "somebody_new", None],
        3: ["rejected", "judged_nobody", None],
        # of the next district: no ghost, and nobody's to tie here; under another name the number says nothing
        4: ["rejected", "lives_elsewhere", None],
        5: ["rejected", "nobody", None],
    }
    matching.findings(duck)
    assert duck.execute("SELECT line, kind FROM finding ORDER BY line").fetchall() == [
        (1, "not_found"), (3, "not_found"), (4, "lives_elsewhere"), (5, "not_found"),
    ]  # fmt: skip


def test_a_number_in_two_people_s_rows_is_neither_s(duck: duckdb.DuckDBPyConnection) -> None:
    number = UUID(int=5)
    into(
        duck, "clean", *(
            line(at, name, key=key, sex=sex, aadhaar_ref=number, aadhaar_rows=first, mobile=None)
            for at, name, key, sex, first in (
                (1, "Ram Lal", "rm l", "M", 1), (2, "Sita Bai", "st b", "F", 1),
                (3, "Geeta Bai", "gt b", "F", 3), (4, "Gita", "gt", None, 3),
            )
        ),
    )  # fmt: skip
    cleansing.own_duplicates(duck)
    assert duck.execute("SELECT line, code, of_line FROM aside").fetchall() == [(4, "same_aadhaar", 3)]
    assert duck.execute("SELECT line FROM clean WHERE aadhaar_ref IS NULL ORDER BY 1").fetchall() == [
        (1,),
        (2,),
    ]
    assert duck.execute("FROM problems ORDER BY 1").fetchall() == [
        (1, "aadhaar", "shared"),
        (2, "aadhaar", "shared"),
    ]


def test_what_is_spilled_is_no_clear_text_and_killed_runs_leave_nothing() -> None:
    place = Path(settings.HAQDAR_HOME) / "tmp"
    # a run that is killed
    code = (
        "import django; django.setup(); from haqdar.identity.seeding.engine import workbench\n"
        "with workbench(): print('open', flush=True); input()"
    )
    killed = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              env=os.environ | {"DJANGO_SETTINGS_MODULE": "haqdar.config.settings", "HAQDAR_HOME": str(settings.HAQDAR_HOME)})  # fmt: skip
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"open\n"
    (left,) = place.glob("seed-*")
    with workbench("40MB") as duck:
        # it lives still
        assert left.exists()
        duck.execute(
            "CREATE TABLE t AS SELECT 'SITABAI' || range AS a, md5(range::VARCHAR) AS b FROM range(700000)"
        )
        spilled = [path for path in place.glob("seed-*/duckdb_temp*") if path.stat().st_size]
        assert spilled
        assert not any(b"SITABAI" in path.read_bytes() for path in spilled)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert left.exists()
    with workbench():
        assert not left.exists()


def test_an_excel_file_that_would_take_all_memory_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.xlsx"

    class Plain:
        name = "bomb.xlsx"

        def open(self, mode: str = "rb") -> BinaryIO:
            return path.open("rb")

    def refusal(
        sheet: bytes, member: str = "xl/worksheets/sheet1.xml", packing: int = zipfile.ZIP_DEFLATED
    ) -> str:
        with zipfile.ZipFile(path, "w", packing) as packed:
            packed.writestr(member, sheet)
        with pytest.raises(Refusal) as said:
            reading.open_list(Plain())
        return said.value.code

    # one cell at the end of an otherwise empty sheet: the reader would keep half a terabyte of places for it
    for far in (
        b'<c r="XFD1048576">',
        b"<c\tr = 'XFD1048576'>",
        b" " * ((1 << 20) - 5) + b'<c r="XFD1048576">',
    ):
        assert refusal(far) == "list_unpacks_too_big"
    assert refusal(b"", "content.xml") == refusal(b"x", packing=zipfile.ZIP_BZIP2) == "not_a_list"
    monkeypatch.setattr(reading, "MOST_UNPACKED", 4_000_000)
    assert refusal(b" " * 5_000_000) == "list_unpacks_too_big"
    # a file that says it is small
    raw = path.read_bytes()
    path.write_bytes(raw.replace((5_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert path.read_bytes() != raw
    with pytest.raises(Refusal) as said:
        reading.open_list(Plain())
    assert said.value.code == "list_unpacks_too_big"


__all__ = ["DEPARTMENT"]
