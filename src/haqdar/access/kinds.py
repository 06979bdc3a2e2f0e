"""Kinds of area and of office."""

AREA_KINDS = ("state", "district", "subdistrict", "block", "ulb", "gp", "ward", "village")
OFFICE_KINDS = ("state", "district", "janpad", "ulb", "gp", "ward")
HOME_KINDS = ("gp", "ward")
"""Kinds of area in which families live."""
ROLES = (
    "secretary",
    "verifier",
    "sanctioning_officer",
    "ddo",
    "district",
    "first_appellate",
    "second_appellate",
    "state",
    "auditor",
    "administrator",
)
"""The functions that a law file may name as an officer; the same words as `access.models.people.Role`."""
