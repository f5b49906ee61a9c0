"""Structured parts: how field, maturity, price, region, mode, deadline and rights of two sides agree, in columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from copy import copy
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .config import Config
from .reasons import Reason
from .records import Facts
from .rights import SETTLED, among, asks, still_open
from .rows import Growing
from .units import fold

Floats = NDArray[np.float64]
NAMES = ("field", "trl", "price", "region", "mode", "deadline", "rights")
_NONE = -1


class _Values:
    """Distinct values of a column with their numbers; −1 stands for unknown."""

    __slots__ = ("numbers", "values")

    def __init__(self) -> None:
        self.load(())

    def load(self, values: Iterable[Any]) -> None:
        """Take over values in order of their numbers."""
        self.values: list[Any] = list(values)
        self.numbers: dict[Hashable, int] = {value: number for number, value in enumerate(self.values)}

    def number(self, value: Any) -> int:
        if not value:
            return _NONE
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def compare(self, column: NDArray[np.int32], agree: Callable[[Any], bool | None]) -> NDArray[np.int8]:
        """1 where the value agrees, −1 where it does not, 0 where it is unknown or cannot be compared."""
        signs = {True: 1, False: -1, None: 0}
        table = np.array([signs[agree(value)] for value in self.values] + [0], np.int8)
        return table[column]

    def weigh(self, column: NDArray[np.int32], weight: Callable[[Any], float]) -> Floats:
        """The weight of each value, of () where it is unknown."""
        table = np.array([weight(value) for value in (*self.values, ())], np.float64)
        return table[column]


class FactColumns:
    """The facts of all slots, one array each."""

    def __init__(self) -> None:
        self.fields, self.regions, self.modes, self.scales = _Values(), _Values(), _Values(), _Values()
        self.rights = _Values()
        self.columns: dict[str, Growing] = {
            name: Growing(np.zeros(0, kind))
            for name, kind in (
                ("field", np.int32),
                ("trl", np.int32),
                ("scale", np.int32),
                ("price", np.int64),
                ("region", np.int32),
                ("mode", np.int32),
                ("deadline", np.int32),
                ("rights", np.int32),
            )
        }

    def extend(self, facts: Iterable[Facts]) -> None:
        """Append one row per slot."""
        rows = [
            (
                self.fields.number(one.field),
                _NONE if one.trl is None else one.trl,
                self.scales.number(one.trl_scale),
                _NONE if one.money_fen is None else one.money_fen,
                self.regions.number(one.region),
                self.modes.number(tuple(sorted(one.modes))),
                _NONE if one.deadline is None else one.deadline.toordinal(),
                self.rights.number(tuple(sorted(one.rights))),
            )
            for one in facts
        ]
        for column, values in zip(self.columns.values(), zip(*rows, strict=True), strict=False):
            column.extend(np.array(values, column.view.dtype))

    def only(self, slots: NDArray[np.int64]) -> FactColumns:
        """The facts of these slots only, in this order; the numbers of values stay."""
        fresh = copy(self)
        fresh.columns = {name: Growing(column.view[slots]) for name, column in self.columns.items()}
        return fresh

    def at(self, slot: int) -> Facts:
        """The facts of one slot as they were given (modes in order)."""
        row = {name: int(column.view[slot]) for name, column in self.columns.items()}
        return Facts(
            field=None if row["field"] == _NONE else self.fields.values[row["field"]],
            trl=None if row["trl"] == _NONE else row["trl"],
            trl_scale="" if row["scale"] == _NONE else self.scales.values[row["scale"]],
            money_fen=None if row["price"] == _NONE else row["price"],
            region=None if row["region"] == _NONE else self.regions.values[row["region"]],
            modes=frozenset() if row["mode"] == _NONE else frozenset(self.modes.values[row["mode"]]),
            deadline=None if row["deadline"] == _NONE else date.fromordinal(row["deadline"]),
            rights=frozenset() if row["rights"] == _NONE else frozenset(self.rights.values[row["rights"]]),
        )

    def stated(self, slots: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many facts the records in some slots state."""
        known = [column.view[slots] != _NONE for name, column in self.columns.items() if name != "scale"]
        count: NDArray[np.int64] = np.sum(known, axis=0, dtype=np.int64)
        return count

    def weights(self, need: Facts, config: Config, slots: NDArray[np.int64] | slice = slice(None)) -> dict[str, Floats]:
        """Signed weight of every fact the need states, per slot; the part's value is weight × word score."""

        def column(name: str) -> NDArray[Any]:
            held: NDArray[Any] = self.columns[name].view[slots]
            return held

        out: dict[str, Floats] = {}
        if need.field:
            sign = self.fields.compare(column("field"), lambda value: same_field(need.field or "", value))
            out["field"] = _signed(sign, config.field_match, config.field_miss)
        if need.trl is not None:
            out["trl"] = self._trl(need, column("trl"), column("scale"), config)
        if need.money_fen is not None:
            out["price"] = _price(need.money_fen, column("price"), config)
        if need.region:
            sign = self.regions.compare(column("region"), lambda value: same_region(need.region or "", value))
            out["region"] = _signed(sign, config.region_match, config.region_miss)
        if need.modes:
            sign = self.modes.compare(column("mode"), lambda value: same_mode(need.modes, value))
            out["mode"] = _signed(sign, config.mode_match, config.mode_miss)
        if need.deadline is not None:
            due = column("deadline")
            late = due > need.deadline.toordinal()
            sign = np.where(due == _NONE, 0, np.where(late, -1, 1)).astype(np.int8)
            out["deadline"] = _signed(sign, config.deadline_match, config.deadline_miss)
        if need.rights:
            asked = self.modes.weigh(column("mode"), lambda modes: asks(need, modes))
            out["rights"] = asked * self.rights.weigh(column("rights"), lambda states: _rights(states, config))
        return out

    def _trl(self, need: Facts, levels: NDArray[np.int32], scales: NDArray[np.int32], config: Config) -> Floats:
        short = (need.trl or 0) - levels
        miss = -np.minimum(short * config.trl_miss, config.trl_miss_most)
        weight = np.where(short <= 0, config.trl_match, miss)
        comparable = (levels != _NONE) & (scales == self.scales.numbers.get(need.trl_scale, _NONE))
        return np.where(comparable, weight, 0.0)


