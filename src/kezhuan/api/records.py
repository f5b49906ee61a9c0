"""How a record is shown: the fields of the groups its reader sees, and short references to other records."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.db.models import Choices, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kezhuan.api.conditions import show_version, version_matched
from kezhuan.api.identity import actor_of
from kezhuan.kernel import clocks, registry
from kezhuan.kernel.access import GROUPS, Actor, can_view, get_visible, visible_to
from kezhuan.kernel.errors import Missing, Problem, Refused
from kezhuan.kernel.models import Organisation, Person, Record
from kezhuan.kernel.models.parties import FirmSize, OrganisationKind
from kezhuan.kernel.models.records import Phase
from kezhuan.kernel.text import clean
from kezhuan.kernel.vocabulary import REGIONS, Field, Readiness

AUDIENCES = tuple(f"{group}_to" for group in GROUPS)
AnyModel = TypeVar("AnyModel", bound=Model)

_plurals: dict[str, str] = {}


def name_plural(slug: str, plural: str) -> None:
    """Say under which plural the records of a kind are found."""
    _plurals[slug] = plural


def href(record: Record) -> str:
    """The address of a record in this API; empty for a kind that has no routes."""
    plural = _plurals.get(record.kind)
    return f"{reverse('api:api-root')}{plural}/{record.code}" if plural else ""


def label(choices: type[Choices], value: Any) -> str:
    """The words for a code of a list in the reader's language; empty for none."""
    return str(choices(value).label) if value in choices.values else ""


def region_label(code: str) -> str:
    """The name of a district in the reader's language; empty when it is not one of the city's."""
    return str(REGIONS.get(code, ""))


def facet_label(name: str, value: str, slugs: Sequence[str]) -> str:
    """The words for one value of a filter; the value itself when it has none."""
    said = ""
    match name:
        case "field":
            said = label(Field, value)
        case "region":
            said = region_label(value)
        case "size":
            said = label(FirmSize, value)
        case "organisation_kind":
            said = label(OrganisationKind, value)
        case "rights":
            said = label(Readiness, value)
        case "kind":
            said = str(registry.kind_of(value).plural)
        case "stage":
            found = (registry.kind_of(slug).lifecycle.stages.get(value) for slug in slugs)
            said = next((str(stage.label) for stage in found if stage is not None), "")
    return said or value


def party(row: Organisation | Person | None) -> dict[str, str] | None:
    """An organisation or a person by name."""
    if row is None:
        return None
    return {"code": row.record.code, "name": row.record.title, "name_en": row.record.title_en}


def _unnamed() -> dict[str, str]:
    """A side that the reader must not know of yet."""
    return {"code": "", "name": _("the other side"), "name_en": "the other side"}


def _head(record: Record) -> dict[str, Any]:
    stage = registry.kind_of(record).lifecycle.stages[record.stage]
    return {
        "code": record.code,
        "kind": record.kind,
        "title": record.title,
        "title_en": record.title_en,
        "stage": record.stage,
        "stage_label": str(stage.label),
        "opened_on": record.opened_on,
        "href": href(record),
    }


def record_fields(record: Record, groups: frozenset[str]) -> dict[str, Any]:
    """What every kind shows of these field groups (see `RecordShown`)."""
    fields = _head(record) | {"phase": record.phase, "phase_label": str(Phase(record.phase).label)}
    if "public" in groups:
        fields |= {
            "summary": record.summary,
            "owner": party(record.owner),
            "closed_on": record.closed_on,
            "changed_at": record.changed_at,
            "version": record.version,
        }
    if "inner" in groups:
        fields["contact"] = party(record.contact)
    return fields


def reference(actor: Actor, record: Record) -> dict[str, Any] | None:
    """A record as another one refers to it, nothing when the actor may not see it (see `RecordRef`)."""
    if not can_view(actor, record):
        return None
    fields = _head(record) | {"kind_label": str(registry.kind_of(record).label)}
    if can_view(actor, record, "public"):
        fields["owner"] = party(record.owner)
    return fields


def referable(records: QuerySet[Record]) -> QuerySet[Record]:
    """The records with all that `reference` reads."""
    return records.select_related(*AUDIENCES, "owner__record")


def referred(actor: Actor, ids: Iterable[int], group: str = "title") -> dict[int, dict[str, Any]]:
    """References to the records of these ids whose field group the actor may see, by id; one query."""
    rows = visible_to(actor, referable(Record.objects.filter(pk__in=list(ids))), group)
    return {row.pk: found for row in rows if (found := reference(actor, row)) is not None}


def moved(request: HttpRequest, record: Record) -> dict[str, Any]:
    """Where a record stands after something was done to it (see `Moved`); the answer carries its new tag."""
    show_version(request, record)
    head = _head(record)
    return {name: head[name] for name in ("code", "kind", "stage", "stage_label", "href")} | {
        "phase": record.phase,
        "version": record.version,
    }


def moved_now(request: HttpRequest, row: Any) -> dict[str, Any]:
    """The same of a row's record as it stands after what was done; one query."""
    return moved(request, Record.objects.get(pk=row.pk))


def asked_of(request: HttpRequest, model: type[AnyModel], code: str) -> tuple[Actor, AnyModel]:
    """Who asks, and the row of this code that they see, at the version that the request names, if it names one. Raises
    `Missing` or `StaleTag`."""
    actor = actor_of(request)
    row: Any = get_visible(actor, model, code)
    version_matched(request, row.record)
    return actor, row


def running_clocks(actor: Actor, record: Record) -> list[dict[str, Any]]:
    """The clocks that run on a record (see `ClockShown`)."""
    hidden = registry.hidden_parties(actor, [record])[record.pk]
    rows = list(registry.clocks_shown(actor, record))
    return [
        {
            "stage": clock.name,
            "waits_for": _unnamed() if clock.party_id in hidden else party(clock.party or clock.person),
            "due_on": clock.due_on,
            "days_left": left.days,
            "day_kind": left.day_kind,
            "unloaded_years": list(left.unloaded),
        }
        for clock, left in zip(rows, clocks.remaining_on(rows), strict=True)
    ]


def record_named(actor: Actor, code: str, field: str) -> Record:
    """The record of a code that a body names; raises `Refused` for one that is not known to the actor."""
    try:
        return get_visible(actor, Record, clean(code))
    except Missing:
        raise _unknown(code, field) from None


def _unknown(code: str, field: str) -> Refused:
    sentence = _("“%(code)s” is not known here. Give the code as the list shows it.") % {"code": code[:30]}
    return Refused(Problem("code-unknown", sentence, field))


def named(
    actor: Actor, model: type[AnyModel], codes: Sequence[str], field: str, group: str = "title"
) -> dict[str, AnyModel]:
    """The rows of these codes, each a `Code`, in one query; raises `Refused` for one that is not known to the actor."""
    if not codes:
        return {}
    rows = model._default_manager.filter(record__code__in=codes).select_related("record")
    found = {row.record.code: row for row in visible_to(actor, rows, group)}  # type: ignore[attr-defined]  # each kind has its record
    unknown = sorted(set(codes) - set(found))
    if unknown:
        raise _unknown(unknown[0], field)
    return found
