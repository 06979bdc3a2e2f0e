"""Cases for the pages of appeals, grievances and delays, on the small State."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from haqdar.access.actors import Actor, acting, platform
from haqdar.access.models import Office, User
from haqdar.cases.casework import Opened, advance, open_case
from haqdar.cases.grievances import Lodged, lodge
from haqdar.cases.models import Case

PUBLIC = Actor(user_id=None, name="public")
MOBILE = "9826012345"


def offices() -> None:
    """The State's and the district's office, as a real register of offices has them."""
    for kind, code, name_en, name_hi in (
        ("state", "23", "Directorate of Social Justice", "सामाजिक न्याय संचालनालय"),
        ("district", "401", "District Office Sehore", "जिला कार्यालय सीहोर"),
        ("ulb", "4013", "Sehore Municipality", "सीहोर नगर पालिका"),
    ):
        Office.objects.create(
            office_code=f"O{code}", kind=kind, area_id=code, name_en=name_en, name_hi=name_hi
        )


def application(state: dict[str, Any], days_ago: int = 3, place: int = 0, area: str = "40111") -> Case:
    """An application that waits to be verified, opened some days ago."""
    case = open_case(
        PUBLIC,
        "application.submit",
        Opened(
            kind="application",
            area_code=area,
            district_code="401",
            scheme="IGNWPS",
            paise=30_000,
            pension_group=1,
            member_id=state["members"][area][place],
            resident_key=state["people"][area][place],
            mobile=MOBILE,
        ),
    )
    opened = timezone.localdate() - timedelta(days=days_ago)
    with acting(platform("test"), "case.age"):
        Case.objects.filter(pk=case.pk).update(opened_on=opened, due_on=opened + timedelta(days=15))
    case.refresh_from_db()
    return case


def rejected(state: dict[str, Any], days_ago: int = 3) -> Case:
    """An application that was verified and rejected."""
    case = application(state, days_ago)
    advance(platform("gp"), case.key, "case.verify", awaits="case.sanction", note="घर पर मिले")
    return advance(
        platform("block"),
        case.key,
        "case.reject",
        expected="case.sanction",
        outcome="rejected",
        reason="age",
        note="उम्र 40 से कम लिखी है",
    )


def grievance(mobile: str = MOBILE, subject: str = "not_paid", **values: Any) -> Case:
    """A grievance of somebody in the first panchayat."""
    words = "मई से पेंशन नहीं आई। बैंक कहता है, पैसा भेजा ही नहीं गया।"
    return lodge(PUBLIC, Lodged(subject, "40111", "401", words, mobile=mobile, **values))


def session_of(username: str) -> str:
    """The session key of an account that has shown its second factor."""
    client = Client()
    client.force_login(User.objects.get(username=username))
    session = client.session
    session["second_factor"] = {"at": "2026-01-01T00:00:00+00:00", "kind": "totp"}
    session.save()
    return str(session.session_key)
