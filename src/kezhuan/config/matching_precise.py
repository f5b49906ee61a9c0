"""`./kezhuan match --all --per-need K --per-supply C`: who meets whom where room is short, and what that costs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kezhuan.config.matching_files import Entry, Language, Talk, because, many, owner_in
from kezhuan.config.matching_trouble import Trouble

if TYPE_CHECKING:
    from kezhuan.engines.assignment.candidates import Given, LostWish, Wishes
    from kezhuan.engines.matching import Match
    from kezhuan.engines.matching.runs import Run

CANDIDATES = 50
HEADER = (
    ("需求编号", "need id"),
    ("需求名称", "need title"),
    ("结果", "outcome"),
    ("志愿", "wish"),
    ("成果编号", "supply id"),
    ("成果名称", "supply title"),
    ("团队", "team"),
    ("得分", "score"),
    ("说明", "why"),
)
FOR_PROGRAMS = ["need", "title", "outcome", "wish", "supply", "supply_title", "team", "score", "why"]
WIDTHS = (14, 36, 8, 6, 16, 36, 20, 8, 80)
GOT, LOST, NOTHING = ("得到", "got"), ("未得", "lost"), ("没有候选", "none")


@dataclass(frozen=True)
class Asked:
    """The candidates as numbers: `pairs` says of each the supply record that stands for it, `owners` who it is of. So
    many candidates were left out for want of any room: `full`."""

    wishes: Wishes
    pairs: list[str | int]
    owners: list[str]
    full: int


def give_out(
    run: Run,
    lists: Iterable[Sequence[Match]],
    needs: Sequence[Entry],
    by_id: Mapping[Any, Entry],
    excluded: AbstractSet[tuple[str, str]],
    options: argparse.Namespace,
    talk: Talk,
) -> int:
    """Choose who meets whom, write it with reasons, and say what everybody's first wishes would have been worth;
    returns how many rows were written.

    `lists` are the candidates of each need, best first. `by_id` has the supply by its id in the run, which need not be
    the one that people know; who says of themselves how many needs they take meets no more. `excluded` are pairs of
    ids, as people know them, that must not meet.
    """
    from kezhuan.engines.assignment.candidates import give, lost_wishes
    from kezhuan.engines.tables import write_table
    from kezhuan.engines.tables.opening import claimed_format

    asked = _asked(lists, needs, by_id, excluded, options)
    given = give(asked.wishes)
    lost = list(lost_wishes(given))
    claimed = claimed_format(Path(options.out))
    for_programs = bool(claimed and claimed[0] == "jsonl")
    place = 1 if for_programs or options.lang == "en" else 0
    header = FOR_PROGRAMS if for_programs else [one[place] for one in HEADER]
    told = _Told(run, needs, by_id, asked, given, options.lang, place)
    sheet = "matches" if options.lang == "en" else "匹配结果"
    written = write_table(options.out, header, told.rows(lost), widths=WIDTHS, sheet=sheet)
    _say(given, lost, Path(options.out).name, talk)
    if asked.full:
        say_full(asked.full, talk)
    return written


def say_full(count: int, talk: Talk) -> None:
    """Say that so many candidates were left out for want of any room."""
    talk.say(
        f"另有 {count:,} 个候选因对方已无余量略过。",
        f"{many(count, 'candidate')} left out, for they take no more needs.",
    )


def rooms_of(by_id: Mapping[Any, Entry], owner_of: Callable[[Any], str], file: str = "") -> dict[str, int]:
    """How many needs owners take at most by their own word, where it is told. Raises Trouble where the rows of one
    differ."""
    said: dict[str, int] = {}
    for one, entry in by_id.items():
        if entry.room is not None and said.setdefault(owner := owner_of(one), entry.room) != entry.room:
            raise Trouble("two-rooms", file=Path(file).name, whose=owner, first=said[owner], room=entry.room)
    return said


def _asked(
    lists: Iterable[Sequence[Match]],
    needs: Sequence[Entry],
    by_id: Mapping[Any, Entry],
    excluded: AbstractSet[tuple[str, str]],
    options: argparse.Namespace,
) -> Asked:
    """Everybody's candidates; a team stands once on a list, by the best of its results."""
    from kezhuan.engines.assignment.candidates import Wishes

    file = options.files[1] if options.files else ""
    owner_of = owner_in(by_id, options.owner or "", file)
    rooms, full = rooms_of(by_id, owner_of, file), 0
    numbers: dict[str, int] = {}
    rows: list[tuple[int, int, float]] = []
    pairs: list[str | int] = []
    for place, (need, matches) in enumerate(zip(needs, lists, strict=True)):
        seen: set[str] = set()
        for match in matches:
            owner = owner_of(match.supply)
            here = str(need.item.id)
            barred = {(here, str(by_id[match.supply].item.id)), (here, owner)} & excluded
            if owner in seen or barred or match.score <= 0:
                continue
            seen.add(owner)
            if rooms.get(owner) == 0:
                full += 1
            else:
                rows.append((place, numbers.setdefault(owner, len(numbers)), match.score))
                pairs.append(match.supply)
    columns = np.array(rows, np.float64).reshape(-1, 3)
    wishes = Wishes.of(
        columns[:, 0].astype(np.int64),
        columns[:, 1].astype(np.int64),
        columns[:, 2],
        per_need=np.full(len(needs), options.per_need),
        per_supply=np.array([min(rooms.get(owner, options.per_supply), options.per_supply) for owner in numbers], int),
    )
    return Asked(wishes, pairs, list(numbers), full)


