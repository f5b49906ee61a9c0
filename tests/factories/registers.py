"""Invented registers of technology contracts: honest ones, and frauds of every kind that is flagged, to be found."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from stdnum.cn import uscc

from kezhuan.engines.contracts import Contract, Party, tables

DAY = date(2025, 6, 1)
AS_OF = date(2026, 3, 1)
KINDS = ("development", "transfer", "licence", "consulting", "service")
SUBKINDS = {
    "development": "development-commissioned", "transfer": "transfer-patent", "licence": "licence-patent",
    "consulting": "consulting-general", "service": "service-general",
}  # fmt: skip
SYLLABLES = "安北成达恩方光海华江金开蓝明南平清锐森泰维新信亚远云泽中卓正宏嘉科联睿盛天同伟祥兴益宇源志"
OBJECTS = (
    "电池", "传感器", "轴承", "催化剂", "疫苗", "芯片", "机器人", "膜材料", "算法", "雷达", "种子", "涂层", "激光器",
    "阀门", "试剂", "电机", "合金", "探针", "光纤", "泵",
)  # fmt: skip
VERBS = ("寿命提升", "检测方法", "制备工艺", "控制系统", "故障诊断", "结构优化", "性能评价", "仿真模型", "中试放大")


def credit_code(number: int) -> str:
    """A valid code for the number-th invented organisation."""
    body = f"91440101{number:09d}"
    return body + uscc.calc_check_digit(body)


def party(random: Random, number: int, kind: str = "150") -> Party:
    """An organisation with people, address and telephone of its own."""
    name = "".join(random.choices(SYLLABLES, k=4)) + f"{number}公司"
    legal = "".join(random.choices(SYLLABLES, k=3))
    phone = f"020-{number:08d}"
    return Party(name, credit_code(number), kind, "156", "440106", legal, f"示范路{number}号", phone)


def text_of(random: Random, name: str) -> str:
    """A text that holds what every kind must tell, and words of its own."""
    own = "".join(random.choices(SYLLABLES, k=60))
    return (
        f"目标：{name}。创新内容：{own}。技术指标：提高 {random.randrange(100)}%。验收：按附件。争议解决：仲裁。"
        f"已掌握的专利权属：归属卖方。{own[::-1]}"
    )


def honest(random: Random, row: int, parties: list[Party], day: date | None = None) -> Contract:
    """A complete contract between two different parties."""
    seller, buyer = random.sample(parties, 2)
    kind = random.choice(KINDS)
    signed = day or date(2025, 1, 1) + timedelta(days=random.randrange(365))
    turnover = random.randrange(50_000, 10 ** random.randrange(6, 9)) * 100
    costs = turnover * random.randrange(30) // 100
    name = f"{random.choice(OBJECTS)}{random.choice(VERBS)}{''.join(random.choices(SYLLABLES, k=3))}"
    field = random.choice(list(tables()["fields"].codes))
    return Contract(
        row=row, name=name, kind=kind, subkind=SUBKINDS[kind], form="written", signed_on=signed,
        applied_on=signed + timedelta(days=10), valid_from=signed, valid_to=signed + timedelta(days=400),
        registered_on=signed + timedelta(days=20), seller=seller, buyer=buyer, field=field, rights=("invention",),
        plan="none", goal="industry", industry="C35", payment="once", turnover=turnover, technology=turnover - costs,
        deductions={"equipment": costs}, new_investment=1, new_output=1, text=text_of(random, name), agency="甲登记处",
        registrar="甲", reviewer="乙", reg_no=f"{row:016d}", paid=turnover // 2, equipment=costs,
        revenue=turnover + 10_000_000,
    )  # fmt: skip


def register(random: Random, size: int, frauds_of_a_kind: int = 0) -> tuple[list[Contract], dict[str, list[set[int]]]]:
    """So many honest contracts of some thousand parties, and behind them frauds; by kind, the rows of each fraud."""
    parties = [party(random, number) for number in range(1, max(12, size // 20))]
    contracts = [honest(random, row, parties) for row in range(2, size + 2)]
    seeded: dict[str, list[set[int]]] = {}
    strangers = iter(party(random, number) for number in range(500_000, 900_000))

    def add(*group: Contract) -> set[int]:
        rows = set()
        for one in group:
            row = len(contracts) + 2
            contracts.append(replace(one, row=row, reg_no=f"{row:016d}"))
            rows.add(row)
        return rows

    def pair(day: date = DAY) -> Contract:
        return honest(random, 0, [next(strangers), next(strangers)], day)

    for _ in range(frauds_of_a_kind):
        for kind, group in _frauds(random, pair, [next(strangers) for _ in range(25)]).items():
            seeded.setdefault(kind, []).append(add(*group))
    return contracts, seeded


def _frauds(random, pair, others) -> dict[str, list[Contract]]:
    """One fraud of each kind, as the contracts it is made of."""

    def later(one: Contract, days: int, **more) -> Contract:
        day = one.signed_on + timedelta(days=days)
        return replace(one, signed_on=day, applied_on=day, registered_on=day, **more)

    def fresh(one: Contract, **more) -> Contract:
        return replace(one, **{"text": text_of(random, one.name + "x"), **more})

    first = [pair() for _ in range(14)]
    copy = replace(
        first[0], name="另一名称", seller=others[0], buyer=others[1], turnover=first[0].turnover + 7,
        text=first[0].text.replace("提高", "提高约").replace("约", "") + " 2025 ",
    )  # fmt: skip
    part = fresh(first[3], turnover=200_000_000)
    back = fresh(
        first[6], seller=first[6].buyer, buyer=first[6].seller, name="甲乙", turnover=first[6].turnover * 97 // 100
    )
    ring = [first[7], fresh(first[7], seller=first[7].buyer, buyer=others[2], name="环二")]
    ring.append(fresh(first[7], seller=others[2], buyer=first[7].seller, name="环三"))
    busy = others[3]
    year = [
        fresh(pair(date(2025, month, 3 + place)), seller=busy, buyer=others[4 + place])
        for place, month in enumerate([*range(1, 12), *[12] * 10])
    ]
    given = replace(first[13], kind="transfer", subkind="transfer-patent", achievement=first[13].seller.name)
    return {
        "second-transfer": [given, later(fresh(given, buyer=others[24], turnover=given.turnover + 9), 200)],
        "same-text": [first[0], copy],
        "second-agency": [first[1], later(first[1], 40, agency="乙登记处")],
        "same-deal": [first[2], later(fresh(first[2]), 5)],
        "split": [part, later(fresh(part, name="二期"), 2), later(fresh(part, name="三期"), 6)],
        "related-parties": [replace(first[4], buyer=replace(first[4].buyer, legal=first[4].seller.legal))],
        "beyond-means": [replace(first[5], revenue=first[5].turnover // 6)],
        "round-trip": [first[6], later(back, 30), *(later(one, 10 * place) for place, one in enumerate(ring))],
        "passed-on": [first[8], later(fresh(first[8], seller=first[8].buyer, buyer=others[2], turnover=10**8), 60)],
        "dead": [replace(later(first[9], -120), paid=0)],
        "equipment": [
            replace(first[10], kind="development", deductions={}, technology=first[10].turnover, equipment=5_000_000)
        ],
        "not-technology": [replace(first[11], name="设备采购合同")],
        "benefit-first": [replace(first[12], benefit_on=first[12].signed_on - timedelta(days=3))],
        "year-end": [replace(one, registered_on=one.signed_on) for one in year],
    }
