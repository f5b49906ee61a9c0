"""Grants whose last day is over run out by themselves; a job looks every night."""

from kezhuan.areas.rights.checks import STANDING
from kezhuan.areas.rights.lifecycle import GRANT
from kezhuan.areas.rights.models import RightsGrant
from kezhuan.kernel.access import SYSTEM
from kezhuan.kernel.errors import Conflict
from kezhuan.kernel.jobs import Running
from kezhuan.kernel.lifecycle import advance
from kezhuan.kernel.text import today

EXPIRE = "rights.expire-grants"
"""The job."""


def expire_grants(_running: Running | None = None) -> None:
    """Let every grant run out whose last day is over, each in a transaction of its own."""
    over = RightsGrant.objects.filter(record__stage__in=STANDING, ends_on__lt=today())
    for row in over.select_related("record").order_by("pk"):
        try:
            advance(GRANT, row, "expire", actor=SYSTEM)
        except Conflict:  # reclaimed or ended at this moment
            continue
