"""Schemes as they stand on one day: criteria, amount bands and what is shown of them."""

from dataclasses import dataclass
from datetime import date

from sqlglot import exp

from haqdar.law.benefits import Benefit
from haqdar.law.expressions import Test, Value
from haqdar.law.texts import Text

STOP_REASONS = (
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
    "income",
    "education",
)
"""Why a pension or benefit ends, in the order in which the contract names the first that applies."""

MASK_BITS = 32
"""How many criteria fit one mask word."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One named condition of a scheme on a day.

    `condition` is the bound SQL expression and `sql` its text, by which equal conditions of several schemes
    are recognised. `bit` is its place in the masks of its scheme (`<s>_true`, `<s>_unknown`), `word` which of
    the shared mask words holds it. `value` names the fact shown as the person's own, `limit` what it is
    measured against; both fill the placeholders of `sentence` and `change` (what would have to change).
    `order` is the legal source, in force `since` a day.
    """

    code: str
    test: Test
    condition: exp.Expr
    sql: str
    word: int
    bit: int
    sentence: Text
    stop_reason: str
    value: str | None
    limit: Text | None
    change: Text
    order: Text
    since: date
    parameters: tuple[tuple[str, Value], ...]

    @property
    def flag(self) -> int:
        """The criterion's bit as a number."""
        return 1 << self.bit


@dataclass(frozen=True, slots=True)
class Band:
    """One amount of a scheme: when it applies (None: always), paise a month, and its parts by sponsor."""

    condition: exp.Expr | None
    sql: str | None
    test: Test | None
    paise: int
    components: tuple[tuple[str, int], ...]
    order: Text
    since: date


@dataclass(frozen=True, slots=True)
class Scheme:
    """A scheme as it stands on a day. `column` is the stem of its columns in the determination.

    `benefit` says when and to whom a benefit beside the pensions pays; None for a pension.
    """

    code: str
    group: int
    rank: int
    name: Text
    sponsor: str
    criteria: tuple[Criterion, ...]
    bands: tuple[Band, ...]
    confirmation: Text | None
    benefit: Benefit | None = None

    @property
    def column(self) -> str:
        """The code as an SQL identifier: SSP-OLD is ssp_old."""
        return self.code.lower().replace("-", "_")

    @property
    def word(self) -> int:
        """Which mask word holds the scheme's criteria."""
        return self.criteria[0].word

    @property
    def mask(self) -> int:
        """All bits of the scheme's criteria."""
        return sum(criterion.flag for criterion in self.criteria)

    def criterion(self, code: str) -> Criterion:
        """The criterion called `code`; raises KeyError."""
        for criterion in self.criteria:
            if criterion.code == code:
                return criterion
        raise KeyError(code)

    def split(self, paise: int) -> tuple[tuple[str, int], ...]:
        """An amount by component.

        The amount of a band splits as the law says; any other amount (a held amount that no law explains)
        belongs to the sponsor alone. Split a difference by splitting both amounts and subtracting.

        >>> law.scheme("IGNOAPS").split(27500)  # doctest: +SKIP
        (('union', 20000), ('state', 7500))
        """
        for band in self.bands:
            if band.paise == paise:
                return band.components
        return ((self.sponsor, paise),)
