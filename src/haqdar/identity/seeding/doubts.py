"""Whether a compared list can be what its columns were said to be, before anything of it is published.

Columns of text that were exchanged (name and guardian, village and district) pass every check of single cells; only beside the
register it shows: women with men's names, villages that the area does not have, next to nobody found. Such a list waits until
somebody has looked at its first rows and confirms the columns: payees who were not found would be accused by a wrong mapping.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from haqdar.base.names import given_key_sql, name_key_sql
from haqdar.base.refusal import Words
from haqdar.identity.models import SeedList
from haqdar.identity.seeding.refusals import Doubtful
from haqdar.identity.seeding.words import DOUBT_WORDS, FIELD_WORDS

ENOUGH = 20
"""Rows from which a share says something."""
USUAL = 0.6
"""Share found of a department's first list; of later ones it is that of the latest list before."""
FAR_BELOW = 0.5
"""Part of the usual share below which somebody must look."""
_UNKNOWN = {"name": 0.7, "relation_name": 0.7, "village": 0.8}
"""Share of a column's filled cells that the register does not know, above which the column is doubted."""
_OTHER_SEX = 0.5
_ONE_SEX = 0.8
"""A given name is a woman's or a man's if so many in the register who bear it are."""


def look(duck: duckdb.DuckDBPyConnection, found: SeedList, columns: Mapping[str, str]) -> None:
    """Raise `Doubtful` if what came of `clean` and `people` (`outcome`) is not what such a list brings, unless it was confirmed."""
    if found.details.get("confirmed_by"):
        return
    compared, matched = duck.execute(
        "SELECT count(*), count(*) FILTER (WHERE band IN ('automatic', 'known')) FROM outcome WHERE band <> 'aside'"
    ).fetchone() or (0, 0)
    doubts = [
        (code, field, share) for code, field, share in _unknown(duck) + _other_sex(duck) if field in columns
    ]
    usual = usual_share(found)
    if compared >= ENOUGH and matched < FAR_BELOW * usual * compared:
        doubts.append(("few_found", "", 100 * matched // compared))
    if doubts:
        said = [sentence(code, field, columns, share, round(100 * usual)) for code, field, share in doubts]
        raise Doubtful(
            {
                "rows": compared,
                "compared": compared,
                "matched": matched,
                "usual": round(100 * usual),
                "doubts": doubts,
            },
            what=Words(" ".join(one.en for one in said), " ".join(one.hi for one in said)),
        )


def sentence(code: str, field: str, columns: Mapping[str, str], share: int, usual: int) -> Words:
    """A doubt in words: which column, said to be what, and the share."""
    title = FIELD_WORDS.get(field, Words("", ""))
    values = {"column": columns.get(field, ""), "share": share, "usual": usual}
    return Words(
        DOUBT_WORDS[code].en.format(field=title.en, **values),
        DOUBT_WORDS[code].hi.format(field=title.hi, **values),
    )


def usual_share(found: SeedList) -> float:
    """Which share of a list of this department and area is found without a person's help, by the latest one."""
    earlier = (
        SeedList.objects.filter(
            department_id=found.department_id,
            area_code=found.area_code,
            id__lt=found.pk,
            counts__has_key="bands",
        )
        .exclude(state=SeedList.State.DISCARDED)
        .order_by("-id")
        .values_list("counts", flat=True)
        .first()
    )
    bands: dict[str, int] = (earlier or {}).get("bands", {})
    compared = sum(rows for band, rows in bands.items() if band != "aside")
    if compared < ENOUGH:
        return USUAL
    return (bands.get("automatic", 0) + bands.get("known", 0)) / compared


def _unknown(duck: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int]]:
    """Columns of whose values the register knows next to none; makes `given_now` (given, women, all)."""
    duck.execute(f"""
        CREATE OR REPLACE TABLE given_now AS
        WITH named AS (SELECT name, sex, count(*) AS people FROM people WHERE name IS NOT NULL AND inside GROUP BY 1, 2),
        keyed AS (SELECT sex, people, {name_key_sql("name")} AS key FROM named)
        SELECT {given_key_sql("key")} AS given, sum(people) FILTER (WHERE sex = 'F') AS women, sum(people) AS everybody
        FROM keyed GROUP BY 1""")
    duck.execute(f"""
        CREATE OR REPLACE TABLE villages_now AS
        SELECT {name_key_sql("name")} AS key FROM (SELECT village AS name FROM people WHERE inside UNION SELECT village_hi FROM people WHERE inside)
        WHERE name IS NOT NULL""")
    given = "SELECT given FROM given_now"
    asked = (
        ("name", given_key_sql("key"), "key", given),
        ("relation_name", given_key_sql("relation_key"), "relation_key", given),
        ("village", "village_key", "village_key", "SELECT key FROM villages_now"),
    )
    found = []
    for field, value, column, known in asked:
        filled, strange = duck.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {value} NOT IN ({known})) FROM clean"
            f" WHERE coalesce({column}, '') <> '' AND line NOT IN (SELECT line FROM aside)"
        ).fetchone() or (0, 0)
        # figures and codes have no key at all
        rows = duck.execute(
            f"SELECT count(*) FROM clean WHERE {field} IS NOT NULL AND line NOT IN (SELECT line FROM aside)"
        ).fetchone() or (0,)
        strange += rows[0] - filled
        if rows[0] >= ENOUGH and strange > _UNKNOWN[field] * rows[0]:
            found.append(("unknown_values", field, 100 * strange // rows[0]))
    duck.execute("DROP TABLE villages_now")
    return found


def _other_sex(duck: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int]]:
    """Whether women of the list bear men's names, or men women's; drops `given_now`."""
    found = []
    for code, sex, other in (
        ("mens_names", "F", f"women <= {1 - _ONE_SEX} * everybody"),
        ("womens_names", "M", f"women >= {_ONE_SEX} * everybody"),
    ):
        rows, wrong = duck.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {other}) FROM clean c"
            f" JOIN (SELECT given, everybody, coalesce(women, 0) AS women FROM given_now) g ON g.given = {given_key_sql('c.key')}"
            f" WHERE c.sex = '{sex}' AND c.key <> '' AND line NOT IN (SELECT line FROM aside)"
        ).fetchone() or (0, 0)
        if rows >= ENOUGH and wrong > _OTHER_SEX * rows:
            found.append((code, "name", 100 * wrong // rows))
    duck.execute("DROP TABLE given_now")
    return found
