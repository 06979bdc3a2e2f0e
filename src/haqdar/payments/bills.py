"""Bills of one month as DuckDB relations: one per drawing officer, scheme and head of account."""

from datetime import date
from pathlib import Path

import pyarrow as pa
from duckdb import DuckDBPyConnection

from haqdar.base.month import Month
from haqdar.base.refusal import Refusal
from haqdar.base.sql import statement
from haqdar.law.book import LawBook, LawInForce
from haqdar.payments.ledger import PACKAGE, write_csv
from haqdar.payments.rules import Split, components, difference

BILLS_CSV = """
    SELECT bill_no, ddo_code, scheme, head, strftime(month, '%Y-%m') AS month, persons,
        format('{}.{:02d}', paise // 100, paise % 100) AS amount
    FROM bill
    ORDER BY bill_no
"""


class NoHeadOfAccount(Refusal):
    """A due cannot be billed because the law names no head of account for it."""

    code = "no_head_of_account"
    en = (
        "The law names no head of account for {scheme}, component {component}, {category}, {place}. Add it to the law's"
        " heads, then repeat the month; nothing was posted."
    )
    hi = (
        "कानून में {scheme} के घटक {component}, {category}, {place} के लिए लेखा शीर्ष नहीं है। इसे कानून के लेखा शीर्षों में जोड़ें और"
        " महीना दोहराएँ; कुछ भी दर्ज नहीं हुआ।"
    )


def bill(duck: DuckDBPyConnection, law: LawBook, month: Month) -> None:
    """Make `bill_line`, `bill` and `unbilled` from `dues`, `withheld` and `payee`.

    A due splits into the components of its scheme under the law of the month it is for, arrears of a rise into the
    difference of the two amounts' components; what is withheld comes off the largest component first. Each line goes to
    its head under the law of this month. `bill` sums the payees with a drawing officer (`persons`: distinct payees with a
    payable amount), `unbilled` lists the others. Bill numbers depend on month, drawing officer and the law alone. Raises
    NoHeadOfAccount.
    """
    _splits(duck, law)
    _heads(duck, law, month)
    try:
        duck.execute(statement(PACKAGE, "bill_line"))
    finally:
        duck.unregister("component_split")
        duck.unregister("head_of")
    _refuse_headless(duck)
    duck.execute(statement(PACKAGE, "bill"), {"month": month.first_day})
    duck.execute(statement(PACKAGE, "unbilled"))


def write_bills(duck: DuckDBPyConnection, path: Path) -> int:
    """Write `bill` as bills.csv (rupees with two decimals); returns the number of bills."""
    return write_csv(duck, BILLS_CSV, path)


def _splits(duck: DuckDBPyConnection, law: LawBook) -> None:
    # Few different amounts exist however many people there are, so the exact split is computed once for each.
    amounts = duck.execute(
        "SELECT DISTINCT scheme, for_month, target_paise, before_paise FROM dues WHERE kind <> 'recovery' ORDER BY ALL"
    ).fetchall()
    bands: dict[tuple[str, date], list[Split]] = {}
    columns: dict[str, list[object]] = {name: [] for name in _SPLIT.names}
    for scheme, for_month, target, before in amounts:
        key = (scheme, for_month)
        if key not in bands:
            bands[key] = _bands(law.with_scheme(scheme, for_month), scheme)
        parts = difference(components(target, bands[key]), components(before, bands[key]))
        for number, (component, paise) in enumerate(parts.items()):
            row = (scheme, for_month, target, before, component, number, paise)
            for name, value in zip(_SPLIT.names, row, strict=True):
                columns[name].append(value)
    duck.register(
        "component_split",
        pa.table(columns, schema=_SPLIT),
    )


_SPLIT = pa.schema(
    [
        ("scheme", pa.string()),
        ("for_month", pa.date32()),
        ("target_paise", pa.int64()),
        ("before_paise", pa.int64()),
        ("component", pa.string()),
        ("component_no", pa.int16()),
        ("paise", pa.int64()),
    ]
)


def _bands(law: LawInForce, scheme: str) -> list[Split]:
    return [dict(band.components) for band in law.scheme(scheme).bands]


def _heads(duck: DuckDBPyConnection, law: LawBook, month: Month) -> None:
    """Register `head_of` for every scheme, component, social category and kind of area."""
    now = law.on(month.first_day)
    laws = {scheme.code: now for scheme in now.all_schemes}
    # A scheme that has ended keeps the heads of its last days for its arrears.
    ended = "SELECT scheme, max(for_month) FROM dues WHERE kind <> 'recovery' GROUP BY scheme ORDER BY scheme"
    for code, for_month in duck.execute(ended).fetchall():
        laws.setdefault(code, law.with_scheme(code, for_month))
    present = duck.execute(
        "SELECT DISTINCT coalesce(social_category, 'GEN') AS c FROM payee ORDER BY c"
    ).fetchall()
    ordinals: dict[tuple[str, str], int] = {}
    columns: dict[str, list[object]] = {name: [] for name in _HEAD.names}
    for code, in_force in laws.items():
        # The State's own categories first, so that the numbers of bills depend on the law alone.
        for category in dict.fromkeys([*in_force.heads.category_of, *(name for (name,) in present)]):
            for rural in (True, False):
                for share in in_force.heads_for(code, category, rural):
                    ordinal = ordinals.setdefault((code, share.head), len(ordinals) + 1)
                    row = (code, share.component, category, rural, share.head, ordinal)
                    for name, value in zip(_HEAD.names, row, strict=True):
                        columns[name].append(value)
    duck.register("head_of", pa.table(columns, schema=_HEAD))


_HEAD = pa.schema(
    [
        ("scheme", pa.string()),
        ("component", pa.string()),
        ("category", pa.string()),
        ("rural", pa.bool_()),
        ("head", pa.string()),
        ("bill_ordinal", pa.int32()),
    ]
)


def _refuse_headless(duck: DuckDBPyConnection) -> None:
    row = duck.execute(
        """
        SELECT scheme, component, coalesce(social_category, 'GEN'), coalesce(rural, true)
        FROM bill_line LEFT JOIN payee USING (member_id)
        WHERE head IS NULL
        ORDER BY ALL LIMIT 1
        """
    ).fetchone()
    if row:
        scheme, component, category, rural = row
        raise NoHeadOfAccount(
            scheme=scheme,
            component=component,
            category=category,
            place="rural" if rural else "urban",
        )
