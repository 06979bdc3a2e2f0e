"""Holds the product against the oracle on random States.

    python -m tests.oracle.compare --seeds 1-50 [--dirty] [--sanction-starts] [--show 3]

For each seed the State is written, loaded and run by `./haqdar` in a fresh HAQDAR_HOME, and rejections,
entitlements, worklist (with and without --all), forecast and the first month's dues are compared row by row:
`-` the oracle's row that the product lacks, `+` the product's row that the oracle lacks, then the person's facts.
"""

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .load import Known, Register, Rejection, Row
from .month import DUES, ENTITLEMENTS, FORECAST, WORKLIST, Day, Facts, Month
from .states import Case, make_case

LoadFolder = Callable[[Path, date, Path], object]
RunMonth = Callable[[str, Path, date | None, bool], object]

ROOT = Path(__file__).resolve().parents[2]
REJECTIONS = ["file", "line", "field", "code"]


@dataclass(frozen=True)
class Difference:
    seed: int
    where: str  # which delivery or run
    file: str
    sign: str  # "-" missing in the product, "+" only in the product
    row: tuple[tuple[str, str], ...]
    facts: str = ""

    @property
    def kind(self) -> str:
        row = dict(self.row)
        names = ("action", "code", "kind", "group", "from_scheme", "to_scheme", "scheme", "field", "reason")
        return " ".join([self.file, self.sign, *(row[name] for name in names if row.get(name))])

    def __str__(self) -> str:
        row = ", ".join(f"{name}={value}" for name, value in self.row)
        return f"seed {self.seed} {self.where} {self.file}: {self.sign} {row}"


def read_rows(path: Path, columns: list[str]) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [{name: row[name] for name in columns} for row in csv.DictReader(stream)]


def one_sided(expected: list[Row], actual: list[Row]) -> list[tuple[str, Row]]:
    """Rows that only one side has, counted."""
    wanted = Counter(tuple(row.items()) for row in expected)
    given = Counter(tuple(row.items()) for row in actual)
    found = [("-", dict(row)) for row in (wanted - given).elements()]
    found += [("+", dict(row)) for row in (given - wanted).elements()]
    return sorted(found, key=lambda one: (one[1].get("member_id", ""), one[1].get("line", ""), one[0]))


def about(known: Known, member_id: str, day: date) -> str:
    """All that is known about a person, for the reader of a difference."""
    facts = Facts(known)
    lines: list[str] = []

    def tell(label: str, number: str) -> None:
        row = facts.residents.get(number)
        if row is None:
            lines.append(f"    {label} {number}: no resident")
            return
        filled = {name: value for name, value in row.items() if value and name not in ("name_en", "name_hi")}
        lines.append(f"    {label} {filled}")
        on_day = Day(facts, day)
        lines.append(
            f"      on {day}: age {on_day.age(row)}, status {on_day.status(row)}, spouse {on_day.spouse(row)}, "
            f"alive {on_day.alive(row)}, migrated {on_day.migrated(number)}, bpl {on_day.bpl(row['family_id'])}"
        )
        for event in facts.events.get(number, []):
            lines.append(f"      event {list(event.values())}")

    tell("person", member_id)
    row = facts.residents.get(member_id)
    if row is not None:
        for card in facts.cards.get(row["family_id"], []):
            lines.append(f"      card {list(card.values())}")
        for certificate in facts.certificates.get(member_id, []):
            lines.append(f"      certificate {list(certificate.values())}")
        spouse_id = Day(facts, day).spouse(row)
        if spouse_id:
            tell("spouse", spouse_id)
        for parent_id in {member_id, spouse_id} - {""}:
            for child_id in facts.children.get(parent_id, []):
                child = facts.residents[child_id]
                death = facts.death(child_id)
                died = death["happened_on"] if death else ""
                lines.append(
                    f"      child of {parent_id}: {child['sex']} born {child['born_on']} died {died}"
                )
    for pension in known.rows["pensioners"].values():
        if pension["member_id"] == member_id:
            lines.append(f"      holds {list(pension.values())}")
    return "\n".join(lines)


