"""A list of people against the register: which resident may stand behind each row."""

from __future__ import annotations

import duckdb

from haqdar.identity.linking import scoring
from haqdar.identity.linking.model import LIST, Weights
from haqdar.identity.linking.records import prepare

MATCHED = "linkage_match"
"""The table that `compare` leaves."""


def match(
    duck: duckdb.DuckDBPyConnection, left: str, right: str, cluster: scoring.Cluster | None = None
) -> str:
    """Compare the people of `left` (a list) with those of `right` (`read_register`); gives the table with the pairs.

    Both are tables of people (`records.COLUMNS`). The table has left_id, right_id, weight (base-2 logarithm of the odds of the pair by
    itself), probability (what speaks for the row's other candidates taken into account), band (`certain`, `review`) and evidence (JSON
    text: a list of [field, level, weight]). Several candidates a row are kept where one is about as likely as the other. A name alone
    is never certain: see `model.LIST`.
    """
    compare(duck, left, right, cluster)
    return MATCHED


def compare(
    duck: duckdb.DuckDBPyConnection,
    left: str,
    right: str,
    cluster: scoring.Cluster | None = None,
    weights: Weights | None = None,
) -> scoring.Scored:
    """Do what `match` does and say how much was compared. `weights` stand in for the model's own while these are being chosen."""
    model = LIST
    weights = weights or model.weights()
    prepare(duck, left, "linkage_left")
    people = prepare(duck, right, "linkage_right")
    tables = ["linkage_left", "linkage_right"]
    common = scoring.count_common(duck, model, ["linkage_right"])
    places = scoring.count_places(duck, model, tables)
    prior = min(0.5, weights.match_share / max(people, 2))
    done = scoring.score(
        duck, model, tables, model.within, prior, common, places, "linkage_scored", cluster, weights
    )
    duck.execute(f"""
        CREATE OR REPLACE TABLE {MATCHED} AS
        SELECT left_id, right_id, weight, standing, 1 / (1 + pow(2, -standing)) AS probability, band, evidence FROM linkage_scored""")
    for table in ("linkage_scored", *tables, *common.values()):
        duck.execute(f"DROP TABLE {table}")
    return done
