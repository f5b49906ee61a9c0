"""Rewards in other ways than of money received: shares of a company that the result was put into, a part of the profit
of one's own production, and the award for a patent where nothing was agreed.

Rules: 促进科技成果转化法 (2015) 第四十五条, 专利法实施细则 (2023) 第九十三条, and what places set beyond them; the
engine takes the values as arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from kezhuan.engines.days import months_after
from kezhuan.engines.findings import Finding, Unfit, Words
from kezhuan.engines.income.dividing import at_least
from kezhuan.engines.income.floors import MAIN, by_code
from kezhuan.engines.money import MOST_FEN, percent, yuan
from kezhuan.engines.rules import RuleVersion

EQUITY, PROFIT = "income.floor.equity", "income.floor.profit"
LEAST, MOST = "income.profit.least", "income.profit.most"
HEAD = "income.head.equity"
INVENTION, OTHER, TERM = "income.award.invention", "income.award.other", "income.award.term"
WAYS: dict[str, tuple[Words, str]] = {
    EQUITY: (
        Words("作价投资所得股份中奖励的最低比例", "least share of an investment's equity for rewards"),
        "basis points",
    ),
    PROFIT: (
        Words("自行或合作实施营业利润中奖励的最低比例", "least share of operating profit for rewards"),
        "basis points",
    ),
    LEAST: (Words("按营业利润奖励的最短期限", "least term of rewards from profit"), "months"),
    MOST: (Words("按营业利润奖励的最长期限", "longest term of rewards from profit"), "months"),
    HEAD: (
        Words("单位正职可否获股权奖励：1可，0原则上不可", "may heads of units get equity: 1 yes, 0 in principle no"),
        "count",
    ),
    INVENTION: (Words("未约定时一项发明专利的最低奖金", "least award for an invention where none was agreed"), "fen"),
    OTHER: (
        Words("未约定时一项实用新型或外观设计专利的最低奖金", "least award for a utility model or design, none agreed"),
        "fen",
    ),
    TERM: (Words("发放专利奖金的期限", "term of paying the award for a patent"), "months"),
}
"""What each rule value decides, and its unit."""
CODES_OF = {"equity": (EQUITY, HEAD, MAIN), "profit": (PROFIT, LEAST, MOST, MAIN)}
"""Which rule values each of the ways with persons' shares looks up."""
YEAR = 12
MOST_YEARS = 20
MOST_SHARES = 10**13
MOST_PATENTS = 10_000


@dataclass(frozen=True, slots=True)
class WayRules:
    """The versions in force for a place on a day, by code; one that no document sets is not there."""

    jurisdiction: str
    held: dict[str, RuleVersion]
    named: Callable[[str], Words] = by_code

    def value(self, code: str, unknown: int = 0) -> int:
        """Of a code its value; `unknown` where none is in force."""
        return self.held[code].value if code in self.held else unknown


def ways_from(
    jurisdiction: str, look_up: Callable[[str], RuleVersion | None], named: Callable[[str], Words] = by_code
) -> WayRules:
    """The rules of a place; `named` gives the names of places."""
    found = {code: version for code in (*WAYS, MAIN) if (version := look_up(code)) is not None}
    return WayRules(jurisdiction, found, named)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in 分, or of shares, how it came about, and the rule version that gave it."""

    code: str
    value: int
    label: Words
    how: Words
    rule: RuleVersion | None = None
    in_shares: bool = False


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What a reward comes to, what is to be known of it, and the last day of payment where a rule sets one (`term`)."""

    amounts: tuple[Amount, ...]
    notes: tuple[Finding, ...] = ()
    due: date | None = None
    term: RuleVersion | None = None


