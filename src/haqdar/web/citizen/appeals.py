"""An appeal for everybody: from a case's number, proven by the mobile of the receipt or a code to the registered one."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from haqdar.base.refusal import Refusal
from haqdar.cases.appeals import Possible, decided_case, file_appeal, possible_appeal
from haqdar.cases.casework import case_by_number
from haqdar.cases.clock import services
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.outreach.numbers import mobile_number
from haqdar.web.citizen.asking import Answers, Asking, Choice, Step, ask, language_of_page
from haqdar.web.citizen.follow_address import follow_url
from haqdar.web.citizen.own_case import wrong_mobile
from haqdar.web.citizen.proven import asks_for_code, citizen_actor, proven_resident
from haqdar.web.limits import limited, per_hour
from haqdar.web.templatetags.shown import day

CODES = ("number", "mobile", "ground", "words", "late")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("appeal", 120, per_hour)
def appeal(request: HttpRequest) -> HttpResponse:
    """One question a page: which case, whose, what is wrong with the decision; then the answers to check, then a number."""
    if request.method == "GET" and request.GET.get("code") and request.GET.get("number"):
        wanted = f"{reverse('citizen:appeal')}?{urlencode({'number': request.GET['number'][:40]})}"
        return asks_for_code(request, wanted)
    return ask(
        request,
        Asking(
            url="citizen:appeal",
            title=_("Appeal"),
            codes=CODES,
            steps=lambda answers: _steps(request, answers),
            send=lambda answers: _send(request, answers),
            button=_("File the appeal"),
            intro=_("An appeal costs nothing. Another, higher officer looks at your case again."),
        ),
    )


def _found(answers: Answers) -> tuple[Case | None, Possible | None]:
    case = case_by_number(answers.get("number", "")[:40])
    try:
        return case, possible_appeal(case) if case is not None else None
    except Refusal:
        return case, None


def _steps(request: HttpRequest, answers: Answers) -> list[Step]:
    language = language_of_page()
    case, possible = _found(answers)
    steps = [
        Step(
            "number",
            "text",
            _("What is the number of the case?"),
            _("It stands on the receipt, in the order and in every message, for example A26-48219035-50."),
            empty=_("Enter the number of the case"),
            wrong=_wrong_number,
        )
    ]
    if case is None or case.resident_key is None or proven_resident(request) != case.resident_key:
        steps.append(
            Step(
                "mobile",
                "mobile",
                _("Which mobile number was given with the case?"),
                _("The number on the receipt. So only you can appeal in your case."),
                empty=_("Enter the mobile number"),
                wrong=lambda value: (
                    wrong_mobile(request, decided_case(case), value) if case is not None else ""
                ),
                extra=f"{reverse('citizen:appeal')}?{urlencode({'number': case.number, 'code': '1'})}"
                if case is not None and case.resident_key is not None
                else "",
            )
        )
    grounds = services().appeals.grounds
    steps += [
        Step(
            "ground",
            "choice",
            _("What is wrong with the decision?"),
            choices=[Choice(code, text.in_language(language)) for code, text in grounds.items()],
            empty=_("Choose one answer"),
        ),
        Step(
            "words",
            "words",
            _("Tell it in your own words"),
            _("What is right? Which paper shows it? The officer reads this."),
            empty=_("Write a few words"),
        ),
    ]
    if possible is not None and possible.late:
        steps.append(
            Step(
                "late",
                "words",
                _("Why does the appeal come late?"),
                _(
                    "The limit was %(day)s. You can still appeal: say why, and the officer decides whether to hear it."
                )
                % {"day": day(possible.until)},
                empty=_("Write why it comes late"),
            )
        )
    return steps


def _wrong_number(value: str) -> str:
    case = case_by_number(value)
    if case is None:
        return _("There is no case with this number. Check every digit on the receipt.")
    try:
        possible_appeal(case)
    except Refusal as refusal:
        return refusal.sentence(language_of_page())
    return ""


def _send(request: HttpRequest, answers: Answers) -> HttpResponse:
    case = case_by_number(answers["number"])
    if case is None:
        raise ValueError("the number was checked before")
    mobile = mobile_number(answers["mobile"]) if answers.get("mobile") else ""
    filed = file_appeal(
        citizen_actor(request),
        case,
        answers["ground"],
        answers["words"],
        answers.get("late", ""),
        mobile=mobile,
        language=language_of_page(),
    )
    context = {
        "heading": _("Your appeal was filed"),
        "case": filed,
        "office": office_of(filed.area_code, filed.awaits),
        "lines": [_("The officer who decided before may not decide again.")]
        + (
            [_("It came after the limit; the officer first decides whether to hear it.")]
            if filed.details.get("late")
            else []
        ),
        "follow": follow_url(filed),
    }
    return render(request, "citizen/ask_done.html", context)
