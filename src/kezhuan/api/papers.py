"""Word templates in the API: which there are, what they may name."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from kezhuan.api.identity import OPEN, actor_of
from kezhuan.api.schemas import Listed, Shown
from kezhuan.exchange.models import Template
from kezhuan.exchange.papers import actions
from kezhuan.exchange.papers.fields import LETTER, Named, fields_of
from kezhuan.exchange.papers.samples import SAMPLES, Sample
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Record

router = Router(tags=["templates"])


class TemplateShown(Shown):
    """A Word template: `key` names it where it is filled; one that ships has no office, no version and no kind."""

    key: str
    name: str
    kind: str
    office: str
    version: int
    for_list: bool
    uploaded_at: datetime | None


class FieldShown(Shown):
    """A field that a template may name, by either name; `group` is the part of a record that it belongs to."""

    zh: str
    en: str
    group: str


class TemplatesQuery(BaseModel):
    """Which templates: all, or those for one kind of record."""

    model_config = ConfigDict(extra="forbid")
    kind: str = ""


class FieldsQuery(BaseModel):
    """The kind of record whose fields are asked for."""

    model_config = ConfigDict(extra="forbid")
    kind: str


def _shown(one: Template | Sample) -> dict[str, Any]:
    if isinstance(one, Sample):
        return {
            "key": one.slug,
            "name": str(one.name),
            "kind": "",
            "office": "",
            "version": 0,
            "for_list": one.for_list,
            "uploaded_at": None,
        }
    return {
        "key": str(one.pk),
        "name": one.name,
        "kind": one.kind,
        "office": one.office.record.code,
        "version": one.version,
        "for_list": one.for_list,
        "uploaded_at": one.uploaded_at,
    }


def _require_kind(kind: str) -> None:
    if kind not in {one.slug for one in registry.kinds()}:
        raise Refused(Problem("kind-unknown", _("There is no kind of record of this name."), "kind"))


@router.get("/templates", auth=OPEN, response=Listed[TemplateShown], operation_id="templates", summary="Word templates")
def templates(request: HttpRequest, asked: Query[TemplatesQuery]) -> dict[str, Any]:
    """The templates that the asking person may fill, and those that ship."""
    own = actions.templates_for(actor_of(request))
    if asked.kind:
        _require_kind(asked.kind)
        own = own.filter(kind=asked.kind)
    return {"items": [*map(_shown, own), *map(_shown, SAMPLES.values())]}


@router.get(
    "/templates/fields", auth=OPEN, response=Listed[FieldShown], operation_id="template-fields", summary="Fields"
)
def template_fields(request: HttpRequest, asked: Query[FieldsQuery]) -> dict[str, Any]:
    """What a template of a kind may name: of a record, and of the paper itself."""
    _require_kind(asked.kind)
    return {"items": [{"zh": one.zh, "en": one.en, "group": one.group} for one in (*fields_of(asked.kind), *LETTER)]}


def filled(actor: Actor, record: Record, key: str) -> HttpResponse:
    """A template filled from a record with what the actor may see. Raises `Missing` or `Refused`."""
    template = actions.template_of(actor, key, record.kind)
    paper = actions.fill_template(
        actor=actor, template=template, kind=record.kind, named=[Named(record, record.title)], to_list=False
    )
    return HttpResponse(paper.content, content_type=WORD)
