"""How pairs in queues are drawn, and what brokers add to the page of their unit."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.areas.brokers.models import BrokeredPair
from kezhuan.areas.brokers.permissions import keeps, lets_read
from kezhuan.areas.brokers.queries import brokers_in_force, may_read, reads_both
from kezhuan.areas.brokers.wording import fit_line
from kezhuan.areas.matches.panels import part_bars
from kezhuan.areas.matches.wording import language, part_lines
from kezhuan.areas.needs.models import Need
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view
from kezhuan.kernel.models import Organisation, Record
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import listed
from kezhuan.kernel.vocabulary import REGIONS, Field
from kezhuan.web import faces
from kezhuan.web.components import MatchLine, Tag
from kezhuan.web.names import name_of
from kezhuan.web.records import open_move


def side_name(actor: Actor, record: Record) -> str:
    """What a side is called, for whoever may know of it."""
    return name_of(record) if can_view(actor, record) else _("not shown to you")


def pair_name(actor: Actor, row: BrokeredPair) -> str:
    """What the two sides of a pair are called, as far as the reader may know it."""
    return f"{side_name(actor, row.need.record)} × {side_name(actor, row.supply)}"


def owners_of(actor: Actor, row: BrokeredPair) -> list[str]:
    """Whose the two sides are, for whoever reads their public parts."""
    records = (row.need.record, row.supply)
    return [name_of(one.owner.record) for one in records if one.owner is not None and can_view(actor, one, "public")]


def queue_line(actor: Actor, rank: int, row: BrokeredPair) -> MatchLine:
    """A pair in a queue with its reasons, how the broker fits it, what came of it, and what may be done with it. Score,
    fit and reasons are for whoever reads both sides: they tell of the need."""
    reads = reads_both(actor, row)
    fit = [_("fit %(fit)s: %(why)s") % {"fit": f"{row.fit:.2f}", "why": fit_line(row.why)}] if reads else []
    tags = [faces.stage_tag(row.record)]
    if row.introduction is not None:
        tags.append(faces.stage_tag(row.introduction.record))
    if row.registered:
        tags.append(Tag(_("contract registered"), "ok"))
    moving: list[Any] = [row.introduction, row] if row.introduction is not None and row.is_open else [row]
    return MatchLine(
        rank=rank,
        score=row.score,
        told=reads,
        title=pair_name(actor, row),
        url=faces.url_of(row.record),
        code=row.record.code,
        tags=tuple(tags),
        meta=(*owners_of(actor, row), *fit),
        parts=part_bars(part_lines(row.parts, language())) if reads else (),
        actions=tuple(
            open_move(actor, one, move)
            for one in moving
            for move in registry.kind_of(one.record).lifecycle.open_to(actor, one)
        ),
    )


def fields_named(fields: list[str]) -> str:
    """The names of technical fields."""
    return listed(Field(one).label for one in fields)


def regions_named(regions: list[str]) -> str:
    """The names of districts; the whole city without any."""
    return listed(REGIONS[one] for one in regions) if regions else _("whole city")


def need_panel(actor: Actor, row: Need) -> registry.Panel | None:
    """Which brokers read a need that not everybody reads, for its firm."""
    if not lets_read.test(actor, row) or row.record.phase != Phase.PUBLIC:
        return None
    people = may_read(row)
    names = [name_of(one.person.record) for one in brokers_in_force().filter(person__in=people)] if people else []
    url = reverse("need-brokers", args=[row.record.code])
    return registry.Panel("brokers/need_panel.html", {"names": listed(names), "url": url})


def organisation_panel(actor: Actor, row: Organisation) -> registry.Panel | None:
    """The brokers of an organisation, for whoever knows its members, and where one more is made."""
    makes = bool(keeps.test(actor, row))
    if not makes and not (can_view(actor, row.record, "full") and actor.is_signed_in):
        return None
    lines: list[dict[str, Any]] = [
        {
            "name": name_of(one.person.record),
            "fields": fields_named(one.fields),
            "regions": regions_named(one.regions),
            "capacity": one.capacity,
            "url": reverse("broker-edit", args=[one.pk]) if makes else "",
        }
        for one in brokers_in_force().filter(organisation=row)
    ]
    url = reverse("broker-new", args=[row.record.code]) if makes else ""
    return registry.Panel("brokers/panel.html", {"lines": lines, "url": url}) if lines or url else None
