"""Benefits beyond pensions against a slow reading in plain Python, and: whatever is learned when, nothing is paid twice."""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.entitlement.registers import snapshot_of_known
from tests.oracle.load import Known, Register, Row
from tests.oracle.month import Day, Facts, Tri, all_of, any_of, parse_date, truth
from tests.oracle.states import Case, make_case

from haqdar.base.month import Month
from haqdar.cases import benefits
from haqdar.entitlement.occasions import decide_occasions
from haqdar.law import load_lawbook

LAW = Path(__file__).parents[2] / "law" / "mp-welfare"
SEEDS = range(1, int(os.environ.get("ORACLE_SEEDS", "4")) + 1)
Rows = list[dict[str, Any]]


def registers_of(known: Known, seed: int) -> dict[str, Rows]:
    """Students and incomes invented for the known residents (the same for the same person), and what events say."""
    found: dict[str, Rows] = {"raw_student": [], "raw_income": [], "raw_household": [], "raw_life_event": []}
    for (member_id,), row in known.rows["residents"].items():
        chance = random.Random(f"{seed}/{member_id}")
        member = int(member_id)
        for _ in range(chance.choice([0, 1, 1, 1, 1, 2])):
            start = date(2015, 1, 1) + timedelta(days=chance.randrange(700))
            found["raw_student"].append(
                {
                    "member_id": member,
                    "student_class": chance.randint(1, 14),
                    "marks_percent": chance.choice([None, 49.0, 50.0, 54.0, 55.0, 90.0, 90.0]),
                    "enrolled_on": start,
                    "left_on": start + timedelta(days=chance.randrange(400))
                    if chance.random() < 0.2
                    else None,
                }
            )
        for _ in range(chance.choice([0, 1, 1, 1, 1, 1, 2])):
            start = date(2010, 1, 1) + timedelta(days=chance.randrange(1500))
            found["raw_income"].append(
                {
                    "member_id": member,
                    "annual_paise": chance.choice([0, 0, 12_500_000, 15_000_000, 40_000_000]),
                    "valid_from": start,
                    "valid_to": start + timedelta(days=900) if chance.random() < 0.2 else None,
                }
            )
        relation = row["relation_to_head"].lower()
        found["raw_household"].append(
            {
                "member_id": member,
                "head_of_family": relation in ("self", "head") if relation else None,
                "recorded_on": parse_date(row["recorded_on"]),
            }
        )
    for row in known.rows["events"].values():
        found["raw_life_event"].append(
            {
                "member_id": int(row["member_id"]),
                "kind": row["kind"],
                "happened_on": parse_date(row["happened_on"]),
                "reported_on": parse_date(row["reported_on"]),
            }
        )
    return found


@dataclass
class Occasion:
    scheme: str
    key: str
    member_id: str
    day: date


