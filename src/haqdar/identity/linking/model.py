"""What linkage compares: the levels of each comparison, what a level weighs, and which pairs are compared at all.

A model has a *structure* (this file: comparisons, blocking rules, demands of the certain band) and *weights* (models/<name>.json: for
each level m, how often two records of one person fall into it, and u, how often two records of different people do; with
thresholds). Weights are trained by `tests/scale/linkage/train.py`. How common a name or a place is, is counted in the data at hand.

Conditions are SQL that DuckDB and Spark read alike.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from haqdar.base.refusal import Refusal

MISSING = "missing"
"""The level of a comparison for which one of the two records says nothing; it weighs nothing."""


class ModelUnfit(Refusal):
    """A model's file and its structure do not belong together."""

    code = "linkage_model_unfit"
    en = "The linkage model {name} has no weight for {level}. Train it again (docs/linkage.md)."
    hi = "मिलान मॉडल {name} में {level} का भार नहीं है। उसे फिर से तैयार करें (docs/linkage.md)।"


@dataclass(frozen=True)
class Level:
    """One level: a condition on the two records; `common` names the column whose value counts the more the rarer it is."""

    code: str
    condition: str
    common: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One field compared: `missing` says when nothing can be said, then the first level whose condition holds counts."""

    field: str
    missing: str
    levels: Sequence[Level]
    otherwise: str = "other"
    declared: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)
    """(m, u) of every level where made-up people cannot teach them."""
    least_m: float = 0.0
    """No level's m is trained below this: where people stand twice is a State's custom, not the demonstration's."""
    like: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Levels that training cannot reach, each with the level whose m it has."""
    apart: frozenset[str] = frozenset()
    """Levels that are weighed among themselves: that a pair falls among these at all says nothing of who the two are."""

    @property
    def codes(self) -> list[str]:
        """The codes of the levels from the strongest to none (`otherwise`), without `MISSING`."""
        return [level.code for level in self.levels] + [self.otherwise]


@dataclass(frozen=True)
class Weights:
    """The trained part of a model: (m, u) of each level, thresholds, share of records with a partner."""

    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    match_share: float
    review_from: float
    certain_from: float
    digest: str


@dataclass(frozen=True)
class Model:
    """A linkage model: see the module. `within` are the blocking rules of a district (or of a list), `across` those
    between districts; `among` is the SQL condition on l and r that every pair of the model meets. `demands` are the levels that a pair of the certain band must have, whatever it weighs;
    `refused` the levels that no pair may have.
    """

    name: str
    comparisons: Sequence[Comparison]
    within: Sequence[str]
    across: Sequence[str] = ()
    among: str = "true"
    demands: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    refused: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    never: str = "false"
    """SQL over a scored pair (columns with _l and _r, levels as <field>_level): such a pair is not one person."""
    uncertain: str = "false"
    """SQL like `never`: such a pair is for people, whatever it weighs."""
    places: Sequence[tuple[str, Sequence[str]]] = ()
    """Levels of the comparison `place`, each with the columns that are equal in it: their u is counted, not trained."""

    def weights(self) -> Weights:
        """The weights kept with the model. Raises `ModelUnfit`."""
        return _read(self.name)

    def settings(
        self,
        link_type: str,
        rules: Sequence[str],
        prior: float,
        weights: Weights,
        places: Mapping[str, float],
    ) -> dict[str, Any]:
        """Splink's settings; `prior` is the chance that two records at random are one person, `places` the counted u."""
        return {
            "link_type": link_type,
            "unique_id_column_name": "unique_id",
            "probability_two_random_records_match": prior,
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": rule if self.among == "true" else f"{rule} AND {self.among}"}
                for rule in rules
            ],
            "comparisons": [self._comparison(c, weights, places) for c in self.comparisons],
            "retain_matching_columns": True,  # and with them the levels
            "retain_intermediate_calculation_columns": True,
            "additional_columns_to_retain": [],
        }

    def _comparison(
        self, compared: Comparison, weights: Weights, places: Mapping[str, float]
    ) -> dict[str, Any]:
        levels: list[dict[str, Any]] = [
            {"sql_condition": compared.missing, "label_for_charts": MISSING, "is_null_level": True}
        ]
        known = compared.declared or weights.levels.get(compared.field, {})
        for level in [*compared.levels, Level(compared.otherwise, "ELSE")]:
            if level.code not in known:
                raise ModelUnfit(name=self.name, level=f"{compared.field}/{level.code}")
            m, u = known[level.code]
            if compared.field == "place":
                u = places.get(level.code, u)
            made: dict[str, Any] = {
                "sql_condition": level.condition,
                "label_for_charts": level.code,
                "m_probability": m,
                "u_probability": u,
                "fix_m_probability": True,
                "fix_u_probability": True,
            }
            if level.common:
                made |= {
                    "tf_adjustment_column": level.common,
                    "tf_adjustment_weight": 1.0,
                    "tf_minimum_u_value": 1e-5,
                    # the level asks for more than equality, so its own u is what the frequency replaces
                    "disable_tf_exact_match_detection": True,
                }
            levels.append(made)
        return {"output_column_name": compared.field, "comparison_levels": levels}

    @property
    def common(self) -> list[str]:
        """The columns whose frequency is counted."""
        return sorted({level.common for c in self.comparisons for level in c.levels if level.common})


