"""Small delivery folders for the tests of the register."""

import csv
from pathlib import Path

from haqdar.sources.layout import LAYOUTS

Table = list[dict[str, str]]

STATE: dict[str, Table] = {
    "areas": [
        {"area_code": "S", "kind": "state", "name_en": "Madhya Pradesh"},
        {"area_code": "D1", "kind": "district", "parent_code": "S", "name_en": "Rewa"},
        {"area_code": "B1", "kind": "block", "parent_code": "D1", "name_en": "Sirmour"},
        {"area_code": "G1", "kind": "gp", "parent_code": "B1", "name_en": "Baikunthpur"},
        {"area_code": "G2", "kind": "gp", "parent_code": "B1", "name_en": "Lalgaon"},
    ],
    "offices": [{"office_code": "O1", "kind": "janpad", "area_code": "B1", "ddo_code": "DDO1"}],
    "families": [
        {"family_id": "10000001", "area_code": "G1", "address": "House 1", "recorded_on": "2014-01-01"},
        {"family_id": "10000002", "area_code": "G2", "social_category": "ST"},
    ],
    "residents": [
        {
            "member_id": "100000001",
            "family_id": "10000001",
            "name_en": "Sita Bai",
            "name_hi": "सीता बाई",
            "sex": "F",
            "born_on": "1950-02-28",
            "marital_status": "widowed",
            "aadhaar": "999900000016",
            "ifsc": "SBIN0001234",
            "account_no": "12345678901",
            "recorded_on": "2014-01-01",
        },
        {"member_id": "100000002", "family_id": "10000001", "name_en": "Ram Kishore", "sex": "M"},
        {"member_id": "000000003", "family_id": "10000002", "name_en": "Gita Singh", "sex": "F"},
    ],
    "bpl": [{"family_id": "10000001", "card_no": "C1", "valid_from": "2012-01-01"}],
    "pwd": [
        {
            "member_id": "100000002",
            "certificate_no": "P1",
            "kind": "visual",
            "percent": "79.9999999",
            "issued_on": "2010-01-01",
        }
    ],
    "events": [
        {
            "event_id": "E1",
            "member_id": "000000003",
            "kind": "death",
            "happened_on": "2016-03-03",
            "reported_on": "2016-06-20",
        }
    ],
    "pensioners": [
        {"member_id": "100000001", "scheme": "IGNWPS", "since": "2013-01-01", "amount": "300"},
        {"member_id": "555555555", "scheme": "IGNOAPS", "since": "2013-01-01", "amount": "275"},
    ],
}


def write(folder: Path, **tables: Table) -> Path:
    """Write a folder with the tables given, each with all columns of the contract."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        columns = [column.name for column in LAYOUTS[name].columns]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def rejections(out: Path) -> list[tuple[str, int, str, str]]:
    """What out/rejections.csv lists, without delivery and message."""
    with (out / "rejections.csv").open(encoding="utf-8", newline="") as stream:
        return [(row["file"], int(row["line"]), row["field"], row["code"]) for row in csv.DictReader(stream)]
