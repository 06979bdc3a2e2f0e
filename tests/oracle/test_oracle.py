"""The oracle itself, held to the sentences of formats.md by hand-made cases."""

import csv
import random
import tempfile
from datetime import date
from pathlib import Path

import pytest

from .load import COLUMNS, TABLES, Register, Row, verhoeff_holds
from .month import Day, Facts, Month
from .states import Delivery, aadhaar, make_case, written

D = date(2016, 10, 1)
LATE = date(2017, 6, 1)
DEFAULTS: dict[str, Row] = {
    "areas": {"area_code": "G1", "kind": "gp", "parent_code": "S", "name_en": "Gram"},
    "offices": {"office_code": "O1", "kind": "gp", "area_code": "G1"},
    "families": {"family_id": "10000001", "area_code": "G1"},
    "residents": {
        "member_id": "100000001",
        "family_id": "10000001",
        "name_en": "Sita",
        "sex": "F",
        "born_on": "1950-01-01",
        "marital_status": "never_married",
        "destitute": "false",
        "income_tax_payer": "false",
    },
    "bpl": {"family_id": "10000001", "card_no": "C1", "valid_from": "2012-01-01"},
    "pwd": {
        "member_id": "100000001",
        "certificate_no": "P1",
        "kind": "locomotor",
        "percent": "80",
        "issued_on": "2014-01-01",
    },
    "events": {
        "event_id": "E1",
        "member_id": "100000001",
        "kind": "death",
        "happened_on": "2016-09-01",
        "reported_on": "2016-09-05",
        "spouse_id": "",
    },
    "pensioners": {"member_id": "100000001", "scheme": "IGNOAPS", "since": "2014-01-01", "amount": "275"},
}
ME, OTHER, CHILD = "100000001", "100000002", "100000003"


class World:
    """A State with one State, one panchayat and one family, to which a case adds its rows."""

    def __init__(self) -> None:
        self.tables: dict[str, list[Row]] = {table: [] for table in TABLES}
        self.add("areas", area_code="S", kind="state", parent_code="")
        self.add("areas")
        self.add("families")
        self.register = Register()
        self.rejected: list[tuple[str, int, str, str]] = []

    def add(self, table: str, **values: str) -> "World":
        self.tables[table].append({**dict.fromkeys(COLUMNS[table], ""), **DEFAULTS[table], **values})
        return self

    def person(self, **values: str) -> "World":
        return self.add("residents", **values)

    def load(self, delivered_on: date = LATE) -> "World":
        with tempfile.TemporaryDirectory() as folder:
            for table, rows in self.tables.items():
                with (Path(folder) / f"{table}.csv").open("w", newline="") as stream:
                    writer = csv.DictWriter(stream, COLUMNS[table])
                    writer.writeheader()
                    writer.writerows(rows)
            outcome = self.register.load(Path(folder), delivered_on)
        self.rejected = [(one.file, one.line, one.field, one.code) for one in outcome.rejections]
        self.tables = {table: [] for table in TABLES}
        return self

    def month(self, known_on: date = date.max) -> Month:
        if any(self.tables.values()):
            self.load()
        return Month(self.register.known_on(known_on), D)

    def work(self, group: str = "1", member_id: str = ME) -> list[tuple[str, ...]]:
        names = ("action", "from_scheme", "from_amount", "to_scheme", "to_amount", "reason")
        rows = self.month().worklist(all_rows=True)
        return [
            tuple(row[name] for name in names)
            for row in rows
            if (row["group"], row["member_id"]) == (group, member_id)
        ]

    def status(self, day: date = D, member_id: str = ME) -> str | None:
        facts = self.month().facts
        return Day(facts, day).status(facts.residents[member_id])

    def coming(self, group: str = "1") -> list[tuple[str, ...]]:
        return [
            (row["eligible_on"], row["action"], row["from_scheme"], row["to_scheme"], row["to_amount"])
            for row in self.month().forecast()
            if (row["group"], row["member_id"]) == (group, ME)
        ]


