"""Bills: components to heads, withheld amounts off the largest component, sums to the paisa."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.payments.examples import GROUP, OCTOBER, first, money, payee, relations, rows

from haqdar.law import load_lawbook
from haqdar.payments import bills


def test_an_amount_of_two_components_goes_on_two_bills() -> None:
    duck = relations(
        settled=[(1, 1, "IGNOAPS", 27500), (2, 1, "IGNOAPS", 20000), (2, 3, "MRMD", 50000)],
        payee=[payee(1, social_category="OBC"), payee(2)],
    )
    money(duck)
    assert rows(duck, "SELECT scheme, head, persons, paise FROM bill ORDER BY ALL") == [
        ("IGNOAPS", "2235-IGNOAPS-state-G-R", 1, 7500),
        ("IGNOAPS", "2235-IGNOAPS-union-G-R", 2, 40000),
        ("MRMD", "2235-MRMD-state-G-R", 1, 50000),
    ]


def test_category_area_and_drawing_officer_separate_bills_and_numbers_stay() -> None:
    payees = [
        payee(1, social_category="SC"),
        payee(2, social_category=None, rural=False),
        payee(3, social_category="SC", ddo_code="DDO2"),
        payee(4, ddo_code=None),
    ]
    duck = relations(settled=[(member, 1, "IGNWPS", 30000) for member in (1, 2, 3, 4)], payee=payees)
    money(duck)
    both = rows(duck, "SELECT bill_no, ddo_code, head FROM bill ORDER BY ALL")
    assert [(ddo, head) for _, ddo, head in both] == [
        ("DDO1", "2235-IGNWPS-union-G-U"),
        ("DDO1", "2235-IGNWPS-union-S-R"),
        ("DDO2", "2235-IGNWPS-union-S-R"),
    ]
    assert both[0][0].startswith("201610/DDO1/")
    assert rows(duck, "FROM unbilled") == [(4, 1, "IGNWPS", 30000)]
    assert rows(duck, "FROM not_payable") == [(4, 1, "IGNWPS", 30000, "no_ddo")]

    fewer = relations(settled=[(3, 1, "IGNWPS", 30000)], payee=payees)
    money(fewer)
    assert rows(fewer, "SELECT bill_no, ddo_code, head FROM bill") == [both[2]]


def test_withheld_paise_come_off_the_largest_component() -> None:
    duck = relations(
        settled=[(1, 1, "IGNOAPS", 27500)], payee=[payee(1)], outstanding=[(5, 1, 1, first("2016-08"), 99999)]
    )
    money(duck)
    assert rows(duck, "SELECT component, paise FROM bill_line ORDER BY ALL") == [
        ("state", 7500),
        ("union", 6250),
    ]


def test_arrears_of_a_rise_are_billed_to_the_component_that_rose() -> None:
    duck = relations(
        redetermined=[(first("2016-09"), 1, 1, "IGNOAPS", 27500)],
        posted=[(first("2016-09"), 1, 1, "IGNOAPS", 20000)],
        payee=[payee(1)],
    )
    money(duck)
    assert rows(duck, "SELECT component, paise FROM bill_line") == [("state", 7500)]


def test_bills_csv_is_the_contract_byte_for_byte(tmp_path: Path) -> None:
    duck = relations(settled=[(1, 1, "IGNWPS", 30000)], payee=[payee(1)])
    money(duck)
    assert bills.write_bills(duck, tmp_path / "bills.csv") == 1
    number = rows(duck, "SELECT bill_no FROM bill")[0][0]
    assert (tmp_path / "bills.csv").read_text() == (
        "bill_no,ddo_code,scheme,head,month,persons,amount\n"
        f"{number},DDO1,IGNWPS,2235-IGNWPS-union-G-R,2016-10,1,300.00\n"
    )


def test_every_amount_of_the_states_law_can_be_billed() -> None:
    book = load_lawbook(Path(__file__).parents[2] / "law" / "mp")
    in_force = book.on(OCTOBER.first_day)
    settled, payees = [], []
    for scheme in in_force.schemes:
        for band in scheme.bands:
            for category in (None, "GEN", "OBC", "SC", "ST"):
                for rural in (True, False):
                    payees.append(payee(len(payees) + 1, social_category=category, rural=rural))
                    settled.append((len(payees), scheme.group, scheme.code, band.paise))
    duck = relations(settled=settled, payee=payees)
    money(duck, law=book)
    assert rows(duck, "SELECT sum(paise)::BIGINT FROM bill") == [(sum(row[3] for row in settled),)]
    # 9 schemes x 3 categories x 2 kinds of area, and the State's own part of one scheme
    assert rows(duck, "SELECT count(*), count(DISTINCT head) FROM bill") == [(60, 60)]
    state_part = rows(
        duck, "SELECT DISTINCT component, paise FROM bill_line WHERE component = 'state' AND paise = 7500"
    )
    assert state_part == [("state", 7500)]


people = st.integers(1, 6)
codes = st.sampled_from(sorted(GROUP))
sums = st.one_of(st.sampled_from([20000, 27500, 30000, 50000]), st.integers(1, 70000))


@settings(max_examples=60, deadline=None)
@given(
    settled=st.dictionaries(st.tuples(people, codes), sums, max_size=10),
    should=st.dictionaries(st.tuples(people, codes), sums, max_size=8),
    did=st.dictionaries(st.tuples(people, codes), sums, max_size=8),
    owed=st.dictionaries(people, st.integers(1, 90000)),
    ddos=st.lists(st.sampled_from(["DDO1", "DDO2", None]), min_size=6, max_size=6),
    categories=st.lists(st.sampled_from(["GEN", "OBC", "SC", "ST", None]), min_size=6, max_size=6),
    rural=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_bills_instructions_and_lists_add_up_to_what_is_payable(
    settled: dict[tuple[int, str], int],
    should: dict[tuple[int, str], int],
    did: dict[tuple[int, str], int],
    owed: dict[int, int],
    ddos: list[str | None],
    categories: list[str | None],
    rural: list[bool],
) -> None:
    month = first("2016-09")
    duck = relations(
        settled=[(member, GROUP[code], code, paise) for (member, code), paise in settled.items()],
        redetermined=[(month, member, GROUP[code], code, paise) for (member, code), paise in should.items()],
        posted=[(month, member, GROUP[code], code, paise) for (member, code), paise in did.items()],
        outstanding=[(member, member, 1, first("2016-08"), paise) for member, paise in owed.items()],
        payee=[
            payee(number + 1, ddo_code=ddos[number], social_category=categories[number], rural=rural[number])
            for number in range(6)
        ],
    )
    money(duck)
    payable = """
        SELECT member_id, scheme, (sum(dues.paise) - coalesce(sum(withheld.paise), 0))::BIGINT AS paise
        FROM dues LEFT JOIN withheld USING (due_no) WHERE kind <> 'recovery' GROUP BY ALL
        HAVING sum(dues.paise) - coalesce(sum(withheld.paise), 0) > 0
    """
    lines = "SELECT member_id, scheme, sum(paise)::BIGINT AS paise FROM bill_line GROUP BY ALL"
    assert rows(duck, f"{payable} ORDER BY ALL") == rows(duck, f"{lines} ORDER BY ALL")
    sent = "SELECT member_id, scheme, paise FROM {}"
    assert rows(duck, f"FROM ({lines}) ORDER BY ALL") == rows(
        duck, f"{sent.format('instruction')} UNION ALL {sent.format('not_payable')} ORDER BY ALL"
    )
    assert rows(duck, "SELECT coalesce(sum(paise), 0)::BIGINT FROM bill") == rows(
        duck, "SELECT coalesce(sum(paise), 0)::BIGINT FROM instruction"
    )
    assert not rows(duck, "FROM bill_line WHERE paise <= 0 OR head IS NULL")
    assert rows(duck, "SELECT count(*) = count(DISTINCT bill_no) FROM bill") == [(True,)]
