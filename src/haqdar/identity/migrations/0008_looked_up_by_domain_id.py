"""People are looked up by the numbers that departments have for them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_number_proven")]

    operations = [
        migrations.AddIndex(
            model_name="seedlink",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["domain_id"],
                name="seed_link_by_domain_id",
            ),
        ),
    ]
