"""Named SQL statements kept in files beside the stage that runs them."""

from functools import cache
from importlib.resources import files


@cache
def statement(package: str, name: str) -> str:
    """The text of `<package>/sql/<name>.sql`; raises FileNotFoundError for an unknown name.

    >>> statement("haqdar.sources", "no_such_statement")
    Traceback (most recent call last):
    FileNotFoundError: ...
    """
    return (files(package) / "sql" / f"{name}.sql").read_text(encoding="utf-8")
