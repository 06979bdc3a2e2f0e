"""Reads a delivered CSV file exactly and in bounded memory: columns of text with the physical line of each record.

The bytes are taken in blocks of a few megabytes. A block without quotation marks is split into records and fields
column-wise by Arrow; a block with quotation marks goes through the standard library's RFC 4180 reader. Line ends may be LF, CRLF or CR; a byte order mark is dropped; blank lines are counted and skipped. A record of
another width than the header's is set aside with its line and width. Bytes that are no UTF-8 become `UNREADABLE`, so
that only the row concerned is rejected.
"""

import codecs
import csv
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from haqdar.sources.refusals import (
    BinaryFile,
    DuplicateColumn,
    EmptyFile,
    EndlessLine,
    MissingColumn,
    UnreadableFile,
    WrongDelimiter,
    WrongEncoding,
)

BLOCK = 4 << 20
LONGEST_LINE = 8 << 20
UNREADABLE = "\uffff"
"""Stands for bytes that were no UTF-8; a code point that Unicode promises never to use for text."""

_DELIMITERS = {";": "; (semicolons)", "\t": "tabs", "|": "| (bars)"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def _mark_unreadable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNREADABLE, error.end


codecs.register_error("haqdar_unreadable", _mark_unreadable)


@dataclass
class CsvFile:
    """A CSV file opened with its header understood.

    `wanted` are the columns of the contract, `required` those that must be there. `positions` says where each
    wanted column stands, `extra` names the columns that are ignored. While `batches()` is consumed, `wrong` collects
    tables (line, width) of records of a wrong width, width 0 standing for broken quotation marks, and `unreadable`
    tells whether any bytes were no UTF-8.
    """

    path: Path
    wanted: Sequence[str]
    required: Sequence[str]
    block_size: int = BLOCK
    header: list[str] = field(init=False)
    positions: dict[str, int] = field(init=False)
    extra: list[str] = field(init=False)
    wrong: list[pa.Table] = field(default_factory=list)
    unreadable: bool = False

    def __post_init__(self) -> None:
        blocks = self._blocks()
        try:
            lines = _Lines(self, blocks)
            self.header = self._read_header(lines)
        finally:
            blocks.close()
        self.positions = {name: self.header.index(name) for name in self.wanted if name in self.header}
        self.extra = [name for name in self.header if name not in self.positions]
        self._header_lines = lines.given

    @property
    def schema(self) -> pa.Schema:
        """Line (int64) and one text column per wanted column that is there."""
        return pa.schema([("line", pa.int64()), *((name, pa.string()) for name in self.positions)])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The records in file order; raises `FileRefused` when the bytes turn out to be no text."""
        blocks = self._blocks()
        line = 1
        skip = self._header_lines
        for block in blocks:
            while skip and block:
                block = block[block.index("\n") + 1 :]
                skip -= 1
                line += 1
            if not block:
                continue
            if '"' in block:
                lines = _Lines(self, blocks, block)
                yield from self._quoted(lines, line)
                line += lines.given
            else:
                batch, count = self._plain(block, line)
                line += count
                if batch.num_rows:
                    yield batch

    def _read_header(self, lines: "_Lines") -> list[str]:
        names = ", ".join(self.required)
        try:
            cells = next((row for row in csv.reader(lines) if row), None)
        except csv.Error:
            cells = None
        if cells is None:
            raise EmptyFile(file=self.path.name, columns=names)
        header = [cell.strip().casefold() for cell in cells]
        if len(header) == 1:
            for delimiter, shown in _DELIMITERS.items():
                if delimiter in header[0]:
                    raise WrongDelimiter(file=self.path.name, delimiter=shown)
        missing = [name for name in self.required if name not in header]
        if missing:
            shown = ", ".join(name[:40] for name in header[:40])
            raise MissingColumn(file=self.path.name, columns=", ".join(missing), header=shown)
        twice = [name for name in self.wanted if header.count(name) > 1]
        if twice:
            raise DuplicateColumn(file=self.path.name, columns=", ".join(twice))
        return header

    def _blocks(self) -> Generator[str, None, None]:
        """The text in pieces of whole lines, each line ended by LF alone."""
        rest = b""
        offset = 0
        lines = 0
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(self.block_size):
                    if offset == 0:
                        for mark, encoding in _MARKS:
                            if chunk.startswith(mark):
                                raise WrongEncoding(file=self.path.name, encoding=encoding)
                        if 0 in chunk[:4] and b"\0" in chunk[1:4:2] + chunk[0:4:2]:
                            raise WrongEncoding(file=self.path.name, encoding="UTF-16")
                        chunk = chunk.removeprefix(codecs.BOM_UTF8)
                        offset = 1
                    zero = chunk.find(b"\0")
                    if zero >= 0:
                        raise BinaryFile(file=self.path.name, offset=file.tell() - len(chunk) + zero)
                    data = rest + chunk
                    held = b""
                    if b"\r" in data:
                        # The LF of a CRLF may only come with the next chunk.
                        if data.endswith(b"\r"):
                            held, data = b"\r", data[:-1]
                        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                    cut = data.rfind(b"\n") + 1
                    rest = data[cut:] + held
                    if len(rest) > LONGEST_LINE:
                        raise EndlessLine(
                            file=self.path.name,
                            megabytes=LONGEST_LINE >> 20,
                            line=lines + data[:cut].count(b"\n"),
                        )
                    if cut:
                        lines += data.count(b"\n", 0, cut)
                        yield self._readable(data[:cut])
        except OSError as error:
            raise UnreadableFile(file=self.path.name, why=error.strerror) from error
        if rest.removesuffix(b"\r"):
            yield self._readable(rest.removesuffix(b"\r") + b"\n")

    def _readable(self, block: bytes) -> str:
        try:
            return block.decode("utf-8")
        except UnicodeDecodeError:
            self.unreadable = True
            return block.decode("utf-8", errors="haqdar_unreadable")

    def _plain(self, block: str, first_line: int) -> tuple[pa.RecordBatch, int]:
        records = pa.array(block[:-1].split("\n"), pa.string())
        lines = pa.arange(first_line, first_line + len(records))
        fields = pc.split_pattern(records, ",")
        widths = pc.list_value_length(fields)
        good = pc.equal(widths, len(self.header))
        if not pc.all(good).as_py():
            wrong = pc.and_(pc.invert(good), pc.not_equal(records, ""))
            self.wrong.append(_wrong_widths(lines.filter(wrong), widths.filter(wrong)))
            if len(self.header) == 1:
                good = pc.and_(good, pc.not_equal(records, ""))
            lines, fields = lines.filter(good), fields.filter(good)
        columns = [pc.list_element(fields, position) for position in self.positions.values()]
        return pa.RecordBatch.from_arrays([lines, *columns], schema=self.schema), len(records)

    def _quoted(self, lines: "_Lines", first_line: int) -> Iterator[pa.RecordBatch]:
        width = len(self.header)
        positions = list(self.positions.values())
        rows: list[list[str]] = []
        numbers: list[int] = []
        wrong: list[int] = []
        wrong_widths: list[int] = []

        def batch() -> pa.RecordBatch:
            by_column = list(zip(*rows, strict=True))
            return pa.RecordBatch.from_arrays(
                [pa.array(numbers, pa.int64()), *(pa.array(by_column[p], pa.string()) for p in positions)],
                schema=self.schema,
            )

        reader = csv.reader(lines, strict=True)
        while True:
            lines.record.clear()
            line = first_line + lines.given
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error:
                # Broken quotation marks cost their own line only: what was swallowed after it is read again.
                lines.give_back_all_but_first()
                reader = csv.reader(lines, strict=True)
                wrong.append(line)
                wrong_widths.append(0)
                continue
            if len(cells) == width:
                rows.append(cells)
                numbers.append(line)
                if len(rows) == 50_000:
                    yield batch()
                    rows.clear()
                    numbers.clear()
            elif cells:
                wrong.append(line)
                wrong_widths.append(len(cells))
        if wrong:
            self.wrong.append(_wrong_widths(wrong, wrong_widths))
        if rows:
            yield batch()


class _Lines:
    """The physical lines of a block for the RFC 4180 reader, going on into the next block inside a record.

    `given` counts the lines handed out, `record` holds those of the record being read.
    """

    def __init__(self, source: CsvFile, blocks: Iterator[str], block: str | None = None) -> None:
        self._source = source
        self._blocks = blocks
        self._lines: Iterator[str] = iter(())
        self._again: list[str] = []
        self._open = block is None
        self.given = 0
        self.record: list[str] = []
        if block is not None:
            self._lines = _physical_lines(block)

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines, None)
        if line is None:
            # Between records the block simply ends; the header is read from whichever block has it.
            if not self.record and not self._open:
                raise StopIteration
            block = next(self._blocks, None)
            if block is None:
                raise StopIteration
            self._lines = _physical_lines(block)
            line = next(self._lines)
        self.given += 1
        if not self._open:
            self.record.append(line)
        return line

    def give_back_all_but_first(self) -> None:
        """Have every line of the present record but its first read again."""
        again = self.record[1:]
        self.given -= len(again)
        self._again.extend(reversed(again))


def _physical_lines(block: str) -> Iterator[str]:
    return (line + "\n" for line in block[:-1].split("\n"))


def _wrong_widths(lines: Any, widths: Any) -> pa.Table:
    return pa.table({"line": pa.array(lines, pa.int64()), "width": pa.array(widths, pa.int64())})