# -- loading -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "values", "name", "code"),
    [
        ("residents", {"born_on": "2015-02-29"}, "born_on", "bad_format"),
        ("residents", {"born_on": "1950-1-5"}, "born_on", "bad_format"),
        ("residents", {"born_on": "2017-06-02"}, "born_on", "date_in_future"),
        ("residents", {"recorded_on": "2017-06-02"}, "recorded_on", "date_in_future"),
        ("residents", {"marital_since": "1949-12-31"}, "marital_since", "end_before_start"),
        ("residents", {"destitute": "TRUE"}, "destitute", "bad_format"),
        ("residents", {"mobile": "5876543210"}, "mobile", "bad_format"),
        ("residents", {"ifsc": "SBIN1234567"}, "ifsc", "bad_format"),
        ("residents", {"account_no": "12345"}, "account_no", "bad_format"),
        ("residents", {"aadhaar": "999900000001"}, "aadhaar", "bad_check_digit"),
        ("residents", {"name_en": ""}, "name_en", "missing_value"),
        ("residents", {"sex": "X"}, "sex", "not_in_list"),
        ("residents", {"member_id": "12345678"}, "member_id", "bad_format"),
        ("residents", {"family_id": "10000002"}, "family_id", "unknown_family"),
        ("families", {"family_id": "10000002", "area_code": "S"}, "area_code", "unknown_area"),
        ("families", {"family_id": "1000002"}, "family_id", "bad_format"),
        ("areas", {"area_code": "G2", "parent_code": ""}, "parent_code", "missing_value"),
        ("areas", {"area_code": "G2", "parent_code": "X"}, "parent_code", "unknown_area"),
        ("offices", {"area_code": "X"}, "area_code", "unknown_area"),
        ("bpl", {"valid_to": "2011-12-31"}, "valid_to", "end_before_start"),
    ],
)
def test_a_bad_field_is_one_line_with_its_code(table: str, values: Row, name: str, code: str) -> None:
    world = World().add(table, **values)
    line = len(world.tables[table]) + 1
    assert world.load().rejected == [(f"{table}.csv", line, name, code)]


@pytest.mark.parametrize(
    ("table", "values", "name", "code"),
    [
        ("pwd", {"percent": "101"}, "percent", "out_of_range"),
        ("pwd", {"percent": "many"}, "percent", "bad_format"),
        ("pwd", {"valid_to": "2013-12-31"}, "valid_to", "end_before_start"),
        ("events", {"reported_on": "2016-08-31"}, "reported_on", "end_before_start"),
        ("events", {"kind": "birth"}, "kind", "not_in_list"),
        ("events", {"member_id": OTHER}, "member_id", "unknown_member"),
        ("pensioners", {"amount": "-1"}, "amount", "out_of_range"),
        ("pensioners", {"since": "2017-06-02"}, "since", "date_in_future"),
    ],
)
def test_a_bad_field_about_a_resident_is_one_line(table: str, values: Row, name: str, code: str) -> None:
    world = World().person().add(table, **values)
    assert world.load().rejected == [(f"{table}.csv", 2, name, code)]


def test_valid_from_and_valid_to_may_lie_in_the_future() -> None:
    assert World().add("bpl", valid_from="2018-01-01", valid_to="2019-01-01").load().rejected == []


def test_a_rule_that_compares_two_fields_is_skipped_if_either_is_bad() -> None:
    world = World().person().add("events", happened_on="2017-06-02", reported_on="2016-08-31")
    assert world.load().rejected == [("events.csv", 2, "happened_on", "date_in_future")]


def test_an_identical_repeat_is_ignored_and_a_different_one_is_a_duplicate() -> None:
    world = World().person().person().person(name_en="Gita")
    assert world.load().rejected == [("residents.csv", 4, "member_id", "duplicate_id")]


def test_a_rejected_row_does_not_occupy_its_key() -> None:
    world = World().person(sex="X").person(name_en="Gita").load()
    assert world.rejected == [("residents.csv", 2, "sex", "not_in_list")]
    assert world.month().facts.residents[ME]["name_en"] == "Gita"


def test_a_second_pension_of_one_group_is_a_conflict_whatever_its_since() -> None:
    world = World().person().add("pensioners").add("pensioners", scheme="IGNWPS", since="2016-01-01")
    world.add("pensioners", scheme="MRMD")
    assert world.load().rejected == [("pensioners.csv", 3, "scheme", "conflict")]


def test_parents_and_spouses_may_name_nobody() -> None:
    assert World().person(mother_id="999999999", spouse_id="999999998").load().rejected == []


