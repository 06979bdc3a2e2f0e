"""Benefits beyond pensions through the command line: from registers to work list, dues, bills, and back again."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import installations

ROOT = Path(__file__).parents[2]
FATHER, MOTHER, SON, DAUGHTER, BABY = "100000001", "100000002", "100000003", "100000004", "100000005"
BRIDE, GROOM, OLD_MAN, RICH = "100000006", "100000007", "100000008", "100000009"
FILES = {
    "areas.csv": """area_code,kind,parent_code,name_en
S,state,,State
D,district,S,District
B,block,D,Block
G,gp,B,Panchayat
""",
    "offices.csv": """office_code,kind,area_code,ddo_code,name_en
J,janpad,B,DDO1,Janpad
""",
    "families.csv": """family_id,area_code,social_category,recorded_on
10000001,G,SC,2015-01-01
10000002,G,OBC,2015-01-01
10000003,G,GEN,2015-01-01
""",
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,relation_to_head,mother_id,father_id,spouse_id,marital_status,marital_since,destitute,income_tax_payer,ifsc,account_no,recorded_on
{FATHER},10000001,Ram Lal,M,1975-01-01,self,,,{MOTHER},married,1998-01-01,false,false,HQDA0000001,111111111,2015-01-01
{MOTHER},10000001,Sita Bai,F,1980-01-01,wife,,,{FATHER},married,1998-01-01,false,false,HQDA0000001,222222222,2015-01-01
{SON},10000001,Mohan Lal,M,2004-05-01,son,{MOTHER},{FATHER},,never_married,,false,false,HQDA0000001,333333333,2015-01-01
{DAUGHTER},10000001,Gita Bai,F,1999-01-01,daughter,,,,never_married,,false,false,HQDA0000001,444444444,2015-01-01
{BRIDE},10000002,Rita Bai,F,1996-01-01,daughter,,,,never_married,,false,false,HQDA0000001,666666666,2015-01-01
{GROOM},10000003,Sohan Lal,M,1994-01-01,self,,,,never_married,,false,false,HQDA0000001,777777777,2015-01-01
{OLD_MAN},10000002,Hari Lal,M,1940-01-01,self,,,,widowed,2010-01-01,false,false,HQDA0000001,888888888,2015-01-01
{RICH},10000003,Raj Lal,M,1960-01-01,father,,,,widowed,2010-01-01,false,true,HQDA0000001,999999999,2015-01-01
""",
    "bpl.csv": """family_id,card_no,valid_from,valid_to
10000001,C1,2010-01-01,
10000002,C2,2010-01-01,
""",
    "students.csv": f"""member_id,school_code,class,marks_percent,enrolled_on,left_on
{SON},SCH1,7,61.5,2016-06-15,
{DAUGHTER},COL1,13,,2016-06-15,
{BRIDE},COL1,99,50,2016-06-15,
""",
    "incomes.csv": f"""member_id,annual_income,valid_from,valid_to
{FATHER},90000,2015-04-01,
{MOTHER},30000,2015-04-01,
{RICH},900000,2015-04-01,2015-03-01
""",
}
#: The father dies in October, is reported at once; the bride marries; a baby is born.
NOVEMBER = {
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,relation_to_head,mother_id,father_id,recorded_on,ifsc,account_no
{BABY},10000001,Baby,F,2016-10-20,daughter,{MOTHER},{FATHER},2016-10-25,,
""",
    "events.csv": f"""event_id,member_id,kind,happened_on,reported_on,spouse_id
E1,{FATHER},death,2016-10-12,2016-10-14,
E2,{BRIDE},marriage,2016-10-10,2016-10-15,{GROOM}
E3,{GROOM},marriage,2016-10-10,2016-10-15,{BRIDE}
""",
}
#: The marriage was entered for the wrong person; a second report of the death gives another day.
DECEMBER = {
    "events.csv": f"""event_id,member_id,kind,happened_on,reported_on,spouse_id
E2,{GROOM},marriage,2016-10-10,2016-10-15,{BRIDE}
E4,{FATHER},death,2016-10-11,2016-11-20,
E5,{OLD_MAN},death,2016-09-03,2016-11-20,
""",
}

Rows = list[dict[str, str]]


def haqdar(home: Path, *arguments: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "haqdar.config.cli", *arguments],
        capture_output=True,
        text=True,
        env=os.environ
        | {"HAQDAR_HOME": str(home), "LANG": "en_IN.UTF-8", "HAQDAR_LAW": str(ROOT / "law" / "mp-welfare")},
        cwd=ROOT,
        timeout=600,
    )
    assert answer.returncode == 0, answer.stderr


def rows(home: Path, month: str, name: str) -> Rows:
    with (home / month / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run_months(home: Path) -> None:
    for name, files in (("first", FILES), ("november", NOVEMBER), ("december", DECEMBER)):
        (home / name).mkdir()
        for file, text in files.items():
            (home / name / file).write_text(text)
    haqdar(home, "load", str(home / "first"), "--delivered-on", "2016-07-10", "--out", str(home / "first"))
    run = ("--sanction-starts",)
    haqdar(home, "month", "2016-09", "--known-on", "2016-08-25", "--out", str(home / "2016-09"), *run)
    haqdar(home, "month", "2016-10", "--known-on", "2016-09-25", "--out", str(home / "2016-10"), *run)
    haqdar(
        home, "load", str(home / "november"), "--delivered-on", "2016-10-26", "--out", str(home / "november")
    )
    haqdar(home, "month", "2016-11", "--known-on", "2016-10-27", "--out", str(home / "unsanctioned"))
    haqdar(home, "month", "2016-11", "--known-on", "2016-10-27", "--out", str(home / "2016-11"), *run)
    haqdar(home, "month", "2016-11", "--known-on", "2016-10-27", "--out", str(home / "again"))
    haqdar(
        home, "load", str(home / "december"), "--delivered-on", "2016-11-21", "--out", str(home / "december")
    )
    haqdar(home, "month", "2016-12", "--known-on", "2016-11-25", "--out", str(home / "2016-12"), *run)
    haqdar(home, "month", "2017-01", "--known-on", "2016-12-25", "--out", str(home / "2017-01"), *run)


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation in which September to January were run, each with what was known by then; November twice."""
    with installations.running(tmp_path_factory.mktemp("benefits") / "home") as home:
        run_months(home)
        yield home


def dues(home: Path, month: str) -> list[tuple[str, ...]]:
    """The dues of benefits: pensions are left out."""
    pensions = {
        "IGNOAPS",
        "IGNWPS",
        "IGNDPS",
        "SSP-OLD",
        "SSP-WIDOW",
        "SSP-DESERTED",
        "SSP-PWD",
        "KANYA",
        "MRMD",
    }
    return [
        (row["member_id"], row["scheme"], row["kind"], row["for_month"], row["amount"])
        for row in rows(home, month, "dues.csv")
        if row["scheme"] not in pensions
    ]


def test_bad_rows_of_the_new_registers_are_rejected_alone(months: Path) -> None:
    found = [(r["file"], r["field"], r["code"]) for r in rows(months, "first", "rejections.csv")]
    assert found == [
        ("students.csv", "class", "not_in_list"),
        ("incomes.csv", "valid_to", "end_before_start"),
    ]


def test_a_scholarship_is_paid_in_each_month_of_the_school_year(months: Path) -> None:
    for month in ("2016-09", "2016-10", "2016-11", "2016-12", "2017-01"):
        assert [due for due in dues(months, month) if due[1] == "PRE-MATRIC"] == [
            (SON, "PRE-MATRIC", "regular", month, "175.00")
        ]


def test_a_student_whose_parents_nobody_knows_is_undecided(months: Path) -> None:
    (row,) = [r for r in rows(months, "2016-09", "worklist.csv") if r["member_id"] == DAUGHTER]
    assert (row["action"], row["group"], row["reason"]) == ("undecided", "17", "annual_income")


def test_a_death_pays_the_widow_once(months: Path) -> None:
    assert [due for due in dues(months, "unsanctioned") if due[1] != "PRE-MATRIC"] == []
    started = {
        (r["member_id"], r["to_scheme"], r["to_amount"], r["reason"], r["area_code"])
        for r in rows(months, "unsanctioned", "worklist.csv")
        if r["action"] == "start" and int(r["group"]) > 10
    }
    assert started == {
        (MOTHER, "FUNERAL", "3000", "death", "G"),
        (MOTHER, "FAMILY-BENEFIT", "20000", "death", "G"),
        (MOTHER, "MATERNITY", "1400", "birth", "G"),
        (BRIDE, "MARRIAGE", "25000", "marriage", "G"),
    }
    assert [due for due in dues(months, "2016-11") if due[1] != "PRE-MATRIC"] == [
        (MOTHER, "FUNERAL", "regular", "2016-11", "3000.00"),
        (MOTHER, "FAMILY-BENEFIT", "regular", "2016-11", "20000.00"),
        (MOTHER, "MATERNITY", "regular", "2016-11", "1400.00"),
        (BRIDE, "MARRIAGE", "regular", "2016-11", "25000.00"),
    ]
    assert (months / "again" / "dues.csv").read_bytes() == (months / "2016-11" / "dues.csv").read_bytes()
    assert (months / "again" / "manifest.json").read_bytes() == (
        months / "2016-11" / "manifest.json"
    ).read_bytes()


def test_a_mistaken_event_is_recovered_and_another_day_of_death_pays_nothing_more(months: Path) -> None:
    assert [due for due in dues(months, "2016-12") if due[1] != "PRE-MATRIC"] == [
        (BRIDE, "FUNERAL", "arrears", "2016-10", "3000.00"),
        (BRIDE, "MARRIAGE", "recovery", "2016-11", "-25000.00"),
    ]
    stops = [
        r for r in rows(months, "2016-12", "worklist.csv") if r["action"] == "stop" and r["group"] == "13"
    ]
    assert [(r["member_id"], r["from_scheme"], r["reason"]) for r in stops] == [
        (BRIDE, "MARRIAGE", "withdrawn")
    ]


def test_bills_and_instructions_carry_the_benefits(months: Path) -> None:
    bills = {r["scheme"]: r["amount"] for r in rows(months, "2016-11", "bills.csv")}
    assert bills["FUNERAL"] == "3000.00"
    assert bills["FAMILY-BENEFIT"] == "20000.00"
    manifest = json.loads((months / "2016-11" / "manifest.json").read_text())
    # what is billed is what banks are to be told, and no bank file is written before anything was sanctioned
    billed = sum(round(float(r["amount"]) * 100) for r in rows(months, "2016-11", "bills.csv"))
    assert manifest["credits"] == {"items": 7, "paise": billed}
    assert not list((months / "2016-11").glob("*.txt"))


def test_no_occasion_is_paid_more_than_once(months: Path) -> None:
    paid: dict[tuple[str, str], float] = defaultdict(float)
    for month in ("2016-09", "2016-10", "2016-11", "2016-12", "2017-01"):
        for member, scheme, _, _, amount in dues(months, month):
            if scheme != "PRE-MATRIC":
                paid[member, scheme] += float(amount)
    assert dict(paid) == {
        (MOTHER, "FUNERAL"): 3000,
        (MOTHER, "FAMILY-BENEFIT"): 20000,
        (MOTHER, "MATERNITY"): 1400,
        (BRIDE, "MARRIAGE"): 0,
        (BRIDE, "FUNERAL"): 3000,
    }
