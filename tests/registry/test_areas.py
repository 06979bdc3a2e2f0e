"""The Local Government Directory's extracts: real ones where they are there, small ones for every change."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from haqdar.registry.actions import load_areas
from haqdar.sources.lgd import NoLgdFile, UndatedExtract

pytestmark = pytest.mark.django_db

REAL = Path(__file__).parents[3] / "shared" / "data" / "lgd"
DISTRICTS = "State Code,State Name,District Code,District Name,Census 2001 Code,Census 2011 Code\n"
TEHSILS = "S.No.,State Code,State Name,District Code,District Name,Sub-district Code,Sub-district Version,Sub-district Name,Census 2001 code,Census 2011 code\n"
TOWNS = "S.No.,Local Body Code,Local Body Version,Local Body Name,Local Body Name (In Local),Localbody Type Code,Census 2011 Code,State Code,State Name\n"


def area(code: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name_en, parent_code, census_code, valid_from, valid_to FROM access_area WHERE area_code = %s",
            [code],
        )
        row = cursor.fetchone()
    assert row is not None, code
    return tuple(row)


def tehsil(district: int, name: str, code: int, tehsil_name: str) -> str:
    return f"1,23,MADHYA PRADESH,{district},{name},{code},1,{tehsil_name},,0{code}\n"


def town(code: int, name: str, census: str) -> str:
    return f"1,{code},1,{name},,7,{census},23,MADHYA PRADESH\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Rewa and Satna in 2022, with towns."""
    (tmp_path / "a_2022.csv").write_text(
        DISTRICTS + "23,MADHYA PRADESH,424,REWA,,430\n23,MADHYA PRADESH,426,SATNA ,,429\n"
    )
    (tmp_path / "b_2022.csv").write_text(
        TEHSILS
        + tehsil(426, "SATNA", 3460, "Kothi")
        + tehsil(426, "SATNA", 3461, "Nagod")
        + tehsil(424, "REWA", 3470, "Teonthar")
        + tehsil(424, "REWA", 3477, "Mauganj")
    )
    (tmp_path / "c_2022.csv").write_text(
        TOWNS
        + town(1, "Kothi", "802169")
        + town(2, "Between", "802171")
        + town(3, "Nagod", "802174")
        + town(4, "At the border", "802179")
        + town(5, "Teonthar", "802181")
        + town(6, "Mauganj", "802187")
        + town(7, "New town", "000000")
        + town(8, "Mapped", "")
    )
    (tmp_path / "urban_districts.csv").write_text("lgd_code,district_lgd_code\n8,424\n")
    return tmp_path


def test_areas_and_towns_of_one_year(folder: Path) -> None:
    result = load_areas(folder)
    assert area("LGD-D424") == ("Rewa", "LGD-S23", "430", None, None)
    assert area("LGD-D426")[0] == "Satna"
    assert area("LGD-T3477") == ("Mauganj", "LGD-D424", "03477", None, None)
    parents = {code: area(f"LGD-U{code}")[1] for code in range(1, 9)}
    assert parents == {
        1: "LGD-D426",
        2: "LGD-D426",
        3: "LGD-D426",
        4: "LGD-S23",
        5: "LGD-D424",
        6: "LGD-D424",
        7: "LGD-S23",
        8: "LGD-D424",
    }
    assert [left.name_en for left in result.steps[0].changes.unresolved] == ["At the border", "New town"]


def test_a_newer_extract_records_splits_moves_renamings_and_ends(folder: Path) -> None:
    load_areas(folder)
    newer = folder / "newer"
    newer.mkdir()
    header = "state_code,state_name,district_code,district_name"
    (newer / "d_2026.csv").write_text(
        f"{header},subdistrict_count,village_count\n23,Madhya Pradesh,424,Rewa,1,1\n23,Madhya Pradesh,766,Mauganj,1,1\n"
        "23,Madhya Pradesh,426,Satna,2,2\n"
    )
    (newer / "t_2026.csv").write_text(
        f"{header},subdistrict_code,subdistrict_name,village_count\n23,Madhya Pradesh,766,Mauganj,3477,Mauganj,9\n"
        "23,Madhya Pradesh,424,Rewa,3470,Tyonthar,9\n23,Madhya Pradesh,426,Satna,3461,NAGOD,9\n"
    )
    for _ in range(2):
        result = load_areas(newer)
        assert area("LGD-D766") == ("Mauganj", "LGD-S23", None, date(2026, 1, 1), None)
        assert area("LGD-T3477") == ("Mauganj", "LGD-D766", "03477", None, None)
        assert area("LGD-U6")[1] == "LGD-D766", "the town goes with its tehsil"
        assert area("LGD-T3470")[0] == "Tyonthar"
        assert area("LGD-T3460")[4] == date(2025, 12, 31)
    assert result.steps[0].counts.accepted + result.steps[0].counts.corrected == 0
    again = load_areas(folder).steps[0]
    assert again.skipped, "an older extract does not undo a newer one"
    assert again.counts.corrected == 0


def test_a_split_names_where_it_came_from(folder: Path) -> None:
    load_areas(folder)
    newer = folder / "newer"
    newer.mkdir()
    (newer / "t_2026.csv").write_text(
        "state_code,state_name,district_code,district_name,subdistrict_code,subdistrict_name,village_count\n"
        "23,Madhya Pradesh,766,Mauganj,3477,Mauganj,9\n23,Madhya Pradesh,424,Rewa,3470,Teonthar,9\n"
        "23,Madhya Pradesh,426,Satna,3460,Kothi,9\n23,Madhya Pradesh,426,Satna,3461,Nagod,9\n"
    )
    changes = load_areas(newer).steps[0].changes
    assert [(opened.name_en, sources) for opened, sources in changes.opened] == [("Mauganj", ["Rewa"])]


def test_what_is_no_extract_is_refused(folder: Path) -> None:
    (folder / "people_2022.csv").write_text("name,age\nx,1\n")
    with pytest.raises(NoLgdFile, match="people_2022"):
        load_areas(folder)
    (folder / "people_2022.csv").unlink()
    (folder / "a_2022.csv").rename(folder / "districts.csv")
    with pytest.raises(UndatedExtract, match="--as-of"):
        load_areas(folder)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real extracts are not here")
def test_the_real_extracts_of_madhya_pradesh() -> None:
    result = load_areas(REAL)
    assert [step.counts.accepted for step in result.steps] == [1203, 24]
    opened = {
        new.name_en: sources for new, sources in result.steps[1].changes.opened if new.kind == "district"
    }
    assert opened == {"Mauganj": ["Rewa"], "Maihar": ["Satna"], "Pandhurna": ["Chhindwara"]}
    assert len(result.steps[1].changes.unresolved) <= 64
    assert area("LGD-U250858")[1] == "LGD-D667", "Agar lies in Agar Malwa"
    assert sum(step.counts.accepted + step.counts.corrected for step in load_areas(REAL).steps) == 0
