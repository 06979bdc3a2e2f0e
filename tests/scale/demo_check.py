"""How fast demonstration registers are written, and how closely they meet the published tables.

    python tests/scale/demo_check.py 1500000 [FOLDER]

With a work list of the engine (`FOLDER/month/worklist.csv`), its moves are compared too.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.demo.reading import Move, moves, opened, pensioners  # noqa: E402

from haqdar.demo.generate import write_registers  # noqa: E402
from haqdar.demo.quotas import PENSIONERS, STATE, SWITCHES  # noqa: E402


def check(residents: int, folder: Path) -> None:
    """Write `residents` people to `folder` (unless registers are there) and print both tables beside the published ones."""
    if not (folder / "pensioners.csv").exists():
        started, cpu = time.perf_counter(), time.process_time()
        written = write_registers(folder, residents=residents, seed=1)
        seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{written.rows['residents']:,} residents in {seconds:.1f} s ({residents / seconds:,.0f}/s),",
            end=" ",
        )
        print(f"{time.process_time() - cpu:.1f} s of processor, peak {peak:,.0f} MiB")
    scale = residents / STATE
    with opened(folder) as engine:
        found = moves(engine, "2016-10-01", "2016-09-20")
        held = pensioners(engine)
        lists = {"reading": found}
        worklist = folder / "month" / "worklist.csv"
        if worklist.exists():
            rows = engine.execute(
                "SELECT from_scheme, from_amount::INTEGER, to_scheme, to_amount::INTEGER, count(*)"
                f" FROM read_csv('{worklist}', all_varchar = true, header = true)"
                " WHERE action = 'move' GROUP BY ALL"
            ).fetchall()
            lists["engine"] = {(a, b, c, d): n for a, b, c, d, n in rows}
    for name, counts in lists.items():
        print(f"\nmoves by the {name}")
        for move in sorted({*SWITCHES, *counts}, key=lambda m: -SWITCHES.get(m, 0)):
            _line(_title(move), counts.get(move, 0), SWITCHES.get(move, 0) * scale)
        _line("total", sum(counts.values()), sum(SWITCHES.values()) * scale)
    print("\npensioners")
    for row, published in PENSIONERS.items():
        _line(row, held.get(row, 0), published * scale)


def _title(move: Move) -> str:
    return "{}({}) to {}({})".format(*move)


def _line(title: str, found: int, expected: float) -> None:
    difference = f"{100 * (found / expected - 1):+.1f} %" if expected >= 1 else ""
    print(f"  {title:<36}{found:>10,}{expected:>12,.0f}{difference:>10}")


if __name__ == "__main__":
    size = int(sys.argv[1])
    if len(sys.argv) > 2:
        check(size, Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            check(size, Path(temporary))
