"""What the tables of imports and exports hold of a person."""

from django.utils.translation import gettext_lazy as _

from kezhuan.exchange.models import Export, Import, Printed, Reading, SealRequest, Signature, Template
from kezhuan.kernel.holdings import Holding, delete

IMPORT = ("id", "kind", "file_name", "started_at", "state", "read")
SIGNATURE = ("record__code", "way", "signed_at")

HOLDINGS = (
    Holding(_("imports"), Import, "by", IMPORT),
    Holding(_("imports taken back"), Import, "undone_by", IMPORT),
    # A file that no row names is removed by the next night.
    Holding(_("Word templates added"), Template, "uploaded_by", ("kind", "name", "version", "uploaded_at")),
    Holding(_("versions printed for signing"), Printed, "printed_by", ("record__code", "code", "printed_at")),
    Holding(_("signatures"), Signature, "signed_by", SIGNATURE),
    Holding(_("signatures that a deputy gave"), Signature, "signed_for", SIGNATURE),
    Holding(_("seals asked for"), SealRequest, "asked_by", ("printed__record__code", "provider", "asked_at", "state")),
    Holding(_("lists and registers read back"), Reading, "by", ("name", "file_name", "made_at")),
    Holding(_("lists asked for as files"), Export, "by", ("name", "kinds", "filter", "made_at"), delete),
)
