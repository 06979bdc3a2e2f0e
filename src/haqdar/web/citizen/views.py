"""The counter for everybody: what this is, and the check by questions that stores nothing."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.base.money import indian
from haqdar.base.refusal import Refusal
from haqdar.entitlement.queries import check_answers
from haqdar.law import load_lawbook
from haqdar.web.citizen import questions
from haqdar.web.links import link
from haqdar.web.middleware import switching
from haqdar.web.reasons import best_of_groups, shown_reasons, with_next_steps

OPEN_DATA = ("open:home", "open:index", "open:data")
"""The first page of the open data, by the names it may have."""


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the doors of the counter; pages that are not there have no door."""
    open_data = next((address for name in OPEN_DATA if (address := link(name))), "")
    return render(request, "citizen/home.html", {"schemes": _schemes(), "open_data": open_data})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def check(request: HttpRequest) -> HttpResponse:
    """One question a page; the answers travel in the page itself and are kept nowhere."""
    if request.method != "POST":
        return _question(request, questions.QUESTIONS[0], {})
    answers = questions.answers_in(request.POST)
    step = request.POST.get("step", "")
    change = request.POST.get("change", "")
    if step == "result" or step not in questions.PLACE:
        if change in questions.PLACE and not switching(request):
            return _question(request, questions.QUESTIONS[questions.PLACE[change]], answers)
        return _result(request, answers)
    place = questions.PLACE[step]
    question = questions.QUESTIONS[place]
    if switching(request):
        return _question(request, question, answers)
    go = request.POST.get("go", "next")
    if go == "back" and place > 0:
        return _question(request, questions.QUESTIONS[place - 1], answers)
    if go == "unknown":
        answers |= {box.name: questions.UNKNOWN for box in question.fields}
    elif errors := questions.errors_in(question, answers):
        return _question(request, question, answers, errors)
    ahead = questions.QUESTIONS[place + 1 :]
    open_one = next((later for later in ahead if questions.errors_in(later, answers)), None)
    return _question(request, open_one, answers) if open_one else _result(request, answers)


def _question(
    request: HttpRequest,
    question: questions.Question,
    answers: dict[str, str],
    errors: list[dict[str, str]] | None = None,
) -> HttpResponse:
    own = {box.name for box in question.fields}
    wrong = {error["field"]: error["text"] for error in errors or []}
    fields = []
    for box in question.fields:
        value = answers.get(box.name, "")
        fields.append(
            {
                "name": box.name,
                "kind": box.kind,
                "label": box.label,
                "choices": box.choices,
                "suffix": box.suffix,
                "value": "" if value == questions.UNKNOWN else value,
                "error": wrong.get(box.name, ""),
            }
        )
    context = {
        "question": {"code": question.code, "title": question.title, "hint": question.hint, "fields": fields},
        "carried": [(name, value) for name, value in answers.items() if name not in own],
        "at": questions.PLACE[question.code] + 1,
        "total": len(questions.QUESTIONS),
        "errors": errors or [],
    }
    return render(request, "citizen/check_question.html", context)


def _result(request: HttpRequest, answers: dict[str, str]) -> HttpResponse:
    if question := questions.first_open(answers):
        return _question(request, question, answers)
    language = translation.get_language() or "hi"
    today = timezone.localdate()
    schemes = with_next_steps(shown_reasons(check_answers(questions.facts(answers), today), language))
    best = best_of_groups(schemes)
    unsure = any(scheme["verdict"] == "unsure" for scheme in schemes)
    if best:
        headline = _("You are entitled to a pension of %(amount)s a month") % {
            "amount": indian(sum(item["paise"] for item in best))
        }
    elif unsure:
        headline = _("It cannot be decided yet")
    else:
        headline = _("By your answers there is no pension for you today")
    order = {"yes": 0, "unsure": 1, "no": 2}
    context: dict[str, Any] = {
        "headline": headline,
        "best": best,
        "unsure": unsure,
        "fold": bool(best or unsure) and any(scheme["verdict"] == "no" for scheme in schemes),
        "schemes": sorted(schemes, key=lambda scheme: (order[scheme["verdict"]], not scheme["best"])),
        "carried": list(answers.items()),
        "answers": [
            {"code": question.code, "title": question.title, "text": questions.shown(question, answers)}
            for question in questions.QUESTIONS
        ],
    }
    return render(request, "citizen/check_result.html", context)


def _schemes() -> list[dict[str, str]]:
    language = translation.get_language() or "hi"
    try:
        law = load_lawbook(settings.HAQDAR_LAW).on(timezone.localdate())
    except (Refusal, OSError):
        return []
    return [
        {
            "name": scheme.name.in_language(language),
            "amounts": " / ".join(indian(paise) for paise in sorted({band.paise for band in scheme.bands})),
        }
        for scheme in law.schemes
    ]
