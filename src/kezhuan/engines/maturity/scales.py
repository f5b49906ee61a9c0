"""The scales on which maturity is told, each level in words and each scale with its source."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kezhuan.engines.findings import Words


@dataclass(frozen=True)
class Scale:
    """A scale from level 1 up."""

    name: str
    words: Words
    levels: tuple[Words, ...]
    source: str

    @property
    def highest(self) -> int:
        """The highest level."""
        return len(self.levels)

    def holds(self, level: int) -> bool:
        """Whether the scale has such a level."""
        return 1 <= level <= self.highest

    def say(self, level: int) -> Words:
        """A level with its words and its scale; raises `ValueError` for one that the scale has not got."""
        if not self.holds(level):
            raise ValueError(f"{self.name} has no level {level}")
        words = self.levels[level - 1]
        return Words(f"{level} 级 {words.zh}（{self.words.zh}）", f"level {level}, {words.en} ({self.words.en})")


@cache
def scales() -> dict[str, Scale]:
    """Every scale by name."""
    content = tomllib.loads((files("kezhuan.engines.maturity") / "scales.toml").read_text(encoding="utf-8"))
    return {
        one["name"]: Scale(
            one["name"], Words(one["zh"], one["en"]), tuple(Words(*level) for level in one["levels"]), one["source"]
        )
        for one in content["scale"]
    }
