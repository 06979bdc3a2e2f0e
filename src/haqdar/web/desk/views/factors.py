"""Second factors: showing one, setting up an app or a passkey, recovery codes."""

import json

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from haqdar.access import second_factors
from haqdar.access.queries import needs_second_factor
from haqdar.access.second_factors import APP, PASSKEY
from haqdar.base.refusal import Refusal
from haqdar.web.desk.second_factor import (
    answered,
    asking_page,
    is_proven,
    mark_proven,
    names_a_host,
    parsed,
    prove,
    safe_next,
    user_of,
)
from haqdar.web.desk.views.account import with_second_factor
from haqdar.web.desk.views.common import acting, may
from haqdar.web.middleware import address_of, switching

_SECRET = "new_app"
"""Name in the session: the sealed secret of an app that is being set up."""


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
def second_factor(request: HttpRequest) -> HttpResponse:
    """Show the second factor, then go on to the page that asked for it."""
    user = user_of(request)
    wanted = safe_next(request)
    if is_proven(request):
        return HttpResponseRedirect(wanted)
    if not second_factors.factors_of(user) and not user.is_demonstration:
        return redirect("desk:second-factor-set-up")
    errors: list[dict[str, str]] = []
    if request.method == "POST" and answered(request) and not switching(request):
        errors = prove(request, user)
        if not errors:
            return HttpResponseRedirect(wanted)
    return asking_page(request, user, errors, action=request.path, carried=[("next", wanted)])


@require_safe
@may("own_account.manage")
@with_second_factor
def second_factor_set_up(request: HttpRequest) -> HttpResponse:
    """Choose what the second factor shall be."""
    user = user_of(request)
    context = {
        "needs": needs_second_factor(user),
        "has": bool(second_factors.factors_of(user)),
        "passkeys": names_a_host(request),
    }
    return render(request, "desk/second_factor_set_up.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
@with_second_factor
def app_add(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app: read the square code, type its first code."""
    user = user_of(request)
    if user.is_demonstration:
        raise second_factors.SharedByAll()
    sealed = request.session.get(_SECRET) or second_factors.new_secret()
    request.session[_SECRET] = sealed
    errors: list[dict[str, str]] = []
    if request.method == "POST" and not switching(request):
        try:
            second_factors.add_app(
                acting(request), user, sealed, request.POST.get("app_code", "")[:40], address_of(request)
            )
        except Refusal as refusal:
            errors.append({"field": "app_code", "text": refusal.sentence(translation.get_language() or "hi")})
        else:
            del request.session[_SECRET]
            return _added(request, str(APP))
    secret = second_factors.opened(sealed)
    address = second_factors.app_address(user, secret)
    context = {
        "errors": errors,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "square": segno.make(address, error="m").svg_data_uri(
            scale=5, border=3, dark="#1b2430", light="#fff"
        ),
        "address": address,
    }
    return render(request, "desk/app_add.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
@with_second_factor
def passkey_add(request: HttpRequest) -> HttpResponse:
    """Let the browser make a passkey, and keep what it says of it."""
    user = user_of(request)
    errors: list[dict[str, str]] = []
    name = request.POST.get("name", "").strip()[:60]
    if request.method == "POST" and not switching(request):
        try:
            answer = parsed(request.POST.get("passkey_answer", ""))
            second_factors.add_passkey(acting(request), user, name or _("Passkey"), answer)
        except Refusal as refusal:
            errors.append({"field": "name", "text": refusal.sentence(translation.get_language() or "hi")})
        else:
            return _added(request, str(PASSKEY))
    possible = names_a_host(request)
    context = {
        "errors": errors,
        "name": name,
        "possible": possible,
        "offer": json.dumps(second_factors.passkey_offer(user)) if possible else "",
    }
    return render(request, "desk/passkey_add.html", context)


def _added(request: HttpRequest, kind: str) -> HttpResponse:
    """After the first factor: recovery codes, shown this once; after a further one, the account."""
    user = user_of(request)
    mark_proven(request, kind)
    if second_factors.recovery_codes_left(user) is not None:
        return redirect("/desk/account/?said=added#factors")
    codes = second_factors.new_recovery_codes(acting(request), user)
    return render(request, "desk/recovery_codes.html", {"codes": codes, "first": True})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
@with_second_factor
def factor_remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take an app or a passkey out of use, after asking once."""
    user = user_of(request)
    chosen = next((one for one in second_factors.factors_of(user) if one.number == number), None)
    if chosen is None:
        return redirect("/desk/account/?said=removed#factors")
    if request.method == "POST" and not switching(request):
        second_factors.remove_factor(acting(request), user, number)
        return redirect("/desk/account/?said=removed#factors")
    return render(request, "desk/factor_remove.html", {"factor": chosen})


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@may("own_account.manage")
@with_second_factor
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """How many recovery codes are left; fresh ones on request, shown this once."""
    user = user_of(request)
    codes: list[str] = []
    if request.method == "POST" and not switching(request):
        codes = second_factors.new_recovery_codes(acting(request), user)
    return render(
        request,
        "desk/recovery_codes.html",
        {"codes": codes, "first": False, "left": second_factors.recovery_codes_left(user)},
    )
