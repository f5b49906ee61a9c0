"""Word templates and signatures in the API: which there are, adding and withdrawing a template, filling, signing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import BaseModel, ConfigDict

from kezhuan.api.identity import OPEN, actor_of, reads, writes
from kezhuan.api.records import href, party
from kezhuan.api.schemas import Body, Code, Line, Listed, Short, Shown, SignatureShown
from kezhuan.exchange.models import SealRequest, Signature, Template
from kezhuan.exchange.papers import actions, seals, signing
from kezhuan.exchange.papers.fields import LETTER, Named, fields_of, fields_of_rows
from kezhuan.exchange.papers.printing import code_of, content_of, hash_of, may_print, print_record
from kezhuan.exchange.papers.samples import SAMPLES, Sample
from kezhuan.exchange.papers.signing import add_stamped_scan, ask_seal, confirm_version
from kezhuan.kernel import registry, tokens
from kezhuan.kernel.access import Actor
from kezhuan.kernel.contents import WORD
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Problem, Refused
from kezhuan.kernel.models import Record

router = Router(tags=["templates"])
TEMPLATE = "template"
tokens.name_scope(TEMPLATE, gettext_lazy("Word templates"))


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
    """What a template of a kind may name: of a record, of the paper itself, and of rows beside the record."""
    _require_kind(asked.kind)
    fields = (*fields_of(asked.kind), *LETTER, *fields_of_rows())
    return {"items": [{"zh": one.zh, "en": one.en, "group": one.group} for one in fields]}


class TemplateFields(Body):
    """What goes with the Word file of a template; one of the same name becomes its next version."""

    kind: Code
    name: Line
    open_to_all: bool = False
    declared_open: bool = False


@router.post(
    "/templates",
    auth=writes(TEMPLATE),
    response={201: TemplateShown},
    operation_id="templates-add",
    summary="Add a Word template",
)
def template_add(request: HttpRequest, file: File[UploadedFile], given: Form[TemplateFields]) -> Status:
    """Add a template, or the next version of one, for the organisation one acts for."""
    upload = Upload(file.name or "", file.read(), given.declared_open)
    made = actions.add_template(
        actor=actor_of(request), kind=given.kind, name=given.name, upload=upload, open_to_all=given.open_to_all
    )
    return Status(201, _shown(made))


@router.delete(
    "/templates/{key}",
    auth=writes(TEMPLATE),
    response={204: None},
    operation_id="templates-withdraw",
    summary="Withdraw a Word template",
)
def template_withdraw(request: HttpRequest, key: str) -> Status:
    """Let nobody fill any version of a template any more; papers that were filled stay as they are."""
    actor = actor_of(request)
    actions.withdraw_template(actor=actor, template=actions.own_template(actor, key))
    return Status(204, None)


class SealProviderShown(Shown):
    """A provider of e-seals that a paper can be handed to."""

    name: str
    label: str


@router.get(
    "/seal-providers",
    auth=OPEN,
    response=Listed[SealProviderShown],
    operation_id="seal-providers",
    summary="E-seal providers",
)
def seal_providers(request: HttpRequest) -> dict[str, Any]:
    """The providers that are set up here."""
    return {"items": [{"name": name, "label": one.label} for name, one in seals.providers().items()]}


class SealBody(Body):
    """Which provider is to seal the present version."""

    provider: Short


class ConfirmBody(Body):
    """The code of the version that is confirmed, as it was shown."""

    version_code: Line


class SealShown(Shown):
    """A version that was handed to a provider, and what became of it; `reason` says why it was declined."""

    provider: str
    code: str
    state: str
    state_label: str
    reason: str
    asked_at: datetime


def _seal(one: SealRequest) -> dict[str, Any]:
    return {
        "provider": one.provider,
        "code": one.printed.code,
        "state": one.state,
        "state_label": one.get_state_display(),
        "reason": one.reason,
        "asked_at": one.asked_at,
    }


def signatures_of(actor: Actor, row: Any) -> list[dict[str, Any]]:
    """The signatures of a record, newest first, for whoever reads it in full (see `SignatureShown`)."""
    if not may_print(actor, row):
        return []
    present = code_of(hash_of(row.record, content_of(actor, row)))
    return [_signature(row.record, one, present) for one in signing.signatures_of(actor, row.record)]


def _signature(record: Record, one: Signature, present: str) -> dict[str, Any]:
    return {
        "way": one.way,
        "way_label": one.get_way_display(),
        "code": one.printed.code,
        "present": one.printed.code == present,
        "code_by": one.code_by,
        "provider": one.provider,
        "party": party(one.party),
        "signed_by": party(one.signed_by),
        "signed_for": party(one.signed_for),
        "signed_at": one.signed_at,
        "document": f"{href(record)}/documents/{one.document.sha256}",
    }


def stamped(actor: Actor, row: Any, upload: Upload, code: str) -> dict[str, Any]:
    """Take a stamped scan. Raises `NotAllowed` or `Refused`."""
    one = add_stamped_scan(actor=actor, row=row, upload=upload, typed=code)
    return _signature(row.record, one, one.printed.code)


def printed(actor: Actor, row: Any) -> HttpResponse:
    """The present version as a PDF for signing. Raises `NotAllowed`."""
    _version, content = print_record(actor=actor, row=row)
    return HttpResponse(content, content_type="application/pdf")


def filled(actor: Actor, record: Record, key: str) -> HttpResponse:
    """A template filled from a record with what the actor may see. Raises `Missing` or `Refused`."""
    template = actions.template_of(actor, key, record.kind)
    paper = actions.fill_template(
        actor=actor, template=template, kind=record.kind, named=[Named(record, record.title)], to_list=False
    )
    return HttpResponse(paper.content, content_type=WORD)


Find = Callable[[HttpRequest, str], Any]
"""Gives the row of a code as the asking person may see it."""


def add_routes(router: Router, slug: str, plural: str, find: Find) -> None:
    """What every kind's records are printed, filled and signed by."""
    guard = reads(slug)

    @router.get(
        "/{code}/papers/{template}",
        auth=guard,
        operation_id=f"{plural}-fill",
        summary="Fill a Word template",
        openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
    )
    def fill(request: HttpRequest, code: str, template: str) -> HttpResponse:
        """A Word file: the template of this key, filled with what the asking person may see."""
        return filled(actor_of(request), find(request, code).record, template)

    _add_signatures(router, slug, plural, find)


