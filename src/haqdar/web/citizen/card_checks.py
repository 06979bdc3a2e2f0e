"""Checking a household card: a page for each language that a service worker keeps, so that it works without network.

The page carries the public keys and all words; its script unpacks the code, checks the signature by WebCrypto and shows what
the card says. Nothing that is checked leaves the phone. A browser without script posts the text or picture instead; neither is kept.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_http_methods, require_safe

from haqdar.access.actors import ANONYMOUS
from haqdar.access.queries import districts
from haqdar.base.refusal import Refusal
from haqdar.cases.cards import withdrawals
from haqdar.cases.cards.checking import NoCodeInPicture, check, code_in
from haqdar.cases.cards.claim import RELATIONS, ForgedCard, NotACard, UnknownCardKey
from haqdar.cases.cards.content import scheme_texts
from haqdar.cases.cards.keys import trusted_keys
from haqdar.cases.cards.words import RELATION_WORDS, SEX_WORDS
from haqdar.outreach.limits import allowed, network_of
from haqdar.registry.documents import MOST_BYTES
from haqdar.web import assets
from haqdar.web.limits import limited, per_hour, too_often
from haqdar.web.middleware import address_of

LANGUAGES = ("hi", "en")
_SEX_CODES = {1: "M", 2: "F", 3: "T"}


@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """To the page in the language of the person."""
    return redirect("citizen:card-verify-in", language=translation.get_language() or "hi")


# it changes nothing and knows nobody: a page that was kept for months must be able to post, too
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@limited("card-verify", 600, per_hour)
def verify_in(request: HttpRequest, language: str) -> HttpResponse:
    """The page to check a card; the same for everybody, so that it may be kept on the phone."""
    if language not in LANGUAGES:
        raise Http404("no such language")
    # whoever is logged in must not be kept with the page
    request.actor = ANONYMOUS  # type: ignore[attr-defined]
    with translation.override(language):
        context: dict[str, Any] = {"errors": [], "checked": None, "text": ""}
        if request.method == "POST":
            context |= _checked(request, language)
        context |= {
            "keys": json.dumps([one.plain() for one in trusted_keys()], ensure_ascii=False),
            "words": json.dumps(_words(language), ensure_ascii=False),
            "districts": sorted(districts().values(), key=lambda one: one.name(language)),
            "others": [one for one in LANGUAGES if one != language],
        }
        response = render(request, "citizen/card_verify.html", context)
    response["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=()"
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: it keeps the page in both languages with what it needs, and the lists that were asked for."""
    files = [f"/card/verify/{language}/" for language in LANGUAGES]
    built = assets.manifest()
    kept = [
        static(built[name]) for name in ("app.css", "app.js", "card.js", "devanagari.woff2") if name in built
    ]
    version = hashlib.sha256(json.dumps([files, kept]).encode()).hexdigest()[:12]
    script = _WORKER.replace("@VERSION@", version)
    script = script.replace("@PAGES@", json.dumps(files)).replace("@FILES@", json.dumps(kept))
    response = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def _of_list(request: HttpRequest, district: str) -> str | None:
    """What a list is known by while it stays the same: a phone that has it is answered without reading it."""
    at = withdrawals.latest(district) if district in districts() else None
    return None if at is None else f'"{district}-{timezone.localdate():%Y%m%d}-{at.timestamp():.6f}"'


@require_safe
@condition(etag_func=_of_list)
def withdrawn(request: HttpRequest, district: str) -> HttpResponse:
    """The cards of a district that were withdrawn before their day: the beginnings of their serials, which are random."""
    if district not in districts():
        raise Http404("no such district")
    if not allowed("card-withdrawn", network_of(address_of(request)), 3000, per_hour):
        return too_often(request)
    found = withdrawals.withdrawn(district)
    response = JsonResponse(
        {"district": district, "on": found.day.isoformat(), "whole": found.whole, "cards": found.cards}
    )
    # asked anew each time, and answered in a few bytes while nothing changed: a lost card must not pass for ten minutes more
    response["Cache-Control"] = "public, no-cache"
    return response


