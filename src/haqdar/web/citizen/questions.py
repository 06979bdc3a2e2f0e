"""The eight questions of the public check: their words, their checks, and the facts they give."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

UNKNOWN = "unknown"
LONGEST_ANSWER = 20

Word = str | Promise


@dataclass(frozen=True)
class Field:
    """One box or one set of options. `least` and `most` bound a number; an optional number may stay empty."""

    name: str
    kind: str
    label: Word = ""
    choices: tuple[tuple[str, Word], ...] = ()
    least: int = 0
    most: int = 0
    suffix: Word = ""
    optional: bool = False
    empty: Word = ""


@dataclass(frozen=True)
class Question:
    """One page of the check."""

    code: str
    title: Word
    hint: Word
    fields: tuple[Field, ...] = field(default_factory=tuple)


_YES_NO: tuple[tuple[str, Word], ...] = (("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No")))

QUESTIONS: tuple[Question, ...] = (
    Question(
        "age",
        gettext_lazy("How old are you?"),
        gettext_lazy("Completed years. If you ask for somebody else, answer for that person."),
        (
            Field(
                "age",
                "number",
                most=120,
                suffix=gettext_lazy("years"),
                empty=gettext_lazy("Enter the age in years, for example 62"),
            ),
        ),
    ),
    Question(
        "sex",
        gettext_lazy("Are you a woman or a man?"),
        "",
        (
            Field(
                "sex",
                "choice",
                choices=(
                    ("F", gettext_lazy("Woman")),
                    ("M", gettext_lazy("Man")),
                    ("T", gettext_lazy("Transgender")),
                ),
                empty=gettext_lazy("Choose one answer"),
            ),
        ),
    ),
    Question(
        "bpl",
        gettext_lazy("Does your family have a BPL card?"),
        gettext_lazy("BPL means the list of families below the poverty line."),
        (Field("bpl", "choice", choices=_YES_NO, empty=gettext_lazy("Choose one answer")),),
    ),
    Question(
        "marital",
        gettext_lazy("Are you married?"),
        "",
        (
            Field(
                "marital",
                "choice",
                choices=(
                    ("married", gettext_lazy("Married")),
                    ("widowed", gettext_lazy("My husband or wife has died")),
                    ("deserted", gettext_lazy("My husband has left me")),
                    ("divorced", gettext_lazy("Divorced")),
                    ("never_married", gettext_lazy("Never married")),
                ),
                empty=gettext_lazy("Choose one answer"),
            ),
        ),
    ),
    Question(
        "disability",
        gettext_lazy("Do you have a disability certificate?"),
        gettext_lazy(
            "The percentage is written on the certificate. No certificate: choose the first answer."
        ),
        (
            Field(
                "disability",
                "choice",
                choices=(
                    ("none", gettext_lazy("No certificate")),
                    ("intellectual", gettext_lazy("Yes, intellectual disability")),
                    ("multiple", gettext_lazy("Yes, several disabilities")),
                    ("other", gettext_lazy("Yes, another disability (movement, sight, hearing …)")),
                ),
                empty=gettext_lazy("Choose one answer"),
            ),
            Field(
                "percent",
                "number",
                label=gettext_lazy("Percentage on the certificate"),
                most=100,
                suffix="%",
                optional=True,
            ),
        ),
    ),
    Question(
        "destitute",
        gettext_lazy("Are you without any support?"),
        gettext_lazy("You have no income of your own, and nobody in the family keeps you."),
        (Field("destitute", "choice", choices=_YES_NO, empty=gettext_lazy("Choose one answer")),),
    ),
    Question(
        "children",
        gettext_lazy("How many living children do you have?"),
        gettext_lazy("Count grown-up and married children too. Write 0 if there are none."),
        (
            Field(
                "daughters",
                "number",
                label=gettext_lazy("Daughters"),
                most=20,
                empty=gettext_lazy("Enter the number of daughters, 0 if none"),
            ),
            Field(
                "sons",
                "number",
                label=gettext_lazy("Sons"),
                most=20,
                empty=gettext_lazy("Enter the number of sons, 0 if none"),
            ),
            Field(
                "partner_age",
                "number",
                label=gettext_lazy("Age of your husband, if he is alive"),
                most=120,
                suffix=gettext_lazy("years"),
                optional=True,
            ),
        ),
    ),
    Question(
        "tax",
        gettext_lazy("Do you or your husband or wife pay income tax?"),
        "",
        (Field("tax", "choice", choices=_YES_NO, empty=gettext_lazy("Choose one answer")),),
    ),
)
PLACE = {question.code: place for place, question in enumerate(QUESTIONS)}
NAMES = tuple(box.name for question in QUESTIONS for box in question.fields)


def answers_in(posted: Mapping[str, Any]) -> dict[str, str]:
    """The answers given so far, as typed; anything else in the form is ignored."""
    return {name: str(posted[name]).strip()[:LONGEST_ANSWER] for name in NAMES if name in posted}


def errors_in(question: Question, answers: Mapping[str, str]) -> list[dict[str, str]]:
    """What must be corrected in the answers to one question; empty when all is well. "unknown" is an answer."""
    found = []
    for box in question.fields:
        value = answers.get(box.name, "")
        if value == UNKNOWN or (value == "" and box.optional):
            continue
        if value == "" or (box.kind == "choice" and value not in dict(box.choices)):
            found.append({"field": box.name, "text": str(box.empty)})
        elif box.kind == "number" and not (
            value.isascii() and value.isdecimal() and box.least <= int(value) <= box.most
        ):
            text = _("Write a whole number from %(least)d to %(most)d") % {
                "least": box.least,
                "most": box.most,
            }
            found.append({"field": box.name, "text": text})
    if question.code == "disability" and not found:
        has_certificate = answers.get("disability") not in ("none", UNKNOWN)
        if has_certificate and not answers.get("percent"):
            found.append({"field": "percent", "text": _("Enter the percentage, or press “I don't know”")})
    return found


def first_open(answers: Mapping[str, str]) -> Question | None:
    """The first question whose answer is missing or wrong; None when all are answered."""
    return next((question for question in QUESTIONS if errors_in(question, answers)), None)


def shown(question: Question, answers: Mapping[str, str]) -> str:
    """The answer to one question as a person reads it back."""
    parts = []
    for box in question.fields:
        value = answers.get(box.name, "")
        if value == "" or (box.name == "percent" and answers.get("disability") in ("none", UNKNOWN)):
            continue
        text = str(_("I don't know")) if value == UNKNOWN else str(dict(box.choices).get(value, value))
        if value != UNKNOWN and box.suffix:
            text = f"{text} {box.suffix}" if str(box.suffix) != "%" else f"{text} %"
        parts.append(f"{box.label}: {text}" if box.label and box.kind == "number" else text)
    return " · ".join(parts) or "–"


def facts(answers: Mapping[str, str]) -> dict[str, Any]:
    """The facts of the law's vocabulary that the answers state; None where the person does not know."""

    def number(name: str) -> int | None:
        value = answers.get(name, "")
        return int(value) if value.isdecimal() else None

    def yes(name: str) -> bool | None:
        return {"yes": True, "no": False}.get(answers.get(name, ""))

    def choice(name: str) -> str | None:
        value = answers.get(name, UNKNOWN)
        return None if value == UNKNOWN else value

    sex, status, kind = choice("sex"), choice("marital"), choice("disability")
    percent = 0.0 if kind == "none" else number("percent")
    partner_age = number("partner_age")
    has_husband = (
        sex == "F" and status in ("married", None) and (status == "married" or partner_age is not None)
    )
    daughters, sons = number("daughters"), number("sons")
    return {
        "alive": True,
        "migrated_out": False,
        "sex": sex,
        "age": number("age"),
        "marital_status": status,
        "bpl": yes("bpl"),
        "destitute": yes("destitute"),
        "income_tax_payer": yes("tax"),
        "disability_percent": None if percent is None else float(percent),
        "intellectual_disability": None if kind is None else kind == "intellectual",
        "multiple_disability": None if kind is None else kind == "multiple",
        "wife_died": sex == "M" and status == "widowed",
        "living_daughters": daughters,
        "living_sons": sons,
        "partner_present": has_husband,
        "partner_age": partner_age if has_husband else None,
        "partner_income_tax_payer": yes("tax") if has_husband else None,
    }
