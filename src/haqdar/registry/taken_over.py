"""What the surviving record of a merge takes over from the other where it says nothing itself, keeps, and gives back.

Files go on bringing the survivor's own row, with the same gaps. What the merge filled stays while the file says nothing there, by
one more belief beside the file's; so the file's own row is known, and undoing the merge takes away only what was never said of
the survivor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection

from haqdar.registry.models import ResidentBelief

NAMES = tuple(column.attname for column in ResidentBelief._meta.concrete_fields)
"""The columns of a resident's record."""

_TOGETHER = (
    ("name_hi",),
    ("born_on",),
    ("marital_status", "marital_since"),
    ("destitute",),
    ("income_tax_payer",),
    ("mobile",),
    ("mother_id",),
    ("father_id",),
    ("spouse_id",),
    ("ifsc", "account_sealed", "account_hash", "account_last4"),
    ("aadhaar_ref", "aadhaar_last4"),
)
"""Columns that belong together: all of them are taken over, kept and emptied again, or none."""
#: Sealing one number twice gives two texts: whether it is the same one the keyed hash says.
_NEVER_EQUAL = "account_sealed"


def filled(survivor: ResidentBelief, absorbed: ResidentBelief) -> dict[str, Any]:
    """The columns that the survivor's record leaves empty and the other has, with the other's values."""
    taken: dict[str, Any] = {}
    for columns in _TOGETHER:
        # what is half there stays as it is: two halves of two papers are no paper
        if any(getattr(survivor, name) is not None for name in columns):
            continue
        values = {name: getattr(absorbed, name) for name in columns}
        others = {survivor.member_id, absorbed.member_id}
        if all(value is None for value in values.values()) or others & {
            value for name, value in values.items() if name in ("mother_id", "father_id", "spouse_id")
        }:
            continue
        if any(name.endswith("_sealed") for name in columns):
            # one version of the key stands for all sealed numbers of a row
            if survivor.key_version not in (None, absorbed.key_version):
                continue
            values["key_version"] = absorbed.key_version
        taken |= {name: value for name, value in values.items() if value is not None}
    if {taken.get("mother_id", survivor.mother_id)} & {taken.get("father_id", survivor.father_id)} - {None}:
        taken.pop("father_id", None)
    born, since = taken.get("born_on", survivor.born_on), taken.get("marital_since", survivor.marital_since)
    if born is not None and since is not None and since < born:
        for name in ("born_on", "marital_status", "marital_since"):
            taken.pop(name, None)
    return taken


def to_empty(
    taken_over: Collection[str],
    record: ResidentBelief,
    filled_in: Sequence[ResidentBelief],
    own: ResidentBelief | None,
) -> list[str]:
    """The columns of `record` that go when the merge is undone that filled `taken_over`, each group whole or not at all.

    `filled_in` are the records that say what was filled; `own` is the survivor's row that a file brought since, if any: what
    it says is the survivor's.
    """
    emptied = []
    for columns in _TOGETHER:
        told = own is not None and any(getattr(own, name) is not None for name in columns)
        if not told and any(_same(record, one, columns) for one in filled_in):
            emptied += [name for name in columns if name in taken_over]
    return emptied


def _same(one: ResidentBelief, other: ResidentBelief, columns: Sequence[str]) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in columns if name != _NEVER_EQUAL)


def keep_filled(delivery_id: int) -> list[int]:
    """Let survivors whose own row came with this delivery keep what their merges filled and the row leaves empty.

    Part of the transaction that stores the file, and news of that delivery like the row itself. Returns the members.
    """
    values = {name: f"r.{name}" for name in NAMES}
    flags = []
    for number, columns in enumerate(_TOGETHER):
        listed = ", ".join(f"'{name}'" for name in columns)
        empty = " AND ".join(f"r.{name} IS NULL" for name in columns)
        there = " OR ".join(f"p.{name} IS NOT NULL" for name in columns)
        unlike = "".join(f" AND {_UNLIKE[name]}" for name in columns if name in _UNLIKE)
        flags.append(f"m.taken && ARRAY[{listed}] AND {empty} AND ({there}){unlike} AS f{number}")
        kept = [*columns, "key_version"] if _NEVER_EQUAL in columns else columns
        values |= {name: f"CASE WHEN f{number} THEN p.{name} ELSE r.{name} END" for name in kept}
    values |= {"belief_no": "r.belief_no + 1", "line": "0"}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO registry_resident_belief ({', '.join(values)}) SELECT {', '.join(values.values())}"
            " FROM (SELECT g.survivor_id, array_agg(t.name) AS taken FROM registry_merge g, unnest(g.taken_over) AS t (name)"
            "  WHERE g.survivor_id IS NOT NULL AND NOT EXISTS (SELECT FROM registry_merge h"
            "   WHERE h.member_id = g.member_id AND h.belief_no > g.belief_no) GROUP BY 1) m"
            " CROSS JOIN LATERAL (SELECT * FROM registry_resident_belief b WHERE b.member_id = m.survivor_id"
            "  ORDER BY b.belief_no DESC LIMIT 1) r"
            " JOIN registry_resident_belief p ON p.member_id = r.member_id AND p.belief_no = r.belief_no - 1"
            f" CROSS JOIN LATERAL (SELECT {', '.join(flags)}) f"
            " WHERE r.delivery_id = %s AND r.line > 0"
            f" AND ({' OR '.join(f'f{number}' for number in range(len(_TOGETHER)))}) RETURNING member_id",
            [delivery_id],
        )
        return [member for (member,) in cursor.fetchall()]


#: What a kept column must not contradict in the row beside which it is kept.
_UNLIKE = {
    "born_on": "coalesce(p.born_on <= r.marital_since, true)",
    "marital_since": "coalesce(p.marital_since >= r.born_on, true)",
    "mother_id": "p.mother_id IS DISTINCT FROM r.father_id",
    "father_id": "p.father_id IS DISTINCT FROM r.mother_id",
}
