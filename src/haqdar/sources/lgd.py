"""Reads the Local Government Directory's own CSV extracts into areas with codes that cannot collide.

LGD numbers each kind of area by itself, so an area's code here is `LGD-`, a letter for the kind, and the LGD number:
LGD-S23 the State, LGD-D390 a district, LGD-T3693 a sub-district (tehsil), LGD-B4000 a block, LGD-U250858 an urban body.
A file is recognised by its columns, whatever its name; its day stands in the name (districts_2022.csv, also 2022-06 or
2022-06-30) or is given. Known irregularities: trailing blanks, a column name twice (the second in the local language),
Census codes of zeros, names in capitals, urban bodies without a district.
"""

import csv
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from haqdar.sources.refusals import FileRefused, UnreadableFile

LETTERS = {"state": "S", "district": "D", "subdistrict": "T", "block": "B", "ulb": "U"}
MAPPING = "urban_districts.csv"


class NoLgdFile(FileRefused):
    """The columns are those of no extract that we know."""

    code = "no_lgd_file"
    en = (
        "{file} is no extract of districts, sub-districts, blocks or urban bodies: its columns are {header}. "
        "Download it again from the directory, or take it out of the folder."
    )
    hi = (
        "{file} जिलों, उप-जिलों, विकासखंडों या नगरीय निकायों की सूची नहीं है: इसके स्तंभ हैं {header}। "
        "इसे निर्देशिका से फिर डाउनलोड करें या फ़ोल्डर से हटाएँ।"
    )


class UndatedExtract(FileRefused):
    """Nothing says of which day the extract is."""

    code = "undated_extract"
    en = "{file} does not say of which year it is; name it like districts_2022.csv or give --as-of."
    hi = "{file} किस वर्ष की है यह ज्ञात नहीं; इसका नाम districts_2022.csv जैसा रखें या --as-of दें।"


@dataclass(frozen=True)
class LgdArea:
    """An area as one extract or the register states it; None is unknown."""

    area_code: str
    kind: str
    parent_code: str | None
    name_en: str
    name_hi: str | None = None
    lgd_code: str | None = None
    census_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    line: int = 0


@dataclass
class Extract:
    """The extracts of one day: areas by code, the kinds that were listed completely, and from which files."""

    day: date
    areas: dict[str, LgdArea] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    with_census: set[str] = field(default_factory=set)
    files: list[Path] = field(default_factory=list)


@dataclass
class Changes:
    """What a newer extract changed, each as a sentence-like entry (code, what it was, what it is)."""

    opened: list[tuple[LgdArea, list[str]]] = field(default_factory=list)
    closed: list[tuple[LgdArea, list[str]]] = field(default_factory=list)
    renamed: list[tuple[LgdArea, str]] = field(default_factory=list)
    moved: list[tuple[LgdArea, str]] = field(default_factory=list)
    unresolved: list[LgdArea] = field(default_factory=list)


def code_of(kind: str, lgd_code: str) -> str:
    """The area code of an LGD number.

    >>> code_of("district", "390")
    'LGD-D390'
    """
    return f"LGD-{LETTERS[kind]}{lgd_code}"


def read_extracts(folder: Path, as_of: date | None) -> list[Extract]:
    """All extracts of a folder, oldest day first; raises `FileRefused` for a file that is none."""
    extracts: dict[date, Extract] = {}
    for path in sorted(folder.glob("*.csv")):
        if path.name == MAPPING:
            continue
        kind, rows = _rows(path)
        day = _day_of(path) or as_of
        if day is None:
            raise UndatedExtract(file=path.name)
        extract = extracts.setdefault(day, Extract(day))
        extract.files.append(path)
        extract.kinds.add(kind)
        for area in rows:
            # A district's own list says more than the name of the district beside a block.
            known = extract.areas.get(area.area_code)
            if known is None or (area.kind == kind and area.line):
                extract.areas[area.area_code] = area
            if area.kind == kind and area.census_code:
                extract.with_census.add(kind)
    return [extracts[day] for day in sorted(extracts)]


