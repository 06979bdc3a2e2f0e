"""A department's list from the upload to the identifiers on residents: bands, bad days, increments, who may see what."""

from __future__ import annotations

import io
import json
from datetime import date
from math import log2
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from haqdar.access.actors import Actor, Grant, OutsideYourArea, platform
from haqdar.base.refusal import Refusal
from haqdar.identity.models import SeedFinding, SeedLink, SeedList, SeedRow
from haqdar.identity.seeding import actions, keeping, queries, tying
from haqdar.identity.seeding.fields import FIELDS, guess
from haqdar.identity.seeding.refusals import NotWaiting, TooFewJudged
from haqdar.identity.seeding.results import results
from haqdar.identity.seeding.running import run
from haqdar.registry.lookup import Reason, Wanted, find
from haqdar.registry.sealing import SealBroken

ACTOR = platform("test")
DEPARTMENT = {
    "code": "food", "name_en": "Food", "name_hi": "खाद्य", "identifier_en": "Ration card number", "identifier_hi": "राशन कार्ड क्रमांक",
    "purpose_en": "Rations", "purpose_hi": "राशन", "basis": "National Food Security Act 2013, section 10",
}  # fmt: skip
HEADER = (
    "Ration Card No,Beneficiary Name,Father/Husband Name,Gender,DOB,Mobile No,Village,Samagra ID,Amount\n"
)


