"""Computes a month by the letter of formats.md and domain.md section 4: loops, dictionaries, every day evaluated.

Points where the text leaves a choice, and what is chosen here (M = month):

M1  Same-day marriage events and same-day migrations follow event_id, compared as text.
M2  Several death events on the earliest day: the one with the lowest event_id gives the date of report.
M3  A death counts for others (spouse, child) also when the dead person's own row is not yet known at K.
M4  Residents count only once their row is known; a family not yet known gives an empty area_code.
M5  A person born after the day is not alive; where a stop of such a person has no criterion that fails by
    itself, the reason is `age`.
M6  "A dead woman": died before the day. A spouse not yet born is neither living nor dead.
M7  `undecided` names the first missing fact among those on which an undetermined criterion of a scheme that
    matters rests (the couple's age is not undetermined if one of them is known to be 60). "Payee before
    husband": all facts of the payee come before those of the husband. Alternative: fact by fact.
M8  A held undecided scheme that ties with the best known one is kept, too, without a row; held undecided schemes
    get no `continue` and no `revise` row.
M9  `continue` (only with --all) fills to_scheme and to_amount with what is right; its reason is empty.
M10 `status_lost`: the held scheme's criteria are known to fail, even if the new scheme pays more.
M11 A held scheme tied with the best is "the best" for continue and revise.
M12 An empty amount counts as right on every day of the forecast (no `revise` of such a pension).
M13 `husband_died` wants the recorded spouse's death to have happened by D.
M14 Stop and undecided rows may stand beside each other in one group.
M15 `duplicate`: one row per pension held on D by payees who share; Aadhaar before account if both; one account is
    one pair of ifsc and account_no; the from_ fields show the pension. Payees are holders on D, starts are none.
M16 KANYA's criteria for reasons: sex (T), age of the couple, marital_status (woman never_married or divorced,
    man not widowed), family (man without a dead recorded wife; children), income_tax. The couple of someone who
    is no payee by status is that person alone.
M17 Dues: a pension of empty amount pays the law's amount on D. "Pays less" compares with what is held. Where the
    law has no amount for a scheme that goes on (failed or unknown age in IGNOAPS), the member is `unsure`.
M18 In forecast and work list a day's `undecided` row changes nothing that is held.
M19 Who receives for whom, and who was judged to be one person, comes from people and not from files: `receivers` (member to
    receiver, in force on D) and `one_person` (pairs). A member whose receiver has the same account is no payee of it; the
    receiver is. `match` comes last, and holds through a third person.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from .load import GROUP_OF, Known, Row, parse_date

Tri = bool | None

ORDER = list(GROUP_OF)
GROUPS = ["1", "2", "3"]
REASONS = [
    "died", "migrated", "sex", "age", "marital_status", "bpl_lost", "disability", "destitute", "family", "income_tax",
]  # fmt: skip
FACTS = ["born_on", "marital_status", "destitute", "income_tax_payer"]
OLD_AGE_BANDS = [(60, 64, 200), (65, 79, 275), (80, 999, 500)]
AMOUNTS = {
    "IGNWPS": 300,
    "IGNDPS": 300,
    "SSP-OLD": 150,
    "SSP-WIDOW": 150,
    "SSP-DESERTED": 150,
    "SSP-PWD": 150,
    "KANYA": 500,
    "MRMD": 500,
}
AGE_LIMITS = {
    "IGNOAPS": (60, 999),
    "IGNWPS": (40, 79),
    "IGNDPS": (18, 79),
    "SSP-OLD": (60, 999),
    "SSP-WIDOW": (18, 39),
    "SSP-DESERTED": (18, 59),
    "SSP-PWD": (6, 18),
}

ENTITLEMENTS = ["member_id", "group", "scheme", "amount"]
WORKLIST = [
    "action", "member_id", "group", "from_scheme", "from_amount", "to_scheme", "to_amount", "reason", "area_code",
]  # fmt: skip
FORECAST = ["eligible_on", "action", "member_id", "group", "from_scheme", "to_scheme", "to_amount"]
DUES = ["member_id", "scheme", "kind", "for_month", "amount"]


def all_of(values: list[Tri]) -> Tri:
    """SQL's AND."""
    if False in values:
        return False
    return None if None in values else True


