"""The demonstration data: the same for the same seed, believable, and calibrated to the published tables."""

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from stdnum.in_ import aadhaar
from tests.demo.reading import moves, opened, pensioners

from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.config.commands.demo import command
from haqdar.demo import generate
from haqdar.demo.banks import BRANCHES, MERGED
from haqdar.demo.generate import LARGEST, PEOPLE_A_LINEAGE, CannotWriteRegisters, write_registers
from haqdar.demo.quotas import PENSIONERS, STATE, SWITCHES
from haqdar.payments.accounts.branches import PACKAGED, _of_json
from haqdar.payments.accounts.checking import fits, shapes

RESIDENTS = 150_000
COLUMNS = {
    "areas": "area_code,kind,parent_code,name_en,name_hi,lgd_code,census_code",
    "offices": "office_code,kind,area_code,ddo_code,name_en,name_hi",
    "families": "family_id,area_code,address,social_category,recorded_on",
    "residents": "member_id,family_id,name_en,name_hi,sex,born_on,relation_to_head,mother_id,father_id,spouse_id,"
    "marital_status,marital_since,destitute,income_tax_payer,mobile,aadhaar,ifsc,account_no,recorded_on",
    "bpl": "family_id,card_no,valid_from,valid_to",
    "pwd": "member_id,certificate_no,kind,percent,issued_on,valid_to",
    "events": "event_id,member_id,kind,happened_on,reported_on,spouse_id",
    "pensioners": "member_id,scheme,since,amount",
}


def _number(engine: duckdb.DuckDBPyConnection, sql: str) -> float:
    row = engine.execute(sql).fetchone()
    assert row is not None
    return float(row[0] or 0)


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def district(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder = tmp_path_factory.mktemp("district")
    write_registers(folder, residents=RESIDENTS, seed=7)
    with opened(folder) as engine:
        yield engine


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("one", 3), ("two", 3), ("other", 4)):
        write_registers(tmp_path / name, residents=5_000, seed=seed)
    assert _digests(tmp_path / "one") == _digests(tmp_path / "two")
    assert _digests(tmp_path / "one")["residents.csv"] != _digests(tmp_path / "other")["residents.csv"]
    assert sorted(_digests(tmp_path / "one")) == sorted(f"{name}.csv" for name in COLUMNS)


def test_files_are_as_large_as_asked(tmp_path: Path) -> None:
    for residents in (50, 1_000, 20_000):
        written = write_registers(tmp_path / str(residents), residents=residents, seed=1)
        assert abs(written.rows["residents"] - residents) <= 30 + residents // 500
        assert written.delivered_on == date(2016, 9, 20)