def _either(*columns: str) -> str:
    return " OR ".join(f"{column}_l IS NULL OR {column}_r IS NULL" for column in columns)


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _slip(column: str) -> str:
    """One sound more, less or other, in a name long enough that this is a slip and no other name (Sita, Gita)."""
    long = " AND ".join(f"length({column}_{side}) >= 4" for side in "lr")
    return f"{long} AND levenshtein({column}_l, {column}_r) <= 1"


def _letter(one: str, other: str) -> str:
    """One letter more, less or other behind the first, the vowels heard: too near to another name to be more than a hint."""
    long = f"length({one}) >= 3 AND length({other}) >= 3"
    return f"{long} AND substr({one}, 1, 1) = substr({other}, 1, 1) AND levenshtein({one}, {other}) <= 1"


_MIDDLES = "(middle_key_l IS NULL OR middle_key_r IS NULL OR middle_key_l = middle_key_r)"
_EXCHANGED = "(given_key_l = last_key_r AND last_key_l = given_key_r)"

GIVEN = Comparison(
    "given",
    _either("given_key"),
    [
        Level("exact", f"{_same('given')} AND {_MIDDLES}", common="given"),
        Level("sound", f"{_same('given_key')} AND {_MIDDLES}", common="given_key"),
        Level("joined", _same("whole")),
        Level("swapped", _EXCHANGED),
        Level("slip", f"{_slip('given_key')} AND {_MIDDLES}"),
    ],
)
# A clerk's keyboard, not the same name in two families: only a list is typed again from paper.
GIVEN_LISTED = Comparison(
    "given",
    GIVEN.missing,
    [*GIVEN.levels, Level("letter", f"{_letter('given_l', 'given_r')} AND {_MIDDLES}")],
)
SURNAME = Comparison(
    "surname",
    # exchanged names were weighed as such, and Sunita Bai's surname is her husband's or her father's
    f"{_either('family_key')} OR {_EXCHANGED}",
    [
        Level("exact", _same("last"), common="last"),
        Level("sound", _same("last_key"), common="last_key"),
        Level("kin", f"({_either('last_key')}) AND {_same('family_key')}", common="family_key"),
        Level("slip", _slip("last_key")),
    ],
)
RELATION = Comparison(
    "relation",
    f"({_either('father_key')}) AND ({_either('spouse_key')})",
    [
        Level("both", f"{_same('father_key')} AND {_same('spouse_key')}"),
        Level("father", _same("father_key"), common="father_key"),
        Level("husband", _same("spouse_key"), common="spouse_key"),
        Level("slip", f"({_slip('father_key')}) OR ({_slip('spouse_key')})"),
    ],
)
_KIN = ("father", "spouse", "mother")
# A list names one relative, and often not which: that one is compared with whomever the register knows.
RELATION_LISTED = Comparison(
    "relation",
    " AND ".join(
        [
            *(f"({_either(f'{kin}_key')})" for kin in _KIN),
            "(kin_key_l IS NULL OR coalesce(father_key_r, spouse_key_r, mother_key_r) IS NULL)",
        ]
    ),
    [
        Level("father", f"{_same('father_key')} OR kin_key_l = father_key_r", common="father_key"),
        Level("husband", f"{_same('spouse_key')} OR kin_key_l = spouse_key_r", common="spouse_key"),
        Level("same", f"{_same('mother_key')} OR kin_key_l = mother_key_r", common="mother_key"),
        Level(
            "slip",
            " OR ".join(
                f"({_letter(f'{left}_given_l', f'{kin}_given_r')})" for kin in _KIN for left in (kin, "kin")
            ),
        ),
    ],
)
MOTHER = Comparison(
    "mother", _either("mother_key"), [Level("same", _same("mother_key"), common="mother_key")]
)
_YEARS = "abs(birth_year_l - birth_year_r)"
_DAYS = "born_l IS NOT NULL AND born_r IS NOT NULL"
BIRTH = Comparison(
    "birth",
    _either("birth_year"),
    [
        Level("day", _same("born")),
        Level("slip", "levenshtein(born_l, born_r) <= 1 OR born_l = born_swapped_r"),
        Level("same_year", f"{_DAYS} AND {_same('birth_year')}"),
        Level("near_day", f"{_DAYS} AND {_YEARS} <= 2"),
        Level("far_day", _DAYS),
        Level("year", _same("birth_year")),
        Level("two_years", f"{_YEARS} <= 2"),
        Level("five_years", f"{_YEARS} <= 5"),
        Level("ten_years", f"{_YEARS} <= 10"),
    ],
    # A guessed day of birth is a custom of whoever wrote, no sign that somebody stands twice.
    apart=frozenset({"day", "slip", "same_year", "near_day", "far_day"}),
)
SEX = Comparison("sex", _either("sex"), [Level("same", _same("sex"))])
MOBILE = Comparison("mobile", _either("mobile"), [Level("same", _same("mobile"))])
# A person has one number, and its check digit lets no single slip through: what speaks for two people is the law, not a sample.
AADHAAR = Comparison(
    "aadhaar",
    _either("aadhaar_ref"),
    [Level("same", _same("aadhaar_ref"))],
    declared={"same": (0.99, 1e-7), "other": (0.01, 1.0)},
)

