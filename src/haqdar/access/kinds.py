"""Kinds of area and of office."""

AREA_KINDS = ("state", "district", "subdistrict", "block", "ulb", "gp", "ward", "village")
OFFICE_KINDS = ("state", "district", "janpad", "ulb", "gp", "ward")
HOME_KINDS = ("gp", "ward")
"""Kinds of area in which families live."""
