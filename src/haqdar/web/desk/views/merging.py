"""Two records of one person: what merging them changes, the merge itself, and the way back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor
from haqdar.access.many import record_many
from haqdar.base.refusal import Refusal
from haqdar.cases import merging
from haqdar.cases.merge_plan import Preview
from haqdar.cases.merge_refusals import ChoiceNotShown, NobodyOfYours
from haqdar.identity.models import Pair
from haqdar.jobs import merging as job
from haqdar.registry.merges import MergedAlready, NotMerged, absorbed_by, merges_of, survivors
from haqdar.registry.queries import Person
from haqdar.web.desk.forms import fault
from haqdar.web.desk.outlooks import shown_change, shown_end, shown_outlook
from haqdar.web.desk.views.common import acting, download, may, query
from haqdar.web.merging_labels import MERGING_LABELS
from haqdar.web.middleware import switching

_LISTED = ("merged_at", "name_en", "name_hi", "area_en", "merged_by", "a_pension_ends", "undone_at")


class Both(NamedTuple):
    """The two member numbers that are merged, in the pair's order."""

    first: int
    second: int


@require_http_methods(["GET", "HEAD", "POST"])
@may("person.merge")
def merge_preview(request: HttpRequest, key: UUID) -> HttpResponse:
    """Which record stays, which pension goes on, and what follows, in counts and rupees; then the merge."""
    actor = acting(request)
    try:
        pair = merging.judged_same(actor, key)
    except NobodyOfYours as elsewhere:
        raise Http404("no such pair here") from elsewhere
    asked = request.POST if request.method == "POST" else request.GET
    # where one of them was merged with a third record, it is the person who stands for it now that is merged
    stands_for = survivors([pair.first_id, pair.second_id])
    both = Both(*(stands_for.get(member, member) for member in (pair.first_id, pair.second_id)))
    if both.first == both.second:
        return _gone(request, pair)
    survivor, absorbed = _chosen(both, asked.get("stay", ""))
    keep = _keep(both, asked)
    choice = _words_of(both, survivor, keep)
    errors: list[dict[str, str]] = []
    if request.method == "POST" and "show" in asked:
        # the choice goes into the address, so that the page with what it changes can be read again and handed on
        return redirect(f"{request.path}?{query(**choice)}#main")
    if request.method == "POST" and not switching(request):
        try:
            if asked.get("shown", "") != query(**choice):
                raise ChoiceNotShown()
            done = job.merge(actor, survivor, absorbed, keep, pair.key)
            return redirect("desk:merge-detail", done)
        except MergedAlready:
            return _gone(request, pair)
        except Refusal as refusal:
            errors.append(fault(refusal))
    foreseen = job.foresee(actor, survivor, absorbed, keep)
    outlook = _with_endings(foreseen.preview, shown_outlook(actor, foreseen.preview.outlook))
    _looked_at(actor, (foreseen.preview.survivor, foreseen.preview.absorbed), outlook)
    context: dict[str, Any] = {
        "pair": pair,
        "errors": errors,
        "faults": {e["field"]: e["text"] for e in errors},
        "foreseen": foreseen,
        "plan": foreseen.preview,
        "sides": _sides(both, foreseen.preview),
        "stay": choice["stay"],
        "shown": query(**choice),
        "filled": _filled(foreseen.preview.taken_over),
        "told": len(
            {one.mobile for one in (foreseen.preview.survivor, foreseen.preview.absorbed) if one.mobile}
        ),
        "outlook": outlook,
        "second": merging.other_opinion(actor, pair),
    }
    return render(request, "desk/merge_preview.html", context)


@require_safe
@may("person.view")
def merge_list(request: HttpRequest) -> HttpResponse:
    """The merges of the area, newest first."""
    actor = acting(request)
    merges = merging.listed(actor)
    record(actor, "person.view", "merges", "", new={"rows": len(merges)})
    return render(request, "desk/merge_list.html", {"merges": merges})