REGISTER = Model(
    "register",
    [
        GIVEN,
        SURNAME,
        RELATION,
        MOTHER,
        BIRTH,
        SEX,
        Comparison(
            "place",
            _either("area_code"),
            [
                Level("house", f"{_same('area_code')} AND {_same('address_key')}"),
                Level("area", _same("area_code")),
                Level("block", _same("block_code")),
                Level("district", _same("district")),
            ],
            least_m=0.05,
        ),
        AADHAAR,
    ],
    within=(
        "l.given_key = r.given_key AND l.born = r.born",
        "l.given_key = r.given_key AND l.father_key = r.father_key",
        "l.given_key = r.given_key AND l.spouse_key = r.spouse_key",
        "l.given_key = r.given_key AND l.mother_key = r.mother_key AND l.birth_year = r.birth_year",
        "l.given_key = r.given_key AND l.family_key = r.family_key AND abs(l.birth_year - r.birth_year) <= 3",
        "l.given_key = r.given_key AND l.area_code = r.area_code AND l.sex = r.sex",
        "l.whole_key = r.whole_key AND l.birth_year = r.birth_year",
        "l.given_key = r.given_key AND l.mobile = r.mobile",
        "l.last_key = r.last_key AND l.born = r.born AND substr(l.given_key, 1, 1) = substr(r.given_key, 1, 1)",
        "l.father_key = r.father_key AND l.born = r.born AND substr(l.given_key, 1, 1) = substr(r.given_key, 1, 1)",
        "l.aadhaar_ref = r.aadhaar_ref",
    ),
    across=(
        "l.given_key = r.given_key AND l.born = r.born AND l.last_key = r.last_key",
        "l.given_key = r.given_key AND l.born = r.born AND l.father_key = r.father_key",
        "l.given_key = r.given_key AND l.born = r.born AND l.spouse_key = r.spouse_key",
        "l.given_key = r.given_key AND l.father_key = r.father_key AND l.spouse_key = r.spouse_key AND l.last_key = r.last_key",
        "l.aadhaar_ref = r.aadhaar_ref",
    ),
    # Sisters, brothers and spouses share surname, father, house and mobile: only the given name tells them apart.
    refused={"given": frozenset({"other", MISSING})},
    demands={
        "given": frozenset({"exact"}),
        "surname": frozenset({"exact", "sound", "kin", MISSING}),
        "relation": frozenset({"both", "father", "husband", "slip", MISSING}),
        "birth": frozenset({"day", "year", "slip"}),
        "sex": frozenset({"same"}),
        "aadhaar": frozenset({"same", MISSING}),
    },
    # In one community names go together: far from home, a namesake whose father is a namesake, too, is no rarity.
    uncertain="place_level NOT IN ('house', 'area') AND (birth_level <> 'day' OR relation_level = 'missing')",
    among="l.family_id IS DISTINCT FROM r.family_id",
    places=(
        ("house", ("area_code", "address_key")),
        ("area", ("area_code",)),
        ("block", ("block_code",)),
        ("district", ("district",)),
    ),
)  # fmt: skip

# Those of one family share surname, parents, house and mobile whoever they are, so among them these say next to nothing, and a
# given name is no rarer than the name: they are compared with each other by weights of their own.
FAMILY = Model(
    "family",
    [
        *(
            dataclasses.replace(one, levels=[Level(level.code, level.condition) for level in one.levels])
            for one in (GIVEN, RELATION, MOTHER)
        ),
        BIRTH,
        SEX,
        Comparison(
            "place",
            _either("family_id"),
            [Level("family", _same("family_id"))],
            declared={"family": (1.0, 1.0), "other": (1.0, 1.0)},
        ),
        AADHAAR,
    ],
    within=("l.family_id = r.family_id",),
    refused=REGISTER.refused,
    demands={name: codes for name, codes in REGISTER.demands.items() if name != "surname"},
    # Two of one family with a number each, or whose days of birth are known and no slip of each other, are two people,
    # whatever the names say.
    never="aadhaar_level = 'other' OR (born_l <> born_r AND birth_level NOT IN ('day', 'slip'))",
)  # fmt: skip

