"""The workbooks and CSV files that counties send and are sent: read with suspicion, written without formulas."""

from lbcert.core.sheets.cells import Cell, Kind
from lbcert.core.sheets.columns import RESULT_TITLE, Column
from lbcert.core.sheets.guards import Limits, Unreadable
from lbcert.core.sheets.marking import marked_copy
from lbcert.core.sheets.reading import Row, Sheet, read_sheet
from lbcert.core.sheets.writing import Table, write_csv, write_workbook

__all__ = [
    "RESULT_TITLE",
    "Cell",
    "Column",
    "Kind",
    "Limits",
    "Row",
    "Sheet",
    "Table",
    "Unreadable",
    "marked_copy",
    "read_sheet",
    "write_csv",
    "write_workbook",
]
