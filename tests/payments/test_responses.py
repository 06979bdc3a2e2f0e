"""Files of answers: every line gets a disposition, what is new reaches the ledger once, nothing stops a file."""

from datetime import date

import pytest
from tests.payments.answers import BANK, dispositions, gone_out, posted_kinds, response, returns_file
from tests.payments.test_posting import fetched

from haqdar.access.actors import ANONYMOUS, NotLoggedIn
from haqdar.payments.models import ResponseFile, Return
from haqdar.payments.responses.profiles import UnknownResponse
from haqdar.payments.responses.reading import EmptyResponse, read_response

pytestmark = pytest.mark.django_db


def test_credited_and_returned_reach_the_ledger_once() -> None:
    one, two, three = gone_out(3)
    data = response([(one, 30000, "1", "00"), (two, 30000, "0", "01"), (three, 30000, "2", "  ")])
    read = read_response(BANK, data, "/tmp/ACH-CR-DEMO-RES.txt")
    assert (read.profile, read.name, read.lines, read.applied, read.repeated, read.set_aside) == (
        "nach-response",
        "ACH-CR-DEMO-RES.txt",
        3,
        3,
        0,
        0,
    )
    assert posted_kinds() == [("credited", 1, 30000), ("returned", 1, 30000)]
    assert read_response(BANK, data, "again.txt").pk == read.pk
    # other bytes that say the same, and something new
    more = response([(one, 30000, "1", "00"), (two, 30000, "0", "01"), (three, 30000, "1", "00")])
    again = read_response(BANK, more, "later.txt")
    assert (again.applied, again.repeated, again.set_aside) == (1, 2, 0)
    assert posted_kinds() == [("credited", 2, 60000), ("returned", 1, 30000)]
    assert ResponseFile.objects.count() == 2


def test_a_line_that_says_nothing_certain_is_set_aside_with_its_reason() -> None:
    one, two, three, four = gone_out(4)
    lines = response(
        [
            (one, 30000, "1", "00"),
            (one, 30000, "1", "00"),
            (two, 29999, "1", "00"),
            ("X" * 30, 30000, "1", "00"),
            (three, 30000, "1", "02"),
            (four, 30000, "7", "00"),
        ]
    ).splitlines(keepends=True)
    damaged = [
        *lines,
        b"23 torn\n",
        b"\xff\x00\xfe" + lines[1][3:],
        lines[1].replace(b"0000000030000", b"000000003O000"),
    ]
    read = read_response(BANK, b"".join(damaged), "x.txt")
    assert dispositions(read) == [
        (1, "unreadable", "unreadable", "header_totals"),
        (2, "credited", "applied", ""),
        (3, "credited", "repeated", ""),
        (4, "credited", "amount", ""),
        (5, "credited", "unknown", ""),
        (6, "unreadable", "unreadable", "flag_and_reason"),
        (7, "unreadable", "unreadable", "bad_flag"),
        (8, "unreadable", "unreadable", "short_line"),
        (9, "unreadable", "unreadable", "unknown_record"),
        (10, "unreadable", "unreadable", "bad_amount"),
    ]
    assert posted_kinds() == [("credited", 1, 30000)]


def test_a_return_may_come_before_or_after_the_credit_and_a_credit_after_the_return_is_set_aside() -> None:
    early, late, strange = gone_out(3)
    credited = response([(early, 30000, "1", "00"), (late, 30000, "1", "00")], day="01102016")
    back = returns_file(
        [(early, 30000, "0", "54"), (late, 30000, "0", "60"), (strange, 30000, "0", "01")],
        day="05102016",
        width=314,
    )
    read_response(BANK, response([(early, 30000, "1", "00")]), "a.txt")
    returned = read_response(BANK, back, "APB-RTN.txt")
    assert (returned.profile, returned.applied) == ("nach-return", 3)
    # `late` was credited on the 1st and returned on the 5th, whichever file is read first
    assert dispositions(read_response(BANK, credited, "b.txt")) == [
        (2, "credited", "repeated", ""),
        (3, "credited", "repeated", "overtaken"),
    ]
    assert dispositions(
        read_response(BANK, response([(strange, 30000, "1", "00")], day="07102016"), "c.txt")
    ) == [(2, "credited", "contradiction", "")]
    assert posted_kinds() == [("credited", 1, 30000), ("returned", 2, 60000), ("returned_late", 1, 30000)]
    assert list(
        Return.objects.order_by("member_id").values_list(
            "reason_code", "action", "state", "attempt", "returned_on"
        )
    ) == [
        ("54", "beneficiary", "waiting", 1, date(2016, 10, 5)),
        ("60", "death", "held", 1, date(2016, 10, 5)),
        ("01", "correct", "waiting", 1, date(2016, 10, 5)),
    ]


def test_what_was_never_sent_cannot_be_answered() -> None:
    (one,) = gone_out(1, state="made")
    read = read_response(BANK, response([(one, 30000, "1", "00")]), "a.txt")
    assert dispositions(read) == [(2, "credited", "not_sent", "")]
    assert posted_kinds() == []


def test_a_file_that_is_no_answer_is_refused_whole() -> None:
    with pytest.raises(UnknownResponse, match=r"letter\.txt"):
        read_response(BANK, b"Dear sir,\nwe regret\n", "letter.txt")
    with pytest.raises(EmptyResponse):
        read_response(BANK, b" \n", "empty.txt")
    with pytest.raises(NotLoggedIn):
        read_response(ANONYMOUS, b"x", "a.txt")
    assert fetched("SELECT count(*) FROM payments_response_file") == [(0,)]
