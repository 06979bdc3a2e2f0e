"""How the permission test fills every address of the site with a real object of the own and of a foreign area.

Most new pages need no line here: an address without arguments is asked as it is, and one below a folder of `OBJECTS` gets
that kind of object. Any other argument needs ONE line in `ARGUMENTS`.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from haqdar.web.permissions import Address

HOME = "40111"
FOREIGN = "40211"

Values = dict[str, Any]
State = dict[str, Any]


class Asked(NamedTuple):
    """The arguments of an address: of an own object, and of a foreign one (None where every area is asked alike)."""

    own: Callable[[State], Values]
    foreign: Callable[[State], Values] | None = None
    query: Values = {}
    foreign_query: Values | None = None
    also: str = ""
    """A second verb that the page asks for beside the one at its door."""


def keyed(objects_of: str, **more: Any) -> Asked:
    """Addresses with the `key` of an object of this kind, which the fixture keeps under that name for each area."""
    return Asked(
        lambda state: {"key": state[objects_of][HOME], **more},
        lambda state: {"key": state[objects_of][FOREIGN], **more},
    )


# Folder of the address -> what its arguments are.
OBJECTS: dict[str, Asked] = {
    "/desk/bills/<month:month>/of/<str:ddo>/": Asked(
        lambda _: {"month": "2016-10", "ddo": "D4011"}, lambda _: {"month": "2016-10", "ddo": "D4021"}
    ),
    "/desk/bills/versions/<uuid:key>/": keyed("bill_version"),
    "/desk/money/files/<uuid:key>/": Asked(lambda state: {"key": state["payment_file"]}),
    "/desk/budget/<int:year>/": Asked(lambda _: {"year": 2016}),
    "/desk/people/<uuid:key>/": keyed("person"),
    "/desk/families/<uuid:key>/": keyed("families"),
    "/desk/cards/prints/<uuid:key>/sheets/<int:number>": Asked(
        lambda state: {"key": state["card_print"][HOME], "number": 1},
        lambda state: {"key": state["card_print"][FOREIGN], "number": 1},
    ),
    "/desk/cards/prints/<uuid:key>/": keyed("card_print"),
    "/desk/cases/<uuid:key>/": keyed("case"),
    "/desk/employees/<uuid:key>/postings/<int:number>/": Asked(
        lambda state: {"key": state["employee"][HOME], "number": state["posting"][HOME]},
        lambda state: {"key": state["employee"][FOREIGN], "number": state["posting"][FOREIGN]},
    ),
    "/desk/employees/<uuid:key>/": keyed("employee"),
    "/desk/registers/<uuid:key>/": keyed("register"),
    "/desk/payees/<uuid:key>/": keyed("payment"),
    "/desk/money/treasury/<uuid:key>/": keyed("treasury_bill"),
    "/desk/money/recoveries/<int:number>/": Asked(
        lambda state: {"number": state["recovery"][HOME]},
        lambda state: {"number": state["recovery"][FOREIGN]},
    ),
    "/desk/money/recalls/<uuid:key>/": keyed("recall"),
    "/desk/money/write-offs/<uuid:key>/": keyed("write_off"),
    "/desk/gramsabha/meetings/<uuid:key>/": keyed("meeting"),
    "/desk/gramsabha/<str:area>/": Asked(lambda _: {"area": HOME}, lambda _: {"area": FOREIGN}),
    "/desk/socialaudit/<uuid:key>/": keyed("audit"),
    "/desk/money/responses/<uuid:key>/": Asked(lambda state: {"key": state["response"][HOME]}),
    "/desk/money/returns/<uuid:key>/": keyed("returned"),
    "/desk/money/names/<uuid:key>/": keyed("holder"),
    "/desk/changes/<int:number>/": Asked(
        lambda state: {"number": state["changes"][HOME]}, lambda state: {"number": state["changes"][FOREIGN]}
    ),
    "/desk/deliveries/<int:number>/": Asked(lambda state: {"number": state["delivery"]}),
    "/desk/money/proposals/<uuid:key>/": keyed("payment_proposal"),
    "/desk/money/holds/<uuid:key>/": keyed("hold"),
    "/desk/pairs/<uuid:key>/": keyed("pair"),
    "/desk/seeding/lists/<uuid:key>/": keyed("seed_list"),
    "/desk/seeding/findings/<uuid:key>/": keyed("seed_finding"),
    "/desk/seeding/departments/<slug:code>/": Asked(lambda _: {"code": "food"}),
    "/desk/simulations/<int:number>/": Asked(lambda state: {"number": state["simulation"]}),
}

AREA: Values = {"area": HOME}
OTHER: Values = {"area": FOREIGN}
MONTH: Values = {"month": "2016-10"}


def of_month(**more: Any) -> Asked:
    """A list of a month, which is narrowed to an area by `?area=`."""
    return Asked(lambda _: MONTH | more, lambda _: MONTH | more, AREA, OTHER)


# Name of the address -> its arguments, where OBJECTS does not say them, or an `?area=` to try.
ARGUMENTS: dict[str, Asked] = {
    "desk:month-detail": of_month(),
    "desk:response-line": Asked(lambda state: {"key": state["response"][HOME], "line": 2}),
    "desk:work-list": of_month(action="start"),
    "desk:work-download": of_month(action="start"),
    "desk:forecast-list": of_month(),
    "desk:forecast-download": of_month(),
    "desk:budget-head": Asked(lambda _: {"year": 2016, "head": "2235"}),
    "desk:bill-list": Asked(lambda _: MONTH),
    "desk:bankfile-envelope": Asked(lambda state: {"key": state["payment_file"], "which": "p7m"}),
    "desk:bill-download": Asked(lambda _: MONTH),
    "desk:card-print": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:person-search": Asked(lambda _: {}, None, {"q": "sita"}),
    # Leads to the month's page, which looks at the area.
    "desk:reasons-latest": Asked(lambda state: {"key": state["person"][HOME]}),
    "desk:reasons-detail": keyed("person", **MONTH),
    "desk:event-withdraw": Asked(
        lambda state: {"key": state["person"][HOME], "fingerprint": state["events"][HOME]},
        lambda state: {"key": state["person"][FOREIGN], "fingerprint": state["events"][FOREIGN]},
    ),
    "desk:change-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:change-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:employee-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:employee-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:proposal-detail": Asked(lambda _: {"name": "widow-500"}),
    "desk:simulation-download": Asked(
        lambda state: {"number": state["simulation"]}, None, {"table": "district"}
    ),
    "desk:simulation-people": Asked(
        lambda state: {"number": state["simulation"]},
        lambda state: {"number": state["simulation"]},
        AREA,
        OTHER,
    ),
    "desk:queue": Asked(lambda _: {"slug": "case-verify"}, None, AREA, also="case.view"),
    "desk:queue-download": Asked(lambda _: {"slug": "case-verify"}, None, AREA),
    "desk:queue-print": Asked(lambda _: {"slug": "case-verify"}, None, AREA, also="case.view"),
    "desk:bulk-detail": Asked(lambda state: {"key": state["bulk"][state["username"]]}),
    "desk:bulk-download": Asked(lambda state: {"key": state["bulk"][state["username"]]}),
    "desk:delay-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:delay-cases": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:delay-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:delay-pdf": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    # whoever has the case may stop its clock
    "desk:clock-pause": Asked(
        lambda state: {"key": state["case"][HOME]},
        lambda state: {"key": state["case"][FOREIGN]},
        also="case.verify",
    ),
    "desk:ekyc-give": keyed("person", way="offline_xml"),
    "desk:ekyc-compare": keyed("person", check="00000000-0000-4000-8000-000000000000"),
    "desk:ekyc-photo": keyed("person", check="00000000-0000-4000-8000-000000000000"),
    "desk:quality": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:quality-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:quality-accept": keyed("finding"),
    "desk:ekyc-dashboard": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:ekyc-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:register-form": keyed("person", kind="divorce"),
    "desk:payee-form": keyed("person", kind="account_change"),
    "desk:register-document": Asked(
        lambda state: {"key": state["register"][HOME], "paper": state["paper"][HOME]},
        lambda state: {"key": state["register"][FOREIGN], "paper": state["paper"][FOREIGN]},
    ),
    "desk:payee-approve": keyed("payee"),
    "desk:gramsabha-object": Asked(
        lambda state: {"key": state["meeting"][HOME], "person": state["person"][HOME], "scheme": "IGNWPS"},
        lambda state: {
            "key": state["meeting"][FOREIGN],
            "person": state["person"][FOREIGN],
            "scheme": "IGNWPS",
        },
    ),
    "desk:socialaudit-print": keyed("audit", language="hi"),
    "desk:socialaudit-answer": keyed("audit", serial=1),
    "desk:gramsabha-print": Asked(
        lambda _: {"area": HOME, "language": "hi"}, lambda _: {"area": FOREIGN, "language": "hi"}
    ),
    "desk:money-sample": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:money-sample-detail": keyed("sample"),
    "desk:money-sample-download": keyed("sample"),
    "desk:money-dashboard": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:money-dashboard-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:money-reports": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:money-report": Asked(lambda _: {"report": "nsap"}, lambda _: {"report": "nsap"}, AREA, OTHER),
    "desk:money-report-download": Asked(
        lambda _: {"report": "nsap"}, lambda _: {"report": "nsap"}, AREA, OTHER
    ),
    "desk:money-report-pdf": Asked(lambda _: {"report": "nsap"}, lambda _: {"report": "nsap"}, AREA, OTHER),
    "desk:document": keyed("paper"),
    "desk:order": keyed("order"),
    "desk:appeal-decide": keyed("appeal"),
    "desk:second-appeal-decide": keyed("second_appeal"),
    "desk:penalty-decide": keyed("second_appeal"),
    "desk:grievance-answer": keyed("grievance"),
    "desk:merge-preview": keyed("judged"),
    "desk:merge-detail": keyed("merge"),
    "desk:merge-undo": keyed("merge"),
    "desk:report-examine": keyed("report"),
    "desk:case-examine": keyed("duplicate"),
    "desk:case-note": keyed("move"),
    "desk:stop-confirm": keyed("stop"),
    "desk:stop-restore": keyed("stop"),
    "desk:objection-enter": keyed("stop"),
    "desk:objection-decide": keyed("objection"),
    "desk:fact-correct": keyed("undecided"),
    "citizen:case-status": Asked(lambda state: {"number": state["number"][HOME]}),
    "citizen:order": Asked(lambda state: {"key": state["order"][HOME]}),
    "citizen:order-document": Asked(lambda state: {"key": state["order"][HOME]}),
    "citizen:object-new": Asked(lambda state: {"number": state["number"][HOME]}),
    "citizen:object-done": Asked(lambda state: {"number": state["number"][HOME]}),
    "open:delay-detail": Asked(lambda _: {"area_code": HOME}),
    "open:area-detail": Asked(lambda _: {"area_code": HOME}),
    "open:scheme-detail": Asked(lambda _: {"scheme": "IGNWPS"}),
    "open:figure-download": Asked(lambda _: {"topic": "payments"} | MONTH),
    "open-api:months": Asked(lambda _: {"topic": "payments"}),
    "open-api:figures": Asked(lambda _: {"topic": "payments"} | MONTH),
    "citizen:apply-paper": Asked(lambda _: {"kind": "photo"}),
    "citizen:apply-picture": Asked(lambda _: {"kind": "photo"}),
    "citizen:apply-receipt": Asked(lambda state: {"key": state["case"][HOME]}),
    "citizen:answer": Asked(lambda state: {"number": state["number"][HOME]}),
    "desk:payment-proposal-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:payment-proposal-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:payment-proposal-print": keyed("payment_proposal", language="hi"),
    "desk:payment-proposal-submit": Asked(lambda _: MONTH | AREA, lambda _: MONTH | OTHER),
    "desk:month-close": Asked(lambda _: MONTH),
    "desk:seeding-results": keyed("seed_list", kind="csv"),
    "desk:money-delays": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:money-delays-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:pair-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:pair-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:hold-list": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:hold-download": Asked(lambda _: {}, lambda _: {}, AREA, OTHER),
    "desk:account-session-end": Asked(lambda state: {"key": state["person"][HOME]}),
    "desk:factor-remove": Asked(lambda _: {"number": 0}),
}


def asked_of(address: Address) -> Asked | None:
    """The arguments of an address; None when this table does not know them."""
    if address.name in ARGUMENTS:
        return ARGUMENTS[address.name]
    for folder, asked in OBJECTS.items():
        if address.pattern.startswith(folder) or f"{address.pattern}/" == folder:
            known = folder.count("<")
            return asked if len(address.arguments) == known else None
    return None if address.arguments else Asked(lambda _: {})


def own_path(address: Address, state: State) -> str:
    """The address of an object of the own area."""
    asked = asked_of(address)
    assert asked is not None, unknown(address)
    return _path(address, asked.own(state), asked.query)


def foreign_path(address: Address, state: State) -> str | None:
    """The address of an object of a foreign area; None where areas make no difference."""
    asked = asked_of(address)
    assert asked is not None, unknown(address)
    if asked.foreign is None:
        return None
    return _path(
        address, asked.foreign(state), asked.query if asked.foreign_query is None else asked.foreign_query
    )


def unknown(address: Address) -> str:
    """What to do for an address that the test cannot fill."""
    return (
        f"{address.name} ({address.pattern}): the permission test does not know how to make {address.arguments}. Add one line"
        " to ARGUMENTS in tests/web/addresses.py, and if it is a new kind of object, make one of it in HOME and one in"
        " FOREIGN in objects()."
    )


def _path(address: Address, values: Values, query: Values) -> str:
    return reverse(address.name, kwargs=values) + (f"?{urlencode(query)}" if query else "")


def payment_file() -> Any:
    """The key of a payment file that waits for its release."""
    from django.utils import timezone

    from haqdar.payments.models import PaymentFile

    file = PaymentFile.objects.create(
        profile="nach-credit", profile_from=date(2012, 4, 1), month=date(2016, 10, 1), sequence=1, name="a-file.txt",
        settlement_on=date(2016, 10, 1), items=1, paise=50000, sha256="0" * 64, size=613, made_at=timezone.now(),
        made_by="test",
    )  # fmt: skip
    file.refresh_from_db()
    return file.key


def bill_version(state: State, area: str) -> Any:
    """The key of a sanctioned bill of the drawing officer of an area's block."""
    from django.db import connection
    from django.utils import timezone

    from haqdar.access.actors import platform
    from haqdar.access.models import Area, Office
    from haqdar.payments import budget
    from haqdar.payments.models import Bill, BillLine, BillVersion, Due

    ddo, member = f"D{area[:4]}", state["members"][area][0]
    budget.allot(platform("test"), 2016, "2235", 50000, "F.1")
    above = Area.objects.get(area_code=area).parent_code
    Office.objects.get_or_create(
        ddo_code=ddo,
        defaults={"office_code": f"O{ddo}", "kind": "janpad", "area_id": above, "name_en": ddo},
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    due = Due.objects.create(
        run_id=state["run"], member_id=member, pension_group=3, scheme="MRMD", kind="regular", paise=50000,
        for_month=date(2016, 10, 1), area_code=area, ddo_code=ddo,
    )  # fmt: skip
    bill = Bill.objects.create(
        run_id=state["run"], bill_no=f"201610/{ddo}/001", ddo_code=ddo, scheme="MRMD", head="2235", persons=1,
        paise=50000, month=date(2016, 10, 1),
    )  # fmt: skip
    BillLine.objects.create(bill=bill, due=due, component="state", paise=50000)
    version = BillVersion.objects.create(
        bill=bill, version=1, persons=1, paise=50000, left_out_persons=0, left_out_paise=0, content_hash="0" * 64,
        sanction_no=f"{bill.bill_no}/S1", sanctioned_at=timezone.now(), sanctioned_by="test",
    )  # fmt: skip
    version.refresh_from_db()
    return version.key


def returned_credit(state: State, area: str) -> tuple[Any, Any, Any]:
    """The keys of a file of answers, of a credit that it brought back in an area, and of a holder's name that differs."""
    from django.utils import timezone

    from haqdar.payments.models import Instruction, NameDifference, ResponseFile, ResponseLine, Return

    now, member = timezone.now(), state["members"][area][0]
    credit = Instruction.objects.create(
        run_id=state["run"], reference=f"{member:0>30}", member_id=member, pension_group=2, scheme="KANYA", paise=50000,
        ifsc="SBIN0001234", state="written", area_code=area,
    )  # fmt: skip
    file = ResponseFile.objects.create(
        profile="nach-return", name="answers.txt", sha256=area, lines=2, applied=1, repeated=0, set_aside=1, read_at=now, read_by="test",
    )  # fmt: skip
    back, _ = (
        ResponseLine.objects.create(
            file=file, line_no=number, outcome="returned", reason_code="01", paise=50000, disposition=disposition, instruction=credit,
        )
        for number, disposition in ((1, "applied"), (2, "amount"))
    )  # fmt: skip
    about = {"member_id": member, "scheme": "KANYA", "area_code": area}
    one = Return.objects.create(
        instruction=credit, first=credit, line=back, month=date(2016, 10, 1), pension_group=2, paise=50000, reasons="nach",
        reason_code="01", action="correct", attempt=1, read_at=now, state="waiting", state_at=now, state_by="test", **about,
    )  # fmt: skip
    name = NameDifference.objects.create(
        line=back, instruction=credit, our_name="A", bank_name="B", likeness=0, found_at=now, **about
    )
    for made in (file, one, name):
        made.refresh_from_db()
    return file.key, one.key, name.key


def objects(state: State) -> State:
    """The small State with one more object of each kind in HOME and in FOREIGN."""
    from django.test import Client
    from django.utils import timezone
    from tests.web import open_cases
    from tests.web.over_payments import over_payment
    from tests.web.pairs import pair_of
    from tests.web.seed_lists import seed_list
    from tests.web.test_registers import proposed
    from tests.web.treasury_bills import treasury_bill

    from haqdar.access.actors import acting, platform
    from haqdar.access.models import Posting, User
    from haqdar.base.month import Month
    from haqdar.cases import merging
    from haqdar.cases.models import BulkJob, CardPrint
    from haqdar.cases.orders import issue_order
    from haqdar.identity.models import QualityFinding
    from haqdar.payments.holds import hold
    from haqdar.payments.models import Proposal, Sample
    from haqdar.payments.models.scrutiny import GramSabha, SocialAudit, SocialAuditEntry
    from haqdar.payments.proposals import propose
    from haqdar.registry.models import Document, Family

    propose(platform("test"), Month(2016, 10))
    made: dict[str, Values] = {}

    def keep(kind: str, value: Any) -> None:
        made.setdefault(kind, {})[area] = value

    for area in (HOME, FOREIGN):
        keep("person", state["people"][area][0])
        keep("pair", pair_of(*state["members"][area][:2], (area, area)).key)
        finding = QualityFinding.objects.create(
            rule="too_old", member_id=state["members"][area][0], family_id=Family.objects.get(key=state["families"][area]).pk, area_code=area,
            opened_at=timezone.now(),
        )  # fmt: skip
        finding.refresh_from_db()
        keep("finding", finding.key)
        lists = seed_list("/23/401/" if area == HOME else "/23/402/", state["members"][area][:2])
        keep("seed_list", lists.seed_list)
        keep("seed_finding", lists.seed_finding)
        (case,) = open_cases.more("start", 1, state, area)
        keep("case", case.key)
        keep("number", case.number)
        for kind in (
            "appeal",
            "second_appeal",
            "grievance",
            "report",
            "duplicate",
            "move",
            "stop",
            "objection",
            "undecided",
        ):
            keep(kind, open_cases.more(kind, 1, state, area)[0].key)
        two, three, four, five = state["members"][area][2:6]
        keep("judged", pair_of(two, three, (area, area), state="same").key)
        keep("merge", merging.merge(platform("test"), four, five, {1: four}, first_opinion="verifier")[0])
        with acting(platform("test"), "case.sanction"):
            order = issue_order(
                platform("test"), case, "sanction", scheme="IGNOAPS", paise=27500, from_on=date(2016, 10, 1)
            )
        order.refresh_from_db()
        keep("order", order.key)
        sheets = CardPrint.objects.create(area_code=area, only_missing=True, families=1, state="done")
        sheets.refresh_from_db()
        keep("card_print", sheets.key)
        keep("payment_proposal", Proposal.objects.get(body_code=area).key)
        keep("hold", hold(platform("test"), state["people"][area][1], "IGNOAPS", "account", "doubt").key)
        keep("payment", open_cases.more("payment", 1, state, area)[0].key)
        for kind, key in zip(("response", "returned", "holder"), returned_credit(state, area), strict=True):
            keep(kind, key)
        with acting(platform("test"), "user.create"):
            user = User.objects.create_user(
                f"worker.{area}", "a long enough password", name_en=f"Worker {area}"
            )
            post = Posting.objects.create(
                user=user, role="secretary", area_code=area, from_on=date(2014, 1, 1)
            )
        user.refresh_from_db()
        keep("employee", user.key)
        keep("posting", post.pk)
        client = Client()
        client.force_login(user)
        client.cookies["haqdar_language"] = "en"
        death = proposed(
            client, f"/desk/people/{state['people'][area][3]}/register/death", {"happened_on": "2016-10-07"}
        )
        keep("register", death.key)
        keep("paper", Document.objects.get(about_key=str(death.key)).key)
        account = {"ifsc": "sbin0001234", "account": "9876 5432 1098", "account_again": "987654321098"}
        keep(
            "payee",
            proposed(client, f"/desk/people/{state['people'][area][2]}/payee/account_change", account).key,
        )
        recovery, recall, write_off = over_payment(state, area)
        keep("recovery", recovery)
        keep("recall", recall.key)
        keep("write_off", write_off.key)
        keep("treasury_bill", treasury_bill("D4011" if area == HOME else "D402").key)
        common = {"run_id": state["run"]}
        meeting = GramSabha.objects.create(
            area_code=area, held_on=date(2016, 10, 2), present=40, listed=3, recorded_at=timezone.now(),
            recorded_by="gp", **common,
        )  # fmt: skip
        meeting.refresh_from_db()
        keep("meeting", meeting.key)
        audit = SocialAudit.objects.create(
            area_code=area, seed="1", percent=10, least=1, payees=1, drawn_at=timezone.now(), drawn_by="auditor",
            **common,
        )  # fmt: skip
        audit.refresh_from_db()
        keep("audit", audit.key)
        sample = Sample.objects.create(
            month=date(2016, 10, 1), area_code=area, seed="1", method="credits", size=1, frame_credits=1, frame_paise=1,
            drawn_at=timezone.now(), drawn_by="auditor",
        )  # fmt: skip
        sample.refresh_from_db()
        keep("sample", sample.key)
        keep("bill_version", bill_version(state, area))
        SocialAuditEntry.objects.create(
            audit=audit, serial=1, member_id=state["members"][area][1], resident_key=state["people"][area][1],
            scheme="IGNOAPS", paise=27500, area_code=area,
        )  # fmt: skip
    state = state | {"payment_file": payment_file()}
    jobs = {
        user.username: BulkJob.objects.create(verb="case.note", deed="note", user=user)
        for user in User.objects.filter(is_demonstration=True)
    }
    for job in jobs.values():
        job.refresh_from_db()
    return state | made | {"bulk": {name: job.key for name, job in jobs.items()}, "username": "gp"}
