"""The audit in the API: a month of the journal as CSV, for the auditors."""

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router

from kezhuan.api.identity import Guard, actor_of
from kezhuan.engines.tables import csv_lines
from kezhuan.kernel import audit, tokens
from kezhuan.kernel.audit import Month

router = Router(tags=["audit"])
tokens.name_scope("audit", _("audit"))


@router.get(
    "/audit/{month}",
    auth=Guard(("audit",), visitors=False),
    operation_id="audit-get",
    summary="A month of the journal",
    openapi_extra={"responses": {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}},
)
def month_of_audit(request: HttpRequest, month: str) -> StreamingHttpResponse:
    """The month's entries as CSV: identifiers only. For auditors; that it was taken is an entry itself."""
    rows = audit.take_month(actor_of(request), Month.read(month))
    answer = StreamingHttpResponse(csv_lines(audit.HEADER, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="audit-{month}.csv"'
    return answer
