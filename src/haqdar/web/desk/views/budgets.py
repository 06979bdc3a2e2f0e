"""The budget by head of account: what is left, what bills took and what waits; orders are entered after a look at what they do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access.actions import record
from haqdar.base.money import indian, rupees
from haqdar.base.refusal import Refusal
from haqdar.payments import budget
from haqdar.web.desk.forms import fault
from haqdar.web.desk.views.common import acting, download, may
from haqdar.web.middleware import switching

FIELDS = {"no_order_number": "order_no", "no_amount": "lines", "budget_not_that_much": "lines"}
_MOST = Decimal(10) ** 12
_YEARS = range(2000, 2100)


@require_safe
@may("budget.view")
def budget_latest(request: HttpRequest) -> HttpResponse:
    """The latest budget year that has an allotment or a bill; this one where there is none."""
    years = budget.years(acting(request))
    return redirect("desk:budget-list", year=years[0] if years else budget.budget_year(timezone.localdate()))


def _year(year: int) -> dict[str, Any]:
    if year not in _YEARS:
        raise Http404("no such budget year")
    return {"year": year, "said": budget.year_text(year)}


@require_safe
@may("budget.view")
def budget_list(request: HttpRequest, year: int) -> HttpResponse:
    """Every head: allotted, taken by bills, available, and what bills still wait for."""
    heads = budget.heads(acting(request), year)
    context = _year(year) | {
        "years": [(one, budget.year_text(one)) for one in budget.years(acting(request))],
        "heads": heads,
        "short": [head for head in heads if head.short],
        "allotted": sum(head.allotted for head in heads),
        "spent": sum(head.spent for head in heads),
        "surrendered": sum(head.surrendered for head in heads),
        "available": sum(head.available for head in heads),
        "waiting": sum(head.waiting for head in heads),
    }
    return render(request, "desk/budget_list.html", context)


@require_safe
@may("budget.view")
def budget_download(request: HttpRequest, year: int) -> StreamingHttpResponse:
    """The same as CSV."""
    _year(year)
    record(acting(request), "budget.view", "budget", str(year), new={"download": True})
    header = ("head", "allotted", "surrendered", "spent", "available", "waiting", "short")
    rows = (
        [
            head.head,
            *map(
                rupees,
                (head.allotted, head.surrendered, head.spent, head.available, head.waiting, head.short),
            ),
        ]
        for head in budget.heads(acting(request), year)
    )
    return download(f"budget-{budget.year_text(year)}.csv", header, rows)


@require_safe
@may("budget.view")
def budget_head(request: HttpRequest, year: int, head: str) -> HttpResponse:
    """Every entry of one head with the balance after it, newest first."""
    entries = budget.entries_of(acting(request), year, head)
    if not entries:
        raise Http404("no entry under this head")
    context = _year(year) | {"head": head, "entries": entries, "available": entries[0].balance}
    return render(request, "desk/budget_head.html", context)


@dataclass(frozen=True)
class _Line:
    head: str
    paise: int
    after: int


@require_http_methods(["GET", "HEAD", "POST"])
@may("budget.enter")
def budget_enter(request: HttpRequest, year: int) -> HttpResponse:
    """An order of the finance department for one head or many: typed, looked at with the balances it leads to, then entered."""
    actor = acting(request)
    errors: list[dict[str, str]] = []
    typed = {name: request.POST.get(name, "")[:20_000] for name in ("kind", "order_no", "lines")}
    kind = typed["kind"] if typed["kind"] in (*budget.ADDS, *budget.TAKES) else "allotment"
    preview: list[_Line] = []
    if request.method == "POST" and not switching(request):
        amounts = _amounts(typed["lines"], set(budget.known_heads(year)), errors)
        if not typed["order_no"].strip():
            errors.append(fault(budget.NoOrderNumber()) | {"field": "order_no"})
        if not errors and not amounts:
            errors.append(fault(budget.NoAmount()) | {"field": "lines"})
        if not errors and request.POST.get("act") == "enter":
            try:
                budget.allot_many(actor, year, amounts.items(), typed["order_no"], kind)
                return redirect("desk:budget-list", year=year)
            except Refusal as refusal:
                errors.append(fault(refusal) | {"field": FIELDS.get(refusal.code, "")})
        if not errors:
            preview = _preview(request, year, kind, amounts, errors)
    context = _year(year) | {
        "errors": errors,
        "faults": {error["field"]: error["text"] for error in errors},
        "kind": kind,
        "kinds": (*budget.ADDS, *budget.TAKES),
        "order_no": typed["order_no"],
        "lines": typed["lines"]
        if request.method == "POST"
        else "\n".join(f"{head}, " for head in budget.known_heads(year)),
        "preview": preview,
        "total": sum(line.paise for line in preview),
    }
    return render(request, "desk/budget_enter.html", context)


def _preview(
    request: HttpRequest, year: int, kind: str, amounts: dict[str, int], errors: list[dict[str, str]]
) -> list[_Line]:
    sign = 1 if kind in budget.ADDS else -1
    now = {head.head: head.available for head in budget.heads(acting(request), year)}
    lines = [_Line(head, paise, now.get(head, 0) + sign * paise) for head, paise in amounts.items()]
    for line in lines:
        if line.after < 0:
            refusal = budget.NotThatMuch(
                available=indian(now.get(line.head, 0)),
                head=line.head,
                year=budget.year_text(year),
                asked=indian(line.paise),
            )
            errors.append(fault(refusal) | {"field": "lines"})
    return [] if errors else lines


def _amounts(text: str, known: set[str], errors: list[dict[str, str]]) -> dict[str, int]:
    """Head -> paise of the lines "head, rupees"; lines without an amount are left out, wrong ones are errors."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        head, _separator, amount = (part.strip() for part in line.replace("\t", ",", 1).partition(","))
        amount = amount.replace(",", "").removeprefix("₹").strip()
        if not head or not amount:
            continue
        if head not in known:
            errors.append(
                {"field": "lines", "text": _("Line %(line)s: the law has no head of account %(head)s.") % {"line": number, "head": head}}
            )  # fmt: skip
            continue
        try:
            paise = Decimal(amount) * 100
        except InvalidOperation:
            paise = Decimal(-1)
        if not paise.is_finite() or not 0 < paise < _MOST or paise != int(paise):
            errors.append(
                {"field": "lines", "text": _("Line %(line)s: %(amount)s is no amount in rupees, for example 1,25,000 or 1250.50.") % {"line": number, "amount": amount}}
            )  # fmt: skip
            continue
        found[head] = found.get(head, 0) + int(paise)
    return found
