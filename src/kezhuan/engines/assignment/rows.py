"""Read an assignment's files: affinities, conflicts, the mix of panels; a row that is wrong stops the reading.

Leaving a row out would change panels without anybody noticing, so nothing is left out: the first wrong row is named.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from kezhuan.engines import tables
from kezhuan.engines.assignment.problem import Group, Ints, Problem
from kezhuan.engines.tables import Column, open_table

_ITEM = (
    "item", "项目", "项目编号", "申请", "申请编号", "申报编号", "编号", "paper", "submission", "application", "claim",
)  # fmt: skip
_EXPERT = ("expert", "专家", "专家编号", "评审专家", "专家姓名", "评委", "reviewer", "user")
_LEAST = ("at least", "至少", "最少", "不少于", "minimum", "min")
_MOST = ("at most", "至多", "最多", "不超过", "maximum", "max")

AFFINITY_COLUMNS = (
    Column("item", _ITEM, required=True),
    Column("expert", _EXPERT, required=True),
    Column(
        "affinity", ("affinity", "匹配度", "得分", "分数", "契合度", "score", "weight"), kind="number", required=True
    ),
    Column("per_item", ("per item", "评审数", "所需专家数", "专家数", "reviews", "need"), kind="integer", low=0),
    Column("min_load", ("min load", "最少评审数", "最低负担"), kind="integer", low=0),
    Column("max_load", ("max load", "最多评审数", "评审上限", "最高负担"), kind="integer", low=0),
)
"""A row for each pair that may be made; the numbers beside it count for its item, or its expert, in all its rows."""
CONFLICT_COLUMNS = (Column("item", _ITEM, required=True), Column("expert", _EXPERT, required=True))
EXCLUDED_COLUMNS = (
    Column("need", ("need", "need id", "需求", "需求编号", *_ITEM), required=True),
    Column("supply", ("supply", "supply id", "成果", "成果编号", "团队", "team", *_EXPERT), required=True),
)
"""A row for each need and result, or team, that must not meet."""
MIX_COLUMNS = (
    Column(
        "group",
        ("group", "组别", "类别", "专家类别", "单位", "所在单位", "organisation", "organization"),
        required=True,
    ),
    Column("expert", _EXPERT),
    Column("at_least", _LEAST),
    Column("at_most", _MOST),
)
"""A row for each expert of a group, and its bounds on any of them: seats of a panel (1), or a share of it (20%)."""

_BOUND = re.compile(r"(\d{1,6})|(\d{1,3}(?:\.\d{1,2})?)[%％]")


class WrongRow(Exception):
    """A row cannot be used; `problem` says which, and why."""

    def __init__(self, problem: tables.Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass
class Asked:
    """What the files say, before the numbers of the command line are put beside it."""

    affinity: dict[tuple[str, str], float] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    experts: dict[str, int] = field(default_factory=dict)
    per_item: dict[str, int] = field(default_factory=dict)
    min_load: dict[str, int] = field(default_factory=dict)
    max_load: dict[str, int] = field(default_factory=dict)


@dataclass
class Mix:
    """A group of the mix: its members and its bounds as written."""

    members: set[str] = field(default_factory=set)
    at_least: str = ""
    at_most: str = ""


def read_affinities(path: str | Path) -> Asked:
    """Read the pairs that may be made. Raises Unusable, or WrongRow."""
    asked = Asked()
    columns = {"per_item": "item", "min_load": "expert", "max_load": "expert"}
    table = open_table(path, AFFINITY_COLUMNS, any_of=("affinity",))
    _need_columns(table, ("item", "expert"))
    for row in _rows(table):
        item, expert = row.values["item"], row.values["expert"]
        asked.items.setdefault(item, len(asked.items))
        asked.experts.setdefault(expert, len(asked.experts))
        if (item, expert) in asked.affinity:
            raise WrongRow(_problem(table, row, "duplicate-pair", "expert", item=item, expert=expert))
        asked.affinity[item, expert] = row.values["affinity"]
        for name, of in columns.items():
            value = row.values[name]
            if value is not None and getattr(asked, name).setdefault(row.values[of], value) != value:
                first = getattr(asked, name)[row.values[of]]
                raise WrongRow(_problem(table, row, "two-values", name, whose=row.values[of], value=value, first=first))
    return asked


def read_conflicts(path: str | Path) -> set[tuple[str, str]]:
    """Read the pairs that must not be made. Raises Unusable, or WrongRow."""
    table = open_table(path, CONFLICT_COLUMNS)
    _need_columns(table, ("item", "expert"))
    return {(row.values["item"], row.values["expert"]) for row in _rows(table)}


def read_excluded(path: str | Path) -> set[tuple[str, str]]:
    """Read the needs with the results or teams that must not meet them. Raises Unusable, or WrongRow."""
    table = open_table(path, EXCLUDED_COLUMNS)
    _need_columns(table, ("need", "supply"))
    return {(row.values["need"], row.values["supply"]) for row in _rows(table)}


def read_mix(path: str | Path) -> dict[str, Mix]:
    """Read the groups of the mix, by name in the order of the file. Raises Unusable, or WrongRow."""
    table = open_table(path, MIX_COLUMNS, any_of=("group",))
    _need_columns(table, ("group", "expert"))
    if not {"at_least", "at_most"} & table.columns_found.keys():
        raise tables.Unusable(table.name, "columns-missing", missing=(_LEAST[1], _MOST[1]))
    groups: dict[str, Mix] = {}
    for row in _rows(table):
        group = groups.setdefault(row.values["group"], Mix())
        if row.values["expert"]:
            group.members.add(row.values["expert"])
        for name in ("at_least", "at_most"):
            bound = row.values[name]
            if not bound:
                continue
            found = _BOUND.fullmatch(bound.replace(" ", ""))
            if found is None or (found[2] and float(found[2]) > 100):
                raise WrongRow(_problem(table, row, "no-seats", name, value=tables.problems.shorten(bound)))
            if (getattr(group, name) or bound) != bound:
                whose, first = row.values["group"], getattr(group, name)
                raise WrongRow(_problem(table, row, "two-values", name, whose=whose, value=bound, first=first))
            setattr(group, name, bound)
    return groups


def _need_columns(table: tables.Table, names: tuple[str, ...]) -> None:
    missing = tuple(name for name in names if name not in table.columns_found)
    if missing:
        raise tables.Unusable(table.name, "columns-missing", missing=missing)


def _rows(table: tables.Table) -> Iterator[tables.Row]:
    for row in table:
        if isinstance(row, tables.Problem):
            raise WrongRow(row)
        yield row


def _problem(table: tables.Table, row: tables.Row, code: str, name: str, **params: object) -> tables.Problem:
    return tables.Problem(
        table.name, row.number, code, sheet=row.sheet, column=table.columns_found.get(name, name), params=dict(params)
    )


def seats(bound: str, need: Ints, *, up: bool) -> Ints:
    """A bound as written, in seats of each panel: a share of it is rounded up for a minimum, down for a maximum."""
    found = _BOUND.fullmatch(bound.replace(" ", ""))
    if found is None:
        raise ValueError(f"“{bound}” is neither a number of seats nor a share.")
    if found[1]:
        return np.full(len(need), int(found[1]), dtype=np.int64)
    share = round(float(found[2]) * 100)  # basis points
    return np.array([-(-count * share // 10_000) if up else count * share // 10_000 for count in need.tolist()])


def put_together(
    asked: Asked,
    conflicts: set[tuple[str, str]],
    mix: dict[str, Mix],
    *,
    per_item: int,
    max_load: int | None,
    min_load: int,
    fair: bool = False,
    max_probability: float = 1.0,
) -> Problem:
    """The problem of the files; the numbers count where a file gives none of its own."""
    items, experts = tuple(asked.items), tuple(asked.experts)
    affinity = np.full((len(items), len(experts)), math.nan)
    for (item, expert), value in asked.affinity.items():
        affinity[asked.items[item], asked.experts[expert]] = value
    against = np.zeros(affinity.shape, dtype=bool)
    for item, expert in conflicts:
        if item in asked.items and expert in asked.experts:
            against[asked.items[item], asked.experts[expert]] = True
    need = np.array([asked.per_item.get(item, per_item) for item in items], dtype=np.int64)
    most = len(items) if max_load is None else max_load
    groups = []
    for name, group in mix.items():
        members = np.array([expert in group.members for expert in experts])
        none = np.zeros(len(items), dtype=np.int64)
        least = seats(group.at_least, need, up=True) if group.at_least else none
        at_most = seats(group.at_most, need, up=False) if group.at_most else need.copy()
        groups.append(Group(name, members, np.where(need > 0, least, 0), at_most))
    return Problem.of(
        affinity,
        conflicts=against,
        need=need,
        max_load=np.array([asked.max_load.get(expert, most) for expert in experts], dtype=np.int64),
        min_load=np.array([asked.min_load.get(expert, min_load) for expert in experts], dtype=np.int64),
        items=items,
        experts=experts,
        groups=groups,
        fair=fair,
        max_probability=max_probability,
    )
