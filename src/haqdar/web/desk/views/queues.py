"""Today's desk and its queues: what waits, most urgent first; filters, saved views, downloads."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.access.actors import Actor, OutsideYourArea
from haqdar.access.models.people import Role
from haqdar.access.queries import Place, area_exists, places_along
from haqdar.base.money import group_indian
from haqdar.base.refusal import Refusal
from haqdar.cases import bulk, caselists
from haqdar.cases.caselists import CaseRow, Count, Queue, QueuePage
from haqdar.cases.saved_views import remove_view, save_view, views_of
from haqdar.identity.pairs import waiting
from haqdar.registry import profiles
from haqdar.web import labels
from haqdar.web.desk.queue_address import QueueAddress
from haqdar.web.desk.views.common import acting, chosen_place, download, may, trail
from haqdar.web.desk.views.work import amount_in_rupees
from haqdar.web.middleware import actor_of_request
from haqdar.web.templatetags.shown import money, named, spoken

OVERSEERS = frozenset(Role) - {Role.SECRETARY, Role.VERIFIER}
"""Who also wants to know how the offices below stand."""


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The first page after log-in: what waits for this officer today, and how the offices below stand."""
    actor = actor_of_request(request)
    if actor.is_anonymous:
        return redirect("desk:log-in")
    if not actor.may("desk.view") and actor.may("employee.view"):
        return redirect("desk:employee-list")
    counts = caselists.counts(actor) if actor.may("desk.view") else {}
    defaults: dict[str, QueueAddress] = {}
    views = []
    jobs: list[Any] = []
    if actor.may("desk.view"):
        for view in views_of(actor):
            address = QueueAddress.parse(f"{caselists.slug_of(view.verb)}?{view.query}")
            if address is None or not actor.may(view.verb):
                continue
            views.append((view, address))
            if view.is_default:
                defaults[view.verb] = address
        jobs = bulk.jobs_of(actor)
    lines = [_line(queue, counts[queue.name], defaults) for queue in caselists.QUEUES if queue.name in counts]
    busy = [line for line in lines if line["count"].all]
    context: dict[str, Any] = {
        "lines": busy,
        "idle": [line for line in lines if not line["count"].all],
        "total": sum((line["count"] for line in lines), Count()),
        "first": max(busy, key=lambda line: _urgency(line["count"]), default=None),
        "today": timezone.localdate(),
        "views": views,
        "jobs": jobs,
        "links": _links(actor),
        "pairs": waiting(actor),
    }
    if actor.roles & {role.value for role in OVERSEERS} and actor.may("desk.view"):
        context |= _overview(request)
    return render(request, "desk/desk.html", context)


def _line(queue: Queue, count: Count, defaults: dict[str, QueueAddress]) -> dict[str, Any]:
    kind = queue.kinds[0] if queue.kinds else ""
    address = QueueAddress(queue.verb).with_(kind=kind)
    chosen = defaults.get(queue.verb)
    return {
        "name": queue.name,
        "count": count,
        "url": (chosen if chosen is not None and chosen.get("kind") == kind else address).url,
        "late": address.with_(when="late").url,
        "today": address.with_(when="today").url,
        "week": address.with_(when="week").url,
        "all": address.url,
    }


def _urgency(count: Count) -> tuple[int, int, int, int]:
    return (count.late, count.today, count.week, count.all)


def _overview(request: HttpRequest) -> dict[str, Any]:
    here = chosen_place(request)
    if here is None:
        return {}
    verbs, areas = caselists.overview(acting(request), here)
    order = {verb: number for number, verb in enumerate(caselists.VERBS)}
    area = request.GET.get("area", "")
    return {
        "here": here,
        "trail": trail(request, here),
        "areas": areas,
        "standing": [
            {
                "verb": verb,
                "count": verbs[verb],
                "url": QueueAddress(verb).with_(area=area or "").url,
                "late": QueueAddress(verb).with_(area=area or "", when="late").url,
            }
            for verb in sorted(verbs, key=lambda verb: order.get(verb, 99))
        ],
        "may_look": acting(request).may("case.view"),
    }


