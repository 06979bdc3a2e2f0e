"""Seeded generator of small, adversarial, optionally dirty States as delivery folders.

`make_case(seed, dirty)` gives one to three deliveries and the months and dates of knowledge to run. Facts crowd
around the day of determination and the edges of the two-month window. Aadhaar numbers start with 9999.
"""

import calendar
import csv
import io
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from .load import COLUMNS, GROUP_OF, KEY, LISTS, TABLES, Known, Row, verhoeff_holds
from .month import GROUPS, Day, Facts, old_age_amount

Table = list[Row]
Tables = dict[str, Table]

AGES = [6, 18, 19, 40, 60, 65, 80]
MONTHS = [
    date(2016, 10, 1), date(2016, 10, 1), date(2016, 2, 1), date(2015, 2, 1), date(2016, 1, 1), date(2015, 12, 1),
    date(2017, 1, 1), date(2016, 3, 1), date(2015, 3, 1), date(2016, 7, 1),
]  # fmt: skip
RIGHT = {
    "IGNOAPS": ["200", "275", "500"],
    "IGNWPS": ["300"],
    "IGNDPS": ["300"],
    "SSP-OLD": ["150"],
    "SSP-WIDOW": ["150"],
    "SSP-DESERTED": ["150"],
    "SSP-PWD": ["150"],
    "KANYA": ["500"],
    "MRMD": ["500"],
}
NAMES = [
    "Sita Bai", "Ramkali", "राधा बाई", "Munni Lal", 'Gopal "Pappu" Singh', "Devi, Kamla", "Zoë D'Souza", "Ram\nPrasad",
    "Bhagwan Das", "Ünïcode Naïr", "सीता\u200dराम", "Lakhan;Singh", "Phool\tBai", "𑀓𑀫𑀮𑀸",
]  # fmt: skip


@dataclass
class Delivery:
    delivered_on: date
    files: dict[str, bytes] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)


@dataclass
class Run:
    determined_on: date
    known_on: date | None

    @property
    def month(self) -> str:
        return self.determined_on.isoformat()[:7]


@dataclass
class Case:
    seed: int
    dirty: bool
    deliveries: list[Delivery]
    runs: list[Run]


def aadhaar(number: int) -> str:
    base = f"9999{number:07d}"
    return next(base + digit for digit in "0123456789" if verhoeff_holds(base + digit))


def on_birthday(day: date, years: int) -> date:
    """The birth date of someone who completes so many years on a day."""
    year = day.year - years
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


