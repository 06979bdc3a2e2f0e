"""Years ahead: how many people would be entitled to what, and what it would cost, as people grow older.

Cohort ageing. The distinct lives of the first day are carried forward year by year: everybody is a year older, of every
age and sex as many die as the State's table of mortality says, and women whose husbands die become widows. Each year's
law (dated values to come included) then decides the lives of that year through the same statement as the month.

The numbers are expectations, computed in whole numbers: a probability of survival is kept in parts of 10^9, rounded down
each year; lives are weighed by the product of two of them (the person's and the husband's), summed exactly in parts
of 10^18 and rounded once, at the end. The same snapshot, law and table give the same numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import date

import duckdb

from haqdar.entitlement.cells import age_edges, holds_on
from haqdar.entitlement.compile import verdict_long_sql
from haqdar.entitlement.facts import age_sql
from haqdar.entitlement.simulate import age_class_sql
from haqdar.entitlement.snapshot import Snapshot, each_district, engine, workers
from haqdar.entitlement.spans import profile_columns
from haqdar.law import LawBook, LawInForce, Text, Vocabulary
from haqdar.law.mortality import OLDEST, Mortality

PARTS = 10**9
YEARS = 5
"""How far the forecast looks unless told otherwise."""

ASSUMPTIONS = (
    Text(
        "Everybody in the registers grows older; deaths follow the table of mortality by age and sex named below.",
        "रजिस्टर के सब लोगों की उम्र बढ़ती है; मौतें नीचे बताई गई सारणी से, उम्र और लिंग के हिसाब से।",
    ),
    Text(
        "A married woman whose husband dies is a widow and does not marry again. Nobody else's marital status changes.",
        "जिस विवाहित महिला के पति का निधन हो, वह विधवा मानी जाती है और फिर विवाह नहीं करती। और किसी की वैवाहिक स्थिति नहीं बदलती।",
    ),
    Text(
        "Nobody moves in or out, nobody is born, nobody becomes disabled or recovers.",
        "न कोई राज्य में आता है, न जाता है; न कोई जन्म लेता है, न किसी को नई दिव्यांगता होती है, न कोई ठीक होता है।",
    ),
    Text(
        "BPL cards, certificates, income tax, support and the number of living children stay as on the first day; what "
        "expires is taken to be renewed.",
        "बीपीएल कार्ड, प्रमाणपत्र, आयकर, सहारा और जीवित बच्चों की संख्या पहले दिन जैसी रहती है; जो ख़त्म होता है, उसे नया हुआ माना जाता है।",
    ),
    Text(
        "Each year the law of its own day holds, with the amounts known today; prices do not change them.",
        "हर साल उस दिन का कानून लागू होता है, आज पता रकमों के साथ; महँगाई से वे नहीं बदलतीं।",
    ),
    Text(
        "Counted are those entitled, whether they are paid or not. A year costs twelve times the month of its first day.",
        "गिने वे लोग गए हैं जो हक़दार हैं, चाहे उन्हें मिलता हो या नहीं। साल का ख़र्च उसके पहले महीने का बारह गुना है।",
    ),
    Text(
        "People without a date of birth do not die in the forecast, and stay undecided wherever the law asks for an age.",
        "जिनकी जन्म तिथि पता नहीं, उनकी मृत्यु नहीं मानी गई; जहाँ कानून उम्र पूछता है, वहाँ उनका फ़ैसला नहीं होता।",
    ),
)


@dataclass(frozen=True)
class YearAhead:
    """One day of the forecast: expected persons and paise a month, whole and by scheme.

    `residents` are the living, `persons` those entitled to something, `undecided` those in doubt about more.
    """

    day: date
    residents: int
    aged_60_over: int
    persons: int
    undecided: int
    paise_month: int
    schemes: list[dict[str, object]]

    def plain(self) -> dict[str, object]:
        """The year as plain values for JSON; the cost of a year beside that of the month."""
        return asdict(self) | {"day": self.day.isoformat(), "paise_year": 12 * self.paise_month}


Parts = Counter[tuple[str, str]]
"""Sums of one day in parts of 10^18, by (what, scheme or nothing): whatever is to be added up before it is rounded."""


def look_ahead_years(
    snapshot: Snapshot, books: Mapping[str, LawBook], day: date, years: int, mortality: Mortality
) -> dict[str, list[YearAhead]]:
    """The first day and each of the `years` years after it, under each of `books`, for everybody of a snapshot.

    Raises ``BeforeTheSnapshot``.
    """
    snapshot.must_serve(day)
    threads = max(1, workers() // max(1, len(snapshot.districts)))
    counted: dict[str, dict[str, list[Parts]]] = {}

    def work(district: str) -> None:
        with closing(engine("1200MB", threads)) as duck:
            snapshot.attach_district(duck, district)
            gather_cohort(duck, day, next(iter(books.values())).on(day).vocabulary)
            counted[district] = {
                side: age_cohort(duck, book, day, years, mortality) for side, book in books.items()
            }

    each_district(snapshot.districts, work, "years ahead")
    found = {}
    for side in books:
        sums = [Parts() for _ in range(years + 1)]
        for parts in counted.values():
            for total, part in zip(sums, parts[side], strict=True):
                total.update(part)
        found[side] = [year_ahead(_years_later(day, ahead), total) for ahead, total in enumerate(sums)]
    return found


def gather_cohort(duck: duckdb.DuckDBPyConnection, day: date, vocabulary: Vocabulary) -> None:
    """Create ``cohort`` of an attached district: the living and present on `day` by facts and exact ages, with `people`."""
    own, partner = (age_sql(column, f"DATE '{day}'") for column in ("born_on", "partner_born_on"))
    names = ", ".join(f"p.{name}" for name in profile_columns(vocabulary))

    # nobody grows older than the oldest; an age that is not known stays so (least() would give it the limit)
    def capped(age: str) -> str:
        return f"CASE WHEN {age} > {OLDEST} THEN {OLDEST} ELSE {age} END"

    duck.execute(f"""
        CREATE OR REPLACE TEMP TABLE cohort AS
        SELECT {names}, c.age, c.partner_age, c.people
        FROM (SELECT profile_no, {capped(own)} AS age, {capped(partner)} AS partner_age, count(*) AS people
              FROM span WHERE {holds_on(day)} GROUP BY ALL) c JOIN profile p USING (profile_no)
        WHERE p.alive AND NOT p.migrated_out AND (c.age IS NULL OR c.age >= 0)""")


def age_cohort(
    duck: duckdb.DuckDBPyConnection, book: LawBook, day: date, years: int, mortality: Mortality
) -> list[Parts]:
    """What becomes of ``cohort`` on `day` and each year after it, as sums in parts of 10^18."""
    _survival(duck, years, mortality)
    names = [name for name, _ in book.on(day).vocabulary.columns]
    found = []
    for ahead in range(years + 1):
        later = _years_later(day, ahead)
        found.append(_year(duck, book.on(later), later, ahead, names))
    return found


def year_ahead(day: date, parts: Parts) -> YearAhead:
    """The sums of a day, rounded to whole persons and paise."""
    schemes = sorted({scheme for what, scheme in parts if what == "scheme_persons"})
    return YearAhead(
        day=day,
        residents=_rounded(parts["residents", ""]),
        aged_60_over=_rounded(parts["aged_60_over", ""]),
        persons=_rounded(parts["persons", ""]),
        undecided=_rounded(parts["undecided", ""]),
        paise_month=_rounded(sum(parts["scheme_paise", code] for code in schemes)),
        schemes=[
            {
                "scheme": code,
                "persons": _rounded(parts["scheme_persons", code]),
                "paise_month": _rounded(parts["scheme_paise", code]),
            }
            for code in schemes
        ],
    )


def survivors(mortality: Mortality, sex: str, age: int, years: int) -> int:
    """How many of 10^9 people of a sex and age are alive after so many years, rounded down each year.

    >>> survivors(Mortality(Text("", ""), 100, ((0, 10),), ((0, 50),)), "F", 70, 2)
    810000000
    """
    alive = PARTS
    for passed in range(years):
        alive = alive * (mortality.per - mortality.deaths(sex, min(age + passed, OLDEST))) // mortality.per
    return alive


def _survival(duck: duckdb.DuckDBPyConnection, years: int, mortality: Mortality) -> None:
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE survival (sex VARCHAR, age INTEGER, years INTEGER, alive BIGINT)"
    )
    rows = ", ".join(
        f"('{sex}', {age}, {ahead}, {survivors(mortality, sex, age, ahead)})"
        for sex in ("F", "M", "T")
        for age in range(OLDEST + 1)
        for ahead in range(years + 1)
    )
    duck.execute(f"INSERT INTO survival VALUES {rows}")


def _year(duck: duckdb.DuckDBPyConnection, law: LawInForce, day: date, ahead: int, names: list[str]) -> Parts:
    own = age_class_sql("age", sorted({60, *age_edges([law], "age")}))
    partner = age_class_sql("partner_age", sorted({0, *age_edges([law], "partner_age")}))
    widowed = {
        "marital_status": "CASE marital_status WHEN 'married' THEN 'widowed' ELSE marital_status END",
        "partner_present": "false",
        "age": own,
    }

    def told(name: str, after_his_death: bool) -> str:
        if after_his_death:
            value = widowed.get(name, "NULL" if name.startswith("partner_") else name)
        else:
            value = {"age": own, "partner_age": partner}.get(name, name)
        return f"{value} AS {name}"

    together = ", ".join(told(name, False) for name in names)
    alone = ", ".join(told(name, True) for name in names)
    duck.execute(f"""
        CREATE OR REPLACE TEMP TABLE aged AS
        WITH older AS (
            SELECT c.* REPLACE (c.age + {ahead} AS age, c.partner_age + {ahead} AS partner_age),
                   c.people::HUGEINT * coalesce(s.alive, {PARTS}) AS living,
                   coalesce(h.alive, {PARTS})::HUGEINT AS husband
            FROM cohort c
            LEFT JOIN survival s ON s.sex = c.sex AND s.age = c.age AND s.years = {ahead}
            LEFT JOIN survival h ON c.partner_present AND h.sex = 'M' AND h.age = c.partner_age AND h.years = {ahead}
        ), lives AS (
            SELECT {together}, living * husband AS weight FROM older
            UNION ALL
            SELECT {alone}, living * ({PARTS} - husband) FROM older WHERE partner_present AND husband < {PARTS}
        )
        SELECT *, row_number() OVER () AS cell_no FROM (SELECT {", ".join(names)}, sum(weight)::HUGEINT AS weight
        FROM lives GROUP BY ALL)""")
    duck.execute(
        f"CREATE OR REPLACE TEMP TABLE aged_cell AS SELECT cell_no AS member_id, DATE '{day}' AS day, {', '.join(names)} FROM aged"
    )
    duck.execute(f"""
        CREATE OR REPLACE TEMP TABLE aged_best AS
        SELECT member_id AS cell_no, pension_group,
               first(scheme ORDER BY paise DESC, rank) FILTER (WHERE verdict) AS scheme, max(paise) AS paise,
               coalesce(max(possible_paise) FILTER (WHERE verdict IS NULL), 0) > coalesce(max(paise), 0) AS undecided
        FROM ({verdict_long_sql(law, "aged_cell")}) GROUP BY ALL""")
    rows = duck.execute("""
        SELECT 'residents', '', sum(weight) FROM aged
        UNION ALL SELECT 'aged_60_over', '', sum(weight) FROM aged WHERE age >= 60
        UNION ALL SELECT 'persons', '', sum(weight) FROM aged
            WHERE cell_no IN (SELECT cell_no FROM aged_best WHERE scheme IS NOT NULL)
        UNION ALL SELECT 'undecided', '', sum(weight) FROM aged
            WHERE cell_no IN (SELECT cell_no FROM aged_best WHERE undecided)
        UNION ALL SELECT 'scheme_persons', scheme, sum(weight)
            FROM aged_best JOIN aged USING (cell_no) WHERE scheme IS NOT NULL GROUP BY scheme
        UNION ALL SELECT 'scheme_paise', scheme, sum(weight * paise)
            FROM aged_best JOIN aged USING (cell_no) WHERE scheme IS NOT NULL GROUP BY scheme""").fetchall()
    return Parts({(what, scheme): int(value or 0) for what, scheme, value in rows})


def _rounded(parts: int) -> int:
    """Whole persons or paise from parts of 10^18, half up."""
    whole = PARTS * PARTS
    return (parts + whole // 2) // whole


def _years_later(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=28 if (day.month, day.day) == (2, 29) else day.day)