def _links(actor: Actor) -> list[tuple[str, str]]:
    """What else an office wants to look at, where there is such a page and the actor may."""
    entries = (
        ("delay.view", "desk:delay-list", _("Delays by office")),
        ("month.view", "desk:month-latest", _("This month")),
        ("payments.view", "desk:bill-latest", _("Bills")),
        ("run.view", "desk:run-list", _("Month runs")),
        ("delivery.view", "desk:delivery-list", _("Registers received")),
        ("employee.view", "desk:employee-list", _("People and functions")),
        ("audit.view", "desk:audit-list", _("Audit trail")),
    )
    found = []
    for verb, name, text in entries:
        try:
            if actor.may(verb):
                found.append((reverse(name), text))
        except NoReverseMatch:
            continue
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@may("desk.view")
def queue(request: HttpRequest, slug: str) -> HttpResponse:
    """What waits for one verb, 200 rows a page; a post chooses cases for work on many, or saves or removes a view."""
    actor = acting(request)
    address, here = _asked(request, slug)
    caselists.scoped(actor, address.verb)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            return _posted(request, address, here)
        except Refusal as refusal:
            field = "name" if "save_view" in request.POST else "rows"
            errors.append({"field": field, "text": refusal.sentence(translation.get_language() or "hi")})
    filters = address.filters(actor)
    page = caselists.queue(actor, address.verb, filters, here)
    record(actor, "case.view", "queue", address.slug, new={"page": page.page, "rows": len(page.rows)})
    chosen = set(request.POST.getlist("key"))
    context = _shown(request, address, here, page) | {
        "errors": errors,
        "chosen": chosen,
        "filtered": filters.narrows,
        "views": views_of(actor, address.verb),
        "view_name": request.POST.get("name", "")[:100],
        "deeds": _deeds(actor, address.verb),
        "areas": caselists.areas_with_work(actor, address.verb, here)
        if here is not None and here.kind not in ("gp", "ward")
        else [],
    }
    return render(request, "desk/queue.html", context)


def _posted(request: HttpRequest, address: QueueAddress, here: Place | None) -> HttpResponse:
    actor = acting(request)
    if "save_view" in request.POST:
        save_view(
            actor,
            address.verb,
            request.POST.get("name", ""),
            address.query,
            request.POST.get("default") == "yes",
        )
        return redirect(address.url)
    if "remove_view" in request.POST:
        remove_view(actor, request.POST["remove_view"])
        return redirect(address.url)
    deed, _colon, scope = request.POST.get("deed", "").partition(":")
    job = bulk.preview(
        actor,
        address.verb,
        deed,
        address.filters(actor),
        here,
        None if scope == "all" else request.POST.getlist("key"),
        str(address),
        {"to": request.POST.get("to", "")} if deed == "assign" else {},
    )
    return redirect("desk:bulk-detail", key=job.key)


