"""The columns in which organisations stand in a spreadsheet, and the words of their code lists."""

import dataclasses
from typing import Any

from kezhuan.areas.people.lifecycle import ORGANISATION
from kezhuan.engines.tables import Column
from kezhuan.engines.tables.match_columns import REGION_CODES
from kezhuan.exchange import columns
from kezhuan.exchange.sheets import (
    CODE_COLUMN,
    VERSION_COLUMN,
    Sheet,
    SheetColumn,
    coded,
    own,
    record_columns,
    word,
)
from kezhuan.kernel.access import Actor
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind

_KINDS = {
    "企业": "enterprise", "公司": "enterprise", "高校": "university", "高等学校": "university", "大学": "university",
    "科研院所": "institute", "研究院": "institute", "研究所": "institute", "新型研发机构": "institute",
    "医院": "hospital", "医疗卫生机构": "hospital", "科技服务机构": "agency", "服务机构": "agency", "基金": "fund",
    "政府部门": "government", "政府": "government", "社会组织": "association", "协会": "association",
    "港澳机构": "hk_macao", "港澳台机构": "hk_macao", "境外机构": "foreign",
    **{kind: kind for kind in OrganisationKind.values},
}  # fmt: skip
SHORT_NAMES = frozenset({"short_name", "证券简称", "股票简称", "公司简称"})
"""Headers under which a stock exchange lists names."""
_ID = Column("id", ("id", "code", "编号", "代码", "学校标识码", "院校代码", "证券代码", "股票代码"))
_NAME = Column(
    "name",
    ("name", "名称", "单位名称", "机构名称", "学校名称", "企业名称", "公司名称", "全称", *sorted(SHORT_NAMES)),
    required=True,
)
_NAME_EN = Column("name_en", ("name_en", "英文名称", "english name"))
_SUMMARY = Column("summary", ("summary", "简介", "单位简介", "主营业务", "description"))
_KIND = Column(
    "kind",
    ("kind", "类型", "单位类型", "机构类型", "单位性质"),
    kind="choice",
    choices=_KINDS,
    open_choices=True,
)
_REGION = Column(
    "region",
    ("region", "所在区", "地区", "district", "city", "所在地", "城市"),
    kind="choice",
    choices=REGION_CODES,
    open_choices=True,
)
_SIZES = {
    "大型": "large", "大型企业": "large", "中型": "medium", "中型企业": "medium", "小型": "small", "小型企业": "small",
    "微型": "micro", "微型企业": "micro", "medium-sized": "medium", **{size: size for size in FirmSize.values},
}  # fmt: skip
_SIZE = Column(
    "size",
    ("size", "企业规模", "划型", "企业划型", "规模类型", "企业规模类型", "规模", "size of the firm", "firm size"),
    kind="choice",
    choices=_SIZES,
    open_choices=True,
)
_COUNTRY = Column("country", ("country", "国别", "国家或地区"))
_USCC = Column("uscc", ("uscc", "统一社会信用代码", "社会信用代码", "信用代码", "unified social credit code"))
# Under “class” a list of organisations tells other things than secrecy.
_SECRECY = dataclasses.replace(
    columns.SECRECY,
    headers=tuple(one for one in columns.SECRECY.headers if one not in {"class", "classification"}),
)


def _number(_actor: Actor, row: Any) -> str:
    """The credit code, or the number of the registry abroad."""
    held = [one for one in row.record.identifiers.all() if one.active]
    return next((one.value for one in held if one.scheme == "uscc" or one.scheme.startswith("registry:")), "")


SHEET = Sheet(
    ORGANISATION.kind,
    (
        CODE_COLUMN,
        SheetColumn("编号", "id", column=_ID, hint=("名单自己的编号，可不填", "The list's own number, if it has one")),
        SheetColumn(
            "单位名称", "name", word("title"), "title", _NAME, ("title",), width=36,
            hint=("营业执照或法人证书上的全称", "The full name on the licence"),
            example=("广州某某新材料有限公司", "Some New Materials Co., Ltd."),
        ),
        SheetColumn("英文名称", "english name", word("title_en"), "title", _NAME_EN, ("title_en",), width=36),
        SheetColumn(
            "统一社会信用代码", "unified social credit code", _number, column=_USCC, width=22,
            hint=("18位；港澳台及境外机构填其注册号", "18 characters; bodies abroad give their registry number"),
        ),
        SheetColumn("类型", "kind", coded("kind", _KIND), column=_KIND, width=14, example=("企业", "enterprise")),
        SheetColumn(
            "企业规模", "size of the firm", coded("size", _SIZE), column=_SIZE, fills=("size",), width=10,
            example=("小型", "small"), hint=("仅企业填写，不清楚的不填", "Firms alone; leave empty what is not known"),
        ),
        SheetColumn(
            "所在区", "district", coded("region", _REGION), column=_REGION, width=14,
            example=("广州市黄埔区", "huangpu"),
        ),
        SheetColumn(
            "国别", "country", own("country"), column=_COUNTRY, width=8,
            hint=("境外机构填两位代码，如 HK、MO、DE", "Two letters for bodies abroad: HK, MO, DE"),
        ),
        SheetColumn("简介", "description", word("summary"), column=_SUMMARY, fills=("summary",), width=60,
                    example=("研发与生产碳化硅衬底", "Makes silicon carbide wafers")),
        SheetColumn("密级", "secrecy", column=_SECRECY),
        *record_columns(owner=False),
        VERSION_COLUMN,
    ),
    prefetch=("record__identifiers",),
)  # fmt: skip
