"""Reviews on paper, in Chinese: the record of a draw of experts (抽取记录表) as an official Word file, and what is
printed of a panel and of an expert's scores (评分表) for the case's folder."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils import translation

from kezhuan.areas.reviews.asking import exchanged_in
from kezhuan.areas.reviews.choosing_actions import PASSED, drawing_of, unasked_in
from kezhuan.areas.reviews.models import Draw, Expert, ExpertSort, Inquiry, Panel, PanelItem, Review, Sheet
from kezhuan.areas.reviews.queries import on_panel
from kezhuan.areas.reviews.results import total_of
from kezhuan.engines.drawing import ALGORITHM, Why
from kezhuan.engines.money import yuan
from kezhuan.engines.official import CENTRE, SIZE_5, Paper
from kezhuan.exchange.papers.fields import in_words
from kezhuan.exchange.papers.printing import Content, OnPaper
from kezhuan.kernel.models import Entry, Message, MessageState
from kezhuan.kernel.text import SHANGHAI
from kezhuan.kernel.vocabulary import Field

SORTS = {ExpertSort.TECHNICAL: "技术专家", ExpertSort.ENTERPRISE: "企业专家", ExpertSort.FINANCE: "财务专家"}
SAID = {Why.DRAWN: "抽中", Why.DECLINED: "抽中，未参加", Why.CAP: "已达年度上限，顺延"}


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%Y年%m月%d日 %H:%M:%S}" if at is not None else ""


def draw_record(panel: Panel, draw: Draw) -> bytes:
    """The bytes of the file: terms, commitment, seed, witness, and every step of the draw."""
    held = drawing_of(draw)
    codes = [one[0] for one in draw.terms["pool"]]
    experts = Expert.objects.filter(record__code__in=codes).select_related(
        "record", "person__record", "employer__record"
    )
    known = {one.record.code: one for one in experts}

    def name(code: str) -> str:
        return known[code].person.record.title if code in known else code

    def unit(code: str) -> str:
        employer = known[code].employer if code in known else None
        return employer.record.title if employer is not None else ""

    places = "；".join(f"{SORTS[ExpertSort(sort)]}{number}名" for sort, number in sorted(draw.terms["places"].items()))
    with translation.override("zh-hans"):
        fields = "、".join(str(Field(one).label) for one in draw.terms.get("fields", ()))
    cap, unasked = draw.terms["cap"], set(unasked_in(draw, held))
    paper = Paper(f"{panel.record.code} 抽取记录表").title("评审专家抽取记录表")
    facts = (
        ("评审组", f"{panel.record.code} {panel.record.title}"),
        ("组织单位", panel.office.record.title),
        ("抽取名额", places),
        ("候选人数", f"{len(codes)}人（均已核查利益关系，与全部评审对象无冲突）"),
        *((("技术专家须熟悉的领域", fields),) if fields else ()),
        ("年度上限", "未设" if cap is None else f"每人每年{cap}次"),
        ("承诺时间", _moment(draw.committed_at)),
        ("承诺值（SHA-256）", draw.committed),
        ("抽取时间", _moment(draw.drawn_at)),
        ("种子", draw.seed),
        ("见证人及见证词", f"{draw.witness}：{draw.word}"),
    )
    paper.table(facts, (42, 114))
    paper.line().line("抽取过程", at=CENTRE)
    rows = [("类别", "序号", "专家", "单位", "结果", "通知与答复")]
    confirmed = _confirmed(panel)
    for line in held.log:
        said = SAID[Why.CAP if line.reason == PASSED else line.why]
        said = "待递补" if line.uid in unasked else said
        if line.stands_in_for:
            said += f"，递补{name(line.stands_in_for)}"
        rows.append((SORTS[ExpertSort(line.stratum)], str(line.position), name(line.uid), unit(line.uid), said,
                     confirmed.get(line.uid, "")))  # fmt: skip
    paper.table(rows, (20, 12, 24, 40, 26, 34))
    paper.line()
    paper.text(
        f"算法：{ALGORITHM}。承诺值为抽取条件各行与种子一行的SHA-256；每位候选人的签号为种子、见证词、专家编号三行的"
        "SHA-256，同类中签号小者先抽中。任何人可据此重新计算。",
        "抽取人（签字）：　　　　　　见证人（签字）：　　　　　　",
    )
    return paper.written()


ANSWERS = {"review.take-on": "接受", "review.turn-down": "不参加"}


def _confirmed(panel: Panel) -> dict[str, str]:
    """By the code of each expert who was drawn by which way and when they were asked, and when they answered."""
    seats = Review.objects.filter(panel=panel.pk, drawn_on__isnull=False).values_list("pk", "expert__record__code")
    codes = dict(seats)
    told = {one.key: one for one in Message.objects.filter(key__in=[f"review:{pk}" for pk in codes])}
    answers = Entry.objects.filter(record__in=list(codes), kind__in=list(ANSWERS)).order_by("seq")
    answered = {one.record_id: f"{ANSWERS[one.kind]} {_moment(one.at)}" for one in answers}
    found = {}
    with translation.override("zh-hans"):
        for pk, code in codes.items():
            sent = told.get(f"review:{pk}")
            is_sent = sent is not None and sent.state == MessageState.SENT
            words = (
                f"{sent.get_channel_display()} {_moment(sent.ended_at)}" if sent is not None and is_sent else "未送达"
            )
            found[code] = "；".join(filter(None, (words, answered.get(pk, ""))))
    return found


def fee_sheet(panel: Panel, paid: Sequence[tuple[Review, int, tuple[str, str]]]) -> bytes:
    """专家费发放表: the bytes of the file, of each review that is paid or judged something with how many items and
    where the money goes; amounts in yuan, with room for signatures."""
    paper = Paper(f"{panel.record.code} 专家费发放表").title("专家费发放表")
    facts = (("评审组", f"{panel.record.code} {panel.record.title}"), ("组织单位", panel.office.record.title))
    paper.table(facts, (30, 126)).line()
    rows = [("序号", "专家", "单位", "评审项数", "金额（元）", "开户行及账号", "签字")]
    for number, (one, judged, account) in enumerate(paid, 1):
        employer = one.expert.employer.record.title if one.expert.employer is not None else ""
        fee = yuan(one.fee_fen) if one.fee_fen is not None else ""
        name, where = one.expert.person.record.title, "　".join(filter(None, account))
        rows.append((str(number), name, employer, str(judged), fee, where, ""))
    total = sum(one.fee_fen or 0 for one, _judged, _account in paid)
    rows.append(("合计", "", "", str(sum(judged for _one, judged, _account in paid)), yuan(total), "", ""))
    paper.table(rows, (12, 22, 34, 14, 24, 30, 20), SIZE_5).line()
    return paper.text("制表人（签字）：　　　　　　审核人（签字）：　　　　　　日期：").written()


def printed_panel(row: Panel) -> Content:
    """What a panel was about, by which criteria and whom it judged, how they were drawn, and what it advises."""
    agency = row.agency.record.title if row.agency is not None else ""
    draw = Draw.objects.filter(panel=row).first()
    items = row.items.select_related("record__owner__record").order_by("number")
    return Content(
        row.record.title,
        f"评审组 {row.record.code}",
        (
            ("评审对象", f"{row.about.title}（{row.about.code}）"),
            ("组织单位", row.office.record.title),
            ("受托专业机构", agency),
            ("匿名方式", row.get_scheme_display()),
            ("专家产生方式", row.get_choice_display()),
            ("评审标准", "\n".join(f"{one['name']}　权重{one['weight'] / 100:g}%" for one in row.criteria)),
            *((("抽取承诺值（SHA-256）", draw.committed), ("抽取时间", _moment(draw.drawn_at))) if draw else ()),
            ("评审专家", "\n".join(_expert(one) for one in on_panel(row))),
            *((f"第{one.number}项", _judged(one)) for one in items),
            *((f"第{one.sheet.item.number}项提问", _exchanged(one)) for one in exchanged_in(row)),
            ("出席专家", "\n".join(_expert(one) for one in on_panel(row) if one.number in row.attended)),
            ("其他出席人员", row.also_there),
            ("会议记录", row.minutes),
            ("会议纪要", "　".join(filter(None, (row.minutes_no, in_words(row.met_on))))),
        ),
    )


def _exchanged(one: Inquiry) -> str:
    """A question by the number of its expert, and the applicant's answer."""
    return f"{one.sheet.review.number}号专家：{one.words}\n答复：{one.answer or '未答复'}"


