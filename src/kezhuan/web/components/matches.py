"""A match and its reasons, and what stands just under the line."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from kezhuan.engines.rounding import adding_up
from kezhuan.web.components.bars import BAR_WIDTH, Stretch
from kezhuan.web.components.record import OpenMove, Tag
from kezhuan.web.components.words import Text

PART_PAINTS: dict[str, str] = {
    "words": "words",
    "title": "title",
    "meaning": "title",
    "field": "place",
    "region": "place",
    "trl": "fit",
    "price": "fit",
    "mode": "fit",
    "deadline": "fit",
    "rights": "fit",
}
"""Which paint a part of a score gets when its view model names none."""


def _two_decimals(value: float) -> str:
    return f"{value:.2f}".replace("-", "\u2212")


@dataclass(frozen=True, slots=True)
class PartBar:
    """One part of a score: its value (negative when it lowers the score) and why."""

    name: str
    label: Text
    value: float
    because: Text = ""
    tone: str = ""

    @property
    def paint(self) -> str:
        """Colour class: ``words title place fit other``, or ``loss`` when the part lowers the score."""
        if self.value < 0:
            return "loss"
        return self.tone or PART_PAINTS.get(self.name, "other")

    @property
    def shown_value(self) -> str:
        """Two decimals with a true minus sign."""
        return _two_decimals(self.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the words of a part of a score stand in a record: stretches of it with them marked."""

    label: Text
    html: SafeString


@dataclass(frozen=True, slots=True)
class MatchLine:
    """One suggested partner of a need: place, score, why, where that stands in it, and what can be done with it. The
    score is shown unless it is not `told`."""

    rank: int
    score: float
    title: Text
    url: str
    code: str = ""
    tags: tuple[Tag, ...] = ()
    meta: tuple[Text, ...] = ()
    parts: tuple[PartBar, ...] = ()
    actions: tuple[OpenMove, ...] = ()
    snippet_html: SafeString | None = None
    standing: tuple[Standing, ...] = ()
    told: bool = True

    @property
    def shown_score(self) -> str:
        """The score with two decimals; a dash where it is not the reader's to know."""
        return _two_decimals(self.score) if self.told else "–"

    @property
    def legend(self) -> tuple[tuple[PartBar, str], ...]:
        """The parts, each with its value as shown; those add up to the score as shown."""
        shown = adding_up([part.value for part in self.parts], 2)
        return tuple(zip(self.parts, map(_two_decimals, shown), strict=True))

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The bar: parts that raise the score side by side, then what was lost, over their end."""
        gains = [part for part in self.parts if part.value > 0]
        total = sum(part.value for part in gains)
        scale = BAR_WIDTH / max(1.0, total)
        drawn: list[Stretch] = []
        reached = 0.0
        for part in gains:
            start, end = round(reached * scale), round((reached + part.value) * scale)
            drawn.append(Stretch(start, end - start, part.paint))
            reached += part.value
        lost = min(total, -sum(part.value for part in self.parts if part.value < 0))
        if lost > 0:
            start, end = round((total - lost) * scale), round(total * scale)
            drawn.append(Stretch(start, end - start, "loss"))
        return tuple(drawn)


@dataclass(frozen=True, slots=True)
class NearMissLine:
    """A partner just under the line, and the one change that would lift it."""

    title: Text
    url: str
    sentence: Text