def test_a_row_whose_parent_row_was_rejected_is_rejected_too() -> None:
    world = (
        World().add("areas", area_code="G2", parent_code="G3").add("areas", area_code="G3", parent_code="X")
    )
    assert {one[3] for one in world.load().rejected} == {"unknown_area"}
    assert len(world.rejected) == 2


def test_a_parent_may_follow_its_child() -> None:
    world = (
        World()
        .add("areas", area_code="W", kind="ward", parent_code="U")
        .add("areas", area_code="U", kind="ulb")
    )
    assert world.load().rejected == []


def test_the_line_is_the_first_physical_line_of_the_record(tmp_path: Path) -> None:
    empty = dict.fromkeys(COLUMNS["residents"], "")
    rows = [
        {**empty, **DEFAULTS["residents"], "name_en": "Ram\nPrasad"},
        {**empty, **DEFAULTS["residents"], "member_id": OTHER, "sex": "X"},
    ]
    residents = written("residents", rows, random.Random(1), False)
    Delivery(LATE, {"residents.csv": residents}).write(tmp_path)
    world = World().load()
    outcome = world.register.load(tmp_path, LATE)
    assert [(one.line, one.code) for one in outcome.rejections] == [(4, "not_in_list")]


def test_a_later_delivery_with_other_values_is_a_correction_known_from_then() -> None:
    world = World().person(recorded_on="2016-01-01").load(date(2016, 9, 1))
    world.person(recorded_on="2016-01-01", name_en="Gita").load(date(2016, 11, 1))
    names = [
        world.month(date(2016, month, day)).facts.residents[ME]["name_en"]
        for month, day in ((1, 1), (10, 31), (11, 1))
    ]
    assert names == ["Sita", "Sita", "Gita"]


def test_rows_without_a_date_are_known_from_the_delivery() -> None:
    world = World().person().load(date(2016, 9, 20))
    assert ME not in world.month(date(2016, 9, 19)).facts.residents
    assert ME in world.month(date(2016, 9, 20)).facts.residents


def test_aadhaar_numbers_of_the_generator_pass_the_check_digit() -> None:
    assert verhoeff_holds("2363")
    assert not verhoeff_holds("2364")
    assert all(verhoeff_holds(aadhaar(number)) for number in (0, 7, 123456))


# -- people --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1956-10-01", D, 60),
        ("1956-10-02", D, 59),
        ("1952-02-29", date(2015, 2, 28), 62),
        ("1952-02-29", date(2015, 3, 1), 63),
        ("1952-02-29", date(2016, 2, 29), 64),
    ],
)
def test_age_is_completed_years(born: str, day: date, age: int) -> None:
    facts = World().person(born_on=born).month().facts
    assert Day(facts, day).age(facts.residents[ME]) == age


def test_the_month_of_death_is_due_in_full_and_the_earliest_death_counts() -> None:
    on_the_day = (
        World()
        .person()
        .add("bpl")
        .add("pensioners")
        .add("events", happened_on="2016-10-01", reported_on="2017-01-01")
    )
    assert on_the_day.work() == [("continue", "IGNOAPS", "275", "IGNOAPS", "275", "")]
    assert on_the_day.coming() == [("2016-10-02", "stop", "IGNOAPS", "", "")]
    before = (
        World()
        .person()
        .add("bpl")
        .add("pensioners")
        .add("events", happened_on="2016-09-30", reported_on="2017-01-01")
    )
    before.add("events", event_id="E2", happened_on="2016-12-01", reported_on="2017-01-01")
    assert before.work() == [("stop", "IGNOAPS", "275", "", "", "died")]


def widow(spouse_died: str = "2016-03-03", **values: str) -> World:
    world = World().person(**{"marital_status": "married", "spouse_id": OTHER, **values})
    world.person(member_id=OTHER, sex="M", marital_status="married", spouse_id=ME)
    return world.add("events", member_id=OTHER, happened_on=spouse_died, reported_on="2017-01-01")


def test_a_married_person_becomes_widowed_on_the_date_of_death() -> None:
    world = widow()
    assert [world.status(date(2016, 3, day)) for day in (2, 3)] == ["married", "widowed"]


