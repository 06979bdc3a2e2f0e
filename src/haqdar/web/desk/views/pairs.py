"""Pairs of records that may be one person: the list, one pair side by side, the judgement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.access.many import record_many
from haqdar.base.month import completed_years
from haqdar.base.refusal import Refusal
from haqdar.cases import adjudication
from haqdar.identity import pairs
from haqdar.identity.pairs import Found, Wanted
from haqdar.registry import profiles
from haqdar.web.desk.forms import fault, language
from haqdar.web.desk.pair_rows import compared, said_of, side
from haqdar.web.desk.views.common import acting, chosen_place, download, may, page_number, query
from haqdar.web.middleware import switching
from haqdar.web.templatetags.ekyc import verified_of


@require_safe
@may("pair.view")
def pair_list(request: HttpRequest) -> HttpResponse:
    """Pairs of the actor's area by state and band, those that speak most for one person first."""
    actor = acting(request)
    wanted = _wanted(request)
    page = pairs.listed(actor, wanted)
    record(actor, "pair.view", "pairs", "", new={"rows": len(page.rows), "state": wanted.state})
    merged = adjudication.merged_of([line.members for line in page.rows if line.state == "same"])
    context = {
        "page": page,
        "rows": [(line, said_of(line.evidence, language()), line.members in merged) for line in page.rows],
        "wanted": wanted,
        "states": pairs.STATES,
        "waits": sum(page.states[state] for state in pairs.WAITING),
        "ever": any(page.states.values()),
        "today": timezone.localdate(),
        "may_find": actor.may("pair.find"),
    }
    return render(request, "desk/pair_list.html", context)


@require_safe
@may("pair.view")
def pair_download(request: HttpRequest) -> StreamingHttpResponse:
    """The pairs of the list as CSV; addresses by opaque key, so that the file carries no numbers of people."""
    actor = acting(request)
    wanted = _wanted(request)
    record(actor, "pair.view", "pairs", "", new={"download": True, "state": wanted.state})

    def rows() -> Iterator[list[object]]:
        for line in pairs.rows_of(actor, wanted):
            yield [
                request.build_absolute_uri(reverse("desk:pair-detail", args=[line.key])),
                line.state,
                line.band,
                round(line.weight, 1),
                *_told(line.first),
                *_told(line.second),
                "; ".join(f"{name}: {word}" for name, word, _ in said_of(line.evidence, "en")),
            ]

    header = ["address", "state", "band", "weight"]
    header += [f"{name}_{n}" for n in (1, 2) for name in ("name", "name_hi", "sex", "born_on", "area")]
    return download(f"pairs-{timezone.localdate()}.csv", [*header, "evidence"], rows())


def _told(person: dict[str, Any]) -> list[object]:
    return [person[name] for name in ("name_en", "name_hi", "sex", "born_on", "area_en")]


@require_safe
@may("pair.view")
def pair_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """Both records side by side, what each field says, what hangs on them, what was judged; the looks are recorded."""
    return _page(request, key)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("pair.judge")
