"""How panels judge for calls: the applications that passed the formality check, and what experts read of one."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from kezhuan.areas.calls.answering import told as said_to
from kezhuan.areas.calls.choices import CallKind, RelatedRule
from kezhuan.areas.calls.models import Application, Call, CallItem
from kezhuan.areas.calls.partners import partners_said, units_called
from kezhuan.areas.calls.related import ties_of
from kezhuan.areas.calls.wording import indicator_in_words
from kezhuan.areas.reviews.judging import Foreseen, Judging, Matter, Named, Part, people_in
from kezhuan.areas.reviews.models import PanelItem
from kezhuan.areas.reviews.queries import advice_on
from kezhuan.kernel.errors import Problem
from kezhuan.kernel.models import Membership, Organisation, Record
from kezhuan.kernel.text import listed, wan_from_fen

_LEGAL_FORM = re.compile(
    r"(集团|控股)?(股份|有限责任|有限)*公司$|集团$|\s+(co\.?,?\s*ltd\.?|inc\.?|limited|corporation)$", re.IGNORECASE
)
_PLACE = re.compile(r"^(广东省?|广州市?|深圳市?)+")
_APART = re.compile(r"[\s,，;；、/]+")


def judged_items(call: Record) -> QuerySet[Record]:
    """The applications to a call that can be judged: applications are closed, their formality check passed; once there
    is a shortlist what stands on it."""
    rows = Record.objects.filter(application__item__call=call.pk, application__item__call__record__stage="closed")
    listed_ones = rows.filter(stage="shortlisted").order_by("pk")
    return listed_ones if listed_ones.exists() else rows.filter(stage="qualified").order_by("pk")


def told_to_experts(ids: Sequence[int]) -> Mapping[int, Matter]:
    """What experts read of applications, and by which words each applicant would be known; four queries, and two more
    where a form asks for organisations that take part. Items and call are fetched once, not with each application."""
    rows = Application.objects.filter(pk__in=ids).select_related(
        "record__contact__record", "applicant__record", "recommender__record"
    )
    found = list(rows.prefetch_related("item__call"))
    partners = {one.pk: partners_said(one.item.call.questions, one.answers) for one in found}
    called = units_called(set().union(*partners.values()))
    members: dict[int, set[str]] = {}
    own = {one.applicant_id for one in found} | {one.pk for units in called.values() for one in units}
    acting = Membership.objects.filter(organisation__in=own)
    for unit, name, name_en in acting.values_list("organisation", "person__record__title", "person__record__title_en"):
        members.setdefault(unit, set()).update((name, name_en))
    return {one.pk: _matter(one, members, {said: called.get(said, []) for said in partners[one.pk]}) for one in found}


def _matter(row: Application, people: Mapping[int, set[str]], partners: Mapping[str, Sequence[Record]]) -> Matter:
    members = set(people.get(row.applicant_id, ()))
    unit, contact = row.applicant.record, row.record.contact
    parties = {unit.pk: _("applicant"), **({contact.pk: _("contact of the application")} if contact else {})}
    leaders = people_in(row.leader)
    if contact is not None:  # an applicant's people of one name are one: it is the contact who leads
        leaders -= {contact.record.title, contact.record.title_en}
    for one in (unit_of for units in partners.values() for unit_of in units):
        parties.setdefault(one.pk, _("takes part"))
        members |= {one.title, one.title_en, *people.get(one.pk, ())}
    strangers = frozenset(said for said, units in partners.items() if not units)
    members |= strangers
    if strangers:  # nothing is known of them, so that nobody is clear of them before they were looked up
        parties[row.pk] = _("unit that takes part, known by name alone")
    if leaders:
        parties[row.pk] = _("project leader, known by name alone")
    if row.item.poster_id is not None:
        parties[row.item.poster_id] = _("the poster")
    if row.recommender is not None:  # its people read whose application it is
        parties[row.recommender_id] = _("recommending unit")
        members = members | {row.recommender.record.title, row.recommender.record.title_en}
    names = {unit.title, unit.title_en, row.leader, *_APART.split(row.leader), *members}
    return Matter(
        title=row.record.title,
        field=row.item.field,
        sections=tuple(_sections(row)),
        names=tuple(sorted(filter(None, names | {_stem(one) for one in (unit.title, unit.title_en, *partners)}))),
        parties=parties,
        named=Named(leaders, frozenset({unit.pk}), strangers) if leaders or strangers else None,
    )


def _stem(name: str) -> str:
    """A unit's name without place and legal form, as people write it."""
    return _PLACE.sub("", _LEGAL_FORM.sub("", name.strip())).strip()


