"""The look-up has terms of its own: the consonant key beside each belief of a resident is read by nobody any more."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("registry", "0011_lookup")]

    operations: ClassVar = [migrations.RemoveField(model_name="residentbelief", name="name_key")]
