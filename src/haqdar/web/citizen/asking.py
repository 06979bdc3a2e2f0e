"""Forms for everybody with one question a page: answers travel in the page itself and are kept nowhere until they are sent.

Works without scripts. Every answer is checked again when it is sent, for a page may come back changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from haqdar.base.refusal import Refusal
from haqdar.outreach.limits import allowed, network_of
from haqdar.web.limits import per_hour
from haqdar.web.middleware import address_of, switching
from haqdar.web.robot import robot_passed

Word = str | Promise
Answers = Mapping[str, str]
LONGEST = 2000
MOST_WITHOUT_SCRIPT = 10
"""Forms an hour from one network whose robot check was not done, because the phone runs no scripts."""
LIST_FROM = 9
"""From so many choices on they stand in a list to choose or type from, instead of one below the other."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True)
class Step:
    """One question: `kind` is choice, text, mobile, number or words.

    `wrong` gives what is wrong with an answer, empty for nothing; it is not asked for an empty answer of an `optional` one.
    """

    code: str
    kind: str
    title: Word
    hint: Word = ""
    choices: Sequence[Choice] = ()
    optional: bool = False
    empty: Word = ""
    wrong: Callable[[str], str] = field(default=lambda value: "")
    extra: str = ""

    @property
    def listed(self) -> bool:
        """Whether the choices stand in a list."""
        return self.kind == "choice" and len(self.choices) >= LIST_FROM

    def problem(self, answers: Answers) -> str:
        """What is wrong with the answer to this question; empty when it will do."""
        value = answers.get(self.code, "").strip()
        if not value:
            return "" if self.optional else str(self.empty or _("Enter an answer"))
        if self.kind == "choice" and value not in {choice.value for choice in self.choices}:
            return str(self.empty or _("Choose one answer"))
        return self.wrong(value)

    def shown(self, answers: Answers) -> str:
        """The answer as the reader sees it again."""
        value = answers.get(self.code, "").strip()
        if not value:
            return str(_("not given"))
        return next((choice.text for choice in self.choices if choice.value == value), value)


@dataclass(frozen=True)
class Asking:
    """A form: `steps` gives its questions by the answers so far, `send` carries it out and shows what was done.

    `send` raises a `Refusal` that is shown on the page of answers. `photograph` says whether a picture may be added there.
    """

    url: str
    title: Word
    codes: tuple[str, ...]
    steps: Callable[[Answers], list[Step]]
    send: Callable[[Answers], HttpResponse]
    button: Word
    intro: Word = ""
    photograph: bool = False


def language_of_page() -> str:
    """The language of the page: "hi" or "en"."""
    return "en" if translation.get_language() == "en" else "hi"


def answers_in(posted: QueryDict, codes: Sequence[str]) -> dict[str, str]:
    """The answers a page brings, cut to length."""
    return {code: posted.get(code, "").strip()[:LONGEST] for code in codes if code in posted}


def ask(request: HttpRequest, asking: Asking) -> HttpResponse:
    """The next page of a form: a question, the answers to check, or what was done."""
    if request.method != "POST":
        given = {code: request.GET[code][:LONGEST] for code in asking.codes[:1] if code in request.GET}
        return _question(request, asking, asking.steps(given)[0], given)
    answers = answers_in(request.POST, asking.codes)
    steps = asking.steps(answers)
    at = {step.code: place for place, step in enumerate(steps)}
    asked = request.POST.get("step", "")
    change = request.POST.get("change", "")
    if asked == "check":
        if change in at and not switching(request):
            return _question(request, asking, steps[at[change]], answers)
        wrong = next((step for step in steps if step.problem(answers)), None)
        if wrong is not None:
            return _question(request, asking, wrong, answers, wrong.problem(answers))
        if switching(request):
            return _check(request, asking, steps, answers)
        if not _no_robot(request):
            return _check(
                request,
                asking,
                steps,
                answers,
                str(_("Your phone has not finished the check. Wait a few seconds and send again.")),
            )
        try:
            return asking.send(answers)
        except Refusal as refusal:
            return _check(request, asking, steps, answers, refusal.sentence(language_of_page()))
    step = steps[at.get(asked, 0)]
    if switching(request):
        return _question(request, asking, step, answers)
    if request.POST.get("go") == "back":
        return _question(request, asking, steps[max(0, at.get(asked, 0) - 1)], answers)
    if problem := step.problem(answers):
        return _question(request, asking, step, answers, problem)
    # the answer may change what is asked: the steps are made anew
    steps = asking.steps(answers)
    here = next((place for place, one in enumerate(steps) if one.code == step.code), 0)
    following = next(
        (one for one in steps[here + 1 :] if one.code not in answers or one.problem(answers)), None
    )
    if following is None:
        following = next((one for one in steps if one.problem(answers)), None)
    return (
        _question(request, asking, following, answers)
        if following
        else _check(request, asking, steps, answers)
    )


def _no_robot(request: HttpRequest) -> bool:
    """A proof of work, or for a phone without scripts one of few forms an hour from its network."""
    if robot_passed(request):
        return True
    return allowed("form-without-script", network_of(address_of(request)), MOST_WITHOUT_SCRIPT, per_hour)


def _question(
    request: HttpRequest, asking: Asking, step: Step, answers: Answers, problem: str = ""
) -> HttpResponse:
    steps = asking.steps(answers)
    codes = [one.code for one in steps]
    context: dict[str, Any] = {
        "asking": asking,
        "step": step,
        "value": answers.get(step.code, ""),
        "carried": [(name, value) for name, value in answers.items() if name != step.code],
        "at": codes.index(step.code) + 1 if step.code in codes else 1,
        "total": len(steps),
        "errors": [{"field": step.code, "text": problem}] if problem else [],
        "problem": problem,
    }
    return render(request, "citizen/ask.html", context, status=200)


def _check(
    request: HttpRequest, asking: Asking, steps: Sequence[Step], answers: Answers, problem: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "asking": asking,
        "rows": [{"code": one.code, "title": one.title, "text": one.shown(answers)} for one in steps],
        "carried": list(answers.items()),
        "errors": [{"field": "", "text": problem}] if problem else [],
    }
    return render(request, "citizen/ask_check.html", context)
