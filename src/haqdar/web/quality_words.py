"""What the rules of quality look for, in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

RULE_WORDS: dict[str, str | Promise] = {
    "too_old": _("Older than 120 years and no death recorded"),
    "no_birth_day": _("No day of birth"),
    "child_older": _("Child older than a parent"),
    "mother_under_12": _("Mother younger than 12 at the birth"),
    "father_under_12": _("Father younger than 12 at the birth"),
    "mother_not_woman": _("The mother is recorded as a man"),
    "father_not_man": _("The father is recorded as a woman"),
    "spouse_not_mutual": _("The spouse names somebody else, or nobody"),
    "married_child": _("Married before the age of 12"),
    "two_heads": _("A family with two heads"),
    "no_head": _("A family without a head"),
    "child_head": _("A child heads a family with grown-ups"),
    "event_before_birth": _("An event before the birth"),
    "two_cards": _("A family with two valid BPL cards"),
    "certificate_before_birth": _("A disability certificate older than the person"),
    "child_labour_card": _("A labour card before the age of 14"),
    "old_age_too_young": _("An old-age pension before the age of 55"),
    "first_of_january": _("Born on 1 January: perhaps only the year is known"),
}
REGISTERS: dict[str, str | Promise] = {
    "residents": _("Residents"),
    "families": _("Families"),
    "events": _("Life events"),
    "bpl": _("BPL register"),
    "pwd": _("Disability register"),
    "labour": _("Labour register"),
    "pensioners": _("Pension registers"),
}
