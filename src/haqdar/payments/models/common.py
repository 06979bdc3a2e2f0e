"""What the tables of money share: fields, and the triggers that keep rows as they were written."""

from typing import Any

import pgtrigger
from django.db import models


def code(**options: Any) -> "models.TextField[Any, Any]":
    """A word compared byte by byte."""
    return models.TextField(db_collation="C", **options)


ADDED: Any = pgtrigger.Referencing(new="added")  # type: ignore[no-untyped-call]
"""The rows that a statement added, for triggers that look at all of them at once."""


def run(*, checked_by_row: bool = True) -> "models.ForeignKey[Any, Any]":
    """The month's run that a row belongs to; large tables check it once a statement (`run_stands`), not once a row."""
    return models.ForeignKey(
        "cases.MonthRun",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=checked_by_row,
    )


def run_stands(known: str = "added") -> pgtrigger.Trigger:
    """Refuses rows of a run that there is not: the foreign key of a table that gets millions of rows in one statement.

    A row-wise key asks once for each row and keeps its questions in memory until the transaction ends. A run with money cannot go:
    its bills and its closing hold it by keys of the usual kind. `known` is where the runs are looked up: the rows added, or the
    table itself, hopping from run to run along an index that begins with the run, which spares keeping the rows for the trigger.
    """
    if known == "added":
        runs = "SELECT DISTINCT run_id FROM added"
        recursive = ""
    else:
        recursive = f"""WITH RECURSIVE hop AS (
                    (SELECT run_id FROM {known} ORDER BY run_id LIMIT 1)
                    UNION ALL
                    SELECT (SELECT t.run_id FROM {known} t WHERE t.run_id > hop.run_id ORDER BY t.run_id LIMIT 1)
                    FROM hop WHERE hop.run_id IS NOT NULL
                )"""
        runs = "SELECT run_id FROM hop WHERE run_id IS NOT NULL"
    return pgtrigger.Trigger(
        name="run_stands",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=ADDED if known == "added" else None,
        func=f"""
            IF EXISTS (
                {recursive}
                SELECT FROM ({runs}) a
                WHERE NOT EXISTS (SELECT FROM cases_month_run r WHERE r.id = a.run_id)
            ) THEN
                RAISE EXCEPTION 'rows of % name a run that there is not', TG_TABLE_NAME
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NULL;
        """,
    )


def append_only() -> pgtrigger.Trigger:
    """Refuses every edit and deletion."""
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="""
            RAISE EXCEPTION '% is append-only: correct money by posting, never by editing', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        """,
    )


def only_these_change(*columns: str) -> pgtrigger.Trigger:
    """Refuses deletion, and every edit of a column that is not named."""
    kept = "".join(f" - '{column}'" for column in columns)
    return pgtrigger.Trigger(
        name="only_these_change",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            IF TG_OP = 'UPDATE' AND (to_jsonb(NEW){kept}) = (to_jsonb(OLD){kept}) THEN
                RETURN NEW;
            END IF;
            RAISE EXCEPTION 'a row of % keeps what it says; only its progress is written down', TG_TABLE_NAME
                USING ERRCODE = 'restrict_violation';
        """,
    )
