"""A department of the demonstration with one small list, compared: rows to judge, payees to examine, identifiers to tie."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from pathlib import Path

from haqdar.access.actors import platform
from haqdar.demo.district import DAY
from haqdar.demo.duplicates import write_department_list
from haqdar.identity.models import SeedList
from haqdar.identity.seeding import actions, queries
from haqdar.identity.seeding.refusals import DepartmentExists
from haqdar.identity.seeding.running import run

DEPARTMENT = {
    "code": "food-civil-supplies",
    "name_en": "Food and Civil Supplies",
    "name_hi": "खाद्य एवं नागरिक आपूर्ति",
    "identifier_en": "Beneficiary number",
    "identifier_hi": "हितग्राही क्रमांक",
    "purpose_en": "Rations for those who are entitled to them",
    "purpose_hi": "हक़दार लोगों को राशन",
    "basis": "National Food Security Act 2013, sections 10 and 12",
}
ROWS = 240


def hand_in_list(folder: Path, *, on: date = DAY, rows: int = ROWS, format: str = "csv") -> SeedList | None:
    """Enter the department and compare a list of about `rows` of the people whose register files lie in `folder`.

    None if the department has one: an installation gets the list once. The list is an ordinary one, most of its names typed again by
    somebody else; `department_truth.csv` beside it says who each row really is.
    """
    actor = platform("demonstration")
    if SeedList.objects.filter(department__code=DEPARTMENT["code"]).exists():
        return None
    with suppress(DepartmentExists):
        actions.name_department(actor, DEPARTMENT)
    write_department_list(folder, seed=1, on=on, rows=rows, format=format)
    found = actions.take_in(actor, DEPARTMENT["code"], folder / f"department.{format}")
    columns, order, _ = queries.columns_of(actor, found)
    actions.map_columns(actor, found, columns, order)
    return run(actor, found)
