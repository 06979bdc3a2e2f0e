"""Splink at work: candidate pairs by blocking rules, their weights, the evidence field by field, the band.

Everything stays in the engine: no pair is touched in Python. DuckDB compares unless a `Cluster` is given; then the records of a pass
travel there, and only pairs of a weight worth showing come back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb

from haqdar.identity.linking.model import MISSING, Comparison, Model, Weights

CERTAIN = "certain"
REVIEW = "review"
FAINT = 4.0
"""How far below the review band a list's candidates still count as rivals of those above it."""
LEAST_PLACE = 1e-5
"""No two records are taken to agree in a place more rarely than this, however few there are."""


@dataclass(frozen=True)
class Scored:
    """How many pairs were compared, and how many found."""

    candidates: int
    pairs: int


class Cluster(Protocol):
    """Another engine than DuckDB that can compare (`linking.spark`)."""

    def predict(
        self,
        duck: duckdb.DuckDBPyConnection,
        settings: Mapping[str, Any],
        tables: Sequence[str],
        common: Mapping[str, str],
        least: float,
        out: str,
    ) -> int:
        """Score as `_predict` does."""


def count_common(duck: duckdb.DuckDBPyConnection, model: Model, tables: Sequence[str]) -> dict[str, str]:
    """Count how common each value is among all records of `tables`; gives for each column the table with its shares."""
    made = {}
    for column in model.common:
        everything = " UNION ALL ".join(f"SELECT {column} FROM {table}" for table in tables)
        name = f"linkage_common_{column}"
        duck.execute(f"""
            CREATE OR REPLACE TABLE {name} AS
            SELECT {column}, count(*)::DOUBLE / sum(count(*)) OVER () AS tf_{column}
            FROM ({everything}) WHERE {column} IS NOT NULL GROUP BY {column}""")
        made[column] = name
    return made


def count_places(duck: duckdb.DuckDBPyConnection, model: Model, tables: Sequence[str]) -> dict[str, float]:
    """u of the comparison `place`: how often two records at random agree in each level and in none above it.

    A level with several sets of columns takes the one in which agreement is likeliest: a list may name villages and no district.
    """
    left, right = tables[0], tables[-1]
    agreeing: dict[str, float] = {}
    for code, columns in model.places:
        known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
        counted = [
            f"SELECT {', '.join(columns)}, count(*)::DOUBLE / sum(count(*)) OVER () AS share FROM {table}"
            f" WHERE {known} GROUP BY ALL"
            for table in (left, right)
        ]
        row = duck.execute(
            f"SELECT sum(a.share * b.share) FROM ({counted[0]}) a JOIN ({counted[1]}) b USING ({', '.join(columns)})"
        ).fetchone()
        agreeing[code] = max(agreeing.get(code, 0.0), float(row[0]) if row and row[0] is not None else 0.0)
    shares: dict[str, float] = {}
    above = 0.0
    for code, share in agreeing.items():
        shares[code] = max(share - above, LEAST_PLACE)
        if len(shares) == 1:
            shares["unlike"] = max(1 - share, LEAST_PLACE)
        above = max(above, share)
    shares["other"] = max(1 - above, LEAST_PLACE)
    return shares


