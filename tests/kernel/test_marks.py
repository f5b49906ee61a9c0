"""Marks of state secrets: known in the forms they take on paper, and not seen in ordinary words."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kezhuan.kernel import journal
from kezhuan.kernel.errors import Refused
from kezhuan.kernel.marks import has_classification_mark, name_has_mark
from kezhuan.kernel.models import Entry

MARKED = [
    r"\u673a\u5BC6\u260510\u5e74",
    "秘密★10年", "机密★", "绝 密 ★ 长期", "绝密", "  机  密  ", "密级:机密", "密级：秘密",
    "密 级 ： 绝密 保密期限:10年", "编号 003 秘密☆", "文件\n秘密\n正文", "机密(5年)", "机密（长期）", "【秘密】",
    "〔机密〕", "秘密 10 年", "\ufeff秘密\n正文", "秘\u200b密★3年", "絕密★", "機密", "祕密★5年", "密級：機密",
    "机密级★10年", "机密级", "绝密级", "密级：【机密】", "★机密", "★ 绝密级 ★", "（绝密级）", "…报告（机密）",
    "《机密》", "本文件为机密", "本材料属于秘密级国家秘密。", "该项目属于国家秘密", "此件定为机密，",
    "【机密】关于某项目的报告", "机密文件", "绝密档案", "机密件", "— 机密 —", "***秘密***", "“机密”",
    "机密★启用前", "密级为机密级", "密级  机密", "涉密等级：机密级", "绝密·长期", "秘密 6个月", "密级：国家秘密",
    "机密*10年", "机密＊10年", "机密 * 十年", "机密◆10年", "机密级●5年（附件）", "秘密#6个月", "机密⭐",
    "机密 保密期限10年", "秘密级（保密期限：长期）", "绝密，保密期限为30年。", "机密 保密期10年",
    "机密级 10年 第3份", "003 机密级 10年 第3份", "机密 第 12 份", "秘密（5年） 某项目报告", "定密：机密",
    "定密结果：秘密级", "涉密情况：机密", "定密为机密，期限10年", "机密：本报告", "秘密级:下列参数", "国家秘密",
    "【国家秘密】", "该报告已定为机密级", "该报告已定为机密级。", "本项目经审定列为秘密", "本材料现为机密",
    "1.机密", "（2）绝密", "① 秘密", '{"密级": "机密", "名称": "甲"}', "'密级':'秘密'", "名称：甲；密级：机密；",
]  # fmt: skip
OPEN = [
    "商业秘密", "商业秘密保护 5年", "本技术涉及商业秘密", "机密计算平台", "保守国家秘密法", "解密算法",
    "秘密共享协议", "可信执行环境与机密计算", "不含国家秘密", "加密机密钥管理", "危机\n密度", "", "秘密武器",
    "保密", "加密", "机密性", "机密信息", "保密期限 10年", "★秘密共享协议支持", "★机密计算", "开机密码：123",
    "手机密码★★★", "本项目不属于国家秘密。", "本文件不是机密", "本系统是秘密共享协议的实现",
    "本方案为机密文件提供保护", "本成果为秘密共享的新方法", "密级：公开", "密级：内部", "密级：商业秘密",
    "密级：核心商业秘密", "密级为秘密以上的信息不得录入", "技术秘密", "技术秘密★5年", "（商业秘密）",
    "商业秘密★10年", "公开、内部、秘密、机密", "安全多方计算（秘密共享）", "1、绝密\n2、机密",
    "保护商业秘密（长期）", "数据机密性、完整性", "电子文件密级标志管理系统", "密度：机密", "计算机密码学 10年",
    "涉密信息系统集成资质", "国家秘密载体销毁", "签订保密协议，期限 5年", "随机密钥（长期）", "绝密飞行",
    "秘密武器★5年", "本项目按国家秘密管理规定不涉及涉密内容", "按国家秘密管理规定不涉及国家秘密，可公开",
    "商业秘密*10年", "商业机密 5年", "商业机密", "商业秘密 保密期限10年", "技术秘密◆3年", "商业秘密：本报告",
    "采用**秘密**共享", "密码*10年", "保密*10年", "加密：机密性由密钥保证", "机密性：高", "机密计算：一种技术",
    "保守秘密，10年如一日", "双方应保守秘密，保密期限为5年。", "保守秘密；期限：三年", "秘密编号规则",
    "国家秘密的保密期限不超过30年", "公开，内部，秘密，机密", "本文件是否为机密", "本报告未定为机密",
    "该成果不再列为秘密", "本成果可作为秘密共享的基础", "秘密 10年来的研究", "1.机密计算", "1.秘密共享",
    "国家秘密法宣传", "定密：不涉密", "涉密情况：无", "定密责任人：张三", '{"密级": "公开"}', "密级：商业机密",
    "技术总结 商业秘密 5年",
]  # fmt: skip


def test_marks_of_state_secrets_are_seen():
    for text in MARKED:
        assert has_classification_mark(text), text
        assert has_classification_mark(f"封面\n{text}\n第一章"), text


def test_words_that_only_look_like_marks_pass():
    for text in OPEN:
        assert not has_classification_mark(text), text
        assert not has_classification_mark(f"说明：\n{text}\n第一章"), text


@given(st.text(alphabet="工艺参数膜层厚度0123456789 ,。\n密封机电", max_size=60))
def test_texts_without_the_words_pass(text):
    squeezed = "".join(text.split())
    assert not has_classification_mark(text) or "机密" in squeezed


MARKED_NAMES = [
    "报告-机密.pdf", "报告_秘密_v2", "机密_2024.docx", "报告（机密）.txt", "绝密级.tar.gz",
    "技术总结 机密.txt", "技术总结　机密.txt", "成果（机密）x.csv", "成果【秘密】终稿.csv", "机密2024.docx",
    "总结 机密v2.pdf", "总结、机密.txt", "机密10年.txt", "总结+绝密级.txt",
    "绝密方案.png", "2024机密技术方案.docx", "秘密计划 v2.pdf",
]  # fmt: skip
OPEN_NAMES = [
    "商业秘密-报告.pdf", "秘密共享_协议.docx", "保密-协议.pdf", "机密计算-白皮书.pdf",
    "技术总结 机密计算.txt", "成果（商业秘密）x.csv", "技术秘密 2024.docx", "绝密飞行 1.txt",
    "秘密武器v2.pdf", "加密 方案.txt", "商业机密 清单.txt", "商业秘密清单.docx",
    "机密数据保护方案.pdf", "秘密协议.docx",
]  # fmt: skip


def test_marked_names_are_seen_and_names_of_ordinary_words_pass():
    assert [name for name in MARKED_NAMES if not name_has_mark(name)] == []
    assert [name for name in OPEN_NAMES if name_has_mark(name)] == []


RUNS = (" ", "\n", "\t", "(", "★", "-", "。", "密级", "机密 级 ", "密级: ", "机密*", "机密(", "定密", "1.")


@pytest.mark.parametrize(
    "around", ["机密{}x", "{}密", "密级{}机密x", "({}机密x", "本文件为{}x密", "机密*{}x", "机密 保密期限{}x"]
)
def test_long_runs_are_read_once(around):
    """A pattern that comes back to each character needs a fifth of a second for so many, and minutes for a file."""
    for run in RUNS:
        began = time.process_time()
        has_classification_mark(around.format(run * 6_000))
        assert time.process_time() - began < 0.12, run


@pytest.mark.django_db
@pytest.mark.parametrize("content", [{"data": {"reason": "机密★10年"}}, {"texts": {"note": ["本文件为机密"]}}])
def test_the_journal_takes_no_mark_from_anybody(content):
    with pytest.raises(Refused) as refused, journal.writing():
        journal.note("need.edit", **content)
    assert [problem.code for problem in refused.value.problems] == ["state-secret"]
    assert not Entry.objects.exists()
