"""`./kezhuan income`: net income, reward pool, floors and shares of one receipt; no server and no database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.engines.findings import Language, Unfit
from kezhuan.engines.income import (
    DEDUCTIONS,
    Agreement,
    Deduction,
    Distribution,
    Member,
    Owners,
    Receipt,
    Role,
    deduction_kind,
    distribute,
    floors_from,
)
from kezhuan.engines.money import fen_from_yuan, yuan
from kezhuan.engines.rules import RuleVersion, nearest

OWNER = "owner"
CITY_TIME = timezone(timedelta(hours=8))
ROLE_WORDS = {
    "main": ("主要贡献人员", "main contributor"),
    "other": ("其他贡献人员", "other contributor"),
    "office": ("技术转移机构", "transfer office"),
    "owner": ("权利人", "owner"),
    "reward": ("奖励总额", "reward"),
    "unit": ("单位", "unit"),
}


def run(argv: list[str]) -> int:
    """Print the distribution; returns 0, or 2 with one sentence for each thing that cannot be."""
    options = _parser().parse_args(argv)
    language: Language = "en" if prefers_english() else "zh"
    from kezhuan.kernel.rules import shipped

    versions = shipped()

    def look_up(code: str) -> RuleVersion | None:
        return nearest(versions, code, on=options.on, jurisdiction=options.jurisdiction)

    receipt = Receipt(options.received, options.on, tuple(options.deduct))
    try:
        done = distribute(
            receipt, _agreement(options), floors_from(options.jurisdiction, look_up), carried=options.carried
        )
    except Unfit as unfit:
        for one in unfit.findings:
            print(one.say(language), file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_json(done, options.jurisdiction, language), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(done, options.jurisdiction, language)))
    return 0


def _parser() -> Parser:
    parser = Parser(
        "income",
        "计算一笔成果转化收入的净收入、奖励总额、最低比例和各人所得；每个数字附依据。数值来自随程序发布的规则文件。",
        "Net income, reward pool, floors and shares of one receipt, each figure with its source, from the rule files"
        " that ship with the program.",
        usage="./kezhuan income --received YUAN [--deduct KIND=YUAN ...] --jurisdiction CODE [--on DATE] [--share ...]"
        " [--json]",
    )
    money = _typed(fen_from_yuan, "不是以元为单位、至多两位小数的金额", "is no amount in yuan")
    add = parser.add_argument
    kinds = ", ".join(DEDUCTIONS)
    add(
        "--received", type=money, required=True, metavar="YUAN", help=told("到账金额，元", "what was received, in yuan")
    )
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
        type=_typed(date.fromisoformat, "不是日期，请写成 2025-06-30", "is no day; write it like 2025-06-30"),
        default=datetime.now(CITY_TIME).date(),
        metavar="DATE",
        help=told("到账日期（今天）", "the day of receipt (today)"),
    )
    add(
        "--carried",
        type=money,
        default=0,
        metavar="YUAN",
        help=told("此前结转的负数余额", "negative balance carried here"),
    )
    add("--json", action="store_true", help=told("以 JSON 输出，金额为分", "as JSON, amounts in fen"))
    _add_shares(parser)
    return parser


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


# -- answers -----------------------------------------------------------------------------------------------------------


def as_json(done: Distribution, jurisdiction: str, language: Language) -> dict[str, Any]:
    """The distribution as plain values: amounts in 分, each figure with how it came about, its rule and its source."""
    return {
        "jurisdiction": jurisdiction,
        "on": done.receipt.on.isoformat(),
        "received_fen": done.receipt.fen,
        "deductions_fen": [{"kind": one.kind, "fen": one.fen} for one in done.receipt.deductions],
        "net_fen": done.net,
        "carried_fen": done.carried,
        "pool_fen": done.pool,
        "unit_fen": done.unit,
        "due": done.due.isoformat() if done.due else None,
        "figures": [
            {
                "code": one.code,
                "fen": one.fen,
                "label": one.label.say(language),
                "how": one.how.say(language),
                "rule": _rule_json(one.rule),
                "clause": one.clause or None,
            }
            for one in done.figures
        ],
        "lines": [{"name": one.name or None, "role": one.role, "fen": one.fen} for one in done.lines],
        "notes": [{"code": one.code, "says": one.say(language)} for one in done.notes],
    }


def _rule_json(rule: RuleVersion | None) -> dict[str, Any] | None:
    if rule is None:
        return None
    return {
        "code": rule.code,
        "jurisdiction": rule.jurisdiction,
        "value": rule.value,
        "unit": rule.unit,
        "from": rule.effective_from.isoformat(),
        "to": rule.effective_to.isoformat() if rule.effective_to else None,
        "source": rule.source,
    }


def _lines(done: Distribution, jurisdiction: str, language: Language) -> list[str]:
    zh = language == "zh"
    stop = "：" if zh else ": "
    day = done.receipt.on.isoformat()
    said = [
        f"地区 {jurisdiction}，{day} 到账 {yuan(done.receipt.fen)} 元"
        if zh
        else f"{jurisdiction}, received on {day}: CNY {yuan(done.receipt.fen)}"
    ]
    costs = done.receipt.deductions
    said += [f"  − {yuan(one.fen):>18}  {DEDUCTIONS[one.kind].say(language)}" for one in costs]
    for one in done.figures:
        said.append(f"{yuan(one.fen):>20}  {one.label.say(language)}{stop}{one.how.say(language)}")
        if one.rule is not None:
            since = f"{one.rule.code} {one.rule.jurisdiction} {one.rule.effective_from.isoformat()}"
            said.append(f"{'':>22}[{since}] {one.rule.source}")
        if one.clause:
            said.append(f"{'':>22}{one.clause}")
    named = [one for one in done.lines if one.name]
    if named:
        said.append("各人和单位所得：" if zh else "Everybody's share:")
        for line in done.lines:
            role = ROLE_WORDS[line.role][0 if zh else 1]
            said.append(f"{yuan(line.fen):>20}  {line.name + ' · ' if line.name else ''}{role}")
    if done.due:
        term = (
            f"最迟 {done.due.isoformat()} 发放（未另作约定时）"
            if zh
            else f"To be paid by {done.due.isoformat()} unless agreed otherwise"
        )
        said.append(term)
    said += [f"* {one.say(language)}" for one in done.notes]
    return said
