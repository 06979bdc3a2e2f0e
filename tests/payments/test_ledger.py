"""The ledger of one month: dues, set-off, withholding."""

from fractions import Fraction
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payments.examples import LAW, OCTOBER, SmallLaw, first, relations, rows

from haqdar.payments import ledger

DUES = "SELECT member_id, scheme, kind, strftime(for_month, '%Y-%m'), paise FROM dues ORDER BY due_no"


def test_awards_in_force_are_due_and_earlier_months_are_corrected() -> None:
    duck = relations(
        settled=[(1, 1, "IGNWPS", 30000), (2, 1, "IGNOAPS", 20000), (3, 1, None, None), (3, 3, "MRMD", 0)],
        redetermined=[
            (first("2016-09"), 1, 1, "IGNWPS", 30000),
            (first("2016-08"), 1, 1, None, None),
            (first("2016-09"), 2, 1, "IGNOAPS", 20000),
        ],
        posted=[
            (first("2016-09"), 1, 1, "IGNOAPS", 27500),
            (first("2016-08"), 1, 1, "IGNOAPS", 27500),
            (first("2016-09"), 2, 1, "IGNOAPS", 20000),
            (first("2016-10"), 2, 1, "IGNOAPS", 20000),
        ],
    )
    ledger.dues(duck, OCTOBER)
    assert rows(duck, DUES) == [
        (1, "IGNWPS", "regular", "2016-10", 30000),
        (1, "IGNWPS", "arrears", "2016-09", 30000),
        (1, "IGNOAPS", "recovery", "2016-08", -27500),
        (1, "IGNOAPS", "recovery", "2016-09", -27500),
        (2, "IGNOAPS", "regular", "2016-10", 20000),
    ]


def test_a_month_that_the_law_closed_is_neither_paid_nor_recovered() -> None:
    duck = relations(
        redetermined=[(first("2016-09"), 1, 1, "IGNWPS", 30000), (first("2016-07"), 2, 1, "IGNWPS", 30000)],
        posted=[(first("2016-07"), 1, 1, "IGNOAPS", 27500)],
    )
    ledger.dues(duck, OCTOBER, since=first("2016-08"))
    assert rows(duck, DUES) == [(1, "IGNWPS", "arrears", "2016-09", 30000)]


def test_two_halves_of_one_correction_are_set_off_and_the_rest_is_withheld_up_to_half() -> None:
    duck = relations(
        settled=[(1, 1, "IGNWPS", 30000)],
        redetermined=[(first("2016-09"), 1, 1, "IGNWPS", 30000)],
        posted=[(first(month), 1, 1, "IGNOAPS", 27500) for month in ("2016-07", "2016-08", "2016-09")],
    )
    ledger.dues(duck, OCTOBER)
    ledger.withhold(duck, LAW, OCTOBER)
    kept = rows(
        duck,
        """
        SELECT w.kind, d.kind, strftime(r.for_month, '%Y-%m'), w.paise
        FROM withholding AS w JOIN dues AS d USING (due_no) JOIN dues AS r ON r.due_no = w.recovery_due_no
        ORDER BY ALL
        """,
    )
    # 300 regular + 25 left of the arrears of September: half of 325 is withheld for July.
    assert kept == [
        ("set_off", "arrears", "2016-09", 27500),
        ("withheld", "regular", "2016-07", 16250),
    ]
    assert rows(duck, "FROM outstanding_after") == [(1, 55000 - 16250)]


def test_a_recovery_found_wrong_later_is_set_off_against_its_arrears() -> None:
    """A woman wrongly recorded as dead gets what she is owed, not half of it for a year."""
    months = [first(f"2016-{month:02d}") for month in range(1, 10)]
    duck = relations(
        settled=[(1, 1, "IGNWPS", 30000)],
        redetermined=[(month, 1, 1, "IGNWPS", 30000) for month in months],
        outstanding=[(90 + number, 1, 1, month, 30000) for number, month in enumerate(months)],
    )
    ledger.dues(duck, OCTOBER)
    ledger.withhold(duck, LAW, OCTOBER)
    assert rows(duck, "SELECT kind, count(*), sum(paise) FROM withholding GROUP BY ALL") == [
        ("set_off", 9, 270000)
    ]
    assert rows(duck, "FROM outstanding_after") == []


def test_a_person_with_nothing_due_keeps_everything_outstanding() -> None:
    duck = relations(
        posted=[(first("2016-09"), 1, 1, "IGNOAPS", 27500)], outstanding=[(7, 1, 3, first("2016-08"), 101)]
    )
    ledger.dues(duck, OCTOBER)
    ledger.withhold(duck, LAW, OCTOBER)
    assert rows(duck, "FROM withholding") == []
    assert rows(duck, "FROM outstanding_after") == [(1, 27601)]


def test_the_share_is_rounded_down_to_a_paisa_and_the_oldest_month_comes_first() -> None:
    duck = relations(
        settled=[(1, 1, "IGNWPS", 101), (1, 3, "MRMD", 200)],
        outstanding=[(8, 1, 1, first("2016-09"), 500), (7, 1, 3, first("2016-06"), 60)],
    )
    ledger.dues(duck, OCTOBER)
    ledger.withhold(duck, LAW, OCTOBER)
    assert rows(duck, "SELECT due_no, recovery_id, paise FROM withholding ORDER BY ALL") == [
        (2, 7, 60),
        (2, 8, 90),
    ]
    assert rows(duck, "FROM outstanding_after") == [(1, 410)]


