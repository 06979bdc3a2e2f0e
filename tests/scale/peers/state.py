"""A demonstration State for the comparison: its registers, its snapshot, and the people of that snapshot as one file of facts.

    python -m tests.scale.peers.state RESIDENTS FOLDER

The engine decides from the snapshot, as in production; the peers get the very facts that the snapshot gives for the day of
determination, a row a person, the husband's facts beside the wife's, so that none of them has to read timelines or put families
together. Everything is made once and kept below FOLDER: `registers/`, `home/snapshots/…`, `people.parquet`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")

import duckdb
from tests.scale.peers.people import DAY

from haqdar.entitlement.facts import facts_sql
from haqdar.entitlement.registers import file_reader
from haqdar.entitlement.snapshot import Snapshot, engine, snapshot_of

KNOWN_ON = date(2016, 9, 20)

#: The people's columns among the facts; ages are left out, for every contender computes them from dates of birth.
COLUMNS = (
    *(
        "member_id",
        "family_id",
        "district_code",
        "alive",
        "migrated_out",
        "sex",
        "born_on",
        "marital_status",
        "bpl",
    ),
    *(
        "destitute",
        "income_tax_payer",
        "disability_percent",
        "intellectual_disability",
        "multiple_disability",
    ),
    *("wife_died", "living_daughters", "living_sons", "partner_present", "partner_id", "partner_born_on"),
    "partner_income_tax_payer",
)


def make_state(residents: int, folder: Path) -> None:
    """Write what is missing of the State's registers, snapshot and people below `folder`, the data folder's place included."""
    registers, people = folder / "registers", folder / "people.parquet"
    if not (folder / "registers.done").exists():
        command = [
            "demo",
            "--residents",
            str(residents),
            "--seed",
            "1",
            "--format",
            "parquet",
            "--out",
            str(registers),
        ]
        subprocess.run([sys.executable, "-m", "haqdar.config.cli", *command], check=True, stdout=sys.stderr)
        (folder / "registers.done").touch()
    if not people.exists():
        with closing(engine()) as duck:
            snapshot = snapshot_of(duck, file_reader(registers, KNOWN_ON), KNOWN_ON, DAY)
        (folder / "snapshot").unlink(missing_ok=True)
        (folder / "snapshot").symlink_to(snapshot.path)
        write_people_of(snapshot, people)


def write_people_of(snapshot: Snapshot, file: Path) -> None:
    """Write the facts of everybody in a snapshot on the day of determination, by member_id."""
    parts = file.with_suffix(".parts")
    parts.mkdir(exist_ok=True)
    for district in snapshot.districts:
        with closing(engine()) as duck:
            snapshot.attach_district(duck, district)
            asked = f"(SELECT member_id, DATE '{DAY}' AS day FROM own)"
            duck.execute(
                f"COPY (SELECT {', '.join(COLUMNS)} FROM ({facts_sql(asked)})) TO '{parts / district}.parquet' (FORMAT parquet)"
            )
    partial = file.with_suffix(".partial")
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(parts)}) as duck:
        duck.execute(
            f"COPY (FROM read_parquet('{parts}/*.parquet') ORDER BY member_id) TO '{partial}' (FORMAT parquet, COMPRESSION zstd)"
        )
    for part in parts.glob("*.parquet"):
        part.unlink()
    parts.rmdir()
    partial.rename(file)


if __name__ == "__main__":
    os.environ["HAQDAR_HOME"] = str(Path(sys.argv[2]).resolve() / "home")
    make_state(int(sys.argv[1].replace("_", "")), Path(sys.argv[2]).resolve())
