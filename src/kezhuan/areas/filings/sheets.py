"""The columns in which filings stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.filings.wording import bureau_in_words
from kezhuan.exchange.sheets import CODE_COLUMN, Sheet, SheetColumn, own, record_columns, word
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.filings import KIND
from kezhuan.kernel.history import deputised
from kezhuan.kernel.text import wan_from_fen


def _kind(_actor: Actor, row: Any) -> str:
    return str(registry.kind_of(row.about_kind).label)


def _told(_actor: Actor, row: Any) -> str:
    return "；".join(f"{label}：{value}" for label, value in row.content["facts"])


def _figures(_actor: Actor, row: Any) -> str:
    telling = registry.kind_of(row.about_kind).filing
    words = telling.figures if telling is not None else {}
    told = (f"{words.get(name, name)} {on[:4]} {wan_from_fen(fen)}万元" for name, fen, on in row.content["figures"])
    return "；".join(told)


SHEET = Sheet(
    KIND,
    (
        CODE_COLUMN,
        SheetColumn("名称", "Title", word("title"), "title", width=40),
        SheetColumn("报送类别", "Kind of record", _kind, "full", width=16),
        SheetColumn("受理机关", "Filed to", lambda _actor, row: bureau_in_words(row), "full", width=28),
        SheetColumn("报送人", "Filed by", lambda _actor, row: deputised(row.filed_by, row.filed_for), "full", width=16),
        SheetColumn("次数", "Filing number", own("number"), "full", width=8),
        SheetColumn("报送内容", "What is filed", _told, "full", width=60),
        SheetColumn("金额", "Figures", _figures, "full", width=30),
        SheetColumn("内容哈希", "Hash of the content", own("content_hash"), "full", width=20),
        *record_columns(),
    ),
    related=("filed_by__record", "filed_for__record"),
)