@pytest.fixture
def register(db: None, tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """Four hundred people of the demonstration; their file as the table `residents`."""
    from haqdar.demo.generate import write_registers
    from haqdar.registry.actions import load_folder

    write_registers(tmp_path / "registers", residents=400, seed=7, format="parquet")
    load_folder(tmp_path / "registers", delivered_on=date(2016, 9, 20), out=tmp_path / "out", actor=ACTOR)
    duck = duckdb.connect()
    place = tmp_path / "registers"
    duck.execute(
        f"CREATE TABLE residents AS SELECT r.*, f.name_en AS father, s.name_en AS husband, a.name_en AS village"
        f" FROM '{place}/residents.parquet' r JOIN '{place}/families.parquet' h USING (family_id)"
        f" JOIN '{place}/areas.parquet' a USING (area_code)"
        f" LEFT JOIN '{place}/residents.parquet' f ON f.member_id = r.father_id"
        f" LEFT JOIN '{place}/residents.parquet' s ON s.member_id = r.spouse_id"
        f" WHERE r.member_id NOT IN (SELECT member_id FROM '{place}/events.parquet' WHERE kind = 'death')"
    )
    actions.name_department(ACTOR, DEPARTMENT)
    return duck


def rows_of(duck: duckdb.DuckDBPyConnection, where: str, limit: int) -> list[tuple[Any, ...]]:
    """Rows as a department would write them, with the true member ID last."""
    return duck.execute(
        "SELECT upper(name_en), coalesce(father, husband), sex, strftime(born_on::DATE, '%d-%m-%Y'), mobile, village, '', '300',"
        f" member_id FROM residents WHERE {where} ORDER BY member_id LIMIT {limit}"
    ).fetchall()


def written(rows: list[tuple[Any, ...]], first: int = 1) -> str:
    """The rows as lines of a CSV file, numbered RC00001 …"""
    return "".join(
        ",".join([f"RC{number:05d}", *("" if cell is None else str(cell) for cell in row[:8])]) + "\n"
        for number, row in enumerate(rows, start=first)
    )


def handed_in(
    tmp_path: Path, text: str, name: str = "list.csv", supplement: bool = False, confirmed: bool = False
) -> SeedList:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = actions.take_in(ACTOR, "food", path, supplement=supplement)
    actions.map_columns(ACTOR, found, queries.columns_of(ACTOR, found)[0])
    found = run(ACTOR, found)
    if confirmed:
        actions.confirm(ACTOR, found)
        found = run(ACTOR, found)
    return found


def test_a_list_becomes_identifiers_on_residents(
    register: duckdb.DuckDBPyConnection, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    certain = rows_of(
        register, "father IS NOT NULL AND mobile IS NOT NULL AND right(born_on, 5) <> '01-01'", 40
    )
    ghosts = [
        ("ZUBAIDA KHATOONI", "QADIR BAKHSH", "F", "03-04-1951", "7012345678", "Nowhereville", "", "600", "")
    ]
    weak = [(certain[0][0], None, None, None, None, None, "", "", "")]
    by_number = rows_of(register, "father IS NULL AND husband IS NULL", 1)
    number_row = [(*by_number[0][:6], by_number[0][8], "300", by_number[0][8])]
    wrong_number = [("HAMIDULLA ANSARI", *ghosts[0][1:6], certain[1][8], "300", "")]
    rows = [*certain, *ghosts, *weak, *number_row, *wrong_number]
    # the first row again under its own number, and once more under another one
    text = HEADER + written(rows) + written(certain[:1]) + written(certain[:1], first=900)
    found = handed_in(tmp_path, text)
    assert found.state == "review", found.problem_en
    assert found.counts["rows"] == 46
    assert found.counts["aside"] == {"repeat": 1, "same_person": 1}
    with keeping.opened(found.key, "rows") as file:
        kept = {
            row["domain_id"]: row for row in pq.ParquetFile(file).read().to_pylist() if row["band"] != "aside"
        }
    truth = {f"RC{number:05d}": row[8] for number, row in enumerate(rows, start=1)}
    tied = {domain: f"{row['member_id']:09d}" for domain, row in kept.items() if row["band"] == "automatic"}
    # nobody is tied to another person, and most are tied without anybody's work
    assert {domain: member for domain, member in tied.items() if member != truth[domain]} == {}
    assert len(tied) >= 30
    assert kept["RC00041"]["reason"] == "nobody"
    assert kept["RC00042"]["reason"] == "name_alone"
    assert kept["RC00043"]["band"] == "automatic"
    assert kept["RC00043"]["reason"] == "member_id"
    assert kept["RC00044"]["reason"] == "number_other_name"
    assert all(row["explanation_en"] and row["explanation_hi"] for row in kept.values())
    assert not keeping.path_of(found.key, "upload").exists()
    assert {one.kind for one in SeedFinding.objects.all()} == {"not_found", "listed_twice"}

    # one by one: the wrong number is nobody's, the rest is whoever the department meant
    with pytest.raises(TooFewJudged):
        tying.converge(ACTOR, found)
    while (shown := queries.next_to_judge(ACTOR, found)) is not None:
        true = truth[shown.row.domain_id]
        same = next(
            (one.person.member_id for one in shown.candidates if f"{one.person.member_id:09d}" == true), None
        )
        actions.judge(ACTOR, shown.row.key, "same" if same else "nobody", same)
    assert SeedRow.objects.get(domain_id="RC00044").state == "nobody"
    count = tying.converge(ACTOR, found)
    links = dict(SeedLink.objects.values_list("domain_id", "member_id"))
    assert len(links) == count >= 41
    assert {domain for domain, member in links.items() if f"{member:09d}" != truth[domain]} == set()

    # a department's number finds its resident, and says so
    domain, member = next(iter(links.items()))
    (seen,) = find(platform("search"), Wanted.typed(domain))
    assert (seen.person.member_id, seen.reasons) == (member, (Reason("department_number", "same"),))

    table = pq.read_table(io.BytesIO(b"".join(results(ACTOR, found, as_parquet=True)))).to_pylist()
    assert [row["line"] for row in table] == list(range(2, 48))
    assert {row["result"] for row in table} == {"found", "not_found", "put_aside"}
    assert b"RC00044" in b"".join(results(ACTOR, found))

    # the same bytes are the same list; a later list asks only about what is new, and marks who is gone
    assert actions.take_in(ACTOR, "food", tmp_path / "list.csv").pk == found.pk
    later = handed_in(tmp_path, HEADER + written(rows[1:], first=2), "later.csv")
    assert later.counts["bands"]["known"] >= 40
    assert "review" not in later.counts["bands"]
    tying.converge(ACTOR, later)
    gone = SeedLink.objects.filter(gone_list=later)
    assert [link.domain_id for link in gone] == ["RC00001"]
    assert gone[0].ended_at is None


def test_what_is_wrong_with_a_file_is_said_and_nothing_is_compared(
    register: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = rows_of(register, "mobile IS NOT NULL", 60)
    text, before = written(rows), len(uploads())

    def refused(text: str, name: str) -> str:
        found = handed_in(tmp_path, text, name)
        assert found.state == "refused"
        assert not SeedRow.objects.filter(list=found).exists()
        return found.problem_en

    # every cell one place to the right of its title
    shifted = "".join(f"x,{line}\n" for line in text.splitlines()).replace(",300\n", "\n")
    assert "shifted sideways" in refused(HEADER + shifted, "shifted.csv")
    # from the middle on a comma too many
    torn = "".join(
        (line.replace("RC", "RC,", 1) if at > 30 else line) + "\n"
        for at, line in enumerate(text.splitlines())
    )
    assert "do not fit the header" in refused(HEADER + torn, "torn.csv")
    assert "first in line 33" in refused(HEADER + torn, "torn.csv")
    one_number = "".join("RC1," + line.split(",", 1)[1] + "\n" for line in text.splitlines())
    assert "own number" in refused(HEADER + one_number, "one.csv")
    for content, name, code in (
        (b"\x89PNG\r\n\x1a\n\x00\x00", "picture.csv", "binary_file"),
        (b"PAR1 and then nothing", "broken.parquet", "not_a_list"),
        (b"PK\x03\x04 no zip", "broken.xlsx", "not_a_list"),
        (b"a,b,c\n", "empty.csv", "empty_list"),
        (b"a;b;c\n1;2;3\n", "semicolons.csv", "wrong_delimiter"),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Refusal) as said:
            actions.take_in(ACTOR, "food", tmp_path / name)
        assert said.value.code == code
    # only the three that may be mapped anew are kept, sealed
    assert len(uploads()) == before + 3


def test_exchanged_columns_accuse_nobody_before_somebody_looked(
    register: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = rows_of(register, "sex = 'F' AND coalesce(father, husband) IS NOT NULL", 40)
    path = tmp_path / "exchanged.csv"
    path.write_text(HEADER + written(rows), encoding="utf-8")
    found = actions.take_in(ACTOR, "food", path)
    right = queries.columns_of(ACTOR, found)[0]
    wrong = right | {
        "name": right["relation_name"],
        "relation_name": right["name"],
        "village": right["amount"],
    }
    del wrong["amount"]
    actions.map_columns(ACTOR, found, wrong)
    found = run(ACTOR, found)
    assert found.state == "refused"
    assert [(code, field) for code, field, _ in found.counts["doubts"]] == [
        ("unknown_values", "village"), ("mens_names", "name"), ("few_found", ""),
    ]  # fmt: skip
    assert "% of the rows are found in the register" in found.problem_en
    assert not SeedFinding.objects.exists() and not SeedRow.objects.exists()
    # the bytes are still here: the right columns are said, and what follows is no longer doubted
    actions.map_columns(ACTOR, found, right)
    with pytest.raises(NotWaiting):
        actions.confirm(ACTOR, found)
    assert run(ACTOR, found).state == "review"


def uploads() -> list[Path]:
    return list(keeping.folder().glob("*.upload"))


def test_a_list_is_its_area_s_and_its_rows_are_of_those_who_judge_there(
    register: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rows = rows_of(register, "father IS NOT NULL", 30)
    weaker = [(row[0], row[1], None, None, None, None, "", "", row[8]) for row in rows]
    vague = [(row[0], None, row[2], row[3][-4:], None, row[5], "", "", row[8]) for row in rows]
    # nearly all of them need a person: somebody has to say that the columns are right
    found = handed_in(tmp_path, HEADER + written([*weaker, *vague]), confirmed=True)
    waiting = SeedRow.objects.filter(list=found)
    assert waiting
    # the same village says no more than that it is one of so many, though the list names no district
    villages = register.execute("SELECT count(DISTINCT village) FROM residents").fetchone()
    weights = [
        float(weight)
        for row in waiting
        for one in row.candidates
        for field, level, weight in json.loads(one["evidence"])
        if (field, level) == ("place", "area")
    ]
    assert weights and villages
    assert max(weights) < log2(villages[0]) + 1
    path = waiting[0].path
    officer = Actor(
        user_id=None,
        name="d",
        roles=frozenset({"district"}),
        area_paths=(path,),
        grants=(Grant("district", path),),
    )
    stranger = Actor(
        user_id=None,
        name="e",
        roles=frozenset({"district"}),
        area_paths=("/99/",),
        grants=(Grant("district", "/99/"),),
    )
    own = sum(queries.row_counts(officer, found).values())
    assert 0 < own == waiting.filter(path__startswith=path).count()
    shown = queries.next_to_judge(officer, found)
    assert shown is not None
    assert shown.written["name"]
    with pytest.raises(OutsideYourArea):
        actions.judge(stranger, shown.row.key, "nobody", None)
    # the list as a whole belongs to the State
    for work in (lambda: tying.converge(officer, found), lambda: list(results(officer, found))):
        with pytest.raises(OutsideYourArea):
            work()
    with pytest.raises(OutsideYourArea):
        queries.list_by_key(stranger, found.key)
    # two officers deciding one row at once: the first one's judgement stands
    actions.judge(officer, shown.row.key, "nobody", None)
    with pytest.raises(Refusal) as late:
        actions.judge(ACTOR, shown.row.key, "nobody", None)
    assert late.value.code == "row_judged_already"
    written_now = bytes(SeedRow.objects.exclude(written_sealed=None)[0].written_sealed or b"")
    assert rows[0][0].encode() not in written_now
    SeedList.objects.update(erase_on=date(2016, 1, 1))
    assert actions.erase_due(ACTOR) == 1
    assert not SeedRow.objects.exclude(written_sealed=None).exists()
    assert not keeping.path_of(found.key, "rows").exists()


def test_sealed_files_cannot_be_changed_exchanged_or_cut(db: None, tmp_path: Path) -> None:
    source = tmp_path / "plain"
    source.write_bytes(bytes(range(256)) * 12_000)
    one, other = (actions.uuid4() for _ in range(2))
    keeping.take_over(one, source)
    keeping.take_over(other, source)
    with keeping.opened(one, "upload") as file:
        assert file.read() == source.read_bytes()
        file.seek(2_000_000)
        assert file.read(4) == source.read_bytes()[2_000_000:2_000_004]
    path = keeping.path_of(one, "upload")
    assert source.read_bytes()[:64] not in path.read_bytes()
    sealed = path.read_bytes()
    for broken in (
        sealed[:-40],
        sealed[:300] + b"x" + sealed[301:],
        keeping.path_of(other, "upload").read_bytes(),
    ):
        path.write_bytes(broken)
        with pytest.raises(SealBroken), keeping.opened(one, "upload") as file:
            file.read()
    keeping.destroy(one, "upload")
    keeping.destroy(other, "upload")


def test_columns_are_guessed_in_both_languages() -> None:
    assert guess(["ration_card_no", "नाम", "पिता का नाम", "dob", "remarks"]) == {
        "domain_id": "ration_card_no", "name": "नाम", "father_name": "पिता का नाम", "born_on": "dob",
    }  # fmt: skip
    assert [field.name for field in FIELDS if field.required] == ["domain_id", "name"]
