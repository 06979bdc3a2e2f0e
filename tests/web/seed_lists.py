"""A department's list as a comparison leaves it, without the comparison: one row that waits, one payee to be examined."""

import json
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq
from django.utils import timezone

_ROWS = pa.schema(
    [
        ("line", pa.int64()), ("domain_id", pa.string()), ("band", pa.string()), ("reason", pa.string()), ("member_id", pa.int32()),
        ("weight", pa.float64()), ("probability", pa.float64()), ("of_line", pa.int64()), ("fingerprint", pa.string()),
        ("explanation_en", pa.string()), ("explanation_hi", pa.string()),
    ]
)  # fmt: skip


class Made(NamedTuple):
    seed_list: UUID
    seed_row: UUID
    seed_finding: UUID


def seed_list(path: str, members: list[int], code: str = "food") -> Made:
    """A list of the department `code` in the area of `path`, its row one of `members` or nobody."""
    from haqdar.access.actors import acting, platform
    from haqdar.identity.models import Department, SeedFinding, SeedList, SeedRow
    from haqdar.identity.seeding import keeping
    from haqdar.registry.sealing import sealer

    now: datetime = timezone.now()
    with acting(platform("test"), "test"):
        department, _ = Department.objects.get_or_create(
            code=code,
            defaults={
                "name_en": "Food and civil supplies", "name_hi": "खाद्य एवं नागरिक आपूर्ति", "identifier_en": "Ration card number",
                "identifier_hi": "राशन कार्ड क्रमांक", "purpose_en": "Rations for those entitled",
                "purpose_hi": "हक़दार लोगों को राशन", "basis": "National Food Security Act 2013, section 10",
                "entered_by": "state", "entered_at": now,
            },
        )  # fmt: skip
        found = SeedList.objects.create(
            department=department, area_code=path.strip("/").split("/")[-1], path=path, file_name="list.csv", kind="csv",
            sha256=uuid4().hex * 2, size=100, header=["card", "name"], state="review", asked_by="state", asked_at=now,
            erase_on=date(2099, 1, 1), details={"columns": {"domain_id": "card", "name": "name"}, "day_order": "dmy"},
            counts={
                "rows": 12, "bands": {"automatic": 9, "review": 1, "rejected": 1, "aside": 1},
                "reasons": [["automatic", "likeness", 9], ["review", "unsure", 1], ["rejected", "nobody", 1], ["aside", "repeat", 1]],
                "aside": {"repeat": 1}, "fields": {"domain_id": 12, "name": 12, "born_on": 11, "mobile": 8},
                "problems": [["mobile", "unreadable", 2], ["born_on", "first_january", 4]], "findings": {"not_found": [1, 60000]},
            },
        )  # fmt: skip
        found.refresh_from_db()
        with keeping.writing(found.key, "rows") as file:
            row_kept = {
                "line": 7,
                "domain_id": "RC00006",
                "band": "review",
                "reason": "unsure",
                "fingerprint": str(uuid4()),
            }
            pq.write_table(pa.Table.from_pylist([row_kept], schema=_ROWS), file)
        written: dict[str, Any] = {
            "name": "SEETA BAI MALVEEYA", "relation_name": "Ramlal", "relation_type": "husband", "sex": "F", "born_on": "1970-05-03",
            "mobile": "0000", "village": "Amla Kheda", "paise": 60000,
        }  # fmt: skip
        sealed, version = sealer().seal_one("seed_row", json.dumps(written))
        evidence = '[["given", "sound", 6.1], ["relation", "missing", 0], ["birth", "slip", 3.2], ["mobile", "other", -2.4]]'
        row = SeedRow.objects.create(
            list=found, line=7, domain_id="RC00006", path=path, fingerprint=uuid4(), reason="unsure", weight=4.2,
            candidates=[{"member": one, "weight": 4.2, "probability": 0.9, "evidence": evidence} for one in members],
            written_sealed=sealed, key_version=version,
        )  # fmt: skip
        finding = SeedFinding.objects.create(
            department=department, list=found, line=9, domain_id=f"RC{found.pk:05d}", path=path, kind="not_found", paise=60000,
            written_sealed=sealed, key_version=version,
        )  # fmt: skip
    row.refresh_from_db()
    finding.refresh_from_db()
    return Made(found.key, row.key, finding.key)
