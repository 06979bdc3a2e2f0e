"""A State of one district, a block with two panchayats and a town, their offices, and officers by function."""

from haqdar.access.actors import Actor, Grant
from haqdar.access.models import Area, Office

AREAS = (
    ("S", "state", None, "/S/"),
    ("D", "district", "S", "/S/D/"),
    ("B", "block", "D", "/S/D/B/"),
    ("G1", "gp", "B", "/S/D/B/G1/"),
    ("G2", "gp", "B", "/S/D/B/G2/"),
    ("U", "ulb", "D", "/S/D/U/"),
    ("W", "ward", "U", "/S/D/U/W/"),
)
OFFICES = (("state", "S"), ("district", "D"), ("janpad", "B"), ("gp", "G1"), ("gp", "G2"), ("ulb", "U"))
PUBLIC = Actor(user_id=None, name="public")


def fill() -> None:
    for code, kind, parent, path in AREAS:
        Area.objects.create(
            area_code=code,
            kind=kind,
            parent_code=parent,
            name_en=code,
            path=path,
            depth=path.count("/") - 2,
            district_code="D" if len(path) > 3 else None,
        )
    for kind, code in OFFICES:
        Office.objects.create(office_code=f"O{code}", kind=kind, area_id=code, name_en=f"Office {code}")


def officer(name: str, role: str, path: str | None = "/S/D/") -> Actor:
    grant = Grant(role, path)
    return Actor(
        user_id=1,
        name=name,
        roles=frozenset({role}),
        area_paths=None if path is None else (path,),
        grants=(grant,),
    )
