"""The report (科技成果评价报告): what it says, frozen with its hash when it is delivered, and checked by its code; in
Chinese, the language of papers."""

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kezhuan.areas.achievements.levels import Found
from kezhuan.areas.evaluations.models import HIGHEST_ADVANCEMENT, Evaluation, Value
from kezhuan.areas.evaluations.queries import (
    agency_report,
    heard_of,
    is_own_test,
    leaves_of,
    total_of,
    weights_of,
    whole_of,
)
from kezhuan.engines.maturity import scales
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, OnPaper, code_from_typed, code_of, hash_of
from kezhuan.kernel.errors import Text
from kezhuan.kernel.filings import Content as Filed
from kezhuan.kernel.models import Record
from kezhuan.kernel.notices import BETWEEN, LANGUAGE
from kezhuan.kernel.text import clean, language, today

HEADING = "科技成果评价报告"
CHECKED_AT = "evaluation-reports/"
"""Where everybody checks a report: it stands on each, so the address stays."""
CHAIR_SIGNS = "专家组组长（签字）"
ROOM = "　" * 12
BEFORE_DELIVERY = frozenset({"报告编号", "出具日期", "核验", CHAIR_SIGNS})
"""Lines that only a delivered report has."""
MARKED, TOTAL = "五元价值与转化潜力评分", "总分"
"""Where a report tells its marks, and how the line of their total begins."""
Lines = list[tuple[str, str]]


def figure(value: Decimal) -> str:
    """A measured figure without trailing zeros."""
    return f"{value.normalize():f}"


def level_words(row: Evaluation, level: int | None) -> str:
    """A level in words with its scale; empty for none."""
    if level is None:
        return ""
    return scales()[row.scale].say(level).say(language())


def scale_words(row: Evaluation) -> str:
    """The scale by its name."""
    return scales()[row.scale].words.say(language())


def item_lines(row: Evaluation) -> list[str]:
    """The tree, a line for each item."""
    told, leaves = [], leaves_of(row)
    for one in row.items.all():
        core = _("core") if one.core else _("not core")
        none = _("no level") if one.code in leaves else _("by those below")
        told.append(f"{one.code} {one.name} · {core} · {level_words(row, one.level) or none}")
    return told


def evidence_lines(row: Evaluation) -> list[str]:
    """What shows the levels, a line for each piece."""
    said = _("shows level %(level)s")
    return [
        f"{item.code} · {one.get_kind_display()} {one.reference} · {one.issuer} · {one.on.isoformat()} · "
        + said % {"level": one.level}
        + (f" · {_('by the unit itself')}" if is_own_test(row, one) else "")
        for item in row.items.all()
        for one in item.evidence.all()
    ]


def novelty_of(row: Evaluation) -> tuple[str, str, str]:
    """Number, issuer and day of the report of novelty (查新报告)."""
    return row.novelty_reference, row.novelty_issuer, row.novelty_on.isoformat() if row.novelty_on else ""


def metric_lines(row: Evaluation) -> list[str]:
    """The metrics, a line for each."""
    said = _("%(name)s: own %(own)s, best competitor %(best)s (%(rival)s); test method %(test)s; source %(source)s")
    return [
        said
        % {
            "name": one.name,
            "own": f"{figure(one.own)}{one.unit}",
            "best": f"{figure(one.best)}{one.unit}",
            "rival": one.rival,
            "test": one.test_method,
            "source": one.source,
        }
        for one in row.metrics.all()
    ]


def advancement_words(grade: int | None) -> str:
    """A grade of advancement with the two ends of its ladder, whose other words were not read."""
    if grade is None:
        return ""
    return _("%(grade)s of %(most)s (1: below the domestic average, 7: better than the best in the world)") % {
        "grade": grade,
        "most": HIGHEST_ADVANCEMENT,
    }


