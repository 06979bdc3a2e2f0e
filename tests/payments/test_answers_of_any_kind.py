"""Answers as banks give them: whole files refused, ids of the Reserve Bank, packed files, the folder; in any order the same in the end."""

import gzip
import itertools
import os
import re
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.payments.answers import BANK, dispositions, gone_out, posted_kinds, response, returns_file
from tests.payments.examples import OCTOBER
from tests.payments.paying import CHECKER, MAKER, a_passed_month
from tests.payments.test_posting import fetched
from tests.payments.test_readers import answers, detail, entries, entry, report, status

from haqdar.access.actors import platform
from haqdar.jobs.money_calendar import make_due_files
from haqdar.payments import entries as ledger
from haqdar.payments.models import PaymentFile, ResponseFile, Return
from haqdar.payments.rails import files, keeping
from haqdar.payments.responses import folder
from haqdar.payments.responses.reading import DamagedArchive, read_response

pytestmark = pytest.mark.django_db
IN_TIME = date(2016, 9, 27)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HAQDAR_HOME = tmp_path
    return tmp_path


def gone_by(profile: str) -> tuple[PaymentFile, str]:
    """A month of three credits that went out by a profile; the file and its text."""
    a_passed_month()
    with time_machine.travel(IN_TIME, tick=False):
        (file,) = files.make(MAKER, OCTOBER, profile)
        files.release(CHECKER, file.key)
        files.send(CHECKER, file.key)
        return file, files.content(CHECKER, file).decode()


def ids(text: str, tag: str) -> list[str]:
    return re.findall(f"<{tag}>([^<]+)</{tag}>", text)


def refusal(message: str, reason: str = "FF01", inside: str = "") -> bytes:
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId>'
        f"<CreDtTm>2016-10-01T09:00:00</CreDtTm></GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>"
        f"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>{inside}"
        "</CstmrPmtStsRpt></Document>"
    ).encode()


def test_a_file_that_the_bank_refuses_whole_brings_every_credit_back() -> None:
    _, text = gone_by("iso-pain001")
    (message,) = ids(text, "MsgId")
    # a file that came twice was taken the first time; one that is not ours is nobody's
    for reason, named in (
        ("DU01", message),
        ("FF01", "SOMEBODY ELSE"),
        ("FF01", "HAQISO20161000009920161001"),
    ):
        read = read_response(BANK, refusal(named, reason), "status.xml")
        assert dispositions(read) == [(1, "unreadable", "unreadable", "whole_file")]
    assert posted_kinds() == []
    one = ids(text, "EndToEndId")[0]
    block = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>{status(one, 'RJCT', 'AC01')}</OrgnlPmtInfAndSts>"
    read = read_response(BANK, refusal(message, "FF01", block), "status.xml")
    assert [row[1:3] for row in dispositions(read)] == [
        ("returned", "applied"),
        ("unreadable", "unreadable"),
        ("returned", "repeated"),
        ("returned", "applied"),
        ("returned", "applied"),
    ]
    assert posted_kinds() == [("returned", 3, 107500)]
    # what is known of one credit counts more than what is said of all; the others go out again by themselves
    assert sorted(Return.objects.values_list("reason_code", "action", "state")) == [
        ("AC01", "correct", "waiting"),
        ("FILE", "retry", "ready"),
        ("FILE", "retry", "ready"),
    ]
    assert posted_kinds() == [("returned", 3, 107500)]


def test_what_is_not_final_moves_nothing() -> None:
    one, two, three = gone_out(3)
    part = "<PmtInfSts>PART</PmtInfSts>" + status(one, "ACCP") + status(two, "ACSP") + status(three, "PART")
    read = read_response(BANK, report(part), "status.xml")
    assert [row[1:3] for row in dispositions(read)] == [
        ("pending", "applied"), ("pending", "applied"), ("unreadable", "unreadable"),
    ]  # fmt: skip
    assert posted_kinds() == []
    final = read_response(BANK, report(status(one, "ACSC") + status(two, "RJCT", "AC01")), "later.xml")
    assert (final.applied, posted_kinds()) == (2, [("credited", 1, 30000), ("returned", 1, 30000)])


