"""Evidence in the API: signed packages, and the public keys by which anybody checks them."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from kezhuan.api.identity import OPEN, Guard, actor_of
from kezhuan.api.schemas import Listed, Shown
from kezhuan.api.site import api
from kezhuan.areas.evidence.actions import EVIDENCE
from kezhuan.areas.evidence.packing_actions import pack_evidence, site_keys
from kezhuan.kernel import tokens
from kezhuan.kernel.access import can_view
from kezhuan.kernel.errors import Missing
from kezhuan.kernel.models import Document
from kezhuan.web.exports import file_answer

router = Router(tags=["evidence"])
tokens.name_scope("evidence", _("signed packages of evidence"))


class SiteKeyShown(Shown):
    """A public key of this site: Ed25519, as Base64 of its 32 bytes and as PEM; `since` is null while nothing was
    signed with it."""

    public: str
    pem: str
    since: datetime | None
    in_use: bool


@router.get(
    "/evidence-keys",
    auth=OPEN,
    response=Listed[SiteKeyShown],
    operation_id="evidence-keys",
    summary="Public keys by which signed packages are checked",
)
def keys(request: HttpRequest) -> dict[str, Any]:
    """The key in use first, then those that were used before."""
    return {"items": [{name: getattr(one, name) for name in SiteKeyShown.model_fields} for one in site_keys()]}


@router.get(
    "/evidence/{sha256}/package",
    auth=Guard(("evidence",), visitors=False),
    operation_id="evidence-package",
    summary="An evidence file as a signed package",
    openapi_extra={"responses": {200: {"content": {"application/zip": {"schema": {"type": "string"}}}}}},
)
def package(request: HttpRequest, sha256: str) -> HttpResponse:
    """The evidence file of this hash with the files that it names, signed by this site; that it was taken is an entry
    of the journal."""
    actor = actor_of(request)
    rows = Document.objects.filter(stored=sha256, kind=EVIDENCE, withdrawn_at=None).select_related("record")
    found = next((one for one in rows.order_by("pk") if can_view(actor, one.record, one.group)), None)
    if found is None:
        raise Missing(sha256)
    name, content = pack_evidence(actor=actor, document=found)
    return file_answer(name, content, "application/zip")


api.add_router("", router)
