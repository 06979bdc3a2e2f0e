"""The delay lists count from an index of their own; the nightly clock from a smaller one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_application_drafts"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="case",
            name="case_by_due_day",
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["due_on"], name="case_by_due_day"
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["area_code", "awaits", "service", "due_on"],
                name="case_delays",
            ),
        ),
    ]
