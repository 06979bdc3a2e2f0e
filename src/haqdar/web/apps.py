"""Django app of the stage `web`."""

import time
from typing import Any

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest


class WebConfig(AppConfig):
    """Server-rendered pages."""

    name = "haqdar.web"
    label = "web"
    verbose_name = "Web"

    def ready(self) -> None:
        """Write down every session that begins or ends, whatever page did it."""
        user_logged_in.connect(_begun, dispatch_uid="haqdar session begun")
        user_logged_out.connect(_over, dispatch_uid="haqdar session over")


def _begun(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    from haqdar.access import sessions
    from haqdar.web.middleware import SEEN, address_of, browser_of

    if request.session.session_key is None:
        request.session.create()
    request.session[SEEN] = int(time.time())
    sessions.begin(user, request.session.session_key or "", address_of(request), browser_of(request))


def _over(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    from haqdar.access import sessions

    if user is not None and request.session.session_key:
        sessions.over(request.session.session_key, by=user.get_username())