def mark_lines(row: Evaluation) -> list[str]:
    """The marks by value with their weights, where such are in force, and the weighted total: of a report that is
    delivered by the weights of that day."""
    weights = weights_of(row, None if row.record.stage == "evaluating" else row.delivered_on)
    lines = []
    for name, label in Value.choices:
        if name in row.marks or name in weights:
            mark = figure(Decimal(row.marks[name]) / 100) if name in row.marks else "–"
            weight = f" × {weights[name].value / 100:g}%" if name in weights else ""
            lines.append(f"{label} {mark}{weight}")
    if not lines:
        return []
    total = total_of(row.marks, weights)
    last = _("No weights are in force for this class and purpose: no total is made.")
    why = [_("Not the experts' means: %(why)s") % {"why": row.marks_why}] if row.marks_why else []
    return [*lines, _("Total %(total)s") % {"total": f"{total:.2f}"} if total is not None else last, *why]


def _panel_lines(row: Evaluation) -> Lines:
    heard = heard_of(row)
    if heard is None:
        return []
    item, panel = heard.item, heard.item.panel
    minutes = "　".join(filter(None, (panel.minutes_no, in_words(panel.met_on) if panel.met_on else "")))
    advised = {True: "评审组建议支持", False: "评审组不建议支持", None: ""}[item.advised]
    score = f"{item.result['score']}（有效评分专家{heard.experts}人）" if item.result else ""
    return [
        ("评审组", panel.record.code),
        ("专家评分", score),
        ("评审组意见", "；".join(filter(None, (advised, item.opinion)))),
        ("会议纪要", minutes),
        ("专家组组长", row.chair),
    ]


def _agency_lines(row: Evaluation) -> Lines:
    """The agency that the unit chose, by which contract, and the hash of its own report."""
    if row.agency is None:
        return []
    file = agency_report(row)
    return [
        ("第三方评价机构", row.agency.record.title),
        ("委托合同号", row.agency_contract),
        ("机构评价报告（SHA-256）", file.sha256 if file is not None else ""),
    ]


def report_number(row: Evaluation) -> str:
    """The number of the report: the case's, and from the second on which one of it this is."""
    return f"{row.record.code}-{len(row.earlier) + 1}"


def found_by_report(achievement: Record) -> Found | None:
    """The level that the last report on an achievement found which its unit had made and which holds today."""
    rows = Evaluation.objects.filter(
        achievement=achievement.pk, record__owner=achievement.owner_id, valid_to__gte=today(), level__isnull=False
    )
    rows = rows.filter(record__stage__in=("delivered", "registered")).select_related("record")
    row = rows.order_by("-delivered_on", "-pk").first()
    if row is None or row.level is None:
        return None
    return Found(row.level, row.scale, level_words(row, row.level), report_number(row))


def report_of(row: Evaluation, on: date | None = None) -> Lines:
    """The report as it would be delivered on a day, as labels and texts."""
    owner, about = row.record.owner, row.achievement.achievement
    whole = whole_of(row)[0]
    weakest = BETWEEN.join(whole.weakest) if whole is not None else ""
    with translation.override(LANGUAGE):
        lines = [
            ("报告编号", report_number(row)),
            ("成果名称", f"{row.achievement.title}（{row.achievement.code}）"),
            ("完成单位", BETWEEN.join([owner.record.title] if owner is not None else [])),
            ("完成人", BETWEEN.join(one.name for one in about.completers.all())),
            ("成果类型", row.get_result_type_display()),
            ("评价目的", row.get_purpose_display()),
            ("评价方式", row.get_method_display()),
            *_agency_lines(row),
            ("评价内容", row.record.summary),
            ("工作分解单元", "\n".join(item_lines(row))),
            ("成熟度等级表", f"{scale_words(row)}；{scales()[row.scale].source}" if whole is not None else ""),
            ("整体成熟度", level_words(row, whole.level) if whole is not None else ""),
            ("决定整体成熟度的核心单元", weakest),
            ("整体成熟度的规则", whole.rule.zh if whole is not None else ""),
            ("佐证材料", "\n".join(evidence_lines(row))),
            ("查新报告", BETWEEN.join(filter(None, novelty_of(row)))),
            ("指标对标", "\n".join(metric_lines(row))),
            ("创新度", str(row.get_innovation_display() or "")),
            ("先进度", advancement_words(row.advancement)),
            ("成果水平", str(row.get_standing_display() or "")),
            (MARKED, "\n".join(mark_lines(row))),
            *_panel_lines(row),
            ("评价结论", row.conclusion),
            ("报告的适用范围与限制", row.limits),
            ("有效期至", in_words(row.valid_to) if row.valid_to is not None else ""),
            (CHAIR_SIGNS, f"{row.chair}：{ROOM}" if row.chair else ""),
            ("出具日期", in_words(on or today())),
            ("核验", f"{settings.SITE_URL}/{CHECKED_AT}（凭报告编号与页脚版本码）"),
        ]
    return [(label, str(text)) for label, text in lines if text]


