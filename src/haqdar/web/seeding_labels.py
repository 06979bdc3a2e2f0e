"""The words of the pages on departments' lists; most of them also stand in files, so they live with the codes."""

from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise, lazy

from haqdar.base.refusal import Words
from haqdar.identity.seeding import words


def _said(spoken: Words) -> str:
    return spoken.en if translation.get_language() == "en" else spoken.hi


_spoken = lazy(_said, str)


def _both(mapping: Mapping[str, Words]) -> dict[str, str | Promise]:
    return {code: _spoken(spoken) for code, spoken in mapping.items()}


SEEDING_LABELS: dict[str, dict[str, str | Promise]] = {
    "seed_field": _both(words.FIELD_WORDS),
    "seed_band": _both(words.BAND_WORDS),
    "seed_reason": _both(words.REASON_WORDS),
    "seed_problem": _both(words.PROBLEM_WORDS),
    "seed_finding": _both(words.FINDING_WORDS),
    "seed_finding_state": _both(words.FINDING_STATE_WORDS),
    "seed_row_state": _both(words.ROW_STATE_WORDS),
    "seed_state": _both(words.STATE_WORDS),
    "seed_step": _both(words.STEP_WORDS),
    "seed_how": _both(words.HOW_WORDS),
}
