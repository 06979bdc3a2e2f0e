"""The first account of an installation, on the command line."""

import pytest
from click.testing import CliRunner
from django.db import connection

from haqdar.access.actions import NoSuchArea, create_account, post
from haqdar.access.actors import platform
from haqdar.access.models.audit import AuditEvent
from haqdar.access.queries import account_named, actor_of
from haqdar.config.commands.account import command


@pytest.mark.django_db
def test_account_is_created_posted_and_audited() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_area (area_code, kind, name_en, path, depth) VALUES ('S', 'state', 'State', '/S/', 0)"
        )
    operator = platform("command line")
    user = create_account(operator, "Meena.Verma", "long enough and rare 77", "State cell")
    with pytest.raises(NoSuchArea):
        post(operator, user, "state", "nowhere", user.password_set_at.date())
    post(operator, user, "state", "S", user.password_set_at.date())
    found = account_named("MEENA.verma")
    assert found is not None
    assert actor_of(found, None, user.password_set_at.date()).may("month.run")
    assert [event.verb for event in AuditEvent.objects.order_by("id")] == ["user.create", "posting.start"]


def test_unknown_function_is_wrong_usage() -> None:
    answer = CliRunner().invoke(command, ["x", "--role", "king", "--area", "S", "--name-en", "X"])
    assert answer.exit_code == 2
    assert "secretary" in answer.output
