"""Reads of deliveries and rejected rows for pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from haqdar.access.actors import Actor, require
from haqdar.sources.actions import DESK

PAGE = 200
"""Rows of one page of rejections."""


@dataclass(frozen=True)
class RejectionPage:
    """One page of rejected rows, with the counts by file and by code of the whole delivery."""

    rows: list[dict[str, Any]]
    total: int
    page: int
    files: dict[str, int]
    codes: dict[str, int]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE))


def deliveries(actor: Actor, limit: int = 100) -> list[dict[str, Any]]:
    """The latest deliveries of files, each with its files under `files`."""
    require(actor, "delivery.view")
    found = _rows(
        "SELECT id, code, delivered_on, received_at, actor FROM sources_delivery WHERE code <> %s"
        " ORDER BY received_at DESC LIMIT %s",
        [DESK, limit],
    )
    return _with_files(found)


def delivery(actor: Actor, number: int) -> dict[str, Any] | None:
    """One delivery with its files; None if there is none."""
    require(actor, "delivery.view")
    found = _rows(
        "SELECT id, code, delivered_on, received_at, actor FROM sources_delivery WHERE id = %s", [number]
    )
    return _with_files(found)[0] if found else None


def rejections(actor: Actor, number: int, file: str, code: str, page: int) -> RejectionPage:
    """One page of the rejected rows of a delivery, narrowed to a file name and a code where given."""
    require(actor, "delivery.view")
    facets = _rows(
        "SELECT f.name, r.code, count(*) AS rows FROM sources_rejection r"
        " JOIN sources_delivered_file f ON f.id = r.file_id WHERE f.delivery_id = %s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        [number],
    )
    files: dict[str, int] = {}
    codes: dict[str, int] = {}
    total = 0
    for facet in facets:
        files[facet["name"]] = files.get(facet["name"], 0) + facet["rows"]
        codes[facet["code"]] = codes.get(facet["code"], 0) + facet["rows"]
        if file in ("", facet["name"]) and code in ("", facet["code"]):
            total += facet["rows"]
    page = min(max(1, page), max(1, -(-total // PAGE)))
    rows = _rows(
        "SELECT f.name AS file, r.line, r.field, r.code, r.message FROM sources_rejection r"
        " JOIN sources_delivered_file f ON f.id = r.file_id"
        " WHERE f.delivery_id = %s AND (%s = '' OR f.name = %s) AND (%s = '' OR r.code = %s)"
        " ORDER BY f.name, r.line, r.field LIMIT %s OFFSET %s",
        [number, file, file, code, code, PAGE, (page - 1) * PAGE],
    )
    return RejectionPage(rows, total, page, files, codes)


def all_rejections(actor: Actor, number: int) -> Iterator[dict[str, Any]]:
    """Every rejected row of a delivery, by file and line."""
    require(actor, "delivery.download")
    after = ("", -1, "")
    while True:
        rows = _rows(
            "SELECT f.name AS file, r.line, r.field, r.code, r.message FROM sources_rejection r"
            " JOIN sources_delivered_file f ON f.id = r.file_id"
            " WHERE f.delivery_id = %s AND (f.name, r.line, r.field) > (%s, %s, %s)"
            " ORDER BY f.name, r.line, r.field LIMIT 5000",
            [number, *after],
        )
        if not rows:
            return
        yield from rows
        after = (rows[-1]["file"], rows[-1]["line"], rows[-1]["field"])


def _with_files(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    files = _rows(
        "SELECT delivery_id, name, size, rows, accepted, repeated, corrected, rejected, ghosts, refusal_code, refusal_en,"
        " refusal_hi, loaded_at FROM sources_delivered_file WHERE delivery_id = ANY(%s) ORDER BY id",
        [[row["id"] for row in found]],
    )
    for row in found:
        row["files"] = [file for file in files if file["delivery_id"] == row["id"]]
        row["rows"] = sum(file["rows"] for file in row["files"])
        row["rejected"] = sum(file["rejected"] for file in row["files"])
    return found


def _rows(sql: str, values: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
