"""An officer's saved views: a queue with its filters under a name, one of them the default of its queue."""

from __future__ import annotations

from uuid import UUID

from haqdar.access.actions import record
from haqdar.access.actors import Actor, acting, require
from haqdar.base.refusal import Refusal
from haqdar.cases.models import SavedView

MOST_VIEWS = 40


class NoName(Refusal):
    """A view is found again by its name."""

    code = "view_without_name"
    en = "Give the view a name of up to 60 letters."
    hi = "इस सूची को 60 अक्षरों तक का कोई नाम दें।"


class TooManyViews(Refusal):
    """The list of views must stay readable."""

    code = "too_many_views"
    en = "You have {most} saved views already. Remove one you no longer use."
    hi = "आपकी {most} सहेजी हुई सूचियाँ पहले से हैं। जो काम की न हो उसे हटाएँ।"


def views_of(actor: Actor, verb: str | None = None) -> list[SavedView]:
    """The actor's own views, of one queue or all, by name."""
    require(actor, "desk.view")
    views = SavedView.objects.filter(user_id=actor.user_id or 0)
    return list((views.filter(verb=verb) if verb else views).order_by("verb", "name"))


def save_view(actor: Actor, verb: str, name: str, query: str, default: bool) -> SavedView:
    """Save a view under a name, or change the view of that name. Raises `NoName`, `TooManyViews`."""
    actor = require(actor, "desk.view")
    name = " ".join(name.split())
    if not name or len(name) > 60 or actor.user_id is None:
        raise NoName()
    with acting(actor, "desk.view"):
        own = SavedView.objects.select_for_update().filter(user_id=actor.user_id or 0)
        if len(own) >= MOST_VIEWS and not own.filter(verb=verb, name=name).exists():
            raise TooManyViews(most=MOST_VIEWS)
        if default:
            own.filter(verb=verb, is_default=True).exclude(name=name).update(is_default=False)
        view, _created = SavedView.objects.update_or_create(
            user_id=actor.user_id,
            verb=verb,
            name=name,
            defaults={"query": query[:1000], "is_default": default},
        )
        view.refresh_from_db()
        record(actor, "desk.view", "view", str(view.key), new={"verb": verb, "default": default})
    return view


def remove_view(actor: Actor, key: UUID | str) -> bool:
    """Remove one of the actor's views; returns whether there was one."""
    actor = require(actor, "desk.view")
    try:
        key = UUID(str(key))
    except ValueError:
        return False
    with acting(actor, "desk.view"):
        removed, _kinds = SavedView.objects.filter(user_id=actor.user_id or 0, key=key).delete()
        if removed:
            record(actor, "desk.view", "view", str(key), old={"removed": True})
    return bool(removed)
