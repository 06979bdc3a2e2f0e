"""Puts a register as the naive evaluator knows it into the engine's relations, without a database in between."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from tests.oracle.load import Known

from haqdar.entitlement.registers import BENEFIT_REGISTERS, REGISTERS
from haqdar.entitlement.snapshot import Snapshot, snapshot_of
from haqdar.law import Vocabulary


def whole(text: str) -> int | None:
    return int(text) if text else None


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def flag(text: str) -> bool | None:
    return {"true": True, "false": False, "": None}[text]


def word(text: str) -> str | None:
    return text or None


def paise(text: str) -> int | None:
    return int(Decimal(text) * 100) if text else None


def same(*parts: str) -> str | None:
    return hashlib.sha256("|".join(parts).encode()).hexdigest() if parts[-1] else None


Reading = dict[str, Callable[[Mapping[str, str]], Any]]


def plain(read: Callable[[str], Any], *names: str) -> Reading:
    return {name: lambda row, name=name: read(row[name]) for name in names}  # type: ignore[misc]


READINGS: dict[str, tuple[str, Reading]] = {
    "raw_resident": (
        "residents",
        {
            **plain(whole, "member_id", "family_id", "mother_id", "father_id", "spouse_id"),
            **plain(word, "sex", "marital_status"),
            **plain(day, "born_on", "marital_since"),
            **plain(flag, "destitute", "income_tax_payer"),
            "aadhaar_ref": lambda row: same(row["aadhaar"]),
            "account_hash": lambda row: same(row["ifsc"], row["account_no"]),
        },
    ),
    "raw_family": ("families", {**plain(whole, "family_id"), **plain(word, "area_code", "social_category")}),
    "raw_bpl": ("bpl", {**plain(whole, "family_id"), **plain(day, "valid_from", "valid_to")}),
    "raw_disability": (
        "pwd",
        {
            **plain(whole, "member_id"),
            **plain(word, "kind"),
            **plain(float, "percent"),
            **plain(day, "issued_on", "valid_to"),
        },
    ),
    "raw_event": (
        "events",
        {
            **plain(whole, "member_id", "spouse_id"),
            **plain(word, "event_id", "kind"),
            **plain(day, "happened_on", "reported_on"),
        },
    ),
    "raw_area": ("areas", plain(word, "area_code", "kind", "parent_code")),
    "raw_office": ("offices", plain(word, "office_code", "area_code", "ddo_code")),
}
PENSION: Reading = {
    **plain(whole, "member_id"),
    **plain(word, "scheme"),
    **plain(day, "since"),
    "paise": lambda row: paise(row["amount"]),
}


def snapshot_of_known(
    known: Known,
    first_day: date,
    vocabulary: Vocabulary,
    benefits: Mapping[str, list[dict[str, Any]]] | None = None,
) -> Snapshot:
    """The snapshot of `known`, with spans from `first_day` on; `benefits` are rows of `BENEFIT_REGISTERS`."""
    duck = duckdb.connect()
    duck.execute("CREATE SCHEMA given")

    every = {**REGISTERS, **BENEFIT_REGISTERS}

    def keep(relation: str, rows: list[dict[str, Any]]) -> None:
        table = pa.Table.from_pylist(
            [{**row, "known_from": known.known_on} for row in rows], schema=every[relation].schema
        )
        duck.register("incoming", table)
        duck.execute(f"CREATE OR REPLACE TABLE given.{relation} AS FROM incoming")
        duck.unregister("incoming")

    for relation, (table, reading) in READINGS.items():
        keep(
            relation,
            [{name: read(row) for name, read in reading.items()} for row in known.rows[table].values()],
        )
    pensions = [
        {**{name: read(row) for name, read in PENSION.items()}, "is_ghost": is_ghost}
        for is_ghost, rows in ((False, known.rows["pensioners"].values()), (True, known.ghosts))
        for row in rows
    ]
    keep("raw_pension", pensions)
    for relation, rows in (benefits or {}).items():
        keep(relation, rows)
    with duck:
        return snapshot_of(
            duck,
            lambda name: f"FROM given.{name}",
            known.known_on,
            first_day,
            vocabulary,
            benefits is not None,
        )