def pair_judge(request: HttpRequest, key: UUID) -> HttpResponse:
    """Write a judgement, then show what comes next: the merge, or the next pair of the list."""
    actor = acting(request)
    before = _found(actor, key)
    if request.method != "POST":
        return redirect("desk:pair-detail", key)
    if switching(request):
        return _page(request, key)
    verdict, _colon, reason = request.POST.get("answer", "").partition(":")
    try:
        pair = adjudication.judge(
            actor, key, request.POST.get("seen", ""), verdict, reason, request.POST.get("note", "")
        )
    except Refusal as refusal:
        return _page(request, key, [fault(refusal)])
    if pair.state == "same" or before.next_key is None:
        return redirect("desk:pair-detail", key)
    return redirect(f"{reverse('desk:pair-detail', args=[before.next_key])}?{query(after=key)}")


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("pair.judge")
def pair_take_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Open a judged pair again, with the reason."""
    actor = acting(request)
    _found(actor, key)
    if request.method != "POST":
        return redirect("desk:pair-detail", key)
    try:
        adjudication.take_back(actor, key, request.POST.get("why", ""))
    except Refusal as refusal:
        return _page(request, key, [fault(refusal)])
    return redirect("desk:pair-detail", key)


def _page(request: HttpRequest, key: UUID, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    actor = acting(request)
    found = _found(actor, key)
    pair = found.pair
    second = adjudication.awaits_second(pair)
    hangs = adjudication.what_hangs(actor, pair)
    photographs = adjudication.photographs(actor, pair)
    cards = profiles.cards([pair.first_id, pair.second_id])
    sides = [
        side(actor, UUID(cards[member].key), hangs[member], photographs[member])
        for member in (pair.first_id, pair.second_id)
    ]
    record(actor, "pair.view", "pair", str(key))
    record_many(actor, "person.view", "resident", [(one.key, None, None) for one in sides])
    open_ = adjudication.may_judge(actor, found)
    typed = {name: request.POST.get(name, "")[:2000] for name in ("answer", "note", "why")}
    context: dict[str, Any] = {
        "found": found,
        "pair": pair,
        "sides": sides,
        "rows": compared(pairs.evidence_of(pair.evidence), sides, language()),
        "money": any(one.ever for one in hangs.values()),
        "both_paid": all(one.holdings for one in hangs.values()),
        "dead_paid": any(one.died_on for one in sides) and any(one.holdings for one in hangs.values()),
        "open": open_,
        "both_verified": all(verified_of(member) for member in (pair.first_id, pair.second_id)),
        "second": second,
        "anew": pair.state == "second_opinion" and not second,
        "first_by": adjudication.first_opinion_by(found),
        "answers": adjudication.REASONS,
        "merge": _merge_address(actor, found),
        "merged": adjudication.is_merged(pair),
        "may_take_back": actor.may("pair.judge") and adjudication.may_take_back(pair),
        "typed": typed,
        # where somebody was quicker there is no form any more that could keep what was typed
        "unsaved": {} if open_ or not errors else _unsaved(typed),
        "errors": errors or [],
        "faults": {error["field"]: error["text"] for error in errors or []},
        "after": _after(actor, request),
        "ages": [
            completed_years(one.born_on, timezone.localdate()) if one.born_on else None for one in sides
        ],
    }
    return render(request, "desk/pair_detail.html", context)


def _unsaved(typed: dict[str, str]) -> dict[str, str]:
    """An answer that came too late, in the parts that the page shows: its verdict and reason where they are some, its words."""
    verdict, _colon, reason = typed["answer"].partition(":")
    known = adjudication.REASONS.get(verdict)
    told = {
        "verdict": verdict if known is not None else "",
        "reason": reason if known and reason in known else "",
        "words": typed["note"].strip(),
    }
    return told if any(told.values()) else {}


def _after(actor: Actor, request: HttpRequest) -> Found | None:
    """The pair that was judged just before this one was shown."""
    try:
        return pairs.pair(actor, UUID(request.GET["after"]))
    except (KeyError, ValueError, Refusal):
        return None


def _merge_address(actor: Actor, found: Found) -> str:
    """The page of the merge, for who may carry it out and where the judgements allow it."""
    if not actor.may("person.merge") or not adjudication.may_merge(found.pair):
        return ""
    try:
        return reverse("desk:merge-preview", args=[found.pair.key])
    except NoReverseMatch:
        return ""


def _found(actor: Actor, key: UUID) -> Found:
    try:
        return pairs.pair(actor, key)
    except pairs.NoSuchPair as nothing:
        raise Http404(nothing.en) from nothing


def _wanted(request: HttpRequest) -> Wanted:
    state = request.GET.get("state", "open")
    band = request.GET.get("band", "")
    here = chosen_place(request) if request.GET.get("area") else None
    return Wanted(
        state=state if state in (*pairs.STATES, "") else "open",
        band=band if band in ("certain", "review") else "",
        place=here.path if here is not None else None,
        page=page_number(request),
    )