def any_of(values: list[Tri]) -> Tri:
    """SQL's OR."""
    if True in values:
        return True
    return None if None in values else False


def truth(text: str) -> Tri:
    return {"true": True, "false": False, "": None}[text]


def months_later(day: date, months: int) -> date:
    """The same day so many months later, the last day of a shorter month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class Criterion:
    """One condition of a scheme: what a failure is called, whether it holds, whose facts are missing."""

    reason: str
    holds: Tri
    missing: list[tuple[int, str]] = field(default_factory=list)  # (0 payee or 1 husband, fact)


@dataclass(frozen=True)
class Verdict:
    """One scheme for one person on one day."""

    scheme: str
    holds: Tri
    amount: int | None  # what it pays if it holds
    most: int  # what it might pay
    failing: list[str]
    missing: list[tuple[int, str]]


@dataclass(frozen=True)
class Holding:
    scheme: str
    amount: int | None


@dataclass(frozen=True)
class Action:
    action: str
    from_scheme: str
    from_amount: int | None
    to_scheme: str
    to_amount: int | None
    reason: str


class Facts:
    """The register as known, indexed."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.residents: dict[str, Row] = {key[0]: row for key, row in known.rows["residents"].items()}
        self.area_of_family = {key[0]: row["area_code"] for key, row in known.rows["families"].items()}
        self.cards: dict[str, list[Row]] = {}
        for row in known.rows["bpl"].values():
            self.cards.setdefault(row["family_id"], []).append(row)
        self.certificates: dict[str, list[Row]] = {}
        for row in known.rows["pwd"].values():
            self.certificates.setdefault(row["member_id"], []).append(row)
        self.events: dict[str, list[Row]] = {}
        for row in known.rows["events"].values():
            self.events.setdefault(row["member_id"], []).append(row)
        for rows in self.events.values():
            rows.sort(key=lambda row: (row["happened_on"], row["event_id"]))
        self.children: dict[str, list[str]] = {}
        for member_id, row in self.residents.items():
            for parent_id in {row["mother_id"], row["father_id"]} - {""}:
                self.children.setdefault(parent_id, []).append(member_id)

    def death(self, member_id: str) -> Row | None:
        for event in self.events.get(member_id, []):
            if event["kind"] == "death":
                return event
        return None

    def area_code(self, member_id: str) -> str:
        row = self.residents.get(member_id)
        return self.area_of_family.get(row["family_id"], "") if row else ""


def must_date(text: str) -> date:
    day = parse_date(text)
    assert day is not None, text
    return day


