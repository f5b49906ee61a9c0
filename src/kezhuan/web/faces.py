"""How each kind shows itself in lists: the area gives the rows and the line, the shell does the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, can_view, represents_owner
from kezhuan.kernel.inspecting import note_views
from kezhuan.kernel.models import Record
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.vocabulary import REGIONS, Field, Readiness
from kezhuan.web.components import ButtonLink, Fact, LinkLine, ResultLine, Tag, Text, Tone
from kezhuan.web.names import chain_name, name_of

PHASE_TONES: dict[str, Tone] = {
    Phase.DRAFT: "neutral",
    Phase.SUBMITTED: "wait",
    Phase.REVIEWING: "wait",
    Phase.PUBLIC: "ok",
    Phase.ACTIVE: "neutral",
    Phase.DONE: "ok",
    Phase.FAILED: "no",
    Phase.WITHDRAWN: "no",
    Phase.VOID: "no",
}


@dataclass(frozen=True)
class Face:
    """A kind in lists. `rows` fetches the own rows of these ids that the actor may see, in constant queries;
    `line` draws one, with the words asked for marked in its snippet; `title` names one where its record's own name is
    not for everybody who may see it; `edit` is the address of the form in which the actor may change one now, `new` the
    button by which they begin one; `elsewhere` gives by field the address of the page on which the actor may now enter
    what that form does not ask."""

    rows: Callable[[Actor, Sequence[int]], Sequence[Any]]
    line: Callable[[Actor, Any, str], ResultLine]
    title: Callable[[Actor, Any], str] | None = None
    edit: Callable[[Actor, Any], str] | None = None
    new: Callable[[Actor], ButtonLink | None] | None = None
    elsewhere: Callable[[Actor, Any], Mapping[str, str]] | None = None


_faces: dict[str, Face] = {}


def register(slug: str, face: Face) -> None:
    """Name a kind's face; called from the area's `apps.py`."""
    _faces[slug] = face


def url_of(record: Record) -> str:
    """The address of a record's page."""
    return reverse(registry.kind_of(record).page, args=[record.code])


def edit_url(actor: Actor, row: Any) -> str:
    """The address of the form in which the actor may change a record now; empty when there is none."""
    face = _faces.get(row.record.kind)
    return face.edit(actor, row) if face is not None and face.edit is not None else ""


def elsewhere_urls(actor: Actor, row: Any) -> Mapping[str, str]:
    """The addresses of the pages on which the actor may now enter what a record's form does not ask, by field."""
    face = _faces.get(row.record.kind)
    return face.elsewhere(actor, row) if face is not None and face.elsewhere is not None else {}


def new_button(actor: Actor, kind: str) -> ButtonLink | None:
    """The button by which the actor begins a record of a kind; none for whoever would be refused."""
    face = _faces.get(kind)
    return face.new(actor) if face is not None and face.new is not None else None


def entering(actor: Actor, label: Text, page: str) -> ButtonLink | None:
    """The button to the page on which members enter a record of their own organisation; whoever only reads is not
    offered what would be refused."""
    may = actor.organisation is not None and represents_owner.test(actor, actor.organisation)
    return ButtonLink(label, reverse(page), primary=True) if may else None


def stage_tag(record: Record) -> Tag:
    """The record's stage, toned by its phase: what is under way is no success yet, and lies there still where it has
    been put aside (suspended, being put right)."""
    stage = registry.kind_of(record).lifecycle.stages[record.stage]
    tone = "wait" if stage.aside and stage.phase == Phase.ACTIVE else PHASE_TONES[record.phase]
    return Tag(stage.label, tone)


