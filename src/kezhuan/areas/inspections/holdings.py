"""What inspections hold of a person: who inspected."""

from django.utils.translation import gettext_lazy as _

from kezhuan.areas.inspections.models import Inspection
from kezhuan.kernel.holdings import Holding

HOLDINGS = (Holding(_("inspections"), Inspection, "inspector", ("record__code", "body", "since", "until")),)
