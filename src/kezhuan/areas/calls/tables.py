"""How rows of another application system become applications: handed in, checked, chosen or not, as it left them."""

import re
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from kezhuan.areas.calls import outside
from kezhuan.areas.calls.application_lifecycle import APPLICATION, ENDED
from kezhuan.areas.calls.checks import (
    WITH_RECOMMENDER,
    check_recommender,
    own_challenge,
    own_challenge_problem,
    strange_recommender,
)
from kezhuan.areas.calls.lifecycle import CALL
from kezhuan.areas.calls.models import HANDED_IN, Application, CallItem
from kezhuan.areas.calls.permissions import PROGRAMME, is_by_invitation, makes_calls
from kezhuan.areas.calls.related import found_ties, related_refused
from kezhuan.areas.calls.sheets import APPLICATIONS
from kezhuan.areas.calls.staging import has_final
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.exchange.cells import titled
from kezhuan.exchange.kinds import Content, Importable, Words
from kezhuan.kernel.access import SYSTEM, Actor, can_view, is_officer, is_own_matter
from kezhuan.kernel.bulk import Number
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.marks import has_classification_mark, secrets_problem
from kezhuan.kernel.models import Organisation
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import SHANGHAI, clean, cleaned, now, texts_in

TAKEN = frozenset({"published", "closed"})
CALLS_OF: Mapping[str, frozenset[str]] = {
    "offered": TAKEN,
    "sent-back": TAKEN,
    "submitted": TAKEN,
    "returned": TAKEN,
    "qualified": TAKEN,
    "shortlisted": frozenset({"closed"}),
    "refused": TAKEN | {"decided"},
    "withdrawn": TAKEN | {"decided"},
    "awarded": frozenset({"decided"}),
    "rejected": frozenset({"decided"}),
}
"""Stages at which applications enter, each with those of the calls to which they may belong: what a call has not
decided yet is decided here, what it has is told."""
NUMBER_SCHEME = "application-of"
"""Scheme of the number by which a second row of one unit for one item is known: there is one application of them."""
_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2}))?")


@dataclass(frozen=True)
class Brought:
    """An application as its row says it; money in 分."""

    item: CallItem | None
    applicant: Organisation | None
    title: str
    stage: str
    offer: str = ""
    leader: str = ""
    asked_fen: int | None = None
    months: int | None = None
    submitted_at: datetime | None = None
    award_fen: int | None = None
    verdict: str = ""
    recommender: Organisation | None = None
    opinion: str = ""
    letter_no: str = ""
    letter_on: date | None = None
    judged: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    commitments: tuple[str, ...] = ()
    unread: str = ""
    """A line of the answers to indicators that names none of them."""