@dataclass
class _Told:
    """The rows of the file: for each need what it got, and what first wishes it lost."""

    run: Run
    needs: Sequence[Entry]
    by_id: Mapping[Any, Entry]
    asked: Asked
    given: Given
    language: Language
    place: int

    def rows(self, lost: Sequence[LostWish]) -> Iterator[Sequence[Any]]:
        """Need by need: got, best first; then the wishes that were not granted, each with why."""
        of: dict[int, list[LostWish]] = {}
        for one in lost:
            of.setdefault(int(self.asked.wishes.need[one.pair]), []).append(one)
        for number, row in enumerate(self.asked.wishes.lists):
            pairs = row[row >= 0].tolist()
            if not pairs:
                need = self.needs[number]
                yield need.item.id, need.name, NOTHING[self.place], None, None, None, None, None, ""
            wish = {pair: rank for rank, pair in enumerate(pairs, 1)}
            for pair in pairs:
                if self.given.chosen[pair]:
                    yield self._row(number, pair, wish[pair], GOT, self._reasons(number, pair))
            for one in of.get(number, ()):
                yield self._row(number, one.pair, wish[one.pair], LOST, self._why(one))

    def _row(self, number: int, pair: int, wish: int, outcome: tuple[str, str], why: str) -> Sequence[Any]:
        need, supply, wishes = self.needs[number], self.asked.pairs[pair], self.asked.wishes
        owner = self.asked.owners[int(wishes.supply[pair])]
        entry, score = self.by_id[supply], float(wishes.worth[pair])
        team = owner if owner != str(entry.item.id) else ""
        named = (need.item.id, need.name, outcome[self.place], wish, entry.item.id, entry.name)
        return *named, team, score, why

    def _reasons(self, number: int, pair: int) -> str:
        match = self.run.explain(self.needs[number].item, self.asked.pairs[pair])
        return "\n".join(because(part, self.language) for part in match.parts)

    def _why(self, lost: LostWish) -> str:
        wishes, zh = self.asked.wishes, self.language == "zh"
        room = int(wishes.per_supply[wishes.supply[lost.pair]])
        other = self.needs[lost.loser].item.id
        gain, loss = f"{lost.gain:.3f}", f"{lost.loss:.3f}"
        if zh:
            return f"名额 {room} 个已满；换给此需求只多 {gain}，最少使 {other} 少 {loss}"
        return f"all {room} places are taken: here it would gain {gain}, and cost {other} at least {loss}"


def _say(given: Given, lost: Sequence[LostWish], name: str, talk: Talk) -> None:
    wishes, pairs = given.wishes, int(given.chosen.sum())
    content = len(wishes.per_need) - len({int(wishes.need[one.pair]) for one in lost})
    share = 100 * given.loss / given.wished if given.wished else 0.0
    gap = given.bound - given.total
    sure = ("已证明为最优", "proven to be the best")
    if gap > 1e-6 * max(1.0, given.bound):
        sure = (f"与最优至多差 {gap:.3g}", f"at most {gap:.3g} from the best")
    talk.say(
        f"{pairs:,} 对，得分合计 {given.total:.3f}（{sure[0]}）；人人如愿为 {given.wished:.3f}，容量使之减少 "
        f"{given.loss:.3f}（{share:.2f}%）；{content:,} 条需求如愿，{len(lost):,} 个首选未得。已写入 {name}。",
        f"{many(pairs, 'pair')}, total score {given.total:.3f} ({sure[1]}); everybody's first wishes would be "
        f"{given.wished:.3f}, so capacities cost {given.loss:.3f} ({share:.2f} %); {many(content, 'need')} got all "
        f"first wishes, {len(lost):,} first wishes were not granted. Written to {name}.",
    )