def test_on_equal_dates_the_spouses_death_wins_over_events_and_these_over_the_row() -> None:
    assert widow(marital_since="2016-03-03").status() == "widowed"
    deserted = widow().add(
        "events", event_id="E2", kind="desertion", happened_on="2016-03-03", reported_on="2017-01-01"
    )
    assert deserted.status() == "deserted"
    rows = World().person(marital_status="widowed", marital_since="2016-03-03")
    rows.add("events", kind="divorce", happened_on="2016-03-03", reported_on="2017-01-01")
    assert rows.status() == "divorced"


def test_same_day_events_follow_their_ids() -> None:
    world = World().person()
    world.add("events", event_id="E2", kind="desertion", happened_on="2016-03-03", reported_on="2017-01-01")
    world.add("events", event_id="E1", kind="marriage", happened_on="2016-03-03", reported_on="2017-01-01")
    assert world.status() == "deserted"


def test_before_a_dated_row_the_status_follows_from_it() -> None:
    assert World().person(marital_since="2016-11-01", marital_status="married").status() == "never_married"
    assert World().person(marital_since="2016-11-01", marital_status="widowed").status() == "married"


def test_an_empty_status_is_unknown_until_an_own_event() -> None:
    assert widow(marital_status="", marital_since="2010-01-01").status() is None
    world = World().person(marital_status="").add("events", kind="desertion")
    assert world.status() == "deserted"


def test_the_latest_marriage_names_the_spouse_or_nobody() -> None:
    world = widow().add(
        "events", event_id="E2", kind="remarriage", happened_on="2015-01-01", reported_on="2016-01-01"
    )
    assert world.status() == "married"


def test_the_latest_migration_counts() -> None:
    world = World().person().add("bpl").add("pensioners").add("events", kind="migration_out")
    assert world.work() == [("stop", "IGNOAPS", "275", "", "", "migrated")]
    back = World().person().add("bpl").add("pensioners").add("events", kind="migration_out")
    back.add("events", event_id="E2", kind="migration_in", happened_on="2016-09-02", reported_on="2016-09-09")
    assert back.work()[0][0] == "continue"


# -- schemes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "amount"),
    [("1956-10-01", "200"), ("1951-10-01", "275"), ("1936-10-01", "500"), ("1936-10-02", "275")],
)
def test_old_age_bands(born: str, amount: str) -> None:
    world = World().person(born_on=born).add("bpl")
    assert world.work() == [("start", "", "", "IGNOAPS", amount, "entitled")]


def test_husband_died_within_twelve_months() -> None:
    world = widow(born_on="1960-01-01").add("bpl")
    assert world.work() == [("start", "", "", "IGNWPS", "300", "husband_died")]
    old = World().person(born_on="1960-01-01", marital_status="widowed").add("bpl")
    assert old.work() == [("start", "", "", "IGNWPS", "300", "entitled")]


def test_disability_takes_the_highest_percent_of_valid_rows() -> None:
    world = World().person(born_on="1990-01-01").add("bpl").add("pwd", percent="50")
    world.add("pwd", certificate_no="P2", percent="90", valid_to="2016-09-30")
    assert world.work() == []
    young = World().person(born_on="1997-10-01").add("bpl").add("pwd", percent="40", kind="multiple")
    assert young.work() == []  # 19 completed
    assert young.work("3") == [("start", "", "", "MRMD", "500", "entitled")]


def test_a_tie_keeps_the_held_scheme_while_entitlements_follow_the_order() -> None:
    world = World().person(born_on="1970-01-01", marital_status="widowed").add("bpl").add("pwd")
    world.add("pensioners", scheme="IGNDPS", amount="300")
    assert world.work() == [("continue", "IGNDPS", "300", "IGNDPS", "300", "")]
    assert world.month().entitlements()[0]["scheme"] == "IGNWPS"


def test_moves_for_better_or_for_a_lost_status() -> None:
    better = World().person(destitute="true").add("bpl").add("pensioners", scheme="SSP-OLD", amount="150")
    assert better.work() == [("move", "SSP-OLD", "150", "IGNOAPS", "275", "better_scheme")]
    lost = World().person(born_on="1936-01-01", marital_status="widowed").add("bpl")
    lost.add("pensioners", scheme="IGNWPS", amount="300")
    assert lost.work() == [("move", "IGNWPS", "300", "IGNOAPS", "500", "status_lost")]


