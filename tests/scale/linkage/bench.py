"""The linkage measured on planted truth, on a seed that neither trained the weights nor chose the bands and whose errors nobody read.

    python -m tests.scale.linkage.bench [RESIDENTS …] [--seed 41]      default: 100000 1000000

For each size: the register against itself, then a department's list of as many rows against it. Blocking recall (how many of all
true pairs any rule compares), precision and recall of each band by pairs, seconds, memory. Of a list also what a department sees, by
rows: the best candidate of each row (precision, recall, F1), the rows settled without a person, the rows that wait for one. Of the certain ones that
are wrong, `strangers` are rows of nobody: the generator gives them a resident's father, village and year with another's name, and some
hit that name. The tables go to the standard output, everything to build/linkage/bench.json.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

import duckdb
from tests.scale.linkage.people import population, read_list, read_people

from haqdar.demo.duplicates import CLEAN
from haqdar.identity.linking.deduping import find_duplicates
from haqdar.identity.linking.matching import MATCHED, compare
from haqdar.identity.linking.model import LIST, REGISTER
from haqdar.identity.linking.records import prepare

HERE = Path("build/linkage")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("residents", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--seed", type=int, default=41)
    parser.add_argument("--only", choices=["register", "list"])
    parser.add_argument("--noise", choices=list(CLEAN), default="heavy", help="of the department's list")
    options = parser.parse_args()
    results = []
    print(
        "| what | rows | true | candidates | blocking recall | certain: precision / recall | certain + review: precision / recall | twins certain | s | GB |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for residents in options.residents:
        place = population(HERE, residents, options.seed, rows=residents, noise=options.noise)
        for which, measure in (("register", register), ("list", department)):
            if options.only in (None, which):
                with tempfile.TemporaryDirectory(dir=HERE) as folder:
                    duck = duckdb.connect(
                        f"{folder}/bench.duckdb",
                        config={
                            "memory_limit": "3GB",
                            "threads": 2,
                            "temp_directory": folder,
                            "preserve_insertion_order": False,
                        },
                    )
                    results.append(measure(duck, place) | {"residents": residents, "what": which})
                    duck.close()
                print(_line(results[-1]), flush=True)
    print(
        "\n| list, by rows | best candidate: precision / recall | F1 | certain: precision / recall | wrong, of them strangers"
        " | for people |\n|---|---|---|---|---|---|"
    )
    for r in results:
        if r["what"] == "list":
            print(
                f"| {r['rows']:,} | {r['row_precision']:.4f} / {r['row_recall']:.3f} | {r['row_f1']:.4f}"
                f" | {r['row_certain_precision']:.4f} / {r['row_certain_recall']:.3f} | {r['certain_wrong']}, {r['strangers']}"
                f" | {100 * r['row_review']:.1f} % |"
            )
    (HERE / "bench.json").write_text(json.dumps(results, indent=1))


def register(duck: duckdb.DuckDBPyConnection, place: Path) -> dict[str, float]:
    """The register against itself."""
    read_people(duck, place)
    began = time.monotonic()
    passes = find_duplicates(duck, "person", "found")
    seconds = time.monotonic() - began
    duck.execute("CREATE TABLE pair AS SELECT first_id AS left_id, second_id AS right_id, band FROM found")
    duck.execute("CREATE TABLE true_pair AS SELECT left_id, right_id, how FROM truth WHERE how <> 'twin'")
    (twins,) = duck.execute(
        "SELECT count(*) FROM pair JOIN truth USING (left_id, right_id) WHERE how = 'twin' AND band = 'certain'"
    ).fetchone() or (0,)
    blocked = _blocked(duck, ("record", "record"), REGISTER.within)
    return _figures(duck) | {
        "candidates": sum(one["candidates"] for one in passes),
        "seconds": seconds,
        "twins": twins,
        "blocking": blocked,
    }


def department(duck: duckdb.DuckDBPyConnection, place: Path) -> dict[str, float]:
    """A list against the register; true is the resident of a row, or a planted duplicate of that resident."""
    read_people(duck, place)
    read_list(duck, place)
    began = time.monotonic()
    done = compare(duck, "beneficiary", "person")
    seconds = time.monotonic() - began
    duck.execute(f"CREATE TABLE pair AS SELECT left_id, right_id, weight, band FROM {MATCHED}")
    duck.execute("""
        CREATE TABLE true_pair AS
        FROM list_truth
        UNION SELECT l.left_id, t.right_id FROM list_truth l JOIN truth t ON t.left_id = l.right_id AND t.how <> 'twin'
        UNION SELECT l.left_id, t.left_id FROM list_truth l JOIN truth t ON t.right_id = l.right_id AND t.how <> 'twin'""")
    prepare(duck, "beneficiary", "one")
    prepare(duck, "person", "other")
    return (
        _figures(duck)
        | _by_rows(duck)
        | {
            "candidates": done.candidates,
            "seconds": seconds,
            "blocking": _blocked(duck, ("one", "other"), LIST.within),
        }
    )


def _by_rows(duck: duckdb.DuckDBPyConnection) -> dict[str, float]:
    """What a department sees of its list: the likeliest resident of each row, right if he or a duplicate of him is meant."""
    rows, known, best, right, certain, certain_right, review, strangers = (
        duck.execute("""
        WITH best AS (
            SELECT left_id, right_id, band FROM pair
            QUALIFY row_number() OVER (PARTITION BY left_id ORDER BY band, weight DESC, right_id) = 1
        )
        SELECT (SELECT count(*) FROM beneficiary), (SELECT count(*) FROM list_truth), count(*), count(t.left_id),
            count(*) FILTER (band = 'certain'), count(t.left_id) FILTER (band = 'certain'), count(*) FILTER (band = 'review'),
            count(*) FILTER (band = 'certain' AND left_id NOT IN (SELECT left_id FROM list_truth))
        FROM best LEFT JOIN true_pair t USING (left_id, right_id)""").fetchone()
        or (0,) * 8
    )
    precision, recall = right / max(best, 1), right / max(known, 1)
    return {
        "rows": rows,
        "row_precision": precision,
        "row_recall": recall,
        "row_f1": 2 * precision * recall / max(precision + recall, 1e-9),
        "row_certain_precision": certain_right / max(certain, 1),
        "row_certain_recall": certain_right / max(known, 1),
        "row_review": review / max(rows, 1),
        "certain_wrong": certain - certain_right,
        "strangers": strangers,
    }


def _blocked(
    duck: duckdb.DuckDBPyConnection, tables: tuple[str, str], rules: tuple[str, ...] | object
) -> float:
    """The share of true pairs that any blocking rule brings."""
    any_rule = " OR ".join(f"({rule})" for rule in rules)  # type: ignore[attr-defined]
    row = duck.execute(
        f"SELECT avg(CASE WHEN {any_rule} THEN 1.0 ELSE 0 END) FROM true_pair t JOIN {tables[0]} l ON l.unique_id = t.left_id"
        f" JOIN {tables[1]} r ON r.unique_id = t.right_id"
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


def _figures(duck: duckdb.DuckDBPyConnection) -> dict[str, float]:
    true, pairs, found, certain, right = duck.execute("""
        SELECT (SELECT count(*) FROM true_pair), count(*), count(t.left_id), count(*) FILTER (band = 'certain'),
            count(t.left_id) FILTER (band = 'certain')
        FROM pair p LEFT JOIN true_pair t USING (left_id, right_id)""").fetchone() or (0, 0, 0, 0, 0)
    return {
        "true": true,
        "pairs": pairs,
        "certain": certain,
        "certain_precision": right / max(certain, 1),
        "certain_recall": right / max(true, 1),
        "precision": found / max(pairs, 1),
        "recall": found / max(true, 1),
        "gigabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
    }


def _line(r: dict[str, float]) -> str:
    return (
        f"| {r['what']} | {r['residents']:,} | {r['true']:,} | {r.get('candidates', 0):,} | {r['blocking']:.3f}"
        f" | {r['certain_precision']:.4f} / {r['certain_recall']:.3f} | {r['precision']:.3f} / {r['recall']:.3f}"
        f" | {r.get('twins', '–')} | {r['seconds']:.0f} | {r['gigabytes']:.1f} |"
    )


if __name__ == "__main__":
    main()
