"""The certain signals of a month's work list, through real months: one Aadhaar number, one account, one person, the dead.

What the product lists is held against the second, naive reading of the contract.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from tests.cases.village import CEO, FILES, VERIFIER, on
from tests.oracle.load import Register
from tests.oracle.month import Month
from tests.web.pairs import pair_of

from haqdar.base.refusal import Refusal
from haqdar.cases import adjudication
from haqdar.cases.models import Case
from haqdar.identity import pairs
from haqdar.identity.models import Judgement, Pair
from haqdar.jobs.month import run_month
from haqdar.registry.actions import load_folder
from haqdar.registry.models import PayeeBelief

TWIN_A, TWIN_B, MOTHER, WARD, STRANGER, HE, SHE, ONE, AGAIN, THIRD, DEAD = range(100000001, 100000012)
NUMBER = "999900000016"
DAY = date(2016, 9, 20)


def _resident(member: int, aadhaar: str = "", account: str = "") -> str:
    account = account or f"77{member}"
    return f"{member},10000001,Name {member},F,1945-01-01,,widowed,2010-01-01,false,false,,{aadhaar},HQDA0000001,{account},2015-01-01"


RESIDENTS = [
    "member_id,family_id,name_en,sex,born_on,spouse_id,marital_status,marital_since,destitute,income_tax_payer,mobile,aadhaar,"
    "ifsc,account_no,recorded_on",
    _resident(TWIN_A, aadhaar=NUMBER, account="5550000"),
    _resident(TWIN_B, aadhaar=NUMBER),
    # a mother who receives for her ward, and a stranger whose number was typed wrongly
    _resident(MOTHER, account="1110000"),
    _resident(WARD, account="1110000"),
    _resident(STRANGER, account="1110000"),
    # a joint account
    _resident(HE, account="2220000"),
    _resident(SHE, account="2220000"),
    # one person twice, found through a third record that is paid nothing
    _resident(ONE),
    _resident(AGAIN),
    _resident(THIRD),
    _resident(DEAD, account="5550000"),
]
PAYEES = [TWIN_A, TWIN_B, MOTHER, WARD, STRANGER, HE, SHE, ONE, AGAIN, DEAD]
REGISTERS = {
    **FILES,
    "residents.csv": "\n".join(RESIDENTS) + "\n",
    "pensioners.csv": "member_id,scheme,since,amount\n" + "".join(f"{m},IGNWPS,2012-04-01,300\n" for m in PAYEES),
    "events.csv": "event_id,member_id,kind,happened_on,reported_on,spouse_id\n"
    f"E1,{DEAD},death,2016-08-20,2016-09-01,\n",
}  # fmt: skip


@pytest.fixture
def home(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    (tmp_path / "files").mkdir()
    for name, text in REGISTERS.items():
        (tmp_path / "files" / name).write_text(text)
    with on(DAY):
        load_folder(tmp_path / "files", DAY, tmp_path)
    return tmp_path


def _receives(receiver: int, member: int, reason: str) -> None:
    from haqdar.sources.models import Delivery

    PayeeBelief.objects.create(
        member_id=member, receiver_id=receiver, relation="mother", reason=reason, from_on="2016-09-01", belief_no=1,
        known_from=DAY, line=0, fingerprint=uuid4(), delivery=Delivery.objects.first(),
    )  # fmt: skip


def _run(home: Path, month: str, day: date) -> list[dict[str, str]]:
    out = home / f"{month}-{day}"
    with on(day):
        run_month(month, out, known_on=day)
    with (out / "worklist.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _duplicates(rows: list[dict[str, str]]) -> dict[int, str]:
    return {int(row["member_id"]): row["reason"] for row in rows if row["action"] == "duplicate"}


def test_each_signal_is_listed_with_its_word_and_what_is_lawful_is_not(home: Path) -> None:
    register = Register()
    register.load(home / "files", DAY)
    known = register.known_on(DAY)
    assert _duplicates(_run(home, "2016-10", DAY)) == {
        TWIN_A: "same_aadhaar", TWIN_B: "same_aadhaar", MOTHER: "same_account", WARD: "same_account",
        STRANGER: "same_account", HE: "same_account", SHE: "same_account", DEAD: "same_account",
    }  # fmt: skip

    _receives(MOTHER, WARD, "cannot_manage")
    _receives(HE, SHE, "joint_account")
    first = pair_of(ONE, THIRD, ("G", "G"))
    second = pair_of(AGAIN, THIRD, ("G", "G"))
    with on(date(2016, 9, 21)):
        for pair in (first, second):
            adjudication.judge(VERIFIER, pair.key, pairs.pair(VERIFIER, pair.key).seen, "same", "papers_seen")
        assert Pair.objects.filter(state="second_opinion").count() == 2
    with on(date(2016, 9, 22)):
        for pair in (first, second):
            adjudication.judge(CEO, pair.key, pairs.pair(CEO, pair.key).seen, "same", "household_asked")

    receivers = {str(WARD): str(MOTHER), str(SHE): str(HE)}
    one_person = [(str(ONE), str(THIRD)), (str(AGAIN), str(THIRD))]
    found = _run(home, "2016-10", date(2016, 9, 22))
    assert found == Month(known, date(2016, 10, 1), receivers, one_person).worklist()
    assert _duplicates(found) == {
        TWIN_A: "same_aadhaar", TWIN_B: "same_aadhaar", MOTHER: "same_account", STRANGER: "same_account",
        ONE: "match", AGAIN: "match", DEAD: "same_account",
    }  # fmt: skip
    # the dead who is paid is a signal of its own, and stops
    assert [(row["action"], row["reason"]) for row in found if int(row["member_id"]) == DEAD] == [
        ("duplicate", "same_account"),
        ("stop", "died"),
    ]
    assert Case.objects.filter(kind="duplicate", reason="match", member_id__in=(ONE, AGAIN)).count() == 2
    # what was not yet judged by two people on a day is not known on that day
    before = _run(home, "2016-10", date(2016, 9, 21))
    assert before == Month(known, date(2016, 10, 1), receivers, []).worklist()

    with on(date(2016, 9, 23)):
        adjudication.take_back(CEO, first.key, "another Sita")
    assert ONE not in _duplicates(_run(home, "2016-10", date(2016, 9, 23)))


def test_of_two_officers_at_once_one_decides_and_the_other_is_told(home: Path) -> None:
    pair = pair_of(TWIN_A, THIRD, ("G", "G"))
    seen = pairs.pair(VERIFIER, pair.key).seen

    def give(actor_and_verdict: Any) -> str:
        actor, verdict, reason = actor_and_verdict
        try:
            return adjudication.judge(actor, pair.key, seen, verdict, reason).state
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(give, [(VERIFIER, "same", "papers_seen"), (CEO, "different", "both_met")]))
    assert sorted(ended)[0] == "already_judged" and set(ended) & {"second_opinion", "different"}
    assert Judgement.objects.filter(pair=pair).count() == 1
