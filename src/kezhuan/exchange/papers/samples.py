"""The eight templates that ship, written by the program after GB/T 9704-2012: to be filled as they are, or taken home,
changed in Word and uploaded as an office's own.

What only the office knows stands in 〔 〕, to be written over; they name only what every record has.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.utils.translation import gettext_lazy as _

from kezhuan.engines.official import CENTRE, RIGHT, Paper
from kezhuan.kernel.errors import Text

YEAR_NUMBER = "〔机关代字〕〔年份〕〔序号〕号"


@dataclass(frozen=True)
class Sample:
    """A template that ships: `for_list` when it lists records."""

    slug: str
    name: Text
    make: Callable[[], Paper]
    for_list: bool = False

    def written(self) -> bytes:
        """The bytes of its .docx file."""
        return _written(self.slug)


@cache
def _written(slug: str) -> bytes:
    return SAMPLES[slug].make().written()


def _request() -> Paper:
    """请示: one matter, one superior, with the signer above and a contact below (7.2.6, 7.3.7)."""
    paper = Paper("请示").letterhead("{{ 本单位 }}文件", YEAR_NUMBER, signer="〔签发人姓名〕")
    paper.title("{{ 本单位 }}", "关于“{{ 名称 }}”的请示").line("〔主送机关〕：")
    paper.text("〔请示缘由〕。现将有关情况请示如下：").heading("一、基本情况")
    paper.text(
        "名称：{{ 名称 }}；编号：{{ 编号 }}；所属单位：{{ 所属单位 }}；登记日期：{{ 登记日期 }}；目前阶段：{{ 阶段 }}。"
    )
    paper.heading("二、请示事项").text("〔请求批准或指示的一个事项及其依据〕。", "妥否，请批示。")
    paper.line("附件：〔附件名称〕", indent=2)
    paper.signed("{{ 本单位 }}", "{{ 今日 }}").text("（联系人：{{ 经办人 }}，电话：〔电话〕）")
    return paper.imprint("〔抄送机关〕。", "{{ 本单位 }}", "{{ 今日 }}")


def _letter() -> Paper:
    """函: between bodies of which none is the other's superior (10.1)."""
    paper = Paper("函").letterhead("{{ 本单位 }}", YEAR_NUMBER)
    paper.title("{{ 本单位 }}关于", "“{{ 名称 }}”有关事项的函").line("〔主送机关〕：")
    paper.text(
        "贵单位〔来函事由〕收悉。",
        "关于“{{ 名称 }}”（编号：{{ 编号 }}，所属单位：{{ 所属单位 }}），现就有关事项函告如下：",
        "〔函告或商请的事项〕。",
        "专此函达，请予函复。",
    )
    paper.signed("{{ 本单位 }}", "{{ 今日 }}")
    return paper.text("（联系人：{{ 经办人 }}，电话：〔电话〕）")


def _notice() -> Paper:
    """公示: what is laid open, for how long, and who takes objections."""
    paper = Paper("公示").title("关于“{{ 名称 }}”的公示")
    paper.text(
        "根据〔依据的办法及条款〕，现将“{{ 名称 }}”予以公示。",
        "公示期：〔起始日〕至〔截止日〕，共〔天数〕个〔工作日或自然日〕。",
        "公示期内，任何单位和个人对公示内容有异议的，请以书面形式实名提出，写明异议事项、理由和联系方式，并附证明材料；"
        "单位提出异议的，应加盖公章。",
    )
    paper.line()
    paper.table(
        [
            ["名称", "{{ 名称 }}"],
            ["编号", "{{ 编号 }}"],
            ["所属单位", "{{ 所属单位 }}"],
            ["登记日期", "{{ 登记日期 }}"],
            ["异议受理", "〔受理部门、地址、电话、邮箱〕"],
        ],
        [36, 120],
    )
    return paper.signed("{{ 本单位 }}", "{{ 今日 }}")


