"""Figures for everybody: what was paid and how long decisions took, by area, scheme and month, without anybody in them.

What may not be published is not in the table at all: a hidden count is NULL (`outcomes.rules`). The rows of a month are
written anew when the month is run again; what they are summed from is kept in the tables below.
"""

from typing import ClassVar

from django.db import models


class Figure(models.Model):
    """One published cell. `month` is a first day; `measure` is empty for the total, else a scheme or a state of cases.

    `state` says whether `count` is shown, is 1 to 4 (`few`) or is kept back to protect others (`kept`). `paise` is rounded to
    whole thousands of rupees. `area_code` ends with a question mark for what belongs to no area below.
    """

    class Topic(models.TextChoices):
        PENSIONS = "pensions"
        DELAYS = "delays"

    topic = models.TextField(choices=Topic.choices, db_collation="C")
    month = models.DateField()
    area_code = models.TextField(db_collation="C")
    parent_code = models.TextField(null=True, db_collation="C")
    kind = models.TextField(db_collation="C")
    name_en = models.TextField()
    name_hi = models.TextField()
    measure = models.TextField(db_collation="C")
    count = models.IntegerField(null=True)
    paise = models.BigIntegerField(null=True)
    state = models.TextField(db_collation="C")

    class Meta:
        db_table = "outcomes_figure"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["topic", "month", "area_code", "measure"], name="one_figure_of_a_cell"
            ),
            models.CheckConstraint(
                condition=models.Q(state="shown", count__isnull=False)
                | models.Q(state__in=("few", "kept"), count__isnull=True, paise__isnull=True),
                name="hidden_figures_are_not_there",
            ),
            models.CheckConstraint(
                condition=models.Q(count__isnull=True) | models.Q(count=0) | models.Q(count__gte=5),
                name="no_small_figure",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["topic", "month", "parent_code"], name="figure_by_parent"),
            models.Index(fields=["topic", "area_code", "month"], name="figure_by_area"),
        ]
