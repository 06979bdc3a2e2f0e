"""What is kept of every run, so that each of its decisions can be explained at any later date.

runs/<YYYY-MM>/<hash>/     manifest.json, and what `cases.deciding` writes of everybody: the cell each person was in, and
                           for every cell the facts and the criteria that were true and unknown
laws/<hash>/               the law of the run, file by file: its bits mean what that law says
snapshots/<hash>/          the facts themselves
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from haqdar.base.files import atomic_write
from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.entitlement.models import SimulationRun
from haqdar.law import LawBook, load_lawbook


class LawChangedUnderWay(Refusal):
    """The law's files are no longer those that were read."""

    code = "law_changed_under_way"
    en = "The law in {folder} was changed while it was read. Run the command again."
    hi = "{folder} का कानून पढ़ते समय बदल गया। आदेश फिर चलाएँ।"


def laws_folder(law_hash: str) -> Path:
    """Where the law with this hash is kept, a law folder like any other."""
    return Path(settings.HAQDAR_HOME) / "laws" / law_hash[:16]


def keep_law(lawbook: LawBook) -> Path:
    """Keep the files of a law under its hash, if they are not kept yet; returns the folder, a law folder like any other."""
    kept = laws_folder(lawbook.hash)
    home = kept.parent
    if not kept.is_dir() or load_lawbook(kept).hash != lawbook.hash:
        shutil.rmtree(kept, ignore_errors=True)
        home.mkdir(parents=True, exist_ok=True)
        working = Path(tempfile.mkdtemp(prefix=".writing-", dir=home))
        try:
            place = working / "law"
            (place / "schemes").mkdir(parents=True)
            for file in lawbook.files:
                base = lawbook.base
                if base is not None and file.is_relative_to(base):
                    kept_file = place / "base" / file.relative_to(base)
                else:
                    kept_file = place / file.relative_to(lawbook.folder)
                kept_file.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, kept_file)
            if load_lawbook(place).hash != lawbook.hash:
                raise LawChangedUnderWay(folder=lawbook.folder)
            place.rename(kept)
        except FileExistsError:
            pass  # another run kept the same law a moment ago
        finally:
            shutil.rmtree(working, ignore_errors=True)
    return kept


def run_folder(month: Month, inputs: str) -> Path:
    """Where the record of a run lies that was computed from `inputs` (`MonthRun.inputs_hash`)."""
    return Path(settings.HAQDAR_HOME) / "runs" / str(month) / inputs[:16]


def working_folder(month: Month) -> Path:
    """Where a run of `month` works until its inputs are all known; a run that was killed goes on there."""
    return Path(settings.HAQDAR_HOME) / "runs" / str(month) / ".working"


def keep_run(month: Month, inputs: str, manifest: dict[str, object]) -> Path:
    """Turn the working folder of a run into its record; an equal record that is there already stays."""
    working, final = working_folder(month), run_folder(month, inputs)
    with atomic_write(working / "manifest.json") as path:
        path.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", "utf-8")
    if final.is_dir():
        shutil.rmtree(working)
    else:
        working.rename(final)
    return final


def snapshots_on_record() -> set[str]:
    """The hashes of the snapshots on which the runs in the data folder and the trials of proposals were made."""
    runs = (Path(settings.HAQDAR_HOME) / "runs").glob("*/*/manifest.json")
    trials = (
        SimulationRun.objects.exclude(snapshot_hash="").values_list("snapshot_hash", flat=True).distinct()
    )
    return {str(json.loads(path.read_text("utf-8"))["snapshot"]) for path in runs} | set(trials)
