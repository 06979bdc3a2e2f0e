"""What follows at once when something becomes known: the decisions of everybody it touches, worked out again.

The month decides everybody on the 1st; between two months a death, a marriage or a correction is decided for the handful of
people it touches, by the same compiled rules on the day of determination of the next month to be run. The result stands
beside the last run (`StandingDecision`) until that month is run; nothing is paid or stopped here.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import duckdb
import pyarrow as pa
from django.conf import settings
from django.db import connection
from django.utils import timezone

from haqdar.base.duck import connect_duck
from haqdar.base.month import Month
from haqdar.base.sql import statement
from haqdar.cases import merged
from haqdar.cases.awards import first_month_after_notice
from haqdar.cases.difference import NEWS_MONTHS, difference_sql, hold, months_later, widow_schemes
from haqdar.cases.models import Reaction, StandingDecision
from haqdar.entitlement.compile import missing_name_sql
from haqdar.entitlement.determine import determine
from haqdar.entitlement.kin import WITHOUT_NEWS, Kin, News, Postgres, read_kin, touched_by
from haqdar.law import LawBook, LawInForce, load_lawbook
from haqdar.registry.changes import Change

_LOCAL = threading.local()
_AT_ONCE = ("died", "migrated")
#: An event of the desk noted so shortly before a run began may have been committed after the run read the register, so it is
#: worked out again. The rows of a file are noted at the end of its load; there the clock is enough.
IN_DOUBT = timedelta(seconds=1)


@dataclass(frozen=True)
class Decision:
    """What a day brings for one person and pension group; amounts in paise a month.

    `action` is a word of the work list, `goes_on`, or empty when only something is missing; `missing` the missing fact.
    """

    member_id: int
    pension_group: int
    action: str
    from_scheme: str | None
    from_paise: int | None
    to_scheme: str | None
    to_paise: int | None
    reason: str
    missing: str
    standing_paise: int | None
    area_code: str | None
    district_code: str | None

    @property
    def pays(self) -> tuple[str | None, int | None]:
        """Scheme and amount that the person has when the decision is carried out."""
        if self.action in ("continue", "goes_on", ""):
            return self.from_scheme, self.from_paise if self.from_paise is not None else self.standing_paise
        return self.to_scheme, self.to_paise

    @property
    def outcome(self) -> tuple[object, ...]:
        """What two decisions must have in common to be the same."""
        return (
            self.action,
            self.from_scheme,
            self.from_paise,
            self.to_scheme,
            self.to_paise,
            self.reason,
            self.missing,
        )

    def effect(self, law: LawInForce, day: date) -> tuple[str, date | None]:
        """How the decision takes effect and from which day, by section 5 of the domain: the law's own terms.

        A stop for death or migration and whatever does not pay less take effect at once, a start when an officer sanctions
        it, everything else when its notice has run out.
        """
        if self.action == "start":
            return StandingDecision.Effect.SANCTION, day
        adverse = (self.action == "stop" and self.reason not in _AT_ONCE) or (
            self.action in ("move", "revise") and (self.to_paise or 0) < (self.standing_paise or 0)
        )
        if adverse:
            return StandingDecision.Effect.NOTICE, first_month_after_notice(day, law.notice_days)
        if self.action in ("move", "revise", "stop"):
            return StandingDecision.Effect.AT_ONCE, day
        return "", None


Decisions = dict[tuple[int, int], Decision]


@dataclass(frozen=True)
class Outlook:
    """What a change of the register means for everybody it touches, on the next day of determination.

    `before` without it, `after` with it, both by (member_id, pension_group); `touched` everybody looked at again.
    """

    day: date
    touched: list[int]
    before: Decisions
    after: Decisions

    @property
    def changed(self) -> list[tuple[int, int]]:
        """The persons and groups whose decision differs, in order."""
        keys = sorted({*self.before, *self.after})
        return [key for key in keys if _outcome(self.before, key) != _outcome(self.after, key)]


@dataclass(frozen=True)
class LastRun:
    """The run in force of the latest month, whose decisions the next ones are compared to."""

    id: int
    month: Month
    started_at: datetime


def last_run() -> LastRun | None:
    """The posted run of the latest month; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, month, started_at FROM cases_month_run WHERE state = 'complete' AND posted"
            " ORDER BY month DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return LastRun(row[0], Month.of(row[1]), row[2]) if row else None


