"""Students and incomes of the demonstration: beside the other files, which stay as they are."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from haqdar.base.files import sha256_of
from haqdar.demo.benefits import write_benefit_registers
from haqdar.demo.generate import write_registers

DAY = date(2016, 10, 1)


def test_students_and_incomes_are_added_and_nothing_else_changes(tmp_path: Path) -> None:
    write_registers(tmp_path, residents=2000, seed=3, on=DAY)
    before = {file.name: sha256_of(file) for file in tmp_path.glob("*.csv")}
    rows = write_benefit_registers(tmp_path, seed=3, on=DAY)
    first = {file.name: sha256_of(file) for file in tmp_path.glob("*.csv")}
    assert set(first) - set(before) == {"students.csv", "incomes.csv"}
    assert {name: first[name] for name in before} == before
    assert write_benefit_registers(tmp_path, seed=3, on=DAY) == rows
    assert {file.name: sha256_of(file) for file in tmp_path.glob("*.csv")} == first
    with (tmp_path / "students.csv").open(newline="") as file:
        students = list(csv.DictReader(file))
    assert len(students) == rows["students"] > 200
    assert all(1 <= int(row["class"]) <= 17 and row["enrolled_on"] == "2016-06-15" for row in students)
    assert {row["marks_percent"] == "" for row in students} == {True, False}
    assert rows["incomes"] > 500
