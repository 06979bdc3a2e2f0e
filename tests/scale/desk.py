"""Measures the officers' desk at a State's size: queues, desk and case page with a million open cases.

    nice python tests/scale/desk.py [CASES [REQUESTS]]      default: 1000000 30

Writes areas of a whole State (51 districts, 313 blocks, 23,006 panchayats), 40,000 people and CASES open cases straight into
the tables of a data folder of its own below build/, then asks for pages as a panchayat's secretary, a block's sanctioning
officer, a district and the State, and prints p50 and p95 in milliseconds (server time, with templates) and the size of the
page, compressed. The folder is removed afterwards.
"""

from __future__ import annotations

import gzip
import os
import shutil
import statistics
import sys
import time
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 40_000
TABLES = (
    "access_area", "sources_delivery", "registry_family", "registry_family_belief", "registry_resident",
    "registry_resident_belief", "cases_case",
)  # fmt: skip

AREAS = """
    INSERT INTO access_area (area_code, kind, parent_code, name_en, name_hi, path, district_code, depth)
    SELECT 'S', 'state', NULL, 'State', 'राज्य', '/S/', NULL, 0
    UNION ALL SELECT 'D' || d, 'district', 'S', 'District ' || d, 'जिला ' || d, '/S/D' || d || '/', 'D' || d, 1
    FROM generate_series(0, 50) d
    UNION ALL SELECT 'B' || b, 'block', 'D' || b % 51, 'Block ' || b, 'जनपद ' || b, '/S/D' || b % 51 || '/B' || b || '/',
        'D' || b % 51, 2 FROM generate_series(0, 312) b
    UNION ALL SELECT 'G' || g, 'gp', 'B' || g % 313, 'Panchayat ' || g, 'पंचायत ' || g,
        '/S/D' || (g % 313) % 51 || '/B' || g % 313 || '/G' || g || '/', 'D' || (g % 313) % 51, 3
    FROM generate_series(0, 23005) g"""
DELIVERY = """
    INSERT INTO sources_delivery (code, delivered_on, folder, actor, received_at)
    VALUES ('desk', current_date, 'desk', 'bench', now()) RETURNING id"""
FAMILIES = """
    INSERT INTO registry_family (family_id, key) SELECT 10000000 + n, gen_random_uuid() FROM generate_series(0, %(people)s - 1) n;
    INSERT INTO registry_family_belief (family_id, belief_no, area_code, address, known_from, fingerprint, delivery_id, line)
    SELECT 10000000 + n, 1, 'G' || n %% 23006, 'मकान ' || n %% 400 || ', मोहल्ला ' || n %% 37, current_date, gen_random_uuid(),
        %(delivery)s, 1 FROM generate_series(0, %(people)s - 1) n;
    INSERT INTO registry_resident (member_id, key) SELECT 100000000 + n, gen_random_uuid() FROM generate_series(0, %(people)s - 1) n;
    INSERT INTO registry_resident_belief (member_id, belief_no, family_id, name_en, name_hi, sex, born_on, known_from,
        fingerprint, delivery_id, line)
    SELECT 100000000 + n, 1, 10000000 + n,
        (ARRAY['Sita','Rekha','Kamla','Gopal','Mohan','Ramesh','Phool','Vimla'])[1 + n %% 8] || ' '
            || (ARRAY['Bai','Devi','Singh','Yadav','Verma','Malviya','Patel'])[1 + n %% 7],
        (ARRAY['सीता','रेखा','कमला','गोपाल','मोहन','रमेश','फूल','विमला'])[1 + n %% 8] || ' '
            || (ARRAY['बाई','देवी','सिंह','यादव','वर्मा','मालवीय','पटेल'])[1 + n %% 7],
        'F', DATE '1950-01-01' + n %% 12000, current_date, gen_random_uuid(), %(delivery)s, 1
    FROM generate_series(0, %(people)s - 1) n"""
