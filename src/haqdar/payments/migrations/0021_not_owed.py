"""Which dues a death takes away that was recorded after their run had looked.

The month of death is paid in full and no month after it. A run whose cut-off came before the record of the death posted them all the
same; what must not go out on them is asked here by whoever draws, sends or releases. A function and not a view: it is written
into the query that asks and so is planned from a drawing officer's few people or from a State's few deaths, and the register's
tables do not hang on it. What the run itself knew is not posted at all: only what was noted about its cut-off or later is looked at
(a delivery of registers may be taken in some weeks after its day).
"""

from typing import ClassVar

from django.db import migrations

NOT_OWED = """
    CREATE FUNCTION payments_not_owed() RETURNS TABLE (due_id bigint, run_id bigint, member_id integer, scheme text)
    LANGUAGE sql STABLE AS $$
        SELECT d.id, d.run_id, d.member_id, d.scheme
        FROM registry_event_belief e
        JOIN payments_due d ON d.member_id = e.member_id AND d.for_month > e.happened_on
        JOIN cases_month_run r ON r.id = d.run_id AND e.known_from >= r.known_on - 31
        WHERE e.kind = 'death' AND d.kind <> 'recovery' AND d.occasion = ''
            AND NOT EXISTS (SELECT FROM registry_event_belief n WHERE n.event_id = e.event_id AND n.belief_no > e.belief_no)
    $$
"""


class Migration(migrations.Migration):
    """Adds the function `payments_not_owed`."""

    dependencies: ClassVar[list[tuple[str, str]]] = [
        ("registry", "0006_desk_corrections"),
        ("payments", "0020_settled_once"),
    ]
    operations: ClassVar[list[migrations.RunSQL]] = [
        migrations.RunSQL(NOT_OWED, "DROP FUNCTION payments_not_owed()")
    ]
