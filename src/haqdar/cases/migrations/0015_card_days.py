"""A card holds for a day at least; the last end of a district's cards is found at once."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("cases", "0014_merging")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="householdcard",
            index=models.Index(
                condition=Q(("ended_at__isnull", False)),
                fields=["district_code", "-ended_at"],
                name="card_ended_last_by_district",
            ),
        ),
        migrations.AddConstraint(
            model_name="householdcard",
            constraint=models.CheckConstraint(
                condition=Q(("expires_on__gte", F("issued_on"))), name="card_holds_a_day"
            ),
        ),
    ]