def compare_case(
    case: Case, load_folder: LoadFolder, run_month: RunMonth, folder: Path, starts_sanctioned: bool = False
) -> list[Difference]:
    """Runs a case on both sides; the product must start with an empty register."""
    found: list[Difference] = []
    register = Register()

    def note(
        where: str, file: str, expected: list[Row], actual: list[Row], known: Known | None = None
    ) -> None:
        for sign, row in one_sided(expected, actual):
            facts = ""
            if known is not None:
                facts = about(known, row["member_id"], case.runs[0].determined_on)
            found.append(Difference(case.seed, where, file, sign, tuple(row.items()), facts))

    for number, delivery in enumerate(case.deliveries):
        source = folder / f"delivery-{number}"
        out = folder / f"loaded-{number}"
        out.mkdir(parents=True, exist_ok=True)
        delivery.write(source)
        outcome = register.load(source, delivery.delivered_on)
        load_folder(source, delivery.delivered_on, out)
        expected = [rejection_row(one) for one in outcome.rejections]
        note(f"delivery {number}", "rejections", expected, read_rows(out / "rejections.csv", REJECTIONS))

    for number, run in enumerate(case.runs):
        known = register.known_on(run.known_on or date.max)
        month = Month(known, run.determined_on)
        where = f"{run.month} known on {run.known_on or 'now'}"
        for all_rows in (False, True):
            out = folder / f"month-{number}{'-all' if all_rows else ''}"
            out.mkdir(parents=True, exist_ok=True)
            run_month(run.month, out, run.known_on, all_rows)
            expected = month.worklist(all_rows)
            note(where, "worklist", expected, read_rows(out / "worklist.csv", WORKLIST), known)
            if all_rows:
                continue
            note(
                where,
                "entitlements",
                month.entitlements(),
                read_rows(out / "entitlements.csv", ENTITLEMENTS),
                known,
            )
            note(where, "forecast", month.forecast(), read_rows(out / "forecast.csv", FORECAST), known)
            if number == 0:
                dues, unsure = month.dues(starts_sanctioned)
                given = read_rows(out / "dues.csv", DUES)
                note(
                    where,
                    "dues",
                    [row for row in dues if row["member_id"] not in unsure],
                    [row for row in given if row["member_id"] not in unsure],
                    known,
                )
    return found


def rejection_row(one: Rejection) -> Row:
    return {"file": one.file, "line": str(one.line), "field": one.field, "code": one.code}


class CommandLine:
    """The product by its command line, in a data folder of its own."""

    def __init__(self, home: Path, starts_sanctioned: bool) -> None:
        self.environment = {**os.environ, "HAQDAR_HOME": str(home)}
        self.starts_sanctioned = starts_sanctioned

    def run(self, *words: str) -> None:
        command = [str(ROOT / "haqdar"), *words]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, cwd=ROOT, check=False
        )
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")

    def load_folder(self, folder: Path, delivered_on: date, out: Path) -> None:
        self.run("load", str(folder), "--delivered-on", delivered_on.isoformat(), "--out", str(out))

    def run_month(self, month: str, out: Path, known_on: date | None, all_rows: bool) -> None:
        words = ["month", month, "--out", str(out)]
        if known_on is not None:
            words += ["--known-on", known_on.isoformat()]
        if all_rows:
            words.append("--all")
        if self.starts_sanctioned:
            words.append("--sanction-starts")
        self.run(*words)


def seeds_of(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default="1-20", help="one seed or first-last")
    parser.add_argument("--dirty", action="store_true", help="corrupt fields, rows and files")
    parser.add_argument("--sanction-starts", action="store_true", help="run months with sanctioned starts")
    parser.add_argument("--show", type=int, default=3, help="examples printed per kind of difference")
    parser.add_argument("--keep", action="store_true", help="keep the folders of seeds that differ")
    arguments = parser.parse_args()
    kinds: Counter[str] = Counter()
    for seed in seeds_of(arguments.seeds):
        case = make_case(seed, arguments.dirty)
        folder = Path(tempfile.mkdtemp(prefix=f"oracle-{seed}-"))
        folder.chmod(0o755)
        product = CommandLine(folder / "home", arguments.sanction_starts)
        found = compare_case(case, product.load_folder, product.run_month, folder, arguments.sanction_starts)
        print(f"seed {seed}: {len(found)} differences", flush=True)
        for difference in found:
            kinds[difference.kind] += 1
            if kinds[difference.kind] <= arguments.show:
                print(difference)
                if difference.facts:
                    print(difference.facts)
        if found and arguments.keep:
            print(f"  kept in {folder}")
        else:
            shutil.rmtree(folder)
    for kind, count in kinds.most_common():
        print(f"{count:6d}  {kind}")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
