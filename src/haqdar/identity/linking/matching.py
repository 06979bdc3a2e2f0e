"""A list of people against the register: which resident may stand behind each row."""

from __future__ import annotations

import duckdb

from haqdar.identity.linking import scoring
from haqdar.identity.linking.model import LIST, Weights
from haqdar.identity.linking.records import prepare


def match(
    duck: duckdb.DuckDBPyConnection,
    left: str,
    right: str,
    cluster: scoring.Cluster | None = None,
    weights: Weights | None = None,
) -> str:
    """Compare the people of `left` (a list) with those of `right` (`read_register`); gives the table with the pairs.

    Both are tables of people (`records.COLUMNS`). The table has left_id, right_id, weight (base-2 logarithm of the odds), probability,
    band (`certain`, `review`) and evidence (JSON text: a list of [field, level, weight]); several candidates a row are kept, weaker
    pairs are left out. `weights` stand in for the model's own while these are being chosen. A name alone is never certain: the certain band also demands the father's, husband's or mother's name.
    """
    model = LIST
    weights = weights or model.weights()
    prepare(duck, left, "linkage_left")
    people = prepare(duck, right, "linkage_right")
    tables = ["linkage_left", "linkage_right"]
    common = scoring.count_common(duck, model, ["linkage_right"])
    places = scoring.count_places(duck, model, tables)
    prior = min(0.5, weights.match_share / max(people, 2))
    scoring.score(
        duck, model, tables, model.within, prior, common, places, "linkage_scored", cluster, weights
    )
    duck.execute("""
        CREATE OR REPLACE TABLE linkage_match AS
        SELECT left_id, right_id, weight, 1 / (1 + pow(2, -weight)) AS probability, band, evidence FROM linkage_scored""")
    for table in ("linkage_scored", *tables, *common.values()):
        duck.execute(f"DROP TABLE {table}")
    return "linkage_match"
