"""For somebody who tries the demonstration: member IDs of invented people, so that there is somebody to be."""

from __future__ import annotations

from django.db import connection

from haqdar.outreach.codes import demonstration


def example_numbers(most: int = 3) -> list[str]:
    """Member IDs of invented residents with a mobile: one paid a pension, one about to be, one neither; none over real data."""
    if not demonstration():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (part) member_id FROM ("
            " (SELECT 1 AS part, e.member_id FROM cases_work_item e JOIN registry_resident_belief b USING (member_id)"
            "   WHERE e.action = 'start' AND b.mobile IS NOT NULL ORDER BY e.id LIMIT 1)"
            " UNION ALL (SELECT 2, p.member_id FROM registry_pension_belief p JOIN registry_resident_belief b USING (member_id)"
            "   WHERE b.mobile IS NOT NULL ORDER BY p.id LIMIT 1)"
            " UNION ALL (SELECT 3, member_id FROM registry_resident_belief WHERE mobile IS NOT NULL AND destitute"
            "   ORDER BY member_id LIMIT 1)"
            " UNION ALL (SELECT 4, member_id FROM registry_resident_belief WHERE mobile IS NOT NULL ORDER BY member_id LIMIT 1)"
            ") one ORDER BY part LIMIT %s",
            [most],
        )
        return [f"{row[0]:09d}" for row in cursor.fetchall()]
