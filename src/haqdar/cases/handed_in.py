"""Papers handed in for cases and people: who may see one, and that it was seen."""

from __future__ import annotations

from uuid import UUID

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require, require_area
from haqdar.access.queries import path_of_area
from haqdar.base.refusal import Refusal
from haqdar.cases.models import Case
from haqdar.registry.models import Document
from haqdar.registry.own import own_person


class NoSuchPaper(Refusal):
    """There is no paper of this key where the actor may see it."""

    code = "no_such_paper"
    en = "There is no such paper in your area."
    hi = "आपके क्षेत्र में ऐसा कोई काग़ज़ नहीं है।"


def paper_of(actor: Actor, key: UUID) -> Document:
    """A paper of a case or a resident in the actor's area; the look is noted in the audit trail.

    Drafts are their owners' alone. Raises `NoSuchPaper`, ``NotYourFunction``, ``OutsideYourArea``.
    """
    actor = require(actor, "document.view")
    paper = Document.objects.filter(key=key, removed_at=None).first()
    if paper is None:
        raise NoSuchPaper()
    require_area(actor, _path(paper))
    with acting(actor, "document.view"):
        record(
            actor,
            "document.view",
            "document",
            str(paper.key),
            new={"of": paper.about_kind, "kind": paper.kind},
        )
    return paper


def _path(paper: Document) -> str | None:
    """The area that a paper belongs to."""
    if paper.about_kind == "case":
        case = Case.objects.filter(key=paper.about_key).first()
        if case is not None:
            return path_of_area(case.area_code)
    elif paper.about_kind == "resident":
        person = own_person(paper.about_key)
        if person is not None:
            return person.path
    raise NoSuchPaper()
