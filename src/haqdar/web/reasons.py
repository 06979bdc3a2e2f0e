"""The reasons of the law as pages show them."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings

from haqdar.entitlement.explain import CriterionReason, SchemeReasons, shown_value
from haqdar.entitlement.queries import MemberCheck
from haqdar.law import load_lawbook

_VERDICTS = {True: "yes", False: "no", None: "unsure"}
_EVERYBODYS = ("alive", "resident")


def shown_reasons(reasons: Iterable[SchemeReasons], language: str) -> list[dict[str, Any]]:
    """Each scheme with verdict ("yes", "no", "unsure"), amount and criteria as sentences in `language`: `deciding` ones and `others`."""
    return [_scheme(scheme, language) for scheme in reasons]


def _scheme(scheme: SchemeReasons, language: str) -> dict[str, Any]:
    criteria = [_criterion(one, language) for one in scheme.criteria if _worth_saying(one)]
    # Whoever is entitled reads every condition; whoever is not reads first what decides it.
    met = [] if scheme.verdict is True else [one for one in criteria if one["verdict"] == "yes"]
    return {
        "code": scheme.code,
        "group": scheme.group,
        "group_name": scheme.group_name.in_language(language),
        "name": scheme.name.in_language(language),
        "verdict": _VERDICTS[scheme.verdict],
        "paise": scheme.paise,
        "best": scheme.best,
        "summary": scheme.summary.in_language(language),
        "becomes_on": scheme.becomes_on,
        "parts": [(name.in_language(language), paise) for name, paise in scheme.components],
        "deciding": [one for one in criteria if one not in met],
        "others": met,
        "orders": _orders(scheme, language),
    }


def best_of_groups(schemes: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scheme of each group that is paid: the highest amount, the law's order on a tie."""
    return [scheme for scheme in schemes if scheme["best"] and scheme["verdict"] == "yes"]


def facts_of_day(check: MemberCheck, language: str) -> list[tuple[str, str]]:
    """What the law reads about a person on the day, fact by fact in words: computed from all registers."""
    vocabulary = load_lawbook(settings.HAQDAR_LAW).on(check.day).vocabulary
    return [
        (fact.name.in_language(language), shown_value(fact, check.facts[code]).in_language(language))
        for code, fact in vocabulary.facts.items()
        if code in check.facts
    ]


def deciding_facts(check: MemberCheck, scheme: str, language: str) -> list[tuple[str, str]]:
    """Of what the law reads about a person, the facts that one scheme looks at, in words; empty for an unknown scheme."""
    law = load_lawbook(settings.HAQDAR_LAW).on(check.day)
    read = {
        fact
        for one in law.schemes
        if one.code == scheme
        for criterion in one.criteria
        if criterion.code not in _EVERYBODYS
        for fact in criterion.test.facts
    }
    return [
        (fact.name.in_language(language), shown_value(fact, check.facts[code]).in_language(language))
        for code, fact in law.vocabulary.facts.items()
        if code in read and code in check.facts
    ]


def with_next_steps(
    schemes: Iterable[dict[str, Any]], held: dict[int, str] | None = None
) -> list[dict[str, Any]]:
    """The shown schemes, each with `next`: what the reader can do about this verdict. `held` are the schemes already paid, by group."""
    result = []
    for one in schemes:
        verdict, paid = one["verdict"], (held or {}).get(one["group"])
        if verdict == "yes" and one["best"]:
            step = "paid" if paid == one["code"] else "moves" if paid else "apply"
        elif verdict == "yes":
            step = "better"
        elif verdict == "unsure":
            step = "ask"
        else:
            step = "wait" if one["becomes_on"] else "correct"
        result.append(one | {"next": step})
    return result


def _worth_saying(criterion: CriterionReason) -> bool:
    """To be alive and to live in the State is said only where it fails."""
    return criterion.code not in _EVERYBODYS or criterion.verdict is not True


def _criterion(criterion: CriterionReason, language: str) -> dict[str, Any]:
    return {
        "verdict": _VERDICTS[criterion.verdict],
        "sentence": criterion.sentence.in_language(language),
        "value": criterion.value.in_language(language) if criterion.value else "",
        "limit": criterion.limit.in_language(language) if criterion.limit else "",
        "next_step": criterion.change.in_language(language) if criterion.change else "",
        "source": criterion.register.in_language(language),
    }


def _orders(scheme: SchemeReasons, language: str) -> list[str]:
    own = (criterion for criterion in scheme.criteria if criterion.code not in _EVERYBODYS)
    return list(dict.fromkeys(criterion.order.in_language(language) for criterion in own))