class StateMaker:
    """Builds the tables of a first delivery, then variations of them."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.day = self.random.choice(MONTHS)
        self.delivered_on = self.day + timedelta(
            days=self.random.choice([-25, -10, -1, 0, 1, 20, 45, 61, 75])
        )
        self.tables: Tables = {table: [] for table in TABLES}
        self.next_member = self.random.randrange(100000000, 999990000)
        self.next_family = self.random.randrange(10000000, 99990000)
        self.next_event = 0
        self.next_card = 0

    # -- small choices ---------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def edge(self) -> date:
        """A day near the day of determination, an edge of the window, or well before."""
        offsets = [
            -4000,
            -1500,
            -800,
            -367,
            -366,
            -365,
            -364,
            -31,
            -2,
            -1,
            0,
            1,
            2,
            15,
            29,
            30,
            31,
            32,
            59,
            60,
            61,
            62,
        ]
        return self.day + timedelta(days=self.random.choice(offsets))

    def past(self, first: date | None = None) -> date:
        """An edge day that the delivery may already report."""
        for _ in range(20):
            day = self.edge()
            if day <= self.delivered_on and (first is None or day >= first):
                return day
        return self.delivered_on if first is None or first <= self.delivered_on else first

    def birth(self, lowest: int = 0, highest: int = 95) -> str:
        """Mostly exactly at an age limit around the day or inside the window."""
        kind = self.random.random()
        if kind < 0.04:
            return ""
        if kind < 0.60:
            ages = [age for age in AGES if lowest <= age <= highest] or [lowest]
            shift = self.random.choice(
                [-400, -62, -61, -60, -31, -30, -1, 0, 1, 2, 15, 27, 28, 30, 31, 59, 60, 61, 62]
            )
            born = on_birthday(self.day + timedelta(days=shift), self.random.choice(ages))
        elif kind < 0.70:
            year = self.day.year - self.random.randint(max(lowest, 1), highest)
            year -= year % 4
            born = date(year, 2, 29) if calendar.isleap(year) else date(year, 2, 28)
        else:
            born = on_birthday(self.day, self.random.randint(lowest, highest))
            born += timedelta(days=self.random.randint(-200, 200))
        return min(born, self.delivered_on).isoformat()

    def boolean(self, true: float, empty: float) -> str:
        number = self.random.random()
        return "true" if number < true else "" if number < true + empty else "false"

    def new_member(self) -> str:
        self.next_member += self.random.randint(1, 9)
        return f"{self.next_member:09d}"

    # -- rows ------------------------------------------------------------------------------------------------

    def row(self, table: str, **values: str) -> Row:
        row = {name: values.get(name, "") for name in COLUMNS[table]}
        self.tables[table].append(row)
        return row

    def areas(self) -> None:
        self.row("areas", area_code="S23", kind="state", name_en="Madhya Pradesh", name_hi="मध्य प्रदेश")
        bodies: list[tuple[str, str]] = []
        for d in range(self.random.randint(1, 2)):
            self.row("areas", area_code=f"D{d}", kind="district", parent_code="S23", name_en=f"District {d}")
            for b in range(self.random.randint(1, 2)):
                block = f"B{d}{b}"
                self.row("areas", area_code=block, kind="block", parent_code=f"D{d}", name_en=f"Block {d}{b}")
                bodies.append((block, "janpad"))
                for g in range(self.random.randint(1, 3)):
                    self.row(
                        "areas",
                        area_code=f"G{d}{b}{g}",
                        kind="gp",
                        parent_code=block,
                        name_en="Gram Panchayat",
                    )
                    if self.chance(0.3):
                        bodies.append((f"G{d}{b}{g}", "gp"))
            self.row("areas", area_code=f"U{d}", kind="ulb", parent_code=f"D{d}", name_en=f"Nagar {d}")
            bodies.append((f"U{d}", "ulb"))
            for w in range(self.random.randint(1, 2)):
                self.row("areas", area_code=f"W{d}{w}", kind="ward", parent_code=f"U{d}", name_en=f"Ward {w}")
            bodies.append((f"D{d}", "district"))
        bodies.append(("S23", "state"))
        for number, (area, kind) in enumerate(bodies):
            if self.chance(0.8):
                ddo = f"DDO{number:03d}" if self.chance(0.6) else ""
                self.row("offices", office_code=f"O{number:03d}", kind=kind, area_code=area, ddo_code=ddo)
        if self.chance(0.5):
            self.random.shuffle(self.tables["areas"])

    def family(self) -> str:
        self.next_family += self.random.randint(1, 7)
        family_id = f"{self.next_family:08d}"
        places = [row["area_code"] for row in self.tables["areas"] if row["kind"] in ("gp", "ward")]
        recorded = self.past().isoformat() if self.chance(0.4) else ""
        self.row(
            "families",
            family_id=family_id,
            area_code=self.random.choice(places),
            address=self.random.choice(["", "House 1, Main Road", 'Near "old" well']),
            social_category=self.random.choice(["", "GEN", "OBC", "SC", "ST"]),
            recorded_on=recorded,
        )
        for _ in range(self.random.choice([0, 1, 1, 1, 2, 3])):
            self.card(family_id)
        return family_id

    def card(self, family_id: str) -> None:
        self.next_card += 1
        start = self.edge()
        if self.chance(0.6):
            start = self.day - timedelta(days=self.random.choice([1000, 2000]))
        end = ""
        if self.chance(0.6):
            end = max(start, self.edge()).isoformat()
        self.row(
            "bpl",
            family_id=family_id,
            card_no=f"C{self.next_card:05d}",
            valid_from=start.isoformat(),
            valid_to=end,
        )

    def resident(self, family_id: str, sex: str, born_on: str, **values: str) -> Row:
        row = self.row(
            "residents",
            member_id=self.new_member(),
            family_id=family_id,
            name_en=self.random.choice(NAMES),
            name_hi=self.random.choice(["", "सीता बाई", "राम"]),
            sex=sex,
            born_on=born_on,
            destitute=self.boolean(0.3, 0.15),
            income_tax_payer=self.boolean(0.1, 0.08),
            mobile=self.random.choice(["", "9876543210", "6000000001"]),
            recorded_on=self.past().isoformat() if self.chance(0.4) else "",
        )
        row.update(values)
        if self.chance(0.6):
            row["aadhaar"] = aadhaar(self.random.randrange(10**7))
        if self.chance(0.6):
            row["ifsc"] = "SBIN0001234"
            row["account_no"] = str(self.random.randrange(10**9, 10**10))
        if row["marital_since"] and row["born_on"] and row["marital_since"] < row["born_on"]:
            row["marital_since"] = row["born_on"]
        return row

    def marry(self, row: Row, status: str) -> None:
        row["marital_status"] = "" if self.chance(0.06) else status
        if self.chance(0.5):
            since = self.past()
            if not row["born_on"] or since.isoformat() >= row["born_on"]:
                row["marital_since"] = since.isoformat()

    def event(self, member_id: str, kind: str, happened_on: date, spouse_id: str = "") -> None:
        if happened_on > self.delivered_on:
            return
        self.next_event += 1
        number = self.next_event * 7919 % 100003
        late = happened_on + timedelta(days=self.random.choice([0, 0, 1, 20, 200, 364, 365, 366]))
        self.row(
            "events",
            event_id=f"E{number:06d}",
            member_id=member_id,
            kind=kind,
            happened_on=happened_on.isoformat(),
            reported_on=min(late, self.delivered_on).isoformat(),
            spouse_id=spouse_id,
        )

    def certificate(self, member_id: str) -> None:
        self.next_card += 1
        issued = self.past()
        if self.chance(0.5):
            issued = self.day - timedelta(days=1200)
        issued = min(issued, self.delivered_on)
        end = max(issued, self.edge()).isoformat() if self.chance(0.6) else ""
        self.row(
            "pwd",
            member_id=member_id,
            certificate_no=f"P{self.next_card:05d}",
            kind=self.random.choice(LISTS[("pwd", "kind")] + ["intellectual", "multiple"]),
            percent=self.random.choice(["0", "39", "40", "41", "79", "80", "81", "100", "60"]),
            issued_on=issued.isoformat(),
            valid_to=end,
        )

    # -- families --------------------------------------------------------------------------------------------

    def couple_family(self) -> None:
        family_id = self.family()
        husband = self.resident(family_id, "M", self.birth(30, 90), relation_to_head="head")
        wife = self.resident(family_id, "F", self.birth(30, 90), relation_to_head="wife")
        status = self.random.choice(["married", "married", "married", "widowed", "deserted", "divorced"])
        self.marry(wife, status)
        self.marry(husband, self.random.choice(["married", "married", "widowed", ""]))
        if self.chance(0.85):
            wife["spouse_id"] = husband["member_id"]
        if self.chance(0.8):
            husband["spouse_id"] = wife["member_id"]
        if self.chance(0.35):
            self.event(husband["member_id"], "death", self.edge())
        if self.chance(0.2):
            self.event(wife["member_id"], "death", self.edge())
        if self.chance(0.15):
            self.event(husband["member_id"], "migration_out", self.edge())
        if self.chance(0.08):
            self.event(wife["member_id"], "migration_out", self.edge())
        self.children(family_id, wife, husband)

    def children(self, family_id: str, wife: Row, husband: Row) -> None:
        daughters = self.random.choice([0, 1, 1, 1, 2])
        sons = self.random.choice([0, 0, 0, 0, 1])
        for sex in ["F"] * daughters + ["M"] * sons + (["T"] if self.chance(0.05) else []):
            home = self.random.choice([row["family_id"] for row in self.tables["families"]])
            child = self.resident(
                family_id if self.chance(0.7) else home,
                sex,
                self.birth(1, 40),
                mother_id=wife["member_id"] if self.chance(0.8) else "",
                father_id=husband["member_id"] if self.chance(0.6) else "",
                marital_status=self.random.choice(["never_married", "never_married", "married", ""]),
            )
            if self.chance(0.3) and self.delivered_on > self.day:
                born = min(
                    self.day + timedelta(days=self.random.choice([0, 1, 10, 31, 61])), self.delivered_on
                )
                child["born_on"] = born.isoformat()
                child["marital_status"] = "never_married"
            if self.chance(0.3 if sex == "M" else 0.12):
                self.event(child["member_id"], "death", self.edge())
            if self.chance(0.05):
                self.event(child["member_id"], "migration_out", self.edge())

    def single_family(self) -> None:
        family_id = self.family()
        for _ in range(self.random.randint(1, 3)):
            row = self.resident(family_id, self.random.choice("FFFMMT"), self.birth(6, 90))
            self.marry(
                row,
                self.random.choice(
                    ["widowed", "widowed", "deserted", "never_married", "married", "divorced", ""]
                ),
            )

    def disabled_family(self) -> None:
        family_id = self.family()
        for _ in range(self.random.randint(1, 2)):
            row = self.resident(family_id, self.random.choice("FFMMT"), self.birth(5, 81))
            self.marry(row, self.random.choice(["never_married", "married", "widowed"]))
            for _ in range(self.random.choice([1, 1, 2, 3])):
                self.certificate(row["member_id"])

    def histories(self) -> None:
        people = self.tables["residents"]
        ids = [row["member_id"] for row in people]
        for row in people:
            if row["marital_status"] and row["marital_status"] != "never_married" and self.chance(0.25):
                day = self.edge()
                for _ in range(self.random.choice([1, 1, 2, 3])):
                    if self.chance(0.5):
                        day = self.edge()
                    kind = self.random.choice(["marriage", "remarriage", "desertion", "divorce"])
                    spouse_id = self.random.choice(
                        ["", row["spouse_id"], self.random.choice(ids), "100000001"]
                    )
                    self.event(row["member_id"], kind, day, spouse_id if "marriage" in kind else "")
            if self.chance(0.05):
                self.event(row["member_id"], "death", self.edge())
                if self.chance(0.4):
                    self.event(row["member_id"], "death", self.edge())
            if self.chance(0.06):
                day = self.edge()
                for _ in range(self.random.randint(1, 3)):
                    kind = self.random.choice(["migration_out", "migration_in"])
                    self.event(row["member_id"], kind, day if self.chance(0.3) else self.edge())
            if self.chance(0.04):
                self.certificate(row["member_id"])
            if self.chance(0.02):
                row["spouse_id"] = row["member_id"]

    def coincidences(self) -> None:
        """Lets dates of different facts fall on one day: deaths of spouses, weddings, changes of status."""
        for event in self.tables["events"]:
            spouses = [row for row in self.tables["residents"] if row["spouse_id"] == event["member_id"]]
            if event["kind"] != "death" or not spouses or not self.chance(0.35):
                continue
            row = self.random.choice(spouses)
            shift = timedelta(days=self.random.choice([-1, 0, 0, 0, 1]))
            day = date.fromisoformat(event["happened_on"]) + shift
            if self.chance(0.5) and row["born_on"] <= day.isoformat() and day <= self.delivered_on:
                row["marital_since"] = day.isoformat()
            else:
                kind = self.random.choice(["marriage", "remarriage", "desertion", "divorce"])
                people = [row["spouse_id"], "", self.random.choice(self.tables["residents"])["member_id"]]
                self.event(
                    row["member_id"], kind, day, self.random.choice(people) if "marriage" in kind else ""
                )

    def pension(self, member_id: str, scheme: str) -> None:
        amount = self.random.choice(RIGHT[scheme])
        people = [row for row in self.tables["residents"] if row["member_id"] == member_id]
        if scheme == "IGNOAPS" and people and self.chance(0.6):
            now = Day(Facts(Known(date.max, {table: {} for table in TABLES}, [])), self.day)
            amount = str(old_age_amount(now.age(people[0])) or 200)
        if self.chance(0.2):
            amount = self.random.choice(["", "100", "150", "200", "275", "300", "0"])
        since = self.past()
        if self.chance(0.7):
            since = self.day - timedelta(days=self.random.choice([0, 30, 1000]))
        since = min(since, self.delivered_on)
        self.row("pensioners", member_id=member_id, scheme=scheme, since=since.isoformat(), amount=amount)

    def pensions(self) -> None:
        """Most hold what some day near the day of determination gives them, the others anything."""
        rows = {
            table: {tuple(row[name] for name in KEY[table]): row for row in self.tables[table]}
            for table in TABLES
        }
        facts = Facts(Known(date.max, rows, []))
        born_by = (self.day - timedelta(days=365)).isoformat()
        for row in self.tables["residents"]:
            if row["born_on"] > born_by:
                continue
            near = Day(
                facts, self.day + timedelta(days=self.random.choice([-400, -60, -32, -1, 0, 0, 0, 30, 61]))
            )
            for group in GROUPS:
                fitting = [
                    verdict.scheme for verdict in near.verdicts(row, group) if verdict.holds is not False
                ]
                if fitting and self.chance(0.65):
                    self.pension(row["member_id"], self.random.choice(fitting))
                elif self.chance(0.12 if group == "1" else 0.03):
                    schemes = [scheme for scheme, other in GROUP_OF.items() if other == group]
                    self.pension(row["member_id"], self.random.choice(schemes))
            if self.chance(0.03):
                self.pension(row["member_id"], self.random.choice(list(GROUP_OF)))
        for _ in range(self.random.choice([0, 1, 2])):
            self.pension(self.new_member(), self.random.choice(list(GROUP_OF)))

    def sharing(self) -> None:
        people = self.tables["residents"]
        for _ in range(self.random.choice([0, 1, 2, 4])):
            one, other = self.random.sample(people, 2)
            if one["account_no"]:
                other["ifsc"], other["account_no"] = one["ifsc"], one["account_no"]
        for _ in range(self.random.choice([0, 1, 3])):
            one, other = self.random.sample(people, 2)
            if one["aadhaar"]:
                other["aadhaar"] = one["aadhaar"]

    def first(self) -> Tables:
        self.areas()
        wanted = self.random.choice([30, 60, 100, 160, 280])
        while len(self.tables["residents"]) < wanted:
            self.random.choice(
                [self.couple_family, self.couple_family, self.single_family, self.disabled_family]
            )()
        self.histories()
        self.coincidences()
        self.pensions()
        self.sharing()
        for table in ("residents", "events", "pensioners", "bpl", "pwd", "families"):
            if self.chance(0.5):
                self.random.shuffle(self.tables[table])
        return self.tables

    def later(self, previous: Tables) -> Tables:
        """A delivery that repeats some rows, corrects others and adds new ones."""
        self.delivered_on += timedelta(days=self.random.choice([1, 7, 30, 50]))
        self.tables = {table: [] for table in TABLES}
        for table in TABLES:
            if self.chance(0.25):
                continue
            for row in previous[table]:
                if self.chance(0.5):
                    self.tables[table].append(dict(row))
        for row in self.tables["residents"]:
            if self.chance(0.25):
                self.correct_resident(row)
        for row in self.tables["bpl"]:
            if self.chance(0.2):
                row["valid_to"] = "" if self.chance(0.3) else max(row["valid_from"], self.edge().isoformat())
        for row in self.tables["pwd"]:
            if self.chance(0.2):
                row["percent"] = self.random.choice(["39", "40", "80", "100"])
        for row in self.tables["events"]:
            if self.chance(0.15):
                row["happened_on"] = min(row["reported_on"], self.past().isoformat())
            if self.chance(0.1):
                row["kind"] = self.random.choice(LISTS[("events", "kind")])
        for row in self.tables["pensioners"]:
            if self.chance(0.15):
                row["amount"] = self.random.choice(["", "150", "200", "275", "300", "500"])
        places = [row["area_code"] for row in previous["areas"] if row["kind"] in ("gp", "ward")]
        for row in self.tables["families"]:
            if self.chance(0.15):
                row["area_code"] = self.random.choice(places)
        people = [row["member_id"] for row in previous["residents"]]
        for _ in range(self.random.randint(0, 8)):
            kind = self.random.choice(
                ["death", "death", "marriage", "desertion", "migration_out", "migration_in"]
            )
            spouse_id = self.random.choice(people) if kind == "marriage" else ""
            self.event(self.random.choice(people), kind, self.edge(), spouse_id)
        for row in previous["pensioners"]:
            if row["member_id"] not in people and self.chance(0.5):
                home = self.random.choice(previous["families"])["family_id"]
                ghost = self.resident(home, "F", self.birth(30, 90), marital_status="widowed")
                ghost["member_id"] = row["member_id"]
        for _ in range(self.random.randint(0, 2)):
            home = self.random.choice(previous["families"])["family_id"]
            mother_id = self.random.choice(people)
            self.resident(home, self.random.choice("FM"), self.past().isoformat(), mother_id=mother_id)
        return self.tables

    def correct_resident(self, row: Row) -> None:
        change = self.random.randrange(7)
        if change == 0:
            row["born_on"] = self.birth(20, 85)
        elif change == 1:
            row["marital_status"] = self.random.choice(["widowed", "married", "deserted", ""])
        elif change == 2:
            row["destitute"] = self.boolean(0.5, 0.2)
        elif change == 3:
            row["income_tax_payer"] = self.boolean(0.4, 0.2)
        elif change == 4:
            row["sex"] = self.random.choice("FMT")
        elif change == 5:
            row["spouse_id"] = ""
        else:
            row["marital_since"] = self.past().isoformat()
        if row["born_on"] and row["marital_since"] and row["marital_since"] < row["born_on"]:
            row["marital_since"] = ""


class Corruption:
    """Spoils rows and files in every way formats.md lists."""

    def __init__(self, chooser: random.Random, delivered_on: date) -> None:
        self.random = chooser
        self.delivered_on = delivered_on

    def spoil_row(self, table: str, row: Row) -> None:
        names = COLUMNS[table]
        name = self.random.choice(names)
        future = (self.delivered_on + timedelta(days=self.random.choice([1, 400]))).isoformat()
        bad_dates = [
            "2015-02-29",
            "2016-13-01",
            "01/02/2015",
            "2016-1-5",
            "yesterday",
            "2016-00-10",
            "15-08-1947",
            future,
        ]
        if name.endswith("_on") or name in ("since", "marital_since", "valid_from", "valid_to"):
            row[name] = self.random.choice([*bad_dates, self.delivered_on.isoformat(), "1890-01-01", ""])
        elif (table, name) in LISTS:
            row[name] = self.random.choice(["", "unheard-of", row[name].upper() + "x", "हाँ"])
        elif name in ("member_id", "mother_id", "father_id", "spouse_id"):
            row[name] = self.random.choice(
                ["", "12345678", "1234567890", "12345678A", "१२३४५६७८९", "100000002"]
            )
        elif name == "family_id":
            row[name] = self.random.choice(["", "1234567", "123456789", "ABCDEFGH", "10000001"])
        elif name in ("area_code", "parent_code"):
            row[name] = self.random.choice(["", "NOWHERE", "S23", "D0", "B00", "U0"])
        elif name in ("destitute", "income_tax_payer"):
            row[name] = self.random.choice(["TRUE", "yes", "0", "maybe"])
        elif name == "mobile":
            row[name] = self.random.choice(
                ["5876543210", "98765", "98765432101", "+919876543210", "98765x3210"]
            )
        elif name == "aadhaar":
            row[name] = self.random.choice(
                ["999900000001", "999912345", "9999abcd0000", aadhaar(7)[:-1] + "x"]
            )
        elif name == "ifsc":
            row[name] = self.random.choice(["SBIN1001234", "SBI00012345", "SBIN000123", "SBIN0 12345"])
        elif name == "account_no":
            row[name] = self.random.choice(["12345", "1234567890123456789", "12-345678", "खाता1234"])
        elif name == "percent":
            row[name] = self.random.choice(["101", "-1", "abc", "", "80%"])
        elif name == "amount":
            row[name] = self.random.choice(["-150", "lots", "1,000", "Rs 150"])
        elif name in ("event_id", "name_en", "office_code", "card_no", "certificate_no"):
            row[name] = ""

    def repeat(self, table: str, rows: Table) -> None:
        """An identical repeat, a different row under a used key, or a second pension of a group."""
        row = dict(self.random.choice(rows))
        kind = self.random.random()
        if kind < 0.5:
            self.spoil_row(table, row)
        if table == "pensioners" and kind > 0.7:
            row["scheme"] = self.random.choice(list(GROUP_OF))
        if table == "residents" and kind > 0.8:
            row["name_en"] = "Another Name"
        rows.insert(self.random.randint(0, len(rows)), row)

    def tables(self, tables: Tables) -> None:
        for table in TABLES:
            rows = tables[table]
            share = 0.03 if table in ("areas", "families") else 0.08
            for row in rows:
                while self.random.random() < share:
                    self.spoil_row(table, row)
            for _ in range(self.random.choice([0, 1, 2, 4]) if rows else 0):
                self.repeat(table, rows)
        areas = tables["areas"]
        if len(areas) > 3 and self.random.random() < 0.25:
            one, other = self.random.sample([row for row in areas if row["kind"] != "state"], 2)
            one["parent_code"] = other["area_code"]
            if self.random.random() < 0.5:
                other["parent_code"] = one["area_code"]


def written(table: str, rows: Table, chooser: random.Random, dirty: bool) -> bytes:
    """The table as CSV; dirty files vary in columns, quoting, line ends and widths."""
    names = list(COLUMNS[table])
    quote_all, ending, mark, ragged = False, "\n", b"", 0.0
    if dirty:
        if chooser.random() < 0.3:
            chooser.shuffle(names)
        if chooser.random() < 0.2:
            names.insert(chooser.randint(0, len(names)), "remarks")
        if chooser.random() < 0.3:
            quote_all = True
        ending = chooser.choice(["\n", "\r\n"])
        mark = chooser.choice([b"", b"\xef\xbb\xbf"])
        ragged = chooser.choice([0.0, 0.0, 0.02])
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL, lineterminator=ending
    )
    writer.writerow(names)
    for row in rows:
        cells = [row.get(name, "x, y") for name in names]
        if chooser.random() < ragged:
            cells = cells[:-1] if chooser.random() < 0.5 else [*cells, "surplus"]
        writer.writerow(cells)
    return mark + text.getvalue().encode()


def merged(old: Tables, new: Tables) -> Tables:
    """The latest row of every key."""
    tables: Tables = {}
    for table in TABLES:
        rows = {tuple(row[name] for name in KEY[table]): row for row in old[table] + new[table]}
        tables[table] = list(rows.values())
    return tables


def make_case(seed: int, dirty: bool = False) -> Case:
    maker = StateMaker(seed)
    chooser = random.Random(seed * 1000003 + int(dirty))
    deliveries: list[Delivery] = []
    tables = maker.first()
    everything = tables
    for number in range(chooser.choice([1, 1, 2, 3])):
        if number:
            tables = maker.later(everything)
            everything = merged(everything, tables)
        copied = {table: [dict(row) for row in rows] for table, rows in tables.items()}
        if dirty:
            Corruption(chooser, maker.delivered_on).tables(copied)
        files = {
            f"{table}.csv": written(table, rows, chooser, dirty)
            for table, rows in copied.items()
            if rows or number == 0
        }
        deliveries.append(Delivery(maker.delivered_on, files))
    runs = [Run(maker.day, None)]
    dates = [delivery.delivered_on for delivery in deliveries]
    if len(deliveries) > 1 or chooser.random() < 0.3:
        runs.append(Run(maker.day, chooser.choice([*dates, maker.day, dates[0] + timedelta(days=1)])))
    return Case(seed, dirty, deliveries, runs)
