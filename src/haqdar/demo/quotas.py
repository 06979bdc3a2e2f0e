"""Who holds which pension in the demonstration: the published tables of 2016 as shares of a State of 80 million.

Every person of the generated register stands in a cell (`sql/facts.sql`): what the schemes make of the
facts. A `Claim` takes a number of people out of a cell and gives them a pension, rightly or by one of the
mistakes that the platform exists to find. What the claims leave of a scheme's published number of
pensioners is filled with people who hold it rightly; the rest of the cell is entitled and unserved.
"""

from collections.abc import Mapping
from dataclasses import dataclass

STATE = 80_000_000
"""Residents of the State that the published numbers belong to."""

PENSIONERS: Mapping[str, int] = {
    "IGNOAPS": 1_518_430,
    "IGNWPS": 952_912,
    "IGNDPS": 116_301,
    "SSP-OLD": 276_342,
    "SSP-WIDOW/DESERTED": 167_144,
    "SSP-PWD": 208_801,
    "MRMD": 57_699,
    "KANYA": 35_138,
}
"""Published pensioners by scheme; widows and deserted women of the social security pension stand in one row."""

SWITCHES: Mapping[tuple[str, int, str, int], int] = {
    ("IGNOAPS", 275, "IGNWPS", 300): 311_260,
    ("SSP-OLD", 150, "IGNOAPS", 200): 131_562,
    ("SSP-WIDOW", 150, "IGNWPS", 300): 72_409,
    ("IGNOAPS", 200, "IGNWPS", 300): 37_387,
    ("SSP-PWD", 150, "IGNDPS", 300): 18_752,
    ("IGNWPS", 300, "IGNOAPS", 500): 10_250,
    ("IGNOAPS", 275, "IGNDPS", 300): 2_958,
    ("IGNOAPS", 200, "IGNDPS", 300): 688,
    ("SSP-DESERTED", 150, "IGNOAPS", 200): 483,
    ("IGNDPS", 300, "IGNOAPS", 500): 77,
}
"""Published moves: held scheme and monthly rupees, better scheme and its rupees, persons. The published total
of 5,85,826 is the sum of these rows."""

FROM_AGE: Mapping[str, int] = {
    "IGNOAPS": 60,
    "IGNWPS": 40,
    "IGNDPS": 18,
    "SSP-OLD": 60,
    "SSP-WIDOW": 18,
    "SSP-DESERTED": 18,
    "SSP-PWD": 6,
    "KANYA": 45,
    "MRMD": 3,
}
"""No pension of the scheme began before this age (years)."""


def published_row(scheme: str) -> str:
    """The row of the published pensioner table that counts the scheme."""
    return "SSP-WIDOW/DESERTED" if scheme in ("SSP-WIDOW", "SSP-DESERTED") else scheme


@dataclass(frozen=True)
class Claim:
    """People of one cell who hold a scheme: `persons` in a State, or None for a share of the scheme's rest.

    `rupees` is the monthly amount in the file, None the amount of the age band. `mark` says how they hold it:
    right, better (a better scheme waits), wrong (amount), stop, ghost, twin (two IDs) or shared (one account).
    """

    cell: str
    scheme: str
    rupees: int | None
    persons: int | None
    mark: str


def _switch(cell: str, held: str, rupees: int, better: str) -> Claim:
    persons = next(n for (a, r, b, _), n in SWITCHES.items() if (a, r, b) == (held, rupees, better))
    return Claim(cell, held, rupees, persons, "better")


