"""Areas and offices: what was believed of them over time, and how they stand now.

The migration of this app holds these tables together with people.py and audit.py: run `makemigrations access` after
changing any of the three.
"""

from typing import ClassVar

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q

from haqdar.access.kinds import AREA_KINDS, OFFICE_KINDS
from haqdar.access.models.beliefs import Belief, verified_whole


class AreaBelief(Belief):
    """What was believed of an area: its place in the tree, names, LGD and Census codes, days of existence."""

    pk = models.CompositePrimaryKey("area_code", "belief_no")
    area_code = models.TextField(db_collation="C")
    kind = models.TextField(db_collation="C")
    parent_code = models.TextField(null=True, blank=True, db_collation="C")
    name_en = models.TextField()
    name_hi = models.TextField(null=True, blank=True)
    lgd_code = models.TextField(null=True, blank=True, db_collation="C")
    census_code = models.TextField(null=True, blank=True, db_collation="C")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    delivery_id = models.BigIntegerField()

    class Meta(Belief.Meta):
        db_table = "access_area_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["area_code"], condition=Q(belief_no__gt=1), name="area_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=AREA_KINDS), name="area_kind_known"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True)
                | Q(valid_from__isnull=True)
                | Q(valid_to__gte=F("valid_from")),
                name="area_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(parent_code__isnull=True) | ~Q(parent_code=F("area_code")),
                name="area_not_its_parent",
            ),
            models.CheckConstraint(
                condition=Q(kind="state") | Q(parent_code__isnull=False), name="area_has_a_parent"
            ),
            verified_whole("area_verified_whole"),
        ]


class OfficeBelief(Belief):
    """What was believed of an office: its area and the drawing and disbursing officer (DDO) it works under."""

    pk = models.CompositePrimaryKey("office_code", "belief_no")
    office_code = models.TextField(db_collation="C")
    kind = models.TextField(db_collation="C")
    area_code = models.TextField(db_collation="C")
    ddo_code = models.TextField(null=True, blank=True, db_collation="C")
    name_en = models.TextField(null=True, blank=True)
    name_hi = models.TextField(null=True, blank=True)
    delivery_id = models.BigIntegerField()

    class Meta(Belief.Meta):
        db_table = "access_office_belief"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["office_code"], condition=Q(belief_no__gt=1), name="office_corrections"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(kind__in=OFFICE_KINDS), name="office_kind_known"),
            verified_whole("office_verified_whole"),
        ]


class Area(models.Model):
    """An area as it stands now; refreshed from the beliefs in the transaction that adds them.

    `path` lists the codes from the State down ("/S/D/B/GP/"); a slash inside a code is written %2F.
    """

    area_code = models.TextField(primary_key=True, db_collation="C")
    kind = models.TextField(db_collation="C")
    parent_code = models.TextField(null=True, blank=True, db_collation="C")
    name_en = models.TextField()
    name_hi = models.TextField(null=True, blank=True)
    lgd_code = models.TextField(null=True, blank=True, db_collation="C")
    census_code = models.TextField(null=True, blank=True, db_collation="C")
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    path = models.TextField(db_collation="C")
    district_code = models.TextField(null=True, blank=True, db_collation="C")
    depth = models.IntegerField()

    class Meta:
        db_table = "access_area"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(OpClass(F("path"), name="text_pattern_ops"), name="area_by_path"),
            models.Index(fields=["parent_code"], name="area_by_parent"),
            models.Index(fields=["district_code", "kind"], name="area_by_district"),
            models.Index(fields=["kind", "lgd_code"], name="area_by_lgd_code"),
        ]

    def __str__(self) -> str:
        return self.area_code


class Office(models.Model):
    """An office as it stands now; refreshed like `Area`."""

    office_code = models.TextField(primary_key=True, db_collation="C")
    kind = models.TextField(db_collation="C")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, db_column="area_code", related_name="offices")
    ddo_code = models.TextField(null=True, blank=True, db_collation="C")
    name_en = models.TextField(null=True, blank=True)
    name_hi = models.TextField(null=True, blank=True)

    class Meta:
        db_table = "access_office"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ddo_code"], name="office_by_ddo"),
        ]

    def __str__(self) -> str:
        return self.office_code
