"""Grievances, reports about a payee and feedback for everybody, and the answer by number. No account; a report needs no name."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from haqdar.access.queries import areas_under, path_of_area, places_along
from haqdar.base.refusal import Refusal
from haqdar.cases.casework import case_by_number
from haqdar.cases.clock import services
from haqdar.cases.grievances import (
    Lodged,
    answers_of,
    can_reopen,
    holder_of,
    lodge,
    reopen_grievance,
    say_satisfied,
    subject_of,
)
from haqdar.cases.models import Case
from haqdar.outreach.numbers import mobile_number
from haqdar.web.citizen.asking import Answers, Asking, Choice, Step, ask, language_of_page
from haqdar.web.citizen.follow_address import follow_url
from haqdar.web.citizen.own_case import is_own, wrong_mobile
from haqdar.web.citizen.proven import citizen_actor
from haqdar.web.limits import limited, per_hour
from haqdar.web.middleware import switching

_AREA = ("district", "block", "place")
STARS = ("5", "4", "3", "2", "1")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("grievance", 120, per_hour)
def grievance(request: HttpRequest) -> HttpResponse:
    """A grievance: about what, where, which case, in own words, and a mobile for the answer."""
    return ask(
        request,
        Asking(
            url="citizen:grievance",
            title=_("Grievance"),
            codes=("subject", *_AREA, "number", "words", "mobile"),
            steps=lambda answers: [
                _subject_step("grievance", _("What is your grievance about?")),
                *_area_steps(answers),
                _number_step(),
                _words_step(
                    _("What happened?"),
                    _("Since when, how much, what was said to you. No Aadhaar or account number, please."),
                ),
                _mobile_step(_("Which mobile should the answer go to?")),
            ],
            send=lambda answers: _send(request, answers, _("Your grievance was registered")),
            button=_("Send the grievance"),
            intro=_("You need no account. You get a number and an answer by a fixed day."),
            photograph=True,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("report", 120, per_hour)
def report(request: HttpRequest) -> HttpResponse:
    """A report about somebody who is paid and should not be; it may be anonymous and stops no money by itself."""
    return ask(
        request,
        Asking(
            url="citizen:report",
            title=_("Report an ineligible payee"),
            codes=("subject", *_AREA, "person", "words", "mobile"),
            steps=lambda answers: [
                _subject_step("report", _("What do you want to report?")),
                *_area_steps(answers),
                Step(
                    "person",
                    "text",
                    _("Who is it about?"),
                    _("Name, and the name of the husband or father, as people in the village say it."),
                    empty=_("Enter the name"),
                ),
                _words_step(
                    _("What do you know?"),
                    _("The officer checks it on the spot. A report alone stops nobody's money."),
                ),
                _mobile_step(_("Your mobile number, if you like")),
            ],
            send=lambda answers: _send(request, answers, _("Your report was registered")),
            button=_("Send the report"),
            intro=_("You need not say who you are. An officer examines it; until then nothing changes."),
            photograph=True,
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("feedback", 120, per_hour)
def feedback(request: HttpRequest) -> HttpResponse:
    """How it was: stars and words."""
    return ask(
        request,
        Asking(
            url="citizen:feedback",
            title=_("Feedback"),
            codes=("stars", *_AREA, "words"),
            steps=lambda answers: [
                Step(
                    "stars",
                    "choice",
                    _("How was the service?"),
                    choices=[Choice(number, text) for number, text in zip(STARS, _star_words(), strict=True)],
                    empty=_("Choose one answer"),
                ),
                *_area_steps(answers),
                Step(
                    "words",
                    "words",
                    _("What should be better?"),
                    _("You can leave this empty."),
                    optional=True,
                ),
            ],
            send=lambda answers: _send(
                request, {**answers, "subject": "service"}, _("Thank you for your feedback")
            ),
            button=_("Send the feedback"),
        ),
    )


def _star_words() -> list[str]:
    return [
        "★★★★★ " + _("very good"),
        "★★★★ " + _("good"),
        "★★★ " + _("so so"),
        "★★ " + _("bad"),
        "★ " + _("very bad"),
    ]


def _subject_step(kind: str, title: str) -> Step:
    language = language_of_page()
    return Step(
        "subject",
        "choice",
        title,
        choices=[
            Choice(
                subject.code,
                subject.name.in_language(language),
                subject.hint.in_language(language) if subject.hint else "",
            )
            for subject in services().grievances.of_kind(kind)
        ],
        empty=_("Choose one answer"),
    )


def _area_steps(answers: Answers) -> list[Step]:
    """District, then block or town, then panchayat or ward; below the district nobody has to know."""
    language = language_of_page()

    def choices(parent: str | None) -> list[Choice]:
        found = [Choice(area.area_code, area.name(language)) for area in areas_under(parent)]
        return sorted(found, key=lambda choice: choice.text)

    steps = [
        Step(
            "district",
            "choice",
            _("In which district?"),
            choices=choices(None),
            empty=_("Choose the district"),
        )
    ]
    for above, code, title in (
        ("district", "block", _("In which block or town?")),
        ("block", "place", _("In which panchayat or ward?")),
    ):
        below = choices(answers[above]) if answers.get(above) else []
        if below:
            hint = _("If you do not know it, leave it empty.") if len(below) > 8 else ""
            unknown = [] if len(below) > 8 else [Choice("-", _("I don't know"))]
            steps.append(Step(code, "choice", title, hint, choices=[*below, *unknown], optional=True))
    return steps


def _number_step() -> Step:
    return Step(
        "number",
        "text",
        _("Is it about a case with a number?"),
        _("Then enter the number, for example A26-48219035-50. Otherwise leave it empty."),
        optional=True,
        wrong=lambda value: (
            ""
            if case_by_number(value)
            else _("There is no case with this number. Check it, or leave it empty.")
        ),
    )


def _words_step(title: str, hint: str) -> Step:
    return Step("words", "words", title, hint, empty=_("Write a few words"))


def _mobile_step(title: str) -> Step:
    return Step(
        "mobile",
        "mobile",
        title,
        _("You can leave this empty. Then write down the number that you get; with it you see the answer."),
        optional=True,
        wrong=_wrong_mobile,
    )


def _wrong_mobile(value: str) -> str:
    try:
        mobile_number(value)
    except Refusal as refusal:
        return refusal.sentence(language_of_page())
    return ""


def _area(answers: Answers) -> tuple[str | None, str | None]:
    """The smallest area that was chosen, and the district."""
    chosen = [answers.get(code, "") for code in reversed(_AREA)]
    return next((code for code in chosen if code and code != "-"), None), answers.get("district") or None


def _send(request: HttpRequest, answers: Answers, heading: str) -> HttpResponse:
    area, district = _area(answers)
    picture = request.FILES.get("photograph")
    content = None
    if picture is not None:
        # one byte more than is allowed is enough to refuse it
        content = picture.read(5 * 1024 * 1024 + 1)
    lodged = Lodged(
        subject=answers["subject"],
        area_code=area,
        district_code=district,
        words=answers.get("words", ""),
        about=case_by_number(answers.get("number", "")) if answers.get("number") else None,
        person=answers.get("person", ""),
        mobile=mobile_number(answers["mobile"]) if answers.get("mobile") else "",
        language=language_of_page(),
        stars=int(answers["stars"]) if answers.get("stars") in STARS else 0,
        photograph=content or None,
    )
    case = lodge(citizen_actor(request), lodged)
    lines = []
    if case.kind == "report":
        lines.append(_("An officer examines it. A report alone stops nobody's money."))
    if case.kind == "grievance":
        lines.append(
            _(
                "If the answer does not satisfy you, open it again with the same number: it then goes to the next higher office."
            )
        )
    context = {
        "heading": heading,
        "case": case,
        "office": holder_of(case),
        "lines": lines,
        "follow": follow_url(case),
    }
    return render(request, "citizen/ask_done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("answer", 120, per_hour)
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Where a grievance stands and what was answered; the citizen says whether it satisfies, or opens it again.

    What was written is shown to whoever knows the mobile that was given; without one the number alone is enough.
    """
    case = case_by_number(number)
    if case is None or case.kind not in ("grievance", "report", "feedback"):
        raise Http404("no such case")
    own = case.contact_sealed is None or is_own(request, case)
    errors: list[dict[str, str]] = []
    act = request.POST.get("act", "") if request.method == "POST" and not switching(request) else ""
    typed = {"words": request.POST.get("words", "")[:2000], "mobile": request.POST.get("mobile", "")[:40]}
    try:
        if act == "mobile":
            if problem := wrong_mobile(request, case, typed["mobile"]):
                errors.append({"field": "mobile", "text": problem})
            else:
                return redirect("citizen:answer", number=case.number)
        elif act == "satisfied" and own:
            stars = request.POST.get("stars", "")
            say_satisfied(citizen_actor(request), case, int(stars) if stars in STARS else 0)
            return redirect("citizen:answer", number=case.number)
        elif act == "reopen" and own:
            if not typed["words"].strip():
                errors.append({"field": "words", "text": _("Write what is still missing")})
            else:
                reopen_grievance(citizen_actor(request), case, typed["words"])
                return redirect("citizen:answer", number=case.number)
    except Refusal as refusal:
        errors.append({"field": "", "text": refusal.sentence(language_of_page())})
    return render(request, "citizen/answer.html", _answer_context(case, own, errors, typed))


def _answer_context(
    case: Case, own: bool, errors: list[dict[str, str]], typed: dict[str, str]
) -> dict[str, Any]:
    language = language_of_page()
    subject = subject_of(case)
    words = services().grievances.answers
    path = path_of_area(case.area_code)
    return {
        "case": case,
        "own": own,
        "subject": subject.name.in_language(language) if subject else "",
        "office": holder_of(case) if case.closed_at is None else None,
        "places": [place for place in places_along(path) if place.kind != "state"] if path else [],
        "steps": [
            {
                "verb": step.verb,
                "at": step.at,
                "sentence": words[step.reason].in_language(language) if step.reason in words else "",
                "note": step.note,
            }
            for step in answers_of(case)
        ]
        if own
        else [],
        "can_reopen": own and can_reopen(case),
        "stars": list(zip(STARS, _star_words(), strict=True)),
        "errors": errors,
        "typed": typed,
        "faults": {error["field"]: error["text"] for error in errors},
    }
