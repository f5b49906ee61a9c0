"""Small corpora and strategies shared by the tests of the matching engine."""

import os
from dataclasses import replace
from datetime import date

from hypothesis import settings
from hypothesis import strategies as st

from kezhuan.engines.matching import Facts, Item
from kezhuan.engines.matching.rights import ASKING, STATES

few = settings(max_examples=int(os.environ.get("EXAMPLES", "12")))
"""Enough for laws that hold for any small corpus; a fit each time is what costs. The proof `match-laws` tries more."""

_WORDS = (
    "碳化硅 衬底 抛光 低缺陷 大尺寸 电池 热管理 机器人 减速器 水稻 育种 检测 视觉 涂层 耐腐蚀 催化剂 锗 含锗 锗单晶 "
    "silicon carbide wafers polishing battery thermal management robot gear rice breeding vision coating"
)
WORDS = _WORDS.split()

MODES = ("transfer", "licence", "joint_rd")
texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
facts = st.builds(
    Facts,
    field=st.sampled_from([None, "新材料及其应用", "农业", "先进制造"]),
    trl=st.none() | st.integers(1, 9),
    trl_scale=st.sampled_from(["trl9", "grade5"]),
    money_fen=st.none() | st.integers(0, 10**10),
    region=st.sampled_from([None, "440106", "440112", "440100"]),
    modes=st.frozensets(st.sampled_from(MODES), max_size=2),
    deadline=st.none() | st.dates(date(2026, 1, 1), date(2029, 12, 31)),
    rights=st.frozensets(st.sampled_from(STATES), max_size=3),
)
asked = facts.map(lambda one: replace(one, rights=one.modes & ASKING))
needs = st.builds(Item, id=st.just("need"), title=texts, text=texts.filter(bool), facts=asked)


def supplies(least: int = 1, most: int = 12) -> st.SearchStrategy[list[Item]]:
    """Records with ids s0, s1, …"""
    bodies = st.tuples(texts, texts, st.lists(st.sampled_from(WORDS), max_size=3).map(tuple), facts)
    return st.lists(bodies, min_size=least, max_size=most).map(
        lambda rows: [Item(f"s{number}", *row) for number, row in enumerate(rows)]
    )


CITY = (
    Item(
        "sic-polish",
        "8英寸碳化硅衬底化学机械抛光工艺",
        "面向大尺寸SiC衬底，开发低损伤抛光液与工艺，表面粗糙度0.1 nm，微管缺陷密度低于0.2个/cm²。",
        ("碳化硅", "抛光", "衬底"),
        Facts(field="新材料及其应用", trl=7, money_fen=180_0000_00, region="440112", modes=frozenset({"licence"})),
    ),
    Item(
        "sic-grow",
        "大尺寸碳化硅单晶生长装备",
        "物理气相传输法生长8英寸碳化硅单晶，温场可控，缺陷少。",
        ("碳化硅", "单晶"),
        Facts(field="新材料及其应用", trl=4, money_fen=300_0000_00, region="440106", modes=frozenset({"joint_rd"})),
    ),
    Item(
        "wafer-en",
        "Low-defect polishing of silicon carbide wafers",
        "A slurry and process for polishing large SiC wafers with few scratches.",
        ("polishing", "SiC"),
        Facts(field="新材料及其应用", trl=6),
    ),
    Item("battery", "动力电池热管理系统", "液冷板与相变材料结合的电池包热管理，温差小于3 ℃。", ("动力电池", "热管理")),
    Item("battery-en", "Thermal management of traction batteries", "Liquid cooling keeps cells within 3 K."),
    Item("robot", "工业机器人精密减速器", "谐波减速器齿形设计与寿命试验。", ("减速器", "机器人")),
    Item("rice", "高产优质水稻新品种选育", "利用分子标记辅助选择培育抗稻瘟病水稻品种。", ("水稻", "育种")),
    Item("vision", "基于机器视觉的晶圆缺陷检测", "深度学习检测晶圆表面划痕与颗粒缺陷。", ("缺陷检测", "机器视觉")),
)
