"""The forms of register and payee changes as data: what each asks, how it is read, and how it is told afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from haqdar.access.actors import Actor
from haqdar.access.kinds import HOME_KINDS
from haqdar.registry import household, payees, vital
from haqdar.registry.entries import (
    Entry,
    NobodyThere,
    Somebody,
    people,
)
from haqdar.registry.entries import (
    household as of_family,
)
from haqdar.registry.models import Family, Resident
from haqdar.registry.payees import REASONS, WHOSE
from haqdar.sources.layout import MARITAL_STATUSES, SEXES
from haqdar.web import labels

Word = str | Promise
Errors = list[dict[str, str]]
Make = Callable[[Somebody, Mapping[str, Any]], Entry]
_MOST_PLACES = 20
_MOST_RADIOS = 6
RELATIONS = (
    "wife", "husband", "son", "daughter", "mother", "father", "daughter_in_law", "son_in_law", "grandson",
    "granddaughter", "brother", "sister", "other",
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One field of a form.

    `kind` is text, day, person (one of the family), people (some of the family), choice, member (a member ID), family (a
    family ID), area (a panchayat or ward), flag or secret (shown again nowhere). `among` narrows the family to women, men or
    the living; `words` names the labels of a choice.
    """

    name: str
    label: Word
    kind: str = "text"
    hint: Word = ""
    required: bool = True
    among: str = "living"
    options: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True)
class Form:
    """What one kind of change asks, and the entry that is made of the answers."""

    questions: tuple[Question, ...]
    make: Make
    group: str


_DAY = Question("happened_on", gettext_lazy("On which day"), "day")
_OTHER = Question(
    "other",
    gettext_lazy("Member ID of the other person"),
    "member",
    gettext_lazy("Nine digits, from the family's card."),
)
_NAME = (
    Question(
        "name_hi",
        gettext_lazy("Name in Hindi"),
        hint=gettext_lazy("As the family writes it."),
        required=False,
    ),
    Question("name_en", gettext_lazy("Name in English letters")),
    Question("sex", gettext_lazy("Girl or boy"), "choice", options=SEXES, words="child_sex"),
)
_PARENTS = (
    Question("mother", gettext_lazy("Mother"), "person", required=False, among="women"),
    Question("father", gettext_lazy("Father"), "person", required=False, among="men"),
)
_ADDRESS = Question(
    "address",
    gettext_lazy("New address"),
    hint=gettext_lazy("House and locality; leave it empty if it does not change."),
    required=False,
)


def _event(kind: type[vital.PersonEvent]) -> Form:
    return Form((_DAY,), lambda one, v: kind(str(one.key), v["happened_on"]), "event")