class ApplicationRows(Importable[Brought]):
    """Officers in charge of calls bring what was applied for, and decided, in another system."""

    lifecycle = APPLICATION
    model = Application
    stage = "submitted"
    stages = tuple(CALLS_OF)
    for_members = False
    sheet = APPLICATIONS
    needs_one_of = ("call",)

    def facts(self, content: Content) -> Brought:
        """See the base; one query."""
        values = content.values
        for name in ("secrecy", "unit_code"):
            content.keep(name, values[name])
        if content.owner is None:
            content.keep("unit", values["unit"])
        submitted = _moment(values["submitted"] or "")
        if submitted is None:
            content.keep("submitted", values["submitted"])
        item = item_named(content, values["call"] or "", values["item"] or "")
        commitments, unread = commitments_in(values["committed"] or "", item.indicators if item is not None else ())
        return Brought(
            item=item,
            applicant=content.owner,
            title=titled(values["title"] or "", values["text"] or "", content.extra),
            stage=values["result"] or self.stage,
            offer=values["text"] or "",
            leader=content.fitted("leader", 80),
            asked_fen=values["asked"],
            months=values["months"],
            submitted_at=submitted,
            award_fen=values["award"],
            verdict=values["verdict"] or "",
            recommender=content.known(clean(values["recommender"] or "")) if values["recommender"] else None,
            opinion=values["opinion"] or "",
            letter_no=content.fitted("letter_no", 80),
            letter_on=values["letter_on"],
            judged=outside.outside_of(values, content.source),
            extra=content.extra,
            commitments=commitments,
            unread=unread,
        )

    def check(self, facts: Brought, content: Content) -> list[Problem]:
        """The call and its item, the applicant, and a reason for whoever was not chosen, must be known."""
        texts = (
            facts.title,
            facts.offer,
            facts.verdict,
            facts.leader,
            facts.opinion,
            facts.letter_no,
            facts.commitments,
        )
        if any(map(has_classification_mark, texts_in(texts))):
            return [secrets_problem("title")]
        if facts.item is None:
            message = _("No call “%(call)s” has an item “%(item)s” on its list: give its code, and number or title.")
            said = {name: clean(content.values[name] or "")[:60] for name in ("call", "item")}
            return [Problem("application-item", message % said, "call")]
        if content.actor is not SYSTEM and not is_officer.test(content.actor, facts.item.call):
            # what would be wrong with it tells who is invited and who has applied
            return [Problem("application-unopened", self.not_opened(), "call")]
        found = [*_problems_of_call(facts, facts.item), *_problems_of_recommender(facts, facts.item, content)]
        found += outside.problems_of_outside(content.values, facts.item.call)
        if facts.unread:
            message = _("“%(line)s” answers no indicator of this item: write the indicator or its number, a colon, and"
                        " what is promised.")  # fmt: skip
            found.append(Problem("application-indicator", message % {"line": facts.unread[:60]}, "committed"))
        if facts.applicant is None:
            message = _("An application belongs to a unit in the list: register or import “%(unit)s” first.")
            found.append(Problem("owner-missing", message % {"unit": clean(content.values["unit"] or "")[:60]}, "unit"))
        elif own_challenge(facts.item, facts.applicant.pk):
            found.append(own_challenge_problem())
        elif facts.stage not in ENDED and (refused := _related(facts.item, facts.applicant.pk)) is not None:
            found.append(refused)
        elif facts.stage not in ENDED and (code := _held(facts.item, facts.applicant)):
            message = _("The unit has an application for this item already (%(code)s), which was made here.")
            found.append(Problem("application-twice", message % {"code": code}, "unit"))
        if not clean(facts.title):
            found.append(Problem("title-missing", _("Enter a title."), "title"))
        if facts.stage in {"rejected", "refused"} and not clean(facts.verdict):
            message = _("Say why it was not chosen: the applicant reads it.")
            found.append(Problem("verdict-missing", message, "verdict"))
        if facts.award_fen is not None and facts.stage != "awarded":
            message = _("What was not chosen has no money: leave the cell empty.")
            found.append(Problem("award-unchosen", message, "award"))
        return found

    def words(self, facts: Brought) -> Words:
        """The project, and what it offers."""
        return Words(clean(facts.title), "", clean(facts.offer))

    def own(self, facts: Brought) -> dict[str, Any]:
        """All own columns; what says nothing of its moment counts from now."""
        return {
            "item": facts.item,
            "applicant": facts.applicant,
            "leader": clean(facts.leader),
            "asked_fen": facts.asked_fen,
            "months": facts.months,
            "commitments": list(facts.commitments),
            "submitted_at": facts.submitted_at or now(),
            "award_fen": (facts.award_fen or 0) if facts.stage == "awarded" else None,
            "verdict": clean(facts.verdict),
            "recommender": facts.recommender,
            "opinion": clean(facts.opinion),
            "letter_no": clean(facts.letter_no),
            "letter_on": facts.letter_on,
            "judged_elsewhere": facts.judged,
            "promised": True,
            "extra": cleaned(dict(facts.extra)),
        }

    def numbers(self, facts: Brought) -> tuple[Number, ...]:
        """The item and the unit: a living application of both stands once."""
        if facts.item is None or facts.applicant is None or facts.stage in ENDED:
            return ()
        return (Number(NUMBER_SCHEME, f"{facts.item.pk}:{facts.applicant.pk}"),)

    def owner_named(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """The applicant's credit code and name."""
        return tuple(clean(values[name]) for name in ("unit_code", "unit") if values[name])

    def stage_of(self, facts: Brought) -> str:
        """What became of it there."""
        return facts.stage

    def identity(self, facts: Brought) -> str:
        """Item, unit and title, by which a row without an id is known again."""
        item = facts.item.pk if facts.item is not None else ""
        unit = facts.applicant.pk if facts.applicant is not None else ""
        return f"{item}\n{unit}\n{clean(facts.title)}"

    def opening(self, facts: Brought) -> Hashable:
        """The district of the call decides who brings it."""
        return facts.item.call.region if facts.item is not None else None

    def may_open(self, actor: Actor, owner: Organisation | None, facts: Brought, stage: str | None) -> bool:
        """The officers in charge of the call, for any unit but their own."""
        if facts.item is None or owner is None or is_own_matter.test(actor, owner):
            return False
        return actor.is_officer and actor.is_in_charge(facts.item.call.region, PROGRAMME)

    def may_fill(self, actor: Actor, row: Any, names: Collection[str]) -> bool:
        """What a panel found elsewhere, of any application to a call that is closed: the officers in charge."""
        if not outside.NAMES.issuperset(names) or row.sealed or row.record.phase in {Phase.DRAFT, Phase.WITHDRAWN}:
            return False
        return row.item.call.record.stage in outside.JUDGED_AFTER and bool(is_officer.test(actor, row))

    def check_filled(self, facts: Brought, content: Content) -> list[Problem]:
        """The rest of it stands here already, and a file does not change it."""
        return list(outside.problems_of_outside(content.values, facts.item.call)) if facts.item is not None else []

    def why_not(self, row: Any, facts: Brought) -> str:
        """What was brought for one item does not move to another, and what was decided is not told anew."""
        if facts.item is None or row.item_id != facts.item.pk or facts.stage != row.record.stage:
            return _("It stands here for another item, or at another stage: take the import back, and import it anew.")
        return ""

    def brought_by(self, actor: Actor) -> bool:
        """Officers in charge of calls, who need not be in charge of everything."""
        return makes_calls(actor)

    def read_by(self, actor: Actor) -> bool:
        """The same read what their colleagues bring."""
        return makes_calls(actor)


def _problems_of_call(facts: Brought, item: CallItem) -> list[Problem]:
    call = item.call
    if call.seals:
        message = _("The call %(code)s seals its applications: they are written here, and nobody brings them.")
        return [Problem("application-sealed", message % {"code": call.record.code}, "call")]
    unit = facts.applicant
    if unit is not None and is_by_invitation.test(SYSTEM, call) and not call.invited.filter(pk=unit.pk).exists():
        message = _("The call %(code)s is by invitation, and this unit is not invited: only those invited apply.")
        return [Problem("application-uninvited", message % {"code": call.record.code}, "unit")]
    if facts.stage == "shortlisted" and not has_final(call):
        message = _("The call %(code)s has no final review: nothing stands on a shortlist.")
        return [Problem("call-no-final", message % {"code": call.record.code}, "result")]
    if call.record.stage in CALLS_OF[facts.stage]:
        return []
    message = _("The call %(code)s is “%(stage)s”: results come to one that is decided, the rest before its decision.")
    words = {"code": call.record.code, "stage": CALL.stages[call.record.stage].label}
    return [Problem("application-stage", message % words, "result")]


def _problems_of_recommender(facts: Brought, item: CallItem, content: Content) -> Iterator[Problem]:
    """Whoever recommended is a unit in the list, so that its people are kept from judging, and did so on a day."""
    name = clean(content.values["recommender"] or "")
    if not name:
        if facts.opinion or facts.letter_no or facts.letter_on is not None:
            message = _("Name the unit that recommended it, or leave its opinion, day and letter empty.")
            yield Problem("recommender-unnamed", message, "recommender")
        elif facts.stage in WITH_RECOMMENDER:
            message = _("Say which unit is to recommend it (推荐单位).")
            yield Problem("recommender-missing", message, "recommender")
        elif facts.stage not in {"refused", "withdrawn"}:  # which it may be because nobody recommended it
            yield from check_recommender(Application(item=item, applicant=facts.applicant))
    elif facts.recommender is None:
        message = _("Whoever recommends is a unit in the list: register or import “%(unit)s” first.")
        yield Problem("recommender-unlisted", message % {"unit": name[:60]}, "recommender")
    elif (strange := strange_recommender(item.call, facts.recommender, name)) is not None:
        yield strange
    else:
        given = Application(item=item, applicant=facts.applicant, recommender=facts.recommender)
        yield from check_recommender(given)
        if facts.stage in WITH_RECOMMENDER:
            if facts.letter_no or facts.letter_on is not None:
                message = _("It is not recommended yet: leave day and number of the letter empty.")
                yield Problem("letter-early", message, "letter_on")
        elif facts.letter_on is None and facts.stage != "withdrawn":
            yield Problem("letter-missing", _("Give the day on which it was recommended."), "letter_on")
        elif facts.letter_on is not None and facts.letter_on > content.on:
            yield Problem("day-later", _("This day lies in the future."), "letter_on")


def commitments_in(cell: str, indicators: Sequence[dict[str, str]]) -> tuple[tuple[str, ...], str]:
    """The answers to the indicators of an item in their order, as a cell says them line by line under the name, the
    whole wording or the number of each; and the first line that belongs to none."""
    found = [""] * len(indicators)
    names: dict[str, int] = {}
    for place, one in enumerate(indicators):
        names |= {str(place + 1): place, one["name"]: place, indicator_in_words(one): place}
    at: int | None = None
    for line in filter(None, map(str.strip, clean(cell).splitlines())):
        name = max((one for one in names if re.match(rf"{re.escape(one)}\s*[:：]", line)), key=len, default=None)
        if name is not None:
            at = names[name]
            found[at] = re.sub(rf"^{re.escape(name)}\s*[:：]\s*", "", line)
        elif at is None:
            return (), line
        else:
            found[at] = f"{found[at]}\n{line}".strip()
    return tuple(found) if any(found) else (), ""


def item_named(content: Content, call: str, said: str) -> CallItem | None:
    """The item, by number or title, of the list of a call whose code whoever imports the row may know; of a list with
    one item nothing need be said."""
    code, said = clean(call).upper(), clean(said)
    rows = CallItem.objects.filter(call__record__code=code).select_related("call__record__title_to").order_by("number")
    items = [one for one in rows if content.actor is SYSTEM or can_view(content.actor, one.call.record)]
    if not said:
        return items[0] if len(items) == 1 else None
    number = re.match(r"\d{1,6}(?!\d)", said)
    for one in items:
        if said in {one.title, str(one.number), f"{one.number} {one.title}"}:
            return one
    return next((one for one in items if number and one.number == int(number.group()) and one.title in said), None)


def _related(item: CallItem, applicant: int) -> Problem | None:
    pair = (applicant, item.poster_id or 0)
    return related_refused(item, applicant, is_related=bool(found_ties([pair])))


def _held(item: CallItem, applicant: Organisation) -> str:
    """The code of a living application of the unit that no import brought."""
    rows = Application.objects.filter(HANDED_IN, item=item, applicant=applicant)
    brought = rows.filter(record__identifiers__scheme=NUMBER_SCHEME, record__identifiers__active=True)
    found = rows.exclude(pk__in=brought.values("pk")).values_list("record__code", flat=True).first()
    return str(found or "")


def _moment(words: str) -> datetime | None:
    """A day or a moment, in Shanghai's time; None for anything else."""
    found = _MOMENT.match(clean(words))
    if found is None:
        return None
    year, month, day, hour, minute = (int(one or 0) for one in found.groups())
    try:
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):  # no such day, or one that has no moment in UTC
        return None


ROWS = ApplicationRows()