class Day:
    """Everything that can be said of people on one day."""

    def __init__(self, facts: Facts, day: date) -> None:
        self.facts = facts
        self.day = day

    def age(self, row: Row) -> int | None:
        born = parse_date(row["born_on"])
        if born is None:
            return None
        before_birthday = (self.day.month, self.day.day) < (born.month, born.day)
        return self.day.year - born.year - int(before_birthday)

    def dead(self, member_id: str) -> bool:
        death = self.facts.death(member_id)
        return death is not None and must_date(death["happened_on"]) < self.day

    def alive(self, row: Row) -> bool:
        born = parse_date(row["born_on"])
        return (born is None or born <= self.day) and not self.dead(row["member_id"])

    def past_events(self, member_id: str) -> list[Row]:
        return [
            event
            for event in self.facts.events.get(member_id, [])
            if must_date(event["happened_on"]) <= self.day
        ]

    def spouse(self, row: Row) -> str:
        weddings = [
            event
            for event in self.past_events(row["member_id"])
            if event["kind"] in ("marriage", "remarriage")
        ]
        return weddings[-1]["spouse_id"] if weddings else row["spouse_id"]

    def status(self, row: Row) -> str | None:
        spouse_id = self.spouse(row)
        death = self.facts.death(spouse_id) if spouse_id else None
        if death is not None:
            died_on = must_date(death["happened_on"])
            if died_on <= self.day and self.own_status(row, died_on) == "married":
                later = [day for day, _, _, _ in self.status_facts(row, self.day) if day > died_on]
                if not later:
                    return "widowed"
        return self.own_status(row, self.day)

    def status_facts(self, row: Row, day: date) -> list[tuple[date, int, str, str]]:
        """(date, order, event_id, status) of the residents row and the person's own events up to a day."""
        found: list[tuple[date, int, str, str]] = []
        if row["marital_status"]:
            since = parse_date(row["marital_since"]) or date.min
            if since <= day:
                found.append((since, 0, "", row["marital_status"]))
        becomes = {
            "marriage": "married",
            "remarriage": "married",
            "desertion": "deserted",
            "divorce": "divorced",
        }
        for event in self.facts.events.get(row["member_id"], []):
            happened_on = must_date(event["happened_on"])
            if event["kind"] in becomes and happened_on <= day:
                found.append((happened_on, 1, event["event_id"], becomes[event["kind"]]))
        return sorted(found)

    def own_status(self, row: Row, day: date) -> str | None:
        """The status on a day before anyone's death is looked at."""
        found = self.status_facts(row, day)
        if found:
            return found[-1][3]
        if row["marital_status"] == "":
            return None
        return "never_married" if row["marital_status"] in ("never_married", "married") else "married"

    def migrated(self, member_id: str) -> bool:
        moves = [event["kind"] for event in self.past_events(member_id) if "migration" in event["kind"]]
        return bool(moves) and moves[-1] == "migration_out"

    def bpl(self, family_id: str) -> bool:
        for card in self.facts.cards.get(family_id, []):
            valid_to = parse_date(card["valid_to"]) or date.max
            if must_date(card["valid_from"]) <= self.day <= valid_to:
                return True
        return False

    def certificates(self, member_id: str) -> list[Row]:
        return [
            row
            for row in self.facts.certificates.get(member_id, [])
            if must_date(row["issued_on"]) <= self.day <= (parse_date(row["valid_to"]) or date.max)
        ]

    # -- schemes ---------------------------------------------------------------------------------------------

    def general(self, row: Row) -> list[Criterion]:
        born = parse_date(row["born_on"])
        return [
            Criterion("died", not self.dead(row["member_id"])),
            Criterion("migrated", not self.migrated(row["member_id"])),
            Criterion("age", born is None or born <= self.day),
        ]

    def criteria(self, scheme: str, row: Row) -> list[Criterion]:
        found = self.general(row)
        if scheme == "KANYA":
            return found + self.kanya(row)
        valid = self.certificates(row["member_id"])
        if scheme == "MRMD":
            found.append(
                Criterion("disability", any(one["kind"] in ("intellectual", "multiple") for one in valid))
            )
            return found
        lowest, highest = AGE_LIMITS[scheme]
        age = self.age(row)
        if age is None:
            found.append(Criterion("age", None, [(0, "born_on")]))
        else:
            found.append(Criterion("age", lowest <= age <= highest))
        if scheme != "SSP-OLD":
            found.append(Criterion("bpl_lost", self.bpl(row["family_id"])))
        if scheme in ("IGNWPS", "SSP-WIDOW", "SSP-DESERTED"):
            found.append(Criterion("sex", row["sex"] == "F"))
            wanted = "deserted" if scheme == "SSP-DESERTED" else "widowed"
            status = self.status(row)
            if status is None:
                found.append(Criterion("marital_status", None, [(0, "marital_status")]))
            else:
                found.append(Criterion("marital_status", status == wanted))
        if scheme in ("IGNDPS", "SSP-PWD"):
            percent = max([float(one["percent"]) for one in valid], default=0.0)
            found.append(Criterion("disability", percent >= (80 if scheme == "IGNDPS" else 40)))
        if scheme == "SSP-OLD":
            destitute = truth(row["destitute"])
            found.append(Criterion("destitute", destitute, [(0, "destitute")] if destitute is None else []))
        return found

    def kanya(self, row: Row) -> list[Criterion]:
        found: list[Criterion] = []
        status = self.status(row)
        spouse = self.facts.residents.get(self.spouse(row))
        couple = [row]
        unknown_status = [(0, "marital_status")]
        if row["sex"] == "F":
            if status is None:
                found.append(Criterion("marital_status", None, unknown_status))
            else:
                found.append(Criterion("marital_status", status in ("married", "widowed", "deserted")))
            if status in ("married", None) and spouse and spouse["sex"] == "M" and self.alive(spouse):
                couple.append(spouse)
        elif row["sex"] == "M":
            if status is None:
                found.append(Criterion("marital_status", None, unknown_status))
            else:
                found.append(Criterion("marital_status", status == "widowed"))
            dead_wife = spouse is not None and spouse["sex"] == "F" and self.dead(spouse["member_id"])
            found.append(Criterion("family", dead_wife))
        else:
            found.append(Criterion("sex", False))

        old: list[Tri] = []
        untaxed: list[Tri] = []
        no_birth: list[tuple[int, str]] = []
        no_tax: list[tuple[int, str]] = []
        for place, person in enumerate(couple):
            age = self.age(person)
            old.append(None if age is None else age >= 60)
            if age is None:
                no_birth.append((place, "born_on"))
            taxed = truth(person["income_tax_payer"])
            untaxed.append(None if taxed is None else not taxed)
            if taxed is None:
                no_tax.append((place, "income_tax_payer"))
        found.append(Criterion("age", any_of(old), no_birth))
        found.append(Criterion("income_tax", all_of(untaxed), no_tax))

        daughters = sons = 0
        for parent in couple:
            for child_id in self.facts.children.get(parent["member_id"], []):
                child = self.facts.residents[child_id]
                if self.alive(child):
                    daughters += child["sex"] == "F"
                    sons += child["sex"] == "M"
        found.append(Criterion("family", daughters > 0 and sons == 0))
        return found

    def verdict(self, scheme: str, row: Row) -> Verdict:
        criteria = self.criteria(scheme, row)
        failing = [one.reason for one in criteria if one.holds is False]
        missing = [fact for one in criteria if one.holds is None for fact in one.missing]
        amount: int | None
        if scheme == "IGNOAPS":
            amount = old_age_amount(self.age(row))
            most = 500 if self.age(row) is None else amount or 0
        else:
            amount = most = AMOUNTS[scheme]
        return Verdict(scheme, all_of([one.holds for one in criteria]), amount, most, failing, missing)

    def verdicts(self, row: Row, group: str) -> list[Verdict]:
        return [self.verdict(scheme, row) for scheme in ORDER if GROUP_OF[scheme] == group]

    # -- decisions -------------------------------------------------------------------------------------------

    def actions(self, row: Row, group: str, held: Holding | None) -> list[Action]:
        verdicts = self.verdicts(row, group)
        best = best_of(verdicts)
        best_amount = best.amount or 0 if best else 0
        from_scheme = held.scheme if held else ""
        from_amount = held.amount if held else None
        found: list[Action] = []

        def act(action: str, to: Verdict | None, reason: str) -> None:
            found.append(
                Action(
                    action,
                    from_scheme,
                    from_amount,
                    to.scheme if to else "",
                    to.amount if to else None,
                    reason,
                )
            )

        if held is None:
            if best is not None:
                act("start", best, self.start_reason(row, best.scheme))
        else:
            own = next(verdict for verdict in verdicts if verdict.scheme == held.scheme)
            if own.holds is True and own.amount == best_amount:
                if held.amount is None or held.amount == own.amount:
                    act("continue", own, "")
                else:
                    act("revise", own, revise_reason(held))
            elif own.holds is True:
                act("move", best, "better_scheme")
            elif own.holds is False and best is not None:
                act("move", best, "status_lost")
            elif own.holds is False:
                act("stop", None, next(reason for reason in REASONS if reason in own.failing))
            elif best is not None and best_amount > own.most:
                act("move", best, "better_scheme")

        missing: list[tuple[int, str]] = []
        for verdict in verdicts:
            if verdict.holds is None and verdict.most > best_amount:
                missing.extend(verdict.missing)
        if missing:
            first = min(missing, key=lambda one: (one[0], FACTS.index(one[1])))
            act("undecided", None, first[1])
        return found

    def start_reason(self, row: Row, scheme: str) -> str:
        if scheme in ("IGNWPS", "SSP-WIDOW"):
            death = self.facts.death(self.spouse(row))
            year_ago = months_later(self.day, -12)
            happened = death is not None and must_date(death["happened_on"]) <= self.day
            if death is not None and happened and must_date(death["reported_on"]) >= year_ago:
                return "husband_died"
        return "entitled"


