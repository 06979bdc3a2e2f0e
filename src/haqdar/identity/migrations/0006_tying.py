"""A list that is being tied to the residents by the worker."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("identity", "0005_seeding_findings")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name="seedlist",
            name="state",
            field=models.TextField(
                choices=[
                    ("received", "Received"),
                    ("queued", "Queued"),
                    ("running", "Running"),
                    ("refused", "Refused"),
                    ("failed", "Failed"),
                    ("review", "Review"),
                    ("tying", "Tying"),
                    ("converged", "Converged"),
                    ("discarded", "Discarded"),
                ],
                db_collation="C",
                default="received",
            ),
        ),
    ]
