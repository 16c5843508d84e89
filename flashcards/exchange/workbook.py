"""Excel's workbooks as notes: the first sheet is a table."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from flashcards.base.extras import how_to_install
from flashcards.base.files import Refused
from flashcards.exchange import note_tables, notes
from flashcards.exchange.limit import VALUES_A_PIECE, Limit, opened_zip

MAX_ROWS = 1 << 20  # of Excel; a file may say that a row is far below


def read_sheet(file: BinaryIO, options: notes.Options) -> notes.Source:
    """The first sheet of an Excel workbook as a table; the others are counted.
    Raises Refused: it is damaged or too large, or no table of cards."""
    _check_workbook(file)
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise Refused(
            f"an xlsx file needs openpyxl: {how_to_install('tables')}; or save it as CSV"
        ) from None
    file.seek(0)
    try:
        book = load_workbook(file, read_only=True, data_only=True)
        sheet, *others = book.worksheets
    except Exception as error:
        raise _damaged(error) from None
    sheet.reset_dimensions()  # they may be said to be larger than what is in it
    source = note_tables.notes_of_rows(
        _cells(sheet), f"the sheet “{sheet.title}”", options, place="row"
    )
    book.close()
    for other in others:
        source.losses.add("sheet", "sheet", "", other.title)
    return source


def _check_workbook(file: BinaryIO) -> None:
    """Unpack all parts, which openpyxl reads by names that it finds in them, and count their tags
    and attributes: in a tree of XML each is an object. Raises Refused: too many, or damaged."""
    limit = Limit()
    with opened_zip(file) as parts:
        for entry in parts.infolist():
            end = b""
            with parts.open(entry) as part:
                for chunk in limit.chunks(part, _n_pieces):
                    # An entity stands for any length of text. 0 bytes: UTF-16.
                    if b"<!DOCTYPE" in (end + chunk).replace(b"\0", b""):
                        raise Refused("an xlsx file as no spreadsheet writes it; save it as CSV")
                    end = chunk[-20:]


def _n_pieces(xml: bytes) -> int:
    """Counts elements, which have a slash each, or attributes: whatever there is more of."""
    return max(xml.count(b"/"), xml.count(b"=")) // VALUES_A_PIECE


def _cells(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows as texts, each with its number."""
    limit = Limit()
    rows = enumerate(sheet.iter_rows(values_only=True, max_row=MAX_ROWS), 1)
    while True:
        try:
            number, row = next(rows)
        except StopIteration:
            return
        except Exception as error:
            raise _damaged(error) from None
        if row:
            cells = list(map(_cell, row))
            limit.take(sum(map(len, cells)), 1 + len(cells) // VALUES_A_PIECE)
            yield number, cells


def _damaged(error: Exception) -> Refused:
    """Return the refusal of a workbook that openpyxl can't read: it raises what its parsers
    raise."""
    return Refused(f"a damaged xlsx file ({type(error).__name__}); save it again, or as CSV")


def _cell(value: object) -> str:
    """A cell as a person reads it: 3.0 is 3."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