@require_safe
@may("person.view")
def merge_download(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV; no number of a person is in it."""
    rows = merging.listed(acting(request), limit=None)
    record(acting(request), "person.view", "merges", "", new={"rows": len(rows)})
    return download(
        f"merges-{timezone.localdate()}.csv",
        _LISTED,
        (
            (
                one.merged_at.isoformat(),
                one.name_en,
                one.name_hi,
                one.area_en,
                one.merged_by,
                "yes" if one.ends else "no",
                one.undone_at.isoformat() if one.undone_at else "",
            )
            for one in rows
        ),
    )


@require_safe
@may("person.view")
def merge_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    """A merge as it was done: both records, what became of the pensions, who judged, and whether it still holds."""
    actor = acting(request)
    try:
        told = merging.told(actor, key)
    except NotMerged as nothing:
        raise Http404("no such merge") from nothing
    _looked_at(actor, (told.survivor, told.absorbed))
    context = {
        "told": told,
        "filled": _filled(told.taken_over),
        "ends": [award for award in told.awards if award.ends],
        "stays": [award for award in told.awards if not award.ends],
        "paid_twice": job.paid_twice(told.survivor.member_id, told.absorbed.member_id),
        "may_undo": told.undone_at is None and actor.may("person.unmerge"),
    }
    return render(request, "desk/merge_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@may("person.unmerge")
def merge_undo(request: HttpRequest, key: UUID) -> HttpResponse:
    """What parting the two records again brings, and the reason; then it is done."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    reason = request.POST.get("reason", "")[:2000]
    if request.method == "POST" and not switching(request):
        try:
            job.undo(actor, key, reason)
            return redirect("desk:merge-detail", key)
        except Refusal as refusal:
            errors.append(fault(refusal))
    try:
        told = merging.told(actor, key)
    except NotMerged as nothing:
        raise Http404("no such merge") from nothing
    if told.undone_at is not None:
        return redirect("desk:merge-detail", key)
    outlook = shown_outlook(actor, job.foresee_undo(actor, key))
    _looked_at(actor, (told.survivor, told.absorbed), outlook)
    context = {
        "told": told,
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "reason": reason,
        "outlook": outlook,
    }
    return render(request, "desk/merge_undo.html", context)


def _gone(request: HttpRequest, pair: Pair) -> HttpResponse:
    """The page of a merge that somebody else carried out first: who, when, and the way to it."""
    actor = acting(request)
    done = [
        one
        for member in (pair.first_id, pair.second_id)
        for one in merges_of(member)
        if one.absorbed == member and one.undone_on is None
    ]
    told = None
    for one in done[-1:]:
        with contextlib.suppress(Refusal):
            told = merging.told(actor, one.key)
    late = request.method == "POST"
    return render(
        request, "desk/merge_preview.html", {"pair": pair, "gone": True, "told": told, "late": late}
    )


def _with_endings(plan: Preview, outlook: dict[str, Any]) -> dict[str, Any]:
    """The outlook with a row for each pension that ends, and the one that goes on compared with what it was before."""
    groups = {double.pension_group for double in plan.doubles}
    both = (plan.survivor.member_id, plan.absorbed.member_id)
    rows = [
        (shown, person)
        for shown, person in outlook["rows"]
        # what becomes of the number that is given up is said by the rows of what goes over and what ends
        if person.member_id != both[1]
        and not (person.member_id == both[0] and shown["pension_group"] in groups)
    ]
    for double in plan.doubles:
        kept = shown_change(plan.outlook, (both[0], double.pension_group))
        before = shown_change(plan.outlook, (double.goes_on.member_id, double.pension_group))
        kept |= {name: value for name, value in before.items() if name.startswith("was_")}
        if any(kept[name] != kept[f"was_{name}"] for name in ("action", "scheme", "paise", "missing")):
            if before["was_action"] == "stop":
                # it would have ended; the row says what it is that goes on instead
                kept |= {
                    "was_scheme": double.goes_on.scheme,
                    "was_paise": plan.standing_paise(double.goes_on),
                }
            rows.append((kept, plan.survivor))
        ends = double.ends
        number = plan.survivor if ends.member_id == both[0] else plan.absorbed
        rows.append((shown_end(ends.scheme, plan.standing_paise(ends), plan.ends_on), number))
    named = {person.member_id for _shown, person in rows}
    unchanged = [card for card in outlook["unchanged"] if card.member_id not in named]
    return outlook | {"rows": rows, "unchanged": unchanged}


def _words_of(pair: Both, survivor: int, keep: Mapping[int, int]) -> dict[str, str]:
    """The choice as the form says it: no number of a person stands in an address."""
    side = {pair.first: "first", pair.second: "second"}
    return {"stay": side[survivor]} | {f"keep_{group}": side[keep[group]] for group in sorted(keep)}


def _looked_at(actor: Actor, both: Iterable[Person], outlook: dict[str, Any] | None = None) -> None:
    """Record that the two people, and everybody else whom the page names, were looked at."""
    keys = [str(one.key) for one in both]
    if outlook is not None:
        keys += [str(card.key) for card in (*(row[1] for row in outlook["rows"]), *outlook["unchanged"])]
    record_many(actor, "person.view", "resident", [(key, None, None) for key in dict.fromkeys(keys)])


def _chosen(pair: Both, stay: str) -> tuple[int, int]:
    """The number that stays and the one that is given up: without a choice the one that draws a pension, else the older one.

    A number that stands for others stays.
    """
    stands = {number for number in pair if absorbed_by(number)}
    if len(stands) == 1:
        stay = "first" if pair.first in stands else "second"
    elif stay not in ("first", "second"):
        drawing = {held.member_id for held in merging.money_of([pair.first, pair.second]).held}
        stay = "second" if pair.second in drawing and pair.first not in drawing else "first"
    numbers = (pair.first, pair.second)
    return numbers if stay == "first" else numbers[::-1]


def _keep(pair: Both, asked: Any) -> dict[int, int]:
    """Pension group → the number whose pension goes on, as chosen in the form."""
    number = {"first": pair.first, "second": pair.second}
    return {
        int(name.removeprefix("keep_")): number[value]
        for name, value in asked.items()
        if name.startswith("keep_") and name.removeprefix("keep_").isdecimal() and value in number
    }


def _filled(columns: tuple[str, ...]) -> list[str]:
    """What was filled, as people name it: an account and an Aadhaar number by their last digits alone."""
    return [name for name in columns if name in MERGING_LABELS["taken_over"]]


def _sides(pair: Both, plan: Preview) -> list[dict[str, Any]]:
    """The two records in the pair's order, with what each draws."""
    people = {one.member_id: one for one in (plan.survivor, plan.absorbed)}
    held = merging.money_of([pair.first, pair.second]).held
    return [
        {
            "side": side,
            "person": people[number],
            "held": [(one, plan.standing_paise(one)) for one in held if one.member_id == number],
        }
        for side, number in (("first", pair.first), ("second", pair.second))
    ]