class Naive:
    """The benefits written out once more, from docs/schemes-beyond-pensions.md and not from law/mp-welfare."""

    def __init__(self, known: Known, registers: dict[str, Rows]) -> None:
        self.facts = Facts(known)
        self.registers = registers
        self.days: dict[date, Day] = {}

    def on(self, day: date) -> Day:
        return self.days.setdefault(day, Day(self.facts, day))

    def head(self, member_id: str) -> Tri:
        relation = self.facts.residents[member_id]["relation_to_head"].lower()
        return relation in ("self", "head") if relation else None

    def income(self, member_id: str, day: date) -> float | None:
        valid = [
            (row["valid_from"], row["annual_paise"] / 100)
            for row in self.registers["raw_income"]
            if row["member_id"] == int(member_id)
            and row["valid_from"] <= day
            and (row["valid_to"] is None or day <= row["valid_to"])
        ]
        return max(valid)[1] if valid else None

    def study(self, member_id: str, day: date) -> tuple[int, float | None]:
        rows = [
            row
            for row in self.registers["raw_student"]
            if row["member_id"] == int(member_id)
            and row["enrolled_on"] <= day
            and (row["left_on"] is None or day <= row["left_on"])
        ]
        if not rows:
            return 0, 0.0
        best = max(
            rows,
            key=lambda r: (
                r["student_class"],
                r["enrolled_on"],
                -1 if r["marks_percent"] is None else r["marks_percent"],
            ),
        )
        return best["student_class"], best["marks_percent"]

    def parents_income(self, row: Row, day: date) -> float | None:
        parents = {row["mother_id"], row["father_id"]} - {""}
        if len(parents) != 2 or any(parent not in self.facts.residents for parent in parents):
            return None
        living = [p for p in parents if self.on(day).alive(self.facts.residents[p])]
        incomes = [self.income(parent, day) for parent in living]
        return None if None in incomes else sum(value for value in incomes if value is not None)

    def no_tax(self, row: Row, day: date) -> Tri:
        parts: list[Tri] = []
        for other in self.facts.residents.values():
            if other["family_id"] == row["family_id"] and self.on(day).alive(other):
                age = self.on(day).age(other)
                parts.append(all_of([truth(other["income_tax_payer"]), None if age is None else age >= 18]))
        payer = any_of(parts)
        return None if payer is None else not payer

    def verdict(self, scheme: str, member_id: str, day: date) -> tuple[Tri, int | None]:
        row = self.facts.residents[member_id]
        on = self.on(day)
        bpl: Tri = on.bpl(row["family_id"])
        age = on.age(row)
        klass, marks = self.study(member_id, day)
        income = self.income(member_id, day)
        earner = any_of([self.head(member_id), None if income is None else income > 0])

        def aged(low: int, high: int = 999) -> Tri:
            return None if age is None else low <= age <= high

        amount: int | None = 0
        criteria: list[Tri] = [on.alive(row), not on.migrated(member_id)]
        if scheme == "FUNERAL":
            criteria, amount = [*criteria, bpl], 3000
        elif scheme == "FAMILY-BENEFIT":
            criteria, amount = [*criteria, bpl, aged(18, 59), earner], 20000
        elif scheme == "MARRIAGE":
            criteria, amount = [*criteria, bpl, row["sex"] == "F", aged(18)], 25000
        elif scheme == "MATERNITY":
            children = [
                c for c in self.facts.children.get(member_id, []) if on.alive(self.facts.residents[c])
            ]
            criteria, amount = [*criteria, bpl, row["sex"] == "F", aged(19), len(children) <= 2], 1400
        elif scheme == "INSURANCE":
            criteria, amount = [*criteria, bpl, aged(18, 59), earner], 200
        else:
            parents = self.parents_income(row, day)
            low, high, least, most = (1, 10, 50, 250000) if scheme == "PRE-MATRIC" else (11, 99, 55, 300000)
            criteria += [
                low <= klass <= high,
                None if marks is None else marks >= least,
                None if parents is None else parents <= most,
                self.no_tax(row, day),
            ]
            amount = (
                (100 if klass <= 5 else 175) if scheme == "PRE-MATRIC" else (5000 if klass <= 12 else 7500)
            )
        holds = all_of(criteria)
        return holds, amount * 100 if holds else None

    def occasions(self, first: Month, month: Month) -> Iterator[Occasion]:
        last = month.first_day
        for member_id, row in self.facts.residents.items():
            death = self.facts.death(member_id)
            if death:
                day, late = self.dates(death)
                for scheme, within in (("FUNERAL", 365), ("FAMILY-BENEFIT", 730)):
                    if late <= within and first.first_day - timedelta(days=within) <= day <= last:
                        yield Occasion(scheme, f"death:{int(member_id)}", member_id, day)
            weddings = [e for e in self.facts.events.get(member_id, []) if e["kind"] == "marriage"]
            if weddings:
                day = min(self.dates(event)[0] for event in weddings)
                reported = min(parse_date(event["reported_on"]) or day for event in weddings)
                if (reported - day).days <= 365 and first.first_day - timedelta(days=365) <= day <= last:
                    yield Occasion("MARRIAGE", f"marriage:{int(member_id)}", member_id, day)
            born = parse_date(row["born_on"])
            recorded = parse_date(row["recorded_on"])
            if (
                born
                and row["mother_id"] in self.facts.residents
                and (recorded is None or (recorded - born).days <= 365)
                and first.first_day - timedelta(days=365) <= born <= last
            ):
                yield Occasion("MATERNITY", f"birth:{int(member_id)}", row["mother_id"], born)
            if last.month not in (5, 6):
                yield Occasion("PRE-MATRIC", f"{month}:m{int(member_id)}", member_id, last)
            for scheme, number, unit in (
                ("POST-MATRIC", 9, f"m{int(member_id)}"),
                ("INSURANCE", 6, f"f{int(row['family_id'])}"),
            ):
                open_since = month
                while open_since.month != number:
                    open_since = open_since.previous()
                if open_since >= first:
                    yield Occasion(scheme, f"{open_since}:{unit}", member_id, open_since.first_day)

    @staticmethod
    def dates(event: Row) -> tuple[date, int]:
        day, reported = parse_date(event["happened_on"]), parse_date(event["reported_on"])
        assert day is not None
        assert reported is not None
        return day, (reported - day).days


