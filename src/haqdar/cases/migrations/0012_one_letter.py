"""A case has one standing notice and one standing letter of its stop, whoever sends it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0011_delay_index"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="order",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("kind__in", ("notice", "stop"))),
                fields=("case", "kind"),
                name="one_standing_letter_of_a_stop",
            ),
        ),
    ]
