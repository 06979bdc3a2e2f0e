"""The current tree of areas and offices, derived from what is believed of them."""

from django.db import connection

from haqdar.base.sql import statement


def refresh() -> None:
    """Bring access_area and access_office to the latest beliefs; call it in the transaction that added them."""
    with connection.cursor() as cursor:
        cursor.execute(statement("haqdar.access", "refresh_areas"))
        cursor.execute(statement("haqdar.access", "refresh_offices"))
