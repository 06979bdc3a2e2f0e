"""Applying: one question a page, a list of tasks, check your answers. The draft lies on the server, sealed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actors import ANONYMOUS, Actor
from haqdar.base.refusal import Refusal
from haqdar.cases import drafts
from haqdar.cases.applications import (
    AlreadyPaid,
    NobodyThere,
    OtherMobileEnds,
    documents_wanted,
    held_now,
    open_cases_of,
    submit,
)
from haqdar.cases.drafts import Draft
from haqdar.entitlement.queries import own_check
from haqdar.outreach.codes import MINUTES, check_code, send_code
from haqdar.outreach.limits import allowed, network_of
from haqdar.outreach.numbers import mobile_number
from haqdar.outreach.outbox import tell
from haqdar.registry.documents import MOST_BYTES, content
from haqdar.registry.own import contact_of_number, is_number, own_person
from haqdar.registry.sealing import sealer
from haqdar.web.citizen.newcomers import example_numbers
from haqdar.web.citizen.proven import citizen_actor, let_in, proven_resident, stay
from haqdar.web.files import given_out
from haqdar.web.labels import pension_names
from haqdar.web.limits import limited, per_hour, too_often
from haqdar.web.middleware import address_of, switching
from haqdar.web.reasons import deciding_facts, shown_reasons
from haqdar.web.robot import robot_passed

_PURPOSE = "apply"
_RESUME = "resume"
_LONGEST_NOTE = 600
_CODES_WITHOUT_PROOF = 20
"""Codes an hour to one network address from forms without the proof of work, that is from phones without scripts."""

Step = Callable[..., HttpResponse]


def with_draft(view: Step) -> Step:
    """The view is for whoever has a draft open in this browser; anybody else begins."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse:
        draft = _draft(request)
        if draft is None or draft.submitted:
            return redirect("citizen:apply")
        if _proof_is_over(request, draft):
            return _ask_again(request, draft)
        return view(request, draft, *args, **values)

    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@limited("apply-start", 120, per_hour)