def _expert(row: Review) -> str:
    employer = row.expert.employer
    unit = employer.record.title if employer is not None else ""
    return "　".join(filter(None, (f"{row.number}号", row.expert.person.record.title, unit)))


def _judged(item: PanelItem) -> str:
    """An item with its score and rank, whether the panel advises it, and why."""
    owner = item.record.owner
    unit = f"，{owner.record.title}" if owner is not None else ""
    score = f"得分{item.result['score']}，第{item.rank}名" if item.result else ""
    advised = "" if item.advised is None else "评审组建议支持" if item.advised else "评审组不建议支持"
    title = f"{item.record.title}（{item.record.code}{unit}）"
    return "\n".join(filter(None, (title, score, advised, item.opinion)))


def printed_review(row: Review) -> Content:
    """What an expert gave to each item by criterion. Items stand by their numbers alone: it is the expert's own paper,
    who does not learn the names in a blind panel."""
    sheets = row.sheets.filter(submitted_at__isnull=False, recused="").select_related("item", "review")
    return Content(
        "专家评分表",
        f"评审任务 {row.record.code}",
        (
            ("评审组", f"{row.panel.record.title}（{row.panel.record.code}）"),
            ("评审专家", f"{row.number}号　{row.expert.person.record.title}"),
            *((f"第{one.item.number}项", _marked(row.panel, one)) for one in sheets),
        ),
    )


def _marked(panel: Panel, sheet: Sheet) -> str:
    names = (one["name"] for one in panel.criteria)
    lines = (f"{name}：{mark}分　{said}" for name, mark, said in zip(names, sheet.marks, sheet.words, strict=True))
    return "\n".join((f"总分{total_of(panel, sheet)}", *lines))


PANEL_PAPER = OnPaper("评审", "about", lambda row: str(row.office.record.title), printed_panel)
REVIEW_PAPER = OnPaper(
    "专家评分表",
    "panel",
    lambda row: str(row.expert.person.record.title),
    printed_review,
    only=Q(pk__in=Sheet.objects.filter(submitted_at__isnull=False, recused="").values("review")),
)
"""Of experts who handed nothing in there is no paper."""
