"""A queue with its filters as it stands in an address: read from the query string and written to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from haqdar.access.actors import Actor
from haqdar.access.queries import Place, place
from haqdar.cases import caselists
from haqdar.cases.caselists import QueueFilter
from haqdar.web.search import LONGEST, in_address, members_found, typed

KEPT = ("area", "kind", "scheme", "reason", "when", "since", "mine", "q", "sort")
"""The parts of a query string that belong to a queue, in the order they are written."""


@dataclass(frozen=True)
class QueueAddress:
    """A queue asked for: the verb waited for, the filters as typed, and the page."""

    verb: str
    values: tuple[tuple[str, str], ...] = ()
    page: int = 1

    @classmethod
    def of(cls, verb: str, asked: QueryDict) -> QueueAddress:
        """The queue of a query string; what is not understood narrows nothing."""
        values = []
        for name in KEPT:
            text = (asked.get(name) or "").strip()[: LONGEST if name != "q" else None]
            if name == "q":
                # sealed anew only where it is none: an address that leads back to itself stays the same
                text = text if text.startswith("~") else in_address(text)
            if text and _known(name, text):
                values.append((name, text))
        page = asked.get("page", "1")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) < 8 else 1
        return cls(verb, tuple(values), max(1, number))

    @classmethod
    def parse(cls, text: str) -> QueueAddress | None:
        """The queue of a text like ``case-verify?kind=start``; None where it is none."""
        slug, _, query = text.partition("?")
        verb = caselists.VERB_OF_SLUG.get(slug)
        return None if verb is None else cls.of(verb, QueryDict(query))

    def __str__(self) -> str:
        return f"{self.slug}?{self.query}" if self.query else self.slug

    @property
    def slug(self) -> str:
        """The verb as in addresses."""
        return caselists.slug_of(self.verb)

    @cached_property
    def query(self) -> str:
        """The query string without the page."""
        return urlencode(self.values)

    @property
    def url(self) -> str:
        """The address of the queue's page."""
        stem = reverse("desk:queue", args=[self.slug])
        return f"{stem}?{self.query}" if self.query else stem

    @property
    def back(self) -> str:
        """The query string that a link to a case carries, so that the case leads back and on to the next."""
        return urlencode([("in", self.slug), *self.values])

    def __getitem__(self, name: str) -> str:
        """The value of one filter, for templates: `address.scheme`."""
        if name not in KEPT:
            raise KeyError(name)
        return self.get(name)

    def get(self, name: str) -> str:
        """The value of one filter, empty where it is not set."""
        value = dict(self.values).get(name, "")
        return typed(value) if name == "q" else value

    def with_(self, **changes: str | int) -> QueueAddress:
        """The same queue with other filters, on its first page; an empty value takes a filter away."""
        values = dict(self.values) | {name: str(value) for name, value in changes.items()}
        kept = tuple((name, values[name]) for name in KEPT if values.get(name))
        return replace(self, values=kept, page=1)

    def only_place(self) -> QueueAddress:
        """The same queue without any filter but the area."""
        return replace(self, values=tuple(pair for pair in self.values if pair[0] == "area"), page=1)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the form of filters carries along without a field of its own."""
        return [pair for pair in self.values if pair[0] in ("area", "kind", "when")]

    @property
    def query_without_area(self) -> str:
        """The query string up to where an area is added."""
        rest = urlencode([pair for pair in self.values if pair[0] != "area"])
        return f"{rest}&" if rest else ""

    @property
    def without_when(self) -> QueueAddress:
        """The same queue whatever the days left."""
        return self.with_(when="")

    def filters(self, actor: Actor) -> QueueFilter:
        """The filters for `caselists`; a text is looked up as a case number or a person of the actor's area."""
        text = self.get("q")
        number = _case_number(text)
        return QueueFilter(
            kind=self.get("kind"),
            scheme=self.get("scheme"),
            reason=self.get("reason"),
            when=self.get("when"),
            since=int(self.get("since") or 0),
            mine=actor.name if self.get("mine") else "",
            members=members_found(actor, text) if text and not number else None,
            number=number,
            sort=self.get("sort") or "due",
            page=self.page,
        )

    def place(self, actor: Actor) -> Place | None:
        """The area asked for where the actor may see it, else None: everywhere the verb is the actor's."""
        code = self.get("area")
        return place(actor, code) if code else None


def _known(name: str, text: str) -> bool:
    return {
        "when": text in caselists.WHEN,
        "since": text in map(str, caselists.SINCE),
        "sort": text in caselists.SORTS and text != "due",
        "mine": text == "1",
    }.get(name, True)


def _case_number(text: str) -> str:
    """The case number in its written form, empty where the text is none."""
    letters = "".join(one for one in text.upper() if one.isascii() and one.isalnum())
    if len(letters) != 13 or not letters[0].isalpha() or not letters[1:].isdecimal():
        return ""
    return f"{letters[:3]}-{letters[3:11]}-{letters[11:]}"