CLAIMS: tuple[Claim, ...] = (
    # The published switch table.
    _switch("widow_65", "IGNOAPS", 275, "IGNWPS"),
    _switch("destitute_60", "SSP-OLD", 150, "IGNOAPS"),
    _switch("widow_40", "SSP-WIDOW", 150, "IGNWPS"),
    _switch("widow_60", "IGNOAPS", 200, "IGNWPS"),
    _switch("disabled_18", "SSP-PWD", 150, "IGNDPS"),
    _switch("widow_80", "IGNWPS", 300, "IGNOAPS"),
    _switch("disabled_65", "IGNOAPS", 275, "IGNDPS"),
    _switch("disabled_60", "IGNOAPS", 200, "IGNDPS"),
    _switch("deserted_60", "SSP-DESERTED", 150, "IGNOAPS"),
    _switch("disabled_80", "IGNDPS", 300, "IGNOAPS"),
    # Amounts of another age band, and amounts that no order ever named.
    Claim("old_65", "IGNOAPS", 200, 24_000, "wrong"),
    Claim("old_80", "IGNOAPS", 275, 9_000, "wrong"),
    Claim("widow_80", "IGNOAPS", 275, 6_000, "wrong"),
    Claim("old_60", "IGNOAPS", 275, 4_000, "wrong"),
    Claim("old_65", "IGNOAPS", 300, 2_000, "wrong"),
    Claim("widow_65", "IGNWPS", 150, 1_500, "wrong"),
    Claim("widow_40", "IGNWPS", 275, 1_500, "wrong"),
    # Still paid after death, migration, remarriage, a lost card, an expired certificate, or never entitled.
    Claim("dead_old", "IGNOAPS", None, 22_000, "stop"),
    Claim("dead_old", "SSP-OLD", 150, 4_000, "stop"),
    Claim("dead_widow", "IGNWPS", 300, 14_000, "stop"),
    Claim("dead_disabled", "IGNDPS", 300, 800, "stop"),
    Claim("dead_disabled", "SSP-PWD", 150, 500, "stop"),
    Claim("dead_mind", "MRMD", 500, 300, "stop"),
    Claim("dead_parent", "KANYA", 500, 300, "stop"),
    Claim("gone_old", "IGNOAPS", None, 4_000, "stop"),
    Claim("gone_widow", "IGNWPS", 300, 1_500, "stop"),
    Claim("remarried_40", "IGNWPS", 300, 4_500, "stop"),
    Claim("remarried_18", "SSP-WIDOW", 150, 2_000, "stop"),
    Claim("lost_card_old", "IGNOAPS", None, 12_000, "stop"),
    Claim("lost_card_widow", "IGNWPS", 300, 6_000, "stop"),
    Claim("lost_card_disabled", "SSP-PWD", 150, 900, "stop"),
    Claim("too_young", "IGNOAPS", 200, 6_000, "stop"),
    Claim("not_poor_old", "SSP-OLD", 150, 3_000, "stop"),
    Claim("expired_20", "IGNDPS", 300, 1_200, "stop"),
    Claim("expired_6", "SSP-PWD", 150, 1_500, "stop"),
    Claim("disabled_19", "SSP-PWD", 150, 3_000, "stop"),
    Claim("other_disability", "MRMD", 500, 800, "stop"),
    Claim("parent_of_son", "KANYA", 500, 1_000, "stop"),
    Claim("rich_parent", "KANYA", 500, 200, "stop"),
    # Payees whom the register does not know.
    Claim("ghost", "IGNOAPS", 275, 6_000, "ghost"),
    Claim("ghost", "IGNWPS", 300, 3_500, "ghost"),
    Claim("ghost", "SSP-OLD", 150, 1_200, "ghost"),
    Claim("ghost", "SSP-WIDOW", 150, 500, "ghost"),
    Claim("ghost", "IGNDPS", 300, 400, "ghost"),
    Claim("ghost", "SSP-PWD", 150, 600, "ghost"),
    Claim("ghost", "MRMD", 500, 150, "ghost"),
    Claim("ghost", "KANYA", 500, 100, "ghost"),
    # One person under two IDs (each counts twice in the register), and strangers paid into one account.
    Claim("old_65", "IGNOAPS", 275, 3_000, "twin"),
    Claim("widow_65", "IGNWPS", 300, 2_000, "twin"),
    Claim("old_65", "IGNOAPS", 275, 2_400, "shared"),
    Claim("widow_40", "IGNWPS", 300, 1_600, "shared"),
    # The rest of each published number: people who hold what they should.
    Claim("old_60", "IGNOAPS", 200, None, "right"),
    Claim("destitute_60", "IGNOAPS", 200, None, "right"),
    Claim("old_65", "IGNOAPS", 275, None, "right"),
    Claim("old_80", "IGNOAPS", 500, None, "right"),
    Claim("widow_80", "IGNOAPS", 500, None, "right"),
    Claim("disabled_80", "IGNOAPS", 500, None, "right"),
    Claim("widow_40", "IGNWPS", 300, None, "right"),
    Claim("widow_60", "IGNWPS", 300, None, "right"),
    Claim("widow_65", "IGNWPS", 300, None, "right"),
    Claim("disabled_18", "IGNDPS", 300, None, "right"),
    Claim("disabled_26", "IGNDPS", 300, None, "right"),
    Claim("disabled_60", "IGNDPS", 300, None, "right"),
    Claim("disabled_65", "IGNDPS", 300, None, "right"),
    Claim("destitute", "SSP-OLD", 150, None, "right"),
    Claim("widow_18", "SSP-WIDOW", 150, None, "right"),
    Claim("deserted_18", "SSP-DESERTED", 150, None, "right"),
    Claim("disabled_6", "SSP-PWD", 150, None, "right"),
    Claim("mind", "MRMD", 500, None, "right"),
    Claim("parent", "KANYA", 500, None, "right"),
)


