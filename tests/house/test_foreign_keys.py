"""String foreign keys are imports too: they point to the same stage or a lower one."""

import tomllib
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]


def stages() -> list[str]:
    """The stages from the top of the house to the ground, as the import contract lists them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return list(contracts[0]["layers"])


def height(label: str) -> int | None:
    """Lower is nearer to the ground; None for apps that are not ours."""
    for index, layer in enumerate(reversed(stages())):
        if label in [part.strip() for part in layer.split("|")]:
            return index
    return None


def upward(model: type[models.Model]) -> list[str]:
    """Relations of the model that point to a higher stage or sideways."""
    own = height(model._meta.app_label)
    found = []
    for field in model._meta.get_fields(include_hidden=True):
        if not isinstance(field, models.ForeignKey | models.ManyToManyField):
            continue
        target = field.related_model
        other = height(target._meta.app_label)
        sideways = other == own and target._meta.app_label != model._meta.app_label
        if own is not None and other is not None and (other > own or sideways):
            found.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    return found


def test_every_foreign_key_points_down() -> None:
    assert [line for model in apps.get_models(include_auto_created=True) for line in upward(model)] == []


def test_every_stage_with_tables_is_in_the_contract() -> None:
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("haqdar.")}
    assert {label for label in ours if height(label) is None} == set()
