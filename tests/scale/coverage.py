"""How long the shares of verified residents take: `python tests/scale/coverage.py [residents]`, in a data folder of your own.

Fills an empty database with that many residents in 25,000 panchayats, half of them verified, by SQL alone; then counts them as the night
does and reads the page of the State, of a district and of a block as an officer's request does.
"""

import os
import sys
import time
from uuid import uuid4

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "haqdar.config.settings")
AREAS = """
INSERT INTO access_area (area_code, kind, parent_code, name_en, path, depth)
SELECT '23', 'state', NULL, 'State', '/23/', 0
UNION ALL SELECT 'd' || d, 'district', '23', 'District ' || d, '/23/d' || d || '/', 1 FROM generate_series(1, 50) d
UNION ALL SELECT 'b' || b, 'block', 'd' || (b % 50 + 1), 'Block ' || b, '/23/d' || (b % 50 + 1) || '/b' || b || '/', 2
 FROM generate_series(1, 500) b
UNION ALL SELECT 'g' || g, 'gp', 'b' || (g % 500 + 1), 'Panchayat ' || g,
 '/23/d' || ((g % 500 + 1) % 50 + 1) || '/b' || (g % 500 + 1) || '/g' || g || '/', 3 FROM generate_series(1, 25000) g
"""
PEOPLE = """
INSERT INTO registry_family (family_id) SELECT n FROM generate_series(1, %(people)s / 4) n;
INSERT INTO registry_family_belief (family_id, belief_no, known_from, line, fingerprint, area_code, delivery_id)
SELECT n, 1, '2016-01-01', n, gen_random_uuid(), 'g' || (n %% 25000 + 1), %(delivery)s FROM generate_series(1, %(people)s / 4) n;
INSERT INTO registry_resident (member_id) SELECT n FROM generate_series(1, %(people)s) n;
INSERT INTO registry_resident_belief (member_id, belief_no, known_from, line, fingerprint, family_id, name_en, sex, delivery_id)
SELECT n, 1, '2016-01-01', n, gen_random_uuid(), (n - 1) / 4 + 1, 'Somebody', 'F', %(delivery)s FROM generate_series(1, %(people)s) n;
INSERT INTO identity_consent (key, member_id, purpose, notice, language, assisted, given_at, given_by)
SELECT gen_random_uuid(), 1, 'ekyc', '1', 'hi', true, now(), 'bench';
INSERT INTO identity_verified (key, member_id, aadhaar_ref, aadhaar_last4, method, how, evidence, signer, made_at, verified_at, verified_by,
 consent_id) SELECT gen_random_uuid(), n, gen_random_uuid(), '1234', 'offline_xml', 'photo', md5(n::text), 's', now(), now(), 'bench',
 (SELECT max(id) FROM identity_consent) FROM generate_series(1, %(people)s, 2) n;
ANALYZE
"""


def main(people: int) -> None:
    """Print what each step took."""
    from datetime import date

    from django.db import connection, transaction
    from django.utils import timezone

    from haqdar.access.actors import platform, set_context
    from haqdar.access.queries import place
    from haqdar.identity.ekyc.coverage import count, coverage
    from haqdar.identity.models import Verified
    from haqdar.sources.models import Delivery

    actor = platform("bench")
    if not Verified.objects.exists():
        began = time.monotonic()
        with transaction.atomic(), connection.cursor() as cursor:
            set_context(actor, "bench")
            delivery = Delivery.objects.create(
                code=uuid4().hex[:16],
                delivered_on=date(2016, 1, 1),
                actor=actor.name,
                received_at=timezone.now(),
            )
            cursor.execute(AREAS)
            cursor.execute(PEOPLE, {"people": people, "delivery": delivery.pk})
        print(f"made {people:,} residents in {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    living = count(actor)
    print(f"counted {living:,} living in {time.monotonic() - began:.1f} s")
    for code in ("23", "d1", "b1"):
        here = place(actor, code)
        assert here is not None
        took = []
        for _ in range(5):
            began = time.monotonic()
            rows, whole, _at = coverage(actor, here)
            took.append(1000 * (time.monotonic() - began))
        print(
            f"{code}: {len(rows)} areas, {whole.verified:,} of {whole.living:,} in {sorted(took)[2]:.1f} ms"
        )


if __name__ == "__main__":
    from haqdar.config.cli_support import database_ready

    with database_ready():
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
