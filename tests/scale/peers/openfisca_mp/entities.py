"""Who the law speaks of: persons, and the couple that a woman and her living recorded husband form."""

from openfisca_core.entities import build_entity

Person = build_entity(key="person", plural="persons", label="A resident", is_person=True)

Couple = build_entity(
    key="couple",
    plural="couples",
    label="A woman with her living recorded husband, or anybody alone",
    roles=[{"key": "spouse", "plural": "spouses", "label": "Spouses", "max": 2}],
)