LIST = Model(
    "list",
    [
        GIVEN_LISTED,
        SURNAME,
        RELATION_LISTED,
        BIRTH,
        SEX,
        Comparison(
            "place",
            "coalesce(area_code_l, village_key_l, pin_l, district_l) IS NULL"
            " OR coalesce(area_code_r, village_key_r, pin_r, district_r) IS NULL",
            [
                Level(
                    "area",
                    f"{_same('area_code')} OR ({_same('village_key')} AND coalesce({_same('district')}, true))",
                ),
                Level("pin", _same("pin")),
                Level("district", _same("district")),
                Level("unlike", _either("district")),
            ],
            least_m=0.02,
            like={"unlike": "district"},
        ),
        MOBILE,
        AADHAAR,
    ],
    within=(
        "l.given_key = r.given_key AND l.born = r.born",
        "l.given_key = r.given_key AND l.father_key = r.father_key",
        "l.given_key = r.given_key AND l.spouse_key = r.spouse_key",
        "l.given_key = r.given_key AND l.mother_key = r.mother_key AND l.birth_year = r.birth_year",
        "l.given_key = r.given_key AND l.kin_key = r.father_key AND l.family_key = r.family_key",
        "l.given_key = r.given_key AND l.kin_key = r.spouse_key AND l.family_key = r.family_key",
        "l.given_key = r.given_key AND l.family_key = r.family_key AND abs(l.birth_year - r.birth_year) <= 3",
        "l.given_key = r.given_key AND l.area_code = r.area_code",
        "l.given_key = r.given_key AND l.village_key = r.village_key",
        "l.whole_key = r.whole_key AND l.village_key = r.village_key",
        "l.whole_key = r.whole_key AND l.birth_year = r.birth_year",
        "l.mobile = r.mobile",
        "l.father_key = r.father_key AND l.village_key = r.village_key AND abs(l.birth_year - r.birth_year) <= 3",
        "l.spouse_key = r.spouse_key AND l.village_key = r.village_key",
        "l.father_key = r.father_key AND l.born = r.born",
        "l.spouse_key = r.spouse_key AND l.born = r.born",
        "l.last_key = r.last_key AND l.born = r.born",
        "l.last_key = r.last_key AND l.village_key = r.village_key AND l.birth_year = r.birth_year",
        "l.village_key = r.village_key AND l.born = r.born",
        "l.given_key = r.last_key AND l.last_key = r.given_key AND l.village_key = r.village_key",
        "l.given_key = r.last_key AND l.last_key = r.given_key AND l.birth_year = r.birth_year",
        "l.aadhaar_ref = r.aadhaar_ref",
    ),
    refused={"given": frozenset({"other", MISSING})},
    demands={
        "given": frozenset({"exact", "sound", "joined", "swapped"}),
        "surname": frozenset({"exact", "sound", "kin", "slip", MISSING}),
        "relation": frozenset({"father", "husband", "same", "slip", MISSING}),
        "sex": frozenset({"same", MISSING}),
        "aadhaar": frozenset({"same", MISSING}),
    },
    # Without father, husband or mother, a name is certain only with the mobile number and a birth that fits, or with the day of birth
    # and the village.
    uncertain="(born_l <> born_r AND birth_level <> 'slip') OR (relation_level = 'missing' AND NOT"
    " ((birth_level = 'day' AND place_level = 'area')"
    " OR (mobile_level = 'same' AND birth_level IN ('day', 'slip', 'year', 'two_years'))))",
    places=(
        ("area", ("area_code",)),
        ("area", ("district", "village_key")),
        ("area", ("village_key",)),
        ("pin", ("pin",)),
        ("district", ("district",)),
    ),
)  # fmt: skip

MODELS = {model.name: model for model in (REGISTER, FAMILY, LIST)}


@cache
def _read(name: str) -> Weights:
    text = (files(__package__) / "models" / f"{name}.json").read_text(encoding="utf-8")
    found = json.loads(text)
    return Weights(
        levels={
            f: {code: (m, u) for code, (m, u) in levels.items()} for f, levels in found["levels"].items()
        },
        match_share=found["match_share"],
        review_from=found["review_from"],
        certain_from=found["certain_from"],
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def chance(weight: float) -> float:
    """The probability that two records of this weight are one person.

    >>> chance(0.0), round(chance(10.0), 3)
    (0.5, 0.999)
    """
    return 1 / (1 + math.exp2(-weight)) if weight >= 0 else math.exp2(weight) / (1 + math.exp2(weight))
