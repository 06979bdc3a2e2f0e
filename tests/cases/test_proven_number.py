"""A number proven by eKYC: it clashes with another payee's in the month's work list, and no later file removes it."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from stdnum import verhoeff
from tests.cases.village import FILES, GITA, SITA, Village, on

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent
from haqdar.registry import merges, proven
from haqdar.registry.corrections import told
from haqdar.registry.evidence import Evidence
from haqdar.registry.models import Change, Proof, ResidentBelief
from haqdar.vault import store

ACTOR = platform("test")
PLAIN = FILES["residents.csv"]
CLASHING, OTHER = (number + verhoeff.calc_check_digit(number) for number in ("23456789017", "23456789028"))


def residents(**numbers: str) -> str:
    """The register's file with these people's Aadhaar numbers."""
    head, *rows = PLAIN.splitlines()
    return "\n".join([f"{head},aadhaar", *(f"{row},{numbers.get(f'm{row[:9]}', '')}" for row in rows)]) + "\n"


def latest() -> ResidentBelief:
    return ResidentBelief.objects.filter(member_id=GITA).latest("belief_no")


@pytest.mark.django_db(transaction=True)
def test_a_proven_number_is_the_registers_whatever_a_file_says(
    tmp_path: Path, monkeypatch: Any, settings: Any
) -> None:
    settings.HAQDAR_HOME = tmp_path / "home"
    settings.HAQDAR_HOME.mkdir()
    monkeypatch.setitem(FILES, "residents.csv", residents(**{f"m{SITA}": CLASHING}))
    village = Village(tmp_path)
    with on(date(2016, 9, 2)):
        ref = store.refer(ACTOR, CLASHING, "ekyc")
        number = proven.prove(ACTOR, GITA, ref, CLASHING[-4:], Evidence(signed="ab" * 32))
        assert number is not None
        assert proven.prove(ACTOR, GITA, ref, CLASHING[-4:], Evidence(signed="ab" * 32)) is None
    change = Change.objects.get(pk=number)
    assert (change.register, change.kind, change.member_id) == ("resident", "aadhaar", GITA)
    proof = Proof.objects.get(signed_sha256="ab" * 32)
    assert (proof.register, proof.belief_no) == ("resident", change.belief_no)
    correction = told(ACTOR, number)
    assert correction is not None and correction.changes == {"aadhaar_last4": (None, CLASHING[-4:])}
    assert CLASHING not in str(list(AuditEvent.objects.values_list("new", flat=True)))
    # two payees, one proven and one as a file says: a certain signal
    month = village.run("2016-10", date(2016, 9, 20))
    with (month.out / "worklist.csv").open(newline="") as file:
        listed = {int(row["member_id"]) for row in csv.DictReader(file) if row["reason"] == "same_aadhaar"}
    assert listed == {GITA, SITA}
    # the old row once more, a changed row without a number, a row with another number
    for day, file, belief_no, other in (
        (date(2016, 9, 21), residents(), 2, None),
        (date(2016, 9, 22), residents().replace("Gita Bai", "Geeta Bai"), 4, None),
        (date(2016, 9, 23), residents(**{f"m{GITA}": OTHER}), 6, (OTHER[-4:], date(2016, 9, 23))),
    ):
        village.load({"residents.csv": file}, day)
        assert (latest().belief_no, latest().aadhaar_ref, latest().aadhaar_last4) == (
            belief_no,
            ref,
            CLASHING[-4:],
        )
        assert proven.contradicted(GITA) == other
    assert latest().name_en == "Gita Bai"
    # the file's own row stands beside it, and that it was not followed in the trail
    beside = ResidentBelief.objects.get(member_id=GITA, belief_no=5)
    assert beside.aadhaar_last4 == OTHER[-4:] and beside.line > 0
    assert AuditEvent.objects.get(verb="fact.keep").new["fact"] == "aadhaar"
    # whoever rests on who stands for whom keeps merges waiting until it is done
    with transaction.atomic(), connection.cursor() as cursor:
        merges.hold_off()
        cursor.execute(
            "SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            " AND objid = (hashtext('haqdar.merge')::bigint & 4294967295)::oid"
        )
        assert cursor.fetchall() == [("ShareLock",)]
