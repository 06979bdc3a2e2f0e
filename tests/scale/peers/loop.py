"""Contender: a loop over records in Python, as case-management systems decide; on a sample, its rate extrapolated.

One function per person, plain comparisons, None for what nobody knows. Only the loop is measured, neither the reading of
the records nor the fetching of families that such systems do from a database with each record.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.scale.peers.job import COMPRESSION, GROUPS, RANK, SCHEMES, Watch, contend

SAMPLE = 100_000
Verdict = bool | None


def all_of(*tests: Verdict) -> Verdict:
    """Kleene's AND: one false decides; otherwise one unknown leaves it open."""
    if False in tests:
        return False
    return None if None in tests else True


def any_of(*tests: Verdict) -> Verdict:
    """Kleene's OR: one true decides; otherwise one unknown leaves it open."""
    if True in tests:
        return True
    return None if None in tests else False


def opposite(test: Verdict) -> Verdict:
    return None if test is None else not test


def completed_years(born_on: date | None, day: date) -> int | None:
    if born_on is None:
        return None
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def between(value: int | None, least: int, most: int) -> Verdict:
    return None if value is None else least <= value <= most


def one_of(value: str | None, *words: str) -> Verdict:
    return None if value is None else value in words


def decide(person: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The result row of one person."""
    age = completed_years(person["born_on"], day)
    present = person["alive"] and not person["migrated_out"]
    poor = present and person["bpl"]
    sex, status = person["sex"], person["marital_status"]
    widow = all_of(sex == "F", one_of(status, "widowed"))
    sixty = between(age, 60, 200)
    partner_sixty, partner_taxed = False, False
    if person["partner_present"]:
        partner_sixty = between(completed_years(person["partner_born_on"], day), 60, 200)
        partner_taxed = person["partner_income_tax_payer"]
    payee = one_of(status, "married", "widowed", "deserted") if sex == "F" else one_of(status, "widowed")
    verdicts: dict[str, Verdict] = {
        "ignoaps": all_of(poor, sixty),
        "ignwps": all_of(poor, widow, between(age, 40, 79)),
        "igndps": all_of(poor, person["disability_percent"] >= 80, between(age, 18, 79)),
        "ssp_old": all_of(present, person["destitute"], sixty),
        "ssp_widow": all_of(poor, widow, between(age, 18, 39)),
        "ssp_deserted": all_of(poor, sex == "F", one_of(status, "deserted"), between(age, 18, 59)),
        "ssp_pwd": all_of(poor, person["disability_percent"] >= 40, between(age, 6, 18)),
        "kanya": all_of(
            present,
            sex in ("F", "M"),
            payee,
            sex != "M" or person["wife_died"],
            any_of(sixty, partner_sixty),
            person["living_daughters"] >= 1,
            person["living_sons"] == 0,
            opposite(any_of(person["income_tax_payer"], partner_taxed)),
        ),
        "mrmd": all_of(present, person["intellectual_disability"] or person["multiple_disability"]),
    }
    amounts = {
        "ignoaps": 50000
        if age is not None and age >= 80
        else 27500
        if age is not None and age >= 65
        else 20000,
        "ignwps": 30000,
        "igndps": 30000,
        "ssp_old": 15000,
        "ssp_widow": 15000,
        "ssp_deserted": 15000,
        "ssp_pwd": 15000,
        "kanya": 50000,
        "mrmd": 50000,
    }
    row: dict[str, Any] = {"member_id": person["member_id"]}
    best: dict[int, str] = {}
    for stem, group in SCHEMES:
        verdict = verdicts[stem]
        row[f"{stem}_verdict"] = verdict
        row[f"{stem}_paise"] = amounts[stem] if verdict else None
        if verdict and (group not in best or amounts[stem] > amounts[best[group]]):
            best[group] = stem
    for group in GROUPS:
        chosen = best.get(group)
        row[f"best_{group}"] = RANK[chosen] if chosen else None
        row[f"best_{group}_paise"] = amounts[chosen] if chosen else None
    return row


def run(people: Path, result: Path, day: date, watch: Watch) -> dict[str, Any]:
    batches = pq.ParquetFile(people).iter_batches(batch_size=50_000)
    persons = list(islice((person for batch in batches for person in batch.to_pylist()), SAMPLE))
    with watch.phase("decide"):
        rows = [decide(person, day) for person in persons]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema()), result, compression=COMPRESSION)
    return {"sample": len(rows)}


def schema() -> pa.Schema:
    """The result's columns for pyarrow (a column may be empty throughout a sample)."""
    fields: list[tuple[str, pa.DataType]] = [("member_id", pa.int32())]
    for stem, _ in SCHEMES:
        fields += [(f"{stem}_verdict", pa.bool_()), (f"{stem}_paise", pa.int32())]
    for group in GROUPS:
        fields += [(f"best_{group}", pa.uint8()), (f"best_{group}_paise", pa.int32())]
    return pa.schema(fields)


if __name__ == "__main__":
    contend(run)
