"""Comparing on a cluster that speaks Spark Connect: Splink's own statements for Spark, the same pairs and weights as here.

The records of a pass travel to the cluster through the connection, its scored pairs come back; everything before and after happens
here. `entitlement.engines.SparkEngine` makes the session from an address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

PARTITIONS = 32
"""Into how many pieces the cluster cuts what it compares, at most."""
RECORDS_A_PIECE = 50_000


class SparkCluster:
    """A `scoring.Cluster` over a session of Spark Connect, whose end frees what the cluster kept (Sail knows no clearCache). What the
    cluster cannot do is raised as pyspark raises it.
    """

    def __init__(self, session: SparkSession, partitions: int = PARTITIONS) -> None:
        self._session = session
        self._partitions = partitions

    def predict(
        self,
        duck: duckdb.DuckDBPyConnection,
        settings: Mapping[str, Any],
        tables: Sequence[str],
        common: Mapping[str, str],
        least: float,
        out: str,
    ) -> int:
        """Create `out` with the pairs of `tables` that weigh `least` or more; gives how many pairs were compared."""
        from splink import Linker, SparkAPI

        records = sum(
            (duck.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,))[0] for table in tables
        )
        api = SparkAPI(  # type: ignore[no-untyped-call]
            spark_session=self._session,
            break_lineage_method="persist",
            # similarity functions in Java, which no comparison here uses and Spark Connect cannot be given
            register_udfs_automatically=False,
            # a piece costs more than what a small district has in it
            num_partitions_on_repartition=min(self._partitions, 1 + records // RECORDS_A_PIECE),
        )

        def sent(table: str) -> Any:
            return api.register(self._session.createDataFrame(duck.execute(f"FROM {table}").to_arrow_table()))

        linker = Linker(
            [sent(table) for table in tables], dict(settings), log_level=None, validate_settings=False
        )
        for column, table in common.items():
            linker.table_management.register_term_frequency_lookup(sent(table), column)
        blocked = linker.inference.compute_blocked_pairs_for_predict()
        candidates = self._session.table(blocked.physical_name).count()
        found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
        pairs = self._session.table(found.physical_name).toArrow()
        duck.register("linkage_from_cluster", pairs)
        duck.execute(f"CREATE OR REPLACE TABLE {out} AS FROM linkage_from_cluster")
        duck.unregister("linkage_from_cluster")
        return int(candidates)
