"""Reading files of answers line by line: each layout, and whatever can be wrong with a file. No database."""

from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payments.answers import placed, response, returns_file

from haqdar.payments.responses import fixed, iso, statement_lines
from haqdar.payments.responses.answer import Answer, batches
from haqdar.payments.responses.profiles import UnknownResponse, profile_named, profiles, recognised
from haqdar.payments.returned_for import ACTIONS, reason, table

ONE = "201610" + "A1" * 12
TWO = "201610" + "B2" * 12
DAY = date(2016, 10, 1)


def answers(data: bytes, profile: str, day: date = DAY) -> list[Answer]:
    """What the reader of a profile makes of a file."""
    found = profile_named(profile)
    if found.kind == "fixed":
        parts = fixed.read(BytesIO(data), found.on(day))
    else:
        parts = batches((iso if found.kind == "xml" else statement_lines).read(BytesIO(data), found))
    return [Answer(**row) for part in parts for row in part.to_pylist()]


def test_the_kind_of_a_file_is_seen_in_its_content() -> None:
    line = [(ONE, 30000, "1", "00")]
    assert recognised("a", response(line)).name == "nach-response"
    assert recognised("a", returns_file(line)).name == "nach-return"
    assert recognised("a", legacy(156, (154, "1"), (155, "00"))).name == "apbs-legacy-response"
    assert recognised("a", legacy(177, (176, "00"))).name == "apbs-legacy-return"
    assert recognised("a", report("")).name == "pain.002"
    assert recognised("a", entries("054", "")).name == "camt.054"
    assert recognised("a", b"{1:F01X}{4:\r\n:20:X\r\n").name == "mt940"
    with pytest.raises(UnknownResponse):
        recognised("a", b"<html/>")


def legacy(width: int, *fields: tuple[int, str]) -> bytes:
    head = placed(156, (1, "33"), (126, "01102012"))
    return f"{head}\n{placed(width, (1, '77'), (32, 'SUNITA BAI'), (108, ONE[-13:]), (121, '0000000030000'), *fields)}\n".encode()


def test_the_old_layouts_of_156_and_177_characters() -> None:
    (one,) = answers(legacy(156, (154, "0"), (155, "64")), "apbs-legacy-response")
    assert one == Answer(2, ONE[-13:], "returned", "64", 30000, date(2012, 10, 1), "", "SUNITA BAI")
    (one,) = answers(legacy(177, (156, "00000000000123456789"), (176, "00")), "apbs-legacy-return")
    assert (one.outcome, one.paise) == ("credited", 30000)
    assert answers(legacy(177, (176, "98")), "apbs-legacy-return")[0].outcome == "pending"


def test_a_credit_marked_as_pending_is_no_return() -> None:
    found = answers(returns_file([(ONE, 1, "0", "99"), (TWO, 1, "0", "59")]), "nach-return")
    assert [one.outcome for one in found] == ["pending", "returned"]


def report(inside: str, version: str = "001.10") -> bytes:
    return (
        f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.{version}"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>R1</MsgId><CreDtTm>2016-10-03T10:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>F1</OrgnlMsgId></OrgnlGrpInfAndSts>"
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>{inside}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    ).encode()


def status(
    reference: str, said: str, reason_code: str = "", amount: str = "300.00", currency: str = "INR"
) -> str:
    why = f"<StsRsnInf><Rsn><Prtry>{reason_code}</Prtry></Rsn></StsRsnInf>" if reason_code else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId><TxSts>{said}</TxSts>{why}<ClrSysRef>UTR1</ClrSysRef>"
        f'<OrgnlTxRef><Amt><InstdAmt Ccy="{currency}">{amount}</InstdAmt></Amt><Cdtr><Nm>Sunita Bai 12</Nm></Cdtr></OrgnlTxRef>'
        "</TxInfAndSts>"
    )


def test_a_status_report() -> None:
    found = answers(
        report(
            status(ONE, "ACSC")
            + status(TWO, "RJCT", "01")
            + status(ONE, "PDNG")
            + status(ONE, "WHAT")
            + status(ONE, "ACSC", amount="1.234")
            + status(ONE, "ACSC", currency="EUR")
        ),
        "pain.002",
    )
    assert found[0] == Answer(1, ONE, "credited", "", 30000, date(2016, 10, 3), "UTR1", "Sunita Bai")
    assert (found[1].reference, found[1].outcome, found[1].reason_code) == (TWO, "returned", "01")
    assert [one.outcome for one in found[2:]] == ["pending", "unreadable", "unreadable", "unreadable"]
    assert [one.problem for one in found[3:]] == ["bad_flag", "bad_amount", "not_rupees"]
    assert [one.problem for one in answers(report("<PmtInfSts>RJCT</PmtInfSts>"), "pain.002")] == [
        "whole_file"
    ]


def entries(kind: str, inside: str) -> bytes:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{kind}.001.08"><B><Ntfctn>{inside}</Ntfctn></B></Document>'
    ).encode()


def entry(side: str, details: str, state: str = "<Sts><Cd>BOOK</Cd></Sts>") -> str:
    return (
        f'<Ntry><Amt Ccy="INR">600.00</Amt><CdtDbtInd>{side}</CdtDbtInd>{state}<BookgDt><Dt>2016-10-04</Dt></BookgDt>'
        f"<NtryDtls>{details}</NtryDtls></Ntry>"
    )


