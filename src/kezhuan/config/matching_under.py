"""What stands just under the first of a need in `./kezhuan match`, and what would lift it: in words, and as rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kezhuan.config.matching_files import HEADER, Entry, Language, Rows

if TYPE_CHECKING:
    from kezhuan.engines.matching import Item, Match, Matcher, NearMiss, Reason

Under = Callable[[Entry, Sequence["NearMiss"]], list[Sequence[Any]]]
MOST_BELOW = 100
_REASONS = HEADER.index(("理由", "reasons"))


def just_under(matcher: Matcher, need: Item, top: int, below: int) -> list[NearMiss]:
    """The `below` records behind the first `top`, each with the fewest changes that would lift it among them."""
    from kezhuan.engines.matching import is_like

    return matcher.why_not(need, top, below, worded=is_like) if below else []


def said_of(miss: NearMiss, language: Language) -> list[str]:
    """What would lift a record and to which place, a sentence for each; or what keeps it where it is."""
    zh = language == "zh"
    changes, held = _in_words(miss.changes, language), _in_words(miss.held, language)
    if miss.gap is not None:
        return [*held, *_in_words([miss.gap], language)]
    if len(changes) == 1:
        lifted = f"改后列第 {miss.new_rank}" if zh else f"it would then be No. {miss.new_rank}"
    elif zh:
        lifted = f"这 {len(changes)} 处一起改，列第 {miss.new_rank}"
    else:
        lifted = f"with these {len(changes)} changes together it would be No. {miss.new_rank}"
    besides = [one for one in held if one not in changes]
    said = ("另外：" if zh else "besides: ") + ("；" if zh else "; ").join(besides)
    return [*changes, lifted, *([said] if besides else [])]


def heading_under(top: int, language: Language) -> str:
    """What stands above them on a terminal."""
    return f"未列入前 {top} 名，差在：" if language == "zh" else f"Just below the first {top}, and what they lack:"


def with_under(
    header: list[str], rows: Rows, out: str, language: Language, *, any_asked: bool
) -> tuple[list[str], Rows, Under]:
    """The header and rows of `layout` with room for what stands under the first, and what makes the rows of that: it
    stands in a column `below` of .jsonl, which is empty for pairs and there if any was asked for, and among the reasons
    of a sheet."""
    from kezhuan.engines.tables.opening import claimed_format

    claimed = claimed_format(Path(out))
    if not any_asked or not claimed or claimed[0] != "jsonl":
        return header, rows, partial(_in_sheet, rows, language)
    return (
        [*header, "below"],
        lambda need, matches: [(*row, None) for row in rows(need, matches)],
        partial(_in_json, rows, language),
    )


def _in_sheet(rows: Rows, language: Language, need: Entry, missed: Sequence[NearMiss]) -> list[Sequence[Any]]:
    mark = "未列入：" if language == "zh" else "not among the first: "
    made = [list(row) for row in _bare(rows, need, missed)]
    for row, miss in zip(made, missed, strict=True):
        row[_REASONS] = mark + "\n".join(said_of(miss, language))
    return list(made)


def _in_json(rows: Rows, language: Language, need: Entry, missed: Sequence[NearMiss]) -> list[Sequence[Any]]:
    def below(miss: NearMiss) -> dict[str, Any]:
        return {
            "line": miss.line,
            "changes": _in_words(miss.changes, language),
            "held_back_by": _in_words(miss.held, language),
            "gap": "" if miss.gap is None else _in_words([miss.gap], language)[0],
            "new_score": miss.new_score,
            "new_rank": miss.new_rank,
        }

    return [(*row, below(miss)) for row, miss in zip(_bare(rows, need, missed), missed, strict=True)]


def _bare(rows: Rows, need: Entry, missed: Sequence[NearMiss]) -> list[Sequence[Any]]:
    """Their rows as those of pairs are made, without parts; none where none is missed."""
    from kezhuan.engines.matching import Match

    pairs: list[Match] = [Match(miss.supply, miss.rank, miss.score, ()) for miss in missed]
    return rows(need, pairs) if pairs else []


def _in_words(reasons: Sequence[Reason], language: Language) -> list[str]:
    from kezhuan.engines.tables.match_columns import label_in

    return [one.say(language, partial(label_in, language)) for one in reasons]
