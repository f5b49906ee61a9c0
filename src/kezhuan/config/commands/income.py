"""`./kezhuan income`: what is rewarded of a receipt, of an investment's shares or of a year's profit, its floors and
everybody's share, or what of a year's income from transfer of technology is taxed; no server and no database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from kezhuan.config.income_said import as_json, in_lines, relief_in_lines, relief_json
from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.engines.contracts import RELIEF_UNKNOWN, income_tax_relief
from kezhuan.engines.findings import Language, Unfit
from kezhuan.engines.income import (
    DEDUCTIONS,
    Agreement,
    Deduction,
    Distribution,
    Investment,
    Member,
    Owners,
    ProfitYear,
    Receipt,
    Role,
    deduction_kind,
    distribute,
    distribute_equity,
    distribute_profit,
    floors_from,
    ways_from,
)
from kezhuan.engines.money import fen_from_yuan
from kezhuan.engines.rules import RuleVersion, nearest

OWNER = "owner"
CITY_TIME = timezone(timedelta(hours=8))


def run(argv: list[str]) -> int:
    """Print the distribution; returns 0, or 2 with one sentence for each thing that cannot be."""
    parser = _parser()
    options = parser.parse_args(argv)
    _fitting(parser, options)
    language: Language = "en" if prefers_english() else "zh"
    from kezhuan.kernel.rules import shipped

    versions = shipped()

    def look_up(code: str) -> RuleVersion | None:
        return nearest(versions, code, on=options.on, jurisdiction=options.jurisdiction)

    try:
        told, lines = _told(options, look_up, language)
    except Unfit as unfit:
        for one in unfit.findings:
            print(one.say(language), file=sys.stderr)
        return 2
    print(json.dumps(told, ensure_ascii=False, indent=2) if options.json else "\n".join(lines))
    return 0


def _told(
    options: argparse.Namespace, look_up: Callable[[str], RuleVersion | None], language: Language
) -> tuple[dict[str, Any], list[str]]:
    """What is answered, as plain values and as lines; raises `Unfit`."""
    place, day = options.jurisdiction, options.on
    if options.transfer is None:
        done = _reckoned(options, look_up)
        return as_json(done, place, language), in_lines(done, place, language)
    relief = income_tax_relief(options.transfer, look_up)
    if relief is None:
        raise Unfit([RELIEF_UNKNOWN])
    asked = (options.transfer, place, day)
    return relief_json(relief, *asked), relief_in_lines(relief, *asked, language)


def _reckoned(options: argparse.Namespace, look_up: Callable[[str], RuleVersion | None]) -> list[Distribution]:
    """What it comes to: one distribution, or one for each year of profit."""
    agreement, place, on = _agreement(options), options.jurisdiction, options.on
    if options.contribution is not None:
        put = Investment(options.contribution, options.post_money, options.total_shares, on, options.heads)
        return [distribute_equity(put, agreement, ways_from(place, look_up))]
    if options.profit:
        rules = ways_from(place, look_up)
        years = (
            ProfitYear(fen, number, options.started, on, options.years) for number, fen in enumerate(options.profit, 1)
        )
        return [distribute_profit(year, agreement, rules) for year in years]
    receipt = Receipt(options.received, on, tuple(options.deduct))
    return [distribute(receipt, agreement, floors_from(place, look_up), carried=options.carried)]


def _parser() -> Parser:
    parser = Parser(
        "income",
        "计算一笔到账、一次作价投资所得股份或逐年营业利润的奖励总额、最低比例和各人所得；每个数字附依据。"
        "数值来自随程序发布的规则文件。",
        "Reward pool, floors and everybody's share of a receipt, of the shares for a result that was put into a"
        " company, or of a production's profit, each figure with its source, from the rule files that ship.",
        usage="./kezhuan income (--received YUAN [--deduct KIND=YUAN ...] | --contribution YUAN --post-money YUAN"
        " --total-shares N [--heads] | --profit YUAN [...] --started DATE [--years N] | --transfer YUAN)"
        " --jurisdiction CODE [--on DATE] [--share ...] [--json]",
    )
    money = _typed(fen_from_yuan, "不是以元为单位、至多两位小数的金额", "is no amount in yuan")
    add = parser.add_argument
    kinds = ", ".join(DEDUCTIONS)
    _add_amounts(parser, money)
    add(
        "--deduct",
        type=_deduction,
        action="append",
        default=[],
        metavar="KIND=YUAN",
        help=told(f"扣除项，可多次：{kinds}", f"a deduction, may be repeated: {kinds}"),
    )
    add(
        "--jurisdiction",
        type=_place,
        required=True,
        metavar="CODE",
        help=told("行政区划代码，如 440100；000000 为全国", "GB/T 2260 code such as 440100; 000000 for everywhere"),
    )
    add(
        "--on",
        type=_DAY,
        default=datetime.now(CITY_TIME).date(),
        metavar="DATE",
        help=told(
            "到账或登记日期，据以适用规则（今天）", "the day whose rules hold, of receipt or registration (today)"
        ),
    )
    add(
        "--carried",
        type=money,
        default=0,
        metavar="YUAN",
        help=told("此前结转的负数余额", "negative balance carried here"),
    )
    add("--json", action="store_true", help=told("以 JSON 输出，金额为分", "as JSON, amounts in fen"))
    _add_ways(parser, money)
    _add_shares(parser)
    return parser


def _add_amounts(parser: Parser, money: Callable[[str], Any]) -> None:
    """Of what it is reckoned: one of four."""
    ways = parser.add_mutually_exclusive_group(required=True)
    ways.add_argument("--received", type=money, metavar="YUAN", help=told("到账金额，元", "what was received, in yuan"))
    ways.add_argument(
        "--contribution",
        type=money,
        metavar="YUAN",
        help=told("作价投资：成果作价金额，元", "put into a company: the result's value, in yuan"),
    )
    ways.add_argument(
        "--profit",
        type=money,
        action="append",
        metavar="YUAN",
        help=told(
            "自行或合作实施：一年的营业利润，元；自第一年起逐年给出，亏损写负数",
            "one's own or a joint production: a year's operating profit, in yuan, the first year first; a loss below"
            " zero",
        ),
    )
    ways.add_argument(
        "--transfer",
        type=money,
        metavar="YUAN",
        help=told(
            "一个纳税年度的技术转让所得，元：算出免征和应纳企业所得税的部分",
            "a tax year's income from transfer of technology, in yuan: what of it is exempt and what is taxed",
        ),
    )


def _add_ways(parser: Parser, money: Callable[[str], Any]) -> None:
    """Arguments of an investment and of a production."""
    add = parser.add_argument
    add(
        "--post-money",
        type=money,
        metavar="YUAN",
        help=told("作价投资：公司投后估值，元", "the company's value after the investment, in yuan"),
    )
    add(
        "--total-shares",
        type=_count,
        metavar="N",
        help=told("作价投资：公司总股数", "shares of the company in all"),
    )
    add(
        "--heads",
        action="store_true",
        help=told("作价投资：奖励对象中有单位正职", "a head of the unit is among those who get shares"),
    )
    add("--started", type=_DAY, metavar="DATE", help=told("投产日期", "the day on which production began"))
    add(
        "--years",
        type=_count,
        metavar="N",
        help=told("按营业利润奖励的年数（最短期限）", "through how many years profit is shared (the least term)"),
    )


def _fitting(parser: Parser, options: argparse.Namespace) -> None:
    """Refuse what is missing for the way, and what belongs to another one."""
    needed = {
        "contribution": ("post_money", "total_shares"),
        "profit": ("started",),
        "received": (),
        "transfer": (),
    }
    more = {"contribution": ("heads",), "profit": ("years",), "received": ("deduct", "carried"), "transfer": ()}
    for way, its in needed.items():
        given = getattr(options, way) is not None
        for name in (*its, *more[way]):
            option, value = f"--{name.replace('_', '-')}", getattr(options, name)
            if given and name in its and value is None:
                parser.error(told(f"缺少 {option}", f"{option} is missing"))
            if not given and value:
                parser.error(told(f"{option} 只与 --{way} 同用", f"{option} goes with --{way} only"))
    for name in ("agreed", "share", "owners", "owners_rewarded", "unit"):
        if options.transfer is not None and getattr(options, name):
            option = f"--{name.replace('_', '-')}"
            parser.error(told(f"{option} 不与 --transfer 同用", f"{option} does not go with --transfer"))


def _add_shares(parser: Parser) -> None:
    """Arguments that say who shares."""
    add = parser.add_argument
    add(
        "--agreed",
        type=_points,
        metavar="PERCENT",
        help=told("单位规定或约定的奖励比例", "share for rewards as agreed"),
    )
    add(
        "--share",
        type=_share,
        action="append",
        default=[],
        metavar="[ROLE:]NAME=WEIGHT",
        help=told(
            "一个人及其份额，可多次；ROLE 为 main（主要贡献，默认）、other、office（技术转移机构）"
            "或 owner（赋权的权利人）",
            "a person and a weight, may be repeated; ROLE is main (the default), other, office, or owner under a grant",
        ),
    )
    add(
        "--owners",
        type=_points,
        metavar="PERCENT",
        help=told("权利人合计持有的份额", "share that the owners hold together"),
    )
    add(
        "--owners-rewarded",
        default="",
        metavar="CLAUSE",
        help=told("约定权利人同时参加奖励的协议条款", "the clause by which owners share in the reward as well"),
    )
    add(
        "--unit",
        type=_share,
        action="append",
        default=[],
        metavar="NAME=WEIGHT",
        help=told("留归单位部分的分配，可多次", "a part of what stays with the unit, may be repeated"),
    )


# -- arguments ---------------------------------------------------------------------------------------------------------


def _typed(read: Callable[[str], Any], zh: str, en: str) -> Callable[[str], Any]:
    def typed(word: str) -> Any:
        try:
            return read(word)
        except ValueError:
            raise argparse.ArgumentTypeError(told(f"“{word}”{zh}", f"“{word}” {en}")) from None

    return typed


_DAY = _typed(date.fromisoformat, "不是日期，请写成 2025-06-30", "is no day; write it like 2025-06-30")


def _count(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) <= 14):
        raise argparse.ArgumentTypeError(told(f"“{word}”不是正整数", f"“{word}” is no whole number above zero"))
    return int(word)


def _deduction(word: str) -> Deduction:
    kind, found, amount = word.partition("=")
    try:
        return Deduction(deduction_kind(kind), fen_from_yuan(amount if found else ""))
    except ValueError:
        raise argparse.ArgumentTypeError(
            told(f"“{word}”应写成 KIND=元，如 tax=60000", f"“{word}”: write KIND=YUAN, for example tax=60000")
        ) from None


def _place(word: str) -> str:
    if not (len(word) == 6 and word.isascii() and word.isdecimal()):
        raise argparse.ArgumentTypeError(
            told(f"“{word}”不是六位行政区划代码", f"“{word}” is no code of six digits (GB/T 2260)")
        )
    return word


def _hundredths(typed: str) -> int:
    try:
        number = Decimal(typed.strip().rstrip("%").strip()) * 100
    except InvalidOperation:
        raise ValueError(typed) from None
    if not number.is_finite() or number != number.to_integral_value() or abs(number) > 10**12:
        raise ValueError(typed)
    return int(number)


def _points(word: str) -> int:
    try:
        points = _hundredths(word)
    except ValueError:
        points = -1
    if not 0 <= points <= 10_000:
        raise argparse.ArgumentTypeError(
            told(f"“{word}”不是 0 到 100 的百分比", f"“{word}” is no share from 0 to 100 percent")
        )
    return points


def _share(word: str) -> tuple[str, str, int]:
    """Role, name and weight in hundredths."""
    who, _, weight = word.rpartition("=")
    role, found, name = who.partition(":")
    if not found or role not in {*Role, OWNER}:
        role, name = Role.MAIN.value, who
    try:
        counted = _hundredths(weight)
    except ValueError:
        counted = 0
    if not name.strip() or counted <= 0:
        raise argparse.ArgumentTypeError(
            told(f"“{word}”应写成 姓名=份额，如 张三=60", f"“{word}”: write NAME=WEIGHT, for example Zhang=60")
        )
    return role, name.strip(), counted


def _agreement(options: argparse.Namespace) -> Agreement:
    owning = tuple((name, weight) for role, name, weight in options.share if role == OWNER)
    owners = None
    if owning or options.owners is not None or options.owners_rewarded:
        clause = options.owners_rewarded.strip()
        owners = Owners(options.owners or 0, owning, also_rewarded=bool(clause), clause=clause)
    return Agreement(
        points=options.agreed,
        members=tuple(Member(name, Role(role), weight) for role, name, weight in options.share if role != OWNER),
        owners=owners,
        unit_parts=tuple((name, weight) for _, name, weight in options.unit),
    )
