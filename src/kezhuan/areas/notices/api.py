"""Notices and objections in the API."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.files import UploadedFile

from kezhuan.api.identity import actor_of, writes
from kezhuan.api.records import AUDIENCES, moved, moved_now, record_named, reference
from kezhuan.api.resources import Resource, add_resource
from kezhuan.api.schemas import ListQuery, Moved
from kezhuan.api.site import api
from kezhuan.areas.notices.actions import edit_notice, object_to_notice, prepare_notice, record_end, record_start
from kezhuan.areas.notices.queries import TOLD
from kezhuan.areas.notices.schemas import (
    NoticeBody,
    NoticeChange,
    NoticeQuery,
    NoticeShown,
    ObjectionBody,
    ObjectionShown,
)
from kezhuan.kernel import registry
from kezhuan.kernel.access import Actor, get_visible
from kezhuan.kernel.documents import Upload
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Notice, NoticeChannel, Objection
from kezhuan.kernel.models.notices import ChannelKind
from kezhuan.kernel.notices import RECEIVED

router = Router(tags=["notices"])


def notice_fields(actor: Actor, row: Notice, groups: frozenset[str]) -> dict[str, Any]:
    """What a notice shows beside the fields of every record."""
    if "public" not in groups:
        return {}
    stages = [one.record.stage for one in row.objections.all()]
    return {
        "about": reference(actor, row.about),
        "move": row.move,
        "audience": row.audience,
        "issuer": row.issuer.record.title,
        "content": {
            "heading": row.content["heading"],
            "facts": [{"label": label, "value": value} for label, value in row.content["facts"]],
            "text": row.content["text"],
            "hash": row.content_hash,
        },
        "reception": row.reception,
        "days": row.days,
        "day_kind": row.day_kind,
        "objection_days": row.objection_days,
        "objection_day_kind": row.objection_day_kind,
        "ends_on": row.ends_on,
        "objections_until": row.objections_until,
        "channels": [
            {
                "kind": one.kind,
                "label": str(ChannelKind(one.kind).label),
                "address": one.address,
                "started_on": one.started_on,
                "ended_on": one.ended_on,
                "until": one.ended_on or one.stands_until,
            }
            for one in row.channels.all()
        ],
        "objections_received": len(stages),
        "objections_open": stages.count(RECEIVED),
    }


def objection_fields(_actor: Actor, row: Objection, groups: frozenset[str]) -> dict[str, Any]:
    """What an objection shows beside the fields of every record."""
    shown = {"notice": row.notice.record.code, "received_on": row.received_on} if "public" in groups else {}
    inside = {"name": row.name, "unit": row.unit, "contact_given": row.contact} if "full" in groups else {}
    return shown | inside


def _prepare(actor: Actor, body: NoticeBody) -> Notice:
    """Prepare a notice about a record; it is started by its own move."""
    record = record_named(actor, body.record, "record")
    return prepare_notice(
        actor=actor,
        row=registry.row_of(record),
        move=body.move,
        audience=body.audience,
        reception=body.reception,
        channels=body.channels,
    )


def _change(actor: Actor, row: Notice, body: NoticeChange, version: int) -> Notice:
    told = body.model_dump(exclude={"version"})
    return edit_notice(actor=actor, notice=row, **told, expected_version=version)


@router.post(
    "/{code}/channels/{kind}/{end}",
    response=Moved,
    auth=writes("notice"),
    operation_id="notices-channel",
    summary="Record the first or the last day in a place",
)
def record_day(
    request: HttpRequest,
    code: str,
    kind: ChannelKind,
    end: Literal["start", "end"],
    file: File[UploadedFile],
    on: Form[date],
    address: Form[str] = "",
    declared_open: Form[bool] = False,
) -> dict[str, Any]:
    """Record on which day a notice began or ended in a place outside this site, with the proof of it; its `address` is
    given with the first day."""
    actor = actor_of(request)
    row = get_visible(actor, Notice, code, related=TOLD)
    channel = NoticeChannel.objects.filter(notice=row, kind=kind).select_related("notice__record").first()
    if channel is None:
        raise Missing(kind)
    proof = Upload(file.name or "", file.read(), declared_open)
    if end == "start":
        record_start(actor=actor, channel=channel, on=on, address=address, proof=proof)
    else:
        record_end(actor=actor, channel=channel, on=on, proof=proof)
    return moved_now(request, row)


@router.post(
    "/{code}/objections",
    response={201: Moved},
    auth=writes("objection"),
    operation_id="notices-object",
    summary="Object to a notice",
)
def object_to(request: HttpRequest, response: HttpResponse, code: str, body: ObjectionBody) -> Status:
    """Send a named objection while the notice runs; the move it is held for is then refused until it is decided."""
    actor = actor_of(request)
    row = get_visible(actor, Notice, code, related=TOLD)
    made = moved(
        request,
        object_to_notice(
            actor=actor, notice=row, name=body.name, unit=body.unit, contact=body.contact, text=body.text
        ).record,
    )
    response.headers["Location"] = made["href"]
    return Status(201, made)


add_resource(
    Resource(
        slug="notice",
        plural="notices",
        opened=True,
        query=NoticeQuery,
        shown=NoticeShown,
        fields=notice_fields,
        related=(*TOLD, "about__owner__record", *(f"about__{name}" for name in AUDIENCES)),
        prefetch=("channels", "objections__record"),
        taken=NoticeBody,
        create=_prepare,
        changed=NoticeChange,
        edit=_change,
    )
)
add_resource(
    Resource(
        slug="objection",
        plural="objections",
        query=ListQuery,
        shown=ObjectionShown,
        fields=objection_fields,
        related=("notice__record",),
    )
)
api.add_router("/notices", router)