@require_safe
@may("case.download")
def queue_download(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """Everything the filters leave as CSV."""
    address, here = _asked(request, slug)
    actor = acting(request)
    rows = caselists.queue_rows(actor, address.verb, address.filters(actor), here)
    # a text looked for may be a name or a number of a person: that one was looked for is enough
    filters = {name: value if name != "q" else "…" for name, value in address.values}
    record(actor, "case.download", "queue", address.slug, new={"filters": filters})
    header = (
        "number,kind,member_id,name_en,name_hi,from_scheme,from_amount,scheme,amount,reason,area_code,area_en,area_hi,"
        "opened_on,due_on,days_left,assigned_to"
    )
    return download(f"{address.slug}-{timezone.localdate()}.csv", header.split(","), _lines(rows))


@require_safe
@may("desk.view")
def queue_print(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of a queue as a list for paper: with address and room for what was found."""
    address, here = _asked(request, slug)
    actor = acting(request)
    page = caselists.queue(actor, address.verb, address.filters(actor), here)
    record(
        actor,
        "case.view",
        "queue",
        address.slug,
        new={"page": page.page, "rows": len(page.rows), "print": True},
    )
    return render(request, "desk/queue_print.html", _shown(request, address, here, page, with_address=True))


def _asked(request: HttpRequest, slug: str) -> tuple[QueueAddress, Place | None]:
    verb = caselists.VERB_OF_SLUG.get(slug)
    if verb is None:
        raise Http404("no such queue")
    address = QueueAddress.of(verb, request.GET)
    actor = caselists.scoped(acting(request), verb)
    here = address.place(actor)
    if here is None and address.get("area"):
        if area_exists(address.get("area")):
            raise OutsideYourArea()
        raise Http404("no such area")
    return address, here or _own_place(actor)


def _own_place(actor: Actor) -> Place | None:
    """The one area of the actor's postings for a verb; None where there are several: then all of them are meant."""
    if actor.area_paths is None:
        from haqdar.access.queries import place

        return place(actor, None)
    if len(actor.area_paths) != 1:
        return None
    found = places_along(actor.area_paths[0])
    return found[-1] if found else None


def _deeds(actor: Actor, verb: str) -> dict[str, Any]:
    """What can be done to many cases of the queue; nothing for those who look on."""
    if not actor.may(verb):
        return {"act": False, "names": []}
    found = [deed.name for deed in bulk.deeds_of(verb)]
    return {
        "act": True,
        "names": [name for name in found if name != "assign"],
        "colleagues": bulk.colleagues(actor, verb),
    }


def _shown(
    request: HttpRequest,
    address: QueueAddress,
    here: Place | None,
    page: QueuePage,
    with_address: bool = False,
) -> dict[str, Any]:
    language = translation.get_language() or "hi"
    names = labels.scheme_names(language)
    local = here is not None and here.kind in ("gp", "ward")
    members = [row.member_id for row in page.rows]
    people = profiles.cards(members)
    addresses = profiles.addresses(members) if local or with_address else {}
    kinds = list(page.kinds)
    # looked up once for each reason, not for each row: the services' words are read from files
    words = {pair: labels.reason(*pair) if pair[1] else "" for pair in page.reasons}
    reasons: dict[str, tuple[str, int]] = {}
    for (kind, code), count in page.reasons.items():
        word, before = reasons.get(code) or (words[kind, code], 0)
        reasons[code] = (word, before + count)
    return {
        "address": address,
        "here": here,
        "trail": trail(request, here) if here is not None else [],
        "page": page,
        "rows": [
            _cells(
                row, people.get(row.member_id or -1), names, language, addresses, local, len(kinds) > 1, words
            )
            for row in page.rows
        ],
        "local": local,
        "title": labels.queue_name(address.verb, address.get("kind")),
        "hint": labels.queue_hint(address.verb, address.get("kind")),
        "when": [
            (word, labels.label("when", word), page.when[word], address.with_(when=word).url)
            for word in caselists.WHEN
        ],
        "kinds": [
            (kind, labels.label("case_kind", kind), count, address.with_(kind=kind).url)
            for kind, count in page.kinds.items()
        ],
        "schemes": [(code, names.get(code, code), count) for code, count in page.schemes.items()],
        "reasons": [(code, word, count) for code, (word, count) in reasons.items() if code],
        "sorts": [(sort, labels.label("queue_sort", sort)) for sort in caselists.SORTS],
        "since": [(str(days), labels.label("came_in", str(days))) for days in caselists.SINCE],
        "today": timezone.localdate(),
    }


def _cells(
    row: CaseRow,
    person: profiles.Card | None,
    names: dict[str, str],
    language: str,
    addresses: dict[int, str],
    local: bool,
    several: bool,
    words: dict[tuple[str, str], str],
) -> dict[str, Any]:
    """One row ready to print: 200 of them are cheaper made here than by template tags."""
    scheme = names.get(row.scheme or "", row.scheme or "")
    held = names.get(row.from_scheme or "", row.from_scheme or "")
    if held and scheme and row.scheme != row.from_scheme:
        what = f"{held} → {scheme}"
    else:
        what = scheme or held
    if row.from_paise is not None and row.paise is not None:
        amount = f"{money(row.from_paise)} → {money(row.paise)}"
    else:
        paise = row.paise if row.paise is not None else row.from_paise
        amount = "" if paise is None else money(paise)
    left = row.days_left(timezone.localdate())
    place = (row.area_hi if language == "hi" else row.area_en) or ""
    return {
        "key": row.key,
        "number": row.number,
        "name": spoken(named(person)) if person else "",
        "plain": named(person) if person else row.number,
        "what": what,
        "amount": amount,
        "why": words.get((row.kind, row.reason), ""),
        "kind": labels.label("case_kind", row.kind) if several else "",
        "where": spoken(addresses.get(row.member_id or -1, "") if local else place),
        "address": spoken(addresses.get(row.member_id or -1, "")),
        "sign": "▲" if left is not None and left < 0 else ("●" if left == 0 else ""),
        "tone": "" if left is None or left > caselists.SOON_DAYS else ("late" if left < 0 else "soon"),
        "left": days_left_words(left),
        "asked_on": row.asked_on,
        "assigned_to": row.assigned_to,
    }


def days_left_words(left: int | None) -> str:
    """Days left in words: the sign beside it and the words say the same as the colour."""
    if left is None:
        return "–"
    if left < 0:
        return _("1 day over") if left == -1 else _("%(days)s days over") % {"days": group_indian(-left)}
    if left == 0:
        return _("today")
    if left == 1:
        return _("1 day")
    return _("%(days)s days") % {"days": group_indian(left)}


def _lines(chunks: Iterator[list[CaseRow]]) -> Iterator[list[object]]:
    today = timezone.localdate()
    for rows in chunks:
        people = profiles.cards(row.member_id for row in rows)
        for row in rows:
            person = people.get(row.member_id or -1)
            yield [
                row.number,
                row.kind,
                f"{row.member_id:09d}" if row.member_id is not None else "",
                person.name_en if person else "",
                person.name_hi if person else "",
                row.from_scheme,
                amount_in_rupees(row.from_paise),
                row.scheme,
                amount_in_rupees(row.paise),
                row.reason,
                row.area_code,
                row.area_en,
                row.area_hi,
                row.opened_on,
                row.due_on,
                row.days_left(today),
                row.assigned_to,
            ]
