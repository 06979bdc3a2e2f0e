"""What is checked once a statement instead of once a row: nothing gets past that a row-wise key would have refused."""

import pytest
from django.db import IntegrityError, connection, transaction
from tests.payments.answers import gone_out
from tests.payments.test_posting import a_month, posted

pytestmark = pytest.mark.django_db

DUE = (
    "INSERT INTO payments_due (run_id, member_id, pension_group, scheme, kind, for_month, paise, occasion)"
    " VALUES (%s, 9, 1, 'IGNWPS', 'regular', '2016-10-01', 1, '')"
)
INSTRUCTION = (
    "INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, state)"
    " VALUES (%s, repeat('7', 30), 9, 1, 'IGNWPS', 1, '', 'written')"
)
MORE = (
    "INSERT INTO payments_bill_line (bill_id, due_id, component, paise)"
    " SELECT bill_id, due_id, 'more', 1 FROM payments_bill_line WHERE id < %s LIMIT 1"
)
ANOTHER = "INSERT INTO payments_bill_line (bill_id, due_id, component, paise) SELECT max(bill_id) + %s, min(due_id), 'x', 1 FROM payments_bill_line"
WITHDRAWN = "UPDATE payments_bill_line SET withdrawn_in_id = %s"
KEPT = (
    "INSERT INTO payments_withholding (run_id, due_id, recovery_id, kind, paise)"
    " SELECT run_id, id, %s, 'withheld', 1 FROM payments_due"
)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (DUE, "a run that there is not"),
        (INSTRUCTION, "a run that there is not"),
        (MORE, "does not add up"),
        (ANOTHER, "does not add up"),
        (WITHDRAWN, "by a version of that bill"),
        (KEPT, "can only settle a recovery"),
    ],
)
def test_a_row_of_nothing_is_refused(statement: str, what: str) -> None:
    posted(a_month())
    with pytest.raises(IntegrityError, match=what), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, [10_000_000])


@pytest.mark.parametrize(
    ("items", "paise", "lines", "what"),
    [
        (3, 77500, "line_no, paise", "totals"),
        (2, 77501, "line_no, paise", "totals"),
        (2, 77500, "line_no + 1, paise", "totals"),
        (2, 77500, "line_no, paise + 3 - 2 * line_no", "with its amount"),
        (2, 77500, "line_no, paise", "totals: no such file"),
        (2, 77500, "line_no, paise", "in force"),
    ],
)
def test_the_items_of_a_file_are_its_totals(items: int, paise: int, lines: str, what: str) -> None:
    posted(a_month())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO payments_file (profile, profile_from, month, sequence, name, settlement_on, items, paise, sha256, size,"
            " state, made_at, made_by, released_by, withdrawn_by) VALUES ('p', '2016-01-01', '2016-10-01', 1, 'n', '2016-10-01',"
            " %s, %s, '', 1, 'made', now(), 'm', '', '') RETURNING id",
            [items, paise],
        )
        (file_id,) = cursor.fetchone()
        if what == "in force":
            cursor.execute("UPDATE payments_instruction SET state = 'superseded'")
    query = (
        f"INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise) SELECT %s, id, {lines}"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) AS line_no, paise FROM payments_instruction) i"
    )
    told, _, absent = what.partition(": ")
    with pytest.raises(IntegrityError, match=told), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [file_id + 1 if absent else file_id])


def test_a_file_takes_its_items_once() -> None:
    gone_out(2)
    with pytest.raises(IntegrityError, match="one_item_of_a_line"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise)"
                " SELECT file_id, instruction_id, line_no, paise FROM payments_file_item"
            )