def equity(
    *, contribution: int, post_money: int, shares: int, agreed: int | None, heads: bool, rules: WayRules
) -> Reckoned:
    """The reward of a result that was put into a company at `contribution` of its value after that (`post_money`, both
    in 分), of so many `shares` in all: the unit's shares rounded down, of them the agreed basis points, at least the
    floor, rounded up. `heads` says that a head of the unit (正职) is to be among the rewarded. Raises `Unfit`."""
    refused = [*refused_equity(contribution, post_money, shares), *_refused_points(agreed, EQUITY, rules)]
    if refused := refused or list(refused_head(heads, rules)):
        raise Unfit(refused)
    held = shares_for(contribution, post_money, shares)
    points = max(agreed or 0, rules.value(EQUITY))
    reward = at_least(held, points)
    amounts = [
        Amount(
            "held", held, Words("作价形成的股份", "Shares for the result"),
            Words("作价金额占投后估值的份额", "its value of that of the company"), in_shares=True,
        ),
        Amount(
            "reward", reward, Words("奖励的股份", "Shares for rewards"),
            Words(f"所形成股份的 {percent(points)}", f"{percent(points)} of the shares for the result"),
            rules.held.get(EQUITY), in_shares=True,
        ),
    ]  # fmt: skip
    if MAIN in rules.held:
        said = percent(rules.value(MAIN))
        how = Words(f"不低于奖励总额的 {said}", f"at least {said} of the reward")
        label = Words("其中主要贡献人员不低于", "of them main contributors, at least")
        amounts.append(
            Amount("main", at_least(reward, rules.value(MAIN)), label, how, rules.held[MAIN], in_shares=True)
        )
    kept = Words("留归单位的股份", "Shares of the unit"), Words("其余股份", "the rest")
    amounts.append(Amount("unit", held - reward, *kept, in_shares=True))
    return Reckoned(tuple(amounts), (*_below_floor(agreed, EQUITY, rules), *equity_notes(heads, rules)))


def profit(
    *, profits: Sequence[int], started_on: date, years: int | None, agreed: int | None, rules: WayRules
) -> Reckoned:
    """The rewards from one's own or a joint production that went into operation on a day: of each year's operating
    profit (in 分, in turn; below zero of a loss) the agreed basis points, at least the floor, rounded up, through so
    many years, by default the least term. Raises `Unfit`."""
    term = term_of(years, rules)
    refused = [*_refused_points(agreed, PROFIT, rules), *(unfit := list(refused_term(term, rules)))]
    if not unfit and not 1 <= len(profits) <= term:
        words = Words(
            f"请逐年给出营业利润，1 至 {term} 个数。", f"Give the operating profit of each year: 1 to {term} numbers."
        )
        refused.append(Finding("profit-count", words, "profits"))
    if any(abs(one) > MOST_FEN for one in profits):
        refused.append(Finding("profit-range", Words("金额过大。", "An amount is too large."), "profits"))
    if refused:
        raise Unfit(refused)
    points = max(agreed or 0, rules.value(PROFIT))
    amounts = []
    for place, one in enumerate(profits, 1):
        until = year_ends(started_on, place).isoformat()
        loss = Words("（亏损年度为零）", " (nothing of a loss)") if one < 0 else Words("", "")
        how = Words(
            f"至 {until} 一年营业利润 {yuan(one)} 元的 {percent(points)}{loss.zh}",
            f"{percent(points)} of the operating profit of CNY {yuan(one)} in the year to {until}{loss.en}",
        )
        label = Words(f"第 {place} 年奖励", f"Reward of year {place}")
        amounts.append(Amount(f"year-{place}", at_least(max(one, 0), points), label, how, rules.held.get(PROFIT)))
    total = sum(one.value for one in amounts)
    left = Words(f"共 {term} 年中的 {len(profits)} 年", f"{len(profits)} of {term} years")
    amounts.append(Amount("total", total, Words("合计", "Together"), left, rules.held.get(LEAST)))
    return Reckoned(tuple(amounts), (*_below_floor(agreed, PROFIT, rules), *profit_notes(term, rules)))


def award(*, inventions: int, others: int, granted_on: date, rules: WayRules) -> Reckoned:
    """The award for patents that were granted on a day where nothing was agreed, by the rules of that day: so much for
    each at least, by when. Raises `Unfit`."""
    if not (0 <= inventions <= MOST_PATENTS and 0 <= others <= MOST_PATENTS and inventions + others):
        words = Words("请给出被授予专利的件数。", "Say how many patents were granted.")
        raise Unfit([Finding("award-count", words, "inventions")])
    missing = [code for code, count in ((INVENTION, inventions), (OTHER, others)) if count and code not in rules.held]
    if missing:
        place = rules.named(rules.jurisdiction)
        words = Words(
            f"没有{place.zh}在这一天的最低奖金；请查当时施行的规定。",
            f"No least award is known for {place.en} on this day: look into the rules of that day.",
        )
        raise Unfit([Finding("award-unknown", words, "on")])
    amounts = []
    for code, count, label in (
        (INVENTION, inventions, Words("发明专利奖金不低于", "Award for inventions, at least")),
        (OTHER, others, Words("实用新型、外观设计专利奖金不低于", "Award for utility models and designs, at least")),
    ):
        if count:
            each = yuan(rules.value(code))
            how = Words(f"{count} 件，每件 {each} 元", f"{count}, CNY {each} each")
            amounts.append(Amount(code, count * rules.value(code), label, how, rules.held[code]))
    due = months_after(granted_on, rules.value(TERM)) if TERM in rules.held else None
    return Reckoned(tuple(amounts), due=due, term=rules.held.get(TERM))


