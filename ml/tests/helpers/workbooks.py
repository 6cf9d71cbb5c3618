"""Workbooks to test with, made by hand: as small as a reader accepts."""

import io
import zipfile
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


FORMATS = (0, 14, 4)  # general, date, #,##0.00


class Raw(str):
    """The XML of a cell of an .xlsx sheet, with ``{place}`` for its name."""


DATE = Raw('<c r="{place}" s="1"><v>45418</v></c>')  # 6 May 2024
TRUE = Raw('<c r="{place}" t="b"><v>1</v></c>')
DIVISION = Raw('<c r="{place}" t="e"><f>1/0</f><v>#DIV/0!</v></c>')
NOT_AVAILABLE = Raw('<c r="{place}" t="e"><v>#N/A</v></c>')
FORMULA = Raw('<c r="{place}"><f>A1*2</f><v>5849.5</v></c>')


def xlsx(*sheets, merged=(), more=None, **named):
    """Return the bytes of a workbook whose sheets hold rows of texts, numbers and `Raw` cells."""
    tables = {f"Sheet{number}": rows for number, rows in enumerate(sheets, 1)} | named
    places = range(1, len(tables) + 1)
    entries = {
        "[Content_Types].xml": _xml("Types", f"{PACKAGE}/content-types", _types(places)),
        "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": _xml("workbook", MAIN, f"<sheets>{_sheets(tables)}</sheets>"),
        "xl/_rels/workbook.xml.rels": _relations(
            {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in places}
            | {"rId0": ("styles", "styles.xml")}
        ),
        "xl/styles.xml": _xml("styleSheet", MAIN, f"<cellXfs>{''.join(map(_format, FORMATS))}</cellXfs>"),
    }  # fmt: skip
    for number, rows in zip(places, tables.values(), strict=True):
        entries[f"xl/worksheets/sheet{number}.xml"] = _xml(
            "worksheet", MAIN, sheet_data(rows) + _merged(merged)
        )
    return zipped(entries | (more or {}))


ODF = "urn:oasis:names:tc:opendocument:xmlns"
TRUE_FORMULA = Raw(  # as LibreOffice makes of a truth value of an .xlsx file
    '<table:table-cell table:formula="of:=TRUE()" office:value-type="float" office:value="1" '
    'calcext:value-type="float"><text:p>WAHR</text:p></table:table-cell>'
)


def ods(rows):
    """Return the bytes of an .ods workbook whose sheet holds rows of texts and `Raw` cells."""
    spaces = " ".join(f'xmlns:{name}="{ODF}:{name}:1.0"' for name in ("office", "table", "text", "calcext"))
    lines = (f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    table = f'<table:table table:name="Sheet1">{"".join(lines)}</table:table>'
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": _xml("manifest", f"{ODF}:manifest:1.0", ""),
            "content.xml": f"<office:document-content {spaces}>{body}</office:document-content>",
        }
    )


def _ods_cell(cell):
    if isinstance(cell, Raw):
        return cell
    text = f"<text:p>{escape(cell)}</text:p>"
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'


def zipped(entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def sheet_data(rows):
    lines = (f'<row r="{number}">{_cells(number, row)}</row>' for number, row in enumerate(rows, 1))
    return f"<sheetData>{''.join(lines)}</sheetData>"


def _cells(number, row):
    return "".join(_cell(cell, f"{chr(65 + column)}{number}") for column, cell in enumerate(row))


def grouped(number):
    """A number that is shown with two decimals and grouped."""
    return Raw(f'<c r="{{place}}" s="2"><v>{number}</v></c>')


def _format(number):
    return f'<xf numFmtId="{number}"/>'


def _cell(cell, place):
    if isinstance(cell, Raw):
        return cell.format(place=place)
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>' if cell else ""
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _xml(tag, namespace, content):
    return f'<?xml version="1.0"?><{tag} xmlns="{namespace}" xmlns:r="{RELATIONS}">{content}</{tag}>'


def _relations(targets):
    lines = (
        f'<Relationship Id="{key}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return _xml("Relationships", f"{PACKAGE}/relationships", "".join(lines))


def _sheets(tables):
    lines = (
        f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(tables, 1)
    )
    return "".join(lines)


def _types(places):
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {"workbook": "sheet.main"} | {f"worksheets/sheet{number}": "worksheet" for number in places}
    lines = (
        f'<Override PartName="/xl/{part}.xml" ContentType="{kind}.{name}+xml"/>'
        for part, name in parts.items()
    )
    return "".join(lines)


def _merged(areas):
    cells = "".join(f'<mergeCell ref="{area}"/>' for area in areas)
    return f"<mergeCells>{cells}</mergeCells>" if cells else ""
