"""The engines that can run the law's statements: DuckDB on this machine, or a cluster that speaks Spark Connect.

Every statement is written once, in DuckDB's dialect. For Spark it is read by SQLGlot and written anew (`spark_sql`); what the
two do not share is not used in statements that both run (docs/decisions/0007). Which rows a statement gives is the same
on both, row by row; their order is not promised.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa
import sqlglot
from sqlglot import exp

from haqdar.base.refusal import Refusal, WrongUsage

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

LOCAL = "duckdb"
"""The name of the engine that needs nothing but this machine."""

_SPARK = re.compile(
    r"spark://(?P<host>\[[0-9a-fA-F:.]+\]|[^/:;\s\[\]]+):(?P<port>\d{1,5})/?(?P<options>;[^/\s]*)?"
)
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*://")
_PATIENCE_S = 5.0
"""How long a cluster may take to accept a connection before it counts as not there."""


class UnknownEngine(WrongUsage):
    """The engine named is neither DuckDB nor the address of a Spark Connect server."""

    code = "unknown_engine"
    en = "'{given}' is no engine. Write duckdb (this machine) or spark://HOST:PORT (a Spark Connect server)."
    hi = "'{given}' कोई इंजन नहीं है। duckdb (यही मशीन) या spark://HOST:PORT (Spark Connect सर्वर) लिखें।"


class EngineUnreachable(Refusal):
    """No server answers at the address of the engine."""

    code = "engine_unreachable"
    en = "No Spark Connect server answers at {address} ({said}). Check that it runs and that the port is open from here."
    hi = "{address} पर कोई Spark Connect सर्वर जवाब नहीं दे रहा ({said})। देखें कि वह चल रहा है और यहाँ से उसका पोर्ट खुला है।"


class EngineFailed(Refusal):
    """The engine could not carry out a statement; nothing of it counts as decided."""

    code = "engine_failed"
    en = "The engine at {address} gave up: {said}. Nothing was decided by this step; start it again when the cause is gone."
    hi = "{address} का इंजन रुक गया: {said}। इस चरण में कोई निर्णय नहीं हुआ; कारण दूर होने पर फिर से चलाएँ।"


class Answer(Protocol):
    """The rows of a statement."""

    def fetchone(self) -> Any:
        """The next row as a tuple, None after the last."""

    def fetchall(self) -> list[Any]:
        """The rows not fetched yet."""


class Engine(Protocol):
    """Runs statements of DuckDB's dialect; a DuckDB connection is one as it stands, `SparkEngine` is the other.

    ``CREATE OR REPLACE TABLE name AS …`` evaluates a SELECT once, ``CREATE OR REPLACE VIEW name AS …`` wherever it is used; any
    other SELECT brings its rows here.
    """

    def execute(self, query: str, /) -> Answer:
        """Run one statement."""


def is_remote(location: str | Path) -> bool:
    """Whether a location is an address in an object store and not a path.

    >>> is_remote("s3://state/snapshot"), is_remote("/data/snapshot")
    (True, False)
    """
    return isinstance(location, str) and _REMOTE.match(location) is not None


class Rows:
    """The rows of an Arrow table, one after the other."""

    def __init__(self, table: pa.Table) -> None:
        columns = [column.to_pylist() for column in table.columns]
        self._rows = iter(list(zip(*columns, strict=True)))

    def fetchone(self) -> tuple[Any, ...] | None:
        """See `Answer`."""
        return next(self._rows, None)

    def fetchall(self) -> list[tuple[Any, ...]]:
        """See `Answer`."""
        return list(self._rows)


class SparkEngine:
    """A cluster behind Spark Connect (Sail, Apache Spark). The client holds no data; the cluster reads and writes Parquet.

    A *location* is a folder of Parquet files or one such file: a path that means the same on every machine of the cluster, or
    an address in an object store (`s3://…`, `hdfs://…`) that they can reach. Tables are kept as Parquet below `scratch`, a
    location too, until `close`. Options of Spark Connect may follow the port as in its own addresses
    (`spark://HOST:PORT/;use_ssl=true`). Raises `UnknownEngine`, `EngineUnreachable`, `EngineFailed`.
    """

    def __init__(self, address: str, scratch: str | Path) -> None:
        found = _SPARK.fullmatch(address)
        if found is None:
            raise UnknownEngine(given=address)
        self.address = f"spark://{found['host']}:{found['port']}"  # without options: they may hold a token
        self.scratch = f"{_where(scratch)}/kept-{os.urandom(6).hex()}"
        host = found["host"].strip("[]")
        try:
            socket.create_connection((host, int(found["port"])), timeout=_PATIENCE_S).close()
        except OSError as error:
            raise EngineUnreachable(address=self.address, said=error.strerror or error) from error
        with self._answering():
            self._spark = _session(f"sc://{found['host']}:{found['port']}/{found['options'] or ''}")

    def execute(self, query: str, /) -> Rows:
        """Run one statement (see `Engine`)."""
        tree = sqlglot.parse_one(query, read="duckdb")
        self._settle_steps(tree)
        if not isinstance(tree, exp.Create):
            with self._answering():
                return Rows(self._spark.sql(_spark(tree)).toArrow())
        select = _spark(tree.expression)
        if tree.kind == "VIEW":
            with self._answering():
                self._spark.sql(select).createOrReplaceTempView(tree.this.name)
        else:
            self._keep(tree.this.name, select)
        return Rows(pa.table({}))

    def attach(self, name: str, *locations: str | Path) -> None:
        """Name the rows of the Parquet files at `locations`, which all have the same columns."""
        with self._answering():
            self._spark.read.parquet(*map(_where, locations)).createOrReplaceTempView(name)

    def write(self, select: str, folder: str | Path, by: Sequence[str] = ()) -> None:
        """Write the rows of a SELECT as Parquet into `folder`, whatever lay there before; `by` columns become folders."""
        self._write(spark_sql(select), _where(folder), by)

    def text(self, location: str | Path) -> str:
        """The text of a small file that the cluster sees; nothing where there is none."""
        with self._answering():
            table = self._spark.read.text(_where(location), wholetext=True).toArrow()
        return "\n".join(table.column(0).to_pylist()) if table.num_columns else ""

    @contextmanager
    def session(self) -> Iterator[SparkSession]:
        """The session itself, for who speaks to the cluster in its own dialect. Raises `EngineFailed` as `execute` does."""
        with self._answering():
            yield self._spark

    def close(self) -> None:
        """End the session. What was kept in an object store is left to the store's own clearing rule."""
        try:
            self._spark.stop()
        finally:
            if not is_remote(self.scratch):
                shutil.rmtree(self.scratch, ignore_errors=True)

    def _keep(self, name: str, select: str) -> None:
        place = f"{self.scratch}/{name}-{os.urandom(4).hex()}"
        self._write(select, place, ())
        with self._answering():
            kept = self._spark.read.parquet(place)
            if kept.columns:
                kept.createOrReplaceTempView(name)
            else:  # Sail leaves no file of a SELECT without rows, and so no columns either
                self._spark.sql(f"SELECT * FROM ({select}) LIMIT 0").createOrReplaceTempView(name)

    def _settle_steps(self, tree: exp.Expr) -> None:
        """Keep every step ``AS MATERIALIZED`` of a statement as a table of its own.

        Spark has no such hint: it writes a step out wherever it is used, and a step of many conditions used by every scheme
        grows beyond what its planner can hold.
        """
        for step in list(tree.find_all(exp.CTE)):
            if not step.args.get("materialized"):
                continue
            steps = step.parent.expressions if step.parent else []
            before = ", ".join(earlier.sql("duckdb") for earlier in steps[: steps.index(step)])
            name = f"{step.alias}_{os.urandom(4).hex()}"
            self._keep(
                name,
                spark_sql(f"WITH {before} {step.this.sql('duckdb')}" if before else step.this.sql("duckdb")),
            )
            step.set("this", exp.select("*").from_(name))
            step.set("materialized", None)

    def _write(self, select: str, place: str, by: Sequence[str]) -> None:
        with self._answering():
            writer = self._spark.sql(select).write.mode("overwrite")
            (writer.partitionBy(*by) if by else writer).parquet(place)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Turn what the client raises into a refusal with the cluster's own first words."""
        from grpc import RpcError
        from pyspark.errors import PySparkException

        try:
            yield
        except (PySparkException, RpcError) as error:
            said = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EngineFailed(address=self.address, said=said[:500]) from error


