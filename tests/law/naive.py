"""A second, deliberately slow reading of the law in plain Python; it exists only to disagree with the real one.

The nine schemes are written here from the published table, not from law/mp; `None` is unknown and logic is Kleene's.
"""

import random
from datetime import date

Row = dict[str, object]

STATUSES = ["never_married", "married", "widowed", "deserted", "divorced"]
DAY = date(2016, 10, 1)


def both(*values: bool | None) -> bool | None:
    """Kleene's and."""
    if any(value is False for value in values):
        return False
    return None if any(value is None for value in values) else True


def either(*values: bool | None) -> bool | None:
    """Kleene's or."""
    if any(value is True for value in values):
        return True
    return None if any(value is None for value in values) else False


def negated(value: bool | None) -> bool | None:
    """Kleene's not."""
    return None if value is None else not value


def within(value: object, low: int, high: int) -> bool | None:
    """low <= value <= high."""
    return None if value is None else low <= value <= high  # type: ignore[operator]


def is_one(value: object, *allowed: str) -> bool | None:
    """The value is one of those."""
    return None if value is None else value in allowed


def criteria(scheme: str, row: Row) -> list[tuple[str, bool | None]]:
    """(stop reason, holds) for every criterion of a scheme, as the published table has them."""
    sex, age, status = row["sex"], row["age"], row["marital_status"]
    bpl = ("bpl_lost", bool(row["bpl"]))
    woman = ("sex", sex == "F")
    percent = float(row["disability_percent"])  # type: ignore[arg-type]
    own: dict[str, list[tuple[str, bool | None]]] = {
        "IGNOAPS": [bpl, ("age", within(age, 60, 999))],
        "IGNWPS": [bpl, woman, ("marital_status", is_one(status, "widowed")), ("age", within(age, 40, 79))],
        "IGNDPS": [bpl, ("disability", percent >= 80), ("age", within(age, 18, 79))],
        "SSP-OLD": [("destitute", row["destitute"]), ("age", within(age, 60, 999))],  # type: ignore[list-item]
        "SSP-WIDOW": [
            bpl,
            woman,
            ("marital_status", is_one(status, "widowed")),
            ("age", within(age, 18, 39)),
        ],
        "SSP-DESERTED": [
            bpl,
            woman,
            ("marital_status", is_one(status, "deserted")),
            ("age", within(age, 18, 59)),
        ],
        "SSP-PWD": [bpl, ("disability", percent >= 40), ("age", within(age, 6, 18))],
        "MRMD": [("disability", bool(row["intellectual_disability"] or row["multiple_disability"]))],
        "KANYA": kanya(row),
    }
    born = row["age"] is None or row["age"] >= 0  # type: ignore[operator]
    alive = ("died" if born else "age", bool(row["alive"]))
    return [alive, ("migrated", not row["migrated_out"]), *own[scheme]]


def kanya(row: Row) -> list[tuple[str, bool | None]]:
    """The couple's pension: payee, age of either, tax of neither, only daughters."""
    sex, status = row["sex"], row["marital_status"]
    if sex == "F":
        payee = ("marital_status", is_one(status, "married", "widowed", "deserted"))
    elif sex == "M":
        payee = ("marital_status", is_one(status, "widowed"))
    else:
        payee = ("sex", False)
    own_age, own_tax = within(row["age"], 60, 999), row["income_tax_payer"]
    his_age: bool | None = False
    his_tax: object = False
    if row["partner_present"]:
        his_age, his_tax = within(row["partner_age"], 60, 999), row["partner_income_tax_payer"]
    return [
        payee,
        ("family", sex != "M" or bool(row["wife_died"])),
        ("age", either(own_age, his_age)),
        ("family", row["living_daughters"] >= 1),  # type: ignore[operator]
        ("family", row["living_sons"] == 0),
        ("income_tax", negated(either(own_tax, his_tax))),  # type: ignore[arg-type]
    ]