def next_day(run: LastRun | None) -> date:
    """The day of determination of the next month to be run; before the first run, the coming 1st."""
    return (run.month if run else Month.of(timezone.localdate())).next().first_day


def effect_of(decision: Decision | None, day: date) -> tuple[str, date | None]:
    """How a decision of `day` takes effect and from when, by the law in force on it; nothing for no decision."""
    if decision is None:
        return "", None
    return decision.effect(load_lawbook(settings.HAQDAR_LAW).on(day), day)


def unanswered(
    run: LastRun, most: int, among: Sequence[int] | None = None, besides: Collection[int] = ()
) -> list[int]:
    """The numbers of the register's changes that became known after `run` began and have no reaction yet, oldest first."""
    chosen = "" if among is None else " AND c.id = ANY(%s)"
    values: list[Any] = [run.started_at - IN_DOUBT, run.started_at, run.id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id FROM registry_change c WHERE c.recorded_at >= %s"
            " AND (c.recorded_at >= %s OR c.belief_no IS NOT NULL) AND NOT EXISTS"
            f" (SELECT 1 FROM cases_reaction x WHERE x.change_id = c.id AND x.run_id = %s){chosen}"
            " AND c.id <> ALL(%s) ORDER BY c.id LIMIT %s",
            [*values, *([] if among is None else [list(among)]), list(besides), most],
        )
        return [row[0] for row in cursor.fetchall()]


def outlook(
    members: Sequence[int],
    families: Sequence[int],
    events: Sequence[str],
    news: News,
    day: date,
    keep: Mapping[int, int] | None = None,
) -> Outlook:
    """Decide everybody touched by a change with and without the `news`, on `day`, with what is known today.

    Where the news is a merge that nobody has recorded yet, `keep` says whose award of a pension group goes on. Reads the register by index inside the caller's transaction; writes nothing.
    """
    pg = _raw()
    touched = touched_by(pg, members, families, events)
    newly = news.named() - set(touched)
    if newly:
        # a groom whom only the event names is touched as the recorded event will touch him: he alone; a new mother or wife of a
        # corrected record is looked at with everybody she touches in turn
        of_an_event = all(register == "event" for register, _, _ in news.rows)
        touched = sorted({*touched, *newly, *(() if of_an_event else touched_by(pg, sorted(newly)))})
    lawbook = load_lawbook(settings.HAQDAR_LAW)
    duck = _duck()
    kin = read_kin(duck, pg, touched, timezone.localdate(), news)
    _read_changes(duck, pg, touched, day, merged.in_news(pg, news, keep))
    return Outlook(day, touched, *_decide(kin, lawbook, day))


def react(run: LastRun, changes: Sequence[Change], outlook: Outlook) -> None:
    """Let the decisions of `outlook` stand beside `run`, as the reaction to `changes`; call it in a transaction.

    What a person's decision was before anything became known since the run is kept from the first reaction on.
    """
    now = timezone.now()
    first = changes[0]
    Reaction.objects.bulk_create(
        Reaction(
            run_id=run.id,
            change_id=change.id,
            day=outlook.day,
            known_on=timezone.localdate(),
            # of the rows of a file, which are worked out together, the first keeps whom all of them touched
            touched=outlook.touched if change is first else [],
            decided_at=now,
        )
        for change in changes
    )
    standing = {
        (row.member_id, row.pension_group): row
        for row in StandingDecision.objects.filter(
            run_id=run.id, member_id__in=outlook.touched, replaced_at__isnull=True
        )
    }
    law = load_lawbook(settings.HAQDAR_LAW).on(outlook.day)
    keys = _keys_of(sorted({member for member, _ in (*outlook.before, *outlook.after, *standing)}))
    rows = [
        _row(run, first.id, law, outlook, key, standing.get(key), keys, now)
        for key in sorted({*outlook.before, *outlook.after, *standing})
    ]
    StandingDecision.objects.filter(pk__in=[row.pk for row in standing.values()]).update(replaced_at=now)
    StandingDecision.objects.bulk_create(rows)