def test_memory_does_not_grow_with_the_population(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten blocks fit in the memory of one; nothing is spilled."""
    monkeypatch.setattr(generate, "LINEAGES_A_BLOCK", 700)
    write_registers(tmp_path, residents=36_000, seed=1, memory="120MB")
    assert not (tmp_path / ".spill").exists()
    with opened(tmp_path) as engine:
        assert _number(engine, "SELECT count(DISTINCT member_id) FROM residents") > 35_500
        duplicates = "SELECT sum(n - 1) FROM (SELECT count(*) AS n FROM residents WHERE aadhaar IS NOT NULL GROUP BY aadhaar)"
        assert _number(engine, duplicates) < 30


def test_scarce_aadhaar_numbers_go_to_those_whom_the_schemes_concern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generate, "AADHAAR_NUMBERS", 10_000)
    write_registers(tmp_path, residents=20_000, seed=1)
    with opened(tmp_path) as engine:
        payees = "SELECT avg((aadhaar IS NOT NULL)::INTEGER) FROM pensioners JOIN residents USING (member_id)"
        assert _number(engine, payees) == 1
        children = "born_on > '2006' AND member_id NOT IN (SELECT member_id FROM pwd)"
        assert _number(engine, f"SELECT count(aadhaar) FROM residents WHERE {children}") == 0


def test_parquet_holds_the_same_rows(tmp_path: Path) -> None:
    write_registers(tmp_path / "csv", residents=3_000, seed=1)
    write_registers(tmp_path / "parquet", residents=3_000, seed=1, format="parquet")
    with duckdb.connect() as engine:
        for name in COLUMNS:
            csv = f"FROM read_csv('{tmp_path}/csv/{name}.csv', all_varchar = true, header = true)"
            parquet = f"FROM '{tmp_path}/parquet/{name}.parquet'"
            assert engine.execute(f"({csv}) EXCEPT ({parquet})").fetchall() == []
            assert _number(engine, f"SELECT count(*) {csv}") == _number(engine, f"SELECT count(*) {parquet}")


def test_it_refuses_what_identifiers_cannot_hold(tmp_path: Path) -> None:
    for arguments in ({"residents": 10}, {"residents": 10**9}, {"seed": -1}, {"on": date(2016, 10, 2)}):
        with pytest.raises(Refusal) as refused:
            write_registers(tmp_path, **{"residents": 100, "seed": 1, **arguments})  # type: ignore[arg-type]
        assert refused.value.exit_code == 2
        assert refused.value.hi


def test_it_says_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWriteRegisters) as refused:
        write_registers(tmp_path / "file" / "below", residents=100, seed=1)
    assert str(tmp_path / "file") in str(refused.value)


def test_identifiers_suffice_for_the_largest_population() -> None:
    lineages = LARGEST / PEOPLE_A_LINEAGE * 1.01
    with duckdb.connect() as engine:
        engine.execute(statement("haqdar.demo", "macros"))
        last = engine.execute(f"SELECT family({lineages:.0f}, 5), member({lineages:.0f}, 39)").fetchone()
    assert last is not None
    assert last[0] <= 99_999_998
    assert last[1] <= 999_999_999


def test_the_command_says_how_to_go_on(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--residents", "500", "--out", str(tmp_path / "made")])
    assert result.exit_code == 0
    assert f"./haqdar load {tmp_path / 'made'} --delivered-on 2016-09-20" in result.output


def test_columns_are_those_of_the_contract(district: duckdb.DuckDBPyConnection) -> None:
    for name, columns in COLUMNS.items():
        found = [column for column, *_ in district.execute(f"DESCRIBE {name}").fetchall() if column != "line"]
        assert ",".join(found) == columns


BAD_ROWS = {
    "families": "NOT regexp_full_match(family_id, '[0-9]{8}') OR area_code NOT IN (SELECT area_code FROM areas WHERE kind IN ('gp', 'ward'))",
    "residents": "NOT regexp_full_match(member_id, '[0-9]{9}') OR family_id NOT IN (SELECT family_id FROM families)"
    " OR NOT regexp_full_match(coalesce(mobile, '6000000000'), '[6-9][0-9]{9}')"
    " OR NOT regexp_full_match(coalesce(ifsc, 'AAAA0123456'), '[A-Z]{4}0[A-Z0-9]{6}')"
    " OR NOT regexp_full_match(coalesce(account_no, '123456'), '[A-Za-z0-9]{6,18}')"
    " OR born_on IS NOT NULL AND try_cast(born_on AS DATE) IS NULL OR try_cast(born_on AS DATE) > DATE '2016-09-20'"
    " OR try_cast(marital_since AS DATE) < try_cast(born_on AS DATE) OR marital_since::DATE > DATE '2016-09-20'"
    " OR recorded_on::DATE > DATE '2016-09-20' OR sex NOT IN ('F', 'M', 'T')"
    " OR marital_status NOT IN ('never_married', 'married', 'widowed', 'deserted', 'divorced')",
    "bpl": "family_id NOT IN (SELECT family_id FROM families) OR valid_to::DATE < valid_from::DATE",
    "pwd": "member_id NOT IN (SELECT member_id FROM residents) OR percent::INTEGER > 100"
    " OR issued_on::DATE > DATE '2016-09-20' OR valid_to::DATE < issued_on::DATE",
    "events": "member_id NOT IN (SELECT member_id FROM residents) OR reported_on::DATE > DATE '2016-09-20'"
    " OR reported_on::DATE < happened_on::DATE",
    "pensioners": "since::DATE > DATE '2016-09-20' OR amount::INTEGER < 0 OR scheme NOT IN"
    " ('IGNOAPS', 'IGNWPS', 'IGNDPS', 'SSP-OLD', 'SSP-WIDOW', 'SSP-DESERTED', 'SSP-PWD', 'KANYA', 'MRMD')",
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_few_rows_break_the_contract(district: duckdb.DuckDBPyConnection, name: str) -> None:
    bad = _number(district, f"SELECT count(*) FROM {name} WHERE {BAD_ROWS[name]}")
    assert bad <= 0.004 * _number(district, f"SELECT count(*) FROM {name}")


def test_some_rows_are_dirty(district: duckdb.DuckDBPyConnection) -> None:
    for condition in (
        "born_on IS NULL",
        "marital_status IS NULL",
        "destitute IS NULL",
        "income_tax_payer IS NULL",
        "born_on LIKE '%/%'",
        "length(mobile) < 10",
        "ifsc NOT LIKE '____0%'",
        "family_id NOT IN (SELECT family_id FROM families)",
        "name_hi IS NULL",
        "member_id IN (SELECT member_id FROM residents GROUP BY member_id HAVING count(*) > 1)",
    ):
        assert _number(district, f"SELECT count(*) FROM residents WHERE {condition}") > 0, condition
    first_of_january = _number(district, "SELECT avg((right(born_on, 6) = '-01-01')::INTEGER) FROM residents")
    assert 0.02 < first_of_january < 0.08
    late = (
        "SELECT avg((reported_on::DATE - happened_on::DATE > 60)::INTEGER) FROM events WHERE kind = 'death'"
    )
    assert 0.05 < _number(district, late) < 0.2


def test_identifiers_are_unique_where_no_mistake_was_planted(district: duckdb.DuckDBPyConnection) -> None:
    for table, key in (
        ("areas", "area_code"),
        ("offices", "office_code"),
        ("families", "family_id"),
        ("events", "event_id"),
    ):
        assert _number(district, f"SELECT count(*) - count(DISTINCT {key}) FROM {table}") == 0


def test_accounts_are_at_branches_that_exist_but_for_a_few(district: duckdb.DuckDBPyConnection) -> None:
    district.execute(
        "CREATE OR REPLACE TEMP TABLE listed AS SELECT unnest($1) AS ifsc", [[*_of_json(PACKAGED)]]
    )
    accounts = "FROM residents r SEMI JOIN pensioners p USING (member_id) WHERE ifsc IS NOT NULL"
    payees = _number(district, f"SELECT count(*) {accounts}")
    unlisted = _number(district, f"SELECT count(*) {accounts} AND ifsc NOT IN (SELECT ifsc FROM listed)")
    assert 0.002 * payees < unlisted < 0.01 * payees
    merged = f"ifsc IN {tuple(ifsc for ifsc, _ in MERGED)}"
    assert 0 < _number(district, f"SELECT count(*) {accounts} AND {merged}") < unlisted
    digits = dict(BRANCHES)
    rows = district.execute(f"SELECT ifsc, account_no {accounts}").fetchall()
    odd = sum(not fits(ifsc[:4], number, shapes()) for ifsc, number in rows)
    assert 0 < odd < 0.006 * payees
    assert all(digits[ifsc] in shapes()[ifsc[:4]] for ifsc in digits)
    assert all(number.startswith("9") for _, number in rows)


def test_aadhaar_numbers_are_valid_and_nobodys(district: duckdb.DuckDBPyConnection) -> None:
    numbers = [
        n for (n,) in district.execute("SELECT aadhaar FROM residents WHERE aadhaar IS NOT NULL").fetchall()
    ]
    assert len(numbers) > 0.9 * RESIDENTS
    assert all(number.startswith("9999") and len(number) == 12 for number in numbers)
    wrong = sum(not aadhaar.is_valid(number) for number in numbers)
    assert 0 < wrong < 0.002 * len(numbers)


def test_parents_and_spouses_agree(district: duckdb.DuckDBPyConnection) -> None:
    def contradictions(pointer: str, condition: str) -> float:
        return _number(
            district,
            f"SELECT count(*) FROM residents c JOIN residents p ON p.member_id = c.{pointer}"
            f" WHERE {condition} AND c.born_on NOT LIKE '%/%' AND p.born_on NOT LIKE '%/%'",
        )

    known = "SELECT count(*) FROM residents c JOIN residents p ON p.member_id = c.mother_id"
    assert _number(district, known) > 0.4 * RESIDENTS
    assert contradictions("mother_id", "p.sex <> 'F'") == 0
    assert contradictions("father_id", "p.sex <> 'M'") == 0
    young = "date_sub('year', p.born_on::DATE, c.born_on::DATE) < 16"
    assert contradictions("mother_id", young) < 0.001 * RESIDENTS
    assert contradictions("spouse_id", "p.sex = c.sex") == 0
    assert (
        contradictions("spouse_id", "p.spouse_id IS DISTINCT FROM c.member_id AND p.spouse_id IS NOT NULL")
        == 0
    )
    assert contradictions("spouse_id", "p.family_id <> c.family_id") < 0.001 * RESIDENTS
    elsewhere = "SELECT count(*) FROM residents c JOIN residents p ON p.member_id = c.father_id WHERE c.family_id <> p.family_id AND c.sex = 'M'"
    assert _number(district, elsewhere) > 0.03 * RESIDENTS


def test_every_family_has_one_head(district: duckdb.DuckDBPyConnection) -> None:
    heads = "SELECT family_id, count(*) FILTER (relation_to_head = 'self') AS heads FROM residents GROUP BY family_id"
    assert _number(district, f"SELECT avg((heads = 1)::INTEGER) FROM ({heads})") > 0.99


def test_the_population_looks_like_the_census(district: duckdb.DuckDBPyConnection) -> None:
    age = "date_sub('year', try_cast(born_on AS DATE), DATE '2016-10-01')"
    assert 4.2 < _number(district, "SELECT count(*) / count(DISTINCT family_id) FROM residents") < 4.6
    ratio = _number(
        district, "SELECT 1000 * count(*) FILTER (sex = 'F') / count(*) FILTER (sex = 'M') FROM residents"
    )
    assert 910 < ratio < 980
    for lower, upper, share in (
        (0, 14, 0.335),
        (15, 39, 0.415),
        (40, 59, 0.17),
        (60, 79, 0.069),
        (80, 120, 0.0075),
    ):
        found = _number(district, f"SELECT avg(({age} BETWEEN {lower} AND {upper})::INTEGER) FROM residents")
        assert abs(found - share) < 0.12 * share + 0.002, (lower, found)
    people = "FROM residents JOIN families USING (family_id) JOIN areas USING (area_code)"
    for condition, share in (
        ("social_category = 'ST'", 0.211),
        ("social_category = 'SC'", 0.156),
        ("kind = 'gp'", 0.724),
    ):
        assert abs(_number(district, f"SELECT avg(({condition})::INTEGER) {people}") - share) < 0.02, (
            condition
        )
    by_place = f"SELECT avg((social_category = 'ST')::INTEGER) AS tribal {people} GROUP BY area_code"
    assert _number(district, f"SELECT max(tribal) - min(tribal) FROM ({by_place})") > 0.2


def test_names_agree_in_both_scripts(district: duckdb.DuckDBPyConnection) -> None:
    words = "SELECT DISTINCT split_part(name_en, ' ', 1) AS latin, split_part(name_hi, ' ', 1) AS hindi FROM residents WHERE name_hi IS NOT NULL"
    assert _number(district, f"SELECT count(DISTINCT hindi) FROM ({words})") > 290
    ambiguous = (
        f"SELECT count(*) FROM (SELECT latin FROM ({words}) GROUP BY latin HAVING count(DISTINCT hindi) > 2)"
    )
    assert _number(district, ambiguous) == 0


def test_moves_are_those_that_were_published(district: duckdb.DuckDBPyConnection) -> None:
    found = dict(moves(district, "2016-10-01", "2016-09-20"))
    total = 0
    for move, published in SWITCHES.items():
        expected = published * RESIDENTS / STATE
        count = found.pop(move, 0)
        total += count
        assert abs(count - expected) <= max(3, 0.05 * expected), move
    assert abs(total - sum(SWITCHES.values()) * RESIDENTS / STATE) < 0.02 * total
    # Nothing else moves in numbers worth a row.
    assert sum(found.values()) <= 5


def test_pensioners_are_those_that_were_published(district: duckdb.DuckDBPyConnection) -> None:
    found = pensioners(district)
    for row, published in PENSIONERS.items():
        expected = published * RESIDENTS / STATE
        assert abs(found[row] - expected) <= 3 + 0.02 * expected, row


def test_the_mistakes_are_there(district: duckdb.DuckDBPyConnection) -> None:
    payees = "SELECT p.member_id, aadhaar, ifsc || account_no AS account FROM pensioners p JOIN residents r USING (member_id)"
    ghosts = "SELECT count(*) FROM pensioners WHERE member_id NOT IN (SELECT member_id FROM residents)"
    dead = "SELECT count(*) FROM pensioners WHERE member_id IN (SELECT member_id FROM events WHERE kind = 'death')"
    remarried = "SELECT count(*) FROM pensioners WHERE member_id IN (SELECT member_id FROM events WHERE kind = 'remarriage')"
    same_aadhaar = f"SELECT count(*) FROM (SELECT aadhaar FROM ({payees}) GROUP BY aadhaar HAVING count(DISTINCT member_id) > 1)"
    same_account = f"SELECT count(*) FROM (SELECT account FROM ({payees}) GROUP BY account HAVING count(DISTINCT member_id) > 1)"
    for mistake in (ghosts, dead, remarried, same_aadhaar, same_account):
        assert _number(district, mistake) >= 3, mistake