def test_a_booking_of_a_whole_batch_says_nothing_of_its_credits() -> None:
    one, two = gone_out(2)
    batch = "<Btch><NbOfTxs>2</NbOfTxs></Btch>"
    data = entries("054", entry("DBIT", batch) + entry("DBIT", batch + detail(one) + detail(two)))
    read = read_response(BANK, data, "camt.xml")
    assert [row[2:] for row in dispositions(read)] == [
        ("unreadable", "batch"),
        ("applied", ""),
        ("applied", ""),
    ]
    assert posted_kinds() == [("credited", 2, 60000)]


def test_the_reserve_banks_answer_is_known_by_either_id() -> None:
    _, text = gone_by("rbi-ekuber")
    ours, theirs = ids(text, "InstrId"), ids(text, "EndToEndId")
    assert len(ours) == len(theirs) == 3 and theirs[0].startswith("EPDEMO")
    both = status(theirs[0], "ACSC").replace("<TxSts>", f"<OrgnlInstrId>{ours[0]}</OrgnlInstrId><TxSts>")
    place = status(theirs[1], "RJCT", "AC04", "500.00")
    wrong_place, wrong_state = (
        status(theirs[2][:-6] + "000009", "ACSC"),
        status(theirs[2].replace("DEMO", "ABCD"), "ACSC"),
    )
    read = read_response(BANK, report(both + place + wrong_place + wrong_state), "status.xml")
    assert [row[2] for row in dispositions(read)] == ["applied", "applied", "unknown", "unknown"]
    assert posted_kinds() == [("credited", 1, 30000), ("returned", 1, 50000)]
    third = f'<TxDtls><Refs><InstrId>{ours[2]}</InstrId><EndToEndId>{theirs[2]}</EndToEndId></Refs><Amt Ccy="INR">275</Amt></TxDtls>'
    read = read_response(BANK, entries("054", entry("DBIT", third)), "camt.xml")
    assert [row[2] for row in dispositions(read)] == ["applied"]
    assert fetched("SELECT reference FROM payments_response_line WHERE outcome = 'returned'") == [
        (theirs[1],)
    ]


def test_a_packed_file_is_the_same_file() -> None:
    (one,) = gone_out(1)
    data = response([(one, 30000, "1", "00")])
    read = read_response(BANK, gzip.compress(data), "ACH-RES.txt.gz")
    assert (read.profile, read.applied) == ("nach-response", 1)
    assert read_response(BANK, data, "ACH-RES.txt").pk == read.pk
    for cut in (gzip.compress(data)[:-9], gzip.compress(data)[:30], b"\x1f\x8b" + data):
        with pytest.raises(DamagedArchive):
            read_response(BANK, cut, "cut.gz")
    assert ResponseFile.objects.count() == 1


def test_the_folder_of_answers_is_read_and_cleared(home: Path) -> None:
    one, two = gone_out(2)
    inbox = folder.folder()

    def laid(name: str, content: bytes, age: int = 120) -> Path:
        path = inbox / name
        path.write_bytes(content)
        os.utime(path, (time.time() - age,) * 2)
        return path

    laid("a.txt.gz", gzip.compress(response([(one, 30000, "1", "00")])))
    laid("letter.txt", b"Dear sir,\nwe regret\n")
    growing = laid("growing.txt", response([(two, 30000, "1", "00")]), age=5)
    unfinished = laid("b.txt.part", b"12")
    (inbox / "link.txt").symlink_to("/etc/hostname")
    taken = list(folder.read_folder(platform("bank")))
    assert [(one.name, one.read is not None) for one in taken] == [("a.txt.gz", True), ("letter.txt", False)]
    assert growing.exists() and unfinished.exists() and posted_kinds() == [("credited", 1, 30000)]
    assert [path.name for path in folder.folder("done").iterdir()] == ["a.txt.gz"]
    assert "letter.txt" in (folder.folder("refused") / "letter.txt.txt").read_text()
    # stopped between reading and moving: read again, moved beside the first
    laid("a.txt.gz", gzip.compress(response([(one, 30000, "1", "00")])))
    os.utime(growing, (time.time() - 120,) * 2)
    assert [one.name for one in folder.read_folder(platform("bank"))] == ["a.txt.gz", "growing.txt"]
    assert posted_kinds() == [("credited", 2, 60000)]
    assert sorted(path.name for path in folder.folder("done").iterdir()) == [
        "2-a.txt.gz",
        "a.txt.gz",
        "growing.txt",
    ]
    for path in folder.folder("done").iterdir():
        os.utime(path, (time.time() - folder.KEPT_SECONDS - 9,) * 2)
    assert list(folder.read_folder(platform("bank"))) == [] and not list(folder.folder("done").iterdir())


