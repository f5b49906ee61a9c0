"""`./kezhuan train [FILE …]`: teach the matching engine which Chinese and English words mean the same, and by how much
each part of a score counts in this city."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kezhuan.config.speech import Parser, told
from kezhuan.config.start import bring_up_to_date, start_django

if TYPE_CHECKING:
    from kezhuan.engines.matching.meaning import Table
    from kezhuan.engines.matching.training import Pair

HELD_BACK = 10
"""Every tenth pair of a city is held back to see whether what was learnt is better."""


def run(argv: list[str]) -> int:
    """Train and say what came of it; returns 0, or 2 where the input cannot be used or teaches nothing."""
    for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(pool, "1")  # so that no sum depends on the machine; numpy reads this when imported
    given = _parse(argv)
    from kezhuan.engines.matching.training import LEAST_PAIRS, TooFew
    from kezhuan.engines.tables import Unusable

    try:
        if given.out:
            return _ship(given)
        if not start_django() or not bring_up_to_date():
            return 2
        if given.weights:
            return _weigh()
        if given.files:
            return _learn(given)
        return min(_from_records(given), _weigh())
    except Unusable as unusable:
        print(told(unusable.say("zh"), unusable.say("en")), file=sys.stderr)
    except TooFew as few:
        _say_too_few(few.found, LEAST_PAIRS)
    return 2


def _from_records(given: argparse.Namespace) -> int:
    """Learn words from the city's own records; too few of them leave the rest of the training to go on."""
    from kezhuan.engines.matching.training import LEAST_PAIRS, TooFew

    try:
        return _learn(given)
    except TooFew as few:
        _say_too_few(few.found, LEAST_PAIRS)
        return 2


def _say_too_few(found: int, least: int) -> None:
    print(
        told(
            f"中英文对照的文本只有 {found:,} 对，至少需要 {least} 对；可另给出含中英文标题或摘要的文件。",
            f"Only {found:,} texts stand in both languages and {least} are needed; name files that have titles or "
            "abstracts in both.",
        ),
        file=sys.stderr,
    )


def _weigh() -> int:
    """Learn from the city's decisions on suggestions by how much each part of a score counts."""
    from kezhuan.areas.matches.learning_actions import train_weighting
    from kezhuan.engines.matching.learning import LEAST_NEEDS, TooFewDecisions
    from kezhuan.kernel.errors import Conflict

    try:
        made = train_weighting()
    except TooFewDecisions as few:
        print(
            told(
                f"分项权重：可供学习的需求 {few.learnt:,} 条、可供检验的 {few.judged:,} 条，各至少需要 {LEAST_NEEDS} 条"
                "既有采纳又有拒绝的需求；沿用现有权重。",
                f"Weights of parts: {few.learnt:,} needs to learn from and {few.judged:,} to judge by, {LEAST_NEEDS} "
                "of each are needed, with pairs taken up and refused; the weights stay as they are.",
            ),
            file=sys.stderr,
        )
        return 2
    except Conflict as quicker:
        print(quicker, file=sys.stderr)
        return 2
    gain = f"{made.before:.3f} → {made.after:.3f} [{made.low:+.3f}, {made.high:+.3f}]"
    zh = f"分项权重：学自 {made.trained_on['earlier']:,} 个决定，在其后的 {made.judged:,} 条需求上前十准确率 {gain}"
    en = (
        f"Weights of parts: learnt from {made.trained_on['earlier']:,} decisions, precision among the first ten on "
        f"{made.judged:,} later needs {gain}"
    )
    if made.in_force:
        print(told(f"{zh}；已启用，全部需求将重新匹配。", f"{en}; in force, and all needs will be matched anew."))
    else:
        print(told(f"{zh}；没有把握更好，未启用。", f"{en}; not surely better, so it is not put in force."))
    return 0


def _parse(argv: list[str]) -> argparse.Namespace:
    parser = Parser(
        "train",
        "用中英文对照的标题、关键词和摘要训练跨语言匹配；不写文件即用本市公开记录，并由本市对匹配建议的决定学习分项权重。",
        "Teach matching across languages from titles, keywords and abstracts in both; without files, from the city's "
        "own public records, and the weights of the parts from its decisions on suggestions.",
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help=told("含中英文列的表格", "tables with both languages"))
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=told("只用这些文件从头训练，写到此处", "train afresh, write it here")
    )
    parser.add_argument(
        "--leave-out",
        type=Path,
        metavar="FILE",
        help=told("其中写到的编号不用于训练", "ids named in this file are left out of training"),
    )
    parser.add_argument(
        "--set",
        nargs=3,
        action="append",
        default=[],
        dest="sets",
        metavar=("NAME", "SOURCE", "LICENCE"),
        help=told(
            "所用数据集的名称与权利人、来源网址、许可，随词义表保存并署名；可多次给出",
            "name and authors, address and licence of a set of texts that is used: kept in the table as its "
            "attribution; may be given several times",
        ),
    )
    parser.add_argument(
        "--weights", action="store_true", help=told("只学习分项权重", "learn only the weights of the parts")
    )
    given = parser.parse_args(argv)
    if given.weights and (given.files or given.out or given.leave_out or given.sets):
        parser.error(told("--weights 不与文件同用", "--weights takes no files"))
    if given.out and not given.files:
        parser.error(told("--out 须与文件同用", "--out needs files"))
    if given.sets and not given.files:
        parser.error(told("--set 须与文件同用", "--set needs files"))
    if given.out and not given.sets:
        message = "写出的词义表须用 --set 注明所用数据集", "a table that is passed on names its sets: give --set"
        parser.error(told(*message))
    if given.sets and not all(word.strip() for one in given.sets for word in one):
        parser.error(told("--set 的名称、来源和许可都不能为空", "--set needs a name, a source and a licence"))
    if given.out and given.out.is_dir():
        parser.error(told(f"{given.out} 是文件夹，请写出文件名", f"{given.out} is a folder; name a file in it"))
    if given.leave_out and not given.leave_out.is_file():
        parser.error(told(f"没有 {given.leave_out} 这个文件", f"there is no file {given.leave_out}"))
    return given