def detail(reference: str, more: str = "") -> str:
    return f'<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs><Amt Ccy="INR">300</Amt>{more}</TxDtls>'


@pytest.mark.parametrize("kind", ["053", "054"])
def test_entries_of_the_paying_account(kind: str) -> None:
    returned = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
    found = answers(
        entries(
            kind,
            entry("DBIT", detail(ONE) + detail(TWO))
            + entry("CRDT", detail(ONE, returned))
            + entry("DBIT", detail(TWO), "<Sts>PDNG</Sts>")
            + entry("DBIT", ""),
        ),
        f"camt.{kind}",
    )
    assert [(one.reference, one.outcome, one.reason_code, one.paise) for one in found] == [
        (ONE, "credited", "", 30000),
        (TWO, "credited", "", 30000),
        (ONE, "returned", "AC04", 30000),
        (TWO, "pending", "", 30000),
        ("", "credited", "", 60000),
    ]
    assert found[0].value_on == date(2016, 10, 4)


def test_an_xml_file_that_breaks_off_or_carries_a_bomb_is_read_as_far_as_it_goes() -> None:
    whole = report(status(ONE, "ACSC") + status(TWO, "ACSC"))
    broken = answers(whole[: whole.index(TWO.encode())], "pain.002")
    assert [(one.reference, one.problem) for one in broken] == [(ONE, ""), ("", "broken_off")]
    bomb = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    inside = report(status("&f;", "ACSC").replace("Sunita", "&b;"))
    (read,) = answers(inside.replace(b"?>", b"?>" + bomb, 1), "pain.002")
    assert (read.reference, read.account_name) == ("", "")


STATEMENT = f"""{{1:F01DEMOINBB}}{{4:
:20:STMT1
:25:000000000000
:28C:1/1
:60F:C161001INR1000000,00
:61:1610011001D300,00NTRFNONREF//BANK1
:86:MP SSP OCT2016 /EREF/{ONE[:20]}
{ONE[20:]}
:61:161005C300,NRTINONREF
:86:RETURN 01 {ONE}
:61:161005RD300,00NTRFNONREF
:86:{TWO} RTRN/AC04
:61:1610XX
:86:{ONE}
:62F:C161005INR1000000,00
-}}
"""


def test_a_statement() -> None:
    found = answers(STATEMENT.encode(), "mt940")
    assert found == [
        Answer(6, ONE, "credited", "", 30000, date(2016, 10, 1), "BANK1"),
        Answer(9, ONE, "returned", "01", 30000, date(2016, 10, 5)),
        Answer(11, TWO, "returned", "AC04", 30000, date(2016, 10, 5)),
        Answer(13, "", "unreadable", problem="unknown_record"),
    ]
    euro = STATEMENT.replace("C161001INR", "C161001EUR").encode()
    assert {one.problem for one in answers(euro, "mt940")} == {"not_rupees", "unknown_record"}


GOOD: dict[str, bytes] = {
    "nach-response": response([(ONE, 30000, "1", "00"), (TWO, 30000, "0", "01")]),
    "nach-return": returns_file([(ONE, 30000, "0", "01"), (TWO, 30000, "0", "60")], width=314),
    "apbs-legacy-response": legacy(156, (154, "1"), (155, "00")),
    "apbs-legacy-return": legacy(177, (176, "00")),
    "pain.002": report(status(ONE, "ACSC") + status(TWO, "RJCT", "01")),
    "camt.053": entries("053", entry("DBIT", detail(ONE) + detail(TWO))),
    "camt.054": entries("054", entry("DBIT", detail(ONE) + detail(TWO))),
    "mt940": STATEMENT.encode(),
}


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_damage_aborts_a_file_or_invents_money(data: Any) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD)))
    good = GOOD[name]
    at = data.draw(st.integers(0, len(good)))
    length = data.draw(st.integers(0, 40))
    noise = data.draw(st.binary(max_size=40) | st.just(b"\n") | st.just(good[:at]))
    found = answers(good[:at] + noise + good[at + length :], name)
    for one in found:
        assert one.outcome in ("credited", "returned", "pending", "unreadable")
        assert (one.outcome == "unreadable") == bool(one.problem)
        assert one.paise is None or one.paise >= 0
        # what stands in a line that cannot be read may be anybody's account number
        assert not one.problem or not (one.account_name or one.utr)
    assert len({one.line_no for one in found}) == len(found)


@given(st.binary(max_size=3000))
@settings(max_examples=20, deadline=None)
def test_random_bytes_are_answers_of_nobody(data: bytes) -> None:
    for name in profiles():
        for one in answers(data, name):
            assert one.problem or not one.reference


def test_the_tables_of_reasons_are_whole() -> None:
    for name in ("nach", "iso"):
        for version in table(name):
            for code, found in version.codes.items():
                assert found.action in ACTIONS and found.en and found.hi, code
                assert (found.action == "beneficiary") == bool(found.do), code
    assert reason("nach", "60", DAY).action == "death"
    assert reason("nach", "88", DAY).action == "correct"
    assert reason("iso", "54", DAY).action == "beneficiary"