def test_revisions_name_the_band_or_the_rate() -> None:
    for amount, reason in (("200", "age_band"), ("250", "rate_change")):
        world = World().person().add("bpl").add("pensioners", amount=amount)
        assert world.work() == [("revise", "IGNOAPS", amount, "IGNOAPS", "275", reason)]


def test_an_empty_amount_counts_as_right_and_stays_empty() -> None:
    assert World().person().add("bpl").add("pensioners", amount="").work() == [
        ("continue", "IGNOAPS", "", "IGNOAPS", "275", "")
    ]


def test_a_pension_with_a_later_since_is_ignored() -> None:
    world = World().person().add("bpl").add("pensioners", since="2016-10-02")
    assert world.work() == [("start", "", "", "IGNOAPS", "275", "entitled")]
    assert world.coming() == []


@pytest.mark.parametrize(
    ("scheme", "person", "reason"),
    [
        ("IGNWPS", {"sex": "M", "born_on": "1990-01-01"}, "sex"),
        ("IGNWPS", {"born_on": "1990-01-01"}, "age"),
        ("IGNWPS", {"born_on": "1970-01-01"}, "marital_status"),
        ("IGNOAPS", {}, "bpl_lost"),
        ("IGNDPS", {"born_on": "1970-01-01"}, "bpl_lost"),
        ("SSP-OLD", {}, "destitute"),
    ],
)
def test_a_stop_names_the_first_reason(scheme: str, person: Row, reason: str) -> None:
    world = World().person(**person).add("pensioners", scheme=scheme, amount="")
    assert world.work() == [("stop", scheme, "", "", "", reason)]


def test_unknown_and_false_is_false() -> None:
    assert World().person(born_on="", marital_status="", destitute="false").work() == []
    assert World().person(born_on="", destitute="true").work() == [("undecided", "", "", "", "", "born_on")]


def test_an_unknown_scheme_matters_only_if_it_could_pay_more() -> None:
    at_70 = World().person(born_on="1946-01-01", marital_status="", destitute="").add("bpl")
    assert at_70.work() == [
        ("start", "", "", "IGNOAPS", "275", "entitled"),
        ("undecided", "", "", "", "", "marital_status"),
    ]
    at_80 = World().person(born_on="1936-01-01", marital_status="", destitute="").add("bpl")
    assert at_80.work() == [("start", "", "", "IGNOAPS", "500", "entitled")]


def test_a_held_undecided_scheme_goes_on() -> None:
    world = World().person(born_on="1946-01-01", marital_status="").add("bpl")
    world.add("pensioners", scheme="IGNWPS", amount="300")
    assert world.work() == [("undecided", "IGNWPS", "300", "", "", "marital_status")]


def test_a_ghost_carries_the_files_scheme_and_amount_and_no_area() -> None:
    world = World().add("pensioners", member_id=OTHER, since="2016-12-01")
    row = world.month().worklist()[0]
    assert world.rejected == [("pensioners.csv", 2, "member_id", "unknown_member")]
    assert (row["action"], row["from_scheme"], row["from_amount"], row["area_code"]) == (
        "ghost",
        "IGNOAPS",
        "275",
        "",
    )


def test_one_account_of_two_payees_is_a_duplicate() -> None:
    world = World().person(ifsc="SBIN0001234", account_no="1234567").add("bpl").add("pensioners")
    world.person(member_id=OTHER, ifsc="SBIN0001234", account_no="1234567").add("pensioners", member_id=OTHER)
    world.person(member_id=CHILD, ifsc="SBIN0001234", account_no="1234567")
    duplicates = [row for row in world.month().worklist() if row["action"] == "duplicate"]
    assert [(row["member_id"], row["reason"]) for row in duplicates] == [
        (ME, "same_account"),
        (OTHER, "same_account"),
    ]


# -- KANYA ---------------------------------------------------------------------------------------------------


def couple(wife: Row | None = None, husband: Row | None = None) -> World:
    world = World().person(
        **{"born_on": "1970-01-01", "marital_status": "married", "spouse_id": OTHER, **(wife or {})}
    )
    man = {
        "member_id": OTHER,
        "sex": "M",
        "marital_status": "married",
        "spouse_id": ME,
        "born_on": "1950-01-01",
    }
    world.person(**{**man, **(husband or {})})
    return world.person(member_id=CHILD, born_on="2000-01-01", mother_id=ME)


