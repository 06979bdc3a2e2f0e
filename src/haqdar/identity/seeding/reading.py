"""Reading a department's file as it comes: CSV, Excel or Parquet, whatever its columns; cells as text, lines as in the file."""

from __future__ import annotations

import datetime
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Protocol, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import python_calamine

from haqdar.identity.seeding.refusals import EmptyList, LockedFile, NotAList, TooManyRows, UnpacksTooBig
from haqdar.sources.reader import CsvFile
from haqdar.sources.refusals import FileRefused

MOST_ROWS = 2_000_000
MOST_UNPACKED = 1 << 30
"""Bytes of an unpacked Excel file; a million rows, the most that Excel has, are about half of it."""
MOST_CELLS = 40_000_000
"""Cells of a sheet from its first to its furthest one, filled or not; each takes 32 bytes and more while it is read."""
PREVIEW = 5
_NOT_XLSX = ("xl/workbook.bin", "content.xml", "mimetype")
_PLACES = re.compile(rb"""\sr\s*=\s*["']\$?([A-Z]{0,3})\$?([0-9]{1,9})["']""")
_BATCH = 50_000
_SEARCHED = 20


class Opened(Protocol):
    """A file that can be opened for reading, again and again."""

    name: str

    def open(self, mode: str = "rb") -> BinaryIO:
        """The content."""


