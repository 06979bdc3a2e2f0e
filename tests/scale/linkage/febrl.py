"""FEBRL 3 and 4: Splink as this house runs it, and `recordlinkage` on the same data in the same run. Without the number (soc_sec_id),
which the peer's script leaves out of the files both read.

    make bench-linkage            # the peers' environment first, then this and `bench`

FEBRL's people are Australian, so the product's model does not apply; what is measured is the method: keys and levels made of plain
SQL, weights learnt without labels (expectation maximisation), term frequencies, one threshold. The threshold is chosen on FEBRL 2,
which is not reported. FEBRL 4 is judged pair by pair for both: neither is told that nobody stands twice in a list.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[3]
PEERS = ROOT / "build" / "linkage-peers" / "bin" / "python"
HERE = ROOT / "build" / "linkage"
TEXT = ("given_name", "surname", "suburb", "address_1", "address_2")


def main() -> None:
    """Print the table and keep it in build/linkage/febrl.json."""
    HERE.mkdir(parents=True, exist_ok=True)
    theirs = json.loads(
        subprocess.run(
            [PEERS, Path(__file__).with_name("febrl_peer.py"), HERE],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()[-1]
    )
    level = best_threshold(*score("febrl2"))
    print(f"threshold from FEBRL 2: {level:.1f}")
    result: dict[str, Any] = {"threshold": level}
    print(
        "| data | Splink F1 | precision | recall | blocking recall | s | recordlinkage F1 | s |\n|---|---|---|---|---|---|---|---|"
    )
    for name in ("febrl3", "febrl4"):
        began = time.monotonic()
        scored, total, blocked = score(name)
        seconds = time.monotonic() - began
        ours = figures(scored, total, level)
        peer = theirs[name]
        result[name] = {"ours": ours, "blocking": blocked, "seconds": seconds, "recordlinkage": peer}
        print(
            f"| {name} | {ours['f1']:.4f} | {ours['precision']:.4f} | {ours['recall']:.4f} | {blocked:.4f} | {seconds:.1f} |"
            f" {peer['f1']:.4f} | {peer['seconds']:.1f} |"
        )
    (HERE / "febrl.json").write_text(json.dumps(result, indent=1))


Pairs = list[tuple[float, bool, str, str]]


def score(name: str) -> tuple[Pairs, int, float]:
    """Every scored pair (weight, true, left, right), how many true pairs there are, and the share that blocking kept."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    duck = duckdb.connect()
    tables = ["a", "b"] if name == "febrl4" else ["a"]
    for table in tables:
        plain = ", ".join(f"nullif(lower(trim({column})), '') AS {column}" for column in TEXT)
        duck.execute(f"""
            CREATE TABLE {table} AS
            SELECT rec_id AS unique_id, split_part(rec_id, '-', 2) AS person, {plain}, nullif(trim(street_number), '') AS street_number,
                nullif(trim(postcode), '') AS postcode, nullif(trim(state), '') AS state, nullif(trim(date_of_birth), '') AS born
            FROM read_csv('{HERE}/{name}{table}.csv', all_varchar = true)""")
    settings = SettingsCreator(
        link_type="link_only" if len(tables) == 2 else "dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given_name", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("surname", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.CustomComparison(
                output_column_name="exchanged",
                comparison_levels=[
                    {"sql_condition": "given_name_l IS NULL OR surname_l IS NULL OR given_name_r IS NULL OR surname_r IS NULL", "label_for_charts": "null", "is_null_level": True},
                    {"sql_condition": "given_name_l = surname_r AND surname_l = given_name_r", "label_for_charts": "exchanged"},
                    {"sql_condition": "ELSE", "label_for_charts": "no"},
                ],
            ),
            cl.DamerauLevenshteinAtThresholds("born", [1, 2]),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]),
            cl.JaroWinklerAtThresholds("suburb", [0.9, 0.75]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1", [0.9, 0.75]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_2", [0.9, 0.75]),
            cl.LevenshteinAtThresholds("street_number", 1),
            cl.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("born"),
            block_on("given_name", "surname"),
            block_on("surname", "postcode"),
            block_on("given_name", "postcode"),
            block_on("suburb", "address_1"),
            block_on("postcode", "street_number"),
            block_on("substr(given_name, 1, 3)", "substr(surname, 1, 3)"),
            block_on("substr(surname, 1, 3)", "substr(suburb, 1, 4)"),
            block_on("substr(given_name, 1, 3)", "substr(suburb, 1, 4)"),
            block_on("substr(address_1, 1, 5)", "street_number"),
            block_on("substr(born, 1, 6)", "substr(surname, 1, 2)"),
            block_on("address_2"),
            "l.given_name = r.surname AND l.surname = r.given_name",
        ],
    )  # fmt: skip
    api = DuckDBAPI(connection=duck)
    linker = Linker([api.register(table) for table in tables], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("given_name", "surname", "born"),
            block_on("born", "postcode"),
            block_on("address_1", "born"),
        ],
        recall=0.7,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    for rule in (
        block_on("born"),
        block_on("given_name", "surname"),
        block_on("postcode", "substr(surname, 1, 1)"),
    ):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_weight=-30)
    rows = duck.execute(
        f"SELECT match_weight, split_part(unique_id_l, '-', 2) = split_part(unique_id_r, '-', 2), unique_id_l, unique_id_r"
        f" FROM {found.physical_name} ORDER BY 1 DESC"
    ).fetchall()
    on = (
        "a JOIN b USING (person)"
        if len(tables) == 2
        else "a x JOIN a y ON x.person = y.person AND x.unique_id < y.unique_id"
    )
    (total,) = duck.execute(f"SELECT count(*) FROM {on}").fetchone() or (0,)
    return rows, total, sum(row[1] for row in rows) / total


def figures(scored: Pairs, total: int, level: float) -> dict[str, float]:
    """Precision, recall and F1 of the pairs from `level` on."""
    chosen = [true for weight, true, *_ in scored if weight >= level]
    right = sum(chosen)
    precision, recall = right / max(len(chosen), 1), right / total
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / max(precision + recall, 1e-9),
    }


def best_threshold(scored: Pairs, total: int, _: float) -> float:
    """The weight with the best F1."""
    return max(range(-10, 21), key=lambda level: figures(scored, total, level)["f1"])


if __name__ == "__main__":
    sys.exit(main())