def _ship(given: argparse.Namespace) -> int:
    """Train afresh from files alone, on all they hold."""
    from kezhuan.engines.matching.training import train
    from kezhuan.engines.tables import written_beside

    with written_beside(given.out, keep=False):  # before minutes are spent on what cannot be written
        pass
    pairs = list(_pairs(given.files, given.leave_out))
    table = train(pairs, _made_of(given), progress=_tell)
    table.save(given.out)
    print(
        told(
            f"已写入 {given.out}：{len(table.units):,} 个单位，标记 {table.mark[:16]}。",
            f"Written to {given.out}: {len(table.units):,} units, mark {table.mark[:16]}.",
        )
    )
    _attribute(table)
    return 0


def _attribute(table: Table) -> None:
    """Say what others' texts a table was trained on, as their licences ask."""
    if table.attribution:
        print(told("训练所用的开放许可数据集：", "Trained on openly licensed sets:"))
        for line in table.attribution:
            print(f"  {line}")


def _learn(given: argparse.Namespace) -> int:
    """Teach the table in use on, and put the result in force if it finds what was held back better."""
    from kezhuan.engines.matching.meaning import shipped
    from kezhuan.engines.matching.training import found_first, train
    from kezhuan.kernel.search.meaning import own_table

    pairs = list(_pairs(given.files, given.leave_out)) if given.files else list(_records())
    seen = [pair for number, pair in enumerate(pairs) if number % HELD_BACK]
    table = train(seen, _made_of(given), progress=_tell, base=shipped())
    before, after = (
        sum(ranks) / len(ranks) for ranks in (found_first(one, pairs[::HELD_BACK]) for one in (shipped(), table))
    )
    said = told(
        f"在留出的 {len(pairs[::HELD_BACK]):,} 对上，平均倒数排名 {before:.3f} → {after:.3f}",
        f"On {len(pairs[::HELD_BACK]):,} pairs held back, mean reciprocal rank {before:.3f} → {after:.3f}",
    )
    if after <= before:
        print(f"{said}{told('；没有更好，未启用。', '; no better, so it is not put in force.')}")
        return 0
    table.save(own_table())
    print(f"{said}{told('；下次启动时启用。', '; in force from the next start on.')}")
    _attribute(table)
    return 0


def _tell(done: int, whole: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{whole}", end="" if done < whole else "\r", file=sys.stderr, flush=True)


def _made_of(given: argparse.Namespace) -> dict[str, object]:
    """The files by name and hash, and the sets that they are of; of a city's records only that they were its own."""
    if not given.files:
        return {"records": "own"}
    from kezhuan.engines.tables.opening import find_source

    files = [*(find_source(name).path for name in given.files), *([given.leave_out] if given.leave_out else [])]
    marks = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    sets = [dict(zip(("name", "source", "licence"), map(str.strip, one), strict=True)) for one in given.sets]
    return {"files": marks, "left_out": given.leave_out.name if given.leave_out else "", "sets": sets}


def _pairs(files: Sequence[str], leave_out: Path | None) -> Iterator[Pair]:
    """What stands in both languages. A record left out takes those of the same title with it: it may be in twice."""
    from kezhuan.engines.matching import fold
    from kezhuan.engines.matching.training import Pair
    from kezhuan.engines.tables import Problem, open_table
    from kezhuan.engines.tables.bilingual_columns import BILINGUAL_COLUMNS

    named = set(_words_of(leave_out)) if leave_out else set()
    rows = [
        row.values
        for path in files
        for row in open_table(path, BILINGUAL_COLUMNS, any_of=("title", "title_en", "text", "text_en"))
        if not isinstance(row, Problem)
    ]
    titles = {fold(row["title"] or "") for row in rows if row["id"] in named} - {""}
    for row in rows:
        if row["id"] not in named and fold(row["title"] or "") not in titles:
            yield Pair(
                "\n".join(filter(None, (row["title"], *row["keywords"], row["text"]))),
                "\n".join(filter(None, (row["title_en"], *row["keywords_en"], row["text_en"]))),
            )


def _words_of(path: Path) -> list[str]:
    """What stands between tabs and ends of lines; raises `Unusable`."""
    from kezhuan.engines.tables import Unusable

    try:
        return path.read_text(encoding="utf-8").replace("\t", "\n").split("\n")
    except OSError as problem:
        raise Unusable(path.name, "unreadable", reason=problem) from None
    except UnicodeDecodeError:
        raise Unusable(path.name, "not-utf-8") from None


def _records() -> Iterator[Pair]:
    """Titles that everybody may read, of records that have one in each language."""
    from kezhuan.engines.matching.training import Pair
    from kezhuan.kernel.access import PUBLIC
    from kezhuan.kernel.models import Record

    titled = Record.objects.filter(title_to__key=PUBLIC).exclude(title_en="").order_by("pk")
    for title, title_en in titled.values_list("title", "title_en").iterator(2000):
        yield Pair(title, title_en)