def _checked(request: HttpRequest, language: str) -> dict[str, Any]:
    text = request.POST.get("code", "").strip()[:8000]
    picture = request.FILES.get("picture")
    try:
        if picture is not None and picture.size:
            text = code_in(picture.read() if (picture.size or 0) <= MOST_BYTES else b"")
        elif not text:
            return {"errors": [{"field": "code", "text": _("Take a picture of the code, or paste its text")}]}
        found = check(text, timezone.localdate())
    except Refusal as refusal:
        return {"errors": [{"field": "code", "text": refusal.sentence(language)}], "text": text}
    names = scheme_texts()
    members = [
        {
            "member": one,
            "relation": RELATION_WORDS[one.relation].in_language(language) if one.relation else "–",
            "sex": SEX_WORDS[one.sex].in_language(language) if one.sex else "–",
            "held": [
                names[scheme].in_language(language) if scheme in names else scheme
                for place, scheme in found.card.held
                if place == at
            ],
        }
        for at, one in enumerate(found.card.members)
    ]
    return {"checked": found, "members": members, "said": _sentences()[found.state]}


def _sentences() -> dict[str, str]:
    return {
        "right": _("The card is genuine and in date."),
        "expired": _("The card is genuine, but it has expired. Ask the family for a new one; it is free."),
        "early": _("The card is genuine, but its first day is still to come. Check this device's date."),
        "withdrawn": _("This card was withdrawn: lost, wrong or replaced by a newer one. Do not accept it."),
    }


def _words(language: str) -> dict[str, Any]:
    """Every word that the script says."""

    def refused(refusal: type[Refusal]) -> str:
        return refusal.hi if language == "hi" else refusal.en

    schemes = {code: text.in_language(language) for code, text in scheme_texts().items()}
    return {
        **_sentences(),
        "not_a_card": refused(NotACard),
        "forged": refused(ForgedCard),
        "unknown_key": refused(UnknownCardKey),
        "no_code": refused(NoCodeInPicture),
        "no_camera": _("The camera cannot be used. Allow it for this page, or take a picture instead."),
        "no_crypto": _(
            "This browser cannot check signatures here. Open the page over https, or use a newer browser."
        ),
        "looking": _("Hold the code in front of the camera …"),
        "nothing": _("Take a picture of the code, or paste its text"),
        "list_on": _("Not on the list of withdrawn cards of %(day)s."),
        "old_list": _(
            "The list on this device is old: a card withdrawn since then still looks genuine here."
        ),
        "part_list": _("The list is full: cards that were replaced long ago are not on it."),
        "no_list": _(
            "Whether it was withdrawn since cannot be said here: this device holds no list of withdrawn cards of the district."
        ),
        "kept": _("Kept on this device: list of %(day)s."),
        "not_kept": _("The list could not be fetched. Try again with network."),
        "offline": _("This page is kept on this device and works without network."),
        "labels": [
            _("Card number"),
            _("Head of the family"),
            _("Lives in"),
            _("Issued on"),
            _("Valid until"),
            _("Signed by"),
        ],
        "heads": [_("Name"), _("Relation"), _("Sex"), _("Born"), _("ID ends in"), _("Schemes held")],
        "members": _("Members of the family"),
        "relations": [
            RELATION_WORDS[word].in_language(language) if word in RELATION_WORDS else "–"
            for word in RELATIONS
        ],
        "sexes": {str(code): SEX_WORDS[letter].in_language(language) for code, letter in _SEX_CODES.items()},
        "schemes": schemes,
    }


_WORKER = """
const NAME = "card-@VERSION@", LISTS = "card-lists", PAGES = @PAGES@, FILES = @FILES@;
self.addEventListener("install", (event) => event.waitUntil(
  caches.open(NAME).then((cache) => cache.addAll([...PAGES, ...FILES])).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name.startsWith("card-") && name !== NAME && name !== LISTS)
    .map((name) => caches.delete(name)))).then(() => self.clients.claim())));
const fresh = async (request, name) => {
  const cache = await caches.open(name);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(6000) });
    if (answer.ok && !answer.redirected) await cache.put(request.url, answer.clone());
    // asked too often, or the server is unwell: what is kept says of which day it is
    if (answer.ok) return answer;
    return (await cache.match(request.url)) || answer;
  } catch (error) {
    const kept = await cache.match(request.url);
    if (kept) return kept;
    throw error;
  }
};
self.addEventListener("fetch", (event) => {
  const { request } = event, path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (PAGES.includes(path)) event.respondWith(fresh(request, NAME));
  else if (path.startsWith("/card/withdrawn/")) event.respondWith(fresh(request, LISTS));
  else if (FILES.includes(path)) event.respondWith(caches.match(path).then((kept) => kept || fetch(request)));
});
"""
