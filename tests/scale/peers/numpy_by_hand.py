"""Contender: NumPy by hand, one processor core, the nine pensions as array expressions written out.

Nobody would run a State on this: the law is in the code, there are no reasons, and a new scheme is a change of the program.
It shows what arrays alone cost. Each criterion is a pair of arrays, *true* and *possible* (true or unknown), which is Kleene's
logic: a conjunction is true where all are true, and possible where all are possible. Dates of birth are compared with limits that
are computed once (`years_before`), so no age is ever computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from tests.scale.peers.job import COMPRESSION, GROUPS, RANK, SCHEMES, Watch, contend, years_before

Array = np.ndarray[Any, Any]
EPOCH = date(1970, 1, 1)
UNBORN = np.iinfo(np.int32).max
WORDS = {
    "sex": ("F", "M", "T"),
    "marital_status": ("married", "widowed", "deserted", "divorced", "never_married"),
}


class Kleene(NamedTuple):
    """A criterion of everybody: where it is true, and where it is true or unknown."""

    true: Array
    possible: Array

    def __and__(self, other: Kleene) -> Kleene:
        return Kleene(self.true & other.true, self.possible & other.possible)

    def __or__(self, other: Kleene) -> Kleene:
        return Kleene(self.true | other.true, self.possible | other.possible)

    def __invert__(self) -> Kleene:
        return Kleene(~self.possible, ~self.true)


def known(values: Array) -> Kleene:
    """A criterion that is always known."""
    return Kleene(values, values)


#: Columns that the nine pensions ask for, and people a batch: few enough for the arrays to stay near the processor.
WANTED = (
    *("member_id", "alive", "migrated_out", "sex", "born_on", "marital_status", "bpl", "destitute"),
    *(
        "income_tax_payer",
        "disability_percent",
        "intellectual_disability",
        "multiple_disability",
        "wife_died",
    ),
    *("living_daughters", "living_sons", "partner_present", "partner_born_on", "partner_income_tax_payer"),
)
BATCH = 131_072


def columns_of(batch: pa.RecordBatch) -> dict[str, Array]:
    """The people's columns as arrays: words as numbers of `WORDS` (-1 unknown), flags as -1, 0, 1, days since 1970."""
    found: dict[str, Array] = {}
    for name in WANTED:
        column = batch.column(name)
        if name in WORDS:
            words = column.dictionary.to_pylist()
            number = np.array([WORDS[name].index(word) for word in words] + [-1], np.int8)
            found[name] = number[pc.fill_null(column.indices, len(words)).to_numpy(zero_copy_only=False)]
        elif pa.types.is_date32(column.type):
            found[name] = pc.fill_null(column.cast(pa.int32()), UNBORN).to_numpy(zero_copy_only=False)
        elif column.null_count:
            found[name] = pc.fill_null(column.cast(pa.int8()), -1).to_numpy(zero_copy_only=False)
        else:
            found[name] = column.to_numpy(zero_copy_only=False)
    return found


