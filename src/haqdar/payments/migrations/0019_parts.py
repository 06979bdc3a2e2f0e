from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("payments", "0018_account_drops")]

    operations = [
        migrations.RemoveConstraint(model_name="setasidenote", name="set_aside_decision_known"),
        migrations.AlterField(
            model_name="setasidenote",
            name="decision",
            field=models.TextField(
                choices=[
                    ("noted", "Noted"),
                    ("stands", "Stands"),
                    ("bank_right", "Bank Right"),
                    ("part", "Part"),
                ],
                db_collation="C",
            ),
        ),
        migrations.AddConstraint(
            model_name="setasidenote",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ("noted", "stands", "bank_right", "part"))),
                name="set_aside_decision_known",
            ),
        ),
    ]
