"""Registers kept online: proposing a change with its papers, seeing what it brings, and deciding it as the second person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require_area
from haqdar.base.refusal import Refusal
from haqdar.cases import reactions as decided
from haqdar.cases import registrations, since
from haqdar.cases.casework import case_by_key, steps_of
from haqdar.cases.models import Case
from haqdar.cases.offices import office_of
from haqdar.cases.registrations import DRAFT, ENTRIES
from haqdar.jobs import registrations as jobs
from haqdar.jobs.registrations import Trial
from haqdar.outreach.codes import CodeOver, TooManyCodes, WrongCode, check_code, send_code
from haqdar.payments.late import owed
from haqdar.payments.return_reads import waiting_return
from haqdar.registry import documents, profiles
from haqdar.registry.arrangements import arrangement_of
from haqdar.registry.documents import documents_of
from haqdar.registry.entries import Entry, EntryRefused, Somebody, people
from haqdar.registry.sealing import sealer
from haqdar.web import labels
from haqdar.web.desk import register_forms as forms
from haqdar.web.desk.outlooks import shown_change
from haqdar.web.desk.register_forms import FORMS, GROUPS, Form
from haqdar.web.desk.views.common import acting as actor_on
from haqdar.web.desk.views.common import may
from haqdar.web.middleware import switching
from haqdar.web.templatetags.shown import day

_SALT = "register-draft"
_KEPT = 24 * 3600
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@require_safe
@may("case.view")
def register_list(request: HttpRequest) -> HttpResponse:
    """Changes of the register that wait for their second person, and those decided last."""
    actor = actor_on(request)
    waiting, settled = (registrations.proposals(actor, waiting) for waiting in (True, False))
    seen = people([each.case.member_id for each in (*waiting, *settled)])
    record(actor, "case.view", "registrations", "", new={"waiting": len(waiting)})
    context = {
        "lists": [
            ("waiting", _("Waiting for the second person"), [(each, seen.get(each.case.member_id or -1)) for each in waiting]),
            ("settled", _("Decided last"), [(each, seen.get(each.case.member_id or -1)) for each in settled[:50]]),
        ],
        "today": timezone.localdate(),
    }  # fmt: skip
    return render(request, "desk/register_list.html", context)


@require_safe
@may("register.propose")
def register_new(request: HttpRequest, key: UUID) -> HttpResponse:
    """Choose what is to be registered about a person or the family."""
    one = _visible(actor_on(request), key)
    record(actor_on(request), "person.view", "resident", str(key))
    arrangement = arrangement_of(one.member_id)
    left_out = set() if arrangement else {"guardian_end"}
    if not one.alive:
        left_out |= {
            "death",
            "marriage",
            "desertion",
            "divorce",
            "migration_out",
            "migration_in",
            "person_move",
        }
        left_out |= {"account_change", "mobile_change", "guardian"}
    else:
        left_out.add("heir")
    groups = [
        (title, [kind for kind, form in FORMS.items() if form.group == group and kind not in left_out])
        for group, title in GROUPS
    ]
    context = {"person": one, "groups": groups, "owed": _owed_to_the_dead(one)}
    return render(request, "desk/register_new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("register.propose")
def register_form(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    """Answer the questions of one kind of change, see what it brings, send it to the second person."""
    return _form(request, key, kind, "register")


@require_http_methods(["GET", "HEAD", "POST"])
@may("payee.change")
def payee_form(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    """The same for account, mobile and who receives."""
    return _form(request, key, kind, "payee")


@require_safe
@may("case.view")
def register_submitted(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say that the proposal has arrived, where, and what happens next."""
    case = case_by_key(actor_on(request), key)
    if case.kind not in ("register", "payee"):
        raise Http404("no such proposal")
    context = {"case": case, "office": office_of(case.area_code, case.awaits or "register.approve")}
    return render(request, "desk/register_submitted.html", context)


