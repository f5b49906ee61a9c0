"""Conflicts of interest between experts and the items of a panel, or whoever else a matter is of, from the relations
that the data holds."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from kezhuan.areas.reviews import judging
from kezhuan.areas.reviews.judging import Named
from kezhuan.areas.reviews.models import DeclaredTie, Dismissed, Expert, FoundTie, LookUp, Panel, PanelItem, TieKind
from kezhuan.areas.reviews.queries import may_be_asked
from kezhuan.engines import conflicts
from kezhuan.engines.conflicts import Cleared, Dismissal, Finding, Relation, Submission, Tie
from kezhuan.kernel.access import PUBLIC
from kezhuan.kernel.models import Membership, Record, RuleValue
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.rulebook import rule_or_none
from kezhuan.kernel.text import language, listed, today

OF_ANYBODY = frozenset({TieKind.EMPLOYER, TieKind.SHAREHOLDER})
"""Ties that lead from a person to an organisation whichever of both is the party."""
OF_EXPERTS = frozenset({TieKind.COMPLETER, TieKind.ADVISER, TieKind.FAMILY})
"""Ties that count for an expert alone, and for nobody who is merely employed where they lead."""


_BETWEEN = ("declared-", "found-")
"""How the ids begin of what stands between two who are tied by a declaration, or by what was found in a register."""


def months_code(kind: str) -> str:
    """Code of the rule value: how many months after its end a tie of a kind still counts; one ships for projects done
    together, and without one it counts for ever."""
    return f"conflict.{kind}.months"


def month_rules(panel: Panel) -> dict[str, RuleValue]:
    """The values in force for a panel, by kind."""
    return _month_rules(panel.region)


def _month_rules(region: str) -> dict[str, RuleValue]:
    found = {kind: rule_or_none(months_code(kind), on=today(), jurisdiction=region) for kind in conflicts.KINDS}
    return {kind: rule for kind, rule in found.items() if rule is not None}


@dataclass(frozen=True)
class Clearing:
    """Every expert against every item of a panel; items are called by their number, experts by their person's id."""

    items: Sequence[PanelItem]
    experts: Sequence[Expert]
    cleared: Cleared
    names: Mapping[str, str]
    parties: tuple[Record, ...]
    unknown_parties: tuple[Record, ...]
    called: Mapping[int, str]
    """Parties that are named alone, by the id of the record that names them: their names."""

    @property
    def found(self) -> list[tuple[str, Finding]]:
        """Every finding that counts, with the number of its item."""
        return [(number, one) for (number, _who), own in self.cleared.findings.items() for one in own]

    @property
    def dismissed(self) -> list[tuple[str, Finding, Dismissal]]:
        """Every finding that was dismissed, with the number of its item and its dismissal."""
        return [(number, *one) for (number, _who), own in self.cleared.dismissed.items() for one in own]

    def label(self, party: Record) -> str:
        """A party in words, with its code: of people who are named alone their names, and where they stand."""
        return f"{self.called.get(party.pk, party.title)} {party.code}"

    def say(self, number: str, finding: Finding) -> str:
        """A finding in words."""
        return conflicts.say_finding(finding, self._submissions[number], self.names, language())

    @cached_property
    def _submissions(self) -> dict[str, Submission]:
        return {one.uid: one for one in self.cleared.submissions}


def clear_panel(panel: Panel, experts: Sequence[Expert]) -> Clearing:
    """Clear these experts against the items of a panel, today; a constant number of queries."""
    items = list(panel.items.select_related("record"))
    told = judging.told_of(panel.programme, [one.record_id for one in items])
    named = {pk: one.named for pk, one in told.items() if one.named is not None}
    ground = _Ground.of(experts, {party for matter in told.values() for party in matter.parties}, named)
    cleared = ground.clear({str(one.number): told[one.record_id].parties for one in items}, month_rules(panel))
    parties = tuple(ground.records[pk] for pk in sorted(ground.parties))
    unknown = tuple(one for one in parties if one.pk not in ground.looked_up)
    names = _names(ground.relations, ground.parties | ground.people)
    called = {pk: listed(sorted(one.names | one.strangers)) for pk, one in named.items()}
    names |= {str(pk): words for pk, words in called.items()} | _unnamed(ground.relations)
    return Clearing(items, experts, cleared, names, parties, unknown, called)


@dataclass(frozen=True)
class Adviser:
    """Somebody of no pool whose ties are asked as an expert's are: by a number, as a person, and by their employer."""

    pk: int
    person_id: int
    employer_id: int | None
    declared_on: date | None = None