def _signed(sign: NDArray[np.int8], match: float, miss: float) -> Floats:
    return np.where(sign > 0, match, np.where(sign < 0, -miss, 0.0))


def _price(budget: int, price: NDArray[np.int64], config: Config) -> Floats:
    excess = np.clip((price - budget) / max(budget, 1), 0.0, 1.0)
    miss = -(config.price_miss + config.price_miss_more * excess)
    return np.where(price == _NONE, 0.0, np.where(price <= budget, config.price_match, miss))


def _rights(states: tuple[str, ...], config: Config) -> float:
    left = still_open(states)
    if left is None:
        return 0.0
    return -min(len(left) * config.rights_miss, config.rights_miss_most) if left else config.rights_match


def weight_of_rights(need: Facts, theirs: Facts, config: Config) -> float:
    """The weight of the rights of one record, as `FactColumns.weights` has it of many."""
    return float(asks(need, theirs.modes)) * _rights(tuple(sorted(theirs.rights)), config)


def same_field(one: str, other: str) -> bool | None:
    """Whether two labels name one field: equal after folding, or one begins with the other (新材料, 新材料及其应用).

    None where they are written in two scripts, for they may name one all the same.
    """
    a, b = sorted((fold(one).strip(), fold(other).strip()), key=len)
    if a == b or (len(a) > 1 and b.startswith(a)):
        return True
    return None if a.isascii() != b.isascii() else False


def same_mode(some: Iterable[str], others: Iterable[str]) -> bool | None:
    """Whether two sides have a mode in common; None where all of one side's are written in another script."""
    ours, theirs = set(some), set(others)
    if ours & theirs:
        return True
    scripts = [{word.isascii() for word in words} for words in (ours, theirs)]
    return None if scripts[0].isdisjoint(scripts[1]) else False


def same_region(one: str, other: str) -> bool | None:
    """Whether two regions are one, or one holds the other: names by containment, six-digit codes by their prefix.

    None where that cannot be told: a name (南山区, which two places have) may lie within the place of a code, and names
    in two scripts may be of one place.
    """
    a, b = sorted((fold(one).strip(), fold(other).strip()), key=len)
    if a.isdigit() and b.isdigit():
        short = min(len(a.rstrip("0") or "0"), len(b.rstrip("0") or "0"))
        short += short % 2
        return a[:short] == b[:short]
    if a and a in b:
        return True
    return None if a.isdigit() or b.isdigit() or a.isascii() != b.isascii() else False


def reason(name: str, need: Facts, supply: Facts) -> Reason | None:
    """Why a fact counts as it does; None when it is unknown on a side or cannot be compared.

    A part that is said may still be 0.
    """
    agrees: bool | None
    ours, theirs = _sides(name, need, supply)
    if ours in (None, "", ()) or theirs in (None, "", ()):
        return None
    if name == "trl" and need.trl_scale != supply.trl_scale:
        return Reason("trl-scale", {"need": need.trl_scale, "supply": supply.trl_scale})
    match name:
        case "field":
            agrees = same_field(ours, theirs)
        case "region":
            agrees = same_region(ours, theirs)
        case "mode":
            agrees = same_mode(need.modes, supply.modes)
        case "trl":
            agrees = theirs >= ours
        case "rights":
            left = still_open(supply.rights) if asks(need, supply.modes) else None
            agrees = None if left is None else not left
            theirs = among(SETTLED, supply.rights) if agrees else left
        case _:
            agrees = theirs <= ours
    if agrees is None:
        return None
    params = {"need": ours, "supply": theirs}
    if name == "mode" and agrees:
        params["shared"] = tuple(sorted(need.modes & supply.modes))
    return Reason(f"{name}-{'match' if agrees else 'miss'}", params)


def _sides(name: str, need: Facts, supply: Facts) -> tuple[Any, Any]:
    attribute = {"price": "money_fen", "mode": "modes"}.get(name, name)
    ours, theirs = getattr(need, attribute), getattr(supply, attribute)
    return (tuple(sorted(ours)), tuple(sorted(theirs))) if isinstance(ours, frozenset) else (ours, theirs)