@require_safe
@may("case.view")
def register_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A proposal as everybody of the area, and the office that receives a family, may read it."""
    actor = actor_on(request)
    case = Case.objects.filter(key=key, kind__in=("register", "payee")).first()
    if case is None:
        raise Http404("no such proposal")
    case, entry, papers = registrations.proposal(actor, key, case.kind)
    record(actor, "case.view", "case", str(key))
    return render(request, "desk/register_detail.html", _context(actor, case, entry, papers))


@require_http_methods(["GET", "HEAD", "POST"])
@may("register.approve")
def register_approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """The second person looks at papers and effect, and approves or refuses."""
    return _decide(request, key, "register")


@require_http_methods(["GET", "HEAD", "POST"])
@may("payee.approve")
def payee_approve(request: HttpRequest, key: UUID) -> HttpResponse:
    """The same for account, mobile and who receives."""
    return _decide(request, key, "payee")


@require_safe
@may("payee.change")
def payee_change(request: HttpRequest, key: UUID) -> HttpResponse:
    """A payee whom the month could not pay: why, and what can be proposed so that the next month can."""
    actor = actor_on(request)
    case = case_by_key(actor, key, "payee.change")
    if case.kind != "payment" or case.member_id is None:
        raise Http404("no such matter")
    one = people([case.member_id]).get(case.member_id)
    record(actor, "case.view", "case", str(key))
    # of the dead neither the own account nor a guardian receives anything more
    kinds = ("account_change", "guardian") if one is None or one.alive else ("heir",)
    context = {
        "case": case,
        "person": one,
        "kinds": kinds,
        "owed": _owed_to_the_dead(one),
        "returned": waiting_return(case.member_id, case.scheme or ""),
    }
    return render(request, "desk/payee_change.html", context)


@require_safe
@may("document.view")
def register_document(request: HttpRequest, key: UUID, paper: UUID) -> HttpResponse:
    """A paper of a proposal, as it was written anew when it came in; the look is recorded."""
    actor = actor_on(request)
    case = case_by_key(actor, key, "document.view")
    found = next((one for one in documents_of("case", str(case.key)) if one.key == paper), None)
    if found is None or case.kind not in ("register", "payee"):
        raise Http404("no such paper")
    with acting(actor, "document.view"):
        record(actor, "document.view", "document", str(paper), new={"case": case.number})
    response = HttpResponse(documents.content(found), content_type=found.content_type)
    suffix = "pdf" if found.content_type == "application/pdf" else "jpg"
    response["Content-Disposition"] = f'inline; filename="{found.kind}.{suffix}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    return response


def _form(request: HttpRequest, key: UUID, kind: str, case_kind: str) -> HttpResponse:
    actor = actor_on(request)
    one = _visible(actor, key)
    form = FORMS.get(kind)
    if form is None or ENTRIES[kind].case_kind != case_kind:
        raise Http404("no such change")
    if request.method == "GET":
        record(actor, "person.view", "resident", str(key))
    texts = forms.typed(form.questions, request.POST)
    if request.method == "GET" and "keep_bpl" in texts:
        # a poor family that divides does not become rich by it
        texts["keep_bpl"] = "yes"
    draft = _draft(actor, request.POST.get("draft", ""))
    errors: list[dict[str, str]] = []
    places: list[Any] = []
    step = request.POST.get("step", "")
    again = switching(request) or request.POST.get("change") == "yes"
    if request.method == "POST" and not (again and step == "form") and request.POST.get("change") != "yes":
        values, errors, places = forms.read(form, texts)
        if not again:
            errors += _kept(request, actor, kind, draft)
        papers = documents_of(DRAFT, draft)
        coded = kind == "mobile_change" and values.get("whose") == "own" and bool(values.get("mobile"))
        if not papers and not again and not coded:
            errors.append({"field": "paper", "text": registrations.PaperMissing().sentence(_language())})
        if not errors:
            try:
                entry = form.make(one, values)
                code: dict[str, str] | None = {"sent": "", "shown": "", "fault": ""} if coded else None
                if coded and request.POST.get("send_code") == "yes" and not again:
                    code = _send_code(request, draft, values["mobile"])
                elif request.POST.get("confirm") == "yes" and step == "check" and not again:
                    typed_code = request.POST.get("code", "")
                    try:
                        if coded and (typed_code or not papers):
                            check_code("mobile_change", _subject(draft, values["mobile"]), typed_code)
                            entry = replace(entry, proof="code")  # type: ignore[call-arg]
                        case = registrations.propose(actor, entry, draft)
                        return redirect("desk:register-submitted", case.key)
                    except (WrongCode, CodeOver) as refusal:
                        code = {"sent": "yes", "shown": "", "fault": refusal.sentence(_language())}
                trial = jobs.tried(actor, entry)
                return _check(request, actor, one, kind, form, entry, trial, texts, draft, code)
            except EntryRefused as refusal:
                errors.append({"field": refusal.field or "paper", "text": refusal.sentence(_language())})
    faults = {error["field"]: error["text"] for error in errors}
    # what cannot be shown beside a question of this form is still said at the top
    named = {question.name for question in form.questions} | {"paper"}
    for error in errors:
        if error["field"] not in named:
            error["field"] = form.questions[0].name
    context = {
        "person": one,
        "owed": _owed_to_the_dead(one),
        "kind": kind,
        "case_kind": case_kind,
        "questions": forms.shown_questions(form, one, texts, faults, places),
        "errors": errors,
        "paper_fault": faults.get("paper", ""),
        "paper": ENTRIES[kind].papers[0],
        "papers": documents_of(DRAFT, draft),
        "draft": signing.dumps([actor.name, draft], salt=_SALT),
        "today": timezone.localdate(),
        "area_choice": texts.get("area_choice", ""),
    }
    return render(request, "desk/register_form.html", context)


def _check(
    request: HttpRequest,
    actor: Actor,
    one: Somebody,
    kind: str,
    form: Form,
    entry: Entry,
    trial: Trial,
    texts: Mapping[str, Any],
    draft: str,
    code: dict[str, str] | None,
) -> HttpResponse:
    context = {
        "code": code,
        "errors": [{"field": "code", "text": code["fault"]}] if code and code["fault"] else [],
        "person": one,
        "owed": _owed_to_the_dead(one),
        "kind": kind,
        "case_kind": entry.case_kind,
        "told": forms.told(actor, entry),
        "papers": documents_of(DRAFT, draft),
        "hidden": forms.hidden(form, texts),
        "draft": signing.dumps([actor.name, draft], salt=_SALT),
        **_effect(actor, trial),
    }
    return render(request, "desk/register_check.html", context)


def _owed_to_the_dead(one: Somebody | None) -> int:
    """Paise that an heir would get; 0 for the living, whose money goes its way."""
    return 0 if one is None or one.alive else owed(one.member_id)


def _subject(draft: str, mobile: str) -> str:
    """What a code confirms: this mobile for this form, without the number in clear."""
    return str(sealer().keyed_hash("mobile_change", f"{draft}\0{mobile}"))


def _send_code(request: HttpRequest, draft: str, mobile: str) -> dict[str, str]:
    """Send a code to the new mobile; what the page says about it."""
    try:
        subject = _subject(draft, mobile)
        sent = send_code("mobile_change", subject, mobile, _language(), actor_on(request).ip)
    except TooManyCodes as refusal:
        return {"sent": "yes", "shown": "", "fault": refusal.sentence(_language())}
    return {"sent": "yes", "shown": sent.shown, "fault": ""}


def _decide(request: HttpRequest, key: UUID, kind: str) -> HttpResponse:
    actor = actor_on(request)
    case, entry, papers = registrations.proposal(actor, key, kind)
    require_area(actor, _path_of(case))
    errors: list[dict[str, str]] = []
    why = request.POST.get("why", "").strip()[:2000]
    answer = request.POST.get("answer", "")
    if request.method == "POST" and not switching(request):
        try:
            if answer == "approve":
                jobs.approve(actor, key)
                return redirect("desk:register-detail", key)
            if answer == "refuse":
                registrations.refuse(actor, key, why)
                return redirect("desk:register-detail", key)
            errors.append({"field": "answer", "text": _("Choose whether you approve or refuse")})
        except Refusal as refusal:
            field = "why" if refusal.code == "why_refused" else "answer"
            errors.append({"field": field, "text": refusal.sentence(_language())})
    record(actor, "case.view", "case", str(key))
    context = _context(actor, case, entry, papers)
    context |= {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "answer": answer,
        "why": why,
        "mine": case.opened_by == actor.name,
    }
    return render(request, "desk/register_approve.html", context)


def _context(actor: Actor, case: Case, entry: Entry, papers: list[Any]) -> dict[str, Any]:
    """What pages about a proposal show: its words, papers and, while it waits, its effect."""
    effect: dict[str, Any] = {"seen": [], "outlook": None}
    problem = ""
    if case.awaits:
        try:
            effect = _effect(actor, jobs.tried(actor, entry))
        except Refusal as refusal:
            problem = refusal.sentence(_language())
    one = people([case.member_id]).get(case.member_id or -1)
    return {
        "case": case,
        "kind": entry.kind,
        "person": one,
        "owed": _owed_to_the_dead(one) if entry.kind == "heir" else 0,
        "told": forms.told(actor, entry),
        "papers": papers,
        "papers_open": actor.may_in("document.view", _path_of(case)),
        "problem": problem,
        "office": office_of(case.area_code, case.awaits) if case.awaits else None,
        "steps": steps_of(case),
        "verb": entry.approval,
        "may_decide": bool(case.awaits) and actor.may_in(entry.approval, _path_of(case)),
        **effect,
    }


def _effect(actor: Actor, trial: Trial) -> dict[str, Any]:
    """Before and after in the register, and the decisions that change, as far as the actor may see them."""
    outlook = trial.outlook
    seen = []
    for number, after in trial.after.items():
        before = trial.before.get(number)
        if not actor.sees(after.path) and (before is None or not actor.sees(before.path)):
            continue
        differences = [("new", "", "")] if before is None else _differences(before, after)
        if before is None:
            differences += [row for row in _differences(None, after) if row[0] in ("family", "relation")]
        if differences:
            seen.append((after, differences))
    changes: dict[str, Any] = {"seen": seen, "outlook": outlook}
    if outlook is not None:
        visible = since.members_in_area(actor, outlook.touched)
        cards = profiles.cards(visible)
        changed = [key for key in outlook.changed if key[0] in visible and key[0] in cards]
        members = {member for member, _group in changed}
        changes |= {
            "rows": [(shown_change(outlook, key), cards[key[0]]) for key in changed],
            "unchanged": [
                cards[member] for member in outlook.touched if member in cards and member not in members
            ],
            "elsewhere": len([member for member in outlook.touched if member not in visible]),
            "first_run": decided.last_run() is None,
        }
    return changes


def _differences(before: Somebody | None, after: Somebody) -> list[tuple[str, str, str]]:
    """What differs between two states of a person: word, before, after, as text in the reader's language."""

    def told(one: Somebody | None) -> dict[str, str]:
        if one is None:
            return {}
        number = f"{one.family_id:08d}"
        spouse = profiles.cards([one.spouse_id]).get(one.spouse_id or -1)
        hindi = _language() == "hi"
        return {
            "family": f"{number[:4]} {number[4:]}",
            "relation": labels.label("relation", one.relation_to_head) if one.relation_to_head else "",
            "area": (one.area_hi or one.area_en) if hindi else one.area_en,
            "address": one.address,
            "status": labels.label("marital", one.status) if one.status else "",
            "died": day(one.died_on) if one.died_on else "",
            "spouse": ((spouse.name_hi or spouse.name_en) if hindi else spouse.name_en) if spouse else "",
            "account": f"•••• {one.account_last4}" if one.account_last4 else "",
            "mobile": f"•••• {one.mobile_last4}" if one.mobile_last4 else "",
        }

    was, now = told(before), told(after)
    return [(name, was.get(name, ""), now[name]) for name in now if was.get(name, "") != now[name]]


def _kept(request: HttpRequest, actor: Actor, kind: str, draft: str) -> list[dict[str, str]]:
    """Keep the files handed in with a form under its draft; what cannot be read is said."""
    try:
        for content in forms.upload(request):
            documents.keep(actor.name, content, ENTRIES[kind].papers[0], DRAFT, draft)
    except Refusal as refusal:
        return [{"field": "paper", "text": refusal.sentence(_language())}]
    return []


def _draft(actor: Actor, token: str) -> str:
    """The draft of a form: a name for its papers that nobody else can use."""
    try:
        name, draft = signing.loads(token, salt=_SALT, max_age=_KEPT)
    except (signing.BadSignature, ValueError, TypeError):
        return str(uuid4())
    return draft if name == actor.name and _UUID.fullmatch(draft) else str(uuid4())


def _visible(actor: Actor, key: UUID) -> Somebody:
    found = list(people(keys=[str(key)]).values())
    if not found:
        raise Http404("no such person")
    require_area(actor, found[0].path or None)
    return found[0]


def _path_of(case: Case) -> str | None:
    from haqdar.access.queries import path_of_area

    return path_of_area(case.area_code)


def _language() -> str:
    return translation.get_language() or "hi"
