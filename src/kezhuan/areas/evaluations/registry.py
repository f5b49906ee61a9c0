"""The form of registration (科技成果登记) in the registry's layout: what is known here stands in it, the rest is left
empty for the unit; in Chinese, the language of the form.

Columns and their order are those of the form for applied results as field notes give them; the registry is another
office, and what it says last counts.
"""

from collections import Counter
from collections.abc import Callable

from django.utils import translation

from kezhuan.areas.achievements.models import RightKind
from kezhuan.areas.evaluations.models import Evaluation
from kezhuan.areas.evaluations.papers import report_number
from kezhuan.kernel.notices import BETWEEN, LANGUAGE

MOST_KEYWORDS = 3
GIVEN = frozenset({"批准登记号", "批准登记日期"})
"""What the registry gives itself."""
Column = tuple[str, Callable[[Evaluation], str]]


def _nothing(_row: Evaluation) -> str:
    """What is not known here."""
    return ""


def _units(row: Evaluation) -> str:
    owners = row.achievement.achievement.owners.select_related("organisation__record")
    lead = [row.record.owner.record.title] if row.record.owner is not None else []
    return BETWEEN.join([*lead, *(one.organisation.record.title for one in owners)])


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
    ("推荐单位", _nothing),
    ("批准登记日期", lambda row: row.registered_on.isoformat() if row.registered_on else ""),
    ("研究起始年月", _nothing),
    ("研究终止年月", _month),
    ("密级", lambda row: row.achievement.achievement.get_secrecy_display()),
    ("关键词", lambda row: BETWEEN.join(row.achievement.achievement.keywords[:MOST_KEYWORDS])),
    ("成果类别", lambda row: row.get_result_type_display()),
    ("成果体现形式", _nothing),
    ("成果属性", _nothing),
    ("成果所处阶段", _nothing),  # its stages are no levels of a scale of maturity, and nothing maps the two
    ("成果水平", lambda row: row.get_standing_display()),
    ("评价方式", lambda row: row.get_method_display()),
    ("评价报告编号与日期", _evaluator),
    ("课题来源与立项编号", _nothing),
    ("学科分类代码（GB/T 13745）", _nothing),
    ("应用行业代码（GB/T 4754）", _nothing),
    ("完成单位（按顺序）", _units),
    ("完成人（按顺序）", lambda row: BETWEEN.join(one.name for one in row.achievement.achievement.completers.all())),
    ("知识产权", _rights),
    ("制定标准", _nothing),
    ("应用状态", _nothing),
    ("转化意愿与方式", _nothing),
    ("投资情况", _nothing),
    ("经济效益", _nothing),
    ("转让收入", _nothing),
    ("推广应用前景", _nothing),
    ("成果简介", lambda row: row.achievement.summary),
)


def form_of(row: Evaluation) -> list[tuple[str, str]]:
    """The form as labels and texts; what is not known here is empty."""
    with translation.override(LANGUAGE):
        return [(label, str(tell(row) or "")) for label, tell in COLUMNS]