def _sections(row: Application) -> list[tuple[str, str]]:
    item, call = row.item, row.item.call
    figures = [
        f"{indicator_in_words(asked)} → {said or '–'}"
        for asked, said in zip(item.indicators, [*row.commitments, *[""] * len(item.indicators)], strict=False)
    ]
    told = [
        (_("Challenge") if item.need_id is not None else _("Direction or field"), f"{item.number} {item.title}"),
        (_("What is offered"), row.record.summary),
        (_("Answers to the indicators"), "\n".join(figures)),
        *((one["words"], said) for one, said in zip(call.conditions, row.evidence, strict=False)),
        *said_to(call.questions, row.answers),
        (_("Fiscal money asked for (万元)"), wan_from_fen(row.asked_fen) if row.asked_fen is not None else ""),
        (_("Months"), str(row.months or "")),
    ]
    return [(str(label), words) for label, words in told if words]


def panel_problems(call: Call, proposed: Iterable[tuple[Application, Any]]) -> Iterator[Problem]:
    """What stands against proposals where the bureau's panel chooses: in a call of chain leaders, in any other of a
    chain leader that is to undertake, and of who is related to the poster where the call asks for that, one that has
    concluded judged each, and advises what is chosen.

    Each is an application with what is proposed for it, and whether it is `awarded`.
    """
    pairs = list(proposed)
    if call.call_kind == CallKind.CHAIN:
        yield from _leader_problems(pairs)
        return
    won = [(row, given) for row, given in pairs if given.awarded]
    leaders = Organisation.objects.filter(pk__in={row.applicant_id for row, _given in won}, chain_leader=True)
    leading = set(leaders.values_list("pk", flat=True))
    yield from _leader_problems([(row, given) for row, given in won if row.applicant_id in leading])
    if call.related_rule == RelatedRule.REVIEW:
        chosen = [row for row, _given in won if row.applicant_id not in leading]
        ties = ties_of(chosen)
        advice = advice_on(list(ties))
        if codes := [row.record.code for row in chosen if row.pk in ties and not _is_advised(advice.get(row.pk))]:
            message = _("%(codes)s: the unit is related to the poster, so a panel has to advise choosing it first.")
            yield Problem("related-unadvised", message % {"codes": listed(codes[:10])}, "proposal")


def _is_advised(said: PanelItem | None) -> bool:
    return said is not None and bool(said.advised)


def _leader_problems(pairs: Sequence[tuple[Application, Any]]) -> Iterator[Problem]:
    advice = advice_on([row.pk for row, _given in pairs])
    if codes := [row.record.code for row, _given in pairs if row.pk not in advice]:
        message = _(
            "Where the leader of a chain undertakes, a panel chooses: none has judged %(codes)s and concluded yet."
        )
        yield Problem("leader-unjudged", message % {"codes": listed(codes[:10])}, "proposal")
    against = [row for row, given in pairs if given.awarded and row.pk in advice and not advice[row.pk].advised]
    if codes := [row.record.code for row in against]:
        message = _("Where the leader of a chain undertakes, a panel chooses: it advises not to choose %(codes)s.")
        yield Problem("leader-unadvised", message % {"codes": listed(codes[:10])}, "proposal")


def sided(units: Sequence[int]) -> list[QuerySet[Any, Any]]:
    """The keys of the applications that these organisations recommend, whose challenge they posed, and in which they
    take part."""
    names = ("recommender", "item__poster", "partners")
    ways: list[dict[str, Any]] = [{f"{name}__in": units} for name in names]
    return [Application.objects.filter(**one).values("pk") for one in ways]


def spends_public_money(call: Record) -> bool:
    """Whether experts are drawn by lot unless the officers say otherwise: not for a contest, whose experts are assigned
    by fit."""
    return not Call.objects.filter(pk=call.pk, call_kind=CallKind.CONTEST).exists()


def parts_of(call: Record) -> list[Part]:
    """The items of a call's list to which something was applied that can be judged, each with that; two queries."""
    found: dict[int, list[int]] = {}
    for item, pk in judged_items(call).values_list("application__item", "pk"):
        found.setdefault(item, []).append(pk)
    rows = CallItem.objects.filter(pk__in=found).order_by("number")
    return [Part(str(one.number), f"{one.number} {one.title}", tuple(found[one.pk])) for one in rows]


def foreseen(call: Record) -> Foreseen:
    """What a call says of its panels; one query."""
    row = Call.objects.get(pk=call.pk)
    return Foreseen(row.review_scheme, row.review_choice, row.review_per_item, tuple(row.criteria))


JUDGING = Judging(
    judged_items, told_to_experts, public_money=spends_public_money, sided=sided, parts=parts_of, foreseen=foreseen
)