def read_mapping(folder: Path) -> dict[str, str]:
    """District codes of urban bodies by LGD number, from urban_districts.csv (lgd_code, district_lgd_code) if there."""
    path = folder / MAPPING
    if not path.exists():
        return {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return {
            row["lgd_code"].strip(): code_of("district", row["district_lgd_code"].strip())
            for row in csv.DictReader(stream)
            if row.get("lgd_code") and row.get("district_lgd_code")
        }


def districts_of_towns(areas: Iterable[LgdArea], mapping: dict[str, str]) -> dict[str, str]:
    """The district code of each urban body (area code to area code) that can be told; the rest are left out.

    First the mapping file. Then the name: the town of the one sub-district, district or block of that name. Then the
    Census code: towns are numbered in the order of districts and sub-districts, so a town between two towns of one
    district lies in that district. Towns found by name serve as the marks; those out of order are not trusted.
    """
    places = [area for area in areas if area.valid_to is None]
    by_name: dict[str, dict[str, set[tuple[str, str]]]] = {
        kind: defaultdict(set) for kind in ("subdistrict", "district", "block")
    }
    for area in places:
        if area.kind in ("subdistrict", "block") and area.parent_code:
            by_name[area.kind][plain(area.name_en)].add((area.parent_code, area.census_code or ""))
        elif area.kind == "district":
            by_name["district"][plain(area.name_en)].add((area.area_code, ""))
    towns = [area for area in places if area.kind == "ulb"]
    found: dict[str, str] = {}
    marks: list[tuple[str, str, str]] = []
    for town in towns:
        if town.lgd_code in mapping:
            found[town.area_code] = mapping[town.lgd_code]
            continue
        same_name: set[tuple[str, str]] = set()
        for kind in ("subdistrict", "district", "block"):
            same_name = by_name[kind].get(plain(town.name_en), set())
            if same_name:
                break
        if len({district for district, _ in same_name}) == 1:
            district, census = min(same_name)
            if not town.census_code:
                found[town.area_code] = district
            elif census:
                marks.append((town.census_code, census, district))
    trusted = _in_order(sorted(marks))
    codes = [mark[0] for mark in trusted]
    districts = {plain(area.name_en): area.area_code for area in places if area.kind == "district"}
    for town in towns:
        if town.area_code in found or not town.census_code:
            continue
        at = bisect_left(codes, town.census_code)
        if at < len(codes) and codes[at] == town.census_code:
            around = {trusted[at][2]}
        else:
            around = {mark[2] for mark in trusted[max(0, at - 1) : at + 1]} if 0 < at < len(codes) else set()
        # A town between two districts is told by its name, and one whose name says another district is left out.
        words = re.findall(r"\w+", town.name_en.casefold())
        said = {districts[words[-1]]} if len(words) > 1 and words[-1] in districts else set()
        if said:
            around &= said
        elif len(around) > 1:
            around &= {
                district for kind in by_name.values() for district, _ in kind.get(plain(town.name_en), set())
            }
        if len(around) == 1:
            found[town.area_code] = around.pop()
    return found


def compared(
    known: dict[str, LgdArea], extract: Extract, mapping: dict[str, str]
) -> tuple[dict[str, LgdArea], Changes]:
    """The areas after an extract, given those before, and what changed.

    An area that the extract newly lists is valid from its day (from ever, if its kind was not known before); one that
    it no longer lists ends the day before. What an extract does not state (Census codes, Hindi names) is kept.
    """
    changes = Changes()
    after = dict(known)
    known_kinds = {area.kind for area in known.values()}
    for code, area in extract.areas.items():
        old = known.get(code)
        if old is not None and area.kind not in extract.kinds:
            continue
        if old is None:
            first = None if area.kind not in known_kinds else extract.day
            after[code] = replace(area, valid_from=first)
            continue
        kept = replace(
            area,
            name_hi=area.name_hi or old.name_hi,
            census_code=area.census_code or old.census_code,
            parent_code=old.parent_code if area.kind == "ulb" else area.parent_code,
            valid_from=old.valid_from,
            line=area.line or old.line,
        )
        if plain(old.name_en) != plain(area.name_en):
            changes.renamed.append((kept, old.name_en))
        after[code] = kept
    for code, old in known.items():
        if old.kind in extract.kinds and code not in extract.areas and old.valid_to is None:
            after[code] = replace(old, valid_to=date.fromordinal(extract.day.toordinal() - 1))
    districts = districts_of_towns(after.values(), mapping)
    state = next(area.area_code for area in after.values() if area.kind == "state")
    for code, area in after.items():
        if area.kind == "ulb" and area.valid_to is None:
            after[code] = replace(area, parent_code=districts.get(code, area.parent_code or state))
            if code not in districts and after[code].parent_code == state:
                changes.unresolved.append(after[code])
    _tell_splits_and_merges(known, after, changes)
    return after, changes


def _tell_splits_and_merges(known: dict[str, LgdArea], after: dict[str, LgdArea], changes: Changes) -> None:
    came_from: dict[str, set[str]] = defaultdict(set)
    went_to: dict[str, set[str]] = defaultdict(set)
    for code, area in after.items():
        old = known.get(code)
        if old is None or old.parent_code == area.parent_code or not old.parent_code or not area.parent_code:
            continue
        came_from[area.parent_code].add(known[old.parent_code].name_en)
        went_to[old.parent_code].add(after[area.parent_code].name_en)
        changes.moved.append((area, known[old.parent_code].name_en))
    for code, area in after.items():
        old = known.get(code)
        if known and old is None and area.valid_from is not None:
            changes.opened.append((area, sorted(came_from[code])))
        if old is not None and old.valid_to is None and area.valid_to is not None:
            changes.closed.append((area, sorted(went_to[code])))


def plain(name: str) -> str:
    """A name without case, blanks and signs, to tell renamings from other spellings.

    >>> plain("AGAR MALWA") == plain("Agar-Malwa")
    True
    """
    bare = re.sub(
        r"^(nagar (parishad|palika|panchayat|nigam)|municipal council)\W+", "", name.casefold().strip()
    )
    bare = re.sub(r"\W+(np|npp|nagar (parishad|palika|panchayat|nigam))$", "", bare)
    return re.sub(r"[\W_]+", "", bare)


def _in_order(marks: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The longest run of marks whose second part never falls: the others are coincidences of names."""
    best: list[int] = []
    before: list[int] = []
    lengths: list[int] = []
    for at, mark in enumerate(marks):
        length, previous = 1, -1
        for earlier in range(at):
            if marks[earlier][1] <= mark[1] and lengths[earlier] + 1 > length:
                length, previous = lengths[earlier] + 1, earlier
        lengths.append(length)
        before.append(previous)
    at = lengths.index(max(lengths)) if lengths else -1
    while at >= 0:
        best.append(at)
        at = before[at]
    return [marks[at] for at in reversed(best)]


def _rows(path: Path) -> tuple[str, list[LgdArea]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = [
                re.sub(r"[^a-z0-9]+", "_", cell.casefold().strip()).strip("_") for cell in next(reader, [])
            ]
            cells = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(file=path.name, why=str(error)) from error
    kind = _kind_of(header)
    if kind is None:
        raise NoLgdFile(file=path.name, header=", ".join(header)[:200])
    areas: dict[str, LgdArea] = {}
    for line, row in cells:
        for area in _areas_of(kind, line, _by_column(header, row)):
            if area.area_code not in areas or area.kind == kind:
                areas[area.area_code] = area
    return kind, list(areas.values())


def _kind_of(header: list[str]) -> str | None:
    if "local_body_code" in header:
        return "ulb"
    if "block_code" in header:
        return "block"
    if {"sub_district_code", "subdistrict_code"} & set(header):
        return "subdistrict"
    return "district" if "district_code" in header else None


def _by_column(header: list[str], row: list[str]) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = defaultdict(list)
    for name, cell in zip(header, row, strict=False):
        columns[name].append(" ".join(cell.split()))
    return columns


def _areas_of(kind: str, line: int, cells: dict[str, list[str]]) -> Iterable[LgdArea]:
    def first(*names: str) -> str:
        return next((cells[name][0] for name in names if cells.get(name) and cells[name][0]), "")

    state = code_of("state", first("state_code"))
    yield LgdArea(state, "state", None, _named(first("state_name")), lgd_code=first("state_code"))
    if kind == "ulb":
        local = first("local_body_name_in_local")
        yield LgdArea(
            code_of("ulb", first("local_body_code")),
            "ulb",
            None,
            _named(first("local_body_name")),
            local if _is_hindi(local) else None,
            first("local_body_code"),
            _census(first("census_2011_code"), 6),
            line=line,
        )
        return
    district = code_of("district", first("district_code"))
    yield LgdArea(
        district,
        "district",
        state,
        _named(first("district_name")),
        lgd_code=first("district_code"),
        census_code=_census(first("census_2011_code"), 3) if kind == "district" else None,
        line=line if kind == "district" else 0,
    )
    if kind == "district":
        return
    names = (
        cells.get("block_name", []) if kind == "block" else [first("sub_district_name", "subdistrict_name")]
    )
    number = first("block_code") if kind == "block" else first("sub_district_code", "subdistrict_code")
    yield LgdArea(
        code_of(kind, number),
        kind,
        district,
        _named(next((name for name in names if name and not _is_hindi(name)), number)),
        next((name for name in names if _is_hindi(name)), None),
        number,
        _census(first("census_2011_code"), 5) if kind == "subdistrict" else None,
        line=line,
    )


def _named(name: str) -> str:
    return " ".join(word.capitalize() for word in name.split()) if name.isupper() else name


def _is_hindi(text: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in text)


def _census(text: str, digits: int) -> str | None:
    return text.zfill(digits) if text.isdigit() and int(text) else None


def _day_of(path: Path) -> date | None:
    found = re.search(r"(?<![0-9])((?:19|20)[0-9]{2})(?:-([0-9]{2}))?(?:-([0-9]{2}))?$", path.stem)
    if not found:
        return None
    year, month, day = (int(part) if part else 1 for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