def wording_of(report: Lines) -> str:
    """The SHA-256 of a report's lines."""
    canonical = json.dumps([list(one) for one in report], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def printed(row: Evaluation) -> Content:
    """The report as it was delivered; before that, what would be said today, which is no report and says so."""
    if not row.report:
        lines = [one for one in report_of(row) if one[0] not in BEFORE_DELIVERY]
        return Content("科技成果评价材料（未出具报告）", row.record.code, tuple(lines))
    lines = [(label, text) for label, text in row.report]
    return Content(HEADING, dict(lines)["报告编号"], (*lines, ("报告文本哈希（SHA-256）", row.wording)))


PAPER = OnPaper(HEADING, "achievement", lambda row: str(row.record.owner.record.title), printed, only=Q(pk__in=()))
"""It lies in no achievement's archive folder, whose keepers do not read what a unit keeps inside."""


def cited(row: Evaluation) -> str:
    """How another paper names a delivered report, as it was frozen: number and code, maturity, and the weighted total
    where one was made; in Chinese, the language of papers."""
    said = dict(row.report)
    totals = [line for line in said.get(MARKED, "").splitlines() if line.startswith(TOTAL)]
    with translation.override(LANGUAGE):
        parts = [level_words(row, row.level), *totals]
    named = f"{HEADING} {report_number(row)}（版本码 {code_on_report(row)}）"
    return f"{named}：{'；'.join(one for one in parts if one)}" if any(parts) else named


def code_on_report(row: Evaluation) -> str:
    """The code that stands at the foot of the report; empty before delivery."""
    return code_of(hash_of(row.record, printed(row))) if row.report else ""


class Worth(StrEnum):
    """What a report is worth now."""

    VALID = "valid"
    EXPIRED = "expired"
    APPEALED = "appealed"

    @property
    def words(self) -> Text:
        """In the reader's language."""
        return _WORDS[self]


_WORDS: dict[Worth, Text] = {
    Worth.VALID: gettext_lazy("This report stands."),
    Worth.EXPIRED: gettext_lazy("This report was delivered here; its term is over."),
    Worth.APPEALED: gettext_lazy("This report was set aside on an appeal, and holds no more."),
}


@dataclass(frozen=True)
class Checked:
    """A report as somebody found it: what it says (nothing of one that was set aside), and what it is worth."""

    number: str
    worth: Worth
    lines: Lines


def check_report(number: str, code: str) -> Checked | None:
    """The report of a number with the code at the foot of its pages; None when the two are of none."""
    number, typed = clean(number).replace(" ", "").upper(), code_from_typed(code)
    rows = Evaluation.objects.select_related("record")
    row = rows.filter(record__code=number.rpartition("-")[0]).first()
    if row is None or not typed:
        return None
    if [number, typed] in row.earlier:
        return Checked(number, Worth.APPEALED, [])
    if number != report_number(row) or code_on_report(row) != typed:
        return None
    over = row.valid_to is not None and row.valid_to < today()
    return Checked(number, Worth.EXPIRED if over else Worth.VALID, [(label, text) for label, text in row.report])


def filed(row: Evaluation) -> Filed:
    """What the evaluators are handed: the case as it stands, with its tree, evidence and metrics."""
    lines = [one for one in report_of(row) if one[0] not in {*BEFORE_DELIVERY, "评价内容"}]
    return Filed(subject=row.record.title, facts=lines, text=row.record.summary)