@dataclass(frozen=True)
class Places:
    """A claim with its places [first, last) in the shuffled row of its cell in one block."""

    claim: Claim
    first: int
    last: int


class Quotas:
    """Hands out places block by block, so that the running totals stay at the published shares.

    What a block is too small to give is asked of the next one; nothing is drawn at random, so the totals
    miss by the shortage of people alone.
    """

    def __init__(self) -> None:
        self._residents = 0
        self._given: dict[Claim, int] = dict.fromkeys(CLAIMS, 0)
        self._rest_given: dict[str, int] = dict.fromkeys(PENSIONERS, 0)

    def places(self, residents: int, pools: Mapping[str, int]) -> list[Places]:
        """The places of a block of `residents` people with `pools` people by cell."""
        self._residents += residents
        free = dict(pools)
        taken: dict[Claim, int] = {}
        for claim in CLAIMS:
            if claim.persons is not None:
                due = round(claim.persons * self._residents / STATE) - self._given[claim]
                taken[claim] = max(0, min(due, free.get(claim.cell, 0)))
                free[claim.cell] = free.get(claim.cell, 0) - taken[claim]
        for row, total in PENSIONERS.items():
            self._share_rest(row, total, free, taken)
        places = []
        reached: dict[str, int] = {}
        for claim, persons in taken.items():
            first = reached.get(claim.cell, 0)
            reached[claim.cell] = first + persons
            self._given[claim] += persons
            places.append(Places(claim, first, first + persons))
        return places

    def _share_rest(self, row: str, total: int, free: Mapping[str, int], taken: dict[Claim, int]) -> None:
        """Spread what is left of one published number over its right holders' cells in proportion."""
        rights = [c for c in CLAIMS if c.persons is None and published_row(c.scheme) == row]
        fixed = sum(
            c.persons * (2 if c.mark == "twin" else 1)
            for c in CLAIMS
            if c.persons is not None and published_row(c.scheme) == row
        )
        due = round((total - fixed) * self._residents / STATE) - self._rest_given[row]
        there = sum(free.get(c.cell, 0) for c in rights)
        due = max(0, min(due, there))
        seen = given = 0
        for claim in rights:
            seen += free.get(claim.cell, 0)
            upto = due * seen // there if there else 0
            taken[claim] = upto - given
            given = upto
        self._rest_given[row] += given