def _unknown(field: str, rules: WayRules) -> Finding:
    place = rules.named(rules.jurisdiction)
    return Finding(
        "floor-unknown",
        Words(
            f"没有{place.zh}在这一天的最低标准；请给出单位规定或约定的比例。",
            f"No least share is known for {place.en} on this day; give the agreed one.",
        ),
        field,
    )


def _refused_points(agreed: int | None, code: str, rules: WayRules) -> Iterable[Finding]:
    if agreed is None and code not in rules.held:
        yield _unknown("agreed", rules)
    elif agreed is not None and not 0 <= agreed <= 10_000:
        words = Words("约定的奖励比例应在 0 到 100 % 之间。", "The agreed share lies between 0 and 100 %.")
        yield Finding("agreed-range", words, "agreed")


def shares_for(contribution: int, post_money: int, shares: int) -> int:
    """How many of a company's shares a result of this value is, rounded down."""
    return shares * contribution // post_money


def refused_equity(contribution: int, post_money: int, shares: int) -> Iterable[Finding]:
    """What cannot be of an investment."""
    if not 0 < post_money <= MOST_FEN or not 0 < contribution <= post_money:
        words = Words(
            "作价金额应大于零，且不超过公司投后估值。",
            "The result's value lies above zero and not above that of the company.",
        )
        yield Finding("equity-value", words, "contribution")
    if not 0 < shares <= MOST_SHARES:
        yield Finding("equity-shares", Words("总股数应大于零。", "The number of shares lies above zero."), "shares")


def refused_head(heads: bool, rules: WayRules) -> Iterable[Finding]:
    """A head of the unit among those who get equity, where a rule says that they get none."""
    if heads and HEAD in rules.held and not rules.value(HEAD):
        words = Words(
            "单位正职领导原则上不获股权奖励，可以在集体决策并公示后获现金奖励。",
            "A head of the unit gets no equity in principle, but may get cash after a collective decision and a"
            " notice.",
        )
        yield Finding("head-equity", words, "heads", rules.held[HEAD].source)


def term_of(years: int | None, rules: WayRules) -> int:
    """Through how many years profit is shared: as agreed, else the least; zero where no rule says it."""
    return years if years is not None else rules.value(LEAST) // YEAR


def refused_term(term: int, rules: WayRules) -> Iterable[Finding]:
    """A term that is shorter than the least, or beyond all measure."""
    least = max(rules.value(LEAST) // YEAR, 1)
    if not least <= term <= MOST_YEARS:
        words = Words(f"提取年限应为 {least} 至 {MOST_YEARS} 年。", f"The term is {least} to {MOST_YEARS} years.")
        yield Finding("profit-years", words, "years", rules.held[LEAST].source if LEAST in rules.held else "")


def year_ends(started_on: date, number: int) -> date:
    """Until when a year of a production lasts that went into operation on this day."""
    return months_after(started_on, YEAR * number)


def _below_floor(agreed: int | None, code: str, rules: WayRules) -> Iterable[Finding]:
    floor = rules.held.get(code)
    if floor is not None and agreed is not None and agreed < floor.value:
        words = Words(
            f"约定的 {percent(agreed)} 低于最低比例，按 {percent(floor.value)} 计算。",
            f"The agreed {percent(agreed)} lies below the floor, {percent(floor.value)} is used.",
        )
        yield Finding("agreed-below-floor", words, clause=floor.source)


def equity_notes(heads: bool, rules: WayRules) -> Iterable[Finding]:
    """What is to be known of equity."""
    if heads and HEAD not in rules.held:
        place = rules.named(rules.jurisdiction)
        words = Words(
            f"没有{place.zh}关于单位正职股权奖励的已知规定，请先核实。",
            f"No rule on equity for heads of units is known of {place.en}: look into it first.",
        )
        yield Finding("head-unknown", words)
    words = Words("股份数和比例以登记之日为准。", "What counts is number and share on the day of their registration.")
    yield Finding("equity-registered", words)


def profit_notes(term: int, rules: WayRules) -> Iterable[Finding]:
    """What is to be known of rewards from profit."""
    words = Words(
        "须对实施该成果的产品单独核算利润。", "The profit of what is made by the result is accounted for apart."
    )
    yield Finding("profit-books", words)
    most = rules.value(MOST) // YEAR
    if most and term > most:
        words = Words(f"超过 {most} 年的部分出于约定。", f"What goes beyond {most} years is by agreement.")
        yield Finding("profit-agreed", words, clause=rules.held[MOST].source)
