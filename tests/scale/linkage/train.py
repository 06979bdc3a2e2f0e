"""Train the weights of the linkage models on planted truth, and choose the bands on other seeds than those reported.

    .venv/bin/python -m tests.scale.linkage.train           # writes src/haqdar/identity/linking/models/*.json

m and u are counted on the seeds of TRAIN: m over all true pairs, u over pairs at random (of one family for that model). The bands are
chosen on the seed of CHOOSE, as large as a register of a district or more, on what the product itself finds there: namesakes grow with
the square of the people. The certain band begins above the last weight from which more than one pair in `WRONG` would be wrong, and
never below `LEAST_CERTAIN`, set by hand; the review band where in a step of two less than one pair in `WORTH` is one person, and never
where the odds are against it by more than `LEAST_REVIEW`. `bench.py` reports on a seed that nobody has looked at.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import duckdb
from tests.scale.linkage.people import population, read_list, read_people

from haqdar.identity.linking import model as models
from haqdar.identity.linking.deduping import find_duplicates
from haqdar.identity.linking.matching import MATCHED, compare
from haqdar.identity.linking.model import FAMILY, LIST, REGISTER, Model, Weights
from haqdar.identity.linking.records import prepare

TRAIN = (11, 12)
CHOOSE = (13,)
CHOOSE_ON = {"register": 1_000_000, "list": 250_000}
RANDOM_PAIRS = 1_000_000
WRONG = 2_500
WORTH = 5
LEAST_CERTAIN = {"register": 9.0, "family": 6.6, "list": 7.0}
LEAST_REVIEW = -2.0
PLACE = Path(models.__file__).parent / "models"
HERE = Path("build/linkage")

Judged = list[tuple[float, bool, bool]]
"""Pairs found: weight, whether one person, whether everything but the weight lets it be certain."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--residents", type=int, default=50_000)
    parser.add_argument("which", nargs="*", default=["register", "list"])
    options = parser.parse_args()
    for group in ((REGISTER, FAMILY), (LIST,)):
        if group[0].name not in options.which:
            continue
        trained = {model.name: count(model, options.residents) for model in group}
        found = find(trained, CHOOSE_ON[group[0].name])
        for model in group:
            weights = trained[model.name]
            review, certain = bands(found[model.name], LEAST_CERTAIN[model.name])
            document = {
                "trained_on": f"demonstration with planted truth: m and u on seeds {', '.join(map(str, TRAIN))} with"
                f" {options.residents} residents, bands on seed {', '.join(map(str, CHOOSE))} with {CHOOSE_ON[group[0].name]};"
                f" set by hand: certain never below {LEAST_CERTAIN[model.name]}, review never below {LEAST_REVIEW}, of the certain"
                f" at most one in {WRONG} wrong" + "".join(_by_hand(one) for one in model.comparisons),
                "match_share": weights.match_share,
                "review_from": review,
                "certain_from": certain,
                "levels": {
                    field: {code: [float(f"{m:.4g}"), float(f"{u:.4g}")] for code, (m, u) in levels.items()}
                    for field, levels in weights.levels.items()
                },
            }
            (PLACE / f"{model.name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
            print(f"{model.name}: review from {review}, certain from {certain}", flush=True)


def load(duck: duckdb.DuckDBPyConnection, model: Model, residents: int, seed: int) -> list[str]:
    """The records of a population, ``true_pair`` and ``random_pair``; gives the tables compared."""
    place = population(HERE, residents, seed, rows=residents if model is LIST else 0)
    read_people(duck, place)
    prepare(duck, "person", "record")
    tables = ["record"]
    truth = "SELECT left_id, right_id FROM truth WHERE how <> 'twin'"
    if model is LIST:
        read_list(duck, place)
        prepare(duck, "beneficiary", "row")
        tables = ["row", "record"]
        truth = "FROM list_truth"
    if model is FAMILY:
        drawn = (
            "SELECT l.unique_id AS left_id, r.unique_id AS right_id FROM record l"
            " JOIN record r ON r.family_id = l.family_id AND r.unique_id > l.unique_id"
        )
    else:
        for name, table in (("one", tables[0]), ("other", tables[-1])):
            duck.execute(
                f"CREATE TABLE {name}_drawn AS SELECT unique_id, row_number() OVER (ORDER BY hash(unique_id, '{name}')) AS n FROM {table}"
            )
        drawn = f"""
            SELECT o.unique_id AS left_id, p.unique_id AS right_id
            FROM (SELECT 1 + (hash(i) % (SELECT count(*) FROM one_drawn))::BIGINT AS a,
                         1 + (hash(i, 3) % (SELECT count(*) FROM other_drawn))::BIGINT AS b FROM range({RANDOM_PAIRS}) t(i))
            JOIN one_drawn o ON o.n = a JOIN other_drawn p ON p.n = b"""
    wanted = model.within[0] if model is FAMILY else model.among
    for name, pairs in (("true_pair", truth), ("random_pair", drawn)):
        # in steps: a difference as a condition of the join may make the engine compare everybody with everybody
        duck.execute(f"CREATE TABLE {name}_drawn AS {pairs}")
        duck.execute(
            f"CREATE TABLE {name} AS SELECT left_id, right_id, {wanted} AS fits FROM {name}_drawn"
            f" JOIN {tables[0]} l ON l.unique_id = left_id JOIN {tables[-1]} r ON r.unique_id = right_id"
        )
        duck.execute(
            f"DELETE FROM {name} WHERE fits IS NOT TRUE OR left_id = right_id AND {len(tables) == 1}"
        )
    return tables


def count(model: Model, residents: int) -> Weights:
    """m and u of every level over the seeds of TRAIN, and the share of records (`family`: of pairs) with a partner."""
    seen: dict[tuple[str, str, str], float] = {}
    records = true = drawn = 0
    for seed in TRAIN:
        duck = duckdb.connect(
            config={"memory_limit": "2GB", "threads": 2, "temp_directory": str(HERE / "spill")}
        )
        tables = load(duck, model, residents, seed)
        columns = [row[0] for row in duck.execute(f"DESCRIBE {tables[-1]}").fetchall()]
        named = ", ".join(f"{side}.{column} AS {column}_{side}" for side in "lr" for column in columns)
        levels = ", ".join(
            f"CASE WHEN {c.missing} THEN 'missing' "
            + " ".join(f"WHEN {level.condition} THEN '{level.code}'" for level in c.levels)
            + f" ELSE '{c.otherwise}' END AS {c.field}"
            for c in model.comparisons
        )
        for which in ("true_pair", "random_pair"):
            duck.execute(f"""
                CREATE OR REPLACE TABLE levelled AS SELECT {levels}
                FROM (SELECT {named} FROM {which} p JOIN {tables[0]} l ON l.unique_id = p.left_id
                      JOIN {tables[-1]} r ON r.unique_id = p.right_id)""")
            for compared in model.comparisons:
                for level, pairs in duck.execute(
                    f"SELECT {compared.field}, count(*) FROM levelled GROUP BY 1"
                ).fetchall():
                    key = (compared.field, level, which)
                    seen[key] = seen.get(key, 0) + pairs
        records += _count(duck, tables[0])
        true += _count(duck, "true_pair")
        drawn += _count(duck, "random_pair")
        duck.close()
    made = {c.field: shares(c, seen) for c in model.comparisons if not c.declared}
    return Weights(
        made, round(true / (drawn if model is FAMILY else records), 5), LEAST_REVIEW - 1, -1000.0, ""
    )


def shares(
    compared: models.Comparison, seen: dict[tuple[str, str, str], float]
) -> dict[str, tuple[float, float]]:
    """(m, u) of each level; one that no pair of either kind reached weighs nothing."""
    of = {
        which: {code: seen.get((compared.field, code, which), 0) for code in compared.codes}
        for which in ("true_pair", "random_pair")
    }
    made = {}
    for group in (compared.apart, frozenset(compared.codes) - compared.apart):
        true, drawn = (
            max(sum(pairs for code, pairs in counted.items() if code in group), 1) for counted in of.values()
        )
        for code in group:
            u = max(of["random_pair"][code], 0.5) / drawn
            # ten more pairs that agree as people at random do: no level is impossible because it was not planted
            m = (of["true_pair"][code] + 10 * u) / (true + 10)
            if not of["true_pair"][code] and not of["random_pair"][code]:
                m = u
            made[code] = (max(m, compared.least_m), u)
    for code, twin in compared.like.items():
        made[code] = made[twin]
    return {code: made[code] for code in compared.codes}


def find(trained: dict[str, Weights], residents: int) -> dict[str, Judged]:
    """The pairs that the product finds on the seeds of CHOOSE with these weights, by model, whatever their weight."""
    found: dict[str, Judged] = {name: [] for name in trained}
    for seed in CHOOSE:
        duck = duckdb.connect(
            config={"memory_limit": "2GB", "threads": 2, "temp_directory": str(HERE / "spill")}
        )
        place = population(HERE, residents, seed, rows=residents if LIST.name in trained else 0)
        read_people(duck, place)
        if LIST.name in trained:
            read_list(duck, place)
            compare(duck, "beneficiary", "person", weights=trained[LIST.name])
            truth = """
                SELECT left_id, right_id FROM list_truth
                UNION SELECT l.left_id, t.right_id FROM list_truth l JOIN truth t ON t.left_id = l.right_id AND t.how <> 'twin'
                UNION SELECT l.left_id, t.left_id FROM list_truth l JOIN truth t ON t.right_id = l.right_id AND t.how <> 'twin'"""
            duck.execute(
                f"CREATE TABLE judged AS SELECT left_id, right_id, standing AS weight, band, 'list' AS model FROM {MATCHED}"
            )
        else:
            find_duplicates(duck, "person", "found", weights=trained)
            truth = "SELECT left_id, right_id FROM truth WHERE how <> 'twin'"
            duck.execute("""
                CREATE TABLE judged AS
                SELECT first_id AS left_id, second_id AS right_id, weight, band,
                    CASE WHEN a.family_id = b.family_id THEN 'family' ELSE 'register' END AS model
                FROM found JOIN person a ON a.row_id = first_id JOIN person b ON b.row_id = second_id""")
        for name, rows in found.items():
            rows += duck.execute(
                f"SELECT j.weight, t.left_id IS NOT NULL, j.band = 'certain' FROM judged j"
                f" LEFT JOIN ({truth}) t ON t.left_id = j.left_id AND t.right_id = j.right_id WHERE j.model = ?",
                [name],
            ).fetchall()
        duck.close()
    for rows in found.values():
        rows.sort(reverse=True)
    return found


def bands(found: Judged, least: float) -> tuple[float, float]:
    """Where the review band and the certain band begin."""
    right = wrong = 0
    certain = found[0][0]
    for weight, is_true, allowed in found:
        if allowed:
            right, wrong = right + is_true, wrong + (not is_true)
            if wrong <= (right + wrong) / WRONG:
                certain = weight
    review = LEAST_REVIEW
    for at in range(20, int(LEAST_REVIEW) - 1, -1):
        step: Sequence[bool] = [is_true for weight, is_true, _ in found if at <= weight < at + 2]
        if len(step) >= 20 and sum(step) * WORTH < len(step):
            review = at + 1.0
            break
    return review, round(max(certain + 0.1, review, least), 1)


def _by_hand(compared: models.Comparison) -> str:
    if compared.declared:
        return f", {compared.field} whole"
    return f", no m of {compared.field} below {compared.least_m}" if compared.least_m else ""


def _count(duck: duckdb.DuckDBPyConnection, table: str) -> int:
    row = duck.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


if __name__ == "__main__":
    main()
