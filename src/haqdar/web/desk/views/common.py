"""What the officers' views share: the permission at the door, the area shown, downloads."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse

from haqdar.access.actors import SECOND_FACTOR, Actor, OutsideYourArea, require
from haqdar.access.queries import Place, area_exists, place, places_along
from haqdar.web.desk.second_factor import behind_second_factor
from haqdar.web.middleware import actor_of_request

View = Callable[..., HttpResponse | StreamingHttpResponse]


def may(verb: str) -> Callable[[View], View]:
    """The view is for actors who may do `verb`; `request.actor.function` names it for history and audit.

    A verb of `SECOND_FACTOR` also asks for the second factor once in a session. The view carries its `verb`, from which
    the table of permissions (docs/permissions.md) and its test are made.
    """

    def door(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **values: Any) -> HttpResponse | StreamingHttpResponse:
            actor = require(actor_of_request(request), verb)

            def enter() -> HttpResponse | StreamingHttpResponse:
                request.actor = actor  # type: ignore[attr-defined]
                return view(request, *args, **values)

            return behind_second_factor(request, enter) if verb in SECOND_FACTOR else enter()

        guarded.verb = verb  # type: ignore[attr-defined]
        return guarded

    return door


def acting(request: HttpRequest) -> Actor:
    """The person acting on this request."""
    return actor_of_request(request)


def chosen_place(request: HttpRequest) -> Place | None:
    """The area asked for (`?area=`) or the actor's own; None while there are no areas at all.

    Refuses with `OutsideYourArea`; an area that does not exist is a page that does not exist.
    """
    actor = acting(request)
    code = request.GET.get("area") or None
    found = place(actor, code)
    if found is None and code is not None:
        if area_exists(code):
            raise OutsideYourArea()
        raise Http404("no such area")
    return found


def trail(request: HttpRequest, here: Place) -> list[Place]:
    """The areas above `here` that the actor may see, from the top down."""
    actor = acting(request)
    return [step for step in places_along(here.path)[:-1] if actor.sees(step.path)]


def page_number(request: HttpRequest) -> int:
    """The page asked for, 1 where that is no number."""
    text = request.GET.get("page", "1")
    return min(max(1, int(text)), 1_000_000) if text.isascii() and text.isdecimal() and len(text) < 8 else 1


def query(**values: object) -> str:
    """A query string of the values that are set."""
    return urlencode({name: value for name, value in values.items() if value})


def download(name: str, header: Iterable[str], rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """A CSV file sent while it is made. Cells a spreadsheet would run as a formula are made text."""
    response = StreamingHttpResponse(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(header: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_safe(value) for value in row])
        if buffer.tell() > 60_000:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _safe(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
