"""Headers of the columns that tell of a row that was left out, behind its own."""

REASON, FIX, COLUMN, ROW = "原因 reason", "建议 suggestion", "原列 column", "原行号 row"
SHEET, FILE, SOURCE = "原工作表 sheet", "原文件 file", "编号来源 id source"
ADDED = (REASON, FIX, COLUMN, ROW, SHEET, FILE, SOURCE)
"""They stand behind a file's own; an import of the workbook leaves them out, but for the last:
the ids of the mended rows come from where those of the first file came from."""