def _summary() -> Paper:
    """汇总表: one row for each record of a list."""
    paper = Paper("汇总表").title("〔事项〕汇总表")
    paper.line("填报单位：{{ 本单位 }}　　填报日期：{{ 今日 }}　　共 {{ 条数 }} 项")
    paper.table(
        [
            ["序号", "编号", "名称", "所属单位", "登记日期", "阶段"],
            ["{%tr for 项 in 清单 %}"],
            [
                "{{ 项.序号 }}",
                "{{ 项.编号 }}",
                "{{ 项.名称 }}",
                "{{ 项.所属单位 }}",
                "{{ 项.登记日期 }}",
                "{{ 项.阶段 }}",
            ],
            ["{%tr endfor %}"],
        ],
        [12, 30, 46, 30, 22, 16],
    )
    return paper.line().line("填表人：{{ 经办人 }}　　　　审核人：　　　　　　负责人：")


def _recommendation() -> Paper:
    """推荐函: a unit puts a record forward."""
    paper = Paper("推荐函").letterhead("{{ 本单位 }}", YEAR_NUMBER)
    paper.title("关于推荐“{{ 名称 }}”的函").line("〔主送机关〕：")
    paper.text(
        "根据〔通知名称及文号〕要求，经〔推荐程序〕，我单位推荐“{{ 名称 }}”（编号：{{ 编号 }}）申报〔申报事项〕。",
        "申报单位：{{ 所属单位 }}。",
        "我单位已对申报材料的真实性、完整性进行审核，并按规定履行了〔公示等程序〕。请予支持。",
    )
    return paper.signed("{{ 本单位 }}", "{{ 今日 }}").text("（联系人：{{ 经办人 }}，电话：〔电话〕）")


def _commitment() -> Paper:
    """承诺书: what a unit answers for, signed and stamped."""
    paper = Paper("承诺书").title("承诺书").line("〔受理机关〕：")
    paper.text("我单位就“{{ 名称 }}”（编号：{{ 编号 }}）郑重承诺：")
    paper.text(
        "一、所提交的材料真实、合法、有效，不含国家秘密。",
        "二、对所述技术和成果拥有合法权利，不侵犯他人知识产权。",
        "三、〔按本事项的办法增列的承诺〕。",
        "如有违反，我单位愿意承担相应责任。",
    )
    paper.line().line("承诺单位（盖章）：{{ 本单位 }}", indent=2)
    return paper.line("法定代表人（签字）：", indent=2).line("{{ 今日 }}　　　　", at=RIGHT)


def _assignment() -> Paper:
    """任务书: who does what by when, for what money, and how it is accepted; blank where there is no project."""
    paper = Paper("任务书").title("任务书")
    days = "{% if 起始日 %}{{ 起始日 }}至{{ 截止日 }}{% else %}〔起始日〕至〔截止日〕{% endif %}"
    money = (
        "{% if 起始日 %}财政资金 {{ 财政资金合计 }}，自筹资金 {{ 自筹资金合计 }}，发榜方资金 {{ 发榜方资金合计 }}"
        "（万元）{% else %}〔总额、来源与分年安排，单位：万元〕{% endif %}"
    )
    paper.table(
        [
            ["任务名称", "{{ 名称 }}"],
            ["编号", "{{ 编号 }}{% if 任务书版次 %}（任务书第{{ 任务书版次 }}版）{% endif %}"],
            ["承担单位", "{{ 所属单位 }}"],
            ["下达单位", "{{ 本单位 }}"],
            ["发榜方", "{{ 发榜方 }}"],
            ["起止时间", days],
        ],
        [36, 120],
    )
    paper.line().heading("一、目标与考核指标")
    _repeated(paper, "考核指标", ("指标", "承诺值", "检测方法"), [66, 40, 50], "〔可考核的指标〕")
    paper.heading("二、任务分工与进度")
    of_units = ("单位", "身份", "任务", "财政资金", "自筹资金")
    _repeated(paper, "联合体成员", of_units, [40, 24, 48, 22, 22], "〔各单位的任务〕")
    paper.line()
    _repeated(paper, "参与人员", ("姓名", "分工", "时间占比"), [40, 86, 30], "〔牵头单位参与人员〕")
    paper.line()
    of_steps = ("内容", "完成日期", "验收方法", "责任单位")
    _repeated(paper, "里程碑节点", of_steps, [52, 34, 36, 34], "〔节点与交付物〕")
    paper.heading("三、经费").text(money)
    of_money = ("来源", "拨付条件", "收款单位", "金额")
    _repeated(paper, "拨款计划", of_money, [36, 44, 46, 30], "〔分年安排〕")
    paper.heading("四、成果归属、收益分配与退出")
    for name in ("产权约定", "收益约定", "退出约定"):
        paper.text(f"{name}：{{% if {name} %}}{{{{ {name} }}}}{{% else %}}〔约定〕{{% endif %}}")
    of_shares = ("单位", "产权份额", "收益份额")
    _repeated(paper, "联合体成员", of_shares, [76, 40, 40], "〔各单位的份额〕")
    paper.line().text("保密：〔约定〕").heading("五、验收方式").text("〔时间、方式与依据〕").line()
    paper.table(
        [
            [
                "下达单位（盖章）：\n\n负责人（签字）：\n\n　　　　年　　月　　日",
                "承担单位（盖章）：\n\n负责人（签字）：\n\n　　　　年　　月　　日",
            ],
        ],
        [78, 78],
    )
    return paper


