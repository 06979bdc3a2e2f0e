"""Migrations are complete (models and migrations agree) and linear (one history per stage)."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    output = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=output)
    except SystemExit:
        pytest.fail(f"run makemigrations: {output.getvalue()}")


def test_migrations_are_linear() -> None:
    graph = MigrationLoader(None).graph
    for app in apps.get_app_configs():
        if not app.name.startswith("haqdar."):
            continue
        ours = sorted(key for key in graph.nodes if key[0] == app.label)
        assert len(graph.leaf_nodes(app.label)) <= 1, f"{app.label} has several newest migrations"
        for key in ours:
            parents = [parent.key for parent in graph.node_map[key].parents if parent.key[0] == app.label]
            assert len(parents) <= 1, f"{key} merges {parents}"
            number = int(key[1][:4])
            assert number == ours.index(key) + 1, f"{key} breaks the numbering"
