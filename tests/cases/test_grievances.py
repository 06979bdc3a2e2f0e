"""Grievances go by subject and area, are answered, forwarded and reopened one level up; a report stops no money."""

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from tests.cases.places import PUBLIC, fill, officer

from haqdar.access.actors import OutsideYourArea
from haqdar.access.models import AuditEvent
from haqdar.cases.grievances import (
    CannotReopen,
    HigherOffice,
    Lodged,
    NoSuchSubject,
    NotAnswerable,
    answer,
    answers_of,
    examine_report,
    forward,
    holder_of,
    lodge,
    reopen_grievance,
    say_satisfied,
)
from haqdar.cases.models import AwardChange, Case, Notice, WorkItem
from haqdar.outreach.models import Message
from haqdar.registry.documents import NotADocument, documents_of

pytestmark = pytest.mark.django_db
CEO = officer("ceo", "sanctioning_officer", "/S/D/B/")
DISTRICT = officer("district", "district")
STATE = officer("state", "state", None)


def lodged(subject: str = "not_paid", area: str = "G1", **values: object) -> Case:
    return lodge(PUBLIC, Lodged(subject, area, "D", "No money since May", **values))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def places(db: None) -> None:
    fill()


def test_a_grievance_lies_with_the_office_of_its_subject_and_area() -> None:
    assert holder_of(lodged()).office_code == "OB"
    assert holder_of(lodged(area="W")).office_code == "OU"
    assert holder_of(lodged("conduct")).office_code == "OD"
    case = lodged(mobile="9826012345")
    assert (case.awaits, case.number[0], case.opened_by) == ("grievance.answer", "G", "public")
    assert case.due_on is not None and case.due_on >= timezone.localdate() + timedelta(days=7)
    assert Message.objects.get(about_key=str(case.key)).template == "grievance_received"
    with pytest.raises(NoSuchSubject):
        lodged("weather")


def test_answered_reopened_one_level_up_once_a_level() -> None:
    case = lodged(mobile="9826012345")
    with pytest.raises(NotAnswerable):
        answer(CEO, case.key, "paid_now", " ")
    with pytest.raises(CannotReopen):
        reopen_grievance(PUBLIC, case, "")
    answer(CEO, case.key, "paid_now", "Comes on the 1st.")
    reopened = reopen_grievance(PUBLIC, case, "It did not come.")
    assert (reopened.awaits, holder_of(reopened).office_code) == ("grievance.answer", "OD")
    with pytest.raises(HigherOffice):
        answer(CEO, case.key, "paid_now", "Really.")
    answer(DISTRICT, case.key, "paid_now", "Sent today.")
    reopen_grievance(PUBLIC, case, "No.")
    answer(STATE, case.key, "paid_now", "Now.")
    with pytest.raises(CannotReopen):
        reopen_grievance(PUBLIC, case, "Still no.")
    assert [step.verb for step in answers_of(case)].count("grievance.reopen") == 2
    templates = set(Message.objects.filter(about_key=str(case.key)).values_list("template", flat=True))
    assert templates == {"grievance_received", "grievance_answered", "grievance_reopened"}


def test_satisfied_ends_it() -> None:
    case = lodged()
    answer(CEO, case.key, "paid_now", "Done.")
    say_satisfied(PUBLIC, case, 5)
    case.refresh_from_db()
    assert case.details["stars"] == 5
    with pytest.raises(CannotReopen):
        reopen_grievance(PUBLIC, case, "no")


def test_an_answer_of_long_ago_cannot_be_reopened() -> None:
    case = lodged()
    answer(CEO, case.key, "paid_now", "Done.")
    Case.objects.filter(pk=case.pk).update(closed_at=timezone.now() - timedelta(days=31))
    with pytest.raises(CannotReopen):
        reopen_grievance(PUBLIC, case, "no")


def test_forwarded_to_another_area_or_up_with_a_reason() -> None:
    case = lodged()
    with pytest.raises(NotAnswerable):
        forward(CEO, case.key, "because", "", area_code="W")
    moved = forward(CEO, case.key, "other_area", "lives in town", area_code="W")
    assert (moved.area_code, holder_of(moved).office_code) == ("W", "OU")
    with pytest.raises(OutsideYourArea):
        answer(CEO, case.key, "paid_now", "x")
    up = forward(officer("cmo", "sanctioning_officer", "/S/D/U/"), case.key, "own_conduct", "", up=True)
    assert holder_of(up).office_code == "OD"
    event = AuditEvent.objects.filter(verb="grievance.forward").order_by("id").first()
    assert event is not None and (event.old, event.new) == (
        {"area_code": "G1", "level": 0},
        {"area_code": "W", "level": 0, "reason": "other_area"},
    )


def test_a_report_is_anonymous_keeps_a_rewritten_photograph_and_stops_no_money() -> None:
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "PNG")
    before = (AwardChange.objects.count(), Notice.objects.count(), WorkItem.objects.count())
    report = lodged("died", person="Sita Bai, ward 3", photograph=picture.getvalue())
    assert (report.kind, report.awaits, report.contact_sealed, report.number[0]) == (
        "report",
        "case.examine",
        None,
        "R",
    )
    assert [paper.content_type for paper in documents_of("case", str(report.key))] == ["image/jpeg"]
    verifier = officer("v", "verifier")
    assert examine_report(verifier, report.key, "visit_needed", "Secretary to visit").awaits == "case.examine"
    closed = examine_report(verifier, report.key, "corrected", "Death registered")
    assert (closed.outcome, closed.closed_at is not None) == ("obtained", True)
    assert (AwardChange.objects.count(), Notice.objects.count(), WorkItem.objects.count()) == before


def test_an_examination_needs_words() -> None:
    report = lodged("died")
    with pytest.raises(NotAnswerable):
        examine_report(officer("v", "verifier"), report.key, "no_ground", "  ")


def test_a_file_that_is_no_picture_is_refused_and_nothing_is_lodged() -> None:
    with pytest.raises(NotADocument):
        lodged("died", photograph=b"#!/bin/sh")
    assert not Case.objects.exists()
