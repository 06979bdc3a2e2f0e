"""What tables have in common whose rows change: every change is kept, with who made it, and cannot be edited.

`tracked` keeps the changed rows by triggers (django-pghistory), so that bulk statements are kept too; the triggers of
`names_an_actor` refuse a change for which nobody is named (`access.actors.acting` names the actor for a transaction).
"""

from collections.abc import Callable, Sequence
from typing import Any

import pghistory
import pghistory.models
import pgtrigger
from django.db import models
from django.db.models.expressions import RawSQL

_NAMED = """
    IF coalesce(current_setting('haqdar.actor', true), '') = '' THEN
        RAISE EXCEPTION 'nobody is named who changes %: do it inside access.actors.acting', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""


def written_in(db_index: bool = False) -> "models.BigIntegerField[Any, Any]":
    """The transaction that added the row, counted without wrapping: what lets a range be closed (`access.chain`)."""
    return models.BigIntegerField(
        editable=False, db_index=db_index, db_default=RawSQL("((pg_current_xact_id())::text)::bigint", ())
    )


class Event(pghistory.models.Event):
    """A row of history; ranges of them are sealed into the chain of the audit trail."""

    written_in = written_in(db_index=True)

    class Meta:
        abstract = True


def tracked(*events: Any, exclude: Sequence[str] = ()) -> Callable[[type[models.Model]], type[models.Model]]:
    """The class decorator that keeps the rows that `events` are about, in a table that is only added to."""
    track: Callable[[type[models.Model]], type[models.Model]] = pghistory.track(
        *events, exclude=list(exclude), base_model=Event, append_only=True
    )
    return track


def names_an_actor(exclude: Sequence[str] = ()) -> list[pgtrigger.Trigger]:
    """Triggers that refuse every insertion, deletion and change (but of the columns `exclude`) by nobody."""
    return [
        pgtrigger.Trigger(
            name="added_by_somebody",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Delete,
            func=_NAMED.format(row="coalesce(NEW, OLD)"),
        ),
        pgtrigger.Trigger(
            name="changed_by_somebody",
            when=pgtrigger.Before,
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange(exclude=list(exclude)),
            func=_NAMED.format(row="NEW"),
        ),
    ]


def changed_by_somebody() -> pgtrigger.Trigger:
    """The trigger that refuses UPDATE and DELETE by nobody, asked once a statement; the rows name who added them."""
    return pgtrigger.Trigger(
        name="changed_by_somebody",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_NAMED.format(row="NULL"),
    )
