"""What the form of registration (科技成果登记) asks beyond what is known here: its fields, what they may hold, and what
is wrong with them. Tables of choices are those that field notes give whole; a code of another standard (学科, 行业) and
a table that is not known whole is written in words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from kezhuan.engines.money import MOST_FEN
from kezhuan.kernel.errors import Problem, Text
from kezhuan.kernel.text import clean

MONTH = re.compile(r"(19|20)\d\d-(0[1-9]|1[0-2])")
SHORT, LONG = 200, 2000


class ResultAttribute(models.TextChoices):
    """成果属性."""

    ORIGINAL = "original", _("original innovation (原始性创新)")
    ABSORBED = "absorbed", _("innovation on what was imported and absorbed (国外引进消化吸收创新)")
    SECOND = "second", _("second development of domestic technology (国内技术二次开发)")


class ResultPhase(models.TextChoices):
    """成果所处阶段: no levels of a scale of maturity, and nothing maps the two."""

    EARLY = "early", _("early: laboratory and small trial (初期阶段)")
    MIDDLE = "middle", _("middle (中期阶段)")
    MATURE = "mature", _("mature application (成熟应用阶段)")


class ResultUse(models.TextChoices):
    """应用状态."""

    INDUSTRIAL = "industrial", _("industrialised (产业化应用)")
    BATCH = "batch", _("small batch or small scale (小批量或小范围应用)")
    TRIAL = "trial", _("trial (试用)")
    NONE = "none", _("not applied (未应用)")


@dataclass(frozen=True)
class FormField:
    """A field of the form: its name, what it is called, of which choices it is one, whether it is money in 分, or a
    month, and how long its words may be."""

    name: str
    label: Text
    choices: type[models.TextChoices] | None = None
    money: bool = False
    month: bool = False
    most: int = SHORT
    hint: Text = ""


FIELDS = (
    FormField("recommended_by", _("Recommended by (推荐单位)")),
    FormField("begun_on", _("Research begun in (研究起始年月)"), month=True, hint="2024-03"),
    FormField(
        "shape", _("What it is (成果体现形式)"), hint=_("One: 新技术, 新产品, 新工艺 or another one of the form.")
    ),
    FormField("attribute", _("How it came about (成果属性)"), ResultAttribute),
    FormField("phase", _("Phase (成果所处阶段)"), ResultPhase),
    FormField("origin", _("Source and number of the project (课题来源与立项编号)")),
    FormField("subject", _("Code of the subject, GB/T 13745 (学科分类代码)")),
    FormField("industry", _("Code of the industry, GB/T 4754 (应用行业代码)")),
    FormField("standards", _("Standards made of it (制定标准)"), most=LONG),
    FormField("application", _("Applied how far (应用状态)"), ResultUse),
    FormField("not_applied_why", _("Why it is not applied (未应用原因)"), most=LONG),
    FormField("conversion", _("Wish and way of conversion (转化意愿与方式)"), most=LONG),
    FormField("investment", _("Investment by source (投资情况)"), most=LONG, hint=_("Each source with its amount.")),
    FormField("output_fen", _("New output (新增产值)"), money=True),
    FormField("profit_fen", _("New profit (新增利润)"), money=True),
    FormField("tax_fen", _("New tax (新增税收)"), money=True),
    FormField("saved_fen", _("Saved (节支总额)"), money=True),
    FormField("foreign_exchange", _("Foreign exchange earned (创汇), with its currency")),
    FormField("transfer_fen", _("Income from transfers (转让收入)"), money=True),
    FormField("outlook", _("Outlook of its use (推广应用前景)"), most=LONG),
)
"""In the order of the form."""
NAMES = {one.name: one for one in FIELDS}


def kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of what was entered: the fields that say something, texts cleaned."""
    told = {name: clean(value) if isinstance(value, str) else value for name, value in values.items() if name in NAMES}
    return {name: value for name, value in told.items() if value not in (None, "")}


def check(values: Mapping[str, Any], completed_on: date | None) -> list[Problem]:
    """What is wrong with the values of the form as they are kept; nothing is asked for, but why it is not applied."""
    found = []
    for name, value in values.items():
        one = NAMES[name]
        if one.choices is not None and value not in one.choices.values:
            found.append(Problem("choice-unknown", _say("Choose from the list."), name))
        elif one.money and not (isinstance(value, int) and 0 <= value <= MOST_FEN):
            found.append(Problem("amount-negative", _say("An amount is not below zero."), name))
        elif one.month and not MONTH.fullmatch(value):
            found.append(Problem("month-unknown", _say("Write the month as 2024-03."), name))
        elif one.month and completed_on is not None and value > f"{completed_on:%Y-%m}":
            message = _say("Research began before the result was completed: %(month)s at the latest.")
            found.append(Problem("month-later", message % {"month": f"{completed_on:%Y-%m}"}, name))
        elif isinstance(value, str) and len(value) > one.most:
            found.append(Problem("text-long", _say("At most %(most)s characters.") % {"most": one.most}, name))
    if values.get("application") == ResultUse.NONE and not values.get("not_applied_why"):
        found.append(Problem("reason-missing", _say("Say why it is not applied."), "not_applied_why"))
    return found