def decide(people: Mapping[str, Array], day: date) -> dict[str, Array]:
    """Verdicts (1 entitled, 0 not, -1 cannot be decided), paise and the best of each group for every person."""

    def completed(born: Array, years: int) -> Array:
        return born <= (years_before(day, years) - EPOCH).days

    def aged(born: Array, least: int, most: int | None = None) -> Kleene:
        unknown = born == UNBORN
        inside = completed(born, least)  # an unknown birth is later than every limit
        if most is not None:
            inside &= ~completed(born, most + 1)
        return Kleene(inside, inside | unknown)

    def flag(values: Array) -> Kleene:
        return Kleene(values == 1, values != 0)

    def word(name: str, *words: str) -> Kleene:
        values = people[name]
        found = values == WORDS[name].index(words[0])
        for other in words[1:]:
            found = found | (values == WORDS[name].index(other))
        return Kleene(found, found | (values == -1))

    born = people["born_on"]
    present = known(people["alive"] & ~people["migrated_out"])
    poor = present & known(people["bpl"])
    woman, man = word("sex", "F"), word("sex", "M")
    widowed, deserted = word("marital_status", "widowed"), word("marital_status", "deserted")
    disability = people["disability_percent"]
    partner = known(people["partner_present"])
    payee = (woman & (word("marital_status", "married") | widowed | deserted)) | (~woman & widowed)
    taxed = flag(people["income_tax_payer"]) | (partner & flag(people["partner_income_tax_payer"]))
    entitled = {
        "ignoaps": poor & aged(born, 60),
        "ignwps": poor & woman & widowed & aged(born, 40, 79),
        "igndps": poor & known(disability >= 80) & aged(born, 18, 79),
        "ssp_old": present & flag(people["destitute"]) & aged(born, 60),
        "ssp_widow": poor & woman & widowed & aged(born, 18, 39),
        "ssp_deserted": poor & woman & deserted & aged(born, 18, 59),
        "ssp_pwd": poor & known(disability >= 40) & aged(born, 6, 18),
        "kanya": present
        & (woman | man)
        & payee
        & (~man | known(people["wife_died"]))
        & (aged(born, 60) | (partner & aged(people["partner_born_on"], 60)))
        & known(people["living_daughters"] >= 1)
        & known(people["living_sons"] == 0)
        & ~taxed,
        "mrmd": present & known(people["intellectual_disability"] | people["multiple_disability"]),
    }
    amount: dict[str, Any] = {
        "ignoaps": np.where(completed(born, 80), 50000, np.where(completed(born, 65), 27500, 20000)),
        **dict.fromkeys(("ignwps", "igndps"), 30000),
        **dict.fromkeys(("ssp_old", "ssp_widow", "ssp_deserted", "ssp_pwd"), 15000),
        **dict.fromkeys(("kanya", "mrmd"), 50000),
    }
    result: dict[str, Array] = {}
    best = {group: np.zeros(len(born), np.uint8) for group in GROUPS}
    most = {group: np.zeros(len(born), np.int32) for group in GROUPS}
    for stem, group in SCHEMES:
        criterion = entitled[stem]
        result[f"{stem}_verdict"] = criterion.true.astype(np.int8) - (criterion.possible & ~criterion.true)
        paise = result[f"{stem}_paise"] = np.where(criterion.true, amount[stem], 0).astype(np.int32)
        better = paise > most[group]  # schemes come in the order of rank, so the first of a tie stays
        np.copyto(best[group], np.uint8(RANK[stem]), where=better)
        np.copyto(most[group], paise, where=better)
    for group in GROUPS:
        result[f"best_{group}"], result[f"best_{group}_paise"] = best[group], most[group]
    return result


def table_of(members: Array, result: Mapping[str, Array]) -> pa.Table:
    """The result as the columns that every contender writes."""
    columns: dict[str, Any] = {"member_id": members}
    for name, values in result.items():
        if name.endswith("_verdict"):
            columns[name] = pa.array(values > 0, mask=values < 0)
        else:
            columns[name] = pa.array(values, mask=values == 0)
    return pa.table(columns)


def run(people: Path, result: Path, day: date, watch: Watch) -> None:
    file = pq.ParquetFile(people, read_dictionary=list(WORDS))
    batches = file.iter_batches(BATCH, columns=WANTED)
    writer = None
    while True:
        with watch.phase("read"):
            batch = next(batches, None)
            if batch is None:
                break
            columns = columns_of(batch)
        with watch.phase("decide"):
            found = decide(columns, day)
        with watch.phase("write"):
            table = table_of(columns["member_id"], found)
            writer = writer or pq.ParquetWriter(result, table.schema, compression=COMPRESSION)
            writer.write_table(table)
    if writer:
        with watch.phase("write"):
            writer.close()


if __name__ == "__main__":
    contend(run)