def lines(actor: Actor, ids: Sequence[int], words: str = "") -> tuple[ResultLine, ...]:
    """The records of these ids as lines, in their order; one that the actor may not see any more is left out."""
    kinds = dict(Record.objects.filter(pk__in=ids).values_list("pk", "kind"))
    drawn: dict[int, ResultLine] = {}
    for slug in dict.fromkeys(kinds.values()):
        face = _faces.get(slug)
        if face is not None:
            for row in face.rows(actor, [pk for pk in ids if kinds.get(pk) == slug]):
                drawn[row.pk] = face.line(actor, row, words)
    note_views(actor, list(drawn), "list")
    return tuple(drawn[pk] for pk in ids if pk in drawn)


def titles(actor: Actor, records: Sequence[Record]) -> dict[int, str]:
    """What records that the actor may see are called before this actor, by id, without drawing their lines."""
    named = {record.pk: name_of(record) for record in records}
    for slug, face in _faces.items():
        own = [record.pk for record in records if record.kind == slug]
        if face.title is not None and own:
            named.update(dict.fromkeys(own, ""))
            named.update({row.pk: face.title(actor, row) for row in face.rows(actor, own)})
    return named


def link_line(record: Record, role: Text) -> LinkLine:
    """A record as another one's page names it: what it is to that one, and where it stands."""
    stage = registry.kind_of(record).lifecycle.stages[record.stage].label
    return LinkLine(role=role, code=record.code, title=name_of(record), url=url_of(record), kind_label=stage)


def linked_fact(actor: Actor, label: Text, record: Record | None) -> Fact:
    """A fact that is another record, with its address; empty without one, and for whoever may not see it."""
    if record is None or not can_view(actor, record):
        return Fact(label, "")
    return Fact(label, name_of(record), url_of(record))


def plain_line(record: Record, *, dated: tuple[Text, date | None] | None = None, **more: Any) -> ResultLine:
    """A line with what every record has: name, address, code, stage; `dated` says of what and which its own day is, and
    until there is one it is the day of its entering."""
    shown: dict[str, Any] = {"title": name_of(record), "url": url_of(record), "code": record.code}
    shown["tags"] = (stage_tag(record),)
    if dated is not None:
        label, on = dated
        shown |= {"on": on or record.opened_on, "on_label": label if on is not None else ""}
    return ResultLine(**(shown | more))


FACETS = (
    "kind",
    "field",
    "region",
    "stage",
    "trl",
    "rights",
    "chain",
    "source",
    "organisation_kind",
    "size",
    "sort",
    "contract_kind",
    "call_kind",
    "mode",
    "reach",
)
"""Every facet that a list may be narrowed by."""


def facet_label(name: str) -> str:
    """The name of a facet as people read it."""
    return {
        "kind": _("Kind"),
        "field": _("Technical field"),
        "region": _("District"),
        "stage": _("Stage"),
        "trl": _("Maturity"),
        "rights": _("Rights"),
        "chain": _("Industry chain"),
        "source": _("Source"),
        "organisation_kind": _("Kind of organisation"),
        "size": _("Size of the firm"),
        "sort": _("Sort"),
        "contract_kind": _("Kind of contract"),
        "call_kind": _("Kind of call"),
        "mode": _("Mode of selection"),
        "reach": _("Who may book"),
    }[name]


def value_label(name: str, value: str, kinds: Sequence[str]) -> str:
    """One value of a facet as people read it."""
    match name:
        case "kind" if value in {kind.slug for kind in registry.kinds()}:
            return str(registry.kind_of(value).plural)
        case "field" if value in Field.values:
            return str(Field(value).label)
        case "organisation_kind" if value in OrganisationKind.values:
            return str(OrganisationKind(value).label)
        case "rights" if value in Readiness.values:
            return str(Readiness(value).label)
        case "size" if value in FirmSize.values:
            return str(FirmSize(value).label)
        case "region":
            return str(REGIONS.get(value, value))
        case "chain":
            return chain_name(value)
        case "trl":
            return _("TRL %(level)s") % {"level": value}
        case "stage":
            for kind in kinds:
                stage = registry.kind_of(kind).lifecycle.stages.get(value)
                if stage is not None:
                    return str(stage.label)
    return value
