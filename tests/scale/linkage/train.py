"""Train the weights of the linkage models on planted truth, and choose the bands on other seeds than those reported.

    .venv/bin/python -m tests.scale.linkage.train           # writes src/haqdar/identity/linking/models/*.json

m and u are counted on the seeds of TRAIN: m over all true pairs, u over pairs at random. The thresholds are chosen on the seeds of
CHOOSE: the certain band begins where at most one pair in two thousand is wrong, and at odds of a thousand (a list: a hundred) to one at least, the review band where one in twenty is right at the
margin. `bench.py` reports on other seeds still.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import duckdb
from tests.scale.linkage.people import population, read_list, read_people

from haqdar.identity.linking import model as models
from haqdar.identity.linking import scoring
from haqdar.identity.linking.model import REGISTER, Model, Weights
from haqdar.identity.linking.records import prepare

TRAIN = (11, 12)
CHOOSE = (13, 14)
RANDOM_PAIRS = 300_000
PLACE = Path(models.__file__).parent / "models"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--residents", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=Path("build/linkage"))
    parser.add_argument("models", nargs="*", default=["register", "list"])
    options = parser.parse_args()
    for name in options.models:
        model = models.MODELS[name]
        levels = count_levels(model, options.folder, options.residents)
        weights = Weights(levels, 0.01 if model is REGISTER else 0.85, -8.0, 0.0, "")
        review, certain = choose(model, weights, options.folder, options.residents)
        document = {
            "trained_on": f"demonstration, seeds {TRAIN}, bands on {CHOOSE}, {options.residents} residents",
            "match_share": weights.match_share,
            "review_from": review,
            "certain_from": certain,
            "levels": {
                f: {c: [round(m, 6), float(f"{u:.4g}")] for c, (m, u) in ls.items()}
                for f, ls in levels.items()
            },
        }
        (PLACE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        print(name, "review from", review, "certain from", certain)


def load(duck: duckdb.DuckDBPyConnection, model: Model, folder: Path, residents: int, seed: int) -> list[str]:
    """The records of a population, and ``true_pair``; gives the tables compared."""
    place = population(folder, residents, seed, rows=0 if model is REGISTER else residents)
    read_people(duck, place)
    prepare(duck, "person", "record")
    if model is REGISTER:
        duck.execute(
            "CREATE OR REPLACE TABLE true_pair AS SELECT left_id, right_id FROM truth WHERE how <> 'twin'"
        )
        return ["record"]
    read_list(duck, place)
    prepare(duck, "beneficiary", "row")
    # a row's duplicate in the register is its resident, too
    duck.execute("""
        CREATE OR REPLACE TABLE true_pair AS
        FROM list_truth
        UNION SELECT l.left_id, t.right_id FROM list_truth l JOIN truth t ON t.left_id = l.right_id AND t.how <> 'twin'
        UNION SELECT l.left_id, t.left_id FROM list_truth l JOIN truth t ON t.right_id = l.right_id AND t.how <> 'twin'""")
    return ["row", "record"]


def count_levels(model: Model, folder: Path, residents: int) -> dict[str, dict[str, tuple[float, float]]]:
    """(m, u) of every level, over the seeds of TRAIN."""
    counted: dict[tuple[str, str, int], float] = {}
    for seed in TRAIN:
        print("counting seed", seed, flush=True)
        duck = duckdb.connect(config={"memory_limit": "2GB", "max_temp_directory_size": "1GB"})
        tables = load(duck, model, folder, residents, seed)
        left, right = tables[0], tables[-1]
        shuffled = "SELECT unique_id, row_number() OVER (ORDER BY hash(unique_id, {salt})) AS n FROM {table}"
        for name, table in (("one", left), ("other", right)):
            duck.execute(f"CREATE TABLE {name}_shuffled AS {shuffled.format(salt=len(name), table=table)}")
        duck.execute(f"""
            CREATE TABLE drawn AS
            SELECT 1 + (hash(i) % (SELECT count(*) FROM one_shuffled))::BIGINT AS a, 1 + (hash(i, 3) % (SELECT count(*) FROM other_shuffled))::BIGINT AS b
            FROM range({RANDOM_PAIRS}) t(i)""")
        duck.execute("""
            CREATE TABLE random_pair AS
            SELECT l.unique_id AS left_id, r.unique_id AS right_id
            FROM drawn JOIN one_shuffled l ON l.n = a JOIN other_shuffled r ON r.n = b WHERE l.unique_id <> r.unique_id""")
        for which, pairs in enumerate(("true_pair", "random_pair")):
            named = ", ".join(
                f"{side}.{column} AS {column}_{side}" for side in "lr" for column in _columns(duck, right)
            )
            levels = ", ".join(
                f"CASE WHEN {c.missing} THEN 'missing' "
                + " ".join(f"WHEN {level.condition} THEN '{level.code}'" for level in c.levels)
                + f" ELSE '{c.otherwise}' END AS {c.field}"
                for c in model.comparisons
            )
            duck.execute(f"""
                CREATE OR REPLACE TABLE levelled AS SELECT {levels}
                FROM (SELECT {named} FROM {pairs} p JOIN {left} l ON l.unique_id = p.left_id JOIN {right} r ON r.unique_id = p.right_id)""")
            for compared in model.comparisons:
                for level, count in duck.execute(
                    f"SELECT {compared.field}, count(*) FROM levelled GROUP BY 1"
                ).fetchall():
                    key = (compared.field, level, which)
                    counted[key] = counted.get(key, 0) + count
        duck.close()
    made: dict[str, dict[str, tuple[float, float]]] = {}
    for compared in model.comparisons:
        total = [
            sum(counted.get((compared.field, code, which), 0) for code in compared.codes) for which in (0, 1)
        ]
        made[compared.field] = {
            code: (
                (counted.get((compared.field, code, 0), 0) + 0.5) / (total[0] + 0.5 * len(compared.codes)),
                max(counted.get((compared.field, code, 1), 0) / max(total[1], 1), 1e-7),
            )
            for code in compared.codes
        }
    return made


def _columns(duck: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in duck.execute(f"DESCRIBE {table}").fetchall()]


def scored(
    duck: duckdb.DuckDBPyConnection, model: Model, tables: list[str], weights: Weights
) -> scoring.Scored:
    """Score a population's pairs into ``scored`` with what a run would count, whatever their band."""
    (size,) = duck.execute(f"SELECT count(*) FROM {tables[-1]}").fetchone() or (1,)
    common = scoring.count_common(duck, model, [tables[-1]])
    places = scoring.count_places(duck, model, tables)
    prior = (2 if len(tables) == 1 else 1) * weights.match_share / size
    return scoring.score(duck, model, tables, model.within, prior, common, places, "scored", weights=weights)


