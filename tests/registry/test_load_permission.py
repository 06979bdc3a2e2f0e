"""Loading registers is the State's: nobody else's function includes it."""

from pathlib import Path

import pytest

from haqdar.access.actors import Actor, NotYourFunction
from haqdar.registry.actions import load_areas, load_folder


@pytest.mark.parametrize("role", ["secretary", "sanctioning_officer", "ddo", "district", "auditor"])
def test_only_the_state_loads(role: str, tmp_path: Path) -> None:
    actor = Actor(user_id=7, name="somebody", roles=frozenset({role}), area_paths=("/S/",))
    with pytest.raises(NotYourFunction):
        load_folder(tmp_path, actor=actor)
    with pytest.raises(NotYourFunction):
        load_areas(tmp_path, actor=actor)