amounts = st.integers(min_value=1, max_value=60000)
members = st.integers(min_value=1, max_value=3)
months = st.sampled_from([first("2016-07"), first("2016-08"), first("2016-09")])
schemes = st.sampled_from([(1, "IGNOAPS"), (1, "IGNWPS"), (3, "MRMD")])


@settings(max_examples=60, deadline=None)
@given(
    settled=st.dictionaries(st.tuples(members, schemes), amounts, max_size=6),
    should=st.dictionaries(st.tuples(months, members, schemes), amounts, max_size=8),
    did=st.dictionaries(st.tuples(months, members, schemes), amounts, max_size=8),
    owed=st.lists(st.tuples(members, schemes, months, amounts), max_size=5),
    share=st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)]),
)
def test_withholding_takes_never_more_than_the_share_and_never_loses_a_paisa(
    settled: dict[tuple[int, tuple[int, str]], int],
    should: dict[tuple[object, int, tuple[int, str]], int],
    did: dict[tuple[object, int, tuple[int, str]], int],
    owed: list[tuple[int, tuple[int, str], object, int]],
    share: Fraction,
) -> None:
    duck = relations(
        settled=[(member, *scheme, paise) for (member, scheme), paise in settled.items()],
        redetermined=[(month, member, *scheme, paise) for (month, member, scheme), paise in should.items()],
        posted=[(month, member, *scheme, paise) for (month, member, scheme), paise in did.items()],
        outstanding=[
            (900 + number, member, scheme[0], month, paise)
            for number, (member, scheme, month, paise) in enumerate(owed)
        ],
    )
    ledger.dues(duck, OCTOBER)
    ledger.withhold(duck, SmallLaw(recovery_share=share), OCTOBER)

    by_member = rows(
        duck,
        """
        WITH due AS (
            SELECT member_id, sum(paise) FILTER (kind <> 'recovery') AS due, sum(-paise) FILTER (kind = 'recovery') AS new
            FROM dues GROUP BY ALL
        ),
        kept AS (
            SELECT member_id, sum(w.paise) FILTER (w.kind = 'set_off') AS set_off,
                sum(w.paise) FILTER (w.kind = 'withheld') AS kept
            FROM withholding AS w JOIN dues USING (due_no) GROUP BY ALL
        ),
        old AS (SELECT member_id, sum(paise) AS old FROM outstanding GROUP BY ALL)
        SELECT coalesce(due, 0)::BIGINT, coalesce(new, 0)::BIGINT, coalesce(old, 0)::BIGINT, coalesce(set_off, 0)::BIGINT,
            coalesce(kept, 0)::BIGINT, coalesce(after.paise, 0)::BIGINT
        FROM due FULL JOIN kept USING (member_id) FULL JOIN old USING (member_id)
        FULL JOIN outstanding_after AS after USING (member_id)
        """,
    )
    for due, new, old, set_off, kept, after in by_member:
        assert new + old == set_off + kept + after
        limit = (due - set_off) * share.numerator // share.denominator
        assert kept == min(limit, new + old - set_off)
    assert not rows(
        duck,
        "FROM withheld JOIN dues USING (due_no) WHERE withheld.paise > dues.paise OR withheld.paise <= 0",
    )
    assert not rows(duck, "FROM dues WHERE paise = 0 OR (kind = 'recovery') <> (paise < 0)")
    assert not rows(
        duck,
        """
        SELECT r.due_no FROM withholding AS w JOIN dues AS r ON r.due_no = w.recovery_due_no
        GROUP BY r.due_no, r.paise HAVING sum(w.paise) > -r.paise
        """,
    )


def test_dues_csv_is_the_contract_byte_for_byte(tmp_path: Path) -> None:
    duck = relations(
        settled=[(12, 1, "IGNWPS", 30000), (2, 3, "MRMD", 5)],
        posted=[(first("2016-09"), 12, 1, "IGNOAPS", 27505)],
    )
    ledger.dues(duck, OCTOBER)
    assert ledger.write_dues(duck, tmp_path / "dues.csv") == 3
    assert (tmp_path / "dues.csv").read_bytes() == (
        b"member_id,scheme,kind,for_month,amount\n"
        b"000000002,MRMD,regular,2016-10,0.05\n"
        b"000000012,IGNWPS,regular,2016-10,300.00\n"
        b"000000012,IGNOAPS,recovery,2016-09,-275.05\n"
    )


def test_the_order_of_rows_does_not_depend_on_the_order_of_arrival() -> None:
    settled = [(member, 1, "IGNWPS", 30000) for member in range(1, 200)]
    one, other = relations(settled=settled), relations(settled=settled[::-1])
    for duck in (one, other):
        ledger.dues(duck, OCTOBER)
    assert isinstance(one, duckdb.DuckDBPyConnection)
    assert rows(one, "FROM dues") == rows(other, "FROM dues")