@dataclass
class ListFile:
    """A list opened with its header understood. `wrong` collects (line, width) of rows that do not fit the header."""

    source: Opened
    kind: str
    header: list[str]
    wrong: list[pa.Table] = field(default_factory=list)

    def batches(self, columns: Sequence[str], most: int = MOST_ROWS) -> Iterator[pa.RecordBatch]:
        """`line` (the header being 1) and the chosen columns as text, in file order; raises `TooManyRows`, ``FileRefused``."""
        read = {"csv": self._csv, "xlsx": self._excel, "parquet": self._parquet}[self.kind]
        rows = 0
        for batch in read(columns):
            rows += batch.num_rows
            if rows > most:
                raise TooManyRows(file=self.source.name, most=most)
            yield batch

    def first_rows(self, count: int = PREVIEW) -> list[list[str]]:
        """The first rows with all columns, for the mapping page."""
        names = list(dict.fromkeys(column for column in self.header if column))
        rows: list[list[str]] = []
        # a sheet is one piece of memory: no more of it is read than is shown
        for batch in (
            self._excel(names, _SEARCHED + 10 * count) if self.kind == "xlsx" else self.batches(names)
        ):
            cells = [
                [str(cell or "") for cell in column.to_pylist()]
                for column in batch.slice(0, count).columns[1:]
            ]
            rows += [list(row) for row in zip(*cells, strict=True)]
            if len(rows) >= count:
                break
        if not rows:
            raise EmptyList(file=self.source.name)
        return rows[:count]

    def _csv(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        # the reader wants something with a name that opens; a sealed file is one as much as a path
        file = CsvFile(cast(Any, self.source), list(columns), [])
        yield from file.batches()
        self.wrong += file.wrong

    def _excel(self, columns: Sequence[str], most: int | None = None) -> Iterator[pa.RecordBatch]:
        places = [self.header.index(column) for column in columns]
        schema = pa.schema([("line", pa.int64()), *((column, pa.string()) for column in columns)])
        with self.source.open() as content:
            top, rows = _sheet(self.source.name, content, most)
            while chunk := list(itertools.islice(rows, _BATCH)):
                # a column of Excel has cells of any kind: each becomes the text that a person sees
                cells = [[_text(row[place]) if place < len(row) else "" for row in chunk] for place in places]
                filled = [bool(any(column)) for column in zip(*cells, strict=True)]
                batch = pa.RecordBatch.from_arrays(
                    [
                        pa.array(range(top, top + len(chunk)), pa.int64()),
                        *(pa.array(c, pa.string()) for c in cells),
                    ],
                    schema=schema,
                )
                top += len(chunk)
                yield batch.filter(pa.array(filled, pa.bool_()))

    def _parquet(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([("line", pa.int64()), *((column, pa.string()) for column in columns)])
        line = 2
        with self.source.open() as content:
            file = _parquet(self.source.name, content)
            titles = {name.strip().casefold(): name for name in file.schema_arrow.names}
            for batch in file.iter_batches(_BATCH, columns=[titles[column] for column in columns]):
                lines = pa.array(range(line, line + batch.num_rows), pa.int64())
                line += batch.num_rows
                cells = [_as_text(batch.column(titles[column])) for column in columns]
                yield pa.RecordBatch.from_arrays([lines, *cells], schema=schema)


def open_list(source: Opened) -> ListFile:
    """Look at a file and understand its header. Raises `NotAList`, `LockedFile`, `EmptyList`, ``FileRefused`` (CSV)."""
    with source.open() as content:
        head = content.read(8)
        content.seek(0)
        if head[:4] == b"PAR1":
            names = _parquet(source.name, content).schema_arrow.names
            return ListFile(source, "parquet", [name.strip().casefold() for name in names])
        if head[:4] == b"PK\x03\x04" or head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
            return ListFile(source, "xlsx", _header_of_sheet(source.name, content))
    file = CsvFile(cast(Any, source), [], [])
    header = [column for column in file.header if column]
    if len(set(header)) < len(header):
        # which of two equal titles is meant nobody can say; refused with their names
        CsvFile(cast(Any, source), list(dict.fromkeys(header)), [])
    return ListFile(source, "csv", file.header)


def _parquet(name: str, content: BinaryIO) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(content)
    except (pa.ArrowInvalid, OSError, ValueError) as error:
        raise NotAList(file=name) from error


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        column = pc.cast(column, pa.date32(), safe=False)
    elif pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return pa.nulls(len(column), pa.string())
    elif pa.types.is_floating(kind):
        # a whole number that a spreadsheet library made a fraction: 12.0 is 12
        whole = pc.all(pc.equal(pc.fill_null(pc.floor(column), 0), pc.fill_null(column, 0))).as_py()
        column = pc.cast(column, pa.int64(), safe=False) if whole else column
    return pc.cast(column, pa.string())


def _bounded(name: str, content: BinaryIO) -> None:
    """Refuse an Excel file that becomes too big when it is opened, before it is. Raises `UnpacksTooBig`, `NotAList`.

    What the file says of its own size is not believed: it is unpacked once, piece by piece. The reader keeps a place for every cell
    up to the last row and column, so one cell far out takes as much as a full sheet.
    """
    if content.read(4) == b"PK\x03\x04":
        try:
            with zipfile.ZipFile(content) as packed:
                _look_through(name, packed)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise NotAList(file=name) from error
    content.seek(0)


def _look_through(name: str, packed: zipfile.ZipFile) -> None:
    unpacked, right, low = 0, 0, 0
    too_big = UnpacksTooBig(file=name, megabytes=MOST_UNPACKED >> 20, cells=MOST_CELLS)
    if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
        raise too_big
    for one in packed.infolist():
        if one.filename in _NOT_XLSX or one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise NotAList(file=name)
        # the true end is where the packed bytes end
        one.file_size = 1 << 62
        ending = b""
        with packed.open(one) as member:
            while piece := member.read(1 << 20):
                unpacked += len(piece)
                cells = _PLACES.findall(ending + piece)
                right = max(right, *map(_column, {letters for letters, _ in cells}), 0)
                low = max(low, *(int(row) for _, row in cells), 0)
                if unpacked > MOST_UNPACKED or right * low > MOST_CELLS:
                    raise too_big
                ending = piece[-40:]


def _column(letters: bytes) -> int:
    """The place of a column from its letters: A is 1, XFD 16,384."""
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place


def _sheet(name: str, content: BinaryIO, most: int | None) -> tuple[int, Iterator[list[Any]]]:
    """The line of the first row below the header, and the rows from there on, of the first `most`; `open_list` saw how big it is."""
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
        rows = iter(sheet.to_python(skip_empty_area=False, nrows=most))
    except python_calamine.PasswordError as error:
        raise LockedFile(file=name) from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, IndexError, OSError) as error:
        raise NotAList(file=name) from error
    return _below_header(name, rows)


def _below_header(name: str, rows: Iterator[list[Any]]) -> tuple[int, Iterator[list[Any]]]:
    # departments put titles above the table: the header is the first row with at least two filled cells
    for number, row in enumerate(itertools.islice(rows, _SEARCHED), start=1):
        if sum(1 for cell in row if _text(cell)) >= 2:
            return number + 1, rows
    raise EmptyList(file=name)


def _header_of_sheet(name: str, content: BinaryIO) -> list[str]:
    _bounded(name, content)
    try:
        sheet = python_calamine.CalamineWorkbook.from_filelike(content).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False, nrows=_SEARCHED)
    except python_calamine.PasswordError as error:
        raise LockedFile(file=name) from error
    except (python_calamine.CalamineError, zipfile.BadZipFile, ValueError, IndexError, OSError) as error:
        raise NotAList(file=name) from error
    for row in rows:
        titles = [_text(cell) for cell in row]
        if sum(1 for title in titles if title) >= 2:
            return _told_apart([title.casefold() for title in titles])
    raise EmptyList(file=name)


def _told_apart(titles: list[str]) -> list[str]:
    """Equal titles get their place behind them; Excel lets two columns have one title."""
    return [
        f"{title} ({place + 1})" if title and titles.index(title) < place else title
        for place, title in enumerate(titles)
    ]


def _text(cell: Any) -> str:
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    return str(cell).strip()


__all__ = ["FileRefused", "ListFile", "Opened", "open_list"]
