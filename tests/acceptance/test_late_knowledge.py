"""A death that the State learns of two months late, through the command line: what is taken back, what is paid after."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import installations
from tests.acceptance.test_bad_days import haqdar

HUSBAND, WIFE, NEIGHBOUR = "100000001", "100000002", "100000003"
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
""",
    "residents.csv": f"""member_id,family_id,name_en,sex,born_on,spouse_id,marital_status,marital_since,destitute,income_tax_payer,ifsc,account_no,recorded_on
{HUSBAND},10000001,Ram Lal,M,1950-01-01,{WIFE},married,1975-01-01,false,false,HQDA0000001,1111111111,2015-01-01
{WIFE},10000001,Sita Bai,F,1955-01-01,{HUSBAND},married,1975-01-01,false,false,HQDA0000001,2222222222,2015-01-01
{NEIGHBOUR},10000002,Gita Bai,F,1970-01-01,,widowed,2010-01-01,false,false,HQDA0000001,3333333333,2015-01-01
""",
    "bpl.csv": """family_id,card_no,valid_from,valid_to
10000001,C1,2010-01-01,
10000002,C2,2010-01-01,
""",
    "pensioners.csv": f"""member_id,scheme,since,amount
{HUSBAND},IGNOAPS,2012-04-01,275
{WIFE},IGNOAPS,2015-02-01,200
{NEIGHBOUR},IGNWPS,2012-04-01,300
""",
}
LATER = {
    "events.csv": f"""event_id,member_id,kind,happened_on,reported_on,spouse_id
E1,{HUSBAND},death,2016-09-12,2016-11-10,
""",
    "bpl.csv": """family_id,card_no,valid_from,valid_to
10000002,C2,2010-01-01,2016-10-15
""",
}


def run_months(home: Path) -> None:

    def done(*arguments: str) -> None:
        answer = haqdar(home, *arguments)
        assert answer.returncode == 0, answer.stderr

    for name, files in (("first", FILES), ("later", LATER)):
        (home / name).mkdir()
        for file, text in files.items():
            (home / name / file).write_text(text)
    done("load", str(home / "first"), "--delivered-on", "2016-01-10", "--out", str(home / "first"))
    for month, known_on in (("2016-10", "2016-09-25"), ("2016-11", "2016-10-25")):
        done("month", month, "--known-on", known_on, "--out", str(home / month))
    done("load", str(home / "later"), "--delivered-on", "2016-11-20", "--out", str(home / "later"))
    for month, known_on in (("2016-12", "2016-11-25"), ("2017-01", "2016-12-25")):
        done("month", month, "--known-on", known_on, "--out", str(home / month))


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation in which October, November and December were run, each with what was known by then."""
    with installations.running(tmp_path_factory.mktemp("late") / "home") as home:
        run_months(home)
        yield home


def dues(home: Path, month: str, member: str) -> list[tuple[str, str, str, str]]:
    with (home / month / "dues.csv").open(newline="") as file:
        return [
            (row["kind"], row["for_month"], row["scheme"], row["amount"])
            for row in csv.DictReader(file)
            if row["member_id"] == member
        ]


def test_before_the_news_everybody_is_paid(months: Path) -> None:
    assert dues(months, "2016-11", HUSBAND) == [("regular", "2016-11", "IGNOAPS", "275.00")]
    assert dues(months, "2016-11", WIFE) == [("regular", "2016-11", "IGNOAPS", "200.00")]


def test_what_the_dead_man_was_paid_is_owed_back(months: Path) -> None:
    assert dues(months, "2016-12", HUSBAND) == [
        ("recovery", "2016-10", "IGNOAPS", "-275.00"),
        ("recovery", "2016-11", "IGNOAPS", "-275.00"),
    ]


def test_the_widow_gets_the_better_pension_since_the_death(months: Path) -> None:
    assert sorted(dues(months, "2016-12", WIFE)) == sorted(
        [
            ("regular", "2016-12", "IGNWPS", "300.00"),
            ("arrears", "2016-10", "IGNWPS", "300.00"),
            ("recovery", "2016-10", "IGNOAPS", "-200.00"),
            ("arrears", "2016-11", "IGNWPS", "300.00"),
            ("recovery", "2016-11", "IGNOAPS", "-200.00"),
        ]
    )
    with (months / "2016-12" / "worklist.csv").open(newline="") as file:
        rows = {(row["member_id"], row["action"], row["reason"]) for row in csv.DictReader(file)}
    assert rows == {
        (WIFE, "move", "better_scheme"),
        (HUSBAND, "stop", "died"),
        (NEIGHBOUR, "stop", "bpl_lost"),
    }


def test_a_lost_card_gets_its_notice_and_the_month_before_it_is_owed_back(months: Path) -> None:
    # the card ended on 15 October, so October was right; November was not; December is under notice
    assert dues(months, "2016-12", NEIGHBOUR) == [
        ("regular", "2016-12", "IGNWPS", "300.00"),
        ("recovery", "2016-11", "IGNWPS", "-300.00"),
    ]
    with (months / "2016-12" / "bills.csv").open(newline="") as file:
        billed = sum(float(row["amount"]) for row in csv.DictReader(file))
    # 300 to the widow with 2 × 100 more for the past, 150 to the neighbour: half of her due is kept back
    assert billed == 300 + 200 + 150


def test_after_the_notice_the_pension_stops_and_nothing_is_taken_back_twice(months: Path) -> None:
    assert dues(months, "2017-01", NEIGHBOUR) == []
    assert dues(months, "2017-01", HUSBAND) == []
    assert dues(months, "2017-01", WIFE) == [("regular", "2017-01", "IGNWPS", "300.00")]


def test_the_passbook_tells_the_story(months: Path) -> None:
    answer = haqdar(months, "passbook", WIFE, "--lang", "en")
    assert answer.returncode == 0, answer.stderr
    for word in ("October 2016", "November 2016", "₹300", "₹200"):
        assert word in answer.stdout


def test_an_earlier_month_can_be_replayed_and_changes_nothing(months: Path) -> None:
    before = {path.name: path.read_bytes() for path in (months / "2016-10").iterdir()}
    answer = haqdar(months, "month", "2016-10", "--known-on", "2016-09-25", "--out", str(months / "replay"))
    assert answer.returncode == 0, answer.stderr
    assert {path.name: path.read_bytes() for path in (months / "replay").iterdir()} == before


def test_every_run_keeps_the_snapshot_it_was_made_on(months: Path) -> None:
    runs = list((months / "runs").glob("*/*/manifest.json"))
    assert len(runs) >= 4
    for run in runs:
        name = json.loads(run.read_text())["snapshot"][:16]
        answer = haqdar(months, "snapshot", "--verify", str(months / "snapshots" / name))
        assert answer.returncode == 0, answer.stderr
        assert name in answer.stdout