def verdict(scheme: str, row: Row) -> bool | None:
    """Entitled, not, or unknown."""
    return both(*(holds for _, holds in criteria(scheme, row)))


def possible_rupees(scheme: str, row: Row) -> int | None:
    """The most the scheme can pay a month; None when it is refused."""
    if verdict(scheme, row) is False:
        return None
    if scheme == "IGNOAPS":
        age = row["age"]
        if age is None:
            return 500
        return 200 if age < 65 else 275 if age < 80 else 500  # type: ignore[operator]
    return {"IGNWPS": 300, "IGNDPS": 300, "KANYA": 500, "MRMD": 500}.get(scheme, 150)


REASONS = [
    "died",
    "migrated",
    "sex",
    "age",
    "marital_status",
    "bpl_lost",
    "disability",
    "destitute",
    "family",
    "income_tax",
]
"""The contract's order."""


def failing_reason(scheme: str, row: Row) -> str | None:
    """The first stop reason, in the contract's order, among the criteria known to fail."""
    failing = {reason for reason, holds in criteria(scheme, row) if holds is False}
    return next((reason for reason in REASONS if reason in failing), None)


FILLINGS: dict[str, list[object]] = {
    "age": [0, 6, 18, 40, 59, 60, 65, 80, 100],
    "marital_status": list(STATUSES),
    "destitute": [True, False],
    "income_tax_payer": [True, False],
    "partner_age": [18, 59, 60, 100],
    "partner_income_tax_payer": [True, False],
}
"""What may stand in place of an unknown fact, in the order in which missing facts are asked for."""


def missing_fact(scheme: str, row: Row) -> str | None:
    """The first unknown fact on which an undecided criterion of the scheme depends."""
    names = {
        "age": "born_on",
        "partner_age": "born_on",
        "partner_income_tax_payer": "income_tax_payer",
    }
    for fact, values in FILLINGS.items():
        if row[fact] is not None or (fact.startswith("partner_") and not row["partner_present"]):
            continue
        before = [holds for _, holds in criteria(scheme, row)]
        for value in values:
            after = [holds for _, holds in criteria(scheme, {**row, fact: value})]
            if any(old is None and new is not None for old, new in zip(before, after, strict=True)):
                return names.get(fact, fact)
    return None


def some_row(chance: random.Random, unknowns: float = 0.15) -> Row:
    """A random person, often near the edges of the law; consistent as the facts' contract demands."""

    def known(value: object) -> object:
        return None if chance.random() < unknowns else value

    def age() -> int:
        edge = chance.choice([0, 6, 18, 19, 40, 59, 60, 64, 65, 79, 80])
        return max(-1, chance.choice([edge - 1, edge, edge + 1, chance.randrange(0, 105)]))

    sex = chance.choice(["F", "F", "M", "T"])
    status = known(chance.choice(STATUSES))
    own_age = known(age())
    present = sex == "F" and status in (None, "married") and chance.random() < 0.7
    return {
        "day": DAY,
        "alive": (own_age is None or own_age >= 0) and chance.random() < 0.95,  # type: ignore[operator]
        "migrated_out": chance.random() < 0.05,
        "sex": sex,
        "age": own_age,
        "marital_status": status,
        "bpl": chance.random() < 0.7,
        "destitute": known(chance.random() < 0.5),
        "income_tax_payer": known(chance.random() < 0.2),
        "disability_percent": chance.choice([0.0, 0.0, 39.0, 39.5, 40.0, 79.99, 80.0, 100.0]),
        "intellectual_disability": chance.random() < 0.1,
        "multiple_disability": chance.random() < 0.1,
        "wife_died": sex == "M" and chance.random() < 0.5,
        "living_daughters": chance.choice([0, 1, 1, 2]),
        "living_sons": chance.choice([0, 0, 0, 1]),
        "partner_present": present,
        "partner_age": known(age()) if present else None,
        "partner_income_tax_payer": known(chance.random() < 0.2) if present else None,
    }