def choose(model: Model, weights: Weights, folder: Path, residents: int) -> tuple[float, float]:
    """The least weights of the review band and of the certain band."""
    rows: list[tuple[float, bool, bool]] = []
    for seed in CHOOSE:
        print("choosing on seed", seed, flush=True)
        duck = duckdb.connect(config={"memory_limit": "2GB", "max_temp_directory_size": "1GB"})
        tables = load(duck, model, folder, residents, seed)
        low = Weights(weights.levels, weights.match_share, -8.0, -1000.0, "")
        scored(duck, model, tables, low)
        rows += duck.execute(
            "SELECT s.weight, t.left_id IS NOT NULL, s.band = 'certain' FROM scored s LEFT JOIN true_pair t"
            " ON t.left_id = s.left_id AND t.right_id = s.right_id ORDER BY s.weight DESC"
        ).fetchall()
        duck.close()
    rows.sort(reverse=True)
    certain = wrong = right = 0.0
    best = rows[0][0]
    for weight, is_true, allowed in rows:
        if allowed:
            right, wrong = right + is_true, wrong + (not is_true)
            if wrong <= max(1, (right + wrong) / 2_000):
                best = weight
    certain = best
    review = _margin(rows)
    return round(review, 1), round(max(certain + 0.5, review, 10.0 if model is REGISTER else 7.0), 1)


def _margin(rows: list[tuple[float, bool, bool]]) -> float:
    """The least whole weight above which every step of two still has one true pair in twenty."""
    at = 10
    while at > -6:
        step = [is_true for weight, is_true, _ in rows if at - 2 <= weight < at]
        if len(step) >= 20 and sum(step) / len(step) < 0.05:
            break
        at -= 1
    return float(at)


if __name__ == "__main__":
    main()
