"""The invented organisations that all parts of the demo city share."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SharedOrganisation:
    """An invented organisation that several parts of the content refer to by key."""

    key: str
    name: str
    name_en: str
    kind: str
    district: str
    summary: str
    summary_en: str
    country: str = "CN"


SHARED = (
    SharedOrganisation(
        "ysut", "云山理工大学", "Yunshan University of Technology", "university", "440106",
        "以材料、机械与电子信息见长的理工大学。", "A technical university strong in materials, mechanics and electronics.",
    ),
    SharedOrganisation(
        "zsu", "珠水大学", "Zhushui University", "university", "440105",
        "文理医工兼备的综合性大学。", "A comprehensive university of arts, sciences, medicine and engineering.",
    ),
    SharedOrganisation(
        "sau", "穗禾农业大学", "Suihe Agricultural University", "university", "440106",
        "作物育种、动物科学与食品工程方向的农业大学。",
        "An agricultural university for breeding, animal science and food engineering.",
    ),
    SharedOrganisation(
        "ymu", "越海医科大学", "Yuehai Medical University", "university", "440111",
        "拥有附属医院与转化医学中心的医科大学。", "A medical university with hospitals and a translational centre.",
    ),
    SharedOrganisation(
        "nou", "南湾海洋大学", "Nanwan Ocean University", "university", "440115",
        "面向海洋工程、海洋生物与航运的大学。", "A university for ocean engineering, marine biology and shipping.",
    ),
    SharedOrganisation(
        "fpu", "番山工业大学", "Fanshan Polytechnic University", "university", "440113",
        "以智能制造、汽车与轻工为特色的工业大学。", "A polytechnic for smart manufacturing, vehicles and light industry.",
    ),
    SharedOrganisation(
        "bim", "湾区新材料研究院", "Bay Institute of New Materials", "institute", "440112",
        "从事先进陶瓷、高分子与电子材料研究的新型研发机构。", "A research institute for ceramics, polymers and electronic materials.",
    ),
    SharedOrganisation(
        "sci", "穗芯集成电路研究院", "Suixin Institute of Integrated Circuits", "institute", "440118",
        "从事功率半导体、传感器与封装测试研究。", "A research institute for power devices, sensors, packaging and test.",
    ),
    SharedOrganisation(
        "lri", "岭云智能机器人研究院", "Lingyun Institute of Intelligent Robotics", "institute", "440114",
        "从事移动机器人、机器视觉与减速器研究。", "A research institute for mobile robots, machine vision and reducers.",
    ),
    SharedOrganisation(
        "hkt", "港湾科技大学", "Harbour University of Science and Technology", "hk_macao", "",
        "位于香港的研究型大学，在广州设有联合实验室。", "A research university in Hong Kong with a joint laboratory in Guangzhou.", "HK",
    ),
)  # fmt: skip
