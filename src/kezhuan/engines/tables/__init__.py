"""Read and write spreadsheets and JSON lines row by row, with a reason for every row that cannot be used."""

from kezhuan.engines.tables.columns import Column
from kezhuan.engines.tables.match_columns import MATCH_COLUMNS, supply_columns
from kezhuan.engines.tables.problems import Problem, Unusable
from kezhuan.engines.tables.reading import Raw, Row, Table, open_table
from kezhuan.engines.tables.writing import Marked, check_writable, csv_lines, write_table, written_beside

__all__ = [
    "MATCH_COLUMNS",
    "Column",
    "Marked",
    "Problem",
    "Raw",
    "Row",
    "Table",
    "Unusable",
    "check_writable",
    "csv_lines",
    "open_table",
    "supply_columns",
    "write_table",
    "written_beside",
]