FORMS: dict[str, Form] = {
    "death": _event(vital.Death),
    "birth": Form(
        (*_NAME, Question("born_on", gettext_lazy("Day of birth"), "day"), *_PARENTS),
        lambda one, v: vital.Birth(
            str(one.family_key), v["name_en"], v["name_hi"], v["sex"], v["born_on"], v["mother"], v["father"]
        ),
        "event",
    ),
    "marriage": Form(
        (
            _OTHER,
            _DAY,
            Question(
                "moves",
                gettext_lazy("Does one of them move?"),
                "choice",
                required=False,
                options=("", "person", "other"),
                words="moves",
            ),
        ),
        lambda one, v: vital.Marriage(str(one.key), v["other"], v["happened_on"], v["moves"]),
        "event",
    ),
    "desertion": _event(vital.Desertion),
    "divorce": _event(vital.Divorce),
    "migration_out": _event(vital.MovedOut),
    "migration_in": _event(vital.MovedIn),
    "member_add": Form(
        (
            *_NAME[:2],
            Question("sex", gettext_lazy("Woman or man"), "choice", options=SEXES, words="sex"),
            Question("born_on", gettext_lazy("Day of birth"), "day", required=False),
            Question(
                "relation",
                gettext_lazy("Relation to the head of the family"),
                "choice",
                options=RELATIONS,
                words="relation",
            ),
            Question(
                "marital_status",
                gettext_lazy("Marital status"),
                "choice",
                required=False,
                options=MARITAL_STATUSES,
                words="marital",
            ),
            *_PARENTS,
        ),
        lambda one, v: vital.MissedMember(
            str(one.family_key),
            v["name_en"],
            v["name_hi"],
            v["sex"],
            v["born_on"],
            v["mother"],
            v["father"],
            v["relation"],
            v["marital_status"],
        ),
        "family",
    ),
    "family_split": Form(
        (
            Question("members", gettext_lazy("Who leaves"), "people"),
            Question("head", gettext_lazy("Head of the new family"), "person"),
            _ADDRESS,
            Question(
                "keep_bpl",
                gettext_lazy("The new family is on the BPL list too"),
                "flag",
                gettext_lazy(
                    "Without this it has no card, and pensions for BPL families end for those who leave."
                ),
                required=False,
            ),
        ),
        lambda one, v: household.Split(
            str(one.family_key), v["members"], v["head"], v["address"], v["keep_bpl"]
        ),
        "family",
    ),
    "family_merge": Form(
        (
            Question(
                "other_family",
                gettext_lazy("Family ID of the other family"),
                "family",
                gettext_lazy("Eight digits. Everybody of that family comes into this one."),
            ),
        ),
        lambda one, v: household.Merge(str(one.family_key), v["other_family"]),
        "family",
    ),
    "person_move": Form(
        (Question("other_family", gettext_lazy("Family ID of the other family"), "family"),),
        lambda one, v: household.Move(str(one.key), v["other_family"]),
        "family",
    ),
    "family_transfer": Form(
        (
            Question(
                "area",
                gettext_lazy("Panchayat or ward to which the family moves"),
                "area",
                gettext_lazy("Name or code."),
            ),
            _ADDRESS,
        ),
        lambda one, v: household.Transfer(str(one.family_key), v["area"], v["address"]),
        "family",
    ),
    "head_change": Form(
        (Question("head", gettext_lazy("New head of the family"), "person"),),
        lambda one, v: household.NewHead(str(one.family_key), v["head"]),
        "family",
    ),
    "account_change": Form(
        (
            Question(
                "ifsc", gettext_lazy("IFSC"), hint=gettext_lazy("Eleven characters, from the passbook.")
            ),
            Question("account", gettext_lazy("Account number"), "secret"),
            Question("account_again", gettext_lazy("Account number once more"), "secret"),
        ),
        lambda one, v: payees.AccountChange.given(
            str(one.key), v["ifsc"].upper(), v["account"], v["account_again"]
        ),
        "money",
    ),
    "mobile_change": Form(
        (
            Question("whose", gettext_lazy("Whose mobile"), "choice", options=WHOSE, words="whose"),
            Question(
                "mobile",
                gettext_lazy("Mobile number"),
                "secret",
                gettext_lazy("Ten digits; empty if there is none."),
                required=False,
            ),
            Question(
                "holder",
                gettext_lazy("Name of whose mobile it is"),
                hint=gettext_lazy("Only if it is not the person's own."),
                required=False,
            ),
        ),
        lambda one, v: payees.MobileChange.given(str(one.key), v["whose"], v["mobile"], v["holder"]),
        "money",
    ),
    "guardian": Form(
        (
            Question(
                "receiver",
                gettext_lazy("Member ID of who receives the money"),
                "member",
                gettext_lazy("An adult with a bank account on record."),
            ),
            Question(
                "relation",
                gettext_lazy("What is this person to the pensioner?"),
                "choice",
                options=RELATIONS,
                words="relation",
            ),
            Question("reason", gettext_lazy("Why"), "choice", options=REASONS, words="receives"),
            Question("from_on", gettext_lazy("From which day"), "day"),
            Question(
                "to_on",
                gettext_lazy("Until which day"),
                "day",
                gettext_lazy(
                    "Empty: until further notice. For a minor it ends with the 18th birthday by itself."
                ),
                required=False,
            ),
        ),
        lambda one, v: payees.Guardian(
            str(one.key), v["receiver"], v["relation"], v["reason"], v["from_on"], v["to_on"]
        ),
        "money",
    ),
    "heir": Form(
        (
            Question(
                "receiver",
                gettext_lazy("Member ID of the heir"),
                "member",
                gettext_lazy("An adult with a bank account on record."),
            ),
            Question(
                "relation",
                gettext_lazy("What is the heir to the deceased?"),
                "choice",
                options=RELATIONS,
                words="relation",
            ),
            Question(
                "reference",
                gettext_lazy("Which paper names the heir"),
                hint=gettext_lazy(
                    "Kind, number, office and day. Of several heirs: the one whom the paper, or the others with their signatures, let receive for all."
                ),
            ),
        ),
        lambda one, v: payees.Heir(str(one.key), v["receiver"], v["relation"], v["reference"]),
        "money",
    ),
    "guardian_end": Form(
        (Question("to_on", gettext_lazy("Last day"), "day"),),
        lambda one, v: payees.GuardianEnd(str(one.key), v["to_on"]),
        "money",
    ),
}
GROUPS: tuple[tuple[str, Word], ...] = (
    ("event", gettext_lazy("Something happened")),
    ("family", gettext_lazy("The family changes")),
    ("money", gettext_lazy("Account, mobile, who receives")),
)


