"""Example parts of a record page."""

from datetime import date

from kezhuan.web import components as c
from kezhuan.web.examples.words import at, say
from kezhuan.web.templatetags.kezhuan import day, wan


def steps() -> tuple[c.StageStep, ...]:
    """A life with stages behind and ahead."""
    return (
        c.StageStep(say("提出", "Raised"), "done", date(2026, 11, 16)),
        c.StageStep(say("审核", "Reviewed"), "done", date(2026, 11, 18)),
        c.StageStep(say("发布", "Published"), "done", date(2026, 11, 20)),
        c.StageStep(say("匹配与洽谈", "Matching and talks"), "now"),
        c.StageStep(say("协议", "Agreement"), "todo"),
        c.StageStep(say("成效", "Outcome"), "todo"),
    )


def moves() -> tuple[c.OpenMove, ...]:
    """A plain move, one that asks for words, one with reasons, one that is grave."""
    reasons = (
        ("field", say("领域不符", "Different field")),
        ("trl", say("成熟度不够", "Not mature enough")),
        ("price", say("价格过高", "Too expensive")),
        ("other", say("其他", "Other")),
    )
    url = "/styleguide/moves/"
    return (
        c.OpenMove("publish", say("发布", "Publish"), url + "publish", "submitted", primary=True),
        c.OpenMove("return", say("退回修改", "Return"), url + "return", "submitted", note="required"),
        c.OpenMove(
            "refuse", say("不合适", "Not suitable"), url + "refuse", "submitted", note="optional", reasons=reasons
        ),
        c.OpenMove(
            "withdraw",
            say("撤回", "Withdraw"),
            url + "withdraw",
            "submitted",
            danger=True,
            note="optional",
            hint=say(
                "撤回后不再公开，一秒内从搜索中消失。", "It is no longer public and leaves the search within a second."
            ),
        ),
    )


def tags() -> tuple[c.Tag, ...]:
    """One tag of each tone."""
    return (
        c.Tag(say("已发布", "Published"), "ok"),
        c.Tag(say("待审核", "Waiting for review"), "wait"),
        c.Tag(say("已退回", "Returned"), "no"),
        c.Tag("TRL 7"),
    )


def facts() -> tuple[c.Fact, ...]:
    """Labels with short, long, linked and missing values."""
    return (
        c.Fact(say("编号", "Code"), "N-2026-0042"),
        c.Fact(
            say("需求单位", "Organisation"),
            say("粤芯示例半导体有限公司", "Yuexin Example Semiconductor"),
            "/styleguide/",
        ),
        c.Fact(say("技术领域", "Field"), say("电子信息", "Electronics and information")),
        c.Fact(say("预算", "Budget"), wan(200_000_000)),
        c.Fact(say("期限", "Deadline"), day(date(2027, 6, 30))),
        c.Fact(
            say("需求描述", "Description"),
            say(
                "面向 8 英寸碳化硅衬底，需要低损伤、高去除速率的抛光工艺。\n"
                "现有工艺亚表面损伤层深度约 1.2 μm，良率 71%。",
                "A low-damage polishing process with a high removal rate for 8-inch silicon carbide substrates.\n"
                "Today the sub-surface damage reaches about 1.2 μm and the yield is 71 %.",
            ),
        ),
        c.Fact(say("备注", "Remarks"), ""),
    )


def history() -> tuple[c.HistoryLine, ...]:
    """Entries by a machine, an officer and a firm."""
    bureau = say("示例市科技局", "Example Bureau of Science and Technology")
    return (
        c.HistoryLine(at(11, 22), say("系统", "System"), "", say("更新匹配", "Matches refreshed")),
        c.HistoryLine(
            at(11, 20),
            say("李审核", "Li Shenhe"),
            bureau,
            say("发布", "Published"),
            say("指标已量化，同意发布。", "The indicators are quantified; agreed."),
        ),
        c.HistoryLine(
            at(11, 18), say("陈工", "Chen Gong"), say("粤芯示例", "Yuexin Example"), say("提交", "Submitted")
        ),
    )


def documents() -> tuple[c.DocumentLine, ...]:
    """A short and a long file name."""
    long_name = say(
        "碳化硅衬底亚表面损伤检测报告（第三方，含原始数据与不确定度评定）.pdf",
        "third-party_subsurface_damage_report_with_raw_data_and_uncertainty.pdf",
    )
    return (
        c.DocumentLine(
            say("需求书.docx", "need.docx"),
            "#",
            48_200,
            say("需求书", "Need statement"),
            date(2026, 11, 16),
            say("陈工", "Chen Gong"),
        ),
        c.DocumentLine(long_name, "#", 3_480_000, say("检测报告", "Test report"), date(2026, 11, 18)),
    )


def links() -> tuple[c.LinkLine, ...]:
    """Links in both directions."""
    return (
        c.LinkLine(
            say("由此引荐", "led to"),
            "J-2026-0007",
            say("等离子体辅助抛光对接", "Plasma-assisted polishing"),
            "#",
            say("对接", "Introduction"),
        ),
        c.LinkLine(
            say("来自", "came from"),
            "V-2026-0003",
            say("走访黄埔集成电路企业", "Visit to chip makers in Huangpu"),
            "#",
            say("走访", "Visit"),
            "from",
        ),
    )


def clocks() -> tuple[c.ClockLine, ...]:
    """A term with time, one that presses, one due today, one that is past."""
    return (
        c.ClockLine(say("公示期", "Public notice"), date(2026, 12, 18), 18, working=True),
        c.ClockLine(say("华工示例团队答复约谈", "Answer of the university team"), date(2026, 11, 25), 2, working=True),
        c.ClockLine(say("补充材料", "Further papers"), date(2026, 11, 23)),
        c.ClockLine(say("专家意见", "Expert opinion"), date(2026, 11, 20), -3, overdue=True),
    )


def route() -> tuple[c.RouteStep, ...]:
    """An approval half-way."""
    return (
        c.RouteStep(
            say("处室经办", "Officer"),
            "done",
            say("李审核", "Li Shenhe"),
            date(2026, 11, 19),
            say("材料齐全。", "Complete."),
        ),
        c.RouteStep(say("处长", "Head of division"), "now", say("王处", "Wang Chu")),
        c.RouteStep(say("分管领导", "Deputy director"), "todo"),
    )
