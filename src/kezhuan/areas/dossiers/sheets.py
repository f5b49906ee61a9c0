"""The columns in which dossiers stand in a spreadsheet."""

from typing import Any

from kezhuan.areas.dossiers.lifecycle import DOSSIER
from kezhuan.areas.dossiers.models import DossierSort
from kezhuan.engines.tables import Column
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    ID_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    coded,
    own,
    record_columns,
    wan,
    word,
)
from kezhuan.kernel.access import Actor

_SORT = Column(
    "sort",
    ("sort", "材料类别", "类别", "材料类型"),
    kind="choice",
    choices={
        "单独台账": "ledger", "专账": "ledger", "台账": "ledger", "separate ledger": "ledger",
        "定价": "price", "价格": "price", "pricing": "price", "收入": "income", "收益": "income", "income": "income",
        "集体决策纪要": "minutes", "会议纪要": "minutes", "纪要": "minutes",
        "minutes of the collective decision": "minutes", "minutes": "minutes", "合同": "contract",
        "contract": "contract", "尽职免责": "exemption", "免责": "exemption", "exemption": "exemption",
        **{sort: sort for sort in DossierSort.values},
    },
)  # fmt: skip
_NUMBER = Column("number", ("number", "文号", "合同编号", "纪要编号", "文件编号"))
_ON = Column("on", ("on", "材料日期", "日期", "签订日期", "day of the paper"), kind="date")
_AMOUNT = Column("amount", ("amount", "金额", "合同金额", "到账金额"), kind="money_wan", low=0)
_ABOUT = Column("about", ("related achievement", "about", "相关成果", "相关成果编号", "所涉成果"))


def _about(_actor: Actor, row: Any) -> str:
    return row.about.code if row.about is not None else ""


SHEET = Sheet(
    DOSSIER.kind,
    (
        CODE_COLUMN,
        ID_COLUMN,
        SheetColumn(
            "名称", "title", word("title"), "title", columns.TITLE, ("title",), width=40,
            hint=("最多200字", "At most 200 characters"),
            example=("碳化硅抛光技术许可合同", "Licence contract on polishing of silicon carbide"),
        ),
        SheetColumn(
            "材料类别", "sort", coded("sort", _SORT), column=_SORT, fills=("sort",), width=16,
            hint=("决定本单位哪些角色可见", "Decides in which roles your members read it"),
            example=("合同", "contract"),
        ),
        SheetColumn("文号", "number", own("number"), column=_NUMBER, fills=("number",), width=20),
        SheetColumn(
            "材料日期", "day of the paper", own("on"), column=_ON, fills=("on",), width=12,
            example=("2026-03-18", "2026-03-18"),
        ),
        SheetColumn(
            "金额(万元)", "amount (万元)", wan("amount_fen"), column=_AMOUNT, fills=("amount_fen",), width=14,
            example=(120, 120),
        ),
        SheetColumn(
            "相关成果编号", "related achievement", _about, column=_ABOUT, fills=("about",), width=16,
            hint=("本单位成果的平台编号", "The platform code of an achievement of your own"),
        ),
        SheetColumn("内容", "what it says", word("summary"), column=columns.TEXT, fills=("summary",), width=60),
        SheetColumn("密级", "classification", column=columns.SECRECY, width=10),
        *record_columns(),
        VERSION_COLUMN,
    ),
    related=("about",),
)  # fmt: skip
