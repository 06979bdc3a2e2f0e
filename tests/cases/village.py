"""A village whose months are run for real: a widow nobody serves, two pensioners, a couple, each month on its own day."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import time_machine

from haqdar.access.actors import Actor, Grant
from haqdar.cases.models import Case
from haqdar.jobs.month import MonthResult, run_month
from haqdar.registry.actions import load_folder

RAM, SITA, GITA, GAURI, MEENA = 100_000_001, 100_000_002, 100_000_003, 100_000_004, 100_000_005
FILES = {
    "areas.csv": """area_code,kind,parent_code,name_en
S,state,,State
D,district,S,District
B,block,D,Block
G,gp,B,Panchayat
H,gp,B,Other panchayat
""",
    "offices.csv": """office_code,kind,area_code,ddo_code,name_en
J,janpad,B,DDO1,Janpad
""",
    "families.csv": """family_id,area_code,social_category,recorded_on
10000001,G,SC,2015-01-01
10000002,G,OBC,2015-01-01
10000003,G,GEN,2015-01-01
10000004,H,GEN,2015-01-01
""",
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,spouse_id,marital_status,marital_since,destitute,income_tax_payer,mobile,ifsc,account_no,recorded_on
{RAM},10000001,Ram Lal,M,1950-01-01,{SITA},married,1975-01-01,false,false,,HQDA0000001,1111111111,2015-01-01
{SITA},10000001,Sita Bai,F,1955-01-01,{RAM},married,1975-01-01,false,false,,HQDA0000001,2222222222,2015-01-01
{GITA},10000002,Gita Bai,F,1970-01-01,,widowed,2010-01-01,false,false,,HQDA0000001,3333333333,2015-01-01
{GAURI},10000003,Gauri Bai,F,1968-01-01,,widowed,2011-01-01,false,false,9300000004,HQDA0000001,4444444444,2015-01-01
{MEENA},10000004,Meena Bai,F,,,widowed,2011-01-01,false,false,,HQDA0000001,5555555555,2015-01-01
""",
    "bpl.csv": """family_id,card_no,valid_from,valid_to
10000001,C1,2010-01-01,
10000002,C2,2010-01-01,
10000003,C3,2010-01-01,
10000004,C4,2010-01-01,
""",
    "pensioners.csv": f"""member_id,scheme,since,amount
{RAM},IGNOAPS,2012-04-01,275
{SITA},IGNOAPS,2015-02-01,200
{GITA},IGNWPS,2012-04-01,300
""",
}


def officer(name: str, role: str, path: str = "/S/D/B/") -> Actor:
    """Somebody posted to a function in an area."""
    return Actor(
        user_id=9,
        name=name,
        roles=frozenset({role}),
        area_paths=(path,),
        grants=(Grant(role, path),),
    )


SECRETARY = officer("secretary", "secretary", "/S/D/B/G/")
VERIFIER = officer("verifier", "verifier")
CEO = officer("ceo", "sanctioning_officer")


class Village:
    """The village's books, and its clock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.load({**FILES}, date(2016, 9, 1))

    def load(self, files: dict[str, str], day: date) -> None:
        """Deliver register files on a day."""
        place = self.folder / f"in-{day}"
        place.mkdir(exist_ok=True)
        for name, text in files.items():
            (place / name).write_text(text)
        with on(day):
            load_folder(place, day, place)

    def run(self, month: str, day: date | None = None) -> MonthResult:
        """Run a month ten days before it begins, or on `day`."""
        year, number = map(int, month.split("-"))
        before = date(year - (number == 1), (number - 2) % 12 + 1, 20)
        with on(day or before):
            return run_month(month, self.folder / f"{month}-{day or before}")

    def dues(self, result: MonthResult, member: int) -> list[tuple[str, str, str, str]]:
        """(kind, month, scheme, rupees) of one person's dues of a run, in order."""
        with (result.out / "dues.csv").open(newline="") as file:
            return sorted(
                (row["kind"], row["for_month"], row["scheme"], row["amount"])
                for row in csv.DictReader(file)
                if int(row["member_id"]) == member
            )


def on(day: date) -> Any:
    """The clock stands at noon of a day."""
    return time_machine.travel(f"{day.isoformat()}T06:30:00+00:00", tick=True)


def case_of(member: int, kind: str) -> Case:
    """The latest case of a person and kind."""
    found = Case.objects.filter(member_id=member, kind=kind).order_by("-id").first()
    assert found is not None
    return found
