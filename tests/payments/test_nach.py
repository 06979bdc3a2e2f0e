"""The bank file: positions, totals, references, and what cannot be sent."""

import re
import stat
from pathlib import Path

import pytest
from tests.payments.examples import OCTOBER, first, money, payee, relations, rows, unseal

from haqdar.payments import nach
from haqdar.payments.layout import NoLayoutInForce, layout

BANK = nach.Originator(
    user_name="MP SOCIAL JUSTICE",
    user_number="MPSJ0000000000001",
    bank_code="SBIN",
    sponsor_ifsc="SBIN0000001",
    debit_account="10000000001",
)


def written(folder: Path, **other: object) -> tuple[Path, nach.Totals]:
    duck = relations(
        settled=[(1, 1, "IGNWPS", 30000), (1, 3, "MRMD", 50000), (2, 1, "IGNOAPS", 27500)],
        payee=[payee(1), payee(2, name_en="सुनीता देवी", **other)],
    )
    money(duck)
    path = folder / "file.txt"
    return path, nach.write(duck, BANK, OCTOBER, path, unseal)


def test_every_field_stands_where_the_rail_wants_it(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    header, first_line, *_, last = path.read_text().split("\n")[:-1]
    assert {len(line) for line in path.read_text().split("\n")[:-1]} == {306}

    def at(line: str, begin: int, end: int) -> str:
        return line[begin - 1 : end]

    assert at(header, 1, 2) == "12"
    assert at(header, 10, 49) == "MP SOCIAL JUSTICE".ljust(40)
    assert at(header, 100, 112) == "0000000050000"
    assert at(header, 113, 125) == "0000000107500"
    assert at(header, 126, 133) == "01102016"
    assert at(header, 157, 174) == "MPSJ0000000000001 "
    assert at(header, 193, 203) == "SBIN0000001"
    assert at(header, 204, 238) == "10000000001".ljust(35)
    assert at(header, 239, 247) == "000000003"
    assert at(first_line, 1, 2) == "23"
    assert at(first_line, 32, 71) == "SUNITA BAI".ljust(40)
    assert at(first_line, 88, 107) == "MP SSP OCT2016".ljust(20)
    assert at(first_line, 121, 133) == "0000000030000"
    assert at(first_line, 134, 156) == " " * 23
    assert at(first_line, 157, 167) == "SBIN0001234"
    assert at(first_line, 168, 202) == "30000000001".ljust(35)
    assert at(first_line, 203, 213) == "SBIN0000001"
    assert re.fullmatch(r"201610[0-9A-F]{24}", at(first_line, 232, 261))
    assert at(first_line, 262, 264) == "DBG"
    assert at(last, 32, 71) == "SUNITA DEVI".ljust(40)


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    path, totals = written(tmp_path)
    found = nach.read(path, OCTOBER.first_day)
    assert found.totals == totals == nach.Totals(3, 107500)
    assert found.settlement_on == OCTOBER.first_day
    assert [(credit.account, credit.paise) for credit in found.credits] == [
        ("30000000001", 30000),
        ("30000000001", 50000),
        ("30000000002", 27500),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_the_same_month_gives_the_same_bytes_and_no_personal_number_in_a_reference(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    before = path.read_bytes()
    assert written(tmp_path)[0].read_bytes() == before
    references = {credit.reference for credit in nach.read(path, OCTOBER.first_day).credits}
    assert len(references) == 3
    assert not any("000000001" in reference for reference in references)


def test_who_has_no_account_bank_or_name_is_listed_with_the_reason(tmp_path: Path) -> None:
    duck = relations(
        settled=[(member, 1, "IGNWPS", 30000) for member in range(1, 6)],
        payee=[
            payee(1, account_sealed=None),
            payee(2, ifsc=""),
            payee(3, name_en="१२"),
            payee(4, ddo_code=None, account_sealed=None),
            payee(5, name_en="A" * 60),
        ],
    )
    money(duck)
    assert rows(duck, "SELECT member_id, reason FROM not_payable") == [
        (1, "no_account"),
        (2, "no_ifsc"),
        (3, "no_name"),
        (4, "no_ddo"),
    ]
    nach.write(duck, BANK, OCTOBER, tmp_path / "file.txt", unseal)
    assert [credit.payee_name for credit in nach.read(tmp_path / "file.txt", OCTOBER.first_day).credits] == [
        "A" * 40
    ]


def test_an_empty_month_is_a_file_with_a_header_alone(tmp_path: Path) -> None:
    duck = relations()
    money(duck)
    assert nach.write(duck, BANK, OCTOBER, tmp_path / "file.txt", unseal) == nach.Totals(0, 0)
    assert nach.read(tmp_path / "file.txt", OCTOBER.first_day).credits == ()


@pytest.mark.parametrize("account", ["", "12 34", "१२३", "9" * 36, "12\n34"])
def test_an_unusable_account_writes_no_file(tmp_path: Path, account: str) -> None:
    with pytest.raises(nach.UnusableAccount) as refused:
        written(tmp_path, account_sealed=account[::-1].encode())
    assert account == "" or account not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path, _ = written(tmp_path)
    good = path.read_bytes()
    lines = good.split(b"\n")
    for bad, problem in (
        (good[:-1], "cut off"),
        (good.replace(b"0000000030000", b"0000000030001"), "add up"),
        (b"\n".join([*lines[:2], *lines[1:3], b""]), "came before"),
        (good.replace(b"\n23", b"\n67", 1), "transaction_code"),
        (good.replace(b"SUNITA BAI", b"SUNITA BAIX", 1), "characters"),
    ):
        path.write_bytes(bad)
        with pytest.raises(nach.BadBankFile, match=problem):
            nach.read(path, OCTOBER.first_day)


def test_the_layout_has_no_gap_and_begins_with_the_law() -> None:
    plan = layout("nach_credit", OCTOBER.first_day)
    for record in (plan.header, plan.detail):
        assert sum(field.length for field in record) == plan.width == 306
    with pytest.raises(NoLayoutInForce):
        layout("nach_credit", first("2011-01"))


def test_the_file_has_the_rails_name() -> None:
    assert BANK.file_name(OCTOBER, 7) == "ACH-CR-SBIN-MPSJ0000000000001-01102016-000007-INP.txt"
