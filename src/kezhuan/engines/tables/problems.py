"""What can be wrong with a table, each as one sentence in Chinese and English that names the place and the way out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from kezhuan.engines.system_errors import said

Language = Literal["zh", "en"]

ROW_SENTENCES: dict[str, tuple[str, str]] = {
    "no-text": (
        "既没有名称也没有内容；请至少填写其中一项",
        "has neither a title nor a text; fill in at least one of them",
    ),
    "not-a-record": (
        "像是合计或填表、签字的一行，不是一条记录；如确为记录，请改写第一格",
        "looks like a line of totals or signatures, not like a record; if it is one, word its first cell differently",
    ),
    "missing-value": ("必填项为空；请填写后重试", "is required but empty; fill it in"),
    "duplicate-id": (
        "编号“{value}”与第 {first} 行重复；请改为唯一的编号",
        "id “{value}” was already used in row {first}; give each row its own id",
    ),
    "duplicate-cut-id": (
        "编号“{value}”与第 {first} 行重复；表格软件把超过 15 位的数字的末几位改成了 0，请把该列设为文本后重新填写",
        "id “{value}” was already used in row {first}; spreadsheets cut numbers after 15 digits: type ids as text",
    ),
    "merged-id": (
        "编号“{value}”所在的单元格与第 {first} 行合并，两行名称却不同；请取消合并，为每行填写各自的编号",
        "id “{value}” stands in a cell merged with row {first}, of another title; unmerge it, give each row its own id",
    ),
    "merged-apart": (
        "合并单元格所跨的各行在此处填写不一（{values}）；请只保留一个",
        "the rows over which cells are merged differ here ({values}); keep one value",
    ),
    "duplicate-pair": (
        "{item} 与 {expert} 已在前面的行中出现；每一对只写一行",
        "{item} and {expert} already have a row above; write each pair once",
    ),
    "two-values": (
        "{whose} 前面写的是 {first}，此处是 {value}；请写成一致",
        "{whose} has {first} in a row above and {value} here; make them agree",
    ),
    "no-seats": (
        "“{value}”不是席位数；请写整数（1）或百分比（20%）",
        "“{value}” is no number of seats; write a whole number (1) or a share (20%)",
    ),
    "not-a-number": (
        "“{value}”不是数字；请只填数字，未知则留空",
        "“{value}” is not a number; give a number or leave it empty",
    ),
    "not-an-integer": (
        "“{value}”不是整数；请填整数，未知则留空",
        "“{value}” is not a whole number; give one or leave it empty",
    ),
    "taken-for-day": (
        "表格软件把这里的“{meant}”改成了日期 {value}；请只填一个数字，未知则留空",
        "a spreadsheet program made the date {value} of “{meant}” here; give one number or leave it empty",
    ),
    "not-finite": (
        "“{value}”不是有限的数；请填普通数字，未知则留空",
        "“{value}” is not a finite number; give a plain number or leave it empty",
    ),
    "out-of-range": (
        "{value} 不在 {low} 到 {high} 之间；请更正或留空",
        "{value} is not between {low} and {high}; correct it or leave it empty",
    ),
    "below-minimum": ("{value} 小于 {low}；请更正或留空", "{value} is below {low}; correct it or leave it empty"),
    "too-large": ("“{value}”过大，不像真实数值；请核对单位", "“{value}” is too large to be real; check the unit"),
    "too-many-decimals": (
        "“{value}”精确到分以下（万元最多六位小数，元最多两位）；请四舍五入到分",
        "“{value}” is finer than one fen (at most six decimals in 万元, two in yuan); round it to the fen",
    ),
    "not-a-date": (
        "“{value}”不是有效日期；请写成 2027-06-30 这样的形式",
        "“{value}” is not a date that exists; write it like 2027-06-30",
    ),
    "unknown-choice": (
        "“{value}”不在可选项中；可填：{choices}",
        "“{value}” is not one of the choices; use one of: {choices}",
    ),
    "wrong-type": (
        "此处应为{expected_zh}，实际是{found_zh}；请更正",
        "should hold {expected_en}, not {found_en}; correct it",
    ),
    "too-long": (
        "单元格有 {length} 个字符，超过上限 {limit}；请缩短或拆分",
        "the cell has {length} characters, more than the limit of {limit}; shorten or split it",
    ),
    "line-too-long": ("这一行超过 {limit}；请拆分", "the line is longer than {limit}; split it"),
    "formula-error": (
        "公式结果为错误值 {value}；请修正公式或改填数值",
        "the formula gives the error {value}; mend it or type the value",
    ),
    "formula-unsaved": (
        "公式没有存下结果；请用表格软件打开文件并保存一次，或直接填写数值",
        "the formula has no stored value; open the file in a spreadsheet program and save it once, or type the value",
    ),
    "bad-bytes": (
        "含有无法按 {encoding} 解读的字节（编码混杂）；请将整个文件另存为 UTF-8",
        "has bytes that cannot be read as {encoding} (mixed encodings); save the whole file as UTF-8",
    ),
    "nul-byte": ("含有空字节（NUL）；请删除后重新保存", "contains a NUL byte; remove it and save again"),
    "broken-quotes": (
        "引号没有成对闭合；请补上缺少的引号",
        "a quotation mark is never closed; add the missing one",
    ),
    "too-many-cells": (
        "有 {count} 个单元格，而表头只有 {expected} 列；请把含分隔符的内容用引号括起来",
        "has {count} cells but the header has {expected}; put quotation marks around text that contains the delimiter",
    ),
    "not-json": ("不是有效的 JSON；请每行写一个 JSON 对象", "is not valid JSON; write one JSON object per line"),
    "too-deep": (
        "列表和对象的嵌套超过 {limit} 层；请展开后重试",
        "holds lists and objects more than {limit} deep inside one another; flatten it",
    ),
    "not-an-object": (
        '是 JSON {found_zh}而不是对象；请写成 {{"title": …}} 的形式',
        'holds {found_en}, not a JSON object; write it like {{"title": …}}',
    ),
    "broken-off": (
        "文件在此处中断（压缩数据不完整），之前的行已读取；请重新取得完整文件",
        "the file breaks off here (incomplete compressed data), the rows before were read; get the complete file again",
    ),
    "too-many-blank-lines": (
        "之前连续空行超过 {limit} 行，在此处停止读取；请删除空行",
        "more than {limit} blank lines came before this one and reading stopped here; delete them",
    ),
    "inflates-too-far": (
        "文件解压后超过 {limit}，在此处停止读取；请拆分文件",
        "the file inflates beyond {limit} and reading stopped here; split the file",
    ),
}

STOPPED = frozenset({"broken-off", "too-many-blank-lines", "inflates-too-far"})
"""Codes that stand for the place where reading stopped, not for a row."""

FILE_SENTENCES: dict[str, tuple[str, str]] = {
    "missing-file": ("找不到文件；请检查路径", "there is no such file; check the path"),
    "several-files": (
        "有多个文件与此名称相符（{names}）；请写出完整文件名",
        "several files match this name ({names}); give the full name",
    ),
    "is-a-folder": ("这是文件夹，不是文件；请指定其中的一个文件", "this is a folder, not a file; name one file in it"),
    "not-a-file": ("这不是普通文件；请先保存为文件", "this is not a regular file; save it as a file first"),
    "unreadable": ("无法读取文件（{reason}）；请检查权限", "the file cannot be read ({reason}); check its permissions"),
    "not-utf-8": ("内容不是 UTF-8 文本；请另存为 UTF-8", "the content is no UTF-8 text; save it as UTF-8"),
    "utf-16": (
        "内容是 UTF-16 文字；请用表格软件另存为“CSV UTF-8（逗号分隔）”",
        "the content is UTF-16 text; save it as “CSV UTF-8 (comma delimited)”",
    ),
    "unknown-ending": (
        "不认识的文件类型；支持 .xlsx、.csv、.tsv、.jsonl，以及它们的 .gz、.zst 压缩",
        "this kind of file is not understood; use .xlsx, .csv, .tsv or .jsonl, also with .gz or .zst",
    ),
    "old-xls": ("这是旧版 .xls 工作簿；请用表格软件另存为 .xlsx", "this is an old .xls workbook; save it as .xlsx"),
    "password-protected": (
        "工作簿有密码保护；请去除密码后另存",
        "the workbook is password-protected; remove the password and save it again",
    ),
    "empty-file": ("文件是空的；请换一个有内容的文件", "the file is empty; use one with rows in it"),
    "not-what-it-says": (
        "文件名说是 {claimed}，内容却是{found_zh}；请用表格软件另存为 {claimed}",
        "the name says {claimed} but the content is {found_en}; save it as a real {claimed} file",
    ),
    "damaged": (
        "文件已损坏或不完整，无法打开；请重新取得或另存一次",
        "the file is damaged or incomplete and cannot be opened; get it again or save it anew",
    ),
    "inflates-too-far": (
        "文件解压后超过 {limit}；请拆分后重试",
        "the file inflates beyond {limit}; split it and try again",
    ),
    "too-deep": (
        "各行列表和对象的嵌套都超过 {limit} 层；请展开后重试",
        "the rows hold lists and objects more than {limit} deep inside one another; flatten them",
    ),
    "sheet-too-wide": (
        "工作表有内容的区域达 {rows} 行 × {columns} 列，超过上限；请删除远处的零散单元格",
        "the used area is {rows} rows × {columns} columns, too many; delete stray cells far from the table",
    ),
    "no-such-sheet": (
        "没有名为“{sheet}”的工作表；现有：{sheets}",
        "there is no sheet “{sheet}”; the sheets are: {sheets}",
    ),
    "sheet-not-possible": ("只有 .xlsx 才能指定工作表；请去掉该选项", "only .xlsx files have sheets; drop that option"),
    "no-known-column": (
        "前 10 行中没有找到可识别的列；现有列：{found}；至少需要其中之一：{understood}",
        "no known column in the first 10 rows; columns found: {found}; at least one is needed of: {understood}",
    ),
    "header-too-long": (
        "表头一行超过 {limit}；请删除多余的列",
        "the header is longer than {limit}; remove the columns that are not needed",
    ),
    "headers-in-column": (
        "列名自上而下排成一列，是一张只写一项内容的登记表；请改为第一行写列名、其下每行一项",
        "the headers stand one below the other, as in a form; put them in one row, and each thing in a row below",
    ),
    "columns-missing": (
        "缺少 {missing} 列；请补上，表头写中文或英文均可",
        "columns are missing: {missing}; add them",
    ),
    "groups-overlap": (
        "各组成员交叉，无法随机抽取；请让各组互不相交或一组包含另一组，或去掉 --seed",
        "groups overlap, so that panels cannot be drawn; let them be apart or one inside the other, or drop --seed",
    ),
    "no-rows": ("只有表头，没有数据行；请填入数据", "there is a header but no row below it; add rows"),
    "no-good-rows": (
        "没有一行可用（{count} 行有问题）；请按上述提示修改",
        "no row is usable ({count} have problems); correct them as said above",
    ),
    "json-array": (
        "内容是一个 JSON 数组；请改为每行一个 JSON 对象",
        "the content is one JSON array; write one JSON object per line",
    ),
    "cannot-write": (
        "无法写入（{reason}）；请换一个可写的文件夹",
        "cannot be written ({reason}); choose a folder you may write to",
    ),
    "overwrites-input": (
        "输出文件就是输入文件；请换一个文件名",
        "the output is one of the input files; choose another name",
    ),
}


def _fill(catalogue: dict[str, tuple[str, str]], code: str, params: dict[str, Any], language: Language) -> str:
    zh = language == "zh"
    words = {name: _in_words(one, zh) for name, one in params.items()}
    return catalogue[code][0 if zh else 1].format(**words)


def _in_words(param: Any, zh: bool) -> Any:
    if isinstance(param, tuple):
        return ("、" if zh else ", ").join(param)
    return said(param)[0 if zh else 1] if isinstance(param, BaseException) else param


@dataclass(frozen=True)
class Problem:
    """One row that was left out (or a place where reading stopped), and why.

    `row` is the row number a person sees in the spreadsheet, or the line of a text file; `column` is the header as
    written in the file. `cells` are the row's raw cells by header so that the row can be handed back with its reason.
    `rest` are further problems of the same row; `values` are what its other cells were read as, when they were.
    """

    file: str
    row: int
    code: str
    sheet: str | None = None
    column: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, Any] = field(default_factory=dict)
    rest: tuple[Problem, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def stops(self) -> bool:
        """Whether this is no row, but the place where reading stopped."""
        return self.code in STOPPED

    def reason(self, language: Language = "zh") -> str:
        """Return what is wrong and the way out, without the place."""
        return _fill(ROW_SENTENCES, self.code, self.params, language)

    def say(self, language: Language = "zh", *, left_out: bool = True) -> str:
        """Return one sentence naming file, sheet, row and columns, what is wrong with each, and the way out.

        It ends by saying that the row was left out, unless the reader of the file stops at it.
        """
        left_out = left_out and not self.stops
        if language == "zh":
            sheet = f" 工作表“{self.sheet}”" if self.sheet else ""
            column = f"“{self.column}”列" if self.column else ""
            others = "".join(f"；“{one.column}”列：{one.reason('zh')}" for one in self.rest)
            end = "；该行已跳过" if left_out else ""
            return f"{self.file}{sheet} 第 {self.row} 行{column}：{self.reason('zh')}{others}{end}。"
        sheet = f", sheet “{self.sheet}”" if self.sheet else ""
        column = f", column “{self.column}”" if self.column else ""
        others = "".join(f"; column “{one.column}”: {one.reason('en')}" for one in self.rest)
        end = "; the row was left out" if left_out else ""
        return f"{self.file}{sheet}, row {self.row}{column}: {self.reason('en')}{others}{end}."


class Unusable(Exception):
    """A file as a whole cannot be read or written; `say()` gives the one sentence."""

    def __init__(self, file: str, code: str, **params: Any) -> None:
        super().__init__(file, code, params)
        self.file = file
        self.code = code
        self.params = params

    def say(self, language: Language = "zh") -> str:
        """Return one sentence naming the file, what is wrong, and the way out."""
        sentence = _fill(FILE_SENTENCES, self.code, self.params, language)
        return f"{self.file}：{sentence}。" if language == "zh" else f"{self.file}: {sentence}."

    def __str__(self) -> str:
        return self.say("zh")


class BadCell(Exception):
    """A cell does not hold what its column declares; becomes a Problem once the place is known."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code, params)
        self.code = code
        self.params = params


def shorten(value: object, length: int = 40) -> str:
    """Return a value as it may be quoted in a sentence: one line, at most `length` characters."""
    text = "".join(character if character.isprintable() else " " for character in str(value))
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"