def tied(
    matters: Mapping[int, Collection[int]], experts: Sequence[Expert | Adviser], region: str
) -> set[tuple[int, int]]:
    """Which of these experts or advisers are tied, today and by the rules of a place, to whose a matter is: its number
    and theirs. `matters` are ids of people and organisations by any number. What is not known is no tie here: this
    keeps nobody from judging, but from advising their own. A constant number of queries."""
    ground = _Ground.of(experts, {party for parties in matters.values() for party in parties})
    asked = {str(number): dict.fromkeys(parties, "") for number, parties in matters.items()}
    by_person: dict[str, list[int]] = {}
    for one in experts:  # somebody may stand here for several employers
        by_person.setdefault(str(one.person_id), []).append(one.pk)
    found = ground.clear(asked, _month_rules(region)).findings
    return {(int(number), pk) for number, who in found for pk in by_person[who]}


@dataclass(frozen=True)
class _Ground:
    """What the data holds of experts and of the parties of what is before them."""

    experts: Sequence[Expert | Adviser]
    parties: set[int]
    records: Mapping[int, Record]
    people: frozenset[int]
    relations: Sequence[Relation]
    looked_up: set[int]
    namesakes: Mapping[str, Sequence[str]]

    @classmethod
    def of(
        cls, experts: Sequence[Expert | Adviser], parties: set[int], named: Mapping[int, Named] | None = None
    ) -> "_Ground":
        """All of it; a constant number of queries."""
        records = {one.pk: one for one in Record.objects.filter(pk__in=parties)}
        namesakes = _namesakes(named or {})
        people = frozenset(one.person_id for one in experts) | {
            pk for pk, one in records.items() if one.kind == "person"
        }
        people |= {int(one) for one in namesakes}
        employed = list(_employed(experts, people))
        units = frozenset(int(one.second) for one in employed) | {
            pk for pk, one in records.items() if one.kind == "organisation"
        }
        relations = [*employed, *_declared(experts), *_found(parties), *judging.ties_of(people, units)]
        relations += _by_name(named or {})
        looked_up = set(LookUp.objects.filter(party__in=parties).values_list("party", flat=True))
        return cls(experts, parties, records, people, relations, looked_up, namesakes)

    def clear(self, matters: Mapping[str, Mapping[int, str]], rules: Mapping[str, RuleValue]) -> Cleared:
        """Every expert against every matter, given by its parties with their roles."""
        every, rows = frozenset(conflicts.KINDS), Dismissed.objects.filter(withdrawn_on=None)
        known = {str(one.person_id): every for one in self.experts if one.declared_on is not None}
        known |= {str(pk): every for pk in self.looked_up}
        months = dict.fromkeys(conflicts.KINDS) | {kind: int(rule.value) for kind, rule in rules.items()}
        return conflicts.clear(
            [
                Submission(number, {str(pk): role for pk, role in parties.items()})
                for number, parties in matters.items()
            ],
            list(dict.fromkeys(str(one.person_id) for one in self.experts)),
            self.relations,
            conflicts.standard_rules(months),
            on=today(),
            known=known,
            dismissals=[Dismissal(one.key, str(one.by_id), one.reason, one.on) for one in rows],
            namesakes=self.namesakes,
        )


def find_conflict(panel: Panel, key: str, *, dismissed: bool = False) -> str | None:
    """A conflict that stands in the way of a panel, or one that was dismissed, in words; None when there is none of
    this key."""
    who = key.split("|")[1] if "|" in key else ""
    clearing = clear_panel(panel, [one for one in may_be_asked(panel) if str(one.person_id) == who])
    among = [each[:2] for each in (clearing.dismissed if dismissed else clearing.found)]
    return next((clearing.say(number, one) for number, one in among if one.key == key), None)


def _names(relations: Iterable[Relation], ids: Iterable[int]) -> dict[str, str]:
    named = {int(one) for relation in relations for one in (relation.first, relation.second) if one.isdecimal()}
    rows = Record.objects.filter(pk__in=named | set(ids)).select_related("public_to")
    # An achievement or contract that is not everybody's is called by its code: whoever runs a panel may not read it.
    named_by_title = ("person", "organisation")
    return {
        str(one.pk): one.title if one.kind in named_by_title or one.public_to.key == PUBLIC else one.code
        for one in rows
    }


def _unnamed(relations: Iterable[Relation]) -> dict[str, str]:
    """What stands between two who declared a tie, or of whom one was found, in words: nobody said what it is called."""
    words = {
        Tie.COMPLETED: _("a joint achievement"), Tie.TOOK_PART: _("a joint project"), Tie.PARTY: _("a contract"),
        Tie.MANAGES: _("a fund"), Tie.FAMILY: _("a relative"),
    }  # fmt: skip
    return {one.second: words[one.tie] for one in relations if one.tie in words and one.second.startswith(_BETWEEN)}


