"""Services and holidays as data: limits by day, mistakes with file and line, counting of working days."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haqdar.access.actors import MAY
from haqdar.access.kinds import ROLES
from haqdar.access.models import Role
from haqdar.cases.models import Case
from haqdar.entitlement.law_checks import check_services
from haqdar.law import LawRefused
from haqdar.law.services import KINDS, load_services, missing_years, service_problems

FOLDER = Path(__file__).resolve().parents[2] / "law" / "mp"
BOOK = load_services(FOLDER)
HOLIDAYS = BOOK.holidays
DAYS = st.dates(date(2012, 1, 1), date(2027, 12, 31))
LIMITS = st.integers(0, 120)


def test_a_pension_is_due_within_15_days_and_a_day_late_costs_250_rupees() -> None:
    service = BOOK.serving("application", "IGNWPS", date(2016, 10, 1))
    assert service is not None and service.penalty is not None and service.first_appeal is not None
    assert (service.limit.days, service.limit.working) == (15, False)
    assert BOOK.ends_on(service.limit, date(2016, 10, 1)) == date(2016, 10, 16)
    assert (service.penalty.proposed(1), service.penalty.proposed(21)) == (25_000, 500_000)
    assert service.penalty.compensation(25_000) == 25_000
    assert (service.first_appeal.file_within, service.officer.role) == (30, "sanctioning_officer")
    assert not service.deemed_approval


def test_a_benefit_has_its_own_service_in_the_law_that_extends() -> None:
    book = load_services(FOLDER.parent / "mp-welfare")
    found = book.serving("application", "FAMILY-BENEFIT", date(2016, 10, 1))
    assert found is not None and (found.code, found.limit.days) == ("family-benefit", 30)
    other = book.serving("application", "IGNWPS", date(2016, 10, 1))
    assert other is not None and other.code == "pension-sanction"


def test_no_service_holds_before_its_act() -> None:
    assert BOOK.service("pension-sanction", date(2010, 9, 24)) is None


def test_every_kind_of_case_but_appeals_has_a_service() -> None:
    served = {kind for draft in BOOK.drafts for kind in draft.kinds}
    assert served == set(KINDS) - {"appeal", "second_appeal"}


def test_the_words_of_the_files_are_those_of_the_tables() -> None:
    assert set(KINDS) == set(Case.Kind.values)
    assert set(ROLES) == set(Role.values)
    assert check_services(FOLDER) == []
    assert check_services(FOLDER.parent / "mp-welfare") == []


def test_a_limit_changes_with_its_date(spoilt: Callable[..., Path]) -> None:
    folder = spoilt(
        "services/pension-sanction.yaml",
        "limit: {days: 15, count: calendar}",
        "limit: {2010-09-25: {days: 15, count: calendar}, 2026-01-01: {days: 10, count: working}}",
    )
    book = load_services(folder)
    before, after = (book.service("pension-sanction", day) for day in (date(2025, 12, 31), date(2026, 1, 1)))
    assert before is not None and after is not None
    assert (before.limit.days, after.limit.days, after.limit.working) == (15, 10, True)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("services/pension-sanction.yaml", "days: 15", "days: 0", "1 to 366 days"),
        ("services/pension-sanction.yaml", "days: 15", "days: soon", "must be a whole number"),
        ("services/pension-sanction.yaml", "count: calendar}", "count: office}", "calendar or working"),
        ("services/pension-sanction.yaml", "role: sanctioning_officer", "role: king", "must be one of"),
        ("services/pension-sanction.yaml", "[janpad, ulb]", "[palace]", "unknown word 'palace'"),
        (
            "services/pension-sanction.yaml",
            "kinds: [application, start]",
            "kinds: [wish]",
            "unknown word 'wish'",
        ),
        ("services/pension-sanction.yaml", "a_day: 250, ", "", "the key 'a_day' is missing"),
        (
            "services/pension-sanction.yaml",
            "deemed_approval: false",
            "deemed_approval: maybe",
            "true or false",
        ),
        ("services/pension-sanction.yaml", "kinds: [app", "schemes: [XYZ]\nkinds: [app", "names XYZ"),
        ("services/pension-sanction.yaml", "documents:", "papers:", "has no key 'papers'"),
        ("services/offices.yaml", "case.verify:", "case.varify:", "'case.varify' is no act"),
        ("services/offices.yaml", "[district]", "[dstrict]", "must list kinds of office"),
        ("services/grievances.yaml", "days: 7", "days: 700", "must be 1 to 366"),
        ("services/grievances.yaml", "kind: grievance", "kind: moan", "'kind' of 'not_paid'"),
        ("services/grievances.yaml", "role: district", "role: duke", "a level of 'not_paid'"),
        ("holidays.yaml", "second saturday", "next saturday", "is no weekday"),
        ("holidays.yaml", "01-26: {en: Republic", "02-30: {en: Republic", "'02-30' in 'every_year'"),
        ("holidays.yaml", "2016: {}", "2016: {13-01: {en: X, hi: ज}}", "'13-01' in 2016"),
    ],
)
def test_a_mistake_is_shown_with_file_and_line(
    spoilt: Callable[..., Path], file: str, old: str, new: str, said: str
) -> None:
    folder = spoilt(file, old, new)
    found = service_problems(folder, frozenset({"IGNWPS"}), frozenset(MAY))
    assert [
        problem for problem in found if said in problem.en and problem.file == file and problem.line > 0
    ], [str(problem) for problem in found]


def test_a_broken_service_is_refused_when_it_is_used(spoilt: Callable[..., Path]) -> None:
    with pytest.raises(LawRefused, match="calendar or working"):
        load_services(spoilt("services/pension-sanction.yaml", "count: calendar}", "count: x}"))


def test_a_year_without_its_holidays_is_warned_of() -> None:
    assert missing_years(FOLDER, date(2026, 11, 22)) == []
    (warning,) = missing_years(FOLDER, date(2027, 3, 1))
    assert "2028" in warning.en and "2028" in warning.hi


def test_sundays_and_some_saturdays_were_off_and_since_2021_all() -> None:
    assert HOLIDAYS.is_working(date(2016, 10, 1))  # a first Saturday
    assert not HOLIDAYS.is_working(date(2016, 10, 8))  # a second one
    assert not HOLIDAYS.is_working(date(2026, 11, 7))  # a first one
    closed = HOLIDAYS.why_closed(date(2026, 1, 26))
    assert closed is not None and closed.hi == "गणतंत्र दिवस"


def test_working_days_skip_a_long_weekend() -> None:
    # Friday 23 January 2026, a weekend, Republic Day on Monday
    assert HOLIDAYS.after(date(2026, 1, 23), 1, working=True) == date(2026, 1, 27)
    assert HOLIDAYS.after(date(2026, 1, 23), 1, working=False) == date(2026, 1, 24)


@given(day=DAYS, days=LIMITS)
def test_a_limit_in_working_days_ends_on_a_working_day_and_not_before_its_calendar_twin(
    day: date, days: int
) -> None:
    end = HOLIDAYS.after(day, days, working=True)
    assert end >= HOLIDAYS.after(day, days, working=False)
    assert days == 0 or HOLIDAYS.is_working(end)


@given(day=DAYS, days=LIMITS, working=st.booleans())
def test_days_counted_back_are_the_days_of_the_limit(day: date, days: int, working: bool) -> None:
    end = HOLIDAYS.after(day, days, working)
    assert HOLIDAYS.between(day, end, working) == days
    assert not days or HOLIDAYS.between(day, end - timedelta(days=1), working) == days - 1


@given(day=DAYS, first=LIMITS, second=LIMITS, working=st.booleans())
def test_one_limit_after_another_is_their_sum(day: date, first: int, second: int, working: bool) -> None:
    one_after_other = HOLIDAYS.after(HOLIDAYS.after(day, first, working), second, working)
    assert one_after_other == HOLIDAYS.after(day, first + second, working)


@given(day=DAYS, later=st.integers(0, 60), days=LIMITS)
def test_who_begins_later_ends_no_earlier(day: date, later: int, days: int) -> None:
    assert HOLIDAYS.after(day + timedelta(days=later), days, True) >= HOLIDAYS.after(day, days, True)