def test_the_calendar_makes_the_files_and_the_worker_hands_over_what_a_person_released() -> None:
    a_passed_month()
    calendar = platform("calendar")
    assert make_due_files(calendar, date(2016, 9, 26)) == []
    with time_machine.travel(IN_TIME, tick=False):
        (file,) = make_due_files(calendar, IN_TIME)
        assert make_due_files(calendar, IN_TIME) == []
        assert (file.made_by, file.state, file.items) == ("calendar", "made", 3)
        assert files.send_released(platform("bank")) == [] and not list(keeping.outgoing().iterdir())
        files.release(CHECKER, file.key)
        assert [one.pk for one in files.send_released(platform("bank"))] == [file.pk]
        assert files.send_released(platform("bank")) == []
        assert len(list(keeping.outgoing().iterdir())) == 2


def test_a_file_that_cannot_go_keeps_no_other_back() -> None:
    a_passed_month()
    (first,) = files.make(MAKER, OCTOBER)
    files.release(CHECKER, first.key)
    keeping.keep(OCTOBER, first.name, b"another content")
    second = PaymentFile.objects.get(pk=first.pk)
    with pytest.raises(files.FileDamaged):
        files.send_released(platform("bank"))
    keeping.forget(OCTOBER, first.name)
    assert [one.pk for one in files.send_released(platform("bank"))] == [second.pk]


STORIES = {
    "credited": [("01102016", "1", "00")],
    "pending, then credited": [("01102016", "2", "  "), ("03102016", "1", "00")],
    "returned": [("01102016", "0", "01")],
    "credited, then given back": [("01102016", "1", "00"), ("05102016", "0", "54")],
    "failed in passing": [("02102016", "2", "  "), ("02102016", "0", "59")],
    "not answered": [],
}
"""What a bank may truly have to say of one credit, in the order of its days."""


class _Undo(Exception):
    pass


def test_answers_in_any_order_split_or_doubled_come_to_the_same_end() -> None:
    """Whatever files the same answers come in: the ledger's balances, the returns and their state are those of the plain order."""
    references = dict(zip(STORIES, gone_out(len(STORIES)), strict=True))
    said = [(references[name], *one) for name, story in STORIES.items() for one in story]

    def end(parts: list[list[tuple[str, str, str, str]]]) -> Any:
        found: Any = None
        try:
            with transaction.atomic():
                for number, part in enumerate(parts):
                    # a file has one day; lines of several days are several files
                    for day in dict.fromkeys(line[1] for line in part):
                        lines = [(ref, 30000, flag, reason) for ref, on, flag, reason in part if on == day]
                        write = returns_file if number % 2 else response
                        read_response(BANK, write(lines, day=day) + b"\n" * number, f"{number}-{day}.txt")
                found = (
                    [
                        {account: paise for account, paise in ledger.balances(member).items() if paise}
                        for member in range(1, len(STORIES) + 1)
                    ],
                    list(
                        Return.objects.order_by("member_id").values_list(
                            "member_id", "reason_code", "action", "state"
                        )
                    ),
                )
                raise _Undo
        except _Undo:
            return found

    plain = end([[line] for line in sorted(said, key=lambda line: line[1][2:] + line[1][:2])])
    assert [balance.get("in_transit", 0) for balance in plain[0]] == [0, 0, 0, 0, 0, -30000]
    assert [row[1] for row in plain[1]] == ["01", "54", "59"]

    @settings(max_examples=4, deadline=None, database=None, phases=[Phase.generate])
    @given(st.data())
    def any_order(data: Any) -> None:
        mixed = data.draw(st.permutations(said + data.draw(st.lists(st.sampled_from(said), max_size=3))))
        cuts = sorted(data.draw(st.lists(st.integers(0, len(mixed)), max_size=2)))
        ends = [0, *cuts, len(mixed)]
        parts = [list(mixed[a:b]) for a, b in itertools.pairwise(ends) if a < b]
        assert end(parts) == plain

    any_order()


def test_a_whole_files_refusal_is_read_after_its_credits() -> None:
    found = answers(refusal("HAQISO1", "FF01"), "pain.002")
    assert [(one.reference, one.reason_code, one.problem) for one in found] == [
        ("HAQISO1", "FF01", "whole_file")
    ]