def _repeated(paper: Paper, rows: str, names: Sequence[str], widths: Sequence[float], blank: str) -> None:
    """A table with a row for each of what stands beside the record, and a blank one where there is nothing."""
    paper.table(
        [
            list(names),
            [f"{{%tr for 行 in {rows} %}}"],
            [f"{{{{ 行.{name} }}}}" for name in names],
            ["{%tr endfor %}"],
            [f"{{%tr if not {rows} %}}"],
            [blank, *("" for _name in names[1:])],
            ["{%tr endif %}"],
        ],
        widths,
    )


def _approval() -> Paper:
    """呈批表: what is asked, what each post says, and the decision; blank where no approval is known."""
    paper = Paper("呈批表").line("{{ 本单位 }}", at=CENTRE).title("呈批表")
    blank = "\n\n\n　　　　　　　　　　　　　　　　签名：　　　　　　年　　月　　日"
    said = (
        "{{ 步.结论 }}{% if 步.意见 %}：{{ 步.意见 }}{% endif %}"
        "{% if 步.会议 %}\n会议：{{ 步.会议 }}　纪要：{{ 步.纪要编号 }}{% endif %}"
        "{% if 步.出席 %}\n出席：{{ 步.出席 }}{% endif %}{% if 步.回避 %}\n回避：{{ 步.回避 }}{% endif %}"
        "\n　　　　　　　　　　签名：{{ 步.签名 }}　　{{ 步.日期 }}"
    )
    ended = (
        "{% if 审批结果 %}{{ 审批结果 }}{% if 批准文号 %}　　文号：{{ 批准文号 }}{% endif %}{% else %}\n\n{% endif %}"
    )
    return paper.table(
        [
            ["标题", "{{ 名称 }}"],
            ["编号", "{{ 编号 }}（{{ 类别 }}，{{ 阶段 }}）"],
            ["所属单位", "{{ 所属单位 }}"],
            [
                "拟稿人",
                "{% if 呈批人 %}{{ 呈批人 }}　　{{ 呈批日期 }}{% else %}{{ 经办人 }}　　{{ 今日 }}{% endif %}",
            ],
            ["呈批事项", "{% if 呈批事项 %}{{ 呈批事项 }}\n{{ 呈批说明 }}{% else %}\n\n\n{% endif %}"],
            ["{%tr for 步 in 审批意见 %}"],
            ["{{ 步.岗位 }}\n{{ 步.单位 }}", said],
            ["{%tr endfor %}"],
            ["{%tr if not 审批意见 %}"],
            ["拟办意见", blank],
            ["会签意见", blank],
            ["审核意见", blank],
            ["领导批示", blank],
            ["{%tr endif %}"],
            ["办理结果", ended],
        ],
        [30, 126],
    )


SAMPLES: dict[str, Sample] = {
    one.slug: one
    for one in (
        Sample("request", _("Request for instructions (请示)"), _request),
        Sample("letter", _("Letter (函)"), _letter),
        Sample("notice", _("Public notice (公示)"), _notice),
        Sample("summary", _("Summary table (汇总表)"), _summary, for_list=True),
        Sample("recommendation", _("Letter of recommendation (推荐函)"), _recommendation),
        Sample("commitment", _("Commitment (承诺书)"), _commitment),
        Sample("assignment", _("Assignment (任务书)"), _assignment),
        Sample("approval", _("Approval sheet (呈批表)"), _approval),
    )
}
"""By slug."""