def apply(request: HttpRequest) -> HttpResponse:
    """What is needed, then the list of tasks of the draft that is open in this browser."""
    wanted = request.GET.get("scheme", "")
    if wanted in pension_names("en"):
        request.session["apply_for"] = wanted
    draft = _draft(request)
    if request.method == "POST" and not switching(request):
        draft = drafts.new_draft()
        request.session["draft"] = str(draft.key)
        request.session["draft_code"] = draft.code
        _begin_proven(request, draft)
        return redirect("citizen:apply" if draft.answers.mobile else "citizen:apply-who")
    if draft is None or draft.submitted:
        return render(request, "citizen/apply_start.html", {"papers": documents_wanted(wanted).values()})
    if _proof_is_over(request, draft):
        return _ask_again(request, draft)
    context = {
        "tasks": _tasks(draft),
        "ready": not _open_tasks(draft),
        "code": request.session.get("draft_code", "") if draft.answers.mobile else "",
        "until": draft.expires_at,
    }
    return render(request, "citizen/apply.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("apply-who", 120, per_hour)
@with_draft
def apply_who(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Member ID or Aadhaar number. Whether it exists is said only to a mobile that answered a code."""
    errors: list[dict[str, str]] = []
    typed = request.POST.get("number", "")[:40]
    if request.method == "POST" and not switching(request):
        if not is_number(typed):
            text = _("Enter the nine digits of the member ID, or the twelve of the Aadhaar number")
            errors.append({"field": "number", "text": text})
        else:
            contact = contact_of_number(citizen_actor(request), typed)
            answers = draft.answers
            answers.number_given, answers.resident = True, str(contact.key) if contact else ""
            answers.own, answers.scheme, answers.facts_right = False, "", ""
            if answers.mobile:
                try:
                    _meet(request, draft)
                except Refusal as refusal:
                    answers.number_given = False
                    errors.append({"field": "number", "text": refusal.sentence(_language())})
            drafts.save(draft)
            if not errors:
                return redirect("citizen:apply" if answers.mobile else "citizen:apply-mobile")
    elif request.GET.get("unknown"):
        errors.append({"field": "number", "text": NobodyThere().sentence(_language())})
    context = {"errors": errors, "number": typed, "examples": example_numbers()}
    return render(request, "citizen/apply_who.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("apply-mobile", 120, per_hour)
@with_draft
def apply_mobile(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The mobile for messages; a code goes to it. Phones without scripts cannot do the sum: fewer of them are served an hour."""
    if not draft.answers.number_given:
        return redirect("citizen:apply-who")
    errors: list[dict[str, str]] = []
    typed = request.POST.get("mobile", "")[:30]
    if request.method == "POST" and not switching(request):
        try:
            mobile = mobile_number(typed)
            if not _may_send(request):
                return too_often(request)
            draft.answers.mobile_asked = mobile
            drafts.save(draft)
            _send(request, draft)
            return redirect("citizen:apply-code")
        except Refusal as refusal:
            errors.append({"field": "mobile", "text": refusal.sentence(_language())})
    return render(request, "citizen/apply_mobile.html", {"errors": errors, "mobile": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("apply-code", 240, per_hour)
@with_draft
def apply_code(request: HttpRequest, draft: Draft) -> HttpResponse:
    """The six digits that came to the mobile."""
    answers = draft.answers
    if not answers.mobile_asked:
        return redirect("citizen:apply-mobile")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            if request.POST.get("go") == "again":
                _send(request, draft)
                return redirect("citizen:apply-code")
            check_code(_PURPOSE, _subject(draft), request.POST.get("code", ""))
        except Refusal as refusal:
            errors.append({"field": "code", "text": refusal.sentence(_language())})
        else:
            answers.mobile, answers.mobile_asked = answers.mobile_asked, ""
            request.session.pop("apply_shown", None)
            try:
                _meet(request, draft)
            except NobodyThere:
                answers.number_given = False
                drafts.save(draft)
                return redirect(reverse("citizen:apply-who") + "?unknown=1")
            drafts.save(draft)
            _tell_code(request, draft)
            return redirect("citizen:apply")
    context = {
        "errors": errors,
        "minutes": MINUTES,
        "last4": answers.mobile_asked[-4:],
        "shown": request.session.get("apply_shown", ""),
        "action": reverse("citizen:apply-code"),
        "back": reverse("citizen:apply-mobile"),
    }
    return render(request, "citizen/apply_code.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("apply-step", 600, per_hour)
@with_draft
def apply_pension(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Which pension: what the law gives the person comes first and is chosen already; the others stand below with their reasons."""
    if not _known(draft):
        return redirect("citizen:apply")
    language = _language()
    errors: list[dict[str, str]] = []
    schemes = _schemes(draft, language)
    if request.method == "POST" and not switching(request):
        chosen = request.POST.get("scheme", "")
        if any(one["code"] == chosen and one["held"] for one in schemes):
            errors.append({"field": "scheme", "text": AlreadyPaid().sentence(language)})
        elif chosen in {one["code"] for one in schemes}:
            draft.answers.scheme = chosen
            drafts.save(draft)
            return redirect("citizen:apply-facts" if draft.answers.own else "citizen:apply")
        else:
            errors.append({"field": "scheme", "text": _("Choose one of the pensions")})
    wanted = draft.answers.scheme or str(request.session.get("apply_for", ""))
    likely = [one for one in schemes if one["likely"]]
    others = [one for one in schemes if not one["likely"]]
    if not wanted and likely and draft.answers.own:
        wanted = next((one["code"] for one in likely if not one["held"]), "")
    context = {
        "errors": errors,
        "likely": likely,
        "others": others,
        "chosen": wanted,
        "open_others": any(one["code"] == wanted for one in others) or not likely,
        "own": draft.answers.own,
    }
    return render(request, "citizen/apply_pension.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("apply-step", 600, per_hour)
@with_draft
def apply_facts(request: HttpRequest, draft: Draft) -> HttpResponse:
    """What the register knows already and the pension looks at: right, or wrong with a word about it."""
    answers = draft.answers
    if not (_known(draft) and answers.own and answers.scheme):
        return redirect("citizen:apply")
    errors: list[dict[str, str]] = []
    right = request.POST.get("right", answers.facts_right)
    note = request.POST.get("note", answers.wrong)[:_LONGEST_NOTE].strip()
    if request.method == "POST" and not switching(request):
        if right not in ("yes", "no"):
            errors.append({"field": "right", "text": _("Say whether this is right")})
        elif right == "no" and not note:
            errors.append(
                {"field": "note", "text": _("Write what is wrong, for example: my husband died in March")}
            )
        else:
            answers.facts_right, answers.wrong = right, note if right == "no" else ""
            drafts.save(draft)
            return redirect("citizen:apply")
    context = {
        "errors": errors,
        "facts": deciding_facts(own_check(UUID(answers.resident)), answers.scheme, _language()),
        "right": right,
        "note": note,
        "longest": _LONGEST_NOTE,
    }
    return render(request, "citizen/apply_facts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("apply-paper", 300, per_hour)
@with_draft
def apply_paper(request: HttpRequest, draft: Draft, kind: str) -> HttpResponse:
    """One photograph or paper, taken with the phone or chosen from it."""
    wanted = documents_wanted(draft.answers.scheme)
    if not _known(draft) or kind not in wanted:
        return redirect("citizen:apply")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        file = request.FILES.get("file")
        if file is None:
            errors.append({"field": "file", "text": _("Take a picture or choose a file")})
        else:
            try:
                drafts.keep_paper(draft, kind, file.read(MOST_BYTES + 1), _actor(request, draft).name)
                drafts.save(draft)
                return redirect("citizen:apply")
            except Refusal as refusal:
                errors.append({"field": "file", "text": refusal.sentence(_language())})
    context = {
        "errors": errors,
        "kind": kind,
        "name": wanted[kind].in_language(_language()),
        "kept": draft.papers.get(kind),
    }
    return render(request, "citizen/apply_paper.html", context)


@require_safe
@with_draft
def apply_picture(request: HttpRequest, draft: Draft, kind: str) -> HttpResponse:
    """What was handed in for the open draft, for its owner's eyes."""
    paper = draft.papers.get(kind)
    if paper is None:
        raise Http404("no such paper")
    return given_out(content(paper), paper.content_type, kind)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("apply-submit", 120, per_hour)
def apply_check(request: HttpRequest) -> HttpResponse:
    """Check your answers, declare, hand in. Pressed twice it is one application."""
    draft = _draft(request)
    if draft is not None and draft.submitted:
        return _handed_in(request, draft.submitted)
    if draft is None or _open_tasks(draft) or _proof_is_over(request, draft):
        return redirect("citizen:apply")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        if request.POST.get("declared") != "yes":
            text = _("Confirm that what you say is true")
            errors.append({"field": "declared", "text": text})
        else:
            handed = submit(_actor(request, draft), draft.key, _language())
            return _handed_in(request, handed.case.key, handed.joined)
    language = _language()
    answers = draft.answers
    person = own_person(answers.resident) if answers.own else None
    context = {
        "errors": errors,
        "person": person,
        "last4": answers.mobile[-4:],
        "scheme": pension_names(language).get(answers.scheme, answers.scheme),
        "answers": answers,
        "papers": [
            {"kind": kind, "name": name.in_language(language), "paper": draft.papers[kind]}
            for kind, name in documents_wanted(answers.scheme).items()
        ],
    }
    return render(request, "citizen/apply_check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("apply-resume", 60, per_hour)
def apply_resume(request: HttpRequest) -> HttpResponse:
    """Go on with a draft of another day: its code, then a code to its mobile. A wrong code is answered like a right one."""
    errors: list[dict[str, str]] = []
    typed = request.POST.get("draft", "")[:40]
    if request.method == "POST" and not switching(request):
        draft = drafts.draft_by_code(typed)
        subject = str(draft.key) if draft else f"no draft {typed}"[:60]
        try:
            mobile = draft.answers.mobile if draft else ""
            sent = send_code(_RESUME, subject, mobile, _language(), address_of(request))
        except Refusal as refusal:
            errors.append({"field": "draft", "text": refusal.sentence(_language())})
        else:
            request.session["resuming"] = {"subject": subject, "known": bool(mobile), "shown": sent.shown}
            return redirect("citizen:apply-resume-code")
    return render(request, "citizen/apply_resume.html", {"errors": errors, "draft": typed})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@limited("apply-code", 240, per_hour)
def apply_resume_code(request: HttpRequest) -> HttpResponse:
    """The six digits that came to the draft's mobile open it again."""
    resuming = request.session.get("resuming")
    if not isinstance(resuming, dict):
        return redirect("citizen:apply-resume")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        if request.POST.get("go") == "again":
            return redirect("citizen:apply-resume")
        try:
            check_code(_RESUME, str(resuming["subject"]), request.POST.get("code", ""))
        except Refusal as refusal:
            errors.append({"field": "code", "text": refusal.sentence(_language())})
        else:
            del request.session["resuming"]
            request.session.cycle_key()
            request.session["draft"] = resuming["subject"]
            request.session.pop("draft_code", None)
            draft = _draft(request)
            if draft is not None and draft.answers.own:
                let_in(request, draft.answers.resident)
            return redirect("citizen:apply")
    context = {
        "errors": errors,
        "minutes": MINUTES,
        "shown": resuming["shown"],
        "action": reverse("citizen:apply-resume-code"),
        "back": reverse("citizen:apply-resume"),
    }
    return render(request, "citizen/apply_code.html", context)


def _draft(request: HttpRequest) -> Draft | None:
    key = request.session.get("draft")
    return drafts.draft_of(key) if isinstance(key, str) else None


def _proof_is_over(request: HttpRequest, draft: Draft) -> bool:
    """Whether the draft shows the register and nobody proved in this browser for 20 minutes to be its person.

    Each page that is opened in time begins the 20 minutes anew: filling in a form takes its time.
    """
    if not draft.answers.own:
        return False
    if str(proven_resident(request)) != draft.answers.resident:
        return True
    stay(request)
    return False


def _ask_again(request: HttpRequest, draft: Draft) -> HttpResponse:
    """A new code to the draft's mobile before anything of it is shown again."""
    sent = send_code(_RESUME, str(draft.key), draft.answers.mobile, _language(), address_of(request))
    request.session["resuming"] = {"subject": str(draft.key), "known": True, "shown": sent.shown}
    return redirect("citizen:apply-resume-code")


def _begin_proven(request: HttpRequest, draft: Draft) -> None:
    """Who has proven who they are answers neither the first nor the second question."""
    resident = proven_resident(request)
    person = own_person(resident) if resident else None
    if person is not None and person.mobile:
        answers = draft.answers
        answers.number_given, answers.resident, answers.own = True, str(person.key), True
        answers.mobile = person.mobile
        drafts.save(draft)
        _tell_code(request, draft)


def _meet(request: HttpRequest, draft: Draft) -> None:
    """The mobile is confirmed: say whether the number exists, and let its own person see the register. Raises `NobodyThere`."""
    answers = draft.answers
    person = own_person(answers.resident) if answers.resident else None
    if person is None:
        # of the numbers tried with one mobile, only a few are answered
        if not allowed("apply-number", answers.mobile, 5, timedelta(days=1)):
            raise OtherMobileEnds()
        raise NobodyThere()
    answers.own = person.mobile == answers.mobile
    if answers.own:
        let_in(request, person.key)


def _may_send(request: HttpRequest) -> bool:
    network = network_of(address_of(request))
    return robot_passed(request) or allowed("code-without-proof", network, _CODES_WITHOUT_PROOF, per_hour)


def _subject(draft: Draft) -> str:
    """What a code confirms: this mobile for this draft. A code that went to another number confirms nothing of this one."""
    return str(sealer().keyed_hash(_PURPOSE, f"{draft.key}\0{draft.answers.mobile_asked}"))


def _send(request: HttpRequest, draft: Draft) -> None:
    sent = send_code(_PURPOSE, _subject(draft), draft.answers.mobile_asked, _language(), address_of(request))
    request.session["apply_shown"] = sent.shown


def _tell_code(request: HttpRequest, draft: Draft) -> None:
    code = request.session.get("draft_code", "")
    if code and not request.session.get("draft_told"):
        tell(
            _actor(request, draft).name,
            "draft_kept",
            draft.answers.mobile,
            _language(),
            "draft",
            str(draft.key),
            until=draft.expires_at.date(),
            draft=code,
        )
        request.session["draft_told"] = str(draft.key)


def _known(draft: Draft) -> bool:
    return bool(draft.answers.resident and draft.answers.mobile)


def _open_tasks(draft: Draft) -> list[dict[str, Any]]:
    return [task for task in _tasks(draft) if not task["done"]]


def _tasks(draft: Draft) -> list[dict[str, Any]]:
    answers = draft.answers
    language = _language()
    known = _known(draft)
    tasks = [
        _task(_("Who the pension is for"), "citizen:apply-who", bool(known), True),
        _task(_("Mobile for messages"), "citizen:apply-mobile", bool(answers.mobile), answers.number_given),
        _task(_("Which pension"), "citizen:apply-pension", bool(answers.scheme), known),
    ]
    if answers.own:
        tasks.append(
            _task(
                _("What the register says about you"),
                "citizen:apply-facts",
                bool(answers.facts_right),
                known and bool(answers.scheme),
            )
        )
    for kind, name in documents_wanted(answers.scheme).items():
        done = kind in draft.papers
        tasks.append(
            _task(
                name.in_language(language), "citizen:apply-paper", done, known and bool(answers.scheme), kind
            )
        )
    return tasks


def _task(text: str, name: str, done: bool, can: bool, *args: str) -> dict[str, Any]:
    return {
        "text": text,
        "url": reverse(name, args=args),
        "done": done,
        "can": can,
        "id": "-".join([name.split(":")[1], *args]),
    }


def _schemes(draft: Draft, language: str) -> list[dict[str, Any]]:
    """The pensions that can be applied for. Only whoever proved to be the person sees a verdict."""
    if not draft.answers.own:
        return [
            {"code": code, "name": name, "likely": True, "held": False}
            for code, name in pension_names(language).items()
        ]
    check = own_check(UUID(draft.answers.resident))
    held = held_now(check.member_id)
    waiting = open_cases_of(check.member_id)
    shown = shown_reasons(check.schemes, language)
    for one in shown:
        one["held"] = held.get(one["group"]) == one["code"]
        one["waiting"] = waiting.get(one["group"])
        one["likely"] = (one["verdict"] == "yes" and one["best"]) or one["verdict"] == "unsure"
    return sorted(shown, key=lambda one: (one["verdict"] != "yes", one["verdict"] == "no"))


def _handed_in(request: HttpRequest, case: UUID, joined: bool = False) -> HttpResponse:
    receipts = [one for one in request.session.get("receipts", []) if one != str(case)]
    request.session["receipts"] = [*receipts, str(case)][-5:]
    if joined:
        request.session["joined"] = str(case)
    for name in ("draft_code", "draft_told", "apply_for", "apply_shown"):
        request.session.pop(name, None)
    return redirect("citizen:apply-done")


def _actor(request: HttpRequest, draft: Draft) -> Actor:
    # an application for somebody else is the public's: nobody proved to be that person
    name = f"citizen:{draft.answers.resident}" if draft.answers.own else ANONYMOUS.name
    return Actor(user_id=None, name=name, ip=address_of(request))


def _language() -> str:
    return translation.get_language() or "hi"
