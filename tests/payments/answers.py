"""A month that went out and a bank that answers it, for the tests of answers and returns."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone
from tests.payments.bodies import PLACES, a_district
from tests.payments.examples import OCTOBER, payee, relations
from tests.payments.test_posting import fetched, posted

from haqdar.access.actors import platform
from haqdar.base.month import Month
from haqdar.payments import entries
from haqdar.payments.closing import close_month
from haqdar.payments.models import Instruction, PaymentFile
from haqdar.registry.models import ResidentBelief
from haqdar.registry.sealing import ACCOUNT, account_text, sealer

BANK = platform("bank")


def gone_out(
    people: int = 3, month: Month = OCTOBER, *, state: str = "sent", paise: int = 30000
) -> list[str]:
    """Post, close and send a month of `people` widows; returns the references in the order of their numbers."""
    members = range(1, people + 1)
    duck = relations(
        settled=[(member, 1, "IGNWPS", paise) for member in members], payee=[payee(m) for m in members]
    )
    posted(duck, month)
    close_month(BANK, month)
    return sent(month, state=state)


def sent(month: Month = OCTOBER, *, state: str = "sent", name: str = "") -> list[str]:
    """Put every instruction of the month that is in no file into one, in `state`."""
    waiting = Instruction.objects.filter(run__month=month.first_day, state="written", files=None).order_by(
        "member_id", "id"
    )
    file = PaymentFile.objects.create(
        profile="nach-credit",
        profile_from=date(2016, 1, 1),
        month=month.first_day,
        sequence=PaymentFile.objects.count() + 1,
        name=name or f"file {PaymentFile.objects.count() + 1}",
        settlement_on=month.first_day,
        items=len(waiting),
        paise=sum(one.paise for one in waiting),
        sha256="",
        size=0,
        made_at=timezone.now(),
        made_by="maker",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise, alive)"
            " SELECT %s, id, row_number() OVER (ORDER BY member_id, id), paise, true FROM payments_instruction WHERE id = ANY(%s)",
            [file.pk, [one.pk for one in waiting]],
        )
        if state != "made":
            PaymentFile.objects.filter(pk=file.pk).update(state="released", released_by="checker")
            entries.post_instructed(cursor, file.pk)
        if state == "sent":
            PaymentFile.objects.filter(pk=file.pk).update(state="sent")
    return [one.reference for one in waiting]


def response(lines: Iterable[Sequence[Any]], day: str = "01102016", *, items: int | None = None) -> bytes:
    """A response of 306 characters; each line is (reference, paise, flag, reason) and, if wanted, the holder's name."""
    details = [
        placed(
            306,
            (1, "23"),
            (32, name[0] if name else "SUNITA BAI"),
            (121, f"{paise:013d}"),
            (154, flag),
            (155, reason),
            (232, reference),
        )
        for reference, paise, flag, reason, *name in lines
    ]
    total = sum(int(line[120:133]) for line in details)
    count = len(details) if items is None else items
    header = placed(306, (1, "12"), (113, f"{total:013d}"), (126, day), (239, f"{count:09d}"))
    return "".join(line + "\n" for line in [header, *details]).encode()


def returns_file(lines: Iterable[Sequence[Any]], day: str = "02102016", *, width: int = 306) -> bytes:
    """A return of 306 characters or more; each line is (reference, paise, flag, reason) and, if wanted, the holder's name."""
    details = [
        placed(
            width,
            (1, "77"),
            (32, name[0] if name else "SUNITA BAI"),
            (121, f"{paise:013d}"),
            (236, reference),
            (304, flag),
            (305, reason),
        )
        for reference, paise, flag, reason, *name in lines
    ]
    header = placed(306, (1, "33"), (104, f"{len(details):09d}"), (126, day))
    return "".join(line + "\r\n" for line in [header, *details]).encode()


def placed(width: int, *fields: tuple[int, str]) -> str:
    """A record of blanks with texts at their first characters, counted from 1."""
    line = [" "] * width
    for first, text in fields:
        line[first - 1 : first - 1 + len(text)] = text
    return "".join(line)


def dispositions(file: Any) -> list[tuple[Any, ...]]:
    return fetched(
        "SELECT line_no, outcome, disposition, problem FROM payments_response_line WHERE file_id = %s ORDER BY line_no",
        file.pk,
    )


def posted_kinds() -> list[tuple[Any, ...]]:
    return fetched(
        "SELECT kind, count(*)::int, sum(paise)::bigint FROM payments_entry WHERE kind NOT IN ('due', 'instructed') GROUP BY 1 ORDER BY 1"
    )


# -- people with accounts in the register ----------------------------------------------------------------------------


def account(number: str) -> bytes:
    """A sealed account number as the month's run has it: two bytes of key version in front."""
    sealed, version = sealer().seal_one(ACCOUNT, number)
    return version.to_bytes(2, "big") + sealed


def believe(member_id: int, number: str, **changes: Any) -> None:
    """The register has another account (or name, or mobile) for a person from now on."""
    values = ResidentBelief.objects.filter(member_id=member_id).order_by("-belief_no").values().first()
    assert values is not None
    sealed, version = sealer().seal_one(ACCOUNT, number)
    values |= {
        "belief_no": values["belief_no"] + 1,
        "ifsc": "SBIN0001234",
        "account_sealed": sealed,
        "account_hash": sealer().keyed_hash(ACCOUNT, account_text("SBIN0001234", number)),
        "account_last4": number[-4:],
        "key_version": version,
        "known_from": date(2016, 9, 1),
        **changes,
    }
    values.pop("pk", None)
    ResidentBelief.objects.create(**values)


def a_month_of_people(people: int = 6, month: Month = OCTOBER) -> list[str]:
    """A district whose `people` all hold the widows' pension on accounts of their own; the month is closed and sent."""
    a_district()
    for member in range(1, people + 1):
        believe(member, f"30{member:09d}", mobile=f"98260{member:05d}")
    return another_month(people, month)


def another_month(people: int = 6, month: Month = OCTOBER) -> list[str]:
    """The same people once more, with the accounts that the register has at first."""
    members = range(1, people + 1)
    before = [OCTOBER.plus(number) for number in range(12) if OCTOBER.plus(number) < month]
    duck = relations(
        settled=[(member, 1, "IGNWPS", 30000) for member in members],
        redetermined=[(one.first_day, member, 1, "IGNWPS", 30000) for one in before for member in members],
        payee=[payee(m, area_code=PLACES[m], account_sealed=account(f"30{m:09d}")) for m in members],
    )
    posted(duck, month)
    close_month(BANK, month)
    return sent(month)
