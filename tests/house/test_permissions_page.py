"""The permission table is a document of the repository, and complete."""

from pathlib import Path

from haqdar.access.actors import MAY, SECOND_FACTOR
from haqdar.access.models.people import Role
from haqdar.web import assets
from haqdar.web.account_labels import ACCOUNT_LABELS
from haqdar.web.permissions import PUBLIC, addresses, permissions_markdown

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_in_the_documentation_is_current() -> None:
    """If this fails: ./haqdar permissions > docs/permissions.md"""
    assets.compile_translations()
    kept = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    assert kept == permissions_markdown(), "run: ./haqdar permissions > docs/permissions.md"


def test_every_verb_has_words() -> None:
    words = ACCOUNT_LABELS["verb"]
    missing = [verb for verb in MAY if verb not in words]
    assert missing == [], "add words for these verbs to ACCOUNT_LABELS['verb'] in web/account_labels.py"
    assert [verb for verb in words if verb not in MAY] == []


def test_the_table_speaks_of_known_functions_and_verbs() -> None:
    assert {role for roles in MAY.values() for role in roles} <= set(Role.values)
    assert set(MAY) >= SECOND_FACTOR


def test_every_address_names_its_verb_or_is_declared_public() -> None:
    undeclared = [
        f"{one.name} ({one.pattern}): put @may('…') on its view, or a line into PUBLIC in web/permissions.py"
        for one in addresses()
        if not one.verb and one.name not in PUBLIC
    ]
    assert undeclared == []
    assert [one.name for one in addresses() if one.verb and one.verb not in MAY] == []
    assert [name for name in PUBLIC if name not in {one.name for one in addresses()}] == []
    assert [name for name in PUBLIC if any(one.name == name and one.verb for one in addresses())] == []
