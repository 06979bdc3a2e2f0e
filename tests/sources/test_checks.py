"""Every rule of a single cell, with what the rejection says."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.in_ import aadhaar

from haqdar.base.progress import progress
from haqdar.sources.layout import LAYOUTS
from haqdar.sources.staging import check, is_date, read, workbench
from haqdar.sources.verhoeff import aadhaar_holds

DELIVERED_ON = date(2016, 9, 25)
SCHEMES = {"IGNOAPS": 1, "IGNWPS": 1, "KANYA": 2}


def rejected(tmp_path: Path, name: str, *lines: str) -> list[tuple[int, str, str, str]]:
    path = tmp_path / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with workbench(tmp_path) as duck, progress(None, name) as bar:
        staged = read(duck, LAYOUTS[name], path, bar)
        check(duck, staged, DELIVERED_ON, SCHEMES)
        return duck.execute(f"FROM {name}_bad ORDER BY line, field").fetchall()


RESIDENT = "member_id,family_id,name_en,sex"


@pytest.mark.parametrize(
    ("column", "value", "code", "says"),
    [
        ("born_on", "01-10-2016", "bad_format", "Excel"),
        ("born_on", "1/10/2016", "bad_format", "Excel"),
        ("born_on", "42644", "bad_format", "Excel"),
        ("born_on", "5-Jan-47", "bad_format", "Excel"),
        ("born_on", "2015-02-29", "bad_format", "no day of the calendar"),
        ("born_on", "yesterday", "bad_format", "2016-10-01"),
        ("born_on", "2016-09-26", "date_in_future", "later than the delivery (2016-09-25)"),
        ("marital_status", "single", "not_in_list", "never_married, married"),
        ("destitute", "TRUE", "bad_format", "true, false"),
        ("mother_id", "12345678", "bad_format", "zeros in front"),
        ("mother_id", "1.23457E+8", "bad_format", "rounded number"),
        ("mother_id", "१२३४५६७८९", "bad_format", "9 digits"),
        ("mobile", "5876543210", "bad_format", "6 to 9"),
        ("ifsc", "SBIN1001234", "bad_format", "AAAA0XXXXXX"),
        ("account_no", "12-345678", "bad_format", "6 to 18"),
        ("aadhaar", "999900000001", "bad_check_digit", "check digit"),
        ("aadhaar", "1234", "bad_check_digit", "12 digits"),
    ],
)
def test_a_wrong_cell_is_rejected_with_what_to_do(
    tmp_path: Path, column: str, value: str, code: str, says: str
) -> None:
    found = rejected(tmp_path, "residents", f"{RESIDENT},{column}", f"100000001,10000001,Sita,F,{value}")
    assert [row[:3] for row in found] == [(2, column, code)]
    message = found[0][3]
    english, hindi = message.split(" / ", 1)
    assert says in english
    assert any("\u0900" <= letter <= "\u097f" for letter in hindi)


@pytest.mark.parametrize("column", ["mother_id", "mobile", "aadhaar", "account_no", "ifsc"])
def test_personal_numbers_are_never_repeated(tmp_path: Path, column: str) -> None:
    found = rejected(tmp_path, "residents", f"{RESIDENT},{column}", f"100000001,10000001,Sita,F,5{'7' * 30}")
    assert "777" not in found[0][3]


def test_empty_optional_cells_are_fine_and_every_bad_cell_has_its_line(tmp_path: Path) -> None:
    assert rejected(tmp_path, "residents", f"{RESIDENT},born_on,aadhaar", "100000001,10000001,Sita,F,,") == []
    found = rejected(tmp_path, "residents", f"{RESIDENT},born_on", ",x,,Q,bad")
    assert [row[1:3] for row in found] == [
        ("born_on", "bad_format"),
        ("family_id", "bad_format"),
        ("member_id", "missing_value"),
        ("name_en", "missing_value"),
        ("sex", "not_in_list"),
    ]


@pytest.mark.parametrize(
    ("since", "code"),
    [("1989-12-31", "end_before_start"), ("1990-01-01", None), ("2030-01-01", "date_in_future")],
)
def test_two_dates_are_compared_only_when_both_are_good(tmp_path: Path, since: str, code: str | None) -> None:
    header = f"{RESIDENT},born_on,marital_since"
    found = rejected(tmp_path, "residents", header, f"100000001,10000001,Sita,F,1990-01-01,{since}")
    assert [row[2] for row in found] == ([code] if code else [])
    found = rejected(tmp_path, "residents", header, f"100000001,10000001,Sita,F,2031-01-01,{since}")
    assert "end_before_start" not in [row[2] for row in found]


@pytest.mark.parametrize(
    ("percent", "code"),
    [
        ("40", None),
        ("40.5", None),
        ("0", None),
        ("100.00", None),
        ("100.01", "out_of_range"),
        ("-1", "out_of_range"),
        ("80%", "bad_format"),
        ("1e2", "bad_format"),
        ("9" * 60, "out_of_range"),
    ],
)
def test_percent(tmp_path: Path, percent: str, code: str | None) -> None:
    header = "member_id,certificate_no,kind,percent,issued_on"
    found = rejected(tmp_path, "pwd", header, f"100000001,C1,visual,{percent},2010-01-01")
    assert [row[2] for row in found] == ([code] if code else [])


@pytest.mark.parametrize(
    ("amount", "code"),
    [("300", None), ("300.50", None), ("", None), ("-150", "out_of_range"), ("1,000", "bad_format")],
)
def test_amount(tmp_path: Path, amount: str, code: str | None) -> None:
    found = rejected(
        tmp_path, "pensioners", "member_id,scheme,since,amount", f'100000001,KANYA,2010-01-01,"{amount}"'
    )
    assert [row[2] for row in found] == ([code] if code else [])


def test_only_a_state_needs_no_parent(tmp_path: Path) -> None:
    found = rejected(
        tmp_path,
        "areas",
        "area_code,kind,parent_code,name_en",
        "S,state,,MP",
        "D,district,,Rewa",
        "X,planet,,Mars",
    )
    assert [row[:3] for row in found] == [
        (3, "parent_code", "missing_value"),
        (4, "kind", "not_in_list"),
        (4, "parent_code", "missing_value"),
    ]


def test_dates_of_validity_may_lie_in_the_future(tmp_path: Path) -> None:
    assert (
        rejected(tmp_path, "bpl", "family_id,card_no,valid_from,valid_to", "10000001,C,2030-01-01,2031-01-01")
        == []
    )


def test_a_row_of_another_width_is_rejected_whole(tmp_path: Path) -> None:
    found = rejected(
        tmp_path, "residents", RESIDENT, "100000001,10000001,Sita,F,more", "", "100000002,10000001,Gita,F"
    )
    assert [row[:3] for row in found] == [(2, "", "bad_format")]
    assert "5 cells where the header has 4" in found[0][3]


numbers = st.text("0123456789", min_size=12, max_size=12) | st.integers(2 * 10**10, 10**11 - 1).map(
    lambda body: f"{body}{aadhaar.verhoeff.calc_check_digit(str(body))}"
)


@given(number=numbers | st.text(max_size=14))
@example(number="222222222222")
@example(number="999999999999")
def test_the_check_digit_in_sql_agrees_with_stdnum(number: str) -> None:
    row = duckdb.execute(f"SELECT {aadhaar_holds('v')} FROM (SELECT ?::VARCHAR AS v)", [number]).fetchone()
    plain = number.isascii() and number.isdigit()
    assert row == (plain and aadhaar.is_valid(number),)


@given(
    text=st.dates().map(str)
    | st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", fullmatch=True)
    | st.text(max_size=11)
)
def test_a_date_is_a_real_day_written_out(text: str) -> None:
    def real() -> bool:
        try:
            return date.fromisoformat(text).isoformat() == text
        except ValueError:
            return False

    row = duckdb.execute(f"SELECT {is_date('v')} FROM (SELECT ?::VARCHAR AS v)", [text]).fetchone()
    assert row == (real(),)
