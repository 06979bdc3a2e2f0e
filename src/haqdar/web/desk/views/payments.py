"""Bills of a month and what was sent to the banks."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.base.money import rupees
from haqdar.base.month import Month
from haqdar.cases.queries import months, run_of
from haqdar.payments.queries import bills_of_month
from haqdar.web import labels
from haqdar.web.desk.views.common import acting, download, may


@require_safe
@may("payments.view")
def bill_latest(request: HttpRequest) -> HttpResponse:
    """The bills of the latest month that was run."""
    run = run_of(acting(request))
    if run is None:
        return render(request, "desk/bill_list.html", {"bills": [], "run": None})
    return redirect("desk:bill-list", month=run.slug)


@require_safe
@may("payments.view")
def bill_list(request: HttpRequest, month: Month) -> HttpResponse:
    """Every bill of the month: drawing officer, scheme, head of account, persons, amount."""
    run = run_of(acting(request), month)
    if run is None:
        raise Http404("this month was not run")
    found = bills_of_month(acting(request), run.id)
    context = {
        "run": run,
        "months": months(acting(request)),
        "bills": found,
        "persons": sum(bill["persons"] for bill in found),
        "paise": sum(bill["paise"] for bill in found),
        "names": labels.scheme_names(translation.get_language() or "hi", run.month),
    }
    return render(request, "desk/bill_list.html", context)


@require_safe
@may("payments.download")
def bill_download(request: HttpRequest, month: Month) -> StreamingHttpResponse:
    """The bills as CSV, in the columns of bills.csv."""
    run = run_of(acting(request), month)
    if run is None:
        raise Http404("this month was not run")
    record(acting(request), "payments.download", "bills", run.slug)
    rows = (
        [
            bill["bill_no"],
            bill["ddo_code"],
            bill["scheme"],
            bill["head"],
            run.slug,
            bill["persons"],
            rupees(bill["paise"]),
        ]
        for bill in bills_of_month(acting(request), run.id)
    )
    header = ("bill_no", "ddo_code", "scheme", "head", "month", "persons", "amount")
    return download(f"bills-{run.slug}.csv", header, rows)
