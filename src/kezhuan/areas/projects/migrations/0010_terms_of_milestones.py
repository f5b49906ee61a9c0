"""Projects under way get the term of their next milestone, which is to be reported, from now on."""

from typing import Any

from django.db import migrations
from django.db.models import Q
from django.utils import timezone

from kezhuan.kernel.text import SHANGHAI


def begin_terms(apps: Any, editor: Any) -> None:
    """The first that the leader has not reported, or is to put right."""
    alias = editor.connection.alias
    projects = apps.get_model("projects", "Project").objects.using(alias)
    for row in projects.filter(record__stage__in=["running", "rectifying"]).select_related("record").iterator():
        open_ones = row.milestones.filter(Q(reported_on=None) | Q(passed=False)).order_by("due_on", "number")
        first = open_ones.first()
        if first is None:
            continue
        apps.get_model("kernel", "Clock").objects.using(alias).create(
            record=row.record,
            name="milestone",
            party_id=row.leader_id,
            audience_id=row.record.title_to_id,
            started_on=timezone.now().astimezone(SHANGHAI).date(),
            due_on=first.due_on,
            day_kind="calendar",
        )


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_reported_milestones"), ("kernel", "0035_deputies_of_filings")]

    operations = [migrations.RunPython(begin_terms, migrations.RunPython.noop)]
