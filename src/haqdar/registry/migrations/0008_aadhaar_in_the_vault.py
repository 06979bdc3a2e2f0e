"""Aadhaar numbers move into the vault: a belief keeps the reference key, the sealed numbers and their hashes go."""

from django.db import connection, migrations, models, transaction

_AT_A_TIME = 50_000


def move(apps: object, schema_editor: object) -> None:
    """Deposit every number once, write the reference keys by one statement. Repeated after a stop it finds the same keys."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM registry_resident_belief WHERE aadhaar_hash IS NOT NULL)")
        if cursor.fetchone() == (False,):
            return
    import pyarrow as pa

    from haqdar.access.actors import platform
    from haqdar.base.duck import connect_duck
    from haqdar.registry.bridge import push
    from haqdar.registry.sealing import AADHAAR, sealer
    from haqdar.vault.store import deposit

    keys = sealer()
    with transaction.atomic(), connection.cursor() as cursor, connect_duck() as duck:
        cursor.execute("CREATE TEMP TABLE moved (hash uuid, ref uuid) ON COMMIT DROP")
        with connection.connection.cursor(name="numbers_to_move") as reading:
            reading.execute(
                "SELECT DISTINCT ON (aadhaar_hash) aadhaar_hash::text, aadhaar_sealed, key_version"
                " FROM registry_resident_belief WHERE aadhaar_hash IS NOT NULL ORDER BY aadhaar_hash"
            )
            while rows := reading.fetchmany(_AT_A_TIME):
                hashes, sealed, versions = zip(*rows, strict=True)
                clear = keys.unseal(AADHAAR, [bytes(one) for one in sealed], list(versions))
                duck.register("old", pa.table({"hash": pa.array(hashes), "number": pa.array(clear)}))
                deposit(duck, "old", "number", actor=platform("migration"), purpose="register_load")
                duck.execute(
                    "CREATE OR REPLACE TABLE found AS SELECT hash::UUID, ref FROM old JOIN deposited USING (number)"
                )
                duck.unregister("old")
                push(duck, "SELECT * FROM found", "moved", ["hash", "ref"])
        cursor.execute("ANALYZE moved")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # beliefs are only added to; what is believed does not change here
        cursor.execute("ALTER TABLE registry_resident_belief DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE registry_resident_belief b SET aadhaar_ref = m.ref FROM moved m WHERE b.aadhaar_hash = m.hash"
        )
        cursor.execute("ALTER TABLE registry_resident_belief ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0007_heirs"),
        ("sources", "0001_initial"),
    ]

    operations = [
        migrations.AddField("residentbelief", "aadhaar_ref", models.UUIDField(blank=True, null=True)),
        migrations.RunPython(move),
        migrations.RemoveConstraint("residentbelief", "resident_aadhaar_sealed"),
        migrations.RemoveIndex("residentbelief", "resident_by_aadhaar"),
        migrations.RemoveField("residentbelief", "aadhaar_sealed"),
        migrations.RemoveField("residentbelief", "aadhaar_hash"),
        migrations.AddIndex(
            "residentbelief",
            models.Index(
                fields=["aadhaar_ref"],
                condition=models.Q(aadhaar_ref__isnull=False),
                name="resident_by_aadhaar",
            ),
        ),
        migrations.AddConstraint(
            "residentbelief",
            models.CheckConstraint(
                condition=models.Q(aadhaar_ref__isnull=True, aadhaar_last4__isnull=True)
                | models.Q(aadhaar_ref__isnull=False, aadhaar_last4__isnull=False),
                name="resident_aadhaar_referred",
            ),
        ),
    ]
