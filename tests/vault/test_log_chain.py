"""The vault's log in its chain: whoever changes a sealed line, a link or the end is found."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from haqdar.access.actors import platform
from haqdar.access.models import AuditEvent
from haqdar.vault import rooms, store
from haqdar.vault.log_chain import Checked, seal_log, verify_log

ACTOR = platform("test")


def in_vault(query: str, *values: Any) -> None:
    """What somebody does who owns the vault's database."""
    with rooms.inside() as cursor:
        cursor.execute(
            "ALTER TABLE vault.access DISABLE TRIGGER USER; ALTER TABLE vault.log_link DISABLE TRIGGER USER"
        )
        cursor.execute(query.encode(), values)
        cursor.execute(
            "ALTER TABLE vault.access ENABLE TRIGGER USER; ALTER TABLE vault.log_link ENABLE TRIGGER USER"
        )


def found() -> list[str]:
    checked = Checked()
    said = [finding.en for finding in verify_log(ACTOR, checked)]
    assert len(said) == checked.findings
    return said


@pytest.fixture
def chain(db: None) -> Iterator[None]:
    """A chain of this test alone: the main database forgets after each test what the vault remembers."""
    in_vault("DELETE FROM vault.log_link")
    yield
    in_vault("DELETE FROM vault.log_link")


def test_whoever_changes_the_log_is_found(chain: None) -> None:
    for _ in range(3):
        store.find(ACTOR, "999911112222", "search")
    assert seal_log(ACTOR) >= 3 and seal_log(ACTOR) == 0
    store.find(ACTOR, "999911112222", "ekyc")
    assert seal_log(ACTOR) == 1
    links = AuditEvent.objects.filter(verb="vault.seal").count()
    assert links >= 2 and found() == []
    checked = Checked()
    assert not list(verify_log(ACTOR, checked)) and checked.links == links and checked.open_lines
    # a line changed, one taken out, one put in its place
    with rooms.inside() as cursor:
        ((line,),) = cursor.execute("SELECT max(upto_id) FROM vault.log_link").fetchall()
    in_vault("UPDATE vault.access SET purpose = 'search' WHERE id = %s", line)
    (said,) = found()
    assert said == f"Link {links}: lines {line} to {line} of the log are not those that were sealed."
    in_vault("UPDATE vault.access SET purpose = 'ekyc' WHERE id = %s", line)
    assert found() == []
    in_vault("UPDATE vault.access SET ref = %s WHERE id = %s", uuid4(), line)
    # ... and its link made to fit, without the key
    in_vault("UPDATE vault.log_link SET digest = sha256('made up') WHERE number = %s", links)
    said = " ".join(found())
    assert "not those that were sealed" in said and "not sealed with this vault's key" in said
    assert f"Link {links} is not the one that the audit trail has" in said
    # the end cut off, with everything that points at it in the vault
    in_vault("DELETE FROM vault.log_link WHERE number = %s", links)
    (said,) = found()
    assert said.startswith(f"The log ends before link {links}, which the audit trail has")
    # the next sealing does not hide it: the trail keeps what it was told first
    seal_log(ACTOR)
    assert any("the audit trail has" in one for one in found())