def _employed(experts: Sequence[Expert | Adviser], people: frozenset[int]) -> Iterator[Relation]:
    """Who is employed where: memberships as they were kept, and what the pool says of an expert."""
    rows = Membership.objects.filter(person__in=people).order_by("pk")
    for person, unit, until in rows.values_list("person", "organisation", "until"):
        yield Relation(Tie.EMPLOYED, str(person), str(unit), until)
    for one in experts:
        if one.employer_id is not None:
            yield Relation(Tie.EMPLOYED, str(one.person_id), str(one.employer_id))


def _namesakes(named: Mapping[int, Named]) -> dict[str, list[str]]:
    """By the id of a person those who are named by their name: whoever is known at a unit of theirs, and where nobody
    of the name is, whoever has it. Three queries, none where nobody is named."""
    names = {name for one in named.values() for name in one.names}
    if not names:
        return {}
    rows = Record.objects.filter(Q(title__in=names) | Q(title_en__in=names), kind="person").exclude(phase=Phase.VOID)
    people = list(rows.order_by("pk"))
    at: dict[int, set[int]] = {one.pk: set() for one in people}
    acting = Membership.objects.filter(person__in=at).values_list("person", "organisation")
    pool = Expert.objects.filter(person__in=at, employer__isnull=False).values_list("person", "employer")
    for person, unit in (*acting, *pool):
        at[person].add(unit)
    found: dict[str, list[str]] = {}
    for pk, one in named.items():
        same = [who.pk for who in people if one.names & {who.title, who.title_en}]
        for who in [who for who in same if at[who] & one.units] or same:
            found.setdefault(str(who), []).append(str(pk))
    return found


def _by_name(named: Mapping[int, Named]) -> Iterator[Relation]:
    """What those who are named completed, by the names that stand there as nobody's; of their units where there is any
    of these."""
    names = frozenset(name for one in named.values() for name in one.names)
    bylines = judging.bylines_of(names) if names else []
    for pk, one in named.items():
        same = [line for line in bylines if line.name in one.names]
        for line in [line for line in same if line.units & one.units] or same:
            yield Relation(Tie.COMPLETED, str(pk), str(line.done), line.on, "同名")


def _declared(experts: Sequence[Expert | Adviser]) -> Iterator[Relation]:
    """What experts declared; the fund, the project, the relative between them has no name here."""
    rows = DeclaredTie.objects.filter(expert__person__in={one.person_id for one in experts}).select_related("expert")
    for one in rows.order_by("pk"):
        who, whom, between = str(one.expert.person_id), str(one.organisation_id), f"declared-{one.pk}"
        for tie, first, second in _steps(one.kind, who, whom, between):
            yield Relation(tie, first, second, one.until, "本人申报")


def _found(parties: Iterable[int]) -> Iterator[Relation]:
    """What was found in registers when these parties were looked up; one query."""
    rows = FoundTie.objects.filter(party__in=parties).select_related("look_up", "party", "other")
    for one in rows.order_by("pk"):
        who, whom = one.other, one.party
        if one.kind in OF_ANYBODY and who.kind == "organisation" and whom.kind != "organisation":
            who, whom = whom, who  # it is the person who works for the organisation or holds shares of it
        for tie, first, second in _steps(one.kind, str(who.pk), str(whom.pk), f"found-{one.pk}"):
            yield Relation(tie, first, second, one.until, one.look_up.source)


def _steps(kind: str, who: str, whom: str, between: str) -> list[tuple[Tie, str, str]]:
    """A tie of a kind from somebody to an organisation as relations; `between` is the fund, project or relative."""
    return {
        TieKind.EMPLOYER: [(Tie.EMPLOYED, who, whom)],
        TieKind.COMPLETER: [(Tie.COMPLETED, who, between), (Tie.COMPLETED, whom, between)],
        TieKind.PROJECT: [(Tie.TOOK_PART, who, between), (Tie.TOOK_PART, whom, between)],
        TieKind.CONTRACT: [(Tie.PARTY, who, between), (Tie.PARTY, whom, between)],
        TieKind.SHAREHOLDER: [(Tie.HOLDS, who, whom)],
        TieKind.FUND: [(Tie.MANAGES, who, between), (Tie.INVESTED, between, whom)],
        TieKind.ADVISER: [(Tie.ADVISES, who, whom)],
        TieKind.FAMILY: [(Tie.FAMILY, who, between), (Tie.EMPLOYED, between, whom)],
    }[TieKind(kind)]
