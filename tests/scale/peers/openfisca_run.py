"""Contender: OpenFisca-core, the peer that is closest in kind: dated law as data and code, vectorised over arrays.

    python -m tests.scale.peers.openfisca_run couples|columns MONTHS PEOPLE RESULT WARM DAY

`couples` is OpenFisca as its guide teaches it: the husband belongs to a group entity, which the builder's own functions make.
`columns` is the least that OpenFisca can cost for this job: persons only, the husband's facts are variables of the wife as in
the people's file, so no family is ever put together. MONTHS is how many months are calculated: 1 for the determination, 3 for
a forecast as near as monthly periods come to one.

Phases: *read* turns Parquet into arrays, *build* makes the simulation and hands it its inputs, *calculate* asks for every
variable of the result, *write* turns the arrays into Parquet. Inputs are handed over in the form that costs OpenFisca
least: Enums as indices, arrays of the variables' own types.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.periods import DateUnit, Instant, Period
from openfisca_core.simulations import Simulation, SimulationBuilder
from tests.scale.peers.job import COMPRESSION, GROUPS, SCHEMES, Watch, contend
from tests.scale.peers.openfisca_mp import PensionsOfMadhyaPradesh
from tests.scale.peers.openfisca_mp.words import Answer, MaritalStatus, Sex

Array = np.ndarray[Any, Any]

#: Columns of the people's file that are words, with their Enum; an empty cell is `unknown`, the first member of each.
ENUMS = {
    "sex": Sex,
    "marital_status": MaritalStatus,
    "destitute": Answer,
    "income_tax_payer": Answer,
    "partner_income_tax_payer": Answer,
}
UNKNOWN_BIRTH = np.datetime64("3000-01-01", "D")
ETERNAL = ("born_on", "birth_known", "sex", "partner_born_on", "partner_birth_known")
OF_COUPLE = ("living_daughters", "living_sons")
PLAIN = (
    "alive",
    "migrated_out",
    "bpl",
    "disability_percent",
    "intellectual_disability",
    "multiple_disability",
    "wife_died",
    *OF_COUPLE,
)


def arrays_of(people: Path, couples: bool) -> dict[str, Array]:
    """The people's file as arrays of the types that OpenFisca holds."""
    partner = (
        ["partner_id"] if couples else ["partner_born_on", "partner_income_tax_payer", "partner_present"]
    )
    wanted = [
        "member_id",
        *PLAIN,
        "born_on",
        "sex",
        "marital_status",
        "destitute",
        "income_tax_payer",
        *partner,
    ]
    table = pq.read_table(people, columns=wanted, read_dictionary=["sex", "marital_status"])
    found: dict[str, Array] = {}
    for name in wanted:
        column = table[name].combine_chunks()
        if name in ENUMS:
            found[name] = _enum(column, ENUMS[name])
        elif pa.types.is_date(column.type):
            born = column.to_numpy(zero_copy_only=False).astype("datetime64[D]")
            missing = np.isnat(born)
            born[missing] = UNKNOWN_BIRTH
            found[name] = born
            found["partner_birth_known" if name == "partner_born_on" else "birth_known"] = ~missing
        elif name == "partner_id":
            found[name] = pc.fill_null(column, -1).to_numpy(zero_copy_only=False)
        else:
            found[name] = column.to_numpy(zero_copy_only=False)
    return found


def _enum(column: Any, words: Any) -> Array:
    if pa.types.is_boolean(column.type):
        number = pc.fill_null(pc.add(column.cast(pa.uint8()), pa.scalar(1, pa.uint8())), 0)
        return number.to_numpy(zero_copy_only=False)
    if isinstance(column, pa.ChunkedArray):
        column = column.unify_dictionaries().combine_chunks()
    places = np.array([words[word].index for word in column.dictionary.to_pylist()] + [0], np.uint8)
    return places[pc.fill_null(column.indices, len(places) - 1).to_numpy(zero_copy_only=False)]


def build(
    system: PensionsOfMadhyaPradesh, inputs: dict[str, Array], couples: bool, span: Period
) -> Simulation:
    """A simulation of the people, its inputs set for every month of `span`."""
    members = inputs["member_id"]
    builder = SimulationBuilder()
    heads: Array | slice = slice(None)
    if couples:
        couple_ids, heads = couples_of(inputs)
        builder.create_entities(system)
        builder.declare_person_entity("person", members)
        couple = builder.declare_entity("couple", members[heads])
        builder.join_with_persons(couple, couple_ids, np.zeros(len(members), int))  # everybody is a spouse
        simulation = builder.build(system)
    else:
        simulation = builder.build_default_simulation(system, len(members))
    for name, array in inputs.items():
        if name in ("member_id", "partner_id"):
            continue
        period = "eternity" if name in ETERNAL else span
        if name in ENUMS:
            array = EnumArray(array, ENUMS[name])
        if name in OF_COUPLE:
            array = array[heads]
        simulation.set_input(name, period, array)
    return simulation


def couples_of(inputs: dict[str, Array]) -> tuple[Array, Array]:
    """For each person the number of their couple, and which persons give a couple its number (the wife, or anybody alone).

    A living woman and her living recorded husband are a couple; a person belongs to one couple, as OpenFisca demands.
    """
    members = inputs["member_id"]
    wives = np.flatnonzero((inputs["partner_id"] >= 0) & inputs["alive"])
    husbands = np.searchsorted(members, inputs["partner_id"][wives])
    couple_ids = members.copy()
    couple_ids[husbands] = members[wives]
    return couple_ids, couple_ids == members


def calculate(simulation: Simulation, month: Period) -> dict[str, Array]:
    """Every variable of the result in one month."""
    found: dict[str, Array] = {}
    for stem, _ in SCHEMES:
        for name in (f"{stem}_eligible", f"{stem}_possible", stem):
            found[name] = simulation.calculate(name, month)
    for group in GROUPS:
        for name in (f"best_{group}", f"best_{group}_paise"):
            found[name] = simulation.calculate(name, month)
    return found


def table_of(members: Array, found: dict[str, Array]) -> pa.Table:
    """The result as the columns that every contender writes."""
    columns: dict[str, Any] = {"member_id": members}
    for stem, _ in SCHEMES:
        eligible = found[f"{stem}_eligible"]
        columns[f"{stem}_verdict"] = pa.array(eligible, mask=found[f"{stem}_possible"] & ~eligible)
        columns[f"{stem}_paise"] = pa.array(found[stem], mask=~eligible)
    for group in GROUPS:
        best = found[f"best_{group}"]
        columns[f"best_{group}"] = pa.array(best.astype(np.uint8), mask=best == 0)
        columns[f"best_{group}_paise"] = pa.array(found[f"best_{group}_paise"], mask=best == 0)
    return pa.table(columns)


def contender(form: str, months: int) -> None:
    couples = form == "couples"
    system = PensionsOfMadhyaPradesh(couples)

    def run(people: Path, result: Path, day: date, watch: Watch) -> None:
        first = Instant((day.year, day.month, day.day))
        with watch.phase("read"):
            inputs = arrays_of(people, couples)
        with watch.phase("build"):
            simulation = build(system, inputs, couples, Period((DateUnit.MONTH, first, months)))
        with watch.phase("calculate"):
            month = Period((DateUnit.MONTH, first, 1))
            found = calculate(simulation, month)
            for later in range(1, months):
                calculate(simulation, month.offset(later))
        with watch.phase("write"):
            pq.write_table(table_of(inputs["member_id"], found), result, compression=COMPRESSION)

    contend(run)


if __name__ == "__main__":
    contender(sys.argv.pop(1), int(sys.argv.pop(1)))
