"""An answer as PDF: title, company, days, filters in words, the table, what it was made of, and page numbers.

The font is DejaVu Sans where the system has it, which knows Greek, Cyrillic and more, else Bitstream Vera, which comes
with reportlab. A letter that the font does not have is shown as its box; no text makes this fail.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import reportlab
from msgspec import Struct
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from ringtrace.attribution.registry import find_model
from ringtrace.reports.asked import Answer, Figure, Line
from ringtrace.reports.dimensions import find_dimension
from ringtrace.reports.filters import label_of
from ringtrace.reports.metrics.metric import Metric
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.web.shown import change_of, write_change, write_figure, write_interval

_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/TTF")
_DEJAVU = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
_VERA = ("Vera.ttf", "VeraBd.ttf")
_PLAIN, _BOLD = "ringtrace-plain", "ringtrace-bold"
_SOFT = colors.HexColor("#5b676c")
_LINE = colors.HexColor("#d5dadc")
_LONGEST = 300  # of one text of a cell
_MOST_LINES = 5_000
_NAME_WIDTH = 42 * mm
_PADDING = 12  # of the frame, both sides together
_WIDE = 6  # columns from which on a page lies on its side
_MOST_COLUMNS = 8  # metrics of one table; more stand in a table of their own below


class Told(Struct, frozen=True, kw_only=True):
    """What stands around the table."""

    company: str
    time_zone: str
    currency: str
    title: str = "Metrics"


def answer_pdf(answer: Answer, told: Told) -> bytes:
    _use_fonts()
    metrics = [find_metric(name) for name in answer.question.metrics]
    columns = len(metrics) + len(answer.question.by)
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=landscape(A4) if columns >= _WIDE else A4,
        title=_printable(f"{told.title}: {told.company}"),
        author="Ringtrace",
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        invariant=1,
    )
    parts = [metrics[first : first + _MOST_COLUMNS] for first in range(0, len(metrics), _MOST_COLUMNS)]
    tables = [
        piece for part in parts for piece in (_table(answer, part, told, document.width - _PADDING), Spacer(1, 4 * mm))
    ]
    story = [*_heading(answer, told), *tables, *_made(answer)]
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return file.getvalue()


@cache
def _use_fonts() -> None:
    plain, bold = _font_files()
    pdfmetrics.registerFont(TTFont(_PLAIN, str(plain)))
    pdfmetrics.registerFont(TTFont(_BOLD, str(bold)))
    pdfmetrics.registerFontFamily(_PLAIN, normal=_PLAIN, bold=_BOLD, italic=_PLAIN, boldItalic=_BOLD)


def _font_files() -> tuple[Path, ...]:
    for folder in _FOLDERS:
        files = tuple(Path(folder) / name for name in _DEJAVU)
        if all(file.is_file() for file in files):
            return files
    return tuple(Path(reportlab.__file__).parent / "fonts" / name for name in _VERA)


def _style(size: float = 8.5, **more: Any) -> ParagraphStyle:
    usual: dict[str, Any] = {"fontName": _PLAIN, "fontSize": size, "leading": size * 1.3, "splitLongWords": 1}
    return ParagraphStyle("cell", **usual | more)


def _printable(text: str) -> str:
    """What XML and fonts take: no control letters, no halves of surrogate pairs, not endless."""
    kept = "".join(letter if letter.isprintable() else " " for letter in text[:_LONGEST])
    return kept.encode("utf-8", "replace").decode("utf-8")


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_printable(text)), style)


def _heading(answer: Answer, told: Told) -> list[Any]:
    question, span = answer.question, answer.span
    soft = _style(textColor=_SOFT)
    said = [f"{span.since_on:%-d %b %Y} to {span.until_on:%-d %b %Y}, days in {told.time_zone}"]
    if answer.compared is not None:
        said.append(f"compared with {answer.compared.since_on:%-d %b %Y} to {answer.compared.until_on:%-d %b %Y}")
    said.append(f"credit by the model {find_model(question.model).title}")
    lines = [
        _text(told.company, _style(9, textColor=_SOFT)),
        _text(told.title, _style(16, fontName=_BOLD)),
        _text("; ".join(said) + ".", soft),
        *(_text(one.words, soft) for one in question.filters),
    ]
    return [*lines, Spacer(1, 4 * mm)]


def _table(answer: Answer, metrics: list[Metric], told: Told, width: float) -> LongTable:
    dimensions = [find_dimension(name) for name in answer.question.by]
    right, left = _style(alignment=TA_RIGHT), _style()
    bold, bold_right = _style(fontName=_BOLD), _style(fontName=_BOLD, alignment=TA_RIGHT)
    head = [_text(one.title, bold) for one in dimensions] + [_text(one.title, bold_right) for one in metrics]
    if not dimensions:
        head.insert(0, _text("", bold))
    rows: list[list[Any]] = [head]
    for line in answer.lines[:_MOST_LINES] if dimensions else ():
        values = [
            _text("Unknown" if value is None else label_of(one, value), left)
            for one, value in zip(dimensions, line.values, strict=True)
        ]
        rows.append([*values, *_cells(metrics, line, told, right)])
    blanks = [_text("Total", bold), *([""] * (len(dimensions) - 1))]
    total = Line(values=(), figures=answer.totals)
    rows.append([*blanks, *_cells(metrics, total, told, bold_right)])
    firsts = max(1, len(dimensions))
    firsts_width = min(_NAME_WIDTH * firsts, width * 0.5)
    widths = [firsts_width / firsts] * firsts + [(width - firsts_width) / len(metrics)] * len(metrics)
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, _SOFT),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 3),
        ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ]
    return LongTable(rows, colWidths=widths, repeatRows=1, style=TableStyle(style))


def _cells(metrics: list[Metric], line: Line, told: Told, style: ParagraphStyle) -> list[Paragraph]:
    return [_cell(metric, line.figures[metric.name], told, style) for metric in metrics]


def _cell(metric: Metric, figure: Figure, told: Told, style: ParagraphStyle) -> Paragraph:
    text = escape(_printable(write_figure(metric, figure.value, told.currency)))
    under = [write_interval(metric, figure, told.currency), write_change(metric, change_of(metric, figure))]
    smalls = [f'<font size="6.5" color="#5b676c">{escape(_printable(one))}</font>' for one in under if one]
    return Paragraph("<br/>".join([text, *smalls]), style)


def _made(answer: Answer) -> list[Any]:
    made, soft = answer.made, _style(7, textColor=_SOFT)
    left_out = max(0, len(answer.lines) - _MOST_LINES) + answer.line_count - len(answer.lines)
    said = [f"Definition {made.definition}, model {made.model}", made.params, f"data version {made.data_version}"]
    words = [f"A dash is unknown, never zero. Made from: {', '.join(one for one in said if one)}."]
    if left_out and answer.question.by:
        words.insert(0, f"{left_out:,} lines more are not on these pages; the total is of all.")
    words += [f"{one.month}: {one.reason}" for one in answer.thin]
    return [_text(one, soft) for one in words]


def _number(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont(_PLAIN, 7)
    canvas.setFillColor(_SOFT)
    canvas.drawString(document.leftMargin, 9 * mm, "Ringtrace")
    canvas.drawRightString(document.pagesize[0] - document.rightMargin, 9 * mm, f"Page {canvas.getPageNumber()}")
    canvas.restoreState()
