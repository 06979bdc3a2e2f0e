"""A small law and a month of people for the tests of money."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from haqdar.base.month import Month
from haqdar.payments import bills, instructing, ledger

SECRET = b"a secret for tests only"
OCTOBER = Month(2016, 10)


@dataclass(frozen=True)
class Band:
    components: Sequence[tuple[str, int]]


@dataclass(frozen=True)
class Scheme:
    code: str
    bands: Sequence[Band]


@dataclass(frozen=True)
class Share:
    component: str
    head: str


@dataclass(frozen=True)
class Heads:
    category_of: Mapping[str, str] = field(
        default_factory=lambda: {"GEN": "G", "OBC": "G", "SC": "S", "ST": "T"}
    )


@dataclass(frozen=True)
class SmallLaw:
    """Three schemes; the 275 of IGNOAPS comes from the Union (200) and the State (75). Stands in for book and law."""

    recovery_share: Fraction = Fraction(1, 2)
    heads: Heads = field(default_factory=Heads)
    schemes: Sequence[Scheme] = (
        Scheme(
            "IGNOAPS",
            (
                Band([("union", 20000)]),
                Band([("union", 20000), ("state", 7500)]),
                Band([("union", 50000)]),
            ),
        ),
        Scheme("IGNWPS", (Band([("union", 30000)]),)),
        Scheme("MRMD", (Band([("state", 50000)]),)),
    )

    def on(self, day: date) -> "SmallLaw":
        return self

    def with_scheme(self, code: str, day: date) -> "SmallLaw":
        return self

    @property
    def all_schemes(self) -> Sequence[Scheme]:
        return self.schemes

    def scheme(self, code: str) -> Scheme:
        return next(scheme for scheme in self.schemes if scheme.code == code)

    def heads_for(self, code: str, category: str | None, rural: bool) -> list[Share]:
        components = dict.fromkeys(name for band in self.scheme(code).bands for name, _ in band.components)
        category = self.heads.category_of.get(category or "GEN", "G")
        return [Share(name, f"2235-{code}-{name}-{category}-{'R' if rural else 'U'}") for name in components]


LAW: Any = SmallLaw()
GROUP = {"IGNOAPS": 1, "IGNWPS": 1, "MRMD": 3}

RELATIONS = """
CREATE TABLE settled (member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT);
CREATE TABLE redetermined (month DATE, member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT);
CREATE TABLE posted (for_month DATE, member_id INTEGER, pension_group INTEGER, scheme VARCHAR, paise BIGINT);
CREATE TABLE outstanding (
    recovery_id BIGINT, member_id INTEGER, pension_group INTEGER, for_month DATE, paise BIGINT
);
CREATE TABLE payee (
    member_id INTEGER, area_code VARCHAR, social_category VARCHAR, rural BOOLEAN, ddo_code VARCHAR, name_en VARCHAR,
    ifsc VARCHAR, account_sealed BLOB, account_last4 VARCHAR, aadhaar_ref BLOB, aadhaar_last4 VARCHAR,
    heirless BOOLEAN
);
"""


def relations(**rows: Iterable[Sequence[Any]]) -> DuckDBPyConnection:
    """A connection with the relations that the month's run hands over, filled with `rows`."""
    duck = duckdb.connect()
    duck.execute(RELATIONS)
    for name, values in rows.items():
        for value in values:
            marks = ", ".join("?" for _ in value)
            duck.execute(f"INSERT INTO {name} VALUES ({marks})", list(value))
    return duck


def payee(member_id: int, **other: Any) -> tuple[Any, ...]:
    """One payee row; an account is "sealed" by turning its digits around."""
    row = {
        "area_code": "GP1",
        "social_category": "GEN",
        "rural": True,
        "ddo_code": "DDO1",
        "name_en": "Sunita Bai",
        "ifsc": "SBIN0001234",
        "account_sealed": sealed(f"30{member_id:09d}"),
        "account_last4": f"{member_id:09d}"[-4:],
        "aadhaar_ref": None,
        "aadhaar_last4": None,
        "heirless": False,
    } | other
    return (member_id, *row.values())


def sealed(account: str) -> bytes:
    return account[::-1].encode()


def unseal(batch: Sequence[bytes]) -> list[str]:
    return [blob.decode()[::-1] for blob in batch]


def money(duck: DuckDBPyConnection, month: Month = OCTOBER, law: Any = LAW) -> None:
    """Everything of a month's money that is computed before it is posted."""
    ledger.dues(duck, month)
    ledger.withhold(duck, law.on(month.first_day), month)
    bills.bill(duck, law, month)
    instructing.prepare(duck, month, SECRET, ("account", "aadhaar"))


def rows(duck: DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    return duck.execute(query).fetchall()


def first(text: str) -> date:
    return Month.parse(text).first_day
