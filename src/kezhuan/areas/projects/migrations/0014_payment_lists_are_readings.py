"""Payment lists that were read back stand where all files do that are read in row by row."""

from typing import Any

from django.db import migrations

OUTCOMES = {"paid": "taken"}
"""What has another name now; the rest is called as before."""


def move_lists(apps: Any, editor: Any) -> None:
    """Each list with its rows, and the job that has read or is to read it."""
    alias = editor.connection.alias
    readings, rows = apps.get_model("exchange", "Reading"), apps.get_model("exchange", "ReadingRow")
    jobs = apps.get_model("kernel", "Job").objects.using(alias).filter(name="projects.read-vouchers")
    for old in apps.get_model("projects", "VoucherList").objects.using(alias).order_by("pk"):
        job = jobs.filter(arguments__voucher_list=old.pk).first()
        new = readings.objects.using(alias).create(
            name="projects.vouchers", by_id=old.by_id, office_id=old.office_id, file_name=old.file_name,
            language=old.language, made_at=old.made_at, job=job,
        )  # fmt: skip
        rows.objects.using(alias).bulk_create(
            [
                rows(
                    sheet=new, row=one.row, title=" · ".join(filter(None, (one.code, one.voucher))),
                    values=_values(one), outcome=OUTCOMES.get(one.outcome, one.outcome), reason=one.reason,
                )
                for one in old.rows.all()
            ],
            batch_size=1000,
        )  # fmt: skip
        if job is not None:
            job.name, job.arguments = "readings.read", {"reading": new.pk}
            job.result = {"page": "reading", "at": [new.pk]} if job.result else {}
            job.save(update_fields=["name", "arguments", "result"])


def _values(one: Any) -> dict[str, Any]:
    day = one.paid_on.isoformat() if one.paid_on else None
    told = {"payment": one.code, "voucher": one.voucher, "paid_on": day, "amount": one.fen}
    return {name: value for name, value in told.items() if value not in (None, "")}


class Migration(migrations.Migration):
    dependencies = [("projects", "0013_terms"), ("exchange", "0010_readings"), ("kernel", "0043_considered")]

    operations = [
        migrations.RunPython(move_lists, migrations.RunPython.noop),
        migrations.RemoveField(model_name="voucherrow", name="sheet"),
        migrations.DeleteModel(name="VoucherList"),
        migrations.DeleteModel(name="VoucherRow"),
    ]