def score(
    duck: duckdb.DuckDBPyConnection,
    model: Model,
    tables: Sequence[str],
    rules: Sequence[str],
    prior: float,
    common: Mapping[str, str],
    places: Mapping[str, float],
    out: str,
    cluster: Cluster | None = None,
    weights: Weights | None = None,
) -> Scored:
    """Create `out` (left_id, right_id, weight, standing, band, evidence) with the pairs of `tables` that are worth showing.

    One table is compared with itself (left_id < right_id), two with each other. `standing` is the weight against everybody else: a
    row of a list is one person, so what speaks for another candidate speaks against this one; bands go by it. `evidence` is JSON text: a list of
    [field, level, weight] in the model's order; the rest of `weight` is the chance before looking.
    """
    weights = weights or model.weights()
    link_type = "dedupe_only" if len(tables) == 1 else "link_only"
    settings = model.settings(link_type, rules, prior, weights, places)
    predict = cluster.predict if cluster else _predict
    least = weights.review_from - (0 if len(tables) == 1 else FAINT)
    candidates = predict(duck, settings, tables, common, least, "linkage_predicted")
    columns = {row[0] for row in duck.execute("DESCRIBE linkage_predicted").fetchall()}
    levels = {c.field: _level(c) for c in model.comparisons}
    parts = ", ', ', ".join(
        f"""'["{c.field}", "', {c.field}_level, '", ', round({_weight(c, columns)}, 2), ']'"""
        for c in model.comparisons
    )
    demanded = " AND ".join(_among(f"{name}_level", codes) for name, codes in model.demands.items())
    refused = " AND ".join(f"NOT {_among(f'{name}_level', codes)}" for name, codes in model.refused.items())
    # A row of a list that might be either of two residents (two sisters of one name) is nobody's for certain.
    rivals = "PARTITION BY unique_id_l ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW"
    standing = (
        "match_weight" if len(tables) == 1
        else f"match_weight - log2(1 + coalesce(sum(pow(2, match_weight)) OVER ({rivals}), 0))"
    )  # fmt: skip
    duck.execute(f"""
        CREATE OR REPLACE TABLE {out} AS
        WITH levelled AS (
            SELECT *, {", ".join(f"{sql} AS {name}_level" for name, sql in levels.items())} FROM linkage_predicted
        ), standing AS (
            SELECT *, {standing} AS standing FROM levelled WHERE {refused or "true"} AND ({model.never}) IS NOT TRUE
        )
        SELECT unique_id_l AS left_id, unique_id_r AS right_id, round(match_weight, 3) AS weight, round(standing, 3) AS standing,
            CASE WHEN standing >= {weights.certain_from} AND {demanded or "true"}
                AND ({model.uncertain}) IS NOT TRUE THEN '{CERTAIN}' ELSE '{REVIEW}' END AS band,
            concat('[', {parts}, ']') AS evidence
        FROM standing WHERE standing >= {weights.review_from}""")
    duck.execute("DROP TABLE linkage_predicted")
    (pairs,) = duck.execute(f"SELECT count(*) FROM {out}").fetchone() or (0,)
    return Scored(candidates, int(pairs))


def _predict(
    duck: duckdb.DuckDBPyConnection,
    settings: Mapping[str, Any],
    tables: Sequence[str],
    common: Mapping[str, str],
    least: float,
    out: str,
) -> int:
    # half a second that only a linkage should pay
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(connection=duck)
    linker = Linker(
        [api.register(table) for table in tables], dict(settings), log_level=None, validate_settings=False
    )
    for column, table in common.items():
        linker.table_management.register_term_frequency_lookup(api.register(table), column)
    blocked = linker.inference.compute_blocked_pairs_for_predict()
    (candidates,) = duck.execute(f"SELECT count(*) FROM {blocked.physical_name}").fetchone() or (0,)
    found = linker.inference.predict(threshold_match_weight=least, warning_mode="never")
    duck.execute(f"CREATE OR REPLACE TABLE {out} AS FROM {found.physical_name}")
    linker.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call]
    return int(candidates)


def _level(compared: Comparison) -> str:
    """SQL: the code of the level that Splink numbered, from the last level (0) upwards, -1 where nothing can be said."""
    numbered = " ".join(
        f"WHEN {number} THEN '{code}'" for number, code in enumerate(reversed(compared.codes))
    )
    return f"CASE gamma_{compared.field} {numbered} ELSE '{MISSING}' END"


def _weight(compared: Comparison, columns: set[str]) -> str:
    adjusted = f"mw_tf_adj_{compared.field}"
    return f"mw_{compared.field}" + (f" + {adjusted}" if adjusted in columns else "")


def _among(column: str, codes: frozenset[str]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in sorted(codes))})"
