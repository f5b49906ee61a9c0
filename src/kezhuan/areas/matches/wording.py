"""A match in words: kept reason codes said in the reader's language, with the names of fields, regions and modes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from kezhuan.engines.matching import NearMiss, Reason
from kezhuan.kernel.models import Record
from kezhuan.kernel.vocabulary import REGIONS, Field, Mode, RightsState


def language() -> str:
    """The reader's language as the matching engine names it."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def joined(sentences: Iterable[str], language: str) -> str:
    """Sentences one after the other in "zh" or "en"."""
    return ("；" if language == "zh" else "; ").join(sentences)


@dataclass(frozen=True)
class PartLine:
    """One part of a score in words; `words` are those of the need that it is about, or pairs that met: need～record."""

    name: str
    label: str
    value: float
    because: str
    words: tuple[str, ...] = ()


def looked_for(record: Record, text: str, part: PartLine) -> tuple[str, str]:
    """The words of a part of a match, and where they are looked for in the record shown: in its titles, or the rest of
    it."""
    # Of two words that met the record holds the second.
    words = "\n".join(word.rpartition("～")[2] for word in part.words)
    return words, f"{record.title}\n{record.title_en}" if part.name == "title" else text


def part_label(name: str) -> str:
    """The name of a part as people read it."""
    return str(_PARTS.get(name, name))


_PARTS: Mapping[str, Any] = {
    "title": _("Title"),
    "words": _("Words"),
    "meaning": _("Meaning"),
    "field": _("Field"),
    "trl": _("Maturity"),
    "price": _("Price"),
    "region": _("Region"),
    "mode": _("Mode"),
    "deadline": _("Deadline"),
    "rights": _("Rights"),
}
_LABELS: Mapping[str, Any] = {**REGIONS, **dict(Mode.choices), **dict(Field.choices), **dict(RightsState.choices)}


def code_label(code: str) -> str:
    """The words for a code of a field, region, mode or state of rights; anything else stays as it is."""
    return str(_LABELS.get(code, code))


def say(code: str, params: Mapping[str, Any], language: str) -> str:
    """A reason in "zh" or "en"."""
    held = {name: tuple(value) if isinstance(value, list) else value for name, value in params.items()}
    return reason_line(Reason(code, held), language)


def part_lines(parts: Sequence[Mapping[str, Any]], language: str) -> list[PartLine]:
    """The kept parts of a suggestion in words."""
    with override("zh-hans" if language == "zh" else "en"):
        return [
            PartLine(
                part["name"],
                part_label(part["name"]),
                part["value"],
                say(part["code"], part["params"], language),
                tuple(part["params"].get("words", ())),
            )
            for part in parts
        ]


def reason_line(reason: Reason, language: str) -> str:
    """A reason of the engine in "zh" or "en"."""
    with override("zh-hans" if language == "zh" else "en"):
        return reason.say(language, code_label)


def miss_line(miss: NearMiss, language: str) -> str:
    """What keeps a record under the line in "zh" or "en": the changes that would lift it and where it would then stand,
    and what else lowers its score; or all that lowers it, and where the gap lies."""
    with override("zh-hans" if language == "zh" else "en"):
        changes, held = ([one.say(language, code_label) for one in some] for some in (miss.changes, miss.held))
        besides = [one for one in held if one not in changes]
        if miss.gap is not None:
            return joined([*held, miss.gap.say(language, code_label)], language)
        words = {"reasons": joined(changes, language), "count": len(changes), "rank": miss.new_rank}
        if len(changes) == 1:
            return _("%(reasons)s; it would then be No. %(rank)s") % words
        said = _("%(reasons)s; with these %(count)s changes together it would be No. %(rank)s") % words
        if besides:
            said = joined([said, _("besides: %(held)s") % {"held": joined(besides, language)}], language)
        return said
