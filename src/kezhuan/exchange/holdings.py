"""What the tables of imports and exports hold of a person."""

from django.utils.translation import gettext_lazy as _

from kezhuan.exchange.models import Export, Import, Template
from kezhuan.kernel.holdings import Holding, delete

IMPORT = ("id", "kind", "file_name", "started_at", "state", "read")

HOLDINGS = (
    Holding(_("imports"), Import, "by", IMPORT),
    Holding(_("imports taken back"), Import, "undone_by", IMPORT),
    # A file that no row names is removed by the next night.
    Holding(_("Word templates added"), Template, "uploaded_by", ("kind", "name", "version", "uploaded_at")),
    Holding(_("lists asked for as files"), Export, "by", ("name", "kinds", "filter", "made_at"), delete),
)
