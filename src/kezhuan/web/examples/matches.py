"""Example matches."""

from kezhuan.web import components as c
from kezhuan.web.examples.words import marked, say


def matches() -> tuple[c.MatchLine, ...]:
    """A good match, and one in the other language with parts that lower its score."""
    # long: two examples written out in full, to be compared with what the style guide draws.
    invite = c.OpenMove(
        "introduce", say("约谈", "Introduce"), "/styleguide/match/1/introduce", "suggested", primary=True
    )
    refuse = c.OpenMove(
        "refuse",
        say("不合适", "Not suitable"),
        "/styleguide/match/1/refuse",
        "suggested",
        note="optional",
        reasons=(("field", say("领域不符", "Different field")),),
    )
    fits = (
        c.PartBar(
            "words",
            say("词语", "words"),
            0.41,
            marked(say("碳化硅 衬底 抛光 亚表面损伤", "SiC wafer polishing"), "碳化硅", "抛光", "polishing"),
        ),
        c.PartBar("title", say("标题", "title"), 0.17, say("晶圆 抛光", "wafer, polishing")),
        c.PartBar("field", say("同一领域", "same field"), 0.06),
        c.PartBar("trl", say("成熟度", "maturity"), 0.05, "TRL 7 ≥ 6"),
        c.PartBar("price", say("报价", "price"), 0.04, say("180 万元 ≤ 200 万元", "CNY 1.80 million ≤ 2.00 million")),
    )
    lacks = (
        c.PartBar("words", say("词语", "words"), 0.32, "wide-bandgap, polishing"),
        c.PartBar("title", say("标题", "title"), 0.21, "polishing"),
        c.PartBar("field", say("同一领域", "same field"), 0.06),
        c.PartBar("trl", say("成熟度", "maturity"), -0.05, "TRL 4 < 6"),
        c.PartBar("price", say("报价", "price"), -0.04, say("300 万元 > 200 万元", "CNY 3.00 million > 2.00 million")),
    )
    snippet = say(
        "提出等离子体改性与机械去除协同的抛光方法，碳化硅衬底亚表面损伤小于 50 nm。",
        "Plasma modification and gentle mechanical removal leave less than 50 nm of damage in silicon carbide.",
    )
    return (
        c.MatchLine(
            1,
            0.73,
            say(
                "8 英寸 SiC 晶圆等离子体辅助抛光装备与工艺",
                "Plasma-assisted polishing of 8-inch SiC wafers: machine and process",
            ),
            "#",
            "A-2026-0118",
            (c.Tag("TRL 7"),),
            (
                say("华南示例理工大学", "Example University of Technology"),
                say("番禺区", "Panyu"),
                say("报价 180 万元", "CNY 1.80 million"),
            ),
            fits,
            (invite, refuse),
            marked(snippet, "碳化硅", "silicon carbide"),
        ),
        c.MatchLine(
            2,
            0.50,
            "Chemical-mechanical polishing slurry for wide-bandgap wafers",
            "#",
            "A-2026-0204",
            (c.Tag("TRL 4"),),
            (
                say("港科示例（广州）课题组", "HK Example group, Guangzhou"),
                say("南沙区", "Nansha"),
                say("许可", "licence"),
            ),
            lacks,
        ),
    )


def misses() -> tuple[c.NearMissLine, ...]:
    """One record just under the line."""
    return (
        c.NearMissLine(
            say("SiC 晶锭激光剥离", "Laser slicing of SiC ingots"),
            "#",
            say(
                "成熟度 4，低于要求的 6；若达到 6，将排第 3。",
                "TRL 4 is below the 6 asked for; at 6 it would be No. 3.",
            ),
        ),
    )