KANYA_START = [("start", "", "", "KANYA", "500", "entitled")]


def test_kanya_goes_to_the_wife_of_a_couple_with_only_daughters() -> None:
    world = couple()
    assert world.work("2") == KANYA_START
    assert world.work("2", OTHER) == []


def test_a_living_son_ends_kanya_and_a_son_born_later_does_so_on_his_birthday() -> None:
    assert (
        couple().person(member_id="100000004", sex="M", born_on="2016-10-01", father_id=OTHER).work("2") == []
    )
    later = couple().person(member_id="100000004", sex="M", born_on="2016-11-11", father_id=OTHER)
    assert later.work("2") == KANYA_START
    assert later.coming("2") == [("2016-11-11", "stop", "KANYA", "", "")]


def test_a_migrated_husband_counts_but_does_not_replace_a_migrated_wife() -> None:
    away = couple().add("events", member_id=OTHER, kind="migration_out")
    assert away.work("2") == KANYA_START
    gone = couple().add("events", kind="migration_out")
    assert gone.work("2") == []
    assert gone.work("2", OTHER) == []


def test_a_widower_needs_a_dead_recorded_wife() -> None:
    world = (
        couple()
        .add("events", happened_on="2016-09-30", reported_on="2016-10-30")
        .person(member_id="100000004", born_on="2001-01-01", father_id=OTHER)
    )
    assert world.work("2", OTHER) == KANYA_START
    alone = (
        World()
        .person(sex="M", marital_status="widowed")
        .person(member_id=CHILD, born_on="2001-01-01", father_id=ME)
    )
    assert alone.work("2") == []


def test_kanya_undecided_names_the_payees_fact_before_the_husbands() -> None:
    assert couple(husband={"born_on": ""}).work("2") == [("undecided", "", "", "", "", "born_on")]
    assert couple({"income_tax_payer": ""}, {"born_on": ""}).work("2")[0][5] == "income_tax_payer"
    assert couple({"marital_status": ""}).work("2")[0][5] == "marital_status"
    assert couple({"marital_status": ""}, {"income_tax_payer": "true"}).work("2") == []


# -- forecast and dues ---------------------------------------------------------------------------------------


def test_the_window_ends_on_the_same_day_two_months_later() -> None:
    assert World().person(born_on="1956-12-01").add("bpl").coming() == [
        ("2016-12-01", "start", "", "IGNOAPS", "200")
    ]
    assert World().person(born_on="1956-12-02").add("bpl").coming() == []


def test_the_forecast_assumes_todays_list_is_carried_out() -> None:
    world = World().person(born_on="1951-11-01").add("bpl").add("pensioners", amount="500")
    assert world.work()[0][0] == "revise"
    assert world.coming() == [("2016-11-01", "revise", "IGNOAPS", "IGNOAPS", "275")]


def test_a_card_known_to_begin_later_counts_on_its_day() -> None:
    assert World().person().add("bpl", valid_from="2016-11-05").coming() == [
        ("2016-11-05", "start", "", "IGNOAPS", "275")
    ]


def test_a_stop_or_a_lower_amount_waits_for_the_notice() -> None:
    stopped = World().person().add("pensioners")
    assert stopped.month().dues(True)[0][0]["amount"] == "275.00"
    lower = World().person().add("bpl").add("pensioners", amount="500")
    assert lower.month().dues(True)[0][0]["amount"] == "500.00"
    higher = World().person().add("bpl").add("pensioners", amount="200")
    assert higher.month().dues(True)[0][0]["amount"] == "275.00"
    dead = World().person().add("pensioners").add("events")
    assert dead.month().dues(True) == ([], set())


def test_a_start_is_due_once_sanctioned() -> None:
    world = World().person().add("bpl")
    assert world.month().dues(False)[0] == []
    assert [row["scheme"] for row in world.month().dues(True)[0]] == ["IGNOAPS"]


def test_the_generator_is_the_same_for_the_same_seed() -> None:
    assert make_case(3, True) == make_case(3, True)
    assert Facts(Register().known_on(D)).residents == {}