def old_age_amount(age: int | None) -> int | None:
    for lowest, highest, amount in OLD_AGE_BANDS:
        if age is not None and lowest <= age <= highest:
            return amount
    return None


def best_of(verdicts: list[Verdict]) -> Verdict | None:
    best: Verdict | None = None
    for verdict in verdicts:
        if verdict.holds is True and (best is None or (verdict.amount or 0) > (best.amount or 0)):
            best = verdict
    return best


def revise_reason(held: Holding) -> str:
    bands = [amount for _, _, amount in OLD_AGE_BANDS] if held.scheme == "IGNOAPS" else []
    return "age_band" if held.amount in bands else "rate_change"


def rupees(amount: int | None) -> str:
    return "" if amount is None else str(amount)


def whole(text: str) -> int | None:
    return None if text == "" else int(Decimal(text))


class Month:
    """One month on one state of knowledge."""

    def __init__(
        self,
        known: Known,
        determined_on: date,
        receivers: dict[str, str] | None = None,
        one_person: list[tuple[str, str]] | None = None,
    ) -> None:
        self.facts = Facts(known)
        self.determined_on = determined_on
        self.receivers = receivers or {}
        self.one_person = one_person or []
        self.held: dict[tuple[str, str], Holding] = {}
        for row in known.rows["pensioners"].values():
            if must_date(row["since"]) <= determined_on:
                key = (row["member_id"], GROUP_OF[row["scheme"]])
                self.held[key] = Holding(row["scheme"], whole(row["amount"]))
        self.today = Day(self.facts, determined_on)
        self.decided: dict[tuple[str, str], list[Action]] = {}
        for member_id, row in sorted(self.facts.residents.items()):
            for group in GROUPS:
                key = (member_id, group)
                self.decided[key] = self.today.actions(row, group, self.held.get(key))

    def entitlements(self) -> list[Row]:
        rows = []
        for member_id, row in sorted(self.facts.residents.items()):
            for group in GROUPS:
                best = best_of(self.today.verdicts(row, group))
                if best is not None:
                    rows.append(
                        {
                            "member_id": member_id,
                            "group": group,
                            "scheme": best.scheme,
                            "amount": rupees(best.amount),
                        }
                    )
        return rows

    def worklist(self, all_rows: bool = False) -> list[Row]:
        rows = []
        for (member_id, group), actions in self.decided.items():
            for action in actions:
                if action.action != "continue" or all_rows:
                    rows.append(self.work_row(member_id, group, action))
        for ghost in self.facts.known.ghosts:
            action = Action("ghost", ghost["scheme"], whole(ghost["amount"]), "", None, "unknown_member")
            rows.append(self.work_row(ghost["member_id"], GROUP_OF[ghost["scheme"]], action))
        rows.extend(self.duplicates())
        rows.sort(key=lambda row: (row["member_id"], row["group"], row["action"], row["from_scheme"]))
        return rows

    def work_row(self, member_id: str, group: str, action: Action) -> Row:
        return {
            "action": action.action,
            "member_id": member_id,
            "group": group,
            "from_scheme": action.from_scheme,
            "from_amount": rupees(action.from_amount),
            "to_scheme": action.to_scheme,
            "to_amount": rupees(action.to_amount),
            "reason": action.reason,
            "area_code": self.facts.area_code(member_id),
        }

    def duplicates(self) -> list[Row]:
        payees = sorted({member_id for member_id, _ in self.held if member_id in self.facts.residents})
        reasons = dict.fromkeys(self.judged_one(payees), "match")
        for reason, columns in (("same_account", ["ifsc", "account_no"]), ("same_aadhaar", ["aadhaar"])):
            sharing: dict[tuple[str, ...], list[str]] = {}
            for member_id in payees:
                row = self.facts.residents[member_id]
                if row[columns[-1]]:
                    sharing.setdefault(tuple(row[name] for name in columns), []).append(member_id)
            for members in sharing.values():
                owners = {one: self.owner(one) if reason == "same_account" else one for one in members}
                if len(set(owners.values())) > 1:
                    reasons.update({one: reason for one, owner in owners.items() if one == owner})
        rows = []
        for (member_id, group), held in self.held.items():
            if member_id in reasons:
                action = Action("duplicate", held.scheme, held.amount, "", None, reasons[member_id])
                rows.append(self.work_row(member_id, group, action))
        return rows

    def owner(self, member_id: str) -> str:
        """Whose account it is that the member has: the receiver's, if the receiver has the same one."""
        receiver = self.receivers.get(member_id, "")
        mine, other = self.facts.residents[member_id], self.facts.residents.get(receiver)
        same = other is not None and all(mine[name] == other[name] for name in ("ifsc", "account_no"))
        return receiver if same else member_id

    def judged_one(self, payees: list[str]) -> list[str]:
        """The payees who are one person with another payee."""
        found = []
        for member_id in payees:
            known, before = {member_id}, set[str]()
            while known != before:
                before = set(known)
                known |= {one for pair in self.one_person if set(pair) & before for one in pair}
            if (known - {member_id}) & set(payees):
                found.append(member_id)
        return found

    def holding_after_today(self, member_id: str, group: str) -> Holding | None:
        held = self.held.get((member_id, group))
        for action in self.decided[(member_id, group)]:
            if action.action in ("start", "move", "revise"):
                return Holding(action.to_scheme, action.to_amount)
            if action.action == "stop":
                return None
        return held

    def window(self) -> Iterator[date]:
        day = self.determined_on + timedelta(days=1)
        while day <= months_later(self.determined_on, 2):
            yield day
            day += timedelta(days=1)

    def forecast(self) -> list[Row]:
        days = [Day(self.facts, day) for day in self.window()]
        rows: list[Row] = []
        for _, row in sorted(self.facts.residents.items()):
            for group in GROUPS:
                first = self.first_change(row, group, days)
                if first is not None:
                    rows.append(first)
        return rows

    def first_change(self, row: Row, group: str, days: list[Day]) -> Row | None:
        held = self.holding_after_today(row["member_id"], group)
        for day in days:
            for action in day.actions(row, group, held):
                if action.action in ("start", "move", "revise", "stop"):
                    return {
                        "eligible_on": day.day.isoformat(),
                        "action": action.action,
                        "member_id": row["member_id"],
                        "group": group,
                        "from_scheme": action.from_scheme,
                        "to_scheme": action.to_scheme,
                        "to_amount": rupees(action.to_amount),
                    }
        return None

    def dues(self, starts_sanctioned: bool) -> tuple[list[Row], set[str]]:
        """Regular dues of the first month run here, and the members for whom the text gives no amount."""
        rows: list[Row] = []
        unsure: set[str] = set()
        for (member_id, group), actions in self.decided.items():
            held = self.held.get((member_id, group))
            due: tuple[str, int | None] | None = None
            if held is not None:
                paid = held.amount
                if paid is None and held.scheme == "IGNOAPS":
                    paid = old_age_amount(self.today.age(self.facts.residents[member_id]))
                elif paid is None:
                    paid = AMOUNTS[held.scheme]
                due = (held.scheme, paid)
            for action in actions:
                to = (action.to_scheme, action.to_amount)
                if action.action == "start" and starts_sanctioned:
                    due = to
                elif action.action in ("move", "revise") and due is not None:
                    if due[1] is None:
                        unsure.add(member_id)
                    elif action.to_amount is not None and action.to_amount >= due[1]:
                        due = to
                elif action.action == "stop" and action.reason in ("died", "migrated"):
                    due = None
            if due is None:
                continue
            if due[1] is None:
                unsure.add(member_id)
                continue
            rows.append(
                {
                    "member_id": member_id,
                    "scheme": due[0],
                    "kind": "regular",
                    "for_month": self.determined_on.isoformat()[:7],
                    "amount": f"{due[1]}.00",
                }
            )
        rows.sort(key=lambda row: (row["member_id"], GROUP_OF[row["scheme"]]))
        return rows, unsure