def typed(questions: Iterable[Question], post: QueryDict) -> dict[str, Any]:
    """What was typed, as text (a list for `people`)."""
    values: dict[str, Any] = {}
    for one in questions:
        if one.kind == "people":
            values[one.name] = [value[:40] for value in post.getlist(one.name)]
        else:
            values[one.name] = " ".join(post.get(one.name, "").split())[:200]
        if one.kind == "area":
            values["area_choice"] = post.get("area_choice", "")[:40]
    return values


def read(form: Form, texts: Mapping[str, Any]) -> tuple[dict[str, Any], Errors, list[Any]]:
    """The values of what was typed, what is wrong with it, and the places to choose from where a name fits several."""
    values: dict[str, Any] = {}
    errors: Errors = []
    places: list[Any] = []
    for one in form.questions:
        text = texts[one.name]
        if one.required and not text:
            errors.append({"field": one.name, "text": _("Answer this: %(what)s") % {"what": one.label}})
            continue
        try:
            if one.kind == "day":
                values[one.name] = date.fromisoformat(text) if text else None
            elif one.kind in ("member", "family"):
                values[one.name] = _key_of(one.kind, text)
            elif one.kind == "people":
                values[one.name] = tuple(text)
            elif one.kind == "flag":
                values[one.name] = bool(text)
            elif one.kind == "secret":
                values[one.name] = text.replace(" ", "")
            elif one.kind == "area":
                places = places_named(text)
                codes = [place["area_code"] for place in places]
                chosen = texts["area_choice"] if texts["area_choice"] in codes else ""
                values[one.name] = chosen or (codes[0] if len(codes) == 1 else "")
                if not values[one.name]:
                    sentence = (
                        _("Choose the place from the list")
                        if places
                        else _("No panchayat or ward has this name or code; check it")
                    )
                    errors.append({"field": one.name, "text": sentence})
            elif one.kind == "choice" and text not in one.options:
                errors.append({"field": one.name, "text": _("Choose one of the answers")})
            else:
                values[one.name] = text
        except ValueError:
            errors.append({"field": one.name, "text": _("Give a day, for example 2016-10-03")})
        except NobodyThere as refusal:
            sentence = refusal.hi if _is_hindi() else refusal.en
            if one.kind == "family":
                sentence = _("There is no family with this number; check the eight digits")
            errors.append({"field": one.name, "text": sentence})
    return values, errors, places


def shown_questions(
    form: Form, one: Somebody, texts: Mapping[str, Any], faults: Mapping[str, str], places: list[Any]
) -> list[dict[str, Any]]:
    """The questions as the template draws them: with people, options, what was typed and what is wrong."""
    family = [each for each in of_family(one.family_id).values() if each.alive]
    chosen = {
        "living": family,
        "women": [each for each in family if each.sex != "M"],
        "men": [each for each in family if each.sex != "F"],
    }
    return [
        {
            "name": question.name,
            "label": question.label,
            "hint": question.hint,
            # a long list is shorter folded, above all on a phone
            "kind": "select"
            if question.kind == "choice" and len(question.options) > _MOST_RADIOS
            else question.kind,
            "required": question.required,
            "people": [(str(each.key), each) for each in chosen[question.among]]
            if question.kind in ("person", "people")
            else [],
            "options": [(code, labels.LABELS[question.words].get(code, code)) for code in question.options]
            if question.words
            else [],
            "places": places if len(places) > 1 else [],
            "value": texts.get(question.name, ""),
            "fault": faults.get(question.name, ""),
        }
        for question in form.questions
    ]


