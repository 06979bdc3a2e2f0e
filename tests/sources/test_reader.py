"""The reader gives exactly the records of an RFC 4180 file, with their first physical lines."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haqdar.base.refusal import Refusal
from haqdar.sources.reader import UNREADABLE, CsvFile
from haqdar.sources.refusals import (
    BinaryFile,
    DuplicateColumn,
    EmptyFile,
    EndlessLine,
    MissingColumn,
    WrongDelimiter,
    WrongEncoding,
)

HEADER = ["a", "b", "c"]
cells = st.sampled_from(["", "x", "राम", " ", "x,y", 'q"q', "l\nm", "\t", "'", "\u2028", '"', "0"])
rows = st.lists(st.lists(cells, min_size=1, max_size=4), max_size=8)


def read(path: Path, block_size: int = 1 << 20) -> tuple[list[tuple[object, ...]], list[tuple[int, int]]]:
    file = CsvFile(path, HEADER, ["a"], block_size=block_size)
    records = [tuple(row.values()) for batch in file.batches() for row in batch.to_pylist()]
    wrong = [(row["line"], row["width"]) for table in file.wrong for row in table.to_pylist()]
    return records, sorted(wrong)


def by_the_standard_library(path: Path) -> tuple[list[tuple[object, ...]], list[tuple[int, int]]]:
    good: list[tuple[object, ...]] = []
    wrong = []
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        next(reader)
        first = reader.line_num + 1
        for row in reader:
            line, first = first, reader.line_num + 1
            if len(row) == len(HEADER):
                good.append((line, *(cell.replace("\r\n", "\n").replace("\r", "\n") for cell in row)))
            elif row:
                wrong.append((line, len(row)))
    return good, wrong


@settings(max_examples=300)
@given(
    rows=rows,
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    block_size=st.sampled_from([5, 17, 64, 1 << 20]),
    blanks=st.integers(0, 3),
    cut=st.booleans(),
    mark=st.booleans(),
)
def test_any_file_reads_like_the_standard_library_reads_it(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    ending: str,
    quoting: int,
    block_size: int,
    blanks: int,
    cut: bool,
    mark: bool,
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow(row)
    text.write(ending * blanks)
    content = text.getvalue()
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes((b"\xef\xbb\xbf" if mark else b"") + (content[:-1] if cut else content).encode())
    assert read(path, block_size) == by_the_standard_library(path)


def test_a_quotation_mark_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b,c\n1,"open,3\n4,5,6\n7,"8",9\n10,11,12\n')
    records, wrong = read(path)
    assert [record[0] for record in records] == [3, 4, 5]
    assert wrong == [(2, 0)]


@pytest.mark.parametrize("block_size", [8, 1 << 20])
def test_bytes_that_are_no_utf8_mark_their_cell_only(tmp_path: Path, block_size: int) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"a,b,c\n1,caf\xe9,3\n4,5,6\n")
    records, _ = read(path, block_size)
    assert records == [(2, "1", f"caf{UNREADABLE}", "3"), (3, "4", "5", "6")]


@pytest.mark.parametrize(
    ("content", "refusal", "says"),
    [
        (b"", EmptyFile, "is empty"),
        (b"\n\n", EmptyFile, "is empty"),
        (b"\xef\xbb\xbf", EmptyFile, "is empty"),
        ("a,b\n1,2\n".encode("utf-16"), WrongEncoding, "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), WrongEncoding, "UTF-16"),
        (b"a;b;c\n1;2;3\n", WrongDelimiter, "semicolons"),
        (b"a\tb\tc\n1\t2\t3\n", WrongDelimiter, "tabs"),
        (b"b,c\n1,2\n", MissingColumn, "required column a"),
        (b"a,b,a\n1,2,3\n", DuplicateColumn, "column a twice"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused_with_a_reason(
    tmp_path: Path, content: bytes, refusal: type[Refusal], says: str
) -> None:
    path = tmp_path / "residents.csv"
    path.write_bytes(content)
    with pytest.raises(refusal, match=says) as refused:
        CsvFile(path, HEADER, ["a"])
    assert refused.value.hi != refused.value.en


def test_zero_bytes_and_endless_lines_refuse_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"a,b,c\n" + b"1,2,3\n" * 5 + b"1,\0,3\n")
    with pytest.raises(BinaryFile):
        list(CsvFile(path, HEADER, ["a"], block_size=16).batches())
    path.write_bytes(b"a,b,c\n" + b"x" * (9 << 20))
    with pytest.raises(EndlessLine):
        list(CsvFile(path, HEADER, ["a"]).batches())


def test_names_of_columns_may_differ_in_case_and_blanks(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(" A ,C,extra\n1,3,9\n")
    file = CsvFile(path, HEADER, ["a"])
    assert file.extra == ["extra"]
    assert [row for batch in file.batches() for row in batch.to_pylist()] == [{"line": 2, "a": "1", "c": "3"}]
