"""Instructions by Aadhaar number carry the reference key of the vault in place of the sealed number."""

from django.db import connection, migrations, transaction

_AT_A_TIME = 50_000


def move(apps: object, schema_editor: object) -> None:
    """Replace what is longer than a reference key, in batches of numbers; what may go out, and when, does not change."""
    sealed = "rail = 'aadhaar' AND octet_length(destination_sealed) > 16"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT FROM payments_instruction WHERE {sealed})")
        if cursor.fetchone() == (False,):
            return
    from haqdar.access.actors import platform
    from haqdar.registry.sealing import AADHAAR, sealer
    from haqdar.vault.store import refer_many

    keys = sealer()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # an instruction is never edited; where its money goes does not change here
        cursor.execute("ALTER TABLE payments_instruction DISABLE TRIGGER USER")
        last = 0
        while True:
            # along the primary key: each row is looked at once
            cursor.execute(
                f"SELECT id, destination_sealed FROM payments_instruction WHERE id > %s AND {sealed} ORDER BY id LIMIT %s",
                [last, _AT_A_TIME],
            )
            if not (rows := cursor.fetchall()):
                break
            last = rows[-1][0]
            values = [bytes(value) for _, value in rows]
            clear = keys.unseal(
                AADHAAR,
                [value[2:] for value in values],
                [int.from_bytes(value[:2], "big") for value in values],
            )
            refs = refer_many(platform("migration"), [number for number in clear if number], "register_load")
            cursor.execute(
                "UPDATE payments_instruction i SET destination_sealed = uuid_send(t.ref)"
                " FROM unnest(%s::bigint[], %s::uuid[]) AS t (id, ref) WHERE i.id = t.id",
                # what does not open could not be paid before either: it stays as it is
                [
                    [row[0] for row, number in zip(rows, clear, strict=True) if number],
                    [refs[number] for number in clear if number],
                ],
            )
        cursor.execute("ALTER TABLE payments_instruction ENABLE TRIGGER USER")


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0023_not_paid"),
        ("registry", "0008_aadhaar_in_the_vault"),
    ]

    operations = [migrations.RunPython(move)]
