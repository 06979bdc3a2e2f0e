"""A State decided on a real Spark Connect server equals, row by row, the State decided in DuckDB."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import settings
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Known, Register
from tests.oracle.states import make_case

from haqdar.base.refusal import Refusal
from haqdar.cases.cluster import STEPS, ClusterRun, decide_on_cluster
from haqdar.cases.deciding import TABLES, WITH_DISTRICT, Deciding, decide_state
from haqdar.config import cli
from haqdar.entitlement.engines import EngineFailed, EngineUnreachable, SparkEngine, UnknownEngine, spark_sql
from haqdar.entitlement.snapshot import NoSnapshot, Snapshot
from haqdar.law import LawBook, load_lawbook

LAW = Path(__file__).parents[2] / "law" / "mp"
DAY = date(2016, 10, 1)
STATES = 15


@pytest.fixture(scope="module")
def lawbook() -> LawBook:
    return load_lawbook(LAW)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory, lawbook: LawBook) -> Iterator[Snapshot]:
    """One State made of many small adversarial ones: dirt, unknowns, and facts that crowd around the day."""
    folder = tmp_path_factory.mktemp("state")
    register: Known | None = None
    found, seed = 0, 0
    while found < STATES:
        seed += 1
        case = make_case(seed)
        if not any(run.determined_on == DAY for run in case.runs):
            continue
        found += 1
        loaded = Register()
        for number, delivery in enumerate(case.deliveries):
            delivery.write(folder / f"{seed}-{number}")
            loaded.load(folder / f"{seed}-{number}", delivery.delivered_on)
        known = loaded.known_on(date(2017, 1, 1))
        if register is None:
            register = known
        else:
            for table, rows in known.rows.items():
                register.rows[table].update(rows)
            register.ghosts.extend(known.ghosts)
    assert register is not None
    home, settings.HAQDAR_HOME = settings.HAQDAR_HOME, folder / "home"
    try:
        yield snapshot_of_known(register, DAY, lawbook.on(DAY).vocabulary)
    finally:
        settings.HAQDAR_HOME = home


def rows_of(folder: Path) -> tuple[list[str], Counter[tuple[Any, ...]]]:
    """Names of the columns, and every row with how often it is there."""
    with duckdb.connect() as duck:
        answer = duck.execute(
            f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
        )
        names = [column[0] for column in answer.description]
        order = sorted(range(len(names)), key=names.__getitem__)
        return [names[i] for i in order], Counter(tuple(row[i] for i in order) for row in answer.fetchall())


def test_a_state_decided_on_spark_connect_equals_the_one_decided_here(
    snapshot: Snapshot, lawbook: LawBook, spark: SparkEngine, tmp_path: Path
) -> None:
    assert snapshot.residents > 2000
    assert len(snapshot.districts) > 2
    decide_state(Deciding(snapshot, lawbook, DAY, tmp_path / "here"))
    steps: list[str] = []
    decide_on_cluster(spark, ClusterRun(snapshot.path, lawbook, DAY, tmp_path / "there"), steps.append)
    assert tuple(steps) == STEPS
    for table in TABLES:
        names, here = rows_of(tmp_path / "here" / table)
        other_names, there = rows_of(tmp_path / "there" / table)
        if table in WITH_DISTRICT:  # named in a column there, and by a folder, too, here
            assert "district_code" in names
            assert {name for name in names if name != "district"} == set(other_names)
            place = names.index("district")
            here = Counter({row[:place] + row[place + 1 :]: count for row, count in here.items()})
        else:
            assert names == other_names
        assert len(here) > (10 if table == "suspect" else 100), table
        assert there == here, (table, list((here - there).items())[:2], list((there - here).items())[:2])
    names, said = rows_of(tmp_path / "there" / "state")
    (state,) = (dict(zip(names, row, strict=True)) for row in said)
    assert (state["state"], state["snapshot"], state["law"], state["day"]) == (
        "complete",
        snapshot.hash,
        lawbook.hash,
        DAY,
    )


def test_the_awards_of_earlier_runs_and_the_command_line(
    snapshot: Snapshot, lawbook: LawBook, sail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with duckdb.connect() as duck:
        duck.execute(
            f"COPY (SELECT DISTINCT ON (member_id) member_id, 1 AS pension_group, 'SSP-OLD' AS scheme, 15000::BIGINT AS paise"
            f" FROM read_parquet('{snapshot.path}/pension/*/*.parquet') WHERE member_id % 3 = 0 AND NOT is_ghost ORDER BY ALL)"
            f" TO '{tmp_path}/changes.parquet' (FORMAT parquet)"
        )
    changes = tmp_path / "changes.parquet"
    decide_state(Deciding(snapshot, lawbook, DAY, tmp_path / "here", changes))
    with closing(SparkEngine(sail, tmp_path / "work")) as engine:
        with pytest.raises(EngineFailed):
            decide_on_cluster(
                engine, ClusterRun(snapshot.path, lawbook, DAY, tmp_path / "there", tmp_path / "none")
            )
        assert {
            row[names_of.index("state")]
            for names_of, rows in [rows_of(tmp_path / "there" / "state")]
            for row in rows
        } == {"deciding"}
        decide_on_cluster(engine, ClusterRun(snapshot.path, lawbook, DAY, tmp_path / "there", changes))
    assert not list((tmp_path / "work").iterdir())
    for table in ("decided", "forecast"):
        names, here = rows_of(tmp_path / "here" / table)
        place = names.index("district")
        assert (
            Counter({r[:place] + r[place + 1 :]: n for r, n in here.items()})
            == rows_of(tmp_path / "there" / table)[1]
        )

    said = {}
    for name, option in (("duckdb", []), ("spark", ["--engine", sail])):
        arguments = [
            "decide",
            "2016-10",
            "--snapshot",
            str(snapshot.path),
            "--out",
            str(tmp_path / name),
            *option,
        ]
        assert cli.run(arguments) == 0
        said[name] = capsys.readouterr().out.splitlines()
    assert said["spark"][:-1] == said["duckdb"][:-1]
    assert any(" start " in line for line in said["spark"])
    assert f"on {sail}" in said["spark"][-1]
    assert not list((tmp_path / "spark" / ".work").iterdir())


def test_what_cannot_be_reached_or_read_is_refused_in_both_languages(
    sail: str, spark: SparkEngine, lawbook: LawBook, tmp_path: Path
) -> None:
    refused: list[Refusal] = []
    for address in (
        "postgres://x",
        "spark://",
        "spark://host",
        "spark://host:port",
        "spark://a b:15002",
        "sc://x:1",
    ):
        with pytest.raises(UnknownEngine) as found:
            SparkEngine(address, tmp_path)
        assert f"'{address}'" in found.value.en
        refused.append(found.value)
    with socket.socket() as taken:  # a port that nobody listens on
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(EngineUnreachable) as unreachable:
            SparkEngine(f"spark://127.0.0.1:{taken.getsockname()[1]}/;token=secret", tmp_path)
    assert "secret" not in unreachable.value.en
    with pytest.raises(EngineFailed) as failed:
        spark.execute("SELECT nothing FROM nowhere")
    with pytest.raises(NoSnapshot) as missing:
        decide_on_cluster(spark, ClusterRun(tmp_path / "none", lawbook, DAY, tmp_path / "out"))
    refused += [unreachable.value, failed.value, missing.value]
    for refusal in refused:
        assert re.search("[\u0900-\u097f]", refusal.hi)
        assert "\n" not in refusal.en


def test_statements_are_written_in_forms_that_both_engines_speak() -> None:
    assert spark_sql("WITH a AS MATERIALIZED (SELECT 7::UINTEGER AS m) SELECT m // 2 AS h FROM a") == (
        "WITH a AS (SELECT CAST(7 AS BIGINT) AS m) SELECT m DIV 2 AS h FROM a"
    )
    with pytest.raises(ValueError, match="write ON"):
        spark_sql("SELECT a.k FROM a JOIN b USING (k)")


def test_rows_come_one_after_the_other(spark: SparkEngine) -> None:
    answer = spark.execute("SELECT n FROM (VALUES (1), (2), (3)) v(n) ORDER BY n")
    assert answer.fetchone() == (1,)
    assert answer.fetchall() == [(2,), (3,)]
    assert answer.fetchone() is None


def test_a_table_is_evaluated_once_even_when_it_is_empty(spark: SparkEngine) -> None:
    spark.execute("CREATE OR REPLACE TABLE none AS SELECT CAST(1 AS INTEGER) AS n, 'x' AS word WHERE false")
    assert spark.execute("SELECT n, word FROM none").fetchall() == []
    spark.execute("CREATE OR REPLACE TABLE some AS SELECT random() AS n")
    assert spark.execute("SELECT n FROM some").fetchone() == spark.execute("SELECT n FROM some").fetchone()
