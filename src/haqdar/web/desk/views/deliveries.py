"""What the departments delivered and which rows were rejected."""

from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from haqdar.access.actions import record
from haqdar.sources import reading
from haqdar.web.desk.views.common import acting, download, may, page_number


@require_safe
@may("delivery.view")
def delivery_list(request: HttpRequest) -> HttpResponse:
    """Every delivery with its files and the rows taken, corrected and rejected."""
    return render(request, "desk/delivery_list.html", {"deliveries": reading.deliveries(acting(request))})


@require_safe
@may("delivery.view")
def delivery_detail(request: HttpRequest, number: int) -> HttpResponse:
    """One delivery: its files and the rejected rows, filtered by file and reason."""
    file, code = request.GET.get("file", "")[:40], request.GET.get("code", "")[:20]
    delivery = reading.delivery(acting(request), number)
    if delivery is None:
        raise Http404("no such delivery")
    page = reading.rejections(acting(request), number, file, code, page_number(request))
    context = {"delivery": delivery, "page": page, "file": file, "code": code}
    return render(request, "desk/delivery_detail.html", context)


@require_safe
@may("delivery.download")
def rejection_download(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The rejected rows as CSV, in the columns of rejections.csv."""
    delivery = reading.delivery(acting(request), number)
    if delivery is None:
        raise Http404("no such delivery")
    record(acting(request), "delivery.download", "delivery", str(number))
    header = ("delivery", "file", "line", "field", "code", "message")

    def rows() -> Iterator[list[object]]:
        for row in reading.all_rejections(acting(request), number):
            yield [delivery["code"], row["file"], row["line"], row["field"], row["code"], row["message"]]

    return download(f"rejections-{delivery['code']}.csv", header, rows())
