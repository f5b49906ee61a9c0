"""Units that applications of an older version name as taking part are kept beside them, as of those that come in now."""

from collections import defaultdict
from typing import Any

from django.db import migrations
from django.db.models import Q

from kezhuan.areas.calls.partners import asks_units, partners_said


def keep_named(apps: Any, editor: Any) -> None:
    """Call by call, of what was handed in and can be read."""
    alias = editor.connection.alias
    rows = apps.get_model("calls", "Application").objects.using(alias).filter(submitted_at__isnull=False, sealed=False)
    kept = apps.get_model("calls", "Application").partners.through
    for call, questions in list(apps.get_model("calls", "Call").objects.using(alias).values_list("pk", "questions")):
        if not asks_units(questions):
            continue
        answered = rows.filter(item__call=call, partners=None).values_list("pk", "answers")
        said = {pk: partners_said(questions, answers) for pk, answers in answered}
        units = _units(apps, alias, set().union(*said.values()))
        named = {(pk, unit) for pk, names in said.items() for name in names for unit in units[name]}
        kept.objects.using(alias).bulk_create(
            [kept(application_id=pk, organisation_id=unit) for pk, unit in sorted(named)], batch_size=1000
        )


def _units(apps: Any, alias: str, said: set[str]) -> dict[str, set[int]]:
    """By what was said the units that have the name, the code or the credit code."""
    codes = {one.upper() for one in said}
    held = apps.get_model("kernel", "Identifier").objects.using(alias).filter(scheme="uscc", active=True)
    credit = dict(held.filter(value__in=codes).values_list("record", "value"))
    meant = Q(title__in=said) | Q(title_en__in=said) | Q(code__in=codes) | Q(pk__in=list(credit))
    records = apps.get_model("kernel", "Record").objects.using(alias).filter(meant, kind="organisation")
    found: dict[str, set[int]] = defaultdict(set)
    for pk, title, title_en, code in records.exclude(phase="void").values_list("pk", "title", "title_en", "code"):
        for one in said:
            if one in {title, title_en} or one.upper() in {code, credit.get(pk)}:
                found[one].add(pk)
    return found


class Migration(migrations.Migration):
    dependencies = [("calls", "0031_partners")]

    operations = [migrations.RunPython(keep_named, migrations.RunPython.noop)]