def _add_signatures(router: Router, slug: str, plural: str, find: Find) -> None:
    guard = reads(slug)

    @router.get(
        "/{code}/version.pdf",
        auth=guard,
        operation_id=f"{plural}-print-version",
        summary="Print for signing",
        openapi_extra={"responses": {200: {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}},
    )
    def print_version(request: HttpRequest, code: str) -> HttpResponse:
        """A PDF of the present version, with its code and square on every page; for readers of the full part."""
        return printed(actor_of(request), find(request, code))

    @router.get(
        "/{code}/signatures",
        response=Listed[SignatureShown],
        auth=guard,
        operation_id=f"{plural}-signatures",
        summary="Signatures",
    )
    def signatures(request: HttpRequest, code: str) -> dict[str, Any]:
        """The signatures of a record, for readers of the full part."""
        return {"items": signatures_of(actor_of(request), find(request, code))}

    @router.post(
        "/{code}/signatures",
        response={201: SignatureShown},
        auth=writes(slug),
        operation_id=f"{plural}-stamp",
        summary="Upload a stamped scan",
    )
    def sign(
        request: HttpRequest,
        code: str,
        file: File[UploadedFile],
        declared_open: Form[bool] = False,
        version_code: Form[str] = "",
    ) -> Status:
        """Take the scan of a stamped paper; its code is read back, or given where it cannot be read."""
        upload = Upload(file.name or "", file.read(), declared_open)
        return Status(201, stamped(actor_of(request), find(request, code), upload, version_code))

    @router.post(
        "/{code}/confirmations",
        response={201: SignatureShown},
        auth=writes(slug),
        operation_id=f"{plural}-confirm-version",
        summary="Confirm the present version",
    )
    def confirm(request: HttpRequest, code: str, body: ConfirmBody) -> Status:
        """Sign the version of this code for the organisation one acts for; 409 when the record says something else by
        now, or it was confirmed already."""
        row = find(request, code)
        one = confirm_version(actor=actor_of(request), row=row, code=body.version_code)
        return Status(201, _signature(row.record, one, one.printed.code))

    _add_seals(router, slug, plural, find)


def _add_seals(router: Router, slug: str, plural: str, find: Find) -> None:
    @router.get(
        "/{code}/seals",
        response=Listed[SealShown],
        auth=reads(slug),
        operation_id=f"{plural}-seals",
        summary="What was handed to e-seal providers",
    )
    def handed(request: HttpRequest, code: str) -> dict[str, Any]:
        """The versions that were handed to providers, newest first, for readers of the full part."""
        row = find(request, code)
        if not may_print(actor_of(request), row):
            return {"items": []}
        asked = SealRequest.objects.filter(printed__record=row.pk).select_related("printed").order_by("-pk")
        return {"items": [_seal(one) for one in asked]}

    @router.post(
        "/{code}/seals",
        response={202: SealShown},
        auth=writes(slug),
        operation_id=f"{plural}-ask-seal",
        summary="Have the present version sealed",
    )
    def seal(request: HttpRequest, code: str, body: SealBody) -> Status:
        """Hand the present version to an e-seal provider; the signature is there once it comes back."""
        return Status(202, _seal(ask_seal(actor=actor_of(request), row=find(request, code), provider=body.provider)))