def _row(
    run: LastRun,
    change_id: int,
    law: LawInForce,
    outlook: Outlook,
    key: tuple[int, int],
    earlier: StandingDecision | None,
    resident_keys: Mapping[int, UUID],
    now: datetime,
) -> StandingDecision:
    after, before = outlook.after.get(key), outlook.before.get(key)
    member_id, group = key
    row = StandingDecision(
        run_id=run.id,
        change_id=change_id,
        day=outlook.day,
        member_id=member_id,
        pension_group=group,
        resident_key=resident_keys[member_id],
        decided_at=now,
    )
    known = after or before
    if known is not None:
        row.area_code, row.district_code = known.area_code, known.district_code
    elif earlier is not None:
        row.area_code, row.district_code = earlier.area_code, earlier.district_code
    if after is not None:
        row.action, row.reason, row.missing = after.action, after.reason, after.missing
        row.from_scheme, row.from_paise = after.from_scheme, after.from_paise
        row.to_scheme, row.to_paise = after.to_scheme, after.to_paise
        row.effect, row.effective_on = after.effect(law, outlook.day)
    if earlier is not None:
        row.was_action, row.was_reason, row.was_missing = (
            earlier.was_action,
            earlier.was_reason,
            earlier.was_missing,
        )
        row.was_scheme, row.was_paise = earlier.was_scheme, earlier.was_paise
    elif before is not None:
        row.was_action, row.was_reason, row.was_missing = before.action, before.reason, before.missing
        row.was_scheme, row.was_paise = before.pays
    pays = after.pays if after is not None else (None, None)
    was = (row.was_action, row.was_scheme, row.was_paise, row.was_reason, row.was_missing)
    row.changed = (row.action, *pays, row.reason, row.missing) != was
    return row


def _decide(kin: Kin, lawbook: LawBook, day: date) -> tuple[Decisions, Decisions]:
    """Decide the people of `kin` as the month does: the same facts, rules, holdings and difference; without and with the news."""
    duck, law = kin.duck, lawbook.on(day)
    kin.believe()
    duck.execute(
        f"INSERT INTO award_change SELECT member_id - {WITHOUT_NEWS}, * EXCLUDE (member_id) FROM award_change_before"
    )
    hold(duck, lawbook, day)
    duck.execute(f"CREATE OR REPLACE VIEW again AS SELECT member_id, DATE '{day}' AS day FROM asked")
    determine(duck, [law], "again", "again")
    query = statement("haqdar.cases", "standing").format(
        name="again",
        difference=difference_sql("again"),
        widow=", ".join(f"'{code}'" for code in widow_schemes(law)) or "''",
        news=months_later(day, -NEWS_MONTHS),
        missing=missing_name_sql(law, "d.missing_rank"),
    )
    found = [Decision(*row) for row in duck.execute(query).fetchall()]
    before = [replace(one, member_id=one.member_id + WITHOUT_NEWS) for one in found if one.member_id < 0]
    return _by_person(before), _by_person([one for one in found if one.member_id >= 0])


def _by_person(decisions: Sequence[Decision]) -> Decisions:
    return {(one.member_id, one.pension_group): one for one in decisions}


def _read_changes(
    duck: duckdb.DuckDBPyConnection, pg: Postgres, members: Sequence[int], day: date, merges: merged.InNews
) -> None:
    """Create ``award_change`` and ``award_change_before``: what these members hold by months before `day`, with and without the news."""
    for name, read in (("award_change", merges.known), ("award_change_before", merges.unknown)):
        held = read(pg, members, day)
        table = pa.Table.from_pylist([dict(zip(_HELD.names, row, strict=True)) for row in held], schema=_HELD)
        duck.register("incoming", table)
        duck.execute(f"CREATE OR REPLACE TABLE {name} AS FROM incoming")
        duck.unregister("incoming")


_HELD = pa.schema(
    [("member_id", pa.int32()), ("pension_group", pa.int32()), ("scheme", pa.string()), ("paise", pa.int64())]
)


def _outcome(decisions: Decisions, key: tuple[int, int]) -> tuple[object, ...] | None:
    return decisions[key].outcome if key in decisions else None


def _keys_of(members: list[int]) -> dict[int, UUID]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT member_id, key FROM registry_resident WHERE member_id = ANY(%s)", [members])
        return dict(cursor.fetchall())


def _raw() -> Postgres:
    connection.ensure_connection()
    return cast(Postgres, connection.connection)


def _duck() -> duckdb.DuckDBPyConnection:
    """A small in-memory engine of this thread."""
    if not hasattr(_LOCAL, "duck"):
        _LOCAL.duck = connect_duck(threads=1, memory_limit="512MB")
    duck: duckdb.DuckDBPyConnection = _LOCAL.duck
    return duck


__all__ = [
    "Decision",
    "LastRun",
    "Outlook",
    "effect_of",
    "last_run",
    "next_day",
    "outlook",
    "react",
    "unanswered",
]
