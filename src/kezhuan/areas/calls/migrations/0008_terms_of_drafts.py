"""Drafts of applications to calls that are open get the term that drafts have from now on."""

from datetime import timedelta
from typing import Any

from django.db import migrations
from django.utils import timezone

from kezhuan.kernel.text import SHANGHAI


def begin_terms(apps: Any, editor: Any) -> None:
    """Each waits for its unit until the call closes."""
    alias = editor.connection.alias
    drafts = apps.get_model("calls", "Application").objects.using(alias).filter(record__stage="draft")
    for row in drafts.select_related("record", "item__call").iterator():
        call = row.item.call
        if call.closes_at is None:
            continue
        last = call.closes_at + timedelta(minutes=call.grace_minutes, seconds=-1)
        apps.get_model("kernel", "Clock").objects.using(alias).create(
            record=row.record,
            name="draft",
            party_id=row.record.owner_id,
            audience_id=row.record.title_to_id,
            started_on=timezone.now().astimezone(SHANGHAI).date(),
            due_on=last.astimezone(SHANGHAI).date(),
            day_kind="calendar",
        )


class Migration(migrations.Migration):
    dependencies = [("calls", "0007_questions_found"), ("kernel", "0035_deputies_of_filings")]

    operations = [migrations.RunPython(begin_terms, migrations.RunPython.noop)]
