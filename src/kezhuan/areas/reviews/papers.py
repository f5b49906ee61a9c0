"""抽取记录表: the record of a draw of experts as an official Word file; in Chinese, as such a record is."""

from datetime import datetime

from kezhuan.areas.reviews.choosing_actions import PASSED, drawing_of
from kezhuan.areas.reviews.models import Draw, Expert, ExpertSort, Panel
from kezhuan.engines.drawing import ALGORITHM, Why
from kezhuan.engines.official import CENTRE, Paper
from kezhuan.kernel.text import SHANGHAI

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
    cap = draw.terms["cap"]
    paper = Paper(f"{panel.record.code} 抽取记录表").title("评审专家抽取记录表")
    facts = (
        ("评审组", f"{panel.record.code} {panel.record.title}"),
        ("组织单位", panel.office.record.title),
        ("抽取名额", places),
        ("候选人数", f"{len(codes)}人（均已核查利益关系，与全部评审对象无冲突）"),
        ("年度上限", "未设" if cap is None else f"每人每年{cap}次"),
        ("承诺时间", _moment(draw.committed_at)),
        ("承诺值（SHA-256）", draw.committed),
        ("抽取时间", _moment(draw.drawn_at)),
        ("种子", draw.seed),
        ("见证人及见证词", f"{draw.witness}：{draw.word}"),
    )
    paper.table(facts, (42, 114))
    paper.line().line("抽取过程", at=CENTRE)
    rows = [("类别", "序号", "专家", "单位", "结果")]
    for line in held.log:
        said = SAID[Why.CAP if line.reason == PASSED else line.why]
        if line.stands_in_for:
            said += f"，递补{name(line.stands_in_for)}"
        rows.append((SORTS[ExpertSort(line.stratum)], str(line.position), name(line.uid), unit(line.uid), said))
    paper.table(rows, (26, 14, 28, 52, 36))
    paper.line()
    paper.text(
        f"算法：{ALGORITHM}。承诺值为抽取条件各行与种子一行的SHA-256；每位候选人的签号为种子、见证词、专家编号三行的"
        "SHA-256，同类中签号小者先抽中。任何人可据此重新计算。",
        "抽取人（签字）：　　　　　　见证人（签字）：　　　　　　",
    )
    return paper.written()