def hidden(form: Form, texts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and value of everything typed, to be carried to the next step."""
    pairs = [
        (name, value)
        for name, text in texts.items()
        for value in (text if isinstance(text, list) else [text])
        if value
    ]
    return pairs


def told(actor: Actor, entry: Entry) -> list[tuple[str, str, Any]]:
    """What an entry says, as rows of label, kind of value (text, day, label:…, ending, person, family) and value."""
    details = entry.details()
    rows: list[tuple[str, str, Any]] = []
    for question in FORMS[entry.kind].questions:
        name = question.name
        if name in ("account", "mobile"):
            rows.append((str(question.label), "ending", details["last4"]))
            continue
        if name not in details or details[name] in (None, "", ()):
            continue
        value = getattr(entry, name)
        if question.kind in ("person", "member"):
            rows.append((str(question.label), "person", _person(actor, [value])))
        elif question.kind == "people":
            rows.append((str(question.label), "person", _person(actor, value)))
        elif question.kind == "family":
            rows.append((str(question.label), "family", Family.objects.get(key=value).family_id))
        elif question.kind == "area":
            rows.append((str(question.label), "place", next(iter(places_named(value)), None)))
        elif question.kind == "day":
            rows.append((str(question.label), "day", value))
        elif question.kind == "flag":
            rows.append((str(question.label), "text", _("Yes") if value else _("No")))
        elif question.kind == "choice":
            rows.append((str(question.label), "text", labels.label(question.words, value)))
        else:
            rows.append((str(question.label), "text", value))
    if isinstance(entry, payees.MobileChange) and entry.proof == "code":
        rows.append((_("Proof"), "text", _("Proven by a code sent to the mobile")))
    if isinstance(entry, payees.Guardian) and entry.to_on is None and entry.ends_on is not None:
        rows.append((_("Until which day"), "day", entry.ends_on))
    return rows


def places_named(text: str) -> list[dict[str, Any]]:
    """Panchayats and wards of this code, or whose name begins so in either language; areas are public."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.area_code, a.kind, a.name_en, coalesce(a.name_hi, ''), p.name_en, coalesce(p.name_hi, '')"
            " FROM access_area a LEFT JOIN access_area p ON p.area_code = a.parent_code WHERE a.kind = ANY(%(kinds)s) AND"
            " (a.area_code = %(text)s OR (%(text)s <> '' AND NOT EXISTS (SELECT 1 FROM access_area x"
            "  WHERE x.area_code = %(text)s AND x.kind = ANY(%(kinds)s))"
            "  AND (starts_with(lower(a.name_en), lower(%(text)s)) OR starts_with(a.name_hi, %(text)s))))"
            " ORDER BY a.name_en, a.area_code LIMIT %(most)s",
            {"kinds": list(HOME_KINDS), "text": text, "most": _MOST_PLACES},
        )
        names = ("area_code", "kind", "name_en", "name_hi", "in_en", "in_hi")
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def upload(request: HttpRequest) -> list[bytes]:
    """The files handed in with a form; each is read whole, for it is refused above five megabytes anyway."""
    most = 5 * 1024 * 1024 + 1
    return [content for file in request.FILES.getlist("paper")[:5] if (content := file.read(most))]


def _person(actor: Actor, keys: Iterable[str]) -> list[Somebody | None]:
    found = {str(each.key): each for each in people(keys=list(keys)).values()}
    return [each if (each := found.get(key)) is not None and actor.sees(each.path) else None for key in keys]


def _key_of(kind: str, text: str) -> str:
    digits = text.replace(" ", "")
    wanted = 9 if kind == "member" else 8
    if not (digits.isascii() and digits.isdecimal() and len(digits) == wanted):
        raise NobodyThere()
    if kind == "member":
        key = Resident.objects.filter(member_id=int(digits)).values_list("key", flat=True).first()
    else:
        key = Family.objects.filter(family_id=int(digits)).values_list("key", flat=True).first()
    if key is None:
        raise NobodyThere()
    return str(key)


def _is_hindi() -> bool:
    from django.utils import translation

    return translation.get_language() != "en"
