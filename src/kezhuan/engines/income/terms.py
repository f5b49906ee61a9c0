"""What a distribution starts from: a receipt, its deductions, what was agreed, who takes part; and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kezhuan.engines.findings import Finding, Words
from kezhuan.engines.money import MOST_FEN

NET_CLAUSE = (
    "《北京市促进科技成果转化条例》（2019）第十二条、《浙江省促进科技成果转化条例》（2021修正）第十八条、第三十七条；"
    "广东的定义未见原文"
)
USE_CLAUSE = "《汕头经济特区科技创新条例》（2022）第二十五条；广州的规定未见原文"
OWNER_CLAUSE = (
    "《广州市促进科技成果转化实施办法》穗科规字〔2022〕2号（条号未核实）；"
    "《浙江省促进科技成果转化条例》（2021修正）第三十七条"
)
CLAUSES_IN_ENGLISH = {
    NET_CLAUSE: "Regulations on the conversion of results of Beijing (2019), Art. 12, and of Zhejiang (amended 2021),"
    " Arts. 18 and 37; the definition of Guangdong was not read in the original",
    USE_CLAUSE: "Regulation on innovation of the Shantou Special Economic Zone (2022), Art. 25; the rule of Guangzhou"
    " was not read in the original",
    OWNER_CLAUSE: "Measures of Guangzhou on the conversion of results 2022 No. 2 (article not verified); regulation of"
    " Zhejiang (amended 2021), Art. 37",
}
"""What is cited beside rule values, for whoever reads English."""

DEDUCTIONS: dict[str, Words] = {
    "tax": Words("本次交易的税金", "taxes of this deal"),
    "maintenance": Words("维护该成果的费用", "cost of maintaining the rights"),
    "assessment": Words("评估费", "valuation"),
    "appraisal": Words("鉴定费", "appraisal"),
    "negotiation": Words("谈判费用", "negotiation"),
    "broker": Words("中介服务费", "brokerage"),
    "travel": Words("差旅费", "travel"),
}
"""Direct costs of the deal that are taken off what was received; the names stand in the documents of `NET_CLAUSE`."""

_OTHER_NAMES = {"税": "tax", "税金": "tax", "维护": "maintenance", "维持": "maintenance", "评估": "assessment",
                "鉴定": "appraisal", "谈判": "negotiation", "中介": "broker", "差旅": "travel"}  # fmt: skip
RESEARCH = "research"
_RESEARCH = frozenset({RESEARCH, "r&d", "rd", "development", "研发", "研究", "研究开发", "研制"})


class Role(StrEnum):
    """As what a person takes part in the reward."""

    MAIN = "main"
    OTHER = "other"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Deduction:
    """A direct cost of the deal in 分; `kind` is one of `DEDUCTIONS`."""

    kind: str
    fen: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money received on a day, in 分: each instalment is one. `reference` names it, so that none is counted twice."""

    fen: int
    on: date
    deductions: tuple[Deduction, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is rewarded; weights count against each other, in any unit."""

    name: str
    role: Role
    weight: int


@dataclass(frozen=True, slots=True)
class Owners:
    """Owners of a share under a grant (赋权): what is theirs of the net income, in basis points, and each one's weight.

    Whether they are rewarded besides is a term of the agreement: no, unless it says so and `clause` cites it. `title`
    is their share of the title where `points` are the split of income that the agreement signed; without it `points`
    are that share. `use` says that theirs is the use alone, and `points` again the split that was signed.
    """

    points: int
    people: tuple[tuple[str, int], ...]
    also_rewarded: bool = False
    clause: str = ""
    title: int | None = None
    use: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the unit set or agreed: the share for rewards in basis points, persons, owners, the unit's own parts.

    Without persons only the sums are told. `unit_parts` divide what stays with the unit (学校, 学院, 转移机构 …).
    """

    points: int | None = None
    members: tuple[Member, ...] = ()
    owners: Owners | None = None
    unit_parts: tuple[tuple[str, int], ...] = ()


def deduction_kind(typed: str) -> str:
    """The kind of a deduction as people type it, in English or Chinese; what is not known stays as typed."""
    word = typed.strip().casefold()
    stem = word.removesuffix("成本").removesuffix("费用").removesuffix("费")
    return RESEARCH if stem in _RESEARCH else _OTHER_NAMES.get(stem, word)


def refused_in(receipt: Receipt, agreement: Agreement, carried: int) -> Iterator[Finding]:
    """Everything about the facts that cannot be."""
    yield from _refused_amounts(receipt, carried)
    yield from _refused_kinds(receipt.deductions)
    yield from _refused_shares(agreement)
    yield from _refused_people(agreement)


def _refused_amounts(receipt: Receipt, carried: int) -> Iterator[Finding]:
    if not 0 <= receipt.fen <= MOST_FEN:
        yield Finding(
            "received-range",
            Words("到账金额应为不小于零的金额。", "What was received is an amount from zero up."),
            "received",
        )
    if any(not 0 <= one.fen <= MOST_FEN for one in receipt.deductions):
        yield Finding(
            "deduction-range",
            Words("扣除金额应为不小于零的金额。", "A deduction is an amount from zero up."),
            "deductions",
        )
    if not -MOST_FEN <= carried <= 0:
        yield Finding(
            "carried-range",
            Words(
                "结转余额只能是负数或零：此前各笔扣除超过到账的部分。",
                "What is carried is negative or zero: costs that earlier receipts did not cover.",
            ),
            "carried",
        )


def _refused_kinds(deductions: Iterable[Deduction]) -> Iterator[Finding]:
    kinds = "、".join(f"{kind}（{words.zh}）" for kind, words in DEDUCTIONS.items())
    for kind in dict.fromkeys(one.kind for one in deductions):
        if kind == RESEARCH:
            yield Finding(
                "research-cost",
                Words(
                    "研发成本不得扣除：净收入只扣除本次交易的税金、维护费和直接成本。请删去此项。",
                    "The cost of research is not deducted: net income is what was received less taxes, maintenance and"
                    " direct costs of the deal. Take it out.",
                ),
                "deductions",
                NET_CLAUSE,
            )
        elif kind not in DEDUCTIONS:
            yield Finding(
                "deduction-unknown",
                Words(
                    f"没有“{kind}”这类扣除项；可用：{kinds}。",
                    f"There is no deduction “{kind}”; use one of {', '.join(DEDUCTIONS)}.",
                ),
                "deductions",
            )


def _refused_shares(agreement: Agreement) -> Iterator[Finding]:
    owners = agreement.owners
    if agreement.points is not None and not 0 <= agreement.points <= 10_000:
        yield Finding(
            "agreed-range",
            Words("约定的奖励比例应在 0 到 100 % 之间。", "The agreed share lies between 0 and 100 %."),
            "agreed",
        )
    if owners is not None and not 0 < owners.points <= 10_000:
        yield Finding(
            "owners-range",
            Words("完成人持有的份额应大于 0、不超过 100 %。", "The owners' share lies above 0 and up to 100 %."),
            "owners",
        )
    weights = [one.weight for one in agreement.members] + [one for _, one in agreement.unit_parts]
    weights += [] if owners is None else [one for _, one in owners.people]
    if any(one <= 0 for one in weights):
        yield Finding("weight-range", Words("每个人的份额应大于零。", "Everybody's share is above zero."), "members")


def _refused_people(agreement: Agreement) -> Iterator[Finding]:
    owners = agreement.owners
    names = [one.name for one in agreement.members]
    owning = [name for name, _ in owners.people] if owners else []
    for listed in (names, owning):
        for name in (name for name, times in Counter(listed).items() if times > 1):
            yield Finding(
                "person-twice",
                Words(
                    f"“{name}”列了两次：一人只能领一份，请合并。",
                    f"“{name}” is listed twice: nobody receives the same money twice; join the two.",
                ),
                "members",
            )
    if owners is None:
        return
    if not owners.people:
        yield Finding(
            "owners-missing",
            Words("请列出按份额持有成果的完成人。", "Name the completers who hold the share."),
            "owners",
        )
    if owners.also_rewarded and not owners.clause:
        yield Finding(
            "clause-missing",
            Words(
                "约定持有份额的完成人同时参加奖励的，请写明协议条款。",
                "Where the agreement lets owners share in the reward as well, cite its clause.",
            ),
            "owners",
            OWNER_CLAUSE,
        )
    both = [name for name in names if name in set(owning)]
    if both and not owners.also_rewarded:
        said = "、".join(both), ", ".join(both)
        yield Finding(
            "owner-rewarded",
            Words(
                f"{said[0]}已按赋权协议取得收益，协议未另作约定的不再参加奖励分配；请从奖励名单中删去，或写明协议条款。",
                f"{said[1]}: whoever is paid as an owner is not rewarded as well unless the agreement says so; take"
                " them out of the reward, or cite the clause.",
            ),
            "members",
            USE_CLAUSE if owners.use else OWNER_CLAUSE,
        )
