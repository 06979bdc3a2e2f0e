"""A month's money moved along its way by SQL, for the tests of what watches over it."""

from datetime import date
from typing import Any

from django.db import connection
from tests.payments.examples import first, payee, relations
from tests.payments.test_posting import posted

from haqdar.payments import entries

MONTH = first("2016-10")


def sql(query: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run one statement; its rows where it has some."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else []


def place(*areas: tuple[str, str, str | None, str]) -> None:
    """Areas (code, kind, parent, path), each with its code as its name."""
    for code, kind, parent, path in areas:
        sql(
            "INSERT INTO access_area (area_code, kind, parent_code, name_en, name_hi, path, depth, district_code)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            *(code, kind, parent, code, code, path, path.count("/") - 2),
            path.split("/")[2] if path.count("/") > 2 else None,
        )


def state_of_nine() -> int:
    """Nine payees with 300 rupees each in two panchayats of a block (DDO1), one of them without an account; the run."""
    place(
        ("S", "state", None, "/S/"),
        ("D", "district", "S", "/S/D/"),
        ("B", "block", "D", "/S/D/B/"),
        ("GP1", "gp", "B", "/S/D/B/GP1/"),
        ("GP2", "gp", "B", "/S/D/B/GP2/"),
    )
    sql(
        "INSERT INTO access_office (office_code, kind, area_code, ddo_code, name_en, name_hi)"
        " VALUES ('O', 'janpad', 'B', 'DDO1', 'Janpad B', 'जनपद B')"
    )
    members = range(1, 10)
    return posted(
        relations(
            settled=[(one, 1, "IGNWPS", 30000) for one in members],
            payee=[
                payee(one, area_code="GP1" if one < 6 else "GP2")
                if one != 9
                else payee(9, area_code="GP2", account_sealed=None)
                for one in members
            ],
        )
    )


def passed(run: int) -> None:
    """Every bill of the run sanctioned, submitted and passed with a voucher."""
    sql(
        "INSERT INTO payments_bill_version (bill_id, version, persons, paise, left_out_persons, left_out_paise, content_hash,"
        " state, sanction_no, sanctioned_at, sanctioned_by, submitted_at, submitted_by, token_no, token_on, voucher_no, voucher_on,"
        " ended_by, end_reason)"
        " SELECT id, 1, persons, paise, 0, 0, 'h', 'passed', 'S' || id, now(), 'block', now(), 'ddo', 'T' || id, '2016-09-24',"
        " 'V' || id, '2016-09-25', '', '' FROM payments_bill WHERE run_id = %s",
        run,
    )


def sent(
    run: int, members: list[int], sequence: int = 1, state: str = "sent", settles: str = "2016-10-01"
) -> int:
    """A file with the credits of these members; posted into the ledger unless it is only made. Its id."""
    ((file,),) = sql(
        "INSERT INTO payments_file (profile, profile_from, month, sequence, name, settlement_on, items, paise, sha256, size, state,"
        " made_at, made_by, released_by, withdrawn_by) SELECT 'nach-credit', '2012-04-01', %s, %s, %s, %s, count(*),"
        " sum(paise), 'x', 1, 'made', now(), 'state', '', '' FROM payments_instruction WHERE run_id = %s AND member_id = ANY(%s)"
        " RETURNING id",
        *(MONTH, sequence, f"F{sequence}", settles, run, members),
    )
    sql(
        "INSERT INTO payments_file_item (file_id, instruction_id, line_no, paise)"
        " SELECT %s, id, row_number() OVER (ORDER BY member_id), paise FROM payments_instruction"
        " WHERE run_id = %s AND member_id = ANY(%s)",
        *(file, run, members),
    )
    if state != "made":
        for step in ("released", "sent"):
            sql("UPDATE payments_file SET state = %s, released_by = 'state2' WHERE id = %s", step, file)
        with connection.cursor() as cursor:
            entries.open_month(cursor, MONTH)
            entries.post_instructed(cursor, file)
    return int(file)


def answered(run: int, credited: list[int], returned: dict[int, str], name: str = "A1") -> int:
    """A file of answers: these members credited on 1 October, those returned with a reason; its id."""
    ((file,),) = sql(
        "INSERT INTO payments_response_file (profile, name, sha256, lines, applied, repeated, set_aside, months, read_at, read_by)"
        " SELECT 'nach-credit', %s, %s, 1, 1, 0, 0, ARRAY[month], now(), 'state' FROM cases_month_run WHERE id = %s RETURNING id",
        name,
        name,
        run,
    )
    sql(
        "INSERT INTO payments_response_line (file_id, line_no, reference, outcome, reason_code, paise, value_on, utr, disposition,"
        " instruction_id) SELECT %s, row_number() OVER (ORDER BY id), reference,"
        " CASE WHEN member_id = ANY(%s) THEN 'credited' ELSE 'returned' END, coalesce(%s::jsonb ->> member_id::text, ''), paise,"
        " '2016-10-01', 'U' || member_id, 'applied', id FROM payments_instruction WHERE run_id = %s AND member_id = ANY(%s)",
        *(file, credited, _json(returned), run, [*credited, *returned]),
    )
    with connection.cursor() as cursor:
        entries.post_answers(cursor, file)
    return int(file)


def held(member: int) -> None:
    """A hold on a widow's pension."""
    sql(
        "INSERT INTO payments_hold (member_id, pension_group, scheme, origin, reason, placed_at, placed_by, review_on, note,"
        " released_by, release_note) VALUES (%s, 1, 'IGNWPS', 'officer', 'dispute', now(), 'block', %s, '', '', '')",
        member,
        date(2016, 11, 1),
    )


def presented_again(run: int, member: int) -> None:
    """A new credit in a run of the next month in place of one that came back."""
    sql(
        "INSERT INTO cases_month_run (month, version, known_on, law_hash, snapshot_hash, inputs_hash, state, posted, manifest,"
        " started_at, finished_at, actor) VALUES ('2016-11-01', 1, '2016-10-20', '', '', '', 'complete', true, '{}', now(), now(), 'x')"
    )
    sql(
        "INSERT INTO payments_instruction (run_id, reference, member_id, pension_group, scheme, paise, ifsc, state, origin,"
        " corrects_id) SELECT (SELECT id FROM cases_month_run WHERE month = '2016-11-01'), 'R' || substr(reference, 2), member_id,"
        " pension_group, scheme, paise, ifsc, 'written', reference, id FROM payments_instruction"
        " WHERE run_id = %s AND member_id = %s",
        run,
        member,
    )


def _json(values: dict[int, str]) -> str:
    import json

    return json.dumps({str(key): value for key, value in values.items()})
