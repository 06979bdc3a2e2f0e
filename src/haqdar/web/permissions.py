"""The permission table as a page to read: every verb, who may do it, whether it needs a second factor, which pages use it.

`docs/permissions.md` is made from it (`./haqdar permissions > docs/permissions.md`), tests/web/test_permissions.py walks it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

from haqdar.access.actors import MAY, SECOND_FACTOR
from haqdar.access.models.people import Role
from haqdar.base.refusal import Words
from haqdar.web import labels

EVERYBODY = Words("everybody", "सबके लिए")
PROVEN = Words(
    "asks for the one-time code before anything personal", "निजी जानकारी से पहले एक बार का कोड माँगता है"
)
MASKED = Words("everybody, personal data masked", "सबके लिए, निजी जानकारी छिपी हुई")
FIGURES = Words("everybody, figures without persons", "सबके लिए, बिना व्यक्तियों के आँकड़े")
MONITOR = Words(
    "monitors; says only whether the database answers", "निगरानी के लिए; केवल इतना कि डेटाबेस उत्तर देता है"
)
LOG_IN = Words("logging in and out", "लॉग इन और लॉग आउट")

PUBLIC: dict[str, Words] = {
    "health": MONITOR,
    "citizen:home": EVERYBODY,
    "citizen:check": EVERYBODY,
    "citizen:prove": EVERYBODY,
    "citizen:prove-code": EVERYBODY,
    "citizen:prove-end": EVERYBODY,
    "citizen:check-member": PROVEN,
    "citizen:apply": EVERYBODY,
    "citizen:apply-who": EVERYBODY,
    "citizen:apply-mobile": EVERYBODY,
    "citizen:apply-code": EVERYBODY,
    "citizen:apply-pension": PROVEN,
    "citizen:apply-facts": PROVEN,
    "citizen:apply-paper": PROVEN,
    "citizen:apply-picture": PROVEN,
    "citizen:apply-check": PROVEN,
    "citizen:apply-done": PROVEN,
    "citizen:apply-receipt": PROVEN,
    "citizen:apply-resume": EVERYBODY,
    "citizen:apply-resume-code": EVERYBODY,
    "citizen:appeal": EVERYBODY,
    "citizen:grievance": EVERYBODY,
    "citizen:report": EVERYBODY,
    "citizen:feedback": EVERYBODY,
    "citizen:answer": MASKED,
    "citizen:who-looked": PROVEN,
    "citizen:ekyc": PROVEN,
    "citizen:ekyc-give": PROVEN,
    "citizen:ekyc-frame": PROVEN,
    "citizen:ekyc-compare": PROVEN,
    "citizen:ekyc-photo": PROVEN,
    "citizen:ekyc-withdraw": PROVEN,
    "citizen:object": EVERYBODY,
    "citizen:object-new": PROVEN,
    "citizen:object-done": PROVEN,
    "open:home": EVERYBODY,
    "open:about": EVERYBODY,
    "open:delay-home": EVERYBODY,
    "open:delay-detail": EVERYBODY,
    "open:area-detail": EVERYBODY,
    "open:scheme-detail": EVERYBODY,
    "open:figure-download": EVERYBODY,
    "open-api:openapi-json": EVERYBODY,
    "open-api:api-root": EVERYBODY,
    "open-api:schemes": EVERYBODY,
    "open-api:months": EVERYBODY,
    "open-api:figures": EVERYBODY,
    "citizen:follow": EVERYBODY,
    "citizen:case-status": MASKED,
    "citizen:order-find": EVERYBODY,
    "citizen:order": MASKED,
    "citizen:order-document": PROVEN,
    "citizen:passbook": PROVEN,
    "citizen:passbook-document": PROVEN,
    "citizen:card": PROVEN,
    "citizen:card-make": PROVEN,
    "citizen:card-document": PROVEN,
    "citizen:card-verify": EVERYBODY,
    "citizen:card-verify-in": EVERYBODY,
    "citizen:card-worker": EVERYBODY,
    "citizen:card-withdrawn": FIGURES,
    "desk:desk": LOG_IN,
    "desk:log-in": LOG_IN,
    "desk:log-in-second-factor": LOG_IN,
    "desk:log-out": LOG_IN,
}
"""Name of an address without a verb -> for whom it is meant. Everything else names its verb with `@may("…")`."""


@dataclass(frozen=True)
class Address:
    """One address of the site: its name, its pattern ("/desk/people/<uuid:key>/") and the verb its view names."""

    name: str
    pattern: str
    verb: str
    arguments: tuple[str, ...]


def addresses() -> list[Address]:
    """Every named address of the site, in the order in which they are looked up."""
    return list(_walk(get_resolver().url_patterns, (), "/"))


def _walk(
    patterns: "list[URLPattern | URLResolver]", spaces: tuple[str, ...], stem: str
) -> Iterator[Address]:
    for one in patterns:
        if isinstance(one, URLResolver):
            inner = (*spaces, one.namespace) if one.namespace else spaces
            yield from _walk(one.url_patterns, inner, stem + str(one.pattern))
        else:
            yield Address(
                ":".join((*spaces, one.name or "")),
                stem + str(one.pattern),
                getattr(one.callback, "verb", ""),
                tuple(one.pattern.converters),
            )


def permissions_markdown() -> str:
    """The whole page, in both languages."""
    used: dict[str, list[str]] = {}
    for address in addresses():
        used.setdefault(address.verb, []).append(address.pattern)
    lines = [
        "# Who may do what · कौन क्या कर सकता है",
        "",
        "Made from `MAY` and `SECOND_FACTOR` in `src/haqdar/access/actors.py` and from the site's addresses by"
        " `./haqdar permissions`; a test fails when it is not current. A verb is at once the permission, the word in the audit"
        " trail and the task that an office administrator delegates. Whoever may do it may do it in the area of the"
        " posting only. ⚿: asks for a second factor. A verb without a page is used inside other pages or on the command line.",
        "",
        "| verb · काम | functions · पद | ⚿ | pages · पन्ने |",
        "|---|---|---|---|",
    ]
    for verb, roles in MAY.items():
        named = [_both("role", role) for role in Role.values if role in roles]
        pages = "<br>".join(f"`{pattern}`" for pattern in used.get(verb, []))
        who = "<br>".join(named) or "nobody; command line only · कोई नहीं; केवल कमांड लाइन"
        mark = "⚿" if verb in SECOND_FACTOR else ""
        lines.append(f"| `{verb}`<br>{_both('verb', verb)} | {who} | {mark} | {pages} |")
    lines += [
        "",
        "## Pages that name no verb · बिना काम वाले पन्ने",
        "",
        "| page · पन्ना | for whom · किसके लिए |",
        "|---|---|",
    ]
    for address in addresses():
        if not address.verb and address.name in PUBLIC:
            words = PUBLIC[address.name]
            lines.append(f"| `{address.pattern}` | {words.en} · {words.hi} |")
    return "\n".join(lines) + "\n"


def _both(kind: str, code: str) -> str:
    with translation.override("en"):
        english = labels.label(kind, code)
    with translation.override("hi"):
        return f"{english} · {labels.label(kind, code)}"
