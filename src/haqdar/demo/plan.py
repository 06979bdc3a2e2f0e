"""The places of the demonstration: State, districts, blocks, panchayats, towns, wards, and their offices.

Sizes follow Madhya Pradesh: 72 in 100 live in villages, about 2,500 to a gram panchayat, 73 panchayats to a
block; about 58,000 to an urban body, 2,900 to a ward; 1.57 million to a district. All codes begin with X: the
Local Government Directory's are numbers, so a synthetic area can never be taken for a real one.
"""

from dataclasses import dataclass, replace
from functools import cached_property

from haqdar.demo.names import place_name

_RURAL = 0.724
_PER_GP = 2518
_PER_WARD = 2900
_PER_DISTRICT = 1_570_000
_GPS_PER_BLOCK = 73
_WARDS_PER_ULB = 20
_TRIBAL = 0.211
_SCHEDULED = 0.156


@dataclass(frozen=True)
class Place:
    """A gram panchayat or ward with its weight in people and its shares of Scheduled Tribes and Castes."""

    code: str
    parent_code: str
    kind: str
    name_en: str
    name_hi: str
    weight: int
    tribal: float
    scheduled: float


@dataclass(frozen=True)
class Area:
    """A row of areas.csv above panchayats and wards."""

    code: str
    kind: str
    parent_code: str | None
    name_en: str
    name_hi: str


def _scatter(number: int, salt: int) -> float:
    """A fixed number between 0 and 1 for each place; the map does not depend on the seed."""
    mixed = (number * 2654435761 + salt * 40503) & 0xFFFFFFFF
    mixed ^= mixed >> 15
    mixed = mixed * 0x2C1B3C6D & 0xFFFFFFFF
    mixed ^= mixed >> 12
    return mixed / 0x100000000


@dataclass(frozen=True)
class StatePlan:
    """The areas for a population of `residents` people."""

    residents: int

    @cached_property
    def districts(self) -> int:
        """How many districts; one up to a large district's size."""
        return max(1, round(self.residents / _PER_DISTRICT))

    @cached_property
    def _laid_out(self) -> tuple[list[Area], list[Place]]:
        areas = [Area("X", "state", None, "Demonstration State", "प्रदर्शन राज्य")]
        places: list[Place] = []
        for d in range(1, self.districts + 1):
            self._lay_out_district(d, areas, places)
        return areas, _levelled(places)

    def _lay_out_district(self, d: int, areas: list[Area], places: list[Place]) -> None:
        people = self.residents / self.districts
        gps = max(3, round(people * _RURAL / _PER_GP))
        wards = max(2, round(people * (1 - _RURAL) / _PER_WARD))
        blocks = max(1, round(gps / _GPS_PER_BLOCK))
        ulbs = max(1, round(wards / _WARDS_PER_ULB))
        code = f"X{d:02d}"
        latin, hindi = place_name(d * 61)
        areas.append(Area(code, "district", "X", latin, hindi))
        # One district in five is tribal, three in ten mixed, as in the State.
        district_tribal = 0.6 if d % 5 == 2 else 0.25 if d % 5 in (1, 4) else 0.05
        for b in range(1, blocks + 1):
            name = place_name(d * 61 + b * 17)
            areas.append(Area(f"{code}B{b:02d}", "block", code, *name))
            tribal = district_tribal * (0.4 + 1.2 * _scatter(d * 100 + b, 1))
            for g in range(1 + gps * (b - 1) // blocks, 1 + gps * b // blocks):
                number = d * 10_000 + g
                places.append(
                    Place(
                        f"{code}G{g:04d}",
                        f"{code}B{b:02d}",
                        "gp",
                        *place_name(number),
                        weight=round(1000 * (0.4 + 1.2 * _scatter(number, 2))),
                        tribal=min(0.95, tribal * (0.3 + 1.4 * _scatter(number, 3))),
                        scheduled=0.5 + _scatter(number, 4),
                    )
                )
        for t in range(1, ulbs + 1):
            latin, hindi = place_name(d * 61 + t * 23 + 7)
            areas.append(Area(f"{code}U{t:02d}", "ulb", code, f"{latin} Nagar Palika", f"{hindi} नगर पालिका"))
            first, last = wards * (t - 1) // ulbs, wards * t // ulbs
            for w in range(first + 1, last + 1):
                number = d * 10_000 + 5_000 + w
                places.append(
                    Place(
                        f"{code}W{w:03d}",
                        f"{code}U{t:02d}",
                        "ward",
                        f"{latin} Ward {w - first}",
                        f"{hindi} वार्ड {w - first}",
                        weight=round(1000 * (0.4 + 1.2 * _scatter(number, 2))),
                        tribal=0.25 * district_tribal * (0.5 + _scatter(number, 3)),
                        scheduled=0.5 + _scatter(number, 4),
                    )
                )

    @property
    def areas(self) -> list[Area]:
        """State, districts, blocks and urban bodies, parents first."""
        return self._laid_out[0]

    @property
    def places(self) -> list[Place]:
        """Panchayats and wards, district by district."""
        return self._laid_out[1]

    def area_rows(self) -> list[tuple[str | None, ...]]:
        """Rows of areas.csv: no LGD and no Census code, since the places are invented."""
        upper = [(a.code, a.kind, a.parent_code, a.name_en, a.name_hi, None, None) for a in self.areas]
        lower = [(p.code, p.kind, p.parent_code, p.name_en, p.name_hi, None, None) for p in self.places]
        return [*upper, *lower]

    def office_rows(self) -> list[tuple[str | None, ...]]:
        """Rows of offices.csv: the drawing officers sit at the janpads and the urban bodies."""
        titles = {
            "state": ("state", "Directorate of Social Justice", "सामाजिक न्याय संचालनालय"),
            "district": ("district", "District Office of Social Justice", "जिला सामाजिक न्याय कार्यालय"),
            "block": ("janpad", "Janpad Panchayat", "जनपद पंचायत"),
            "ulb": ("ulb", "Urban Body", "नगरीय निकाय"),
            "gp": ("gp", "Gram Panchayat", "ग्राम पंचायत"),
        }
        rows: list[tuple[str | None, ...]] = []
        seats = [(a.kind, a.code, a.name_en, a.name_hi) for a in self.areas]
        seats += [(p.kind, p.code, p.name_en, p.name_hi) for p in self.places if p.kind == "gp"]
        for place_kind, code, name_en, name_hi in seats:
            kind, latin, hindi = titles[place_kind]
            ddo = f"DDO{code}" if kind in ("janpad", "ulb") else None
            rows.append((f"OF{code}", kind, code, ddo, f"{latin} {name_en}", f"{hindi} {name_hi}"))
        return rows


def _levelled(places: list[Place]) -> list[Place]:
    """The same places, scaled so that the whole has the State's share of wards and of both Scheduled groups."""
    rural = sum(p.weight for p in places if p.kind == "gp")
    urban = sum(p.weight for p in places if p.kind == "ward")
    stretch = rural / urban * (1 - _RURAL) / _RURAL
    sized = [replace(p, weight=round(p.weight * stretch)) if p.kind == "ward" else p for p in places]
    total = sum(p.weight for p in sized)
    level = _TRIBAL * total / sum(p.weight * p.tribal for p in sized)
    mixed = [replace(p, tribal=min(0.95, p.tribal * level)) for p in sized]
    free = sum(p.weight * p.scheduled * (1 - p.tribal) for p in mixed) / total
    return [replace(p, scheduled=p.scheduled * (1 - p.tribal) * _SCHEDULED / free) for p in mixed]
