"""What is there already: the record that a row means, by the numbers it has or by its title."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.exchange.candidates import HASHED, Candidate
from kezhuan.exchange.kinds import Importable
from kezhuan.exchange.settings import Settings
from kezhuan.kernel.models import Identifier, Record
from kezhuan.kernel.models.records import Phase

_TitleKey = tuple[str, int | None]


@dataclass
class Found:
    """What becomes of candidates: to open, to renew (with the record and its number), unchanged, or not allowed.

    `coded` name their record by its code and are compared with it.
    """

    fresh: list[Candidate] = field(default_factory=list)
    coded: list[Candidate] = field(default_factory=list)
    changed: list[tuple[int, Identifier | None, Candidate]] = field(default_factory=list)
    unchanged: int = 0
    refused: list[tuple[Candidate, str]] = field(default_factory=list)


class Known:
    """Looks up candidates among the records of one kind."""

    def __init__(self, kind: Importable[Any], settings: Settings) -> None:
        self.kind = kind
        self.settings = settings
        self.key = kind.match_keys.get(settings.match_key)
        self.by_title = settings.match_key == "title" or (kind.match_by_title and self.key is None)

    def keys(self, candidate: Candidate) -> set[tuple[str, str]]:
        """Everything by which a later row could mean the same record."""
        if self.settings.on_match == "create":
            return set()
        if candidate.is_coded:
            return {(candidate.known_by.scheme, candidate.known_by.value)}
        numbers = (candidate.known_by, *self.kind.numbers(candidate.facts))
        told = {("", self.kind.words(candidate.facts).title)} if self.by_title else set()
        told |= {("", self.key.of(candidate.facts))} if self.key is not None else set()
        return {(number.scheme, number.value) for number in numbers} | told

    def look_up(self, batch: Sequence[Candidate]) -> Found:
        """Sort candidates by what is there already."""
        found = Found()
        if self.settings.on_match == "create":
            for one in batch:
                if self._may_open(one, {}):
                    found.fresh.append(one)
                else:
                    found.refused.append((one, self.kind.not_opened()))
            return found
        found.coded = [one for one in batch if one.is_coded]
        batch = [one for one in batch if not one.is_coded]
        held = self._held(batch)
        titles, keyed = self._titles(batch), self._keyed(batch)
        may_open: dict[Hashable, bool] = {}
        for one in batch:
            own = held.get((one.known_by.scheme, one.known_by.value))
            others = (held.get((number.scheme, number.value)) for number in self.kind.numbers(one.facts))
            match = own or next((other for other in others if other is not None), None)
            meant = keyed.get(self._key_of(one), set()) | ({match.record_id} if match else set())
            meant = meant or self._of_title(one, titles)
            record = next(iter(meant), None)
            if len(meant) > 1:
                found.refused.append((one, self._ambiguous(one, len(meant))))
            elif record is None and not self._may_open(one, may_open):
                found.refused.append((one, self.kind.not_opened()))
            elif record is None:
                found.fresh.append(one)
            elif own is not None and own.note == one.known_by.note:
                found.unchanged += 1
            elif self.settings.on_match == "forbid":
                found.refused.append((one, _("The record is there already; leave the row out or allow updates.")))
            else:
                found.changed.append((record, own, one))
        return found

    def _may_open(self, one: Candidate, known: dict[Hashable, bool]) -> bool:
        """Whether the actor may open the record: asked once for alike ones of an owner, for organisations each time."""
        if self.settings.is_trusted:
            return True
        entered = self.kind.stage_of(one.facts) or self.settings.stage
        stage = None if entered == next(iter(self.kind.lifecycle.stages)) else entered
        owner = one.content.owner
        key = (owner.pk if owner else None, self.kind.opening(one.facts))
        if self.kind.own_themselves or key not in known:
            known[key] = self.kind.may_open(self.settings.actor, owner, one.facts, stage)
        return known[key]

    def why_not(self, row: Any, one: Candidate) -> str:
        """Why a file's row may not change this record's row; empty when it may."""
        record: Record = row.record
        owner = one.content.owner
        if not self.settings.is_trusted and not self.kind.may_renew(self.settings.actor, row, from_file=True):
            return _("You may not change %(code)s by a file; change it on its own page.") % {"code": record.code}
        if self.kind.own_themselves:
            return ""
        # What nobody owns is given to the unit that its row names, once that unit is known.
        free = record.owner_id is None and self.settings.owner is None
        if record.owner_id != (owner.pk if owner else None) and not free:
            return _("%(code)s has this id and another owner; name the owner, or give the file its own --source.") % {
                "code": record.code
            }
        if record.stage != self.settings.stage_of(self.kind, one.facts):
            return _("%(code)s is no longer as it was imported; change it on its own page.") % {"code": record.code}
        return self.kind.why_not(row, one.facts)

    def _held(self, batch: Sequence[Candidate]) -> dict[tuple[str, str], Identifier]:
        wanted: dict[str, set[str]] = {}
        for one in batch:
            for number in (one.known_by, *self.kind.numbers(one.facts)):
                wanted.setdefault(number.scheme, set()).add(number.value)
        return {
            (identifier.scheme, identifier.value): identifier
            for scheme, values in wanted.items()
            for identifier in Identifier.objects.filter(
                scheme=scheme, value__in=values, active=True, record__kind=self.kind.lifecycle.kind
            )
        }

    def _key_of(self, one: Candidate) -> tuple[str, int | None]:
        owner = None if self.kind.own_themselves or one.content.owner is None else one.content.owner.pk
        return (self.key.of(one.facts) if self.key is not None else "", owner)

    def _keyed(self, batch: Sequence[Candidate]) -> dict[tuple[str, int | None], set[int]]:
        """By value of the match key and owner the records that have it; what nobody owns may be anybody's."""
        if self.key is None:
            return {}
        found: dict[tuple[str, int | None], set[int]] = {}
        wanted = {self._key_of(one) for one in batch}
        for value, owner, pk in self.key.held({value for value, _owner in wanted}):
            for key in ((value, owner),) if owner is not None else {one for one in wanted if one[0] == value}:
                found.setdefault(key, set()).add(pk)
        return found

    def _ambiguous(self, one: Candidate, count: int) -> str:
        value = self.key.of(one.facts) if self.key is not None else self.kind.words(one.facts).title
        column = self.kind.header_of(self.settings.match_key if self.key is not None else "title")
        return _(
            "%(count)s records answer to “%(value)s” (%(column)s); name the one that is meant by its platform code."
        ) % {"count": count, "value": value[:60], "column": column}

    def _titles(self, batch: Sequence[Candidate]) -> dict[_TitleKey, dict[int, set[str]]]:
        """By title and owner the records and the schemes of their numbers, where titles tell records apart."""
        if not self.by_title:
            return {}
        titles = {self.kind.words(one.facts).title for one in batch}
        rows = Record.objects.filter(kind=self.kind.lifecycle.kind, title__in=titles).exclude(phase=Phase.VOID)
        found: dict[_TitleKey, dict[int, set[str]]] = {}
        schemes: dict[int, set[str]] = {}
        for title, owner, pk in rows.values_list("title", "owner_id", "pk"):
            key = (title, None if self.kind.own_themselves else owner)
            found.setdefault(key, {})[pk] = schemes.setdefault(pk, set())
        for pk, scheme in Identifier.objects.filter(record__in=schemes, active=True).values_list("record_id", "scheme"):
            schemes[pk].add(scheme)
        return found

    def _of_title(self, one: Candidate, titles: dict[_TitleKey, dict[int, set[str]]]) -> set[int]:
        """The records of the row's title, without those to which one register gave another number."""
        owner = one.content.owner
        numbers = list(self.kind.numbers(one.facts))
        if not one.known_by.value.startswith(HASHED):
            numbers.append(one.known_by)
        found = titles.get((self.kind.words(one.facts).title, owner.pk if owner else None), {})
        return {pk for pk, schemes in found.items() if not any(number.scheme in schemes for number in numbers)}
