"""A stratified random draw that can be repeated by anybody: the order of the candidates is the order of their hashes.

The algorithm, `kezhuan-draw-1`, whole. Every text is UTF-8, every line ends with one line feed, every hash is SHA-256
in lower-case hexadecimal.

1. Before the draw its terms are written as lines: `kezhuan-draw-1`; the name of the draw; one line
   `stratum<TAB>places` for each stratum in the order of its code points; `cap<TAB>N`, or `cap<TAB>none`; one line
   `candidate<TAB>stratum<TAB>times drawn this year` for each candidate in the order of code points.
2. A seed is made and kept closed. The **commitment**, the hash of the terms followed by the line of the seed, is
   published. Whoever holds the seed can from now on change neither it nor the list, the places, the cap.
3. A witness then says a word, in public. Without it, who makes the seed could try many before committing to one.
4. A candidate's **ticket** is the hash of the lines seed, word, candidate (in a shell:
   `printf '%s\\n' SEED WORD CANDIDATE | sha256sum`). In each stratum the lowest ticket is drawn first.
5. Who has been drawn as often as the cap allows is passed over. Who declines is replaced by the next of the same
   stratum.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

ALGORITHM = "kezhuan-draw-1"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody qualified and free of conflict: an identifier, the stratum, how often drawn in the current year."""

    uid: str
    stratum: str
    drawn_this_year: int = 0


@dataclass(frozen=True, slots=True)
class Decline:
    """A drawn expert who cannot come, in the order in which it was said, with the reason given."""

    uid: str
    reason: str


@dataclass(frozen=True)
class Terms:
    """What is fixed before the draw: its name, who may be drawn, how many from each stratum, the yearly cap.

    `yearly_cap` is how often one expert may be drawn in a year, as the rule value of the programme says; None for none.
    Raises ValueError, with one sentence, for terms by which nothing can be drawn.
    """

    name: str
    pool: tuple[Candidate, ...]
    places: Mapping[str, int]
    yearly_cap: int | None = None

    def __post_init__(self) -> None:
        words = [self.name, *self.places, *(word for one in self.pool for word in (one.uid, one.stratum))]
        for word in words:
            _check_word(word)
        twice = [uid for uid, times in Counter(one.uid for one in self.pool).items() if times > 1]
        if twice:
            raise ValueError(f"Candidate “{min(twice)}” stands in the list more than once; list each only once.")
        if not self.places or min(self.places.values()) < 1:
            raise ValueError("Each stratum needs at least one place; leave out a stratum from which nobody is drawn.")
        if self.yearly_cap is not None and self.yearly_cap < 1:
            raise ValueError("A yearly cap below one lets nobody be drawn; give none when there is no cap.")
        if any(one.drawn_this_year < 0 for one in self.pool):
            raise ValueError("How often a candidate was drawn this year cannot be below zero.")

    def text(self) -> str:
        """The terms as the lines that the commitment is made of."""
        cap = "none" if self.yearly_cap is None else str(self.yearly_cap)
        lines = [ALGORITHM, self.name]
        lines += [f"{stratum}\t{places}" for stratum, places in sorted(self.places.items())]
        lines.append(f"cap\t{cap}")
        lines += sorted(f"{one.uid}\t{one.stratum}\t{one.drawn_this_year}" for one in self.pool)
        return "".join(line + "\n" for line in lines)


class Why(StrEnum):
    """What became of a candidate whose turn came."""

    DRAWN = "drawn"
    DECLINED = "declined"
    CAP = "cap"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log: the candidate at a position of a stratum's order, and what became of it.

    `stands_in_for` names who declined and is replaced; `reason` is what the decliner said.
    """

    stratum: str
    position: int
    uid: str
    ticket: str
    why: Why
    stands_in_for: str | None = None
    reason: str = ""


@dataclass(frozen=True)
class Drawing:
    """Who was drawn by stratum, every step in order, and how many places stay open where too few are left."""

    drawn: Mapping[str, tuple[str, ...]]
    log: tuple[Line, ...]
    open_places: Mapping[str, int]


def new_seed() -> str:
    """A fresh seed: 32 random bytes of the system as hexadecimal. It stays closed until the draw."""
    return secrets.token_hex(32)


def commitment(terms: Terms, seed: str) -> str:
    """The hash that is published before the draw and that binds its terms and the seed."""
    _check_word(seed)
    return _hash(f"{terms.text()}{seed}\n")


def ticket(seed: str, word: str, uid: str) -> str:
    """The hash by which a candidate stands in the order."""
    return _hash(f"{seed}\n{word}\n{uid}\n")


def draw(terms: Terms, seed: str, word: str, *, committed: str, declined: Sequence[Decline] = ()) -> Drawing:
    """Draw by the terms, and go on after every decline; the same arguments always give the same drawing.

    `committed` is the commitment as it was published; `word` what the witness said, empty when there was none.
    Raises ValueError when the commitment does not fit the terms and the seed, or when somebody declines who was not
    drawn.
    """
    _check_word(seed)
    if word:
        _check_word(word)
    if commitment(terms, seed) != committed:
        raise ValueError(
            "The published commitment does not fit these terms and this seed; nothing may be drawn by them."
        )
    said = {one.uid: one.reason for one in declined}
    drawn: dict[str, tuple[str, ...]] = {}
    log: list[Line] = []
    open_places: dict[str, int] = {}
    for stratum, places in sorted(terms.places.items()):
        order = sorted((ticket(seed, word, one.uid), one.uid, one) for one in terms.pool if one.stratum == stratum)
        lines = _down_the_order(order, places, terms.yearly_cap, said, [one.uid for one in declined])
        log += lines
        drawn[stratum] = tuple(line.uid for line in lines if line.why is Why.DRAWN)
        if len(drawn[stratum]) < places:
            open_places[stratum] = places - len(drawn[stratum])
    strangers = said.keys() - {line.uid for line in log if line.why is Why.DECLINED}
    if strangers:
        raise ValueError(f"“{min(strangers)}” was not drawn and so cannot decline; check the name.")
    return Drawing(drawn, tuple(log), open_places)


def _down_the_order(
    order: Sequence[tuple[str, str, Candidate]],
    places: int,
    cap: int | None,
    said: Mapping[str, str],
    in_turn: Sequence[str],
) -> list[Line]:
    """The log of one stratum: down the order until the places are filled.

    The first places are the draw itself. Who comes after them replaces a decliner, in the order in which they declined:
    each decliner was drawn before the replacement was called, so the turn of the declines tells who stands in for whom.
    """
    lines: list[Line] = []
    called: list[str] = []
    for position, (mark, uid, candidate) in enumerate(order, 1):
        gone = [one for one in in_turn if one in called]
        if len(called) - len(gone) >= places:
            break
        if cap is not None and candidate.drawn_this_year >= cap:
            lines.append(Line(candidate.stratum, position, uid, mark, Why.CAP))
            continue
        stands_in_for = gone[len(called) - places] if len(called) >= places else None
        called.append(uid)
        why = Why.DECLINED if uid in said else Why.DRAWN
        lines.append(Line(candidate.stratum, position, uid, mark, why, stands_in_for, said.get(uid, "")))
    return lines


def _check_word(word: str) -> None:
    """Refuse a text that would make two different lists read alike."""
    if not word or word.strip() != word or any(not one.isprintable() for one in word):
        raise ValueError(
            f"“{word!r}” is empty, begins or ends with a space, or holds a tab or line break; write it without."
        )


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
