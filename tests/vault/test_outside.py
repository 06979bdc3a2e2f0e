"""Outside the vault there is no number: not in a dump, not after an older installation moved, not when the caller fails."""

import re
import subprocess
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from psycopg.conninfo import conninfo_to_dict
from tests.home import HOME
from tests.payments.paying import a_passed_month, by_aadhaar
from tests.registry.folders import STATE, write

from haqdar.access.actors import platform
from haqdar.config import database
from haqdar.payments.models import Instruction
from haqdar.registry.actions import load_folder
from haqdar.registry.models import ResidentBelief
from haqdar.registry.sealing import AADHAAR, sealer
from haqdar.vault import store

NUMBER, ACCOUNT_NO = STATE["residents"][0]["aadhaar"], STATE["residents"][0]["account_no"]


def dumped(name: str) -> str:
    """A whole database as pg_dump writes it, with every column."""
    cluster = database.Cluster(HOME)
    parts = conninfo_to_dict(cluster.administrator(name))
    command = [
        str(cluster._programs() / "pg_dump"),
        "-h",
        parts["host"],
        "-U",
        parts["user"],
        "--inserts",
        name,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.django_db(transaction=True)
def test_a_dump_reveals_no_number_neither_of_the_main_database_nor_of_the_vault(tmp_path: Path) -> None:
    load_folder(write(tmp_path / "in", **STATE), out=tmp_path / "out")
    assert ResidentBelief.objects.filter(aadhaar_ref=store.find(platform("test"), NUMBER, "search")).exists()
    main = dumped(settings.DATABASES["default"]["NAME"])
    vault = dumped(conninfo_to_dict(settings.HAQDAR_VAULT_DSN)["dbname"])
    assert "Sita Bai" in main and "vault.number" in vault
    for text in (main, vault):
        for number in (NUMBER, ACCOUNT_NO):
            # neither as digits nor as the bytes of a column that was meant to be sealed
            assert number not in text and number.encode().hex() not in text
    ref = str(store.find(platform("test"), NUMBER, "search"))
    assert ref in main and ref in vault
    # and what would open the vault is in neither
    key = (HOME / "vault.key").read_text().strip()
    assert key not in main + vault and (HOME / "vault.key").stat().st_mode & 0o077 == 0
    assert not re.search(r"CREATE TABLE \S*\bvault\.", main)


@pytest.mark.django_db
def test_what_an_older_version_sealed_in_the_register_moves(tmp_path: Path) -> None:
    load_folder(write(tmp_path / "in", **STATE), out=tmp_path / "out")
    before = dict(ResidentBelief.objects.exclude(aadhaar_ref=None).values_list("member_id", "aadhaar_ref"))
    keys = sealer()
    sealed, version = keys.seal_one(AADHAAR, NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "ALTER TABLE registry_resident_belief DISABLE TRIGGER USER, DROP CONSTRAINT resident_aadhaar_referred,"
            " ADD COLUMN aadhaar_sealed bytea, ADD COLUMN aadhaar_hash uuid"
        )
        cursor.execute(
            "UPDATE registry_resident_belief SET aadhaar_sealed = %s, aadhaar_hash = %s, key_version = %s, aadhaar_ref = NULL"
            " WHERE aadhaar_ref IS NOT NULL",
            [sealed, keys.keyed_hash(AADHAAR, NUMBER), version],
        )
    import_module("haqdar.registry.migrations.0008_aadhaar_in_the_vault").move(None, None)
    assert (
        dict(ResidentBelief.objects.exclude(aadhaar_ref=None).values_list("member_id", "aadhaar_ref"))
        == before
    )


@pytest.mark.django_db
def test_what_an_older_version_sealed_in_instructions_moves() -> None:
    a_passed_month([(1, 1, "IGNWPS", 30000)], [by_aadhaar(1, NUMBER)])
    (instruction,) = Instruction.objects.all()
    ref = bytes(instruction.destination_sealed or b"")
    sealed, version = sealer().seal_one(AADHAAR, NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE payments_instruction DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE payments_instruction SET destination_sealed = %s", [version.to_bytes(2, "big") + sealed]
        )
        cursor.execute("ALTER TABLE payments_instruction ENABLE TRIGGER USER")
    import_module("haqdar.payments.migrations.0024_instructions_name_the_vault").move(None, None)
    instruction.refresh_from_db()
    assert bytes(instruction.destination_sealed or b"") == ref and len(ref) == 16


@pytest.mark.django_db
def test_a_payment_file_opens_numbers_for_its_purpose_and_says_so() -> None:
    from tests.payments.examples import OCTOBER
    from tests.payments.paying import MAKER

    from haqdar.payments.rails import files, keeping
    from haqdar.vault import rooms

    a_passed_month([(1, 1, "IGNWPS", 30000)], [by_aadhaar(1, NUMBER)])
    with time_machine.travel(date(2016, 9, 27), tick=False):
        (made,) = files.make(MAKER, OCTOBER, "apbs-credit")
    assert NUMBER.encode() in (keeping.kept(OCTOBER, made.name) or b"")
    with rooms.inside() as cursor:
        (line,) = cursor.execute(
            "SELECT actor, function, act, purpose, asked, given, ref FROM vault.access ORDER BY id DESC LIMIT 1"
        )
    ref = store.find(platform("test"), NUMBER, "search")
    assert line == ("maker", "bankfile.make", "reveal", "apbs_file", 1, 1, ref)
