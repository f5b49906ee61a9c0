"""`./kezhuan assign AFFINITY`: experts for items from files, with reasons, or what makes it impossible; no database."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from kezhuan.config.speech import Parser, prefers_english, told, whole_number

if TYPE_CHECKING:
    from kezhuan.engines.assignment import Alternate, Assignment, Blocking, Problem, Reason, Step

Language = Literal["zh", "en"]

IMPOSSIBLE = 3
MOST = 1_000_000
HEADER = (
    ("项目", "item"),
    ("专家", "expert"),
    ("角色", "role"),
    ("匹配度", "affinity"),
    ("名次", "rank"),
    ("可选人数", "possible"),
    ("抽中概率", "probability"),
    ("理由", "reasons"),
)
WIDTHS = (18, 18, 8, 10, 8, 10, 10, 80)
ROLES = {"panel": ("评审", "panel"), "alternate": ("候补", "alternate")}
RULES = {
    "plain": ("只看匹配度、冲突和上限", "affinity, conflicts, greatest loads"),
    "min-load": ("再加最低评审数", "with least loads"),
    "mix-least": ("再加各组最少席位", "with the seats that groups must have"),
    "mix-most": ("再加各组最多席位", "with the most seats of groups"),
    "fair": ("再照顾最吃亏的项目", "with the worst-served item first"),
    "chance": ("再随机抽取（期望值）", "with panels drawn at random (expected)"),
}


@dataclass(frozen=True)
class Told:
    """What was made and what is said of it."""

    made: Assignment
    steps: list[Step]
    pairs: int
    alternates: int
    strangers: int
    seconds: float


def run(argv: list[str]) -> int:
    """Run the command; 0 when done, 2 when the input cannot be used, 3 when there is no assignment, 130 interrupted."""
    try:
        options = _parse(argv)
    except SystemExit as done:
        return int(done.code or 0)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    from kezhuan.engines.assignment import Blocked
    from kezhuan.engines.assignment.rows import WrongRow
    from kezhuan.engines.tables import Unusable

    language: Language = "en" if prefers_english() else "zh"
    try:
        return _assign(options, language)
    except Unusable as unusable:
        print(unusable.say(language), file=sys.stderr)
        return 2
    except WrongRow as wrong:
        print(wrong.problem.say(language, left_out=False), file=sys.stderr)
        return 2
    except Blocked as blocked:
        _say_blocked(blocked.blocking, options, language)
        return IMPOSSIBLE
    except KeyboardInterrupt:
        print(told("\n已中断，没有写出任何文件。", "\nInterrupted; no file was written."), file=sys.stderr)
        return 130


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = Parser(
        "assign",
        "按匹配度为项目分配评审专家，逐对说明理由；读 .xlsx、.csv、.tsv、.jsonl。无法分配时指出最小的矛盾，退出码 3。",
        "Assign experts to items by affinity, with a reason for each pair; reads .xlsx, .csv, .tsv, .jsonl. "
        "When it cannot be done, names the smallest demands that block it, exit code 3.",
        usage="./kezhuan assign AFFINITY [--conflicts FILE] [--per-item N] [--max-load N] [--min-load N] [--mix FILE] "
        "[--fair] [--seed S [--max-probability P]] [--alternates N] --out FILE [--json]",
    )
    _add_options(parser)
    options = parser.parse_args(argv)
    if options.max_probability is not None and options.seed is None:
        parser.error(told("--max-probability 须与 --seed 同用", "--max-probability goes with --seed"))
    if options.seed is not None and not options.seed.strip():
        parser.error(told("--seed 的内容为空", "--seed is empty"))
    return options


def _add_options(parser: Parser) -> None:
    count = whole_number(0, MOST)
    parser.add_argument(
        "affinity", metavar="AFFINITY", help=told("匹配度表：项目、专家、匹配度", "rows of item, expert, affinity")
    )
    parser.add_argument(
        "--conflicts", metavar="FILE", help=told("冲突表：项目、专家", "rows of item, expert that must not be paired")
    )
    parser.add_argument(
        "--per-item",
        type=count,
        default=5,
        metavar="N",
        help=told("每个项目几位专家（5）", "experts for each item (5)"),
    )
    parser.add_argument(
        "--max-load",
        type=count,
        metavar="N",
        help=told("每位专家最多评几项（不限）", "most items of an expert (no limit)"),
    )
    parser.add_argument(
        "--min-load",
        type=count,
        default=0,
        metavar="N",
        help=told("每位专家最少评几项（0）", "least items of an expert (0)"),
    )
    parser.add_argument(
        "--mix",
        metavar="FILE",
        help=told(
            "组成表：组别、专家、至少、至多（席位数或 20%%）",
            "rows of group, expert, at least, at most (seats, or 20%%)",
        ),
    )
    parser.add_argument(
        "--fair", action="store_true", help=told("先照顾最吃亏的项目", "serve the worst-served item first")
    )
    _add_choices(parser, count)


def _add_choices(parser: Parser, count: Callable[[str], int]) -> None:
    parser.add_argument(
        "--seed", metavar="S", help=told("按此种子随机抽取，防止串通", "draw panels by this seed, against collusion")
    )
    parser.add_argument(
        "--max-probability",
        type=_share,
        metavar="P",
        help=told("抽取时每一对的最高概率（0.5）", "highest probability of any pair when drawn (0.5)"),
    )
    parser.add_argument(
        "--alternates",
        type=count,
        default=0,
        metavar="N",
        help=told("每个项目几位候补（0）", "alternates of each item (0)"),
    )
    parser.add_argument(
        "--out", required=True, metavar="FILE", help=told("写入 .xlsx、.csv 或 .jsonl", "write .xlsx, .csv or .jsonl")
    )
    parser.add_argument(
        "--json", action="store_true", help=told("小结写成 JSON", "the summary as JSON on standard output")
    )


def _share(word: str) -> float:
    try:
        share = float(word)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise argparse.ArgumentTypeError(told(f"“{word}”不在 0 与 1 之间", f"“{word}” is not between 0 and 1"))
    return share


def _assign(options: argparse.Namespace, language: Language) -> int:
    from kezhuan.engines.assignment import alternates, assign, reasons, rule_costs
    from kezhuan.engines.tables import Unusable, check_writable, write_table

    began = time.monotonic()
    _check_not_input(options)
    check_writable(options.out)
    problem, strangers = _read(options)
    try:
        made = assign(problem, seed=options.seed)
    except ValueError:
        raise Unusable(Path(options.mix).name, "groups-overlap") from None
    explained = list(reasons(made))
    ready = list(alternates(made, options.alternates)) if options.alternates else []
    steps = rule_costs(made)
    header, rows = _layout(options.out, made, explained, ready, language)
    sheet = told("评审分配", "assignment")
    write_table(options.out, header, rows, widths=WIDTHS, sheet=sheet)
    result = Told(made, steps, len(explained), len(ready), strangers, time.monotonic() - began)
    if options.json:
        print(json.dumps(_summary(result, options), ensure_ascii=False))
    else:
        print("\n".join(_sentences(result, options)), file=sys.stderr)
    return 0


def _read(options: argparse.Namespace) -> tuple[Problem, int]:
    """The problem, and how many conflicts speak of nobody in it."""
    from kezhuan.engines.assignment.rows import put_together, read_affinities, read_conflicts, read_mix

    asked = read_affinities(options.affinity)
    conflicts = read_conflicts(options.conflicts) if options.conflicts else set()
    mix = read_mix(options.mix) if options.mix else {}
    chance = 1.0 if options.seed is None else options.max_probability or 0.5
    problem = put_together(
        asked,
        conflicts,
        mix,
        per_item=options.per_item,
        max_load=options.max_load,
        min_load=options.min_load,
        fair=options.fair,
        max_probability=chance,
    )
    return problem, sum(item not in asked.items or expert not in asked.experts for item, expert in conflicts)


def _check_not_input(options: argparse.Namespace) -> None:
    from kezhuan.engines.tables import Unusable
    from kezhuan.engines.tables.opening import find_source

    out = Path(options.out)
    given = [path for path in (options.affinity, options.conflicts, options.mix) if path]
    if out.exists() and any(out.samefile(find_source(path).path) for path in given):
        raise Unusable(out.name, "overwrites-input")


def _layout(
    out: str, made: Assignment, explained: Sequence[Reason], ready: Sequence[Alternate], language: Language
) -> tuple[list[str], Iterator[Sequence[Any]]]:
    """Header and rows, as the format asked for has them."""
    from kezhuan.engines.tables.opening import claimed_format

    claimed = claimed_format(Path(out))
    for_programs = bool(claimed and claimed[0] == "jsonl")
    place = 1 if for_programs or language == "en" else 0
    header = [one[place] for one in HEADER]
    return header, _rows(made, explained, ready, language, 1 if for_programs else place)


def _rows(
    made: Assignment, explained: Sequence[Reason], ready: Sequence[Alternate], language: Language, place: int
) -> Iterator[Sequence[Any]]:
    from kezhuan.engines.assignment import say_alternate, say_reason

    problem, chance = made.problem, made.probability
    items = {name: number for number, name in enumerate(problem.items)}
    experts = {name: number for number, name in enumerate(problem.experts)}
    waiting: dict[str, list[Alternate]] = {}
    for one in ready:
        waiting.setdefault(one.item, []).append(one)
    last = ""
    for reason in [*explained, None]:
        if reason is None or reason.item != last:
            for one in waiting.get(last, ()):
                role = ROLES["alternate"][place]
                yield one.item, one.expert, role, one.affinity, None, None, None, say_alternate(one, language)
        if reason is not None:
            last = reason.item
            share = None if chance is None else round(float(chance[items[last], experts[reason.expert]]), 6)
            said = say_reason(reason, language)
            role = ROLES["panel"][place]
            yield reason.item, reason.expert, role, reason.affinity, reason.rank, reason.possible, share, said


def _summary(result: Told, options: argparse.Namespace) -> dict[str, Any]:
    made = result.made
    first = result.steps[0].total
    return {
        "items": len(made.problem.items),
        "experts": len(made.problem.experts),
        "pairs": result.pairs,
        "alternates": result.alternates,
        "total": made.total,
        "bound": made.bound,
        "gap": made.gap,
        "worst": made.worst,
        "worst_bound": made.worst_bound,
        "least_load": int(made.loads.min()),
        "greatest_load": int(made.loads.max()),
        "rules": [
            {"rule": one.rule, "total": one.total, "change": one.total - before, "worst": one.worst}
            for one, before in zip(result.steps, [first, *(step.total for step in result.steps)], strict=False)
        ],
        "conflicts_of_nobody_here": result.strangers,
        "seed": options.seed,
        "max_probability": made.problem.max_probability,
        "seconds": round(result.seconds, 3),
        "out": options.out,
    }


def _sentences(result: Told, options: argparse.Namespace) -> list[str]:
    made, name = result.made, Path(options.out).name
    items, experts = len(made.problem.items), len(made.problem.experts)
    lines = []
    for step, before in zip(result.steps, [None, *result.steps], strict=False):
        change = f"（{step.total - before.total:+.6g}）" if before else ""
        rule = told(*RULES[step.rule])
        lines.append(
            told(
                f"{rule}：总匹配度 {step.total:.6g}{change}，最吃亏的项目平均 {step.worst:.4g}",
                f"{rule}: total affinity {step.total:.6g}{change.replace('（', ' (').replace('）', ')')}, "
                f"worst-served item's mean {step.worst:.4g}",
            )
        )
    best = (
        told("已证明为最优", "proven to be the best")
        if made.gap < 1e-9
        else told(f"与最优至多差 {made.gap:.2g}（占比）", f"within {made.gap:.2g} of the best, as a share of it")
    )
    if result.strangers:
        n = result.strangers
        lines.append(told(f"有 {n:,} 条冲突不涉及这些项目和专家。", f"{n:,} conflicts concern nobody here."))
    low, high = int(made.loads.min()), int(made.loads.max())
    lines.append(
        told(
            f"完成：{items:,} 个项目 × {experts:,} 位专家，{result.pairs:,} 对、候补 {result.alternates:,} 位，"
            f"每人 {low}–{high} 项，{best}；已写入 {name}，用时 {result.seconds:.1f} 秒。",
            f"Done: {items:,} items × {experts:,} experts, {result.pairs:,} pairs, {result.alternates:,} alternates, "
            f"{low}–{high} items each, {best}; written to {name}, {result.seconds:.1f} s.",
        )
    )
    return lines


def _say_blocked(blocking: Blocking, options: argparse.Namespace, language: Language) -> None:
    from kezhuan.engines.assignment import say_blocking

    if options.json:
        told_of = {
            "obligations": blocking.names(),
            "needed": blocking.needed,
            "available": blocking.available,
            "others": list(blocking.others),
            "said": say_blocking(blocking, language),
        }
        print(json.dumps({"blocked": told_of}, ensure_ascii=False))
    else:
        print(say_blocking(blocking, language), file=sys.stderr)