def spark_sql(statement: str) -> str:
    """A statement of DuckDB's dialect in Spark's.

    SQLGlot translates; three things are settled here. Spark has no unsigned integers, so those of 32 bits (criterion masks)
    become BIGINT with the same values. It knows no hint to materialise a step, so that is left out. DuckDB sorts NULL last
    and SQLGlot writes that out by itself.

    >>> spark_sql("WITH a AS MATERIALIZED (SELECT 7::UINTEGER AS mask) SELECT mask // 2 FROM a")
    'WITH a AS (SELECT CAST(7 AS BIGINT) AS mask) SELECT mask DIV 2 FROM a'
    """
    return _spark(sqlglot.parse_one(statement, read="duckdb"))


def _spark(tree: exp.Expr) -> str:
    for part in tree.walk():
        if isinstance(part, exp.DataType) and part.this in _WIDER:
            part.set("this", _WIDER[part.this])
        elif isinstance(part, exp.CTE):
            part.set("materialized", None)
        elif isinstance(part, exp.Join) and part.args.get("using"):
            raise ValueError(
                f"write ON: engines do not agree on what USING leaves of the columns, in {part.sql('duckdb')}"
            )
    return tree.sql("spark", comments=False)


_WIDER = {
    exp.DType.UTINYINT: exp.DType.SMALLINT,
    exp.DType.USMALLINT: exp.DType.INT,
    exp.DType.UINT: exp.DType.BIGINT,
}


def _session(url: str) -> SparkSession:
    with warnings.catch_warnings():
        # the client warns about pandas, which is not used: rows travel as Arrow
        warnings.simplefilter("ignore", FutureWarning)
        from pyspark.sql.connect.session import SparkSession

        spark = SparkSession.builder.remote(url).create()
    # fail on overflow and on division by zero instead of giving NULL, which would read as "unknown"
    spark.conf.set("spark.sql.ansi.enabled", "true")
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    # a district's code is a word, even where it looks like a number
    spark.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")
    return spark


def _where(location: str | Path) -> str:
    return str(location) if is_remote(location) else str(Path(location).absolute())