def known_of(case: Case, tmp_path: Path) -> Register:
    register = Register()
    for number, delivery in enumerate(case.deliveries):
        folder = tmp_path / f"delivery-{number}"
        delivery.write(folder)
        register.load(folder, delivery.delivered_on)
    return register


def books(duck: duckdb.DuckDBPyConnection, awards: Rows, posted: Rows) -> None:
    duck.execute(
        "CREATE OR REPLACE TABLE benefit_award (scheme VARCHAR, award_key VARCHAR, since DATE, start_day DATE)"
    )
    duck.execute("CREATE OR REPLACE TABLE benefit_sanctioned AS FROM benefit_award")
    duck.execute(
        "CREATE OR REPLACE TABLE benefit_posted (scheme VARCHAR, occasion VARCHAR, member_id INTEGER, pension_group INTEGER,"
        " for_month DATE, paise BIGINT)"
    )
    for table, rows in (("benefit_award", awards), ("benefit_posted", posted)):
        for row in rows:
            names = ", ".join(row)
            marks = ", ".join("?" for _ in row)
            duck.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))


@pytest.mark.parametrize("seed", SEEDS)
def test_occasions_agree_with_a_naive_reading(seed: int, tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    case = make_case(seed)
    register = known_of(case, tmp_path)
    lawbook = load_lawbook(LAW)
    month = Month.of(case.runs[0].determined_on)
    known = register.known_on(date(2999, 1, 1))
    invented = registers_of(known, seed)
    snapshot = snapshot_of_known(known, month.first_day, lawbook.vocabulary, invented)
    first = month.plus(-5)
    with duckdb.connect() as duck:
        snapshot.attach(duck)
        books(duck, [], [])
        decide_occasions(duck, lawbook, first, month)
        found = {
            (scheme, key, f"{member:09d}", day): (verdict, paise)
            for scheme, key, member, day, verdict, paise in duck.execute(
                "SELECT scheme, occasion, member_id, day, verdict, paise FROM occasion_judged"
            ).fetchall()
        }
        undecided = duck.execute("SELECT missing FROM occasion_judged WHERE verdict IS NULL").fetchall()
        refused = duck.execute("SELECT fails FROM occasion_judged WHERE NOT verdict").fetchall()
        unpayable = duck.execute(
            "SELECT count(*) FROM occasion_decided d JOIN person p ON p.member_id = d.payee WHERE p.died_on < d.for_month"
        ).fetchone()
    naive = Naive(known, invented)
    expected = {
        (entry.scheme, entry.key, entry.member_id, entry.day): naive.verdict(
            entry.scheme, entry.member_id, entry.day
        )
        for entry in naive.occasions(first, month)
    }
    assert found == expected
    assert all(missing for (missing,) in undecided)
    assert all(reason for (reason,) in refused)
    assert unpayable == (0,)


def test_generated_lives_meet_every_benefit_and_miss_it(tmp_path: Path) -> None:
    verdicts: dict[str, set[Tri]] = defaultdict(set)
    for seed in range(1, 26):
        case = make_case(seed)
        known = known_of(case, tmp_path / str(seed)).known_on(date(2999, 1, 1))
        naive = Naive(known, registers_of(known, seed))
        month = Month.of(case.runs[0].determined_on)
        for entry in naive.occasions(month.plus(-5), month):
            verdicts[entry.scheme].add(naive.verdict(entry.scheme, entry.member_id, entry.day)[0])
    assert {scheme: {True, False} <= found for scheme, found in verdicts.items()} == dict.fromkeys(
        ("FUNERAL", "FAMILY-BENEFIT", "MARRIAGE", "MATERNITY", "INSURANCE", "PRE-MATRIC", "POST-MATRIC"), True
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_paid_twice_whatever_is_learned_when(seed: int, tmp_path: Path, settings: Any) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    case = make_case(seed)
    register = known_of(case, tmp_path)
    lawbook = load_lawbook(LAW)
    chance = random.Random(seed)
    months = [Month.of(case.runs[0].determined_on).plus(shift) for shift in range(-1, 4)]
    known_on = [case.deliveries[0].delivered_on + timedelta(days=days) for days in (0, 15, 40, 90, 4000)]
    posted: dict[tuple[str, str, int], list[Any]] = {}
    awards: Rows = []
    for number, (month, day) in enumerate(zip(months, known_on, strict=True)):
        known = register.known_on(day)
        snapshot = snapshot_of_known(known, month.first_day, lawbook.vocabulary, registers_of(known, seed))
        with duckdb.connect() as duck:
            snapshot.attach(duck)
            duck.execute("CREATE TABLE merged (member_id INTEGER, survivor_id INTEGER)")
            keys = ("scheme", "occasion", "member_id")
            books(
                duck,
                awards,
                [
                    dict(zip(keys, key, strict=True)) | {"pension_group": g, "for_month": m, "paise": p}
                    for key, (g, m, p) in posted.items()
                ],
            )
            duck.execute(
                "CREATE TABLE worklist (action VARCHAR, member_id INTEGER, pension_group SMALLINT, from_scheme VARCHAR, from_paise BIGINT, to_scheme VARCHAR, to_paise BIGINT, reason VARCHAR, area_code VARCHAR, district_code VARCHAR)"
            )
            duck.execute(
                "CREATE TABLE change (member_id INTEGER, pension_group SMALLINT, kind VARCHAR, scheme VARCHAR, paise BIGINT, reason VARCHAR)"
            )
            sanction = chance.random() < 0.8
            benefits.decide(duck, lawbook, months[:number], month, sanction)
            for scheme, key in duck.execute("SELECT scheme, award_key FROM change_of_benefit").fetchall():
                benefit = lawbook.on(month.first_day).scheme(scheme).benefit
                assert benefit is not None
                start = month.first_day if benefit.event else benefit.occasion_day(month.first_day)
                awards.append(
                    {"scheme": scheme, "award_key": key, "since": month.first_day, "start_day": start}
                )
            assert len({(a["scheme"], a["award_key"]) for a in awards}) == len(awards)
            for scheme, occasion, member, group, for_month, paise in duck.execute(
                "SELECT scheme, occasion, member_id, pension_group, for_month, target_paise - before_paise FROM benefit_due"
            ).fetchall():
                _, first_month, before = posted.get((scheme, occasion, member), (group, for_month, 0))
                posted[scheme, occasion, member] = [group, first_month, before + paise]
            standing = {
                (scheme, occasion): (verdict, paise, awarded, payee)
                for scheme, occasion, verdict, paise, awarded, payee in duck.execute(
                    "SELECT scheme, occasion, verdict, paise, is_awarded, payee FROM occasion_now"
                ).fetchall()
            }
        net: dict[tuple[str, str], int] = defaultdict(int)
        for (scheme, occasion, _), (_, _, paise) in posted.items():
            assert paise >= 0, "nobody owes more than was paid"
            net[scheme, occasion] += paise
        largest = {s.code: max(b.paise for b in s.bands) for s in lawbook.on(month.first_day).benefits}
        assert all(paise <= largest[scheme] for (scheme, _), paise in net.items())
        for key, (verdict, paise, awarded, payee) in standing.items():
            if verdict and awarded and payee is not None:
                assert net[key] == paise, key
            if verdict is False:
                assert net[key] == 0, key
        assert all(paise == 0 for key, paise in net.items() if key not in standing)
    if seed == SEEDS[0]:
        assert posted, "the first State pays something"
