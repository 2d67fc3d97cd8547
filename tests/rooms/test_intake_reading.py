"""Tables as they come: every encoding, mark, line end and accident that exports have."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zipfile
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import assume, example, given

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.files.reading import Table, open_table
from ringtrace.intake.port import Problem

EXPORTS = Path(__file__).parent / "exports"


def table_of(text: str | bytes, encoding: str = "utf-8", delimiter: str | None = None) -> Table:
    return open_table(io.BytesIO(text if isinstance(text, bytes) else text.encode(encoding)), delimiter=delimiter)


def rows_of(text: str | bytes, encoding: str = "utf-8") -> list[tuple[int, dict[str, str]]]:
    found = []
    for line, row in table_of(text, encoding).rows():
        assert not isinstance(row, Problem), row
        found.append((line, row))
    return found


TABLE = "name,town,cents\nZoë,Köln,5\nAnn,Bath,7\n"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_it_reads_one_table_in_every_encoding_with_every_mark_and_line_end(encoding: str, ends: str, mark: str) -> None:
    text = TABLE.replace(",", mark).replace("\n", ends)
    assert rows_of(text, encoding) == [
        (2, {"name": "Zoë", "town": "Köln", "cents": "5"}),
        (3, {"name": "Ann", "town": "Bath", "cents": "7"}),
    ]


cells = st.text(st.characters(codec="cp1252", exclude_characters="\ufeff", exclude_categories=["Cc"]), max_size=12)


@given(st.lists(st.tuples(cells, cells, st.integers(0, 9999).map(str)), min_size=1, max_size=20))
def test_it_gives_the_same_rows_whatever_the_encoding(table: list[tuple[str, str, str]]) -> None:
    lines = ["first,second,third", *(",".join(f'"{c.replace(chr(34), chr(34) * 2)}"' for c in row) for row in table)]
    text = "\n".join(lines) + "\n"
    read = [rows_of(text, encoding) for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")]
    assert read[0] == read[1] == read[2] == read[3]
    assert [tuple(row.values()) for _, row in read[0]] == [tuple(row) for row in table]


@given(st.lists(st.sampled_from(["1,a", '2,"b\nc"', "3", "4,d,e", "", ",", "Total: x,9", '"q,5', "6,f"]), max_size=25))
def test_it_gives_the_same_tail_when_it_goes_on_at_any_row(lines: list[str]) -> None:
    table = table_of("id,text\n" + "\n".join(lines) + "\n")
    whole = list(table.rows())
    for start in range(len(whole) + 2):
        assert list(table.rows(start)) == whole[start:]


@given(st.binary(max_size=400))
@example(b"\xff\xfe\x00")
@example(b"\0" * 50)
@example(b'a,b\n"')
@example(b"PK\x03\x04junk")
@example(b"\x1f\x8bjunk")
@example(b"\xff\xfe\x00\x00\x01")
@example(b",\n,")
@example(b"sep=;")
def test_it_reads_or_refuses_whatever_the_bytes(junk: bytes) -> None:
    try:
        table = open_table(io.BytesIO(junk))
        rows = list(table.rows())
    except UnreadableBody:
        return
    for line, row in rows:
        assert line > table.header_line
        assert isinstance(row, Problem) or tuple(row) == table.header


@given(st.text('ab1,;"\n\r\t| ', max_size=120))
def test_it_never_loses_a_row_to_its_marks(text: str) -> None:
    assume(text.strip())
    table = table_of(text)
    lines = [line for line, _ in table.rows()]
    assert lines == sorted(set(lines))


def test_it_tells_the_lines_before_the_header_and_after_the_rows() -> None:
    table = open_table(EXPORTS / "google_keywords.csv")
    assert (table.encoding, table.delimiter, table.header_line) == ("utf-16-le", "\t", 3)
    assert table.preamble == ("Search keyword report", "1 May 2026 - 8 May 2026")
    assert [line for line, _ in table.rows()] == [4, 5, 6]
    assert [(line, row["Match type"]) for line, row in table.footer] == [
        (7, "Total: All but removed keywords"),
        (8, "Total: Account"),
    ]


def test_it_reads_a_block_of_lines_before_the_header_and_a_copyright() -> None:
    table = open_table(EXPORTS / "microsoft_keywords.csv")
    assert table.preamble[1] == "Report Time: 2/1/2026, 2/7/2026"
    assert [line for line, _ in table.rows()] == [11, 12]
    assert len(table.footer) == 1


def test_it_keeps_a_total_that_rows_follow_and_a_name_that_starts_so() -> None:
    table = table_of("name,n\nTotal: wine,1\nTotal Rewards,2\nGesamtpaket,3\nTotal,6\n")
    assert [row["name"] for _, row in table.rows() if not isinstance(row, Problem)] == [
        "Total: wine",
        "Total Rewards",
        "Gesamtpaket",
    ]
    assert [row["name"] for _, row in table.footer] == ["Total"]


def test_it_numbers_lines_as_an_editor_does() -> None:
    rows = rows_of('id,note\n1,"two\r\nlines"\r\n\n2,"three\n\nlines"\n3,one\n')
    assert [line for line, _ in rows] == [2, 5, 8]
    assert rows[0][1]["note"] == "two\r\nlines"


def test_it_tells_a_ragged_row_with_its_line_and_goes_on() -> None:
    found = list(table_of("a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,\n4,5,6\n").rows())
    problems = [(line, row.message) for line, row in found if isinstance(row, Problem)]
    assert problems == [(3, "This row has 2 cells, the header has 3."), (4, "This row has 4 cells, the header has 3.")]
    assert found[3] == (5, {"a": "1", "b": "2", "c": "3"})


@pytest.mark.parametrize(
    "text",
    [
        'a,b,c\n1,"pipe,3\n2,ok,3\n4,"x",5\n7,8,9\n',
        'a,b,c\n1,"pipe,3\n2,ok,3\n4,x,5\n7,8,9\n',
        'a,b,c\n1,"pipe,3\n2,ok,3\n4,""x"",5\n7,8,9\n',
    ],
)
def test_it_loses_one_row_and_no_more_to_a_quote_left_open(text: str) -> None:
    found = list(table_of(text).rows())
    assert [line for line, _ in found] == [2, 3, 4, 5]
    assert isinstance(found[0][1], Problem)
    assert "quotation mark" in found[0][1].message
    assert found[3] == (5, {"a": "7", "b": "8", "c": "9"})


def test_it_makes_names_of_columns_distinct() -> None:
    assert table_of("a,b,a,,a (2)\n1,2,3,4,5\n").header == ("a", "b", "a (3)", "column 4", "a (2)")
    assert table_of("x,y,z,\n1,2,3,\n").header == ("x", "y", "z")


def test_it_reads_a_header_without_rows_and_refuses_an_empty_file() -> None:
    assert list(table_of("a,b,c\n").rows()) == []
    assert table_of("a").header == ("a",)
    for empty in (b"", b"\n\n", b"\xef\xbb\xbf", b"  \n"):
        with pytest.raises(UnreadableBody, match="empty"):
            table_of(empty)


def test_it_takes_decimal_commas_for_no_mark_between_cells() -> None:
    assert table_of("a;b;c\n1,5;2,5;3,5\n4,5;6,7;8,1\n").delimiter == ";"
    assert table_of("sep=;\na;b\n1,2;3,4\n").header == ("a", "b")


def test_it_takes_out_nul_bytes_and_notes_what_is_no_text() -> None:
    assert rows_of("a,b\n1\0,2\n") == [(2, {"a": "1", "b": "2"})]
    assert table_of("a,b\nsch\xf6n,1\n".encode("latin-1")).notes
    broken = ("a,b\n" + "schön,1\n" * 50).encode() + b"\xff,2\n"
    table = table_of(broken)
    assert table.encoding == "utf-8"
    assert "shown as �" in table.notes[0]


@pytest.mark.parametrize(
    ("junk", "said"),
    [
        (b"%PDF-1.7 ...", "not a table"),
        (bytes(range(256)) * 20, "not a table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (b"PK\x03\x04junk", "damaged"),
    ],
)
def test_it_refuses_what_is_no_table_and_says_what_to_do(junk: bytes, said: str) -> None:
    with pytest.raises(UnreadableBody, match=said) as refused:
        table_of(junk)
    assert refused.value.hint


def zipped(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


def test_it_unpacks_one_file() -> None:
    for packed in (gzip.compress(TABLE.encode()), zipped(table=TABLE)):
        table = table_of(packed)
        assert [line for line, _ in table.rows()] == [2, 3]
        assert table.bytes_read <= table.total_bytes == len(packed)
    with pytest.raises(UnreadableBody, match="2 files"):
        table_of(zipped(a=TABLE, b=TABLE))
    with pytest.raises(UnreadableBody, match="Excel"):
        table_of(zipped(**{"[Content_Types].xml": "", "xl/workbook.xml": ""}))


def test_it_tells_a_cell_too_long_and_a_line_too_long_and_goes_on() -> None:
    long_cell = "x" * 200_000
    found = list(table_of(f"a,b\n1,{long_cell}\n2,ok\n").rows())
    assert isinstance(found[0][1], Problem)
    assert "131,072" in found[0][1].message
    assert found[1] == (3, {"a": "2", "b": "ok"})
    found = list(table_of("a,b\n" + "1," * 5_000_000 + "\n2,ok\n").rows())
    assert isinstance(found[0][1], Problem)
    assert "8,388,608" in found[0][1].message
    assert found[1] == (3, {"a": "2", "b": "ok"})


def test_it_reads_ten_thousand_columns() -> None:
    header = ",".join(f"column {number}" for number in range(10_000))
    row = ",".join(map(str, range(10_000)))
    ((line, cells_read),) = rows_of(f"{header}\n{row}\n")
    assert (line, len(cells_read), cells_read["column 9999"]) == (2, 10_000, "9999")


def test_it_is_read_by_two_at_once_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "".join(f"{n},x{n}\n" for n in range(400_000)))
    table = open_table(path)
    first, second = table.rows(), table.rows(200_000)
    assert next(second) == (200_002, {"a": "200000", "b": "x200000"})
    assert next(first) == (2, {"a": "0", "b": "x0"})
    assert sum(1 for _ in second) == 199_999
    assert 0 < table.bytes_read < table.total_bytes  # of the reading that began last
    assert sum(1 for _ in first) == 399_999
    assert table.bytes_read == table.total_bytes


def test_it_holds_a_few_rows_in_memory_however_long_the_file(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b,c\n" + "1,2,some text of a note\n" * 300_000)
    tracemalloc.start()
    try:
        count = sum(1 for _ in open_table(path).rows())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 300_000
    assert peak < 12 * 2**20
