"""A State of one district, two blocks and a town, with a dozen people and one month run, for tests of pages."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import duckdb
from django.db import transaction

from haqdar.access.actions import create_demo_people
from haqdar.access.actors import platform
from haqdar.access.models import Area, Office
from haqdar.cases.models import AwardChange, Entitlement, ForecastItem, MonthRun, WorkItem
from haqdar.entitlement.models import SimulationRun
from haqdar.jobs.reactions import record_event
from haqdar.jobs.simulations import people_folder
from haqdar.payments.models import AreaTotal, Bill, BillLine, Due, Instruction
from haqdar.registry.events import checked
from haqdar.registry.lookup_keys import catch_up
from haqdar.registry.models import (
    BplBelief,
    DisabilityBelief,
    EventBelief,
    Family,
    FamilyBelief,
    PensionBelief,
    Resident,
    ResidentBelief,
)
from haqdar.sources.models import DeliveredFile, Delivery, Rejection

MONTH = date(2016, 10, 1)
KNOWN = date(2016, 9, 20)

AREAS = (
    # code, kind, parent, English, Hindi, path
    ("23", "state", None, "Madhya Pradesh", "मध्य प्रदेश", "/23/"),
    ("401", "district", "23", "Sehore", "सीहोर", "/23/401/"),
    ("402", "district", "23", "Dewas", "देवास", "/23/402/"),
    ("4011", "block", "401", "Ashta", "आष्टा", "/23/401/4011/"),
    ("4012", "block", "401", "Ichhawar", "इछावर", "/23/401/4012/"),
    ("4013", "ulb", "401", "Sehore town", "सीहोर नगर", "/23/401/4013/"),
    ("40111", "gp", "4011", "Amla Kheda", "आमला खेड़ा", "/23/401/4011/40111/"),
    ("40112", "gp", "4011", "Bhaukhedi", "भाऊखेड़ी", "/23/401/4011/40112/"),
    ("40121", "gp", "4012", "Dudhlai", "दूधलई", "/23/401/4012/40121/"),
    ("40131", "ward", "4013", "Ward 1", "वार्ड 1", "/23/401/4013/40131/"),
    ("40211", "gp", "402", "Sonkatch Khurd", "सोनकच्छ खुर्द", "/23/402/40211/"),
)

NAMES = (
    ("Sita Bai Malviya", "सीता बाई मालवीय", "F", date(1970, 3, 5), "widowed"),
    ("Ramesh Kumar Verma", "रमेश कुमार वर्मा", "M", date(1950, 1, 1), "married"),
    ("Kamla Devi", "कमला देवी", "F", None, "widowed"),
    ("Mohan Singh Thakur", "मोहन सिंह ठाकुर", "M", date(1936, 9, 12), "widowed"),
    ("Rekha Prajapati", "रेखा प्रजापति", "F", date(1984, 6, 30), None),
    ("Gopal Ahirwar", "गोपाल अहिरवार", "M", date(1999, 11, 2), "never_married"),
)


def fill(people_per_gp: int = 6) -> dict[str, Any]:
    """Fill an empty, migrated database; returns keys of what tests look at."""
    with transaction.atomic():
        keys = _fill(people_per_gp)
        catch_up()
        keys["touched"] = keys["members"]["40111"][:2]
        keys["simulation"] = _simulation(keys["touched"])
        return keys


def _fill(people_per_gp: int) -> dict[str, Any]:
    for code, kind, parent, name_en, name_hi, path in AREAS:
        Area.objects.create(
            area_code=code,
            kind=kind,
            parent_code=parent,
            name_en=name_en,
            name_hi=name_hi,
            path=path,
            depth=path.count("/") - 2,
            district_code=path.split("/")[2] if path.count("/") > 2 else None,
        )
    for code, name_en, name_hi in (
        ("4011", "Janpad Ashta", "जनपद आष्टा"),
        ("4012", "Janpad Ichhawar", "जनपद इछावर"),
    ):
        Office.objects.create(
            office_code=f"O{code}",
            kind="janpad",
            area_id=code,
            ddo_code=f"D{code}",
            name_en=name_en,
            name_hi=name_hi,
        )
    at = datetime(2016, 9, 20, 6, 0, tzinfo=UTC)
    delivery = Delivery.objects.create(
        code="5ee1abcd5ee1abcd", delivered_on=KNOWN, folder="demo", actor="load", received_at=at
    )
    files = {
        name: DeliveredFile.objects.create(
            delivery=delivery,
            name=name,
            sha256="0" * 64,
            size=1000,
            rows=100,
            accepted=90,
            rejected=10,
            loaded_at=at,
        )
        for name in ("families.csv", "residents.csv", "bpl.csv")
    }
    for line in range(2, 12):
        Rejection.objects.create(
            file=files["residents.csv"],
            line=line,
            field="born_on",
            code="bad_format",
            message="'31/12/1950' is no date; write it as year-month-day, for example 1950-12-31",
        )
    run = MonthRun.objects.create(
        month=MONTH,
        version=1,
        known_on=KNOWN,
        known_at=KNOWN,
        law_hash="1a" * 32,
        snapshot_hash="2b" * 32,
        inputs_hash="3c" * 32,
        state="complete",
        posted=True,
        manifest={},
        started_at=at,
        finished_at=datetime(2016, 9, 20, 6, 0, 12, tzinfo=UTC),
        actor="state",
    )
    keys: dict[str, Any] = {
        "run": run.pk,
        "delivery": delivery.pk,
        "people": {},
        "families": {},
        "members": {},
        "events": {},
        "changes": {},
    }
    number = 0
    for gp, path in [(area[0], area[5]) for area in AREAS if area[1] in ("gp", "ward")]:
        family_id = 10_000_000 + number
        family_key = uuid4()
        Family.objects.create(family_id=family_id, key=family_key)
        common = {"belief_no": 1, "known_from": KNOWN, "line": 2, "delivery": delivery}
        FamilyBelief.objects.create(
            family_id=family_id,
            area_code=gp,
            address="मकान 12, बड़ा मोहल्ला",
            social_category="OBC",
            fingerprint=uuid4(),
            **common,
        )
        BplBelief.objects.create(
            family_id=family_id, card_no="B-1001", valid_from=date(2010, 1, 1), fingerprint=uuid4(), **common
        )
        keys["families"][gp] = family_key
        for place in range(people_per_gp):
            name_en, name_hi, sex, born_on, status = NAMES[place % len(NAMES)]
            member_id = 100_000_000 + number
            number += 1
            key = uuid4()
            Resident.objects.create(member_id=member_id, key=key)
            ResidentBelief.objects.create(
                member_id=member_id,
                family_id=family_id,
                name_en=name_en,
                name_hi=name_hi,
                sex=sex,
                born_on=born_on,
                relation_to_head="wife" if place == 0 else "other",
                marital_status=status,
                spouse_id=member_id + 1 if place == 0 and people_per_gp > 1 else None,
                destitute=False,
                income_tax_payer=False if place % 2 else None,
                mobile="9300000000",
                fingerprint=uuid4(),
                **common,
            )
            keys["people"].setdefault(gp, []).append(key)
            keys["members"].setdefault(gp, []).append(member_id)
            _decide(run, place, member_id, key, gp, path.split("/")[2], common)
    for gp, members in keys["members"].items():
        keys["events"][gp] = EventBelief.objects.get(member_id=members[0]).fingerprint
        event = checked(platform("gp"), members[1 % len(members)], "migration_out", date(2016, 10, 5))
        keys["changes"][gp] = record_event(platform("gp"), event)
    return keys


def _decide(
    run: MonthRun, place: int, member_id: int, key: UUID, gp: str, district: str, common: dict[str, Any]
) -> None:
    where = {"area_code": gp, "district_code": district}
    person = {"run": run, "member_id": member_id, "pension_group": 1, "resident_key": key, **where}
    kind = place % len(NAMES)
    if kind == 0:
        EventBelief.objects.create(
            event_id=f"E{member_id}",
            member_id=member_id,
            kind="marriage",
            happened_on=date(1990, 5, 1),
            reported_on=date(1990, 6, 1),
            spouse_id=member_id + 1,
            fingerprint=uuid4(),
            **common,
        )
        WorkItem.objects.create(
            action="start", to_scheme="IGNWPS", to_paise=30000, reason="husband_died", **person
        )
    elif kind == 1:
        PensionBelief.objects.create(
            member_id=member_id,
            scheme="IGNOAPS",
            since=date(2014, 1, 1),
            amount_paise=20000,
            fingerprint=uuid4(),
            **common,
        )
        WorkItem.objects.create(
            action="revise",
            from_scheme="IGNOAPS",
            from_paise=20000,
            to_scheme="IGNOAPS",
            to_paise=27500,
            reason="age_band",
            **person,
        )
        AwardChange.objects.create(
            run=run,
            member_id=member_id,
            pension_group=1,
            kind="revise",
            scheme="IGNOAPS",
            paise=27500,
            decided_month=MONTH,
            reason="age_band",
            actor="state",
        )
        due = Due.objects.create(
            run=run,
            member_id=member_id,
            pension_group=1,
            scheme="IGNOAPS",
            kind="regular",
            for_month=MONTH,
            paise=27500,
            area_code=gp,
            ddo_code="D4011",
        )
        bill = Bill.objects.create(
            run=run,
            bill_no=f"B{member_id}",
            ddo_code="D4011",
            scheme="IGNOAPS",
            head=f"2235-60-102-{member_id}",
            month=MONTH,
            persons=1,
            paise=27500,
        )
        BillLine.objects.create(bill=bill, due=due, component="union", paise=27500)
        Instruction.objects.create(
            run=run,
            reference=f"{member_id:030d}",
            member_id=member_id,
            pension_group=1,
            scheme="IGNOAPS",
            paise=27500,
            ifsc="SBIN0000001",
            account_last4="4321",
            state="written",
        )
        AreaTotal.objects.get_or_create(
            run=run,
            area_code=gp,
            scheme="IGNOAPS",
            defaults={
                "persons": 1,
                "regular_paise": 27500,
                "arrears_paise": 0,
                "recovery_paise": 0,
                "withheld_paise": 0,
                "instructed_paise": 27500,
            },
        )
    elif kind == 2:
        WorkItem.objects.create(action="undecided", reason="born_on", **person)
    elif kind == 3:
        WorkItem.objects.create(
            action="move",
            from_scheme="SSP-OLD",
            from_paise=15000,
            to_scheme="IGNOAPS",
            to_paise=50000,
            reason="better_scheme",
            **person,
        )
    elif kind == 4:
        WorkItem.objects.create(
            action="stop", from_scheme="SSP-WIDOW", from_paise=15000, reason="marital_status", **person
        )
        ForecastItem.objects.create(
            eligible_on=date(2016, 11, 2), action="start", to_scheme="SSP-PWD", to_paise=15000, **person
        )
    else:
        DisabilityBelief.objects.create(
            member_id=member_id,
            certificate_no="C-1",
            kind="locomotor",
            percent=60,
            issued_on=date(2012, 2, 2),
            fingerprint=uuid4(),
            **common,
        )
    if kind in (0, 1, 3):
        Entitlement.objects.create(
            run=run,
            member_id=member_id,
            pension_group=1,
            scheme=("IGNWPS", "IGNOAPS", "", "IGNOAPS")[kind],
            paise=(30000, 27500, 0, 50000)[kind],
            **where,
        )


def _simulation(members: list[int]) -> int:
    """A finished simulation of a district of 20,000, and the list of persons whom it touches."""
    result = json.loads((Path(__file__).parent / "simulation.json").read_text(encoding="utf-8"))
    run = SimulationRun.objects.create(
        proposal="widow-500",
        proposal_hash=result["proposal"]["hash"],
        month=MONTH,
        state=SimulationRun.State.DONE,
        known_on=KNOWN,
        result=result,
        asked_by="state",
    )
    SimulationRun.objects.create(
        proposal="widow-500", proposal_hash="", month=MONTH, state=SimulationRun.State.FAILED,
        message_en="The simulation was interrupted; nothing was changed. Ask for it again.",
        message_hi="आकलन बीच में रुक गया; कुछ भी नहीं बदला। इसे फिर से कहें।", asked_by="state",
    )  # fmt: skip
    write_touched(run.pk, members)
    return int(run.pk)


def write_touched(simulation: int, members: list[int]) -> None:
    """The list of persons whom the simulation touches, as a file of the data folder."""
    folder = people_folder(simulation) / "district=401"
    folder.mkdir(parents=True, exist_ok=True)
    rows = ", ".join(f"({member}, '40111', 'more', 30000, 50000)" for member in members)
    duckdb.sql(
        f"COPY (FROM (VALUES {rows}) t(member_id, area_code, outcome, from_paise, to_paise))"
        f" TO '{folder / 'part.parquet'}' (FORMAT parquet)"
    )


def people() -> list[tuple[str, str, str]]:
    """The demonstration log-ins of this State."""
    return create_demo_people()