CASES = """
    INSERT INTO cases_case (letter, opened_on, kind, service, member_id, resident_key, pension_group, scheme, paise, from_scheme,
        from_paise, reason, occasion, area_code, district_code, awaits, opened_at, since_at, due_on, outcome, contact_last4, opened_by)
    SELECT k.letter, current_date - n %% 20, k.kind, '', r.member_id, r.key, 1 + n %% 3,
        CASE WHEN k.kind IN ('stop', 'undecided') THEN NULL
             ELSE (ARRAY['IGNOAPS','IGNWPS','IGNDPS','SSP-OLD','SSP-WIDOW'])[1 + n %% 5] END,
        CASE WHEN k.kind IN ('stop', 'undecided') THEN NULL ELSE 15000 + 2500 * (n %% 7) END,
        CASE WHEN k.kind IN ('move', 'stop') THEN 'SSP-OLD' END, CASE WHEN k.kind IN ('move', 'stop') THEN 15000 END,
        (ARRAY['entitled','age_band','better_scheme','husband_died'])[1 + n %% 4], n::text,
        'G' || a.g, 'D' || (a.g %% 313) %% 51, k.awaits, now(), now() - n %% 400 * interval '1 hour',
        current_date - 5 + n %% 40, '', '', 'bench'
    FROM generate_series(0, %(cases)s - 1) n
    CROSS JOIN LATERAL (SELECT (n::bigint * 7919 + n / 17) %% 23006 AS g) a
    CROSS JOIN LATERAL (SELECT (ARRAY['start','start','start','start','move','move','stop','undecided','grievance','application'])
        [1 + n %% 10] AS kind) kk
    CROSS JOIN LATERAL (SELECT kk.kind, CASE kk.kind WHEN 'start' THEN 'P' WHEN 'move' THEN 'M' WHEN 'stop' THEN 'S' ELSE 'G' END AS letter,
        CASE WHEN kk.kind IN ('start', 'application') THEN (ARRAY['case.verify','case.verify','case.sanction'])[1 + n %% 3]
             WHEN kk.kind = 'move' THEN 'case.note' WHEN kk.kind = 'stop' THEN 'stop.confirm'
             WHEN kk.kind = 'undecided' THEN 'fact.correct' ELSE 'grievance.answer' END AS awaits) k
    JOIN registry_resident r ON r.member_id = 100000000 + n %% %(people)s"""
WHO = (
    ("gp", "secretary", "G7"),
    ("block", "sanctioning_officer", "B7"),
    ("district", "district", "D7"),
    ("state", "state", "S"),
)
PAGES = (
    ("gp", "/desk/"),
    ("gp", "/desk/queue/case-verify/"),
    ("block", "/desk/"),
    ("block", "/desk/queue/case-note/"),
    ("block", "/desk/queue/case-note/?sort=area&page=3"),
    ("block", "/desk/queue/case-sanction/?scheme=IGNOAPS&when=late"),
    ("district", "/desk/queue/case-verify/"),
    ("district", "/desk/queue/case-verify/?when=late&sort=amount"),
    ("state", "/desk/queue/grievance-answer/"),
    ("state", "/desk/queue/case-verify/"),
    ("state", "/desk/queue/case-verify/?page=1500"),
    ("state", "/desk/"),
)


def main(cases: int = 1_000_000, requests: int = 30) -> None:
    home = ROOT / "build" / "desk-home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    os.environ["HAQDAR_HOME"] = str(home)
    sys.path.insert(0, str(ROOT / "src"))
    from haqdar.config.cli_support import database_ready

    try:
        with database_ready():
            _fill(cases)
            _measure(requests)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _fill(cases: int) -> None:
    from django.db import connection

    from haqdar.access.actors import acting, platform

    begun = time.perf_counter()
    with connection.cursor() as cursor:
        # the tables' own triggers (history, acts without a name) are not what is measured here
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(AREAS)
        cursor.execute(DELIVERY)
        (delivery,) = cursor.fetchone() or (0,)
        for statement in FAMILIES.split(";"):
            cursor.execute(statement, {"people": PEOPLE, "delivery": delivery})
        cursor.execute(CASES, {"cases": cases, "people": PEOPLE})
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")
    with acting(platform("bench"), "user.create"):
        for name, role, area in WHO:
            _post(name, role, area)
    print(f"{cases:,} open cases written in {time.perf_counter() - begun:.0f} s\n")


def _post(name: str, role: str, area: str) -> None:
    from haqdar.access.models import Posting, User

    user = User.objects.create(username=name, name_en=name, password="!", is_demonstration=True)
    Posting.objects.create(user=user, role=role, area_code=area, from_on=date(2012, 4, 1))


def _measure(requests: int) -> None:
    from django.test import Client

    from haqdar.access.models import User

    print("| who | page | p50 ms | p95 ms | KB compressed |\n|---|---|---:|---:|---:|")
    for name, path in PAGES:
        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.get(username=name))
        taken = []
        for number in range(requests + 3):
            begun = time.perf_counter()
            response = client.get(path)
            if response.status_code != 200:
                raise SystemExit(f"{path}: {response.status_code}")
            if number >= 3:
                taken.append(1000 * (time.perf_counter() - begun))
        p95 = statistics.quantiles(taken, n=20)[-1]
        size = len(gzip.compress(response.content)) / 1000
        print(f"| {name} | {path} | {statistics.median(taken):.0f} | {p95:.0f} | {size:.1f} |", flush=True)


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
