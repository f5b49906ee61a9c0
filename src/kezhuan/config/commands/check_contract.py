"""`./kezhuan check-contract FILE`: check a registration form or a whole register; no server and no database."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from kezhuan.config.speech import Parser, prefers_english, told
from kezhuan.engines.findings import Language

if TYPE_CHECKING:
    from kezhuan.engines.contracts import Register, RuleSet

CITY_TIME = timezone(timedelta(hours=8))
RULES = ("2000-063", "2024-draft")


def run(argv: list[str]) -> int:
    """Return 0 when nothing is missing or wrong, 1 when something is, 2 for a file that cannot be used."""
    options = _parser().parse_args(argv)
    language: Language = "en" if prefers_english() else "zh"
    from kezhuan.engines.contracts import check_file, rule_sets
    from kezhuan.engines.tables import Unusable

    rules = rule_sets()[options.rules] if options.rules else None
    try:
        register = check_file(options.file, rules=rules, as_of=options.as_of, sheet=options.sheet)
    except Unusable as unusable:
        print(unusable.say(language), file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(as_json(register, rules, language), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(register, rules, language)))
    return 0 if register.is_complete else 1


def _parser() -> Parser:
    parser = Parser(
        "check-contract",
        "检查一份技术合同登记表或整个登记台账（.xlsx、.csv、.tsv、.jsonl）：缺项、错误、金额，并提示风险；提示不作决定。"
        "退出码：0 无缺项和错误，1 有，2 文件无法使用。",
        "Check a form of technology-contract registration, or a whole register (.xlsx, .csv, .tsv, .jsonl): what is"
        " missing"
        " or wrong, the amounts, and what to look at twice; flags decide nothing. Exit code: 0 nothing missing or"
        " wrong, 1"
        " something, 2 the file cannot be used.",
    )
    parser.add_argument("file", metavar="FILE", help=told("登记表或台账", "the form or register"))
    parser.add_argument(
        "--rules", choices=RULES, help=told("规则版本（默认按申请日期）", "rule set (by the day of application)")
    )
    parser.add_argument("--sheet", metavar="NAME", help=told("工作表", "sheet of the workbook"))
    parser.add_argument(
        "--as-of",
        type=_day,
        default=datetime.now(CITY_TIME).date(),
        metavar="DATE",
        help=told("以哪一天为准判断长期无到账（今天）", "the day on which payments are looked at (today)"),
    )
    parser.add_argument("--json", action="store_true", help=told("以 JSON 输出，金额为分", "as JSON, amounts in fen"))
    return parser


def _day(word: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise argparse.ArgumentTypeError(
            told(f"“{word}”不是日期，请写成 2025-06-30", f"“{word}” is no day; write it like 2025-06-30")
        ) from None


def as_json(register: Register, rules: RuleSet | None, language: Language) -> dict[str, Any]:
    """What was found as plain values; both amounts stand apart, in 分."""
    return {
        "file": register.file,
        "rules": rules.name if rules else None,
        "complete": register.is_complete,
        "contracts": len(register.contracts),
        "sums": {
            kind: {"contracts": one.contracts, "turnover_fen": one.turnover, "technology_fen": one.technology}
            for kind, one in register.sums.items()
        },
        "left_out": [{"row": one.row, "code": one.code, "says": one.say(language)} for one in register.left_out],
        "findings": [
            {
                "row": one.row or None,
                "column": one.column or None,
                "field": one.finding.field or None,
                "code": one.finding.code,
                "says": one.finding.words.say(language),
                "clause": one.finding.clause or None,
            }
            for one in register.found
        ],
        "experts": [{"row": one.row, "says": one.finding.say(language)} for one in register.experts],
        "flags": [{"kind": one.kind, "rows": list(one.rows), "says": one.say(language)} for one in register.flags],
        "unchecked": list(register.unchecked),
    }


def _lines(register: Register, rules: RuleSet | None, language: Language) -> list[str]:
    from kezhuan.engines.contracts import CHOSEN, KINDS, tables
    from kezhuan.engines.money import yuan

    zh = language == "zh"
    lines = [one.say(language) for one in register.left_out]
    lines += [one.say(language) for one in register.found]
    if register.unchecked:
        names = ("、" if zh else ", ").join(register.unchecked)
        lines.append(
            f"没有合同正文，也没有这些列，未检查合同内容：{names}。"
            if zh
            else f"Neither the text nor these columns are there, so the content was not checked: {names}."
        )
    lines += [one.say(language) for one in register.experts]
    if register.flags:
        lines.append(
            f"以下为风险提示，供核对，不作决定（{CHOSEN.zh}）："
            if zh
            else f"To look at twice; this decides nothing ({CHOSEN.en}):"
        )
        for flag in register.flags:
            kind = KINDS[flag.kind].say(language)
            lines.append(f"  [{kind}] {flag.say(language)}")
    for kind, one in register.sums.items():
        name = tables()["kinds"].say(kind).say(language) if kind else ("未填类别" if zh else "no kind")
        lines.append(
            f"{name}：{one.contracts:,} 份，合同成交总额 {yuan(one.turnover)} 元，技术交易额 {yuan(one.technology)} 元"
            if zh
            else f"{name}: {one.contracts:,}, turnover CNY {yuan(one.turnover)}, technology amount CNY"
            f" {yuan(one.technology)}"
        )
    by = (
        rules.words.say(language)
        if rules
        else ("各行申请日期当时的规则" if zh else "the rules in force on each row's day")
    )
    if rules is not None and not rules.in_force:
        by += "（征求意见稿，未生效）" if zh else " (a draft, not in force)"
    lines.append(
        f"依据：{by}。检查 {len(register.contracts):,} 份，缺项或错误 {len(register.found):,} 处，无法读取"
        f" {len(register.left_out):,} 行，"
        f"风险提示 {len(register.flags):,} 条。"
        if zh
        else f"By {by}. Checked {len(register.contracts):,}: {len(register.found):,} missing or wrong,"
        f" {len(register.left_out):,} rows not read, {len(register.flags):,} flags."
    )
    return lines
