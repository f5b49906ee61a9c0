"""Example lists, tables, figures and charts."""

from datetime import date

from kezhuan.web import components as c
from kezhuan.web.examples.record import clocks
from kezhuan.web.examples.words import at, marked, say
from kezhuan.web.templatetags.kezhuan import wan


def results() -> tuple[c.ResultLine, ...]:
    """A need, and an achievement with a very long name."""
    need, achievement = say("需求", "need"), say("成果", "achievement")
    text = say(
        "需要低损伤、高去除速率的抛光工艺，粗糙度 Ra ≤ 0.2 nm。",
        "A low-damage polishing process with a high removal rate; roughness Ra ≤ 0.2 nm.",
    )
    long_title = say(
        "基于多源异构数据融合与数字孪生的城市地下综合管廊燃气泄漏早期预警、溯源定位及联动处置关键技术研究与规模化工程应用示范",
        "Early warning, source location and co-ordinated response for gas leaks in urban utility tunnels, "
        "based on the fusion of heterogeneous data and digital twins",
    )
    return (
        c.ResultLine(
            say("大尺寸碳化硅衬底低损伤抛光工艺", "Low-damage polishing of large silicon carbide substrates"),
            "#",
            "N-2026-0042",
            need,
            (c.Tag(say("已发布", "Published"), "ok"),),
            (say("粤芯示例半导体", "Yuexin Example Semiconductor"), say("黄埔区", "Huangpu"), wan(200_000_000)),
            marked(text, "抛光", "polishing"),
            date(2026, 11, 20),
        ),
        c.ResultLine(
            long_title,
            "#",
            "A-2026-0311",
            achievement,
            (c.Tag("TRL 8"),),
            (say("示例城市大学", "Example City University"),),
            None,
            date(2026, 11, 19),
        ),
    )


def facets() -> tuple[c.Facet, ...]:
    """A short facet with a choice, and one long enough to fold."""
    districts = say(
        "荔湾区 越秀区 海珠区 天河区 白云区 黄埔区 番禺区 花都区 南沙区 从化区 增城区",
        "Liwan Yuexiu Haizhu Tianhe Baiyun Huangpu Panyu Huadu Nansha Conghua Zengcheng",
    ).split()
    return (
        c.Facet(
            "kind",
            say("类型", "Kind"),
            (
                c.FacetOption(say("需求", "Needs"), 128, "?kind=need", on=True),
                c.FacetOption(say("成果", "Achievements"), 1284, "?kind=achievement"),
            ),
        ),
        c.Facet(
            "region",
            say("地区", "District"),
            tuple(c.FacetOption(name, 40 - 3 * i, f"?region={i}") for i, name in enumerate(districts)),
        ),
    )


def table() -> c.TableView:
    """Words, figures and tags."""
    columns = (
        c.Column(say("指标", "Indicator")),
        c.Column(say("检测方法", "Method")),
        c.Column(say("现状", "Today"), numeric=True),
        c.Column(say("要求", "Required"), numeric=True),
        c.Column(say("状态", "State")),
    )
    ok = c.Tag(say("已量化", "Quantified"), "ok")
    return c.TableView(
        columns,
        (
            (say("表面粗糙度 Ra（nm）", "Surface roughness Ra (nm)"), "AFM", "1.20", "≤ 0.20", c.Cell("", tag=ok)),
            (
                say("去除速率（μm/h）", "Removal rate (μm/h)"),
                say("称重法", "weighing"),
                "0.85",
                "≥ 3.00",
                c.Cell("", tag=ok),
            ),
            (
                say("单片成本（元）", "Cost per wafer (CNY)"),
                c.Cell(say("见需求书", "see statement"), "#"),
                "1,240",
                "≤ 800",
                c.Cell("", tag=ok),
            ),
        ),
        say("量化指标", "Quantified indicators"),
    )


def chart() -> c.Chart:
    """Needs by field."""
    rows = (
        (say("电子信息", "Electronics"), 42),
        (say("生物医药", "Biomedicine"), 31),
        (say("新材料", "New materials"), 17),
        (say("现代交通", "Transport"), 0),
    )
    return c.Chart(
        say("各领域需求数", "Needs by field"),
        say("领域", "Field"),
        say("需求", "Needs"),
        tuple(c.ChartBar(label, value, str(value), "#" if value else "") for label, value in rows),
    )


def figures() -> tuple[c.Figure, ...]:
    """Three numbers that open their lists."""
    return (
        c.Figure("128", say("项企业需求", "needs of firms"), "#"),
        c.Figure("1,284", say("项科技成果", "research results"), "#"),
        c.Figure("96", say("家单位", "organisations"), "#"),
    )


def inbox_lines() -> tuple[c.InboxLine, ...]:
    """Two things to do, one of them pressing."""
    return (
        c.InboxLine(
            say("审核需求", "Review a need"),
            say("动力电池回收破碎料分选", "Sorting of shredded batteries"),
            "#",
            "N-2026-0051",
            say("示例环保", "Example Environment"),
            at(11, 22),
            clocks()[1],
        ),
        c.InboxLine(
            say("答复约谈", "Answer an invitation"),
            say("等离子体辅助抛光对接", "Plasma-assisted polishing"),
            "#",
            "J-2026-0007",
            "",
            at(11, 21),
            clocks()[3],
        ),
    )


def failures() -> tuple[c.JobLine, ...]:
    """A job that failed."""
    return (
        c.JobLine(
            say("发送邮件", "Send mail"),
            "#",
            say("邮件服务器没有回应。", "The mail server did not answer."),
            say("系统", "the program"),
            at(11, 21),
            "#",
        ),
    )


def message_lines() -> tuple[c.MessageLine, ...]:
    """A message that was sent, and one of which nobody knows."""
    label = say("到期提醒", "Reminder")
    return (
        c.MessageLine(label, say("邮件", "mail"), c.Tag(say("已发送", "sent"), "ok"), "", at(11, 22), 1),
        c.MessageLine(
            label,
            say("邮件", "mail"),
            c.Tag(say("结果不明", "unclear"), "wait"),
            say("邮件服务器中断了连接。", "The mail server hung up."),
            at(11, 21),
            2,
            "#",
        ),
    )
