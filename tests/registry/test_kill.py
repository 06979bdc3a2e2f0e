"""Kill -9 in the middle of a load, then load again: as if nothing had happened."""

import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from haqdar.registry.actions import load_folder

from .folders import STATE, Table, write

LOAD = """
import os, sys
from pathlib import Path
from datetime import date
import django
from django.conf import settings
django.setup()
settings.DATABASES["default"]["NAME"] = sys.argv[3]
from haqdar.registry.actions import load_folder
print("loading", flush=True)
load_folder(Path(sys.argv[1]), date(2016, 9, 25), Path(sys.argv[2]))
"""
CONTENT = (
    "SELECT 'f', family_id::text, belief_no, known_from, line, area_code, fingerprint FROM registry_family_belief"
    " UNION ALL SELECT 'r', member_id::text, belief_no, known_from, line, name_en, fingerprint FROM registry_resident_belief"
    " UNION ALL SELECT 'p', member_id::text, belief_no, known_from, line, scheme, fingerprint FROM registry_pension_belief"
    " UNION ALL SELECT 'i', member_id::text, 0, NULL, 0, '', NULL FROM registry_resident"
    " UNION ALL SELECT 'x', field, 0, NULL, line, code, NULL FROM sources_rejection ORDER BY 1, 2, 3, 5, 6"
)


def content() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CONTENT)
        return cursor.fetchall()


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(relname, ', ') FROM pg_class WHERE relkind = 'r'"
            " AND relname ~ '^(registry|sources|access_(area|office))' AND relname <> 'registry_data_key'"
        )
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(f"TRUNCATE {row[0]} CASCADE")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_load_killed_anywhere_and_repeated_gives_the_same(tmp_path: Path) -> None:
    tables: dict[str, Table] = {name: list(rows) for name, rows in STATE.items()}
    for number in range(4000):
        tables["families"].append({"family_id": f"{20000000 + number}", "area_code": "G1"})
        sex = "F" if number % 50 else "?"
        tables["residents"].append(
            {
                "member_id": f"{200000000 + number}",
                "family_id": f"{20000000 + number}",
                "name_en": "Ram",
                "sex": sex,
            }
        )
        tables["pensioners"].append(
            {"member_id": f"{200000000 + number}", "scheme": "KANYA", "since": "2010-01-01"}
        )
    folder = write(tmp_path / "in", **tables)
    load_folder(folder, date(2016, 9, 25), tmp_path / "whole")
    whole, listed = content(), (tmp_path / "whole" / "rejections.csv").read_bytes()
    random.seed(7)
    killed = 0
    for trial in range(3):
        empty()
        command = [
            sys.executable,
            "-c",
            LOAD,
            str(folder),
            str(tmp_path / "killed"),
            connection.settings_dict["NAME"],
        ]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "HAQDAR_HOME": str(settings.HAQDAR_HOME),
        }
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"loading\n"
        time.sleep(random.uniform(0.2, 1.5) + 0.2 * trial)
        killed += process.poll() is None
        process.kill()
        process.wait()
        _until_the_server_noticed()
        load_folder(folder, date(2016, 9, 25), tmp_path / "again")
        assert content() == whole
        assert (tmp_path / "again" / "rejections.csv").read_bytes() == listed
    assert killed > 0
    assert not list((settings.HAQDAR_HOME / "tmp").glob("load-*"))


def _until_the_server_noticed() -> None:
    """Wait until the killed load's session, and with it the load's lock, is gone."""
    for _ in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            row = cursor.fetchone()
        if row == (0,):
            return
        time.sleep(0.1)
