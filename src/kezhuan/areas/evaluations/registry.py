"""The form of registration (科技成果登记) in the registry's layout: what is known here stands in it, the rest as
its unit fills it in; in Chinese, the language of the form.

Columns and their order are those of the form for applied results as field notes give them; the registry is another
office, and what it says last counts.
"""

from collections import Counter
from collections.abc import Callable

from django.utils import translation

from kezhuan.areas.achievements.models import RightKind
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.papers import report_number
from kezhuan.areas.evaluations.registered_form import NAMES
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.notices import BETWEEN, LANGUAGE
from kezhuan.kernel.text import wan_from_fen

MOST_KEYWORDS = 3
GIVEN = frozenset({"批准登记号", "批准登记日期"})
"""What the registry gives itself."""
Column = tuple[str, Callable[[Evaluation], str]]


def _said(name: str) -> Callable[[Evaluation], str]:
    """What the unit says in a field of the form; a choice by its words, money in 万元."""
    one = NAMES[name]

    def tell(row: Evaluation) -> str:
        value = row.registration.get(name)
        if value is None:
            return ""
        if one.choices is not None:
            return str(one.choices(value).label)
        return f"{wan_from_fen(value)}万元" if one.money else str(value)

    return tell


def _joined(*names: str) -> Callable[[Evaluation], str]:
    """Several fields that stand in one column, each by its name."""

    def tell(row: Evaluation) -> str:
        told = ((str(NAMES[name].label), _said(name)(row)) for name in names)
        return "\n".join(f"{label}：{value}" for label, value in told if value)

    return tell


def _applied(row: Evaluation) -> str:
    return "：".join(filter(None, (_said("application")(row), _said("not_applied_why")(row))))


def _units(row: Evaluation) -> str:
    owners = row.achievement.achievement.owners.select_related("organisation__record")
    lead = [_with_nature(row.record.owner)] if row.record.owner is not None else []
    return BETWEEN.join([*lead, *(_with_nature(one.organisation) for one in owners)])


def _with_nature(unit: Organisation) -> str:
    return f"{unit.record.title}（{unit.get_kind_display()}）"


def _rights(row: Evaluation) -> str:
    counted = Counter((one.kind, one.get_status_display()) for one in row.achievement.achievement.rights.all())
    return BETWEEN.join(
        f"{RightKind(kind).label}{status}{number}" for (kind, status), number in sorted(counted.items())
    )


def _month(row: Evaluation) -> str:
    done = row.achievement.achievement.completed_on
    return f"{done:%Y-%m}" if done is not None else ""


def _evaluator(row: Evaluation) -> str:
    return " ".join(filter(None, (report_number(row), row.delivered_on.isoformat() if row.delivered_on else "")))


COLUMNS: tuple[Column, ...] = (
    ("成果名称", lambda row: row.achievement.title),
    ("批准登记号", lambda row: row.reg_no),
    ("推荐单位", _said("recommended_by")),
    ("批准登记日期", lambda row: row.registered_on.isoformat() if row.registered_on else ""),
    ("研究起始年月", _said("begun_on")),
    ("研究终止年月", _month),
    ("密级", lambda row: row.achievement.achievement.get_secrecy_display()),
    ("关键词", lambda row: BETWEEN.join(row.achievement.achievement.keywords[:MOST_KEYWORDS])),
    ("成果类别", lambda row: row.get_result_type_display()),
    ("成果体现形式", _said("shape")),
    ("成果属性", _said("attribute")),
    ("成果所处阶段", _said("phase")),
    ("成果水平", lambda row: row.get_standing_display()),
    ("评价方式", lambda row: row.get_method_display()),
    ("评价报告编号与日期", _evaluator),
    ("课题来源与立项编号", _said("origin")),
    ("学科分类代码（GB/T 13745）", _said("subject")),
    ("应用行业代码（GB/T 4754）", _said("industry")),
    ("完成单位（按顺序）", _units),
    ("完成人（按顺序）", lambda row: BETWEEN.join(one.name for one in row.achievement.achievement.completers.all())),
    ("知识产权", _rights),
    ("制定标准", _said("standards")),
    ("应用状态", _applied),
    ("转化意愿与方式", _said("conversion")),
    ("投资情况", _said("investment")),
    ("经济效益", _joined("output_fen", "profit_fen", "tax_fen", "saved_fen", "foreign_exchange")),
    ("转让收入", _said("transfer_fen")),
    ("推广应用前景", _said("outlook")),
    ("成果简介", lambda row: row.achievement.summary),
)


def form_of(row: Evaluation) -> list[tuple[str, str]]:
    """The form as labels and texts; what is not known here is empty."""
    with translation.override(LANGUAGE):
        return [(label, str(tell(row) or "")) for label, tell in COLUMNS]
